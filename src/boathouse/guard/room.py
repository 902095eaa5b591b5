"""What the guard brings: users, groups, roles and privileges, their tables, and the gate that every statement passes."""

from __future__ import annotations

from boathouse.contracts.rooms import Room
from boathouse.guard import tables
from boathouse.guard.gate import Gatekeeper

room = Room(name="guard", tables=tables.TABLES, gate=Gatekeeper)
