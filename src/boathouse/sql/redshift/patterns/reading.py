"""TO_DATE and TO_TIMESTAMP: texts read by a format.

Received: a text, a format, and whether values beyond their range are errors. Handed on, to
`engines.duckdb.computed.formats`: the moment. Where a range does not matter, 31 June is 1 July and 24:38 tomorrow.

Source: Redshift Developer Guide, "TO_DATE", "TO_TIMESTAMP", "Datetime format strings"; PostgreSQL, "Data Type
Formatting Functions": how separators, names and years of two digits are read.
"""

from __future__ import annotations

import calendar
import re
from datetime import datetime, timedelta
from functools import lru_cache

from boathouse.contracts.errors import FeatureNotSupported

_NUMBERS = {
    "YYYY": 4, "YYY": 3, "YY": 2, "Y": 1, "IYYY": 4, "IYY": 3, "IY": 2, "I": 1, "CC": 2, "Q": 1, "MM": 2, "WW": 2, "W": 1,
    "IW": 2, "DDD": 3, "IDDD": 3, "DD": 2, "D": 1, "ID": 1, "J": 7, "HH24": 2, "HH12": 2, "HH": 2, "MI": 2, "SSSS": 5,
    "SS": 2, "MS": 3, "US": 6,
}  # fmt: skip
"""Elements that are numbers, and how many digits they have at most where no separator follows."""
_MONTHS = [name.lower() for name in calendar.month_name]
_DAYS = [name.lower() for name in calendar.day_name]
_ROMAN = ["", "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii"]
_NAMES = {
    "MONTH": _MONTHS, "MON": [name[:3] for name in _MONTHS], "DAY": _DAYS, "DY": [name[:3] for name in _DAYS], "RM": _ROMAN,
}  # fmt: skip
_MARKS = ("A.M.", "P.M.", "AM", "PM", "B.C.", "A.D.", "BC", "AD")
_ELEMENTS = re.compile(
    "|".join(
        re.escape(one) for one in sorted((*_NUMBERS, *_NAMES, *_MARKS, "Y,YYY", "TZ", "OF", "FM", "TH"), key=len)[::-1]
    ),
    re.I,
)
_DATE_RANGE, _TIME_RANGE = "date/time field date value out of range", "date/time field time value out of range"


class Unreadable(ValueError):
    """The text does not have the format's form; with a SQLSTATE and a sentence."""

    def __init__(self, message: str, sqlstate: str = "22007") -> None:
        super().__init__(message)
        self.sqlstate = sqlstate


@lru_cache(maxsize=512)
def reading_of(form: str) -> tuple[tuple[str, bool], ...]:
    """The elements of a format, in order; a separator stands as itself, with True.

    Raises:
        FeatureNotSupported: TZ and OF, which can only be shown.
    """
    nodes: list[tuple[str, bool]] = []
    place = 0
    while place < len(form):
        if form[place] == '"':
            end = form.find('"', place + 1)
            end = len(form) if end < 0 else end
            nodes += [(char, True) for char in form[place + 1 : end]]
            place = end + 1
            continue
        match = _ELEMENTS.match(form, place)
        word = match[0].upper() if match else form[place]
        if match and word in ("TZ", "OF"):
            raise FeatureNotSupported(f'the pattern "{word}" is not supported for reading dates')
        if word not in ("FM", "TH") or not match:
            nodes.append((word, match is None))
        place += len(word)
    return tuple(nodes)


def read_moment(text: str, form: str, strict: bool) -> datetime:
    """The moment that a text names.

    Raises:
        Unreadable: another form, or a value beyond its range (`strict`, or a year that no calendar has).
    """
    fields = _fields(text, reading_of(form))
    return _moment(fields, strict)


def _fields(text: str, nodes: tuple[tuple[str, bool], ...]) -> dict[str, int]:
    found: dict[str, int] = {}
    place = 0
    for number, (word, is_separator) in enumerate(nodes):
        if place >= len(text):
            break
        while place < len(text) and text[place].isspace() and word != " ":
            place += 1
        if is_separator:
            if place >= len(text):
                break
            same = text[place] == word or (not word.isalnum() and not text[place].isalnum()) or word.isalnum()
            place += same
            continue
        if word in _NAMES:
            place = _name(text, place, word, found)
        elif word in _MARKS:
            place = _mark(text, place, found)
        else:
            follows = nodes[number + 1] if number + 1 < len(nodes) else None
            place = _number(text, place, word, follows, found)
    return found


def _name(text: str, place: int, word: str, found: dict[str, int]) -> int:
    rest = text[place:].lower()
    for value, name in sorted(enumerate(_NAMES[word]), key=lambda one: -len(one[1])):
        if name and rest.startswith(name):
            if word in ("MONTH", "MON", "RM"):
                found["MM"] = value
            return place + len(name)
    raise Unreadable(f'invalid value "{text[place : place + 9]}" for "{word}"')


