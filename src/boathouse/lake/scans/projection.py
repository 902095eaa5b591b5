"""Partitions that a table's properties tell, so that no catalog has to keep them: partition projection.

Receives a table, the query's conditions and the time; hands `lake.scan` the partitions that the query needs, whether or not
a folder is there. Ranges are cut by the conditions before anything is enumerated.

Source: Amazon Athena User Guide, "Partition projection", "Supported types for partition projection". Redshift reads such
tables only with their partitions added; here the properties are enough.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import product
from typing import Any
from urllib.parse import quote

from sqlglot import exp

from boathouse.contracts.errors import InvalidParameterValue, InvalidTableDefinition, StatementTooComplex
from boathouse.contracts.types import SqlType
from boathouse.lake.places import folder_of
from boathouse.lake.scans.java_dates import DateFormat
from boathouse.lake.tables import ExternalTable, Partition

PARTITIONS_MAX = 100_000
"""Partitions that one query may need; each is a folder to look into."""

_PLACEHOLDER = re.compile(r"\$\{([^}]+)\}")
_NOW = re.compile(r"NOW(?:\s*([+-])\s*(\d+)\s*(YEAR|MONTH|WEEK|DAY|HOUR|MINUTE|SECOND)S?)?", re.IGNORECASE)
_UNITS = {"years": "year", "months": "month", "weeks": "week", "days": "day", "hours": "hour", "minutes": "minute",
          "seconds": "second"}  # fmt: skip
_SECONDS = {"week": 604_800, "day": 86_400, "hour": 3_600, "minute": 60, "second": 1}


def is_projected(table: ExternalTable) -> bool:
    """True where the table's properties tell its partitions."""
    return bool(table.partitions) and table.property("projection.enabled").lower() == "true"


@dataclass(frozen=True, slots=True)
class Key:
    """What one partition column may be.

    Attributes:
        count: of its values; None where a query has to name them.
        between: the values, as (text in the path, value of the column), from a lowest to a highest one; both bounds, of the
            column's own kind, may be None.
    """

    name: str
    count: int | None
    between: Callable[[Any, Any], Iterator[tuple[str, str]]]


def check_projection(table: ExternalTable, now: datetime) -> None:
    """Refuse properties that tell no partitions.

    Raises:
        InvalidTableDefinition, InvalidParameterValue: naming the property.
    """
    if is_projected(table):
        _keys(table, now)
        _template(table)


def projected(
    table: ExternalTable,
    filters: Sequence[exp.Expression],
    now: datetime,
    needed: Callable[[ExternalTable, Sequence[exp.Expression], list[Partition]], list[Partition]],
) -> tuple[list[Partition], int | None]:
    """The partitions in which rows may satisfy every filter, and how many there are in all.

    Args:
        filters: conditions over the table's partition columns and constants.
        needed: chooses among partitions of a table, here also of one key column alone, by conditions over its columns.

    Raises:
        StatementTooComplex: more partitions than a query may need.
        InvalidParameterValue: a column of type injected that the conditions give no value.
    """
    keys = _keys(table, now)
    kept: list[list[tuple[str, str]]] = []
    for key, (name, kind) in zip(keys, table.partitions, strict=True):
        own = [one for one in filters if {column.name for column in one.find_all(exp.Column)} == {name}]
        found = _values(key, kind, own)
        alone = ExternalTable(table.database, table.name, table.columns, ((name, kind),), table.format, table.location)
        chosen = {one.values[0] for one in needed(alone, own, [Partition((value,), "") for _, value in found])}
        kept.append([one for one in found if one[1] in chosen])
    if math.prod(map(len, kept)) > PARTITIONS_MAX:
        raise StatementTooComplex(
            f'the query needs more than {PARTITIONS_MAX} projected partitions of "{table.name}"',
            hint="Add conditions on its partition columns.",
        )
    place = _template(table)
    partitions = [
        Partition(
            tuple(value for _, value in one),
            place({name: text for (name, _), (text, _) in zip(table.partitions, one, strict=True)}),
        )
        for one in product(*kept)
    ]
    total = None if any(key.count is None for key in keys) else math.prod(key.count or 0 for key in keys)
    return needed(table, filters, partitions), total


def root_of(table: ExternalTable) -> str:
    """The folder that all projected partitions lie in."""
    template = table.property("storage.location.template")
    return template[: template.index("${")].rpartition("/")[0] + "/" if template else folder_of(table.location)


