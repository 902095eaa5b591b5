"""A PostgreSQL client that hides nothing: builds each message, reads each message, for tests that look at the bytes."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import socket
import ssl
import struct
from collections.abc import Sequence
from typing import NamedTuple

CANCEL, SSL, GSSENC = 80877102, 80877103, 80877104


class Message(NamedTuple):
    """One message from the server."""

    kind: bytes
    body: bytes

    @property
    def fields(self) -> dict[str, str]:
        """Of ErrorResponse and NoticeResponse: field letter → text."""
        return {part[:1].decode(): part[1:].decode() for part in self.body.split(b"\0") if part}

    @property
    def columns(self) -> list[tuple[str, int, int]]:
        """Of RowDescription: (name, type oid, format)."""
        found, at = [], 2
        for _ in range(int.from_bytes(self.body[:2], "big")):
            end = self.body.index(b"\0", at)
            _, _, oid, _, _, form = struct.unpack_from("!ihihih", self.body, end + 1)
            found.append((self.body[at:end].decode(), oid, form))
            at = end + 19
        return found

    @property
    def values(self) -> list[bytes | None]:
        """Of DataRow."""
        found: list[bytes | None] = []
        at = 2
        for _ in range(int.from_bytes(self.body[:2], "big")):
            (size,) = struct.unpack_from("!i", self.body, at)
            at += 4
            found.append(None if size < 0 else self.body[at : at + size])
            at += max(size, 0)
        return found

    @property
    def text(self) -> str:
        """Of CommandComplete and other messages that are one string."""
        return self.body.rstrip(b"\0").decode()


def string(text: str) -> bytes:
    return text.encode() + b"\0"


def typed(kind: bytes, body: bytes = b"") -> bytes:
    return kind + struct.pack("!i", len(body) + 4) + body


def untyped(body: bytes) -> bytes:
    return struct.pack("!i", len(body) + 4) + body


def startup(version: int = 3 << 16, **parameters: str) -> bytes:
    pairs = b"".join(string(name) + string(value) for name, value in parameters.items())
    return untyped(struct.pack("!i", version) + pairs + b"\0")


def query(text: str) -> bytes:
    return typed(b"Q", string(text))


def parse(text: str, name: str = "", oids: Sequence[int] = ()) -> bytes:
    return typed(b"P", string(name) + string(text) + struct.pack(f"!H{len(oids)}i", len(oids), *oids))


def bind(
    values: Sequence[bytes | None] = (),
    *,
    portal: str = "",
    statement: str = "",
    formats: Sequence[int] = (),
    result_formats: Sequence[int] = (),
) -> bytes:
    body = string(portal) + string(statement) + struct.pack(f"!H{len(formats)}h", len(formats), *formats)
    body += struct.pack("!H", len(values))
    for value in values:
        body += struct.pack("!i", -1) if value is None else struct.pack("!i", len(value)) + value
    return typed(b"B", body + struct.pack(f"!H{len(result_formats)}h", len(result_formats), *result_formats))


def describe(kind: str, name: str = "") -> bytes:
    return typed(b"D", kind.encode() + string(name))


def execute(portal: str = "", rows_max: int = 0) -> bytes:
    return typed(b"E", string(portal) + struct.pack("!i", rows_max))


def close(kind: str, name: str = "") -> bytes:
    return typed(b"C", kind.encode() + string(name))


def copy_data(data: bytes) -> bytes:
    return typed(b"d", data)


def copy_fail(reason: str) -> bytes:
    return typed(b"f", string(reason))


FLUSH, SYNC, TERMINATE, COPY_DONE = typed(b"H"), typed(b"S"), typed(b"X"), typed(b"c")


class RawClient:
    """One connection; every wait ends after `seconds`."""

    def __init__(self, port: int, host: str = "127.0.0.1", seconds: float = 30.0) -> None:
        self.port = port
        self.socket: socket.socket = socket.create_connection((host, port), timeout=seconds)
        self._buffer = b""
        self.parameters: dict[str, str] = {}
        self.key: tuple[int, int] = (0, 0)
        self.mechanisms: list[str] = []

    def __enter__(self) -> RawClient:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    # -- bytes -----------------------------------------------------------------------------------------

    def send(self, *parts: bytes) -> None:
        self.socket.sendall(b"".join(parts))

    def read_exactly(self, size: int) -> bytes:
        while len(self._buffer) < size:
            data = self.socket.recv(65536)
            if not data:
                raise EOFError(f"server closed; {self._buffer!r} left")
            self._buffer += data
        taken, self._buffer = self._buffer[:size], self._buffer[size:]
        return taken

    def is_closed(self) -> bool:
        """True when the server has closed and nothing is left to read."""
        if self._buffer:
            return False
        try:
            return self.socket.recv(1) == b""
        except ConnectionResetError:
            return True

    # -- messages --------------------------------------------------------------------------------------

    def read(self) -> Message:
        head = self.read_exactly(5)
        return Message(head[:1], self.read_exactly(int.from_bytes(head[1:], "big") - 4))

    def read_until(self, *kinds: bytes) -> list[Message]:
        """Messages up to and with the first of these kinds."""
        found = [self.read()]
        while found[-1].kind not in kinds:
            found.append(self.read())
        return found

    def ask(self, *parts: bytes) -> list[Message]:
        """Send, and read up to ReadyForQuery."""
        self.send(*parts)
        return self.read_until(b"Z")

    def query(self, text: str) -> list[Message]:
        return self.ask(query(text))

    # -- opening ---------------------------------------------------------------------------------------

    def start_tls(self, certificate: str | os.PathLike[str]) -> None:
        self.send(untyped(struct.pack("!i", SSL)))
        assert self.read_exactly(1) == b"S"
        context = ssl.create_default_context(cafile=str(certificate))
        self.socket = context.wrap_socket(self.socket, server_hostname="localhost")

    def log_in(self, user: str, password: str, database: str = "dev", **parameters: str) -> list[Message]:
        """Start up and authenticate by SCRAM; returns the messages from AuthenticationOk to ReadyForQuery."""
        self.send(startup(user=user, database=database, **parameters))
        self.authenticate(password)
        found = self.read_until(b"Z")
        for message in found:
            if message.kind == b"S":
                name, value, _ = message.body.decode().split("\0")
                self.parameters[name] = value
            elif message.kind == b"K":
                self.key = struct.unpack("!ii", message.body)
        return found

    def authenticate(self, password: str, mechanism: str = "SCRAM-SHA-256", gs2: str = "n,,") -> None:
        """The SCRAM exchange, up to and with SASLFinal; the server's proof is checked."""
        request = self.read()
        assert request.kind == b"R", request
        assert request.body[:4] == struct.pack("!i", 10), request
        assert request.body.endswith(b"\0\0"), "the list of mechanisms ends with an empty one"
        self.mechanisms = [name.decode() for name in request.body[4:].split(b"\0") if name]
        nonce = base64.b64encode(os.urandom(18)).decode()
        bare = f"n=,r={nonce}"
        first = (gs2 + bare).encode()
        self.send(typed(b"p", string(mechanism) + struct.pack("!i", len(first)) + first))
        challenge = self.read()
        assert challenge.kind == b"R", challenge.fields
        server_first = challenge.body[4:].decode()
        parts = dict(part.split("=", 1) for part in server_first.split(","))
        assert parts["r"].startswith(nonce)
        salted = hashlib.pbkdf2_hmac("sha256", password.encode(), base64.b64decode(parts["s"]), int(parts["i"]))
        client_key = hmac.digest(salted, b"Client Key", "sha256")
        without_proof = f"c={base64.b64encode(gs2.encode()).decode()},r={parts['r']}"
        signed = f"{bare},{server_first},{without_proof}".encode()
        signature = hmac.digest(hashlib.sha256(client_key).digest(), signed, "sha256")
        proof = base64.b64encode(bytes(a ^ b for a, b in zip(client_key, signature, strict=True))).decode()
        self.send(typed(b"p", f"{without_proof},p={proof}".encode()))
        final = self.read()
        if final.kind == b"E":
            raise PermissionError(final.fields["C"], final.fields["M"])
        expected = hmac.digest(hmac.digest(salted, b"Server Key", "sha256"), signed, "sha256")
        assert final.body == struct.pack("!i", 12) + b"v=" + base64.b64encode(expected), "the server's proof"


def cancel(port: int, key: tuple[int, int]) -> bytes:
    """Send a CancelRequest on a connection of its own; returns what the server answers (nothing, by the protocol)."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(untyped(struct.pack("!iii", CANCEL, *key)))
        return connection.recv(1)


def tags(messages: Sequence[Message]) -> list[str]:
    """The command tags among the messages."""
    return [message.text for message in messages if message.kind == b"C"]


def kinds(messages: Sequence[Message]) -> str:
    """The type letters, in order."""
    return b"".join(message.kind for message in messages).decode()


def rows(messages: Sequence[Message]) -> list[list[bytes | None]]:
    """The values of all DataRows."""
    return [message.values for message in messages if message.kind == b"D"]


def error(messages: Sequence[Message]) -> dict[str, str]:
    """The fields of the one error among the messages."""
    (found,) = [message.fields for message in messages if message.kind == b"E"]
    return found
