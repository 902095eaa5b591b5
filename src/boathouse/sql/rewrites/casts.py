"""Casts as Redshift makes them: byte lengths cut, text read strictly, SUPER read leniently.

Received: `CAST(x AS type)` with both types known where they can be. Handed back: the engine's cast, or a macro.

Source: Redshift Developer Guide, "CAST function", "Character types", "Type compatibility and conversion".
"""

from __future__ import annotations

from sqlglot import exp

from boathouse.contracts import types as t
from boathouse.contracts.types import SqlType
from boathouse.sql.bind.bound import type_of, with_type
from boathouse.sql.bind.forms.super_modes import STRICT
from boathouse.sql.redshift.patterns.zones import with_offset
from boathouse.sql.redshift.types import from_sqlglot
from boathouse.sql.rewrites.catalog import arrays, references
from boathouse.sql.rewrites.forms import call, cast, is_text_literal, literal_text, number, text
from boathouse.sql.rewrites.session_facts import special_moment
from boathouse.sql.rewrites.spatial import casts as spatial_casts
from boathouse.sql.rewrites.supers import as_super


def rewrite_cast(node: exp.Expression) -> exp.Expression:
    """Rewrite an explicit cast."""
    if not isinstance(node, exp.Cast) or not isinstance(node.to, exp.DataType):
        return node
    wanted = type_of(node)
    if wanted == t.UNKNOWN:
        wanted = from_sqlglot(node.to)
    if isinstance(node, exp.TryCast):
        return _attempt(node, wanted)
    if node.meta.get(STRICT) and wanted != t.SUPER:
        return call("rs.super_strict", node.this, convert(node.this.copy(), wanted), text(str(wanted)), of=wanted)
    return convert(node.this, wanted)


def convert(value: exp.Expression, wanted: SqlType) -> exp.Expression:
    """`value` as the wanted type by Redshift's rules for explicit casts."""
    given = t.UNKNOWN if is_text_literal(value) else type_of(value)
    if given.is_spatial or wanted.is_spatial:
        return spatial_casts.convert(value, given, wanted)
    if isinstance(value, exp.Parameter | exp.Placeholder) and wanted.length is not None:
        value, given = cast(value, t.VARCHAR), t.VARCHAR
    if isinstance(value, exp.Parameter | exp.Placeholder) and wanted.is_reference:
        return references.from_text(cast(value, t.VARCHAR), wanted)
    if isinstance(value, exp.Null | exp.Parameter | exp.Placeholder):
        return cast(value, wanted)
    if given == t.SUPER:
        return _from_super(value, wanted)
    if wanted == t.SUPER:
        return as_super(value, given)
    if given.name == "varbyte" or (wanted.name == "varbyte" and given.is_integer):
        return _bytes(value, given, wanted)
    if wanted.is_list or given.is_list:
        return arrays.convert(value, given, wanted)
    if given.is_reference and wanted.is_text:
        return _to_text(references.to_text(value), t.VARCHAR, wanted)
    if wanted.is_text and wanted != t.UNKNOWN:
        return _to_text(value, given, wanted)
    if literal_text(value) is not None or (given.is_text and given != t.UNKNOWN):
        return _from_text(value, wanted)
    return cast(value, wanted)


def _bytes(value: exp.Expression, given: SqlType, wanted: SqlType) -> exp.Expression:
    """VARBYTE to text as UTF-8; integers to as many bytes as they have, the highest first, and back."""
    if given.is_integer:
        return call("rs.bytes_of_integer", value, number(2 * given.size), of=wanted)
    if wanted.is_integer:
        return cast(call("rs.integer_of_bytes", value, number(wanted.size)), wanted)
    if wanted.is_text and wanted != t.UNKNOWN:
        return _to_text(call("decode", value, of=t.VARCHAR), t.VARCHAR, wanted)
    return cast(value, wanted)


