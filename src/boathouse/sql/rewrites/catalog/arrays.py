"""Casts of PostgreSQL's arrays: `'{r,v}'::"char"[]`, `ARRAY['a']::name[]`, `indkey::int2[]`, and back to text.

Received from `casts`: the value and both types. Handed back: the engine's list, or the text that PostgreSQL prints.

Source: PostgreSQL "Array Input and Output Syntax"; `int2vector` prints its numbers with blanks between.
"""

from __future__ import annotations

import csv

from sqlglot import exp

from boathouse.contracts import types as t
from boathouse.contracts.types import SqlType, sql_array_of
from boathouse.sql.bind.bound import with_type
from boathouse.sql.redshift.types import duckdb_type
from boathouse.sql.rewrites.forms import call, cast, cast_as, literal_text, text


def convert(value: exp.Expression, given: SqlType, wanted: SqlType) -> exp.Expression:
    """`value` as `wanted`, where one of the two is a list."""
    if not wanted.is_list:
        return _to_text(value, given, wanted)
    literal = literal_text(value)
    if literal is not None:
        return _of_literal(literal, wanted)
    if given.is_text and given != t.UNKNOWN:
        braces = call("trim", cast(value, t.VARCHAR), text("{}"))
        parts = call("string_split", braces, text("," if wanted.name == "array" else " "))
        return with_type(cast_as(parts, duckdb_type(wanted)), wanted)
    return with_type(cast_as(value, duckdb_type(wanted)), wanted)


def _to_text(value: exp.Expression, given: SqlType, wanted: SqlType) -> exp.Expression:
    words = cast_as(value, "VARCHAR[]")
    if given.name != "array":
        return cast(call("array_to_string", words, text(" ")), wanted)
    return cast(call("rs.array_text", words), wanted)


def _of_literal(literal: str, wanted: SqlType) -> exp.Expression:
    inner = literal.strip().removeprefix("{").removesuffix("}")
    mark = "," if wanted.name == "array" else " "
    words = next(csv.reader([inner], delimiter=mark, skipinitialspace=True, escapechar="\\"), []) if inner else []
    items = [exp.Null() if word == "NULL" else text(word.strip()) for word in words]
    listed = call("list_value", *items, of=sql_array_of(t.VARCHAR))
    return with_type(cast_as(listed, duckdb_type(wanted)), wanted)
