"""FROM: tables, CTEs, sub-queries, nested values and joins become the sources of a scope.

Received from `select` and `dml`: FROM and JOIN nodes, changed in place into what the engine takes, and the scope to
fill. Nothing but catalog relations, CTEs, sub-queries, `generate_series` and nested values gets through; file names and
the engine's table functions never do. Source: PostgreSQL "Table Expressions"; Redshift "Querying nested data".
"""

from __future__ import annotations

from sqlglot import exp

from boathouse.contracts.errors import (
    DuplicateAlias,
    FeatureNotSupported,
    InputError,
    SqlSyntaxError,
    UndefinedColumn,
    UndefinedFunction,
)
from boathouse.contracts.relations import Relation, ViewDefinition
from boathouse.contracts.types import BIGINT, UNKNOWN
from boathouse.sql.bind import columns, elements, join_conditions
from boathouse.sql.bind.bound import type_of, with_relation
from boathouse.sql.bind.expressions import check_boolean
from boathouse.sql.bind.forms import moments, rows
from boathouse.sql.bind.forms.pivots import desugared
from boathouse.sql.bind.forms.relations import engine_table, find_relation
from boathouse.sql.bind.names import fold, function_name, ident, position_of
from boathouse.sql.bind.scopes import NESTED, PARTS, RESOLVED, Scope, Source, SourceColumn, Work
from boathouse.sql.bind.types.parameters import settle
from boathouse.sql.bind.types.rules import common_type
from boathouse.sql.redshift.functions import FUNCTIONS

_SERIES = ("generate_series",)


def bind_from(owner: exp.Expression, scope: Scope, work: Work) -> None:
    """Fill `scope` from the FROM and JOINs of a SELECT or UPDATE; both are changed in place."""
    from_ = owner.args.get("from_")
    if from_ is not None:
        from_.set("this", add_source(from_.this, scope, work))
    owner.set("joins", bind_joins(owner.args.get("joins") or [], scope, work) or None)
    for lateral in owner.args.get("laterals") or []:
        raise FeatureNotSupported("LATERAL is not supported", position=position_of(lateral))


def bind_joins(joins: list[exp.Expression], scope: Scope, work: Work) -> list[exp.Expression]:
    """Bind joins from left to right; each sees the sources before it."""
    for join in joins:
        left = list(scope.sources)
        side = str(join.args.get("side") or "").upper()
        bound = add_source(join.this, scope, work, join=join)
        join.set("this", bound)
        if scope.sources and scope.sources[-1].element and not left:
            raise SqlSyntaxError("a nested value needs its parent before it in FROM", position=position_of(join))
        right = scope.sources[len(left) :]
        if str(join.args.get("method") or "").upper() == "NATURAL":
            join_conditions.natural(join, left, right)
        if join.args.get("using"):
            join_conditions.using(join, left, right, side, scope)
        on = join.args.get("on")
        if on is not None:
            join.set("on", work.expression(on, scope, work))
            check_boolean(join.args["on"], "JOIN/ON", work)
        join.meta[NESTED] = any(source.element for source in right)
        if any(source.element for source in right) and on is None and not join.args.get("using") and not side:
            join.set("kind", "CROSS")
    return joins


def add_source(node: exp.Expression, scope: Scope, work: Work, join: exp.Expression | None = None) -> exp.Expression:
    """Bind one item of FROM, add what it offers to the scope, return what stands in its place.

    In parentheses an item has joins of its own: those that it begins.
    """
    begun = node.args.get("joins")
    if not begun or (isinstance(node, exp.Query) and not isinstance(node, exp.Subquery)):
        return _item(node, scope, work, join)
    node.set("joins", None)
    bound = _item(node, scope, work, join)
    if not isinstance(bound, exp.Table | exp.Subquery):
        raise FeatureNotSupported("joins that this begins are not supported", position=position_of(node))
    bound.set("joins", bind_joins(begun, scope, work))
    return bound


