"""What a shape is: its type, its counts, whether it is closed, simple or a collection.

Received: stored shapes. Handed back: numbers, words and booleans.

Source: Redshift Developer Guide, the page of the function of that name, and "Geometric simplicity".
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

from boathouse.engines.duckdb.spatial.functions import require
from boathouse.engines.duckdb.spatial.outlines import turns
from boathouse.engines.duckdb.spatial.shapes import (
    COLLECTION,
    DIMENSIONS,
    LINESTRING,
    NAMES,
    POINT,
    POLYGON,
    Shape,
    read,
)


def of(function: Callable[[Shape], Any]) -> Callable[[bytes], Any]:
    """A function of shapes as one of their stored form."""
    return lambda data: function(read(data))


def type_name(shape: Shape) -> str:
    """GeometryType: `POINTM` where only a measure is there."""
    return NAMES[shape.kind].upper() + ("M" if shape.has_m and not shape.has_z else "")


def standard_type_name(shape: Shape) -> str:
    """ST_GeometryType."""
    return f"ST_{NAMES[shape.kind]}"


def dimension(shape: Shape) -> int:
    """ST_Dimension."""
    if shape.kind == COLLECTION:
        return max(map(dimension, shape.parts), default=0)
    return DIMENSIONS[shape.kind]


def point_count(shape: Shape) -> int:
    """ST_NPoints: of points that are not empty."""
    return sum(1 for _ in shape.coordinates())


def line_point_count(shape: Shape) -> int | None:
    """ST_NumPoints."""
    return len(shape.parts) if shape.kind == LINESTRING else None


def ring_count(shape: Shape) -> int:
    """ST_NRings."""
    return sum(len(leaf.parts) for leaf in shape.leaves() if leaf.kind == POLYGON)


def interior_ring_count(shape: Shape) -> int | None:
    """ST_NumInteriorRings."""
    return max(0, len(shape.parts) - 1) if shape.kind == POLYGON else None


def geometry_count(shape: Shape) -> int:
    """ST_NumGeometries."""
    return len(shape.parts) if shape.is_multiple else int(not shape.is_empty)


def is_closed(shape: Shape) -> bool:
    """ST_IsClosed."""
    if shape.kind == POINT:
        return bool(shape.parts)
    if shape.kind == LINESTRING:
        return bool(shape.parts) and shape.parts[0][:2] == shape.parts[-1][:2]
    if shape.kind == POLYGON:
        return bool(shape.parts) and all(ring and ring[0][:2] == ring[-1][:2] for ring in shape.parts)
    if shape.kind == POINT + 3:
        return True
    return bool(shape.parts) and all(map(is_closed, shape.parts))


def repeats_no_point(shape: Shape) -> bool:
    """True where no two points one after the other are the same, which simple lines and polygons need."""
    return all(one[:2] != other[:2] for run in shape.runs() for one, other in pairwise(run))


def is_consistent(shape: Shape) -> bool:
    """True where no polygon has a hole that turns as its outline does, which valid ones need."""
    return all(turns(leaf, 1) or turns(leaf, -1) for leaf in shape.leaves())


def measure(data: bytes) -> float | None:
    """ST_M."""
    return _number(read(data), "has_m", -1)


def height(data: bytes) -> float | None:
    """ST_Z."""
    return _number(read(data), "has_z", 2)


def _number(shape: Shape, flag: str, place: int) -> float | None:
    require(shape, POINT)
    found: float | None = shape.parts[place] if shape.parts and getattr(shape, flag) else None
    return found
