"""An answer on its way to the client: rows as they are pulled, and both directions of COPY.

Receives answers from the simple and the extended query protocol; hands messages to the channel. At most a few batches
of a result exist here at any time, whatever its size: the client's pace decides when the next one is computed.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any

import pyarrow as pa

from boathouse.contracts.answers import CopyIn, CopyOut, Field, Rows
from boathouse.contracts.errors import BoathouseError, ProtocolViolation, QueryCanceled
from boathouse.endpoints.postgres.channel import Channel, ClientGone
from boathouse.endpoints.postgres.conversation import QuerySession
from boathouse.endpoints.postgres.encode_copy import CopyEncoder
from boathouse.endpoints.postgres.encode_rows import RowEncoder
from boathouse.wire.postgres import messages
from boathouse.wire.postgres.requests import CopyData, CopyDone, CopyFail

SMALL_ROWS = 1024
"""Batches below this size are pulled in line; from it on, the next one is computed while this one is sent."""

BATCHES_AHEAD = 2
"""Batches computed and not yet sent: enough to keep both sides busy, a few MB each."""

_BARE_VERBS = frozenset({"SHOW", "EXPLAIN", "CALL"})


class Delivery:
    """Answers for one connection.

    Args:
        channel, session: the connection's.
    """

    def __init__(self, channel: Channel, session: QuerySession) -> None:
        self._channel = channel
        self._session = session
        self._cancelled = threading.Event()
        self._reason = ""

    def start(self) -> None:
        """A request begins: a cancel from before is no concern of it."""
        self._cancelled.clear()

    @property
    def is_cancelled(self) -> bool:
        """True from a cancel until the next request."""
        return self._cancelled.is_set()

    def cancel(self, reason: str | None = None) -> None:
        """From any thread: stop sending what is under way; the client is told the reason, where there is one."""
        self._reason = reason or "canceling statement due to user request"
        self._cancelled.set()

    def check(self) -> None:
        """Raise QueryCanceled where the statement was cancelled, even if the engine had finished its part."""
        self.check_request()
        self._session.check_cancelled()

    def check_request(self) -> None:
        """Raise QueryCanceled where the request was cancelled, whichever of its statements was running."""
        if self._cancelled.is_set():
            raise QueryCanceled(self._reason)

    def abandon(self) -> None:
        """What the engine still does for this statement is not wanted any more."""
        self._session.cancel()

    def rows(self, rows: Rows, formats: Sequence[int]) -> None:
        """A whole result without its description: DataRow messages, then CommandComplete."""
        portion = Portion(rows, formats, self._session.setting("timezone"))
        try:
            portion.send(self._channel, self, 0)
        finally:
            portion.close()

    def copy_out(self, copy: CopyOut) -> None:
        """COPY … TO STDOUT: response, data, done, CommandComplete."""
        channel = self._channel
        channel.send(messages.copy_out_response(copy.format, len(copy.rows.fields)))
        encoder = CopyEncoder(copy, self._session.setting("timezone"))
        try:
            for chunk in encoder.chunks():
                channel.send_messages([chunk], self.check)
        finally:
            _close(copy.rows.batches)
        channel.send(messages.COPY_DONE)
        channel.send(messages.command_complete(f"COPY {encoder.rows}"))

    def copy_in(self, copy: CopyIn) -> None:
        """COPY … FROM STDIN: response, the client's data, CommandComplete."""
        channel = self._channel
        channel.send(messages.copy_in_response(copy.format, copy.columns))
        channel.flush()
        channel.protocol.begin_copy()
        finished = False
        try:
            while True:
                request = channel.read(check=self.check)
                if isinstance(request, CopyData):
                    copy.write(request.data)
                elif isinstance(request, CopyDone):
                    finished = True
                    tag = copy.finish()
                    break
                elif isinstance(request, CopyFail):
                    raise QueryCanceled(f"COPY from stdin failed: {request.reason}")
                else:
                    raise ClientGone("client terminated during COPY")
        except BaseException as failure:
            if not finished:
                copy.fail(failure.message if isinstance(failure, BoathouseError) else "connection lost")
            if isinstance(failure, ProtocolViolation):
                # Which message is a copy's and which is not cannot be told any more.
                raise BrokenCopy(failure) from failure
            raise
        finally:
            channel.protocol.end_copy()
        channel.send(messages.command_complete(tag))


