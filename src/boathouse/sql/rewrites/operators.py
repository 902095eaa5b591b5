"""Operators: division and modulus, `+` on text, `||`, and comparisons that ignore a CHAR's blanks.

Received: binary nodes with typed operands. Handed back: the same where the engine agrees, so that its filters and
statistics keep working; otherwise the engine's form.

Source: Redshift Developer Guide, "Computations with numeric values", "Character types" (significance of blanks).
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from sqlglot import exp

from boathouse.contracts import types as t
from boathouse.contracts.errors import UndefinedFunction
from boathouse.contracts.types import SqlType
from boathouse.sql.bind.bound import type_of, with_type
from boathouse.sql.bind.types.collations import first_outputs
from boathouse.sql.redshift.result_types import as_numeric, quotient
from boathouse.sql.rewrites.casts import convert, with_zero
from boathouse.sql.rewrites.forms import call, cast, cast_as, grouped, is_nonzero_number, is_text_literal

_COMPARISONS = (exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.NullSafeEQ)
_MOMENTS = (t.DATE, t.TIMESTAMP)


def rewrite_operator(node: exp.Expression) -> exp.Expression:
    """Rewrite one operator."""
    if isinstance(node, exp.Add | exp.Sub | exp.Mul | exp.Div | exp.Mod):
        _read_numbers(node)
    if isinstance(node, exp.Div):
        return divide(node.this, node.expression, type_of(node))
    if isinstance(node, exp.Mod):
        return modulus(node.this, node.expression)
    if type_of(node).name == "varbyte":
        return _of_bytes(node)
    if isinstance(node, exp.Mul | exp.Add | exp.Sub):
        _lengthen(node)
        _widen(node)
    if isinstance(node, exp.Add) and _is_text(node.this) and _is_text(node.expression):
        return exp.DPipe(this=node.this, expression=node.expression)
    if isinstance(node, exp.Mul | exp.Add | exp.Sub):
        return _capped(node)
    if isinstance(node, exp.DPipe):
        return exp.DPipe(this=_as_text(node.this), expression=_as_text(node.expression))
    if isinstance(node, (*_COMPARISONS, exp.Between, exp.In, exp.Case, exp.Nullif)):
        _compare_reals(node)
    if isinstance(node, _COMPARISONS):
        _settle_sides(node, ("this", "expression"))
    elif isinstance(node, exp.Between):
        _settle_sides(node, ("this", "low", "high"))
    elif isinstance(node, exp.In) and any(type_of(one).name == "character" for one in (node.this, *node.expressions)):
        node.set("this", _unpadded(node.this))
        node.set("expressions", [_unpadded(item) for item in node.expressions])
    elif isinstance(node, exp.In) and type_of(node.this).name == "varbyte":
        node.set("expressions", [convert(one, t.VARBYTE) if is_text_literal(one) else one for one in node.expressions])
    return node


def _of_bytes(node: exp.Expression) -> exp.Expression:
    """`+` and `||` append; the engine's own bits would come back with a byte of padding."""
    if isinstance(node, exp.Add):
        return exp.DPipe(this=node.this, expression=node.expression)
    name = _BITS.get(type(node))
    if name is None:
        return node
    both = [node.this, node.expression] if isinstance(node, exp.Binary) else [node.this]
    return call(f"rs.{name}", *both, of=type_of(node))


_BITS: dict[type[exp.Expression], str] = {
    exp.BitwiseAnd: "bytes_and", exp.BitwiseOr: "bytes_or", exp.BitwiseXor: "bytes_xor", exp.BitwiseNot: "bytes_not",
}  # fmt: skip


def _read_numbers(node: exp.Expression) -> None:
    """Text beside a number is read as a number of that type, strictly; the engine would round or refuse it."""
    for key, other in (("this", type_of(node.expression)), ("expression", type_of(node.this))):
        side = node.args[key]
        if other.is_number and type_of(side).is_text and not is_text_literal(side):
            node.set(key, with_type(grouped(convert(side, other)), other))


def _capped(node: exp.Expression) -> exp.Expression:
    """Where 38 digits are too few, Redshift gives decimals up; the engine would keep them."""
    result, left, right = type_of(node), type_of(node.this), type_of(node.expression)
    if result.name != "numeric" or result.scale is None or "numeric" not in (left.name, right.name):
        return node
    (_, s1), (_, s2) = as_numeric(left), as_numeric(right)
    natural = s1 + s2 if isinstance(node, exp.Mul) else max(s1, s2)
    if result.scale >= natural:
        return node
    capped = cast(exp.Paren(this=node), result)
    if natural > _BIGINT_DIGITS or any(type(one) not in _WORKED_OUT_TWICE for one in node.walk()):
        return capped
    # The engine divides 128 bits by a loop, ten times slower than the rest of the product. Few values need them.
    tried = exp.Paren(this=node.copy()) if (short := _in_64_bits(node)) is None else short
    narrow = exp.TryCast(this=tried, to=exp.DataType.build(f"DECIMAL({_BIGINT_DIGITS},{natural})"))
    first = cast_as(narrow, f"DECIMAL({_BIGINT_DIGITS},{result.scale})")
    either = with_type(exp.Coalesce(this=first, expressions=[capped]), result)
    either.meta[_EITHER] = short is not None
    return either


