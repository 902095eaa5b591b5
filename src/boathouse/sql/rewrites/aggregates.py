"""Aggregates and window functions: Redshift's result types and values.

Received: the aggregate with whatever stands around it (DISTINCT, WITHIN GROUP, FILTER, OVER). Handed back: the engine's
aggregate; casts go around the result, once per group, never around the input.

Source: Redshift Developer Guide, "SUM", "AVG", "MEDIAN", "LISTAGG", "RATIO_TO_REPORT".
"""

from __future__ import annotations

from typing import Any

from sqlglot import exp

from boathouse.contracts import types as t
from boathouse.contracts.errors import FeatureNotSupported, SqlSyntaxError
from boathouse.contracts.types import SqlType
from boathouse.sql.bind.bound import type_of
from boathouse.sql.bind.names import position_of
from boathouse.sql.redshift.catalogue.spatial_functions import is_collecting
from boathouse.sql.redshift.functions import find, return_type
from boathouse.sql.rewrites.casts import with_zero
from boathouse.sql.rewrites.forms import call, cast, cast_as, text
from boathouse.sql.rewrites.operators import in_64_bits_and_more, scaled_down
from boathouse.sql.rewrites.spatial import calls as spatial

_AROUND = (exp.Window, exp.Filter, exp.WithinGroup, exp.IgnoreNulls, exp.RespectNulls)


def rewrite_aggregate(node: exp.Expression) -> exp.Expression:
    """Rewrite an aggregate together with its wrappers, at the outermost of them."""
    if not isinstance(node, (exp.AggFunc, *_AROUND)) and not is_collecting(node):
        return node
    if isinstance(node.parent, _AROUND) and node.arg_key == "this":
        return node
    inner: Any = node
    while isinstance(inner, _AROUND):
        inner = inner.this
    if isinstance(inner, exp.GroupConcat):
        return call("rs.listagg_fits", _listagg(node, inner), of=t.VARCHAR)
    if is_collecting(inner):
        if isinstance(node, exp.Window):
            raise FeatureNotSupported("ST_Collect is not supported as a window function", position=position_of(inner))
        order = node.expression if isinstance(node, exp.WithinGroup) else None
        return spatial.aggregate(inner.expressions[0], order)
    if isinstance(inner, exp.Sum | exp.Avg | exp.Median | exp.PercentileCont | exp.PercentileDisc):
        return _typed(node, inner)
    if isinstance(inner, exp.Hll | exp.ApproxDistinct):
        item = call("rs.hll_item", _argument(inner))
        return call("bh_hll_count", _with(node, inner, call("list", exp.Distinct(expressions=[item]))), of=t.BIGINT)
    if isinstance(inner, exp.ApproxQuantile):
        return _with(node, inner, call("quantile_disc", inner.this, inner.args["quantile"]))
    if _ratio_argument(inner) is not None and isinstance(node, exp.Window):
        return _ratio(node, inner)
    return node


_SUMMED_SAFELY = 25
"""Digits of which no sum of less than 10^13 rows has more than 38."""


def _argument(inner: exp.Expression) -> exp.Expression:
    found: exp.Expression = inner.this
    if isinstance(found, exp.Distinct):
        found = found.expressions[0]
    return found


def _typed(node: exp.Expression, inner: Any) -> exp.Expression:
    given = type_of(_argument(inner)) if isinstance(inner.this, exp.Expression) else t.UNKNOWN
    wanted = type_of(node) if type_of(node) != t.UNKNOWN else type_of(inner)
    if wanted == t.UNKNOWN and given != t.UNKNOWN:
        wanted = return_type(inner.sql_name(), [given]) or t.UNKNOWN
    if isinstance(inner, exp.Sum) and given.name == "interval":
        return _interval_sum(node, inner)
    if isinstance(inner, exp.Sum) and given.name == "numeric" and (given.precision or 38) > _SUMMED_SAFELY:
        return _fitting(_sum(node, inner), given.scale or 0, wanted)
    if isinstance(inner, exp.Sum):
        return cast(node, wanted) if given.is_integer or (given.name == "real") else node
    if isinstance(inner, exp.Avg):
        if given.is_integer or given.name == "numeric":
            return _average(node, inner, given, wanted)
        return node
    return cast(node, wanted) if wanted.name in ("numeric", "bigint", "date") else node


def _sum(node: exp.Expression, inner: exp.Sum) -> exp.Expression:
    """A sum of long products, which the engine works out ten times faster in 64 bits: of those that fit, and of the others."""
    parts = None if isinstance(inner.this, exp.Distinct) else in_64_bits_and_more(inner.this)
    if parts is None:
        return node
    short, long = (_with(node, inner, exp.Sum(this=part)) for part in parts)
    both = exp.Add(this=short, expression=long)
    return exp.Coalesce(this=both, expressions=[short.copy(), long.copy()])


def _fitting(total: exp.Expression, scale: int, wanted: SqlType) -> exp.Expression:
    """A sum of at most 38 digits, or an error."""
    return call("rs.numeric_fits", total, _digits(38, scale), of=wanted)


def _digits(count: int, scale: int) -> exp.Expression:
    """The largest numeric of so many digits, of them `scale` behind the point."""
    nines = "9" * max(count, scale)
    whole, rest = nines[: len(nines) - scale], nines[:scale]
    if count < scale:
        rest = "0" * (scale - count) + "9" * count
    return cast_as(exp.Literal.number((whole or "0") + (f".{rest}" if rest else "")), f"DECIMAL(38,{scale})")


