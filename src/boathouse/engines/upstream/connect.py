"""From settings to a session of another server: the socket, TLS, the start-up packet, the password.

Receives the settings of a database and its secret; hands out the socket with what the server said until it was ready. No
credential, nor the account's name, is in any message of an error. Source: PostgreSQL documentation, "Message Flow".
"""

from __future__ import annotations

import secrets
import socket
import ssl
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic

from boathouse.contracts.errors import (
    BoathouseError,
    InvalidParameterValue,
    ProtocolViolation,
    RemoteDatabaseError,
    RemoteDatabaseUnavailable,
)
from boathouse.engines.upstream.settings import DatabaseSettings
from boathouse.wire.postgres import client
from boathouse.wire.postgres.certificates import end_point

_NONCE_BYTES = 24
_DIGEST_NONCE_BYTES = 16
_MESSAGE_BYTES_MAX = 1 << 20
_KEEPALIVE = {"TCP_KEEPIDLE": 30, "TCP_KEEPINTVL": 10, "TCP_KEEPCNT": 3, "TCP_USER_TIMEOUT": 60_000}
"""A server that vanished without a word is noticed within a minute."""


@dataclass(slots=True)
class Opened:
    """A session over there that is ready.

    Attributes:
        wire: non-blocking.
        key: the body of BackendKeyData, for cancels; empty where it sent none.
        parameters: the settings that it reported, in order.
        greeting: notices, as they came.
    """

    wire: socket.socket
    key: bytes = b""
    parameters: dict[str, str] = field(default_factory=dict)
    greeting: bytes = b""


def reach(name: str, settings: DatabaseSettings, deadline: float) -> socket.socket:
    """A socket to the server, in TLS where the settings say so.

    Raises:
        RemoteDatabaseUnavailable: 08001. InvalidParameterValue: certificates that cannot be used.
    """
    try:
        if settings.uri.startswith("/"):
            wire = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            wire.settimeout(max(deadline - monotonic(), 0.001))
            wire.connect(str(Path(settings.uri) / f".s.PGSQL.{settings.port}"))
            return wire
        wire = socket.create_connection((settings.uri, settings.port), timeout=max(deadline - monotonic(), 0.001))
        wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for option, value in _KEEPALIVE.items():
            if hasattr(socket, option):
                wire.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)
        return wire if settings.ssl == "disable" else _encrypted(settings, wire)
    except (OSError, ValueError) as failure:
        reason = "it did not answer in time" if isinstance(failure, TimeoutError) else _reason(failure)
        raise RemoteDatabaseUnavailable(f'the server of database "{name}" cannot be reached: {reason}') from None


def _reason(failure: Exception) -> str:
    if isinstance(failure, ssl.SSLCertVerificationError):
        return f"its certificate was refused: {failure.verify_message}"
    text = failure.strerror if isinstance(failure, OSError) and failure.strerror else str(failure)
    return text[:1].lower() + text[1:]


def _encrypted(settings: DatabaseSettings, wire: socket.socket) -> socket.socket:
    context = _context(settings)
    wire.sendall(client.ssl_request())
    answer = wire.recv(1)  # this byte alone: what follows in clear belongs to nobody
    if answer == b"S":
        return context.wrap_socket(wire, server_hostname=settings.uri)
    if settings.ssl != "prefer":
        raise ValueError("it refuses encrypted connections")
    if answer != b"N":
        raise ValueError("it does not speak PostgreSQL's protocol")
    return wire


def _context(settings: DatabaseSettings) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["postgresql"])
    try:
        if settings.sslrootcert:
            context.load_verify_locations(settings.sslrootcert)
        elif settings.ssl.startswith("verify"):
            context.load_default_certs()
        if settings.sslcert:
            context.load_cert_chain(settings.sslcert, settings.sslkey or None)
    except OSError as failure:
        raise InvalidParameterValue(f"the certificate files cannot be used: {failure.strerror}") from None
    context.check_hostname = settings.ssl == "verify-full"
    if not settings.ssl.startswith("verify"):
        context.verify_mode = ssl.CERT_NONE
    return context