_LONGER, _EITHER = "made longer", "in 64 bits or more"
"""Keys of meta: of a cast that only makes the engine compute in 128 bits; of what is tried in 64 bits first."""


def _in_64_bits(node: exp.Expression) -> exp.Expression | None:
    """The same arithmetic in 64 bits, NULL where they are too few; None where it is none of 128 bits, or not that alone."""
    if not any(part.meta.get(_LONGER) for part in node.walk()):
        return None
    if any(type(part) not in _WORKED_OUT_TWICE for part in node.walk()):
        return None
    short = exp.Paren(this=node.copy())
    for part in [*short.find_all(exp.Cast)]:
        if part.meta.get(_LONGER):
            part.replace(part.this)
    return call("try", short.this)


def in_64_bits_and_more(node: exp.Expression) -> tuple[exp.Expression, exp.Expression] | None:
    """A numeric's value where it can be had in 64 bits, and elsewhere in 128; either is NULL where the other is not. None where
    it is not had in 64 bits.
    """
    if isinstance(node, exp.Coalesce) and node.meta.get(_EITHER):
        short, long = node.this.copy(), node.expressions[0].copy()
    else:
        found = None if (type_of(node).scale or 0) > _BIGINT_DIGITS else _in_64_bits(node)
        if found is None:
            return None
        short, long = found, node.copy()
    is_long = exp.Is(this=short.copy(), expression=exp.Null())
    return short, with_type(exp.Case(ifs=[exp.If(this=is_long, true=long)]), type_of(node))


_WORKED_OUT_TWICE = (
    exp.Column, exp.Identifier, exp.Literal, exp.Add, exp.Sub, exp.Mul, exp.Neg, exp.Paren, exp.Cast, exp.DataType,
    exp.DataTypeParam,
)  # fmt: skip
"""Of which an expression may consist that stands twice in a statement: cheap, and without another such one in it."""


def _lengthen(node: exp.Expression) -> None:
    """The engine computes two decimals of up to 18 digits in 18 digits, though the result may need more."""
    left, right, result = type_of(node.this), type_of(node.expression), type_of(node)
    if result.name != "numeric" or (result.precision or 38) <= _BIGINT_DIGITS:
        return
    if any(side.name == "numeric" and (side.precision or 38) > _BIGINT_DIGITS for side in (left, right)):
        return
    for key, side in (("this", left), ("expression", right)):
        if side.name == "numeric":
            longer = with_type(cast_as(node.args[key], f"DECIMAL({_BIGINT_DIGITS + 1},{side.scale or 0})"), side)
            longer.meta[_LONGER] = True
            node.set(key, longer)
            return


def _widen(node: exp.Expression) -> None:
    """REAL beside another number is a double, for the engine would count in REAL; a DATE moves by an INTEGER."""
    for key, other in (("this", "expression"), ("expression", "this")):
        side = node.args[key]
        if type_of(side) == t.REAL and type_of(node) == t.DOUBLE:
            node.set(key, cast(side, t.DOUBLE))
        elif type_of(side) == t.BIGINT and type_of(node.args[other]) == t.DATE:
            node.set(key, cast(side, t.INTEGER))
        elif type_of(side) == t.SMALLINT and type_of(node) == t.INTEGER:
            node.set(key, cast(side, t.INTEGER))  # beside a literal the engine would count in SMALLINT


def _is_text(node: exp.Expression) -> bool:
    return is_text_literal(node) or (type_of(node).is_text and type_of(node) != t.UNKNOWN)


def _as_text(node: exp.Expression) -> exp.Expression:
    if type_of(node).is_opaque:
        raise UndefinedFunction(f"operator || does not take {type_of(node)}", hint="Cast it, or take ST_AsText of it.")
    if type_of(node).is_float:
        return call("rs.float_text", node, of=t.VARCHAR)
    return cast(node, t.VARCHAR) if type_of(node) == t.SUPER else with_zero(node)


