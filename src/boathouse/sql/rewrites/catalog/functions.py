"""Calls of the catalog's functions that look something up, in the engine's form.

Received from `calls`: arguments. Handed back: a macro's call with, last, the relation that the session must be lent.

Source: PostgreSQL "System Information Functions", "Array Functions".
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence

from sqlglot import exp

from boathouse.contracts import types as t
from boathouse.contracts.errors import FeatureNotSupported, UndefinedFunction
from boathouse.sql.bind.bound import type_of, with_type
from boathouse.sql.rewrites.catalog import references
from boathouse.sql.rewrites.forms import call, cast, cast_as, grouped, literal_number, literal_text, number, text

Args = Sequence[exp.Expression]
Builder = Callable[[Args], exp.Expression]


def _looked_up(macro: str, relation: str, count: int = 1) -> Builder:
    """A macro over the first arguments, and what it reads."""

    def build(args: Args) -> exp.Expression:
        return call(f"rs.{macro}", _oid(args[0]), *args[1:count], text(f"system:{relation}"))

    return build


def _oid(value: exp.Expression) -> exp.Expression:
    """A relation by number, or by name as old clients give it."""
    if literal_text(value) is not None or (type_of(value).is_text and type_of(value) != t.UNKNOWN):
        return references.from_text(value, t.REGCLASS)
    return value


def _visible(args: Args) -> exp.Expression:
    return call("rs.is_table_visible", args[0], references.search_path(), text("system:relation_names"))


def _col_description(args: Args) -> exp.Expression:
    return call("rs.col_description", args[0], args[1], text("system:pg_description"))


def _constraintdef(args: Args) -> exp.Expression:
    lent = (text(f"system:{name}") for name in ("keys", "relation_names"))
    return call("rs.constraint_definition", _oid(args[0]), references.search_path(), *lent)


def _indexdef(args: Args) -> exp.Expression:
    column = args[1] if len(args) > 1 else number(0)
    return call("rs.index_definition", args[0], column, text("system:index_texts"))


def _set_config(args: Args) -> exp.Expression:
    """A read of a variable whose setting has the effect; constants only."""
    name, value = literal_text(args[0]), literal_text(args[1])
    if name is None or (value is None and not isinstance(args[1], exp.Null)):
        raise FeatureNotSupported("SET_CONFIG takes literals")
    local = isinstance(args[2], exp.Boolean) and bool(args[2].this)
    asked = json.dumps([name, value or "", local]).encode().hex()
    return cast(call("getvariable", text(f"config_{asked}")), t.VARCHAR)


def _array_to_string(args: Args) -> exp.Expression:
    words: exp.Expression = cast_as(args[0], "VARCHAR[]")
    if len(args) > 2:
        return call("rs.joined", words, args[1], args[2])
    return call("array_to_string", words, args[1])


def _bound(upper: bool) -> Builder:
    def build(args: Args) -> exp.Expression:
        if not type_of(args[0]).is_list and type_of(args[0]).name not in ("unknown", "array"):
            name = "array_upper" if upper else "array_lower"
            raise UndefinedFunction(f"function {name} does not exist for arguments of these types")
        first = 0 if type_of(args[0]).name in ("int2vector", "oidvector") else 1
        return call("rs.array_bound", args[0], args[1], exp.true() if upper else exp.false(), number(first))

    return build


def _length(args: Args) -> exp.Expression:
    return call("rs.array_bound", args[0], args[1], exp.true(), number(1))


def _unnest(args: Args) -> exp.Expression:
    if not type_of(args[0]).is_list:
        raise UndefinedFunction(
            "function unnest does not exist", hint="Walk through SUPER in FROM: FROM t, t.items AS i."
        )
    return call("unnest", args[0])


def _subscripts(args: Args) -> exp.Expression:
    if literal_number(args[1]) not in (None, 1):
        raise FeatureNotSupported("GENERATE_SUBSCRIPTS takes dimension 1")
    first = 0 if type_of(args[0]).name in ("int2vector", "oidvector") else 1
    return call("unnest", call("rs.subscripts", args[0], number(first)))


def _expand(args: Args) -> exp.Expression:
    return call("unnest", call("rs.expanded", args[0]))


def _types(args: Args) -> exp.Expression:
    return call("rs.types_text", args[0])


def _maybe(kind: t.SqlType) -> Builder:
    """to_regclass and its like: NULL where there is nothing of that name."""

    def build(args: Args) -> exp.Expression:
        return with_type(call("try", references.from_text(args[0], kind)), kind)

    return build


def _format(args: Args) -> exp.Expression:
    """Names, literals and texts put in a literal's places: `%I`, `%L`, `%s`."""
    pattern, values = literal_text(args[0]), list(args[1:])
    if pattern is None:
        raise FeatureNotSupported("FORMAT takes a literal format")
    parts: list[exp.Expression] = []
    for plain, mark in re.findall(r"([^%]*)(%[ILs%]|$)", pattern):
        if plain:
            parts.append(text(plain))
        if mark == "%%":
            parts.append(text("%"))
        elif mark:
            value = cast_as(values.pop(0) if values else exp.Null(), "VARCHAR")
            macro = {"%I": "rs.quote_ident", "%L": "rs.quote_literal"}.get(mark)
            parts.append(call(macro, value) if macro else exp.Coalesce(this=value, expressions=[text("")]))
    return call("concat", *parts)


BUILDERS: dict[str, Builder] = {
    "pg_get_expr": lambda args: grouped(args[0]),
    "pg_table_is_visible": _visible,
    "pg_get_userbyid": _looked_up("user_by_id", "owners"),
    "obj_description": _looked_up("obj_description", "pg_description"),
    "shobj_description": _looked_up("obj_description", "pg_description"),
    "col_description": _col_description,
    "pg_get_viewdef": _looked_up("view_definition", "view_texts"),
    "pg_get_constraintdef": _constraintdef,
    "pg_get_indexdef": _indexdef,
    "pg_get_functiondef": _looked_up("function_definition", "routine_texts"),
    **dict.fromkeys(
        ("pg_get_function_arguments", "pg_get_function_identity_arguments"),
        _looked_up("function_arguments", "routine_texts"),
    ),
    "pg_get_function_result": _looked_up("function_result", "routine_texts"),
    "oidvectortypes": _types,
    "set_config": _set_config,
    "format": _format,
    "to_regclass": _maybe(t.REGCLASS),
    "to_regtype": _maybe(t.REGTYPE),
    "array_to_string": _array_to_string,
    "array_upper": _bound(upper=True),
    "array_lower": _bound(upper=False),
    "array_length": _length,
    "array_ndims": lambda args: call("rs.dimensions", args[0]),
    "cardinality": lambda args: call("len", args[0]),
    **dict.fromkeys(("unnest", "explode"), _unnest),
    "generate_subscripts": _subscripts,
    "_pg_expandarray": _expand,
    # Nothing is partitioned in the catalog's sense, so nothing has ancestors.
    "pg_partition_ancestors": lambda args: call("unnest", cast_as(call("list_value"), "BIGINT[]")),
    "pg_options_to_table": lambda args: call("unnest", call("rs.options", args[0])),
}
