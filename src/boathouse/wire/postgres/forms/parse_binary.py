"""Values in PostgreSQL's binary format to Python objects.

Receives bytes of parameters, array elements and binary COPY fields from `values`; hands back objects that the engine
binds without loss.
Sources: the `*_recv` functions of PostgreSQL; dates and times count from 2000-01-01.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from uuid import UUID

from boathouse.contracts.errors import DataError, InvalidText, NumericOutOfRange
from boathouse.contracts.types import REFERENCES, TYPE_OF_OID, SqlType
from boathouse.wire.postgres.forms.intervals import bindable
from boathouse.wire.postgres.forms.parse_text import fitting
from boathouse.wire.postgres.forms.write_text import date_text, timestamp_text

_EPOCH = datetime(2000, 1, 1)
_EPOCH_DAYS = 10_957
_EPOCH_US = _EPOCH_DAYS * 86_400_000_000
_DAY_US = 86_400_000_000
_NEGATIVE, _NAN = 0x4000, 0xC000
_DIMENSIONS_MAX = 6


def parse_binary(data: bytes, sql_type: SqlType) -> object:
    """One value; text types and those without a rule of their own are UTF-8.

    Raises:
        InvalidText: 22P03, the bytes are not the type's binary format.
        DataError: 22021, text is not UTF-8 or holds a NUL.
    """
    parse = _PARSERS.get(sql_type.name)
    if parse is None:
        return utf8(data)
    try:
        return parse(data, sql_type)
    except (struct.error, IndexError):
        raise incorrect(sql_type) from None


def incorrect(sql_type: SqlType) -> InvalidText:
    """The error for bytes of the wrong length or content."""
    return InvalidText(f"incorrect binary data format for type {sql_type}", sqlstate="22P03")


def utf8(data: bytes) -> str:
    """Text as clients send it."""
    try:
        text = data.decode()
    except UnicodeDecodeError as failure:
        wrong = " ".join(f"0x{byte:02x}" for byte in data[failure.start : failure.start + 4])
        raise DataError(f'invalid byte sequence for encoding "UTF8": {wrong}', sqlstate="22021") from None
    if "\0" in text:
        raise DataError('invalid byte sequence for encoding "UTF8": 0x00', sqlstate="22021")
    return text


def _number(form: str) -> Callable[[bytes, SqlType], object]:
    unpack = struct.Struct(form).unpack
    return lambda data, sql_type: unpack(data)[0]


def _boolean(data: bytes, sql_type: SqlType) -> bool:
    if len(data) != 1:
        raise incorrect(sql_type)
    return data != b"\0"


def _integer(data: bytes, sql_type: SqlType) -> int:
    """Some clients send a narrower integer than the type that they named; the value counts if it fits."""
    bits = {"smallint": 16, "integer": 32, "bigint": 64}[sql_type.name]
    if len(data) not in (2, 4, 8):
        raise incorrect(sql_type)
    value = int.from_bytes(data, "big", signed=True)
    if not -(1 << (bits - 1)) <= value < 1 << (bits - 1):
        raise NumericOutOfRange(f"{value} is out of range for type {sql_type.name}")
    return value


def _date(data: bytes, sql_type: SqlType) -> date | str:
    (days,) = struct.unpack(">i", data)
    if days in (2**31 - 1, -(2**31)):
        return "infinity" if days > 0 else "-infinity"
    try:
        return (_EPOCH + timedelta(days=days)).date()
    except OverflowError:
        return _engines(date_text(days + _EPOCH_DAYS))


def _timestamp(data: bytes, sql_type: SqlType) -> datetime | str:
    (microseconds,) = struct.unpack(">q", data)
    if microseconds in (2**63 - 1, -(2**63)):
        return "infinity" if microseconds > 0 else "-infinity"
    aware = sql_type.name == "timestamp with time zone"
    try:
        moment = _EPOCH + timedelta(microseconds=microseconds)
    except OverflowError:
        return _engines(timestamp_text(microseconds + _EPOCH_US)) + ("+00:00" if aware else "")
    return moment.replace(tzinfo=UTC) if aware else moment


def _engines(text: str) -> str:
    """A date or timestamp outside Python's calendar, in the engine's spelling of BC."""
    if not text.endswith(" BC"):
        return text
    day, _, rest = text.removesuffix(" BC").partition(" ")
    return f"{day} (BC) {rest}".rstrip()


def _time(data: bytes, sql_type: SqlType) -> time | str:
    return _clock(struct.unpack(">q", data)[0], sql_type)


def _clock(microseconds: int, sql_type: SqlType) -> time | str:
    if microseconds == _DAY_US:
        return "24:00:00"
    if not 0 <= microseconds < _DAY_US:
        raise incorrect(sql_type)
    return (_EPOCH + timedelta(microseconds=microseconds)).time()


def _timetz(data: bytes, sql_type: SqlType) -> time | str:
    microseconds, west = struct.unpack(">qi", data)
    found = _clock(microseconds, sql_type)
    if abs(west) >= 86_400:
        raise incorrect(sql_type)
    return found if isinstance(found, str) else found.replace(tzinfo=timezone(timedelta(seconds=-west)))


def _interval(data: bytes, sql_type: SqlType) -> timedelta | str:
    microseconds, days, months = struct.unpack(">qii", data)
    return bindable(months, days, microseconds)


def _numeric(data: bytes, sql_type: SqlType) -> Decimal:
    count, weight, sign, scale = struct.unpack_from(">HhHH", data)
    if sign & _NAN == _NAN:
        raise InvalidText("NaN and infinity are no values of type numeric")
    if sign not in (0, _NEGATIVE) or len(data) != 8 + 2 * count:
        raise incorrect(sql_type)
    unscaled, exponent = 0, (weight - count + 1) * 4
    for digit in struct.unpack_from(f">{count}H", data, 8):
        if digit > 9999:
            raise incorrect(sql_type)
        unscaled = unscaled * 10_000 + digit
    if exponent > -scale:
        if exponent + scale > 400:
            raise NumericOutOfRange("value has more than 38 digits")
        unscaled *= 10 ** (exponent + scale)
    else:
        unscaled //= 10 ** (-scale - exponent)
    value = Decimal((int(sign == _NEGATIVE), tuple(map(int, str(unscaled))), -scale))
    return fitting(value, str(value))


def _uuid(data: bytes, sql_type: SqlType) -> UUID:
    if len(data) != 16:
        raise incorrect(sql_type)
    return UUID(bytes=data)


def _bytes(data: bytes, sql_type: SqlType) -> bytes:
    return data


def _array(data: bytes, sql_type: SqlType) -> list[object]:
    dimensions, _, oid = struct.unpack_from(">iii", data)
    if not 0 <= dimensions <= _DIMENSIONS_MAX:
        raise incorrect(sql_type)
    element = TYPE_OF_OID.get(oid, sql_type.element)
    sizes = [struct.unpack_from(">ii", data, 12 + 8 * place)[0] for place in range(dimensions)]
    at, items = 12 + 8 * dimensions, []
    while at < len(data):
        (length,) = struct.unpack_from(">i", data, at)
        at += 4
        if length < -1 or at + length > len(data):
            raise incorrect(sql_type)
        items.append(None if length < 0 else parse_binary(data[at : at + length], element))
        at += max(length, 0)
    expected = 1 if sizes else 0
    for size in sizes:
        expected *= size
    if expected != len(items) or any(size < 0 for size in sizes):
        raise incorrect(sql_type)
    nested: list[object] = items
    for size in reversed(sizes[1:]):
        nested = [nested[start : start + size] for start in range(0, len(nested), size)]
    return nested


_PARSERS: dict[str, Callable[[bytes, SqlType], object]] = {
    "boolean": _boolean,
    "smallint": _integer,
    "integer": _integer,
    "bigint": _integer,
    **dict.fromkeys(("oid", *REFERENCES), _number(">I")),
    "real": _number(">f"),
    "double precision": _number(">d"),
    "numeric": _numeric,
    "date": _date,
    "time without time zone": _time,
    "time with time zone": _timetz,
    "timestamp without time zone": _timestamp,
    "timestamp with time zone": _timestamp,
    "interval": _interval,
    "uuid": _uuid,
    "bytea": _bytes,
    "varbyte": _bytes,
    # As hexadecimal digits: the engine reads what a client sends in either form.
    **dict.fromkeys(("geometry", "geography"), lambda data, sql_type: data.hex()),
    "array": _array,
}
