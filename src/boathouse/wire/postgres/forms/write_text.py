"""Single values as PostgreSQL prints them.

Receives plain integers, floats and their like (dates as days, times as microseconds, both from 1970) and hands
bytes to `columns` (for the few values that Arrow prints otherwise) and to the endpoint's path for small results.

Sources: PostgreSQL's documentation, "Data Types" (output formats) and `datetime.c`, `float.c` for the rules that
it leaves open; Redshift's "VARBYTE type" for bare hexadecimal digits.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from decimal import Decimal
from functools import lru_cache, partial
from zoneinfo import ZoneInfo

import numpy as np

from boathouse.contracts.errors import InvalidParameterValue
from boathouse.contracts.types import SqlType

DAY_US = 86_400_000_000
CYCLE_DAYS = 146_097
"""Days in 400 years, after which the calendar and its weekdays repeat."""

INFINITE_DATE = 2**31 - 1
INFINITE_TIMESTAMP = 2**63 - 1
"""The engine's infinities; the negative ones are their negations."""

_EPOCH_ORDINAL = date(1970, 1, 1).toordinal()
_ORDINAL_MAX = date.max.toordinal()
_OFFSET = re.compile(r"([+-])(\d{1,2})(?::?(\d{2}))?")
_POSIX = re.compile(r"[A-Za-z]{3,}([+-]?)(\d{1,2})(?::(\d{2}))?")

Write = Callable[[object], bytes]


@lru_cache(maxsize=256)
def zone(name: str) -> tzinfo:
    """The time zone of that name or of a fixed offset, `+05:30` to the east or `PST8` to the west; InvalidParameterValue
    for others.
    """
    fixed = _OFFSET.fullmatch(name)
    if fixed:
        minutes = int(fixed[2]) * 60 + int(fixed[3] or 0)
        if minutes < 24 * 60:
            return timezone(timedelta(minutes=-minutes if fixed[1] == "-" else minutes))
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        west = _POSIX.fullmatch(name)
        if west and int(west[2]) < 24:
            return zone(f"{'+' if west[1] == '-' else '-'}{west[2]}:{west[3] or '00'}")
        raise InvalidParameterValue(f'invalid value for parameter "TimeZone": "{name}"') from None


def double_text(value: float) -> str:
    """The shortest text that reads back as the same double: `0.1`, `1e+15`, `NaN`, `-Infinity`."""
    text = repr(value)
    if 1e-4 <= abs(value) < 1e15:
        return text.removesuffix(".0")
    return _shortest(value, text, 15, float)


def real_text(value: float) -> str:
    """Like `double_text` for a four-byte float: `0.1`, `1e+06`."""
    single = np.float32(value)
    return _shortest(value, np.format_float_scientific(single, unique=True), 6, np.float32)


def _shortest(value: float, shortest: str, fixed_below: int, read: Callable[[str], object]) -> str:
    if value != value:
        return "NaN"
    if value in (float("inf"), float("-inf")):
        return "Infinity" if value > 0 else "-Infinity"
    sign, digits, exponent = Decimal(shortest).normalize().as_tuple()
    number = int("".join(map(str, digits)))
    text = str(number)
    assert isinstance(exponent, int)
    if number and exponent >= 0 and _halfway(Decimal(number).scaleb(exponent), abs(value), read):
        text, exponent = _inside(value, read)
    point = exponent + len(text) - 1 if number else 0
    minus = "-" if sign else ""
    if not number:
        return minus + "0"
    if -5 < point < fixed_below:
        if exponent >= 0:
            return minus + text + "0" * exponent
        if point >= 0:
            return f"{minus}{text[: point + 1]}.{text[point + 1 :]}"
        return minus + "0." + "0" * (-point - 1) + text
    fraction = "." + text[1:] if len(text) > 1 else ""
    return f"{minus}{text[0]}{fraction}e{'-' if point < 0 else '+'}{abs(point):02d}"


def _halfway(text: Decimal, value: float, read: Callable[[str], object]) -> bool:
    """True where the text lies exactly between two floats, which PostgreSQL's algorithm does not accept."""
    distance = text - Decimal(value)
    if not distance:
        return False
    kind = np.float32 if read is np.float32 else np.float64
    with np.errstate(over="ignore"):
        toward = np.nextafter(kind(value), kind(np.inf if distance > 0 else 0))
    return abs(distance) * 2 == abs(Decimal(float(toward)) - Decimal(value)) if np.isfinite(toward) else False


def _inside(value: float, read: Callable[[str], object]) -> tuple[str, int]:
    """The shortest digits and exponent strictly between the value's neighbours."""
    for places in range(5 if read is np.float32 else 14, 17):
        text = f"{abs(value):.{places}e}"
        if read(text) == read(repr(abs(value))) and not _halfway(Decimal(text), abs(value), read):
            break
    _, digits, exponent = Decimal(text).normalize().as_tuple()
    assert isinstance(exponent, int)
    return "".join(map(str, digits)), exponent


def date_text(days: int) -> str:
    """A date given in days from 1970-01-01; any year, `0044-03-15 BC`, `infinity`."""
    if abs(days) == INFINITE_DATE:
        return "infinity" if days > 0 else "-infinity"
    year_text, rest, era = _civil(days)
    return year_text + rest + era


