"""Operands that meet: the types of operators, comparisons, branches and arguments, and the open sides settled.

Called by `expressions` once an expression's parts are bound. Source: Redshift Developer Guide, "Type compatibility and
conversion"; "Querying semistructured data" (query-super) for comparisons of SUPER.
"""

from __future__ import annotations

import re

from sqlglot import exp

from boathouse.contracts.errors import DatatypeMismatch, UndefinedFunction
from boathouse.contracts.types import (
    BIGINT,
    DOUBLE,
    GEOMETRY,
    INTEGER,
    INTERVAL,
    SUPER,
    TIMESTAMP,
    UNKNOWN,
    VARCHAR,
    SqlType,
    numeric,
    sql_array_of,
)
from boathouse.sql.bind.bound import type_of, with_type
from boathouse.sql.bind.names import position_of
from boathouse.sql.bind.scopes import Work
from boathouse.sql.bind.types.collations import insensitive
from boathouse.sql.bind.types.parameters import settle
from boathouse.sql.bind.types.rules import arithmetic, common_type, comparable
from boathouse.sql.redshift.functions import FUNCTIONS

SYMBOLS: dict[type[exp.Expression], str] = {
    exp.Add: "+",
    exp.Sub: "-",
    exp.Mul: "*",
    exp.Div: "/",
    exp.Mod: "%",
    exp.EQ: "=",
    exp.NEQ: "<>",
    exp.LT: "<",
    exp.LTE: "<=",
    exp.GT: ">",
    exp.GTE: ">=",
    exp.NullSafeEQ: "IS NOT DISTINCT FROM",
    exp.NullSafeNEQ: "IS DISTINCT FROM",
}
_MOMENTS = ("date", "timestamp without time zone", "timestamp with time zone")
_DECIMAL = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)")
_ENGINE_TYPES = {
    "boolean": "BOOLEAN",
    "smallint": "SMALLINT",
    "integer": "INTEGER",
    "bigint": "BIGINT",
    "real": "DOUBLE",
    "double precision": "DOUBLE",
    "interval": "INTERVAL",
    "date": "DATE",
    "timestamp without time zone": "TIMESTAMP",
    "timestamp with time zone": "TIMESTAMPTZ",
}


def number_type(text: str) -> SqlType:
    """The type of a number as written: integer, bigint, numeric(p,s), or double for an exponent."""
    if "e" in text.lower():
        return SqlType("double precision")
    if "." in text:
        whole, _, fraction = text.partition(".")
        digits = len(whole.lstrip("0")) + len(fraction)
        return numeric(min(max(digits, 1), 38), min(len(fraction), 37))
    value = int(text)
    if value <= 2147483647:
        return INTEGER
    return BIGINT if value <= 9223372036854775807 else numeric(min(len(text), 38), 0)


def operate(node: exp.Expression, work: Work) -> exp.Expression:
    """Type `left + right` and its like; the open side becomes what the other calls for.

    Raises:
        UndefinedFunction: where there is no such operator.
    """
    left, right = node.this, node.expression
    symbol = SYMBOLS[type(node)]
    for side, other in ((left, right), (right, left)):
        settle(side, _operand(symbol, type_of(other), side), work)
    for side in (left, right):
        if isinstance(side, exp.Literal) and side.is_string and type_of(side).name in _ENGINE_TYPES:
            _as_typed_literal(side)
        elif isinstance(side, exp.Literal) and side.is_string and type_of(side).name == "numeric":
            _as_number(side)
    left, right = node.this, node.expression
    found = arithmetic(symbol, type_of(left), type_of(right))
    if found is None:
        raise _no_operator(symbol, left, right)
    return with_type(node, found)


def _as_number(side: exp.Literal) -> None:
    """`'1.25'` beside a numeric has the precision and scale that it is written with."""
    if _DECIMAL.fullmatch(side.name.strip()):
        with_type(side, number_type(side.name.strip().lstrip("+-")))
    _as_typed_literal(side)


def _as_typed_literal(side: exp.Literal) -> None:
    """`'2020-01-01'` beside a moment, `'2'` beside a number as a cast: the engine has no arithmetic on open literals."""
    wanted = type_of(side)
    engine = _ENGINE_TYPES.get(wanted.name) or f"DECIMAL({wanted.precision or 38},{wanted.scale or 0})"
    cast = exp.Cast(this=exp.Null(), to=exp.DataType.build(engine, dialect="duckdb"))
    side.replace(cast)
    cast.set("this", with_type(side, UNKNOWN))
    with_type(cast, wanted)


