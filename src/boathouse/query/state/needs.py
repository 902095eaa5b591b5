"""What the statements of this room need their user to be allowed, and what they do to owned objects; see `contracts.needs`.

Objects that do not exist need nothing, because their handler says that they are not there. External tables are the
lake's to declare, procedures and functions those of `query.procedures`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from boathouse.contracts.needs import OWNER, Declared, Drops, GivesTo, Makes, Need, Needs, Renames, anybody
from boathouse.contracts.relations import Relation
from boathouse.contracts.session import Session
from boathouse.query.parameters import schemas_of
from boathouse.sql import statements as s

_OWNED = ("table", "view", "materialized")


def creation_schema(session: Session, name: s.QualifiedName) -> str:
    """The schema in which an unqualified name is made: the first of the search path that exists."""
    if name.schema is not None:
        return name.schema
    path = schemas_of(session.setting("search_path"), session.user)
    return next((schema for schema in path if session.catalog.has_schema(schema)), "public")


def _found(session: Session, name: s.QualifiedName) -> Relation | None:
    relation = session.catalog.relation(name.schema, name.name)
    return relation if relation is not None and relation.kind in _OWNED else None


def _owner(relation: Relation, or_system: str | None = None) -> list[Declared]:
    return [
        Need("USAGE", "schema", relation.schema, or_system=or_system),
        Need(OWNER, "relation", relation.name, relation.schema, or_system=or_system),
    ]


def _create(session: Session, name: s.QualifiedName, permission: str) -> list[Declared]:
    schema = creation_schema(session, name)
    if not session.catalog.has_schema(schema):
        return []
    return [Need("CREATE", "schema", schema, or_system=permission), Makes("relation", name.name, schema)]


def _create_table(session: Session, statement: s.CreateTable) -> Iterable[Declared]:
    parents = [found for name, _ in statement.like if (found := _found(session, name)) is not None]
    read: list[Declared] = [
        Need("SELECT", "relation", found.name, found.schema, frozenset(found.by_name)) for found in parents
    ]
    if statement.temporary:
        return [*read, Need("TEMP", "database", session.database)]
    return [*read, *_create(session, statement.name, "CREATE TABLE")]


def _create_table_as(session: Session, statement: s.CreateTableAs) -> Iterable[Declared]:
    if statement.temporary:
        return [Need("TEMP", "database", session.database)]
    return _create(session, statement.name, "CREATE TABLE")


def _create_view(session: Session, statement: s.CreateView) -> Iterable[Declared]:
    schema = creation_schema(session, statement.name)
    old = _found(session, s.QualifiedName(statement.name.name, schema))
    made = _create(session, statement.name, "CREATE OR REPLACE VIEW")
    return [*_owner(old), *made] if old is not None and statement.or_replace else made


def _create_schema(session: Session, statement: s.CreateSchema) -> Iterable[Declared]:
    found: list[Declared] = [
        Need("CREATE", "database", session.database, or_system="CREATE SCHEMA"),
        Makes("schema", statement.name),
    ]
    if statement.owner is not None and not session.catalog.has_schema(statement.name):
        found.append(GivesTo("schema", statement.name, "", statement.owner))
    return found


def _alter_table(session: Session, statement: s.AlterTable) -> Iterable[Declared]:
    relation = _found(session, statement.name)
    if relation is None or relation.kind == "external":
        return []
    found: list[Declared] = [
        Need("USAGE", "schema", relation.schema, or_system="ALTER TABLE"),
        Need(
            OWNER if statement.action in ("owner", "rename") else "ALTER",
            "relation",
            relation.name,
            relation.schema,
            or_system="ALTER TABLE",
        ),
    ]
    new_name = statement.new_name or ""
    if statement.action == "rename":
        found.append(Renames("relation", relation.name, relation.schema, new_name))
    elif statement.action == "rename_column":
        found.append(Renames("relation", relation.name, relation.schema, new_name, statement.target))
    elif statement.action == "drop_column":
        found.append(Drops("relation", relation.name, relation.schema))  # the views that go with the column
    elif statement.action == "owner":
        found.append(GivesTo("relation", relation.name, relation.schema, new_name))
    elif statement.action == "append" and statement.source is not None:
        source = _found(session, statement.source)
        found += [] if source is None else [*_owner(source), Need("DELETE", "relation", source.name, source.schema)]
    return found


def _drop(session: Session, statement: s.Drop) -> Iterable[Declared]:
    found: list[Declared] = []
    for name in statement.names:
        if statement.kind == "schema":
            if session.catalog.has_schema(name.name):
                found += [Need(OWNER, "schema", name.name, or_system="DROP SCHEMA"), Drops("schema", name.name)]
            continue
        relation = _found(session, name)
        if relation is not None:
            permission = "DROP TABLE" if statement.kind == "table" else "DROP VIEW"
            found += [
                Need("USAGE", "schema", relation.schema, or_system=permission),
                Need("DROP", "relation", relation.name, relation.schema, or_system=permission),
                Drops("relation", relation.name, relation.schema),
            ]
    return found


def _truncate(session: Session, statement: s.Truncate) -> Iterable[Declared]:
    relation = _found(session, statement.name)
    if relation is None:
        return []
    return [
        Need("USAGE", "schema", relation.schema, or_system="TRUNCATE TABLE"),
        Need("TRUNCATE", "relation", relation.name, relation.schema, or_system="TRUNCATE TABLE"),
    ]


def _comment(session: Session, statement: s.Comment) -> Iterable[Declared]:
    if statement.kind == "database":
        return [Need(OWNER, "database", session.database)]
    if statement.kind == "schema":
        name = statement.name.name
        return [Need(OWNER, "schema", name)] if session.catalog.has_schema(name) else []
    relation = _found(session, statement.name)
    return [] if relation is None else _owner(relation)


def _analyze_compression(session: Session, statement: s.AnalyzeCompression) -> Iterable[Declared]:
    relation = None if statement.name is None else _found(session, statement.name)
    return [] if relation is None else _owner(relation, "ANALYZE")


def _maintain(session: Session, statement: s.Maintain) -> Iterable[Declared]:
    found: list[Declared] = []
    permission = None if statement.verb == "LOCK TABLE" else statement.verb
    for name in statement.names:
        relation = _found(session, name)
        if relation is not None:
            found += _owner(relation, permission)
    return found


def _show(session: Session, statement: s.ShowTable | s.ShowView) -> Iterable[Declared]:
    relation = _found(session, statement.name)
    if relation is None:
        return []
    return [
        Need("USAGE", "schema", relation.schema, or_system="ACCESS CATALOG"),
        Need("SELECT", "relation", relation.name, relation.schema, or_system="ACCESS CATALOG"),
    ]


def _create_materialized(session: Session, statement: s.CreateMaterializedView) -> Iterable[Declared]:
    return _create(session, statement.name, "CREATE OR REPLACE VIEW")


def _refresh(session: Session, statement: s.RefreshMaterializedView) -> Iterable[Declared]:
    relation = _found(session, statement.name)
    return [] if relation is None else _owner(relation)


def _alter_materialized(session: Session, statement: s.AlterMaterializedView) -> Iterable[Declared]:
    relation = _found(session, statement.name)
    if relation is None:
        return []
    given = [] if statement.owner is None else [GivesTo("relation", relation.name, relation.schema, statement.owner)]
    return [*_owner(relation), *given]


NEEDS: Mapping[type[Any], Needs] = {
    s.CreateTable: _create_table,
    s.CreateTableAs: _create_table_as,
    s.CreateView: _create_view,
    s.CreateSchema: _create_schema,
    s.AlterTable: _alter_table,
    s.Drop: _drop,
    s.Truncate: _truncate,
    s.Comment: _comment,
    s.Maintain: _maintain,
    s.AnalyzeCompression: _analyze_compression,
    s.CreateMaterializedView: _create_materialized,
    s.RefreshMaterializedView: _refresh,
    s.AlterMaterializedView: _alter_materialized,
    s.ShowTable: _show,
    s.ShowView: _show,
    **dict.fromkeys((s.ShowDatabases, s.ShowSchemas, s.ShowTables, s.ShowColumns), anybody),
    s.Cancel: anybody,  # its handler looks whose session it is
    # What they run inside is planned like any query, and checked there.
    **dict.fromkeys((s.Explain, s.CopyStdout, s.Prepare, s.Execute, s.DeclareCursor, s.Fetch, s.CloseCursor), anybody),
    **dict.fromkeys((s.Begin, s.Commit, s.Rollback, s.Set, s.Reset, s.Show, s.Discard), anybody),
}
