"""The journey of one statement: the table of contents of this house.

A statement comes parsed from the endpoint. The transaction admits it, and it waits until its queue has a slot for it (a SELECT
once it is planned: what reads no table needs none). A room may claim it as its own (COPY, UNLOAD, SET, DDL, external tables);
otherwise it is a query or DML: it is planned (names bound, meaning rewritten, text in the engine's SQL; kept for the next time),
interceptors see it (lake tables become scans), and the engine runs it. What comes back has rows that the socket pulls.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from boathouse.contracts.answers import Answer, Description
from boathouse.contracts.types import SqlType
from boathouse.query import plans
from boathouse.query.claim import BLIND, describe_claimed
from boathouse.query.state.read_only import refuse_statement
from boathouse.sql import statements as s

if TYPE_CHECKING:
    from boathouse.query.session import QuerySession


def answer(
    session: QuerySession,
    statement: s.Statement,
    parameters: Sequence[object] = (),
    types: Sequence[SqlType] = (),
) -> Answer:
    """Run a statement.

    Args:
        parameters, types: of `$1`, `$2`, …, as the client gave them; UNKNOWN or missing types are inferred.

    Raises:
        BoathouseError: with a position in the statement's own text where one is known.
    """
    session.transaction.admit(statement)
    session.values = parameters
    refuse_statement(session, statement)
    if not isinstance(statement, BLIND):
        session.house.engine.look()
    session.seat.take(statement, plans.beside(session, statement.query) if isinstance(statement, s.Unload) else None)
    if not isinstance(statement, s.Relational):
        return session.claimed(statement, parameters, types)
    session.transaction.looked = True
    if statement.verb != "SELECT":
        return session.transaction.run(lambda: plans.change(session, statement, parameters, types), writes=True)
    return session.transaction.run(lambda: plans.read(session, statement, parameters, types), writes=False)


def describe(session: QuerySession, statement: s.Statement, types: Sequence[SqlType] = ()) -> Description:
    """What a statement takes and gives, without running it."""
    session.values = None
    if isinstance(statement, s.Relational):
        session.transaction.admit(statement)
        session.house.engine.look()
        plan = plans.plan(session, statement, types)
        return Description(plan.parameters, plan.fields)
    if isinstance(statement, s.DeclareCursor):
        return replace(describe(session, statement.query, types), fields=None)
    if isinstance(statement, s.Execute) and statement.name in session.prepared:
        prepared = session.prepared[statement.name]
        return replace(describe(session, prepared.statement, prepared.types), parameters=())
    return describe_claimed(session, statement, types)
