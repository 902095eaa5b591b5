"""Connections to other PostgreSQLs that wait for their next query, for the driver reads the whole list of types when it
connects.

`postgres` takes and gives them; the room's background closes those that nobody uses. Holds no driver itself, so that servers
that ask no other database need not load one.
"""

from __future__ import annotations

import atexit
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from boathouse.contracts.house import House
from boathouse.contracts.rooms import RunAs

_IDLE_MAX = 8
IDLE_SECONDS = 60.0


class Idle:
    """A few connections, each with the text that it was made from."""

    def __init__(self) -> None:
        self._waiting: OrderedDict[int, tuple[str, Any, float]] = OrderedDict()
        self._lock = threading.Lock()

    def find(self, conninfo: str) -> Any:
        """One made from the text, no longer waiting; None where there is none. It may be broken by now."""
        with self._lock:
            key = next((key for key, (one, *_) in self._waiting.items() if one == conninfo), None)
            return None if key is None else self._waiting.pop(key)[1]

    def give(self, conninfo: str, connection: Any) -> None:
        """Keep a connection that has read its answer to the end; the oldest one too many is closed."""
        with self._lock:
            self._waiting[id(connection)] = (conninfo, connection, time.monotonic())
            surplus = self._waiting.popitem(last=False)[1][1] if len(self._waiting) > _IDLE_MAX else None
        if surplus is not None:
            close_quietly(surplus)

    def close(self, older_than_seconds: float = 0) -> None:
        """Close those that have waited so long."""
        until = time.monotonic() - older_than_seconds
        with self._lock:
            old = [key for key, (_, _, since) in self._waiting.items() if since <= until]
            closing = [self._waiting.pop(key)[1] for key in old]
        for connection in closing:
            close_quietly(connection)


idle = Idle()
atexit.register(idle.close)  # the driver cannot close a connection once the interpreter goes


def close_idle(house: House, run: RunAs, pause: Callable[[float], bool]) -> None:
    """Let no other database keep a connection that nobody uses; see `contracts.rooms.Background`."""
    while not pause(IDLE_SECONDS / 2):
        idle.close(IDLE_SECONDS)
    idle.close()


def close_quietly(one: Any) -> None:
    """Close a connection, broken or not."""
    with suppress(Exception):
        one.close()
