"""Sessions of one state for several threads: what stands in an engine's place where there is no warehouse.

Receives what opens a session; hands out one to whoever asks, and keeps those that were given back whole.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import TypeVar

from boathouse.capture.states.state import StateSession
from boathouse.contracts.errors import BoathouseError

T = TypeVar("T")


class StatePool:
    """See the module.

    Args:
        open_state: connects.
    """

    def __init__(self, open_state: Callable[[], StateSession]) -> None:
        self._open_state = open_state
        self._idle: list[StateSession] = []
        self._lock = threading.Lock()
        self._closed = False

    def session(self) -> StateSession:
        """A session, for one thread until it is closed. Raises StateUnavailable."""
        with self._lock:
            found = self._idle.pop() if self._idle else None
        return _Lent(found if found is not None else self._open_state(), self._take_back)

    def close(self) -> None:
        """End those that nobody has; others end when they are given back."""
        with self._lock:
            idle, self._idle, self._closed = self._idle, [], True
        for one in idle:
            one.close()

    def _take_back(self, session: StateSession) -> None:
        with self._lock:
            if not self._closed:
                self._idle.append(session)
                return
        session.close()


class _Lent:
    """See `StateSession`. One that has failed is not used again."""

    def __init__(self, session: StateSession, give_back: Callable[[StateSession], None]) -> None:
        self._session, self._give_back = session, give_back
        self._broken = self._closed = False

    def begin(self) -> None:
        """See `StateSession`."""
        self._tried(self._session.begin)

    def commit(self) -> None:
        """See `StateSession`."""
        self._tried(self._session.commit)

    def rollback(self) -> None:
        """See `StateSession`."""
        self._tried(self._session.rollback)

    def execute(self, sql: str, parameters: Sequence[object] = ()) -> int:
        """See `StateSession`."""
        return self._tried(lambda: self._session.execute(sql, parameters))

    def fetch(self, sql: str, parameters: Sequence[object] = ()) -> list[tuple[object, ...]]:
        """See `StateSession`."""
        return self._tried(lambda: self._session.fetch(sql, parameters))

    def close(self) -> None:
        """See `StateSession`."""
        if self._closed:
            return
        self._closed = True
        if self._broken:
            self._session.close()
        else:
            self._give_back(self._session)

    def _tried(self, do: Callable[[], T]) -> T:
        try:
            return do()
        except BoathouseError:
            self._broken = True
            raise
