"""Interval texts to what the engine binds.

Receives text from `parse_text` and the three numbers of a binary interval from `parse_binary`.
Sources: PostgreSQL's documentation, "Interval Input" (units, `ago`, ISO 8601 designators);
Redshift's "Interval literals".
"""

from __future__ import annotations

import re
from datetime import timedelta
from fractions import Fraction

from boathouse.contracts.errors import InvalidDatetime

_SECOND = 1_000_000
_MONTHS = {"millennium": 12_000, "century": 1_200, "decade": 120, "year": 12, "quarter": 3, "month": 1}
_DAYS = {"week": 7, "day": 1}
_MICROSECONDS = {
    "hour": 3600 * _SECOND,
    "minute": 60 * _SECOND,
    "second": _SECOND,
    "millisecond": 1000,
    "microsecond": 1,
}
_NAMES = {
    **{unit: unit for unit in (*_MONTHS, *_DAYS, *_MICROSECONDS)},
    "millennia": "millennium",
    "mil": "millennium",
    "centuries": "century",
    "cent": "century",
    "c": "century",
    "dec": "decade",
    "decs": "decade",
    "y": "year",
    "yr": "year",
    "yrs": "year",
    "qtr": "quarter",
    "mon": "month",
    "mons": "month",
    "w": "week",
    "d": "day",
    "h": "hour",
    "hr": "hour",
    "hrs": "hour",
    "m": "minute",
    "min": "minute",
    "mins": "minute",
    "s": "second",
    "sec": "second",
    "secs": "second",
    "ms": "millisecond",
    "msec": "millisecond",
    "msecs": "millisecond",
    "us": "microsecond",
    "usec": "microsecond",
    "usecs": "microsecond",
}
_PART = re.compile(
    r"\s*(?:(?P<sign>[+-]?)(?P<hours>\d+):(?P<minutes>\d{2})(?::(?P<seconds>\d{2}(?:\.\d*)?))?"
    r"|(?P<count>[+-]?(?:\d+\.?\d*|\.\d+))\s*(?P<unit>[A-Za-z]*))",
    re.ASCII,
)
_ISO = re.compile(r"P(?=.)([^T]*)(?:T(.+))?", re.ASCII)
_ISO_PART = re.compile(r"([+-]?\d+(?:\.\d+)?)([YMWDHS])", re.ASCII)


def parse_interval(text: str) -> timedelta | str:
    """An interval's text, in PostgreSQL's, SQL's or ISO 8601's style; see `bindable` for what comes back.

    Raises:
        InvalidDatetime: the text is no interval.
    """
    body = text.strip().lower().removeprefix("@").strip()
    iso = _ISO.fullmatch(text.strip())
    if iso:
        return _from_iso(iso, text)
    ago = body.endswith(" ago")
    body = body.removesuffix(" ago").strip()
    months, days, microseconds = Fraction(0), Fraction(0), Fraction(0)
    at = 0
    while at < len(body):
        part = _PART.match(body, at)
        if not part or part.end() == at:
            raise _invalid(text)
        at = part.end()
        if part["hours"] is not None:
            time = int(part["hours"]) * 3600 + int(part["minutes"]) * 60 + Fraction(part["seconds"] or 0)
            microseconds += time * _SECOND * (-1 if part["sign"] == "-" else 1)
            continue
        count, unit = Fraction(part["count"]), _unit(part["unit"] or "second", text)
        months += count * _MONTHS.get(unit, 0)
        days += count * _DAYS.get(unit, 0)
        microseconds += count * _MICROSECONDS.get(unit, 0)
    if not body:
        raise _invalid(text)
    sign = -1 if ago else 1
    return _whole(months * sign, days * sign, microseconds * sign)


def bindable(months: int, days: int, microseconds: int) -> timedelta | str:
    """An interval as the engine binds it: timedelta where nothing is lost, else text that the engine casts.

    Python's timedelta borrows from its days, so a negative time of day would arrive as another interval.
    """
    if not months and 0 <= microseconds < 86_400 * _SECOND and 0 <= days < 10**8:
        return timedelta(days=days, microseconds=microseconds)
    return f"{months} months {days} days {microseconds} microseconds"


def _whole(months: Fraction, days: Fraction, microseconds: Fraction) -> timedelta | str:
    """Fractions of a month become days (30 each), fractions of a day become time."""
    whole_months = int(months)
    days += (months - whole_months) * 30
    whole_days = int(days)
    microseconds += (days - whole_days) * 86_400 * _SECOND
    return bindable(whole_months, whole_days, round(microseconds))


def _unit(name: str, text: str) -> str:
    unit = _NAMES.get(name) or _NAMES.get(name.removesuffix("s"))
    if unit is None:
        raise _invalid(text)
    return unit


def _from_iso(iso: re.Match[str], text: str) -> timedelta | str:
    months, days, microseconds = Fraction(0), Fraction(0), Fraction(0)
    for body, units in (
        (iso[1], {"Y": "year", "M": "month", "W": "week", "D": "day"}),
        (iso[2] or "", {"H": "hour", "M": "minute", "S": "second"}),
    ):
        if _ISO_PART.sub("", body):
            raise _invalid(text)
        for count, designator in _ISO_PART.findall(body):
            unit = units.get(designator)
            if unit is None:
                raise _invalid(text)
            months += Fraction(count) * _MONTHS.get(unit, 0)
            days += Fraction(count) * _DAYS.get(unit, 0)
            microseconds += Fraction(count) * _MICROSECONDS.get(unit, 0)
    return _whole(months, days, microseconds)


def _invalid(text: str) -> InvalidDatetime:
    return InvalidDatetime(f'invalid input syntax for type interval: "{text[:80]}"')
