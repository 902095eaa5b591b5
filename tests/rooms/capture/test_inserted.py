"""What is inserted in bulk is written in parts: each of so many rows, nothing lost, nothing twice."""

from __future__ import annotations

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from boathouse.capture.outputs.inserted import _parts

SCHEMA = pa.schema([pa.field("id", pa.int64())])


@settings(deadline=None)
@given(st.lists(st.integers(0, 7), min_size=1, max_size=8), st.integers(1, 9))
def test_parts_have_so_many_rows_each(sizes: list[int], rows: int) -> None:
    numbers = iter(range(sum(sizes)))
    batches = [
        pa.record_batch([pa.array([next(numbers) for _ in range(size)], pa.int64())], schema=SCHEMA) for size in sizes
    ]
    parts = [
        part.read_all().column("id").to_pylist()
        for part in _parts(pa.RecordBatchReader.from_batches(SCHEMA, batches), rows)
    ]
    assert [number for part in parts for number in part] == list(range(sum(sizes)))
    assert all(len(part) == rows for part in parts[:-1]) and len(parts[-1]) <= rows
