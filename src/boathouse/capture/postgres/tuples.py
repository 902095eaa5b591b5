"""Rows of the log, taken apart: many at once column by column, or one by one where not every value was sent.

Receives messages with the place of a TupleData in each; hands on values as the server wrote them, in text. Pure.

Each column costs a few operations of numpy over all rows, and one copy: a column's values lie in the joined messages with a
gap before each, so that a binary array over values and gaps needs no copy, and taking every other one of it is the column.

Source: PostgreSQL documentation, "Logical Replication Message Formats", TupleData.
"""

from __future__ import annotations

from struct import Struct
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa

Tuple: TypeAlias = list[bytes | None]
UNCHANGED = b"\x00unchanged"
"""Stands in a tuple for a value that was not sent; told apart by identity."""
_LENGTH = Struct("!I")
_TEXT, _NULL, _UNSENT = b"tnu"
_SMALL = 1 << 31


def columns_of(messages: list[bytes], starts: list[int], count: int) -> list[pa.Array] | None:
    """The values of each column, as binary arrays with a row for each message.

    Args:
        starts: where each message's TupleData begins; it ends with the message.
        count: of columns, in every row.

    Returns:
        None where a value was not sent: then only the rows, one by one, say which.

    Raises:
        ValueError: a message is damaged.
    """
    sizes = np.fromiter(map(len, messages), np.int64, len(messages))
    ends = np.cumsum(sizes)
    joined = b"".join((*messages, b"\0\0\0\0"))  # room to read a length that is none
    data = np.frombuffer(joined, np.uint8)
    lengths_at = np.ndarray((len(joined) - 3,), ">u4", joined, strides=(1,))
    at = ends - sizes + np.asarray(starts, np.int64) + 2
    found = []
    for _ in range(count):
        if (at >= ends).any():
            raise ValueError("a row is cut short")
        kinds = data[at]
        has_text = kinds == _TEXT
        if has_text.all():
            begins = at + 5
            at = begins + lengths_at[at + 1]
            if (at > ends).any():
                raise ValueError("a value is cut short")
            found.append(_column(joined, begins, at, None))
            continue
        is_null = kinds == _NULL
        if (kinds == _UNSENT).any():
            return None
        if not (has_text | is_null).all():
            raise ValueError("a value of an unknown kind")
        begins = np.where(has_text, at + 5, at + 1)
        lengths = np.where(has_text, lengths_at[np.minimum(at + 1, len(lengths_at) - 1)], 0)
        at = begins + lengths
        if (at > ends).any():
            raise ValueError("a value is cut short")
        found.append(_column(joined, begins, at, is_null))
    if (at != ends).any():
        raise ValueError("a row does not end where its message does")
    return found


def _column(
    joined: bytes, begins: np.ndarray[Any, Any], ends: np.ndarray[Any, Any], nulls: np.ndarray[Any, Any] | None
) -> pa.Array:
    small = len(joined) < _SMALL
    offsets = np.empty(2 * len(begins), np.int32 if small else np.int64)
    offsets[0::2], offsets[1::2] = begins, ends
    kind = pa.binary() if small else pa.large_binary()
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(joined)]
    values_and_gaps = pa.Array.from_buffers(kind, len(offsets) - 1, buffers)
    values = values_and_gaps.take(pa.array(np.arange(0, len(offsets), 2), mask=nulls))
    return values if small else values.cast(pa.binary())


def tuple_at(message: bytes, at: int) -> tuple[Tuple, int]:
    """The TupleData at a place of a message, and where it ends.

    Raises:
        ValueError, IndexError, struct.error: the message is damaged.
    """
    count = (message[at] << 8) | message[at + 1]
    at += 2
    row: Tuple = []
    for _ in range(count):
        kind = message[at]
        if kind == _TEXT:
            start = at + 5
            at = start + _LENGTH.unpack_from(message, at + 1)[0]
            if at > len(message):
                raise ValueError("a value is cut short")
            row.append(message[start:at])
        elif kind == _NULL:
            row.append(None)
            at += 1
        elif kind == _UNSENT:
            row.append(UNCHANGED)
            at += 1
        else:
            raise ValueError("a value of an unknown kind")
    return row, at
