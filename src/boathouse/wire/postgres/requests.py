"""Messages from the client, decoded: one frozen value per message, made by `protocol`, read by the endpoint.

Source: PostgreSQL documentation, "Frontend/Backend Protocol", chapter "Message Formats".
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from boathouse.contracts.errors import ProtocolViolation


@dataclass(frozen=True, slots=True)
class SSLRequest:
    """The client asks for TLS; answered by one byte."""


@dataclass(frozen=True, slots=True)
class GSSENCRequest:
    """The client asks for GSSAPI encryption; answered by one byte."""


@dataclass(frozen=True, slots=True)
class CancelRequest:
    """Cancels another connection's statement; never answered."""

    pid: int
    secret: int


@dataclass(frozen=True, slots=True)
class StartupMessage:
    """Opens a session.

    Attributes:
        major, minor: the protocol version that the client speaks.
        parameters: names and values as sent, `_pq_.` options among them.
    """

    major: int
    minor: int
    parameters: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class PasswordMessage:
    """Type `p`: a password or a SASL response, as the authentication in progress reads it."""

    data: bytes


@dataclass(frozen=True, slots=True)
class DigestResponse:
    """Type `d` during authentication: the answer of Amazon's drivers to code 13."""

    digest: bytes
    nonce: bytes


@dataclass(frozen=True, slots=True)
class Query:
    """Simple query: any number of statements."""

    text: str


@dataclass(frozen=True, slots=True)
class Parse:
    """Prepare a statement. `parameter_oids` may be shorter than the parameters; 0 means open."""

    name: str
    text: str
    parameter_oids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Bind:
    """Bind values to a prepared statement; formats hold 0, 1 or n codes; a value of None is NULL."""

    portal: str
    statement: str
    parameter_formats: tuple[int, ...]
    values: tuple[bytes | None, ...]
    result_formats: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Describe:
    """Ask what a statement ("S") or portal ("P") takes and gives."""

    kind: Literal["S", "P"]
    name: str


@dataclass(frozen=True, slots=True)
class Execute:
    """Run a portal; `rows_max` 0 is all rows."""

    portal: str
    rows_max: int


@dataclass(frozen=True, slots=True)
class Close:
    """Forget a statement ("S") or portal ("P")."""

    kind: Literal["S", "P"]
    name: str


@dataclass(frozen=True, slots=True)
class Flush:
    """Send what is ready."""


@dataclass(frozen=True, slots=True)
class Sync:
    """End of an extended-query batch."""


@dataclass(frozen=True, slots=True)
class FunctionCall:
    """The old fast path; refused, its content is not read."""


@dataclass(frozen=True, slots=True)
class Terminate:
    """Good-bye."""


@dataclass(frozen=True, slots=True)
class CopyData:
    """A piece of COPY … FROM STDIN; pieces need not end at row ends."""

    data: bytes


@dataclass(frozen=True, slots=True)
class CopyDone:
    """The whole of COPY … FROM STDIN has been sent."""


@dataclass(frozen=True, slots=True)
class CopyFail:
    """The client gives COPY … FROM STDIN up."""

    reason: str


@dataclass(frozen=True, slots=True)
class Malformed:
    """A message that is framed rightly and cannot be decoded.

    Attributes:
        error: what is wrong with it.
        in_batch: True for messages of the extended protocol, whose errors discard until Sync.
    """

    error: ProtocolViolation
    in_batch: bool


StartupRequest = SSLRequest | GSSENCRequest | CancelRequest | StartupMessage
Request = (
    PasswordMessage
    | DigestResponse
    | Query
    | Parse
    | Bind
    | Describe
    | Execute
    | Close
    | Flush
    | Sync
    | FunctionCall
    | Terminate
    | CopyData
    | CopyDone
    | CopyFail
    | Malformed
)

_CANCEL, _SSL, _GSSENC = 80877102, 80877103, 80877104


