"""INSERT, UPDATE, DELETE and MERGE: the target, its columns, and what is assigned to them.

Received from `bind`: the node, changed in place. Each assigned expression carries its target column
(`bound.assigned_to`), so that a rewrite can check lengths and types. Sources: Redshift Developer Guide, "INSERT",
"UPDATE", "DELETE", "MERGE".
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from boathouse.contracts.errors import (
    DuplicateColumn,
    FeatureNotSupported,
    InputError,
    SqlSyntaxError,
    UndefinedColumn,
    WrongObjectType,
)
from boathouse.contracts.relations import Column, Relation
from boathouse.contracts.types import SqlType
from boathouse.sql.bind.bound import Write, type_of, with_assignment, with_outputs, with_type
from boathouse.sql.bind.expressions import check_boolean
from boathouse.sql.bind.forms import moments
from boathouse.sql.bind.forms.merges import check_form, remove_duplicates
from boathouse.sql.bind.forms.relations import engine_table, find_relation
from boathouse.sql.bind.grouping import refuse_aggregates
from boathouse.sql.bind.names import did_you_mean, fold, ident, position_of, read_only
from boathouse.sql.bind.queries import bind_with
from boathouse.sql.bind.scopes import Scope, Source, SourceColumn, Work
from boathouse.sql.bind.sources import add_source, bind_joins
from boathouse.sql.bind.types.parameters import settle
from boathouse.sql.redshift.grammar.queries import REMOVES_DUPLICATES


def bind_dml(node: exp.Expression, work: Work) -> Relation:
    """Bind a DML statement; returns its target."""
    if node.args.get("returning") is not None:
        raise FeatureNotSupported("RETURNING is not supported", position=position_of(node.args["returning"]))
    scope = work.scope(None)
    bind_with(node, scope, work)
    if isinstance(node, exp.Insert):
        return _insert(node, scope, work)
    if isinstance(node, exp.Update):
        return _update(node, scope, work)
    if isinstance(node, exp.Delete):
        return _delete(node, scope, work)
    if isinstance(node, exp.Merge):
        return _merge(node, scope, work)
    raise SqlSyntaxError("syntax error: INSERT, UPDATE, DELETE or MERGE is expected here")


# -- the target ------------------------------------------------------------------------------------------


_STORED = ("table", "temporary")


def _target(
    table: exp.Expression, scope: Scope, work: Work, *, aliased: bool, kinds: tuple[str, ...] = _STORED
) -> tuple[exp.Table, Relation]:
    if not isinstance(table, exp.Table) or not isinstance(table.this, exp.Identifier):
        raise SqlSyntaxError("syntax error: a table's name is expected here", position=position_of(table))
    moments.refuse(moments.taken(table, work))
    parts = [part for part in table.parts if isinstance(part, exp.Identifier)]
    relation = find_relation(parts, None, work)
    if relation.database is not None:
        raise read_only(
            relation.database, f"{relation.database}.{fold(parts[1].name)}.{relation.name}", position_of(table)
        )
    if relation.kind not in kinds:
        kind = {"external": "an external table", "system": "a system table", "materialized": "a materialized view"}.get(
            relation.kind, "a view"
        )
        raise WrongObjectType(f'cannot change "{relation.name}": it is {kind}', position=position_of(table))
    given = table.args.get("alias")
    alias = fold(given.name) if given is not None and given.this is not None else relation.name
    if aliased:
        columns = [SourceColumn(one.name, one.type, one.name, one.hidden) for one in relation.columns]
        schema = None if given is not None else relation.schema
        read = work.reading(relation, scanned=False)
        scope.sources.append(Source(alias, alias, columns, relation, schema, read=read))
    return engine_table(relation, alias if aliased else None, table), relation


def _column(part: exp.Expr, relation: Relation) -> Column:
    name = fold(part.name)
    found = relation.by_name.get(name)
    if found is None or found.hidden:
        raise UndefinedColumn(
            f'column "{name}" of relation "{relation.name}" does not exist',
            position=position_of(part),
            hint=did_you_mean(name, relation.by_name),
        )
    return found


def _is_default(value: exp.Expression) -> bool:
    if isinstance(value, exp.Column):
        name = value.this
        return len(value.parts) == 1 and not name.args.get("quoted") and name.name.upper() == "DEFAULT"
    return isinstance(value, exp.Var) and str(value.this).upper() == "DEFAULT"


def _assign(value: exp.Expression, column: Column, scope: Scope, work: Work) -> exp.Expression:
    """Bind one assigned value; DEFAULT stays a keyword, and unmarked: there is nothing to convert."""
    if _is_default(value):
        return exp.Var(this="DEFAULT")
    _refuse_identity(column, value)
    bound = work.expression(value, scope, work)
    settle(bound, column.type, work)
    refuse_aggregates(bound, "an assignment")
    return with_assignment(bound, column)


def _refuse_identity(column: Column, at: exp.Expression) -> None:
    if column.identity and not column.identity_by_default:
        raise InputError(
            f'cannot set an identity column to a value: "{column.name}"', position=position_of(at), sqlstate="42601"
        )


# -- INSERT ----------------------------------------------------------------------------------------------


def _insert(node: exp.Insert, scope: Scope, work: Work) -> Relation:
    for key in ("conflict", "overwrite", "ignore", "by_name", "where", "partition"):
        if node.args.get(key):
            raise FeatureNotSupported(f"INSERT … {key.upper().replace('_', ' ')} is not supported")
    schema = node.this
    listed = schema.expressions if isinstance(schema, exp.Schema) else []
    named = schema.this if isinstance(schema, exp.Schema) else schema
    table, relation = _target(named, scope, work, aliased=False, kinds=(*_STORED, "external"))
    source = node.args.get("expression")
    if source is None and relation.kind == "external":
        raise FeatureNotSupported("an external table has no default values", position=position_of(named))
    if source is None:
        node.set("this", table)
        work.writes.append(Write("INSERT", frozenset(relation.by_name)))
        return relation
    targets = _listed_columns(listed, relation)
    rows = _value_rows(source)
    if rows is not None:
        targets = _insert_values(rows, targets, bool(listed), relation, scope, work)
    else:
        targets, types = _insert_query(source, targets, bool(listed), relation, scope, work)
        with_outputs(node.args["expression"], types)
    with_assignment(node.args["expression"], tuple(targets))
    work.writes.append(Write("INSERT", frozenset(one.name for one in targets)))
    node.set("this", exp.Schema(this=table, expressions=[ident(one.name) for one in targets]))
    return relation


def _listed_columns(listed: Sequence[exp.Expression], relation: Relation) -> list[Column]:
    if not listed:
        return [one for one in relation.columns if not one.hidden]
    columns = [_column(part, relation) for part in listed]
    for number, part in enumerate(listed):
        if columns[number] in columns[:number]:
            raise DuplicateColumn(f'column "{fold(part.name)}" specified more than once', position=position_of(part))
    return columns


def _value_rows(source: exp.Expression) -> list[exp.Tuple] | None:
    """The rows of a plain VALUES list; None for any other query."""
    if not isinstance(source, exp.Values):
        return None
    for row in source.expressions:
        if not isinstance(row, exp.Tuple):
            row.replace(exp.Tuple(expressions=[row.copy()]))
    return [row for row in source.expressions if isinstance(row, exp.Tuple)]


def _insert_values(
    rows: list[exp.Tuple], targets: list[Column], listed: bool, relation: Relation, scope: Scope, work: Work
) -> list[Column]:
    width = len(rows[0].expressions)
    for row in rows:
        if len(row.expressions) != width:
            raise SqlSyntaxError("VALUES lists must all be the same length", position=position_of(row))
    targets = _fit(width, targets, listed, rows[0])
    for row in rows:
        pairs = zip(row.expressions, targets, strict=True)
        row.set("expressions", [_assign(value, column, scope, work) for value, column in pairs])
    return targets


def _fit(width: int, targets: list[Column], listed: bool, at: exp.Expression) -> list[Column]:
    """The target columns for so many values; without a column list the rest keep their defaults."""
    if not listed and width < len(targets):
        free = [one for one in targets if not one.identity]
        targets = free if len(free) < len(targets) and width <= len(free) else targets
        targets = targets[:width]
    if width > len(targets):
        raise SqlSyntaxError("INSERT has more expressions than target columns", position=position_of(at))
    if width < len(targets):
        raise SqlSyntaxError("INSERT has more target columns than expressions", position=position_of(at))
    return targets


def _insert_query(
    source: exp.Expression, targets: list[Column], listed: bool, relation: Relation, scope: Scope, work: Work
) -> tuple[list[Column], tuple[SqlType, ...]]:
    """The target columns, and the types that the query has for them."""
    outputs = work.query(source, scope, work)
    targets = _fit(len(outputs), targets, listed, source)
    for column in targets:
        _refuse_identity(column, source)
    query = source
    while isinstance(query, exp.Subquery):
        query = query.this
    if isinstance(query, exp.Select):
        for item, column in zip(query.expressions, targets, strict=True):
            if isinstance(item, exp.Alias):
                settle(item.this, column.type, work)
            with_assignment(item, column)
        return targets, tuple(type_of(one.this if isinstance(one, exp.Alias) else one) for one in query.expressions)
    return targets, tuple(one.type for one in outputs)


# -- UPDATE, DELETE, MERGE -------------------------------------------------------------------------------


def _update(node: exp.Update, scope: Scope, work: Work) -> Relation:
    table, relation = _target(node.this, scope, work, aliased=True)
    from_ = node.args.get("from_")
    if from_ is not None:
        from_.set("this", add_source(from_.this, scope, work))
        from_.set("joins", bind_joins(from_.args.get("joins") or [], scope, work) or None)
    node.set("this", table)
    _set_items(node.expressions, relation, scope, work)
    _where(node, scope, work)
    return relation


def _set_items(items: list[exp.Expression], relation: Relation, scope: Scope, work: Work) -> None:
    seen: set[str] = set()
    for item in items:
        if not isinstance(item, exp.EQ) or not isinstance(item.this, exp.Column):
            raise FeatureNotSupported("SET takes column = expression", position=position_of(item))
        parts = item.this.parts
        if len(parts) > 1 and fold(parts[0].name) not in (relation.name, scope.sources[0].name):
            raise UndefinedColumn(
                f'column "{fold(parts[0].name)}" of relation "{relation.name}" does not exist',
                position=position_of(parts[0]),
            )
        column = _column(parts[-1], relation)
        if column.name in seen:
            raise DuplicateColumn(
                f'multiple assignments to same column "{column.name}"', position=position_of(item), sqlstate="42601"
            )
        seen.add(column.name)
        item.set("expression", _assign(item.expression, column, scope, work))
        item.set("this", with_type(exp.Column(this=ident(column.name)), column.type))
    work.writes.append(Write("UPDATE", frozenset(seen)))


def _where(node: exp.Expression, scope: Scope, work: Work) -> None:
    where = node.args.get("where")
    if where is not None:
        where.set("this", work.expression(where.this, scope, work))
        check_boolean(where.this, "WHERE", work)
        refuse_aggregates(where.this, "WHERE")


def _delete(node: exp.Delete, scope: Scope, work: Work) -> Relation:
    named = node.args.get("tables") or []
    target = node.this if isinstance(node.this, exp.Expression) else (named[0] if len(named) == 1 else None)
    if target is None or (named and isinstance(node.this, exp.Expression)):
        raise SqlSyntaxError("DELETE takes one table; others come after USING")
    table, relation = _target(target, scope, work, aliased=True)
    node.set("tables", None)
    node.set("this", table)
    using = node.args.get("using") or []
    node.set("using", [add_source(item, scope, work) for item in using] or None)
    _where(node, scope, work)
    work.writes.append(Write("DELETE"))
    return relation


def _merge(node: exp.Merge, scope: Scope, work: Work) -> Relation:
    check_form(node)
    table, relation = _target(node.this, scope, work, aliased=True)
    node.set("this", table)
    using = node.args["using"]
    source = find_relation([part for part in using.parts if isinstance(part, exp.Identifier)], None, work)
    if source.view is not None:
        raise FeatureNotSupported("MERGE's source cannot be a view or a sub-query", position=position_of(using))
    if node.meta.get(REMOVES_DUPLICATES):
        remove_duplicates(node, relation, source)
    node.set("using", add_source(node.args["using"], scope, work))
    on = work.expression(node.args["on"], scope, work)
    check_boolean(on, "MERGE/ON", work)
    node.set("on", on)
    source_only = work.scope(None)
    source_only.ctes = scope.ctes
    source_only.sources = scope.sources[1:]
    for when in node.args["whens"].expressions:
        if when.args.get("condition") is not None:
            when.set("condition", work.expression(when.args["condition"], scope, work))
        then = when.args["then"]
        if isinstance(then, exp.Update):
            _set_items(then.expressions, relation, scope, work)
        elif isinstance(then, exp.Insert):
            _merge_insert(then, relation, source_only, work)
        else:
            work.writes.append(Write("DELETE"))
    return relation


def _merge_insert(then: exp.Insert, relation: Relation, scope: Scope, work: Work) -> None:
    listed = then.this.expressions if isinstance(then.this, exp.Tuple) else []
    if len(listed) == 1 and isinstance(listed[0], exp.Anonymous) and not then.args.get("expression"):
        # Without a column list the parser takes VALUES (…) for a call.
        then.set("expression", exp.Tuple(expressions=listed[0].expressions))
        listed = []
    values = then.args["expression"]
    if not isinstance(values, exp.Tuple):
        raise SqlSyntaxError("MERGE … INSERT takes VALUES with one row", position=position_of(then))
    targets = _fit(len(values.expressions), _listed_columns(listed, relation), bool(listed), values)
    pairs = zip(values.expressions, targets, strict=True)
    values.set("expressions", [_assign(value, column, scope, work) for value, column in pairs])
    work.writes.append(Write("INSERT", frozenset(one.name for one in targets)))
    then.set("this", exp.Tuple(expressions=[exp.Column(this=ident(one.name)) for one in targets]))