def _operand(symbol: str, other: SqlType, side: exp.Expression) -> SqlType:
    """What an open operand becomes beside `other`: a date moves by days, a timestamp by an interval."""
    if other.name == "date" and isinstance(side, exp.Parameter):
        return INTEGER
    if other.name in _MOMENTS and isinstance(side, exp.Literal):
        return other if symbol == "-" else INTERVAL
    if other.name in _MOMENTS:
        return INTERVAL
    return VARCHAR if other == SUPER else other


def match_sides(node: exp.Expression, symbol: str, work: Work) -> None:
    """Match both sides of a comparison, rows part by part; `= ANY($1)` takes an array."""
    left, right = node.this, node.expression
    if isinstance(right, (exp.Any, exp.All)):
        operand = right.this.this if isinstance(right.this, exp.Paren) else right.this
        if isinstance(operand, exp.Parameter) and type_of(left) != UNKNOWN:
            settle(operand, sql_array_of(SqlType(type_of(left).name)), work)
        return
    if isinstance(left, exp.Tuple) and isinstance(right, exp.Tuple):
        for one, other in zip(left.expressions, right.expressions, strict=False):
            match(one, other, symbol, work)
        return
    match(left, right, symbol, work)


def match(left: exp.Expression, right: exp.Expression, symbol: str, work: Work) -> None:
    """Settle the open side of a comparison by the other; SUPER is compared as the other side's type."""
    for side, other in ((left, right), (right, left)):
        wanted = type_of(other)
        settle(side, VARCHAR if wanted == SUPER and not isinstance(side, exp.Null) else wanted, work)
    if type_of(left) == type_of(right) == UNKNOWN:
        return
    insensitive([left, right])
    if not comparable(type_of(left), type_of(right)):
        raise _no_operator(symbol, left, right)
    for side, other in ((left, right), (right, left)):
        if type_of(side) == SUPER and not type_of(other).is_nested:
            _as_scalar(side, type_of(other))


def _as_scalar(side: exp.Expression, wanted: SqlType) -> None:
    """A SUPER value as the moment it is compared with; NULL where it is none. Others are compared as SUPER."""
    if wanted.name not in (*_MOMENTS, "interval"):
        return
    cast = exp.Cast(this=exp.Null(), to=exp.DataType.build(_ENGINE_TYPES[wanted.name], dialect="duckdb"))
    side.replace(cast)
    cast.set("this", side)
    with_type(cast, wanted)


def _no_operator(symbol: str, left: exp.Expression, right: exp.Expression) -> UndefinedFunction:
    names = [type_of(side).name for side in (left, right)]
    return UndefinedFunction(
        f"operator does not exist: {names[0]} {symbol} {names[1]}",
        position=position_of(left),
        hint="No operator matches the given name and argument types. You may need to add explicit type casts.",
    )


def unify(values: list[exp.Expression], work: Work) -> SqlType:
    """The common type of several values, the open ones settled by it."""
    result = common_type(type_of(value) for value in values)
    if result.is_opaque and (other := {type_of(one) for one in values} - {result, UNKNOWN}):
        raise DatatypeMismatch(
            f"types {result.name} and {other.pop().name} cannot be matched", position=position_of(values[-1])
        )
    insensitive(values)
    for value in values:
        settle(value, result, work)
    return result


_KINDS = {
    "g": GEOMETRY,
    "e": GEOMETRY,
    "w": VARCHAR,
    "s": VARCHAR,
    "d": DOUBLE,
    "i": INTEGER,
    "n": DOUBLE,
    "m": TIMESTAMP,
}


def settle_arguments(name: str, arguments: list[exp.Expression], work: Work) -> None:
    """Open arguments take the kind that the catalogue names for their place."""
    function = FUNCTIONS.get(name)
    if function is None:
        return
    units = len(function.takes.replace("?", "")) - len(arguments) if function.takes.startswith("u") else 0
    for number, part in enumerate(arguments):
        kind = function.letter(number + max(units, 0))
        if kind == "s" or (isinstance(part, exp.Parameter) and kind in _KINDS):
            settle(part, _KINDS[kind], work)


def decode(arguments: list[exp.Expression], work: Work) -> SqlType:
    """The type of DECODE(subject, match, result, …, default)."""
    subject, rest = arguments[0], arguments[1:]
    results = rest[1::2]
    for match in rest[0 : len(rest) - len(rest) % 2 : 2]:
        settle(match, type_of(subject), work)
    if len(rest) % 2:
        results = [*results, rest[-1]]
    return unify(results, work)
