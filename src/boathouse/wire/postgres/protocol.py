"""The server's half of the conversation as a machine without I/O: bytes in, whole requests out.

Fed by the endpoint with whatever the socket gave; hands over one decoded request at a time and leaves out what the
protocol says must be ignored: everything up to Sync after an error in an extended batch, Flush and Sync while
the client copies in, what is left of a copy that has failed. Source: PostgreSQL documentation, chapter "Message
Flow"; the size limits before authentication are PostgreSQL's own.
"""

from __future__ import annotations

from enum import Enum

from boathouse.contracts.errors import ProtocolViolation
from boathouse.wire.postgres.requests import (
    BATCH_KINDS,
    KINDS,
    CopyData,
    CopyDone,
    CopyFail,
    Flush,
    Malformed,
    PasswordMessage,
    Request,
    StartupMessage,
    StartupRequest,
    Sync,
    Terminate,
    decode,
    decode_digest,
    decode_startup,
)

STARTUP_BYTES_MAX = 10_000
AUTHENTICATION_BYTES_MAX = 65_535
_COMPACT_BYTES = 65_536


class Phase(Enum):
    """Where the conversation stands."""

    STARTUP = "startup"
    AUTHENTICATING = "authenticating"
    READY = "ready"
    COPYING = "copying"
    SKIPPING = "skipping"


class Protocol:
    """One connection's framing and state.

    Args:
        message_bytes_max: the largest message accepted after authentication.
    """

    def __init__(self, message_bytes_max: int) -> None:
        self._buffer = bytearray()
        self._at = 0
        self._message_bytes_max = message_bytes_max
        self.phase = Phase.STARTUP

    def feed(self, data: bytes) -> None:
        """Take bytes from the client."""
        if self._at > _COMPACT_BYTES or self._at == len(self._buffer):
            del self._buffer[: self._at]
            self._at = 0
        self._buffer += data

    @property
    def pending_bytes(self) -> int:
        """Bytes fed and not yet taken as requests."""
        return len(self._buffer) - self._at

    def startup_request(self) -> StartupRequest | None:
        """The next packet before authentication, or None until more bytes are fed."""
        body = self._untyped_packet()
        if body is None:
            return None
        request = decode_startup(body)
        if isinstance(request, StartupMessage):
            self.phase = Phase.AUTHENTICATING
        return request

    def authenticated(self) -> None:
        """The client has proved who it is: queries may come."""
        self.phase = Phase.READY

    def fail_batch(self) -> None:
        """An error in an extended batch: everything up to the next Sync is left out."""
        self.phase = Phase.SKIPPING

    def begin_copy(self) -> None:
        """CopyInResponse was sent: only copy messages count until `end_copy`."""
        self.phase = Phase.COPYING

    def end_copy(self) -> None:
        """The copy is over, well or badly; what the client still sends of it is left out."""
        self.phase = Phase.READY

    def next_request(self) -> Request | None:
        """The next request that counts, or None until more bytes are fed.

        A message whose frame is right and whose content is wrong comes as `Malformed`: an ordinary error.

        Raises:
            ProtocolViolation: the stream cannot be understood any more; the connection must end.
        """
        while True:
            packet = self._typed_packet()
            if packet is None:
                return None
            request = self._decode(*packet)
            if self._counts(request):
                return request

    def next_packet(self) -> tuple[int, bytes] | None:
        """The next message as it came, whole, with its type byte, or None until more bytes are fed; for who passes it on.

        Raises:
            ProtocolViolation: as `next_request`.
        """
        start = self._at
        packet = self._typed_packet()
        return None if packet is None else (packet[0], bytes(memoryview(self._buffer)[start : self._at]))

    def next_is_sync(self) -> bool:
        """True where the bytes at hand begin with a Sync, or a Flush and a Sync: no statement follows in the batch."""
        at = self._at
        if self._buffer[at : at + 5] == b"H\0\0\0\4":
            at += 5
        return self._buffer[at : at + 5] == b"S\0\0\0\4"

    def _decode(self, kind: int, body: bytes) -> Request:
        if self.phase is Phase.AUTHENTICATING:
            return decode_digest(body) if kind == ord("d") else PasswordMessage(body)
        if self.phase is Phase.SKIPPING and kind not in (ord("S"), ord("X")):
            return Flush()
        try:
            return decode(kind, body)
        except ProtocolViolation as error:
            if self.phase is Phase.COPYING:
                raise
            return Malformed(error, in_batch=kind in BATCH_KINDS)

    def _counts(self, request: Request) -> bool:
        if self.phase is Phase.SKIPPING:
            if isinstance(request, Sync):
                self.phase = Phase.READY
            return isinstance(request, Sync | Terminate)
        if self.phase is Phase.COPYING:
            if isinstance(request, Flush | Sync):
                return False
            if not isinstance(request, CopyData | CopyDone | CopyFail | Terminate):
                raise ProtocolViolation(f"unexpected {type(request).__name__} message during COPY from stdin")
            return True
        if self.phase is Phase.READY:
            if isinstance(request, PasswordMessage):
                raise ProtocolViolation("unexpected password message")
            return not isinstance(request, CopyData | CopyDone | CopyFail)
        return True

    def _untyped_packet(self) -> bytes | None:
        if self.pending_bytes < 4:
            return None
        size = int.from_bytes(self._buffer[self._at : self._at + 4], "big")
        if not 8 <= size <= STARTUP_BYTES_MAX:
            raise ProtocolViolation("invalid length of startup packet")
        return self._take(4, size - 4)

    def _typed_packet(self) -> tuple[int, bytes] | None:
        if self.pending_bytes < 5:
            # The type alone already tells whether this is the protocol at all.
            if self.pending_bytes:
                self._check_kind(self._buffer[self._at])
            return None
        kind = self._buffer[self._at]
        self._check_kind(kind)
        size = int.from_bytes(self._buffer[self._at + 1 : self._at + 5], "big", signed=True)
        authenticating = self.phase is Phase.AUTHENTICATING
        limit = AUTHENTICATION_BYTES_MAX if authenticating else self._message_bytes_max
        if not 4 <= size <= limit:
            raise ProtocolViolation(
                f"message of {size} bytes: lengths from 4 to {limit} are accepted",
                hint=None if authenticating else "Raise message_bytes_max, or send less in one message.",
            )
        body = self._take(5, size - 4)
        return None if body is None else (kind, body)

    def _check_kind(self, kind: int) -> None:
        known = (ord("p"), ord("d")) if self.phase is Phase.AUTHENTICATING else KINDS
        if kind not in known:
            raise ProtocolViolation(f"invalid frontend message type {kind}")

    def _take(self, head: int, size: int) -> bytes | None:
        start = self._at + head
        if len(self._buffer) < start + size:
            return None
        body = bytes(memoryview(self._buffer)[start : start + size])
        self._at = start + size
        return body
