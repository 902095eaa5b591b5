"""Operators in Spark's words: arithmetic in the plan's types, comparisons, patterns, branches.

Received: nodes with both sides typed. Spark's own types of results are never relied on: each result is cast to the plan's.
Decimals are divided as on paper, for Spark would round where Redshift cuts off.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from sqlglot import exp

from boathouse.contracts import types as t
from boathouse.contracts.types import SqlType
from boathouse.sql.redshift.result_types import as_numeric, quotient
from boathouse.sql.rewrites.forms import is_text_literal, literal_text
from boathouse.sql.targets.spark.casts import REFUSAL, converted, fitted
from boathouse.sql.targets.spark.nested import check_place
from boathouse.sql.targets.spark.words import Words, kind, literal, refused

_SIGNS: dict[Any, str] = {exp.Add: "+", exp.Sub: "-", exp.Mul: "*", exp.Mod: "%"}
_COMPARED: dict[Any, str] = {exp.EQ: "=", exp.NEQ: "<>", exp.LT: "<", exp.LTE: "<=", exp.GT: ">", exp.GTE: ">="}
_INTERVAL = re.compile(r"\s*([+-]?\d+)\s*([a-z]+?)s?\s*", re.IGNORECASE)
_SPANS = {
    "year": ("make_ym_interval", 12), "quarter": ("make_ym_interval", 3), "month": ("make_ym_interval", 1),
    "week": ("make_dt_interval", 7 * 86400), "day": ("make_dt_interval", 86400), "hour": ("make_dt_interval", 3600),
    "minute": ("make_dt_interval", 60), "second": ("make_dt_interval", 1),
}  # fmt: skip


def span(unit: str, count: str) -> str | None:
    """An interval of so many units; `count` is an integer's text."""
    found = _SPANS.get(unit)
    if found is None:
        return None
    if found[0] == "make_ym_interval":
        return f"make_ym_interval(0, CAST({count} AS INT) * {found[1]})"
    if found[1] % 86400 == 0:
        return f"make_dt_interval(CAST({count} AS INT) * {found[1] // 86400})"
    if found[1] == 3600:
        return f"make_dt_interval(0, CAST({count} AS INT))"
    return f"make_dt_interval(0, 0, 0, CAST(CAST({count} AS BIGINT) * {found[1]} AS DECIMAL(18,6)))"


def _arithmetic(words: Words, node: exp.Expression) -> str:
    result, left, right = kind(node), kind(node.this), kind(node.expression)
    if result.is_number and all(one.is_number or is_text_literal(side) for one, side in _sides(node)):
        return _of_numbers(words, node, result)
    if result.is_text and isinstance(node, exp.Add):
        return _concat(words, node)
    return _of_moments(words, node, left, right)


def _sides(node: exp.Expression) -> list[tuple[SqlType, exp.Expression]]:
    return [(kind(node.this), node.this), (kind(node.expression), node.expression)]


def _of_numbers(words: Words, node: exp.Expression, result: SqlType) -> str:
    sign, sides = _SIGNS[type(node)], []
    for of, side in _sides(node):
        if is_text_literal(side):
            raise refused("a text beside a number", side)
        if result.name == "numeric":
            wanted = t.numeric(*as_numeric(of)) if of.is_integer else of
            if wanted.is_float:
                raise refused(f"{of} in a {result}", side)
        else:
            wanted = result
        sides.append(fitted(words, side, wanted))
    if result.name == "numeric" and isinstance(node, exp.Mul):
        scales = [as_numeric(of)[1] for of, _ in _sides(node)]
        if sum(scales) > 38:
            raise refused("a product of so many decimal places", node)
    return f"CAST(({sides[0]} {sign} {sides[1]}) AS {words.type_name(result, node)})"


