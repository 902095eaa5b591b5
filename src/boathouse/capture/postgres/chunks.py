"""Chunks of a table by the source's own order of its key, each with the snapshot that it was read under.

Receives keys as PostgreSQL's text; the database alone compares, orders and bounds them, so collations cannot matter.
Each chunk is one short REPEATABLE READ transaction, read-only and without table locks beyond a SELECT's.

To read the catalog costs as much as thousands of rows, so a table's shape is kept from one chunk to the next, with the
versions of the catalog's rows that it was made of. The lock is taken before the snapshot: then nobody changes the
table until the chunk is read, and what the snapshot says of the catalog is what the SELECT goes by. Where a version is another
one, the shape is read again, under the same snapshot.

Source: PostgreSQL documentation, `txid_current_snapshot()` (its later name came with 13); "Row and Array Comparisons"; "Caveats"
of "Concurrency Control", which says that a snapshot of before a lock may not show what DDL has done.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace

import psycopg
import pyarrow as pa
from psycopg import sql

from boathouse.capture.changes import Chunk, TablePath
from boathouse.capture.formats.fitting import Lenient, fitted
from boathouse.capture.postgres.catalog import Catalog, SourceTable
from boathouse.capture.postgres.connect import Name, Row, execute, rows, translated
from boathouse.capture.postgres.types import canonical
from boathouse.contracts.errors import BoathouseError
from boathouse.contracts.source_errors import SourceRefused


@dataclass(frozen=True)
class Snapshot:
    """`txid_current_snapshot()`: see `capture.changes.Visibility`."""

    xmin: int
    xmax: int
    running: frozenset[int]

    def sees(self, xid: int) -> bool:
        """True where the transaction had left the list of running ones."""
        return xid < self.xmin or (xid < self.xmax and xid not in self.running)


def parse_snapshot(text: str) -> Snapshot:
    """From `xmin:xmax:xip,xip`."""
    xmin, xmax, running = text.split(":")
    return Snapshot(int(xmin), int(xmax), frozenset(int(one) for one in running.split(",") if one))


def current_snapshot(connection: psycopg.Connection[Row]) -> Snapshot:
    """What a read that begins now sees."""
    return parse_snapshot(_text(rows(connection, "SELECT txid_current_snapshot()")[0][0]))


def last_key(connection: psycopg.Connection[Row], table: SourceTable) -> tuple[str, ...] | None:
    """The greatest key now; None for an empty table."""
    names = _key_names(table)
    order = sql.SQL(", ").join(sql.SQL("{} DESC").format(name) for name in names)
    query = sql.SQL("SELECT {} FROM {} ORDER BY {} LIMIT 1").format(sql.SQL(", ").join(names), _from(table), order)
    found = rows(connection, query.as_string(connection))
    return tuple(_text(value) for value in found[0]) if found else None


def rows_about(connection: psycopg.Connection[Row], table: SourceTable) -> int | None:
    """What the planner thinks; None before the table was ever looked at."""
    one = "oid = format('%%I.%%I', %s::text, %s::text)::regclass"
    parts = "oid IN (SELECT relid FROM pg_partition_tree(format('%%I.%%I', %s::text, %s::text)) WHERE isleaf)"
    which = parts if table.is_partitioned else one
    query = f"SELECT coalesce(sum(nullif(reltuples, -1)), 0)::bigint FROM pg_class WHERE {which}"
    about = int(_text(rows(connection, query, table.schema.path)[0][0]))
    return about if about > 0 else None


@dataclass(frozen=True)
class Shape:
    """A table as the catalog described it.

    Attributes:
        versions: of the catalog's rows; any change of the table, or of a partition of it, gives others.
    """

    versions: bytes | None
    table: SourceTable


Shapes = dict[TablePath, Shape]
"""Those that are known."""
_VERSIONS = """
WITH one AS (SELECT to_regclass(format('%%I.%%I', %s::text, %s::text))::oid AS oid),
     parts AS (SELECT oid FROM one UNION SELECT relid FROM one, pg_partition_tree(one.oid)),
     versions AS (
    SELECT 1 AS kind, c.oid, 0 AS number, c.xmin FROM pg_class c WHERE c.oid = ANY (ARRAY(SELECT oid FROM parts))
    UNION ALL SELECT 2, i.indrelid, i.indexrelid, i.xmin FROM pg_index i WHERE i.indrelid = ANY (ARRAY(SELECT oid FROM parts))
    UNION ALL SELECT 3, a.attrelid, a.attnum, a.xmin FROM pg_attribute a
    WHERE a.attrelid = ANY (ARRAY(SELECT oid FROM parts)) AND a.attnum > 0
)
SELECT txid_current_snapshot(), string_agg(concat_ws(' ', kind, oid, number, xmin), ',' ORDER BY kind, oid, number) FROM versions
"""


def read_chunk(
    connection: psycopg.Connection[Row],
    path: TablePath,
    shapes: Shapes,
    after: tuple[str, ...] | None,
    upto: tuple[str, ...],
    count: int,
    lenient: Lenient,
) -> Chunk:
    """See `Source.read_chunk`."""
    with _snapshot_of(connection, path, shapes) as (table, snapshot):
        key = sql.SQL("({})").format(sql.SQL(", ").join(_key_names(table)))
        bound = _row_of_parameters(table)
        where = [sql.SQL("{} <= {}").format(key, bound)]
        parameters = list(upto)
        if after is not None:
            where.insert(0, sql.SQL("{} > {}").format(key, bound))
            parameters = [*after, *upto]
        query = sql.SQL("SELECT {} FROM {} WHERE {} ORDER BY {} LIMIT {}").format(
            _columns(table),
            _from(table),
            sql.SQL(" AND ").join(where),
            sql.SQL(", ").join(_key_names(table)),
            sql.Literal(count),
        )
        found = rows(connection, query.as_string(connection), parameters)
    last = found[-1] if len(found) == count else None
    onward = None if last is None else tuple(_text(last[index]) for index in table.schema.key)
    return _chunk(table, found, snapshot, onward, lenient)


def read_keys(
    connection: psycopg.Connection[Row],
    path: TablePath,
    shapes: Shapes,
    keys: Sequence[tuple[str, ...]],
    lenient: Lenient,
) -> Chunk:
    """See `Source.read_keys`. One query gives both: the wanted keys, and beside each its row where there is one."""
    with _snapshot_of(connection, path, shapes) as (table, snapshot):
        names = sql.SQL(", ").join(_key_names(table))
        wanted = sql.SQL(", ").join([_row_of_parameters(table)] * len(keys))
        places = [Name(f"wanted {number}") for number in range(len(table.schema.key))]
        query = sql.SQL(
            "SELECT {places}, {columns} FROM (SELECT DISTINCT * FROM (VALUES {wanted}) AS w ({places})) AS w LEFT JOIN {table} "
            "AS t ON ({names}) = ({places})"
        ).format(
            places=sql.SQL(", ").join(places), columns=_columns(table), wanted=wanted, table=_from(table), names=names
        )
        found = rows(connection, query.as_string(connection), [text for one in keys for text in one])
    count, key = len(places), table.schema.key
    there = [row[count:] for row in found if row[count + key[0]] is not None]
    gone = [row[:count] for row in found if row[count + key[0]] is None]
    blank: list[list[bytes | None]] = [[None] * len(table.schema.columns) for _ in gone]
    for row, values in zip(blank, gone, strict=True):
        for index, value in zip(key, values, strict=True):
            row[index] = value
    absent = _chunk(table, [tuple(row) for row in blank], snapshot, None, lenient).rows
    return replace(_chunk(table, there, snapshot, None, lenient), absent=absent)


@contextmanager
def _snapshot_of(
    connection: psycopg.Connection[Row], path: TablePath, shapes: Shapes
) -> Iterator[tuple[SourceTable, Snapshot]]:
    """A transaction in which a table is as it is described.

    Raises:
        SourceRefused: it cannot be captured (any more).
    """
    name = sql.Identifier(*path).as_string(connection)
    begin = f"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; LOCK TABLE ONLY {name} IN ACCESS SHARE MODE"
    try:
        try:
            execute(connection, begin)
        except BoathouseError:  # it is gone, or not for this user: the catalog knows more
            connection.execute("ROLLBACK")
            Catalog(connection).require(path)
            raise
        snapshot, versions = rows(connection, _VERSIONS, path)[0]
        known = shapes.get(path)
        if known is None or known.versions != versions:
            known = shapes[path] = Shape(versions, Catalog(connection).require(path))
        yield known.table, parse_snapshot(_text(snapshot))
    except psycopg.Error as failure:
        raise translated(failure) from None
    finally:
        if not connection.closed:
            with suppress(psycopg.Error):
                connection.execute("ROLLBACK")


def _chunk(
    table: SourceTable, found: list[tuple[bytes | None, ...]], snapshot: Snapshot, onward: tuple[str, ...] | None,
    lenient: Lenient,
) -> Chunk:  # fmt: skip
    schema = table.schema
    where = f"{schema.schema}.{schema.name}."
    values = zip(*found, strict=True) if found else [()] * len(schema.columns)
    arrays = [
        canonical(of, column.type, where + column.name, replaces=lenient.replaces and index not in schema.key)
        for index, (of, column) in enumerate(zip(values, schema.columns, strict=True))
    ]
    batch = fitted(schema, pa.RecordBatch.from_arrays(arrays, schema=schema.arrow), lenient)
    return Chunk(schema, batch, snapshot, onward)


def _text(value: bytes | None) -> str:
    assert value is not None
    try:
        return value.decode()
    except UnicodeDecodeError:
        raise SourceRefused("a key of the table is not UTF-8") from None


def _from(table: SourceTable) -> sql.Composable:
    """A table's own rows, without those of tables that inherit from it; all of a partitioned one's."""
    only = sql.SQL("{}" if table.is_partitioned else "ONLY {}")
    return only.format(Name(table.schema.schema, table.schema.name))


def _columns(table: SourceTable) -> sql.Composable:
    return sql.SQL(", ").join(Name(column.name) for column in table.schema.columns)


def _key_names(table: SourceTable) -> list[sql.Composable]:
    return [Name(table.schema.columns[index].name) for index in table.schema.key]


def _row_of_parameters(table: SourceTable) -> sql.Composable:
    return sql.SQL("({})").format(sql.SQL(", ").join(sql.SQL("%s::" + cast) for cast in table.key_casts))
