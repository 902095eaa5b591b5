"""Whose process runs which Python function: one for each session, user and owner of functions.

Functions of one owner share a process within a session, so they may keep what they have computed; what one owner's
function sees, no function of anybody else's can see or change, and nothing outlives the session. The engine calls
`Workers.answer` for each vector of rows, from any of its threads; everything else comes from the session's own.
"""

from __future__ import annotations

import platform
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable

import pyarrow as pa

from boathouse.contracts.clock import Clock
from boathouse.contracts.engine import Engine
from boathouse.contracts.errors import InternalError, RoutineFailed, SqlSyntaxError, TooManyConnections
from boathouse.contracts.relations import SqlFunction
from boathouse.query.python.columns import read, returned, written
from boathouse.query.python.process import FunctionFailed, Process, broken
from boathouse.sql.bind.forms.python_calls import RETURNED, engine_name, kind_of
from boathouse.sql.redshift.types import duckdb_type

_HINT = f"Python functions run as Python {'.'.join(platform.python_version_tuple()[:2])}."


WAIT_SECONDS, LOOK_SECONDS, IDLE_SECONDS = 10.0, 0.05, 0.2
"""How long a call waits for the place of another process, how often it looks, and after what silence one gives its place: not
between two vectors of one statement, or each would start a process."""


class Workers:
    """The processes of a house.

    Args:
        engine: gets the functions by which its SQL calls back.
        clock: tells which process is idle.
        processes_max, memory_bytes_max: see the settings.
    """

    def __init__(self, engine: Engine, clock: Clock, processes_max: int, memory_bytes_max: int) -> None:
        self.clock = clock
        self.memory_bytes_max = memory_bytes_max
        self._processes_max = processes_max
        self.wait_seconds = WAIT_SECONDS
        self._pause = threading.Event()  # never set: who waits for it waits
        self._running: OrderedDict[Worker, None] = OrderedDict()
        self._sessions: dict[int, SessionWorkers] = {}
        self._lock = threading.Lock()
        names = {
            engine_name(kind, is_volatile): (kind, is_volatile) for kind in RETURNED for is_volatile in (False, True)
        }
        for name, (kind, is_volatile) in names.items():
            engine.provide_columns(name, duckdb_type(RETURNED[kind]), self.answer, is_volatile=is_volatile)

    def join(self, pid: int, check: Callable[[], None]) -> SessionWorkers:
        """A session's; `check` raises QueryCanceled where what runs has been cancelled."""
        mine = SessionWorkers(self, check)
        with self._lock:
            self._sessions[pid] = mine
        return mine

    def leave(self, gone: SessionWorkers) -> None:
        """A session has ended."""
        with self._lock:
            self._sessions = {pid: one for pid, one in self._sessions.items() if one is not gone}

    def answer(self, pid: pa.Array, user: pa.Array, number: pa.Array, *columns: pa.Array) -> pa.Array:
        """What a function returns for each row; the first three say in which session, for whom, and which one."""
        with self._lock:
            mine = self._sessions.get(pid[0].as_py())
        if mine is None:
            raise InternalError("a Python function was called outside of its session")
        return mine.call(user[0].as_py(), number[0].as_py(), len(pid), columns)

    def admit(self, worker: Worker, check: Callable[[], None]) -> None:
        """Let one more process start, in the place of one that is idle where there are too many; wait for one.

        Raises:
            TooManyConnections: all of them are at work. QueryCanceled.
        """
        until = self.clock.monotonic() + self.wait_seconds
        while True:
            with self._lock:
                if len(self._running) < self._processes_max or any(one.rest() for one in list(self._running)):
                    self._running[worker] = None
                    return
            if self.clock.monotonic() >= until:
                raise TooManyConnections(
                    "too many processes run Python functions already", hint="Raise python_processes_max, or try again."
                )
            check()
            self._pause.wait(LOOK_SECONDS)

    def ended(self, worker: Worker) -> None:
        """A process is no more; called with or without the lock."""
        self._running.pop(worker, None)


