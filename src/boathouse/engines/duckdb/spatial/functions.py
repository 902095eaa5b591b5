"""One function of values for each function of spatial SQL that is computed here: shapes come and go as EWKB.

Received: values that are not NULL, from `table`. Handed back: values; None for NULL. Errors are `DataError`s in our words.

Source: Redshift Developer Guide, the page of the function of that name.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise

from boathouse.contracts.errors import DataError
from boathouse.engines.duckdb.spatial import geodesy, geojson, wkt
from boathouse.engines.duckdb.spatial.shapes import (
    COLLECTION,
    LINESTRING,
    MULTILINESTRING,
    MULTIPOINT,
    NAMES,
    POINT,
    POLYGON,
    Coordinate,
    Shape,
    invalid,
    projected,
    read,
    write,
    write_standard,
)

TEXT_MAX = 65_535
_HEX = frozenset("0123456789abcdefABCDEF")


def refuse(message: str) -> DataError:
    """An argument that the function does not take."""
    return DataError(message, sqlstate="22023")


def require(shape: Shape, *kinds: int) -> Shape:
    """The shape, which has to be of one of these kinds."""
    if shape.kind not in kinds:
        wanted = " or ".join(NAMES[kind].upper() for kind in kinds)
        raise refuse(f"the function takes a {wanted}, not a {NAMES[shape.kind].upper()}")
    return shape


def same_srid(*shapes: Shape) -> int:
    """The SRID that all have."""
    if len({shape.srid for shape in shapes}) > 1:
        raise refuse(f"the geometries have different SRIDs: {shapes[0].srid} and {shapes[1].srid}")
    return shapes[0].srid


# -- in and out ------------------------------------------------------------------------------------------


def of_any_text(text: str) -> bytes:
    """What a text stands for where a GEOMETRY is wanted: hexadecimal (E)WKB, or (E)WKT."""
    stripped = text.strip()
    return from_hex(stripped) if stripped and _HEX.issuperset(stripped) else write(wkt.read_text(text))


def geography_of_any_text(text: str) -> bytes:
    """The same for a GEOGRAPHY."""
    return to_geography(of_any_text(text))


def tried(function: Callable[[str], bytes]) -> Callable[[str], bytes | None]:
    """The same for COPY, which sets a row in error aside: None where there is no such shape."""

    def read_or_none(text: str) -> bytes | None:
        try:
            return function(text)
        except DataError:
            return None

    return read_or_none


def to_geography(data: bytes) -> bytes:
    """A GEOMETRY's coordinates as longitudes and latitudes; WGS 84 where nothing else is said."""
    shape = read(data)
    geodesy.spheroid(shape.srid or geodesy.WGS84)
    return write(replace(shape, srid=shape.srid or geodesy.WGS84))


def from_hex(text: str) -> bytes:
    """ST_GeomFromEWKB."""
    try:
        return write(read(bytes.fromhex(text)))
    except ValueError:
        raise invalid("not hexadecimal digits") from None


def from_hex_with(text: str, srid: int) -> bytes | None:
    """ST_GeomFromWKB: an SRID below zero makes NULL."""
    return None if srid < 0 else set_srid(from_hex(text), srid)


def from_text_with(text: str, srid: int) -> bytes | None:
    """ST_GeomFromText."""
    return None if srid < 0 else write(replace(wkt.read_text(text, with_srid=False), srid=_srid(srid)))


def from_extended_text(text: str) -> bytes:
    """ST_GeomFromEWKT."""
    return write(wkt.read_text(text))


def geography_from_text(text: str) -> bytes:
    """ST_GeogFromText."""
    return to_geography(from_extended_text(text))


def geography_from_hex(text: str) -> bytes:
    """ST_GeogFromWKB."""
    return to_geography(from_hex(text))


def from_geojson(text: str) -> bytes:
    """ST_GeomFromGeoJSON."""
    return write(geojson.read_geojson(text))


def from_geohash(text: str, places: int) -> bytes:
    """ST_GeomFromGeoHash."""
    return write(geojson.read_geohash(text, places))


def _fits(text: str) -> str:
    if len(text) > TEXT_MAX:
        raise DataError(f"the result is longer than {TEXT_MAX} bytes", sqlstate="22001")
    return text


def _written(form: Callable[[Shape, int], str]) -> Callable[[bytes, int], str]:
    def written(data: bytes, digits: int) -> str:
        if not 1 <= digits <= 20:
            raise refuse("the precision is between 1 and 20")
        return _fits(form(read(data), digits))

    return written


