"""Files of the engine's own that statements read beside the warehouse: each attached once, for as long as somebody reads it.

A file is attached under one name for all sessions, read-only, so that nothing is written and nothing is left of it after a
crash. What was read last stays attached for a minute, for the next statement: to attach reads all of its definitions. Whoever
has begun to read goes on where the file is detached, or removed: the engine holds on to it.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from boathouse.contracts.errors import TooManyConnections
from boathouse.engines.duckdb.errors import translate
from boathouse.engines.duckdb.keeping.definitions import literal
from boathouse.sql.redshift.types import quoted

LOG = logging.getLogger(__name__)

ATTACHED_MAX = 32
"""Files at once: each takes a descriptor, and the memory of its definitions."""
IDLE_MAX = 2
"""Of those that nobody reads: every look into the engine's catalog lists their columns, too."""
IDLE_SECONDS = 60.0


@dataclass(slots=True)
class _Attached:
    """A file: how many read it, when the last of them began or ended, and whether it is to go with the last of them."""

    readers: int
    used: float
    is_over: bool = False


class AttachedFiles:
    """Who reads which file.

    Args:
        open_cursor: a further connection to the engine that has the warehouse.
    """

    def __init__(self, open_cursor: Callable[[], duckdb.DuckDBPyConnection]) -> None:
        self._open_cursor = open_cursor
        self._attached: dict[str, _Attached] = {}
        self._lock = threading.Lock()

    def hold(self, name: str, places: Sequence[Path]) -> bool:
        """Attach a file under a name, until `release` is called as often; False where there is none.

        Args:
            places: where it may be, if it is being renamed.

        Raises:
            TooManyConnections: too many are read.
        """
        with self._lock:
            if name not in self._attached:
                self._make_room()
                if not self._attach(name, places):
                    return False
                self._attached[name] = _Attached(0, 0.0)
            self._attached[name].readers += 1
            self._attached[name].used = time.monotonic()
            return True

    def release(self, name: str) -> None:
        """A reader has ended."""
        with self._lock:
            found = self._attached.get(name)
            if found is None:
                return
            found.readers, found.used = found.readers - 1, time.monotonic()
            idle = self._idle()
            for one in [name] if found.is_over and not found.readers else idle[: max(0, len(idle) - IDLE_MAX)]:
                self._detach(one)

    def let_go(self, name: str) -> None:
        """The file has been removed: its room is free once nobody reads it any more."""
        with self._lock:
            found = self._attached.get(name)
            if found is not None and found.readers:
                found.is_over = True
            elif found is not None:
                self._detach(name)

    def rest(self) -> None:
        """Detach what nobody has read for a while."""
        with self._lock:
            before = time.monotonic() - IDLE_SECONDS
            for name in [name for name in self._idle() if self._attached[name].used < before]:
                self._detach(name)

    def _idle(self) -> list[str]:
        """Those that nobody reads, the one that was read last at the end."""
        return sorted(
            (name for name, one in self._attached.items() if not one.readers),
            key=lambda name: self._attached[name].used,
        )

    def _make_room(self) -> None:
        if len(self._attached) < ATTACHED_MAX:
            return
        idle = self._idle()
        if not idle:
            raise TooManyConnections(
                f"more than {ATTACHED_MAX} snapshots are being read", hint="Try again when other statements have ended."
            )
        self._detach(idle[0])

    def _attach(self, name: str, places: Sequence[Path]) -> bool:
        cursor = self._open_cursor()
        try:
            for place in (*places, *places):  # it may be given the name of one that was looked at before
                try:
                    cursor.execute(f"ATTACH {literal(str(place))} AS {quoted(name)} (READ_ONLY)")
                    return True
                except duckdb.Error as failure:
                    if place.exists():
                        raise translate(failure) from failure
            return False
        finally:
            cursor.close()

    def _detach(self, name: str) -> None:
        del self._attached[name]
        try:
            cursor = self._open_cursor()
            try:
                cursor.execute(f"DETACH DATABASE IF EXISTS {quoted(name)}")
            finally:
                cursor.close()
        except duckdb.Error as failure:
            LOG.warning("a file that was read stays open: %s", type(failure).__name__)
