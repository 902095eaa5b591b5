"""From the bytes of binlog events to their values: remembers the checksum in force and the tables announced.

Receives events as the server sends them; hands `(Header, value)` pairs on to the source. Rows stay bytes (`Rows`): only the
source knows which tables are captured, and `row_plan` reads those. Pure: no socket, no clock.

Nothing that may carry rows is passed over: an unknown type is an error unless its sender marks it as ignorable.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from zlib import crc32

from boathouse.capture.mysql.decode import events
from boathouse.capture.mysql.decode.compression import inflate, unpack_payload
from boathouse.capture.mysql.decode.frames import (
    CHECKSUM_BYTES,
    CHECKSUM_CRC32,
    CHECKSUM_OFF,
    HEADER_BYTES,
    IGNORABLE,
    RIGHT,
    Cursor,
    Header,
    MalformedEvent,
    Type,
    body_of,
    read_header,
)
from boathouse.capture.mysql.decode.table_map import TableMap, read_table_map
from boathouse.contracts.errors import FeatureNotSupported
from boathouse.contracts.source_errors import SourceGap

TABLES_KEPT_MAX = 10_000


class RowsKind(StrEnum):
    """What happened to the rows."""

    INSERT = "insert"
    UPDATE = "update"
    DELETE = "delete"


@dataclass(slots=True)
class Rows:
    """Row images of one table; an UPDATE's stand in pairs, before and after. Never changed; not frozen, as that is dearer.

    Args:
        table: as its TABLE_MAP says.
        content: bytes that hold the images from `start` on.
        refusal: why the images cannot be read as whole rows; empty where they can.
        ends_statement: the last of the statement's events.
    """

    table: TableMap
    kind: RowsKind
    content: bytes = field(repr=False)
    start: int
    refusal: str
    ends_statement: bool


Event = (
    events.FormatDescription
    | events.Rotate
    | events.Query
    | events.Xid
    | events.Gtid
    | events.MariaGtid
    | events.GtidList
    | events.Heartbeat
    | events.Passed
    | TableMap
    | Rows
)

_INSERT, _UPDATE, _DELETE = RowsKind.INSERT, RowsKind.UPDATE, RowsKind.DELETE
_ROWS: dict[int, tuple[RowsKind, bool, bool]] = {  # kind, version 2, compressed
    Type.WRITE_ROWS_V1: (_INSERT, False, False),
    Type.UPDATE_ROWS_V1: (_UPDATE, False, False),
    Type.DELETE_ROWS_V1: (_DELETE, False, False),
    Type.WRITE_ROWS: (_INSERT, True, False),
    Type.UPDATE_ROWS: (_UPDATE, True, False),
    Type.PARTIAL_UPDATE_ROWS: (_UPDATE, True, False),
    Type.DELETE_ROWS: (_DELETE, True, False),
    Type.WRITE_ROWS_COMPRESSED_V1: (_INSERT, False, True),
    Type.UPDATE_ROWS_COMPRESSED_V1: (_UPDATE, False, True),
    Type.DELETE_ROWS_COMPRESSED_V1: (_DELETE, False, True),
    Type.WRITE_ROWS_COMPRESSED: (_INSERT, True, True),
    Type.UPDATE_ROWS_COMPRESSED: (_UPDATE, True, True),
    Type.DELETE_ROWS_COMPRESSED: (_DELETE, True, True),
}
_PASSED = frozenset(
    (
        Type.STOP,
        Type.INTVAR,  # these three belong to a statement that follows and is refused by its text
        Type.RAND,
        Type.USER_VAR,
        Type.IGNORABLE,
        Type.ROWS_QUERY,
        Type.PREVIOUS_GTIDS,
        Type.TRANSACTION_CONTEXT,
        Type.VIEW_CHANGE,
        Type.XA_PREPARE,  # the source refuses captured rows of a transaction that ends with it
        Type.ANNOTATE_ROWS,
        Type.BINLOG_CHECKPOINT,
        Type.START_ENCRYPTION,
    )
)
_REFUSED = {
    Type.GTID_TAGGED: "a GTID with a tag",
    Type.BEGIN_LOAD_QUERY: "a LOAD DATA that was logged as a statement",
    Type.EXECUTE_LOAD_QUERY: "a LOAD DATA that was logged as a statement",
    Type.APPEND_BLOCK: "a LOAD DATA that was logged as a statement",
}
_SIMPLE: dict[int, Callable[[bytes], Event]] = {
    Type.ROTATE: events.read_rotate,
    Type.QUERY: events.read_query,
    Type.QUERY_COMPRESSED: lambda body: events.read_query(body, is_compressed=True),
    Type.XID: events.read_xid,
    Type.GTID: events.read_gtid,
    Type.ANONYMOUS_GTID: lambda _: events.Gtid("", 0),
    Type.MARIADB_GTID_LIST: events.read_gtid_list,
    Type.HEARTBEAT: lambda _: events.Heartbeat(),
    Type.HEARTBEAT_V2: lambda _: events.Heartbeat(),
}


_FORMAT, _PAYLOAD, _TABLE_MAP, _MARIADB_GTID = map(
    int, (Type.FORMAT_DESCRIPTION, Type.TRANSACTION_PAYLOAD, Type.TABLE_MAP, Type.MARIADB_GTID)
)
"""Compared with every event's."""
_SMALL = frozenset(map(int, (Type.MARIADB_GTID, Type.GTID, Type.TABLE_MAP, Type.XID, Type.QUERY, *_ROWS)))
"""What transactions are made of, however small: read in the shortest way."""
_SMALL_BYTES = HEADER_BYTES + CHECKSUM_BYTES


