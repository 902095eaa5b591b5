"""Types of operators: Redshift's numeric rules, common types and date arithmetic.

Pure functions from types to types, called by `expressions` for every node. Sources: Redshift Developer Guide,
"Computations with numeric values" (r_numeric_computations201) and "Type compatibility and conversion"
(c_Supported_data_types).
"""

from __future__ import annotations

from collections.abc import Iterable

from boathouse.contracts.types import (
    BIGINT,
    DATE,
    DOUBLE,
    INTERVAL,
    REAL,
    REFERENCES,
    SUPER,
    TIMESTAMP,
    TIMESTAMPTZ,
    UNKNOWN,
    VARBYTE,
    VARCHAR,
    SqlType,
    numeric,
    varchar,
)

PRECISION_MAX = 38
_INTEGER_DIGITS = {"smallint": 5, "integer": 10, "bigint": 19, **dict.fromkeys(("oid", "xid", *REFERENCES), 10)}
_INTEGER_RANK = {"smallint": 1, "integer": 2, "bigint": 3}
_MOMENTS = ("date", "timestamp without time zone", "timestamp with time zone")
_TIMES = ("time without time zone", "time with time zone")


def as_numeric(sql_type: SqlType) -> SqlType:
    """A numeric type with precision and scale; integers by their digits."""
    if sql_type.name in _INTEGER_DIGITS:
        return numeric(_INTEGER_DIGITS[sql_type.name], 0)
    if sql_type.precision is None:
        return numeric(18, 0) if sql_type.scale is None else numeric(PRECISION_MAX, sql_type.scale)
    return numeric(sql_type.precision, sql_type.scale or 0)


def arithmetic(operator: str, left: SqlType, right: SqlType) -> SqlType | None:
    """The type of `left operator right` for + - * / %; None where there is no such operator."""
    if UNKNOWN in (left, right) or SUPER in (left, right):
        return _open_arithmetic(operator, left, right)
    if left.is_number and right.is_number:
        return _number(operator, left, right)
    if operator == "+" and ((left.is_text and right.is_text) or left.name == right.name == "varbyte"):
        return concatenation(left, right)
    if left.is_text and right.is_number:
        return _number(operator, DOUBLE if right.is_float else right, right)
    if left.is_number and right.is_text:
        return _number(operator, left, DOUBLE if left.is_float else left)
    return _moment(operator, left, right)


def _open_arithmetic(operator: str, left: SqlType, right: SqlType) -> SqlType | None:
    if SUPER in (left, right):
        return SUPER
    known = right if left == UNKNOWN else left
    if known == UNKNOWN:
        return UNKNOWN
    if known.name == "boolean":
        return None
    if known.name in _MOMENTS and operator in "+-":
        return known if left == UNKNOWN or known.name != "date" else TIMESTAMP
    return arithmetic(operator, known, known) if known.is_number else known


def _number(operator: str, left: SqlType, right: SqlType) -> SqlType:
    if left.is_float or right.is_float:
        return REAL if left.name == right.name == "real" else DOUBLE
    if left.is_integer and right.is_integer:
        return left if _INTEGER_RANK[left.name] >= _INTEGER_RANK[right.name] else right
    return _decimal(operator, as_numeric(left), as_numeric(right))


def _decimal(operator: str, left: SqlType, right: SqlType) -> SqlType:
    p1, s1, p2, s2 = left.precision or 0, left.scale or 0, right.precision or 0, right.scale or 0
    if operator in "+-":
        scale = max(s1, s2)
        precision = max(p1 - s1, p2 - s2) + 1 + scale
    elif operator == "*":
        scale = s1 + s2
        precision = p1 + p2 + 1
    elif operator == "/":
        scale = max(4, s1 + p2 - s2 + 1)
        precision = p1 - s1 + s2 + scale
    else:
        scale = max(s1, s2)
        precision = min(p1 - s1, p2 - s2) + scale
    if precision > PRECISION_MAX:
        scale = max(PRECISION_MAX + scale - precision, min(scale, 4))
        precision = PRECISION_MAX
    return numeric(max(precision, 1), min(scale, PRECISION_MAX - 1))


