"""Arrow columns to PostgreSQL's binary format.

Receives plain arrays and their SQL types; hands encoded columns to the endpoint, which lays rows together.
Sources: the `*_send` functions of PostgreSQL; dates and times count from 2000-01-01; all integers big-endian.
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from boathouse.contracts.errors import InvalidText
from boathouse.contracts.types import SqlType
from boathouse.wire.postgres.columns.as_text import list_offsets, part_of, text_column
from boathouse.wire.postgres.columns.decimals import numeric_column
from boathouse.wire.postgres.columns.hexadecimal import uuid_cells
from boathouse.wire.postgres.columns.plain import plain
from boathouse.wire.postgres.columns.storage import (
    Cells,
    Column,
    Variable,
    as_array,
    binary_cells,
    from_cells,
    from_strings,
    numbers,
    offsets_of,
    valid,
)
from boathouse.wire.postgres.forms.write_text import INFINITE_DATE, INFINITE_TIMESTAMP

EPOCH_DAYS = 10_957
"""Days from 1970-01-01 to 2000-01-01."""

EPOCH_US = EPOCH_DAYS * 86_400_000_000

_FORMS = {
    "smallint": ">i2",
    "integer": ">i4",
    "bigint": ">i8",
    "oid": ">u4",
    "xid": ">u4",
    "real": ">f4",
    "double precision": ">f8",
    "time without time zone": ">i8",
}
_TIMETZ = re.compile(r"(\d+):(\d+):(\d+)(?:\.(\d{1,6}))?([+-])(\d+)(?::(\d+))?(?::(\d+))?")
_INTERVAL = np.dtype([("months", "<i4"), ("days", "<i4"), ("nanoseconds", "<i8")])
_INTERVAL_SENT = np.dtype([("microseconds", ">i8"), ("days", ">i4"), ("months", ">i4")])


def binary_column(array: Any, sql_type: SqlType) -> Column:
    """One column in PostgreSQL's binary format."""
    array = plain(array, sql_type)
    name = sql_type.name
    if sql_type.is_reference:
        array, name = part_of(array, "oid"), "oid"
    form = _FORMS.get(name)
    if form is not None:
        return from_cells(_cells(numbers(array), form), valid(array))
    match name:
        case "boolean":
            return from_cells(numbers(array).astype(np.uint8).reshape(len(array), 1), valid(array))
        case "date":
            return from_cells(_cells(_shifted(numbers(array), EPOCH_DAYS, INFINITE_DATE), ">i4"), valid(array))
        case "timestamp without time zone" | "timestamp with time zone":
            return from_cells(_cells(_shifted(numbers(array), EPOCH_US, INFINITE_TIMESTAMP), ">i8"), valid(array))
        case "numeric":
            return numeric_column(array)
        case "interval":
            return _interval(array)
        case "uuid":
            return _uuid(array)
        case "time with time zone":
            return _timetz(array)
        case "character":
            return text_column(array, sql_type)
    return _list(array, sql_type) if pa.types.is_list(array.type) else from_strings(array)


def _cells(values: Cells, form: str) -> Cells:
    return values.astype(form).view(np.uint8).reshape(len(values), np.dtype(form).itemsize)


def _shifted(values: Cells, epoch: int, infinite: int) -> Cells:
    """Counted from 2000; the engine's infinities become PostgreSQL's (the type's largest and smallest number)."""
    if not len(values):
        return values
    shifted: Cells = values - values.dtype.type(epoch)
    if values.max() == infinite or values.min() <= -infinite + epoch:
        shifted[values == infinite] = infinite
        shifted[values == -infinite] = -infinite - 1
    return shifted


def _interval(array: Any) -> Column:
    buffer = array.buffers()[1]
    if buffer is None:
        return from_cells(np.zeros((len(array), 16), dtype=np.uint8), valid(array))
    stored = np.frombuffer(buffer, dtype=_INTERVAL)[array.offset : array.offset + len(array)]
    sent = np.zeros(len(array), dtype=_INTERVAL_SENT)
    sent["microseconds"] = np.trunc(stored["nanoseconds"] // 1000)
    negative = stored["nanoseconds"] < 0
    sent["microseconds"][negative] = -(-stored["nanoseconds"][negative] // 1000)
    sent["days"], sent["months"] = stored["days"], stored["months"]
    return from_cells(sent.view(np.uint8).reshape(len(array), 16), valid(array))


def _uuid(array: Any) -> Column:
    present = valid(array)
    if present is not None:
        array = pc.fill_null(array, "00000000-0000-0000-0000-000000000000")
    if len(array) and not (np.diff(offsets_of(array)) == 36).all():
        raise InvalidText("invalid uuid in a result")
    return from_cells(uuid_cells(array), present)


def _timetz(array: Any) -> Column:
    """From the text in which the engine hands it over: `04:05:06.7+05:30`; the zone is sent west of Greenwich."""
    sent = np.zeros(len(array), dtype=np.dtype([("time", ">i8"), ("west", ">i4")]))
    for row, text in enumerate(array.to_pylist()):
        if text is not None:
            sent[row] = timetz_parts(text)
    return from_cells(sent.view(np.uint8).reshape(len(array), 12), valid(array))


def timetz_parts(text: str) -> tuple[int, int]:
    """Microseconds of the day, and seconds west of Greenwich."""
    found = _TIMETZ.fullmatch(text)
    if not found:
        raise InvalidText(f'invalid input syntax for type time with time zone: "{text}"')
    hours, minutes, seconds, fraction, sign, zone_hours, zone_minutes, zone_seconds = found.groups()
    time = (int(hours) * 3600 + int(minutes) * 60 + int(seconds)) * 1_000_000 + int((fraction or "0").ljust(6, "0"))
    west = int(zone_hours) * 3600 + int(zone_minutes or 0) * 60 + int(zone_seconds or 0)
    return time, west if sign == "-" else -west


def _list(array: Any, sql_type: SqlType) -> Column:
    """A one-dimensional array: dimensions, NULL flag, element oid, bounds, then each element with its length."""
    offsets = list_offsets(array)
    elements = binary_column(array.flatten(), sql_type.element)
    column = Variable(as_array(elements), _lengths(elements))
    data = pc.fill_null(column.data, b"")
    joined = pc.binary_join_element_wise(binary_cells(_cells(column.lengths, ">i4")), data, b"")
    body = pc.binary_join(pa.ListArray.from_arrays(pa.array(offsets), joined), b"")
    counts = np.diff(offsets)
    nulls_before = np.concatenate([[0], np.cumsum(column.lengths < 0)])
    head = np.zeros(len(array), dtype=np.dtype([(part, ">i4") for part in ("dims", "nulls", "oid", "size", "low")]))
    first = 1 if sql_type.name == "array" else 0
    head["dims"], head["size"], head["low"], head["oid"] = counts > 0, counts, first, sql_type.element.oid
    head["nulls"] = nulls_before[offsets[1:]] > nulls_before[offsets[:-1]]
    heads = binary_cells(head.view(np.uint8).reshape(len(array), 20))
    if not counts.all():
        heads = pc.if_else(pa.array(counts > 0), heads, pc.binary_slice(heads, 0, 12))
    sent = pc.binary_join_element_wise(heads, body, b"")
    return from_strings(pc.if_else(pc.is_valid(array), sent, pa.scalar(None, pa.binary())))


def _lengths(column: Column) -> Cells:
    if isinstance(column, Variable):
        return column.lengths
    rows, width = column.cells.shape
    return np.full(rows, width, dtype=np.int32)
