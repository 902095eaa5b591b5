"""Watermarks that nobody writes, for servers that may not be written to: a place of the log stands for each, and is met where the
stream gets there.

Receives the source's connection and tokens; hands `Mark`s to the stream, and views to the reader of chunks. A written watermark
is committed behind everything that stands before it in the log, so that a read after it sees all that. A place that is only
looked up promises nothing of the kind: a server sends a transaction to its replicas, us among them, before its engine has
committed it, and with semi-synchronous replication it may wait between the two for long.

MariaDB says of a view how far it reaches in the log: each read takes one that reaches as far as the log did when it asked.

MySQL says which transactions its engine has committed (`gtid_executed`, which follows a commit and never runs ahead of it), and
can be waited for. What the stream has told by now is waited for before a read; a mark stands behind what was executed when it
was noted, and one behind a read also behind the end that the log had then, for a read may see a commit that is not yet counted.

Source: MariaDB documentation, "Enhancements for START TRANSACTION WITH CONSISTENT SNAPSHOT"; MySQL documentation,
"Functions Used with Global Transaction Identifiers (GTIDs)", `binlog_order_commits`.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

from pymysql.connections import Connection

from boathouse.capture.changes import Mark
from boathouse.capture.mysql.connect import rows, text
from boathouse.capture.mysql.follow import Place
from boathouse.capture.mysql.gtids import GtidSet, GtidVector
from boathouse.capture.mysql.standing import FilePlace, number_of
from boathouse.contracts.source_errors import SourceUnavailable

WAIT_SECONDS_MAX = 60.0
"""For commits that are in the log and that no read sees yet."""
_LOOK_SECONDS = 0.02
_HELD_UP = "commits at the source wait for replicas, and reads do not see them"


class Brackets(Protocol):
    """The marks that the stream has not met yet."""

    def begin(self, connection: Connection) -> None:
        """The log will come from this connection's server."""

    def read(self) -> None:
        """A chunk has been read: the next mark is behind it."""

    def note(self, connection: Connection, token: str) -> None:
        """A mark; behind everything that a chunk saw which was read just before."""

    def met(self, place: Place, at: FilePlace) -> list[Mark]:
        """The marks that the stream, at a place between transactions, has come to."""
        ...

    def view(self, connection: Connection, told: Place | None) -> AbstractContextManager[None]:
        """Reads inside see all that the stream has told: `told`, None where it has not begun.

        Raises:
            SourceUnavailable: commits wait for so long.
        """
        ...


class MariaDbBrackets:
    """See `Brackets`; oldest first."""

    def __init__(self) -> None:
        self._waiting: deque[tuple[GtidVector, str]] = deque()

    def begin(self, connection: Connection) -> None:
        """See `Brackets`: places alone are compared."""

    def read(self) -> None:
        """See `Brackets`: each mark stands at the log's end."""

    def note(self, connection: Connection, token: str) -> None:
        """A mark behind everything that the log has by now."""
        self._waiting.append((_executed(connection), token))

    def met(self, place: Place, at: FilePlace) -> list[Mark]:
        """The marks up to a place between transactions that the stream has come to."""
        found: list[Mark] = []
        while self._waiting and self._waiting[0][0] <= place:
            found.append(Mark(self._waiting.popleft()[1]))
        return found

    @contextmanager
    def view(self, connection: Connection, told: Place | None) -> Iterator[None]:
        """Reads inside see one state, with all that stands in the log by now."""
        wanted = _executed(connection)
        ((file, offset, *_),) = rows(connection, "SHOW MASTER STATUS")
        end = (number_of(file), int(offset or 0))
        began, is_first = time.monotonic(), True
        try:
            while True:
                rows(connection, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
                rows(connection, "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")
                status = rows(connection, "SHOW STATUS LIKE 'binlog\\_snapshot\\_%'")
                seen = {(name or b"").decode().lower(): value for name, value in status}
                file, offset = seen["binlog_snapshot_file"], seen["binlog_snapshot_position"]
                if (number_of(file), int(offset or 0)) >= end:
                    break
                # The log may end with what is no transaction, which no view reaches: a look into the log costs more.
                if not is_first and wanted <= _at(connection, file, offset):
                    break
                rows(connection, "COMMIT")
                if time.monotonic() - began > WAIT_SECONDS_MAX:
                    raise SourceUnavailable(_HELD_UP)
                if not is_first:
                    time.sleep(_LOOK_SECONDS)
                is_first = False
            yield
        finally:
            if connection.open:
                rows(connection, "COMMIT")


class MySqlBrackets:
    """See `Brackets`; oldest first, each with what was executed, and where it is behind a read the end of the log."""

    def __init__(self) -> None:
        self._waiting: deque[tuple[GtidSet, FilePlace, str]] = deque()
        self._server: bytes | None = None
        self._is_read = False

    def begin(self, connection: Connection) -> None:
        """See `Brackets`. Ends of the log are this server's own."""
        ((self._server,),) = rows(connection, "SELECT @@global.server_uuid")

    def read(self) -> None:
        """See `Brackets`. A mark before a chunk must not stand at the log's end: changes that the chunk does not see, and that
        stand before that end, would be told before it."""
        self._is_read = True

    def note(self, connection: Connection, token: str) -> None:
        """See `Brackets`."""
        ((server, version),) = rows(connection, "SELECT @@global.server_uuid, @@global.version")
        if self._server not in (None, server):
            raise SourceUnavailable("the tables are read from another server than the log")
        is_new = tuple(map(int, (version or b"0").split(b".")[:2])) >= (8, 2)
        ((file, offset, _, _, executed),) = rows(connection, f"SHOW {'BINARY LOG' if is_new else 'MASTER'} STATUS")
        end = (number_of(file), int(offset or 0)) if self._is_read else (0, 0)
        self._is_read = False
        self._waiting.append((GtidSet.parse((executed or b"").decode()), end, token))

    def met(self, place: Place, at: FilePlace) -> list[Mark]:
        """See `Brackets`."""
        found: list[Mark] = []
        while self._waiting and self._waiting[0][0] <= place and self._waiting[0][1] <= at:
            found.append(Mark(self._waiting.popleft()[2]))
        return found

    @contextmanager
    def view(self, connection: Connection, told: Place | None) -> Iterator[None]:
        """See `Brackets`."""
        if told is not None:
            wait = f"SELECT WAIT_FOR_EXECUTED_GTID_SET({text(str(told))}, {WAIT_SECONDS_MAX})"
            if rows(connection, wait) != [(b"0",)]:
                raise SourceUnavailable(_HELD_UP)
        yield


def _executed(connection: Connection) -> GtidVector:
    ((value,),) = rows(connection, "SELECT @@global.gtid_binlog_pos")
    return GtidVector.parse((value or b"").decode())


def _at(connection: Connection, file: bytes | None, offset: bytes | None) -> GtidVector:
    where = f"{text((file or b'').decode())}, {int(offset or 0):d}"
    ((value,),) = rows(connection, f"SELECT BINLOG_GTID_POS({where})")
    return GtidVector.parse((value or b"").decode())
