"""A call of a Python function: the engine calls back, with the session, its user and the function's number before the
arguments; what comes back is cast to the declared type.

Called by `inlined` with arguments cast to the declared types. Who answers the engine is `query.python`.
"""

from __future__ import annotations

from sqlglot import exp

from boathouse.contracts.errors import FeatureNotSupported
from boathouse.contracts.relations import SqlFunction
from boathouse.contracts.types import BIGINT, BOOLEAN, DATE, DOUBLE, INTEGER, TIMESTAMP, VARCHAR, SqlType
from boathouse.sql.bind.bound import call, with_type

_KINDS = {
    "smallint": "i", "integer": "i", "bigint": "i", "real": "d", "double precision": "d", "numeric": "n", "boolean": "b",
    "character": "s", "character varying": "s", "date": "D", "timestamp without time zone": "T",
}  # fmt: skip
RETURNED = {"i": BIGINT, "d": DOUBLE, "b": BOOLEAN, "s": VARCHAR, "n": VARCHAR, "D": DATE, "T": TIMESTAMP}
"""What the engine's function of a kind returns, by the kind's letter: numerics travel as text."""


def kind_of(of: SqlType) -> str:
    """The letter of a type.

    Raises:
        FeatureNotSupported: Python functions take and return no such values.
    """
    if of.name not in _KINDS:
        raise FeatureNotSupported(
            f"type {of} is not supported in Python functions",
            hint="They take and return numbers, booleans, texts, dates and timestamps.",
        )
    return _KINDS[of.name]


def engine_name(kind: str, is_volatile: bool) -> str:
    """The engine's function that calls back; of one that is not volatile, equal calls may be computed once."""
    return f"boathouse_python_{RETURNED[kind].name.replace(' ', '_')}{'_volatile' if is_volatile else ''}"


def python_call(function: SqlFunction, given: list[exp.Expression]) -> exp.Expression:
    """The call, before the cast of its result."""
    kind = kind_of(function.returns)
    made = call(
        engine_name(kind, function.volatile),
        RETURNED[kind],
        _variable("backend_pid"),
        _variable("user_id"),
        with_type(exp.Literal.number(function.number), BIGINT),
        *given,
    )
    if RETURNED[kind] != VARCHAR:
        return made
    # The engine makes a copy of its own: see `sql.redshift.catalogue.computed_values`.
    return with_type(exp.Paren(this=exp.DPipe(this=made, expression=exp.Literal.string(""))), VARCHAR)


def _variable(name: str) -> exp.Expression:
    return call("getvariable", INTEGER, with_type(exp.Literal.string(name), VARCHAR))
