"""DATEFORMAT and TIMEFORMAT as the engine's strptime formats.

Source: Redshift Developer Guide, "DATEFORMAT and TIMEFORMAT strings", "Using automatic recognition".
"""

from __future__ import annotations

import re

from boathouse.contracts.errors import InvalidParameterValue

_PARTS = (
    ("YYYY", "%Y"), ("YY", "%y"), ("MONTH", "%B"), ("MON", "%b"), ("MM", "%m"), ("DD", "%d"), ("DAY", "%A"), ("DY", "%a"),
    ("HH24", "%H"), ("HH12", "%I"), ("HH", "%I"), ("MI", "%M"), ("SS", "%S"), ("US", "%f"), ("MS", "%g"), ("AM", "%p"),
    ("PM", "%p"), ("OF", "%z"), ("TZ", "%Z"), ("J", "%j"),
)  # fmt: skip

AUTO_DATES = (
    "%Y-%m-%d",
    "%d %b, %Y",
    "%m/%d/%Y",
    "%m/%d/%y",
    "%Y%m%d",
    "%b %d, %Y",
    "%d-%b-%Y",
    "%m-%d-%Y",
    "%Y/%m/%d",
)
AUTO_TIMES = (
    "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M:%S.%f", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S.%f", "%m/%d/%Y %H:%M:%S",
    "%m/%d/%Y %I:%M:%S %p", "%b %d %H:%M:%S %Y", "%d/%b/%Y:%H:%M:%S", "%Y%m%d %H%M%S", "%m.%d.%Y %H:%M:%S",
    "%Y-%m-%d %H:%M", "%Y-%m-%d", "%Y%m%d", "%m/%d/%Y",
)  # fmt: skip


def strptime_format(pattern: str) -> str:
    """The strptime format of a Redshift pattern, as `DD/MM/YYYY HH24:MI:SS`.

    Raises:
        InvalidParameterValue: a letter that is no part of a date or time.
    """
    found, at = "", 0
    upper = pattern.upper()
    while at < len(pattern):
        for part, code in _PARTS:
            if upper.startswith(part, at):
                found += code
                at += len(part)
                break
        else:
            if re.match(r"[A-Za-z]", pattern[at]) and pattern[at] not in "Tt":
                raise InvalidParameterValue(f'"{pattern}" is not a date or time format: "{pattern[at:]}" is not known')
            found += "%%" if pattern[at] == "%" else pattern[at]
            at += 1
    return found
