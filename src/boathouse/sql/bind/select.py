"""One SELECT: FROM, the select list with stars and aliases, then every other clause.

Received from `queries`: a SELECT node, changed in place, and the scope around it. Handed back: its output columns.
Precedence of names follows PostgreSQL ("SELECT": GROUP BY prefers an input column, ORDER BY an output alias) and
Redshift's lateral aliases (a later expression may use an earlier alias where no column has that name).
"""

from __future__ import annotations

from sqlglot import exp

from boathouse.contracts.errors import FeatureNotSupported, InputError, SqlSyntaxError, UndefinedTable
from boathouse.contracts.types import BIGINT, INTEGER, UNKNOWN, VARCHAR, SqlType
from boathouse.sql.bind import columns
from boathouse.sql.bind.bound import type_of, with_type
from boathouse.sql.bind.expressions import check_boolean, children
from boathouse.sql.bind.fold_elements import fold_elements
from boathouse.sql.bind.grouping import check_grouping, refuse_aggregates
from boathouse.sql.bind.join_conditions import conditions_to_where
from boathouse.sql.bind.names import UNNAMED, fold, ident, output_name, position_of
from boathouse.sql.bind.scopes import Scope, Source, SourceColumn, Work
from boathouse.sql.bind.sources import bind_from
from boathouse.sql.bind.types.opaque import refuse_order, refuse_select
from boathouse.sql.bind.types.parameters import settle


def bind_select(node: exp.Select, scope: Scope, work: Work) -> list[SourceColumn]:
    """Bind a SELECT inside its own scope; returns its output columns."""
    if node.args.get("into") is not None:
        raise FeatureNotSupported("SELECT INTO is not allowed here", position=position_of(node.args["into"]))
    bind_from(node, scope, work)
    outputs = _select_list(node, scope, work)
    _distinct(node, scope, work)
    _where(node, scope, work)
    conditions_to_where(node)
    _group(node, scope, work)
    for key, clause in (("having", "HAVING"), ("qualify", "QUALIFY")):
        condition = node.args.get(key)
        if condition is not None:
            condition.set("this", work.expression(condition.this, scope, work))
            check_boolean(condition.this, clause, work)
    for window in node.args.get("windows") or []:
        _named_window(window, scope, work)
    bind_order(node, scope, work, outputs)
    bind_limit(node, scope, work)
    _distinct_order(node)
    refuse_select(node)
    check_grouping(node, scope)
    fold_elements(node, scope)
    return outputs


# -- the select list -------------------------------------------------------------------------------------


def _select_list(node: exp.Select, scope: Scope, work: Work) -> list[SourceColumn]:
    bound: list[exp.Expression] = []
    outputs: list[SourceColumn] = []
    taken: set[str] = set()
    for item in node.expressions:
        stars = _star(item, scope)
        if stars is not None:
            for name, column in stars:
                _add(column, name, bound, outputs, taken)
            continue
        inner = item.this if isinstance(item, exp.Alias) else item
        name = fold(item.alias) if isinstance(item, exp.Alias) else output_name(inner, work.text)
        position = position_of(item)
        expression = work.expression(inner, scope, work)
        if name == UNNAMED or (isinstance(inner, exp.Cast) and not isinstance(item, exp.Alias)):
            name = output_name(expression, work.text)
        if position is not None:
            expression.meta.setdefault("start", position - 1)
        _add(expression, name, bound, outputs, taken)
        if name != UNNAMED:
            scope.outputs.setdefault(name, expression)
    node.set("expressions", bound)
    return outputs


def _add(
    expression: exp.Expression, name: str, bound: list[exp.Expression], outputs: list[SourceColumn], taken: set[str]
) -> None:
    engine_name, count = name, 0
    while engine_name.lower() in taken:  # the engine's names have no case
        count += 1
        engine_name = f"{name}_{count}"
    taken.add(engine_name.lower())
    sql_type = type_of(expression)
    alias = exp.Alias(this=expression, alias=ident(engine_name))
    bound.append(with_type(alias, sql_type))
    outputs.append(SourceColumn(name, VARCHAR if sql_type == UNKNOWN else sql_type, engine_name))


