"""The journey of one statement: the table of contents of this house.

A statement comes parsed from the endpoint. The transaction admits it. A room may claim it as its own (COPY, UNLOAD,
CREATE EXTERNAL TABLE, SET, DDL); otherwise it is a query or DML: it is planned (names bound, meaning rewritten, text in
the engine's SQL; kept for the next time), interceptors see it (lake tables become scans), and the engine runs it. What
comes back is an answer whose rows have not been pulled yet: the socket pulls them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from boathouse.contracts.answers import Answer, Description, Done
from boathouse.contracts.errors import BoathouseError, QueryCanceled
from boathouse.contracts.types import SqlType
from boathouse.query import plans
from boathouse.sql import statements as s

if TYPE_CHECKING:
    from boathouse.query.session import QuerySession

ATTEMPTS = 5
"""Tries of one query whose plan is overtaken again and again; each takes a commit of DDL within milliseconds."""


def answer(
    session: QuerySession,
    statement: s.Statement,
    parameters: Sequence[object] = (),
    types: Sequence[SqlType] = (),
) -> Answer:
    """Run a statement.

    Args:
        parameters: values of `$1`, `$2`, …
        types: the types the client gave them; UNKNOWN or missing ones are inferred.

    Raises:
        BoathouseError: with a position in the statement's own text where one is known.
    """
    session.transaction.admit(statement)
    if not isinstance(statement, s.Relational):
        return session.claimed(statement, parameters)
    if statement.verb != "SELECT":
        return session.transaction.run(lambda: _change(session, statement, parameters, types), writes=True)
    return session.transaction.run(lambda: _read(session, statement, parameters, types), writes=False)


def _read(
    session: QuerySession, statement: s.Relational, parameters: Sequence[object], types: Sequence[SqlType]
) -> Answer:
    """A query: outside a transaction its plan may be overtaken by somebody's DDL before the engine starts; then what
    fails is tried again with a new one.
    """
    for left in reversed(range(ATTEMPTS)):
        version = session.shared_version
        try:
            plan = plans.plan(session, statement, types)
            sql = plans.intercept(session, plan)
            session.set_variables(plan.variables)
            return session.engine.query(sql, parameters, plan.fields)
        except QueryCanceled:
            raise
        except BoathouseError:
            in_step = version is not None and version == session.shared_version
            if not left or in_step or session.engine.in_transaction:
                raise
            session.check_cancelled()
    raise AssertionError("the last attempt raises")


def describe(session: QuerySession, statement: s.Statement, types: Sequence[SqlType] = ()) -> Description:
    """What a statement takes and gives, without running it."""
    if isinstance(statement, s.Relational):
        session.transaction.admit(statement)
        plan = plans.plan(session, statement, types)
        return Description(plan.parameters, plan.fields)
    return session.describe_claimed(statement)


def _change(
    session: QuerySession, statement: s.Relational, parameters: Sequence[object], types: Sequence[SqlType]
) -> Answer:
    """DML: planned inside its transaction, so that plan and engine see one catalog."""
    plan = plans.plan(session, statement, types)
    sql = plans.intercept(session, plan)
    session.set_variables(plan.variables)
    count = session.engine.execute(sql, parameters)
    return Done(f"INSERT 0 {count}" if statement.verb == "INSERT" else f"{statement.verb} {count}")