def _civil(days: int) -> tuple[str, str, str]:
    """A day's year (at least four digits), `-MM-DD` and ` BC` or nothing."""
    ordinal = days + _EPOCH_ORDINAL
    if 1 <= ordinal <= _ORDINAL_MAX:
        text = date.fromordinal(ordinal).isoformat()
        return text[:4], text[4:], ""
    cycles, within = divmod(ordinal - 1, CYCLE_DAYS)
    day = date.fromordinal(within + 1)
    year = day.year + cycles * 400
    return f"{year if year > 0 else 1 - year:04d}", f"-{day.month:02d}-{day.day:02d}", "" if year > 0 else " BC"


def time_text(microseconds: int) -> str:
    """A time of day; 24:00:00 is one."""
    seconds, fraction = divmod(microseconds, 1_000_000)
    text = f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    return f"{text}.{fraction:06d}".rstrip("0") if fraction else text


def timestamp_text(microseconds: int) -> str:
    """A timestamp in microseconds from 1970: fraction without trailing zeros, `BC`, `infinity`."""
    return _stamp(microseconds, "")


def timestamptz_text(microseconds: int, within: tzinfo) -> str:
    """An instant in a time zone: `2020-07-01 06:30:00+05:30`."""
    if abs(microseconds) == INFINITE_TIMESTAMP:
        return _stamp(microseconds, "")
    offset = offset_seconds(microseconds, within)
    return _stamp(microseconds + offset * 1_000_000, offset_text(offset))


def _stamp(microseconds: int, suffix: str) -> str:
    if abs(microseconds) == INFINITE_TIMESTAMP:
        return "infinity" if microseconds > 0 else "-infinity"
    days, time = divmod(microseconds, DAY_US)
    year, rest, era = _civil(days)
    return f"{year}{rest} {time_text(time)}{suffix}{era}"


def offset_seconds(microseconds: int, within: tzinfo) -> int:
    """A zone's offset east of Greenwich at an instant; far futures repeat the last 400 years that Python knows."""
    days, time = divmod(microseconds, DAY_US)
    ordinal = days + _EPOCH_ORDINAL
    if ordinal > _ORDINAL_MAX - 1:
        ordinal -= ((ordinal - _ORDINAL_MAX) // CYCLE_DAYS + 1) * CYCLE_DAYS
    ordinal = max(ordinal, 2)
    instant = datetime.fromordinal(ordinal) + timedelta(microseconds=time)
    offset = instant.replace(tzinfo=UTC).astimezone(within).utcoffset()
    return round(offset.total_seconds()) if offset else 0


def offset_text(seconds: int) -> str:
    """`+00`, `-04`, `+05:30`, `-04:56:02`."""
    minutes, rest = divmod(abs(seconds), 60)
    text = f"{'-' if seconds < 0 else '+'}{minutes // 60:02d}"
    if minutes % 60 or rest:
        text += f":{minutes % 60:02d}"
    return f"{text}:{rest:02d}" if rest else text


def interval_text(months: int, days: int, nanoseconds: int) -> str:
    """An interval in PostgreSQL's own style: `1 year 2 mons -3 days +04:05:06.7`."""
    sign = -1 if months < 0 else 1
    parts: list[str] = []
    after_negative = False
    years, rest = abs(months) // 12 * sign, abs(months) % 12 * sign
    for count, unit in ((years, "year"), (rest, "mon"), (days, "day")):
        if count:
            plus = "+" if after_negative and count > 0 else ""
            parts.append(f"{plus}{count} {unit}{'' if count == 1 else 's'}")
            after_negative = count < 0
    microseconds = abs(nanoseconds) // 1000
    if microseconds or not parts:
        minus = "-" if nanoseconds < 0 and microseconds else "+" if after_negative else ""
        parts.append(minus + time_text(microseconds))
    return " ".join(parts)


def text_writer(sql_type: SqlType, timezone_name: str = "UTC") -> Write | None:
    """The function that prints one value of the type, None where only the column form exists (arrays).

    The values are those of `columns.storage.raw_values`: days, microseconds, `MonthDayNano`, `Decimal`, `bytes`.
    """
    name = sql_type.name
    if name in ("array", "int2vector", "oidvector") or sql_type.is_reference:
        return None
    if name == "character" and sql_type.length:
        return partial(_padded, sql_type.length)
    if name == "timestamp with time zone":
        within = zone(timezone_name)
        return lambda value: timestamptz_text(value, within).encode()  # type: ignore[arg-type]
    return _WRITERS.get(name, _plain)


def _plain(value: object) -> bytes:
    return str(value).encode()


def _padded(width: int, value: object) -> bytes:
    return str(value).encode().ljust(width)


_WRITERS: dict[str, Write] = {
    "boolean": lambda value: b"t" if value else b"f",
    "real": lambda value: real_text(value).encode(),  # type: ignore[arg-type]
    "double precision": lambda value: double_text(value).encode(),  # type: ignore[arg-type]
    "numeric": lambda value: format(value, "f").encode(),
    "date": lambda value: date_text(value).encode(),  # type: ignore[arg-type]
    "time without time zone": lambda value: time_text(value).encode(),  # type: ignore[arg-type]
    "timestamp without time zone": lambda value: timestamp_text(value).encode(),  # type: ignore[arg-type]
    "interval": lambda value: interval_text(*value).encode(),  # type: ignore[misc]
    "bytea": lambda value: b"\\x" + value.hex().encode(),  # type: ignore[attr-defined]
    "varbyte": lambda value: value.hex().encode(),  # type: ignore[attr-defined]
    **dict.fromkeys(("geometry", "geography"), lambda value: value.hex().upper().encode()),  # type: ignore[attr-defined]
}