class Decoder:
    """Reads the events of one stream, in order."""

    def __init__(self, checksum: int = CHECKSUM_CRC32, *, verify: bool = True) -> None:
        """`checksum`: of the events before the first description of the format, as the session asked for it."""
        self.checksum = checksum
        self.verify = verify
        self._tables: dict[int, TableMap] = {}
        self._shapes: dict[bytes, TableMap] = {}
        self._heads: dict[tuple[int, bytes], tuple[bytes, TableMap, str]] = {}

    def decode(self, event: bytes) -> list[tuple[Header, Event]]:
        """The values of one event: one, or for a compressed transaction all of its events.

        Raises:
            MalformedEvent: bytes that are no event.
            FeatureNotSupported: an event that may carry changes and is not read.
            SourceGap: the server says that its log misses changes.
        """
        header = read_header(event)
        kind = header[1]
        if kind in _SMALL and self.checksum == CHECKSUM_CRC32 and len(event) >= _SMALL_BYTES and crc32(event) == RIGHT:
            return [(header, self._value(header, kind, event[HEADER_BYTES:-CHECKSUM_BYTES]))]
        if header.type == _FORMAT:
            body = body_of(event, CHECKSUM_OFF)
            described = events.read_format_description(body)
            body_of(event, described.checksum, verify=self.verify)
            self.checksum = described.checksum
            return [(header, described)]
        body = body_of(event, self.checksum, verify=self.verify)
        if header.type == _PAYLOAD:
            return list(self._payload(unpack_payload(body)))
        return [(header, self._value(header, kind, body))]

    def _payload(self, plain: bytes) -> Iterator[tuple[Header, Event]]:
        at = 0
        while at < len(plain):
            size = int.from_bytes(plain[at + 9 : at + 13], "little")
            inner = plain[at : at + size]
            header = read_header(inner)
            if header.type in (Type.TRANSACTION_PAYLOAD, Type.FORMAT_DESCRIPTION):
                raise MalformedEvent(f"an event of type {header.type} inside a compressed transaction")
            yield header, self._value(header, header.type, body_of(inner, CHECKSUM_OFF))
            at += size

    def _value(self, header: Header, kind: int, body: bytes) -> Event:
        if kind in _ROWS:
            return self._rows(kind, body)
        if kind == _TABLE_MAP:
            return self._announce(body)
        if kind == _MARIADB_GTID:
            return events.read_mariadb_gtid(body, header.server_id)
        if kind in _SIMPLE:
            return _SIMPLE[kind](body)
        if kind == Type.INCIDENT:
            raise SourceGap("the server reports an incident: its binlog misses changes")
        if kind in _REFUSED:
            raise FeatureNotSupported(f"the binlog holds {_REFUSED[Type(kind)]}, which is not captured")
        if kind in _PASSED or header.flags & IGNORABLE:
            return events.Passed(kind)
        raise FeatureNotSupported(f"a binlog event of type {kind} is not known and may carry changes")

    def _announce(self, body: bytes) -> TableMap:
        table = self._shapes.get(body[6:])
        if table is None:
            if len(self._shapes) >= TABLES_KEPT_MAX:
                self._shapes.clear()
            table = self._shapes[body[6:]] = read_table_map(body)
        if len(self._tables) >= TABLES_KEPT_MAX:
            self._tables.clear()
        number = int.from_bytes(body[:6], "little")
        if self._tables.get(number) is not table:
            self._tables[number] = table
            self._heads.clear()
        return table

    def _rows(self, kind: int, body: bytes) -> Event:
        what, is_second, is_compressed = _ROWS[kind]
        head_of = kind, body[:8]
        known = self._heads.get(head_of)
        if known is not None and body.startswith(known[0]):  # as the last event of this table
            start = len(known[0])
            if is_compressed:
                body, start = inflate(body[start:]), 0
            return Rows(known[1], what, body, start, known[2], bool(head_of[1][6] & 1))
        cursor = Cursor(body)
        head = cursor.integer(8)
        number, flags = head & 0xFFFFFFFFFFFF, head >> 48
        if is_second:
            cursor.take(cursor.integer(2) - 2)
        count = cursor.length()
        if count == 0 or number == 0xFFFFFF:
            return events.Passed(kind)  # only ends a statement
        table = self._tables.get(number)
        if table is None:
            raise MalformedEvent(f"rows of table number {number}, which was not announced")
        refusal = "" if kind != Type.PARTIAL_UPDATE_ROWS else "binlog_row_value_options = PARTIAL_JSON"
        if count != len(table.columns):
            raise MalformedEvent(f"rows of {count} columns for {table.schema}.{table.table} of {len(table.columns)}")
        every = (1 << count) - 1
        for _ in range(2 if what is _UPDATE else 1):
            if cursor.integer((count + 7) // 8) & every != every:
                refusal = refusal or "binlog_row_image other than FULL"
        start = cursor.at
        if len(self._heads) >= TABLES_KEPT_MAX:
            self._heads.clear()
        self._heads[head_of] = body[:start], table, refusal
        if is_compressed:
            body, start = inflate(cursor.rest()), 0
        return Rows(table, what, body, start, refusal, bool(flags & 1))
