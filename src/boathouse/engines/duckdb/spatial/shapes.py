"""Shapes, and the extended well-known binary form in which GEOMETRY and GEOGRAPHY are stored.

Received: bytes in any of the binary forms. Handed to the other modules of this folder: `Shape`; handed back to the engine:
EWKB as Redshift prints it: least byte first, the SRID once, at the start, and only where it is not 0.

Source: OGC "Simple Feature Access", part 1, §8 (WKB); PostGIS "EWKB" for the flags of Z, M and SRID.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from boathouse.contracts.errors import DataError

POINT, LINESTRING, POLYGON, MULTIPOINT, MULTILINESTRING, MULTIPOLYGON, COLLECTION = range(1, 8)
NAMES = (
    "", "Point", "LineString", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon", "GeometryCollection",
)  # fmt: skip
DIMENSIONS = (0, 0, 1, 2, 0, 1, 2)
"""Inherent dimension by kind; that of a collection is its largest part's."""
SIZE_MAX = 1_048_447
"""Bytes of the largest GEOMETRY (Redshift Developer Guide, "Limitations when using spatial data")."""

_Z, _M, _SRID = 0x80000000, 0x40000000, 0x20000000
_DEPTH_MAX = 64

Coordinate = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Shape:
    """One geometry.

    Attributes:
        kind: POINT … COLLECTION, as in WKB.
        parts: a point's coordinate, or () where it is empty; a linestring's coordinates; a polygon's rings, each a
            tuple of coordinates; the shapes of a multi shape or a collection.
    """

    kind: int
    parts: tuple[Any, ...]
    has_z: bool = False
    has_m: bool = False
    srid: int = 0

    @property
    def size(self) -> int:
        """Numbers in a coordinate."""
        return 2 + self.has_z + self.has_m

    @property
    def is_multiple(self) -> bool:
        """True for multi shapes and collections."""
        return self.kind >= MULTIPOINT

    def like(self, kind: int, parts: tuple[Any, ...]) -> Shape:
        """A shape of the same dimensions and SRID."""
        return Shape(kind, parts, self.has_z, self.has_m, self.srid)

    def runs(self) -> Iterator[tuple[Coordinate, ...]]:
        """The sequences of coordinates: of points one, of linestrings all, of polygons those of each ring."""
        if self.kind == POINT:
            yield (self.parts,) if self.parts else ()
        elif self.kind == LINESTRING:
            yield self.parts
        elif self.kind == POLYGON:
            yield from self.parts
        else:
            for part in self.parts:
                yield from part.runs()

    def leaves(self) -> Iterator[Shape]:
        """The points, linestrings and polygons."""
        if not self.is_multiple:
            yield self
        else:
            for part in self.parts:
                yield from part.leaves()

    def coordinates(self) -> Iterator[Coordinate]:
        """All coordinates of points that are not empty."""
        for run in self.runs():
            yield from run

    @property
    def is_empty(self) -> bool:
        """True where no point is in it."""
        return next(self.coordinates(), None) is None


def invalid(what: str) -> DataError:
    """A form that is not valid."""
    return DataError(f"invalid geometry: {what}", sqlstate="22023")


def read(data: bytes) -> Shape:
    """The shape of WKB or EWKB.

    Raises:
        DataError: not well formed.
    """
    try:
        shape, end = _read(data, 0, 0)
    except struct.error:
        raise invalid("the binary form ends too early") from None
    if end != len(data):
        raise invalid("the binary form has bytes after its end")
    return shape


