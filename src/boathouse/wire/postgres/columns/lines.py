"""Columns laid side by side: one stream of protocol messages, one message per row.

Receives encoded columns from `as_text` and `as_binary`; hands buffers to the endpoint, ready for the socket.
Pieces of fixed width (message heads, lengths, numbers) are gathered in one byte matrix; what varies is joined to
it by Arrow, whose output buffer is the stream itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pyarrow.compute as pc

from boathouse.wire.postgres.columns.storage import Cells, Column, Fixed, Variable, binary_cells

STREAM_BYTES_MAX = 1 << 30
"""Largest stream made in one go: Arrow's binary offsets have 32 bits, and PostgreSQL's messages one gigabyte."""


class StreamTooLong(Exception):
    """The rows need more than `STREAM_BYTES_MAX`; the caller splits them."""


def constant(data: bytes, rows: int) -> Fixed:
    """The same bytes in each row."""
    return Fixed(np.broadcast_to(np.frombuffer(data, dtype=np.uint8), (rows, len(data))))


def with_lengths(columns: Iterable[Column], rows: int) -> list[Column]:
    """Each field behind its length in four bytes, as DataRow and binary COPY want it; -1 for NULL."""
    pieces: list[Column] = []
    for column in columns:
        if isinstance(column, Fixed):
            pieces.append(constant(column.cells.shape[1].to_bytes(4, "big"), rows))
        else:
            pieces.append(Fixed(column.lengths.astype(">i4").view(np.uint8).reshape(rows, 4)))
        pieces.append(column)
    return pieces


def messages(tag: bytes, pieces: list[Column], rows: int) -> Any:
    """One message per row: the tag, the length, the row's pieces. Returns a memoryview (or bytes, if empty).

    Raises:
        StreamTooLong: nothing was made; split the rows.
    """
    if not rows:
        return b""
    width = sum(piece.cells.shape[1] for piece in pieces if isinstance(piece, Fixed))
    lengths = np.full(rows, width + 4, dtype=np.int64)
    for piece in pieces:
        if isinstance(piece, Variable):
            lengths += np.maximum(piece.lengths, 0)
    if int(lengths.sum()) + rows > STREAM_BYTES_MAX:
        raise StreamTooLong
    head: list[Column] = [constant(tag, rows), Fixed(lengths.astype(">i4").view(np.uint8).reshape(rows, 4))]
    return _joined(head + pieces, rows)


def _joined(pieces: list[Column], rows: int) -> Any:
    arrays: list[Any] = []
    fixed: list[Cells] = []
    for piece in pieces:
        if isinstance(piece, Fixed):
            fixed.append(piece.cells)
            continue
        if fixed:
            arrays.append(binary_cells(_gathered(fixed, rows)))
            fixed = []
        arrays.append(piece.data)
    if not arrays:
        return _gathered(fixed, rows).reshape(-1).data
    if fixed:
        arrays.append(binary_cells(_gathered(fixed, rows)))
    joined = pc.binary_join_element_wise(*arrays, b"")
    return memoryview(joined.buffers()[2])


def _gathered(parts: list[Cells], rows: int) -> Cells:
    if len(parts) == 1:
        return np.ascontiguousarray(parts[0])
    cells = np.empty((rows, sum(part.shape[1] for part in parts)), dtype=np.uint8)
    start = 0
    for part in parts:
        cells[:, start : start + part.shape[1]] = part
        start += part.shape[1]
    return cells
