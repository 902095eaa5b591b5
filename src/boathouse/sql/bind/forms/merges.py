"""MERGE as Redshift has it, and REMOVE DUPLICATES as the MERGE that it stands for.

Received from `dml`: a MERGE, not yet bound; changed in place. REMOVE DUPLICATES deletes the rows that match and inserts
all of the source's, each once: one MERGE over the source twice, to delete with and to insert from.

Source: Redshift Developer Guide, "MERGE" (r_MERGE).
"""

from __future__ import annotations

from typing import Any

from sqlglot import exp

from boathouse.contracts.errors import DatatypeMismatch, FeatureNotSupported, SqlSyntaxError
from boathouse.contracts.relations import Relation
from boathouse.sql.bind.names import ident, position_of
from boathouse.sql.redshift.grammar.queries import REMOVES_DUPLICATES

_DELETING = "_deleting"


def check_form(node: exp.Merge) -> None:
    """Refuse what other databases' MERGE takes.

    Raises:
        SqlSyntaxError, FeatureNotSupported: with the place.
    """
    if node.args.get("with_") is not None:
        raise FeatureNotSupported("MERGE takes no WITH clause")
    if not isinstance(node.args["using"], exp.Table):
        raise FeatureNotSupported(
            "MERGE's source cannot be a view or a sub-query",
            position=position_of(node.args["using"]),
            hint="Put its rows into a temporary table.",
        )
    if not isinstance(node.args["using"].this, exp.Identifier):
        raise SqlSyntaxError("MERGE's source is a table", position=position_of(node.args["using"]))
    whens = node.args["whens"].expressions
    for when in whens:
        if when.args.get("source"):
            raise FeatureNotSupported("WHEN NOT MATCHED BY SOURCE is not supported", position=position_of(when))
        if when.args.get("condition") is not None:
            raise SqlSyntaxError('syntax error at or near "and"', position=position_of(when.args["condition"]))
    if not node.meta.get(REMOVES_DUPLICATES) and [bool(when.args.get("matched")) for when in whens] != [True, False]:
        raise SqlSyntaxError(
            "MERGE takes WHEN MATCHED THEN … and then WHEN NOT MATCHED THEN INSERT …, one of each",
            position=position_of(node),
        )


def remove_duplicates(node: exp.Merge, target: Relation, source: Relation) -> None:
    """Rewrite MERGE … REMOVE DUPLICATES in place.

    Raises:
        DatatypeMismatch: the tables have not the same number of columns.
    """
    if len(target.columns) != len(source.columns):
        raise DatatypeMismatch(
            "MERGE … REMOVE DUPLICATES needs as many columns in the source as in the target",
            position=position_of(node.args["using"]),
        )
    table: Any = node.args["using"]
    alias = table.alias_or_name
    names = [ident(column.name) for column in source.columns]
    table.set("alias", None)
    rows = [exp.Select(expressions=[*_marked(mark), *map(exp.column, names)]) for mark in (True, False)]
    for select in rows:
        select.set("from_", exp.From(this=table.copy()))
    rows[1].set("distinct", exp.Distinct())
    both = exp.Union(this=rows[0], expression=rows[1], distinct=False)
    node.set("using", exp.Subquery(this=both, alias=exp.TableAlias(this=exp.to_identifier(alias))))
    deleting = exp.column(_DELETING, table=alias)
    node.set("on", exp.And(this=deleting, expression=exp.Paren(this=node.args["on"])))
    values = exp.Tuple(expressions=[exp.column(name.copy(), table=alias) for name in names])
    listed = exp.Tuple(expressions=[exp.column(ident(column.name)) for column in target.columns])
    insert = exp.When(
        matched=False, condition=exp.Not(this=deleting.copy()), then=exp.Insert(this=listed, expression=values)
    )
    node.args["whens"].append("expressions", insert)


def _marked(deleting: bool) -> list[exp.Expression]:
    return [exp.Alias(this=exp.true() if deleting else exp.false(), alias=ident(_DELETING))]
