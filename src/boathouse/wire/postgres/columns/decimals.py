"""decimal128 columns to PostgreSQL's binary NUMERIC: base-10000 digits with a weight, a sign and a scale.

Receives plain decimal arrays from `as_binary` and gives the encoded column back.
Source: PostgreSQL's `numeric_send` (ndigits, weight, sign, dscale, digits; leading and trailing zero digits left out).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from boathouse.wire.postgres.columns.storage import Cells, Column, Variable, binary_array, valid

_NEGATIVE = 0x4000
_LIMBS = 5
"""32-bit limbs: 38 digits and up to three zeros that bring the scale to a multiple of four need 137 bits."""


def numeric_column(array: Any) -> Column:
    """A decimal128 array as binary NUMERIC."""
    scale = array.type.scale
    present = valid(array)
    words = np.frombuffer(array.buffers()[1] or b"", dtype="<u8").reshape(-1, 2)
    words = words[array.offset : array.offset + len(array)]
    low, high = words[:, 0].copy(), words[:, 1].copy()
    if present is not None:
        low[~present] = high[~present] = 0
    negative = high >> np.uint64(63) != 0
    low[negative] = ~low[negative] + np.uint64(1)
    high[negative] = ~high[negative] + (low[negative] == 0)
    digits = _digits(low, high, -scale % 4)
    return _sent(digits, negative, scale, present)


def _digits(low: Cells, high: Cells, zeros: int) -> Cells:
    """Base-10000 digits of the magnitudes times ten to the `zeros`, most significant first, as uint16."""
    factor = np.uint64(10**zeros)
    found: list[Cells] = []
    if not high.any() and (not len(low) or int(low.max()) < 2**64 // 1000):
        rest = low * factor
        while not found or rest.any():
            found.append((rest % np.uint64(10_000)).astype(np.uint16))
            rest = rest // np.uint64(10_000)
        return np.stack(found[::-1], axis=1)
    mask, shift = np.uint64(2**32 - 1), np.uint64(32)
    limbs = [low & mask, low >> shift, high & mask, high >> shift, np.zeros_like(low)]
    carry = np.zeros_like(low)
    for place in range(_LIMBS):
        carry += limbs[place] * factor
        limbs[place] = carry & mask
        carry = carry >> shift
    while not found or any(limb.any() for limb in limbs):
        remainder = np.zeros_like(low)
        for place in reversed(range(_LIMBS)):
            current = (remainder << shift) | limbs[place]
            limbs[place], remainder = np.divmod(current, np.uint64(10_000))
        found.append(remainder.astype(np.uint16))
    return np.stack(found[::-1], axis=1)


def _sent(digits: Cells, negative: Cells, scale: int, present: Cells | None) -> Column:
    rows, count = digits.shape
    after_point = -(-scale // 4)
    used = digits != 0
    some = used.any(axis=1)
    first = np.where(some, used.argmax(axis=1), 0)
    last = np.where(some, count - 1 - used[:, ::-1].argmax(axis=1), -1)
    held = np.where(some, last - first + 1, 0)
    words = np.empty((rows, 4 + count), dtype=">u2")
    words[:, 0] = held
    words[:, 1] = np.where(some, count - after_point - 1 - first, 0).astype(np.int16).view(np.uint16)
    words[:, 2] = np.where(negative & some, _NEGATIVE, 0)
    words[:, 3] = scale
    words[:, 4:] = digits
    places = np.arange(count)
    keep = np.ones((rows, 4 + count), dtype=bool)
    keep[:, 4:] = (places >= first[:, None]) & (places <= last[:, None])
    lengths = (8 + 2 * held).astype(np.int32)
    if present is not None:
        keep[~present] = False
        lengths[~present] = 0
    offsets = np.zeros(rows + 1, dtype=np.int32)
    np.cumsum(lengths, out=offsets[1:])
    if present is not None:
        lengths[~present] = -1
    return Variable(binary_array(words[keep].view(np.uint8), offsets), lengths)
