"""Distances between points on WGS 84, a vector at a time: the commonest call by far, forty times as fast as one by one.

Received: two columns of stored shapes. Handed back: metres, or None where not all are such points, which `table` then takes one
by one. The formula is that of `geodesy`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from boathouse.engines.duckdb.computed.vectors import bytes_of, flat
from boathouse.engines.duckdb.spatial.geodesy import WGS84, spheroid

_HEAD = np.frombuffer(b"\x01\x01\0\0\x20" + WGS84.to_bytes(4, "little"), np.uint8)
_SIZE = len(_HEAD) + 16

Doubles = npt.NDArray[np.float64]


def point_distances(ones: Any, others: Any) -> pa.Array | None:
    """See the module."""
    ends = [_points(column) for column in (ones, others)]
    if ends[0] is None or ends[1] is None:
        return None
    return pa.array(distances(ends[0], ends[1]))


def _points(column: Any) -> Doubles | None:
    """Longitudes and latitudes in radians, one row a point."""
    array = flat(column)
    if array.null_count or not len(array):
        return None
    body, starts, lengths = bytes_of(array)
    if not (lengths == _SIZE).all():
        return None
    cells = body[starts[0] : starts[0] + _SIZE * len(array)].reshape(len(array), _SIZE)
    if not (cells[:, : len(_HEAD)] == _HEAD).all():
        return None
    found = np.ascontiguousarray(cells[:, len(_HEAD) :]).view("<f8")
    return None if np.isnan(found).any() else np.radians(found)


def distances(ones: Doubles, others: Doubles) -> Doubles:
    """Metres from each point to the other of its row; both in radians."""
    major, flattening = spheroid(WGS84)
    sin1, cos1, sin2, cos2 = np.sin(ones[:, 1]), np.cos(ones[:, 1]), np.sin(others[:, 1]), np.cos(others[:, 1])
    turn = others[:, 0] - ones[:, 0]
    cosine = sin1 * sin2 + cos1 * cos2 * np.cos(turn)
    sine = np.hypot(cos2 * np.sin(turn), cos1 * sin2 - sin1 * cos2 * np.cos(turn))
    arc = np.arctan2(sine, cosine)
    more = 1 + np.abs(cosine)
    less = sine**2 / more
    below, above = np.where(cosine > 0, (less, more), (more, less))
    with np.errstate(divide="ignore", invalid="ignore"):
        h = np.where(below != 0, (arc + 3 * sine) / below, 0)
        g = np.where(above != 0, (arc - 3 * sine) / above, 0)
    found: Doubles = major * (arc - flattening / 4 * (h * (sin1 - sin2) ** 2 + g * (sin1 + sin2) ** 2))
    return np.where((ones == others).all(axis=1), 0.0, found)
