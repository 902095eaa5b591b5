"""Nested values folded into their parent's place: `FROM t c, c.orders o` as `FROM (SELECT …, unnest(…) FROM t c) c`.

Received from `select`: a SELECT whose names are all bound. A lateral unnest that is filtered becomes a join in the
engine, ten times slower and in no order; an unnest in a select list streams, keeps the array's order and lets filters
follow. Only columns that the SELECT uses are handed through. Rejected: one lateral sub-query per value throughout,
which stays for correlated sub-queries and outer joins alone.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from boathouse.sql.bind.bound import type_of, with_type
from boathouse.sql.bind.names import ident
from boathouse.sql.bind.scopes import NESTED, SCOPE, Scope


def fold_elements(node: exp.Select, scope: Scope) -> None:
    """Fold what can be folded; changes the SELECT in place."""
    joins = node.args.get("joins") or []
    if not any(join.meta.get(NESTED) for join in joins) or any(_side(join) in ("RIGHT", "FULL") for join in joins):
        return
    for join in list(joins):
        if join.meta.get(NESTED) and not _side(join) and join.args.get("on") is None:
            _fold(node, join, scope.number)
    node.set("joins", node.args["joins"] or None)


def _side(join: exp.Expression) -> str:
    return str(join.args.get("side") or "").upper()


def _fold(node: exp.Select, join: exp.Expression, number: int) -> None:
    element = join.this
    inside = list(element.find_all(exp.Column))
    tables = {column.table for column in inside}
    if len(tables) != 1 or any(column.meta.get(SCOPE) != number for column in inside):
        return
    parent = tables.pop()
    holder = _holder(node, parent)
    if holder is None:
        return
    node.set("joins", [one for one in node.args["joins"] if one is not join])
    used: dict[str, exp.Expression] = {}
    for column in _columns(node, parent, number):
        used.setdefault(
            column.name, with_type(exp.Column(this=ident(column.name), table=ident(parent)), type_of(column))
        )
    outputs: list[exp.Expression] = [
        with_type(exp.Alias(this=column, alias=ident(name)), type_of(column)) for name, column in used.items()
    ]
    for item in element.this.expressions:
        name, count = item.alias, 0
        while name in used:
            count += 1
            name = f"{item.alias}_{count}"
        for column in list(_columns(node, element.alias, number)):
            if column.name == item.alias:
                column.set("this", ident(name))
                column.meta[SCOPE] = -number
        used[name] = item
        outputs.append(with_type(exp.Alias(this=item.this, alias=ident(name)), type_of(item.this)))
    for column in list(_columns(node, element.alias, -number)):
        column.set("table", ident(parent))
        column.meta[SCOPE] = number
    for column in inside:
        column.meta.pop(SCOPE)
    inner = exp.Select(expressions=outputs, from_=exp.From(this=holder.this))
    holder.set("this", exp.Subquery(this=inner, alias=exp.TableAlias(this=ident(parent))))


def _holder(node: exp.Select, alias: str) -> exp.Expression | None:
    """The FROM or the inner JOIN that holds the source of this alias."""
    for holder in (node.args["from_"], *node.args["joins"]):
        source = holder.this
        if source.alias == alias:
            plain = isinstance(source, (exp.Table, exp.Subquery)) and not source.args.get("joins")
            return holder if plain and not _side(holder) else None
    return None


def _columns(node: exp.Select, alias: str, number: int) -> Iterator[exp.Column]:
    for column in node.find_all(exp.Column):
        if column.meta.get(SCOPE) == number and column.table == alias:
            yield column
