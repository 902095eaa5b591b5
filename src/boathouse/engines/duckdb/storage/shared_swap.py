"""A whole lake in another one's place, where the catalog is in a PostgreSQL: schemas change their names, all in one transaction.

Received from a home that has made a lake in a schema of its own; other homes find the new one under the name that they know.
"""

from __future__ import annotations

from typing import Literal

from psycopg.sql import SQL, Identifier
from psycopg.sql import Literal as Text

from boathouse.engines.duckdb.storage.shared_catalog import SharedCatalog

Outcome = Literal["done", "taken", "lost"]

_SCHEMA_CHARACTERS_MAX = 63


def takes_place(catalog: SharedCatalog, made: str, kept: str | None) -> Outcome:
    """Give the lake in the schema `made` the catalog's name; nothing where that has been done.

    Args:
        kept: the name under which the lake stays that is there; None where none may be there.

    Returns:
        taken: there is one, and nothing has changed. lost: the schema is neither under the one name nor under the other.

    Raises:
        HomeInUse: servers have the lake open. WarehouseUnavailable.
    """
    with catalog.nobody_else(), catalog.connection() as connection, connection.transaction():
        found = dict(
            connection.execute(
                "SELECT nspname, obj_description(oid, 'pg_namespace') FROM pg_namespace WHERE nspname IN (%s, %s)",
                (made, catalog.schema),
            ).fetchall()
        )
        if made not in found:
            return "done" if found.get(catalog.schema) == made else "lost"
        if catalog.schema in found:
            if kept is None:
                return "taken"
            rename = SQL("ALTER SCHEMA {} RENAME TO {}")
            connection.execute(rename.format(Identifier(catalog.schema), Identifier(kept)))
        connection.execute(SQL("ALTER SCHEMA {} RENAME TO {}").format(Identifier(made), Identifier(catalog.schema)))
        connection.execute(SQL("COMMENT ON SCHEMA {} IS {}").format(Identifier(catalog.schema), Text(made)))
    return "done"


def exists(catalog: SharedCatalog) -> bool:
    """True where there is a lake."""
    with catalog.connection() as connection:
        return bool(
            connection.execute(
                "SELECT 1 FROM pg_tables WHERE schemaname = %s AND tablename = 'ducklake_snapshot'", (catalog.schema,)
            ).fetchall()
        )


def newest_commit(catalog: SharedCatalog) -> int:
    """The number of the newest commit of a lake that is there."""
    with catalog.connection() as connection:
        query = SQL("SELECT max(snapshot_id) FROM {}").format(Identifier(catalog.schema, "ducklake_snapshot"))
        return int(connection.execute(query).fetchall()[0][0])


def drop(catalog: SharedCatalog) -> None:
    """Let a catalog go; its files are gone by then, or stay."""
    with catalog.connection() as connection:
        connection.execute(SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(Identifier(catalog.schema)))


def name_of_kept(kept: str, database: str) -> str:
    """The schema of a lake that was replaced, by the name of the folder that says so."""
    return f"boathouse_{kept.replace('-', '_')}_{database}"[:_SCHEMA_CHARACTERS_MAX]
