"""Values in PostgreSQL's text format to Python objects.

Receives text of parameters and array elements from `values`; hands back objects that the engine binds without loss.
Sources: PostgreSQL's documentation, "Data Types" (input syntax); Redshift's "Datetime literals", "Boolean type".
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation
from functools import partial
from uuid import UUID

from boathouse.contracts.errors import (
    DatetimeOverflow,
    InvalidDatetime,
    InvalidParameterValue,
    InvalidText,
    NumericOutOfRange,
)
from boathouse.contracts.types import SqlType
from boathouse.wire.postgres.forms.arrays import parse_array
from boathouse.wire.postgres.forms.intervals import parse_interval
from boathouse.wire.postgres.forms.write_text import zone

INTEGER_BITS = {"smallint": 16, "integer": 32, "bigint": 64}

_TRUE, _FALSE = ("true", "yes", "on", "1"), ("false", "no", "off", "0")
_INTEGER = re.compile(r"[+-]?[0-9]+", re.ASCII)
_FLOAT = re.compile(r"[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|inf|infinity|nan)", re.ASCII | re.IGNORECASE)
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,4})?", re.ASCII)
_DATE = r"(?P<year>\d{4,6})-(?P<month>\d{1,2})-(?P<day>\d{1,2})"
_TIME = r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,](?P<fraction>\d+))?)?"
_ZONE = r"\s*(?P<zone>[Zz]|[+-]\d{1,2}(?::?\d{2}(?::?\d{2})?)?|(?!BC|AD)[A-Za-z][A-Za-z_]*(?:/[A-Za-z_+-]+[0-9]*)*)?"
_STAMP = re.compile(rf"{_DATE}(?:[ T]+{_TIME})?{_ZONE}(?P<era>\s+(?:BC|AD))?", re.ASCII)
_CLOCK = re.compile(_TIME + _ZONE, re.ASCII)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII)
_ESCAPES = re.compile(rb"\\(?:([0-3][0-7]{2})|(\\)|(.|$))", re.DOTALL)

_SPACES = " \t\n\r\v\f"
_DIGITS_MAX, _SCALE_MAX = 38, 37
_WIDE = Context(prec=20_000, rounding=ROUND_HALF_UP)

Parse = Callable[[str], object]


def parse_text(text: str, sql_type: SqlType, timezone_name: str = "UTC") -> object:
    """One value; types without a rule of their own (varchar, super, json, unknown) stay text.

    Args:
        timezone_name: the session's, for timestamps with time zone that name none.

    Raises:
        InvalidText, InvalidDatetime, DatetimeOverflow, NumericOutOfRange: the text is not a value of the type.
    """
    if sql_type.name == "timestamp with time zone":
        return parse_timestamp(text, sql_type, zone(timezone_name))
    parse = _PARSERS.get(sql_type.name)
    return parse(text, sql_type) if parse else text


def wrong(text: str, sql_type: SqlType) -> InvalidText:
    """The error for text that is no value of a type."""
    name = sql_type.name if sql_type.name != "array" else "array"
    return InvalidText(f'invalid input syntax for type {name}: "{_shortened(text)}"')


def _shortened(text: str) -> str:
    return text if len(text) <= 80 else text[:77] + "..."


def _boolean(text: str, sql_type: SqlType) -> bool:
    word = text.strip(_SPACES).lower()
    if word:
        # Any unambiguous beginning counts; "o" alone does not.
        for words, value in ((_TRUE, True), (_FALSE, False)):
            if word != "o" and any(known.startswith(word) for known in words):
                return value
    raise wrong(text, sql_type)


def _integer(text: str, sql_type: SqlType) -> int:
    if not _INTEGER.fullmatch(text.strip(_SPACES)) or len(text) > 400:
        raise wrong(text, sql_type)
    value = int(text)
    low, high = (0, 2**32 - 1) if sql_type.name == "oid" else _range(INTEGER_BITS[sql_type.name])
    if not low <= value <= high:
        raise NumericOutOfRange(f'value "{_shortened(text)}" is out of range for type {sql_type.name}')
    return value


def _range(bits: int) -> tuple[int, int]:
    return -(1 << (bits - 1)), (1 << (bits - 1)) - 1


def _float(text: str, sql_type: SqlType) -> float:
    if not _FLOAT.fullmatch(text.strip(_SPACES)):
        raise wrong(text, sql_type)
    value = float(text)
    largest = 3.4028235677973366e38 if sql_type.name == "real" else float("inf")
    finite = "n" not in text.lower()
    if finite and (abs(value) >= largest or value in (float("inf"), float("-inf"))):
        raise NumericOutOfRange(f'"{_shortened(text)}" is out of range for type {sql_type.name}')
    if sql_type.name == "real":
        (value,) = struct.unpack("f", struct.pack("f", value))
    return value


def _numeric(text: str, sql_type: SqlType) -> Decimal:
    if not _NUMBER.fullmatch(text.strip(_SPACES)):
        raise wrong(text, sql_type)
    try:
        value = Decimal(text.strip(_SPACES))
    except InvalidOperation:
        raise wrong(text, sql_type) from None
    return fitting(value, text)


def fitting(value: Decimal, text: str) -> Decimal:
    """The value with its exponent written out, which the engine would otherwise misread.

    Decimals beyond the 38 digits of NUMERIC (of them at most 37 after the point) are rounded, as a cast would.

    Raises:
        NumericOutOfRange: more than 38 digits before the point.
    """
    sign, digits, exponent = value.as_tuple()
    assert isinstance(exponent, int)
    whole_digits = len(digits) + exponent if value else 0
    if whole_digits > _DIGITS_MAX:
        raise NumericOutOfRange(f'"{_shortened(text)}" has more than {_DIGITS_MAX} digits')
    scale_max = min(_SCALE_MAX, _DIGITS_MAX - max(whole_digits, 0))
    if exponent < -scale_max:
        rounded = _WIDE.quantize(value, Decimal((0, (1,), -scale_max)))
        if len(rounded.as_tuple().digits) <= _DIGITS_MAX:
            return rounded
        return _WIDE.quantize(value, Decimal((0, (1,), 1 - scale_max)))
    if exponent > 0:
        return Decimal((sign, digits + (0,) * exponent if value else (0,), 0))
    return value


def _date(text: str, sql_type: SqlType) -> date | str:
    compact = _COMPACT.fullmatch(text.strip(_SPACES))
    if compact:
        text = "-".join(compact.groups())
    found = parse_timestamp(text, sql_type, None)
    if isinstance(found, datetime):
        return found.date()
    assert isinstance(found, str)
    return found.split(" ")[0] + (" (BC)" if "(BC)" in found else "")


def parse_timestamp(text: str, sql_type: SqlType, session_zone: tzinfo | None) -> datetime | str:
    """A timestamp; with a session zone an aware one.

    Returns:
        datetime, or the engine's own text for what Python's calendar lacks: `infinity`, years beyond 9999, BC.
    """
    stripped = text.strip(_SPACES)
    if stripped.lower().lstrip("+-") in ("infinity", "inf"):
        return "-infinity" if stripped.startswith("-") else "infinity"
    found = _STAMP.fullmatch(stripped)
    if not found:
        raise InvalidDatetime(f'invalid input syntax for type {sql_type.name}: "{_shortened(text)}"')
    year, month, day = (int(found[part]) for part in ("year", "month", "day"))
    before = (found["era"] or "").strip() == "BC"
    within = _zone(found["zone"], text, sql_type) or session_zone if session_zone else None
    try:
        # 2000 stands in for a year that Python lacks: a leap year, as its own may be.
        odd = before or year > 9999
        extra, microseconds = _clock(found)
        moment = datetime(2000 if odd else year, month, day, tzinfo=within) + timedelta(days=extra)
        moment += timedelta(microseconds=microseconds)
    except (ValueError, OverflowError):
        raise DatetimeOverflow(f'date/time field value out of range: "{_shortened(text)}"') from None
    if not odd:
        return moment
    offset = moment.strftime("%z")
    suffix = f"{offset[:3]}:{offset[3:5]}" if offset else ""
    fraction = f".{moment.microsecond:06d}".rstrip("0") if moment.microsecond else ""
    era = " (BC)" if before else ""
    return f"{year:04d}-{moment:%m-%d}{era} {moment:%H:%M:%S}{fraction}{suffix}"


def _clock(found: re.Match[str]) -> tuple[int, int]:
    """Whole days (24:00:00 is one) and microseconds; ValueError for a field out of range."""
    hour, minute, second = (int(found[part] or 0) for part in ("hour", "minute", "second"))
    microseconds = round(int((found["fraction"] or "0")[:7].ljust(7, "0")) / 10)
    if minute > 59 or second > 60 or hour > 24 or (hour == 24 and (minute or second or microseconds)):
        raise ValueError
    days, rest = divmod((hour * 3600 + minute * 60 + second) * 1_000_000 + microseconds, 86_400_000_000)
    return days, rest


def _zone(text: str | None, whole: str, sql_type: SqlType) -> tzinfo | None:
    if not text:
        return None
    if text[0] not in "+-":
        try:
            return UTC if text in ("Z", "z") else zone(text)
        except InvalidParameterValue:
            raise InvalidDatetime(f'invalid input syntax for type {sql_type.name}: "{_shortened(whole)}"') from None
    digits = text[1:].replace(":", "").ljust(6, "0") if len(text) > 2 else "0" + text[1:] + "0000"
    seconds = int(digits[:2]) * 3600 + int(digits[2:4]) * 60 + int(digits[4:6])
    if seconds >= 86_400:
        raise InvalidDatetime(f'time zone displacement out of range: "{_shortened(whole)}"', sqlstate="22009")
    return timezone(timedelta(seconds=-seconds if text[0] == "-" else seconds))


def _time(text: str, sql_type: SqlType) -> time | str:
    found = _CLOCK.fullmatch(text.strip(_SPACES))
    if not found:
        raise InvalidDatetime(f'invalid input syntax for type {sql_type.name}: "{_shortened(text)}"')
    try:
        days, microseconds = _clock(found)
    except ValueError:
        raise DatetimeOverflow(f'date/time field value out of range: "{_shortened(text)}"') from None
    within = None
    if sql_type.name == "time with time zone":
        within = _zone(found["zone"], text, sql_type) or UTC
    if days:
        return "24:00:00"
    return (datetime.min + timedelta(microseconds=microseconds)).time().replace(tzinfo=within)


def parse_bytea(text: str, sql_type: SqlType) -> bytes:
    """`\\x` and hexadecimal digits, or the older form with octal escapes; VARBYTE takes other text as its UTF-8."""
    if text.startswith("\\x"):
        try:
            return bytes.fromhex(text[2:])
        except ValueError:
            raise InvalidText(f'invalid hexadecimal data: "{_shortened(text)}"') from None
    if sql_type.name == "varbyte":
        return text.encode()

    def unescaped(found: re.Match[bytes]) -> bytes:
        if found[1]:
            return bytes([int(found[1], 8)])
        if found[2]:
            return b"\\"
        raise wrong(text, sql_type)

    return _ESCAPES.sub(unescaped, text.encode())


def _uuid(text: str, sql_type: SqlType) -> UUID:
    try:
        return UUID(text.strip(_SPACES))
    except ValueError:
        raise wrong(text, sql_type) from None


def _array(text: str, sql_type: SqlType) -> object:
    return parse_array(text, partial(parse_text, sql_type=sql_type.element))


_PARSERS: dict[str, Callable[[str, SqlType], object]] = {
    "boolean": _boolean,
    "smallint": _integer,
    "integer": _integer,
    "bigint": _integer,
    "oid": _integer,
    "real": _float,
    "double precision": _float,
    "numeric": _numeric,
    "date": _date,
    "time without time zone": _time,
    "time with time zone": _time,
    "timestamp without time zone": lambda text, sql_type: parse_timestamp(text, sql_type, None),
    "interval": lambda text, sql_type: parse_interval(text),
    "bytea": parse_bytea,
    "varbyte": parse_bytea,
    "uuid": _uuid,
    "array": _array,
}
