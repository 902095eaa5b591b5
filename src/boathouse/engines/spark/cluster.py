"""A cluster that a Spark session runs on: whether its master is there, and whether it gives executors.

A session itself waits for both without end: a master that is gone is called again and again, and one that has forgotten the
session gives it nothing. Received: the master's address and a session. Handed on: what was lost, in words that name it.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from typing import Any

from boathouse.contracts.engine import WorkerLost
from boathouse.engines.spark.commanded import Commanded

_PORTS = {"spark": 7077, "sc": 15002}
_REACH_SECONDS = 5.0


def is_cluster(master: str) -> bool:
    """True for an address of a standalone master."""
    return master.startswith("spark://")


def is_connect(master: str) -> bool:
    """True for an address of a server that speaks Spark Connect."""
    return master.startswith("sc://")


def reach(master: str) -> None:
    """See that one of the addresses is there; nothing to do for a session in this machine's own JVM.

    Raises:
        WorkerLost: none is.
    """
    scheme, found, places = _shown(master).partition("://")
    for one in places.split(",") if found else ():
        host, _, port = one.rpartition(":") if ":" in one else (one, "", "")
        try:
            socket.create_connection((host.strip("[]"), int(port or _PORTS[scheme])), _REACH_SECONDS).close()
        except (OSError, ValueError):
            continue
        return
    if found:
        raise WorkerLost(
            f"the engine spark's master {_shown(master)} cannot be reached",
            hint="Start it, or SET engine TO duckdb for an answer of the house's own.",
        )


def _shown(master: str) -> str:
    """Without what follows the address: it may hold a token."""
    scheme, found, rest = master.partition("://")
    return scheme + found + rest.partition("/")[0]


class Cluster:
    """What is known of it while a statement runs.

    Args:
        seconds: for which a statement may be without executors.
        clock: tells seconds.
        command: what has made it, and would end with it.

    Attributes:
        lost: why the statement has been ended.
    """

    def __init__(
        self,
        master: str,
        seconds: float,
        clock: Callable[[], float] = time.monotonic,
        command: Commanded | None = None,
    ) -> None:
        self._master = master
        self._seconds = seconds
        self._clock = clock
        self._command = command
        self._seen = 0.0
        self.lost: WorkerLost | None = None

    def begin(self) -> None:
        """A statement begins."""
        self.lost, self._seen = None, self._clock()

    def stands(self, session: Any) -> bool:
        """True where a session may be used again: the cluster is there, and has not forgotten it."""
        return not self._is_ended() and (not is_cluster(self._master) or _executors(session) > 0)

    def is_lost(self, session: Any) -> bool:
        """True where the cluster has ended, or the session has had no executor for too long; `lost` says so from then on."""
        if self._is_ended():
            assert self._command is not None
            self.lost = self._command.lost()
        elif is_cluster(self._master):
            self._look(session)
        return self.lost is not None

    def _is_ended(self) -> bool:
        return self._command is not None and self._command.has_ended

    def _look(self, session: Any) -> None:
        try:
            has_some = _executors(session) > 0
        except Exception:  # noqa: BLE001 - a session that is broken has none
            has_some = False
        now = self._clock()
        if has_some:
            self._seen = now
        elif now - self._seen > self._seconds:
            self.lost = WorkerLost(f"the engine spark's master {self._master} gives no executors")


def _executors(session: Any) -> int:
    """How many the session has now."""
    return int(session.sparkContext._jsc.sc().getExecutorIds().size())
