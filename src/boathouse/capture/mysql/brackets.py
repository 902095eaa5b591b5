"""Watermarks that nobody writes, for servers that may not be written to: a place of the log stands for each, and is met where the
stream gets there.

Receives the source's connection and tokens; hands `Mark`s to the stream, and views to the reader of chunks. A written watermark
is committed behind everything that stands before it in the log, so that a read after it sees all that. A place that is only
looked up promises nothing of the kind: MariaDB sends a transaction to its replicas, us among them, before its engine has
committed it, and with semi-synchronous replication it may wait between the two for long. So each read takes a view of which
the server says how far it reaches in the log, and waits for one that reaches as far as the log did when it was asked for.

Source: MariaDB documentation, "Enhancements for START TRANSACTION WITH CONSISTENT SNAPSHOT".
"""

from __future__ import annotations

import re
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from pymysql.connections import Connection

from boathouse.capture.changes import Mark
from boathouse.capture.mysql.connect import rows, text
from boathouse.capture.mysql.follow import Place
from boathouse.capture.mysql.gtids import GtidVector
from boathouse.contracts.source_errors import SourceUnavailable

WAIT_SECONDS_MAX = 60.0
"""For commits that are in the log and that no read sees yet."""
_LOOK_SECONDS = 0.02
_NUMBER = re.compile(r"\d+\Z")


class Brackets:
    """The marks that the stream has not met yet, oldest first."""

    def __init__(self) -> None:
        self._waiting: deque[tuple[GtidVector, str]] = deque()

    def note(self, connection: Connection, token: str) -> None:
        """A mark behind everything that the log has by now."""
        self._waiting.append((_executed(connection), token))

    def met(self, place: Place) -> list[Mark]:
        """The marks up to a place between transactions that the stream has come to."""
        found: list[Mark] = []
        while self._waiting and self._waiting[0][0] <= place:
            found.append(Mark(self._waiting.popleft()[1]))
        return found

    @contextmanager
    def view(self, connection: Connection) -> Iterator[None]:
        """Reads inside see one state, with all that stands in the log by now.

        Raises:
            SourceUnavailable: commits wait for so long.
        """
        wanted = _executed(connection)
        ((file, offset, *_),) = rows(connection, "SHOW MASTER STATUS")
        end = (_number(file), int(offset or 0))
        began, is_first = time.monotonic(), True
        try:
            while True:
                rows(connection, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
                rows(connection, "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")
                told = rows(connection, "SHOW STATUS LIKE 'binlog\\_snapshot\\_%'")
                seen = {(name or b"").decode().lower(): value for name, value in told}
                file, offset = seen["binlog_snapshot_file"], seen["binlog_snapshot_position"]
                if (_number(file), int(offset or 0)) >= end:
                    break
                # The log may end with what is no transaction, which no view reaches: a look into the log costs more.
                if not is_first and wanted <= _at(connection, file, offset):
                    break
                rows(connection, "COMMIT")
                if time.monotonic() - began > WAIT_SECONDS_MAX:
                    raise SourceUnavailable("commits at the source wait for replicas, and reads do not see them")
                if not is_first:
                    time.sleep(_LOOK_SECONDS)
                is_first = False
            yield
        finally:
            if connection.open:
                rows(connection, "COMMIT")


def _executed(connection: Connection) -> GtidVector:
    ((value,),) = rows(connection, "SELECT @@global.gtid_binlog_pos")
    return GtidVector.parse((value or b"").decode())


def _at(connection: Connection, file: bytes | None, offset: bytes | None) -> GtidVector:
    where = f"{text((file or b'').decode())}, {int(offset or 0):d}"
    ((value,),) = rows(connection, f"SELECT BINLOG_GTID_POS({where})")
    return GtidVector.parse((value or b"").decode())


def _number(file: bytes | None) -> int:
    """Of a file of the log: `bin.000012` is 12."""
    found = _NUMBER.search((file or b"").decode())
    return int(found[0]) if found else 0
