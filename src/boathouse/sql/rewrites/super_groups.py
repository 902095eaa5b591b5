"""GROUP BY, DISTINCT and ORDER BY places of SUPER values: by their keys, so that 1 and 1.0 are one group.

Received: a SELECT whose parts are rewritten. Handed back: the same, each SUPER key of a group replaced by `rs.super_key`,
and in the select list, HAVING and ORDER BY by any of the group's values.

Source: Redshift Developer Guide, "Querying semistructured data" (query-super): dynamic typing, ORDER BY.
"""

from __future__ import annotations

from typing import Any

from sqlglot import exp

from boathouse.contracts.types import SUPER
from boathouse.sql.bind.bound import type_of, with_type
from boathouse.sql.rewrites.forms import call
from boathouse.sql.rewrites.supers import key


def rewrite_super_groups(node: exp.Expression) -> exp.Expression:
    """Rewrite one SELECT in place; other nodes are returned as they are."""
    if not isinstance(node, exp.Select):
        return node
    _distinct_to_group(node)
    _group(node)
    _order(node)
    return node


def _outputs(node: exp.Select) -> list[exp.Expression]:
    return [item.this if isinstance(item, exp.Alias) else item for item in node.expressions]


def _distinct_to_group(node: exp.Select) -> None:
    distinct = node.args.get("distinct")
    if distinct is None or distinct.args.get("on") is not None:
        return
    if not any(type_of(item) == SUPER for item in _outputs(node)):
        return
    if node.args.get("group") is not None or node.args.get("having") is not None or node.find(exp.Window, exp.AggFunc):
        return
    node.set("distinct", None)
    places = [exp.Literal.number(place) for place in range(1, len(node.expressions) + 1)]
    node.set("group", exp.Group(expressions=places))


def _group(node: exp.Select) -> None:
    group = node.args.get("group")
    if group is None:
        return
    outputs, values = _outputs(node), []
    parts: list[exp.Expression] = []
    for part in group.expressions:
        value = outputs[int(part.name) - 1] if isinstance(part, exp.Literal) and not part.is_string else part
        if type_of(value) == SUPER:
            values.append(value.copy())
            part = key(value.copy())
        parts.append(part)
    if not values:
        return
    group.set("expressions", parts)
    for clause in ("expressions", "having", "order", "qualify"):
        found = node.args.get(clause)
        for root in found if isinstance(found, list) else [found] if found is not None else []:
            _replace(root, values)


def _replace(root: exp.Expression, values: list[exp.Expression]) -> None:
    """Each of the group's values below `root`, outside aggregates, by any of the group's."""
    pending: list[Any] = list(root.iter_expressions())
    while pending:
        part = pending.pop()
        if part in values:
            part.replace(with_type(call("any_value", part.copy(), of=SUPER), SUPER))
        elif not isinstance(part, (exp.AggFunc, exp.Query)):
            pending += list(part.iter_expressions())


def _order(node: exp.Select) -> None:
    order = node.args.get("order")
    outputs = _outputs(node)
    for ordered in order.expressions if order is not None and node.args.get("distinct") is None else []:
        place = ordered.this
        if isinstance(place, exp.Literal) and not place.is_string and type_of(outputs[int(place.name) - 1]) == SUPER:
            ordered.set("this", key(outputs[int(place.name) - 1].copy()))
