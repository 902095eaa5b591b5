"""The processes that queries burst to: started when one is asked for, kept warm for a while, ended when idle.

How many run at once the workload decides, by how many queries it lets burst: here one is found or made for each.
"""

from __future__ import annotations

import threading
import time
from pathlib import Path

from boathouse.engines.processes.process import Process, Program
from boathouse.engines.processes.result import BurstResult


class Pool:
    """See `contracts.engine.Bursts`.

    Args:
        spool: a folder for what they spill, and for rows that wait.
    """

    def __init__(self, spool: Path, program: Program) -> None:
        self.spool = spool
        self._program = program
        self._idle: list[Process] = []
        self._busy: set[Process] = set()
        self._last = 0
        self._timer: threading.Timer | None = None
        self._is_closed = False
        self._lock = threading.Lock()

    def open(self) -> BurstResult:
        """See the protocol."""
        return BurstResult(self, self.spool, self._program.translate)

    def change(self, program: Program) -> None:
        """What processes are that start from now on; those that wait are ended."""
        with self._lock:
            if program == self._program:
                return
            idle, self._idle, self._program = self._idle, [], program
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None
        for one in idle:
            one.close()

    def take(self) -> Process:
        """A process that does nothing; it was used last of those that wait, or is started.

        Raises:
            OSError: it cannot be started. EOFError: the house closes.
        """
        with self._lock:
            if self._is_closed:
                raise EOFError
            if self._idle:
                found = self._idle.pop()
            else:
                self._last = max(self._last + 1, time.time_ns() // 1000)
                found = Process(self._last, self._program, self.spool / f"burst-{self._last}")
            self._busy.add(found)
            return found

    def give_back(self, process: Process, *, is_sound: bool) -> None:
        """A process has done what it was asked; one that is not sound is ended."""
        with self._lock:
            self._busy.discard(process)
            keeps = is_sound and not self._is_closed
            if keeps:
                process.rested()
                process.idle_since = time.monotonic()
                self._idle.append(process)
                self._await_idleness()
        if not keeps:
            process.close()

    def _await_idleness(self) -> None:
        if self._timer is None:
            self._timer = threading.Timer(self._program.idle_seconds, self._sweep)
            self._timer.daemon = True
            self._timer.start()

    def _sweep(self) -> None:
        """End those that have been idle for long enough."""
        with self._lock:
            until = time.monotonic() - self._program.idle_seconds
            gone = [one for one in self._idle if one.idle_since <= until]
            self._idle = [one for one in self._idle if one.idle_since > until]
            self._timer = None
            if self._idle and not self._is_closed:
                self._await_idleness()
        for one in gone:
            one.close()

    def close(self) -> None:
        """See the protocol."""
        with self._lock:
            self._is_closed = True
            if self._timer is not None:
                self._timer.cancel()
            idle, self._idle, busy = self._idle, [], [*self._busy]
        for one in busy:
            one.kill()
        for one in idle:
            one.close()
