"""Casts to and from GEOMETRY and GEOGRAPHY.

Received from `casts`: a value, its type and the wanted one, either of them spatial. Handed back: the engine's expression.

Source: Redshift Developer Guide, "Querying spatial data in Amazon Redshift": a cast between the two copies coordinates.
"""

from __future__ import annotations

from sqlglot import exp

from boathouse.contracts import types as t
from boathouse.contracts.errors import InputError
from boathouse.contracts.types import SqlType
from boathouse.sql.bind.bound import type_of
from boathouse.sql.rewrites.forms import call, cast, is_text_literal, number


def rewrite_parameter(node: exp.Expression) -> exp.Expression:
    """A parameter of such a type is text, whichever form its client sent."""
    if not isinstance(node, exp.Parameter | exp.Placeholder) or not type_of(node).is_spatial:
        return node
    return _read(cast(node, t.VARCHAR), type_of(node))


def _read(text: exp.Expression, wanted: SqlType) -> exp.Expression:
    return call("bh_geo_read" if wanted == t.GEOMETRY else "bh_geog_read", text, of=wanted)


def convert(value: exp.Expression, given: SqlType, wanted: SqlType) -> exp.Expression:
    """`value` as the wanted type.

    Raises:
        InputError: 42846, there is no such cast.
    """
    if isinstance(value, exp.Null):
        return cast(value, wanted)
    if given == wanted:
        return value
    if wanted.is_spatial and (
        isinstance(value, exp.Parameter | exp.Placeholder) or is_text_literal(value) or given.is_text
    ):
        shown = value if is_text_literal(value) or given.is_text else cast(value, t.VARCHAR)
        return _read(shown, wanted)
    if given.is_spatial and wanted.is_spatial:
        return call("bh_geog_of", value, of=wanted) if wanted == t.GEOGRAPHY else exp.Paren(this=value)
    if given.is_spatial and wanted.is_text and wanted != t.UNKNOWN:
        shown = call("bh_geo_hex", value, of=t.VARCHAR)
        return shown if wanted.length is None else call("rs.cut", shown, number(wanted.length), of=wanted)
    raise InputError(f"cannot cast type {given.name} to {wanted.name}", sqlstate="42846")
