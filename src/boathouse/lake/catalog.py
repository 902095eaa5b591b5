"""The data catalog: external databases, schemas, tables and partitions, kept in tables of the warehouse itself.

So external DDL commits and rolls back with the client's transaction. Receives lookups from the binder (each bind) and
changes from `lake.define` and the crawler, always through `session.engine`.

No table has a primary key: the engine would refuse DROP and CREATE of one name in one transaction. Two sessions that
change one database at once meet in that database's row instead, and the later one gets a serialization failure.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

from boathouse.contracts.errors import UndefinedDatabase
from boathouse.contracts.house import House
from boathouse.contracts.session import Session
from boathouse.lake.tables import (
    ExternalSchema,
    ExternalTable,
    Partition,
    columns_from_json,
    columns_to_json,
    format_from_json,
    format_to_json,
)
from boathouse.sql.statements import Credentials

TABLES: tuple[str, ...] = (
    "CREATE TABLE IF NOT EXISTS boathouse.external_databases (name VARCHAR NOT NULL, changes BIGINT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS boathouse.external_schemas (name VARCHAR NOT NULL, database_name VARCHAR NOT NULL, "
    "iam_role VARCHAR, region VARCHAR, secret VARCHAR, owner VARCHAR)",
    "ALTER TABLE boathouse.external_schemas ADD COLUMN IF NOT EXISTS glue VARCHAR",
    "CREATE TABLE IF NOT EXISTS boathouse.external_tables (database_name VARCHAR NOT NULL, name VARCHAR NOT NULL, "
    "columns VARCHAR NOT NULL, partitions VARCHAR NOT NULL, format VARCHAR NOT NULL, location VARCHAR NOT NULL, "
    "properties VARCHAR NOT NULL, shown VARCHAR NOT NULL)",
    "CREATE TABLE IF NOT EXISTS boathouse.external_partitions (database_name VARCHAR NOT NULL, "
    "table_name VARCHAR NOT NULL, key_values VARCHAR[] NOT NULL, location VARCHAR NOT NULL)",
)
"""`shown` in external_tables is [[column, type text, place in the partition key], …] for the system views."""


# -- looking up ------------------------------------------------------------------------------------------


def has_schema(house: House, session: Session, schema: str) -> bool:
    """True where an external schema has that name."""
    return bool(session.engine.fetch("SELECT 1 FROM boathouse.external_schemas WHERE name = ? LIMIT 1", [schema]))


def find_schema(session: Session, schema: str) -> ExternalSchema | None:
    """The external schema, or None."""
    rows = session.engine.fetch(
        "SELECT name, database_name, iam_role, region, secret, glue FROM boathouse.external_schemas WHERE name = ?",
        [schema],
    )
    if not rows:
        return None
    name, database, role, region, secret, glue = (None if part is None else str(part) for part in rows[0])
    return ExternalSchema(str(name), str(database), Credentials(iam_role=role, region=region, secret=secret), glue)


_TABLE = "t.database_name, t.name, t.columns, t.partitions, t.format, t.location, t.properties"


def table_of(session: Session, database: str, name: str) -> ExternalTable | None:
    """A table of an external database, or None."""
    rows = session.engine.fetch(
        f"SELECT {_TABLE} FROM boathouse.external_tables t WHERE database_name = ? AND name = ?", [database, name]
    )
    return _table(rows[0]) if rows else None


def tables_in(session: Session, database: str) -> list[ExternalTable]:
    """All tables of an external database, by name."""
    return [
        _table(row)
        for row in session.engine.fetch(
            f"SELECT {_TABLE} FROM boathouse.external_tables t WHERE database_name = ? ORDER BY name", [database]
        )
    ]


def _table(row: tuple[object, ...]) -> ExternalTable:
    database, name, columns, partitions, file_format, location, properties = (str(part) for part in row)
    return ExternalTable(
        database,
        name,
        columns_from_json(columns),
        columns_from_json(partitions),
        format_from_json(file_format),
        location,
        tuple((key, value) for key, value in json.loads(properties)),
    )


def partitions_of(session: Session, table: ExternalTable) -> list[Partition]:
    """All partitions of a table."""
    rows = session.engine.fetch(
        "SELECT key_values, location FROM boathouse.external_partitions WHERE database_name = ? AND table_name = ?",
        [table.database, table.name],
    )
    return [Partition(tuple(values), str(location)) for values, location in rows]  # type: ignore[arg-type]


def has_database(session: Session, database: str) -> bool:
    """True where the external database exists."""
    return bool(session.engine.fetch("SELECT 1 FROM boathouse.external_databases WHERE name = ?", [database]))


# -- changing --------------------------------------------------------------------------------------------


def touch_database(session: Session, database: str) -> None:
    """Claim the database for this transaction; UndefinedDatabase where there is none."""
    sql = "UPDATE boathouse.external_databases SET changes = changes + 1 WHERE name = ?"
    if session.engine.execute(sql, [database]) == 0:
        raise UndefinedDatabase(
            f'external database "{database}" does not exist',
            hint="CREATE EXTERNAL SCHEMA … CREATE EXTERNAL DATABASE IF NOT EXISTS makes it.",
        )
    session.catalog_changed()


def ensure_database(session: Session, database: str) -> None:
    """Make the database where it does not exist yet."""
    if not has_database(session, database):
        session.engine.execute("INSERT INTO boathouse.external_databases VALUES (?, 0)", [database])
        session.catalog_changed()


def put_schema(session: Session, schema: ExternalSchema) -> None:
    """Store a new schema."""
    access = schema.credentials
    session.engine.execute(
        "INSERT INTO boathouse.external_schemas (name, database_name, iam_role, region, secret, owner, glue) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        [schema.name, schema.database, access.iam_role, access.region, access.secret, session.user, schema.glue],
    )
    session.catalog_changed()


def remove_schema(session: Session, schema: str) -> None:
    """Forget a schema; the database and its tables stay."""
    session.engine.execute("DELETE FROM boathouse.external_schemas WHERE name = ?", [schema])
    session.catalog_changed()


def remove_database(session: Session, database: str) -> None:
    """Forget a database with its tables; the files stay."""
    for sql in (
        "DELETE FROM boathouse.external_partitions WHERE database_name = ?",
        "DELETE FROM boathouse.external_tables WHERE database_name = ?",
        "DELETE FROM boathouse.external_databases WHERE name = ?",
    ):
        session.engine.execute(sql, [database])
    session.catalog_changed()


def put_table(session: Session, table: ExternalTable) -> None:
    """Store a table, new or changed; its partitions stay as they are."""
    touch_database(session, table.database)
    session.engine.execute(
        "DELETE FROM boathouse.external_tables WHERE database_name = ? AND name = ?", [table.database, table.name]
    )
    shown = [[name, str(kind), 0] for name, kind in table.columns]
    shown += [[name, str(kind), place] for place, (name, kind) in enumerate(table.partitions, 1)]
    session.engine.execute(
        "INSERT INTO boathouse.external_tables VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [
            table.database,
            table.name,
            columns_to_json(table.columns),
            columns_to_json(table.partitions),
            format_to_json(table.format),
            table.location,
            json.dumps(table.properties, ensure_ascii=False),
            json.dumps(shown, ensure_ascii=False),
        ],
    )


def remove_table(session: Session, table: ExternalTable) -> None:
    """Forget a table and its partitions; the files stay."""
    touch_database(session, table.database)
    key = [table.database, table.name]
    session.engine.execute("DELETE FROM boathouse.external_partitions WHERE database_name = ? AND table_name = ?", key)
    session.engine.execute("DELETE FROM boathouse.external_tables WHERE database_name = ? AND name = ?", key)


def add_partitions(session: Session, table: ExternalTable, partitions: Iterable[Partition]) -> None:
    """Store partitions that are not there yet, in one statement."""
    found = [[list(one.values), one.location] for one in partitions]
    if not found:
        return
    touch_database(session, table.database)
    session.engine.execute(
        "INSERT INTO boathouse.external_partitions SELECT ?, ?, (p ->> '$[0]')::JSON::VARCHAR[], p ->> '$[1]' "
        "FROM (SELECT unnest(?::JSON::JSON[]) AS p)",
        [table.database, table.name, json.dumps(found, ensure_ascii=False)],
    )


def remove_partitions(session: Session, table: ExternalTable, partitions: Iterable[Partition]) -> None:
    """Forget partitions."""
    found = [list(one.values) for one in partitions]
    if not found:
        return
    touch_database(session, table.database)
    session.engine.execute(
        "DELETE FROM boathouse.external_partitions WHERE database_name = ? AND table_name = ? "
        "AND key_values IN (SELECT unnest(?::JSON::VARCHAR[][]))",
        [table.database, table.name, json.dumps(found, ensure_ascii=False)],
    )
