"""Spatial calls whose engine form depends on their arguments: how many there are, of which of the two types, from how many
tables.

Received from `calls` and `aggregates`: converted arguments. Handed back: the engine's expression.

Source: Redshift Developer Guide, "Spatial functions".
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlglot import exp

from boathouse.contracts import types as t
from boathouse.contracts.errors import UndefinedFunction
from boathouse.sql.bind.bound import type_of
from boathouse.sql.redshift.catalogue.spatial_functions import PREDICATES
from boathouse.sql.rewrites.forms import call, cast, number

Args = Sequence[exp.Expression]
_Builder = Callable[[Args], exp.Expression]

_DIGITS, _PLACES, _SEGMENTS = 15, 20, 8
"""Digits of text, letters of a geohash and segments of a quarter circle, where none are given."""
_EARTH = "6371008.771415059"
"""The mean radius of WGS 84 in metres."""


def _with_default(engine: str, value: int) -> _Builder:
    """The last argument may be left out."""
    return lambda args: call(engine, *args, *(() if len(args) > 1 else (number(value),)))


def _by_count(**forms: str) -> _Builder:
    """The engine's function by the number of arguments: `_2="…"`."""
    return lambda args: call(forms[f"_{len(args)}"], *args)


def _of_either(in_plane: str, on_earth: str) -> _Builder:
    """Of a GEOMETRY in the plane, of a GEOGRAPHY on the spheroid."""
    return lambda args: call(on_earth if type_of(args[0]) == t.GEOGRAPHY else in_plane, *args)


def _distance(args: Args) -> exp.Expression:
    kinds = {type_of(one).name for one in args if type_of(one).is_spatial}
    if len(kinds) > 1:
        told = ", ".join(str(type_of(one)) for one in args)
        raise UndefinedFunction(f"function st_distance({told}) does not exist", hint="Cast one of them.")
    return call("bh_geog_distance" if "geography" in kinds else "sp.distance", *args)


def _from_wkb(args: Args) -> exp.Expression:
    srid = args[1] if len(args) > 1 else number(0)
    return call("bh_geo_from_hex_with", args[0], srid)


def _envelope(args: Args) -> exp.Expression:
    return call("bh_geo_envelope_of", *args, *(() if len(args) == 5 else (number(0),)))


def _add_point(args: Args) -> exp.Expression:
    return call("bh_geo_add_point", *args, *(() if len(args) == 3 else (number(-1),)))


def _buffer(args: Args) -> exp.Expression:
    return call("sp.buffer", *args, *(() if len(args) == 3 else (number(_SEGMENTS),)))


def _sphere_distance(args: Args) -> exp.Expression:
    return call("bh_geo_sphere_distance", *args, *(() if len(args) == 3 else (exp.Literal.number(_EARTH),)))


def _collect(args: Args) -> exp.Expression:
    one, other = args
    both = exp.And(this=_present(one), expression=_present(other))
    made = call("bh_geo_collect", call("list_value", one.copy(), other.copy()))
    return exp.Case(ifs=[exp.If(this=both, true=made)], default=exp.Coalesce(this=one, expressions=[other]))


def _present(value: exp.Expression) -> exp.Expression:
    return exp.Not(this=exp.Is(this=exp.Paren(this=value.copy()), expression=exp.Null()))


def _supports_box(args: Args) -> exp.Expression:
    """Every geometry that is not NULL."""
    return exp.Case(ifs=[exp.If(this=_present(args[0]), true=exp.true())])


def _size(args: Args) -> exp.Expression:
    return cast(call("octet_length", args[0]), t.INTEGER)


def predicate(name: str, node: exp.Expression, args: Args) -> exp.Expression:
    """How two shapes lie to each other; between two tables, in a form that the engine knows a spatial join by."""
    macro = PREDICATES[name]
    found = call(f"sp.joined_{macro}" if _joins(node, args) else f"sp.{macro}", *args)
    if name in ("st_crosses", "st_equals"):  # the guide has an error where others have NULL
        return call("sp.present", *(one.copy() for one in args), found)
    return found


def _joins(node: exp.Expression, args: Args) -> bool:
    clause = node.find_ancestor(exp.Where, exp.Join, exp.Select)
    tables = [{column.table for column in one.find_all(exp.Column)} for one in args]
    return isinstance(clause, exp.Where | exp.Join) and all(tables) and not tables[0] & tables[1]


def aggregate(value: exp.Expression, order: exp.Expression | None) -> exp.Expression:
    """ST_Collect of a group's rows, NULLs left out."""
    inner = value
    if order is not None:
        inner = exp.Order(this=value, expressions=[one.copy() for one in order.expressions])
    rows = exp.Filter(this=call("list", inner), expression=exp.Where(this=_present(value)))
    return call("bh_geo_collect", rows, of=t.GEOMETRY)


BUILDERS: dict[str, _Builder] = {
    "st_geomfromtext": _with_default("bh_geo_from_text", 0),
    "st_geomfromwkb": _from_wkb,
    "st_geomfromgeohash": _with_default("bh_geo_from_geohash", -1),
    "st_astext": _with_default("bh_geo_text", _DIGITS),
    "st_asewkt": _with_default("bh_geo_ewkt", _DIGITS),
    "st_asgeojson": _with_default("bh_geo_geojson", _DIGITS),
    "st_geohash": _with_default("bh_geo_geohash", _PLACES),
    "st_makepoint": _by_count(_2="bh_geo_point", _3="bh_geo_point3", _4="bh_geo_point4"),
    "st_makeenvelope": _envelope,
    "st_makepolygon": _by_count(_1="bh_geo_make_polygon", _2="bh_geo_make_holed"),
    "st_collect": _collect,
    "st_addpoint": _add_point,
    "st_buffer": _buffer,
    "addbbox": lambda args: exp.Paren(this=args[0]),
    "st_startpoint": lambda args: call("bh_geo_point_at", args[0], number(1)),
    "st_endpoint": lambda args: call("bh_geo_point_at", args[0], number(-1)),
    "st_memsize": _size,
    "supportsbbox": _supports_box,
    "st_area": _of_either("sp.area", "bh_geog_area"),
    **dict.fromkeys(("st_length", "st_length2d"), _of_either("sp.length", "bh_geog_length")),
    **dict.fromkeys(("st_perimeter", "st_perimeter2d"), _of_either("sp.perimeter", "bh_geog_perimeter")),
    "st_distance": _distance,
    "st_distancesphere": _sphere_distance,
    "st_angle": _by_count(_3="bh_geo_angle3", _4="bh_geo_angle4"),
}
