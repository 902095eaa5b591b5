"""What runs in one session: when it may be cancelled, and when its time is up.

Asked by the session around each statement; `cancel` comes from other threads. A cancel hits what runs when it comes,
never what begins after it, nor what has been settled: what is told of a statement is what became of it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from boathouse.contracts.errors import BoathouseError, QueryCanceled

INSIST_SECONDS = 0.25
"""How often a statement that has run out of time is interrupted again until it ends."""


class Running:
    """Counts a session's running statements, and interrupts them.

    Args:
        interrupts: stop what is done for this session: by the engine, and waiting.
    """

    def __init__(self, *interrupts: Callable[[], None]) -> None:
        self._interrupts = interrupts
        self._life = threading.Lock()
        self._cancelled = threading.Event()
        self._running = 0
        self._number = 0
        self._timer: threading.Timer | None = None
        self._timed_out = False
        self._is_settled = False
        self._reason: str | None = None
        self._waiting: dict[str, Callable[[], None]] = {}

    def interrupt_also(self, interrupt: Callable[[], None]) -> None:
        """One more thing that is done for this session, and how it is stopped."""
        self._interrupts = (*self._interrupts, interrupt)

    def start(self, timeout_ms: int) -> int:
        """A statement begins; returns its number. 0 ms: it may take forever."""
        with self._life:
            self._cancelled.clear()
            self._timed_out = self._is_settled = False
            self._reason = None
            self._running += 1
            self._number += 1
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None
            if timeout_ms:
                self._time(timeout_ms / 1000, self._number)
            return self._number

    def stop(self, number: int) -> None:
        """That statement has ended."""
        with self._life:
            self._running = max(0, self._running - 1)
            if self._timer is not None and (number == self._number or not self._running):
                self._timer.cancel()
                self._timer = None
            if self._running:
                return
            waiting, self._waiting = self._waiting, {}
        for then in waiting.values():
            then()

    def at_rest(self, what: str, then: Callable[[], None]) -> None:
        """Do something once nothing runs any more: now where nothing does, or where the same is waiting for that already."""
        with self._life:
            if self._running and what not in self._waiting:
                self._waiting[what] = then
                return
        then()

    def settle(self) -> None:
        """What runs is about to show, for good: a cancel from here on comes too late. QueryCanceled where one came before."""
        with self._life:
            if self._running and not self._is_settled:
                self.check()
            self._is_settled = True

    def go_on(self) -> None:
        """What runs has more to do, which can be cancelled, and is where that was asked for meanwhile."""
        with self._life:
            self._is_settled = False

    def cancel(self, reason: str | None = None, is_meant: Callable[[], bool] = lambda: True) -> bool:
        """Cancel what runs now, from any thread; False where nothing runs.

        Args:
            reason: what somebody else wants the client to be told.
            is_meant: whether what runs is what should be cancelled.
        """
        with self._life:
            # Under the lock, so that no other statement begins between the look and the interrupt.
            if not self._running or not is_meant():
                return False
            self._reason = reason or self._reason
            self._cancelled.set()
            self._interrupt_all()
            return True

    def interrupt(self, is_meant: Callable[[], bool]) -> None:
        """Stop what the engine does now, from any thread, without a word to anybody else; `is_meant` as in `cancel`."""
        with self._life:
            if self._running and is_meant():
                self._interrupt_all()

    @property
    def is_cancelled(self) -> bool:
        """True where what runs has been cancelled."""
        return self._cancelled.is_set()

    def check(self) -> None:
        """Raise QueryCanceled where what runs has been cancelled."""
        if self._cancelled.is_set() and not self._is_settled:
            raise self.shown(QueryCanceled("canceling statement due to user request"))

    def shown(self, failure: BoathouseError) -> BoathouseError:
        """The error that the client is told: a cancel says why it came."""
        if isinstance(failure, QueryCanceled):
            if self._timed_out:
                return QueryCanceled("canceling statement due to statement timeout")
            if self._reason:
                return QueryCanceled(self._reason)
        return failure

    def close(self) -> None:
        """The session ends: cancel what runs, for good."""
        self.cancel()
        self._cancelled.set()
        with self._life:
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None
            waiting, self._waiting = self._waiting, {}
        for then in waiting.values():
            then()

    def _interrupt_all(self) -> None:
        for interrupt in () if self._is_settled else self._interrupts:
            interrupt()

    def _time(self, seconds: float, number: int) -> None:
        self._timer = threading.Timer(seconds, self._time_out, (number,))
        self._timer.daemon = True
        self._timer.start()

    def _time_out(self, number: int) -> None:
        with self._life:
            if number != self._number or not self._running or self._timer is None:
                return  # That statement ended while this thread woke up.
            self._timed_out = True
            self._cancelled.set()
            self._interrupt_all()
            # The engine forgets an interrupt that comes between two of a statement's own calls: insist.
            self._time(INSIST_SECONDS, number)
