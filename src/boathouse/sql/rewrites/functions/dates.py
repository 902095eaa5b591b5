"""Date functions: parts by all their names, sums, differences, zones.

Received from `calls`: converted arguments, date parts as text literals. Handed back: the engine's expressions.

Source: Redshift Developer Guide, "Date parts for date or timestamp functions", "DATEADD", "DATEDIFF", "DATE_PART",
"EXTRACT", "DATE_TRUNC", "CONVERT_TIMEZONE", "TIMEZONE", "AT TIME ZONE".
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlglot import exp

from boathouse.contracts import types as t
from boathouse.contracts.errors import InvalidParameterValue
from boathouse.contracts.types import SqlType
from boathouse.sql.bind.bound import type_of
from boathouse.sql.redshift.patterns.zones import offset_minutes
from boathouse.sql.rewrites.casts import convert
from boathouse.sql.rewrites.forms import (
    call,
    cast,
    cast_as,
    is_text_literal,
    literal_number,
    literal_text,
    number,
    text,
)

Args = Sequence[exp.Expression]

_PARTS: dict[str, str] = {
    **dict.fromkeys(("millennium", "millennia", "mil", "mils"), "millennium"),
    **dict.fromkeys(("century", "centuries", "c", "cent", "cents"), "century"),
    **dict.fromkeys(("decade", "decades", "dec", "decs"), "decade"),
    **dict.fromkeys(("year", "years", "y", "yr", "yrs"), "year"),
    **dict.fromkeys(("quarter", "quarters", "qtr", "qtrs"), "quarter"),
    **dict.fromkeys(("month", "months", "mon", "mons"), "month"),
    **dict.fromkeys(("week", "weeks", "w"), "week"),
    **dict.fromkeys(("dayofweek", "dow", "dw", "weekday"), "dow"),
    **dict.fromkeys(("dayofyear", "doy", "dy", "yearday"), "doy"),
    **dict.fromkeys(("day", "days", "d"), "day"),
    **dict.fromkeys(("hour", "hours", "h", "hr", "hrs"), "hour"),
    **dict.fromkeys(("minute", "minutes", "m", "min", "mins"), "minute"),
    **dict.fromkeys(("second", "seconds", "s", "sec", "secs"), "second"),
    **dict.fromkeys(("millisecond", "milliseconds", "ms", "msec", "msecs", "msecond", "mseconds", "millisec",
                     "millisecs", "millisecon"), "millisecond"),
    **dict.fromkeys(("microsecond", "microseconds", "us", "usec", "usecs", "usecond", "useconds", "microsec",
                     "microsecs"), "microsecond"),
    **{part: part for part in ("epoch", "timezone", "timezone_hour", "timezone_minute")},
}  # fmt: skip
_DURATIONS = {
    "quarter": ("to_months", 3), "month": ("to_months", 1), "week": ("to_days", 7), "day": ("to_days", 1),
    "hour": ("to_hours", 1), "minute": ("to_minutes", 1), "second": ("to_seconds", 1),
    "millisecond": ("to_milliseconds", 1), "microsecond": ("to_microseconds", 1),
}  # fmt: skip
_YEARS = {"millennium": 1000, "century": 100, "decade": 10, "year": 1}
_ZONED = (t.TIMESTAMPTZ.name, t.TIMETZ.name)
_TIMES = (t.TIME.name, t.TIMETZ.name)


def part_of(node: exp.Expression, but: tuple[str, ...] = ()) -> str:
    """The one name of a date part, whatever it is called.

    Raises:
        InvalidParameterValue: there is none of that name, or it is one of `but`.
    """
    name = literal_text(node) or node.name
    found = _PARTS.get(name.lower().strip())
    if found is None or found in but:
        raise InvalidParameterValue(f'timestamp units "{name}" not {"supported here" if found else "recognized"}')
    return found


_READ_ONLY = ("dow", "doy", "epoch", "timezone", "timezone_hour", "timezone_minute")


def _dateadd(args: Args) -> exp.Expression:
    part = part_of(args[0], but=_READ_ONLY)
    count: exp.Expression = args[1]
    if not type_of(count).is_integer and literal_number(count) is None:
        count = call("trunc", count)
    moment = args[2] if type_of(args[2]).name.startswith("time") else cast(args[2], t.TIMESTAMP)
    moment = _in_utc(moment) if type_of(moment) == t.TIMETZ else moment
    if part in _YEARS:
        years = cast_as(count, "INTEGER")
        return call("rs.add_years", moment, exp.Mul(this=years, expression=number(_YEARS[part])))
    name, factor = _DURATIONS[part]
    count = cast_as(count, "INTEGER" if name in ("to_months", "to_days") else "BIGINT")
    if factor != 1:
        count = exp.Mul(this=count, expression=number(factor))
    elif name in ("to_seconds", "to_milliseconds"):
        count = cast_as(count, "DOUBLE")
    return exp.Paren(this=exp.Add(this=moment, expression=call(name, count)))


def _datediff(args: Args) -> exp.Expression:
    part = part_of(args[0], but=_READ_ONLY)
    first, last = (_comparable(one) for one in args[1:])
    if part == "week":
        return call("rs.week_diff", first, last)
    return call("date_diff", text(part), first, last)


def _comparable(moment: exp.Expression) -> exp.Expression:
    """A moment that can be subtracted: times with a zone as they are in UTC."""
    if type_of(moment) == t.TIMETZ:
        return cast(_in_utc(moment), t.TIME)
    return moment if type_of(moment).name.startswith("time") else cast(moment, t.TIMESTAMP)


def _in_utc(moment: exp.Expression) -> exp.Expression:
    """A time with a zone as the clocks of Greenwich show it, which is how Redshift keeps it."""
    return call("timezone", call("to_seconds", number(0)), moment, of=t.TIMETZ)


def _date_part(args: Args) -> exp.Expression:
    """DATE_PART: seconds with their fraction."""
    if part_of(args[0]) == "second":
        micros = cast(call("date_part", text("microsecond"), args[1]), t.DOUBLE)
        return exp.Paren(this=exp.Div(this=micros, expression=exp.Literal.number("1000000e0")))
    return _field(args)


def _extract(args: Args) -> exp.Expression:
    """EXTRACT: whole numbers."""
    found = _field(args)
    return (
        cast(call("floor", found), t.BIGINT)
        if part_of(args[0]) == "epoch" and type_of(args[1]) != t.TIMESTAMPTZ
        else found
    )


def _field(args: Args) -> exp.Expression:
    part, moment = part_of(args[0]), args[1]
    if part.startswith("timezone") and type_of(moment).name not in _ZONED:
        raise InvalidParameterValue(f'timestamp units "{part}" need a zone: TIMESTAMPTZ or TIMETZ')
    found = call("epoch", moment) if part == "epoch" else call("date_part", text(part), moment)
    if part == "decade":
        return exp.Paren(this=exp.Add(this=found, expression=number(1)))
    units = {"millisecond": 1000, "microsecond": 1_000_000}.get(part)
    return exp.Paren(this=exp.Mod(this=found, expression=number(units))) if units else found


def _date_trunc(args: Args) -> exp.Expression:
    moment = args[1]
    if type_of(moment).name not in (t.TIMESTAMP.name, t.TIMESTAMPTZ.name, "interval"):
        moment = cast(moment, t.TIMESTAMP)
    part = part_of(args[0], but=_READ_ONLY)
    if part in ("millennium", "century"):
        return call("rs.trunc_years", moment, number(_YEARS[part]))
    return call("date_trunc", text(part), moment)


def _convert_timezone(args: Args) -> exp.Expression:
    moment = args[-1]
    source = args[0] if len(args) == 3 else text("UTC")
    if type_of(moment) != t.TIMESTAMPTZ:
        moment = at_zone(moment if type_of(moment) == t.TIMESTAMP else cast(moment, t.TIMESTAMP), source, t.TIMESTAMP)
    return at_zone(moment, args[-2], t.TIMESTAMPTZ)


def _timezone(args: Args) -> exp.Expression:
    moment = args[1]
    given = type_of(moment)
    if given not in (t.TIMESTAMP, t.TIMESTAMPTZ):
        moment, given = cast(moment, t.TIMESTAMP), t.TIMESTAMP
    return at_zone(moment, args[0], given)


def at_zone(moment: exp.Expression, zone: exp.Expression, given: SqlType) -> exp.Expression:
    """A TIMESTAMP as that of a zone, a TIMESTAMPTZ as a zone's clocks show it."""
    name = literal_text(zone)
    if name is None:
        macro = "rs.zone_shows" if given == t.TIMESTAMPTZ else "rs.zone_means"
        return call(macro, moment, zone, call("bh_offset_minutes", zone))
    minutes = offset_minutes(name)
    if minutes is None:
        return call("timezone", zone, moment)
    shift = call("to_minutes", number(minutes))
    if given == t.TIMESTAMPTZ:
        shown = exp.Add(this=cast(moment, t.TIMESTAMP), expression=shift)
        return exp.Paren(this=shown)
    return cast(exp.Paren(this=exp.Sub(this=moment, expression=shift)), t.TIMESTAMPTZ)


def rewrite_at_time_zone(node: exp.Expression) -> exp.Expression:
    """`moment AT TIME ZONE zone`, for timestamps."""
    if not isinstance(node, exp.AtTimeZone):
        return node
    moment, zone = node.this, node.args["zone"]
    if is_text_literal(moment):
        moment = convert(moment, t.TIMESTAMPTZ)
    given = type_of(moment)
    if given.name in _TIMES:
        return node
    if given == t.DATE:
        moment, given = cast(moment, t.TIMESTAMP), t.TIMESTAMP
    return at_zone(moment, zone, t.TIMESTAMPTZ if given == t.TIMESTAMPTZ else t.TIMESTAMP)


DATE_BUILDERS: dict[str, Callable[[Args], exp.Expression]] = {
    **dict.fromkeys(("dateadd", "date_add"), _dateadd),
    **dict.fromkeys(("datediff", "date_diff"), _datediff),
    "date": lambda args: cast(args[0], t.DATE),
    **dict.fromkeys(("date_part", "pgdate_part"), _date_part),
    "extract": _extract,
    "date_trunc": _date_trunc,
    "convert_timezone": _convert_timezone,
    "timezone": _timezone,
}