def _of_moments(words: Words, node: exp.Expression, left: SqlType, right: SqlType) -> str:
    sign = _SIGNS[type(node)]
    if left == t.DATE and right.is_integer and sign in "+-":
        # Its own sum of days begins anew where it ends.
        days = (
            f"CAST(unix_date({words.write(node.this)}) AS BIGINT) {sign} CAST({words.write(node.expression)} AS BIGINT)"
        )
        return f"date_from_unix_date(CAST(({days}) AS INT))"
    if left == right == t.DATE and sign == "-":
        return (
            f"CAST(datediff({words.write(node.this)}, {words.write(node.expression)}) AS {words.type_name(kind(node))})"
        )
    if left in (t.DATE, t.TIMESTAMP) and isinstance(node.expression, exp.Interval) and sign in "+-":
        moment = f"CAST({words.write(node.this)} AS TIMESTAMP_NTZ)"
        return f"CAST(({moment} {sign} {_interval(node.expression)}) AS {words.type_name(kind(node), node)})"
    raise refused(f"{left} {sign} {right}", node)


def _interval(node: exp.Expression) -> str:
    written = literal_text(node.this)
    unit = node.args.get("unit")
    if written is None or (unit is not None and not isinstance(unit, exp.Var)):
        raise refused("this interval", node)
    found = _INTERVAL.fullmatch(written if unit is None else f"{written} {unit.name}")
    made = None if found is None else span(found[2].lower(), found[1])
    if made is None:
        raise refused(f"the interval {written!r}", node)
    return made


def _divide(words: Words, node: exp.Expression) -> str:
    left, right, result = kind(node.this), kind(node.expression), kind(node)
    if not left.is_number or not right.is_number:
        raise refused(f"{left} / {right}", node)
    name = words.type_name(result, node)
    if left.is_integer and right.is_integer:
        sides = [f"CAST({words.write(one)} AS BIGINT)" for one in (node.this, node.expression)]
        return f"CAST(({sides[0]} div {sides[1]}) AS {name})"
    if left.is_float or right.is_float:
        if result.name == "numeric":
            raise refused(f"{left} / {right}", node)
        sides = [f"CAST({words.write(one)} AS DOUBLE)" for one in (node.this, node.expression)]
        return f"CAST(({sides[0]} / {sides[1]}) AS {name})"
    (p1, s1), (p2, s2) = as_numeric(left), as_numeric(right)
    wanted = result if result.name == "numeric" and result.precision else quotient(left, right)
    scale = wanted.scale or 0
    if scale - s1 + s2 < 0:
        raise refused(f"{left} / {right}", node)
    dividend = units(f"CAST({words.write(node.this)} AS DECIMAL({p1},{s1}))", scale + s2)
    divisor = units(f"CAST({words.write(node.expression)} AS DECIMAL({p2},{s2}))", s2)
    return scaled(whole(dividend, divisor), scale, wanted)


def units(value: str, digits: int) -> str:
    """value * 10^digits as a whole DECIMAL(38,0); an error where it has more than 38 digits."""
    if digits == 0:
        return f"CAST({value} AS DECIMAL(38,0))"
    return f"CAST(({value} * CAST('1{'0' * digits}' AS DECIMAL({digits + 1},0))) AS DECIMAL(38,0))"


def whole(dividend: str, divisor: str) -> str:
    """The quotient of two whole decimals, its tail cut off: less the remainder, the division leaves nothing to round."""
    return f"CAST((({dividend} - ({dividend} % {divisor})) / {divisor}) AS DECIMAL(38,0))"


def scaled(count: str, scale: int, wanted: SqlType) -> str:
    """So many units of 10^-scale as the wanted numeric; read from a text, for a product would be rounded where it is long."""
    name = f"DECIMAL({wanted.precision or 38},{scale})"
    if scale == 0:
        return f"CAST({count} AS {name})"
    return f"CAST(concat(CAST({count} AS STRING), 'E-{scale}') AS {name})"


