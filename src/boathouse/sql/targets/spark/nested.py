"""Nested values in Spark's words: fields, places, keys, what iterates over them in FROM, and as JSON where they leave.

Received: what the binder makes of structs, arrays and maps of external tables. They are handed through, taken apart and counted;
nothing else is done with them, for the engines do not agree on their order or on which are equal.
"""

from __future__ import annotations

from typing import Any

from sqlglot import exp

from boathouse.contracts.types import ARRAY_OIDS, SqlType
from boathouse.sql.bind.bound import ENGINE_CALL
from boathouse.sql.rewrites.forms import literal_number
from boathouse.sql.targets.spark.casts import REFUSAL, fitted
from boathouse.sql.targets.spark.words import Words, kind, literal, name, refused

_HANDING = (exp.Dot, exp.Bracket, exp.Alias, exp.Is, exp.If, exp.Case)
_TAKING = {"unnest", "len", "map_entries", "list_value", "get_array_length"}
_AS_JSON = ("boolean", "smallint", "integer", "bigint", "character", "character varying", "text", "date")
"""Types that both write alike."""


def check_place(node: exp.Expression) -> None:
    """Refuse a nested value where anything is done with it but what is the same in both engines."""
    parent = node.parent
    if not kind(node).is_nested or isinstance(parent, _HANDING) or parent is None:
        return
    if isinstance(parent, exp.Anonymous) and str(parent.this).lower() in _TAKING:
        return
    raise refused(f"a value of type {kind(node)} here", node)


def refuse_keys(node: exp.Expression, keys: list[exp.Expression]) -> None:
    """Refuse keys of a sort or a group, and rows to be told apart, where they are nested."""
    for key in keys:
        place = literal_number(key) if isinstance(key, exp.Literal) else None
        if place is not None and isinstance(node, exp.Select) and 0 < place <= len(node.expressions):
            key = node.expressions[place - 1]
        value = key.this if isinstance(key, exp.Alias) else key
        if kind(key).is_nested or kind(value).is_nested:
            raise refused("a nested value as a key", key)


def _field(words: Words, node: exp.Expression) -> str:
    words.type_name(kind(node), node)
    check_place(node)
    if kind(node.this).name != "struct":
        raise refused(f"a field of {kind(node.this)}", node)
    return f"{words.write(node.this)}.{name(node.expression.name)}"


def _element(words: Words, node: exp.Expression) -> str:
    words.type_name(kind(node), node)
    check_place(node)
    of, keys = kind(node.this), node.expressions
    if of.name == "map" and len(keys) == 1:
        return f"try_element_at({words.write(node.this)}, {fitted(words, keys[0], of.fields[0][1])})"
    place = literal_number(keys[0]) if len(keys) == 1 else None
    if of.name != "array" or place is None or place < 1:
        raise refused(f"an element of {of}", node)
    return f"get({words.write(node.this)}, {place - 1})"


def write_items(words: Words, node: exp.Expression) -> str:
    """A select list; an item of it that iterates, with or without the places beside the elements."""
    made = [one for one in node.expressions if _unnested(one) is not None]
    if not made:
        return words.all(node.expressions)
    if any(node.args.get(key) for key in ("group", "distinct", "order", "qualify", "having")):
        raise refused("a nested column in FROM like this", node)
    value, places = _unnested(made[0]), _unnested(made[1]) if len(made) == 2 else None
    assert value is not None
    if node.args.get("from_") is None and value.find(exp.Column) is not None and "map_entries" in value.sql().lower():
        raise refused("a map in FROM of a sub-query", node)  # whose parents there are told apart by all that it names
    written, element = words.write(value), name(made[0].alias)
    told = f"explode({written}) AS {element}"
    if len(made) > 1:
        counted = exp.Anonymous(this="range", expressions=[exp.Anonymous(this="len", expressions=[value.copy()])])
        if places is None or places.sql() != counted.sql():
            raise refused("a nested column in FROM like this", node)
        pair = "struct(`__v` AS `v`, CAST(`__i` AS BIGINT) AS `i`)"
        told = f"inline(transform({written}, (`__v`, `__i`) -> {pair})) AS ({element}, {name(made[1].alias)})"
    others = [words.write(one) for one in node.expressions if one not in made]
    return ", ".join([*others, told])


def _unnested(item: exp.Expression) -> exp.Expression | None:
    """What an item of a select list iterates over."""
    value = item.this if isinstance(item, exp.Alias) else item
    is_ours = isinstance(value, exp.Anonymous) and value.meta.get(ENGINE_CALL) and str(value.this).lower() == "unnest"
    return value.expressions[0] if is_ours else None


def write_length(words: Words, node: exp.Expression, args: list[exp.Expression]) -> str:
    """How many elements an array has."""
    return f"CAST(size({words.write(args[0])}) AS {words.type_name(kind(node), node)})"


def _array_length(words: Words, node: exp.Expression, args: list[exp.Expression]) -> str:
    if kind(args[0]).name != "array":
        raise refused("GET_ARRAY_LENGTH of this", node)
    return write_length(words, node, args)


def _entries(words: Words, node: exp.Expression, args: list[exp.Expression]) -> str:
    return f"map_entries({words.write(args[0])})"


def _list(words: Words, node: exp.Expression, args: list[exp.Expression]) -> str:
    return f"array({', '.join(fitted(words, one, kind(node).element) for one in args)})"


def leaving(value: str, of: SqlType) -> str:
    """A nested value as it leaves: a list of what is no text of JSON, or JSON as the house writes it.

    Raises:
        FeatureNotSupported: it holds what the engines write differently.
    """
    if of.name == "array" and of.element.name in ARRAY_OIDS:
        return value
    if not _is_json(of):
        raise refused(f"a result of type {of}")
    made = f"to_json({value}, map('ignoreNullFields', 'false'))"
    refusal = f"raise_error({literal(f'{REFUSAL}JSON of some letters')})"
    return f"CASE WHEN contains({made}, {literal(chr(92) + 'u')}) THEN CAST({refusal} AS STRING) ELSE {made} END"


def _is_json(of: SqlType) -> bool:
    if of.name == "map":
        return of.fields[0][1].is_text and _is_json(of.fields[1][1])
    return all(_is_json(part) for _, part in of.fields) if of.name in ("array", "struct") else of.name in _AS_JSON


CALLS: dict[str, Any] = {"get_array_length": _array_length, "map_entries": _entries, "list_value": _list}
WRITERS: dict[Any, Any] = {exp.Dot: _field, exp.Bracket: _element}
