"""Bytes to hexadecimal digits and back, a column at a time.

Receives binary and uuid columns; hands arrays of digits or bytes to `as_text`, `as_binary` and `storage`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from boathouse.wire.postgres.columns.storage import Cells, binary_array, bytes_of, offsets_of

_DIGITS = np.frombuffer(b"0123456789abcdef", dtype=np.uint8)
_PAIRS = np.stack([np.repeat(_DIGITS, 16), np.tile(_DIGITS, 16)], axis=1)
_UPPER_PAIRS = np.where(ord("a") <= _PAIRS, _PAIRS - 32, _PAIRS)
_NIBBLES = np.zeros(256, dtype=np.uint8)
for _index, _digit in enumerate(b"0123456789abcdef"):
    _NIBBLES[_digit] = _index
    _NIBBLES[ord(chr(_digit).upper())] = _index

_UUID_HYPHENS = (8, 13, 18, 23)
_UUID_DIGITS = np.array([place for place in range(36) if place not in _UUID_HYPHENS])


def hex_digits(array: Any, *, upper: bool = False) -> Any:
    """Each value's bytes as hexadecimal digits in lower case, or upper; NULLs stay."""
    present = pc.is_valid(array) if array.null_count else None
    if present is not None:
        array = pc.fill_null(array, b"")
    offsets = offsets_of(array)
    digits = binary_array((_UPPER_PAIRS if upper else _PAIRS)[bytes_of(array)].reshape(-1), (offsets - offsets[0]) * 2)
    return digits if present is None else pc.if_else(present, digits, pa.scalar(None, pa.binary()))


def uuid_cells(text: Any) -> Cells:
    """UUIDs from their 36-character text, as 16 bytes per row; the text has no NULLs."""
    letters = bytes_of(text).reshape(len(text), 36)[:, _UUID_DIGITS]
    nibbles = _NIBBLES[letters]
    cells: Cells = (nibbles[:, 0::2] << 4) | nibbles[:, 1::2]
    return cells


def uuid_text(array: Any) -> Any:
    """UUIDs stored as 16 bytes, as their 36-character text; NULLs stay."""
    present = pc.is_valid(array) if array.null_count else None
    data = pc.fill_null(pc.cast(array, pa.binary()), b"\0" * 16)
    cells = np.full((len(data), 36), ord("-"), dtype=np.uint8)
    cells[:, _UUID_DIGITS] = _PAIRS[bytes_of(data)].reshape(len(data), 32)
    text = binary_array(cells.reshape(-1), np.arange(len(data) + 1, dtype=np.int32) * 36).view(pa.string())
    return text if present is None else pc.if_else(present, text, pa.scalar(None, pa.string()))
