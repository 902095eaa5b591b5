"""Columns of several files merged into a table's.

Receives each file's columns; hands `infer_schema` one list that can hold them all.
"""

from __future__ import annotations

from collections.abc import Sequence

from boathouse.contracts.types import DOUBLE, TIMESTAMP, SqlType, array_of, map_of, numeric, struct_of, varchar
from boathouse.lake.tables import Columns

_ANY = varchar(65535)
_DIGITS = {"smallint": 5, "integer": 10, "bigint": 19}
_KEPT = {
    "boolean", "smallint", "integer", "bigint", "real", "double precision", "numeric", "date",
    "timestamp without time zone", "timestamp with time zone", "varbyte", "character",
}  # fmt: skip


def plain(kind: SqlType) -> SqlType:
    """A type as external tables declare it; what they cannot have is text."""
    if kind.name == "struct":
        return struct_of(*((name.lower(), plain(inner)) for name, inner in kind.fields))
    if kind.name == "array":
        return array_of(plain(kind.element))
    if kind.name == "map":
        return map_of(plain(kind.fields[0][1]), plain(kind.fields[1][1]))
    return kind if kind.name in _KEPT else _ANY


def merge_named(files: Sequence[Columns]) -> Columns:
    """Columns by name, in order of first appearance."""
    merged: dict[str, SqlType] = {}
    for columns in files:
        for name, kind in columns:
            merged[name] = merge(merged[name], kind) if name in merged else kind
    return tuple(merged.items())


def merge_placed(files: Sequence[Columns]) -> Columns:
    """Columns by place; the widest file names them."""
    widest = max(files, key=len)
    made = []
    for place, (name, kind) in enumerate(widest):
        for columns in files:
            if place < len(columns):
                kind = merge(kind, columns[place][1])
        made.append((name, kind))
    return tuple(made)


def merge(one: SqlType, other: SqlType) -> SqlType:
    """The type that holds the values of both; text where nothing else does."""
    if one == other:
        return one
    if one.name == other.name == "struct":
        return struct_of(*merge_named([one.fields, other.fields]))
    if one.name == other.name == "array":
        return array_of(merge(one.element, other.element))
    if one.name == other.name == "map":
        return map_of(*(merge(a[1], b[1]) for a, b in zip(one.fields, other.fields, strict=True)))
    if one.is_integer and other.is_integer:
        return max(one, other, key=lambda kind: _DIGITS[kind.name])
    if one.is_number and other.is_number:
        return DOUBLE if one.is_float or other.is_float else _merge_numeric(one, other)
    if {one.name, other.name} == {"date", TIMESTAMP.name}:
        return TIMESTAMP
    return _ANY


def _merge_numeric(one: SqlType, other: SqlType) -> SqlType:
    whole = max((kind.precision or _DIGITS.get(kind.name, 38)) - (kind.scale or 0) for kind in (one, other))
    scale = max(one.scale or 0, other.scale or 0)
    return numeric(min(38, whole + scale), scale)


def similarity(one: Columns, other: Columns) -> float:
    """The part of the wider schema's columns that both have, with types that one column can hold; 0 to 1."""
    theirs = dict(other)
    shared = sum(1 for name, kind in one if name in theirs and _fit(kind, theirs[name]))
    return shared / max(len(one), len(other), 1)


def _fit(one: SqlType, other: SqlType) -> bool:
    """True where merging loses neither column's nature: text holds anything, but a number is no text."""
    merged = merge(one, other)
    return merged.name != _ANY.name or _ANY.name in (one.name, other.name)
