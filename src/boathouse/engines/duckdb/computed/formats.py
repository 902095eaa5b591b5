"""What the patterns of `sql.redshift.patterns` say, for columns: numbers and moments as texts, zones, TEXT_TO_INT_ALT.

Received and handed back: Arrow columns; see `vectors`.
"""

from __future__ import annotations

import re
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Context, Decimal

import pyarrow as pa

from boathouse.engines.duckdb.computed.vectors import each, fail
from boathouse.sql.redshift.patterns.numbers import show_number
from boathouse.sql.redshift.patterns.reading import Unreadable, read_moment
from boathouse.sql.redshift.patterns.zones import offset_minutes


def _read(text: str, form: str, strict: bool) -> datetime:
    try:
        return read_moment(text, form, strict)
    except Unreadable as failure:
        fail(failure.sqlstate, str(failure))


_WIDE = Context(prec=2_000)
_ALTERNATIVE = re.compile(r"([-+]?)(\d*\.?\d*)(?:[eE]([-+]?\d{1,3}))?([-+]?)")


def _alternative(text: str, kind: str) -> Decimal:
    """A sign on either side, an exponent, marks that are passed over."""
    bare = re.sub(r"[/,:%$]|USD|US Dollars", "", text).strip()
    found = _ALTERNATIVE.fullmatch(bare)
    if found is None or (found[1] and found[4]) or (bare and not found[2].strip(".")):
        fail("22P02", f'invalid input syntax for {kind}: "{text}"')
    value = Decimal(found[2] or "0").scaleb(int(found[3] or 0), _WIDE)
    return -value if "-" in (found[1], found[4]) else value


def _numeric(text: str, precision: int, scale: int) -> str:
    """TEXT_TO_NUMERIC_ALT: rounded to the scale, halves to the even neighbour."""
    value = _alternative(text, "type numeric").quantize(Decimal(1).scaleb(-scale), ROUND_HALF_EVEN, _WIDE)
    if value.adjusted() >= precision - scale and value:
        fail("22003", f'value "{text}" is out of range for numeric({precision},{scale})')
    return f"{value:f}"


def _integer(text: str) -> int:
    """TEXT_TO_INT_ALT: the fraction is cut off."""
    value = int(_alternative(text, "integer"))
    if not -(2**31) <= value < 2**31:
        fail("22003", f'value "{text}" is out of range for its type')
    return value


integer = each(_integer, pa.int32())
numeric = each(_numeric, pa.string())
to_char_number = each(show_number, pa.string())
offset = each(offset_minutes, pa.int64())
read = each(_read, pa.timestamp("us"))
