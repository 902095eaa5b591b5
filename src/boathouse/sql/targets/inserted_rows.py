"""The rows of an INSERT as a query: for targets that the engine does not store, and for rows that are computed elsewhere.

Received: a bound INSERT, rewritten or not yet. Handed on: a bound query with one column for each of the target's, in the
target's order and types, for whoever writes the rows; the query as it was asked; and the INSERT with its rows from elsewhere.
"""

from __future__ import annotations

from sqlglot import exp

from boathouse.contracts.answers import Field
from boathouse.contracts.errors import InternalError
from boathouse.contracts.types import UNKNOWN, VARCHAR
from boathouse.sql.bind.bound import Bound, assigned_columns, outputs_of, relation_of, with_assignment, with_type
from boathouse.sql.rewrites.forms import cast


def inserted_rows(bound: Bound) -> Bound:
    """The query behind `INSERT INTO target (columns) query`; columns that it does not name are NULL."""
    target, insert = bound.target, bound.tree
    if target is None or not isinstance(insert.this, exp.Schema):
        raise InternalError("an INSERT without its columns")
    source = insert.args["expression"].copy()
    for default in [node for node in source.find_all(exp.Var) if isinstance(node.parent, exp.Tuple)]:
        default.replace(exp.Null())  # DEFAULT: such targets declare none
    if insert.args.get("with_") is not None:
        source.set("with_", insert.args["with_"].copy())
    given = [part.name for part in insert.this.expressions]
    names = [f"c{place}" for place in range(len(given))]
    shown = [column for column in target.columns if not column.hidden]
    items = []
    for column in shown:
        value: exp.Expression = exp.Null()
        if column.name in given:
            value = exp.column(names[given.index(column.name)], table="_rows", quoted=True)
        items.append(exp.Alias(this=cast(value, column.type), alias=exp.to_identifier(column.name, quoted=True)))
    alias = exp.TableAlias(this=exp.to_identifier("_rows"), columns=[exp.to_identifier(name) for name in names])
    query: exp.Expression = exp.Select(expressions=items)
    query.set("from_", exp.From(this=exp.Subquery(this=source, alias=alias)))
    fields = tuple(Field(column.name, column.type) for column in shown)
    return Bound(query, fields, bound.parameters, bound.relations, calls=bound.calls)


def asked_rows(bound: Bound) -> Bound | None:
    """The query of an INSERT, not yet rewritten, as it stands: its columns in its own types. None for a list of VALUES."""
    source = bound.tree.args.get("expression") if isinstance(bound.tree, exp.Insert) else None
    if source is None or not outputs_of(source):
        return None
    fields = tuple(Field(f"c{place}", of) for place, of in enumerate(outputs_of(source)))
    query = source.copy()
    if bound.tree.args.get("with_") is not None:
        query.set("with_", bound.tree.args["with_"].copy())
    found = (relation_of(table) for table in query.find_all(exp.Table))
    read = {one.engine_name: one for one in found if one is not None}
    return Bound(query, fields, bound.parameters, tuple(read.values()), reads=bound.reads, calls=bound.calls)


def with_rows(bound: Bound, sql: str) -> Bound:
    """The INSERT, not yet rewritten, of rows that are at hand.

    Args:
        sql: the engine's text that gives them, as the INSERT's own query would.
    """
    insert = bound.tree.copy()
    asked = insert.args["expression"]
    columns, types = assigned_columns(asked), outputs_of(asked)
    names = [f"c{place}" for place in range(len(types))]
    items: list[exp.Expression] = []
    for name, of, column in zip(names, types, columns, strict=True):
        value = with_type(exp.column(name, table="_rows", quoted=True), VARCHAR if of == UNKNOWN else of)
        items.append(with_assignment(exp.Alias(this=value, alias=exp.to_identifier(name, quoted=True)), column))
    alias = exp.TableAlias(this=exp.to_identifier("_rows"), columns=[exp.to_identifier(name) for name in names])
    query: exp.Expression = exp.Select(expressions=items)
    query.set("from_", exp.From(this=exp.Subquery(this=exp.Var(this=sql), alias=alias)))
    insert.set("expression", with_assignment(query, columns))
    insert.set("with_", None)
    return Bound(insert, None, (), bound.relations, bound.target)
