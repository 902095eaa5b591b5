"""One query that has burst: its rows as they come from its process, and what becomes of it when something goes wrong.

Until its first rows are here nothing has been given to anybody: whatever goes wrong then that may be the process's fault, the
query runs in the house instead. After that it fails, and says that it may be sent again.
"""

from __future__ import annotations

import json
import logging
import threading
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa
import pyarrow.ipc

from boathouse.contracts import errors
from boathouse.contracts.answers import Field, Rows
from boathouse.contracts.engine import WorkerLost
from boathouse.contracts.errors import BoathouseError, InternalError, QueryCanceled
from boathouse.engines.processes.process import Process
from boathouse.engines.results import Batches, Stream, Translate

LOG = logging.getLogger(__name__)


class Lender(Protocol):
    """Who has processes."""

    def take(self, request: Any) -> Process: ...

    def give_back(self, process: Process, *, is_sound: bool) -> None: ...


class BurstResult:
    """See `contracts.engine.Burst`; also the reader of its own rows.

    Args:
        pool: lends the process.
        spool: a folder for rows that have to wait.
    """

    def __init__(self, pool: Lender, spool: Path, translate: Translate) -> None:
        self._translate = translate
        self._pool = pool
        self._spool = spool
        self._process: Process | None = None
        self._is_interrupted = False
        self._gate = threading.Lock()
        self._lock = threading.RLock()
        self._first: pa.RecordBatch | None = None
        self._stream: Stream | None = None
        self.schema: pa.Schema = pa.schema([])
        self.worker = 0
        self.refusal: BoathouseError | None = None

    def start(self, request: object, fields: tuple[Field, ...] | None) -> Rows | None:
        """See the protocol."""
        with self._lock:
            return self._start(request, fields)

    def _start(self, request: object, fields: tuple[Field, ...] | None) -> Rows | None:
        try:
            process = self._pool.take(request)
        except (OSError, EOFError) as failure:
            LOG.warning("no process could be started for a query that bursts: %s", type(failure).__name__)
            return None
        with self._gate:
            self._process, self.worker = process, process.number
            if self._is_interrupted:
                process.interrupt()
        try:
            process.ask(request)
            self._first = self._next()
        except StopIteration:
            self._first = None
        except EOFError as failure:
            self._let_go(is_sound=False)
            self._check()
            LOG.warning(
                "the process of a query that burst was lost before its first row: %s", failure or "it has ended"
            )
            return None
        except _GoHome as failure:
            LOG.info("a query that burst runs in the house: %s", failure.known.message)
            self.refusal = failure.known
            self._let_go(is_sound=not isinstance(failure.known, InternalError | WorkerLost))
            self._check()
            return None
        except BaseException:
            self._let_go(is_sound=False)
            raise
        self._stream = Stream(self, self._lock, self._spool, None, self._translate)
        assert fields is not None
        return Rows(fields, Batches(self._stream, fields, self))

    def read_next_batch(self) -> pa.RecordBatch:
        """As Arrow's readers do.

        Raises:
            StopIteration. BoathouseError.
        """
        if self._first is not None:
            first, self._first = self._first, None
            return first
        try:
            return self._next()
        except _GoHome as failure:
            self._let_go(is_sound=False)
            raise failure.known from None
        except EOFError:
            self._let_go(is_sound=False)
            self._check()
            raise WorkerLost("the process that the query ran in has ended in the middle of its rows") from None

    def _next(self) -> pa.RecordBatch:
        while True:
            if self._process is None:
                self._check()
                raise StopIteration
            letter, frame = self._process.receive()
            if letter == b"S":
                self.schema = pyarrow.ipc.read_schema(pa.py_buffer(frame))
            elif letter == b"B":
                return pyarrow.ipc.open_stream(pa.py_buffer(frame)).read_next_batch()
            elif letter == b"D":
                self._let_go(is_sound=True)
                raise StopIteration
            else:
                known, goes_home, is_sound = _failure(frame)
                if goes_home:
                    raise _GoHome(known)
                self._let_go(is_sound=is_sound and not isinstance(known, InternalError | WorkerLost))
                raise known

    def _check(self) -> None:
        if self._is_interrupted:
            raise QueryCanceled("canceling statement due to user request")

    def interrupt(self) -> None:
        """See the protocol."""
        with self._gate:
            self._is_interrupted = True
            if self._process is not None:
                self._process.interrupt()

    def detach(self) -> None:
        """See the protocol."""
        with self._lock:
            if self._stream is not None:
                self._stream.detach()
            self.close_process()

    def close(self) -> None:
        """See the protocol."""
        with self._lock:
            if self._stream is not None:
                self._stream.close()
            self._first = None
            self.close_process()

    def close_process(self) -> None:
        """Let the process go, warm where it stops in time."""
        process = self._process
        if process is None:
            return
        process.interrupt()
        is_sound = True
        try:
            letter, frame = process.receive()
            while letter not in b"DE":
                letter, frame = process.receive()
            is_sound = letter == b"D" or _failure(frame)[2]
        except EOFError:
            is_sound = False
        self._let_go(is_sound=is_sound)

    def _let_go(self, *, is_sound: bool) -> None:
        with self._gate:
            process, self._process = self._process, None
        if process is not None:
            self._pool.give_back(process, is_sound=is_sound)


class _GoHome(Exception):
    """The house has to look itself at what the process could not do."""

    def __init__(self, known: BoathouseError) -> None:
        super().__init__(known.message)
        self.known = known


def _failure(frame: bytearray) -> tuple[BoathouseError, bool, bool]:
    """What the process says that went wrong, whether the house has to run the query, and whether it may be asked again."""
    told = json.loads(frame)
    kind = getattr(errors, str(told["kind"]), WorkerLost if told["kind"] == WorkerLost.__name__ else InternalError)
    known: BoathouseError = kind(told["message"], detail=told["detail"], hint=told["hint"], sqlstate=told["sqlstate"])
    if told["cause"]:
        known.__cause__ = RuntimeError(told["cause"])
    return known, bool(told["home"]), bool(told.get("sound", True))
