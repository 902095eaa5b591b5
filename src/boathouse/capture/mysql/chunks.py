"""Reads a table in chunks by its primary key: the database orders, filters and bounds, Python never compares keys.

Receives a connection and a `Table`; hands record batches and keys to the source. Ranges are half-open, (low, high], so that
every key belongs to one of them, keys inserted later too; the highest key is taken first, so that a dump ends although rows
come all the time. Keyset, never OFFSET; one statement a chunk, in a view of its own, without locks.

Source: DBLog (Netflix), "Dump Processing".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa
from pymysql.connections import Connection

from boathouse.capture.changes import Chunk, keys_of
from boathouse.capture.mysql.connect import name, rows
from boathouse.capture.mysql.decode.columns import Column, Kind, ZeroDates
from boathouse.capture.mysql.types import (
    Table,
    Value,
    chunk_batch,
    column_array,
    key_literal,
    key_text,
    select_expression,
    value_expression,
)
from boathouse.contracts.errors import FeatureNotSupported

KeyTexts = tuple[str, ...]
"""A key's values as `types.key_text` writes them."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of a range of keys: `last` is the key of the last one, None where there are no more rows up to the bound."""

    batch: pa.RecordBatch
    last: KeyTexts | None


def highest_key(connection: Connection, table: Table) -> KeyTexts | None:
    """The table's highest key now; None for an empty table."""
    columns = _key_columns(table)
    order = ", ".join(f"{column} DESC" for column in columns)
    found = rows(
        connection, f"SELECT {', '.join(columns)} FROM {name(table.schema, table.table)} ORDER BY {order} LIMIT 1"
    )
    return _key(table, found[0]) if found else None


def read_chunk(
    connection: Connection,
    table: Table,
    after: KeyTexts | None,
    upto: KeyTexts,
    rows_max: int,
    zero_dates: ZeroDates = ZeroDates.REFUSE,
) -> Rows:
    """Up to `rows_max` rows with `after` < key <= `upto`, in the key's order."""
    columns = _key_columns(table)
    conditions = [_compared(table, columns, upto, "<", "<=")]
    if after is not None:
        conditions.append(_compared(table, columns, after, ">", ">"))
    values = [value_expression(column) for column in table.columns]
    found = rows(
        connection,
        f"SELECT {', '.join((*values, *columns))} FROM {name(table.schema, table.table)} "
        f"WHERE {' AND '.join(conditions)} ORDER BY {', '.join(columns)} LIMIT {rows_max:d}",
    )
    batch = chunk_batch(table, [row[: len(values)] for row in found], zero_dates)
    return Rows(batch, _key(table, found[-1][len(values) :]) if len(found) == rows_max else None)


def read_keys(
    connection: Connection, table: Table, keys: Sequence[KeyTexts], zero_dates: ZeroDates = ZeroDates.REFUSE
) -> pa.RecordBatch:
    """The rows with these keys; a key without a row is absent from the answer."""
    columns = _key_columns(table)
    wanted = " OR ".join(f"({_equal(table, columns, key)})" for key in keys) or "FALSE"
    values = [value_expression(column) for column in table.columns]
    found = rows(connection, f"SELECT {', '.join(values)} FROM {name(table.schema, table.table)} WHERE {wanted}")
    return chunk_batch(table, found, zero_dates)


def absent_keys(table: Table, chunk: Chunk, keys: Sequence[KeyTexts]) -> pa.RecordBatch:
    """Those of the keys that have no row in the chunk. One whose text is another than the row's own, which the collation
    takes for the same, is among them: nothing here has such a key, so that its absence changes nothing.

    """
    kinds = [chunk.schema.arrow.field(index).type for index in table.key]
    wanted = [
        _values(table.columns[index], kinds[place], [key[place] for key in keys])
        for place, index in enumerate(table.key)
    ]
    there = set(keys_of(chunk.schema, chunk.rows))
    asked = dict.fromkeys(zip(*(values.to_pylist() for values in wanted), strict=True))
    gone = [key for key in asked if key not in there]
    arrays = [pa.nulls(len(gone), field.type) for field in chunk.schema.arrow]
    for place, index in enumerate(table.key):
        arrays[index] = pa.array([key[place] for key in gone], kinds[place])
    return pa.RecordBatch.from_arrays(arrays, schema=chunk.schema.arrow)


def _values(column: Column, kind: pa.DataType, texts: list[str]) -> pa.Array:
    """Texts as `types.key_text` writes them, as values."""
    if pa.types.is_string(kind) or column.kind in (Kind.BIT, Kind.YEAR):
        return pa.array(texts, pa.utf8()).cast(kind)
    content = [bytes.fromhex(one) if column.kind is Kind.BINARY else one.encode() for one in texts]
    return column_array(column, list(content), ZeroDates.REFUSE)


def _key_columns(table: Table) -> list[str]:
    if not table.key:
        raise FeatureNotSupported(
            f'table "{table.schema}.{table.table}" has no primary key, so it cannot be read in chunks',
            hint="Add a primary key: ALTER TABLE ... ADD COLUMN id BIGINT AUTO_INCREMENT PRIMARY KEY.",
        )
    return [select_expression(table.columns[index]) for index in table.key]


def _key(table: Table, values: Sequence[Value]) -> KeyTexts:
    return tuple(key_text(table.columns[index], value) for index, value in zip(table.key, values, strict=True))


def _compared(table: Table, columns: list[str], key: KeyTexts, outer: str, last: str) -> str:
    """`(a < 1) OR (a = 1 AND b <= 2)`: MySQL reads a range of an index for it, but not for `(a, b) <= (1, 2)`."""
    literals = [key_literal(table, index, value) for index, value in zip(table.key, key, strict=True)]
    ways = []
    for i in range(len(columns)):
        same = [f"{columns[j]} = {literals[j]}" for j in range(i)]
        ways.append(" AND ".join([*same, f"{columns[i]} {last if i == len(columns) - 1 else outer} {literals[i]}"]))
    if len(ways) == 1:
        return f"({ways[0]})"
    bound = f"{columns[0]} {outer}= {literals[0]}"  # says the index's range where OR hides it
    return f"({bound} AND ({' OR '.join(f'({way})' for way in ways)}))"


def _equal(table: Table, columns: list[str], key: KeyTexts) -> str:
    literals = [key_literal(table, index, value) for index, value in zip(table.key, key, strict=True)]
    return " AND ".join(f"{column} = {literal}" for column, literal in zip(columns, literals, strict=True))
