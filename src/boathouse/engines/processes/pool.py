"""The processes that queries burst to: started when one is asked for, kept warm for a while, ended when idle.

How many run at once the workload decides, by how many queries it lets burst: here one is found or made for each, on the host
that fits and does least. A host where none could be started is passed over for a minute. Who waits for a process is told when it
is ready, and may have had a slot long before.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from boathouse.engines.processes.process import Process, Program
from boathouse.engines.processes.result import BurstResult

LOG = logging.getLogger(__name__)
_SHUN_SECONDS = 60.0


class Pool:
    """See `contracts.engine.Bursts`.

    Args:
        spool: a folder for what they spill, and for rows that wait.
        programs: one a host, those that are asked first before others. The last one fits every request.
        told: called, in any thread, when a process has become ready for which `at_hand` was asked, or does not.
    """

    def __init__(self, spool: Path, *programs: Program, told: Callable[[], None] = lambda: None) -> None:
        self.spool = spool
        self._told = told
        self._programs = programs
        self._shunned: list[tuple[Program, float]] = []
        self._idle: list[Process] = []
        self._busy: set[Process] = set()
        self._starting: set[Process] = set()
        self._kept = 0
        self._last = 0
        self._timer: threading.Timer | None = None
        self._is_closed = False
        self._lock = threading.Lock()

    def open(self) -> BurstResult:
        """See the protocol."""
        return BurstResult(self, self.spool, self._programs[-1].translate)

    def change(self, *programs: Program) -> None:
        """What processes are that start from now on; those of others are ended that wait."""
        with self._lock:
            was = self._programs
            self._programs = tuple(next((old for old in was if old == one), one) for one in programs)
            gone = [one for one in self._idle if not self._is_kept(one)]
            self._idle = [one for one in self._idle if self._is_kept(one)]
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None
            if self._idle:
                self._await_idleness()
            self._refill()
        for one in gone:
            one.close()

    def _is_kept(self, process: Process) -> bool:
        return not self._is_closed and any(one is process.program for one in self._programs)

    def at_hand(self, requests: Sequence[Any], bursting: int) -> list[bool]:
        """See `contracts.engine.Bursts`."""
        with self._lock:
            ready = self._idle[max(0, bursting - len(self._busy)) :]
            starting = [*self._starting]
            return [self._is_at_hand(request, ready, starting) for request in requests]

    def _is_at_hand(self, request: Any, ready: list[Process], starting: list[Process]) -> bool:
        """Whether one of those that are ready fits, which is then taken out of them; where none is, one starts."""
        for found in (ready, starting):
            one = next((one for one in found if one.program.fits(request)), None)
            if one is not None:
                found.remove(one)
                return found is ready
        program = self._choose(request)
        while not self._is_shunned(program) and not self._start(program):
            program = self._choose(request)
        return False

    def keep(self, ready: int) -> None:
        """See `contracts.engine.Bursts`."""
        with self._lock:
            self._kept = ready
            self._refill()

    def _refill(self) -> None:
        """Start what is missing of those that are kept on this machine."""
        here = self._programs[-1]
        alive = sum(one.program is here for one in (*self._idle, *self._busy, *self._starting))
        while alive < self._kept and not self._is_shunned(here):
            alive += self._start(here)

    def _start(self, program: Program) -> bool:
        """Start a process that nobody waits for in particular; False where it cannot be."""
        try:
            process = self._make(program)
        except (OSError, EOFError) as failure:
            why = failure if isinstance(failure, EOFError) else type(failure).__name__
            LOG.warning("no process could be started for queries that burst: %s", why)
            return False
        self._starting.add(process)
        threading.Thread(target=self._await, args=(process,), name="boathouse-burst", daemon=True).start()
        return True

    def _await(self, process: Process) -> None:
        """Wait until a process is ready that has been started."""
        try:
            process.greet()
        except EOFError as failure:
            if not self._is_closed:
                LOG.warning("no process could be started for queries that burst: %s", failure or "it has ended")
        with self._lock:
            self._starting.discard(process)
            keeps = process.is_ready and self._is_kept(process)
            if keeps:
                self._rest(process)
            elif not process.is_ready:
                self._shun(process.program)
        if not keeps:
            process.close()
        self._told()

    def take(self, request: Any) -> Process:
        """A process that does nothing and fits; it was used last of those that wait, or is started.

        Raises:
            OSError: it cannot be started. EOFError: the house closes.
        """
        with self._lock:
            if self._is_closed:
                raise EOFError
            warm = [one.program for one in self._idle if one.program.fits(request)]
            program = self._choose(request, warm)
            if warm:
                found = next(one for one in reversed(self._idle) if one.program is program)
                self._idle.remove(found)
            else:
                found = self._make(program)
            self._busy.add(found)
            return found

    def _make(self, program: Program) -> Process:
        self._last = max(self._last + 1, time.time_ns() // 1000)
        try:
            return Process(self._last, program, self.spool / f"burst-{self._last}")
        except (OSError, EOFError):
            self._shun(program)
            raise

    def _shun(self, program: Program) -> None:
        self._shunned.append((program, time.monotonic() + _SHUN_SECONDS))

    def _is_shunned(self, program: Program) -> bool:
        now = time.monotonic()
        self._shunned = [one for one in self._shunned if one[1] > now]
        return self._is_closed or any(one is program for one, _ in self._shunned)

    def _choose(self, request: Any, among: Sequence[Program] = ()) -> Program:
        def burden(program: Program) -> tuple[bool, int]:
            busy = sum(one.program is program for one in (*self._busy, *self._starting))
            return self._is_shunned(program), busy

        fitting = [one for one in self._programs if one.fits(request) and (not among or one in among)]
        return min(fitting, key=burden)

    def give_back(self, process: Process, *, is_sound: bool) -> None:
        """A process has done what it was asked; one that is not sound is ended."""
        with self._lock:
            self._busy.discard(process)
            if not process.is_ready and not process.is_interrupted:
                self._shun(process.program)
            keeps = is_sound and self._is_kept(process)
            if keeps:
                process.rested()
                self._rest(process)
            else:
                self._refill()
        if not keeps:
            process.close()

    def _rest(self, process: Process) -> None:
        process.idle_since = time.monotonic()
        self._idle.append(process)
        self._await_idleness()

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
            kept = [one for one in gone if one.program is self._programs[-1]]
            gone = [one for one in gone if one not in kept[: self._kept]]
            self._idle = [one for one in self._idle if one not in gone]
            self._timer = None
            if len(self._idle) > self._kept and not self._is_closed:
                self._await_idleness()
        for one in gone:
            one.close()

    def close(self) -> None:
        """See the protocol."""
        with self._lock:
            self._is_closed = True
            if self._timer is not None:
                self._timer.cancel()
            idle, self._idle, busy = self._idle, [], [*self._busy, *self._starting]
        for one in busy:
            one.kill()
        for one in idle:
            one.close()
