"""JSON: MySQL's binary documents, and one way to write a document down for the log's path and the chunk's.

Receives the bytes of a JSON value (or the text a SELECT returns), hands canonical text on: keys in the stored order,
`", "` and `": "` between, numbers with as many digits as they have. So 1.0 and 1, equal to JSON, are written `1`. Pure.

A document may not point twice at the same bytes: else a damaged one of a kilobyte could unfold into terabytes.

Source: MySQL Source Code Documentation, "json_binary.h".
"""

from __future__ import annotations

import base64
import json
import struct
from decimal import Context, Decimal
from typing import Any

from boathouse.capture.mysql.decode.columns import decimal_bytes
from boathouse.capture.mysql.decode.frames import MalformedEvent

DEPTH_MAX = 100
"""The server accepts no deeper document."""

_SMALL_OBJECT, _LARGE_OBJECT, _SMALL_ARRAY, _LARGE_ARRAY, _LITERAL = 0, 1, 2, 3, 4
_INT16, _UINT16, _INT32, _UINT32, _INT64, _UINT64, _DOUBLE, _STRING, _OPAQUE = 5, 6, 7, 8, 9, 10, 11, 12, 15
_NUMBERS = {_INT16: "<h", _UINT16: "<H", _INT32: "<i", _UINT32: "<I", _INT64: "<q", _UINT64: "<Q", _DOUBLE: "<d"}
_LITERALS = (None, True, False)
_NEWDECIMAL, _DATE, _TIME, _DATETIME, _TIMESTAMP = 246, 10, 11, 12, 7
_EXACT = Context(prec=100)


def read_json(content: bytes) -> str:
    """Canonical text of a binary document.

    Raises:
        MalformedEvent: no document, or one that points at the same bytes again and again.
    """
    try:
        return write_json(_Document(content).value(content[0], 1, 0))
    except (IndexError, struct.error, UnicodeDecodeError) as error:
        raise MalformedEvent("a JSON value of the binlog is damaged") from error


def normalise_json(text: str) -> str:
    """Canonical text of a document as the server prints it."""
    return write_json(json.loads(text, parse_float=Decimal))


def write_json(value: Any) -> str:
    """A document of dicts, lists, texts, numbers, booleans and None as canonical text."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_string(key)}: {write_json(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(write_json, value)) + "]"
    if isinstance(value, str):
        return _string(value)
    if isinstance(value, bool) or value is None:
        return "null" if value is None else "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    number = _EXACT.normalize(Decimal(repr(value)) if isinstance(value, float) else value)
    return format(number, "f") if -7 <= number.adjusted() <= 20 else str(number).replace("E+", "e").replace("E", "e")


def _string(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


class _Document:
    """A binary document being read; every byte of a value may be read once."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.budget = 2 * len(content) + 16

    def _spend(self, count: int) -> None:
        self.budget -= count
        if self.budget < 0:
            raise MalformedEvent("a JSON value of the binlog points at the same bytes again and again")

    def value(self, kind: int, at: int, depth: int) -> Any:
        if kind <= _LARGE_ARRAY:
            return self._container(kind, at, depth + 1)
        if kind == _LITERAL:
            return _LITERALS[self.content[at]]
        if kind in _NUMBERS:
            return struct.unpack_from(_NUMBERS[kind], self.content, at)[0]
        if kind == _STRING:
            return self._sized(at).decode("utf-8")
        if kind == _OPAQUE:
            return _opaque(self.content[at], self._sized(at + 1))
        raise MalformedEvent(f"{kind} is no type of a JSON value")

    def _container(self, kind: int, start: int, depth: int) -> Any:
        if depth > DEPTH_MAX:
            raise MalformedEvent(f"a JSON value of the binlog is deeper than {DEPTH_MAX}")
        is_large, is_object = kind & 1, kind <= _LARGE_OBJECT
        width = 4 if is_large else 2
        count = self._integer(start, width)
        at = start + 2 * width
        self._spend(count * (1 + width + (width + 2 if is_object else 0)))
        keys = []
        if is_object:
            for _ in range(count):
                keys.append(self._bytes(start + self._integer(at, width), self._integer(at + width, 2)).decode("utf-8"))
                at += width + 2
        items = []
        for _ in range(count):
            item = self.content[at]
            is_inline = item in (_LITERAL, _INT16, _UINT16) or (is_large and item in (_INT32, _UINT32))
            place = at + 1 if is_inline else start + self._integer(at + 1, width)
            items.append(self.value(item, place, depth))
            at += 1 + width
        return dict(zip(keys, items, strict=True)) if is_object else items

    def _sized(self, at: int) -> bytes:
        """Bytes behind a length of seven bits a byte."""
        size = 0
        for shift in range(0, 35, 7):
            byte = self.content[at]
            at += 1
            size |= (byte & 0x7F) << shift
            if not byte & 0x80:
                return self._bytes(at, size)
        raise MalformedEvent("a length in a JSON value has more than five bytes")

    def _bytes(self, at: int, size: int) -> bytes:
        self._spend(size)
        found = self.content[at : at + size]
        if len(found) < size:
            raise MalformedEvent("a JSON value of the binlog is cut short")
        return found

    def _integer(self, at: int, width: int) -> int:
        return int(struct.unpack_from("<I" if width == 4 else "<H", self.content, at)[0])


def _opaque(kind: int, content: bytes) -> Any:
    """What SQL types JSON keeps: a decimal is a number, dates and times are text, the rest base64 with its type."""
    if kind == _NEWDECIMAL:
        return _decimal(content)
    if kind in (_DATE, _DATETIME, _TIMESTAMP, _TIME) and len(content) == 8:
        return _moment(kind, int.from_bytes(content, "little", signed=True))
    return f"base64:type{kind}:{base64.b64encode(content).decode()}"


def _decimal(content: bytes) -> Decimal:
    precision, scale, packed = content[0], content[1], content[2:]
    if not 0 < precision <= 81 or scale > precision or len(packed) != sum(decimal_bytes(precision, scale)):
        raise MalformedEvent("a decimal in a JSON value is damaged")
    negative = not packed[0] & 0x80
    plain = bytearray(byte ^ 0xFF for byte in packed) if negative else bytearray(packed)
    plain[0] ^= 0x80
    lead, whole, fraction, rest = decimal_bytes(precision, scale)
    digits, at = "", 0
    for width, count in [
        (lead, (precision - scale) % 9),
        *[(4, 9)] * ((whole + fraction) // 4),
        (rest, scale % 9),
    ]:
        if width:
            digits += f"{int.from_bytes(plain[at : at + width], 'big'):0{count}}"
        at += width
    return Decimal(f"{'-' if negative else ''}{digits}E-{scale}")


def _moment(kind: int, packed: int) -> str:
    sign, size = ("-", -packed) if packed < 0 else ("", packed)
    microsecond, whole = size & 0xFFFFFF, size >> 24
    time = f"{whole >> 6 & 63:02}:{whole & 63:02}.{microsecond:06}"
    if kind == _TIME:
        return f"{sign}{whole >> 12 & 0x3FF:02}:{time}"
    months = whole >> 22
    date = f"{months // 13:04}-{months % 13:02}-{whole >> 17 & 31:02}"
    return date if kind == _DATE else f"{date} {whole >> 12 & 31:02}:{time}"
