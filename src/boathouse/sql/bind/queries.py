"""Whole queries: WITH, SELECT, set operations, VALUES and parentheses.

`bind_query` is what `Work.query` points to: it receives a query node, changed in place, and the scope around it, and
hands back the output columns. Source: PostgreSQL "SELECT", "VALUES", "WITH Queries"; Redshift "WITH clause".
"""

from __future__ import annotations

from sqlglot import exp

from boathouse.contracts.errors import DatatypeMismatch, DuplicateAlias, SqlSyntaxError
from boathouse.contracts.types import UNKNOWN, VARCHAR
from boathouse.sql.bind.bound import type_of, with_type
from boathouse.sql.bind.forms.hierarchies import to_recursion
from boathouse.sql.bind.forms.rows import as_records
from boathouse.sql.bind.names import fold, ident, position_of
from boathouse.sql.bind.scopes import Scope, Source, SourceColumn, Work
from boathouse.sql.bind.select import bind_limit, bind_order, bind_select
from boathouse.sql.bind.types.collations import insensitive
from boathouse.sql.bind.types.opaque import refuse_equality
from boathouse.sql.bind.types.parameters import settle
from boathouse.sql.bind.types.rules import common_type, comparable

_OPERATIONS = {exp.Union: "UNION", exp.Intersect: "INTERSECT", exp.Except: "EXCEPT"}


def bind_query(node: exp.Expression, outer: Scope | None, work: Work) -> list[SourceColumn]:
    """Bind a query; see the module."""
    scope = work.scope(outer)
    if isinstance(node, exp.Select) and node.args.get("connect") is not None:
        to_recursion(node)
    bind_with(node, scope, work)
    if isinstance(node, exp.Select):
        as_records(node, work)
        return bind_select(node, scope, work)
    if isinstance(node, exp.SetOperation):
        return _set_operation(node, scope, work)
    if isinstance(node, exp.Subquery):
        outputs = bind_query(node.this, scope, work)
        _order_outputs(node, outputs, scope, work)
        return outputs
    if isinstance(node, exp.Values):
        return _values(node, scope, work)
    if isinstance(node, exp.Table):
        star = exp.select("*").from_(node.copy())
        node.replace(star)
        return bind_select(star, scope, work)
    raise SqlSyntaxError("syntax error: a query is expected here", position=position_of(node))


def bind_with(node: exp.Expression, scope: Scope, work: Work) -> None:
    """Bind the CTEs of a WITH into `scope`, each seeing those before it."""
    with_ = node.args.get("with_")
    if with_ is None:
        return
    for cte in with_.expressions:
        name = fold(cte.alias)
        if name in scope.ctes:
            raise DuplicateAlias(f'WITH query name "{name}" specified more than once', position=position_of(cte))
        listed = [fold(part.name) for part in cte.args["alias"].args.get("columns") or []]
        if with_.args.get("recursive") and isinstance(cte.this, exp.SetOperation) and _names_itself(cte, name):
            outputs = _recursive(cte.this, name, listed, scope, work)
        else:
            outputs = bind_query(cte.this, scope, work)
        if listed:
            outputs = _listed(outputs, listed, name, cte)
        elif isinstance(cte.this, exp.Values):
            listed = [one.engine_name for one in outputs]
        scope.ctes[name] = outputs
        names = [ident(part) for part in listed] if listed else None
        cte.set("alias", exp.TableAlias(this=ident(name), columns=names))


def _listed(outputs: list[SourceColumn], listed: list[str], name: str, cte: exp.Expression) -> list[SourceColumn]:
    if len(listed) > len(outputs):
        raise SqlSyntaxError(
            f'WITH query "{name}" has {len(outputs)} columns available but {len(listed)} columns specified',
            position=position_of(cte),
            sqlstate="42P10",
        )
    rest = [one.engine_name for one in outputs[len(listed) :]]
    listed += rest
    return [SourceColumn(new, one.type, new) for new, one in zip(listed, outputs, strict=True)]


def _names_itself(cte: exp.Expression, name: str) -> bool:
    return any(fold(table.name) == name and not table.db for table in cte.this.find_all(exp.Table))


