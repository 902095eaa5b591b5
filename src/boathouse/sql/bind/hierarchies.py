"""START WITH … CONNECT BY as the recursive query that it stands for.

Received from `queries`: a SELECT with CONNECT BY whose WITH is bound; changed in place. FROM, with its joins and, of a
list with commas, the conditions in WHERE that join its items, becomes a CTE of its own, bound here. A recursive CTE over
it, to be bound by the caller, holds its rows and LEVEL. Items of FROM go on as sources of those CTEs, so that every name
means what it meant; WHERE and everything else then work on the hierarchy's rows.

Source: Redshift Developer Guide, "CONNECT BY clause" (r_CONNECT_BY_clause).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlglot import exp

from boathouse.contracts.errors import SqlSyntaxError
from boathouse.sql.bind import columns
from boathouse.sql.bind.bound import ENGINE_CALL, with_type
from boathouse.sql.bind.expressions import check_boolean
from boathouse.sql.bind.forms.fold_elements import fold_elements
from boathouse.sql.bind.join_conditions import conditions_to_where
from boathouse.sql.bind.names import fold, ident, position_of
from boathouse.sql.bind.scopes import PARTS, SCOPE, Merged, Scope, Source, SourceColumn, Work
from boathouse.sql.bind.sources import bind_from

LEVELS_MAX = 1_000
"""Deeper is taken for a cycle in the data, which would never end."""
_LEVEL = "level"


@dataclass(slots=True)
class _Rows:
    """FROM as it was bound: its scope, and for each of its columns the name that it has in the CTEs."""

    scope: Scope
    names: dict[tuple[str, str], str]
    outputs: list[SourceColumn]


def to_recursion(node: exp.Select, scope: Scope, work: Work) -> exp.CTE:
    """Rewrite one SELECT in place; returns the recursive CTE, which is not bound yet.

    Raises:
        SqlSyntaxError: no PRIOR in CONNECT BY, no FROM, or words that are Oracle's alone.
    """
    connect: Any = node.args["connect"]
    _check(node, connect)
    node.set("connect", None)
    number = scope.number
    rows_name, name = f"_rows_{number}", f"_hierarchy_{number}"
    query, rows = _rows(node, scope, work)
    scope.ctes[rows_name] = rows.outputs
    first = exp.Select(expressions=[*_columns(rows, "_row"), _named(exp.Literal.number(1), _LEVEL)])
    first.set("from_", exp.From(this=_table(rows_name, "_row", rows)))
    if connect.args.get("start") is not None:
        start = _qualified(connect.args["start"], rows, exp.Literal.number(1), None)
        first.set("where", exp.Where(this=start))
    deeper = exp.Add(this=exp.column(_LEVEL, table="_parent"), expression=exp.Literal.number(1))
    rest = exp.Select(expressions=[*_columns(rows, "_row"), _named(_limited(deeper), _LEVEL)])
    rest.set("from_", exp.From(this=_table(name, "_parent", None)))
    condition = _qualified(connect.args["connect"], rows, exp.Paren(this=deeper.copy()), "_parent")
    rest.set("joins", [exp.Join(this=_table(rows_name, "_row", rows), on=condition)])
    union = exp.Union(this=first, expression=rest, distinct=False)
    hierarchy = exp.CTE(this=union, alias=exp.TableAlias(this=ident(name)))
    with_ = node.args.get("with_") or exp.With(expressions=[])
    with_.set("recursive", True)
    source = exp.CTE(this=query, alias=exp.TableAlias(this=ident(rows_name)))
    if len(rows.scope.sources) == 1:
        source.set("materialized", False)  # each level scans the table itself, faster than a copy of it
    with_.append("expressions", source)
    with_.append("expressions", hierarchy)
    node.set("with_", with_)
    node.set("from_", exp.From(this=_table(name, name, rows)))
    scope.merged.update(_merged(rows, node.args["from_"].this))
    return hierarchy


def _check(node: exp.Select, connect: Any) -> None:
    if connect.args.get("nocycle"):
        raise SqlSyntaxError('syntax error at or near "nocycle"', hint="Redshift has no NOCYCLE: bound LEVEL in WHERE.")
    for word in node.find_all(exp.Anonymous, exp.ConnectByRoot):
        written = "connect_by_root" if isinstance(word, exp.ConnectByRoot) else str(word.this).lower()
        if written in ("connect_by_root", "sys_connect_by_path"):
            raise SqlSyntaxError(
                f'syntax error at or near "{written}"',
                position=position_of(word),
                hint="Redshift has LEVEL and PRIOR; carry the path along in WITH RECURSIVE.",
            )
    if connect.args["connect"].find(exp.Prior) is None:
        raise SqlSyntaxError("CONNECT BY needs a condition with PRIOR")
    if node.args.get("from_") is None:
        raise SqlSyntaxError("CONNECT BY needs a FROM clause")


# -- FROM ------------------------------------------------------------------------------------------------


def _rows(node: exp.Select, scope: Scope, work: Work) -> tuple[exp.Select, _Rows]:
    """FROM and its joins, bound, as a query of all columns that `*` would show of each item."""
    query = exp.Select(from_=node.args["from_"].pop())
    has_list = any(not any(value for key, value in join.args.items() if key != "this") for join in _joins(node))
    for key in ("joins", "laterals"):
        query.set(key, node.args.get(key))
        node.set(key, None)
    inner = work.scope(scope)
    bind_from(query, inner, work)
    names: dict[tuple[str, str], str] = {}
    items: list[exp.Expression] = []
    outputs: list[SourceColumn] = []
    for source in inner.sources:
        for one in source.shown():
            name = f"{len(names) + 1} {one.name}"
            names[(source.alias, one.engine_name)] = name
            bound = columns.column(source, one, inner)
            items.append(with_type(exp.Alias(this=bound, alias=ident(name)), one.type))
            outputs.append(SourceColumn(name, one.type, name))
    query.set("expressions", items)
    if has_list:
        _move_join_conditions(node, query, inner, work)
    conditions_to_where(query)
    fold_elements(query, inner)
    return query, _Rows(inner, names, outputs)


def _joins(node: exp.Select) -> list[exp.Expression]:
    return node.args.get("joins") or []


def _move_join_conditions(node: exp.Select, query: exp.Select, inner: Scope, work: Work) -> None:
    """Of `FROM a, b WHERE a.x = b.y AND …`, the conditions over several items are the join's."""
    where: Any = node.args.get("where")
    if where is None:
        return
    parts: list[Any] = list(where.this.flatten()) if isinstance(where.this, exp.And) else [where.this]
    joining = [part for part in parts if _joins_items(part, inner)]
    if not joining:
        return
    others = [part for part in parts if not any(part is one for one in joining)]
    node.set("where", exp.Where(this=exp.and_(*others, copy=False)) if others else None)
    joined: Any = exp.and_(*joining, copy=False)
    condition = work.expression(joined, inner, work)
    check_boolean(condition, "WHERE", work)
    query.set("where", exp.Where(this=condition))


