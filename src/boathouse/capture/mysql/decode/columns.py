"""What a column is: one description for the log's path and the chunk's, and the Arrow type of its values.

Receives `RawColumn`s of TABLE_MAP (and, from `types`, columns of information_schema); hands `Column`s to the row plans
and to the chunk reader. Two columns are equal when values of both are read to equal Arrow values. Pure.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

import pyarrow as pa

from boathouse.capture.mysql.decode import table_map as raw
from boathouse.capture.mysql.decode.charsets import BINARY, charset_of, codec_of
from boathouse.capture.mysql.decode.frames import MalformedEvent
from boathouse.contracts.errors import FeatureNotSupported
from boathouse.contracts.types import (
    BIGINT,
    BOOLEAN,
    DATE,
    DOUBLE,
    INTEGER,
    REAL,
    SMALLINT,
    SUPER,
    TIMESTAMP,
    TIMESTAMPTZ,
    SqlType,
    numeric,
    varchar,
)
from boathouse.contracts.types import arrow_type as arrow_type_of


class Kind(StrEnum):
    """How values are read."""

    INT = "int"
    FLOAT = "float"
    DOUBLE = "double"
    DECIMAL = "decimal"
    BIT = "bit"
    YEAR = "year"
    DATE = "date"
    DATETIME = "datetime"
    TIMESTAMP = "timestamp"
    TIME = "time"
    TEXT = "text"
    BINARY = "binary"
    ENUM = "enum"
    SET = "set"
    JSON = "json"


class ZeroDates(StrEnum):
    """What becomes of `0000-00-00`, `2015-00-21` and 30 February, which no other database can hold."""

    REFUSE = "refuse"
    NULL = "null"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Column:
    """A column's meaning.

    Args:
        name: as declared.
        kind: how values are read.
        nullable: may hold NULL.
        size: INT: bytes; BIT: bits; DECIMAL: digits; BINARY with a fixed length: its bytes, else 0.
        scale: DECIMAL: digits behind the point; DATETIME, TIMESTAMP, TIME: digits of the second's fraction.
        is_unsigned: numbers.
        codec: TEXT: Python's codec of the column's character set.
        labels: ENUM and SET.
        width: bytes of the value in a row image; 0 where a length of `prefix` bytes stands before it.
        prefix: bytes of that length.
        replaces: TEXT: bytes that are none of the character set become `?`.
    """

    name: str
    kind: Kind
    nullable: bool = True
    size: int = 0
    scale: int = 0
    is_unsigned: bool = False
    codec: str = ""
    labels: tuple[str, ...] = ()
    width: int = field(default=0, compare=False)
    prefix: int = field(default=0, compare=False)
    replaces: bool = field(default=False, compare=False)


_INT_BYTES = {raw.TINY: 1, raw.SHORT: 2, raw.INT24: 3, raw.LONG: 4, raw.LONGLONG: 8}
_DIGIT_BYTES = (0, 1, 1, 2, 2, 3, 3, 4, 4, 4)
_REFUSED = {
    raw.GEOMETRY: "GEOMETRY",
    raw.VECTOR: "VECTOR",
    raw.BLOB_COMPRESSED: "BLOB COMPRESSED",
    raw.VARCHAR_COMPRESSED: "VARCHAR COMPRESSED",
    raw.OLD_TIMESTAMP: "TIMESTAMP in the format of MySQL 5.5",
    raw.OLD_TIME: "TIME in the format of MySQL 5.5",
    raw.OLD_DATETIME: "DATETIME in the format of MySQL 5.5",
}


def decimal_bytes(precision: int, scale: int) -> tuple[int, int, int, int]:
    """Bytes of the four parts of a packed decimal: leading digits, whole groups before and after the point, the rest."""
    whole = precision - scale
    return _DIGIT_BYTES[whole % 9], whole // 9 * 4, scale // 9 * 4, _DIGIT_BYTES[scale % 9]


def column_of(column: raw.RawColumn) -> Column:
    """The meaning of a column in the log.

    Raises:
        FeatureNotSupported: a type that is not captured, or a log without full row metadata.
    """
    if not column.name:
        raise FeatureNotSupported(
            "the binlog does not name its columns", hint="SET GLOBAL binlog_row_metadata = FULL; then write new events."
        )
    if column.type in _REFUSED:
        raise FeatureNotSupported(f'column "{column.name}" of type {_REFUSED[column.type]} is not captured')
    if column.type in _INT_BYTES:
        if column.is_unsigned is None:
            raise MalformedEvent(f'the binlog does not say whether "{column.name}" has a sign')
        size = _INT_BYTES[column.type]
        return Column(column.name, Kind.INT, column.nullable, size, is_unsigned=column.is_unsigned, width=size)
    reader = _READERS.get(column.type)
    if reader is None:
        raise FeatureNotSupported(f'column "{column.name}" of binlog type {column.type} is not captured')
    return reader(column)


def _plain(kind: Kind, width: int) -> Callable[[raw.RawColumn], Column]:
    return lambda column: Column(column.name, kind, column.nullable, width=width)


def _decimal(column: raw.RawColumn) -> Column:
    precision, scale = column.meta >> 8, column.meta & 0xFF
    if not 0 < precision <= 65 or scale > min(precision, 38):
        raise MalformedEvent(f'"{column.name}" is DECIMAL({precision},{scale})')
    width = sum(decimal_bytes(precision, scale))
    return Column(column.name, Kind.DECIMAL, column.nullable, precision, scale, width=width)


def _bit(column: raw.RawColumn) -> Column:
    bits = (column.meta >> 8) * 8 + (column.meta & 0xFF)
    if not 0 < bits <= 64:
        raise MalformedEvent(f'"{column.name}" is BIT({bits})')
    return Column(column.name, Kind.BIT, column.nullable, bits, width=(bits + 7) // 8)


def _moment(kind: Kind, width: int) -> Callable[[raw.RawColumn], Column]:
    def read(column: raw.RawColumn) -> Column:
        if column.meta > 6:
            raise MalformedEvent(f'"{column.name}" has {column.meta} digits of a second\'s fraction')
        return Column(column.name, kind, column.nullable, scale=column.meta, width=width + (column.meta + 1) // 2)

    return read


def _text(column: raw.RawColumn) -> Column:
    if column.collation is None:
        raise MalformedEvent(f'the binlog does not say the character set of "{column.name}"')
    is_blob = column.type in (raw.BLOB, raw.TINY_BLOB, raw.MEDIUM_BLOB, raw.LONG_BLOB)
    prefix = column.meta if is_blob else 1 + (column.meta > 255)
    if not 1 <= prefix <= 4:
        raise MalformedEvent(f'the length of "{column.name}" has {prefix} bytes')
    if column.collation == BINARY:
        size = column.meta if column.type == raw.STRING else 0
        return Column(column.name, Kind.BINARY, column.nullable, size, prefix=prefix)
    codec = codec_of(charset_of(column.collation))
    return Column(column.name, Kind.TEXT, column.nullable, codec=codec, prefix=prefix)


def _labelled(kind: Kind) -> Callable[[raw.RawColumn], Column]:
    def read(column: raw.RawColumn) -> Column:
        codec = "latin1" if column.collation in (None, BINARY) else codec_of(charset_of(column.collation))
        try:
            labels = tuple(label.decode(codec) for label in column.labels)
        except UnicodeDecodeError as error:
            raise MalformedEvent(f'a label of "{column.name}" is not in its character set') from error
        if not labels or column.meta not in ((1, 2) if kind is Kind.ENUM else (1, 2, 3, 4, 8)):
            raise MalformedEvent(f'the binlog does not say the labels of "{column.name}"')
        return Column(column.name, kind, column.nullable, labels=labels, width=column.meta)

    return read


def _json(column: raw.RawColumn) -> Column:
    if column.meta != 4:
        raise MalformedEvent(f'the length of "{column.name}" has {column.meta} bytes')
    return Column(column.name, Kind.JSON, column.nullable, prefix=4)


_READERS: dict[int, Callable[[raw.RawColumn], Column]] = {
    raw.FLOAT: _plain(Kind.FLOAT, 4),
    raw.DOUBLE: _plain(Kind.DOUBLE, 8),
    raw.NEWDECIMAL: _decimal,
    raw.BIT: _bit,
    raw.YEAR: _plain(Kind.YEAR, 1),
    raw.DATE: _plain(Kind.DATE, 3),
    raw.NEWDATE: _plain(Kind.DATE, 3),
    raw.DATETIME2: _moment(Kind.DATETIME, 5),
    raw.TIMESTAMP2: _moment(Kind.TIMESTAMP, 4),
    raw.TIME2: _moment(Kind.TIME, 3),
    raw.VARCHAR: _text,
    raw.VAR_STRING: _text,
    raw.STRING: _text,
    raw.BLOB: _text,
    raw.TINY_BLOB: _text,
    raw.MEDIUM_BLOB: _text,
    raw.LONG_BLOB: _text,
    raw.ENUM: _labelled(Kind.ENUM),
    raw.SET: _labelled(Kind.SET),
    raw.JSON: _json,
}

_TEXT = varchar(65535)
"""The widest text that the warehouse declares; without a length it would declare 256 bytes."""
_INTS = {1: SMALLINT, 2: SMALLINT, 3: INTEGER, 4: INTEGER, 8: BIGINT}
_UNSIGNED = {1: SMALLINT, 2: INTEGER, 3: INTEGER, 4: BIGINT, 8: numeric(20, 0)}
_TYPES = {
    Kind.FLOAT: REAL,
    Kind.DOUBLE: DOUBLE,
    Kind.YEAR: SMALLINT,
    Kind.DATE: DATE,
    Kind.DATETIME: TIMESTAMP,
    Kind.TIMESTAMP: TIMESTAMPTZ,
    Kind.TIME: varchar(18),
    Kind.TEXT: _TEXT,
    Kind.BINARY: SqlType("varbyte", length=16_777_216),
    Kind.ENUM: _TEXT,
    Kind.SET: _TEXT,
    Kind.JSON: SUPER,
}
DATES = frozenset((Kind.DATE, Kind.DATETIME, Kind.TIMESTAMP))
"""Kinds that can hold a zero date."""


def sql_type(column: Column, zero_dates: ZeroDates = ZeroDates.REFUSE) -> SqlType:
    """The column's type in the warehouse: the smallest that holds all its values.

    Unsigned numbers take the next wider type, BIGINT UNSIGNED a decimal; decimals of more than 38 digits are text, and
    so is a TIME, for MySQL's reaches from -838 to 838 hours; BIT(1) is a boolean.
    """
    if column.kind is Kind.INT:
        return (_UNSIGNED if column.is_unsigned else _INTS)[column.size]
    if column.kind is Kind.DECIMAL:
        return numeric(column.size, column.scale) if column.size <= 38 else _TEXT
    if column.kind is Kind.BIT:
        return BOOLEAN if column.size == 1 else BIGINT if column.size < 64 else numeric(20, 0)
    if column.kind in DATES and zero_dates is ZeroDates.TEXT:
        return _TEXT
    return _TYPES[column.kind]


def arrow_type(column: Column, zero_dates: ZeroDates = ZeroDates.REFUSE) -> pa.DataType:
    """The Arrow type of the column's values."""
    return arrow_type_of(sql_type(column, zero_dates))


_INT_NAMES = {1: "tinyint", 2: "smallint", 3: "mediumint", 4: "int", 8: "bigint"}


def source_type(column: Column) -> str:
    """The type in the source's words; equal for columns whose values are read alike."""
    if column.kind is Kind.INT:
        return _INT_NAMES[column.size] + (" unsigned" if column.is_unsigned else "")
    if column.kind is Kind.DECIMAL:
        return f"decimal({column.size},{column.scale})"
    if column.kind is Kind.TEXT:
        return f"text character set {column.codec}"
    if column.kind in (Kind.ENUM, Kind.SET):
        return f"{column.kind}({','.join(repr(label) for label in column.labels)})"
    size = column.size or column.scale
    return f"{column.kind}({size})" if size else str(column.kind)
