"""Casts and literals in Spark's words, where both engines make the same value of the same one.

Received: nodes with their types. A text whose form the two might read differently ends in an error of `REFUSAL`, by which the
house knows that it has to look itself.
"""

from __future__ import annotations

import re
from typing import Any

from sqlglot import exp

from boathouse.contracts import types as t
from boathouse.contracts.types import SqlType
from boathouse.sql.redshift.types import from_sqlglot
from boathouse.sql.rewrites.forms import is_text_literal, literal_text
from boathouse.sql.targets.spark.words import Words, constant, kind, literal, refused

REFUSAL = "boathouse-elsewhere: "
"""How an error begins that means: this value is not for Spark to judge."""

_DATE = re.compile(r"[1-9]\d{3}-\d{2}-\d{2}")
_MOMENT = re.compile(r"[1-9]\d{3}-\d{2}-\d{2}( \d{2}:\d{2}:\d{2}(\.\d{1,6})?)?")
_WHOLE = re.compile(r"[+-]?\d+")
_DECIMAL = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)")


def write_literal(words: Words, node: exp.Expression) -> str:
    """A literal as it stands: a text is text, a number has the plan's type."""
    if is_text_literal(node):
        return literal(node.name)
    if kind(node).is_number:
        return f"CAST('{node.name}' AS {words.type_name(kind(node), node)})"
    raise refused(f"literal {node.name}", node)


def write_parameter(words: Words, node: exp.Expression) -> str:
    """`$n` by its value."""
    place = int(node.name) if str(node.name).isdigit() else 0
    if not 1 <= place <= len(words.values):
        raise refused("parameter", node)
    of = words.parameters[place - 1]
    of = t.VARCHAR if of == t.UNKNOWN else of
    found = constant(words.values[place - 1], of, words.type_name(of, node))
    if found is None:
        raise refused(f"a parameter of type {of}", node)
    return found


def write_cast(words: Words, node: exp.Expression) -> str:
    """CAST(x AS type)."""
    wanted = kind(node)
    if wanted == t.UNKNOWN and isinstance(node.args.get("to"), exp.DataType):
        wanted = from_sqlglot(node.args["to"])
    return converted(words, node.this, wanted, node)


def fitted(words: Words, node: exp.Expression, wanted: SqlType) -> str:
    """A value where one of the wanted type stands beside it: only what loses nothing is converted."""
    given = kind(node)
    if isinstance(node, exp.Null):
        return f"CAST(NULL AS {words.type_name(wanted, node)})"
    if is_text_literal(node) and not wanted.is_text:
        return converted(words, node, wanted, node)
    if given == wanted or (given.is_text and wanted.is_text):
        return words.write(node)
    if (given.is_number and wanted.is_number) or (given == t.DATE and wanted == t.TIMESTAMP):
        return f"CAST({words.write(node)} AS {words.type_name(wanted, node)})"
    raise refused(f"{given} beside {wanted}", node)


def converted(words: Words, value: exp.Expression, wanted: SqlType, at: exp.Expression) -> str:
    """A value as the wanted type by Redshift's rules for explicit casts."""
    name = words.type_name(wanted, at)
    written = literal_text(value)
    if written is not None:
        return _of_literal(written, wanted, name, at)
    given, inner = kind(value), words.write(value)
    if isinstance(value, exp.Null) or (given == wanted and not wanted.is_text):
        return f"CAST({inner} AS {name})"
    if wanted.is_text:
        return _to_text(words, value, inner, given, wanted)
    if given.is_text and given != t.UNKNOWN:
        return _of_text(inner, wanted, name, at)
    if given.is_float and wanted.is_integer:
        # 2^63 becomes 2^63 - 1 there.
        return _within(f"CAST(rint({inner}) AS {name})", f"{inner} < 9223372036854775808D", inner, name, wanted)
    if given == t.DOUBLE and wanted == t.REAL:  # what is too large becomes infinite there
        limits = f"abs({inner}) <= 3.4028234663852886E38D OR abs({inner}) >= DOUBLE('Infinity')"
        return _within(f"CAST({inner} AS {name})", limits, inner, name, wanted)
    if given.name == "numeric" and wanted.is_integer:
        return f"CAST(round({inner}, 0) AS {name})"
    if given.is_float and wanted.name == "numeric":
        raise refused(f"a cast of {given} to {wanted}", at)
    exact = given.is_number and (wanted.is_number or wanted == t.BOOLEAN)
    if exact or (given == t.BOOLEAN and wanted.is_integer):
        return f"CAST({inner} AS {name})"
    if {given, wanted} == {t.DATE, t.TIMESTAMP}:
        return f"CAST({inner} AS {name})"
    raise refused(f"a cast of {given} to {wanted}", at)


