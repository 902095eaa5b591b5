"""How many distinct values there are, from a HyperLogLog of 2^15 registers: HLL, APPROXIMATE COUNT.

Received: for each group a list of distinct numbers, each a register's place times 64 and a rank, as `rs.hll_item` makes them
of a value's hash. Such a list has at most some twenty entries a register, however many the values. Handed back: counts. The
engine's own approximate count has 64 registers and is off by a tenth.

Sources: Redshift Developer Guide, "Using HyperLogLog sketches" (precision 15); O. Ertl, "New cardinality estimation algorithms
for HyperLogLog sketches" (2017), algorithm 6.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from boathouse.engines.duckdb.computed.vectors import flat

PRECISION = 15
"""Bits of a hash that choose the register."""
_REGISTERS = 1 << PRECISION
_RANK_MAX = 64 - PRECISION + 1


def hll_count(lists: Any) -> pa.Array:
    """The count for each list; 0 for none."""
    array = flat(lists)
    return pa.array([estimate(registers(np.asarray(one.values.drop_null()))) if one.is_valid else 0 for one in array])


def registers(items: npt.NDArray[Any]) -> npt.NDArray[np.uint8]:
    """The highest rank in each register."""
    found = np.zeros(_REGISTERS, np.uint8)
    np.maximum.at(found, items >> 6, (items & 63).astype(np.uint8))
    return found


def estimate(ranks: npt.NDArray[np.uint8]) -> int:
    """Distinct values, to the nearest integer."""
    counts = np.bincount(ranks, minlength=_RANK_MAX + 1).astype(float)
    rest = _REGISTERS * _tau(1 - counts[_RANK_MAX] / _REGISTERS)
    for rank in range(_RANK_MAX - 1, 0, -1):
        rest = (rest + counts[rank]) / 2
    rest += _REGISTERS * _sigma(counts[0] / _REGISTERS)
    return round(_REGISTERS**2 / (2 * math.log(2) * rest))


def _sigma(x: float) -> float:
    if x == 1:
        return math.inf
    y, total, before = 1.0, x, math.nan
    while total != before:
        x *= x
        before = total
        total += x * y
        y += y
    return total


def _tau(x: float) -> float:
    if x in (0, 1):
        return 0.0
    y, total, before = 1.0, 1 - x, math.nan
    while total != before:
        x = math.sqrt(x)
        before = total
        y /= 2
        total -= (1 - x) ** 2 * y
    return total / 3
