"""The frame of a binlog event: a cursor over its bytes, the 19-byte header, the checksum, the numbers of the types.

Receives what the server sends after the packet's status byte; hands bodies without checksum on to `decoder`. Pure.

Source: MySQL Source Code Documentation, "Binlog Event"; MariaDB documentation, "2-Binlog Event Header".
"""

from __future__ import annotations

import struct
import zlib
from enum import IntEnum
from typing import NamedTuple

from boathouse.contracts.errors import ProtocolViolation

HEADER_BYTES = 19
CHECKSUM_BYTES = 4
CHECKSUM_OFF, CHECKSUM_CRC32 = 0, 1
ARTIFICIAL = 0x20
"""Header flag: made for this connection, not in the file."""
IGNORABLE = 0x80
"""Header flag: a reader that does not know the type may go on."""


class MalformedEvent(ProtocolViolation):
    """Bytes that are no binlog event; nothing of the event was used."""

    hint = "The stream is damaged or of an unknown version: start again from the last stored position."


class Type(IntEnum):
    """Numbers of event types; MariaDB's own begin at 160."""

    QUERY = 2
    STOP = 3
    ROTATE = 4
    INTVAR = 5
    SLAVE = 7
    APPEND_BLOCK = 9
    DELETE_FILE = 11
    RAND = 13
    USER_VAR = 14
    FORMAT_DESCRIPTION = 15
    XID = 16
    BEGIN_LOAD_QUERY = 17
    EXECUTE_LOAD_QUERY = 18
    TABLE_MAP = 19
    WRITE_ROWS_V1 = 23
    UPDATE_ROWS_V1 = 24
    DELETE_ROWS_V1 = 25
    INCIDENT = 26
    HEARTBEAT = 27
    IGNORABLE = 28
    ROWS_QUERY = 29
    WRITE_ROWS = 30
    UPDATE_ROWS = 31
    DELETE_ROWS = 32
    GTID = 33
    ANONYMOUS_GTID = 34
    PREVIOUS_GTIDS = 35
    TRANSACTION_CONTEXT = 36
    VIEW_CHANGE = 37
    XA_PREPARE = 38
    PARTIAL_UPDATE_ROWS = 39
    TRANSACTION_PAYLOAD = 40
    HEARTBEAT_V2 = 41
    GTID_TAGGED = 42
    ANNOTATE_ROWS = 160
    BINLOG_CHECKPOINT = 161
    MARIADB_GTID = 162
    MARIADB_GTID_LIST = 163
    START_ENCRYPTION = 164
    QUERY_COMPRESSED = 165
    WRITE_ROWS_COMPRESSED_V1 = 166
    UPDATE_ROWS_COMPRESSED_V1 = 167
    DELETE_ROWS_COMPRESSED_V1 = 168
    WRITE_ROWS_COMPRESSED = 169
    UPDATE_ROWS_COMPRESSED = 170
    DELETE_ROWS_COMPRESSED = 171


class Header(NamedTuple):
    """An event's header; a tuple, for there is one for each event.

    Args:
        timestamp: seconds since 1970 at the server that wrote the event first.
        type: its number, see `Type`; may be one we do not know.
        server_id: the server that wrote it first.
        size: of the whole event, checksum included, in bytes.
        next_position: of the event's end in the file; 0 in events made for the connection.
        flags: see `ARTIFICIAL` and `IGNORABLE`.
    """

    timestamp: int
    type: int
    server_id: int
    size: int
    next_position: int
    flags: int


_HEADER = struct.Struct("<IBIIIH")
_made = tuple.__new__


def read_header(event: bytes) -> Header:
    """The header of an event; its size must be the event's."""
    if len(event) < HEADER_BYTES:
        raise MalformedEvent(f"a binlog event of {len(event)} bytes is shorter than its header")
    header = _made(Header, _HEADER.unpack_from(event))
    if header[3] != len(event):
        raise MalformedEvent(f"a binlog event says it has {header.size} bytes but has {len(event)}")
    return header


RIGHT = 0x2144DF1C
"""CRC-32 of any bytes that end with their own CRC-32, lowest byte first."""


def body_of(event: bytes, checksum: int, *, verify: bool = True) -> bytes:
    """What follows the header, without the checksum, which is compared first."""
    if checksum == CHECKSUM_OFF:
        return event[HEADER_BYTES:]
    if len(event) < HEADER_BYTES + CHECKSUM_BYTES:
        raise MalformedEvent("a binlog event has no room for its checksum")
    if verify and zlib.crc32(event) != RIGHT:
        raise MalformedEvent(f"the checksum of a binlog event of type {event[4]} is wrong")
    return event[HEADER_BYTES:-CHECKSUM_BYTES]


class Cursor:
    """Reads little-endian values one after the other; past the end it raises `MalformedEvent`."""

    __slots__ = ("at", "content", "end")

    def __init__(self, content: bytes, at: int = 0) -> None:
        self.content = content
        self.at = at
        self.end = len(content)

    def take(self, count: int) -> bytes:
        """The next `count` bytes."""
        start, self.at = self.at, self.at + count
        if count < 0 or self.at > self.end:
            raise MalformedEvent(f"a binlog event ends {self.at - self.end} bytes too early")
        return self.content[start : self.at]

    def integer(self, count: int) -> int:
        """An unsigned integer of `count` bytes."""
        return int.from_bytes(self.take(count), "little")

    def length(self) -> int:
        """A length-encoded integer."""
        first = self.integer(1)
        if first < 0xFB:
            return first
        if first == 0xFC:
            return self.integer(2)
        if first == 0xFD:
            return self.integer(3)
        if first == 0xFE:
            return self.integer(8)
        raise MalformedEvent(f"{first:#x} begins no length")

    def text(self) -> str:
        """A name: length-encoded, UTF-8."""
        return utf8(self.take(self.length()))

    def rest(self) -> bytes:
        """Everything that is left."""
        return self.take(self.end - self.at)

    @property
    def left(self) -> int:
        """Bytes not read yet."""
        return self.end - self.at


def utf8(content: bytes) -> str:
    """Names travel as UTF-8."""
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise MalformedEvent("a name in a binlog event is not UTF-8") from error