def _item(node: exp.Expression, scope: Scope, work: Work, join: exp.Expression | None) -> exp.Expression:
    if isinstance(node, (exp.Table, exp.Subquery)) and node.args.get("pivots"):
        return _subquery(desugared(node, lambda source: _column_names(source, scope, work)), scope, work)
    if isinstance(node, exp.Table) and rows.function_of(node) is None:
        return _table(node, scope, work, join)
    if isinstance(node, exp.Subquery):
        return _subquery(node, scope, work)
    if isinstance(node, (exp.Values, exp.Query)):
        return _subquery(exp.Subquery(this=node, alias=node.args.pop("alias", None)), scope, work)
    if isinstance(node, exp.Unnest) and len(node.expressions) == 1:
        path = columns.path_of(node.expressions[0])
        names = node.args["alias"].args.get("columns") if node.args.get("alias") else None
        if path is not None:
            alias = fold(names[0].name) if names else fold(path[-1].name)
            if node.args.get("alias") and node.args["alias"].this is not None and not names:
                alias = fold(node.args["alias"].name)
            value = columns.resolve(path, scope)
            return elements.element(value, alias, None, scope, join, position_of(path[-1]))
    function = rows.function_of(node)
    if function is not None:
        return rows.rows_of(function, node, scope, work)
    if isinstance(node, exp.AtIndex) or (isinstance(node, exp.Pivot) and node.args.get("unpivot")):
        return elements.at_index(node, scope, work, join)
    if isinstance(node, (exp.Alias, exp.Bracket, exp.Dot)):
        value, last = elements.nested_value(node.this if isinstance(node, exp.Alias) else node, scope, work)
        return elements.element(value, fold(node.alias or last.name), None, scope, join, position_of(last))
    if isinstance(node, exp.Paren):
        return add_source(node.this, scope, work, join)
    if isinstance(node, exp.Func):
        raise _no_function(node, work)
    raise FeatureNotSupported("this item in FROM is not supported", position=position_of(node))


def _column_names(node: exp.Expression, scope: Scope, work: Work) -> list[str]:
    """The columns of one item of FROM, bound as a copy of its own."""
    enclosing = work.scope(scope.parent)
    enclosing.ctes = scope.ctes
    holder = exp.Subquery(this=exp.Select(expressions=[exp.Star()], from_=exp.From(this=node.copy())))
    return [one.name for one in work.query(holder.this, enclosing, work)]


def _table(node: exp.Table, scope: Scope, work: Work, join: exp.Expression | None) -> exp.Expression:
    function = rows.system_function(node.this, work)
    if not isinstance(node.this, (exp.Identifier, exp.Dot)) and function is None:
        return _table_function(node, scope, work)
    moment = moments.taken(node, work)
    parts = _parts(node) if function is None else [exp.to_identifier(function)]
    names = [fold(part.name) for part in parts]
    alias = _alias_name(node) or names[-1]
    if len(parts) == 1:
        if any(source.element and source.name == names[0] for source in scope.sources):
            moments.refuse(moment)
            inner = columns.resolve(parts, scope)
            return elements.element(inner, alias, None, scope, join, position_of(parts[0]))
        found = scope.cte(names[0])
        if found is not None:
            moments.refuse(moment)
            return _cte(node, names[0], alias, found, scope, work)
    else:
        value = _nested_value(parts, scope)
        if value is not None:
            moments.refuse(moment)
            return elements.element(value, alias, None, scope, join, position_of(parts[-1]))
    relation = find_relation(parts, scope, work)
    if relation.view is not None:
        with moments.beneath(moment, work):
            return _view(node, relation, relation.view, alias, scope, work)
    relation = moments.as_of(relation, moment, work)
    source = Source(
        alias=_new_alias(alias, node, scope, relation),
        name=alias,
        columns=moments.offered(relation),
        relation=relation,
        schema=None if _alias_name(node) else relation.schema if relation.database is None else names[-2],
        read=work.reading(relation),
        permitted=work.permitted(relation, work.beneath),
    )
    _rename_columns(node, source)
    scope.sources.append(source)
    bound = engine_table(relation, source.alias, node)
    bound.meta.update({key: value for key, value in node.meta.items() if key == rows.ARGUMENT})
    return bound


