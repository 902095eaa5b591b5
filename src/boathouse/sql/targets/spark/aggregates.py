"""Aggregates and window functions in Spark's words.

Received: the aggregate with what stands around it (DISTINCT, WITHIN GROUP, OVER). Sums are made in types that hold them,
averages of exact numbers are cut off as Redshift cuts them.
"""

from __future__ import annotations

from typing import Any

from sqlglot import exp

from boathouse.contracts import types as t
from boathouse.sql.redshift.result_types import as_numeric
from boathouse.sql.rewrites.forms import literal_number
from boathouse.sql.targets.spark.operators import scaled, units, whole
from boathouse.sql.targets.spark.words import Words, kind, refused, shown

_AROUND = (exp.Window, exp.IgnoreNulls, exp.RespectNulls, exp.WithinGroup)
_SPREADS = {
    exp.Stddev: "stddev_samp", exp.StddevSamp: "stddev_samp", exp.StddevPop: "stddev_pop", exp.Variance: "var_samp",
    exp.VariancePop: "var_pop",
}  # fmt: skip
_RANKS = {
    exp.RowNumber: "row_number()", exp.Rank: "rank()", exp.DenseRank: "dense_rank()", exp.PercentRank: "percent_rank()",
    exp.CumeDist: "cume_dist()",
}  # fmt: skip
_VALUES = {exp.FirstValue: "first_value", exp.LastValue: "last_value"}
_NEIGHBOURS = {exp.Lag: "lag", exp.Lead: "lead"}


def _aggregate(words: Words, node: exp.Expression) -> str:
    inner: Any = node
    nulls, over, order = "", "", None
    while isinstance(inner, _AROUND):
        if isinstance(inner, exp.Window):
            over = _over(words, inner)
        elif isinstance(inner, exp.WithinGroup):
            order = inner.expression
        elif isinstance(inner, exp.IgnoreNulls):
            nulls = " IGNORE NULLS"
        inner = inner.this
    name = words.type_name(kind(node) if kind(node) != t.UNKNOWN else kind(inner), node)
    ranked = type(inner) in _RANKS or isinstance(inner, exp.Ntile | exp.FirstValue | exp.LastValue | exp.Lag | exp.Lead)
    if ranked:
        if not over:
            raise refused(f"{shown(inner)} without OVER", node)
        return f"CAST({_ranked(words, inner, nulls)}{over} AS {name})"
    if nulls:
        raise refused(f"IGNORE NULLS in {shown(inner)}", node)
    if _is_of_two_queries(inner):
        raise refused(f"{shown(inner)} over columns of two queries", node)
    if isinstance(inner, exp.GroupConcat):
        return _listagg(words, inner, order, over)
    if order is not None:
        raise refused(f"{shown(inner)} WITHIN GROUP", node)
    if isinstance(inner, exp.Avg):
        return _average(words, inner, over, name)
    return f"CAST({_plain(words, inner)}{over} AS {name})"


def _is_of_two_queries(inner: exp.Expression) -> bool:
    """True where a column of the query stands beside one of a query around it."""
    query = inner.find_ancestor(exp.Select)
    if query is None or query.args.get("from_") is None:
        return False
    own = {one.this.alias_or_name for one in (query.args["from_"], *(query.args.get("joins") or []))}
    named = {column.table for column in inner.find_all(exp.Column)}
    return bool(named & own) and not named <= own


def _argument(words: Words, inner: Any) -> tuple[str, exp.Expression, str]:
    """DISTINCT or nothing, the argument, and its text."""
    found, distinct = inner.this, ""
    if isinstance(found, exp.Distinct):
        if len(found.expressions) != 1:
            raise refused(f"{shown(inner)} of several columns", inner)
        found, distinct = found.expressions[0], "DISTINCT "
    return distinct, found, words.write(found)


def _plain(words: Words, inner: Any) -> str:
    if isinstance(inner, exp.Count):
        if isinstance(inner.this, exp.Star) or (inner.this is None and not inner.expressions):
            return "count(*)"
        distinct, _, value = _argument(words, inner)
        return f"count({distinct}{value})"
    if isinstance(inner, exp.Min | exp.Max):
        _, _, value = _argument(words, inner)
        return f"{'min' if isinstance(inner, exp.Min) else 'max'}({value})"
    if isinstance(inner, exp.Sum):
        distinct, argument, value = _argument(words, inner)
        return f"sum({distinct}{_summed(argument, value)})"
    if type(inner) in _SPREADS:
        distinct, argument, value = _argument(words, inner)
        if not kind(argument).is_number:
            raise refused(shown(inner), inner)
        return f"{_SPREADS[type(inner)]}({distinct}CAST({value} AS DOUBLE))"
    if isinstance(inner, exp.LogicalAnd | exp.LogicalOr):
        _, _, value = _argument(words, inner)
        return f"{'bool_and' if isinstance(inner, exp.LogicalAnd) else 'bool_or'}({value})"
    raise refused(shown(inner), inner)


def _summed(argument: exp.Expression, value: str) -> str:
    of = kind(argument)
    if of == t.BIGINT:
        return f"CAST({value} AS DECIMAL(38,0))"
    if of.is_integer:
        return f"CAST({value} AS BIGINT)"
    if of.is_float:
        return f"CAST({value} AS DOUBLE)"
    if of.name == "numeric":
        return value
    raise refused(f"sum of {of}", argument)


