"""The log by PostgreSQL's streaming replication protocol, over libpq's COPY BOTH mode.

Receives a connection in replication mode and where to begin; a thread of its own reads the socket into a bounded queue
and answers the server's keepalives whatever the consumer does. Hands on lists of messages, and how far the log reaches
while nothing happens. Says before whose log it is: standbys that were promoted have another, from the place of the promotion
on, and what was captured behind that place may never have happened there, whatever the numbers say.

Source: PostgreSQL documentation, "Streaming Replication Protocol".
"""

from __future__ import annotations

import logging
import select
import threading
import time
from collections import deque
from collections.abc import Callable
from struct import Struct

import psycopg
from psycopg import OperationalError, pq
from psycopg.pq.abc import PGconn, PGresult

from boathouse.capture.postgres.connect import Row, first_line, is_passing
from boathouse.capture.postgres.decode import EPOCH_US
from boathouse.capture.postgres.position import Log, Lsn, parse_lsn
from boathouse.capture.postgres.watermarks import MESSAGES_VERSION
from boathouse.contracts.errors import BoathouseError
from boathouse.contracts.source_errors import SourceGap, SourceRefused, SourceUnavailable

log = logging.getLogger(__name__)

_DATA, _KEEPALIVE, _STATUS = Struct("!cqqq"), Struct("!cqqb"), Struct("!cqqqqb")
_IS_DATA = ord("w")
_MESSAGES_MAX, _MESSAGES_BYTES_MAX = 2_000, 1 << 20
"""In one hand-over to the consumer, about."""
_STATUS_SECONDS = 5.0
LATE_SECONDS = 2 * _STATUS_SECONDS
"""Whoever does not answer for so long has no turn at the processor. A server that hears nothing for `wal_sender_timeout` ends the
connection without a word."""
_DEAF_SECONDS = 0.5
"""The same while there is no room for more: what the server asks is not heard then."""
_WAIT_SECONDS = 0.2
_COLLECT_SECONDS = 0.001
"""For which more is let come where little has come: a server sends each message by itself, and would wake us for each."""
_COLLECT_BYTES = 8 << 10
"""From here on it is not little: one read of the socket takes about twice as many, and more is there already."""
SILENT_SECONDS_MAX = 60.0
"""A server that sends nothing for so long, though it is asked to, is gone. It takes us for gone after as long
(`wal_sender_timeout`), and a connection that is half open tells neither side."""

Handed = tuple[list[bytes], int | None]
"""Messages in order, and then, where the server said so, the place up to which there are no more."""


class Untold(SourceGap):
    """The publication was not there at a place of the log, before PostgreSQL 18: it can be read from behind that place alone."""


