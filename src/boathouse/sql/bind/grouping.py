"""Rules of aggregation: what may stand outside aggregates, and where aggregates may not stand.

Called by `select` on a bound SELECT. Messages are PostgreSQL's; SQLSTATE 42803.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from boathouse.contracts.errors import GroupingError
from boathouse.sql.bind.names import position_of
from boathouse.sql.bind.scopes import SCOPE, Scope
from boathouse.sql.bind.types.returns import AGGREGATES
from boathouse.sql.redshift.catalogue.spatial_functions import is_collecting

_WINDOW_CLASSES = (
    exp.RowNumber, exp.Rank, exp.DenseRank, exp.Ntile, exp.Lag, exp.Lead, exp.FirstValue, exp.LastValue, exp.NthValue,
    exp.CumeDist, exp.PercentRank,
)  # fmt: skip
_NOT_AGGREGATES = (*_WINDOW_CLASSES, exp.Grouping, exp.GroupingId)


def is_aggregate(node: exp.Expression) -> bool:
    """True for a call of an aggregate function, whether or not it is used as a window function."""
    if isinstance(node, exp.AggFunc):
        return not isinstance(node, _NOT_AGGREGATES)
    return isinstance(node, exp.Anonymous) and (str(node.this).lower() in AGGREGATES or is_collecting(node))


def aggregates(node: exp.Expression) -> Iterator[exp.Expression]:
    """The aggregates of an expression's own level: not those of sub-queries, not window calls themselves."""
    pending = [node]
    while pending:
        part = pending.pop()
        if isinstance(part, exp.Query) and part is not node:
            continue
        if isinstance(part, exp.Window):
            function = _windowed(part)
            pending += [inner for inner in part.iter_expressions() if inner is not part.this]
            pending += list(function.iter_expressions()) if isinstance(function, exp.Expression) else []
            continue
        if is_aggregate(part):
            yield part
            continue
        pending += list(part.iter_expressions())


def _windowed(window: exp.Window) -> exp.Expression:
    function: exp.Expression = window.this
    while isinstance(function, (exp.WithinGroup, exp.Filter, exp.IgnoreNulls, exp.RespectNulls)):
        function = function.this
    return function


def refuse_aggregates(node: exp.Expression, clause: str) -> None:
    """Raise GroupingError where an aggregate or a window function stands in a clause that takes none."""
    pending = [node]
    while pending:
        part = pending.pop()
        if isinstance(part, exp.Window):
            raise GroupingError(
                f"window functions are not allowed in {clause}", position=position_of(part.this), sqlstate="42P20"
            )
        if not isinstance(part, exp.Query):
            pending += list(part.iter_expressions())
    for found in aggregates(node):
        raise GroupingError(f"aggregate functions are not allowed in {clause}", position=position_of(found))


def check_grouping(node: exp.Select, scope: Scope) -> None:
    """Each column of this level outside an aggregate must be grouped; no aggregate holds another."""
    group = node.args.get("group")
    outputs = [item.this if isinstance(item, exp.Alias) else item for item in node.expressions]
    checked = list(outputs)
    for key in ("having", "qualify"):
        if node.args.get(key) is not None:
            checked.append(node.args[key].this)
    order = node.args.get("order")
    checked += [ordered.this for ordered in order.expressions] if order is not None else []
    found = [aggregate for expression in checked for aggregate in aggregates(expression)]
    for aggregate in found:
        for argument in aggregate.iter_expressions():
            for nested in aggregates(argument):
                raise GroupingError("aggregate function calls may not be nested", position=position_of(nested))
    if group is None and not found and node.args.get("having") is None:
        return
    if group is not None and group.args.get("all"):
        return
    keys = _keys(group, outputs)
    for expression in checked:
        _check(expression, keys, scope.number)


def _keys(group: exp.Expression | None, outputs: list[exp.Expression]) -> list[exp.Expression]:
    keys: list[exp.Expression] = []
    pending = [part for value in group.args.values() if isinstance(value, list) for part in value] if group else []
    while pending:
        part = pending.pop()
        if isinstance(part, (exp.Rollup, exp.Cube, exp.GroupingSets, exp.Tuple)):
            pending += part.expressions
        elif isinstance(part, exp.Paren):
            pending.append(part.this)
        elif isinstance(part, exp.Literal) and not part.is_string:
            keys.append(outputs[int(str(part.this)) - 1])
        else:
            keys.append(part)
    return keys


def _check(expression: exp.Expression, keys: list[exp.Expression], number: int) -> None:
    pending = [expression]
    while pending:
        part = pending.pop()
        if part in keys:
            continue
        if isinstance(part, exp.Window):
            function = _windowed(part)
            pending += [inner for inner in part.iter_expressions() if inner is not part.this]
            pending += list(function.iter_expressions())
            continue
        if is_aggregate(part) or isinstance(part, (exp.WithinGroup, exp.Grouping, exp.GroupingId)):
            continue
        if isinstance(part, exp.Filter) and is_aggregate(part.this):
            continue
        if isinstance(part, exp.Column) and part.meta.get(SCOPE) == number:
            raise GroupingError(
                f'column "{part.table}.{part.name}" must appear in the GROUP BY clause or be used in an aggregate '
                "function",
                position=position_of(expression),
            )
        pending += list(part.iter_expressions())
