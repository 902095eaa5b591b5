"""The capture's publication: which tables a PostgreSQL's log tells of. Made, and made again, as it must be.

Receives a connection and the tables; the name is the slot's.
"""

from __future__ import annotations

import psycopg
from psycopg import sql

from boathouse.capture.changes import TablePath
from boathouse.capture.postgres.check import ROOTS_VERSION, VIA_ROOT
from boathouse.capture.postgres.connect import Row, execute, texts
from boathouse.contracts.source_errors import SourceRefused

_TELLS = f"""
SELECT ({VIA_ROOT})::text, (pubinsert AND pubupdate AND pubdelete AND pubtruncate)::text, (EXISTS (
    SELECT FROM pg_publication_rel r WHERE prpubid = p.oid AND (to_jsonb(r)->>'prqual' IS NOT NULL OR
    to_jsonb(r)->>'prattrs' IS NOT NULL)))::text
FROM pg_publication p WHERE pubname = %s
"""
"""Of a publication: changes of partitions as their root's; of all kinds; not of all rows and columns of some table."""


def publish(
    connection: psycopg.Connection[Row], publication: str, tables: set[TablePath], marks: set[TablePath]
) -> None:
    """Let it tell all that changes in these tables.

    Args:
        marks: the table of watermarks, where there is one.

    Raises:
        SourceRefused: there are no tables, or this user may not.
    """
    if not tables:
        raise SourceRefused("none of the tables can be captured", hint="boathouse capture check says why.")
    wanted, name = tables | marks, sql.Identifier(publication)
    has_roots = connection.info.server_version >= ROOTS_VERSION
    roots = ", publish_via_partition_root = true" if has_roots else ""
    options = sql.SQL("publish = 'insert, update, delete, truncate'{}").format(sql.SQL(roots))
    known = published(connection, publication)
    # ONLY: tables that inherit from one are captured for themselves.
    names = sql.SQL(", ").join(sql.SQL("ONLY {}").format(sql.Identifier(*path)) for path in sorted(wanted))
    there = texts(connection, _TELLS, (publication,))
    if not there:
        made = sql.SQL("CREATE PUBLICATION {} FOR TABLE {} WITH ({})").format(name, names, options)
        execute(connection, made.as_string(connection))
        return
    ((via_root, all_kinds, cut),) = there
    if all_kinds != "true" or (has_roots and via_root != "true"):
        execute(connection, sql.SQL("ALTER PUBLICATION {} SET ({})").format(name, options).as_string(connection))
    if set(known) != wanted or cut == "true":
        execute(connection, sql.SQL("ALTER PUBLICATION {} SET TABLE {}").format(name, names).as_string(connection))


_TOLD_SINCE = {13: 22, 14: 19, 15: 14, 16: 10, 17: 6}
"""Of each version the release from which on a transaction that was under way while a table was added leaves the log's reader with
what the publication says now; before, the table is told no more until the publication changes again."""


def tells_all(connection: psycopg.Connection[Row]) -> bool:
    """True for such a server."""
    version, release = divmod(connection.info.server_version, 10_000)
    return version >= 18 or release >= _TOLD_SINCE.get(version, 10_000)


def renew(connection: psycopg.Connection[Row], publication: str, marks: TablePath) -> None:
    """Let the log's reader look at the publication anew, behind all that stands in the log by now.

    Args:
        marks: the table of watermarks; it is taken out and put back in one transaction, and no other is touched.
    """
    name, table = sql.Identifier(publication), sql.Identifier(*marks)
    both = sql.SQL("ALTER PUBLICATION {0} DROP TABLE ONLY {1}; ALTER PUBLICATION {0} ADD TABLE ONLY {1}").format(
        name, table
    )
    execute(connection, both.as_string(connection))


def published(connection: psycopg.Connection[Row], publication: str) -> list[TablePath]:
    """The tables that it tells of, those of watermarks among them."""
    found = texts(
        connection, "SELECT schemaname, tablename FROM pg_publication_tables WHERE pubname = %s", (publication,)
    )
    return [(schema, name) for schema, name in found]