def open_session(
    name: str, settings: DatabaseSettings, login: Mapping[str, str], parameters: Mapping[str, str]
) -> Opened:
    """A session for the account of the secret.

    Args:
        login: `username` (or `user`) and `password`.
        parameters: start-up parameters of the client: `application_name`, `client_encoding`, ….

    Raises:
        RemoteDatabaseUnavailable: 08001. RemoteDatabaseError: what the server refused, with its own SQLSTATE.
    """
    deadline = monotonic() + settings.connect_seconds_max
    wire = reach(name, settings, deadline)
    try:
        return _Opening(name, wire, login, deadline).run(
            {"user": _user(login), "database": settings.database or name, **parameters}
        )
    except BaseException as failure:
        wire.close()
        if isinstance(failure, TimeoutError):
            raise RemoteDatabaseUnavailable(f'the server of database "{name}" did not answer in time') from None
        if isinstance(failure, OSError | ProtocolViolation):
            reason = failure.message if isinstance(failure, ProtocolViolation) else _reason(failure)
            raise RemoteDatabaseUnavailable(f'no session of database "{name}" could be opened: {reason}') from None
        raise


def _user(login: Mapping[str, str]) -> str:
    return login.get("username") or login.get("user") or ""


class _Opening:
    """One connection from its first packet to ReadyForQuery."""

    def __init__(self, name: str, wire: socket.socket, login: Mapping[str, str], deadline: float) -> None:
        self._name = name
        self._wire = wire
        self._login = login
        self._deadline = deadline
        self._scram: client.ScramClient | None = None

    def run(self, parameters: Mapping[str, str]) -> Opened:
        opened = Opened(self._wire)
        self._wire.sendall(client.startup(parameters))
        while True:
            kind, body = self._read()
            if kind == b"R":
                self._prove(struct.unpack_from("!i", body)[0], body[4:])
            elif kind == b"S":
                name, value, _ = body.split(b"\0", 2)
                opened.parameters[name.decode()] = value.decode(errors="replace")
            elif kind == b"K":
                opened.key = body
            elif kind == b"N":
                opened.greeting += kind + struct.pack("!i", len(body) + 4) + body
            elif kind == b"E":
                raise self._refused(body)
            elif kind == b"Z":
                self._wire.setblocking(False)
                return opened
            elif kind != b"v":
                raise ProtocolViolation("it does not speak PostgreSQL's protocol")

    def _read(self) -> tuple[bytes, bytes]:
        head = self._exactly(5)
        size = int.from_bytes(head[1:], "big") - 4
        if not 0 <= size <= _MESSAGE_BYTES_MAX:
            raise ProtocolViolation("it does not speak PostgreSQL's protocol")
        return head[:1], self._exactly(size)

    def _exactly(self, size: int) -> bytes:
        found = b""
        while len(found) < size:
            self._wire.settimeout(max(self._deadline - monotonic(), 0.001))
            data = self._wire.recv(size - len(found))
            if not data:
                raise ProtocolViolation("it closed the connection")
            found += data
        return found

    def _prove(self, code: int, data: bytes) -> None:
        password = self._login.get("password", "")
        is_encrypted = isinstance(self._wire, ssl.SSLSocket)
        if code == 0:
            return
        if code == 3:
            if not is_encrypted and self._wire.family != socket.AF_UNIX:
                raise ProtocolViolation("it wants the password in clear over an open wire")
            answer = client.password(password)
        elif code == 5:
            answer = client.md5_password(_user(self._login), password, data[:4])
        elif code == 13:
            answer = client.digest_password(password, data, secrets.token_hex(_DIGEST_NONCE_BYTES).encode())
        elif code == 10:
            binding = end_point(self._certificate()) if is_encrypted else None
            offered = tuple(one.decode("ascii", "replace") for one in data.split(b"\0") if one)
            self._scram = client.ScramClient(password, offered, secrets.token_bytes(_NONCE_BYTES), binding)
            answer = self._scram.first()
        elif code == 11 and self._scram is not None:
            answer = self._scram.final(data)
        elif code == 12 and self._scram is not None:
            self._scram.check(data)
            return
        else:
            raise ProtocolViolation(f"it asks for a proof that is not known here (authentication code {code})")
        self._wire.sendall(answer)

    def _certificate(self) -> bytes:
        assert isinstance(self._wire, ssl.SSLSocket)
        return self._wire.getpeercert(binary_form=True) or b""

    def _refused(self, body: bytes) -> BoathouseError:
        """The server's own words, but for what it says about the account."""
        fields = {part[:1]: part[1:].decode(errors="replace") for part in body.split(b"\0") if part}
        state, message = fields.get(b"C", "08004"), fields.get(b"M", "no reason given")
        if state.startswith("28"):
            return RemoteDatabaseError(
                f'the server of database "{self._name}" refuses the account of this house',
                hint=f"See the secret that [databases.{self._name}] names, and the log of that server.",
                sqlstate="08004",
            )
        kind = RemoteDatabaseUnavailable if state[:2] in ("08", "53", "57") else RemoteDatabaseError
        return kind(f'database "{self._name}": {message}', sqlstate=state)
