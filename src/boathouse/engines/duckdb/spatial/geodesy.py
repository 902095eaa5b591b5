"""Measures on the Earth: on the spheroid of an SRID for GEOGRAPHY, on a sphere for the functions that say so; and coordinates
taken from one spatial reference system to another.

Received: shapes in degrees, longitude before latitude. Handed back: metres, square metres, shapes.

On the spheroid the second geodetic problem is solved by Andoyer's first-order formula, and areas by the series of first
order over its azimuths: what Redshift computes, as the answers in its guide show to the last digit (a distance of half the
world is off by about 20 m, an area by a millionth). Sources: P. D. Thomas, "Mathematical models for navigation systems"
(1965); C. F. F. Karney, "Algorithms for geodesics" (2013), eqs. 58-63; for the sphere R. W. Sinnott, "Virtues of the
Haversine" (1984). Datums and transformations are PROJ's (EPSG), asked only where the SRID is not 4326.
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

from boathouse.contracts.errors import DataError
from boathouse.engines.duckdb.spatial import datums
from boathouse.engines.duckdb.spatial.shapes import LINESTRING, POINT, POLYGON, Coordinate, Shape

WGS84 = 4326
_MAJOR, _FLATTENING = 6_378_137.0, 1 / 298.257223563
SPHERE = _MAJOR * (3 - _FLATTENING) / 3
"""The Earth's mean radius in metres."""


def spheroid(srid: int) -> tuple[float, float]:
    """Half of the longer axis in metres, and the flattening.

    Raises:
        DataError: no such system, or not one of degrees. FeatureNotSupported: PROJ is not installed.
    """
    return (_MAJOR, _FLATTENING) if srid == WGS84 else datums.ellipsoid(srid)


def transform(shape: Shape, srid: int) -> Shape:
    """The shape in another system; measures stay.

    Raises:
        DataError: no such system, or a point that it cannot show. FeatureNotSupported: PROJ is not installed.
    """
    given = list(shape.coordinates())
    axes = [[point[axis] for point in given] for axis in range(2 + shape.has_z)]
    found = datums.moved(axes, shape.srid, srid)
    if any(math.isinf(value) for axis in found for value in axis):
        raise DataError(f"a point lies outside what the SRID {srid} can show", sqlstate="22023")
    pairs = zip(zip(*found, strict=True), given, strict=True)
    made = _refilled(shape, iter([(*point, *old[2 + shape.has_z :]) for point, old in pairs]))
    return Shape(made.kind, made.parts, shape.has_z, shape.has_m, srid)


def _refilled(shape: Shape, points: Any) -> Shape:
    if shape.kind == POINT:
        return shape.like(POINT, next(points) if shape.parts else ())
    if shape.kind == LINESTRING:
        return shape.like(LINESTRING, tuple(next(points) for _ in shape.parts))
    if shape.kind == POLYGON:
        return shape.like(POLYGON, tuple(tuple(next(points) for _ in ring) for ring in shape.parts))
    return shape.like(shape.kind, tuple(_refilled(part, points) for part in shape.parts))


def distance(one: Coordinate, other: Coordinate, major: float, flattening: float) -> float:
    """Metres between two points."""
    return _inverse(one, other, major, flattening)[0]


def _inverse(one: Coordinate, other: Coordinate, major: float, flattening: float) -> tuple[float, float, float]:
    """Distance, and the course at either end in radians."""
    (lon1, lat1), (lon2, lat2) = map(math.radians, one[:2]), map(math.radians, other[:2])
    if (lon1, lat1) == (lon2, lat2):
        return 0.0, 0.0, 0.0
    sin1, cos1, sin2, cos2 = math.sin(lat1), math.cos(lat1), math.sin(lat2), math.cos(lat2)
    sin_lon, cos_lon = math.sin(lon2 - lon1), math.cos(lon2 - lon1)
    cos_arc = sin1 * sin2 + cos1 * cos2 * cos_lon
    sin_arc = math.hypot(cos2 * sin_lon, cos1 * sin2 - sin1 * cos2 * cos_lon)
    arc = math.atan2(sin_arc, cos_arc)
    # An arc's cosine, and what is left of one beside it, say nothing of arcs below a hundred millionth: the sine does.
    more = 1 + abs(cos_arc)
    less = sin_arc**2 / more
    below, above = (less, more) if cos_arc > 0 else (more, less)
    k, big = (sin1 - sin2) ** 2, (sin1 + sin2) ** 2
    h = (arc + 3 * sin_arc) / below if below else 0.0
    g = (arc - 3 * sin_arc) / above if above else 0.0
    metres = major * (arc - flattening / 4 * (h * k + g * big))
    if sin_arc == 0:
        course = 0.0 if lat1 <= lat2 else math.pi
        return metres, course, course
    there, at_start = _course(sin_lon, cos_lon, sin1, cos1, sin2, cos2, flattening)
    back, at_end = _course(sin_lon, cos_lon, sin2, cos2, sin1, cos1, flattening)
    ratio = arc / sin_arc
    start = there - (at_end * ratio - at_start)
    change = at_end - at_start * ratio
    return metres, start, (math.pi if back >= 0 else -math.pi) - back - change


def _course(
    sin_lon: float, cos_lon: float, sin1: float, cos1: float, sin2: float, cos2: float, flattening: float
) -> tuple[float, float]:
    """The course on the sphere, and its correction."""
    if cos2 == 0:
        return 0.0, 0.0
    course = math.atan2(sin_lon, cos1 * sin2 / cos2 - sin1 * cos_lon)
    return course, flattening / 2 * cos1**2 * math.sin(2 * course)


def length(run: tuple[Coordinate, ...], major: float, flattening: float) -> float:
    """Metres along a line."""
    return math.fsum(distance(one, other, major, flattening) for one, other in pairwise(run))


def ring_area(ring: tuple[Coordinate, ...], major: float, flattening: float) -> float:
    """Square metres within a closed line."""
    square = flattening * (2 - flattening)
    second, third = square / (1 - square), flattening / (2 - flattening)
    root = math.sqrt(square)
    authalic = major**2 / 2 * (1 + ((1 - square) * math.atanh(root) / root if root else 1.0))
    turned = corrected = 0.0
    for one, other in pairwise(ring):
        _, start, end = _inverse(one, other, major, flattening)
        turned += math.remainder(end - start, 2 * math.pi)
        reduced = [math.atan((1 - flattening) * math.tan(math.radians(point[1]))) for point in (one, other)]
        sin0 = math.sin(start) * math.cos(reduced[0])
        cos0 = math.sqrt(max(0.0, 1 - sin0**2))
        k2 = second * cos0**2
        eps = k2 / (2 * (1 + math.sqrt(1 + k2)) + k2)
        sums = []
        for latitude, course in zip(reduced, (start, end), strict=True):
            sigma = math.atan2(math.sin(latitude), math.cos(course) * math.cos(latitude))
            sums.append((2 / 3 - 4 / 15 * third - eps / 5) * math.cos(sigma) + eps / 45 * math.cos(3 * sigma))
        corrected += cos0 * sin0 * (sums[1] - sums[0])
    return abs(authalic * turned + square * major**2 * corrected)


def sphere_distance(one: Coordinate, other: Coordinate, radius: float) -> float:
    """The way between two points on a sphere, in the radius' unit."""
    (lon1, lat1), (lon2, lat2) = map(math.radians, one[:2]), map(math.radians, other[:2])
    half = math.sin((lat2 - lat1) / 2) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    return 2 * radius * math.asin(min(1.0, math.sqrt(half)))
