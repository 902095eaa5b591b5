"""Compressed parts of events: MariaDB's zlib bodies and MySQL's zstd transaction payloads.

Receives the compressed bytes of an event; hands plain bytes back to `decoder`. Both formats say how long the plain
bytes are; the limit keeps a damaged length from filling the memory. Arrow's own zstd is used: no other library is needed.

Source: MariaDB documentation, "Compressing events to reduce size of the binary log"; MySQL Source Code Documentation,
"Transaction_payload_event".
"""

from __future__ import annotations

import zlib

import pyarrow as pa

from boathouse.capture.mysql.decode.frames import Cursor, MalformedEvent
from boathouse.contracts.errors import FeatureNotSupported

PLAIN_BYTES_MAX = 1 << 30
"""No event and no payload is larger: `max_allowed_packet` and `binlog_cache` end there."""

_END, _SIZE, _METHOD, _PLAIN_SIZE = 0, 1, 2, 3
_ZSTD, _NONE = 0, 255


def inflate(content: bytes) -> bytes:
    """MariaDB: a byte `0x80 | length of the length`, the plain length (big-endian), zlib's stream."""
    cursor = Cursor(content)
    first = cursor.integer(1)
    if not first & 0x80 or first & 0x70:
        raise FeatureNotSupported(f"compression {first >> 4 & 7} of a MariaDB binlog event is not known")
    size = int.from_bytes(cursor.take(first & 7), "big")
    _check_size(size)
    machine = zlib.decompressobj()
    try:
        plain = machine.decompress(cursor.rest(), size + 1)
    except zlib.error as error:
        raise MalformedEvent("a compressed binlog event cannot be inflated") from error
    if len(plain) != size:
        raise MalformedEvent(f"a compressed binlog event holds {len(plain)} bytes in place of {size}")
    return plain


def unpack_payload(body: bytes) -> bytes:
    """MySQL 8: the events of a TRANSACTION_PAYLOAD, one after the other, without checksums."""
    cursor = Cursor(body)
    size, method, plain_size = 0, -1, 0
    while (kind := cursor.length()) != _END:
        value = Cursor(cursor.take(cursor.length()))
        if kind == _SIZE:
            size = value.length()
        elif kind == _METHOD:
            method = value.length()
        elif kind == _PLAIN_SIZE:
            plain_size = value.length()
    payload = cursor.take(size)
    if method == _NONE:
        return payload
    if method != _ZSTD:
        raise FeatureNotSupported(f"compression {method} of a MySQL transaction is not known")
    _check_size(plain_size)
    try:
        plain = pa.decompress(payload, plain_size, codec="zstd", asbytes=True)
    except (pa.ArrowInvalid, OSError) as error:
        raise MalformedEvent("a compressed transaction cannot be read") from error
    if not isinstance(plain, bytes) or len(plain) != plain_size:
        raise MalformedEvent(f"a compressed transaction does not hold the {plain_size} bytes it promises")
    return plain


def _check_size(size: int) -> None:
    if size > PLAIN_BYTES_MAX:
        raise MalformedEvent(f"a compressed binlog event promises {size} bytes, more than {PLAIN_BYTES_MAX}")
