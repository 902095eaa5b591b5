"""Decimals: MySQL's packed groups of nine digits, and Arrow's 128-bit integers.

Receives the packed bytes of many values at once, hands Arrow arrays on. Pure.

Source: MySQL Source Code Documentation, "decimal2bin": groups of nine digits in four big-endian bytes, leading and trailing
groups shorter; the first bit inverted, and of a negative number all bits.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from boathouse.capture.mysql.decode.columns import Column, decimal_bytes
from boathouse.capture.mysql.decode.frames import MalformedEvent
from boathouse.capture.mysql.decode.times import Ints, Mask, Raw, big_endian

_LIMB = np.uint64(0xFFFFFFFF)


def unpack_decimals(content: Raw, column: Column, valid: Mask) -> pa.Array:
    """Rows of packed decimals; more than 38 digits become text, for no decimal of Arrow's that engines read is wider."""
    negative = (content[:, 0] & 0x80) == 0
    plain = content ^ np.where(negative, 0xFF, 0).astype(np.uint8)[:, None]
    plain[:, 0] ^= 0x80
    groups = list(_groups(plain, column))
    for digits, group in groups:
        if (group[valid] >= 10**digits).any():
            raise MalformedEvent(f'a decimal of "{column.name}" has digits that are none')
    if column.size <= 18:
        number = np.zeros(len(content), dtype=np.int64)
        for digits, group in groups:
            number = number * 10**digits + group
        return from_int64(np.where(negative, -number, number), column, valid)
    if column.size <= 38:
        return _wide(groups, negative, column, valid)
    return pa.array(_texts(groups, negative, column, valid), type=pa.utf8())


def _groups(plain: Raw, column: Column) -> list[tuple[int, Ints]]:
    """The groups from the left: how many digits, and their values."""
    lead, whole, fraction, rest = decimal_bytes(column.size, column.scale)
    sizes = [
        (lead, (column.size - column.scale) % 9),
        *[(4, 9)] * ((whole + fraction) // 4),
        (rest, column.scale % 9),
    ]
    found, at = [], 0
    for width, digits in sizes:
        if width:
            found.append((digits, big_endian(plain[:, at : at + width])))
        at += width
    return found


def from_int64(number: Ints, column: Column, valid: Mask) -> pa.Array:
    """Decimals of at most 18 digits from their unscaled integers."""
    words = np.empty((len(number), 2), dtype=np.int64)
    words[:, 0] = number
    words[:, 1] = number >> 63
    return _decimal128(words, column.size, column.scale, valid)


def from_uint64(number: npt.NDArray[np.uint64], valid: Mask) -> pa.Array:
    """BIGINT UNSIGNED: a decimal of 20 digits."""
    words = np.zeros((len(number), 2), dtype=np.uint64)
    words[:, 0] = number
    return _decimal128(words, 20, 0, valid)


def _wide(groups: list[tuple[int, Ints]], negative: Mask, column: Column, valid: Mask) -> pa.Array:
    """128-bit arithmetic in four limbs of 32 bits: number * 10^digits + group, group by group."""
    limbs = [np.zeros(len(negative), dtype=np.uint64) for _ in range(4)]
    for digits, group in groups:
        carry = group.astype(np.uint64)
        for i in range(4):
            total = limbs[i] * np.uint64(10**digits) + carry
            limbs[i], carry = total & _LIMB, total >> np.uint64(32)
    low, high = limbs[0] | limbs[1] << np.uint64(32), limbs[2] | limbs[3] << np.uint64(32)
    words = np.stack((np.where(negative, ~low + np.uint64(1), low), np.where(negative, ~high, high)), axis=1)
    words[:, 1] += (negative & (low == 0)).astype(np.uint64)
    return _decimal128(words, column.size, column.scale, valid)


def _decimal128(words: npt.NDArray[Any], precision: int, scale: int, valid: Mask) -> pa.Array:
    validity = None if valid.all() else pa.py_buffer(np.packbits(valid, bitorder="little").tobytes())
    buffers = [validity, pa.py_buffer(np.ascontiguousarray(words).tobytes())]
    return pa.Array.from_buffers(pa.decimal128(precision, scale), len(words), buffers)


def _texts(groups: list[tuple[int, Ints]], negative: Mask, column: Column, valid: Mask) -> list[str | None]:
    found: list[str | None] = []
    for row in range(len(valid)):
        digits = "".join(f"{int(group[row]):0{count}}" for count, group in groups)
        number = int(digits or "0")
        text = f"{number:0{column.scale + 1}}"
        text = f"{text[: -column.scale]}.{text[-column.scale :]}" if column.scale else text
        found.append((f"-{text}" if negative[row] and number else text) if valid[row] else None)
    return found
