"""What a capture may hold is divided by one setting, and wide rows make small chunks."""

from __future__ import annotations

import pyarrow as pa
import pytest

from boathouse.capture.settings import MEMORY_BYTES
from boathouse.capture.source import Shares


@pytest.mark.parametrize("memory", [0, 1, 600_000, MEMORY_BYTES, 1 << 34])
def test_the_parts_are_within_the_whole(memory: int) -> None:
    shares = Shares(memory)
    assert shares.log_bytes >= 1 and shares.rows_bytes >= 1 and shares.rows >= 1
    assert shares.log_bytes + shares.rows_bytes * 3 // 2 <= max(memory, 2)


def test_a_chunk_of_wide_rows_is_followed_by_a_smaller_one() -> None:
    wide = pa.RecordBatch.from_pydict({"note": ["x" * 100_000] * 20})
    assert 5 <= Shares(3_000_000).chunk_rows(wide, 20_000) <= 10
    assert Shares(3_000).chunk_rows(wide, 20_000) == 1
    assert Shares(3_000_000).chunk_rows(wide.slice(0, 0), 20_000) == 20_000
    narrow = pa.RecordBatch.from_pydict({"id": pa.array(range(1_000), pa.int64())})
    assert Shares(3_000_000).chunk_rows(narrow, 20_000) == 20_000