def _star(item: exp.Expression, scope: Scope) -> list[tuple[str, exp.Expression]] | None:
    """The columns of `*` or `t.*`; None where the item is neither."""
    if isinstance(item, exp.Star):
        excluded = _excluded(item)
        found = _merged_star(scope)
        shown = {id(one) for merged in scope.merged.values() for _, one in merged.parts}
        for source in scope.sources:
            found += [
                (one.name, columns.column(source, one, scope)) for one in _visible(source) if id(one) not in shown
            ]
        if not scope.sources:
            raise SqlSyntaxError("SELECT * with no tables specified is not valid", position=position_of(item))
        return [(name, column) for name, column in found if name not in excluded]
    if isinstance(item, exp.Column) and isinstance(item.this, exp.Star):
        source = _star_source(item, scope)
        excluded = _excluded(item.this)
        return [(one.name, columns.column(source, one, scope)) for one in _visible(source) if one.name not in excluded]
    return None


def _merged_star(scope: Scope) -> list[tuple[str, exp.Expression]]:
    return [(name, columns.merged_column(merged, scope)) for name, merged in scope.merged.items()]


def _visible(source: Source) -> list[SourceColumn]:
    allowed = source.permitted
    return [
        one
        for one in source.columns
        if not one.hidden and (allowed is None or (one.origin or one.engine_name) in allowed)
    ]


def _excluded(star: exp.Expression) -> set[str]:
    for key in ("replace", "rename"):
        if star.args.get(key):
            raise FeatureNotSupported(f"* {key.upper()} is not supported", position=position_of(star))
    return {fold(part.name) for part in star.args.get("except_") or star.args.get("except") or []}


def _star_source(item: exp.Column, scope: Scope) -> Source:
    name = fold(item.table)
    schema = fold(item.text("db")) or None
    here: Scope | None = scope
    while here is not None:
        for source in here.sources:
            if source.name == name and schema in (None, source.schema):
                return source
        here = here.parent
    raise UndefinedTable(f'missing FROM-clause entry for table "{name}"', position=position_of(item))


# -- the other clauses -----------------------------------------------------------------------------------


def _distinct(node: exp.Select, scope: Scope, work: Work) -> None:
    distinct = node.args.get("distinct")
    if distinct is not None and distinct.args.get("on") is not None:
        on = distinct.args["on"]
        parts = on.expressions if isinstance(on, exp.Tuple) else [on]
        distinct.set("on", exp.Tuple(expressions=[work.expression(part, scope, work) for part in parts]))


def _distinct_order(node: exp.Select) -> None:
    """After SELECT DISTINCT there is nothing but the select list left to order by."""
    distinct, order = node.args.get("distinct"), node.args.get("order")
    if distinct is None or distinct.args.get("on") is not None or order is None:
        return
    shown = [item.this if isinstance(item, exp.Alias) else item for item in node.expressions]
    for ordered in order.expressions:
        key = ordered.this if isinstance(ordered, exp.Ordered) else ordered
        if key not in shown and not (isinstance(key, exp.Literal) and not key.is_string):
            raise InputError(
                "for SELECT DISTINCT, ORDER BY expressions must appear in select list",
                position=position_of(key),
                sqlstate="42P10",
            )


def _where(node: exp.Select, scope: Scope, work: Work) -> None:
    where = node.args.get("where")
    if where is not None:
        if isinstance(where.this, exp.Literal) and where.this.is_int:
            where.set("this", exp.Boolean(this=int(where.this.name) != 0))  # `WHERE 1`, as beside AND
        where.set("this", work.expression(where.this, scope, work))
        check_boolean(where.this, "WHERE", work)
        refuse_aggregates(where.this, "WHERE")


