"""The door: from the first packet to an authenticated user.

Answers requests for encryption, reads the start-up packet, and has the client prove its password. Hands the
connection the start-up packet, or the cancel request that came instead. Nothing here tells users that exist from
those that do not: unknown ones meet the same exchange, with salts that stay the same, and fail the same way. Users whose
password was given as a hash meet the exchange that can prove it, which does tell them from the rest.

Source: PostgreSQL protocol, chapters "Start-up" and "SASL Authentication"; digest: Amazon's Python and JDBC drivers.
"""

from __future__ import annotations

import re
import secrets
from time import monotonic

from boathouse.contracts.errors import InvalidAuthorization, ProtocolViolation
from boathouse.endpoints.postgres.certificate import Tls
from boathouse.endpoints.postgres.channel import Channel, ClientGone
from boathouse.endpoints.postgres.conversation import Service, User
from boathouse.endpoints.postgres.settings import TlsMode
from boathouse.wire.postgres import hashes, messages
from boathouse.wire.postgres.requests import (
    CancelRequest,
    DigestResponse,
    GSSENCRequest,
    PasswordMessage,
    SSLRequest,
    StartupMessage,
)
from boathouse.wire.postgres.scram import ScramExchange, Verifier, check_digest, mock_verifier, parse_verifier

_NONCE_BYTES = 24
_DIGEST_NONCE_BYTES = 8
_MD5_SALT_BYTES = 4
_OPTION = re.compile(r"(?:-c\s*|--)([A-Za-z_][\w.]*|[A-Za-z_][\w.-]*)=((?:\\.|[^\s\\])*)")


def greet(channel: Channel, tls: Tls | None, mode: TlsMode, deadline: float) -> StartupMessage | CancelRequest:
    """Agree on encryption, then read what the client came for.

    Raises:
        ProtocolViolation, InvalidAuthorization: to be told the client.
        ClientGone, DeadlinePassed: nobody is there.
    """
    asked: set[type] = set()
    while True:
        request = channel.read_startup(deadline)
        if isinstance(request, CancelRequest):
            return request
        if isinstance(request, StartupMessage):
            if mode == "require" and not channel.is_encrypted:
                raise InvalidAuthorization(
                    "this server accepts encrypted connections only", hint="Use sslmode=require.", sqlstate="28000"
                )
            return request
        if type(request) in asked or channel.is_encrypted:
            raise ProtocolViolation("encryption was requested twice")
        asked.add(type(request))
        if isinstance(request, GSSENCRequest) or tls is None:
            channel.send(messages.ENCRYPTION_REFUSED)
            channel.flush()
            continue
        _upgrade(channel, request, tls, deadline)


def _upgrade(channel: Channel, request: SSLRequest, tls: Tls, deadline: float) -> None:
    if channel.protocol.pending_bytes:
        # Whoever sits in between may have put plain bytes in front of the encrypted ones (CVE-2021-23222).
        raise ProtocolViolation("received unencrypted data after SSL request")
    channel.send(messages.SSL_ACCEPTED)
    channel.start_tls(tls.context, deadline - monotonic())


def agree_on_version(channel: Channel, startup: StartupMessage) -> None:
    """Tell clients of a newer minor version, or with protocol options, that plain 3.0 is spoken here."""
    unknown = [name for name in startup.parameters if name.startswith("_pq_.")]
    if startup.minor > 0 or unknown:
        channel.send(messages.negotiate_protocol_version(unknown))


def session_parameters(startup: StartupMessage) -> dict[str, str]:
    """The start-up parameters as session settings, those inside `options` (`-c name=value`) first."""
    found: dict[str, str] = {}
    for name, value in _OPTION.findall(startup.parameters.get("options", "")):
        found[name.replace("-", "_")] = re.sub(r"\\(.)", r"\1", value)
    for name, value in startup.parameters.items():
        if name not in ("user", "database", "options", "replication") and not name.startswith("_pq_."):
            found[name] = value
    return found


