"""The processes that queries burst to: started when one is asked for, kept warm for a while, ended when idle.

How many run at once the workload decides, by how many queries it lets burst: here one is found or made for each, on the host
that fits and does least. A host where none could be started is passed over for a minute.
"""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

from boathouse.engines.processes.process import Process, Program
from boathouse.engines.processes.result import BurstResult

_SHUN_SECONDS = 60.0


class Pool:
    """See `contracts.engine.Bursts`.

    Args:
        spool: a folder for what they spill, and for rows that wait.
        programs: one a host, those that are asked first before others. The last one fits every request.
    """

    def __init__(self, spool: Path, *programs: Program) -> None:
        self.spool = spool
        self._programs = programs
        self._shunned: list[tuple[Program, float]] = []
        self._idle: list[Process] = []
        self._busy: set[Process] = set()
        self._last = 0
        self._timer: threading.Timer | None = None
        self._is_closed = False
        self._lock = threading.Lock()

    def open(self) -> BurstResult:
        """See the protocol."""
        return BurstResult(self, self.spool, self._programs[-1].translate)

    def change(self, *programs: Program) -> None:
        """What processes are that start from now on; those that wait are ended."""
        with self._lock:
            if programs == self._programs:
                return
            idle, self._idle, self._programs = self._idle, [], programs
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None
        for one in idle:
            one.close()

    def take(self, request: Any) -> Process:
        """A process that does nothing and fits; it was used last of those that wait, or is started.

        Raises:
            OSError: it cannot be started. EOFError: the house closes.
        """
        with self._lock:
            if self._is_closed:
                raise EOFError
            program = self._choose(request)
            found = next((one for one in reversed(self._idle) if one.program is program), None)
            if found is not None:
                self._idle.remove(found)
            else:
                self._last = max(self._last + 1, time.time_ns() // 1000)
                try:
                    found = Process(self._last, program, self.spool / f"burst-{self._last}")
                except (OSError, EOFError):
                    self._shun(program)
                    raise
            self._busy.add(found)
            return found

    def _shun(self, program: Program) -> None:
        self._shunned.append((program, time.monotonic() + _SHUN_SECONDS))

    def _choose(self, request: Any) -> Program:
        now = time.monotonic()
        self._shunned = [one for one in self._shunned if one[1] > now]

        def burden(program: Program) -> tuple[bool, int, bool]:
            busy = sum(one.program is program for one in self._busy)
            is_cold = not any(one.program is program for one in self._idle)
            return any(one is program for one, _ in self._shunned), busy, is_cold

        return min((one for one in self._programs if one.fits(request)), key=burden)

    def give_back(self, process: Process, *, is_sound: bool) -> None:
        """A process has done what it was asked; one that is not sound is ended."""
        with self._lock:
            self._busy.discard(process)
            if not process.is_ready and not process.is_interrupted:
                self._shun(process.program)
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
            self._timer = threading.Timer(self._programs[-1].idle_seconds, self._sweep)
            self._timer.daemon = True
            self._timer.start()

    def _sweep(self) -> None:
        """End those that have been idle for long enough."""
        with self._lock:
            until = time.monotonic() - self._programs[-1].idle_seconds
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
