"""When the engine may fold its log of commits into the database file: not while somebody needs the file as it is, and not on a
disk that might have no room for it, since a fold that fails ends the engine for everybody. Commits go on meanwhile, in the log.

Asked by sessions before whatever may commit.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import duckdb

LOG = logging.getLogger(__name__)

SPARE_BYTES = 64 << 20
"""Of the disk, at least, for a fold to begin: the log is folded from 16 MB on."""
_ROOM = 4
"""Times the log: the parts of tables that it changes are written anew, before the old ones go."""


class Checkpoints:
    """Of one engine.

    Args:
        open_cursor: a further connection to the engine.
        file: a database file that it has open.
    """

    def __init__(self, open_cursor: Callable[[], duckdb.DuckDBPyConnection], file: Path | None = None) -> None:
        self._files: list[tuple[Path, Path]] = []
        self._open_cursor = open_cursor
        self._lock = threading.RLock()
        self._held = 0
        self._is_cramped = self._is_off = False
        if file is not None:
            self.mind(file)

    def mind(self, file: Path) -> None:
        """The engine has one more file open, or will."""
        self._files.append((file, file.with_name(file.name + ".wal")))

    @property
    def may_begin(self) -> bool:
        """Whether the engine may fold its log now."""
        self.look()
        return not self._is_off

    @contextmanager
    def held(self) -> Iterator[None]:
        """None begins inside the block."""
        with self._lock:
            self._held += 1
            self._apply()
        try:
            yield
        finally:
            with self._lock:
                self._held -= 1
                self._apply()

    def look(self) -> None:
        """Something may be committed now."""
        is_cramped = any(_is_cramped(*one) for one in self._files)
        if is_cramped != self._is_cramped:
            with self._lock:
                self._is_cramped = is_cramped
                self._apply()
            (LOG.warning if is_cramped else LOG.info)(
                "the log of commits is %s folded into its file: the disk has %s room",
                *(("not", "too little") if is_cramped else ("again", "the")),
            )

    def _apply(self) -> None:
        wanted = self._held > 0 or self._is_cramped
        if wanted == self._is_off:
            return
        cursor = self._open_cursor()
        try:
            cursor.execute(f"SET GLOBAL debug_skip_checkpoint_on_commit = {str(wanted).lower()}")
            self._is_off = wanted
        finally:
            cursor.close()


def _is_cramped(file: Path, log: Path) -> bool:
    with suppress(OSError):
        disk = os.statvfs(file.parent)
        free = disk.f_bavail * disk.f_frsize
        return free < SPARE_BYTES or (log.exists() and free < _ROOM * log.stat().st_size)
    return False
