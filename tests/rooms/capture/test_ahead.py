"""Items of the log that are taken before a transaction begins: the same ones, in their order, up to where the log may be cut."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.rooms.capture.some_changes import ROWS, every_operation

from boathouse.capture.changes import LogItem, Mark, Reached
from boathouse.capture.outputs.ahead import Ahead
from boathouse.capture.postgres.position import Lsn

BATCH = every_operation().batch
assert BATCH is not None
SIZE, COUNT = BATCH.rows.nbytes, len(ROWS) + 1


def items(text: str) -> list[LogItem]:
    """`b` a batch, `m` a watermark, `h` one with a chunk's rows, `r` a place where the log may be cut."""
    made: dict[str, LogItem] = {"b": BATCH, "m": Mark("m"), "h": Mark("h")}  # type: ignore[dict-item]
    return [made.get(one) or Reached(Lsn(place)) for place, one in enumerate(text)]


@pytest.mark.parametrize(
    ("text", "rows", "bytes_max", "taken"),
    [
        ("brbrbrbr", 1, 1 << 30, "br"),  # the first item stands for itself
        ("brbrbrbr", 3 * COUNT, 1 << 30, "brbrbr"),
        ("bmbrbrbr", 99 * COUNT, 1 << 30, "bmbrbrbr"),  # to the stream's end
        ("bmrhbrbr", 99 * COUNT, 1 << 30, "bmrhbr"),  # a chunk's rows wait for nobody
        ("hbrbr", 99 * COUNT, 1 << 30, "hbr"),
        ("bbbbbrbr", 1, 2 * SIZE, "bbb"),  # a large transaction of the source
    ],
)
def test_what_is_taken_ends_where_the_log_may_be_cut(text: str, rows: int, bytes_max: int, taken: str) -> None:
    whole = items(text)
    pulled: list[LogItem] = []

    def stream() -> Iterator[LogItem]:
        for item in whole:
            pulled.append(item)
            yield item

    ahead = Ahead(stream(), bytes_max)
    first = next(ahead)
    for _ in range(2):  # what has been taken is taken once
        ahead.take(first, lambda count: count >= rows, lambda mark: mark.token == "h")
        assert pulled == whole[: len(taken)]
    assert ahead.has_more == (len(taken) > 1)
    assert [first, *ahead] == whole
    assert not ahead.has_more
