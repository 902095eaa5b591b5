"""The chunk's side of every type: a table's columns from information_schema, the expressions that a SELECT reads them
with, and the texts that come back as the same Arrow values that the log's bytes become.

Receives a connection's answers; hands `Table`s and record batches to `chunks`. One function makes a value of each type from
its parts, for both paths (`decode.times`, `decode.texts`, `decode.values`); here are only the parts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from pymysql.connections import Connection

from boathouse.capture.mysql.connect import name, rows, text
from boathouse.capture.mysql.decode import texts, times
from boathouse.capture.mysql.decode.charsets import codec_of
from boathouse.capture.mysql.decode.columns import Column, Kind, ZeroDates, arrow_type, source_type
from boathouse.capture.mysql.decode.decimals import from_uint64
from boathouse.capture.mysql.decode.json_binary import normalise_json
from boathouse.capture.mysql.decode.values import bits_array, schema_of
from boathouse.contracts.errors import DataError, FeatureNotSupported
from boathouse.contracts.source_errors import SourceRefused, SourceUnavailable

Value = bytes | None
_TRIES = 10


@dataclass(frozen=True, slots=True)
class Table:
    """A table as information_schema describes it now.

    Args:
        key: indexes of the primary key's columns, in the key's order; empty without one.
        collations: `(character set, collation)` by column index, for keys that are compared.
    """

    schema: str
    table: str
    columns: tuple[Column, ...]
    key: tuple[int, ...]
    collations: dict[int, tuple[str, str]]


_INTS = {"tinyint": 1, "smallint": 2, "mediumint": 3, "int": 4, "bigint": 8}
_TEXTS = frozenset(("char", "varchar", "tinytext", "text", "mediumtext", "longtext"))
_BYTES = frozenset(("varbinary", "tinyblob", "blob", "mediumblob", "longblob"))
_MOMENTS = {"datetime": Kind.DATETIME, "timestamp": Kind.TIMESTAMP, "time": Kind.TIME}
_PLAIN = {"float": Kind.FLOAT, "double": Kind.DOUBLE, "year": Kind.YEAR, "date": Kind.DATE, "json": Kind.JSON}


def read_table(connection: Connection, schema: str, table: str) -> Table:
    """The table's columns and key.

    Raises:
        UndefinedTable: there is no such table.
        SourceRefused: the user may not see it. SourceUnavailable: it changes too fast.
        FeatureNotSupported: a column of a type that is not captured; says which.
    """
    before: object = None
    for _ in range(_TRIES):
        columns, keys, marked = _read_shape(connection, schema, table)
        if not columns:
            rows(connection, f"SELECT 1 FROM {name(schema, table)} LIMIT 0")  # or the user is not to see it
            continue
        # Two answers, between which the table may have become another one; without a primary key a unique one may be marked.
        if set(keys) == marked or (not keys and before == (columns, keys)):
            break
        before = (columns, keys)
    else:
        raise SourceUnavailable(f'the source describes "{schema}.{table}" otherwise each time that it is asked')
    described = tuple(_column(*row) for row in columns)
    by_name = {column.name: index for index, column in enumerate(described)}
    collations = {i: (str(row[7]), str(row[8])) for i, row in enumerate(columns) if row[8] is not None}
    return Table(schema, table, described, tuple(by_name[key] for key in keys), collations)


def _read_shape(connection: Connection, schema: str, table: str) -> tuple[list[list[str | None]], list[str], set[str]]:
    """Columns; names of the primary key's, in its order; names of those that are marked as a key's."""
    place = f"table_schema = {text(schema)} AND table_name = {text(table)}"
    found = rows(
        connection,
        "SELECT column_name, data_type, column_type, is_nullable, numeric_precision, numeric_scale, datetime_precision, "
        "character_set_name, collation_name, character_octet_length, column_key "
        f"FROM information_schema.columns WHERE {place} ORDER BY ordinal_position",
    )
    keys = rows(
        connection,
        f"SELECT column_name FROM information_schema.statistics WHERE {place} AND index_name = 'PRIMARY' "
        "ORDER BY seq_in_index",
    )
    columns = [[None if value is None else value.decode() for value in row] for row in found]
    marked = {row[0] or "" for row in columns if row[-1] == "PRI"}
    return [row[:-1] for row in columns], [(row[0] or b"").decode() for row in keys], marked


def _column(
    column: str | None,
    data_type: str | None,
    column_type: str | None,
    is_nullable: str | None,
    precision: str | None,
    scale: str | None,
    fraction: str | None,
    charset: str | None,
    _collation: str | None,
    octets: str | None,
) -> Column:
    label, kind, full = column or "", (data_type or "").lower(), column_type or ""
    nullable = is_nullable == "YES"
    if kind in _INTS:
        return Column(label, Kind.INT, nullable, _INTS[kind], is_unsigned="unsigned" in full.lower())
    if kind in _PLAIN:
        return Column(label, _PLAIN[kind], nullable)
    if kind == "decimal":
        return Column(label, Kind.DECIMAL, nullable, int(precision or 0), int(scale or 0))
    if kind == "bit":
        return Column(label, Kind.BIT, nullable, int(precision or 0))
    if kind in _MOMENTS:
        return Column(label, _MOMENTS[kind], nullable, scale=int(fraction or 0))
    if "compressed" not in full.lower():
        if kind in _TEXTS:
            return Column(label, Kind.TEXT, nullable, codec=codec_of(charset or ""))
        if kind == "binary":
            return Column(label, Kind.BINARY, nullable, int(octets or 0))
        if kind in _BYTES:
            return Column(label, Kind.BINARY, nullable)
    if kind in ("enum", "set"):
        return Column(label, Kind(kind), nullable, labels=_labels(full))
    raise FeatureNotSupported(
        f'column "{label}" of type {full} is not captured', hint="Leave the table out of the source's tables."
    )


_LABEL = re.compile(r"'((?:[^'\\]|''|\\.)*)'", re.DOTALL)
_ESCAPES = {"0": "\0", "n": "\n", "r": "\r", "t": "\t", "b": "\b", "Z": "\x1a"}


def _labels(column_type: str) -> tuple[str, ...]:
    """The labels in `enum('a','b''c')`."""
    return tuple(
        re.sub(r"''|\\(.)", lambda m: _ESCAPES.get(m[1], m[1]) if m[1] else "'", label, flags=re.DOTALL)
        for label in _LABEL.findall(column_type)
    )


# -- what a SELECT reads ----------------------------------------------------------------------------------------------

_NUMBERED = frozenset((Kind.BIT, Kind.ENUM, Kind.SET, Kind.YEAR))


def select_expression(column: Column) -> str:
    """How a SELECT reads a column so that nothing is lost: a FLOAT as a double (its own text has six digits), a BIT, ENUM,
    SET or YEAR as its number, everything else as its text."""
    quoted = name(column.name)
    if column.kind in (Kind.FLOAT, Kind.DOUBLE):
        return f"{quoted} * 1e0"
    return f"CAST({quoted} AS UNSIGNED)" if column.kind in _NUMBERED else quoted


def value_expression(column: Column) -> str:
    """The same for what becomes a value: a text as its bytes, so that both paths decode it. The server itself would put a `?` for
    what is none of its character set, and say nothing."""
    if column.kind is Kind.TEXT and column.codec != "utf8":
        return f"CAST({name(column.name)} AS BINARY)"
    return select_expression(column)


def key_literal(table: Table, index: int, text: str) -> str:
    """A key's value as SQL, of the column's own type and collation, so that the database compares like with like.

    Raises:
        SourceRefused: the text is no value of the column's type.
    """
    column = table.columns[index]
    if column.kind is Kind.TEXT:
        charset, collation = table.collations[index]
        return f"CONVERT(_utf8mb4 x'{text.encode().hex()}' USING {charset}) COLLATE {collation}"
    if column.kind is Kind.BINARY and re.fullmatch(r"(?:[0-9a-f]{2})*", text):
        return f"_binary x'{text}'"
    if column.kind is Kind.ENUM and text in ("", *column.labels):
        return str(("", *column.labels).index(text))
    if column.kind is Kind.SET and set(filter(None, text.split(","))) <= set(column.labels):
        return str(sum(1 << column.labels.index(label) for label in set(filter(None, text.split(",")))))
    pattern = _KEY_TEXTS.get(column.kind)
    if pattern is None or not re.fullmatch(pattern, text):
        raise SourceRefused(f'"{text}" is no value of the key\'s column "{column.name}" ({source_type(column)})')
    if column.kind in (Kind.DATE, Kind.DATETIME, Kind.TIMESTAMP, Kind.TIME):
        return f"'{text}'"
    if column.kind in (Kind.FLOAT, Kind.DOUBLE) and "e" not in text:
        return text + "e0"  # else the literal is a decimal, and near values compare equal
    return text


_INTEGER, _DAY, _CLOCK = r"-?\d{1,20}", r"\d{4}-\d\d-\d\d", r"\d{2,3}:\d\d:\d\d(?:\.\d{1,6})?"
_KEY_TEXTS = {
    Kind.INT: _INTEGER,
    Kind.YEAR: _INTEGER,
    Kind.BIT: _INTEGER,
    Kind.DECIMAL: r"-?\d{1,65}(?:\.\d{1,38})?",
    Kind.FLOAT: r"-?\d+(?:\.\d+)?(?:e[-+]?\d{1,3})?",
    Kind.DOUBLE: r"-?\d+(?:\.\d+)?(?:e[-+]?\d{1,3})?",
    Kind.DATE: _DAY,
    Kind.DATETIME: f"{_DAY} {_CLOCK}",
    Kind.TIMESTAMP: f"{_DAY} {_CLOCK}",
    Kind.TIME: f"-?{_CLOCK}",
}


def key_text(column: Column, value: Value) -> str:
    """A key's value, read by `select_expression`, as the text that `key_literal` takes."""
    if value is None:
        raise DataError(f'a primary key\'s column "{column.name}" is NULL')
    if column.kind is Kind.BINARY:
        return value.ljust(column.size, b"\0").hex()
    if column.kind in (Kind.ENUM, Kind.SET):
        found = texts.labels_array(_integers([value], _signed), column, np.ones(1, dtype=np.bool_))
        return str(found[0].as_py())
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        raise texts.not_text(column) from None


