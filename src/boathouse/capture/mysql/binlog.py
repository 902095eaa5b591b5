"""The socket that a server sends its binlog through.

Receives a connection that PyMySQL opened and authenticated (TLS included) and how far the log was read; hands events on as
bytes, for `decode` to read. After the handshake the socket is ours: PyMySQL reads one packet at a time in Python and has no
command for a binlog.

The server keeps no place for us, as PostgreSQL's slots do: what it has purged is gone, and it says so before the first event.

Source: MySQL Source Code Documentation, "COM_BINLOG_DUMP_GTID"; MariaDB documentation, "5-Slave Registration".
"""

from __future__ import annotations

import socket
import struct
import time
import zlib
from contextlib import suppress
from types import TracebackType
from typing import Protocol, Self, cast

from pymysql.connections import Connection

from boathouse.capture.mysql.connect import first_answer, rows, text
from boathouse.capture.mysql.decode.frames import CHECKSUM_CRC32, CHECKSUM_OFF
from boathouse.capture.mysql.gtids import GtidSet, GtidVector
from boathouse.contracts.errors import ProtocolViolation
from boathouse.contracts.source_errors import SourceGap, SourceRefused, SourceUnavailable

HEARTBEAT_SECONDS = 10
SILENT_SECONDS_MAX = 3 * HEARTBEAT_SECONDS
"""A server that sends neither events nor heartbeats for so long is gone."""
WRITE_SECONDS_MAX = 436_000
"""How long the server waits for us while an output is slow, or the next round is not due, before it ends the connection."""
EVENT_BYTES_MAX = 1 << 30
_SOON_SECONDS, _WAIT_SECONDS = 0.02, 1.0
_READ_BYTES = 1 << 20
_REGISTER, _DUMP, _DUMP_GTID = 0x15, 0x12, 0x1E
_PACKET_MAX = 0xFFFFFF
_PURGED = {1236, 1789}  # ER_MASTER_FATAL_ERROR_READING_BINLOG, ER_MASTER_HAS_PURGED_REQUIRED_GTIDS
_PASSING_WORDS = ("server_uuid/server_id", "out of disk space", "memory allocation failed", "I/O error")
"""Of 1236, which stands for whatever ends a stream: another of our number has come, or the server's disk or memory is short."""
_TOO_LARGE = "max_allowed_packet"


def patience(silent: float) -> float:
    """How long to wait for more of the log, in seconds, which was silent for so many. Whoever gathers changes commits them at the
    next moment that he is told of: none is late by more than a quarter of what he gathers for, or 0.02 s."""
    return min(max(silent / 4, _SOON_SECONDS), _WAIT_SECONDS)


class _Socket(Protocol):
    def sendall(self, content: bytes, /) -> None: ...
    def recv(self, count: int, /) -> bytes: ...
    def settimeout(self, seconds: float | None, /) -> None: ...
    def shutdown(self, how: int, /) -> None: ...
    def close(self) -> None: ...


