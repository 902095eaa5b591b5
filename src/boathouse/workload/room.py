"""What the workload room brings: its settings and the system tables about queues."""

from __future__ import annotations

from boathouse.contracts.rooms import Room
from boathouse.workload.settings import WorkloadSettings
from boathouse.workload.standing import SYSTEM_RELATIONS

room = Room(name="workload", settings=WorkloadSettings, system_relations=SYSTEM_RELATIONS)
