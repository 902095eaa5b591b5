"""GeoJSON and geohashes: shapes read from them and written as them.

Received: text, and shapes from `shapes`. Handed back: the other of the two.

Source: RFC 7946; Redshift Developer Guide, "ST_AsGeoJSON", "ST_GeomFromGeoJSON", "ST_GeoHash", "ST_GeomFromGeoHash".
"""

from __future__ import annotations

import json
from typing import Any

from boathouse.engines.duckdb.spatial.shapes import (
    COLLECTION,
    LINESTRING,
    MULTIPOINT,
    NAMES,
    POINT,
    POLYGON,
    Coordinate,
    Shape,
    invalid,
    projected,
)
from boathouse.engines.duckdb.spatial.wkt import number

WGS84 = 4326
_ALPHABET = "0123456789bcdefghjkmnpqrstuvwxyz"
_PLACES_MAX = 100


def read_geojson(text: str) -> Shape:
    """The shape; 3DZ where any of its points has a third number.

    Raises:
        DataError: not well formed.
    """
    try:
        value = json.loads(text)
        has_z = _deepest(value)
        return _read(value, has_z, WGS84, 0)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise invalid("not GeoJSON") from None


def _deepest(value: Any) -> bool:
    if value.get("type") == NAMES[COLLECTION]:
        return any(_deepest(part) for part in value["geometries"])
    return _has_z(value["coordinates"])


def _has_z(value: Any) -> bool:
    if value and not isinstance(value[0], list):
        return len(value) > 2
    return any(_has_z(part) for part in value)


def _read(value: Any, has_z: bool, srid: int, depth: int) -> Shape:
    kind = NAMES.index(value["type"], 1)
    parts: tuple[Any, ...]
    if kind == COLLECTION:
        parts = tuple(_read(part, has_z, 0, depth + 1) for part in value["geometries"])
    else:
        parts = _parts(kind, value["coordinates"], has_z)
    return Shape(kind, parts, has_z, False, srid)


def _parts(kind: int, value: Any, has_z: bool) -> tuple[Any, ...]:
    if kind == POINT:
        return _point(value, has_z) if value else ()
    if kind == LINESTRING:
        return tuple(_point(one, has_z) for one in value)
    if kind == POLYGON:
        return tuple(_parts(LINESTRING, ring, has_z) for ring in value)
    return tuple(Shape(kind - 3, _parts(kind - 3, one, has_z), has_z) for one in value)


def _point(value: Any, has_z: bool) -> Coordinate:
    if len(value) < 2 or not all(isinstance(one, int | float) and not isinstance(one, bool) for one in value):
        raise ValueError
    return (float(value[0]), float(value[1]), *((float(value[2]) if len(value) > 2 else 0.0,) if has_z else ()))


def write_geojson(shape: Shape, digits: int) -> str:
    """GeoJSON; a measure is left out."""
    return _written(projected(shape, shape.has_z, False), digits)


def _written(shape: Shape, digits: int) -> str:
    name = NAMES[shape.kind]
    if shape.kind == COLLECTION:
        return f'{{"type":"{name}","geometries":[{",".join(_written(part, digits) for part in shape.parts)}]}}'
    return f'{{"type":"{name}","coordinates":{_coordinates(shape, digits)}}}'


def _coordinates(shape: Shape, digits: int) -> str:
    if shape.kind == POINT:
        return _numbers(shape.parts, digits)
    if shape.kind == LINESTRING:
        return _run(shape.parts, digits)
    if shape.kind == POLYGON:
        return "[" + ",".join(_run(ring, digits) for ring in shape.parts) + "]"
    return "[" + ",".join(_coordinates(part, digits) for part in shape.parts) + "]"


def _run(run: tuple[Coordinate, ...], digits: int) -> str:
    return "[" + ",".join(_numbers(point, digits) for point in run) + "]"


def _numbers(point: Coordinate, digits: int) -> str:
    return "[" + ",".join(number(value, digits) for value in point) + "]"


def write_geohash(longitude: float, latitude: float, places: int) -> str:
    """The geohash of a point; where doubles can be halved no further, its letters say so, as Redshift's do."""
    if not (-180 <= longitude <= 180 and -90 <= latitude <= 90):
        raise invalid("a geohash takes a longitude within 180 and a latitude within 90 degrees")
    ranges = [[-180.0, 180.0], [-90.0, 90.0]]
    values = (longitude, latitude)
    found = []
    for place in range(min(max(places, 1), _PLACES_MAX)):
        digit = 0
        for bit in range(5):
            axis = (5 * place + bit) % 2
            low, high = ranges[axis]
            middle = (low + high) / 2
            above = values[axis] >= middle
            ranges[axis] = [middle, high] if above else [low, middle]
            digit = digit * 2 + above
        found.append(_ALPHABET[digit])
    return "".join(found)


def read_geohash(text: str, places: int) -> Shape:
    """The box of a geohash, or the point to which doubles shrink it."""
    letters = text if places < 0 or places > len(text) else text[:places]
    low, high = [-180.0, -90.0], [180.0, 90.0]
    for place, letter in enumerate(letters.lower()):
        digit = _ALPHABET.find(letter)
        if digit < 0:
            raise invalid(f'"{letter}" is no letter of a geohash')
        for bit in range(5):
            axis = (5 * place + bit) % 2
            middle = (low[axis] + high[axis]) / 2
            (low if digit >> (4 - bit) & 1 else high)[axis] = middle
    return box(low[0], low[1], high[0], high[1], 0)


def box(x: float, y: float, right: float, top: float, srid: int) -> Shape:
    """The rectangle, clockwise from its lower left corner; a point or a line where it has no area."""
    if (x, y) == (right, top):
        return Shape(POINT, (x, y), srid=srid)
    if x == right or y == top:
        return Shape(LINESTRING, ((x, y), (right, top)), srid=srid)
    return Shape(POLYGON, (((x, y), (x, top), (right, top), (right, y), (x, y)),), srid=srid)


def points(shape: Shape) -> Shape:
    """A multipoint of all points that are not empty, in order."""
    return shape.like(MULTIPOINT, tuple(Shape(POINT, one, shape.has_z, shape.has_m) for one in shape.coordinates()))
