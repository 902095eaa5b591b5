"""TABLE_MAP: the shape of a table as the log itself describes it.

Receives the body of a TABLE_MAP event, hands a `TableMap` on to `columns`, which makes sense of types. Pure.
The names, signs, labels and keys are there only with `binlog_row_metadata=FULL`.

Source: MySQL Source Code Documentation, "Table_map_event"; MariaDB server, `log_event.h`.
"""

from __future__ import annotations

from dataclasses import dataclass

from boathouse.capture.mysql.decode.frames import Cursor, MalformedEvent, utf8

COLUMNS_MAX = 4096
TINY, SHORT, LONG, FLOAT, DOUBLE, LONGLONG, INT24 = 1, 2, 3, 4, 5, 8, 9
DATE, YEAR, NEWDATE, VARCHAR, BIT = 10, 13, 14, 15, 16
OLD_TIMESTAMP, OLD_TIME, OLD_DATETIME = 7, 11, 12
TIMESTAMP2, DATETIME2, TIME2 = 17, 18, 19
BLOB_COMPRESSED, VARCHAR_COMPRESSED = 140, 141
VECTOR, JSON, NEWDECIMAL, ENUM, SET = 242, 245, 246, 247, 248
TINY_BLOB, MEDIUM_BLOB, LONG_BLOB, BLOB, VAR_STRING, STRING, GEOMETRY = 249, 250, 251, 252, 253, 254, 255

_META_BYTES = {
    **dict.fromkeys((FLOAT, DOUBLE, TIMESTAMP2, DATETIME2, TIME2, BLOB, TINY_BLOB, MEDIUM_BLOB, LONG_BLOB), 1),
    **dict.fromkeys((JSON, GEOMETRY, BLOB_COMPRESSED, VECTOR), 1),
    **dict.fromkeys((VARCHAR, BIT, NEWDECIMAL, ENUM, SET, VAR_STRING, STRING, VARCHAR_COMPRESSED), 2),
}
_NUMBERS = frozenset((TINY, SHORT, INT24, LONG, LONGLONG, FLOAT, DOUBLE, NEWDECIMAL, YEAR))
_TEXTS = frozenset(
    (VARCHAR, VAR_STRING, STRING, BLOB, TINY_BLOB, MEDIUM_BLOB, LONG_BLOB, VARCHAR_COMPRESSED, BLOB_COMPRESSED)
)


@dataclass(frozen=True, slots=True)
class RawColumn:
    """One column as TABLE_MAP tells it.

    Args:
        type: the number; the real one where a string type hides ENUM, SET or a long CHAR.
        meta: the type's metadata (length, precision and scale, fractional digits), for `columns` to read.
        name: empty without `binlog_row_metadata=FULL`.
        is_unsigned: only for numbers; None where the log does not say.
        collation: of text, ENUM and SET; None where the log does not say.
        labels: of ENUM and SET, undecoded.
    """

    type: int
    meta: int
    nullable: bool
    name: str = ""
    is_unsigned: bool | None = None
    collation: int | None = None
    labels: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class TableMap:
    """The table that ROWS events speak of; `key` holds the indexes of the primary key's columns, in the key's order."""

    schema: str
    table: str
    columns: tuple[RawColumn, ...]
    key: tuple[int, ...]


