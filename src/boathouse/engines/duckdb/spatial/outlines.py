"""Functions that change or choose points and outlines: places in a line, rings, envelopes, hulls, boundaries, simplification.

Received and handed back: shapes, or their stored form where an argument is not a shape. All work in the plane of x and y;
further numbers of a coordinate go along.

Source: Redshift Developer Guide, the page of the function of that name; U. Ramer (1972), D. Douglas and T. Peucker (1973);
A. M. Andrew, "Another efficient algorithm for convex hulls in two dimensions" (1979).
"""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise

from boathouse.engines.duckdb.spatial.functions import refuse, require, same_srid
from boathouse.engines.duckdb.spatial.geojson import box
from boathouse.engines.duckdb.spatial.shapes import (
    COLLECTION,
    LINESTRING,
    MULTILINESTRING,
    MULTIPOINT,
    MULTIPOLYGON,
    POINT,
    POLYGON,
    Coordinate,
    Shape,
    projected,
    read,
    write,
)

Run = tuple[Coordinate, ...]


def point_at(data: bytes, place: int) -> bytes | None:
    """ST_PointN: from 1, or backwards from -1; NULL where there is none."""
    shape = read(data)
    place = place + len(shape.parts) if place < 0 else place - 1
    if shape.kind != LINESTRING or not 0 <= place < len(shape.parts):
        return None
    return write(shape.like(POINT, shape.parts[place]))


def _place(place: int, count: int, *, from_end: bool = False) -> int:
    if from_end and place < 0:
        place += count
    if not 0 <= place < count:
        raise refuse("the index is out of range")
    return place


def _beside(line: bytes, point: bytes) -> tuple[Shape, Shape]:
    run, other = require(read(line), LINESTRING), require(read(point), POINT)
    same_srid(run, other)
    return run, projected(other, run.has_z, run.has_m)


def add_point(line: bytes, point: bytes, place: int) -> bytes:
    """ST_AddPoint; -1 is the end."""
    run, other = _beside(line, point)
    if place != -1:
        _place(place, len(run.parts) + 1)
    if not other.parts:
        return line
    at = len(run.parts) if place == -1 else place
    return write(run.like(LINESTRING, (*run.parts[:at], other.parts, *run.parts[at:])))


def set_point(line: bytes, place: int, point: bytes) -> bytes:
    """ST_SetPoint."""
    run, other = _beside(line, point)
    at = _place(place, len(run.parts), from_end=True)
    if not other.parts:
        return line
    return write(run.like(LINESTRING, (*run.parts[:at], other.parts, *run.parts[at + 1 :])))


def remove_point(line: bytes, place: int) -> bytes:
    """ST_RemovePoint."""
    run = require(read(line), LINESTRING)
    at = _place(place, len(run.parts))
    return write(run.like(LINESTRING, run.parts[:at] + run.parts[at + 1 :]))


def exterior_ring(shape: Shape) -> Shape | None:
    """ST_ExteriorRing; an empty polygon is returned as it is."""
    if shape.kind != POLYGON or not shape.parts:
        return shape if shape.kind == POLYGON else None
    return shape.like(LINESTRING, shape.parts[0])


def interior_ring(data: bytes, place: int) -> bytes | None:
    """ST_InteriorRingN, from 1."""
    shape = read(data)
    if shape.kind != POLYGON or not 1 <= place < len(shape.parts):
        return None
    return write(shape.like(LINESTRING, shape.parts[place]))


def interpolate(line: bytes, fraction: float) -> bytes:
    """ST_LineInterpolatePoint; z and m are the means of the segment's, as the guide has it."""
    run = require(read(line), LINESTRING)
    if not 0 <= fraction <= 1:
        raise refuse("the fraction is between 0 and 1")
    if not run.parts:
        return write(run.like(POINT, ()))
    pairs = list(pairwise(run.parts))
    lengths = [math.dist(one[:2], other[:2]) for one, other in pairs]
    rest = fraction * math.fsum(lengths)
    for (one, other), length in zip(pairs, lengths, strict=True):
        if rest <= length:
            share = rest / length if length else 0.0
            plane = tuple(a + (b - a) * share for a, b in zip(one[:2], other[:2], strict=True))
            further = tuple((a + b) / 2 for a, b in zip(one[2:], other[2:], strict=True))
            return write(run.like(POINT, plane + further))
        rest -= length
    return write(run.like(POINT, run.parts[-1]))


def turned_round(shape: Shape) -> Shape:
    """ST_Reverse."""
    if shape.kind == LINESTRING:
        return shape.like(LINESTRING, shape.parts[::-1])
    if shape.kind == POLYGON:
        return shape.like(POLYGON, tuple(ring[::-1] for ring in shape.parts))
    return shape.like(shape.kind, tuple(map(turned_round, shape.parts))) if shape.is_multiple else shape


def envelope(shape: Shape) -> Shape:
    """ST_Envelope."""
    points = list(shape.coordinates())
    if not points:
        return shape
    xs, ys = [point[0] for point in points], [point[1] for point in points]
    return box(min(xs), min(ys), max(xs), max(ys), shape.srid)


# -- orientation -----------------------------------------------------------------------------------------


def signed_area(ring: Run) -> float:
    """Twice the area within, above zero where the ring runs counterclockwise."""
    if not ring:
        return 0.0
    x, y = ring[0][:2]
    return math.fsum((one[0] - x) * (other[1] - y) - (other[0] - x) * (one[1] - y) for one, other in pairwise(ring))


