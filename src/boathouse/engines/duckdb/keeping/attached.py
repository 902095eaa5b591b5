"""Files of the engine's own that statements read beside the warehouse: each attached once, for as long as somebody reads it.

A file is attached once for all sessions, read-only, so that nothing is written and nothing is left of it after a
crash. What was read last stays attached for a minute, for the next statement: to attach reads all of its definitions. Whoever
has begun to read goes on where the file is detached, or removed: the engine holds on to it.

No name is given twice: a transaction that has met one database under a name, be it in a list of all tables, and meets
another one there, ends the whole engine (DuckDB 1.5.5).
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import count
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
    """A file: its name, how many read it, when the last of them began or ended, and whether it is to go with the last of them."""

    name: str
    readers: int = 0
    used: float = 0.0
    is_over: bool = False


class AttachedFiles:
    """Who reads which file.

    Args:
        open_cursor: a further connection to the engine that has the warehouse.
    """

    def __init__(self, open_cursor: Callable[[], duckdb.DuckDBPyConnection]) -> None:
        self._open_cursor = open_cursor
        self._attached: dict[str, _Attached] = {}
        self._numbers = count(1)
        self._lock = threading.Lock()

    def hold(self, file: str, places: Sequence[Path]) -> str | None:
        """Attach a file, until `release` is called as often; the name under which it is, or None where there is none.

        Args:
            file: what it is called here, which goes into the name.
            places: where it may be, if it is being renamed.

        Raises:
            TooManyConnections: too many are read.
        """
        with self._lock:
            found = self._attached.get(file)
            if found is None:
                self._make_room()
                found = _Attached(f"{file}_{next(self._numbers)}")
                if not self._attach(found.name, places):
                    return None
                self._attached[file] = found
            found.readers += 1
            found.used = time.monotonic()
            return found.name

    def release(self, file: str) -> None:
        """A reader has ended."""
        with self._lock:
            found = self._attached.get(file)
            if found is None:
                return
            found.readers, found.used = found.readers - 1, time.monotonic()
            idle = self._idle()
            for one in [file] if found.is_over and not found.readers else idle[: max(0, len(idle) - IDLE_MAX)]:
                self._detach(one)

    def let_go(self, file: str) -> None:
        """The file has been removed: its room is free once nobody reads it any more."""
        with self._lock:
            found = self._attached.get(file)
            if found is not None and found.readers:
                found.is_over = True
            elif found is not None:
                self._detach(file)

    def rest(self) -> None:
        """Detach what nobody has read for a while."""
        with self._lock:
            before = time.monotonic() - IDLE_SECONDS
            for file in [file for file in self._idle() if self._attached[file].used < before]:
                self._detach(file)

    def _idle(self) -> list[str]:
        """Those that nobody reads, the one that was read last at the end."""
        return sorted(
            (file for file, one in self._attached.items() if not one.readers),
            key=lambda file: self._attached[file].used,
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

    def _detach(self, file: str) -> None:
        name = self._attached.pop(file).name
        try:
            cursor = self._open_cursor()
            try:
                cursor.execute(f"DETACH DATABASE IF EXISTS {quoted(name)}")
            finally:
                cursor.close()
        except duckdb.Error as failure:
            LOG.warning("a file that was read stays open: %s", type(failure).__name__)
