"""A large table of a PostgreSQL read over several connections at once, each the rows that lie in some of its blocks.

Receives the moment that all of them see, a text, and how many blocks there are; hands out one `Reading`. The parts leave out
no block and share none, whatever the number of blocks is by now. A table may be written anew between two questions (VACUUM FULL),
and its rows then lie elsewhere, so each connection has its lock before any of them reads; where one does not get it at once, or
there is no further connection, one reads all.
Source: PostgreSQL manual, "System Columns", "Explicit Locking".
"""

from __future__ import annotations

import os
import queue
import threading
from collections.abc import Iterator

import pyarrow as pa

from boathouse.contracts.errors import BoathouseError
from boathouse.lake.federated.postgres import PostgresMoment, PostgresReading
from boathouse.lake.federated.remote import Moment
from boathouse.lake.federated.schemas import FederatedSchema

PARTS_MAX = 4
_LOCK_MILLISECONDS = 100
_LOOK_SECONDS = 0.25


def split(text: str, row: str, blocks: int) -> list[str]:
    """The texts that read a table's parts; `text` has no condition and names the table `row`."""
    count = min(PARTS_MAX, os.cpu_count() or 1)
    bounds = [f"'({blocks * place // count},0)'::tid" for place in range(1, count)]
    below = [*(f"{row}.ctid < {bound}" for bound in bounds), ""]
    above = ["", *(f"{row}.ctid >= {bound}" for bound in bounds)]
    found = [" AND ".join(filter(None, both)) for both in zip(above, below, strict=True)]
    return [f"{text} WHERE {condition}" if condition else text for condition in found]


class PartsReading:
    """See `remote.Reading`.

    Args:
        row: the table's name in the text.
        blocks: that it has, about.
    """

    def __init__(self, moment: Moment, schema: FederatedSchema, text: str, row: str, blocks: int) -> None:
        assert isinstance(moment, PostgresMoment)  # no other one's tables say how many blocks they have
        self._text = text
        self._parts = [moment.reading(schema, one) for one in split(text, row, blocks)]
        self._is_done = False

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Of all parts, as they come."""
        first, *others = self._parts
        first.open(f"{self._text} LIMIT 0")
        if not self._are_locked(others):
            for part in others:
                part.close()
            first.text = self._text
            yield from first.batches()
            return
        found: queue.Queue[pa.RecordBatch | BaseException | None] = queue.Queue(len(self._parts))
        threads = [threading.Thread(target=self._pull, args=(part, found), daemon=True) for part in self._parts]
        for thread in threads:
            thread.start()
        left = len(threads)
        try:
            while left:
                one = found.get()
                left -= one is None or isinstance(one, BaseException)
                if isinstance(one, BaseException):
                    raise one
                if one is not None:
                    yield one
        finally:
            self._is_done = True
            while any(thread.is_alive() for thread in threads):
                self.cancel()
                self._drain(found)

    def _are_locked(self, others: list[PostgresReading]) -> bool:
        """Whether each has a connection and its lock, which nobody can take from them then."""
        try:
            for part in others:
                part.open(f"{self._text} LIMIT 0", _LOCK_MILLISECONDS)
        except BoathouseError:
            return False
        return True

    def _pull(self, part: PostgresReading, found: queue.Queue[pa.RecordBatch | BaseException | None]) -> None:
        end: BaseException | None = None
        try:
            for batch in part.batches():
                if self._is_done:
                    break
                found.put(batch)
        except BaseException as failure:  # noqa: BLE001 - it is raised again where the batches are wanted
            end = failure
        found.put(end)

    @staticmethod
    def _drain(found: queue.Queue[pa.RecordBatch | BaseException | None]) -> None:
        try:
            while True:
                found.get(timeout=_LOOK_SECONDS)
        except queue.Empty:
            return

    def cancel(self) -> None:
        """See the protocol."""
        for one in self._parts:
            one.cancel()

    def close(self) -> None:
        """See the protocol."""
        for one in self._parts:
            one.close()