def turns(shape: Shape, sign: int) -> bool:
    """True where each polygon's outline turns to that side, and its holes to the other."""
    for leaf in shape.leaves():
        if leaf.kind == POLYGON:
            areas = [signed_area(ring) * sign for ring in leaf.parts]
            if any(area < 0 if not place else area > 0 for place, area in enumerate(areas)):
                return False
    return True


def tidied(shape: Shape) -> Shape:
    """Polygons as Redshift shows what it computed: outlines clockwise from their least point, holes the other way, no
    point that lies on the line between its neighbours.
    """
    if shape.kind == POLYGON:
        return shape.like(POLYGON, tuple(_tidied_ring(ring, place == 0) for place, ring in enumerate(shape.parts)))
    if shape.kind in (MULTIPOLYGON, COLLECTION):
        return shape.like(shape.kind, tuple(map(tidied, shape.parts)))
    return shape


def _tidied_ring(ring: Run, clockwise: bool) -> Run:
    points = list(ring[:-1])
    if len(points) > 3:
        points = [point for place, point in enumerate(points) if _bends(points, place)]
    if (signed_area((*points, points[0])) > 0) == clockwise:
        points.reverse()
    first = points.index(min(points))
    points = points[first:] + points[:first]
    return (*points, points[0])


def _bends(points: list[Coordinate], place: int) -> bool:
    before, here, after = points[place - 1], points[place], points[(place + 1) % len(points)]
    return (here[0] - before[0]) * (after[1] - here[1]) != (here[1] - before[1]) * (after[0] - here[0])


# -- hull, boundary, simplification ----------------------------------------------------------------------


def convex_hull(shape: Shape) -> Shape:
    """ST_ConvexHull: clockwise, from the least point."""
    points = sorted({point[:2]: point for point in projected(shape, shape.has_z, False).coordinates()}.values())
    frame = Shape(POINT, (), shape.has_z, False, shape.srid)
    if not points:
        return shape
    if len(points) > 1:
        points = _half(points)[:-1] + _half(points[::-1])[:-1]
    if len(points) == 1:
        return frame.like(POINT, points[0])
    return frame.like(LINESTRING, tuple(points)) if len(points) == 2 else frame.like(POLYGON, ((*points, points[0]),))


def _half(points: list[Coordinate]) -> list[Coordinate]:
    found: list[Coordinate] = []
    for point in points:
        while len(found) > 1 and _cross(found[-2], found[-1], point) >= 0:
            found.pop()
        found.append(point)
    return found


def _cross(a: Coordinate, b: Coordinate, c: Coordinate) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def boundary(shape: Shape) -> Shape:
    """ST_Boundary."""
    if shape.kind == COLLECTION:
        raise refuse("the function takes no GEOMETRYCOLLECTION")
    if shape.is_empty:
        return shape
    flat = projected(shape, shape.has_z, False)
    if shape.kind in (POINT, MULTIPOINT):
        return flat.like(COLLECTION, ())
    if shape.kind in (POLYGON, MULTIPOLYGON):
        rings = tuple(flat.like(LINESTRING, ring) for ring in flat.runs() if ring)
        return rings[0] if len(rings) == 1 and shape.kind == POLYGON else _lines(flat, rings)
    ends: dict[Coordinate, list[Coordinate]] = {}
    for run in flat.runs():
        for point in (run[0], run[-1]) if run else ():
            ends.setdefault(point[:2], []).append(point)
    odd = [(*plane, *_mean(points)) for plane, points in ends.items() if len(points) % 2]
    return flat.like(MULTIPOINT, tuple(replace(flat.like(POINT, point), srid=0) for point in odd))


def _lines(frame: Shape, rings: tuple[Shape, ...]) -> Shape:
    return frame.like(MULTILINESTRING, tuple(replace(ring, srid=0) for ring in rings))


def _mean(points: list[Coordinate]) -> Run | tuple[float, ...]:
    heights = {point[2] for point in points if len(point) > 2}
    return (math.fsum(heights) / len(heights),) if heights else ()


def simplify(data: bytes, tolerance: float) -> bytes:
    """ST_Simplify."""
    return write(_simplified(read(data), max(0.0, tolerance)))


def _simplified(shape: Shape, tolerance: float) -> Shape:
    if shape.kind == LINESTRING:
        return shape.like(LINESTRING, _kept(shape.parts, tolerance))
    if shape.kind == POLYGON:
        return shape.like(POLYGON, tuple(_kept(ring, tolerance) for ring in shape.parts))
    if shape.is_multiple:
        return shape.like(shape.kind, tuple(_simplified(part, tolerance) for part in shape.parts))
    return shape


def _kept(run: Run, tolerance: float) -> Run:
    """Ramer, Douglas and Peucker, without recursion."""
    if len(run) < 3:
        return run
    kept, pending = {0, len(run) - 1}, [(0, len(run) - 1)]
    while pending:
        first, last = pending.pop()
        far, place = tolerance, None
        for here in range(first + 1, last):
            away = _distance(run[here], run[first], run[last])
            if away > far:
                far, place = away, here
        if place is not None:
            kept.add(place)
            pending += [(first, place), (place, last)]
    return tuple(run[place] for place in sorted(kept))


def _distance(point: Coordinate, one: Coordinate, other: Coordinate) -> float:
    """From a point to the segment between two."""
    dx, dy = other[0] - one[0], other[1] - one[1]
    square = dx * dx + dy * dy
    share = ((point[0] - one[0]) * dx + (point[1] - one[1]) * dy) / square if square else 0.0
    share = max(0.0, min(1.0, share))
    return math.hypot(point[0] - one[0] - share * dx, point[1] - one[1] - share * dy)
