"""What the lake's statements need their user to be allowed; see `contracts.needs`.

External tables have no privileges of their own: USAGE on the external schema reads them, only its owner changes what is
in it. Source: Redshift Developer Guide, "GRANT", "CREATE EXTERNAL TABLE".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from boathouse.contracts.needs import OWNER, Declared, Makes, Need, Needs, anybody
from boathouse.contracts.session import Session
from boathouse.sql import statements as s


def _copy(session: Session, statement: s.CopyFrom | s.CopyStdin) -> Iterable[Declared]:
    relation = session.catalog.relation(statement.table.schema, statement.table.name)
    if relation is None or relation.kind in ("temporary", "external", "system"):
        return []
    columns = frozenset(statement.columns or relation.by_name)
    return [
        Need("USAGE", "schema", relation.schema),
        Need("INSERT", "relation", relation.name, relation.schema, columns),
    ]


def _schema(session: Session, statement: s.CreateExternalSchema | s.CreateFederatedSchema) -> Iterable[Declared]:
    return [
        Need("CREATE", "database", session.database, or_system="CREATE SCHEMA"),
        Makes("schema", statement.name),
    ]


def _table(
    session: Session,
    statement: s.CreateExternalTable | s.AddPartitions | s.DropPartitions | s.SetLocation | s.AlterExternalTable,
) -> Iterable[Declared]:
    schema = statement.name.schema
    if schema is None or not session.catalog.has_schema(schema):
        return []
    return [Need(OWNER, "schema", schema)]


def _drop(session: Session, statement: s.Drop) -> Iterable[Declared]:
    if statement.kind == "schema":
        return [Need("SUPERUSER", "system")] if statement.external_database else []
    found = [session.catalog.relation(name.schema, name.name) for name in statement.names]
    return [Need(OWNER, "schema", one.schema) for one in found if one is not None and one.kind == "external"]


def _alter(session: Session, statement: s.AlterTable) -> Iterable[Declared]:
    relation = session.catalog.relation(statement.name.schema, statement.name.name)
    return [Need(OWNER, "schema", relation.schema)] if relation is not None and relation.kind == "external" else []


def _show(session: Session, statement: s.ShowExternalTable) -> Iterable[Declared]:
    relation = session.catalog.relation(statement.name.schema, statement.name.name)
    return [] if relation is None else [Need("USAGE", "schema", relation.schema, or_system="ACCESS CATALOG")]


NEEDS: Mapping[type[Any], Needs] = {
    s.CopyFrom: _copy,
    s.CopyStdin: _copy,
    s.Unload: anybody,  # its query is planned like any other, and checked there
    s.CreateExternalSchema: _schema,
    s.CreateFederatedSchema: _schema,
    **dict.fromkeys(
        (s.CreateExternalTable, s.AddPartitions, s.DropPartitions, s.SetLocation, s.AlterExternalTable), _table
    ),
    s.AlterTable: _alter,
    s.Drop: _drop,
    s.ShowExternalTable: _show,
}
