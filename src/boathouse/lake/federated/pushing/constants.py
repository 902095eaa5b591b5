"""Parts of a condition that no row changes, computed once and written for another database.

Received from `push`: a sub-tree without columns, and what it is compared with. The engine itself computes it, with the
statement's parameters, so that functions, casts and the session's date mean what they mean in the rest of the query.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from sqlglot import exp

from boathouse.contracts.errors import BoathouseError
from boathouse.contracts.session import Session
from boathouse.lake.federated.remote import Family

_NOT_CONSTANT = (exp.Query, exp.AggFunc, exp.Window, exp.Rand, exp.Star, exp.Column, exp.Lambda)
_NUMBER = re.compile(r"(?:U?(?:TINY|SMALL|BIG|HUGE)?INT(?:EGER)?|INT128|DECIMAL.*)$")
_ADOPTED: dict[Family, str] = {
    "integer": "BIGINT",
    "numeric": "DECIMAL(38, 10)",
    "double": "DOUBLE",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "timestamp": "TIMESTAMP",
    "timestamptz": "TIMESTAMPTZ",
}
"""What the engine makes of an untyped text beside a column; anything beside a moment that the session's zone decides."""


@dataclass(frozen=True, slots=True)
class Constant:
    """A value that another database can be told: `kind` says how to write `text`; None is NULL."""

    kind: Family
    text: str | None


def is_constant(node: exp.Expression) -> bool:
    """True where no row changes the value, and asking twice changes nothing."""
    if isinstance(node, _NOT_CONSTANT) or node.find(*_NOT_CONSTANT) is not None:
        return False
    return not any(call.name.lower() in ("random", "uuid", "nextval") for call in node.find_all(exp.Anonymous))


def constant(session: Session, node: exp.Expression, family: Family) -> Constant | None:
    """The value to compare a column of `family` with; None where it has no form that means the same over there."""
    asked = in_engine(session, node)
    if asked is None:
        return None
    sql, values = asked
    try:
        found = _value(session, sql, values)
        if (found[1] == "VARCHAR" and family != "text") or (
            family == "timestamptz" and found[1] in ("DATE", "TIMESTAMP")
        ):
            found = _value(session, f"CAST({sql} AS {_ADOPTED[family]})", values)
    except BoathouseError:
        return None  # the scan itself will tell, where a row needs the value
    return fitting(found[0], found[1], family)


def in_engine(session: Session, node: exp.Expression) -> tuple[str, list[object]] | None:
    """A part of the tree as the engine's SQL, with the values of its parameters; None where they are not known."""
    copy = node.copy()
    values: list[object] = []
    for parameter in list(copy.find_all(exp.Parameter)):
        if session.values is None:
            return None
        values.append(session.values[int(parameter.name) - 1])
        written = exp.Parameter(this=exp.Literal.number(len(values)))
        if parameter is copy:
            copy = written
        else:
            parameter.replace(written)
    return copy.sql("duckdb", normalize_functions=False, comments=False), values


def _value(session: Session, sql: str, values: list[object]) -> tuple[str | None, str]:
    rows = session.engine.fetch(f"SELECT CAST(v AS VARCHAR), typeof(v) FROM (SELECT {sql} AS v)", values)
    text, kind = rows[0]
    return None if text is None else str(text), str(kind)


def fitting(text: str | None, kind: str, family: Family) -> Constant | None:
    """A value of the engine's, its type named as the engine names it, beside a column of `family`."""
    if text is None:
        return Constant(family, None)
    if family in ("integer", "numeric", "double"):
        if _NUMBER.match(kind):
            return Constant("numeric", text)
        return Constant("double", text) if kind in ("DOUBLE", "FLOAT") else None
    if family in ("date", "timestamp") and kind in ("DATE", "TIMESTAMP"):
        return None if "(BC)" in text else Constant("date" if kind == "DATE" else "timestamp", text)
    if family == "timestamptz" and kind == "TIMESTAMP WITH TIME ZONE":
        return None if "(BC)" in text else Constant("timestamptz", text)
    if family == "text" and kind == "VARCHAR":
        return None if "\0" in text else Constant("text", text)
    if family == "boolean" and kind == "BOOLEAN":
        return Constant("boolean", text)
    return None
