"""Columns of the engine's to a process with Python functions, and its answers back.

Received: Arrow columns as DuckDB hands them to a function, some 2,000 rows at a time, and the bytes of an answer. Handed
on: what `inside.values` reads, and an Arrow array. Whoever wrote the function may have written the answer's bytes, too:
every length, place and text is checked before Arrow sees it.
"""

from __future__ import annotations

import struct
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from boathouse.contracts.errors import RoutineFailed
from boathouse.contracts.types import SqlType
from boathouse.sql.bind.forms.python_calls import kind_of

Column = tuple[str, bytes, bytes, bytes]
Request = tuple[Any, ...]

_WIDTHS = {"smallint": 15, "integer": 31, "bigint": 63}
_REAL_MAX = float(np.finfo(np.float32).max)
_ARROW = {"i": pa.int64(), "d": pa.float64(), "b": pa.int8(), "D": pa.int32(), "T": pa.int64()}
_DAYS = (-719162, 2932896)
"""The first and the last day that Python's dates know, since 1970: those of the years 1 and 9999."""


def returned(of: SqlType) -> tuple[Any, ...]:
    """A declared result as `inside.values.write` wants to know it."""
    kind = kind_of(of)
    if kind == "i":
        width = _WIDTHS[of.name]
        return kind, str(of), -(2**width), 2**width - 1
    if kind == "d":
        return kind, str(of), _REAL_MAX if of.name == "real" else 0.0
    if kind == "s":
        return kind, str(of), of.length or (1 if of.name == "character" else 256)
    if kind == "n":
        return kind, str(of), of.precision or 18, of.scale or 0
    return kind, str(of)


def written(kind: str, column: pa.Array | pa.ChunkedArray) -> Column:
    """A column for the process."""
    array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    nulls = b"" if not array.null_count else _plain(array.is_null().cast(pa.int8()), np.int8)
    if kind in "sn":
        texts = (array if kind == "s" else array.cast(pa.string())).cast(pa.string()).fill_null("")
        ends = np.frombuffer(texts.buffers()[1] or b"\0\0\0\0", np.int32)[texts.offset : texts.offset + len(texts) + 1]
        data = texts.buffers()[2]
        cut = b"" if data is None else data[int(ends[0]) : int(ends[-1])].to_pybytes()
        return kind, nulls, cut, (ends[1:] - ends[0]).astype(np.int32).tobytes()
    if kind == "T":
        array = array.cast(pa.timestamp("us"))
    narrow = array.cast(_ARROW[kind]).fill_null(0)
    if kind == "D":
        narrow = narrow.cast(pa.int64())
    data = _plain(narrow, np.int8 if kind == "b" else np.float64 if kind == "d" else np.int64)
    return kind, nulls, data, b""


def _plain(array: pa.Array, of: Any) -> bytes:
    found: bytes = np.asarray(array.to_numpy(zero_copy_only=False), of).tobytes()
    return found


def read(kind: str, rows: int, answer: bytes) -> pa.Array:
    """The column in an answer of `R`.

    Raises:
        ValueError: no such column can be meant. RoutineFailed: a moment that the engine has not.
    """
    if len(answer) < 9 or answer[:1] != b"R":
        raise ValueError("no column")
    nulls_size, data_size = struct.unpack_from("<II", answer, 1)
    nulls, data, ends = (
        answer[9 : 9 + nulls_size],
        answer[9 + nulls_size :][:data_size],
        answer[9 + nulls_size + data_size :],
    )
    if nulls_size not in (0, rows) or len(nulls) != nulls_size or len(data) != data_size:
        raise ValueError("cut short")
    missing = np.frombuffer(nulls, np.int8) != 0 if nulls else None
    if kind in "sn":
        found = _texts(rows, data, ends)
        return pc.if_else(pa.array(missing), pa.scalar(None, pa.string()), found) if missing is not None else found
    numbers = np.frombuffer(data, np.int8 if kind == "b" else np.float64 if kind == "d" else np.int64)
    if len(numbers) != rows or ends:
        raise ValueError("of another length")
    if kind == "b":
        return pa.array(numbers != 0, mask=missing)
    if kind in "DT" and rows:
        day = 1 if kind == "D" else 86_400_000_000
        if numbers.min() < _DAYS[0] * day or numbers.max() >= (_DAYS[1] + 1) * day:
            raise RoutineFailed("date out of range", sqlstate="22008")
    if kind == "D":
        return pa.array(numbers.astype(np.int32), mask=missing).cast(pa.date32())
    whole = pa.array(numbers, mask=missing)
    return whole.cast(pa.timestamp("us")) if kind == "T" else whole


def _texts(rows: int, data: bytes, ends: bytes) -> pa.Array:
    places = np.frombuffer(b"\0\0\0\0" + ends, np.int32)
    if len(places) != rows + 1 or np.any(np.diff(places.astype(np.int64)) < 0) or int(places[-1]) != len(data):
        raise ValueError("not one text a row")
    found = pa.Array.from_buffers(pa.string(), rows, [None, pa.py_buffer(b"\0\0\0\0" + ends), pa.py_buffer(data)])
    found.validate(full=True)
    return found
