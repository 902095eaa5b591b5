"""What external tables and crawlers bring to the lake's declaration: their statements, each with its handler.

Read by the lake's `room.py`, beside what COPY and UNLOAD bring.
"""

from __future__ import annotations

from typing import Any

from boathouse.contracts.answers import Answer, Done
from boathouse.contracts.house import House
from boathouse.contracts.relations import Relation
from boathouse.contracts.session import Session
from boathouse.lake import catalog, define
from boathouse.lake.crawler import propose
from boathouse.lake.federated import sources
from boathouse.lake.federated.define import create_federated_schema
from boathouse.lake.insert.create import create_external_table_as
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
    return catalog.find_relation(house, session, schema, name) or sources.find_relation(house, session, schema, name)


STATEMENTS: dict[type[s.Statement], Any] = {
    s.CreateExternalSchema: define.create_external_schema,
    s.CreateFederatedSchema: create_federated_schema,
    s.CreateExternalTable: create_table,
    s.AddPartitions: define.add_partitions,
    s.DropPartition: define.drop_partition,
    s.SetLocation: define.set_location,
    s.Drop: drop,
    s.CreateCrawler: propose.create_crawler,
    s.StartCrawler: propose.start_crawler,
    s.DropCrawler: propose.drop_crawler,
}
"""Handlers by statement class; `drop` must stand before the local one."""
