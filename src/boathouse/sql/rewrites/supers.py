"""SUPER values in operators: types are those of each value, not of the column.

Received: operators, predicates and aggregates in which a SUPER value stands. Handed back: the engine's macros over keys
(`rs.super_key`), which compare values of any two kinds without an error: of different kinds they are unequal, and
neither is less.

Source: Redshift Developer Guide, "Querying semistructured data" (query-super): dynamic typing, ORDER BY.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlglot import exp

from boathouse.contracts import types as t
from boathouse.contracts.errors import DatatypeMismatch
from boathouse.contracts.types import SUPER, SqlType
from boathouse.sql.bind.bound import type_of, with_type
from boathouse.sql.bind.names import position_of
from boathouse.sql.rewrites.forms import call, cast_as, is_text_literal, text

_SIGNS: dict[type[exp.Expression], str] = {exp.Add: "+", exp.Sub: "-", exp.Mul: "*", exp.Div: "/", exp.Mod: "%"}
_EQUAL = (exp.EQ, exp.NEQ, exp.NullSafeEQ, exp.NullSafeNEQ)
_ORDERED: dict[type[exp.Expression], tuple[str, bool]] = {
    exp.LT: ("rs.super_less", False),
    exp.LTE: ("rs.super_at_most", False),
    exp.GT: ("rs.super_less", True),
    exp.GTE: ("rs.super_at_most", True),
}
"""The macro, and whether the sides change places."""
_AROUND = (exp.Window, exp.Filter, exp.WithinGroup, exp.IgnoreNulls, exp.RespectNulls)


def rewrite_super(node: exp.Expression) -> exp.Expression:
    """Rewrite one node; itself where no SUPER value is concerned."""
    if isinstance(node, (*_EQUAL, *_ORDERED)):
        if isinstance(node.parent, exp.Update) and node.arg_key == "expressions":
            return node  # an assignment
        compared: exp.Expression = _comparison(node) if _any_super(node.this, node.expression) else node
        return compared
    rewrite = _REWRITES.get(type(node))
    if rewrite is not None:
        found: exp.Expression = rewrite(node)
        return found
    if isinstance(node, (exp.Sum, exp.Avg, exp.Min, exp.Max, *_AROUND)):
        made: exp.Expression = _aggregate(node)
        return made
    return node


def as_super(value: exp.Expression, of: SqlType | None = None) -> exp.Expression:
    """A value of any type as SUPER.

    Raises:
        DatatypeMismatch: dates, times and bytes, which Redshift does not cast to SUPER.
    """
    given = type_of(value) if of is None else of
    if given == SUPER and not isinstance(value, exp.Null | exp.Literal):
        return value
    if given.is_integer or (given.name == "numeric" and given.scale == 0 and (given.precision or 38) <= 18):
        return call("rs.super_of_integer", cast_as(value, "BIGINT"), of=SUPER)
    if given.name in ("date", "interval", "varbyte", "bytea") or given.name.startswith("time"):
        raise DatatypeMismatch(
            f"cannot cast type {given} to super",
            position=position_of(value),
            hint="Cast it to VARCHAR first.",
            sqlstate="42846",
        )
    plain = cast_as(value, "VARCHAR") if is_text_literal(value) else value
    return with_type(cast_as(plain, "VARIANT"), SUPER)


def key(value: exp.Expression) -> exp.Expression:
    """What equal and sorted values have in common."""
    return call("rs.super_key", as_super(value))


def _any_super(*sides: exp.Expression) -> bool:
    return any(isinstance(side, exp.Expression) and type_of(side) == SUPER for side in sides)


def _comparison(node: Any) -> Any:
    left, right = node.this, node.expression
    if isinstance(right, (exp.Any, exp.All)):
        return _quantified(node)
    if not isinstance(node, _EQUAL):
        macro, turned = _ORDERED[type(node)]
        sides = (right, left) if turned else (left, right)
        return call(macro, *(as_super(side) for side in sides), of=t.BOOLEAN)
    for one, other in ((left, right), (right, left)):
        if is_text_literal(other) and type_of(one) == SUPER and isinstance(node, exp.EQ | exp.NEQ):
            same = call("rs.super_is_text", one, text(other.name), of=t.BOOLEAN)
            return same if isinstance(node, exp.EQ) else exp.Not(this=same)
    return type(node)(this=key(left), expression=key(right))


def _quantified(node: Any) -> Any:
    query = node.expression.this
    if isinstance(query, exp.Subquery):
        query = query.this
    if isinstance(query, exp.Select) and isinstance(node, exp.EQ | exp.NEQ):
        node.set("this", key(node.this))
        _key_output(query)
    return type(node)(this=node.this, expression=node.expression)


def _key_output(query: exp.Select) -> None:
    item = query.expressions[0]
    value = item.this if isinstance(item, exp.Alias) else item
    shown = key(value.copy())
    query.set(
        "expressions", [exp.Alias(this=shown, alias=item.args["alias"]) if isinstance(item, exp.Alias) else shown]
    )


def _between(node: Any) -> Any:
    if not _any_super(node.this, node.args["low"], node.args["high"]):
        return node
    low = call("rs.super_at_most", as_super(node.args["low"]), as_super(node.this), of=t.BOOLEAN)
    high = call("rs.super_at_most", as_super(node.this.copy()), as_super(node.args["high"]), of=t.BOOLEAN)
    return exp.Paren(this=exp.And(this=low, expression=high))


def _in(node: Any) -> Any:
    query = node.args.get("query")
    if query is not None:
        select = query.this if isinstance(query, exp.Subquery) else query
        item = select.expressions[0] if isinstance(select, exp.Select) and select.expressions else None
        if item is None or isinstance(node.this, exp.Tuple) or not _any_super(node.this, item):
            return node
        _key_output(select)
        return exp.In(this=key(node.this), query=query)
    if isinstance(node.this, exp.Tuple) or not _any_super(node.this, *node.expressions):
        return node
    return exp.In(this=key(node.this), expressions=[key(part) for part in node.expressions])


def _case(node: Any) -> Any:
    subject, branches = node.args.get("this"), node.args.get("ifs", [])
    if subject is not None and _any_super(subject, *(branch.this for branch in branches)):
        node.set("this", key(subject))
        for branch in branches:
            branch.set("this", key(branch.this))
    if type_of(node) == SUPER:
        for branch in branches:
            branch.set("true", _branch(branch.args["true"]))
        if node.args.get("default") is not None:
            node.set("default", _branch(node.args["default"]))
    return node


def _coalesce(node: Any) -> Any:
    if type_of(node) == SUPER:
        return exp.Coalesce(this=_branch(node.this), expressions=[_branch(part) for part in node.expressions])
    return node


def _branch(value: exp.Expression) -> exp.Expression:
    return value if isinstance(value, exp.Null) else as_super(value)


def _arithmetic(node: Any) -> Any:
    if not _any_super(node.this, node.expression):
        return node
    sign = _SIGNS[type(node)]
    return call("rs.super_calculate", text(sign), as_super(node.this), as_super(node.expression), of=SUPER)


def _negative(node: Any) -> Any:
    if not _any_super(node.this):
        return node
    zero = cast_as(exp.Literal.number(0), "VARIANT")
    return call("rs.super_calculate", text("-"), zero, as_super(node.this), of=SUPER)


def _concatenation(node: Any) -> Any:
    if not _any_super(node.this, node.expression):
        return node
    return call("rs.super_concat", as_super(node.this), as_super(node.expression), of=SUPER)


# -- aggregates and order ------------------------------------------------------------------------------------


def _ordered(node: Any) -> Any:
    if type_of(node.this) == SUPER and not isinstance(node.this, exp.Literal):
        node.set("this", key(node.this))
    return node


def _count(node: Any) -> Any:
    if isinstance(node.this, exp.Distinct) and _any_super(*node.this.expressions):
        parts = [key(part) if type_of(part) == SUPER else part for part in node.this.expressions]
        node.this.set("expressions", parts)
    return node


def _aggregate(node: Any) -> Any:
    """SUM, AVG, MIN and MAX with what stands around them, at the outermost; a window's keys as well."""
    if isinstance(node, exp.Window):
        parts = node.args.get("partition_by") or []
        if _any_super(*parts):
            node.set("partition_by", [key(part) if type_of(part) == SUPER else part for part in parts])
    if isinstance(node.parent, _AROUND) and node.arg_key == "this":
        return node
    inner = node
    while isinstance(inner, _AROUND):
        inner = inner.this
    if not isinstance(inner, (exp.Sum, exp.Avg, exp.Min, exp.Max)) or not _any_super(inner.this):
        return node
    value = inner.this
    if isinstance(inner, exp.Min | exp.Max):
        made = call("arg_min" if isinstance(inner, exp.Min) else "arg_max", value, key(value.copy()), of=SUPER)
        return _inside(node, inner, made)
    if isinstance(inner, exp.Avg):
        mean = _inside(node, inner, exp.Avg(this=call("rs.super_double", value)))
        return with_type(cast_as(mean, "VARIANT"), SUPER)
    total = _inside(node, inner, exp.Sum(this=call("rs.super_decimal", value)))
    return call("rs.super_of_decimal", total, of=SUPER)


def _inside(node: exp.Expression, inner: exp.Expression, other: exp.Expression) -> exp.Expression:
    """A copy of what stands around an aggregate, around another one."""
    if node is inner:
        return other
    whole = node.copy()
    place: Any = whole
    while isinstance(place.this, _AROUND):
        place = place.this
    place.set("this", other)
    return whole


_REWRITES: dict[type[exp.Expression], Callable[[Any], Any]] = {
    exp.Between: _between,
    exp.In: _in,
    exp.Case: _case,
    exp.Coalesce: _coalesce,
    exp.Neg: _negative,
    exp.DPipe: _concatenation,
    exp.Ordered: _ordered,
    exp.Count: _count,
    **dict.fromkeys(_SIGNS, _arithmetic),
}
