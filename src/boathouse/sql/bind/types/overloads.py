"""Which of several functions or procedures of one name a call means: how well its values fit the declared types.

Source: Redshift Developer Guide, "Naming stored procedures", "UDF naming" (overloading); PostgreSQL "Function Type
Resolution" for what converts by itself.
"""

from __future__ import annotations

from collections.abc import Sequence

from boathouse.contracts.types import UNKNOWN, SqlType

_NUMBERS = ("smallint", "integer", "bigint", "numeric", "real", "double precision")
_MOMENTS = ("date", "timestamp without time zone", "timestamp with time zone")


def fit(given: Sequence[SqlType], wanted: Sequence[SqlType]) -> float | None:
    """How well values of these types fit, the more the better; None where they do not. UNKNOWN for open literals."""
    if len(given) != len(wanted):
        return None
    scores = [_one_fit(one, other) for one, other in zip(given, wanted, strict=True)]
    return None if None in scores else sum(score or 0.0 for score in scores)


def _one_fit(given: SqlType, wanted: SqlType) -> float | None:
    if given == UNKNOWN:
        return 1.5 if wanted.is_text else 1.0
    if given.name == wanted.name:
        return 3.0
    if given.is_text and wanted.is_text:
        return 2.0
    for order in (_NUMBERS, _MOMENTS):
        if given.name in order and wanted.name in order:
            distance = order.index(wanted.name) - order.index(given.name)
            return 2.0 - distance / 10 if distance > 0 else None
    return None