# -- what comes back --------------------------------------------------------------------------------------------------


def chunk_batch(table: Table, found: Sequence[Sequence[Value]], zero_dates: ZeroDates) -> pa.RecordBatch:
    """Rows of a SELECT of `value_expression`s as one batch, equal to what the log's images of them become."""
    values: Any = list(zip(*found, strict=True)) if found else [()] * len(table.columns)
    arrays = [
        column_array(column, list(content), zero_dates) for column, content in zip(table.columns, values, strict=True)
    ]
    return pa.record_batch(arrays, schema=schema_of(table.columns, zero_dates))


def column_array(column: Column, content: list[Value], zero_dates: ZeroDates) -> pa.Array:
    """One column's texts as values."""
    valid = np.fromiter((value is not None for value in content), dtype=np.bool_, count=len(content))
    kind = column.kind
    if kind is Kind.TEXT:
        return texts.values_array([value or b"" for value in content], column, valid)
    if kind in (Kind.BINARY, Kind.TIME):
        return pa.array(content, type=pa.binary()).cast(arrow_type(column))
    if kind is Kind.JSON:
        return pa.array(
            [None if value is None else normalise_json(value.decode()) for value in content], type=pa.utf8()
        )
    if kind in (Kind.DATE, Kind.DATETIME, Kind.TIMESTAMP):
        return times.moments_array(column, _moments(column, content, valid), zero_dates)
    if kind in (Kind.ENUM, Kind.SET):
        return texts.labels_array(_integers(content, _signed), column, valid)
    if kind is Kind.BIT:
        return bits_array(_integers(content, _signed), column, valid)
    if kind is Kind.INT and column.is_unsigned and column.size == 8:
        return from_uint64(_integers(content, _signed).view(np.uint64), valid)
    return pa.array(content, type=pa.binary()).cast(pa.utf8()).cast(arrow_type(column))