class BrokenCopy(Exception):
    """A client sent something else in the middle of COPY; the connection has to end.

    Args:
        error: what to tell it.
    """

    def __init__(self, error: ProtocolViolation) -> None:
        super().__init__(error.message)
        self.error = error


class Portion:
    """A result that may be sent in several portions (Execute with a row limit); holds what is left of it.

    Args:
        rows: not yet pulled.
        formats: one code per field.
        timezone: the session's, for timestamps with time zone as text.
    """

    def __init__(self, rows: Rows, formats: Sequence[int], timezone: str) -> None:
        self.fields: tuple[Field, ...] = rows.fields
        self._verb = rows.verb
        self._batches: Iterator[pa.RecordBatch] = rows.batches
        self._encoder = RowEncoder(rows.fields, formats, timezone)
        self._left: pa.RecordBatch | None = None

    def send(self, channel: Channel, delivery: Delivery, rows_max: int) -> bool:
        """Send up to `rows_max` rows (0: all) and how it ended; True where the portal is suspended."""
        count = self._send_limited(channel, delivery, rows_max) if rows_max else self._send_rest(channel, delivery)
        if rows_max and count == rows_max:
            channel.send(messages.PORTAL_SUSPENDED)
            return True
        channel.send(messages.command_complete(self._verb if self._verb in _BARE_VERBS else self._tag(count)))
        return False

    def close(self) -> None:
        """Free the engine's result; harmless when repeated."""
        self._left = None
        _close(self._batches)

    def _tag(self, count: int) -> str:
        return f"INSERT 0 {count}" if self._verb == "INSERT" else f"{self._verb} {count}"

    def _send_limited(self, channel: Channel, delivery: Delivery, rows_max: int) -> int:
        count = 0
        while count < rows_max:
            batch = self._left if self._left is not None else next(self._batches, None)
            if batch is None:
                break
            wanted = rows_max - count
            self._left = batch.slice(wanted) if batch.num_rows > wanted else None
            sent = batch.slice(0, wanted)
            channel.send_messages(self._encoder.encode(sent), delivery.check)
            count += sent.num_rows
        return count

    def _send_rest(self, channel: Channel, delivery: Delivery) -> int:
        count = 0
        batches = self._batches
        ahead: _Ahead | None = None
        try:
            batch = self._left if self._left is not None else next(batches, None)
            self._left = None
            while batch is not None:
                if ahead is None and batch.num_rows >= SMALL_ROWS:
                    batches = ahead = _Ahead(batches)
                channel.send_messages(self._encoder.encode(batch), delivery.check)
                count += batch.num_rows
                delivery.check()
                batch = next(batches, None)
        except BaseException:
            # The engine may be busy with a batch that nobody will read.
            delivery.abandon()
            raise
        finally:
            if ahead is not None:
                ahead.close()
        return count


class _Ahead(Iterator[pa.RecordBatch]):
    """Pulls batches on a thread of its own, a few ahead, while the caller encodes and sends."""

    def __init__(self, batches: Iterator[pa.RecordBatch]) -> None:
        self._source = batches
        self._pulled: queue.Queue[pa.RecordBatch | BaseException | None] = queue.Queue(BATCHES_AHEAD)
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._pull, name="boathouse-ahead", daemon=True)
        self._thread.start()

    def __next__(self) -> pa.RecordBatch:
        found = self._pulled.get()
        if found is None:
            raise StopIteration
        if isinstance(found, BaseException):
            raise found
        return found

    def close(self) -> None:
        """Stop pulling; returns when the thread has let go of the source."""
        self._stopped.set()
        while self._thread.is_alive():
            with suppress(queue.Empty):
                self._pulled.get_nowait()
            self._thread.join(0.005)

    def _pull(self) -> None:
        try:
            for batch in self._source:
                self._pulled.put(batch)
                if self._stopped.is_set():
                    return
            self._pulled.put(None)
        except BaseException as failure:  # noqa: BLE001 - raised again on the caller's thread
            self._pulled.put(failure)


def _close(batches: Any) -> None:
    close = getattr(batches, "close", None)
    if close is not None:
        close()
