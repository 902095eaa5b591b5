"""Functions in Spark's words: those whose values were seen to be the same, each by a writer of its own.

Received: calls with typed arguments, read by `sql.rewrites.calls`. What is not in the table is refused by its name.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from boathouse.contracts import types as t
from boathouse.sql.rewrites.calls import read_call
from boathouse.sql.rewrites.forms import literal_number, literal_text
from boathouse.sql.rewrites.functions.dates import part_of
from boathouse.sql.targets.spark import nested
from boathouse.sql.targets.spark.casts import REFUSAL, fitted
from boathouse.sql.targets.spark.operators import ascii_only, compared, negative, span
from boathouse.sql.targets.spark.words import Words, called, kind, literal, refused

_Args = list[exp.Expression]
_Writer = Callable[[Words, exp.Expression, _Args], str]


def write_call(words: Words, node: exp.Expression) -> str:
    """One call."""
    name, args = read_call(node)
    writer = _WRITERS.get(name)
    if writer is None:
        raise refused(called(name), node)
    words.type_name(kind(node), node)
    return writer(words, node, args)


def _text(words: Words, node: exp.Expression) -> str:
    if not kind(node).is_text:
        raise refused(f"{kind(node)} as a text", node)
    return words.write(node)


def _ascii(name: str) -> _Writer:
    def write(words: Words, node: exp.Expression, args: _Args) -> str:
        value = _text(words, args[0])
        return ascii_only(f"{name}({value})", value, name)

    return write


def _length(words: Words, node: exp.Expression, args: _Args) -> str:
    if kind(args[0]).name == "array":
        return nested.write_length(words, node, args)
    value = _text(words, args[0])
    return f"char_length({f'rtrim({value})' if kind(args[0]).name == 'character' else value})"


def _octets(words: Words, node: exp.Expression, args: _Args) -> str:
    return f"CAST(octet_length({_text(words, args[0])}) AS {words.type_name(kind(node))})"


def _substring(words: Words, node: exp.Expression, args: _Args) -> str:
    places = [literal_number(one) for one in args[1:]]
    if len(args) not in (2, 3) or any(one is None for one in places) or places[0] < 1 or min(places) < 0:  # type: ignore[operator, type-var]
        raise refused("SUBSTRING with these places", node)
    return f"substring({_text(words, args[0])}, {', '.join(map(str, places))})"


def _side(name: str) -> _Writer:
    def write(words: Words, node: exp.Expression, args: _Args) -> str:
        count = literal_number(args[1]) if len(args) == 2 else None
        if count is None or count < 0:
            raise refused(f"{name} of so many", node)
        return f"{name}({_text(words, args[0])}, {count})"

    return write


def _md5(words: Words, node: exp.Expression, args: _Args) -> str:
    return f"md5(CAST({_text(words, args[0])} AS BINARY))"


def _trim(name: str) -> _Writer:
    def write(words: Words, node: exp.Expression, args: _Args) -> str:
        value = _text(words, args[0])
        if len(args) == 1:
            return f"{name}({value})"
        side = {"trim": "BOTH", "ltrim": "LEADING", "rtrim": "TRAILING"}[name]
        if not literal_text(args[1]):
            raise refused("TRIM of what is no literal", node)
        return f"trim({side} {literal(literal_text(args[1]) or '')} FROM {value})"

    return write


def _plain(name: str, least: int, most: int) -> _Writer:
    """A function of texts that has the same name and arguments there."""

    def write(words: Words, node: exp.Expression, args: _Args) -> str:
        if not least <= len(args) <= most:
            raise refused(f"{name} with so many arguments", node)
        return f"{name}({', '.join(_text(words, one) for one in args)})"

    return write


def _position(place: int) -> _Writer:
    """`place` says which argument is looked for."""

    def write(words: Words, node: exp.Expression, args: _Args) -> str:
        if len(args) != 2:
            raise refused("a search from a place", node)
        wanted, value = _text(words, args[place]), _text(words, args[1 - place])
        return f"locate({wanted}, {value})"

    return write


def _same(name: str) -> _Writer:
    """A function of numbers whose result has its argument's type, or is rounded to whole numbers of it."""

    def write(words: Words, node: exp.Expression, args: _Args) -> str:
        # CEIL and FLOOR of a float are a BIGINT there, cut where it ends.
        if len(args) != 1 or not kind(args[0]).is_number or (kind(args[0]).is_float and name != "abs"):
            raise refused(f"{name} of this", node)
        value = words.write(args[0])
        if name == "abs" and kind(args[0]).name == "numeric":
            return f"CASE WHEN {value} < 0 THEN {negative(words, args[0], value)} ELSE {value} END"
        return f"CAST({name}({value}) AS {words.type_name(kind(node))})"

    return write


