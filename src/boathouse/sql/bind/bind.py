"""Binding one statement: the tree copied, every name resolved, every type noted.

Receives a `Relational` from `sql.parse` and the session's catalog; hands a `Bound` to the rewrites.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from sqlglot import exp
from sqlglot.transforms import eliminate_join_marks

from boathouse.contracts.answers import Field
from boathouse.contracts.errors import FeatureNotSupported, InternalError, SqlSyntaxError, UndefinedFunction
from boathouse.contracts.relations import Catalog, Column, Relation, ViewDefinition
from boathouse.contracts.types import SqlType
from boathouse.sql.bind.bound import Bound, Called, Read, Write, with_assignment
from boathouse.sql.bind.dml import bind_dml
from boathouse.sql.bind.expressions import expression
from boathouse.sql.bind.forms.foreign import refuse_foreign
from boathouse.sql.bind.forms.inlined import inline
from boathouse.sql.bind.forms.strict import only_on_leader, postgresql_only, refuse_series_beside_tables
from boathouse.sql.bind.forms.super_modes import SuperModes, apply_modes, mark_attributes
from boathouse.sql.bind.names import position_of
from boathouse.sql.bind.queries import bind_query
from boathouse.sql.bind.scopes import RESOLVED, Moment, Permitted, SourceColumn, Work
from boathouse.sql.bind.types.parameters import settle
from boathouse.sql.parse import parse_statement
from boathouse.sql.statements import Relational


def bind(
    statement: Relational,
    catalog: Catalog,
    parameter_types: Sequence[SqlType] = (),
    names: Callable[[tuple[str, ...], Work], exp.Expression | None] | None = None,
    wanted: Sequence[SqlType] = (),
    super_modes: SuperModes = SuperModes(),  # noqa: B008
    permitted: Permitted = lambda relation, view: None,
    past: Callable[[Relation, Moment], Relation] | None = None,
) -> Bound:
    """Resolve a query or DML statement.

    Args:
        statement: as parsed; its tree stays unchanged.
        catalog: the relations that the session sees.
        super_modes: how the session reads SUPER values.
        parameter_types: the types that the client named for `$1`, `$2`, …; UNKNOWN where it left one open.
        names: see `Work.names`.
        wanted: types of the variables that the query's columns are assigned to, as many as it has columns; else none.
        permitted: the columns that `*` of a relation stands for; None for all.
        past: see `Work.past`.

    Raises:
        InputError: one of its classes, with Redshift's wording, a position and where possible a hint.
    """
    work = Work(
        catalog,
        statement.text,
        parameter_types,
        bind_query,
        expression,
        _bind_view,
        permitted,
        function=inline,
        names=names,
        past=past,
    )
    refuse_foreign(statement.tree)
    refused = postgresql_only(statement.tree, statement.text)
    try:
        bound = _bound(statement, work, wanted, super_modes)
    except (UndefinedFunction, FeatureNotSupported, SqlSyntaxError) as failure:
        if refused is None or only_on_leader(work.relations.values()):
            raise
        raise refused from failure
    if refused is not None and not only_on_leader(bound.relations):
        raise refused
    refuse_series_beside_tables(bound)
    apply_modes(bound.tree, super_modes)
    return bound


def _bound(statement: Relational, work: Work, wanted: Sequence[SqlType], super_modes: SuperModes) -> Bound:
    tree = _without_join_marks(statement.tree.copy())
    mark_attributes(tree, super_modes)
    if isinstance(tree, (exp.Insert, exp.Update, exp.Delete, exp.Merge)):
        target = bind_dml(tree, work)
        types = work.parameter_types(statement.parameters)
        _refuse_unresolved(tree)
        return Bound(tree, None, types, tuple(work.relations.values()), target, *_touched(work))
    holder = exp.Subquery(this=tree)
    outputs = bind_query(tree, None, work)
    if wanted and len(wanted) == len(outputs):
        outputs = _assigned(holder.this, wanted, work)
    fields = tuple(Field(one.name, one.type) for one in outputs)
    types = work.parameter_types(statement.parameters)
    bound = holder.this
    bound.pop()
    _refuse_unresolved(bound)
    return Bound(bound, fields, types, tuple(work.relations.values()), None, *_touched(work))


def _touched(work: Work) -> tuple[tuple[Read, ...], tuple[Write, ...], tuple[Called, ...]]:
    reads = tuple(one for one in work.reads.values() if one.scanned or one.columns)
    return reads, tuple(work.writes), tuple(work.calls)


_FOREIGN_JOINS = frozenset({"ASOF", "POSITIONAL", "SEMI", "ANTI", "GLOBAL", "ARRAY", "STRAIGHT"})
"""Words before JOIN that the parser knows and Redshift has not."""


def _refuse_unresolved(tree: exp.Expression) -> None:
    """Nothing that a clause of the parser's hid from the binder reaches the engine: a file or function as a table."""
    for node in tree.find_all(exp.Table, exp.Lateral, exp.Unnest):
        if not node.meta.get(RESOLVED):
            raise FeatureNotSupported("this item in FROM is not supported here", position=position_of(node))
    if tree.find(exp.TableSample) is not None:
        raise FeatureNotSupported("TABLESAMPLE is not supported")
    for join in tree.find_all(exp.Join):
        word = next((w for w in (join.method, join.side, join.kind) if w.upper() in _FOREIGN_JOINS), None)
        if word is not None:
            raise SqlSyntaxError(f'syntax error at or near "{word}"', position=position_of(join.this))


def _bind_view(relation: Relation, view: ViewDefinition, work: Work) -> tuple[exp.Expression, list[SourceColumn]]:
    statement = parse_statement(view.query, case_sensitive=view.case_sensitive)
    if not isinstance(statement, Relational):
        raise InternalError("a view's definition is no query")
    holder = exp.Subquery(this=_without_join_marks(statement.tree.copy()))
    inner = replace(
        work,
        catalog=work.catalog.within(view.search_path),
        text=view.query,
        given=(),
        parameters={},
        names=None,
        beneath=relation,
    )
    outputs = bind_query(holder.this, None, inner)
    work.scopes = inner.scopes
    return holder.this, outputs


def _without_join_marks(tree: exp.Expression) -> exp.Expression:
    """Oracle's `(+)` as the outer join it means."""
    mark = next((column for column in tree.find_all(exp.Column) if column.args.get("join_mark")), None)
    if mark is None:
        return tree
    try:
        eliminate_join_marks(tree)
    except (AssertionError, ValueError, KeyError):
        raise FeatureNotSupported(
            "this use of (+) is not supported",
            position=position_of(mark),
            hint="Qualify each column with its table, or write LEFT JOIN … ON.",
        ) from None
    return tree


def _assigned(tree: exp.Expression, wanted: Sequence[SqlType], work: Work) -> list[SourceColumn]:
    """A query whose columns are assigned to variables, as INSERT assigns to columns: checked, not cut."""
    query = tree
    while isinstance(query, exp.Subquery):
        query = query.this
    columns = tuple(Column(f"c{place}", of) for place, of in enumerate(wanted))
    if isinstance(query, exp.Select):
        for item, column in zip(query.expressions, columns, strict=True):
            settle(item.this if isinstance(item, exp.Alias) else item, column.type, work)
            with_assignment(item, column)
    else:
        with_assignment(query, columns)
    return [SourceColumn(one.name, one.type, one.name) for one in columns]