def _view(
    node: exp.Table, relation: Relation, view: ViewDefinition, alias: str, scope: Scope, work: Work
) -> exp.Expression:
    """A view's own query in its place; its names are looked up as when it was made."""
    if relation.engine_name in work.views:
        raise InputError(f'infinite recursion detected in the definition of view "{relation.name}"')
    work.views.append(relation.engine_name)
    try:
        query, outputs = work.view(relation, view, work)
    except InputError as broken:
        broken.position = position_of(node)
        broken.detail = f'In view "{relation.schema}.{relation.name}".'
        raise
    work.views.pop()
    names = view.columns or tuple(one.name for one in outputs)
    if len(outputs) < len(names):
        raise UndefinedColumn(f'view "{relation.name}" has lost columns', hint="Create the view again.")
    declared = relation.by_name
    offered = [
        SourceColumn(
            name,
            one.type if view.late_binding or name not in declared else declared[name].type,
            one.engine_name,
            origin=name,
        )
        for name, one in zip(names, outputs, strict=False)
    ]
    source = Source(
        _new_alias(alias, node, scope, relation),
        alias,
        offered,
        relation=relation,
        schema=None if _alias_name(node) else relation.schema,
        read=work.reading(relation),
        permitted=work.permitted(relation, work.beneath),
    )
    _rename_columns(node, source)
    scope.sources.append(source)
    bound = exp.Subquery(this=query, alias=exp.TableAlias(this=ident(source.alias)))
    with_relation(bound, relation)
    return bound


def _parts(node: exp.Table) -> list[exp.Identifier]:
    found: list[exp.Identifier] = []
    for part in node.parts:
        path = [part] if isinstance(part, exp.Identifier) else None
        if isinstance(part, exp.Expression) and path is None:
            path = columns.path_of(part)
        found += path or []
    return found


def _nested_value(parts: list[exp.Identifier], scope: Scope) -> exp.Expression | None:
    """`c.orders` as a value of a source in sight; a source's name goes before a schema of the same name."""
    first = fold(parts[0].name)
    here: Scope | None = scope
    while here is not None:
        if any(source.name == first for source in here.sources):
            return columns.resolve(parts, here)
        here = here.parent
    return None


def _alias_name(node: exp.Expression) -> str | None:
    alias = node.args.get("alias")
    return fold(alias.name) if alias is not None and alias.this is not None else None


def _new_alias(alias: str, node: exp.Expression, scope: Scope, relation: Relation | None) -> str:
    for source in scope.sources:
        if source.name != alias:
            continue
        implicit = relation is not None and _alias_name(node) is None and source.schema not in (None, relation.schema)
        if not implicit:
            raise DuplicateAlias(f'table name "{alias}" specified more than once', position=position_of(node))
    return scope.unique_alias(alias)


def _rename_columns(node: exp.Expression, source: Source) -> None:
    """`t AS x(a, b)`: the user's names for the first columns."""
    alias = node.args.get("alias")
    names = alias.args.get("columns") if alias is not None else None
    if not names:
        return
    if len(names) > len(source.columns):
        raise SqlSyntaxError(
            f'table "{source.name}" has {len(source.columns)} columns available but {len(names)} columns specified',
            position=position_of(alias),
            sqlstate="42P10",
        )
    for column, name in zip(source.columns, names, strict=False):
        column.name = fold(name.name)
    source.by_name.clear()
    source.__post_init__()


