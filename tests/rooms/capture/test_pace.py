"""How large a dump's next chunk is, and how long it rests: as large as is wanted while nothing waits for it."""

from __future__ import annotations

import pytest

from boathouse.capture.dumps import CHUNK_SECONDS, Pace

MANY = 10_000


def after(pace: Pace, seconds: float, others: int = 0, most: int = MANY * 10) -> tuple[int, float]:
    """A chunk took so long."""
    pace.spent = seconds
    pace.ended(min(most, pace.wanted), others)
    assert pace.spent == 0
    return pace.rows, pace.rest


def test_chunks_grow_to_the_wanted_size_while_nothing_waits() -> None:
    pace = Pace(20_000, 0.0)
    assert pace.rows == 2_000
    assert [after(pace, 9.0) for _ in range(5)] == [(rows, 0.0) for rows in (4_000, 8_000, 16_000, 20_000, 20_000)]
    assert after(pace, 9.0, most=300) == (300, 0.0)  # larger rows: memory has no room for more
    assert Pace(500, 0.0).rows == 500


def test_beside_changes_a_chunk_takes_no_longer_than_they_may_wait_and_rests() -> None:
    pace = Pace(20_000, 0.0)
    pace.rows = 16_000
    assert after(pace, 2 * CHUNK_SECONDS, MANY) == (8_000, pytest.approx(3 * CHUNK_SECONDS))
    assert after(pace, CHUNK_SECONDS / 4, MANY) == (16_000, pytest.approx(0.75 * CHUNK_SECONDS))
    for _ in range(5):
        rows, rest = after(pace, 100 * CHUNK_SECONDS, MANY)
    assert (rows, rest) == (2_000, pytest.approx(3 * CHUNK_SECONDS))
    assert after(pace, 1.0, others=5)[1] == 0.0


def test_a_chunk_that_was_in_vain_is_tried_with_half_the_rows_and_recovers() -> None:
    pace = Pace(4, 0.0)
    for rows in (2, 1, 1):
        pace.again()
        assert pace.rows == rows
    assert [after(pace, 1.0, MANY)[0] for _ in range(2)] == [1, 1]
    assert [after(pace, 1.0)[0] for _ in range(3)] == [2, 4, 4]