def compared(words: Words, sides: list[exp.Expression]) -> list[str]:
    """Sides of a comparison, brought to where Spark compares as Redshift does."""
    kinds = [kind(one) for one in sides]
    plain = [
        of
        for of, side in zip(kinds, sides, strict=True)
        if not is_text_literal(side) and not isinstance(side, exp.Null)
    ]
    for of in plain:
        words.type_name(of)
    if not plain or all(of.is_text for of in plain):
        blank = any(of.name == "character" for of in plain)
        return [_unpadded(words, one) if blank else words.write(one) for one in sides]
    if all(of.is_number for of in plain):
        mixed = t.REAL in plain and any(of != t.REAL for of in plain)
        wanted = t.DOUBLE if mixed else plain[0]
        return [fitted(words, one, wanted) if mixed or is_text_literal(one) else words.write(one) for one in sides]
    if all(of in (t.DATE, t.TIMESTAMP) for of in plain):
        long = t.TIMESTAMP in plain or any(is_text_literal(one) and ":" in one.name for one in sides)
        return [fitted(words, one, t.TIMESTAMP if long else t.DATE) for one in sides]
    if all(of == t.BOOLEAN for of in plain):
        return [fitted(words, one, t.BOOLEAN) for one in sides]
    raise refused(f"a comparison of {' and '.join(str(of) for of in plain)}", sides[0])


def _unpadded(words: Words, node: exp.Expression) -> str:
    return literal(node.name.rstrip(" ")) if is_text_literal(node) else f"rtrim({words.write(node)})"


def _compare(words: Words, node: exp.Expression) -> str:
    if any(isinstance(side, exp.Any | exp.All | exp.Tuple) for side in (node.this, node.expression)):
        raise refused("ANY, ALL or a row in a comparison", node)
    left, right = compared(words, [node.this, node.expression])
    return f"({left} {_COMPARED[type(node)]} {right})"


def _between(words: Words, node: exp.Expression) -> str:
    if node.args.get("symmetric"):
        raise refused("BETWEEN SYMMETRIC", node)
    value, low, high = compared(words, [node.this, node.args["low"], node.args["high"]])
    return f"({value} BETWEEN {low} AND {high})"


def _in(words: Words, node: exp.Expression) -> str:
    query = node.args.get("query")
    if isinstance(node.this, exp.Tuple):
        raise refused("a row in IN", node)
    if query is None:
        value, *items = compared(words, [node.this, *node.expressions])
        return f"({value} IN ({', '.join(items)}))"
    inner = query.this if isinstance(query, exp.Subquery) else query
    if kind(node.this).name == "character" or not isinstance(inner, exp.Select):
        raise refused("IN over this query", node)
    item = inner.expressions[0]
    same = kind(node.this).name == kind(item).name or (kind(node.this).is_text and kind(item).is_text)
    if not same and not (kind(node.this).is_integer and kind(item).is_integer):
        raise refused(f"{kind(node.this)} IN a query of {kind(item)}", node)
    return f"({words.write(node.this)} IN ({words.write(inner)}))"


def _connector(sign: str) -> Callable[[Words, exp.Expression], str]:
    def write(words: Words, node: exp.Expression) -> str:
        parts, place = [], node
        while type(place) is type(node):  # a long chain is no deep recursion
            parts.append(place.expression)
            place = place.this
        return "(" + f" {sign} ".join(words.write(one) for one in (place, *reversed(parts))) + ")"

    return write


def _not(words: Words, node: exp.Expression) -> str:
    return f"(NOT {words.write(node.this)})"


def _is(words: Words, node: exp.Expression) -> str:
    if isinstance(node.expression, exp.Null):
        return f"({words.write(node.this)} IS NULL)"
    if isinstance(node.expression, exp.Boolean) and kind(node.this) == t.BOOLEAN:
        return f"({words.write(node.this)} IS {words.write(node.expression).upper()})"
    raise refused("this IS", node)


