"""The end of the socket that a process has: it receives queries and interrupts, and sends what it found.

What runs a query derives from `Serving`; it needs nothing but the contracts, as its Python may have nothing else of ours.
"""

from __future__ import annotations

import os
import queue
import shutil
import threading
from abc import ABC, abstractmethod
from typing import Any, NoReturn

import pyarrow as pa
import pyarrow.ipc

from boathouse import __version__
from boathouse.contracts.errors import BoathouseError, QueryCanceled
from boathouse.engines.processes.frames import NUMBER, Wire, receive, send


def failed(known: BoathouseError, cause: str, *, home: bool) -> dict[str, Any]:
    """What goes to the house with `E`, and `processes.result` reads.

    Args:
        known: the failure in the house's words.
        cause: the engine's own, for the log; empty where there are none.
        home: the house has to run the query itself.
    """
    return {
        "kind": type(known).__name__,
        "sqlstate": known.sqlstate,
        "message": known.message,
        "detail": known.detail,
        "hint": known.hint,
        "cause": cause[:2000],
        "home": home,
    }


class Serving(ABC):
    """One query at a time, until the house is gone.

    Args:
        house: the wire to it.
    """

    def __init__(self, house: Wire) -> None:
        self._house = house
        self._own_spool: str | None = None
        """A folder to be removed at the end, where the house cannot do it."""
        self._requests: queue.Queue[tuple[int, bytearray]] = queue.Queue()
        self._lock = threading.Lock()
        self._number = 0
        """Of the query that runs; 0 while none does."""
        self._is_stopped = False

    @abstractmethod
    def _stop(self) -> None:
        """Interrupt what runs; called with the lock held."""

    def _hear(self) -> None:
        """Listen in a thread, and say that the process is there."""
        threading.Thread(target=self._listen, daemon=True).start()
        self._send(b"H", __version__.encode())

    def _listen(self) -> None:
        while True:
            try:
                letter, frame = receive(self._house)
            except EOFError:
                self._leave()
            (number,) = NUMBER.unpack_from(frame)
            if letter == b"Q":
                self._requests.put((number, frame[NUMBER.size :]))
            else:
                self._interrupt(number)

    def _interrupt(self, number: int) -> None:
        with self._lock:
            if number == self._number:
                self._is_stopped = True
                self._stop()

    def _check(self) -> None:
        if self._is_stopped:
            raise QueryCanceled("canceling statement due to user request")

    def _send_batch(self, batch: pa.RecordBatch) -> None:
        sink = pa.BufferOutputStream()
        with pyarrow.ipc.new_stream(sink, batch.schema) as writer:
            writer.write_batch(batch)
        self._send(b"B", sink.getvalue())

    def _send(self, letter: bytes, frame: Any) -> None:
        try:
            send(self._house, letter, frame)
        except OSError:
            self._leave()  # nobody listens

    def _leave(self) -> NoReturn:
        """Nobody listens any more."""
        if self._own_spool is not None:
            shutil.rmtree(self._own_spool, ignore_errors=True)
        os._exit(0)