def _within(made: str, limits: str, inner: str, name: str, wanted: SqlType) -> str:
    refusal = f"raise_error({literal(f'{REFUSAL}a cast of such a value to {wanted}')})"
    return f"CASE WHEN {inner} IS NULL OR {limits} THEN {made} ELSE CAST({refusal} AS {name}) END"


def _of_literal(written: str, wanted: SqlType, name: str, at: exp.Expression) -> str:
    if wanted.is_text:
        if wanted.length is not None:
            written = written.encode()[: wanted.length].decode(errors="ignore")
        return literal(written.rstrip(" ") if wanted.name == "character" else written)
    shape = {t.DATE: _DATE, t.TIMESTAMP: _MOMENT}.get(wanted)
    if shape is None and wanted.is_integer:
        shape = _WHOLE
    elif shape is None and wanted.is_number:
        shape = _DECIMAL
    if wanted == t.BOOLEAN and written.lower() in ("true", "t", "false", "f"):
        return written.lower()[0].replace("t", "true").replace("f", "false")
    if shape is None or shape.fullmatch(written.strip()) is None:
        raise refused(f"the literal {written!r} as {wanted}", at)
    return f"CAST({literal(written.strip())} AS {name})"


def _to_text(words: Words, value: exp.Expression, inner: str, given: SqlType, wanted: SqlType) -> str:
    if given.is_float or given == t.TIMESTAMPTZ:
        raise refused(f"a cast of {given} to {wanted}", value)
    if not given.is_text:
        words.type_name(given, value)
        shown = f"CAST({inner} AS STRING)"
        if given in (t.DATE, t.TIMESTAMP):  # other years are written differently
            shown = _within(shown, f"year({inner}) BETWEEN 1 AND 9999", inner, "STRING", wanted)
        inner = shown
    if wanted.length is not None and not (given.length is not None and given.length <= wanted.length):
        inner = cut(inner, wanted.length)
    return f"rtrim({inner})" if wanted.name == "character" and given.name != "character" else inner


def cut(inner: str, length: int) -> str:
    """A text's longest beginning of so many bytes."""
    shorter = f"size(filter(sequence(1, {length}), k -> octet_length(left({inner}, k)) <= {length}))"
    return f"CASE WHEN octet_length({inner}) <= {length} THEN {inner} ELSE left({inner}, {shorter}) END"


def _of_text(inner: str, wanted: SqlType, name: str, at: exp.Expression) -> str:
    """Forms that both read in the same way; others are not for Spark to judge."""
    shapes = {t.DATE: _DATE, t.TIMESTAMP: _MOMENT}
    shape = shapes.get(wanted) or (_WHOLE if wanted.is_integer else _DECIMAL if wanted.is_number else None)
    if shape is None:
        raise refused(f"a cast of text to {wanted}", at)
    pattern = literal(rf"\A *(?:{shape.pattern}) *\z")
    fits = f"regexp_like({inner}, {pattern})"
    refusal = f"raise_error({literal(REFUSAL + 'a text as ' + str(wanted))})"
    return f"CASE WHEN {inner} IS NULL OR {fits} THEN CAST(trim({inner}) AS {name}) ELSE CAST({refusal} AS {name}) END"


def write_null(words: Words, node: exp.Expression) -> str:
    """NULL."""
    return "NULL"


def write_boolean(words: Words, node: exp.Expression) -> str:
    """TRUE and FALSE."""
    return "true" if node.this else "false"


WRITERS: dict[Any, Any] = {
    exp.Literal: write_literal,
    exp.Cast: write_cast,
    exp.Null: write_null,
    exp.Boolean: write_boolean,
    exp.Parameter: write_parameter,
    exp.Placeholder: write_parameter,
}
