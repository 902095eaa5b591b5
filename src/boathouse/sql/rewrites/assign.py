"""Assignments: what INSERT and UPDATE put into a column must fit it.

Received: expressions that the binder marked with their target column. Handed back: the same, checked. Numbers round
half away from zero by the engine's own cast, which also reports overflow; NOT NULL is the engine's too.

Source: Redshift Developer Guide, "Character types", "INSERT", "Type compatibility and conversion".
"""

from __future__ import annotations

from sqlglot import exp

from boathouse.contracts import types as t
from boathouse.contracts.relations import Column
from boathouse.contracts.types import SqlType
from boathouse.sql.bind.bound import type_of, with_type
from boathouse.sql.rewrites.casts import convert
from boathouse.sql.rewrites.forms import call, cast, is_text_literal, literal_text, number, text

ASSIGNED = "assign_to"
"""The binder's mark: the column that the expression is assigned to."""


def rewrite_assigned(before: exp.Expression, now: exp.Expression) -> exp.Expression:
    """Fit the rewritten node to the column that the bound one was assigned to, if any."""
    column = before.meta.get(ASSIGNED)
    if isinstance(column, tuple) and isinstance(now, exp.SetOperation):
        return _fit_rows(now, column)
    if not isinstance(column, Column):
        return now
    now.meta.pop(ASSIGNED, None)
    if isinstance(now, exp.Alias):
        now.set("this", fit(now.this, column.type))
        return now
    return fit(now, column.type)


def _fit_rows(query: exp.Expression, columns: tuple[Column, ...]) -> exp.Expression:
    """UNION and its like: the rows are fitted around the whole query."""
    names = [f"c{place}" for place in range(len(columns))]
    items = [
        fit(with_type(exp.column(name, table="_rows", quoted=True), SqlType("open")), column.type)
        for name, column in zip(names, columns, strict=True)
    ]
    alias = exp.TableAlias(this=exp.to_identifier("_rows"), columns=[exp.to_identifier(name) for name in names])
    wrapped: exp.Expression = exp.Select(expressions=items)
    wrapped.set("from_", exp.From(this=exp.Subquery(this=query, alias=alias)))
    return wrapped


def fit(value: exp.Expression, wanted: SqlType) -> exp.Expression:
    """`value` as it may be stored in a column of the wanted type."""
    open_type = is_text_literal(value) or isinstance(value, exp.Parameter | exp.Placeholder)
    given = t.UNKNOWN if open_type else type_of(value)
    if isinstance(value, exp.Null) or given == wanted:
        return value
    if wanted.name in ("character", "character varying") and not given.is_spatial:
        return _fit_text(value, given, wanted)
    return convert(value, wanted)


def _fit_text(value: exp.Expression, given: SqlType, wanted: SqlType) -> exp.Expression:
    if given.is_float:
        value = call("rs.float_text", value, of=t.VARCHAR)
    elif not given.is_text or given == t.UNKNOWN:
        value = cast(value, t.VARCHAR)
    if wanted.length is None:
        return value
    literal = literal_text(value)
    if literal is not None and len(literal.encode()) <= wanted.length:
        return text(literal.rstrip(" ")) if wanted.name == "character" else text(literal)
    same = given.name == wanted.name or wanted.name == "character varying"
    if given.length is not None and given.length <= wanted.length and same:
        return value
    macro = "rs.fit_char" if wanted.name == "character" else "rs.fit_varchar"
    return call(macro, value, number(wanted.length), of=wanted)