def _cte(node: exp.Table, name: str, alias: str, found: list[SourceColumn], scope: Scope, work: Work) -> exp.Expression:
    offered = [SourceColumn(one.name, one.type, one.engine_name) for one in found]
    source = Source(_new_alias(alias, node, scope, None), alias, offered)
    _rename_columns(node, source)
    scope.sources.append(source)
    if PARTS in node.meta:
        for column in source.columns:
            column.hidden = True
        scope.sources += node.meta[PARTS]
    bound = exp.Table(this=ident(name), alias=exp.TableAlias(this=ident(source.alias)))
    bound.meta[RESOLVED] = True
    return bound


def _subquery(node: exp.Subquery, scope: Scope, work: Work) -> exp.Expression:
    if _holds_items(node):
        if _alias_name(node) is None:
            node.set("this", add_source(node.this, scope, work))
            return node
        node.set("this", exp.Select(expressions=[exp.Star()], from_=exp.From(this=node.this)))
    outer = scope.parent
    enclosing = work.scope(outer)
    enclosing.ctes = scope.ctes
    names = node.args.get("alias")
    outputs = work.query(node, enclosing, work)
    alias = _alias_name(node) or scope.unique_alias("subquery")
    source = Source(_new_alias(alias, node, scope, None), alias, [*outputs])
    if names is not None and names.args.get("columns"):
        if isinstance(node.this, exp.Values):
            for number, name in enumerate(names.args["columns"]):
                if number < len(source.columns):
                    source.columns[number].engine_name = fold(name.name)
        _rename_columns(node, source)
    listed = [ident(one.engine_name) for one in source.columns] if isinstance(node.this, exp.Values) else None
    node.set("alias", exp.TableAlias(this=ident(source.alias), columns=listed))
    scope.sources.append(source)
    return node


def _holds_items(node: exp.Subquery) -> bool:
    """Whether the parentheses hold items of FROM, not a query, which may stand in more of them."""
    inner = node.this
    if not isinstance(inner, exp.Subquery):
        return isinstance(inner, exp.Table)
    return inner.args.get("alias") is not None or bool(inner.args.get("joins")) or _holds_items(inner)


def _table_function(node: exp.Table, scope: Scope, work: Work) -> exp.Expression:
    function: exp.Expression = rows.as_series(node.this)
    if not isinstance(function, exp.Func) or function_name(function, work.text) not in _SERIES:
        return _one_value(node, scope, work)
    bound = work.expression(function, scope, work)
    for part in function.args.values():
        if isinstance(part, exp.Expression) and type_of(part) == UNKNOWN:
            settle(part, BIGINT, work)
    alias = _alias_name(node) or "generate_series"
    name = fold((node.alias_column_names or [alias])[0])
    result = common_type(type_of(part) for part in function.args.values() if isinstance(part, exp.Expression))
    source = Source(_new_alias(alias, node, scope, None), alias, [SourceColumn(name, result or BIGINT, name)])
    scope.sources.append(source)
    node.set("this", bound)
    node.set("db", None)
    node.meta[RESOLVED] = True
    node.set("alias", exp.TableAlias(this=ident(source.alias), columns=[ident(name)]))
    return node


def _one_value(node: exp.Table, scope: Scope, work: Work) -> exp.Expression:
    """A scalar function in FROM: one row with one column of the function's name, or of its alias."""
    name = function_name(node.this, work.text) if isinstance(node.this, exp.Func) else ""
    known = FUNCTIONS.get(name)
    if known is None or known.kind not in ("scalar", "session"):
        raise _no_function(node.this, work)
    alias = _alias_name(node) or name
    column = fold((node.alias_column_names or [alias])[0])
    query = exp.Select(expressions=[exp.Alias(this=node.this, alias=ident(column))])
    return _subquery(exp.Subquery(this=query, alias=exp.TableAlias(this=ident(alias))), scope, work)


def _no_function(node: exp.Expr, work: Work) -> UndefinedFunction | SqlSyntaxError:
    if isinstance(node, exp.Func):
        name = function_name(node, work.text)
        return UndefinedFunction(f"function {name} does not exist in FROM", position=position_of(node))
    return SqlSyntaxError("syntax error in FROM", position=position_of(node))
