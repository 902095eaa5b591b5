"""The log's items, some of them taken before the transaction that writes them begins.

Received from a source's stream; handed on in the same order. A warehouse whose transactions meet by table lets one capture write
at a time, and none is to wait while another waits for its source.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator

from boathouse.capture.changes import ChangeBatch, LogItem, Mark, Reached


class Ahead:
    """An iterator over a stream's items.

    Args:
        items: the stream.
        bytes_max: of rows that are taken ahead.
    """

    def __init__(self, items: Iterator[LogItem], bytes_max: int) -> None:
        self._items, self._bytes_max = items, bytes_max
        self._taken: deque[LogItem] = deque()

    @property
    def has_more(self) -> bool:
        """True where the next item has been taken already."""
        return bool(self._taken)

    def __iter__(self) -> Ahead:
        return self

    def __next__(self) -> LogItem:
        return self._taken.popleft() if self._taken else next(self._items)

    def take(self, first: LogItem, is_enough: Callable[[int], bool], ends_with: Callable[[Mark], bool]) -> None:
        """Take what comes behind an item, up to a place where the log may be cut: the first once it is enough, or behind a
        chunk's rows. Where memory ends before, the rest comes later.

        Args:
            is_enough: asked at such a place, with the number of rows so far.
            ends_with: whether a chunk's rows come with a watermark.
        """
        rows = size = place = 0
        closes, item = False, first
        while True:
            if isinstance(item, ChangeBatch):
                rows, size = rows + len(item), size + item.rows.nbytes
            elif isinstance(item, Mark):
                closes |= ends_with(item)
            elif isinstance(item, Reached) and (closes or is_enough(rows)):
                return
            if size > self._bytes_max:
                return
            if place == len(self._taken):
                following = next(self._items, None)
                if following is None:
                    return
                self._taken.append(following)
            item, place = self._taken[place], place + 1