as_text = _written(wkt.write_text)
as_extended_text = _written(wkt.write_extended)
as_geojson = _written(geojson.write_geojson)


def as_binary(data: bytes) -> bytes:
    """ST_AsBinary."""
    return write_standard(read(data), with_srid=False)


def as_extended_binary(data: bytes) -> bytes:
    """ST_AsEWKB."""
    return write_standard(read(data), with_srid=True)


def as_hex(data: bytes) -> str:
    """ST_AsHexEWKB."""
    return _fits(data.hex().upper())


def as_standard_hex(data: bytes) -> str:
    """ST_AsHexWKB."""
    return as_hex(as_binary(data))


def geohash(data: bytes, places: int) -> str | None:
    """ST_GeoHash."""
    shape = require(read(data), POINT)
    return geojson.write_geohash(shape.parts[0], shape.parts[1], places) if shape.parts else None


# -- SRIDs and reference systems -------------------------------------------------------------------------


def _srid(srid: int) -> int:
    if not 0 <= srid < 2**31:
        raise refuse(f"{srid} is no SRID")
    return srid


def srid_of(data: bytes) -> int:
    """ST_SRID, from the head alone."""
    return int.from_bytes(data[5:9], "little") if data[4] & 0x20 else 0


def set_srid(data: bytes, srid: int) -> bytes:
    """ST_SetSRID, of the head alone."""
    body = data[9:] if data[4] & 0x20 else data[5:]
    head = data[:4] + bytes([data[4] & ~0x20 | (0x20 if _srid(srid) else 0)])
    return head + (srid.to_bytes(4, "little") if srid else b"") + body


def transform(data: bytes, srid: int) -> bytes:
    """ST_Transform."""
    return write(geodesy.transform(read(data), srid))


# -- measures on the Earth -------------------------------------------------------------------------------


def _line(shape: Shape) -> tuple[tuple[Coordinate, ...], ...]:
    return tuple(leaf.parts for leaf in shape.leaves() if leaf.kind == LINESTRING)


def _polygons(shape: Shape) -> list[Shape]:
    return [leaf for leaf in shape.leaves() if leaf.kind == POLYGON]


def geography_distance(one: bytes, other: bytes) -> float | None:
    """ST_Distance of two points."""
    shapes = [read(one), read(other)]
    same_srid(*shapes)
    if any(shape.is_empty for shape in shapes):
        return None
    for shape in shapes:
        require(shape, POINT)
    return geodesy.distance(shapes[0].parts, shapes[1].parts, *geodesy.spheroid(shapes[0].srid))


def geography_length(data: bytes) -> float:
    """ST_Length."""
    shape = read(data)
    on = geodesy.spheroid(shape.srid)
    return math.fsum(geodesy.length(run, *on) for run in _line(shape))


def geography_perimeter(data: bytes) -> float:
    """ST_Perimeter."""
    shape = read(data)
    on = geodesy.spheroid(shape.srid)
    return math.fsum(geodesy.length(ring, *on) for one in _polygons(shape) for ring in one.parts)


def geography_area(data: bytes) -> float:
    """ST_Area."""
    shape = read(data)
    on = geodesy.spheroid(shape.srid)
    total = 0.0
    for polygon in _polygons(shape):
        areas = [geodesy.ring_area(ring, *on) for ring in polygon.parts]
        total += areas[0] - math.fsum(areas[1:]) if areas else 0.0
    return total


def sphere_distance(one: bytes, other: bytes, radius: float) -> float | None:
    """ST_DistanceSphere."""
    shapes = [require(read(data), POINT) for data in (one, other)]
    same_srid(*shapes)
    if radius < 0:
        raise refuse("the radius must not be negative")
    if not shapes[0].parts or not shapes[1].parts:
        return None
    return geodesy.sphere_distance(shapes[0].parts, shapes[1].parts, radius)


def sphere_length(data: bytes) -> float:
    """ST_LengthSphere."""
    pairs = (pair for run in _line(read(data)) for pair in pairwise(run))
    return math.fsum(geodesy.sphere_distance(one, other, geodesy.SPHERE) for one, other in pairs)


# -- courses ---------------------------------------------------------------------------------------------


def _points(*values: bytes) -> list[Coordinate]:
    shapes = [require(read(data), POINT) for data in values]
    same_srid(*shapes)
    if any(not shape.parts for shape in shapes):
        raise refuse("the function takes no empty point")
    return [shape.parts[:2] for shape in shapes]