def _round(words: Words, node: exp.Expression, args: _Args) -> str:
    digits = 0 if len(args) == 1 else literal_number(args[1])
    if kind(args[0]).name not in ("numeric", "smallint", "integer", "bigint") or digits is None or digits < 0:
        raise refused(f"ROUND of {kind(args[0])}", node)
    return f"CAST(round({words.write(args[0])}, {digits}) AS {words.type_name(kind(node))})"


def _root(name: str) -> _Writer:
    def write(words: Words, node: exp.Expression, args: _Args) -> str:
        if any(not kind(one).is_number for one in args):
            raise refused(f"{name} of this", node)
        values = [f"CAST({words.write(one)} AS DOUBLE)" for one in args]
        made = f"{name}({', '.join(values)})"
        # Where Redshift fails, Spark answers NULL, NaN or infinity.
        finite = f"{made} BETWEEN -1.7976931348623157E308D AND 1.7976931348623157E308D"
        missing = " OR ".join(f"{one} IS NULL" for one in values)
        refusal = f"CAST(raise_error({literal(f'{REFUSAL}{name} of this value')}) AS DOUBLE)"
        made = f"CASE WHEN {missing} THEN NULL WHEN {finite} THEN {made} ELSE {refusal} END"
        return f"CAST({made} AS {words.type_name(kind(node))})"

    return write


def _first(words: Words, node: exp.Expression, args: _Args) -> str:
    return f"coalesce({', '.join(fitted(words, one, kind(node)) for one in args)})"


def _nullif(words: Words, node: exp.Expression, args: _Args) -> str:
    left, right = compared(words, args)
    return f"CASE WHEN {left} = {right} THEN NULL ELSE {words.write(args[0])} END"


def _nvl2(words: Words, node: exp.Expression, args: _Args) -> str:
    some, none = (fitted(words, one, kind(node)) for one in args[1:])
    return f"CASE WHEN {words.write(args[0])} IS NOT NULL THEN {some} ELSE {none} END"


def _most(name: str) -> _Writer:
    def write(words: Words, node: exp.Expression, args: _Args) -> str:
        if len(args) < 2:
            raise refused(f"{name} of one value", node)
        return f"{name}({', '.join(fitted(words, one, kind(node)) for one in args)})"

    return write


# -- moments ---------------------------------------------------------------------------------------------------


def _moment(words: Words, node: exp.Expression) -> str:
    if literal_text(node) is not None or kind(node) in (t.DATE, t.TIMESTAMP):
        return fitted(words, node, t.TIMESTAMP) if kind(node) != t.TIMESTAMP else words.write(node)
    raise refused(f"{kind(node)} as a moment", node)


def _dateadd(words: Words, node: exp.Expression, args: _Args) -> str:
    if not kind(args[1]).is_integer:
        raise refused("DATEADD of a fraction", node)
    part = part_of(args[0])
    moment, found = _moment(words, args[2]), span(part, words.write(args[1]))
    if found is None:
        raise refused(f"DATEADD of {part}", node)
    made = f"({moment} + {found})"
    if part == "year":  # a 29 February and a year without one: the first of March
        is_leap = f"month({moment}) = 2 AND dayofmonth({moment}) = 29 AND dayofmonth({made}) = 28"
        made = f"CASE WHEN {is_leap} THEN {made} + make_dt_interval(1) ELSE {made} END"
    return f"CAST({made} AS {words.type_name(kind(node))})"


