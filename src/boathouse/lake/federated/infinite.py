"""Dates and times that have no end, and those that the driver cannot count, among what PostgreSQL sends.

The driver adds the days between 1970 and 2000 to PostgreSQL's numbers and does not look whether they still fit. What ran over
is told by its value, as it lies before all that PostgreSQL has: 4713 BC. Pure.
Source: PostgreSQL manual, "Date/Time Types"; `DATEVAL_NOEND` and `DT_NOEND` are the types' largest numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from boathouse.contracts.errors import DatetimeOverflow

_EPOCH_DAYS = 10_957
_EPOCH_US = _EPOCH_DAYS * 86_400_000_000


def _ends(bits: int, epoch: int) -> Mapping[str, int]:
    """PostgreSQL's infinities as they arrive, the engine's, and the smallest number that is a day or time."""
    largest = 2 ** (bits - 1) - 1
    return {"late": epoch - largest - 2, "early": epoch - largest - 1, "infinity": largest}


_DAYS = {**_ends(32, _EPOCH_DAYS), "first": -2_500_000}
_TIMES = {**_ends(64, _EPOCH_US), "first": -2_500_000 * 86_400_000_000}


def with_infinity(batch: pa.RecordBatch) -> pa.RecordBatch:
    """A batch whose infinite dates and timestamps are the engine's.

    Raises:
        DatetimeOverflow: a timestamp after the year 294246.
    """
    columns = [_column(column) for column in batch.columns]
    if all(new is old for new, old in zip(columns, batch.columns, strict=True)):
        return batch
    return pa.RecordBatch.from_arrays(columns, names=batch.schema.names)


def _column(column: pa.Array) -> pa.Array:
    if pa.types.is_date32(column.type):
        plain, known = pa.int32(), _DAYS
    elif pa.types.is_timestamp(column.type):
        plain, known = pa.int64(), _TIMES
    else:
        return column
    numbers: Any = column.view(plain)
    least = pc.min(numbers).as_py()
    if least is None or least >= known["first"]:
        return column
    for arrived, meant in ((known["late"], known["infinity"]), (known["early"], -known["infinity"])):
        numbers = pc.if_else(pc.equal(numbers, arrived), pa.scalar(meant, plain), numbers)
    least = pc.min(pc.if_else(pc.equal(numbers, -known["infinity"]), pa.scalar(0, plain), numbers)).as_py()
    if least < known["first"]:
        raise DatetimeOverflow("timestamp out of range")
    return numbers.view(column.type)
