"""CALL: the values evaluated, the procedure found, its body run, its answer given.

The outermost CALL comes from the journey, inside `Transaction.call`; nested ones from the machine.
Source: Redshift Developer Guide, "CALL", "Limits and differences for stored procedure support".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import cast

from boathouse.contracts.answers import Answer, Description, Done, Field, Rows
from boathouse.contracts.errors import BoathouseError, InputError, SqlSyntaxError
from boathouse.contracts.house import House
from boathouse.contracts.session import Session
from boathouse.contracts.types import UNKNOWN, VARCHAR, SqlType
from boathouse.query import plans
from boathouse.query.procedures import catalog, rights, sql_steps
from boathouse.query.procedures.catalog import Procedure
from boathouse.query.procedures.frame import Frame, Scope, Text, Variable
from boathouse.query.procedures.machine import Machine, tell
from boathouse.query.procedures.transactions import Transactions
from boathouse.query.session import QuerySession
from boathouse.sql import statements as s
from boathouse.sql.lexer import tokenize
from boathouse.sql.parse import parse_statement
from boathouse.sql.plpgsql import nodes as n
from boathouse.sql.plpgsql.parser import parse_body

DEPTH_MAX = 16
REFCURSOR = SqlType("refcursor")


def call(house: House, session: Session, statement: s.Call) -> Answer:
    """The outermost CALL."""
    mine = cast(QuerySession, session)
    given, types = mine.given
    procedure, values = _found(mine, statement, None, given, types)
    machine = Machine(mine, Transactions(mine), _nested)
    frame = _run(machine, procedure, values, None)
    if not procedure.outputs:
        return Done("CALL")
    return _answer(mine, procedure, _results(frame, procedure))


def describe(house: House, session: Session, statement: s.Call, types: Sequence[SqlType]) -> Description:
    """The columns and the parameters of a CALL."""
    mine = cast(QuerySession, session)
    made = _planned(mine, statement, None, types)
    procedure = _allowed(mine, statement, _types(statement, made))
    parameters = list(made.parameters if made is not None else ())
    for (text, _), argument in zip(statement.values, procedure.inputs, strict=False):
        token = tokenize(text)[0]
        place = int(token.value[1:]) if token.kind == "parameter" and token.value == text.strip() else 0
        if place and (place > len(types) or types[place - 1] == UNKNOWN):
            parameters[place - 1] = argument.type
    return Description(tuple(parameters), _fields(procedure) if procedure.outputs else None)


def _fields(procedure: Procedure) -> tuple[Field, ...]:
    return tuple(
        Field(one.name or f"column{place}", REFCURSOR if one.refcursor else one.type)
        for place, one in enumerate(procedure.outputs, start=1)
    )


# -- values ----------------------------------------------------------------------------------------------


def _text(statement: s.Call) -> tuple[str, int]:
    """The values as a query, and how far positions in it are off."""
    start, (last, at) = statement.values[0][1], statement.values[-1]
    return "SELECT " + statement.text[start : at + len(last)], start - len("SELECT ")


@contextmanager
def _placed(by: int) -> Iterator[None]:
    try:
        yield
    except BoathouseError as failure:
        if failure.position is not None:
            failure.position += by
        raise


def _planned(
    session: QuerySession,
    statement: s.Call,
    frame: Frame | None,
    types: Sequence[SqlType],
    wanted: tuple[SqlType, ...] = (),
) -> plans.Plan | None:
    if not statement.values:
        return None
    text, by = _text(statement)
    with _placed(by):
        query = parse_statement(text)
        if not isinstance(query, s.Relational):
            raise SqlSyntaxError("CALL takes values")
        return plans.plan(session, query, types, None if frame is None else frame.names(), wanted)


def _types(statement: s.Call, made: plans.Plan | None) -> list[SqlType]:
    """Each value's type; UNKNOWN for strings in quotes, NULL and parameters without a type of their own."""
    if made is None or made.fields is None:
        return []
    found = []
    for (text, _), field in zip(statement.values, made.fields, strict=True):
        token = tokenize(text)[0]
        whole = token.end - token.start == len(text.strip())
        is_open = whole and (token.kind == "string" or token.value == "null")
        if whole and token.kind == "parameter" and made.parameters[int(token.value[1:]) - 1] == VARCHAR:
            is_open = True
        found.append(UNKNOWN if is_open else field.type)
    return found


def _allowed(session: QuerySession, statement: s.Call, types: Sequence[SqlType]) -> Procedure:
    """The procedure that a CALL means, where its user may run it."""
    procedure = catalog.called(session, statement.name, types)
    rights.require_execute(session, statement, procedure)
    return procedure


