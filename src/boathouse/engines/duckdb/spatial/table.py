"""The spatial functions that are computed in Python, by the names under which rewrites and macros call them.

Received and handed back: as `computed.table`, which registers them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from boathouse.contracts.errors import BoathouseError
from boathouse.engines.duckdb.computed.table import Table
from boathouse.engines.duckdb.computed.vectors import each, flat
from boathouse.engines.duckdb.errors import raised
from boathouse.engines.duckdb.spatial import describe, functions, outlines
from boathouse.engines.duckdb.spatial.describe import of
from boathouse.engines.duckdb.spatial.functions import in_dimensions, of_shape
from boathouse.engines.duckdb.spatial.geojson import points
from boathouse.engines.duckdb.spatial.point_distances import point_distances
from boathouse.engines.duckdb.spatial.shapes import Shape, write

_TEXT, _BLOB, _SHORT, _LONG, _DOUBLE, _TRUTH = "VARCHAR", "BLOB", "INTEGER", "BIGINT", "DOUBLE", "BOOLEAN"
_ARROW = {
    _TEXT: pa.string(), _BLOB: pa.binary(), _SHORT: pa.int32(), _DOUBLE: pa.float64(), _TRUTH: pa.bool_(),
}  # fmt: skip


def point(xs: Any, ys: Any) -> Any:
    """ST_Point, all rows at once."""
    rows = np.zeros(len(xs), np.dtype([("head", "V5"), ("x", "<f8"), ("y", "<f8")]))
    rows["head"] = np.void(b"\x01\x01\0\0\0")
    for name, column in (("x", xs), ("y", ys)):
        rows[name] = flat(column).fill_null(0.0).to_numpy(zero_copy_only=False)
    offsets = np.arange(len(rows) + 1, dtype=np.int32) * 21
    made = pa.Array.from_buffers(
        pa.binary(), len(rows), [None, pa.py_buffer(offsets.tobytes()), pa.py_buffer(rows.tobytes())]
    )
    present = pc.and_(flat(xs).is_valid(), flat(ys).is_valid())
    return pc.if_else(present, made, pa.scalar(None, pa.binary()))


def _point_of(x: float, y: float, z: float, m: float | None = None) -> bytes:
    return write(Shape(1, (x, y, z) if m is None else (x, y, z, m), True, m is not None))


def _collected(lists: Any) -> Any:
    """ST_Collect of a group, whose parts come as one list."""
    found = []
    for parts in lists.to_pylist():
        try:
            found.append(None if parts is None else functions.collect(parts))
        except BoathouseError as error:
            raise ValueError(raised(error)) from None
    return pa.array(found, pa.binary())


def _row(
    takes: tuple[str, ...], returns: str, function: Callable[..., Any]
) -> tuple[list[str], str, Callable[..., Any]]:
    return list(takes), returns, each(function, _ARROW[returns])


_one_by_one = each(functions.geography_distance, pa.float64())


def _distances(ones: Any, others: Any) -> Any:
    found = point_distances(ones, others)
    return _one_by_one(ones, others) if found is None else found


_B = (_BLOB,)
SPATIAL: Table = {
    "bh_geo_read": _row((_TEXT,), _BLOB, functions.of_any_text),
    "bh_geog_read": _row((_TEXT,), _BLOB, functions.geography_of_any_text),
    "bh_geo_try": _row((_TEXT,), _BLOB, functions.tried(functions.of_any_text)),
    "bh_geog_try": _row((_TEXT,), _BLOB, functions.tried(functions.geography_of_any_text)),
    "bh_geog_of": _row(_B, _BLOB, functions.to_geography),
    "bh_geo_from_hex": _row((_TEXT,), _BLOB, functions.from_hex),
    "bh_geo_from_hex_with": _row((_TEXT, _LONG), _BLOB, functions.from_hex_with),
    "bh_geo_from_text": _row((_TEXT, _LONG), _BLOB, functions.from_text_with),
    "bh_geo_from_ewkt": _row((_TEXT,), _BLOB, functions.from_extended_text),
    "bh_geog_from_text": _row((_TEXT,), _BLOB, functions.geography_from_text),
    "bh_geog_from_hex": _row((_TEXT,), _BLOB, functions.geography_from_hex),
    "bh_geo_from_geojson": _row((_TEXT,), _BLOB, functions.from_geojson),
    "bh_geo_from_geohash": _row((_TEXT, _LONG), _BLOB, functions.from_geohash),
    "bh_geo_text": _row((_BLOB, _LONG), _TEXT, functions.as_text),
    "bh_geo_ewkt": _row((_BLOB, _LONG), _TEXT, functions.as_extended_text),
    "bh_geo_geojson": _row((_BLOB, _LONG), _TEXT, functions.as_geojson),
    "bh_geo_geohash": _row((_BLOB, _LONG), _TEXT, functions.geohash),
    "bh_geo_wkb": _row(_B, _BLOB, functions.as_binary),
    "bh_geo_ewkb": _row(_B, _BLOB, functions.as_extended_binary),
    "bh_geo_hex": _row(_B, _TEXT, functions.as_hex),
    "bh_geo_hexwkb": _row(_B, _TEXT, functions.as_standard_hex),
    "bh_geo_srid": _row(_B, _SHORT, functions.srid_of),
    "bh_geo_set_srid": _row((_BLOB, _LONG), _BLOB, functions.set_srid),
    "bh_geo_transform": _row((_BLOB, _LONG), _BLOB, functions.transform),
    "bh_geog_distance": ([_BLOB, _BLOB], _DOUBLE, _distances),
    "bh_geog_length": _row(_B, _DOUBLE, functions.geography_length),
    "bh_geog_perimeter": _row(_B, _DOUBLE, functions.geography_perimeter),
    "bh_geog_area": _row(_B, _DOUBLE, functions.geography_area),
    "bh_geo_sphere_distance": _row((_BLOB, _BLOB, _DOUBLE), _DOUBLE, functions.sphere_distance),
    "bh_geo_sphere_length": _row(_B, _DOUBLE, functions.sphere_length),
    "bh_geo_azimuth": _row((_BLOB, _BLOB), _DOUBLE, functions.azimuth),
    "bh_geo_angle3": _row((_BLOB,) * 3, _DOUBLE, functions.angle_of_three),
    "bh_geo_angle4": _row((_BLOB,) * 4, _DOUBLE, functions.angle_of_four),
    "bh_geo_collect": (["BLOB[]"], _BLOB, _collected),
    "bh_geo_force2d": _row(_B, _BLOB, in_dimensions(False, False)),
    "bh_geo_force3dz": _row(_B, _BLOB, in_dimensions(True, False)),
    "bh_geo_force3dm": _row(_B, _BLOB, in_dimensions(False, True)),
    "bh_geo_force4d": _row(_B, _BLOB, in_dimensions(True, True)),
    "bh_geo_multi": _row(_B, _BLOB, of_shape(functions.multi)),
    "bh_geo_part": _row((_BLOB, _LONG), _BLOB, functions.part_at),
    "bh_geo_points": _row(_B, _BLOB, of_shape(points)),
    "bh_geo_line_of_points": _row(_B, _BLOB, of_shape(functions.line_of_points)),
    "bh_geo_make_line": _row((_BLOB, _BLOB), _BLOB, functions.make_line),
    "bh_geo_make_polygon": _row(_B, _BLOB, functions.make_polygon),
    "bh_geo_make_holed": _row((_BLOB, _BLOB), _BLOB, functions.make_polygon),
    "bh_geo_polygon": _row((_BLOB, _LONG), _BLOB, functions.polygon),
    "bh_geo_envelope_of": _row((_DOUBLE,) * 4 + (_LONG,), _BLOB, functions.make_envelope),
    "bh_geo_point": ([_DOUBLE, _DOUBLE], _BLOB, point),
    "bh_geo_point3": _row((_DOUBLE,) * 3, _BLOB, _point_of),
    "bh_geo_point4": _row((_DOUBLE,) * 4, _BLOB, _point_of),
    "bh_geo_point_at": _row((_BLOB, _LONG), _BLOB, outlines.point_at),
    "bh_geo_add_point": _row((_BLOB, _BLOB, _LONG), _BLOB, outlines.add_point),
    "bh_geo_set_point": _row((_BLOB, _LONG, _BLOB), _BLOB, outlines.set_point),
    "bh_geo_remove_point": _row((_BLOB, _LONG), _BLOB, outlines.remove_point),
    "bh_geo_exterior_ring": _row(_B, _BLOB, of_shape(outlines.exterior_ring)),
    "bh_geo_interior_ring": _row((_BLOB, _LONG), _BLOB, outlines.interior_ring),
    "bh_geo_interpolate": _row((_BLOB, _DOUBLE), _BLOB, outlines.interpolate),
    "bh_geo_reverse": _row(_B, _BLOB, of_shape(outlines.turned_round)),
    "bh_geo_envelope": _row(_B, _BLOB, of_shape(outlines.envelope)),
    "bh_geo_tidied": _row(_B, _BLOB, of_shape(outlines.tidied)),
    "bh_geo_hull": _row(_B, _BLOB, of_shape(outlines.convex_hull)),
    "bh_geo_boundary": _row(_B, _BLOB, of_shape(outlines.boundary)),
    "bh_geo_simplify": _row((_BLOB, _DOUBLE), _BLOB, outlines.simplify),
    "bh_geo_type": _row(_B, _TEXT, of(describe.type_name)),
    "bh_geo_st_type": _row(_B, _TEXT, of(describe.standard_type_name)),
    "bh_geo_dimension": _row(_B, _SHORT, of(describe.dimension)),
    "bh_geo_ndims": _row(_B, _SHORT, of(lambda shape: shape.size)),
    "bh_geo_npoints": _row(_B, _SHORT, of(describe.point_count)),
    "bh_geo_numpoints": _row(_B, _SHORT, of(describe.line_point_count)),
    "bh_geo_nrings": _row(_B, _SHORT, of(describe.ring_count)),
    "bh_geo_holes": _row(_B, _SHORT, of(describe.interior_ring_count)),
    "bh_geo_parts": _row(_B, _SHORT, of(describe.geometry_count)),
    "bh_geo_is_closed": _row(_B, _TRUTH, of(describe.is_closed)),
    "bh_geo_is_collection": _row(_B, _TRUTH, of(lambda shape: shape.is_multiple)),
    "bh_geo_is_empty": _row(_B, _TRUTH, of(lambda shape: shape.is_empty)),
    "bh_geo_is_ccw": _row(_B, _TRUTH, of(lambda shape: outlines.turns(shape, 1))),
    "bh_geo_is_cw": _row(_B, _TRUTH, of(lambda shape: outlines.turns(shape, -1))),
    "bh_geo_unrepeated": _row(_B, _TRUTH, of(describe.repeats_no_point)),
    "bh_geo_consistent": _row(_B, _TRUTH, of(describe.is_consistent)),
    "bh_geo_m": _row(_B, _DOUBLE, describe.measure),
    "bh_geo_z": _row(_B, _DOUBLE, describe.height),
}
"""Name: types of the arguments, type of the result, the function."""