def _attempt(node: exp.TryCast, wanted: SqlType) -> exp.Expression:
    """TRY_CAST: NULL exactly where CAST would fail; the engine alone would read '2.5' as an integer."""
    value = node.this
    given = t.UNKNOWN if is_text_literal(value) else type_of(value)
    if wanted.is_integer and (is_text_literal(value) or (given.is_text and given != t.UNKNOWN)):
        return cast(call("rs.digits", value, of=t.VARCHAR), wanted, attempt=True)
    if wanted.is_text:
        return convert(value, wanted)
    return node


def _to_text(value: exp.Expression, given: SqlType, wanted: SqlType) -> exp.Expression:
    if given.is_float:
        value = call("rs.float_text", value, of=t.VARCHAR)
    elif not given.is_text or given == t.UNKNOWN:
        value = value if literal_text(value) is not None else cast(with_zero(value), t.VARCHAR)
    literal = literal_text(value)
    if wanted.length is None:
        return cast(value, t.VARCHAR) if given != wanted else value
    if literal is not None:
        shown = literal.encode()[: wanted.length].decode(errors="ignore")
        return text(shown.rstrip(" ") if wanted.name == "character" else shown)
    fits = given.is_text and given.length is not None and given.length <= wanted.length
    value = value if fits else call("rs.cut", value, number(wanted.length), of=wanted)
    if wanted.name == "character" and given.name != "character":
        return call("rtrim", value, text(" "), of=wanted)
    return value


def with_zero(value: exp.Expression) -> exp.Expression:
    """A number whose text has a digit before the point: of a decimal of decimals alone the engine would show none."""
    of = type_of(value)
    if of.name == "numeric" and of.precision is not None and of.precision == of.scale:
        return with_type(cast(value, t.numeric(of.precision + 1, of.scale)), of)
    return value


def _from_text(value: exp.Expression, wanted: SqlType) -> exp.Expression:
    special = special_moment(literal_text(value), wanted)
    if special is not None:
        return special
    if wanted in (t.TIMETZ, t.TIMESTAMPTZ) and (zoned := literal_text(value)) is not None:
        value = text(with_offset(zoned))
    if wanted.is_reference:
        return references.from_text(value, wanted)
    if wanted.is_integer:
        shown = {"smallint": "Short", "integer": "Integer", "bigint": "Long"}[wanted.name]
        literal = literal_text(value)
        if literal is not None and literal.strip().lstrip("+-").isdigit() and literal.isascii():
            return cast(value, wanted)
        return cast(call("rs.integer_text", value, text(shown)), wanted)
    if wanted.name == "varbyte":
        return call("encode", value, of=wanted)
    if wanted == t.BOOLEAN:
        return call("rs.to_boolean", value, of=wanted)
    if wanted == t.DATE:
        return cast(value, wanted) if _is_iso_date(literal_text(value)) else call("rs.to_date", value, of=wanted)
    if wanted == t.TIMESTAMP:
        return cast(value, wanted) if _is_iso_date(literal_text(value)) else call("rs.to_timestamp", value, of=wanted)
    if wanted in (t.INTERVAL, t.TIMETZ):
        return call(f"rs.to_{'interval' if wanted == t.INTERVAL else 'timetz'}", value, of=wanted)
    if wanted == t.TIMESTAMPTZ and not _is_iso_date(literal_text(value)):
        return call("rs.to_timestamptz", value, of=wanted)
    return cast(value, wanted)


def _is_iso_date(literal: str | None) -> bool:
    """True where the engine reads the literal itself, so that the cast stays visible to its optimizer."""
    return literal is not None and len(literal) == 10 and literal[4] == literal[7] == "-"


def _from_super(value: exp.Expression, wanted: SqlType) -> exp.Expression:
    """SUPER scalars; NULL where the value is of another kind (`cast_super_null_on_error` is on)."""
    if wanted == t.SUPER:
        return value
    if wanted.is_text:
        shown = call("rs.super_varchar", value, of=t.VARCHAR)
        return shown if wanted.length is None else call("rs.cut", shown, number(wanted.length), of=wanted)
    if wanted == t.BOOLEAN:
        return call("rs.super_boolean", value, of=wanted)
    scalar = call("rs.super_number" if wanted.is_number else "rs.super_text", value)
    return cast(scalar, wanted, attempt=True)
