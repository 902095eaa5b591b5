"""Macros over DuckDB's spatial extension, as `memory_spatial.sp.<name>(…)`: predicates, measures in the plane, overlays.

Received by the engine, which creates them once the extension is loaded, when a statement first needs it: in a database of
their own, which a transaction that has long begun sees as well. Each takes stored
shapes (EWKB) and hands back numbers, booleans or stored shapes; what the extension does not check, the macro does.

Source: Redshift Developer Guide, the page of the function of that name.
"""

from __future__ import annotations

_DIFFERENT = "error('BH22023|the geometries have different SRIDs')"
_COLLECTION = "error('BH22023|the function takes no GEOMETRYCOLLECTION')"
_MISSING = "error('BH22004|the function takes no NULL')"
_PREDICATES = {
    "contains": "ST_Contains", "contains_properly": "ST_ContainsProperly", "covered_by": "ST_CoveredBy",
    "covers": "ST_Covers", "crosses": "ST_Crosses", "disjoint": "ST_Disjoint", "equals": "ST_Equals",
    "intersects": "ST_Intersects", "touches": "ST_Touches", "within": "ST_Within",
}  # fmt: skip


def _bytes(*values: int) -> str:
    return "'" + "".join(f"\\x{value:02X}" for value in values) + "'::BLOB"


def _strict(name: str) -> str:
    """Of two shapes with one SRID, and no collections."""
    return f"CASE WHEN memory_spatial.sp.alike(a, b) THEN {name}(memory_spatial.sp.simple(a), memory_spatial.sp.simple(b)) END"


_HEAD = (
    f"srid(g) AS CASE WHEN g[5:5] IN ({', '.join(_bytes(flag) for flag in (0x20, 0x60, 0xA0, 0xE0))}) "
    f"THEN g[6:9] ELSE {_bytes(0, 0, 0, 0)} END",
    f"alike(a, b) AS CASE WHEN memory_spatial.sp.srid(a) <> memory_spatial.sp.srid(b) THEN {_DIFFERENT} "
    "ELSE a IS NOT NULL AND b IS NOT NULL END",
    "shape(g) AS ST_GeomFromWKB(g)",
    f"simple(g) AS CASE WHEN g[2:2] = {_bytes(7)} THEN {_COLLECTION} ELSE ST_GeomFromWKB(g) END",
    # What the extension computed, with the SRID of what it was computed from.
    "stored(x, g) AS CAST(bh_geo_set_srid(bh_geo_tidied(CAST(ST_AsWKB(x) AS BLOB)), bh_geo_srid(g)) || ''::BLOB AS BLOB)",
    f"flat(g) AS CASE WHEN g[5:5] NOT IN ({_bytes(0)}, {_bytes(0x20)}) "
    "THEN error('BH22023|the function takes two-dimensional geometries') ELSE memory_spatial.sp.simple(g) END",
    f"areal(g) AS CASE WHEN g[2:2] IN ({_bytes(2)}, {_bytes(5)}) "
    "THEN error('BH22023|the function takes no LINESTRING or MULTILINESTRING') ELSE memory_spatial.sp.flat(g) END",
    f"point(g) AS CASE WHEN g[2:2] <> {_bytes(1)} THEN error('BH22023|the function takes a POINT') "
    "ELSE ST_GeomFromWKB(g) END",
    f"line(g) AS CASE WHEN g[2:2] <> {_bytes(2)} THEN error('BH22023|the function takes a LINESTRING') "
    "ELSE ST_GeomFromWKB(g) END",
)

_FUNCTIONS = (
    *(f"{name}(a, b) AS {_strict(function)}" for name, function in _PREDICATES.items()),
    # In a condition between two tables: the engine knows a spatial join by the bare predicate. SRIDs are then compared
    # only of the pairs that meet.
    *(
        f"joined_{name}(a, b) AS ({function}(memory_spatial.sp.simple(a), memory_spatial.sp.simple(b)) "
        "AND memory_spatial.sp.alike(a, b))"
        for name, function in _PREDICATES.items()
    ),
    f"present(a, b, found) AS CASE WHEN a IS NULL OR b IS NULL THEN {_MISSING} ELSE found END",
    f"distance(a, b) AS CASE WHEN NOT bh_geo_is_empty(a) AND NOT bh_geo_is_empty(b) THEN {_strict('ST_Distance')} END",
    "distance_within(a, b, d) AS CASE WHEN d < 0 THEN error('BH22023|the distance must not be negative') "
    "WHEN memory_spatial.sp.alike(a, b) THEN ST_DWithin(memory_spatial.sp.simple(a), memory_spatial.sp.simple(b), d) END",
    "area(g) AS ST_Area(ST_GeomFromWKB(g))",
    "length(g) AS ST_Length(ST_GeomFromWKB(g))",
    "perimeter(g) AS ST_Perimeter(ST_GeomFromWKB(g))",
    *(f"{axis}(g) AS ST_{axis.upper()}(memory_spatial.sp.point(g))" for axis in "xy"),
    *(
        f"{axis}{end}(g) AS ST_{axis.upper()}{end.title()}(ST_GeomFromWKB(g))"
        for axis in "xyzm"
        for end in ("min", "max")
    ),
    "centroid(g) AS CASE WHEN NOT bh_geo_is_empty(g) "
    "THEN memory_spatial.sp.stored(ST_Centroid(ST_GeomFromWKB(bh_geo_force2d(g))), g) END",
    "buffer(g, d, n) AS CASE WHEN n > 16000 "
    "THEN error('BH54000|a circle of so many segments is larger than a GEOMETRY') "
    "ELSE memory_spatial.sp.stored(ST_Buffer(memory_spatial.sp.simple(bh_geo_force2d(g)), CAST(d AS DOUBLE), "
    "CAST(greatest(n, 0) AS INTEGER)), g) END",
    "intersection(a, b) AS CASE WHEN memory_spatial.sp.alike(a, b) "
    "THEN memory_spatial.sp.stored(ST_Intersection(memory_spatial.sp.flat(a), memory_spatial.sp.flat(b)), a) END",
    "united(a, b) AS CASE WHEN memory_spatial.sp.alike(a, b) "
    "THEN CASE WHEN bh_geo_is_empty(a) THEN a WHEN bh_geo_is_empty(b) THEN b "
    "ELSE memory_spatial.sp.stored(ST_Union(memory_spatial.sp.areal(a), memory_spatial.sp.areal(b)), a) END END",
    "is_ring(g) AS ST_IsRing(memory_spatial.sp.line(g))",
    "is_simple(g) AS bh_geo_unrepeated(g) AND ST_IsSimple(ST_GeomFromWKB(g))",
    "is_valid(g) AS bh_geo_consistent(g) AND ST_IsValid(ST_GeomFromWKB(g))",
)

MACROS: tuple[str, ...] = (
    "ATTACH IF NOT EXISTS ':memory:' AS memory_spatial",
    "CREATE SCHEMA IF NOT EXISTS memory_spatial.sp",
    *(f"CREATE OR REPLACE MACRO memory_spatial.sp.{macro}" for macro in (*_HEAD, *_FUNCTIONS)),
)
"""Run in order on the engine's connection; each may run again."""
