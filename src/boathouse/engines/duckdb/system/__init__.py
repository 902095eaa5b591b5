"""The system catalog: pg_catalog and information_schema over what the engine and our notes know."""

from __future__ import annotations

from boathouse.contracts.rooms import SystemRelation
from boathouse.engines.duckdb.system.absent import ABSENT
from boathouse.engines.duckdb.system.activity import ACTIVITY
from boathouse.engines.duckdb.system.constraints import CONSTRAINTS
from boathouse.engines.duckdb.system.empty import EMPTY
from boathouse.engines.duckdb.system.information_schema import INFORMATION_SCHEMA
from boathouse.engines.duckdb.system.listings import LISTINGS
from boathouse.engines.duckdb.system.operators import OPERATORS
from boathouse.engines.duckdb.system.people import PEOPLE
from boathouse.engines.duckdb.system.relations import RELATIONS
from boathouse.engines.duckdb.system.routines import ROUTINES
from boathouse.engines.duckdb.system.types import PG_TYPE

SYSTEM_RELATIONS: tuple[SystemRelation, ...] = (
    *RELATIONS, *CONSTRAINTS, PG_TYPE, *ROUTINES, *OPERATORS, *PEOPLE, *ACTIVITY, *LISTINGS, *INFORMATION_SCHEMA, *EMPTY,
    *ABSENT,
)  # fmt: skip