def divide(left: exp.Expression, right: exp.Expression, result: SqlType) -> exp.Expression:
    """Quotient: truncated for integers, exact for numerics, an error for a zero divisor."""
    left_type, right_type = _number_type(left, right), _number_type(right, left)
    safe = is_nonzero_number(right)
    if left_type.is_integer and right_type.is_integer:
        if safe:
            return exp.Paren(this=exp.IntDiv(this=grouped(left), expression=grouped(right)))
        return call("rs.int_div", left, right)
    exact = ("smallint", "integer", "bigint", "numeric")
    if left_type.name in exact and right_type.name in exact:
        found = _exact(left, right, left_type, right_type, result)
        if found is not None:
            return found
    left, right = cast(left, t.DOUBLE), cast(right, t.DOUBLE)
    quotient_of = call("rs.float_div", left, right)
    return cast(quotient_of, result) if result.name == "numeric" else quotient_of


def _number_type(node: exp.Expression, other: exp.Expression) -> SqlType:
    """The operand's type; an open text literal takes the other side's."""
    found = type_of(node)
    return type_of(other) if found == t.UNKNOWN else found


def _exact(
    left: exp.Expression, right: exp.Expression, left_type: SqlType, right_type: SqlType, result: SqlType
) -> exp.Expression | None:
    """Division of unscaled 128-bit integers, the tail cut off; beyond 128 bits the engine reports overflow."""
    (p1, s1), (p2, s2) = as_numeric(left_type), as_numeric(right_type)
    wanted = result if result.name == "numeric" and result.precision else quotient(left_type, right_type)
    scale = wanted.scale or 0
    shift = scale - s1 + s2
    if shift < 0:
        return None
    if p1 <= _BIGINT_DIGITS and _is_plain(left) and _is_plain(right):
        units = _long_division(_unscaled(left, left_type, p1, s1, "BIGINT"), p1, right, right_type, shift)
        if units is not None:
            return cast(scaled_down(units, scale), t.numeric(wanted.precision or 38, scale))
    dividend = exp.Mul(
        this=_unscaled(left, left_type, p1, s1), expression=cast_as(exp.Literal.number(10**shift), "HUGEINT")
    )
    whole = call("rs.int_div", dividend, _unscaled(right, right_type, p2, s2))
    if is_nonzero_number(right):
        whole = exp.IntDiv(this=exp.Paren(this=dividend), expression=_unscaled(right, right_type, p2, s2))
    return cast(scaled_down(whole, scale), t.numeric(wanted.precision or 38, scale))


_BIGINT_DIGITS = 18
_STEPS_MAX = 4
_PLAIN = (exp.Column, exp.Identifier, exp.Literal, exp.Cast, exp.DataType, exp.DataTypeParam, exp.Paren, exp.Neg,
          exp.Add, exp.Sub, exp.Mul)  # fmt: skip


def _is_plain(node: exp.Expression) -> bool:
    """True where writing the operand several times neither costs much nor changes its value."""
    return all(isinstance(part, _PLAIN) for part in node.walk())


