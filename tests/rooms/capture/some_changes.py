"""Changes of a table with a column of every type, at its edges."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import pyarrow as pa

from boathouse.capture.changes import DELETE, INSERT, MOVED, READ, UPDATE, ChangeBatch, Column, TableSchema, Transaction
from boathouse.capture.formats.formatter import Changes, Place
from boathouse.contracts.types import SqlType, numeric, varchar

NOTED = datetime(2026, 1, 2, 3, 4, 5)
COMMITTED = 1_767_323_045_123_456  # 2026-01-02 03:04:05.123456 UTC
FIRST = Place(7, 3)
COLUMNS = (
    Column("id", SqlType("bigint"), "bigint", nullable=False),
    Column("yes", SqlType("boolean"), "boolean"),
    Column("small", SqlType("smallint"), "smallint"),
    Column("of 100 %s", SqlType("integer"), "integer"),
    Column("single", SqlType("real"), "real"),
    Column("double", SqlType("double precision"), "double precision"),
    Column("amount", numeric(38, 10), "numeric(38,10)"),
    Column("text", varchar(65535), "text"),
    Column("day", SqlType("date"), "date"),
    Column("at", SqlType("timestamp without time zone"), "timestamp"),
    Column("at_zone", SqlType("timestamp with time zone"), "timestamptz"),
    Column("hour", SqlType("time without time zone"), "time"),
    Column("bytes", SqlType("varbyte", length=16_777_216), "bytea"),
    Column("document", SqlType("super"), "json"),
)
SCHEMA = TableSchema("public", "every", COLUMNS, (0,))
ROWS: list[list[Any]] = [
    [1, True, 2**15 - 1, 2**31 - 1, 0.5, 1e300, Decimal("12.5000000000"), 'a "quote", ü, \\ and \n', date(1, 1, 1),
     datetime(1, 1, 1), datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC), time(23, 59, 59, 999999), b"\x00\xff", '{"a": [1]}'],
    [2, False, -(2**15), -(2**31), float("nan"), float("-inf"), Decimal("-9999999999999999999999999999.9999999999"), "",
     date(9999, 12, 31), datetime(9999, 12, 31, 23, 59, 59, 999999), datetime(1970, 1, 1, tzinfo=UTC), time(0), b"", "null"],
    [-(2**63), *[None] * 13],
    [4, None, None, None, 1.5, -0.0, Decimal("0.0000000001"), "\u2028 \x01 😀", None, None, None, None, None, '"x"'],
]  # fmt: skip


def changes_of(rows: list[list[Any]], ops: list[int], first: Place = FIRST) -> Changes:
    """Rows of `SCHEMA`, all of one transaction; those of a dump of none."""
    arrays = [pa.array([row[index] for row in rows], field.type) for index, field in enumerate(SCHEMA.arrow)]
    batch = ChangeBatch(
        SCHEMA,
        pa.RecordBatch.from_arrays(arrays, schema=SCHEMA.arrow),
        pa.array(ops, pa.int8()),
        (Transaction("0/1A", 5, COMMITTED),),
        pa.array([None if op == READ else 0 for op in ops], pa.int32()),
        pa.array([None if op == READ else index for index, op in enumerate(ops)], pa.int64()),
    )
    return Changes("shop", "shop_1", SCHEMA.path, 2, first, NOTED, batch)


def every_operation() -> Changes:
    """The rows above: read, inserted, updated without telling its text, moved from one key to another."""
    made = changes_of([ROWS[0], ROWS[1], ROWS[2], ROWS[3], [5, *ROWS[3][1:]]], [READ, INSERT, UPDATE, DELETE, MOVED])
    assert made.batch is not None
    text = frozenset({7})
    return Changes(
        made.integration, made.source, made.path, made.version, made.first, made.noted,
        ChangeBatch(
            SCHEMA, made.batch.rows, made.batch.ops, made.batch.transactions, made.batch.transaction, made.batch.ordinals,
            (frozenset(), text), pa.array([0, 0, 1, 0, 1], pa.int32()),
        ),
    )  # fmt: skip