def _recursive(node: exp.SetOperation, name: str, listed: list[str], scope: Scope, work: Work) -> list[SourceColumn]:
    """The first branch gives the types under which the second sees the CTE."""
    inner = work.scope(scope)
    bind_with(node, inner, work)
    first = bind_query(node.this, inner, work)
    names = [*listed, *(one.engine_name for one in first[len(listed) :])]
    inner.ctes[name] = [SourceColumn(new, one.type, new) for new, one in zip(names, first, strict=False)]
    second = bind_query(node.expression, inner, work)
    _same_count(node, first, second)
    _order_outputs(node, first, inner, work)
    return first


def _set_operation(node: exp.SetOperation, scope: Scope, work: Work) -> list[SourceColumn]:
    left = bind_query(node.this, scope, work)
    right = bind_query(node.expression, scope, work)
    _same_count(node, left, right)
    outputs = []
    lefts, rights = _branch_items(node.this), _branch_items(node.expression)
    for number, (one, other) in enumerate(zip(left, right, strict=True)):
        types = [type_of(items[number]) if items else side.type for items, side in ((lefts, one), (rights, other))]
        is_distinct = not isinstance(node, exp.Union) or node.args.get("distinct")
        if is_distinct:
            refuse_equality(types[0], node.expression)
        if not comparable(*types) and types[0] != types[1] and UNKNOWN not in types:
            raise DatatypeMismatch(
                f"{_OPERATIONS.get(type(node), 'UNION')} types {types[0].name} and {types[1].name} cannot be matched",
                position=position_of(node.expression),
            )
        result = common_type(types)
        result = VARCHAR if result == UNKNOWN else result
        if result.insensitive:
            insensitive([_value(items[number]) for items in (lefts, rights) if items])
        for items in (lefts, rights):
            if items:
                item = items[number]
                settle(item.this if isinstance(item, exp.Alias) else item, result, work)
                with_type(item, type_of(item.this) if isinstance(item, exp.Alias) else result)
        outputs.append(SourceColumn(one.name, result, one.engine_name))
    _order_outputs(node, outputs, scope, work)
    return outputs


def _value(item: exp.Expression) -> exp.Expression:
    return item.this if isinstance(item, exp.Alias) else item


def _branch_items(node: exp.Expression) -> list[exp.Expression] | None:
    while isinstance(node, exp.Subquery):
        node = node.this
    return node.expressions if isinstance(node, exp.Select) else None


def _same_count(node: exp.Expression, left: list[SourceColumn], right: list[SourceColumn]) -> None:
    if len(left) != len(right):
        word = next((word for kind, word in _OPERATIONS.items() if isinstance(node, kind)), "UNION")
        raise SqlSyntaxError(
            f"each {word} query must have the same number of columns", position=position_of(node.args["expression"])
        )


def _order_outputs(node: exp.Expression, outputs: list[SourceColumn], scope: Scope, work: Work) -> None:
    """ORDER BY and LIMIT of a set operation or a query in parentheses see its outputs only."""
    inner = work.scope(scope.parent)
    inner.sources.append(Source("", "", outputs))
    bind_order(node, inner, work, outputs)
    bind_limit(node, inner, work)


def _values(node: exp.Values, scope: Scope, work: Work) -> list[SourceColumn]:
    rows = []
    for row in node.expressions:
        parts = row.expressions if isinstance(row, exp.Tuple) else [row]
        bound = [work.expression(part, scope, work) for part in parts]
        rows.append(bound)
        if isinstance(row, exp.Tuple):
            row.set("expressions", bound)
        else:
            row.replace(exp.Tuple(expressions=bound))
    if len({len(row) for row in rows}) > 1:
        raise SqlSyntaxError("VALUES lists must all be the same length", position=position_of(node))
    outputs = []
    for number, column in enumerate(zip(*rows, strict=True), start=1):
        result = common_type(type_of(part) for part in column)
        result = VARCHAR if result == UNKNOWN else result
        for part in column:
            settle(part, result, work)
        outputs.append(SourceColumn(f"column{number}", result, f"column{number}"))
    return outputs