def _long_division(
    dividend: exp.Expression, digits: int, right: exp.Expression, right_type: SqlType, shift: int
) -> exp.Expression | None:
    """`dividend * 10^shift // divisor`, cut off, in 64-bit steps; None where a step would not fit.

    The engine divides 128-bit integers some twenty times slower than 64-bit ones. So the quotient is made as on paper:
    the whole part first, then as many further digits at a time as remainder * 10^step leaves room for.
    """
    p2, s2 = as_numeric(right_type)
    step = _BIGINT_DIGITS - p2
    if step < 1 or digits + shift > 38 or -(-shift // step) > _STEPS_MAX:
        return None
    divisor = _unscaled(right, right_type, p2, s2, "BIGINT")
    units: exp.Expression = exp.Paren(this=exp.IntDiv(this=dividend, expression=divisor))
    if digits + shift > _BIGINT_DIGITS:
        units = cast_as(units, "HUGEINT")
    rest = exp.Paren(this=exp.Mod(this=dividend.copy(), expression=divisor.copy()))
    while shift:
        power = exp.Literal.number(10 ** min(step, shift))
        shift -= min(step, shift)
        grown = exp.Paren(this=exp.Mul(this=rest, expression=power))
        more = exp.IntDiv(this=grown, expression=divisor.copy())
        units = exp.Paren(
            this=exp.Add(this=exp.Mul(this=units, expression=power.copy()), expression=exp.Paren(this=more))
        )
        rest = exp.Paren(this=exp.Mod(this=grown.copy(), expression=divisor.copy()))
    return units if is_nonzero_number(right) else call("rs.divided", units, dividend.copy(), divisor.copy())


def _unscaled(node: exp.Expression, of: SqlType, precision: int, scale: int, wide: str = "HUGEINT") -> exp.Expression:
    """numeric(p, s) as an integer count of its smallest unit."""
    node = grouped(node.copy())
    if of.name != "numeric":
        return cast_as(node, wide)
    # The engine gives a product of two short decimals 18 digits and no more: one side must be long.
    room = min(38, precision + scale + 1)
    exact = cast_as(node, f"DECIMAL({precision if room <= _BIGINT_DIGITS else room},{scale})")
    if scale == 0:
        return cast_as(exact, wide)
    power = cast_as(exp.Literal.number(10**scale), f"DECIMAL({scale + 1},0)")
    return cast_as(exp.Mul(this=exact, expression=power), wide)


def scaled_down(units: exp.Expression, scale: int) -> exp.Expression:
    """An integer count of 10^-scale as a numeric; `units` has at most 38 digits."""
    whole = cast_as(units, "DECIMAL(38,0)")
    if scale == 0:
        return whole
    unit = cast_as(exp.Literal.string("0." + "0" * (scale - 1) + "1"), f"DECIMAL({scale},{scale})")
    return exp.Paren(this=exp.Mul(this=whole, expression=unit))


def modulus(left: exp.Expression, right: exp.Expression) -> exp.Expression:
    """Remainder with the dividend's sign; an error for a zero divisor, and where 38 digits are too few for both sides."""
    left_type, right_type = _number_type(left, right), _number_type(right, left)
    if "numeric" in (left_type.name, right_type.name) and not (left_type.is_float or right_type.is_float):
        (p1, s1), (p2, s2) = as_numeric(left_type), as_numeric(right_type)
        if max(p1 - s1, p2 - s2) + max(s1, s2) > 38:  # the engine would go over to floats
            left, right = (cast(grouped(one), t.numeric(38, max(s1, s2))) for one in (left, right))
    if is_nonzero_number(right):
        return exp.Paren(this=exp.Mod(this=grouped(left), expression=grouped(right)))
    return call("rs.modulus", left, right)


def _compare_reals(node: exp.Expression) -> None:
    keys = ("this", "expression", "low", "high")
    sides = [node.args.get(key) for key in keys] + [one.this for one in node.args.get("ifs", ())]
    sides += node.expressions if isinstance(node, exp.In) else []
    rows = [one.expressions if isinstance(one, exp.Tuple) else [one] for one in sides if one is not None]
    listed = first_outputs(node.args["query"]) if node.args.get("query") else []
    for compared in zip(*rows, strict=False):
        as_doubles(compared, beside=listed)


def as_doubles(sides: Sequence[exp.Expression], beside: Sequence[exp.Expression] = ()) -> None:
    """REAL beside another number is compared as a double; the engine would compare in REAL, where 0.1 is the nearest REAL."""
    numbers = [one for one in sides if isinstance(one, exp.Expression) and type_of(one).is_number]
    kinds = {type_of(one) for one in (*numbers, *beside)}
    if t.REAL not in kinds or kinds == {t.REAL}:
        return
    for one in numbers:
        is_part = beside or isinstance(one.parent, exp.Tuple)  # rows are compared as the first one's types
        if is_part or (type_of(one) not in (t.REAL, t.DOUBLE) and not _is_real(one)):
            one.replace(cast(one.copy(), t.DOUBLE))


def _is_real(node: exp.Expression) -> bool:
    """A number written out that REAL has: compared in REAL, for which the engine has statistics."""
    written = node.this if isinstance(node, exp.Neg) else node
    if not isinstance(written, exp.Literal) or written.is_string:
        return False
    count, parts = Decimal(written.name).as_integer_ratio()
    return count.bit_length() <= _REAL_BITS and parts.bit_count() == 1


_REAL_BITS = 24


def _settle_sides(node: exp.Expression, keys: tuple[str, ...]) -> None:
    sides = [node.args[key] for key in keys]
    kinds = [type_of(side) for side in sides]
    moment = next((kind for kind in kinds if kind in _MOMENTS), None)
    plain = next(
        (kind for kind, side in zip(kinds, sides, strict=True) if _is_strict(kind) and not is_text_literal(side)), None
    )
    blank = any(kind.name == "character" for kind in kinds)
    for key, side in zip(keys, sides, strict=True):
        if blank:
            node.set(key, _unpadded(side))
        elif moment is not None and is_text_literal(side):
            node.set(key, convert(side, moment if ":" not in side.name else t.TIMESTAMP))
        elif plain is not None and is_text_literal(side):
            node.set(key, convert(side, plain))


def _is_strict(of: SqlType) -> bool:
    """Types whose text forms the engine reads more loosely than Redshift."""
    return of.is_integer or of in (t.BOOLEAN, t.TIMESTAMPTZ) or of.name == "varbyte" or of.is_reference


def _unpadded(node: exp.Expression) -> exp.Expression:
    """Without trailing blanks; CHAR values never have any, literals are trimmed here, other text by the engine."""
    if is_text_literal(node):
        return with_type(exp.Literal.string(node.name.rstrip(" ")), type_of(node))
    if type_of(node).name == "character" or not type_of(node).is_text or type_of(node) == t.UNKNOWN:
        return node
    return call("rtrim", node, exp.Literal.string(" "), of=type_of(node))
