"""The rows of an INSERT as a query: for targets that the engine does not store.

Received: a bound and rewritten INSERT. Handed on: a bound query with one column for each of the target's, in the
target's order and types, for whoever writes the rows.
"""

from __future__ import annotations

from sqlglot import exp

from boathouse.contracts.answers import Field
from boathouse.contracts.errors import InternalError
from boathouse.sql.bind.bound import Bound
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