def _course(one: Coordinate, other: Coordinate) -> float | None:
    if one == other:
        return None
    return math.atan2(other[0] - one[0], other[1] - one[1]) % (2 * math.pi)


def azimuth(one: bytes, other: bytes) -> float | None:
    """ST_Azimuth."""
    return _course(*_points(one, other))


def angle_of_three(one: bytes, middle: bytes, other: bytes) -> float | None:
    """ST_Angle of three points."""
    a, b, c = _points(one, middle, other)
    return _turn(_course(b, a), _course(b, c))


def angle_of_four(a: bytes, b: bytes, c: bytes, d: bytes) -> float | None:
    """ST_Angle of two lines."""
    start, end, first, last = _points(a, b, c, d)
    return _turn(_course(start, end), _course(first, last))


def _turn(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else (other - one) % (2 * math.pi)


# -- collections and dimensions --------------------------------------------------------------------------


def collect(parts: Sequence[bytes | None]) -> bytes | None:
    """ST_Collect, of two or of a group; NULL parts are left out."""
    shapes = [read(data) for data in parts if data is not None]
    if not shapes:
        return None
    first = shapes[0]
    for shape in shapes[1:]:
        same_srid(first, shape)
        if (shape.has_z, shape.has_m) != (first.has_z, first.has_m):
            raise refuse("the geometries have different dimensions")
    kinds = {shape.kind for shape in shapes}
    alike = len(kinds) == 1 and not first.is_multiple
    return write(first.like(first.kind + 3 if alike else COLLECTION, tuple(replace(one, srid=0) for one in shapes)))


def in_dimensions(has_z: bool, has_m: bool) -> Callable[[bytes], bytes]:
    """ST_Force2D and its like."""
    return lambda data: write(projected(read(data), has_z, has_m))


def of_shape(function: Callable[[Shape], Shape | None]) -> Callable[[bytes], bytes | None]:
    """A function of shapes as one of their stored forms."""

    def changed(data: bytes) -> bytes | None:
        found = function(read(data))
        return None if found is None else write(found)

    return changed


def multi(shape: Shape) -> Shape:
    """ST_Multi."""
    return shape if shape.is_multiple else shape.like(shape.kind + 3, (replace(shape, srid=0),))


def part_at(data: bytes, place: int) -> bytes | None:
    """ST_GeometryN."""
    shape = read(data)
    if not shape.is_multiple:
        return data if place == 1 else None
    if not 1 <= place <= len(shape.parts):
        raise refuse(f"the index {place} is out of range")
    return write(replace(shape.parts[place - 1], srid=shape.srid))


def line_of_points(shape: Shape) -> Shape:
    """ST_LineFromMultiPoint."""
    return require(shape, MULTIPOINT).like(LINESTRING, tuple(shape.coordinates()))


def make_line(one: bytes, other: bytes) -> bytes:
    """ST_MakeLine."""
    shapes = [require(read(data), POINT, LINESTRING, MULTIPOINT) for data in (one, other)]
    same_srid(*shapes)
    if shapes[0].size != shapes[1].size or shapes[0].has_z != shapes[1].has_z:
        raise refuse("the geometries have different dimensions")
    points = [*shapes[0].coordinates(), *shapes[1].coordinates()]
    return write(shapes[0].like(LINESTRING, tuple(points)))


def _closed(run: tuple[Coordinate, ...]) -> tuple[Coordinate, ...]:
    if run and (len(run) < 2 or run[0][:2] != run[-1][:2]):
        raise refuse("the linestring is not closed")
    return run


def make_polygon(outer: bytes, inner: bytes | None = None) -> bytes:
    """ST_MakePolygon."""
    shell = require(read(outer), LINESTRING)
    rings = [_closed(shell.parts)]
    if inner is not None:
        holes = require(read(inner), MULTILINESTRING)
        same_srid(shell, holes)
        if (shell.has_z, shell.has_m) != (holes.has_z, holes.has_m):
            raise refuse("the geometries have different dimensions")
        rings += [_closed(part.parts) for part in holes.parts if part.parts]
    return write(shell.like(POLYGON, tuple(rings) if rings[0] else ()))


def polygon(line: bytes, srid: int) -> bytes:
    """ST_Polygon."""
    return set_srid(make_polygon(line), srid)


def make_envelope(x: float, y: float, right: float, top: float, srid: int) -> bytes:
    """ST_MakeEnvelope."""
    return write(geojson.box(x, y, right, top, _srid(srid)))
