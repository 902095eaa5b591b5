"""Well-known text: shapes read from it and written as it.

Received: WKT and EWKT (`SRID=4326;POINT(1 2)`) in any case, with or without blanks. Handed back: text as Redshift prints it,
`MULTIPOINT Z ((0 1 2),EMPTY)`, each number with as many significant digits as the caller wants.

Source: OGC "Simple Feature Access", part 1, §7; Redshift Developer Guide, "ST_AsEWKT", "ST_GeomFromEWKT".
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
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
)

_SRID = re.compile(r"\s*SRID\s*=\s*(\d{1,9})\s*;", re.IGNORECASE)
_TOKEN = re.compile(r"\s*([A-Za-z]+|[(),]|[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|$)")
_KINDS = {name.upper(): kind for kind, name in enumerate(NAMES) if name}
_DEPTH_MAX = 64
DIGITS = 15
"""Significant digits where none are asked for."""


def read_text(text: str, *, with_srid: bool = True) -> Shape:
    """The shape of WKT, or of EWKT where an SRID may stand before.

    Raises:
        DataError: not well formed.
    """
    start = _SRID.match(text) if with_srid else None
    reader = _Reader(text, start.end() if start else 0)
    shape = reader.shape(0)
    reader.expect("")
    return replace(shape, srid=int(start.group(1))) if start else shape


class _Reader:
    def __init__(self, text: str, at: int) -> None:
        self._text, self._at = text, at
        self.token = ""
        self._next()

    def _next(self) -> str:
        taken = self.token
        found = _TOKEN.match(self._text, self._at)
        if found is None:
            raise self.wrong()
        self.token, self._at = found.group(1).upper(), found.end()
        return taken

    def wrong(self) -> Exception:
        """What to raise here."""
        shown = self._text if len(self._text) <= 60 else self._text[:57] + "..."
        return invalid(f'not well-known text: "{shown}"')

    def accept(self, token: str) -> bool:
        """Take the token if it is next."""
        if self.token != token:
            return False
        if token:
            self._next()
        return True

    def expect(self, token: str) -> None:
        """Take the token, which has to be next."""
        if not self.accept(token):
            raise self.wrong()

    def shape(self, depth: int) -> Shape:
        """A shape with its name."""
        name, flags = self.token, ""
        for ending in ("ZM", "Z", "M"):
            if name not in _KINDS and name.endswith(ending) and name.removesuffix(ending) in _KINDS:
                name, flags = name.removesuffix(ending), ending
                break
        kind = _KINDS.get(name)
        if kind is None or depth > _DEPTH_MAX:
            raise self.wrong()
        self._next()
        if not flags and self.token in ("Z", "M", "ZM"):
            flags = self._next()
        frame = Shape(kind, (), "Z" in flags, "M" in flags)
        return frame.like(kind, self._body(kind, frame, depth))

    def _body(self, kind: int, frame: Shape, depth: int) -> tuple[Any, ...]:
        if self.accept("EMPTY"):
            return ()
        if kind == POINT:
            self.expect("(")
            point = self._coordinate(frame.size)
            self.expect(")")
            return point
        if kind == LINESTRING:
            return self._listed(lambda: self._coordinate(frame.size))
        if kind == POLYGON:
            return self._listed(lambda: self._body(LINESTRING, frame, depth))
        if kind == COLLECTION:
            parts = self._listed(lambda: self.shape(depth + 1))
            if any((part.has_z, part.has_m) != (frame.has_z, frame.has_m) for part in parts):
                raise invalid("its parts have different dimensions")
            return parts
        if kind == MULTIPOINT:
            return self._listed(lambda: frame.like(POINT, self._point(frame)))
        return self._listed(lambda: frame.like(kind - 3, self._body(kind - 3, frame, depth)))

    def _point(self, frame: Shape) -> tuple[Any, ...]:
        """A multipoint's points stand in parentheses or without."""
        return self._body(POINT, frame, 0) if self.token in ("(", "EMPTY") else self._coordinate(frame.size)

    def _listed(self, read: Callable[[], Any]) -> tuple[Any, ...]:
        self.expect("(")
        found = [read()]
        while self.accept(","):
            found.append(read())
        self.expect(")")
        return tuple(found)

    def _coordinate(self, size: int) -> Coordinate:
        found = []
        for _ in range(size):
            if not self.token or not (self.token[-1].isdigit() or self.token[-1] == "."):
                raise self.wrong()
            found.append(float(self._next()))
        return tuple(found)


def write_text(shape: Shape, digits: int = DIGITS) -> str:
    """WKT."""
    flags = "Z" * shape.has_z + "M" * shape.has_m
    name = NAMES[shape.kind].upper() + (f" {flags} " if flags else "")
    body = _written(shape, digits)
    return f"{name.rstrip()} EMPTY" if body == "EMPTY" else name + body


def _written(shape: Shape, digits: int) -> str:
    if not shape.parts:
        return "EMPTY"
    if shape.kind == POINT:
        return f"({_numbers(shape.parts, digits)})"
    if shape.kind == LINESTRING:
        return _run(shape.parts, digits)
    if shape.kind == POLYGON:
        return "(" + ",".join(_run(ring, digits) for ring in shape.parts) + ")"
    if shape.kind == COLLECTION:
        return "(" + ",".join(write_text(part, digits) for part in shape.parts) + ")"
    return "(" + ",".join(_written(part, digits) for part in shape.parts) + ")"


def _run(run: tuple[Coordinate, ...], digits: int) -> str:
    return "(" + ",".join(_numbers(point, digits) for point in run) + ")" if run else "EMPTY"


def _numbers(point: Coordinate, digits: int) -> str:
    return " ".join(number(value, digits) for value in point)


def number(value: float, digits: int) -> str:
    """The value with so many significant digits and no zeros behind the last that counts."""
    return f"{value:.{digits}g}" if value else "0"


def write_extended(shape: Shape, digits: int = DIGITS) -> str:
    """EWKT: the SRID before it, where it is not 0."""
    return (f"SRID={shape.srid};" if shape.srid else "") + write_text(shape, digits)
