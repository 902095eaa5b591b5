"""Result types of functions: aggregates and window functions by rule, everything else by the function catalogue.

Called by `expressions` with the function's name as written and its arguments' types. Sources: Redshift Developer
Guide, "Aggregate functions" (r_SUM, r_AVG, r_COUNT, …) and "Window functions" (r_WF_*).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from boathouse.contracts.types import (
    BIGINT,
    BOOLEAN,
    DATE,
    DOUBLE,
    INTEGER,
    TIMESTAMP,
    TIMESTAMPTZ,
    UNKNOWN,
    VARCHAR,
    SqlType,
    array_of,
    numeric,
)
from boathouse.sql.bind.types_of import common_type

Rule = Callable[[Sequence[SqlType]], SqlType]


def _first(arguments: Sequence[SqlType]) -> SqlType:
    return arguments[0] if arguments else UNKNOWN


def _sum(arguments: Sequence[SqlType]) -> SqlType:
    of = _first(arguments)
    if of.name in ("smallint", "integer"):
        return BIGINT
    if of.name == "bigint":
        return numeric(38, 0)
    if of.name == "numeric":
        return numeric(38, of.scale or 0)
    return of if of.name in ("interval", "super") else DOUBLE


def _avg(arguments: Sequence[SqlType]) -> SqlType:
    of = _first(arguments)
    if of.is_integer:
        return BIGINT
    if of.name == "numeric":
        return numeric(38, of.scale or 0)
    return of if of.name in ("interval", "super") else DOUBLE


def _spread(arguments: Sequence[SqlType]) -> SqlType:
    """Variance and deviation are floating point for every argument (r_STDDEV_functions, r_VARIANCE_functions)."""
    return DOUBLE


def _median(arguments: Sequence[SqlType]) -> SqlType:
    of = _first(arguments)
    if of.is_integer:
        return numeric(38, 0) if of.name == "bigint" else numeric(19, 0)
    return of if of.name in ("numeric", "date", "timestamp without time zone", "timestamp with time zone") else DOUBLE


def _text(arguments: Sequence[SqlType]) -> SqlType:
    return VARCHAR


def _fixed(sql_type: SqlType) -> Rule:
    return lambda arguments: sql_type


_RULES: dict[str, Rule] = {
    "count": _fixed(BIGINT),
    "sum": _sum,
    "avg": _avg,
    "min": _first,
    "max": _first,
    "any_value": _first,
    "median": _median,
    "percentile_cont": _median,
    "percentile_disc": _first,
    "approximate percentile_disc": _first,
    "listagg": _text,
    "string_agg": _text,
    "array_agg": lambda arguments: array_of(_first(arguments)),
    "bool_and": _fixed(BOOLEAN),
    "bool_or": _fixed(BOOLEAN),
    "every": _fixed(BOOLEAN),
    "bit_and": _first,
    "bit_or": _first,
    "row_number": _fixed(BIGINT),
    "rank": _fixed(BIGINT),
    "dense_rank": _fixed(BIGINT),
    "ntile": _fixed(BIGINT),
    "percent_rank": _fixed(DOUBLE),
    "cume_dist": _fixed(DOUBLE),
    "ratio_to_report": _fixed(DOUBLE),
    "lag": _first,
    "lead": _first,
    "first_value": _first,
    "last_value": _first,
    "nth_value": _first,
    "grouping": _fixed(INTEGER),
    "grouping_id": _fixed(BIGINT),
    "generate_series": _first,
    "getdate": _fixed(TIMESTAMP),
    "sysdate": _fixed(TIMESTAMP),
    "now": _fixed(TIMESTAMPTZ),
    "current_timestamp": _fixed(TIMESTAMPTZ),
    "current_date": _fixed(DATE),
    "coalesce": common_type,
    "nvl": common_type,
    "greatest": common_type,
    "least": common_type,
    "nullif": _first,
    **dict.fromkeys(
        ("stddev", "stddev_samp", "stddev_pop", "variance", "var_samp", "var_pop", "corr", "covar_pop", "covar_samp"),
        _spread,
    ),
}

AGGREGATES = frozenset(
    ["count", "sum", "avg", "min", "max", "any_value", "median", "percentile_cont", "percentile_disc", "listagg", "string_agg", "array_agg", "bool_and", "bool_or", "every", "bit_and", "bit_or", "stddev", "stddev_samp", "stddev_pop", "variance", "var_samp", "var_pop", "corr", "covar_pop", "covar_samp"]
)
WINDOW_ONLY = frozenset(
    ["row_number", "rank", "dense_rank", "ntile", "percent_rank", "cume_dist", "ratio_to_report", "lag", "lead", "first_value", "last_value", "nth_value"]
)

_LATER: list[Callable[[str, Sequence[SqlType]], SqlType | None]] = []
try:  # pragma: no cover - the catalogue is part of every release
    from boathouse.sql.redshift.functions import return_type as _catalogue

    _LATER.append(_catalogue)
except ImportError:
    pass


def result_type(name: str, arguments: Sequence[SqlType]) -> SqlType:
    """The type that a function returns; UNKNOWN where neither the rules nor the catalogue know it."""
    rule = _RULES.get(name)
    if rule is not None:
        return rule(arguments)
    for catalogue in _LATER:
        found = catalogue(name, arguments)
        if found is not None:
            return found
    return UNKNOWN
