"""Row images become Arrow columns.

Receives a `RowPlan` and the `Images` it collected; hands one Arrow record batch to the source: every image a row, in the
order of the log. Pure.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np
import pyarrow as pa

from boathouse.capture.mysql.decode import decimals, texts, times
from boathouse.capture.mysql.decode.columns import Column, Kind, ZeroDates, arrow_type
from boathouse.capture.mysql.decode.row_plan import Images, RowPlan


def images_batch(plan: RowPlan, images: Images, zero_dates: ZeroDates) -> pa.RecordBatch:
    """All images as one batch, a column each, with the types of `columns.arrow_type`."""
    arrays = images_arrays(plan, images, zero_dates, range(len(plan.columns)))
    return pa.record_batch(list(arrays.values()), schema=schema_of(plan.columns, zero_dates))


def images_arrays(plan: RowPlan, images: Images, zero_dates: ZeroDates, wanted: Collection[int]) -> dict[int, pa.Array]:
    """The columns at the `wanted` indexes alone, by index."""
    valid = _validity(plan, images)
    arrays: dict[int, pa.Array] = {}
    for part, slices in zip(plan.parts, images.parts, strict=True):
        chosen = [index for index in range(part.first, part.last) if index in wanted]
        if part.layout is None:
            for index in chosen:
                arrays[index] = texts.values_array(slices, plan.columns[index], valid[index])
        elif chosen:
            rows = np.frombuffer(b"".join(slices), dtype=part.layout)
            for index in chosen:
                arrays[index] = fixed_array(rows[str(index)], plan.columns[index], valid[index], zero_dates)
    return arrays


def schema_of(columns: tuple[Column, ...], zero_dates: ZeroDates) -> pa.Schema:
    """The Arrow schema of a table's rows."""
    return pa.schema([pa.field(column.name, arrow_type(column, zero_dates)) for column in columns])


def _validity(plan: RowPlan, images: Images) -> list[times.Mask]:
    bitmaps = np.frombuffer(b"".join(images.nulls), dtype=np.uint8).reshape(len(images), plan.bitmap_bytes)
    if not len(bitmaps):
        return [np.zeros(0, dtype=np.bool_) for _ in plan.columns]
    seen = np.bitwise_or.reduce(bitmaps, axis=0)
    everywhere = np.ones(len(images), dtype=np.bool_)
    return [
        (bitmaps[:, index >> 3] >> (index & 7) & 1) == 0 if seen[index >> 3] >> (index & 7) & 1 else everywhere
        for index in range(len(plan.columns))
    ]


_INTS = {1: "i1", 2: "<i2", 4: "<i4", 8: "<i8"}


def fixed_array(content: times.Raw, column: Column, valid: times.Mask, zero_dates: ZeroDates) -> pa.Array:
    """A column of fixed width from its bytes, one row of `uint8` each."""
    kind = column.kind
    if kind is Kind.INT:
        return _ints(content, column, valid)
    if kind is Kind.FLOAT or kind is Kind.DOUBLE:
        number = np.ascontiguousarray(content).view("<f4" if kind is Kind.FLOAT else "<f8").reshape(-1)
        return pa.array(number, mask=None if valid.all() else ~valid)
    if kind is Kind.DECIMAL:
        return decimals.unpack_decimals(content, column, valid)
    if kind is Kind.BIT:
        return bits_array(times.big_endian(content), column, valid)
    if kind is Kind.YEAR:
        year = content[:, 0].astype(np.int16)
        return pa.array(np.where(year, year + np.int16(1900), np.int16(0)), type=pa.int16(), mask=~valid)
    if kind is Kind.DATE:
        return times.moments_array(column, times.unpack_date(content, valid), zero_dates)
    if kind is Kind.DATETIME:
        return times.moments_array(column, times.unpack_datetime(content, column.scale, valid), zero_dates)
    if kind is Kind.TIMESTAMP:
        return times.unpack_timestamp(content, column, valid, zero_dates)
    if kind is Kind.TIME:
        return times.unpack_time(content, column, valid)
    return texts.labels_array(times.little_endian(content), column, valid)


def _ints(content: times.Raw, column: Column, valid: times.Mask) -> pa.Array:
    if column.size == 3:
        number: Any = times.little_endian(content)
        number = number if column.is_unsigned else (number ^ 0x800000) - 0x800000
    else:
        layout = _INTS[column.size].replace("i", "u") if column.is_unsigned else _INTS[column.size]
        number = np.ascontiguousarray(content).view(layout).reshape(-1)
    if column.is_unsigned and column.size == 8:
        return decimals.from_uint64(number, valid)
    kind = arrow_type(column)
    return pa.array(number.astype(kind.to_pandas_dtype()), type=kind, mask=None if valid.all() else ~valid)


def bits_array(number: times.Ints, column: Column, valid: times.Mask) -> pa.Array:
    """BIT: a boolean, an integer, or with 64 bits a decimal."""
    if column.size == 64:
        return decimals.from_uint64(number.view(np.uint64), valid)
    return pa.array(number != 0 if column.size == 1 else number, type=arrow_type(column), mask=~valid)
