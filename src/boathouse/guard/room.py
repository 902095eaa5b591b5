"""What the guard brings: users, groups, roles and privileges, and their tables."""

from __future__ import annotations

from boathouse.contracts.rooms import Room
from boathouse.guard import tables

room = Room(name="guard", tables=tables.TABLES)
