"""Where a reading of the log stands as the server counts, in files and offsets: for what is behind in bytes, and for marks that
stand at the log's end.

Receives the stream's events as bytes, and the server's list of its files. GTIDs say where to go on, these never do: they
are one server's own.

Source: MySQL Source Code Documentation, "Binlog Event"; MySQL and MariaDB documentation, "SHOW BINARY LOGS".
"""

from __future__ import annotations

import re
import struct
from collections.abc import Sequence

from pymysql.connections import Connection

from boathouse.capture.mysql.connect import rows
from boathouse.capture.mysql.decode.decoder import Event
from boathouse.capture.mysql.decode.events import Rotate
from boathouse.capture.mysql.decode.frames import ARTIFICIAL, Header
from boathouse.capture.mysql.follow import Place
from boathouse.capture.source import Standing

FilePlace = tuple[int, int]
"""The number of a file of the log, the offset there; (0, 0) where nothing is known."""
_NUMBER = re.compile(r"\d+\Z")
_OFFSET, _OFFSET_AT = struct.Struct("<IH"), 13
"""Of an event's header: the offset behind it, and its flags."""


def behind(frame: bytes, decoded: Sequence[tuple[Header, Event]], at: FilePlace) -> FilePlace:
    """The place behind an event that stands at `at`. Of a compressed transaction the events within have no places."""
    if decoded and isinstance(event := decoded[0][1], Rotate):
        return number_of(event.file.encode()), event.position
    offset, flags = _OFFSET.unpack_from(frame, _OFFSET_AT)
    return (at[0], offset) if offset and not flags & ARTIFICIAL else at


def number_of(file: bytes | None) -> int:
    """Of a file of the log: `bin.000012` is 12."""
    found = _NUMBER.search((file or b"").decode())
    return int(found[0]) if found else 0


def standing(connection: Connection, executed: Place, place: Place, at: FilePlace) -> Standing:
    """The log beside a place: transactions are behind that, bytes behind the stream. The server keeps its log by time."""
    files = [(number_of(row[0]), int(row[1] or 0)) for row in rows(connection, "SHOW BINARY LOGS")]
    number, offset = at
    ahead = sum(size - (offset if file == number else 0) for file, size in files if file >= number)
    count = executed.count_beyond(place) if type(executed) is type(place) else None  # type: ignore[arg-type]
    first = f"file {files[0][0]}" if files else ""
    return Standing(executed, max(ahead, 0) if number else None, count, first, sum(size for _, size in files))