class Replication:
    """A stream.

    Args:
        connection: owned from here on.
        slot, publication: by name.
        after: where to begin.
        bytes_max: of messages that wait for the consumer; beyond it the socket is left alone.
        silent_seconds: see `SILENT_SECONDS_MAX`.
        broke: called, by the thread, with what has ended the stream.
    """

    def __init__(
        self,
        connection: psycopg.Connection[Row],
        slot: str,
        publication: str,
        after: int,
        bytes_max: int,
        silent_seconds: float = SILENT_SECONDS_MAX,
        broke: Callable[[BoathouseError], None] = lambda failure: None,
    ) -> None:
        self._owned, self._connection = connection, connection.pgconn
        self._bytes_max, self._silent_seconds, self._broke = bytes_max, silent_seconds, broke
        self._heard_at = self._asked_at = self._told_at = time.monotonic()
        self._late_by = 0.0
        self._queue: deque[Handed] = deque()
        self._queued_bytes = 0
        self._changed = threading.Condition()
        self._failure: BoathouseError | None = None
        self._stopping = False
        self._durable = self._received = after
        self._start(slot, publication, after)
        self._thread = threading.Thread(target=self._run, name="capture-replication", daemon=True)
        self._thread.start()

    def take(self, seconds: float) -> Handed | None:
        """The next messages; None where none came in time.

        Raises:
            SourceUnavailable: the stream has ended. SourceGap: and begins no more.
        """
        with self._changed:
            if not self._queue and self._failure is None:
                self._changed.wait(seconds)
            if self._queue:
                found = self._queue.popleft()
                self._queued_bytes -= sum(map(len, found[0]))
                self._changed.notify_all()
                return found
            if self._failure is not None:
                raise self._failure
            return None

    @property
    def is_waiting(self) -> bool:
        """True where more messages are there already."""
        return bool(self._queue)

    def acknowledge(self, lsn: int) -> None:
        """Told to the server with the next status."""
        self._durable = max(self._durable, lsn)

    def close(self) -> None:
        """End the thread, and the connection with it."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        self._thread.join(10)

    # -- the thread ------------------------------------------------------------------------------------------

    def _start(self, slot: str, publication: str, after: int) -> None:
        position = f"{after >> 32:X}/{after & 0xFFFFFFFF:X}"
        names = publication.replace("'", "''").replace('"', '""')
        more = ", messages 'true'" if self._owned.info.server_version >= MESSAGES_VERSION else ""
        command = (
            f'START_REPLICATION SLOT "{slot}" LOGICAL {position} '
            f"(proto_version '1', publication_names '\"{names}\"'{more})"
        )
        try:
            self._connection.send_query(command.encode())
            while self._connection.is_busy():
                select.select([self._connection.socket], [], [], _WAIT_SECONDS)
                self._connection.consume_input()
            result = self._connection.get_result()
        except OperationalError as failure:
            self._owned.close()
            raise SourceUnavailable(f"the source's log could not be begun: {first_line(str(failure))}") from None
        if result is None or result.status != pq.ExecStatus.COPY_BOTH:
            state, message = _reason(result)
            self._owned.close()
            if state == "42501":
                raise SourceRefused(
                    f"the source's log may not be read: {message}",
                    hint="ALTER ROLE … REPLICATION; then ALTER INTEGRATION … RESUME.",
                )
            # 55006: the slot is active for another process, which may be our own of before. 55000, 42704: it is spoilt, or gone.
            if is_passing(state, message) and state not in ("55000", "42704"):
                raise SourceUnavailable(f"the source's log could not be begun: {message}")
            raise SourceGap(f"the source's log cannot be read from {position}: {message}")

    def _run(self) -> None:
        try:
            self._read()
        except BoathouseError as failure:
            self._fail(failure)
        except OperationalError as failure:
            silent = max(self._late_by, time.monotonic() - self._told_at)
            late = (
                f"; this process had come to answer nothing for {silent:.0f} seconds" if silent > LATE_SECONDS else ""
            )
            self._fail(SourceUnavailable(f"the source's log broke off: {first_line(str(failure))}{late}"))
        except Exception as failure:
            log.exception("reading the source's log failed")
            self._fail(SourceUnavailable(f"the source's log could not be read: {type(failure).__name__}"))
        finally:
            self._owned.close()

    def _fail(self, failure: BoathouseError) -> None:
        with self._changed:
            self._failure = failure
            self._changed.notify_all()
        self._broke(failure)

    def _read(self) -> None:
        told = self._durable
        while not self._stopping:
            handed, asked, drained = self._receive()
            self._hand(handed)
            now = time.monotonic()
            asks = self._asks(now)
            pause = _DEAF_SECONDS if self._queued_bytes > self._bytes_max else _STATUS_SECONDS
            due = now - self._told_at >= pause or (self._durable > told and now - self._told_at >= _WAIT_SECONDS)
            if asked or asks or due:
                self._late_by = (
                    now - self._told_at
                )  # that the server has gone is met only after what it had sent before
                told, self._told_at = self._tell(asks=asks), now
            if drained and handed[0]:
                if sum(map(len, handed[0])) < _COLLECT_BYTES:
                    time.sleep(_COLLECT_SECONDS)
            elif drained:
                self._rest(
                    max(0.0, min(_WAIT_SECONDS, self._silent_seconds / 9, self._told_at + _STATUS_SECONDS - now))
                )

    def _asks(self, now: float) -> bool:
        """True where the server is to say that it is there.

        Raises:
            OperationalError: it was asked, and did not.
        """
        if now - self._heard_at >= self._silent_seconds:
            raise OperationalError(f"the server was silent for {self._silent_seconds:g} seconds")
        if now - max(self._heard_at, self._asked_at) < self._silent_seconds / 3:
            return False
        self._asked_at = now
        return True

    def _receive(self) -> tuple[Handed, bool, bool]:
        """Messages that are there; whether the server wants an answer; whether there are no more, or no room for them."""
        messages: list[bytes] = []
        reach, asked, drained = None, False, False
        if self._queued_bytes > self._bytes_max:
            self._heard_at = time.monotonic()  # nobody listens
            return ([], None), False, True
        self._connection.consume_input()
        last, read, room = None, self._connection.get_copy_data, _MESSAGES_BYTES_MAX
        while len(messages) < _MESSAGES_MAX and reach is None and room > 0:
            size, data = read(1)
            if size == 0:
                drained = True
                break
            if size < 0:
                raise _ended(self._connection.get_result())
            if data[0] == _IS_DATA:
                messages.append(bytes(data[_DATA.size :]))
                room -= size
                last = data
            else:
                _, reach, _, wants = _KEEPALIVE.unpack_from(data)
                self._received = max(self._received, reach)
                asked = bool(wants)
        if last is not None:
            self._received = max(self._received, _DATA.unpack_from(last)[1])
        if messages or reach is not None:
            self._heard_at = time.monotonic()
        return (messages, reach), asked, drained

    def _hand(self, handed: Handed) -> None:
        messages, reach = handed
        if not messages and reach is None:
            return
        with self._changed:
            self._queue.append(handed)
            self._queued_bytes += sum(map(len, messages))
            self._changed.notify_all()

    def _rest(self, seconds: float) -> None:
        """Until the socket has something, the consumer has made room, or the time is up."""
        with self._changed:
            if self._stopping:
                return
            if self._queued_bytes > self._bytes_max:
                self._changed.wait(seconds)
                return
        select.select([self._connection.socket], [], [], seconds)

    def _tell(self, *, asks: bool) -> int:
        durable = self._durable
        now_us = time.time_ns() // 1000 - EPOCH_US
        self._connection.put_copy_data(_STATUS.pack(b"r", max(self._received, durable), durable, durable, now_us, asks))
        self._connection.flush()
        return durable


def _reason(result: pq.abc.PGresult | None) -> tuple[str, str]:
    """SQLSTATE and first line of what the server says to an end."""
    if result is None or not result.error_message:
        return "", "no reason given"
    state = result.error_field(pq.DiagnosticField.SQLSTATE) or b""
    return state.decode(), first_line(result.error_message.decode(errors="replace"))


def _ended(result: pq.abc.PGresult | None) -> BoathouseError:
    """Why the server has ended the stream."""
    state, message = _reason(result)
    if state == "42704":  # by the catalog as it was at that place of the log: to make it anew changes nothing
        return Untold(f"the source's log cannot be read on: {message}")
    if state[:2] == "22":  # whatever is tried, that value comes next
        mend = "Its database has a text that is none of its encoding. Mend it there, drop the integration and create it again."
        return SourceGap(f"the source's log has a value that the server cannot tell: {message}", hint=mend)
    return SourceUnavailable(f"the server ended the stream: {message}")


# -- whose log it is ---------------------------------------------------------------------------------------------------


def log_behind(connection: PGconn, after: Lsn) -> Log:
    """Whose log the server has now.

    Raises:
        SourceGap: it is not one that the place is in.
    """
    found = _answer(connection, "IDENTIFY_SYSTEM")
    now = Log(int(found.get_value(0, 0) or b"0"), int(found.get_value(0, 1) or b"0"))
    if after.of is None or after.of == now:
        return now
    if after.of.system != now.system:
        raise SourceGap("the source is another server, with another log, than the one that was captured")
    parted = None
    if after.of.timeline < now.timeline:
        history = _answer(connection, f"TIMELINE_HISTORY {now.timeline}").get_value(0, 1) or b""
        parted = parted_at(history.decode(errors="replace"), after.of.timeline)
    if parted is None or not after <= parted:
        here = Lsn(after.value)
        raise SourceGap(
            f"the source was promoted at {parted or 'another place'}, and the capture stands at {here} of the log before: what "
            "was captured may not be there any more"
        )
    return now


def parted_at(history: str, timeline: int) -> Lsn | None:
    """Where a timeline ends in another one's history; None where it is no part of it."""
    for line in history.splitlines():
        words = line.split()
        if len(words) >= 2 and words[0] == str(timeline):
            return parse_lsn(words[1])
    return None


def _answer(connection: PGconn, command: str) -> PGresult:
    try:
        result = connection.exec_(command.encode())
    except OperationalError as failure:
        raise SourceUnavailable(f"the source failed: {first_line(str(failure))}") from None
    if result.status != pq.ExecStatus.TUPLES_OK:
        raise SourceUnavailable(f"the source failed: {first_line(result.error_message.decode(errors='replace'))}")
    return result