def _average(node: exp.Expression, inner: exp.Expression, given: SqlType, wanted: SqlType) -> exp.Expression:
    """Sum by count, the tail cut off; exact where a double is not. No rows give NULL."""
    total = _with(node, inner, exp.Sum(this=inner.this.copy()))
    count = _with(node, inner, exp.Count(this=inner.this.copy(), big_int=True))
    if given.is_integer:
        return cast(exp.IntDiv(this=total, expression=count), t.BIGINT)
    scale = given.scale or 0
    total = cast(total, t.numeric(38, scale))  # the engine may have other decimals than the plan
    if (given.precision or 38) > _SUMMED_SAFELY and not isinstance(inner.this, exp.Distinct):
        places, most = exp.Literal.number(scale), _digits(_SUMMED_SAFELY, scale)
        short, high, low = (
            _with(node, inner, exp.Sum(this=call(f"rs.{part}", inner.this.copy(), *of)))
            for part, of in (("short", [most]), ("long_high", [places, most]), ("long_low", [places, most]))
        )
        zero = exp.Literal.number(0)
        low = exp.Add(
            this=exp.Coalesce(this=low, expressions=[zero]),
            expression=exp.Coalesce(this=call("rs.units", short, places.copy()), expressions=[zero.copy()]),
        )
        high = exp.Coalesce(this=high, expressions=[cast_as(zero.copy(), "HUGEINT")])
        whole = call("rs.average_of", low, high, count)
    else:
        units = call("rs.units", total, exp.Literal.number(scale))
        whole = exp.IntDiv(this=units, expression=cast_as(count, "HUGEINT"))
    return cast(scaled_down(whole, scale), wanted if wanted.name == "numeric" else t.numeric(38, scale))


def _interval_sum(node: exp.Expression, inner: exp.Expression) -> exp.Expression:
    """Months, days and microseconds each by itself: the engine sums no intervals."""
    parts = []
    for part in ("months", "days", "microseconds"):
        summed = inner.this.copy()
        if isinstance(summed, exp.Distinct):
            summed.set("expressions", [call(f"rs.interval_{part}", summed.expressions[0])])
        else:
            summed = call(f"rs.interval_{part}", summed)
        parts.append(_with(node, inner, exp.Sum(this=summed)))
    return call("rs.interval_of", *parts, of=t.INTERVAL)


def _with(node: exp.Expression, inner: exp.Expression, other: exp.Expression) -> exp.Expression:
    """A copy of the aggregate's wrappers around another aggregate."""
    if node is inner:
        return other
    whole = node.copy()
    place = whole
    while isinstance(place.this, _AROUND):
        place = place.this
    place.set("this", other)
    return whole


def _listagg(node: exp.Expression, inner: exp.GroupConcat) -> exp.Expression:
    """LISTAGG([DISTINCT] x [, separator]) [WITHIN GROUP (ORDER BY …)] [OVER (…)] as the engine's LISTAGG."""
    value, separator, distinct = inner.this, inner.args.get("separator"), False
    order: exp.Expression | None = None
    if isinstance(value, exp.Order):
        value, order = value.this, value
    if isinstance(value, exp.Distinct):
        distinct = True
        parts = value.expressions
        value = parts[0]
        separator = parts[1] if len(parts) > 1 else separator
    place = node
    while isinstance(place, _AROUND):
        if isinstance(place, exp.WithinGroup):
            order = place.expression
        place = place.this
    last: exp.Expression = separator or text("")
    if distinct and order is not None and not isinstance(node, exp.Window):
        return _listagg_distinct(value, last, order)
    value = value if type_of(value).is_text else cast(with_zero(value), t.VARCHAR)
    if order is not None:
        last = exp.Order(this=last, expressions=[one.copy() for one in order.expressions])
    made = call("listagg", exp.Distinct(expressions=[value]) if distinct else value, last)
    outer = node if isinstance(node, exp.Window) else None
    if outer is None:
        return made
    window = outer.copy()
    window.set("this", made)
    return window


def _listagg_distinct(value: exp.Expression, separator: exp.Expression, order: exp.Expression) -> exp.Expression:
    """Distinct values in the order of the values themselves, as numbers where they are numbers; then their texts."""
    for one in order.expressions:
        if one.this != value:
            raise SqlSyntaxError(
                "in an aggregate with DISTINCT, ORDER BY expressions must appear in argument list",
                sqlstate="42P10",
                position=position_of(one.this),
            )
    ordered = exp.Order(this=value, expressions=[one.copy() for one in order.expressions])
    items = exp.Filter(
        this=call("list", exp.Distinct(expressions=[ordered])),
        expression=exp.Where(this=exp.Not(this=exp.Is(this=value.copy(), expression=exp.Null()))),
    )
    return call("array_to_string", cast_as(items, "VARCHAR[]"), separator)


def _ratio_argument(inner: exp.Expression) -> exp.Expression | None:
    function = find(str(inner.this)) if isinstance(inner, exp.Anonymous) else None
    if function is not None and function.name == "ratio_to_report":
        found: exp.Expression = inner.expressions[0]
        return found
    if type(inner).__name__ == "RatioToReport":
        value: exp.Expression = inner.this
        return value
    return None


def _ratio(node: exp.Expression, inner: exp.Expression) -> exp.Expression:
    """RATIO_TO_REPORT(x) OVER (…): x by its sum over the partition."""
    value = _ratio_argument(inner)
    assert value is not None
    total = _with(node, inner, exp.Sum(this=value.copy()))
    return exp.Paren(this=exp.Div(this=cast(value, t.DOUBLE), expression=cast(total, t.DOUBLE)))