def _template(table: ExternalTable) -> Callable[[dict[str, str]], str]:
    """What makes a partition's place of its values' texts."""
    template = table.property("storage.location.template")
    if not template:
        root = folder_of(table.location)
        return lambda texts: root + "".join(f"{name}={quote(text, safe=' :+')}/" for name, text in texts.items())
    named = set(_PLACEHOLDER.findall(template))
    if named != {name for name, _ in table.partitions}:
        raise InvalidTableDefinition(
            "storage.location.template must name each partition column once, as ${column}",
            hint=f"It names {', '.join(sorted(named)) or 'none'}.",
        )
    return lambda texts: folder_of(_PLACEHOLDER.sub(lambda found: texts[found.group(1)], template))


# -- what a column may be --------------------------------------------------------------------------------


def _keys(table: ExternalTable, now: datetime) -> list[Key]:
    return [_key(table, name, kind, now) for name, kind in table.partitions]


def _key(table: ExternalTable, name: str, kind: SqlType, now: datetime) -> Key:
    prefix = f"projection.{name}."
    found = table.property(prefix + "type").lower()
    if found == "injected":
        return Key(name, None, lambda low, high: iter(()))
    if found == "enum":
        values = [value.strip() for value in _required(table, prefix + "values").split(",")]
        return Key(name, len(values), lambda low, high: ((value, value) for value in values))
    if found == "integer":
        return _integers(table, name, prefix)
    if found == "date":
        return _dates(table, name, kind, prefix, now)
    raise InvalidTableDefinition(
        f"{prefix}type must be enum, integer, date or injected, not {found or 'missing'}",
        hint="Each partition column of a table with projection.enabled needs one.",
    )


def _required(table: ExternalTable, name: str) -> str:
    found = table.property(name)
    if not found:
        raise InvalidTableDefinition(f"the table property {name} is missing")
    return found


def _range(table: ExternalTable, prefix: str) -> tuple[str, str]:
    text = _required(table, prefix + "range")
    low, comma, high = text.partition(",")
    if not comma or "," in high:
        raise InvalidParameterValue(f"{prefix}range must be two values with a comma between them, not {text}")
    return low.strip(), high.strip()


def _number(table: ExternalTable, name: str, default: str, least: int = 1) -> int:
    text = table.property(name, default)
    if not text.isdigit() or int(text) < least:
        raise InvalidParameterValue(f"{name} must be a number of at least {least}, not {text}")
    return int(text)


