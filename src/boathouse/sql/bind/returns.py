"""Result types of functions, by the catalogue; here only what the catalogue cannot tell from a call's arguments.

Called by `expressions` with the function's name as written and its arguments' types. Sources: Redshift Developer
Guide, "MEDIAN function" (r_MEDIAN), "PERCENTILE_CONT function" (r_PERCENTILE_CONT).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from boathouse.contracts.types import BIGINT, DATE, DOUBLE, INTEGER, TIMESTAMPTZ, UNKNOWN, SqlType, numeric
from boathouse.sql.redshift.functions import FUNCTIONS, return_type

Rule = Callable[[Sequence[SqlType]], SqlType]


def _first(arguments: Sequence[SqlType]) -> SqlType:
    return arguments[0] if arguments else UNKNOWN


def _median(arguments: Sequence[SqlType]) -> SqlType:
    of = _first(arguments)
    if of.is_integer:
        return numeric(38, 2) if of.name == "bigint" else numeric(19, 2)  # the middle of two integers is a half
    return of if of.name in ("numeric", "date", "timestamp without time zone", "timestamp with time zone") else DOUBLE


def _fixed(sql_type: SqlType) -> Rule:
    return lambda arguments: sql_type


_RULES: dict[str, Rule] = {
    "median": _median,
    "percentile_cont": _median,
    "percentile_disc": _first,
    "grouping": _fixed(INTEGER),
    "grouping_id": _fixed(BIGINT),
    "generate_series": _first,
    "current_timestamp": _fixed(TIMESTAMPTZ),
    "current_date": _fixed(DATE),
}

AGGREGATES = frozenset(name for name, function in FUNCTIONS.items() if function.kind == "aggregate")


def result_type(name: str, arguments: Sequence[SqlType]) -> SqlType:
    """The type that a function returns; UNKNOWN where neither the rules nor the catalogue know it."""
    rule = _RULES.get(name)
    if rule is not None:
        return rule(arguments)
    return return_type(name, arguments) or UNKNOWN
