"""Conditions over partition columns as the expressions of Glue's GetPartitions.

Receives the conditions that decide by the partition key; hands `glue` one expression that no needed partition fails. What
Glue's grammar has not is left out: the engine looks at the partitions that come once more. Pure.
Source: AWS Glue API Reference, "GetPartitions", Expression.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from sqlglot import exp

from boathouse.contracts.types import SqlType
from boathouse.lake.catalogs.glue_tables import hive_type
from boathouse.lake.tables import ExternalTable

EXPRESSION_LENGTH_MAX = 2048

_OPERATORS: dict[type[exp.Expression], tuple[str, str]] = {
    exp.EQ: ("=", "="),
    exp.LT: ("<", ">"),
    exp.LTE: ("<=", ">="),
    exp.GT: (">", "<"),
    exp.GTE: (">=", "<="),
}
"""Each with its mirror, for constants on the left."""
_COMPARED = {"string", "date", "int", "bigint", "smallint"}
"""Types of columns that may stand in an expression and mean there what they mean to the engine; varchar(n) may not."""
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_NAME = re.compile(r"[a-z_][a-z0-9_]*")


def glue_expression(table: ExternalTable, filters: Sequence[exp.Expression]) -> str:
    """The expression; empty where nothing can be said."""
    kinds = {name: kind for name, kind in table.partitions if _NAME.fullmatch(name) and hive_type(kind) in _COMPARED}
    parts: list[str] = []
    for one in filters:
        part = _part(one, kinds)
        if part is not None and len(" AND ".join([*parts, part])) <= EXPRESSION_LENGTH_MAX:
            parts.append(part)
    return " AND ".join(parts)


def _part(condition: exp.Expression, kinds: dict[str, SqlType]) -> str | None:
    if isinstance(condition, exp.Paren):
        return _part(condition.args["this"], kinds)
    if isinstance(condition, exp.And | exp.Or):
        found = [_part(condition.args[side], kinds) for side in ("this", "expression")]
        if isinstance(condition, exp.And):
            kept = [one for one in found if one is not None]
            return f"({' AND '.join(kept)})" if kept else None
        return None if None in found else f"({' OR '.join(str(one) for one in found)})"
    if isinstance(condition, exp.In) and condition.args.get("expressions"):
        name = _column(condition.args["this"], kinds)
        values = [_value(one, kinds.get(name or "")) for one in condition.args["expressions"]]
        if name is None or None in values:
            return None
        return "(" + " OR ".join(f"{name} = {value}" for value in values) + ")"
    if isinstance(condition, exp.Between):
        name = _column(condition.args["this"], kinds)
        low, high = (_value(condition.args[end], kinds.get(name or "")) for end in ("low", "high"))
        return None if name is None or low is None or high is None else f"({name} >= {low} AND {name} <= {high})"
    return _comparison(condition, kinds)


def _comparison(condition: exp.Expression, kinds: dict[str, SqlType]) -> str | None:
    found = _OPERATORS.get(type(condition))
    if found is None:
        return None
    left, right = condition.args["this"], condition.args["expression"]
    operator, mirrored = found
    if _column(left, kinds) is None:
        left, right, operator = right, left, mirrored
    name = _column(left, kinds)
    value = _value(right, kinds.get(name or ""))
    return None if name is None or value is None else f"{name} {operator} {value}"


def _column(found: exp.Expression, kinds: dict[str, SqlType]) -> str | None:
    return found.name if isinstance(found, exp.Column) and found.name in kinds else None


def _value(found: exp.Expression, kind: SqlType | None) -> str | None:
    """A constant that Glue compares with a column of this type as the engine does."""
    while isinstance(found, exp.Cast | exp.Paren):
        found = found.args["this"]
    negative = isinstance(found, exp.Neg)
    if isinstance(found, exp.Neg):
        found = found.args["this"]
    if kind is None or not isinstance(found, exp.Literal):
        return None
    text = str(found.args["this"])
    if kind.is_integer:
        return ("-" if negative else "") + text if text.isdigit() else None
    if negative or not found.is_string or "'" in text or "\\" in text:
        return None
    if kind.name == "date":
        return f"'{text}'" if _DATE.fullmatch(text) else None
    return f"'{text}'"
