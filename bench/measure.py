"""What several benchmarks measure in one way."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

from boathouse.capture.changes import ChangeBatch, Reached
from boathouse.capture.source import Source


def timed(work: Callable[[], object]) -> float:
    """Seconds."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def median_seconds(asked: Callable[[], object], rounds: int) -> float:
    """Of so many rounds, after one that is not counted."""
    asked()
    return statistics.median(timed(asked) for _ in range(rounds))


def measured(work: Callable[[], int]) -> tuple[float, float]:
    """Thousand rows per second of our own CPU time, and of the clock."""
    used, began = time.process_time(), time.monotonic()
    rows = work()
    return rows / (time.process_time() - used) / 1000, rows / (time.monotonic() - began) / 1000


def read_changes(source: Source, start: str, rows: int) -> int:
    """Follow a source's log from a position until so many rows have come, and no more."""
    found, stream = 0, source.stream(source.position(start))
    for item in stream:
        if isinstance(item, ChangeBatch):
            found += len(item)
        if isinstance(item, Reached) and found >= rows:
            break
    stream.close()
    assert found == rows
    return found
