"""Spatial reference systems: what PROJ knows of an SRID, and coordinates taken from one system to another.

Received from `geodesy`: SRIDs and lists of coordinates. Handed back: spheroids and lists. PROJ is imported when first needed.

All of PROJ runs on one thread of ours. pyproj keeps a context for each of Python's threads, and its objects point into it; the
engine calls from threads that are Python's only while a call lasts, so that contexts ended under objects that were kept
(pyproj 3.7: a crash of the process).
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import Any, TypeVar

from boathouse.contracts.errors import DataError, FeatureNotSupported

_T = TypeVar("_T")
_THREAD = ThreadPoolExecutor(1, "proj")


def _there(function: Callable[..., _T], *arguments: Any) -> _T:
    return _THREAD.submit(function, *arguments).result()


def moved(axes: list[list[float]], from_srid: int, to_srid: int) -> list[list[float]]:
    """Coordinates, one list an axis, in the other system; infinite where it cannot show them.

    Raises:
        DataError: no such system. FeatureNotSupported: PROJ is not installed.
    """
    return _there(_moved, axes, from_srid, to_srid)


@lru_cache(256)
def ellipsoid(srid: int) -> tuple[float, float]:
    """Half of the longer axis in metres, and the flattening, of a system of longitudes and latitudes.

    Raises:
        DataError: no such system, or another kind. FeatureNotSupported: PROJ is not installed.
    """
    return _there(_ellipsoid, srid)


def _moved(axes: list[list[float]], from_srid: int, to_srid: int) -> list[list[float]]:
    transformer = _transformer(from_srid, to_srid)
    return [list(axis) for axis in transformer.transform(*axes)] if axes[0] else axes


def _ellipsoid(srid: int) -> tuple[float, float]:
    found = _system(srid)
    if not found.is_geographic:
        raise DataError(f"the SRID {srid} is not of a geographic reference system", sqlstate="22023")
    inverse = found.ellipsoid.inverse_flattening
    return float(found.ellipsoid.semi_major_metre), 1 / inverse if inverse else 0.0


@lru_cache(64)
def _transformer(from_srid: int, to_srid: int) -> Any:
    systems = _system(from_srid), _system(to_srid)
    from pyproj import Transformer

    return Transformer.from_crs(*systems, always_xy=True)


@lru_cache(256)
def _system(srid: int) -> Any:
    try:
        from pyproj import CRS
        from pyproj.exceptions import CRSError
    except ImportError as failure:
        raise FeatureNotSupported(
            "support for spatial reference systems is not installed", hint="pip install 'boathouse[spatial]'"
        ) from failure
    try:
        return CRS.from_epsg(srid)
    except CRSError:
        raise DataError(f"there is no spatial reference system {srid}", sqlstate="22023") from None
