"""Interval literals with a span, INTERVAL '1-2' YEAR TO MONTH, INTERVAL '3 4:05:06' DAY TO SECOND; times less times.

Received: the literal and its span. Handed back: the same length in a form that the engine reads.

Source: Redshift Developer Guide, "Interval data types and literals".
"""

from __future__ import annotations

import re

from sqlglot import exp

from boathouse.contracts.errors import InvalidDatetime
from boathouse.contracts.types import DATE, TIME, TIMETZ
from boathouse.sql.bind.bound import type_of
from boathouse.sql.rewrites.forms import call, cast, literal_text, text

_MONTHS = re.compile(r"\s*([-+]?)(\d+)-(\d+)\s*")
_DAYS = re.compile(r"\s*([-+]?)(?:(\d+)\s+)?(\d+)(?::(\d+))?(?::(\d+(?:\.\d+)?))?\s*")
_UNITS = ("DAY", "HOUR", "MINUTE", "SECOND")


def rewrite_interval(node: exp.Expression) -> exp.Expression:
    """Rewrite one interval with a span.

    Raises:
        InvalidDatetime: the text does not have the span's fields.
    """
    if isinstance(node, exp.Sub):
        return _time_difference(node)
    if not isinstance(node, exp.Interval) or not isinstance(node.args.get("unit"), exp.IntervalSpan):
        return node
    if isinstance(node.parent, exp.DataType):
        return node  # the type in a cast, no value
    span, written = node.args["unit"], literal_text(node.this) or ""
    first, last = span.this.name.upper(), span.expression.name.upper()
    if first == "YEAR":
        found = _MONTHS.fullmatch(written)
        if found is None:
            raise InvalidDatetime(f'invalid input syntax for type interval: "{written}"')
        sign, years, months = found.groups()
        shown = f"{sign}{years} years {sign}{months} months"
    else:
        shown = _day_time(written, first, last)
    return exp.Interval(this=exp.Literal.string(shown))


def _time_difference(node: exp.Sub) -> exp.Expression:
    """The engine subtracts moments, but no times of day."""
    sides = [node.this, node.expression]
    if not all(type_of(side) in (TIME, TIMETZ) for side in sides):
        return node
    moments = []
    for side in sides:
        time = cast(call("timezone", text("UTC"), side), TIME) if type_of(side) == TIMETZ else side
        day = cast(text("1970-01-01"), DATE)
        moments.append(exp.Paren(this=exp.Add(this=day, expression=time)))
    return exp.Paren(this=exp.Sub(this=moments[0], expression=moments[1]))


def _day_time(text: str, first: str, last: str) -> str:
    """The fields from `first` to `last`, each with its unit."""
    if first not in _UNITS or last not in _UNITS:
        raise InvalidDatetime(f'invalid input syntax for type interval: "{text}"')
    units = _UNITS[_UNITS.index(first) : _UNITS.index(last) + 1]
    match = _DAYS.fullmatch(text)
    parts = [part for part in match.groups()[1:] if part is not None] if match else []
    if match is None or len(parts) != len(units):
        raise InvalidDatetime(f'invalid input syntax for type interval: "{text}"')
    sign = match.group(1)
    return " ".join(f"{sign}{part} {unit.lower()}s" for part, unit in zip(parts, units, strict=True))
