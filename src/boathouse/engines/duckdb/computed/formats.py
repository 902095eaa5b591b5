"""What the patterns of `sql.redshift.patterns` say, for columns: numbers and moments as texts, zones, TEXT_TO_INT_ALT.

Received and handed back: Arrow columns; see `vectors`.
"""

from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal

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


_ALTERNATIVE = re.compile(r"([-+]?)(\d*\.?\d*)(?:[eE]([-+]?\d{1,3}))?([-+]?)")


def _integer(text: str) -> int:
    """TEXT_TO_INT_ALT: a sign on either side, an exponent, marks that are passed over; the fraction is cut off."""
    bare = re.sub(r"[/,:%$]|USD|US Dollars", "", text).strip()
    found = _ALTERNATIVE.fullmatch(bare)
    if found is None or (found[1] and found[4]) or (bare and not found[2].strip(".")):
        fail("22P02", f'invalid input syntax for integer: "{text}"')
    value = int(Decimal(found[2] or "0").scaleb(int(found[3] or 0)))
    value = -value if "-" in (found[1], found[4]) else value
    if not -(2**31) <= value < 2**31:
        fail("22003", f'value "{text}" is out of range for its type')
    return value


integer = each(_integer, pa.int32())
to_char_number = each(show_number, pa.string())
offset = each(offset_minutes, pa.int64())
read = each(_read, pa.timestamp("us"))
