"""The conditions that every row of one table in FROM must satisfy to count.

Received: a table node in its place in the bound tree; handed on to what prunes partitions and to what asks other databases.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp


def conditions_on(node: exp.Expression) -> list[exp.Expression]:
    """The conjuncts around a table in FROM that its rows must satisfy, whatever else they speak of.

    WHERE decides unless an outer join may add rows with NULLs for this table; the table's own ON decides for inner
    and left joins.

    Args:
        node: the table in the tree, still in its place.
    """
    holder = node.parent
    join = holder if isinstance(holder, exp.Join) else None
    select = node.find_ancestor(exp.Select)
    if select is None or not isinstance(holder, exp.From | exp.Join) or holder.parent is not select:
        return []
    joins: list[exp.Join] = select.args.get("joins") or []
    place = next((at for at, one in enumerate(joins) if one is join), -1)
    nullable = any(one.side in ("RIGHT", "FULL") for one in joins[place + 1 :])
    nullable = nullable or (join is not None and join.side in ("LEFT", "FULL"))
    conditions: list[exp.Expression | None] = []
    if not nullable and select.args.get("where") is not None:
        conditions.append(select.args["where"].this)
    if join is not None and join.side in ("", "LEFT") and join.kind in ("", "INNER", "OUTER"):
        conditions.append(join.args.get("on"))
    if not nullable:
        later = joins[place + 1 :]
        conditions += [one.args.get("on") for one in later if one.side == "" and one.kind in ("", "INNER")]
    return [one for condition in conditions for one in conjuncts(condition)]


def conjuncts(condition: exp.Expression | None) -> Iterator[exp.Expression]:
    """The parts of a condition that AND joins, outermost parentheses taken off."""
    if condition is None:
        return
    if isinstance(condition, exp.And):
        yield from conjuncts(condition.args["this"])
        yield from conjuncts(condition.args["expression"])
    elif isinstance(condition, exp.Paren) and isinstance(condition.this, exp.And):
        yield from conjuncts(condition.this)
    else:
        yield condition
