"""Messages from the server: plain values in, the bytes of one whole message out, for the endpoint to send.

Source: PostgreSQL documentation, "Frontend/Backend Protocol", chapter "Message Formats"; authentication code 13 is
that of Amazon's drivers.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from typing import Literal

from boathouse.contracts.answers import CopyFormat, Field
from boathouse.contracts.errors import BoathouseError

Severity = Literal["ERROR", "FATAL", "PANIC", "WARNING", "NOTICE", "DEBUG", "INFO", "LOG"]
TransactionStatus = Literal["I", "T", "E"]

PROTOCOL_3_0 = 3 << 16
DIGEST_SHA256 = 0

_HEAD = struct.Struct("!ci")
_INT16 = struct.Struct("!h")
_INT32 = struct.Struct("!i")
_FIELD_TAIL = struct.Struct("!ihihih")

SSL_ACCEPTED = b"S"
ENCRYPTION_REFUSED = b"N"


def _message(kind: bytes, body: bytes = b"") -> bytes:
    return _HEAD.pack(kind, len(body) + 4) + body


def _string(text: str) -> bytes:
    """A C string. A zero byte would end it early, so it becomes a visible sign; lone surrogates likewise."""
    return text.replace("\0", "\N{SYMBOL FOR NULL}").encode("utf-8", "replace") + b"\0"


# -- start-up and authentication -----------------------------------------------------------------------


def authentication_ok() -> bytes:
    """AuthenticationOk."""
    return _message(b"R", _INT32.pack(0))


def authentication_cleartext() -> bytes:
    """AuthenticationCleartextPassword; to be asked on encrypted connections only."""
    return _message(b"R", _INT32.pack(3))


def authentication_md5(salt: bytes) -> bytes:
    """AuthenticationMD5Password: four bytes of salt for this connection."""
    return _message(b"R", _INT32.pack(5) + salt)


def authentication_sasl(mechanisms: Sequence[str]) -> bytes:
    """AuthenticationSASL: the mechanisms offered, best first; the list ends with a second zero byte."""
    return _message(b"R", _INT32.pack(10) + b"".join(_string(name) for name in mechanisms) + b"\0")


def authentication_sasl_continue(data: bytes) -> bytes:
    """AuthenticationSASLContinue: the mechanism's challenge."""
    return _message(b"R", _INT32.pack(11) + data)


def authentication_sasl_final(data: bytes) -> bytes:
    """AuthenticationSASLFinal: the mechanism's outcome."""
    return _message(b"R", _INT32.pack(12) + data)


def authentication_digest(salt: bytes, nonce: bytes) -> bytes:
    """Code 13 of Amazon's drivers: algorithm SHA-256, the password's salt, the server's nonce."""
    parts = _INT32.pack(13) + _INT32.pack(DIGEST_SHA256)
    return _message(b"R", parts + _INT32.pack(len(salt)) + salt + _INT32.pack(len(nonce)) + nonce)


def backend_key_data(pid: int, secret: int) -> bytes:
    """BackendKeyData: what a CancelRequest must repeat; both are signed 32-bit numbers."""
    return _message(b"K", _INT32.pack(pid) + _INT32.pack(secret))


def parameter_status(name: str, value: str) -> bytes:
    """ParameterStatus: a setting that clients follow."""
    return _message(b"S", _string(name) + _string(value))


def negotiate_protocol_version(unknown_options: Sequence[str], newest: int = PROTOCOL_3_0) -> bytes:
    """NegotiateProtocolVersion: the version spoken here and the `_pq_.` options not understood."""
    names = b"".join(_string(name) for name in unknown_options)
    return _message(b"v", _INT32.pack(newest) + _INT32.pack(len(unknown_options)) + names)


# -- answers -------------------------------------------------------------------------------------------


def ready_for_query(status: TransactionStatus) -> bytes:
    """ReadyForQuery: idle, in a transaction, or in a failed one."""
    return _message(b"Z", status.encode())


def command_complete(tag: str) -> bytes:
    """CommandComplete with its whole tag."""
    return _message(b"C", _string(tag))


def row_description(fields: Sequence[Field], formats: Sequence[int]) -> bytes:
    """RowDescription; `formats` has one code (0 text, 1 binary) per field. No field points at a table."""
    parts = [_INT16.pack(len(fields))]
    for field, form in zip(fields, formats, strict=True):
        kind = field.type
        parts.append(_string(field.name))
        parts.append(_FIELD_TAIL.pack(0, 0, kind.oid, kind.size, kind.typmod, form))
    return _message(b"T", b"".join(parts))


def parameter_description(oids: Sequence[int]) -> bytes:
    """ParameterDescription: the type of each `$n`."""
    return _message(b"t", struct.pack(f"!H{len(oids)}i", len(oids), *oids))


PARSE_COMPLETE = _message(b"1")
BIND_COMPLETE = _message(b"2")
CLOSE_COMPLETE = _message(b"3")
NO_DATA = _message(b"n")
PORTAL_SUSPENDED = _message(b"s")
EMPTY_QUERY_RESPONSE = _message(b"I")
COPY_DONE = _message(b"c")


def copy_in_response(form: CopyFormat, columns: int) -> bytes:
    """CopyInResponse: every column in the overall format."""
    return _message(b"G", _copy_formats(form, columns))


def copy_out_response(form: CopyFormat, columns: int) -> bytes:
    """CopyOutResponse: every column in the overall format."""
    return _message(b"H", _copy_formats(form, columns))


def _copy_formats(form: CopyFormat, columns: int) -> bytes:
    code = 1 if form == "binary" else 0
    return struct.pack(f"!bh{columns}h", code, columns, *([code] * columns))


def copy_data_head(size: int) -> bytes:
    """The head of a CopyData message whose `size` bytes of payload follow; spares copying them."""
    return _HEAD.pack(b"d", size + 4)


# -- errors and notices --------------------------------------------------------------------------------


def error_response(
    message: str,
    sqlstate: str,
    *,
    severity: Severity = "ERROR",
    detail: str | None = None,
    hint: str | None = None,
    position: int | None = None,
    context: str | None = None,
) -> bytes:
    """ErrorResponse. `position` counts characters from 1 in the text that the client sent."""
    place = None if position is None else str(position)
    return _message(b"E", _report(severity, sqlstate, message, {"D": detail, "H": hint, "P": place, "W": context}))


def error_of(error: BoathouseError, severity: Severity = "ERROR") -> bytes:
    """ErrorResponse with all that an error says."""
    return error_response(
        error.message,
        error.sqlstate,
        severity=severity,
        detail=error.detail,
        hint=error.hint,
        position=error.position,
        context=error.context,
    )


def notice_response(
    message: str, sqlstate: str, *, severity: Severity, detail: str | None = None, hint: str | None = None
) -> bytes:
    """NoticeResponse: the same fields as an error, beside the answer."""
    return _message(b"N", _report(severity, sqlstate, message, {"D": detail, "H": hint}))


def _report(severity: str, sqlstate: str, message: str, more: Mapping[str, str | None]) -> bytes:
    fields: dict[str, str | None] = {"S": severity, "V": severity, "C": sqlstate, "M": message, **more}
    return b"".join(key.encode() + _string(value) for key, value in fields.items() if value is not None) + b"\0"