def _integers(content: list[Value], read: Callable[[bytes], int]) -> times.Ints:
    return np.fromiter((0 if value is None else read(value) for value in content), dtype=np.int64, count=len(content))


def _signed(value: bytes) -> int:
    """An unsigned 64-bit number in the bits of a signed one."""
    number = int(value)
    return number - (1 << 64) if number >> 63 else number


def _moments(column: Column, content: list[Value], valid: times.Mask) -> times.Moments:
    """`2015-02-03 04:05:06.123` by the places of its digits, which are the same in every row."""
    width = 10 if column.kind is Kind.DATE else 19 + (column.scale and column.scale + 1)
    blank = b"0" * width
    joined = b"".join(blank if value is None else value for value in content)
    if len(joined) != width * len(content):
        raise DataError(f'the source sends dates of "{column.name}" in another form than it declares')
    digits = np.frombuffer(joined, dtype=np.uint8).reshape(-1, width).astype(np.int64) - 48

    def number(start: int, stop: int) -> times.Ints:
        total = np.zeros(len(digits), dtype=np.int64)
        for place in range(start, stop):
            total = total * 10 + digits[:, place]
        return total

    second = fraction = np.zeros(len(digits), dtype=np.int64)
    if width > 10:
        second = number(11, 13) * 3600 + number(14, 16) * 60 + number(17, 19)
        fraction = number(20, width) * 10 ** (6 - column.scale) if column.scale else fraction
    return times.Moments(number(0, 4), number(5, 7), number(8, 10), second, fraction, valid)
