"""Events that carry no rows: where the log goes on, where transactions begin and end, statements, identifiers.

Receives bodies from `decoder`, hands values on to the source, which nobody changes; those that each transaction has are
not frozen, as that makes each dearer. Pure.

Source: MySQL Source Code Documentation, "Replication events"; MariaDB documentation, "Replication protocol".
"""

from __future__ import annotations

import functools
import struct
import uuid
from dataclasses import dataclass

from boathouse.capture.mysql.decode.compression import inflate
from boathouse.capture.mysql.decode.frames import CHECKSUM_CRC32, CHECKSUM_OFF, Cursor, MalformedEvent, utf8


@dataclass(frozen=True, slots=True)
class FormatDescription:
    """The first event of each file.

    Args:
        server_version: as `10.11.6-MariaDB-log`.
        checksum: `CHECKSUM_OFF` or `CHECKSUM_CRC32`, of all events that follow.
        post_header_bytes: lengths by type number - 1.
    """

    server_version: str
    checksum: int
    post_header_bytes: bytes


@dataclass(frozen=True, slots=True)
class Rotate:
    """The log goes on in `file` at `position`."""

    file: str
    position: int


@dataclass(frozen=True, slots=True)
class Query:
    """A statement's text: `BEGIN`, `COMMIT`, DDL, or a change that was not logged by row."""

    schema: str
    text: str


@dataclass(slots=True)
class Xid:
    """The transaction is committed."""

    number: int


@dataclass(slots=True)
class Gtid:
    """MySQL: the transaction's identifier; `source` is the server's UUID, empty for an anonymous transaction."""

    source: str
    number: int


@dataclass(slots=True)
class MariaGtid:
    """MariaDB: the group's identifier and what kind of group begins.

    Args:
        domain, server, sequence: the identifier `domain-server-sequence`.
        is_standalone: a single statement follows, no `COMMIT` or XID ends it.
        is_xa: part of a two-phase transaction.
    """

    domain: int
    server: int
    sequence: int
    is_standalone: bool
    is_xa: bool


@dataclass(frozen=True, slots=True)
class GtidList:
    """MariaDB: the state at the start of a file, `(domain, server, sequence)` each."""

    entries: tuple[tuple[int, int, int], ...]


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """Nothing happened; the server is there."""


@dataclass(frozen=True, slots=True)
class Passed:
    """An event without meaning for captured rows: the type's number."""

    type: int


def read_format_description(body: bytes) -> FormatDescription:
    """The body with its own checksum, which is always there since MySQL 5.6.1: its algorithm says what follows."""
    cursor = Cursor(body)
    version = cursor.integer(2)
    if version != 4:
        raise MalformedEvent(f"binlog version {version} is not 4")
    server = utf8(cursor.take(50).split(b"\0", 1)[0])
    cursor.take(4)
    if cursor.integer(1) != 19:
        raise MalformedEvent("the header of this binlog's events has not 19 bytes")
    rest = cursor.rest()
    if len(rest) < 40:
        raise MalformedEvent("the description of the binlog's format is too short")
    checksum = rest[-5]
    if checksum not in (CHECKSUM_OFF, CHECKSUM_CRC32):
        raise MalformedEvent(f"checksum algorithm {checksum} is not known")
    return FormatDescription(server, checksum, rest[:-5])


def read_rotate(body: bytes) -> Rotate:
    """The next file."""
    cursor = Cursor(body)
    position = cursor.integer(8)
    return Rotate(utf8(cursor.rest()), position)


_QUERY = struct.Struct("<8xB2xH")


def read_query(body: bytes, *, is_compressed: bool = False) -> Query:
    """A statement; bytes of its text that are no UTF-8 are kept as escapes, for only its words are looked at."""
    if len(body) < _QUERY.size:
        raise MalformedEvent("a statement is cut short")
    schema_length, status_length = _QUERY.unpack_from(body)
    cursor = Cursor(body, _QUERY.size + status_length)
    schema = utf8(cursor.take(schema_length))
    cursor.take(1)
    text = inflate(cursor.rest()) if is_compressed else cursor.rest()
    return Query(schema, text.decode("utf-8", "backslashreplace"))


def read_xid(body: bytes) -> Xid:
    """The commit of a transaction of a transactional engine."""
    if len(body) < 8:
        raise MalformedEvent("the end of a transaction is cut short")
    return Xid(int.from_bytes(body[:8], "little"))


_GTID = struct.Struct("<x16sQ")


def read_gtid(body: bytes) -> Gtid:
    """MySQL's identifier; only `anonymous` ones have number 0."""
    if len(body) < _GTID.size:
        raise MalformedEvent("a GTID is cut short")
    source, number = _GTID.unpack_from(body)
    return Gtid(_source(source) if number else "", number)


@functools.lru_cache(maxsize=64)
def _source(content: bytes) -> str:
    return str(uuid.UUID(bytes=content))


_MARIA_GTID = struct.Struct("<QIB")
_STANDALONE, _PREPARED_XA, _COMPLETED_XA = 1, 64, 128


def read_mariadb_gtid(body: bytes, server: int) -> MariaGtid:
    """MariaDB's identifier; the server's number is in the event's header."""
    if len(body) < _MARIA_GTID.size:
        raise MalformedEvent("a GTID of MariaDB is cut short")
    sequence, domain, flags = _MARIA_GTID.unpack_from(body)
    return MariaGtid(domain, server, sequence, bool(flags & _STANDALONE), bool(flags & (_PREPARED_XA | _COMPLETED_XA)))


def read_gtid_list(body: bytes) -> GtidList:
    """MariaDB's state at the start of a file."""
    cursor = Cursor(body)
    count = cursor.integer(4) & 0x0FFFFFFF
    if count * 16 > cursor.left:
        raise MalformedEvent(f"a list of {count} GTIDs has only {cursor.left} bytes")
    return GtidList(tuple((cursor.integer(4), cursor.integer(4), cursor.integer(8)) for _ in range(count)))