def _moment(operator: str, left: SqlType, right: SqlType) -> SqlType | None:
    a, b = left.name, right.name
    if operator == "-" and a == b == "date":
        return BIGINT
    if operator == "-" and a in _MOMENTS and b in _MOMENTS:
        return INTERVAL
    if operator == "-" and a in _TIMES and b == a:
        return INTERVAL
    if operator in "+-" and a == "date" and right.is_integer:
        return DATE
    if operator == "+" and left.is_integer and b == "date":
        return DATE
    if operator in "+-" and a in (*_MOMENTS, *_TIMES) and b == "interval":
        return TIMESTAMP if a == "date" else left
    if operator == "+" and a == "interval" and b in (*_MOMENTS, *_TIMES):
        return TIMESTAMP if b == "date" else right
    if operator == "+" and a == "date" and b in _TIMES:
        return TIMESTAMP if b == "time without time zone" else TIMESTAMPTZ
    if operator in "+-" and a == b == "interval":
        return INTERVAL
    if operator in "*/" and a == "interval" and right.is_number:
        return INTERVAL
    return INTERVAL if operator == "*" and left.is_number and b == "interval" else None


def concatenation(left: SqlType, right: SqlType) -> SqlType:
    """The type of `left || right`."""
    if SUPER in (left, right):
        return SUPER
    if left.name == "varbyte" and right.name == "varbyte":
        return VARBYTE
    if left.is_text and right.is_text and left.length is not None and right.length is not None:
        return varchar(left.length + right.length)
    return VARCHAR


def common_type(types: Iterable[SqlType]) -> SqlType:
    """The type that CASE, COALESCE, UNION and IN take for operands of these types; UNKNOWN where all are open."""
    result = UNKNOWN
    for sql_type in types:
        result = _common(result, sql_type)
    return result


def _common(left: SqlType, right: SqlType) -> SqlType:
    if left == right or right == UNKNOWN:
        return left
    if left == UNKNOWN:
        return right
    if SUPER in (left, right):
        return SUPER
    if left.is_number and right.is_number:
        return _common_number(left, right)
    if left.is_text and right.is_text:
        lengths = (left.length, right.length)
        longest = None if None in lengths else max(length for length in lengths if length is not None)
        both_char = left.name == right.name == "character"
        insensitive = left.insensitive or right.insensitive
        return SqlType("character" if both_char else "character varying", length=longest, insensitive=insensitive)
    if left.name in _MOMENTS and right.name in _MOMENTS:
        return left if _MOMENTS.index(left.name) > _MOMENTS.index(right.name) else right
    if left.is_text or right.is_text:
        return right if left.is_text else left
    return left


def _common_number(left: SqlType, right: SqlType) -> SqlType:
    if left.is_float or right.is_float:
        return REAL if left.name == right.name == "real" else DOUBLE
    if left.is_integer and right.is_integer:
        return left if _INTEGER_RANK[left.name] >= _INTEGER_RANK[right.name] else right
    a, b = as_numeric(left), as_numeric(right)
    scale = max(a.scale or 0, b.scale or 0)
    whole = max((a.precision or 0) - (a.scale or 0), (b.precision or 0) - (b.scale or 0))
    return numeric(min(whole + scale, PRECISION_MAX), min(scale, PRECISION_MAX - 1))


def comparable(left: SqlType, right: SqlType) -> bool:
    """False for pairs that no comparison operator takes."""
    if left.is_opaque or right.is_opaque:
        return False
    if left.name == right.name or UNKNOWN in (left, right) or left.is_nested or right.is_nested:
        return True
    if left.is_text or right.is_text:
        return True
    groups = ((*_INTEGER_DIGITS, "numeric", "real", "double precision"), _MOMENTS, _TIMES)
    return any(left.name in group and right.name in group for group in groups)
