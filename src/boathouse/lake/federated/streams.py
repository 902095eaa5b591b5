"""Queries of other databases as tables that the engine reads while it runs.

Receives a scan's way to begin a reading; lends the engine an Arrow stream. Nothing is asked before the engine pulls the
first batch, and what it does not pull is not read. A thread of its own reads ahead by two batches, so that a cancel
reaches a server that has not answered yet.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pyarrow as pa

from boathouse.contracts.errors import BoathouseError
from boathouse.contracts.session import Session
from boathouse.lake.federated.remote import Reading

_BATCHES_AHEAD = 2
_LOOK_SECONDS = 0.05
"""How often a waiting scan looks whether it was cancelled."""
_CANCEL_LOOKS = 5
_LOOKS_AT_END = 100


class EngineError(Exception):
    """An error of ours on its way through the engine, which passes its text on."""

    def __init__(self, failure: BoathouseError) -> None:
        # A line of its own: what the engine and Arrow add stands behind it.
        super().__init__(f"Error: BH{failure.sqlstate}|{' '.join(failure.message.split())}\n")


class Lent:
    """A query that the engine may scan, each time anew; see `EngineSession.lend`.

    Args:
        begin: starts the reading. schema: of its batches.
    """

    def __init__(self, session: Session, begin: Callable[[], Reading], schema: pa.Schema) -> None:
        self._session = session
        self._begin = begin
        self._schema = schema

    def __arrow_c_stream__(self, requested_schema: object = None) -> Any:
        """Arrow's C stream interface."""
        reader = pa.RecordBatchReader.from_batches(self._schema, self._batches())
        return reader.__arrow_c_stream__(requested_schema)

    def _batches(self) -> Iterator[pa.RecordBatch]:
        reading = self._begin()
        ahead = _Ahead(reading)
        try:
            while (batch := ahead.next(self._session.check_cancelled)) is not None:
                yield pa.RecordBatch.from_arrays(
                    [_plain(column, field.type) for column, field in zip(batch.columns, self._schema, strict=True)],
                    schema=self._schema,
                )
        except BoathouseError as failure:
            raise EngineError(failure) from None
        finally:
            ahead.stop()


def _plain(column: pa.Array, wanted: pa.DataType) -> pa.Array:
    if isinstance(column, pa.ExtensionArray):
        column = column.storage
    return column if column.type == wanted else column.cast(wanted)


class _Ahead:
    """A thread that pulls a reading's batches into a short queue."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._queue: queue.Queue[pa.RecordBatch | BaseException | None] = queue.Queue(_BATCHES_AHEAD)
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._pull, name="federated scan", daemon=True)
        self._thread.start()

    def next(self, check: Callable[[], None]) -> pa.RecordBatch | None:
        """The next batch, None at the end; raises what the reading or `check` raises."""
        while True:
            try:
                found = self._queue.get(timeout=_LOOK_SECONDS)
            except queue.Empty:
                check()
                continue
            if isinstance(found, BaseException):
                raise found
            return found

    def stop(self) -> None:
        """Give up what has not been read."""
        self._stopped.set()
        # A server that does not react to the cancel keeps its thread, not the client.
        for look in range(_LOOKS_AT_END):
            if not self._thread.is_alive():
                return
            if look % _CANCEL_LOOKS == 0:  # one that comes just before its query begins stops nothing
                self._reading.cancel()
            try:
                self._queue.get(timeout=_LOOK_SECONDS)
            except queue.Empty:
                continue

    def _pull(self) -> None:
        try:
            for batch in self._reading.batches():
                if self._stopped.is_set():
                    return
                self._queue.put(batch)
            self._queue.put(None)
        except BaseException as failure:  # noqa: BLE001 - it is raised again where the batches are wanted
            if not self._stopped.is_set():
                self._queue.put(failure)
        finally:
            self._reading.close()
