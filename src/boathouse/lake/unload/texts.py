"""Arrow columns to the text that Redshift prints for their values, column at a time.

Received: columns in `contracts.types.arrow_type` of their SQL type, from the engine. Handed on: string columns with
NULL kept as NULL, to `lines` (files) and `partitions` (folder names). Pure.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any, cast

import pyarrow as pa
import pyarrow.compute as pc

from boathouse.contracts.types import SqlType

Column = Any
"""A pyarrow Array; pyarrow ships no types of its own."""


def text_column(column: Column, sql_type: SqlType) -> Column:
    """A column's values as text.

    Booleans are `t` and `f`, timestamps ISO without trailing zeros, numerics with their scale and never an exponent,
    VARBYTE hexadecimal, as are GEOMETRY and GEOGRAPHY (EWKB), nested values JSON.
    """
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    kind = column.type
    if pa.types.is_string(kind):
        return column
    for matches, write in _WRITERS:
        if matches(kind):
            return write(column, sql_type)
    return column.cast(pa.string())


def _boolean(column: Column, _: SqlType) -> Column:
    return pc.if_else(column, "t", "f")


def _decimal(column: Column, _: SqlType) -> Column:
    text = column.cast(pa.string())
    if column.type.scale <= 6:
        return text
    # Arrow turns to exponents below 1e-6 ("0E-8"); the few distinct values concerned are written anew.
    return _rewritten(text, pc.match_substring(text, "E"), lambda value: format(Decimal(value), "f"))


def _float(column: Column, _: SqlType) -> Column:
    text = column.cast(pa.string())
    return _rewritten(text, pc.match_substring_regex(text, "[ein]"), _float_text)


_SPECIAL = {"nan": "NaN", "-nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}


def _float_text(value: str) -> str:
    if value in _SPECIAL:
        return _SPECIAL[value]
    digits, _, exponent = value.partition("e")
    if not exponent:
        return value
    return f"{digits}e{exponent[0] if exponent[0] in '+-' else '+'}{exponent.lstrip('+-'):0>2}"


def _rewritten(text: Column, concerned: Column, write: Callable[[str], str]) -> Column:
    """Rewrite the values where `concerned` holds, each distinct one once."""
    if not pc.any(concerned).as_py():
        return text
    encoded = text.dictionary_encode()
    flagged = pc.fill_null(concerned, False)
    wanted = set(text.filter(flagged).unique().to_pylist())
    values = [write(value) if value in wanted else value for value in encoded.dictionary.to_pylist()]
    return pa.array(values, pa.string()).take(encoded.indices)


def _timestamp(column: Column, _: SqlType) -> Column:
    zoned = column.type.tz is not None
    naive = column.cast(pa.timestamp("us"))
    seconds = naive.cast(pa.timestamp("s"), safe=False)
    whole = pc.all(pc.equal(seconds.cast(pa.timestamp("us")), naive)).as_py()
    text = seconds.cast(pa.string()) if whole is not False else _trimmed(naive.cast(pa.string()))
    return pc.binary_join_element_wise(text, "+00", "") if zoned else text


def _trimmed(text: Column) -> Column:
    """Drop trailing zeros of six-digit fractions; a fraction of zeros goes with its point."""
    return pc.utf8_rtrim(pc.utf8_rtrim(text, "0"), ".")


def _time(column: Column, sql_type: SqlType) -> Column:
    text = _trimmed(column.cast(pa.time64("us")).cast(pa.string()))
    return pc.binary_join_element_wise(text, "+00", "") if sql_type.name == "time with time zone" else text


def _binary(column: Column, sql_type: SqlType) -> Column:
    digits = pa.array([None if value is None else value.hex() for value in column.to_pylist()], pa.string())
    return pc.utf8_upper(digits) if sql_type.is_spatial else digits


def _interval(column: Column, _: SqlType) -> Column:
    return pa.array([None if value is None else _interval_text(value) for value in column.to_pylist()], pa.string())


def _interval_text(value: Any) -> str:
    """PostgreSQL's interval text: `1 year 2 mons 3 days 04:05:06.7`."""
    years, months = int(value.months / 12), int(value.months - int(value.months / 12) * 12)
    parts = []
    for amount, unit in ((years, "year"), (months, "mon"), (value.days, "day")):
        if amount:
            parts.append(f"{amount} {unit}{'' if amount == 1 else 's'}")
    if value.nanoseconds or not parts:
        seconds, micros = divmod(abs(value.nanoseconds) // 1000, 1_000_000)
        sign = "-" if value.nanoseconds < 0 else ""
        clock = f"{sign}{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
        parts.append(clock + (f".{micros:06d}".rstrip("0") if micros else ""))
    return " ".join(parts)


def _nested(column: Column, _: SqlType) -> Column:
    return pa.array(
        [None if value is None else json.dumps(value, default=str, ensure_ascii=False) for value in column.to_pylist()],
        pa.string(),
    )


_Writer = Callable[[Column, SqlType], Column]
_WRITERS = cast(
    "tuple[tuple[Callable[[Any], bool], _Writer], ...]",
    (
        (pa.types.is_boolean, _boolean),
        (pa.types.is_decimal, _decimal),
        (pa.types.is_floating, _float),
        (pa.types.is_timestamp, _timestamp),
        (pa.types.is_time, _time),
        (pa.types.is_binary, _binary),
        (pa.types.is_large_binary, _binary),
        (pa.types.is_interval, _interval),
        (pa.types.is_nested, _nested),
    ),
)
