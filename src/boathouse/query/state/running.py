"""The life of one session's statements: what runs, its time limit, and how it is cancelled from another thread.

Held by the session, which says when a statement starts and stops. Cancels come from any thread.
"""

from __future__ import annotations

import threading

from boathouse.contracts.engine import EngineSession
from boathouse.contracts.errors import BoathouseError, QueryCanceled

INSIST_SECONDS = 0.25
"""How often a statement that has run out of time is interrupted again until it ends."""


class Running:
    """What runs in one session.

    Args:
        engine: interrupted on cancel.
    """

    def __init__(self, engine: EngineSession) -> None:
        self._engine = engine
        self._life = threading.Lock()
        self._cancelled = threading.Event()
        self._count = 0
        self._number = 0
        self._timer: threading.Timer | None = None
        self._timed_out = False

    def start(self, timeout_ms: int) -> int:
        """A statement begins; returns its number. A timeout of 0 is none."""
        with self._life:
            self._cancelled.clear()
            self._timed_out = False
            self._count += 1
            self._number += 1
            self._end_timer()
            if timeout_ms:
                self._time(timeout_ms / 1000, self._number)
            return self._number

    def stop(self, number: int) -> None:
        """The statement of that number has ended, its rows too."""
        with self._life:
            self._count = max(0, self._count - 1)
            if number == self._number or not self._count:
                self._end_timer()

    def cancel(self) -> None:
        """Cancel what runs now; nothing if nothing runs."""
        with self._life:
            # Under the lock, so that no other statement begins between the look and the interrupt.
            if self._count:
                self._cancelled.set()
                self._engine.interrupt()

    def close(self) -> None:
        """No statement starts any more."""
        self.cancel()
        self._cancelled.set()
        with self._life:
            self._end_timer()

    def check(self) -> None:
        """Raise QueryCanceled where what runs has been cancelled."""
        if self._cancelled.is_set():
            raise self.shown(QueryCanceled("canceling statement due to user request"))

    def shown(self, failure: BoathouseError) -> BoathouseError:
        """The failure as the client is told it: a cancel that a time limit caused says so."""
        if self._timed_out and isinstance(failure, QueryCanceled):
            return QueryCanceled("canceling statement due to statement timeout")
        return failure

    def _end_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _time(self, seconds: float, number: int) -> None:
        self._timer = threading.Timer(seconds, self._time_out, (number,))
        self._timer.daemon = True
        self._timer.start()

    def _time_out(self, number: int) -> None:
        with self._life:
            if number != self._number or not self._count or self._timer is None:
                return  # That statement ended while this thread woke up.
            self._timed_out = True
            self._cancelled.set()
            self._engine.interrupt()
            # The engine forgets an interrupt that comes between two of a statement's own calls: insist.
            self._time(INSIST_SECONDS, number)
