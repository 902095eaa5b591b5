"""Conditions of joins: NATURAL and USING as ON with merged columns, ON of nested values as WHERE.

Called by `sources` and `select` on joins whose sources are bound. Source: PostgreSQL "Joined Tables".
"""

from __future__ import annotations

from sqlglot import exp

from boathouse.contracts.errors import UndefinedColumn
from boathouse.contracts.types import BOOLEAN
from boathouse.sql.bind import columns
from boathouse.sql.bind.bound import with_type
from boathouse.sql.bind.names import fold, ident, position_of
from boathouse.sql.bind.scopes import NESTED, Merged, Scope, Source


def natural(join: exp.Expression, left: list[Source], right: list[Source]) -> None:
    """NATURAL becomes USING over the shared names."""
    offered = {one.name for source in left for one in source.columns if not one.hidden}
    shared = [one.name for source in right for one in source.columns if one.name in offered and not one.hidden]
    join.set("method", None)
    if shared:
        join.set("using", [ident(name) for name in shared])
    else:
        join.set("kind", "CROSS")


def using(join: exp.Expression, left: list[Source], right: list[Source], side: str, scope: Scope) -> None:
    """USING becomes ON, and the shared columns one merged column each."""
    conditions: list[exp.Expression] = []
    for part in join.args["using"]:
        name = fold(part.name)
        pairs = []
        for sources, where in ((left, "left"), (right, "right")):
            found = [(source, one) for source in sources for one in source.by_name.get(name, ())]
            if name in scope.merged and where == "left":
                found = found[:1]
            if len(found) != 1:
                problem = "does not exist" if not found else "is ambiguous"
                raise UndefinedColumn(
                    f'column "{name}" specified in USING clause {problem} in {where} table', position=position_of(part)
                )
            pairs.append(found[0])
        before = scope.merged.get(name)
        first = columns.merged_column(before, scope) if before else columns.column(*pairs[0], scope)
        second = columns.column(*pairs[1], scope)
        conditions.append(exp.EQ(this=first, expression=second))
        parts = [*before.parts, pairs[1]] if before else pairs
        scope.merged[name] = Merged(parts, "FULL" if before and before.side == "FULL" else side)
    join.set("using", None)
    condition = with_type(conditions[0], BOOLEAN)
    for further in conditions[1:]:
        condition = with_type(exp.And(this=condition, expression=with_type(further, BOOLEAN)), BOOLEAN)
    join.set("on", condition)


def conditions_to_where(owner: exp.Expression) -> None:
    """`JOIN c.orders o ON …` as a cross join and a WHERE, which the engine streams in array order.

    Called once WHERE is bound. Not beside RIGHT and FULL joins, whose unmatched rows a WHERE would drop.
    """
    joins = owner.args.get("joins") or []
    if any(str(join.args.get("side") or "").upper() in ("RIGHT", "FULL") for join in joins):
        return
    for join in joins:
        on = join.args.get("on")
        if on is None or join.args.get("side") or not join.meta.get(NESTED):
            continue
        join.set("on", None)
        join.set("kind", "CROSS")
        where = owner.args.get("where")
        joined = (
            with_type(
                exp.And(this=with_type(exp.Paren(this=on), BOOLEAN), expression=exp.Paren(this=where.this)), BOOLEAN
            )
            if where
            else on
        )
        owner.set("where", exp.Where(this=joined))