def authenticate(
    channel: Channel, service: Service, startup: StartupMessage, tls: Tls | None, mock_seed: bytes, deadline: float
) -> User:
    """Have the client prove its password; returns the user.

    Raises:
        InvalidAuthorization: unknown user or wrong password, in the same words.
    """
    name = startup.parameters.get("user", "")
    if not name:
        raise InvalidAuthorization("no PostgreSQL user name specified in startup packet", sqlstate="28000")
    user = service.user(name)
    kept = user.verifier if user is not None else None
    uses_digest = proves_by_digest(startup)
    if kept is not None and kept.startswith(hashes.MD5):
        proved = _prove_by_md5(channel, kept, deadline)
    elif kept is not None and kept.startswith(hashes.SHA256):
        salt, digest = hashes.salt_and_digest(kept)
        proved = (
            _prove_by_digest(channel, salt, digest, deadline)
            if uses_digest
            else _prove_in_clear(channel, kept, deadline)
        )
    else:
        verifier = mock_verifier(name, mock_seed) if kept is None else parse_verifier(kept)
        proved = (
            _prove_by_digest(channel, verifier.digest_salt, verifier.digest, deadline)
            if uses_digest
            else _prove_by_scram(channel, verifier, tls, deadline)
        )
    if user is None or kept is None or not proved:
        raise InvalidAuthorization(f'password authentication failed for user "{name}"')
    channel.send(messages.authentication_ok())
    return user


def proves_by_digest(startup: StartupMessage) -> bool:
    """Amazon's Python driver misreads the list of SASL mechanisms, so its own method is used with Amazon's drivers."""
    return startup.parameters.get("driver_version", "").startswith("Redshift")


def _prove_by_scram(channel: Channel, verifier: Verifier, tls: Tls | None, deadline: float) -> bool:
    end_point = tls.end_point if tls is not None and channel.is_encrypted else None
    exchange = ScramExchange(verifier, secrets.token_bytes(_NONCE_BYTES), end_point)
    channel.send(messages.authentication_sasl(exchange.mechanisms))
    mechanism, client_first = _initial_response(_password(channel, deadline))
    channel.send(messages.authentication_sasl_continue(exchange.first(mechanism, client_first)))
    server_final = exchange.final(_password(channel, deadline))
    if server_final is None:
        return False
    channel.send(messages.authentication_sasl_final(server_final))
    return True


def _prove_by_md5(channel: Channel, kept: str, deadline: float) -> bool:
    salt = secrets.token_bytes(_MD5_SALT_BYTES)
    channel.send(messages.authentication_md5(salt))
    return hashes.check_md5(kept, salt, _password(channel, deadline).rstrip(b"\0"))


def _prove_in_clear(channel: Channel, kept: str, deadline: float) -> bool:
    if not channel.is_encrypted:
        raise InvalidAuthorization(
            "this password can be proved over an encrypted connection only",
            hint="Use sslmode=require.",
            sqlstate="28000",
        )
    channel.send(messages.authentication_cleartext())
    return hashes.check_sha256(kept, _password(channel, deadline).rstrip(b"\0"))


def _prove_by_digest(channel: Channel, salt: bytes, kept: bytes, deadline: float) -> bool:
    nonce = secrets.token_hex(_DIGEST_NONCE_BYTES).encode()
    channel.send(messages.authentication_digest(salt, nonce))
    channel.flush()
    request = channel.read(deadline)
    if not isinstance(request, DigestResponse):
        raise ProtocolViolation("expected a digest response")
    return check_digest(kept, nonce, request.nonce, request.digest)


def _password(channel: Channel, deadline: float) -> bytes:
    channel.flush()
    request = channel.read(deadline)
    if not isinstance(request, PasswordMessage):
        raise ProtocolViolation("expected a SASL response")
    if not request.data:
        raise ClientGone("client gave no password")
    return request.data


def _initial_response(data: bytes) -> tuple[str, bytes]:
    """SASLInitialResponse: the mechanism's name, the length of the data, the data."""
    name, separator, rest = data.partition(b"\0")
    if not separator or len(rest) < 4 or int.from_bytes(rest[:4], "big", signed=True) != len(rest) - 4:
        raise ProtocolViolation("malformed SASL initial response")
    return name.decode("ascii", "replace"), rest[4:]