def _average(words: Words, inner: Any, over: str, name: str) -> str:
    """Sum by count, the tail cut off; no rows give NULL."""
    distinct, argument, value = _argument(words, inner)
    of = kind(argument)
    if of.is_float:
        return f"CAST(avg({distinct}CAST({value} AS DOUBLE)){over} AS {name})"
    if not of.is_integer and of.name != "numeric":
        raise refused(f"avg of {of}", argument)
    precision, scale = as_numeric(of)
    total = f"sum({distinct}CAST({value} AS DECIMAL({precision},{scale}))){over}"
    count = f"CAST(nullif(count({distinct}{value}){over}, 0) AS DECIMAL(19,0))"
    made = whole(units(total, scale), count)
    return f"CAST({made if scale == 0 else scaled(made, scale, t.numeric(38, scale))} AS {name})"


def _listagg(words: Words, inner: Any, order: Any, over: str) -> str:
    value, separator, distinct = inner.this, inner.args.get("separator"), ""
    if over or isinstance(value, exp.Order):
        raise refused("LISTAGG like this", inner)
    if isinstance(value, exp.Distinct):
        separator = value.expressions[1] if len(value.expressions) > 1 else separator
        value, distinct = value.expressions[0], "DISTINCT "
    if not kind(value).is_text:
        raise refused(f"LISTAGG of {kind(value)}", inner)
    if order is None:
        raise refused("LISTAGG without an order", inner)
    last = "''" if separator is None else words.write(separator)
    keys = ", ".join(words.write(one) for one in order.expressions)
    made = f"listagg({distinct}{words.write(value)}, {last}) WITHIN GROUP (ORDER BY {keys})"
    return f"CASE WHEN octet_length({made}) > 65535 THEN raise_error('boathouse-elsewhere: LISTAGG is too long') ELSE {made} END"


def _ranked(words: Words, inner: Any, nulls: str) -> str:
    if type(inner) in _RANKS:
        return _RANKS[type(inner)]
    if isinstance(inner, exp.Ntile):
        count = literal_number(inner.this)
        if count is None or count < 1:
            raise refused("NTILE of this", inner)
        return f"ntile({count})"
    if type(inner) in _VALUES:
        return f"{_VALUES[type(inner)]}({words.write(inner.this)}){nulls}"
    offset = inner.args.get("offset")
    count = 1 if offset is None else literal_number(offset)
    if count is None or count < 0 or inner.args.get("default") is not None:
        raise refused(f"{shown(inner)} like this", inner)
    return f"{_NEIGHBOURS[type(inner)]}({words.write(inner.this)}, {count}){nulls}"


def _over(words: Words, node: exp.Window) -> str:
    if (
        node.args.get("alias") is not None
        or node.args.get("first")
        or str(node.args.get("over") or "OVER").upper() != "OVER"
    ):
        raise refused("a named window", node)
    parts = []
    if node.args.get("partition_by"):
        parts.append(f"PARTITION BY {words.all(node.args['partition_by'])}")
    order = node.args.get("order")
    if order is not None:
        parts.append(f"ORDER BY {', '.join(words.write(one) for one in order.expressions)}")
    spec = node.args.get("spec")
    if spec is not None:
        if str(spec.args.get("kind") or "").upper() != "ROWS" or spec.args.get("exclude"):
            raise refused("this window frame", node)
        ends = [_end(spec, "start", node), _end(spec, "end", node) if spec.args.get("end") else "CURRENT ROW"]
        parts.append(f"ROWS BETWEEN {ends[0]} AND {ends[1]}")
    return f" OVER ({' '.join(parts)})"


def _end(spec: exp.Expression, which: str, node: exp.Expression) -> str:
    value, side = spec.args.get(which), str(spec.args.get(f"{which}_side") or "").upper()
    if isinstance(value, str):
        return f"{value.upper()} {side}".strip()
    count = None if value is None else literal_number(value)
    if count is None or side not in ("PRECEDING", "FOLLOWING"):
        raise refused("this window frame", node)
    return f"{count} {side}"


def _ordered(words: Words, node: exp.Expression) -> str:
    key = node.this
    if isinstance(key, exp.Literal) and not key.is_string:
        if node.find_ancestor(exp.Window, exp.WithinGroup, exp.Select) is not None and isinstance(
            node.find_ancestor(exp.Window, exp.WithinGroup, exp.Select), exp.Window | exp.WithinGroup
        ):
            raise refused("an order by a constant", node)
        written = key.name
    else:
        written = words.write(key)
    nulls = "FIRST" if node.args.get("nulls_first") else "LAST"
    return f"{written} {'DESC' if node.args.get('desc') else 'ASC'} NULLS {nulls}"


WRITERS: dict[Any, Any] = {
    **dict.fromkeys(
        (*_AROUND, *_SPREADS, *_RANKS, *_VALUES, *_NEIGHBOURS, exp.Count, exp.Sum, exp.Avg, exp.Min, exp.Max, exp.GroupConcat,
         exp.LogicalAnd, exp.LogicalOr, exp.Ntile), _aggregate
    ),
    exp.Ordered: _ordered,
}  # fmt: skip