def _datediff(words: Words, node: exp.Expression, args: _Args) -> str:
    part, (first, last) = part_of(args[0]), (_moment(words, one) for one in args[1:])
    months = {
        "year": "year({0})",
        "quarter": "(year({0}) * 4 + quarter({0}))",
        "month": "(year({0}) * 12 + month({0}))",
    }
    if part in months:
        made = f"({months[part].format(last)} - {months[part].format(first)})"
    elif part == "day":
        made = f"datediff(CAST({last} AS DATE), CAST({first} AS DATE))"
    elif part in ("hour", "minute", "second"):
        unit = part.upper()
        made = f"timestampdiff({unit}, date_trunc('{unit}', {first}), date_trunc('{unit}', {last}))"
    else:
        raise refused(f"DATEDIFF of {part}", node)
    return f"CAST({made} AS {words.type_name(kind(node))})"


def _date_trunc(words: Words, node: exp.Expression, args: _Args) -> str:
    part = part_of(args[0])
    if part not in ("year", "quarter", "month", "week", "day", "hour", "minute", "second"):
        raise refused(f"DATE_TRUNC of {part}", node)
    return f"CAST(date_trunc('{part.upper()}', {_moment(words, args[1])}) AS {words.type_name(kind(node))})"


def _extract(words: Words, node: exp.Expression, args: _Args) -> str:
    part, moment = part_of(args[0]), _moment(words, args[1])
    parts = {
        "year": "year({})", "quarter": "quarter({})", "month": "month({})", "day": "dayofmonth({})", "hour": "hour({})",
        "minute": "minute({})", "dow": "(dayofweek({}) - 1)", "doy": "dayofyear({})", "week": "weekofyear({})",
    }  # fmt: skip
    if part not in parts:
        raise refused(f"EXTRACT of {part}", node)
    return f"CAST({parts[part].format(moment)} AS {words.type_name(kind(node))})"


def _trunc(words: Words, node: exp.Expression, args: _Args) -> str:
    if kind(args[0]) == t.TIMESTAMP and len(args) == 1:
        return f"CAST({words.write(args[0])} AS DATE)"
    raise refused(f"TRUNC of {kind(args[0])}", node)


def _last_day(words: Words, node: exp.Expression, args: _Args) -> str:
    return f"last_day(CAST({_moment(words, args[0])} AS DATE))"


_WRITERS: dict[str, _Writer] = {
    **nested.CALLS,
    "upper": _ascii("upper"), "lower": _ascii("lower"), "octet_length": _octets, "md5": _md5,
    **dict.fromkeys(("len", "length", "char_length", "character_length", "textlen"), _length),
    **dict.fromkeys(("substring", "substr"), _substring), "left": _side("left"), "right": _side("right"),
    **dict.fromkeys(("btrim", "trim"), _trim("trim")), "ltrim": _trim("ltrim"), "rtrim": _trim("rtrim"),
    "replace": _plain("replace", 3, 3), "concat": _plain("concat", 2, 2), "strpos": _position(1), "charindex": _position(0),
    "abs": _same("abs"), **dict.fromkeys(("ceil", "ceiling"), _same("ceil")), "floor": _same("floor"), "round": _round,
    "sqrt": _root("sqrt"), "exp": _root("exp"), **dict.fromkeys(("pow", "power"), _root("power")), "ln": _root("ln"),
    **dict.fromkeys(("coalesce", "nvl"), _first), "nullif": _nullif, "nvl2": _nvl2, "greatest": _most("greatest"),
    "least": _most("least"),
    **dict.fromkeys(("dateadd", "date_add"), _dateadd), **dict.fromkeys(("datediff", "date_diff"), _datediff),
    "date_trunc": _date_trunc, "extract": _extract, "trunc": _trunc, "last_day": _last_day,
}  # fmt: skip
