"""Types that are neither compared nor ordered, GEOMETRY and GEOGRAPHY, and the clauses and calls that refuse them.

Called by the binder wherever values are sorted, grouped, made distinct or given to a function. Source: Redshift Developer
Guide, "Limitations when using spatial data": only COUNT, COALESCE, NVL and CASE take them beside their own functions.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlglot import exp

from boathouse.contracts.errors import UndefinedFunction
from boathouse.contracts.types import SqlType
from boathouse.sql.bind.bound import type_of
from boathouse.sql.bind.names import position_of

_TAKE_ANY = ("count", "coalesce", "nvl")


def refuse_order(of: SqlType, node: exp.Expr) -> None:
    """Refuse ORDER BY a value of such a type."""
    if of.is_opaque:
        raise UndefinedFunction(
            f"could not identify an ordering operator for type {of.name}", position=position_of(node)
        )


def refuse_equality(of: SqlType, node: exp.Expr) -> None:
    """Refuse GROUP BY, DISTINCT, PARTITION BY, UNION of such a type."""
    if of.is_opaque:
        raise UndefinedFunction(
            f"could not identify an equality operator for type {of.name}", position=position_of(node)
        )


def refuse_select(node: exp.Select) -> None:
    """Refuse GROUP BY and DISTINCT of a bound SELECT."""
    outputs = [item.this if isinstance(item, exp.Alias) else item for item in node.expressions]
    group, distinct = node.args.get("group"), node.args.get("distinct")
    for key in _keys(group) if group is not None else ():
        ordinal = isinstance(key, exp.Literal) and not key.is_string
        refuse_equality(type_of(outputs[int(str(key.this)) - 1] if ordinal else key), key)
    if distinct is not None:
        for item in outputs:
            refuse_equality(type_of(item), item)


def _keys(group: exp.Expression) -> Iterable[exp.Expression]:
    pending = [part for value in group.args.values() if isinstance(value, list) for part in value]
    while pending:
        part = pending.pop()
        if isinstance(part, exp.Rollup | exp.Cube | exp.GroupingSets | exp.Tuple):
            pending += part.expressions
        else:
            yield part


def refuse_window(node: exp.Expression) -> exp.Expression:
    """The window, its PARTITION BY and ORDER BY refused such types."""
    for part in node.args.get("partition_by") or ():
        refuse_equality(type_of(part), part)
    order = node.args.get("order")
    for part in order.expressions if order is not None else ():
        refuse_order(type_of(part), part)
    return node


def refuse_arguments(name: str, takes: str, arguments: list[exp.Expression], node: exp.Expression) -> None:
    """Refuse a call with such a value, but for the functions that are made for it.

    Args:
        takes: the letters of the catalogue.
    """
    found = [type_of(one) for one in arguments]
    distinct = any(isinstance(one, exp.Distinct) for one in arguments)
    if not any(one.is_opaque for one in found) or (name in _TAKE_ANY and not distinct) or set(takes) & set("ge"):
        return
    kinds = ", ".join(str(one) for one in found)
    raise UndefinedFunction(f"function {name}({kinds}) does not exist", position=position_of(node))