class BinlogStream:
    """An open stream of events; also a context manager that closes it."""

    def __init__(
        self, connection: Connection, server_id: int, position: GtidSet | GtidVector, host: str = "boathouse"
    ) -> None:
        """Ask for everything after `position`; `host` is what the server lists us as.

        Raises:
            SourceGap: on the first `read`, when the log does not reach back to `position`.
        """
        self.checksum = _prepare(connection, position)
        self._connection = connection
        self._socket = cast(_Socket, connection._sock)  # type: ignore[attr-defined]
        self._buffer = bytearray()
        self._needed = 4
        self._heard = time.monotonic()
        shown = host.encode("ascii", "replace")[:60]
        self._send(struct.pack(f"<BIB{len(shown)}sBBHII", _REGISTER, server_id, len(shown), shown, 0, 0, 0, 0, 0))
        self._socket.settimeout(SILENT_SECONDS_MAX)
        while not (answers := self._packets()):
            if not self._fill():
                raise SourceUnavailable("the server does not answer a replica that registers")
        _check_status(answers[0])
        self._send(_dump_command(server_id, position))

    def read(self, seconds: float) -> list[bytes]:
        """The events that came, in order; waits up to `seconds` for the first, then returns an empty list.

        Raises:
            SourceGap: the server cannot send what was asked for.
            SourceUnavailable: the connection ended, or the server fell silent.
        """
        deadline = time.monotonic() + seconds
        while not (packets := self._packets()):
            self._socket.settimeout(max(deadline - time.monotonic(), 0.0005))
            if not self._fill() and time.monotonic() >= deadline:
                if time.monotonic() - self._heard > SILENT_SECONDS_MAX:
                    raise SourceUnavailable(f"the server was silent for more than {SILENT_SECONDS_MAX} seconds")
                return []
        for packet in packets:
            if packet[:1] != b"\0":
                _check_status(packet)
        return [packet[1:] for packet in packets]

    def _fill(self) -> bool:
        try:
            content = self._socket.recv(_READ_BYTES)
        except TimeoutError:
            return False
        except OSError as error:
            raise SourceUnavailable("the connection to the server broke") from error
        if not content:
            raise SourceUnavailable("the server ended the connection")
        self._heard = time.monotonic()
        self._buffer += content
        return True

    def _packets(self) -> list[bytes]:
        """All whole packets in the buffer; those of 16 MiB are joined with what follows them."""
        found: list[bytes] = []
        if len(self._buffer) < self._needed:
            return found
        content, at, end = bytes(self._buffer), 0, len(self._buffer)
        parts: list[bytes] = []
        size = done = 0
        while end - at >= 4:
            length = content[at] | content[at + 1] << 8 | content[at + 2] << 16
            stop = at + 4 + length
            if stop > end:
                self._needed = stop - done
                break
            at = stop
            if length == _PACKET_MAX or parts:
                parts.append(content[stop - length : stop])
                size += length
                if size > EVENT_BYTES_MAX:
                    raise ProtocolViolation(f"an event of more than {EVENT_BYTES_MAX} bytes")
                if length == _PACKET_MAX:
                    continue
                found.append(b"".join(parts))
                parts, size = [], 0
            else:
                found.append(content[stop - length : stop])
            done = at
        else:
            self._needed = at + 4 - done
        del self._buffer[:done]
        return found

    def _send(self, command: bytes) -> None:
        try:
            self._socket.sendall(struct.pack("<I", len(command)) + command)  # the fourth byte: packet number 0
        except OSError as error:
            raise SourceUnavailable("the connection to the server broke") from error

    def close(self) -> None:
        """End the stream; the server notices when it next writes."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)  # wakes a reader in another thread
        self._socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def replica_number(connection: Connection, name: str) -> int:
    """The number that we register under, from the capture's name. Replicas of our own name are an earlier stream of it.

    Raises:
        SourceRefused: a server or another replica has it already; the source would end either one's stream.
    """
    number = 1 << 30 | zlib.crc32(name.encode()) >> 2
    ((own,),) = rows(connection, "SELECT @@global.server_id")
    others = first_answer(connection, "SHOW REPLICAS", "SHOW SLAVE HOSTS")
    hosts = {int(row[0] or 0): (row[1] or b"").decode() for row in others}
    if int(own or 0) == number or hosts.get(number, name) != name:
        raise SourceRefused(
            f"another replica of the source has the number {number}, which comes from this capture's name",
            hint="Give the capture another name.",
        )
    return number


def _prepare(connection: Connection, position: GtidSet | GtidVector) -> int:
    """Say what we understand, by variables of the session; the checksum that events will have."""
    ((named,),) = rows(connection, "SELECT @@global.binlog_checksum")
    settings = [
        "@master_binlog_checksum = @@global.binlog_checksum",
        f"@master_heartbeat_period = {HEARTBEAT_SECONDS * 1_000_000_000}",
        f"SESSION net_write_timeout = {WRITE_SECONDS_MAX}",
    ]
    if isinstance(position, GtidSet):  # the names since MySQL 8.4
        settings += [one.replace("@master_", "@source_") for one in settings if one.startswith("@master_")]
    else:
        settings += [
            "@mariadb_slave_capability = 4",
            f"@slave_connect_state = {text(str(position))}",
            "@slave_gtid_strict_mode = 1",
            "@slave_gtid_ignore_duplicates = 0",
        ]
    for setting in settings:
        rows(connection, f"SET {setting}")
    raw = connection._sock  # type: ignore[attr-defined]
    if isinstance(raw, socket.socket) and raw.family in (socket.AF_INET, socket.AF_INET6):
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    return CHECKSUM_CRC32 if named == b"CRC32" else CHECKSUM_OFF


def _dump_command(server_id: int, position: GtidSet | GtidVector) -> bytes:
    if isinstance(position, GtidVector):  # the place is in @slave_connect_state; file and offset stay empty
        return struct.pack("<BIHI", _DUMP, 4, 0, server_id)
    packed = position.packed()
    return struct.pack("<BHIIQI", _DUMP_GTID, 4, server_id, 0, 4, len(packed)) + packed


def _check_status(packet: bytes) -> None:
    """The first byte of a packet: 0 is good, 255 an error, 254 the end of the stream."""
    if packet[:1] == b"\0":
        return
    if packet[:1] != b"\xff":
        raise SourceUnavailable("the server ended the binlog's stream")
    code = int.from_bytes(packet[1:3], "little")
    message = packet[3:].removeprefix(b"#")[5:] if packet[3:4] == b"#" else packet[3:]
    said = message.decode("utf-8", "replace")
    if code in _PURGED and any(one in said for one in _PASSING_WORDS):
        raise SourceUnavailable(f"the server ended the binlog's stream: error {code}: {said}")
    if code in _PURGED and _TOO_LARGE in said:
        raise SourceRefused(
            f"the server cannot send an event of its binlog: error {code}: {said}",
            hint="SET GLOBAL max_allowed_packet = 1073741824; then ALTER INTEGRATION … RESUME.",
        )
    if code in _PURGED:
        raise SourceGap(
            "the server's binlog does not reach back to the stored position",
            detail=f"error {code}: {said}",
        )
    raise SourceUnavailable(f"the server refused the binlog's stream: error {code}: {said}")
