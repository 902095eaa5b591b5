"""What goes wrong in a Spark session, in words of ours: no trace of Java's reaches a client."""

from __future__ import annotations

import re
from typing import Any

from boathouse.contracts.engine import WorkerLost
from boathouse.contracts.errors import (
    BoathouseError,
    CardinalityViolation,
    DivisionByZero,
    FeatureNotSupported,
    InternalError,
    InvalidText,
    NumericOutOfRange,
    QueryCanceled,
)
from boathouse.engines.processes.serving import failed

_CONDITION = re.compile(r"\[([A-Z][A-Z_]+(?:\.[A-Z_]+)?)\]")
_REFUSAL = re.compile(r"boathouse-elsewhere: ((?:(?! SQLSTATE)[^\n'\"])*)")
_KINDS: dict[str, tuple[type[BoathouseError], str]] = {
    "DIVIDE_BY_ZERO": (DivisionByZero, "Divide by zero"),
    "REMAINDER_BY_ZERO": (DivisionByZero, "Divide by zero"),
    "SCALAR_SUBQUERY_TOO_MANY_ROWS": (
        CardinalityViolation, "more than one row returned by a subquery used as an expression"),
    "CAST_INVALID_INPUT": (InvalidText, "invalid input syntax for the type of a cast"),
    "ARITHMETIC_OVERFLOW": (NumericOutOfRange, "Numeric data overflow"),
    "BINARY_ARITHMETIC_OVERFLOW": (NumericOutOfRange, "Numeric data overflow"),
    "CAST_OVERFLOW": (NumericOutOfRange, "Numeric data overflow"),
    "NUMERIC_VALUE_OUT_OF_RANGE": (NumericOutOfRange, "Numeric data overflow"),
}  # fmt: skip
_JAVA = ("java.lang.ArithmeticException", "java.time.DateTimeException")
"""Of numbers and moments that do not fit, where Spark has no condition for it."""
_GONE = {"RETRIES_EXCEEDED"}
_LOSSES = ("SparkException", "Connection", "socket", "stopped", "Py4J", "UNAVAILABLE", "SparkConnect", *_GONE)
_FINAL = ("DIVIDE_BY_ZERO", "REMAINDER_BY_ZERO", "SCALAR_SUBQUERY_TOO_MANY_ROWS")


def told(failure: Exception, *, has_rows: bool, is_stopped: bool) -> dict[str, Any]:
    """What went wrong, in words of ours. `home`: the house may know or have more."""
    text = str(failure)
    home = True
    if is_stopped or isinstance(failure, QueryCanceled):
        known: BoathouseError = QueryCanceled("canceling statement due to user request")
        home = False
    elif isinstance(failure, BoathouseError):
        known = failure
    elif (refusal := _REFUSAL.search(text)) is not None:
        known = FeatureNotSupported(f"{refusal[1].strip()} is not supported on the engine spark")
    else:
        conditions = [one.split(".")[0] for one in _CONDITION.findall(text)]
        condition = next((one for one in conditions if one in _KINDS), None)
        if condition is not None:
            kind, message = _KINDS[condition]
            known, home = kind(message), condition not in _FINAL
        elif any(one in text for one in _JAVA):
            known = NumericOutOfRange("Numeric data overflow")
        elif type(failure).__name__ in ("AnalysisException", "ParseException") or {*conditions} - _GONE:
            known = FeatureNotSupported(
                "the engine spark cannot run this statement", detail=", ".join(conditions[:1]) or None
            )
        elif any(one in f"{type(failure).__name__} {text}" for one in _LOSSES):
            known = WorkerLost("the engine spark has lost the statement's work")
        else:
            known = InternalError(f"the engine spark failed: {type(failure).__name__}")
    return failed(known, "" if isinstance(failure, BoathouseError) else text, home=home and not has_rows)