def _like(words: Words, node: exp.Expression) -> str:
    pattern = literal_text(node.expression)
    # Of letters beyond 16 bits it makes two, which `_` then takes for one.
    if pattern is None or "\\" in pattern or any(one > "\uffff" for one in pattern) or not kind(node.this).is_text:
        raise refused("LIKE with this pattern", node)
    words.type_name(kind(node.this), node)
    value = words.write(node.this)
    word = "NOT LIKE" if node.args.get("negate") else "LIKE"
    if isinstance(node, exp.ILike):
        if not pattern.isascii():
            raise refused("ILIKE with this pattern", node)
        # The two letters whose small forms the engines do not agree on.
        odd = f"{value} LIKE '%İ%' OR {value} LIKE '%Σ%'"
        refusal = f"raise_error({literal(REFUSAL + 'ILIKE of some letters')})"
        value = f"CASE WHEN {odd} THEN CAST({refusal} AS STRING) ELSE lower({value}) END"
        pattern = pattern.lower()
    return f"({value} {word} {literal(pattern)})"


def ascii_only(made: str, value: str, what: str) -> str:
    """What is the same in both engines for letters of ASCII alone."""
    refusal = f"raise_error({literal(f'{REFUSAL}{what} of letters beyond ASCII')})"
    same = f"{value} IS NULL OR octet_length({value}) = char_length({value})"
    return f"CASE WHEN {same} THEN {made} ELSE CAST({refusal} AS STRING) END"


def _concat(words: Words, node: exp.Expression) -> str:
    sides = []
    for one in (node.this, node.expression):
        sides.append(words.write(one) if kind(one).is_text else converted(words, one, t.VARCHAR, node))
    return f"concat({sides[0]}, {sides[1]})"


def _paren(words: Words, node: exp.Expression) -> str:
    return f"({words.write(node.this)})"


def _neg(words: Words, node: exp.Expression) -> str:
    if not kind(node).is_number:
        raise refused(f"- {kind(node)}", node)
    return negative(words, node.this, words.write(node.this))


def negative(words: Words, node: exp.Expression, value: str) -> str:
    """A number with the other sign; decimals as a difference, for their own sign changes 34 digits and drops the rest."""
    if kind(node).name != "numeric":
        return f"(- {value})"
    name = words.type_name(kind(node), node)
    return f"CAST((CAST(0 AS {name}) - {value}) AS {name})"


def _column(words: Words, node: exp.Expression) -> str:
    words.type_name(kind(node), node)
    check_place(node)
    parts = [part.name for part in node.parts] if isinstance(node, exp.Column) else []
    if len(parts) != 2 or any(not isinstance(part, exp.Identifier) for part in node.parts):  # type: ignore[attr-defined]
        raise refused("this column", node)
    return ".".join("`" + part.replace("`", "``") + "`" for part in parts)


def _case(words: Words, node: exp.Expression) -> str:
    result, subject = kind(node), node.args.get("this")
    found = "CASE"
    for branch in node.args["ifs"]:
        sides = [words.write(branch.this)] if subject is None else compared(words, [subject, branch.this])
        found += f" WHEN {' = '.join(sides)} THEN {fitted(words, branch.args['true'], result)}"
    default = node.args.get("default")
    return found + (f" ELSE {fitted(words, default, result)}" if default is not None else "") + " END"


WRITERS: dict[Any, Any] = {
    **dict.fromkeys(_SIGNS, _arithmetic), exp.Div: _divide,
    **dict.fromkeys(_COMPARED, _compare),
    exp.Between: _between, exp.In: _in, exp.And: _connector("AND"), exp.Or: _connector("OR"), exp.Not: _not,
    exp.Is: _is, exp.Like: _like, exp.ILike: _like, exp.DPipe: _concat, exp.Paren: _paren, exp.Neg: _neg,
    exp.Column: _column, exp.Case: _case,
}  # fmt: skip