def _read(data: bytes, at: int, depth: int) -> tuple[Shape, int]:
    if depth > _DEPTH_MAX:
        raise invalid("collections stand within each other too deeply")
    if at >= len(data) or data[at] > 1:
        raise invalid("the binary form does not begin with a byte order")
    order = "<" if data[at] else ">"
    (word,) = struct.unpack_from(f"{order}I", data, at + 1)
    at += 5
    srid = 0
    if word & _SRID:
        (srid,) = struct.unpack_from(f"{order}i", data, at)
        at += 4
    thousands, kind = divmod(word & 0x1FFFFFFF, 1000)
    if not POINT <= kind <= COLLECTION or thousands > 3:
        raise invalid(f"there is no geometry type {word & 0x1FFFFFFF}")
    has_z, has_m = bool(word & _Z) or thousands in (1, 3), bool(word & _M) or thousands in (2, 3)
    size = 2 + has_z + has_m
    parts: tuple[Any, ...]
    if kind == POINT:
        (point,), at = _run(data, at, order, size, 1)
        parts = () if math.isnan(point[0]) and math.isnan(point[1]) else point
        return Shape(kind, parts, has_z, has_m, srid), at
    (count,) = struct.unpack_from(f"{order}I", data, at)
    at += 4
    if kind == LINESTRING:
        parts, at = _run(data, at, order, size, count)
        return Shape(kind, parts, has_z, has_m, srid), at
    found: list[Any] = []
    for _ in range(count):
        if kind == POLYGON:
            (points,) = struct.unpack_from(f"{order}I", data, at)
            ring, at = _run(data, at + 4, order, size, points)
            found.append(ring)
        else:
            part, at = _read(data, at, depth + 1)
            if kind != COLLECTION and part.kind != kind - 3:
                raise invalid(f"a {NAMES[kind]} holds no {NAMES[part.kind]}")
            if (part.has_z, part.has_m) != (has_z, has_m):
                raise invalid("its parts have different dimensions")
            found.append(replace(part, srid=0))
    return Shape(kind, tuple(found), has_z, has_m, srid), at


def _run(data: bytes, at: int, order: str, size: int, count: int) -> tuple[tuple[Coordinate, ...], int]:
    end = at + 8 * size * count
    if end > len(data):
        raise invalid("the binary form ends too early")
    values = struct.unpack_from(f"{order}{size * count}d", data, at)
    return tuple(values[place : place + size] for place in range(0, len(values), size)), end


def write(shape: Shape) -> bytes:
    """The stored form.

    Raises:
        DataError: it is larger than a GEOMETRY may be.
    """
    data = b"".join(_write(shape, _flags(shape), shape.srid))
    if len(data) > SIZE_MAX:
        raise DataError(f"the geometry has {len(data)} bytes where a GEOMETRY has at most {SIZE_MAX}", sqlstate="54000")
    return data


def write_standard(shape: Shape, *, with_srid: bool) -> bytes:
    """WKB whose types are the standard's: 1001 for a point with Z. `with_srid` writes the SRID as EWKB does."""
    return b"".join(_write(shape, 1000 * (shape.has_z + 2 * shape.has_m), shape.srid if with_srid else 0))


def _flags(shape: Shape) -> int:
    return (_Z if shape.has_z else 0) | (_M if shape.has_m else 0)


def _write(shape: Shape, dimensions: int, srid: int) -> Iterator[bytes]:
    word = shape.kind + dimensions
    yield struct.pack("<BIi", 1, word | _SRID, srid) if srid else struct.pack("<BI", 1, word)
    if shape.kind == POINT:
        yield struct.pack(f"<{shape.size}d", *(shape.parts or (math.nan,) * shape.size))
    elif shape.kind == LINESTRING:
        yield from _write_run(shape.parts, shape.size)
    elif shape.kind == POLYGON:
        yield struct.pack("<I", len(shape.parts))
        for ring in shape.parts:
            yield from _write_run(ring, shape.size)
    else:
        yield struct.pack("<I", len(shape.parts))
        for part in shape.parts:
            yield from _write(part, dimensions, 0)


def _write_run(run: tuple[Coordinate, ...], size: int) -> Iterator[bytes]:
    yield struct.pack("<I", len(run))
    yield struct.pack(f"<{size * len(run)}d", *(value for point in run for value in point))


def projected(shape: Shape, has_z: bool, has_m: bool) -> Shape:
    """The shape in other dimensions: what is left out goes, what is new is 0."""
    if (shape.has_z, shape.has_m) == (has_z, has_m):
        return shape

    def moved(point: Coordinate) -> Coordinate:
        z = point[2] if shape.has_z else 0.0
        m = point[-1] if shape.has_m else 0.0
        return (*point[:2], *((z,) if has_z else ()), *((m,) if has_m else ()))

    parts: tuple[Any, ...]
    if shape.kind == POINT:
        parts = moved(shape.parts) if shape.parts else ()
    elif shape.kind == LINESTRING:
        parts = tuple(map(moved, shape.parts))
    elif shape.kind == POLYGON:
        parts = tuple(tuple(map(moved, ring)) for ring in shape.parts)
    else:
        parts = tuple(projected(part, has_z, has_m) for part in shape.parts)
    return Shape(shape.kind, parts, has_z, has_m, shape.srid)
