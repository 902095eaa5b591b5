"""The catalogue's spatial functions, as rows for `sql.redshift.functions`.

Engine functions `bh_…` are computed in Python; `sp.…` are macros over the engine's spatial extension, which is loaded when a
statement names one. "" where `sql.rewrites.spatial.calls` builds the form.

Source: Redshift Developer Guide, "Spatial functions".
"""

from __future__ import annotations

from sqlglot import exp

from boathouse.contracts import types as t
from boathouse.contracts.types import SqlType

_READ: tuple[tuple[str, str, SqlType, str], ...] = (
    ("st_geomfromtext", "s?i", t.GEOMETRY, ""),
    ("st_geomfromewkt", "s", t.GEOMETRY, "bh_geo_from_ewkt"),
    ("st_geogfromtext", "s", t.GEOGRAPHY, "bh_geog_from_text"),
    ("st_geomfromwkb", "w?i", t.GEOMETRY, ""),
    ("st_geomfromewkb", "w", t.GEOMETRY, "bh_geo_from_hex"),
    ("st_geogfromwkb", "w", t.GEOGRAPHY, "bh_geog_from_hex"),
    ("st_geomfromgeojson", "s", t.GEOMETRY, "bh_geo_from_geojson"),
    ("st_geomfromgeohash", "s?i", t.GEOMETRY, ""),
    ("st_astext", "e?i", t.VARCHAR, ""),
    ("st_asewkt", "e?i", t.VARCHAR, ""),
    ("st_asgeojson", "e?i", t.VARCHAR, ""),
    ("st_asbinary", "g", t.VARBYTE, "bh_geo_wkb"),
    ("st_asewkb", "g", t.VARBYTE, "bh_geo_ewkb"),
    ("st_ashexewkb", "e", t.VARCHAR, "bh_geo_hex"),
    ("st_ashexwkb", "e", t.VARCHAR, "bh_geo_hexwkb"),
    ("st_geohash", "g?i", t.VARCHAR, ""),
)
_MADE: tuple[tuple[str, str, SqlType, str], ...] = (
    ("st_point", "dd", t.GEOMETRY, "bh_geo_point"),
    ("st_makepoint", "dd?dd", t.GEOMETRY, ""),
    ("st_makeenvelope", "dddd?i", t.GEOMETRY, ""),
    ("st_makeline", "gg", t.GEOMETRY, "bh_geo_make_line"),
    ("st_makepolygon", "g?g", t.GEOMETRY, ""),
    ("st_polygon", "gi", t.GEOMETRY, "bh_geo_polygon"),
    ("st_collect", "g?g", t.GEOMETRY, ""),
    ("st_linefrommultipoint", "g", t.GEOMETRY, "bh_geo_line_of_points"),
    ("st_multi", "g", t.GEOMETRY, "bh_geo_multi"),
    ("st_points", "g", t.GEOMETRY, "bh_geo_points"),
    ("st_force2d", "g", t.GEOMETRY, "bh_geo_force2d"),
    ("st_force3d st_force3dz", "g", t.GEOMETRY, "bh_geo_force3dz"),
    ("st_force3dm", "g", t.GEOMETRY, "bh_geo_force3dm"),
    ("st_force4d", "g", t.GEOMETRY, "bh_geo_force4d"),
    ("st_setsrid", "gi", t.GEOMETRY, "bh_geo_set_srid"),
    ("st_transform", "gi", t.GEOMETRY, "bh_geo_transform"),
    ("st_addpoint", "gg?i", t.GEOMETRY, ""),
    ("st_setpoint", "gig", t.GEOMETRY, "bh_geo_set_point"),
    ("st_removepoint", "gi", t.GEOMETRY, "bh_geo_remove_point"),
    ("st_reverse", "g", t.GEOMETRY, "bh_geo_reverse"),
    ("st_simplify", "gd", t.GEOMETRY, "bh_geo_simplify"),
    ("st_envelope", "g", t.GEOMETRY, "bh_geo_envelope"),
    ("st_convexhull", "g", t.GEOMETRY, "bh_geo_hull"),
    ("st_boundary", "g", t.GEOMETRY, "bh_geo_boundary"),
    ("st_centroid", "g", t.GEOMETRY, "sp.centroid"),
    ("st_buffer", "gd?i", t.GEOMETRY, ""),
    ("st_intersection", "gg", t.GEOMETRY, "sp.intersection"),
    ("st_union", "gg", t.GEOMETRY, "sp.united"),
    ("addbbox", "g", t.GEOMETRY, ""),
)
_PARTS: tuple[tuple[str, str, SqlType, str], ...] = (
    ("st_geometryn", "gi", t.GEOMETRY, "bh_geo_part"),
    ("st_pointn", "gi", t.GEOMETRY, "bh_geo_point_at"),
    ("st_startpoint", "g", t.GEOMETRY, ""),
    ("st_endpoint", "g", t.GEOMETRY, ""),
    ("st_exteriorring", "g", t.GEOMETRY, "bh_geo_exterior_ring"),
    ("st_interiorringn", "gi", t.GEOMETRY, "bh_geo_interior_ring"),
    ("st_lineinterpolatepoint", "gd", t.GEOMETRY, "bh_geo_interpolate"),
    ("st_x", "g", t.DOUBLE, "sp.x"),
    ("st_y", "g", t.DOUBLE, "sp.y"),
    ("st_z", "g", t.DOUBLE, "bh_geo_z"),
    ("st_m", "g", t.DOUBLE, "bh_geo_m"),
    *((f"st_{axis}{end}", "g", t.DOUBLE, f"sp.{axis}{end}") for axis in "xyzm" for end in ("min", "max")),
)
_TOLD: tuple[tuple[str, str, SqlType, str], ...] = (
    ("geometrytype", "g", t.VARCHAR, "bh_geo_type"),
    ("st_geometrytype", "g", t.VARCHAR, "bh_geo_st_type"),
    ("st_dimension", "g", t.INTEGER, "bh_geo_dimension"),
    ("st_ndims", "g", t.INTEGER, "bh_geo_ndims"),
    ("st_npoints", "e", t.INTEGER, "bh_geo_npoints"),
    ("st_numpoints", "g", t.INTEGER, "bh_geo_numpoints"),
    ("st_nrings", "g", t.INTEGER, "bh_geo_nrings"),
    ("st_numinteriorrings", "g", t.INTEGER, "bh_geo_holes"),
    ("st_numgeometries", "g", t.INTEGER, "bh_geo_parts"),
    ("st_srid", "g", t.INTEGER, "bh_geo_srid"),
    ("st_memsize", "g", t.INTEGER, ""),
    ("st_isclosed", "g", t.BOOLEAN, "bh_geo_is_closed"),
    ("st_iscollection", "g", t.BOOLEAN, "bh_geo_is_collection"),
    ("st_isempty", "g", t.BOOLEAN, "bh_geo_is_empty"),
    ("st_ispolygonccw", "g", t.BOOLEAN, "bh_geo_is_ccw"),
    ("st_ispolygoncw", "g", t.BOOLEAN, "bh_geo_is_cw"),
    ("st_isring", "g", t.BOOLEAN, "sp.is_ring"),
    ("st_issimple", "g", t.BOOLEAN, "sp.is_simple"),
    ("st_isvalid", "g", t.BOOLEAN, "sp.is_valid"),
    ("supportsbbox", "g", t.BOOLEAN, ""),
)
_MEASURED: tuple[tuple[str, str, SqlType, str], ...] = (
    ("st_area", "e", t.DOUBLE, ""),
    ("st_length st_length2d", "e", t.DOUBLE, ""),
    ("st_perimeter st_perimeter2d", "e", t.DOUBLE, ""),
    ("st_distance", "ee", t.DOUBLE, ""),
    ("st_distancesphere", "gg?d", t.DOUBLE, ""),
    ("st_lengthsphere", "g", t.DOUBLE, "bh_geo_sphere_length"),
    ("st_azimuth", "gg", t.DOUBLE, "bh_geo_azimuth"),
    ("st_angle", "ggg?g", t.DOUBLE, ""),
    ("st_dwithin", "ggd", t.BOOLEAN, "sp.distance_within"),
)
PREDICATES = {
    "st_contains": "contains", "st_containsproperly": "contains_properly", "st_coveredby": "covered_by",
    "st_covers": "covers", "st_crosses": "crosses", "st_disjoint": "disjoint", "st_equals": "equals",
    "st_intersects": "intersects", "st_touches": "touches", "st_within": "within",
}  # fmt: skip
"""How two shapes lie to each other: the macro by the function."""

SPATIAL_FUNCTIONS: tuple[tuple[str, str, SqlType, str], ...] = (
    *_READ, *_MADE, *_PARTS, *_TOLD, *_MEASURED,
    *((name, "gg", t.BOOLEAN, "") for name in PREDICATES),
)  # fmt: skip


def is_collecting(node: exp.Expr) -> bool:
    """True for ST_Collect of one argument, which is an aggregate; of two it is not."""
    return isinstance(node, exp.Anonymous) and str(node.this).lower() == "st_collect" and len(node.expressions) == 1
