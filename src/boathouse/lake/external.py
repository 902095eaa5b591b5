"""What external tables bring to the lake's declaration: their statements, each with its handler.

Read by the lake's `room.py`, beside what COPY and UNLOAD bring.
"""

from __future__ import annotations

from typing import Any

from boathouse.contracts.answers import Answer, Done
from boathouse.contracts.house import House
from boathouse.contracts.observing import Observer
from boathouse.contracts.relations import Relation
from boathouse.contracts.session import Session
from boathouse.lake import define
from boathouse.lake.catalogs import choose, shown
from boathouse.lake.federated import scan as federated_scan
from boathouse.lake.federated import sources
from boathouse.lake.federated.define import create_federated_schema
from boathouse.lake.insert.create import create_external_table_as
from boathouse.lake.scans import facts
from boathouse.lake.scans import history as scan_history
from boathouse.sql import statements as s


def drop(house: House, session: Session, statement: s.Drop) -> Answer | None:
    """DROP TABLE or SCHEMA of external names; None for local ones, which another room drops."""
    return Done(f"DROP {statement.kind.upper()}") if define.drop_external(house, session, statement) else None


def create_table(house: House, session: Session, statement: s.CreateExternalTable) -> Answer:
    """CREATE EXTERNAL TABLE, empty or AS query."""
    if statement.query is None:
        return define.create_external_table(house, session, statement)
    return create_external_table_as(house, session, statement)


def find_relation(house: House, session: Session, schema: str, name: str) -> Relation | None:
    """What an external schema shows under a name: a table of files, or of another database."""
    return choose.find_relation(house, session, schema, name) or sources.find_relation(house, session, schema, name)


def explain(tree: Any) -> list[str]:
    """What EXPLAIN says of files that are read, and of what other databases are asked."""
    return facts.explain(tree) + federated_scan.explain(tree)


def observe(house: House) -> Observer:
    """Begin what the lake's system views ask: the history of scans, and AWS Glue."""
    shown.provide(house)
    return scan_history.observe(house)


STATEMENTS: dict[type[s.Statement], Any] = {
    s.CreateExternalSchema: define.create_external_schema,
    s.CreateFederatedSchema: create_federated_schema,
    s.CreateExternalTable: create_table,
    s.AddPartitions: define.add_partitions,
    s.DropPartitions: define.drop_partitions,
    s.SetLocation: define.set_location,
    s.AlterExternalTable: define.alter_external_table,
    s.AlterTable: define.alter_table,
    s.Drop: drop,
}
"""Handlers by statement class; `drop` and `alter_table` must stand before the local ones."""