class _Reader:
    """Takes a message's body apart from left to right; ProtocolViolation wherever the bytes do not fit."""

    __slots__ = ("_at", "_body")

    def __init__(self, body: bytes) -> None:
        self._body = body
        self._at = 0

    def string(self) -> str:
        end = self._body.find(b"\0", self._at)
        if end < 0:
            raise ProtocolViolation("invalid string in message: no terminator")
        raw = self._body[self._at : end]
        self._at = end + 1
        try:
            return raw.decode("utf-8")
        except UnicodeDecodeError:
            raise ProtocolViolation('invalid byte sequence for encoding "UTF8"', sqlstate="22021") from None

    def take(self, size: int) -> bytes:
        end = self._at + size
        if size < 0 or end > len(self._body):
            raise ProtocolViolation("insufficient data left in message")
        raw = self._body[self._at : end]
        self._at = end
        return raw

    def int16(self) -> int:
        return int.from_bytes(self.take(2), "big", signed=True)

    def count(self) -> int:
        """A number of things: up to 65,535 parameters, as clients send them."""
        return int.from_bytes(self.take(2), "big")

    def int32(self) -> int:
        return int.from_bytes(self.take(4), "big", signed=True)

    def codes(self) -> tuple[int, ...]:
        count = self.count()
        codes = struct.unpack(f"!{count}h", self.take(2 * count))
        if any(code not in (0, 1) for code in codes):
            raise ProtocolViolation("unsupported format code: only 0 (text) and 1 (binary) exist")
        return codes

    def end(self) -> None:
        if self._at != len(self._body):
            raise ProtocolViolation("invalid message format: bytes left over")


def decode_startup(body: bytes) -> StartupRequest:
    """A packet without type byte, its length removed."""
    reader = _Reader(body)
    code = reader.int32()
    if code in (_SSL, _GSSENC):
        reader.end()
        return SSLRequest() if code == _SSL else GSSENCRequest()
    if code == _CANCEL:
        # A longer secret belongs to protocol 3.2, which is never agreed upon here; it can match nothing.
        return CancelRequest(reader.int32(), reader.int32())
    major, minor = code >> 16, code & 0xFFFF
    if major != 3:
        raise ProtocolViolation(f"unsupported frontend protocol {major}.{minor}: server supports 3.0", sqlstate="0A000")
    parameters: dict[str, str] = {}
    while name := reader.string():
        parameters[name] = reader.string()
    reader.end()
    return StartupMessage(major, minor, parameters)


def decode_digest(body: bytes) -> DigestResponse:
    """Type `d` during authentication."""
    reader = _Reader(body)
    digest = reader.take(reader.int32())
    nonce = reader.take(reader.int32())
    reader.end()
    return DigestResponse(digest, nonce)


def _query(reader: _Reader) -> Query:
    return Query(reader.string())


def _parse(reader: _Reader) -> Parse:
    name, text, count = reader.string(), reader.string(), reader.count()
    return Parse(name, text, struct.unpack(f"!{count}I", reader.take(4 * count)))


def _bind(reader: _Reader) -> Bind:
    portal, statement, formats = reader.string(), reader.string(), reader.codes()
    values: list[bytes | None] = []
    for _ in range(reader.count()):
        size = reader.int32()
        values.append(None if size == -1 else reader.take(size))
    return Bind(portal, statement, formats, tuple(values), reader.codes())


def _target(reader: _Reader) -> tuple[Literal["S", "P"], str]:
    kind = reader.take(1)
    if kind == b"S":
        return "S", reader.string()
    if kind == b"P":
        return "P", reader.string()
    raise ProtocolViolation(f"invalid target {kind!r}: only S (statement) and P (portal) exist")


def _execute(reader: _Reader) -> Execute:
    portal, rows_max = reader.string(), reader.int32()
    return Execute(portal, max(rows_max, 0))


_DECODERS: dict[int, Callable[[_Reader], Request]] = {
    ord("Q"): _query,
    ord("P"): _parse,
    ord("B"): _bind,
    ord("D"): lambda reader: Describe(*_target(reader)),
    ord("E"): _execute,
    ord("C"): lambda reader: Close(*_target(reader)),
    ord("H"): lambda reader: Flush(),
    ord("S"): lambda reader: Sync(),
    ord("X"): lambda reader: Terminate(),
    ord("c"): lambda reader: CopyDone(),
    ord("f"): lambda reader: CopyFail(reader.string()),
}

KINDS = frozenset(_DECODERS) | {ord("d"), ord("p"), ord("F")}
"""Every type byte that a client may send after authentication."""

BATCH_KINDS = frozenset(b"PBDEC")
"""The type bytes of the extended protocol whose errors discard until Sync."""


def decode(kind: int, body: bytes) -> Request:
    """One typed message; ProtocolViolation where type or content is not of the protocol."""
    if kind == ord("d"):
        return CopyData(body)
    if kind == ord("p"):
        return PasswordMessage(body)
    if kind == ord("F"):
        return FunctionCall()
    decoder = _DECODERS.get(kind)
    if decoder is None:
        raise ProtocolViolation(f"invalid frontend message type {kind}")
    reader = _Reader(body)
    request = decoder(reader)
    reader.end()
    return request
