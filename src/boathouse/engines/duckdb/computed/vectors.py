"""Functions of Arrow vectors: the frame in which the functions of this folder stand.

Received: columns of arguments as DuckDB hands them to a function in Python, some 2,000 values at a time. Handed back:
one column. An argument that is NULL makes the result NULL; the functions themselves see values only.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NoReturn

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from boathouse.contracts.errors import BoathouseError
from boathouse.engines.duckdb.errors import raised

Bytes = npt.NDArray[np.uint8]


def fail(sqlstate: str, message: str) -> NoReturn:
    """End the statement with an error for its user, in the form that `errors.translate` reads."""
    raise ValueError(f"BH{sqlstate}|{message}")


def each(function: Callable[..., Any], of: pa.DataType) -> Callable[..., pa.Array]:
    """A function of values as one of columns; a row that was just computed is not computed again."""

    def vector(*columns: pa.Array) -> pa.Array:
        seen: dict[tuple[Any, ...], Any] = {}
        found: list[Any] = []
        for row in zip(*(column.to_pylist() for column in columns), strict=True):
            if None in row:
                found.append(None)
                continue
            if row not in seen:
                try:
                    seen[row] = function(*row)
                except BoathouseError as error:
                    raise ValueError(raised(error)) from None
            found.append(seen[row])
        return pa.array(found, of)

    return vector


def numbers(column: pa.Array, of: npt.DTypeLike) -> npt.NDArray[Any]:
    """Integers as numpy sees them; NULL as 0."""
    return np.asarray(flat(column).fill_null(0).to_numpy(zero_copy_only=False)).astype(of)


def flat(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    """One array, whatever the engine made of the column."""
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column


def bytes_of(column: pa.Array) -> tuple[Bytes, npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """All bytes of a column of texts or binaries, and where each value starts and how long it is; NULL is empty."""
    array = flat(column).cast(pa.large_binary()).fill_null(b"")
    offsets = np.frombuffer(array.buffers()[1], np.int64)[array.offset : array.offset + len(array) + 1]
    data = array.buffers()[2]
    body = np.frombuffer(data, np.uint8) if data is not None else np.zeros(0, np.uint8)
    return body, offsets[:-1], np.diff(offsets)


def fold_bytes(column: pa.Array, state: npt.NDArray[Any], step: Callable[[Any, Bytes], Any]) -> npt.NDArray[Any]:
    """Take one byte after the other of every value into its state; all values at once."""
    body, starts, lengths = bytes_of(column)
    for place in range(int(lengths.max(initial=0))):
        rows = np.nonzero(lengths > place)[0]
        state[rows] = step(state[rows], body[starts[rows] + place])
    return state


def with_nulls(values: npt.NDArray[Any], of: pa.DataType, columns: Sequence[pa.Array]) -> pa.Array:
    """The values as a column, NULL where an argument is."""
    missing = np.zeros(len(values), bool)
    for column in columns:
        missing |= np.asarray(flat(column).is_null().to_numpy(zero_copy_only=False))
    return pa.array(values, of, mask=missing)