def _found(
    session: QuerySession,
    statement: s.Call,
    frame: Frame | None,
    given: Sequence[object] = (),
    types: Sequence[SqlType] = (),
) -> tuple[Procedure, list[Text]]:
    """The procedure, and a value per argument given."""
    made = _planned(session, statement, frame, types)
    procedure = _allowed(session, statement, _types(statement, made))
    if not statement.values:
        return procedure, []
    arguments = procedure.inputs if len(statement.values) == len(procedure.inputs) else procedure.arguments
    wanted = tuple(one.type for one in arguments)
    fitted = _planned(session, statement, frame, types, wanted)
    assert fitted is not None
    values = given if frame is None else sql_steps.values_of(session, frame, fitted.names)
    with _placed(_text(statement)[1]):
        row = sql_steps.first_row(session, sql_steps.start(session, fitted, values))
    assert row is not None
    return procedure, row


# -- running ---------------------------------------------------------------------------------------------


def _run(machine: Machine, procedure: Procedure, values: list[Text], caller: Frame | None) -> Frame:
    depth = 1 if caller is None else caller.depth + 1
    if depth > DEPTH_MAX:
        raise InputError(
            f"stored procedures are nested deeper than {DEPTH_MAX} levels", detail=procedure.signature, sqlstate="54001"
        )
    transactions = machine.transactions
    nonatomic = transactions.enter(wants_nonatomic=procedure.nonatomic, caller=caller)
    frame = Frame(procedure.name, depth, nonatomic)
    _declare_arguments(frame, procedure, values)
    body = parse_body(procedure.body)
    with _settings(machine, procedure), rights.acting(machine.session, procedure):
        try:
            machine.run(frame, body)
        except BoathouseError as failure:
            tell(frame, body, failure)
            raise
        transactions.leave(frame, caller)
    return frame


def _declare_arguments(frame: Frame, procedure: Procedure, values: list[Text]) -> None:
    scope = frame.push(Scope(procedure.name))
    rest = iter(values)
    all_given = len(values) == len(procedure.arguments)
    for place, one in enumerate(procedure.arguments, start=1):
        value = next(rest) if one.mode != "OUT" or all_given else None
        value = None if one.mode == "OUT" else value
        variable = Variable(one.name or f"${place}", one.type, value)
        scope.variables[f"${place}"] = variable
        scope.variables[variable.name] = variable
    frame.push(frame.scopes.pop())


@contextmanager
def _settings(machine: Machine, procedure: Procedure) -> Iterator[None]:
    """SET's settings for as long as the procedure runs."""
    session = machine.session
    old = [(name, session.setting(name)) for name, _ in procedure.settings]
    machine.transactions.bound += bool(procedure.settings)
    try:
        for name, value in procedure.settings:
            session.set_parameter(name, value)
        yield
    finally:
        machine.transactions.bound -= bool(procedure.settings)
        for name, value in old:
            session.set_parameter(name, value)


def _results(frame: Frame, procedure: Procedure) -> list[Text]:
    return [
        frame.scopes[1].variables[f"${place}"].value
        for place, one in enumerate(procedure.arguments, start=1)
        if one.mode != "IN"
    ]


def _nested(machine: Machine, frame: Frame, node: n.Statement) -> None:
    """A CALL inside a body: its outputs go to the variables that stand in their places."""
    session = machine.session
    statement = parse_statement(node.sql.text)
    if not isinstance(statement, s.Call):
        raise SqlSyntaxError("CALL takes a procedure and its values")
    procedure, values = _found(session, statement, frame)
    with session.observed.inside(statement.text, statement):
        inner = _run(machine, procedure, values, frame)
    results = iter(_results(inner, procedure))
    arguments = procedure.inputs if len(values) == len(procedure.inputs) else procedure.arguments
    outputs = {id(one): next(results) for one in procedure.outputs}
    for (text, _), argument in zip(statement.values, arguments, strict=True):
        if argument.mode == "IN":
            continue
        variable = frame.find(tuple(part.strip().strip('"').lower() for part in text.split(".")))
        if variable is not None:
            sql_steps.assign(session, variable, sql_steps.Value(outputs[id(argument)], argument.type))
    frame.rows = 0


def _answer(session: QuerySession, procedure: Procedure, values: list[Text]) -> Rows:
    """The outputs as one row."""
    types = [one.type for one in procedure.outputs]
    query = parse_statement("SELECT " + ", ".join(f"${place}" for place in range(1, len(types) + 1)))
    assert isinstance(query, s.Relational)
    made = plans.plan(session, query, types, None, tuple(types))
    decoded = [sql_steps.decoded(session, value, of) for value, of in zip(values, types, strict=True)]
    rows = sql_steps.start(session, made, decoded)
    return replace(rows, fields=_fields(procedure), verb="CALL")
