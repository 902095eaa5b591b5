"""PIVOT and UNPIVOT in FROM, as the GROUP BY or UNION ALL that they stand for.

Received from `sources`: a table or sub-query with one PIVOT or UNPIVOT, not yet bound. Handed back: a sub-query to bind
in its place. PIVOT groups by every column of its input that it does not name itself.

Source: Redshift Developer Guide, "PIVOT and UNPIVOT examples" (r_FROM_clause-pivot-unpivot-examples), "FROM clause".
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlglot import exp

from boathouse.contracts.errors import FeatureNotSupported, SqlSyntaxError, UndefinedColumn
from boathouse.sql.bind.names import UNNAMED, did_you_mean, fold, ident, position_of

_AGGREGATES = (exp.Count, exp.Sum, exp.Min, exp.Max, exp.Avg)
Columns = Callable[[exp.Expression], list[str]]
"""Binds a copy of the input and tells its columns' names."""


def desugared(node: exp.Expression, columns: Columns) -> exp.Subquery:
    """The sub-query that stands for `node` and its PIVOT or UNPIVOT; `node` is used up.

    Raises:
        FeatureNotSupported: forms that Redshift refuses, too. UndefinedColumn: a column that the input has not.
    """
    pivots = node.args["pivots"]
    pivot = pivots[0]
    if len(pivots) > 1 or node.args.get("joins"):
        raise FeatureNotSupported(
            "PIVOT and UNPIVOT cannot be applied to a join, a PIVOT or an UNPIVOT", position=position_of(node)
        )
    node.set("pivots", None)
    if isinstance(node, exp.Subquery) and node.args.get("alias") is None:
        node.set("alias", exp.TableAlias(this=ident("_input")))
    field = _only(pivot.args.get("fields") or [], "FOR", node)
    known = columns(node)
    build = _unpivoted if pivot.args.get("unpivot") else _pivoted
    query = build(node, pivot, field, known)
    return exp.Subquery(this=query, alias=pivot.args.get("alias"))


def _only(parts: list[Any], what: str, node: exp.Expression) -> Any:
    if len(parts) != 1:
        raise FeatureNotSupported(f"PIVOT takes one {what}", position=position_of(node))
    return parts[0]


def _pivoted(node: exp.Expression, pivot: Any, field: Any, known: list[str]) -> exp.Expression:
    written = _only(pivot.expressions, "aggregate", node)
    aggregate, suffix = (written.this, fold(written.alias)) if isinstance(written, exp.Alias) else (written, None)
    if not isinstance(aggregate, _AGGREGATES):
        raise FeatureNotSupported(
            "PIVOT takes one of COUNT, SUM, MIN, MAX and AVG, and nothing around it", position=position_of(written)
        )
    if not isinstance(field, exp.In) or not isinstance(field.this, exp.Column):
        raise SqlSyntaxError("PIVOT takes FOR column IN (values)", position=position_of(pivot))
    used = {fold(field.this.name), *(fold(column.name) for column in aggregate.find_all(exp.Column))}
    _known(field.this, known)
    groups = [name for name in known if name not in used]
    outputs: list[exp.Expression] = [exp.column(ident(name)) for name in groups]
    for value in field.expressions:
        constant, name = _value(value)
        if constant.find(exp.Column, exp.Query) is not None:
            raise FeatureNotSupported(
                "values of PIVOT's IN cannot be columns or sub-queries", position=position_of(constant)
            )
        alias = name if suffix is None else f"{name}_{suffix}"
        outputs.append(exp.Alias(this=_for_value(aggregate, field.this, constant), alias=ident(alias)))
    query = exp.Select(expressions=outputs, from_=exp.From(this=node))
    if groups:
        query.set("group", exp.Group(expressions=[exp.column(ident(name)) for name in groups]))
    return query


def _value(value: Any) -> tuple[Any, str]:
    """One value of IN and its column's name."""
    if isinstance(value, (exp.PivotAlias, exp.Alias)):
        return value.this, fold(value.args["alias"].name)
    if isinstance(value, exp.Null):
        return value, "null"
    inner = value.this if isinstance(value, (exp.Neg, exp.Paren)) else value
    if isinstance(inner, (exp.Literal, exp.Boolean)):
        shown = str(inner.this).lower() if isinstance(inner, exp.Boolean) else str(inner.this)
        return value, f"-{shown}" if isinstance(value, exp.Neg) else shown
    return value, UNNAMED


def _for_value(aggregate: Any, column: exp.Column, value: exp.Expression) -> exp.Expression:
    """The aggregate over those rows alone whose column has the value."""
    test = exp.Is if isinstance(value, exp.Null) else exp.EQ
    matches = test(this=column.copy(), expression=value.copy())
    made = aggregate.copy()
    argument = made.this
    distinct = isinstance(argument, exp.Distinct)
    inner = argument.expressions[0] if distinct else argument
    counted = exp.Literal.number(1) if isinstance(inner, exp.Star) or inner is None else inner.copy()
    case = exp.Case(ifs=[exp.If(this=matches, true=counted)])
    if distinct:
        argument.set("expressions", [case])
    else:
        made.set("this", case)
    return made  # type: ignore[no-any-return]


def _unpivoted(node: exp.Expression, pivot: Any, field: Any, known: list[str]) -> exp.Expression:
    value = _only(pivot.expressions, "value column", node)
    if not isinstance(value, (exp.Identifier, exp.Column)) or not isinstance(field, exp.In):
        raise SqlSyntaxError("UNPIVOT takes (value FOR name IN (columns))", position=position_of(pivot))
    names: list[tuple[exp.Column, str]] = []
    for part in field.expressions:
        column, shown = (part.this, part.args["alias"].name) if isinstance(part, exp.PivotAlias) else (part, part.name)
        if not isinstance(column, exp.Column):
            raise FeatureNotSupported("UNPIVOT's IN takes columns only", position=position_of(part))
        _known(column, known)
        names.append((column, shown if isinstance(part, exp.PivotAlias) else fold(shown)))
    taken = {fold(column.name) for column, _ in names}
    kept = [name for name in known if name not in taken]
    found: exp.Expression | None = None
    for column, shown in names:
        outputs: list[exp.Expression] = [exp.column(ident(name)) for name in kept]
        named = exp.Cast(this=exp.Literal.string(shown), to=exp.DataType.build("varchar", dialect="redshift"))
        outputs.append(exp.Alias(this=named, alias=ident(fold(field.this.name))))
        outputs.append(exp.Alias(this=column.copy(), alias=ident(fold(value.name))))
        query: exp.Expression = exp.Select(expressions=outputs, from_=exp.From(this=node.copy()))
        if not pivot.args.get("include_nulls"):
            query.set("where", exp.Where(this=exp.Not(this=exp.Is(this=column.copy(), expression=exp.Null()))))
        found = query if found is None else exp.Union(this=found, expression=query, distinct=False)
    assert found is not None
    return found


def _known(column: exp.Column, known: list[str]) -> None:
    if fold(column.name) not in known:
        raise UndefinedColumn(
            f'column "{fold(column.name)}" does not exist in the input of PIVOT',
            position=position_of(column),
            hint=did_you_mean(fold(column.name), known),
        )
