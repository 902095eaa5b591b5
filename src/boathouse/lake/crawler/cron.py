"""When a schedule comes due: `cron(Minutes Hours Day-of-month Month Day-of-week Year)`, in UTC.

Receives the text of a crawler's SCHEDULE; hands `schedule` the next moment after another. Pure.
Source: AWS Glue Developer Guide, "Time-based schedules for jobs and crawlers". One of the two day fields must be `?`;
unlike Glue, schedules more often than every five minutes are taken.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from boathouse.contracts.errors import InvalidParameterValue

_MONTH_NAMES = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_MONTHS = {name: at for at, name in enumerate(_MONTH_NAMES, 1)}
_WEEKDAYS = {name: at for at, name in enumerate(("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"), 1)}
_YEARS = (1970, 2199)
_PART = re.compile(r"(?:\*|(\w+)(?:-(\w+))?)(?:/([0-9]+))?")

DayTest = Callable[[date], bool]


@dataclass(frozen=True)
class Schedule:
    """A parsed schedule.

    Attributes:
        falls_on: True for the days of the two day fields.
    """

    minutes: frozenset[int]
    hours: frozenset[int]
    months: frozenset[int]
    years: frozenset[int]
    falls_on: DayTest

    def next_after(self, moment: datetime) -> datetime | None:
        """The first due minute later than `moment`, in its time zone; None where none comes any more."""
        start = moment.replace(second=0, microsecond=0) + timedelta(minutes=1)
        day = start.date()
        times = [(hour, minute) for hour in sorted(self.hours) for minute in sorted(self.minutes)]
        while day.year <= _YEARS[1]:
            if day.year not in self.years or day.month not in self.months:
                day = _next_month(day)
                continue
            if self.falls_on(day):
                for hour, minute in times:
                    found = start.replace(year=day.year, month=day.month, day=day.day, hour=hour, minute=minute)
                    if found >= start:
                        return found
            day += timedelta(days=1)
        return None


def read_schedule(text: str) -> Schedule:
    """The schedule that a text says.

    Raises:
        InvalidParameterValue: no cron expression, with the field that is none.
    """
    found = re.fullmatch(r"\s*cron\(\s*(.*?)\s*\)\s*", text, re.IGNORECASE | re.DOTALL)
    fields = found.group(1).upper().split() if found else []
    if len(fields) != 6:
        raise InvalidParameterValue(
            f'"{text}" is no schedule', hint="cron(Minutes Hours Day-of-month Month Day-of-week Year), in UTC."
        )
    minutes, hours, month_day, months, week_day, years = fields
    if (month_day == "?") == (week_day == "?"):
        raise InvalidParameterValue(f'in "{text}" one of day-of-month and day-of-week, and only one, must be ?')
    return Schedule(
        _numbers(minutes, "minutes", (0, 59)),
        _numbers(hours, "hours", (0, 23)),
        _numbers(months, "month", (1, 12), _MONTHS),
        _numbers(years, "year", _YEARS),
        _month_day(month_day) if week_day == "?" else _week_day(week_day),
    )


def _numbers(field: str, what: str, limits: tuple[int, int], names: dict[str, int] | None = None) -> frozenset[int]:
    chosen: set[int] = set()
    for part in field.split(","):
        found = _PART.fullmatch(part)
        if found is None:
            raise _wrong(field, what)
        first, last, step = found.groups()
        low = limits[0] if first is None else _number(first, field, what, limits, names)
        if last is not None:
            high = _number(last, field, what, limits, names)
        else:
            high = limits[1] if first is None or step is not None else low
        if step is not None and int(step) == 0:
            raise _wrong(field, what)
        stride = int(step or 1)
        # A range may run over the end: FRI-MON.
        width = high - low if low <= high else high - low + limits[1] - limits[0] + 1
        span = limits[1] - limits[0] + 1
        chosen |= {limits[0] + (low - limits[0] + at) % span for at in range(0, width + 1, stride)}
    return frozenset(chosen)


def _number(text: str, field: str, what: str, limits: tuple[int, int], names: dict[str, int] | None) -> int:
    value = (names or {}).get(text, int(text) if text.isascii() and text.isdigit() else -1)
    if not limits[0] <= value <= limits[1]:
        raise _wrong(field, what)
    return value


def _month_day(field: str) -> DayTest:
    """`L` is the month's last day, `15W` the weekday next to the 15th, in the same month."""
    if field == "L":
        return lambda day: day.day == _length(day)
    if field.endswith("W"):
        wanted = _number(field[:-1], field, "day-of-month", (1, 31), None)
        return lambda day: wanted <= _length(day) and day.day == _weekday_near(day.replace(day=wanted)).day
    days = _numbers(field, "day-of-month", (1, 31))
    return lambda day: day.day in days


def _week_day(field: str) -> DayTest:
    """`L` is Saturday, `6L` the month's last Friday, `2#1` its first Monday."""
    if field == "L":
        return lambda day: _weekday(day) == 7
    if field.endswith("L"):
        last = _number(field[:-1], field, "day-of-week", (1, 7), _WEEKDAYS)
        return lambda day: _weekday(day) == last and day.day + 7 > _length(day)
    if "#" in field:
        which, _, place = field.partition("#")
        wanted = _number(which, field, "day-of-week", (1, 7), _WEEKDAYS)
        week = _number(place, field, "day-of-week", (1, 5), None)
        return lambda day: _weekday(day) == wanted and (day.day + 6) // 7 == week
    days = _numbers(field, "day-of-week", (1, 7), _WEEKDAYS)
    return lambda day: _weekday(day) in days


def _weekday(day: date) -> int:
    """1 for Sunday to 7 for Saturday."""
    return day.isoweekday() % 7 + 1


def _weekday_near(day: date) -> date:
    if day.isoweekday() == 6:
        return day - timedelta(days=1) if day.day > 1 else day + timedelta(days=2)
    if day.isoweekday() == 7:
        return day + timedelta(days=1) if day.day < _length(day) else day - timedelta(days=2)
    return day


def _length(day: date) -> int:
    return calendar.monthrange(day.year, day.month)[1]


def _next_month(day: date) -> date:
    return day.replace(day=1, month=day.month + 1) if day.month < 12 else date(day.year + 1, 1, 1)


def _wrong(field: str, what: str) -> InvalidParameterValue:
    return InvalidParameterValue(f'"{field}" is not a value of {what} in a schedule')