def read_table_map(body: bytes) -> TableMap:
    """The event's columns and what the optional metadata says of them."""
    cursor = Cursor(body)
    cursor.take(8)  # the table's number and flags
    schema = utf8(cursor.take(cursor.integer(1)))
    cursor.take(1)
    table = utf8(cursor.take(cursor.integer(1)))
    cursor.take(1)
    count = cursor.length()
    if not 0 < count <= COLUMNS_MAX:
        raise MalformedEvent(f"table {schema}.{table} with {count} columns")
    types = cursor.take(count)
    metas = Cursor(cursor.take(cursor.length()))
    read = [_real_type(kind, metas.take(_META_BYTES.get(kind, 0))) for kind in types]
    nullable = cursor.take((count + 7) // 8)
    optional = _Optional([kind for kind, _ in read], cursor)
    columns = tuple(
        RawColumn(kind, meta, bool(nullable[i // 8] >> i % 8 & 1), *optional.of(i))
        for i, (kind, meta) in enumerate(read)
    )
    return TableMap(schema, table, columns, optional.key)


def _real_type(kind: int, meta: bytes) -> tuple[int, int]:
    """The type's number and metadata as one integer; for strings the length in bytes, for decimals `p << 8 | s`."""
    if kind == NEWDECIMAL:
        return kind, meta[0] << 8 | meta[1]
    if kind in (STRING, ENUM, SET):
        real, length = meta[0], meta[1]
        if real & 0x30 != 0x30:  # two bits of a CHAR's length hide in the type's byte
            return real | 0x30, length | (real & 0x30 ^ 0x30) << 4
        return real, length
    return kind, int.from_bytes(meta, "little")


class _Optional:
    """The optional metadata: each field names the columns it speaks of only by their order among their like."""

    def __init__(self, types: list[int], cursor: Cursor) -> None:
        self.types = types
        self.names: list[str] = []
        self.unsigned: dict[int, bool] = {}
        self.collations: dict[int, int] = {}
        self.labels: dict[int, tuple[bytes, ...]] = {}
        self.key: tuple[int, ...] = ()
        while cursor.left:
            kind = cursor.integer(1)
            self._field(kind, Cursor(cursor.take(cursor.length())))
        if self.names and len(self.names) != len(types):
            raise MalformedEvent(f"{len(self.names)} names for {len(types)} columns")
        if max(self.key, default=0) >= len(types):
            raise MalformedEvent("the primary key names a column that is not there")

    def of(self, index: int) -> tuple[str, bool | None, int | None, tuple[bytes, ...]]:
        name = self.names[index] if self.names else ""
        return name, self.unsigned.get(index), self.collations.get(index), self.labels.get(index, ())

    def _among(self, *kinds: int) -> list[int]:
        return [index for index, kind in enumerate(self.types) if kind in kinds]

    def _field(self, kind: int, value: Cursor) -> None:
        if kind == 1:
            bits = value.rest()
            numbers = self._among(*_NUMBERS)
            if len(bits) < (len(numbers) + 7) // 8:
                raise MalformedEvent("the signs of a table's columns are cut short")
            self.unsigned = {index: bool(bits[i // 8] & 0x80 >> i % 8) for i, index in enumerate(numbers)}
            if not all(self.unsigned[index] for index in self._among(YEAR)):  # a YEAR never has a sign
                raise MalformedEvent("the signs of a table's columns do not fit the columns")
        elif kind in (2, 10):
            columns = self._among(*(_TEXTS if kind == 2 else (ENUM, SET)))
            usual = value.length()
            self.collations |= dict.fromkeys(columns, usual)
            while value.left:
                self.collations[_at(columns, value.length())] = value.length()
        elif kind in (3, 11):
            columns = self._among(*(_TEXTS if kind == 3 else (ENUM, SET)))
            self.collations |= {column: value.length() for column in columns}
        elif kind == 4:
            while value.left:
                self.names.append(value.text())
        elif kind in (5, 6):
            for column in self._among(SET if kind == 5 else ENUM):
                self.labels[column] = tuple([value.take(value.length()) for _ in range(value.length())])
        elif kind in (8, 9):
            key = []
            while value.left:
                key.append(value.length())
                if kind == 9:
                    value.length()  # the prefix's length: the whole value stands in the row
            self.key = tuple(key)
        # Others (geometry types, visibility, a vector's dimensions) say nothing that changes how a row is read.


def _at(columns: list[int], index: int) -> int:
    if index >= len(columns):
        raise MalformedEvent("a character set is given for a column that is not there")
    return columns[index]