def _integers(table: ExternalTable, name: str, prefix: str) -> Key:
    low, high = _range(table, prefix)
    try:
        first, last = int(low), int(high)
    except ValueError as failure:
        raise InvalidParameterValue(f"{prefix}range must be two whole numbers, not {low},{high}") from failure
    step = _number(table, prefix + "interval", "1")
    digits = _number(table, prefix + "digits", "0", 0)

    def between(least: Any, most: Any) -> Iterator[tuple[str, str]]:
        start = first if least is None or least <= first else first + -(-(least - first) // step) * step
        for value in range(start, (last if most is None else min(last, most)) + 1, step):
            text = f"{value:0{digits}d}" if digits else str(value)
            yield text, text

    return Key(name, max(0, (last - first) // step + 1), between)


def _dates(table: ExternalTable, name: str, kind: SqlType, prefix: str, now: datetime) -> Key:
    pattern = DateFormat(_required(table, prefix + "format"))
    low, high = (_moment(text, pattern, now, prefix) for text in _range(table, prefix))
    unit = table.property(prefix + "interval.unit", pattern.finest + "s").lower()
    if unit.rstrip("s") + "s" not in _UNITS:
        raise InvalidParameterValue(f"{prefix}interval.unit must be a unit of time, not {unit}")
    one = _UNITS[unit.rstrip("s") + "s"]
    step = _number(table, prefix + "interval", "1")
    is_dated = kind.name == "date" or kind.name.startswith("timestamp")

    def between(least: Any, most: Any) -> Iterator[tuple[str, str]]:
        for place in range(_steps(low, least, one, step) if least else 0, count):
            moment = _later(low, place * step, one)
            if moment > high or (most is not None and pattern.cut(moment) > most):
                return
            text = pattern.write(moment)
            yield text, moment.isoformat(" ").removesuffix(" 00:00:00") if is_dated else text

    count = _steps(low, high, one, step, up=True)
    return Key(name, count, between)


def _moment(text: str, pattern: DateFormat, now: datetime, prefix: str) -> datetime:
    found = _NOW.fullmatch(text)
    if found is None:
        try:
            return pattern.read(text)
        except ValueError as failure:
            raise InvalidParameterValue(f"{prefix}range: {text} is not of the format {pattern.text}") from failure
    naive = now.replace(tzinfo=None)
    sign, number, unit = found.groups()
    return pattern.cut(naive if number is None else _later(naive, int(sign + number), unit.lower()))


def _later(moment: datetime, count: int, unit: str) -> datetime:
    """A moment some units later; the last day of a month that is too short."""
    if unit not in ("year", "month"):
        return moment + timedelta(seconds=count * _SECONDS[unit])
    months = moment.year * 12 + moment.month - 1 + count * (12 if unit == "year" else 1)
    year, month = divmod(months, 12)
    for day in range(moment.day, moment.day - 4, -1):
        try:
            return moment.replace(year=year, month=month + 1, day=day)
        except ValueError:
            continue
    raise InvalidParameterValue(f"{count} {unit}s from {moment:%Y-%m-%d} is no date")


def _steps(low: datetime, high: datetime, unit: str, step: int, *, up: bool = False) -> int:
    """How many steps from low lie before high, at least not too many; with `up` how many values there are up to it."""
    if unit in ("year", "month"):
        months = (high.year - low.year) * 12 + high.month - low.month
        found = months // (step * (12 if unit == "year" else 1))
        while up and _later(low, found * step, unit) > high:
            found -= 1
    else:
        found = int((high - low).total_seconds()) // (step * _SECONDS[unit])
    return max(0, found + 1) if up else max(0, found - 1)


# -- what the conditions leave of it ---------------------------------------------------------------------


def _values(key: Key, kind: SqlType, filters: Sequence[exp.Expression]) -> list[tuple[str, str]]:
    if key.count is None:
        named = _named(filters)
        if named is None:
            raise InvalidParameterValue(
                f'the partition column "{key.name}" is injected: the query must name its value',
                hint=f"Add a condition {key.name} = 'value' or {key.name} IN (…).",
            )
        return [(value, value) for value in named]
    low, high = _bounds(kind, filters)
    found: list[tuple[str, str]] = []
    for one in key.between(low, high):
        found.append(one)
        if len(found) > PARTITIONS_MAX:
            raise StatementTooComplex(
                f'the query needs more than {PARTITIONS_MAX} values of the projected column "{key.name}"',
                hint="Add a condition on it.",
            )
    return found


def _named(filters: Sequence[exp.Expression]) -> list[str] | None:
    """The constants that a column is compared with for equality; None where there is no such condition."""
    for one in filters:
        if isinstance(one, exp.EQ):
            sides = [_constant(one.args[side]) for side in ("this", "expression")]
            return [side for side in sides if side is not None] or None
        if isinstance(one, exp.In) and one.args.get("expressions"):
            found = [_constant(value) for value in one.args["expressions"]]
            if None not in found:
                return [str(value) for value in dict.fromkeys(found)]
    return None


def _constant(found: exp.Expression) -> str | None:
    while isinstance(found, exp.Cast | exp.Paren):
        found = found.args["this"]
    if isinstance(found, exp.Neg) and isinstance(found.args["this"], exp.Literal):
        return "-" + str(found.args["this"].args["this"])
    return str(found.args["this"]) if isinstance(found, exp.Literal) else None


def _bounds(kind: SqlType, filters: Sequence[exp.Expression]) -> tuple[Any, Any]:
    """The lowest and highest value that plain comparisons with constants leave; None where they leave all."""
    low: Any = None
    high: Any = None
    for one in filters:
        for value, below, above in _comparisons(one):
            bound = _bound(value, kind)
            if bound is None:
                continue
            if above:
                low = bound if low is None else max(low, bound)
            if below:
                high = bound if high is None else min(high, bound)
    return low, high


def _comparisons(one: exp.Expression) -> Iterator[tuple[str | None, bool, bool]]:
    """Constants, and whether the column is at most and at least as large."""
    if isinstance(one, exp.Between):
        yield _constant(one.args["low"]), False, True
        yield _constant(one.args["high"]), True, False
    elif isinstance(one, exp.EQ | exp.GT | exp.GTE | exp.LT | exp.LTE):
        left, right = one.args["this"], one.args["expression"]
        below, above = not isinstance(one, exp.GT | exp.GTE), not isinstance(one, exp.LT | exp.LTE)
        if isinstance(left, exp.Column):
            yield _constant(right), below, above
        elif isinstance(right, exp.Column):
            yield _constant(left), above, below


def _bound(value: str | None, kind: SqlType) -> Any:
    if value is None:
        return None
    try:
        if kind.is_integer:
            return int(value)
        if kind.name == "date" or kind.name.startswith("timestamp"):
            return datetime.fromisoformat(value).replace(tzinfo=None)
    except ValueError:
        return None
    return None
