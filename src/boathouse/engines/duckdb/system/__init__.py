"""The system catalog: pg_catalog and information_schema over what the engine and our notes know."""

from __future__ import annotations

from boathouse.contracts.rooms import SystemRelation
from boathouse.engines.duckdb.system.listings import LISTINGS
from boathouse.engines.duckdb.system.relations import RELATIONS
from boathouse.engines.duckdb.system.routines import ROUTINES
from boathouse.engines.duckdb.system.types import PG_TYPE

SYSTEM_RELATIONS: tuple[SystemRelation, ...] = (*RELATIONS, PG_TYPE, *ROUTINES, *LISTINGS)
