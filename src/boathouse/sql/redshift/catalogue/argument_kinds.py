"""Which types an argument takes: the letters of the catalogue.

Received: a letter of `functions.Function.takes` and a type. Handed to the binder, for aggregates and window functions,
and to `sql.rewrites.functions.arguments`, for all others.

Source: Redshift Developer Guide, "Type compatibility and conversion" (c_Supported_data_types): numbers convert to each
other and to text, moments to text, text to whatever it can be read as.
"""

from __future__ import annotations

from boathouse.contracts.types import SqlType

_MOMENTS = frozenset({
    "date", "timestamp without time zone", "timestamp with time zone", "time without time zone", "time with time zone",
    "interval",
})  # fmt: skip


_AGGREGATED = "qob"
"""What aggregates take: no text is read as a number there."""


def fits(letter: str, given: SqlType) -> bool:
    """True where a value of this type may stand for an argument of that kind."""
    if letter in _AGGREGATED and given.is_text and given.name != "unknown":
        return False
    if letter in "ge":
        return given.name in ("unknown", "geometry") or (letter == "e" and given.is_spatial)
    if letter == "w":
        return given.is_text or given.name == "varbyte"
    if given.is_text or given.name == "super" or letter in "xvsu":
        return True
    if letter in "ndi":
        return given.is_number or given.name == "oid"
    if letter == "z":
        return given.name == "varbyte"
    if letter == "y":
        return given.is_number or given.name == "varbyte"
    if letter == "m":
        return given.name in _MOMENTS
    if letter in "bt":
        return given.name == ("boolean" if letter == "b" else "interval")
    return given.is_number or given.name in (_MOMENTS if letter == "o" else ("interval",))