def _joins_items(part: exp.Expression, inner: Scope) -> bool:
    if part.find(exp.Query, exp.Prior, exp.AggFunc, exp.Window) is not None:
        return False
    items: set[str] = set()
    for column in _own_columns(part):
        path = columns.path_of(column)
        found = columns.try_resolve(path, inner) if path is not None and not _is_level(column) else None
        if found is None:
            return False
        items |= {one.table for one in found.find_all(exp.Column) if one.meta.get(SCOPE) == inner.number}
    return len(items) > 1


# -- the items of FROM as sources of the CTEs ------------------------------------------------------------


def _table(name: str, alias: str, rows: _Rows | None) -> exp.Table:
    """A CTE in FROM; with `rows`, it offers the items of FROM under their own names."""
    table = exp.Table(this=ident(name), alias=exp.TableAlias(this=ident(alias)))
    table.meta[PARTS] = [] if rows is None else [_part(source, alias, rows) for source in rows.scope.sources]
    return table


def _part(source: Source, alias: str, rows: _Rows) -> Source:
    shown = [SourceColumn(one.name, one.type, rows.names[(source.alias, one.engine_name)]) for one in source.shown()]
    return Source(alias, source.name, shown, schema=source.schema, element=source.element)


def _merged(rows: _Rows, table: exp.Table) -> dict[str, Merged]:
    """The columns of USING and NATURAL joins, as the hierarchy has them."""
    offered = {one.engine_name: (part, one) for part in table.meta[PARTS] for one in part.columns}
    return {
        name: Merged(
            [offered[rows.names[(source.alias, one.engine_name)]] for source, one in merged.parts], merged.side
        )
        for name, merged in rows.scope.merged.items()
    }


def _columns(rows: _Rows, table: str) -> list[exp.Expression]:
    return [_named(exp.Column(this=ident(name), table=ident(table)), name) for name in rows.names.values()]


def _qualified(condition: Any, rows: _Rows, level: exp.Expression, parent: str | None) -> Any:
    """A condition whose columns are the row's own, PRIOR's the parent's, and LEVEL a number."""
    holder = exp.Paren(this=condition.copy())
    for column in _own_columns(holder):
        is_prior = column.find_ancestor(exp.Prior) is not None
        table = parent if is_prior and parent is not None else "_row"
        if is_prior and parent is not None and _is_level(column):
            column.set("table", ident(parent))
        elif _is_level(column):
            column.replace(level.copy())
        else:
            _to_row(column, rows, table)
    for prior in [*holder.find_all(exp.Prior)]:
        prior.replace(prior.this)
    return holder.this


def _to_row(column: exp.Column, rows: _Rows, table: str) -> None:
    """A column of FROM as one of `table`, whose columns have other names; others stay."""
    path = columns.path_of(column)
    found = None if path is None else columns.try_resolve(path, rows.scope)
    if found is None:
        return
    holder = exp.Paren(this=found)
    for one in [*holder.find_all(exp.Column)]:
        name = rows.names.get((one.table, one.name)) if one.meta.get(SCOPE) == rows.scope.number else None
        if name is None:
            return
        made = exp.Column(this=ident(name), table=ident(table))
        made.meta.update({key: value for key, value in column.meta.items() if key in ("start", "end")})
        one.replace(made)
    column.replace(holder.this)


def _is_level(column: exp.Expression) -> bool:
    return isinstance(column, exp.Column) and not column.table and fold(column.name) == _LEVEL


def _own_columns(root: exp.Expression) -> list[Any]:
    """Columns that stand in no sub-query below `root`."""
    found: list[Any] = []
    pending: list[Any] = [root]
    while pending:
        part = pending.pop()
        if isinstance(part, exp.Column):
            found.append(part)
        elif not isinstance(part, exp.Query):
            pending += list(part.iter_expressions())
    return found


def _named(value: exp.Expression, name: str) -> exp.Expression:
    return exp.Alias(this=value, alias=ident(name))


def _limited(level: exp.Expression) -> exp.Expression:
    call = exp.Anonymous(this="memory.rs.level", expressions=[level, exp.Literal.number(LEVELS_MAX)])
    call.meta[ENGINE_CALL] = True
    return exp.Cast(this=call, to=exp.DataType.build("integer", dialect="redshift"))
