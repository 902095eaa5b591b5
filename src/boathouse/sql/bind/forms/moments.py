"""`FROM t FOR SYSTEM_TIME AS OF …`: tables that are read as they were.

Received from `sources`: a table of FROM, whose moment is bound like any expression without columns. Handed on: the relation
with the columns of that time, and the words by which the engine reads it. What a moment is worth is for `Work.past` to say.
A moment at a view holds for the tables beneath it that have none of their own.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlglot import exp

from boathouse.contracts.errors import FeatureNotSupported, SqlSyntaxError, UndefinedColumn
from boathouse.contracts.relations import Past, Relation
from boathouse.contracts.types import UNKNOWN
from boathouse.sql.bind.bound import type_of
from boathouse.sql.bind.names import position_of
from boathouse.sql.bind.scopes import Moment, SourceColumn, Work

_GONE = "\0"
"""In place of the name of a column that is no more: only who may read the whole table may read it."""


def taken(node: exp.Table, work: Work) -> Moment | None:
    """The moment that a table has, taken from it.

    Raises:
        FeatureNotSupported: it has anything else behind its name, or a moment that is no plain expression.
    """
    for key in ("sample", "when", "hints", "system_time", "changes", "rows_from", "ordinality"):
        if node.args.get(key):
            word = key.upper().replace("_", " ")
            raise FeatureNotSupported(f"{word} in FROM is not supported", position=position_of(node))
    version = node.args.pop("version", None)
    if version is None:
        return None
    if not isinstance(version.args.get("expression"), exp.Expression):
        raise SqlSyntaxError("AS OF is followed by no moment", position=position_of(node))
    if version.expression.find(exp.Query) is not None:
        raise FeatureNotSupported("a query in AS OF is not supported", position=position_of(node))
    calls = len(work.calls)
    value = (
        _version(version.expression, work)
        if version.this == "VERSION"
        else _cast(version.expression, "TIMESTAMPTZ", work)
    )
    if len(work.calls) != calls:
        raise FeatureNotSupported("a function of a user in AS OF is not supported", position=position_of(node))
    return Moment(value, work.parameter_types(0), position_of(node))


def _cast(value: exp.Expression, wanted: str, work: Work) -> exp.Expression:
    return work.expression(exp.Cast(this=exp.Paren(this=value), to=exp.DataType.build(wanted)), work.scope(None), work)


def _version(value: exp.Expression, work: Work) -> exp.Expression:
    """A number is a commit's, a text, or what nobody has said a type of, a snapshot's name."""
    try:
        kind = type_of(work.expression(value.copy(), work.scope(None), work))
    except UndefinedColumn as failure:
        failure.hint = failure.hint or "The name of a snapshot is a text: write it in single quotes."
        raise
    return _cast(value, "VARCHAR" if kind.is_text or kind == UNKNOWN else "BIGINT", work)


def refuse(moment: Moment | None) -> None:
    """For what is no table and no view."""
    if moment is not None:
        raise FeatureNotSupported("AS OF is for tables and views that are read", position=moment.position)


@contextmanager
def beneath(moment: Moment | None, work: Work) -> Iterator[None]:
    """Around the binding of a view's query."""
    before = work.moment
    work.moment = moment or before
    try:
        yield
    finally:
        work.moment = before


def as_of(relation: Relation, moment: Moment | None, work: Work) -> Relation:
    """The relation as it was, where it has a moment or stands beneath a view that has one."""
    moment = moment or work.moment
    if moment is None:
        return relation
    if relation.kind not in ("table", "materialized") or work.past is None:
        raise FeatureNotSupported(
            f'AS OF is not supported for "{relation.name}": only tables of the warehouse have a history',
            position=moment.position,
        )
    then = work.past(relation, moment)
    work.relations[then.engine_name] = then
    return then


def offered(relation: Relation) -> list[SourceColumn]:
    """The columns of a relation as a source has them. Privileges go by the names that they have now."""
    past = relation.live if isinstance(relation.live, Past) else None
    return [
        SourceColumn(one.name, one.type, one.name, one.hidden, past.names.get(one.name, _GONE) if past else None)
        for one in relation.columns
    ]


def when(relation: Relation) -> exp.Expression | None:
    """How the engine reads the relation as it was; None for now."""
    past = relation.live
    if not isinstance(past, Past) or past.commit is None:
        return None
    return exp.HistoricalData(this="AT", kind="VERSION", expression=exp.Literal.number(past.commit))
