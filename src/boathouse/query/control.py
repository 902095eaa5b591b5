"""Handlers of the statements that steer a session: transactions, SET and SHOW, PREPARE and EXECUTE, cursors,
DISCARD.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

import pyarrow as pa

from boathouse.contracts.answers import Answer, Done, Field, Notice, Rows
from boathouse.contracts.errors import (
    DuplicateStatement,
    InvalidParameterValue,
    ObjectNotInPrerequisiteState,
    UndefinedStatement,
)
from boathouse.contracts.house import House
from boathouse.contracts.session import Session
from boathouse.contracts.types import VARCHAR
from boathouse.query import journey, plans
from boathouse.query.places import inside
from boathouse.query.session import QuerySession
from boathouse.query.state.read_only import default_is_read_only
from boathouse.sql import statements as s
from boathouse.sql.constants import constant_value


def begin(house: House, session: Session, statement: s.Begin) -> Answer:
    """BEGIN."""
    mine = cast(QuerySession, session)
    read_only = default_is_read_only(mine) if statement.read_only is None else statement.read_only
    already = mine.transaction.in_block
    done = mine.transaction.begin(statement)
    if not already:
        mine.set_parameter("transaction_read_only", "on" if read_only else "off", local=True)
    return done


def commit(house: House, session: Session, statement: s.Commit) -> Answer:
    """COMMIT."""
    return cast(QuerySession, session).transaction.commit(statement)


def rollback(house: House, session: Session, statement: s.Rollback) -> Answer:
    """ROLLBACK."""
    return cast(QuerySession, session).transaction.rollback(statement)


def set_parameter(house: House, session: Session, statement: s.Set) -> Answer:
    """SET."""
    mine = cast(QuerySession, session)
    if statement.local and not mine.transaction.is_open:
        form = "TRANSACTION" if statement.name.startswith("transaction_") else "LOCAL"
        mine.notify(Notice("WARNING", f"SET {form} can only be used in transaction blocks", "25P01"))
        return Done("SET")
    if statement.local:
        mine.transaction.open_inside()
    mine.set_parameter(statement.name, statement.value, local=statement.local)
    return Done("SET")


def reset_parameter(house: House, session: Session, statement: s.Reset) -> Answer:
    """RESET name, RESET ALL."""
    mine = cast(QuerySession, session)
    if statement.name is None:
        mine.reset_parameters()
    else:
        mine.set_parameter(statement.name, None)
    return Done("RESET")


def show(house: House, session: Session, statement: s.Show) -> Answer:
    """SHOW name, SHOW ALL."""
    mine = cast(QuerySession, session)
    if statement.name is not None:
        name = {"time zone": "timezone", "transaction isolation level": "transaction_isolation"}.get(
            statement.name.lower(), statement.name.lower()
        )
        return _rows((statement.name,), [(mine.setting(name),)], "SHOW")
    return _rows(
        ("name", "setting", "description"), [(name, value, "") for name, value in mine.parameters.all()], "SHOW"
    )


def discard(house: House, session: Session, statement: s.Discard) -> Answer:
    """DISCARD ALL, DEALLOCATE, UNLISTEN, CLOSE ALL: what poolers send between two clients."""
    mine = cast(QuerySession, session)
    if statement.what == "deallocate" and statement.name is not None:
        if mine.prepared.pop(statement.name, None) is None:
            raise UndefinedStatement(f'prepared statement "{statement.name}" does not exist')
    elif statement.what == "close":
        mine.cursors.close_all()
    elif statement.what == "deallocate":
        mine.prepared.clear()
    elif statement.what == "all":
        mine.transaction.require_none("DISCARD ALL")
        mine.prepared.clear()
        mine.cursors.close_all()
        mine.reset_parameters()
        _drop_temporary(mine)
    return Done(statement.tag)


def _drop_temporary(session: QuerySession) -> None:
    """DISCARD TEMP: the session's temporary tables go."""
    for (name,) in session.engine.fetch(
        "SELECT table_name FROM memory.rs.stored_tables() WHERE database_name = 'temp'"
    ):
        quoted = str(name).replace('"', '""')
        session.engine.execute(f'DROP TABLE temp.main."{quoted}"')
    session.has_temporary = False
    session.own_plans.clear()


def prepare(house: House, session: Session, statement: s.Prepare) -> Answer:
    """PREPARE name AS statement."""
    mine = cast(QuerySession, session)
    if statement.name in mine.prepared:
        raise DuplicateStatement(f'prepared statement "{statement.name}" already exists')
    with inside(statement, statement.statement):
        journey.describe(mine, statement.statement, statement.types)
    mine.prepared[statement.name] = statement
    return Done("PREPARE")


def execute(house: House, session: Session, statement: s.Execute) -> Answer:
    """EXECUTE name (values)."""
    mine = cast(QuerySession, session)
    prepared = mine.prepared.get(statement.name)
    if prepared is None:
        raise UndefinedStatement(f'prepared statement "{statement.name}" does not exist')
    wanted = len(journey.describe(mine, prepared.statement, prepared.types).parameters)
    if wanted != len(statement.values):
        raise InvalidParameterValue(
            f'wrong number of parameters for prepared statement "{statement.name}"',
            detail=f"Expected {wanted} parameters but got {len(statement.values)}.",
            sqlstate="42601",
        )
    values = [constant_value(value) for value in statement.values]
    with inside(statement, None):
        return journey.answer(mine, prepared.statement, values, prepared.types)


def declare(house: House, session: Session, statement: s.DeclareCursor) -> Answer:
    """DECLARE: the query starts now and sees what it sees now; its rows wait for FETCH."""
    mine = cast(QuerySession, session)
    if mine.transaction.stands_alone and not statement.hold:
        raise ObjectNotInPrerequisiteState(
            "DECLARE CURSOR may only be used in begin/end transaction blocks",
            hint="Send BEGIN first.",
            sqlstate="25P01",
        )
    mine.cursors.require_free(statement.name)
    with inside(statement, statement.query):
        rows = plans.read(mine, statement.query, *mine.given)
    assert isinstance(rows, Rows)
    mine.cursors.open(statement.name, rows, hold=statement.hold)
    return Done("DECLARE CURSOR")


def fetch(house: House, session: Session, statement: s.Fetch) -> Answer:
    """FETCH."""
    return cast(QuerySession, session).cursors.fetch(statement.name, statement.count)


def close_cursor(house: House, session: Session, statement: s.CloseCursor) -> Answer:
    """CLOSE name."""
    cast(QuerySession, session).cursors.close(statement.name)
    return Done("CLOSE CURSOR")


def _rows(names: tuple[str, ...], rows: list[tuple[str, ...]], verb: str) -> Rows:
    columns = [pa.array([row[place] for row in rows], pa.string()) for place in range(len(names))]

    def batches() -> Iterator[pa.RecordBatch]:
        yield pa.RecordBatch.from_arrays(columns, names=[str(place) for place in range(len(names))])

    return Rows(tuple(Field(name, VARCHAR) for name in names), batches(), verb)


text_rows = _rows
"""Rows of text columns from Python values: (names, rows, verb)."""
