"""The engine's functions that are computed in Python and return texts or bytes.

Received by `sql.rewrites.forms`, which has the engine copy what they return: the values lie in memory that goes with the
vector they came in, and the engine's CASE and COALESCE hold on to values without holding on to that (DuckDB 1.5.5).
"""

from __future__ import annotations

_TEXTS = """
    bh_crc32 bh_regexp_replace bh_regexp_substr bh_sha2 bh_sha2_bytes bh_similar bh_soundex
    bh_text_to_numeric bh_to_char_number
    bh_geo_ewkt bh_geo_geohash bh_geo_geojson bh_geo_hex bh_geo_hexwkb bh_geo_st_type bh_geo_text bh_geo_type
"""
_BYTES = """
    bh_super_bytes bh_super_number
    bh_geo_add_point bh_geo_boundary bh_geo_collect bh_geo_envelope bh_geo_envelope_of bh_geo_ewkb bh_geo_exterior_ring
    bh_geo_force2d bh_geo_force3dm bh_geo_force3dz bh_geo_force4d bh_geo_from_ewkt bh_geo_from_geohash
    bh_geo_from_geojson bh_geo_from_hex bh_geo_from_hex_with bh_geo_from_text bh_geo_hull bh_geo_interior_ring
    bh_geo_interpolate bh_geo_line_of_points bh_geo_make_holed bh_geo_make_line bh_geo_make_polygon bh_geo_multi
    bh_geo_part bh_geo_point bh_geo_point3 bh_geo_point4 bh_geo_point_at bh_geo_points bh_geo_polygon bh_geo_read
    bh_geo_remove_point bh_geo_reverse bh_geo_set_point bh_geo_set_srid bh_geo_simplify bh_geo_tidied bh_geo_transform
    bh_geo_try bh_geo_wkb bh_geog_from_hex bh_geog_from_text bh_geog_of bh_geog_read bh_geog_try
"""
COMPUTED_TEXTS = frozenset(_TEXTS.split())
COMPUTED_BYTES = frozenset(_BYTES.split())
