"""The client's half of the protocol, for connections to other servers: requests as bytes, and passwords proved.

Pure: nonces are passed in by the caller. Handed to `engines.upstream`, and to whoever puts a request of its own between a
client's. Source: PostgreSQL documentation, chapters "Message Formats" and "SASL Authentication"; RFC 5802.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import struct
from collections.abc import Mapping

from boathouse.contracts.errors import ProtocolViolation
from boathouse.wire.postgres.messages import PROTOCOL_3_0
from boathouse.wire.postgres.scram import SCRAM, SCRAM_PLUS, prepare_password

_SSL, _CANCEL = 80877103, 80877102
_ITERATIONS_MAX = 10_000_000
"""A server that asks for more wants to keep its client busy."""


def _message(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("!i", len(body) + 4) + body


def _untyped(body: bytes) -> bytes:
    return struct.pack("!i", len(body) + 4) + body


def ssl_request() -> bytes:
    """SSLRequest."""
    return _untyped(struct.pack("!i", _SSL))


def cancel_request(key: bytes) -> bytes:
    """CancelRequest with the body of a BackendKeyData."""
    return _untyped(struct.pack("!i", _CANCEL) + key)


def startup(parameters: Mapping[str, str]) -> bytes:
    """StartupMessage of protocol 3.0."""
    pairs = b"".join(one.encode() + b"\0" for pair in parameters.items() for one in pair)
    return _untyped(struct.pack("!i", PROTOCOL_3_0) + pairs + b"\0")


def query(text: bytes) -> bytes:
    """Query."""
    return _message(b"Q", text + b"\0")


def parse(name: bytes, text: bytes) -> bytes:
    """Parse without types."""
    return _message(b"P", name + b"\0" + text + b"\0\0\0")


def execute(portal: bytes) -> bytes:
    """Execute without limit."""
    return _message(b"E", portal + b"\0\0\0\0\0")


TERMINATE = _message(b"X", b"")
SYNC = _message(b"S", b"")


def password(text: str) -> bytes:
    """PasswordMessage in clear; for encrypted connections."""
    return _message(b"p", text.encode() + b"\0")


def md5_password(user: str, text: str, salt: bytes) -> bytes:
    """PasswordMessage for AuthenticationMD5Password."""
    inner = hashlib.md5(text.encode() + user.encode(), usedforsecurity=False).hexdigest()
    outer = hashlib.md5(inner.encode() + salt, usedforsecurity=False).hexdigest()
    return _message(b"p", b"md5" + outer.encode() + b"\0")


def digest_password(text: str, request: bytes, nonce: bytes) -> bytes:
    """The answer to authentication code 13 of Redshift, whose body after the code is `request`.

    Raises:
        ProtocolViolation: another algorithm than SHA-256, or a body that is cut short.
    """
    try:
        algorithm, size = struct.unpack_from("!ii", request)
        salt = request[8 : 8 + size]
        (nonce_size,) = struct.unpack_from("!i", request, 8 + size)
        server_nonce = request[12 + size : 12 + size + nonce_size]
    except struct.error:
        raise ProtocolViolation("malformed digest request") from None
    if algorithm != 0:
        raise ProtocolViolation(f"digest algorithm {algorithm} is not known")
    kept = hashlib.sha256(text.encode() + salt).digest()
    digest = hashlib.sha256(kept + server_nonce + nonce).digest()
    return _message(b"d", struct.pack("!i", len(digest)) + digest + struct.pack("!i", len(nonce)) + nonce)


class ScramClient:
    """The client's side of one SCRAM exchange: `first`, `final`, `check`.

    Args:
        password: in clear.
        mechanisms: offered by the server.
        nonce: 18 or more random bytes.
        end_point: the `tls-server-end-point` data of the connection; None without TLS.
    """

    def __init__(self, password: str, mechanisms: tuple[str, ...], nonce: bytes, end_point: bytes | None) -> None:
        self._password = prepare_password(password)
        self._binds = SCRAM_PLUS in mechanisms and end_point is not None
        if not self._binds and SCRAM not in mechanisms:
            raise ProtocolViolation("the server offers no way to prove a password that is known here")
        self.mechanism = SCRAM_PLUS if self._binds else SCRAM
        # "y" says that the server seems not to offer binding: one that does sees that somebody removed the offer.
        flag = "p=tls-server-end-point" if self._binds else "n" if end_point is None else "y"
        self._header = f"{flag},,".encode()
        self._end_point = (end_point or b"") if self._binds else b""
        self._nonce = base64.b64encode(nonce).decode()
        self._bare = f"n=,r={self._nonce}"
        self._expected = b""

    def first(self) -> bytes:
        """SASLInitialResponse."""
        data = self._header + self._bare.encode()
        return _message(b"p", self.mechanism.encode() + b"\0" + struct.pack("!i", len(data)) + data)

    def final(self, server_first: bytes) -> bytes:
        """SASLResponse with the proof.

        Raises:
            ProtocolViolation: a challenge that is none, or asks for too much.
        """
        try:
            text = server_first.decode("ascii")
            parts = dict(part.split("=", 1) for part in text.split(","))
            nonce, salt, iterations = parts["r"], base64.b64decode(parts["s"], validate=True), int(parts["i"])
        except (ValueError, KeyError):
            raise ProtocolViolation("malformed SCRAM challenge") from None
        if not nonce.startswith(self._nonce) or len(nonce) == len(self._nonce) or not 0 < iterations <= _ITERATIONS_MAX:
            raise ProtocolViolation("malformed SCRAM challenge")
        salted = hashlib.pbkdf2_hmac("sha256", self._password, salt, iterations)
        client_key = hmac.digest(salted, b"Client Key", "sha256")
        binding = base64.b64encode(self._header + self._end_point).decode()
        without_proof = f"c={binding},r={nonce}"
        signed = f"{self._bare},{text},{without_proof}".encode()
        signature = hmac.digest(hashlib.sha256(client_key).digest(), signed, "sha256")
        proof = bytes(left ^ right for left, right in zip(client_key, signature, strict=True))
        self._expected = hmac.digest(hmac.digest(salted, b"Server Key", "sha256"), signed, "sha256")
        return _message(b"p", f"{without_proof},p={base64.b64encode(proof).decode()}".encode())

    def check(self, server_final: bytes) -> None:
        """Raise ProtocolViolation unless the server knows the password too."""
        wanted = b"v=" + base64.b64encode(self._expected)
        if not self._expected or not hmac.compare_digest(server_final, wanted):
            raise ProtocolViolation("the server could not prove that it knows the password")
