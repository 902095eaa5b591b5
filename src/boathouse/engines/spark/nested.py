"""Nested columns of files as they are declared: fields by their names, whatever their case and order.

Received: the type that a file has and the declared one, both as Spark knows them. Handed to `tables`: SQL for the value.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from boathouse.contracts.errors import FeatureNotSupported

Scalar = Callable[[str, str, str], str]
"""SQL for a value of a given type as a wanted one."""


def fitted(value: str, given: Any, wanted: Any, scalar: Scalar, depth: int = 0) -> str:
    """SQL for a value; as it is where the types are the same.

    Args:
        value: its SQL.
        scalar: does it for what is not nested, or refuses.

    Raises:
        FeatureNotSupported: the file has something else there.
    """
    kinds = {type(given).__name__, type(wanted).__name__}
    if given.simpleString() == wanted.simpleString():
        return value
    if kinds == {"StructType"}:
        return _struct(value, given, wanted, scalar, depth)
    if kinds == {"ArrayType"}:
        one = f"`__{depth}`"
        return f"transform({value}, {one} -> {fitted(one, given.elementType, wanted.elementType, scalar, depth + 1)})"
    if kinds & {"StructType", "ArrayType", "MapType"}:
        raise FeatureNotSupported(
            f"a file's column of type {given.simpleString()} as {wanted.simpleString()} is not supported on the engine spark"
        )
    return scalar(value, given.simpleString(), wanted.simpleString())


def _struct(value: str, given: Any, wanted: Any, scalar: Scalar, depth: int) -> str:
    by_name = {field.name.lower(): field for field in given.fields}
    if len(by_name) != len(given.fields):
        raise FeatureNotSupported("fields that differ in nothing but case are not supported on the engine spark")
    parts = []
    for field in wanted.fields:
        found = by_name.get(field.name.lower())
        made = (
            f"CAST(NULL AS {field.dataType.simpleString()})"
            if found is None
            else fitted(f"{value}.{_name(found.name)}", found.dataType, field.dataType, scalar, depth)
        )
        parts.append(f"{_text(field.name)}, {made}")
    return f"CASE WHEN {value} IS NOT NULL THEN named_struct({', '.join(parts)}) END"


def _name(text: str) -> str:
    return "`" + text.replace("`", "``") + "`"


def _text(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
