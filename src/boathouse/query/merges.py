"""MERGE's own check: no row of the target may match several rows of the source.

Received from `plans`, just before a MERGE runs and in its transaction: the bound tree after every room has seen it. The
engine would take any of the source's rows.

Source: Redshift Developer Guide, "MERGE" (r_MERGE), usage notes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from boathouse.contracts.errors import CardinalityViolation
from boathouse.sql.bind.bound import Bound
from boathouse.sql.redshift.grammar.queries import REMOVES_DUPLICATES
from boathouse.sql.targets.to_duckdb import to_duckdb

if TYPE_CHECKING:
    from boathouse.query.session import QuerySession


def refuse_several_matches(
    session: QuerySession, tree: exp.Expression, bound: Bound, parameters: Sequence[object]
) -> None:
    """Look for a target row with several matches.

    Raises:
        CardinalityViolation: there is one.
    """
    if tree.meta.get(REMOVES_DUPLICATES):
        return
    target: Any = tree.this
    row = exp.column("rowid", table=target.alias_or_name)
    # Every parameter is named once, as the engine takes none that it does not find.
    shown = [exp.Parameter(this=exp.Literal.number(place)) for place in range(1, len(bound.parameters) + 1)]
    scanned = target.copy()
    if not session.engine.stored.rows_in_order:
        # A lake gives a row that the transaction has changed a number that another one has, too.
        alias = target.args.get("alias") or exp.TableAlias(this=target.this.copy())
        bare = exp.Table(this=target.this.copy(), db=target.args.get("db"), catalog=target.args.get("catalog"))
        counted = exp.Alias(this=exp.Window(this=exp.RowNumber()), alias=exp.to_identifier("rowid"))
        scanned = exp.Subquery(
            this=exp.Select(expressions=[exp.Star(), counted], from_=exp.From(this=bare)), alias=alias.copy()
        )
    query = exp.Select(expressions=[exp.Literal.number(1), *shown], from_=exp.From(this=scanned))
    query.set("joins", [exp.Join(this=tree.args["using"].copy(), on=tree.args["on"].copy())])
    query.set("group", exp.Group(expressions=[row]))
    query.set("having", exp.Having(this=exp.GT(this=exp.Count(this=exp.Star()), expression=exp.Literal.number(1))))
    query.set("limit", exp.Limit(expression=exp.Literal.number(1)))
    found = session.engine.fetch(to_duckdb(Bound(query, None, bound.parameters, bound.relations)), parameters)
    if found:
        raise CardinalityViolation(
            "Found multiple matches to update the same tuple.",
            hint="Each row of the target may match one row of the source: remove duplicates from the source first.",
        )
