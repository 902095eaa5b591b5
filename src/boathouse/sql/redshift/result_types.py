"""Rules for result types: from argument types to the type of a call or operator.

Received from `functions` and the rewrites, handed back to them and to the binder.

Source: Redshift Developer Guide, "Computations with numeric values", "SUM", "AVG", "DATEADD".
"""

from __future__ import annotations

from collections.abc import Sequence

from boathouse.contracts import types as t
from boathouse.contracts.types import SqlType, numeric

_PLACES = {"smallint": 5, "integer": 10, "bigint": 19}
_RANK = ("smallint", "integer", "bigint", "numeric", "real", "double precision")


def as_numeric(of: SqlType) -> tuple[int, int]:
    """Precision and scale of an exact number; integers count as numeric(5|10|19, 0)."""
    if of.name == "numeric":
        return of.precision or 38, of.scale or 0
    return _PLACES.get(of.name, 38), 0


def first(of: Sequence[SqlType]) -> SqlType:
    """The first argument's type."""
    return of[0]


def text_or_bytes(of: Sequence[SqlType]) -> SqlType:
    """CONCAT and SUBSTRING: VARBYTE where one of the texts is, else VARCHAR."""
    return t.VARBYTE if any(one.name == "varbyte" for one in of) else t.VARCHAR


def rounded(of: Sequence[SqlType]) -> SqlType:
    """ROUND, TRUNC, CEIL, FLOOR: integers keep their type, exact numbers get a digit more, which is where 9.5 goes; a moment
    truncates to a date."""
    if of[0].name == "numeric":
        precision, scale = as_numeric(of[0])
        return numeric(min(38, precision + 1), scale)
    if of[0].name in ("timestamp without time zone", "timestamp with time zone", "date"):
        return t.DATE
    return of[0] if of[0].is_number else t.DOUBLE


def sign(of: Sequence[SqlType]) -> SqlType:
    """SIGN: of exact numbers one digit."""
    return numeric(1, 0) if of[0].name == "numeric" else of[0]


def widened(of: Sequence[SqlType]) -> SqlType:
    """The wider of two number types."""
    return common_type(of)


def summed(of: Sequence[SqlType]) -> SqlType:
    """SUM: small integers to bigint, bigint and numeric to numeric with 38 digits, floats to double."""
    if of[0].name in ("smallint", "integer"):
        return t.BIGINT
    if of[0].name == "bigint":
        return numeric(38, 0)
    if of[0].name == "numeric":
        return numeric(38, of[0].scale or 0)
    return of[0] if of[0].name in ("interval", "super") else t.DOUBLE


def average(of: Sequence[SqlType]) -> SqlType:
    """AVG and MEDIAN: integers to bigint (AVG), numeric to numeric(38, s), floats to double."""
    if of[0].is_integer:
        return t.BIGINT
    if of[0].name == "numeric":
        return numeric(38, of[0].scale or 0)
    return of[0] if of[0].name in ("date", "super", "interval", t.TIMESTAMP.name, t.TIMESTAMPTZ.name) else t.DOUBLE


def date_sum(of: Sequence[SqlType]) -> SqlType:
    """DATEADD(part, n, moment): a timestamp, with its zone where the moment has one; a time stays a time."""
    return of[-1] if of[-1].name in (t.TIMESTAMPTZ.name, t.TIME.name, t.TIMETZ.name) else t.TIMESTAMP


def common_type(of: Sequence[SqlType]) -> SqlType:
    """The type that CASE, COALESCE and their like give for branches of these types."""
    known = [one for one in of if one != t.UNKNOWN]
    if not known:
        return t.VARCHAR if of else t.UNKNOWN
    found = known[0]
    for one in known[1:]:
        found = _common(found, one)
    return found


def _common(left: SqlType, right: SqlType) -> SqlType:
    if left == right:
        return left
    if left.is_text and right.is_text:
        lengths = (left.length, right.length)
        return SqlType("character varying", length=None if None in lengths else max(n for n in lengths if n))
    if left.is_number and right.is_number:
        wider = max(left, right, key=lambda one: _RANK.index(one.name))
        if wider.name != "numeric":
            return wider
        (p1, s1), (p2, s2) = as_numeric(left), as_numeric(right)
        scale = max(s1, s2)
        return numeric(min(38, max(p1 - s1, p2 - s2) + scale), scale)
    moments = ("date", t.TIMESTAMP.name, t.TIMESTAMPTZ.name)
    if left.name in moments and right.name in moments:
        return max(left, right, key=lambda one: moments.index(one.name))
    return left if not left.is_text else right


def quotient(left: SqlType, right: SqlType) -> SqlType:
    """The type of numeric / numeric: scale max(4, s1 + p2 - s2 + 1), at most 38 digits."""
    (p1, s1), (p2, s2) = as_numeric(left), as_numeric(right)
    scale = max(4, s1 + p2 - s2 + 1)
    precision = p1 - s1 + s2 + scale
    if precision > 38:
        scale = max(38 + scale - precision, min(4, scale))
        precision = 38
    return numeric(precision, scale)