def _mark(text: str, place: int, found: dict[str, int]) -> int:
    match = re.compile(r"([AaPpBb])(\.?)([MmCcDd])\2").match(text, place)
    if match is None:
        raise Unreadable(f'invalid value "{text[place : place + 4]}" for a mark of half a day or an era')
    letters = (match[1] + match[3]).lower()
    if letters not in ("am", "pm", "bc", "ad"):
        raise Unreadable(f'invalid value "{match[0]}" for a mark of half a day or an era')
    found[letters] = 1
    return match.end()


def _number(text: str, place: int, word: str, follows: tuple[str, bool] | None, found: dict[str, int]) -> int:
    if word == "Y,YYY":
        match = re.compile(r"(\d{1,3}),?(\d{3})").match(text, place)
        if match is None:
            raise Unreadable(f'invalid value "{text[place : place + 5]}" for "Y,YYY"')
        found["YYYY"] = int(match[1] + match[2])
        return match.end()
    open_ended = follows is None or (follows[1] and not follows[0].isdigit()) or follows[0] in (*_MARKS, *_NAMES)
    most = 18 if open_ended and word not in ("MS", "US") else _NUMBERS[word]
    match = re.compile(rf"[-+]?\d{{1,{most}}}").match(text, place)
    if match is None:
        raise Unreadable(f'invalid value "{text[place : place + 4]}" for "{word}"')
    value = int(match[0])
    if word in ("MS", "US"):
        value = int(match[0].ljust(6, "0")[:6])
        word = "US"
    elif word in ("YYY", "YY", "Y", "IYY", "IY", "I"):
        value = _whole_year(value, len(match[0]))
    found[{"YYY": "YYYY", "YY": "YYYY", "Y": "YYYY", "IYYY": "YYYY", "IYY": "YYYY", "IY": "YYYY", "I": "YYYY",
           "HH": "HH12", "IDDD": "DDD"}.get(word, word)] = value  # fmt: skip
    return match.end()


def _whole_year(value: int, digits: int) -> int:
    """The year next to 2020 that ends so."""
    if digits == 2:
        return value + (2000 if value < 70 else 1900)
    if digits == 3:
        return value + (2000 if value < 520 else 1000)
    return value + 2000 if digits == 1 else value


def _moment(found: dict[str, int], strict: bool) -> datetime:
    year, month, day = found.get("YYYY", 1) or 1, found.get("MM", 1) or 1, found.get("DD", 1) or 1
    if "CC" in found and "YYYY" not in found:
        year = (found["CC"] - 1) * 100 + 1
    if "bc" in found:
        raise Unreadable("dates before the common era are not supported", "22008")
    hour = found.get("HH24", found.get("HH12", 0))
    if "HH12" in found and "HH24" not in found and ("am" in found or "pm" in found):
        if not 1 <= hour <= 12:
            raise Unreadable(f'hour "{hour}" is invalid for the 12-hour clock')
        hour = hour % 12 + 12 * ("pm" in found)
    minute, second = found.get("MI", 0), found.get("SS", 0)
    if strict and not (1 <= month <= 12 and 1 <= day <= calendar.monthrange(max(min(year, 9999), 1), month)[1]):
        raise Unreadable(f"{_DATE_RANGE}: {year}-{month}-{day}", "22008")
    if strict and not (0 <= hour < 24 and 0 <= minute < 60 and 0 <= second < 60):
        raise Unreadable(f"{_TIME_RANGE}: {hour}:{minute}:{second}.{found.get('US', 0)}", "22008")
    try:
        first = datetime(year + (month - 1) // 12, (month - 1) % 12 + 1, 1)
        start = _day(first, day, found)
        seconds = found.get("SSSS", hour * 3600 + minute * 60 + second)
        return start + timedelta(seconds=seconds, microseconds=found.get("US", 0))
    except (ValueError, OverflowError):
        raise Unreadable(f"{_DATE_RANGE}: {year}-{month}-{day}", "22008") from None


def _day(first: datetime, day: int, found: dict[str, int]) -> datetime:
    """The day: by its number in the month, in the year, of all days, or by its week."""
    if "J" in found:
        return datetime.fromordinal(found["J"] - 1721425)
    january = datetime(first.year, 1, 1)
    if "DDD" in found:
        return january + timedelta(days=found["DDD"] - 1)
    if "IW" in found:
        return datetime.fromisocalendar(first.year, found["IW"], found.get("ID", 1))
    if "WW" in found:
        return january + timedelta(days=7 * (found["WW"] - 1))
    if "W" in found:
        return first + timedelta(days=7 * (found["W"] - 1))
    return first + timedelta(days=day - 1)
