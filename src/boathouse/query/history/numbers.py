"""Numbers for statements and transactions that no earlier run of this home has given.

A file holds a number beyond every one given so far; it is moved up before it is reached, so that a crash costs a gap
and never a number twice.
"""

from __future__ import annotations

import logging
import os
import threading
from pathlib import Path

LOG = logging.getLogger(__name__)

AHEAD = 10_000
"""Numbers that are reserved at once."""


class Numbers:
    """Counts up, from any thread.

    Args:
        path: the file with the reserved number.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(mode=0o700, exist_ok=True)
        self._path = path
        self._lock = threading.Lock()
        self._last = int(path.read_text(encoding="ascii")) if path.exists() else 0
        self._reserved = self._last
        self._reserve(self._last + AHEAD)

    def next(self) -> int:
        """The next number."""
        with self._lock:
            self._last += 1
            if self._last >= self._reserved:
                self._reserve(self._last + AHEAD)
            return self._last

    def close(self) -> None:
        """An orderly end leaves no gap."""
        with self._lock:
            self._reserve(self._last)

    def _reserve(self, number: int) -> None:
        part = self._path.with_suffix(".part")
        try:
            with part.open("w", encoding="ascii") as file:
                file.write(str(number))
                file.flush()
                os.fsync(file.fileno())
            part.replace(self._path)
        except OSError as failure:
            # No statement fails for want of a reserve: the next number tries again.
            LOG.warning("numbers cannot be reserved: %s", failure.strerror)
        else:
            self._reserved = number
