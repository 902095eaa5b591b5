"""Encoded columns, and Arrow arrays as NumPy sees them.

Receives plain Arrow arrays; hands views and encoded columns to `as_text`, `as_binary` and `lines`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

Cells = np.ndarray[Any, np.dtype[Any]]

_WIDTH_MAX = 256


@dataclass(frozen=True, slots=True)
class Fixed:
    """A column whose fields all have one width and none is NULL.

    Attributes:
        cells: bytes, shape (rows, width).
    """

    cells: Cells


@dataclass(frozen=True, slots=True)
class Variable:
    """A column of fields of any width.

    Attributes:
        data: a binary array without NULLs; empty where the field is NULL.
        lengths: int32 per row in bytes, -1 where the field is NULL.
    """

    data: Any
    lengths: Cells


Column = Fixed | Variable


def numbers(array: Any) -> Cells:
    """A primitive array's values without copy where it has no NULLs, 0 in their place otherwise."""
    kind = array.type
    if pa.types.is_date32(kind):
        array = array.view(pa.int32())
    elif pa.types.is_timestamp(kind) or pa.types.is_time64(kind):
        array = array.view(pa.int64())
    if array.null_count:
        array = pc.fill_null(array, pa.scalar(0, array.type) if not pa.types.is_boolean(array.type) else False)
    found: Cells = array.to_numpy(zero_copy_only=False)
    return found


def valid(array: Any) -> Cells | None:
    """True per value that is not NULL; None where no value is."""
    if not array.null_count:
        return None
    found: Cells = pc.is_valid(array).to_numpy(zero_copy_only=False)
    return found


def binary_array(data: Cells, offsets: Cells) -> Any:
    """A binary array over bytes and int32 offsets, without copy."""
    buffers = [None, pa.py_buffer(np.ascontiguousarray(offsets, dtype=np.int32)), pa.py_buffer(data)]
    return pa.Array.from_buffers(pa.binary(), len(offsets) - 1, buffers)


def binary_cells(cells: Cells) -> Any:
    """A binary array whose values are the rows of a byte matrix."""
    rows, width = cells.shape
    return binary_array(np.ascontiguousarray(cells).reshape(-1), np.arange(rows + 1, dtype=np.int32) * width)


def from_cells(cells: Cells, present: Cells | None) -> Column:
    """A column from a byte matrix and the mask of its values that are not NULL."""
    if present is None:
        return Fixed(cells)
    width = cells.shape[1]
    offsets = np.zeros(len(cells) + 1, dtype=np.int32)
    np.cumsum(present, out=offsets[1:])
    lengths = np.where(present, np.int32(width), np.int32(-1)).astype(np.int32)
    return Variable(binary_array(np.ascontiguousarray(cells[present]).reshape(-1), offsets * width), lengths)


def offsets_of(array: Any) -> Cells:
    """The int32 offsets of a string, binary or list array, its slice respected."""
    buffer = array.buffers()[1]
    if buffer is None or not len(array):
        return np.zeros(len(array) + 1, dtype=np.int32)
    return np.frombuffer(buffer, dtype=np.int32)[array.offset : array.offset + len(array) + 1]


def bytes_of(array: Any) -> Cells:
    """The bytes of a string or binary array's slice, in one row."""
    buffer = array.buffers()[2]
    if buffer is None or not len(array):
        return np.zeros(0, dtype=np.uint8)
    offsets = offsets_of(array)
    return np.frombuffer(buffer, dtype=np.uint8)[offsets[0] : offsets[-1]]


def from_strings(array: Any) -> Column:
    """A column from a string or binary array, NULLs included."""
    if not pa.types.is_binary(array.type):
        array = array.view(pa.binary())
    present = valid(array)
    if present is not None:
        array = pc.fill_null(array, b"")
    lengths = np.diff(offsets_of(array))
    if present is not None:
        lengths[~present] = -1
    elif len(lengths):
        width = int(lengths[0])
        if width <= _WIDTH_MAX and bool((lengths == width).all()):
            return Fixed(bytes_of(array).reshape(len(lengths), width))
    return Variable(array, lengths)


def as_array(column: Column) -> Any:
    """A column as a binary array with NULLs again."""
    if isinstance(column, Fixed):
        return binary_cells(column.cells)
    missing = column.lengths < 0
    if not missing.any():
        return column.data
    return pc.if_else(pa.array(missing), pa.scalar(None, pa.binary()), column.data)


def fields_of(column: Column) -> list[bytes | None]:
    """An encoded column's fields one by one."""
    if isinstance(column, Variable):
        fields: list[bytes | None] = column.data.to_pylist()
        return [None if length < 0 else field for field, length in zip(fields, column.lengths, strict=True)]
    return [row.tobytes() for row in column.cells]
