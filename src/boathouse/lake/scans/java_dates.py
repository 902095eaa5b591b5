"""Dates as Java's patterns write them: `yyyy/MM/dd/HH`.

Receives a pattern from a table's properties; tells `projection` how a moment is written and read, and how fine it is. Pure.
Source: Java's DateTimeFormatter, the letters that Amazon Athena's guide uses.
"""

from __future__ import annotations

import re
from datetime import datetime

from boathouse.contracts.errors import InvalidParameterValue

_TOKEN = re.compile(r"'([^']*)'|(y+|M+|d+|H+|m+|s+)|([A-Za-z])|(.)", re.DOTALL)
_CODES = {"yyyy": "%Y", "MM": "%m", "dd": "%d", "HH": "%H", "mm": "%M", "ss": "%S"}
_UNITS = {"%Y": "year", "%m": "month", "%d": "day", "%H": "hour", "%M": "minute", "%S": "second"}
_FIRST = {"year": 1, "month": 1, "day": 1, "hour": 0, "minute": 0, "second": 0}


class DateFormat:
    """One pattern.

    Raises:
        InvalidParameterValue: letters of a pattern that are not known.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        parts = []
        for quoted, letters, unknown, other in _TOKEN.findall(text):
            if unknown or (letters and letters not in _CODES):
                raise InvalidParameterValue(f'"{text}" is not a date format: {unknown or letters} is not known')
            parts.append(_CODES[letters] if letters else (quoted or other).replace("%", "%%"))
        self._codes = [part for part in parts if part in _UNITS]
        if not self._codes:
            raise InvalidParameterValue(f'"{text}" is not a date format')
        self._pattern = "".join(parts)
        order = list(_UNITS.values())
        self.finest = max((_UNITS[code] for code in self._codes), key=order.index)
        """The smallest unit that is written."""

    def read(self, text: str) -> datetime:
        """The moment that a text means; ValueError where it is none."""
        return datetime.strptime(text, self._pattern)

    def write(self, moment: datetime) -> str:
        """The moment's text."""
        return moment.strftime(self._pattern)

    def cut(self, moment: datetime) -> datetime:
        """The moment without what is too fine to be written."""
        order = list(_UNITS.values())
        finer = order[order.index(self.finest) + 1 :]
        cleared = {unit: _FIRST[unit] for unit in finer}
        return moment.replace(microsecond=0, **cleared)  # type: ignore[arg-type]