class Worker:
    """The place of one process, which comes and goes."""

    def __init__(self, house: Workers, check: Callable[[], None]) -> None:
        self._house = house
        self._check = check
        self._process: Process | None = None
        self._known: set[int] = set()
        self._turn = threading.Lock()
        self._gate = threading.Lock()
        self._is_busy = False
        self._last_used = 0.0
        self._is_killed = False
        """A cancel killed the process, maybe when it had answered already."""

    def ask(self, function: SqlFunction, what: str, *rest: object) -> bytes:
        """The process's answer; it is started where there is none.

        Raises:
            QueryCanceled. RoutineFailed: the function failed, or ended its process.
        """
        with self._turn:
            with self._gate:
                self._check()  # whoever cancels says so first, and then looks whether we are busy
                self._is_busy = True
            try:
                if self._is_killed:
                    self._stop()
                return self._asked(self._started(), function, what, rest)
            except EOFError:
                how = "" if self._process is None else self._process.ended()
                self._forget()
                self._check()
                raise RoutineFailed(
                    "a Python function has ended the process that it ran in",
                    detail=how,
                    hint="It may need too much memory.",
                ) from None
            except RoutineFailed as failure:
                if failure.sqlstate == "53200":
                    self._stop()
                raise
            finally:
                self._last_used = self._house.clock.monotonic()
                with self._gate:
                    self._is_busy = False

    def _asked(self, process: Process, function: SqlFunction, what: str, rest: tuple[object, ...]) -> bytes:
        text = function.names, function.body, returned(function.returns)
        if what == "check":
            return process.ask(("check", 0, *text))
        if function.number not in self._known:
            process.ask(("define", function.number, *text))
            self._known.add(function.number)
        return process.ask((what, function.number, *rest))

    def _started(self) -> Process:
        if self._process is None:
            self._house.admit(self, self._check)
            try:
                self._process = Process(self._house.memory_bytes_max)
                self._check()
                self._process.greet()
            except EOFError:
                raise
            except BaseException:
                self._stop()
                raise
        return self._process

    def interrupt(self) -> None:
        """Kill the process if it is at work."""
        with self._gate:
            if self._is_busy and self._process is not None:
                self._is_killed = True
                self._process.kill()

    def distrust(self) -> None:
        """Its process has answered what it could not mean: end it."""
        with self._turn:
            self._stop()

    def rest(self) -> bool:
        """End the process if it is idle; False where it is not."""
        if self._house.clock.monotonic() - self._last_used < IDLE_SECONDS or not self._turn.acquire(blocking=False):
            return False
        try:
            self._stop()
            return True
        finally:
            self._turn.release()

    def _stop(self) -> None:
        process = self._process
        self._forget()
        if process is not None:
            process.close()

    def _forget(self) -> None:
        self._process = None
        self._is_killed = False
        self._known.clear()
        self._house.ended(self)


class SessionWorkers:
    """What one session runs Python functions with."""

    def __init__(self, house: Workers, check: Callable[[], None]) -> None:
        self._house = house
        self._check = check
        self._functions: dict[int, SqlFunction] = {}
        self._workers: dict[tuple[int, int], Worker] = {}
        self._lock = threading.Lock()

    def offer(self, functions: Iterable[SqlFunction]) -> None:
        """Functions that the next statement calls. A definition never changes: a new one has a new number."""
        self._functions |= {one.number: one for one in functions if one.language == "plpythonu"}

    def check_body(self, user: int, function: SqlFunction) -> None:
        """Look whether a function that is being made can be.

        Raises:
            SqlSyntaxError: its body is no Python, with the position in the body. FeatureNotSupported: here none can be run.
        """
        for of in (*function.arguments, function.returns):
            kind_of(of)
        try:
            self._worker(user, user).ask(function, "check")
        except FunctionFailed as failure:
            if failure.sqlstate != "42601":
                raise
            raise SqlSyntaxError(failure.message, position=_start_of(function.body, failure.line), hint=_HINT) from None

    def call(self, user: int, number: int, rows: int, columns: Iterable[pa.Array]) -> pa.Array:
        """What a function returns for each row."""
        function = self._functions[number]
        given = tuple(written(kind_of(of), column) for of, column in zip(function.arguments, columns, strict=True))
        worker = self._worker(function.owner, user)
        try:
            answer = worker.ask(function, "call", rows, given)
            return read(kind_of(function.returns), rows, answer)
        except RoutineFailed as failure:
            line = failure.line if isinstance(failure, FunctionFailed) else None
            where = f'In function "{function.schema}"."{function.name}"{"" if line is None else f", line {line}"}.'
            failure.detail = where if not failure.detail else f"{where}\n{failure.detail}"
            raise
        except (ValueError, pa.ArrowException):
            worker.distrust()
            raise broken() from None

    def _worker(self, owner: int, user: int) -> Worker:
        with self._lock:
            found = self._workers.get((owner, user))
            if found is None:
                found = self._workers[(owner, user)] = Worker(self._house, self._check)
            return found

    def interrupting(self, engine: Callable[[], None]) -> Callable[[], None]:
        """What cancels a statement: the functions that it waits for, then the engine."""

        def interrupt() -> None:
            with self._lock:
                workers = list(self._workers.values())
            for one in workers:
                one.interrupt()
            engine()

        return interrupt

    def close(self) -> None:
        """The session has ended, and nothing of it runs."""
        self._house.leave(self)
        with self._lock:
            workers = list(self._workers.values())
        for one in workers:
            one.interrupt()
            one.distrust()


def _start_of(body: str, line: int | None) -> int | None:
    """The 1-based position of a line's first character that is no blank."""
    lines = body.splitlines(keepends=True)
    if line is None or not 0 < line <= len(lines):
        return None
    blanks = len(lines[line - 1]) - len(lines[line - 1].lstrip(" \t"))
    return sum(map(len, lines[: line - 1])) + blanks + 1