def _group(node: exp.Select, scope: Scope, work: Work) -> None:
    group = node.args.get("group")
    if group is None:
        return
    for key, value in list(group.args.items()):
        if isinstance(value, list):
            group.set(key, [_group_key(part, node, scope, work) for part in value])
    for key in group.find_all(exp.AggFunc):
        if key.find_ancestor(exp.Select) is node:
            refuse_aggregates(key, "GROUP BY")


def _group_key(part: exp.Expression, node: exp.Select, scope: Scope, work: Work) -> exp.Expression:
    if isinstance(part, (exp.Rollup, exp.Cube, exp.GroupingSets, exp.Tuple)):
        part.set("expressions", [_group_key(inner, node, scope, work) for inner in part.expressions])
        return part
    if isinstance(part, exp.Paren):
        part.set("this", _group_key(part.this, node, scope, work))
        return part
    if isinstance(part, exp.Literal) and not part.is_string:
        return _ordinal(part, len(node.expressions), "GROUP BY")
    if isinstance(part, exp.Column) and len(part.parts) == 1 and columns.try_resolve(_path(part), scope) is None:
        number = _output_number(fold(part.name), node)
        if number is not None:
            return with_type(exp.Literal.number(number), INTEGER)
    return work.expression(part, scope, work)


def _path(part: exp.Column) -> list[exp.Identifier]:
    return columns.path_of(part) or []


def _ordinal(part: exp.Literal, count: int, clause: str) -> exp.Expression:
    text = str(part.this)
    if not text.isdigit():
        raise SqlSyntaxError(f"non-integer constant in {clause}", position=position_of(part))
    if not 1 <= int(text) <= count:
        raise SqlSyntaxError(
            f"{clause} position {text} is not in select list", position=position_of(part), sqlstate="42P10"
        )
    return with_type(part, INTEGER)


def _output_number(name: str, node: exp.Expression) -> int | None:
    for number, item in enumerate(node.expressions, start=1):
        if isinstance(item, exp.Alias) and item.alias == name:
            return number
    return None


def _named_window(window: exp.Expression, scope: Scope, work: Work) -> None:
    name = window.this
    window.set("this", None)
    children(window, scope, work)
    window.set("this", name)


def bind_order(node: exp.Expression, scope: Scope, work: Work, outputs: list[SourceColumn]) -> None:
    """ORDER BY: ordinals, output names first, then input columns."""
    order = node.args.get("order")
    if order is None:
        return
    names = [one.name for one in outputs]
    for ordered in order.expressions:
        if not isinstance(ordered, exp.Ordered):
            continue
        key = ordered.this
        if isinstance(key, exp.Literal) and not key.is_string:
            ordered.set("this", _ordinal(key, len(outputs), "ORDER BY"))
            refuse_order(outputs[int(str(key.this)) - 1].type, key)
        elif isinstance(key, exp.Column) and len(key.parts) == 1 and fold(key.name) in names:
            refuse_order(outputs[names.index(fold(key.name))].type, key)
            ordered.set("this", with_type(exp.Literal.number(names.index(fold(key.name)) + 1), INTEGER))
        else:
            ordered.set("this", work.expression(key, scope, work))
            refuse_order(type_of(ordered.this), ordered.this)


def bind_limit(node: exp.Expression, scope: Scope, work: Work) -> None:
    """LIMIT, OFFSET and FETCH take bigints."""
    for key in ("limit", "offset"):
        clause = node.args.get(key)
        if clause is None:
            continue
        options = clause.args.get("limit_options")
        if options is not None and (options.args.get("percent") or options.args.get("with_ties")):
            raise FeatureNotSupported("PERCENT and WITH TIES are not supported", position=position_of(clause))
        for part in ("expression", "count"):
            value = clause.args.get(part)
            if isinstance(value, exp.Expression):
                clause.set(part, work.expression(value, scope, work))
                settle(clause.args[part], BIGINT, work)


def unknown_to_text(sql_type: SqlType) -> SqlType:
    """An output whose type nothing decided is text."""
    return VARCHAR if sql_type == UNKNOWN else sql_type
