"""Calls whose engine form depends on their arguments: date parts, formats, JSON paths, choices.

Received from `calls`: converted arguments. Handed back: the engine's expression.

Source: Redshift Developer Guide, "Date parts for date or timestamp functions", "DATEDIFF", "TO_CHAR",
"JSON_EXTRACT_PATH_TEXT", "DECODE", "NVL2".
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import sqlglot
from sqlglot import exp

from boathouse.contracts import types as t
from boathouse.contracts.errors import FeatureNotSupported, InvalidParameterValue
from boathouse.sql.bind.bound import type_of
from boathouse.sql.bind.types.calls import numeric_size
from boathouse.sql.redshift.patterns.moments import moment_pieces
from boathouse.sql.redshift.patterns.numbers import number_format
from boathouse.sql.redshift.patterns.reading import reading_of
from boathouse.sql.rewrites.forms import call, cast, cast_as, literal_number, literal_text, text
from boathouse.sql.rewrites.functions.privileges import PRIVILEGE_BUILDERS
from boathouse.sql.rewrites.operators import as_doubles, modulus
from boathouse.sql.rewrites.supers import as_super

Args = Sequence[exp.Expression]


def _template(template: str, **values: exp.Expression) -> Any:
    """Engine SQL with `{name}` replaced by nodes."""
    marks = {name: f"_{name}_" for name in values}
    tree = sqlglot.parse_one(template.format(**marks), read="duckdb")
    for node in [*tree.find_all(exp.Column)]:
        name = node.name.strip("_")
        if node.name == f"_{name}_" and name in values:
            value = values[name].copy()
            node.replace(exp.Paren(this=value) if isinstance(value, exp.Binary | exp.Unary) else value)
    return tree


def _to_char(args: Args) -> exp.Expression:
    form, value, given = literal_text(args[1]), args[0], type_of(args[0])
    if given.is_number or (given == t.UNKNOWN and literal_number(value) is not None):
        if form is not None:
            number_format(form)
        return call("bh_to_char_number", cast(value, t.VARCHAR), args[1])
    if form is None:
        raise FeatureNotSupported("TO_CHAR of a date or time takes a literal format")
    if given.name not in (t.TIMESTAMP.name, t.TIMESTAMPTZ.name):
        value = cast(value, t.TIMESTAMP)
    return exp.Paren(this=_template(" || ".join(f"({piece})" for piece in moment_pieces(form)), x=value))


def _text_to_numeric(args: Args) -> exp.Expression:
    of = numeric_size(args)
    digits, scale = exp.Literal.number(of.precision or 38), exp.Literal.number(of.scale or 0)
    return cast(call("bh_text_to_numeric", args[0], digits, scale), of)


def _to_date(args: Args) -> exp.Expression:
    return cast(_read(args), t.DATE)


def _to_timestamp(args: Args) -> exp.Expression:
    return cast(_read(args), t.TIMESTAMPTZ)


def _read(args: Args) -> exp.Expression:
    form = literal_text(args[1])
    if form is not None:
        reading_of(form)
    return call("bh_read_moment", args[0], args[1], args[2] if len(args) > 2 else exp.false())


def _to_number(args: Args) -> exp.Expression:
    form = literal_text(args[1])
    if form is None:
        raise FeatureNotSupported("TO_NUMBER takes a literal format")
    parsed = number_format(form)
    if parsed.roman or parsed.shift:
        raise InvalidParameterValue("RN and V are for TO_CHAR only")
    digits = "regexp_replace({x}, '[^0-9.]', '', 'g')"
    minus = "CASE WHEN {x} LIKE '%-%' OR {x} LIKE '%<%' THEN -1 ELSE 1 END"
    kind = f"DECIMAL(37,{len(parsed.part)})"
    return exp.Paren(this=_template(f"CAST({digits} AS {kind}) * {minus}", x=args[0]))


def _trunc(args: Args) -> exp.Expression:
    given = type_of(args[0])
    if given.name in ("date", t.TIMESTAMP.name, t.TIMESTAMPTZ.name):
        return cast(args[0], t.DATE)
    value = cast(args[0], t.DOUBLE) if given.is_text else args[0]
    return call("trunc", value, *args[1:])


def _nvl2(args: Args) -> exp.Expression:
    present = exp.Not(this=exp.Is(this=args[0], expression=exp.Null()))
    return exp.Case(ifs=[exp.If(this=present, true=args[1])], default=args[2])


def _decode(args: Args) -> exp.Expression:
    """CASE in which NULL equals NULL."""
    subject, rest = args[0], list(args[1:])
    default = rest.pop() if len(rest) % 2 else None
    ifs = []
    for wanted, result in zip(rest[::2], rest[1::2], strict=True):
        same: exp.Expression = exp.Is(this=subject.copy(), expression=exp.Null())
        if not isinstance(wanted, exp.Null):
            plain = isinstance(wanted, exp.Literal)
            same = (exp.EQ if plain else exp.NullSafeEQ)(this=subject.copy(), expression=wanted)
            as_doubles((same.this, same.expression))
        ifs.append(exp.If(this=same, true=result))
    return exp.Case(ifs=ifs, default=default)


def _json_extract_path_text(args: Args) -> exp.Expression:
    path = list(args[1:])
    lax: exp.Expression = exp.false()
    if isinstance(path[-1], exp.Boolean):
        lax = path.pop()
    whole: exp.Expression = text("$")
    for step in path:
        name = literal_text(step)
        if name is None:
            piece = call("rs.json_step", step if type_of(step).is_text else cast(step, t.VARCHAR))
        else:
            piece = text(f"[{name}]" if name.isdigit() else '."' + name.replace('"', '\\"') + '"')
        both = isinstance(whole, exp.Literal) and isinstance(piece, exp.Literal)
        whole = text(whole.name + piece.name) if both else exp.DPipe(this=whole, expression=piece)
    return call("json_extract_string", call("rs.json_of", args[0], lax), whole)


def _lax(macro: str, count: int) -> Callable[[Args], exp.Expression]:
    def build(args: Args) -> exp.Expression:
        return call(macro, *args[:count], args[count] if len(args) > count else exp.false())

    return build


def _array(args: Args) -> exp.Expression:
    if not args:
        return cast_as(cast_as(text("[]"), "JSON"), "VARIANT")
    return cast_as(call("list_value", *(_variant(one) for one in args)), "VARIANT")


def _object(args: Args) -> exp.Expression:
    if len(args) % 2:
        raise InvalidParameterValue("OBJECT takes pairs of a key and a value")
    if not args:
        return cast_as(cast_as(text("{}"), "JSON"), "VARIANT")
    keys = [literal_text(one) for one in args[::2]]
    values = [_variant(one) for one in args[1::2]]
    # The names of a struct have no case, and are not empty.
    if all(keys) and len({str(one).casefold() for one in keys}) == len(keys):
        pairs = [
            exp.PropertyEQ(this=exp.to_identifier(one, quoted=True), expression=value)
            for one, value in zip(keys, values, strict=True)
        ]
        return cast_as(call("struct_pack", *pairs), "VARIANT")
    parts = [part for one, value in zip(args[::2], values, strict=True) for part in (one, cast_as(value, "JSON"))]
    return call("rs.super_of", cast_as(call("json_object", *parts), "VARCHAR"))


def _variant(one: exp.Expression) -> exp.Expression:
    return cast_as(exp.null(), "VARIANT") if isinstance(one, exp.Null) else as_super(one.copy())


BUILDERS: dict[str, Callable[[Args], exp.Expression]] = {
    **PRIVILEGE_BUILDERS,
    "to_char": _to_char,
    "to_date": _to_date,
    "to_timestamp": _to_timestamp,
    "text_to_numeric_alt": _text_to_numeric,
    "to_number": _to_number,
    "trunc": _trunc,
    "mod": lambda args: modulus(args[0], args[1]),
    "nvl2": _nvl2,
    "decode": _decode,
    **dict.fromkeys(("coalesce", "nvl", "ifnull"), lambda args: exp.Coalesce(this=args[0], expressions=list(args[1:]))),
    "nullif": lambda args: exp.Nullif(this=args[0], expression=args[1]),
    "json_extract_path_text": _json_extract_path_text,
    "json_extract_array_element_text": _lax("rs.json_element", 2),
    "json_array_length": _lax("rs.json_length", 1),
    "array": _array,
    "object": _object,
}
