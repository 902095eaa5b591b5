"""A procedure's SQL: expressions, queries and statements, run by the session with the frame's variables.

Received from `machine`: pieces of SQL and the frame. Variables go along as typed parameters, decoded from their text as
a client's would be; where a statement takes no parameters (CREATE TABLE AS, …) they stand in it as typed values.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from boathouse.contracts.answers import Answer, CopyIn, CopyOut, Done, Field, Rows
from boathouse.contracts.errors import BoathouseError, CardinalityViolation, FeatureNotSupported, SqlSyntaxError
from boathouse.contracts.types import UNKNOWN, VARCHAR, SqlType
from boathouse.query import journey, plans
from boathouse.query.procedures.frame import Frame, Text, Variable
from boathouse.query.session import QuerySession
from boathouse.sql import statements as s
from boathouse.sql.bind.bound import Bound
from boathouse.sql.parse import parse, parse_statement
from boathouse.sql.plpgsql.nodes import Path, Sql
from boathouse.wire.postgres.values import TEXT, decode_parameter, text_values

NEVER = (
    s.Begin, s.Commit, s.Rollback, s.Prepare, s.Execute, s.Discard, s.DeclareCursor, s.Fetch, s.CloseCursor,
    s.CopyStdin, s.CopyStdout,
)  # fmt: skip
"""Statements that a procedure cannot run as SQL."""


@dataclass(frozen=True, slots=True)
class Value:
    """A value and its type."""

    text: Text
    type: SqlType


def decoded(session: QuerySession, text: Text, of: SqlType) -> object:
    """A value as the engine binds it."""
    if of.name in ("character", "character varying", "text"):
        value = None if text is None else text.decode()
        return value.rstrip(" ") if value is not None and of.name == "character" else value
    return decode_parameter(text, TEXT, of, session.setting("timezone"))


def _parsed_query(text: str) -> s.Relational:
    statement = parse_statement(text)
    if not isinstance(statement, s.Relational) or statement.verb != "SELECT":
        raise SqlSyntaxError("a query is expected here")
    return statement


def _query(session: QuerySession, frame: Frame, statement: s.Relational, wanted: tuple[SqlType, ...] = ()) -> Rows:
    """A query of the body, started."""
    made = plans.plan(session, statement, (), frame.names(), wanted)
    return start(session, made, values_of(session, frame, made.names))


def start(session: QuerySession, made: plans.Plan, values: Sequence[object]) -> Rows:
    """Start a planned query inside the transaction at hand."""
    sql = plans.intercept(session, made, values)
    return session.engine.query(sql, values, made.fields, session.observed.profiler(made.pace))


def values_of(session: QuerySession, frame: Frame, names: Sequence[Path]) -> list[object]:
    """The variables' values as the engine binds them."""
    found = []
    for path in names:
        variable = frame.get(path)
        found.append(decoded(session, variable.value, variable.type or VARCHAR))
    return found


def rows_of(session: QuerySession, rows: Rows) -> Iterator[list[Text]]:
    """A result row by row, each value as its text."""
    timezone = session.setting("timezone")
    for batch in rows.batches:
        columns = [
            text_values(column, field.type, timezone) for column, field in zip(batch.columns, rows.fields, strict=True)
        ]
        for place in range(batch.num_rows):
            yield [column[place] for column in columns]


def first_row(session: QuerySession, rows: Rows) -> list[Text] | None:
    """The first row; the rest is not computed."""
    try:
        return next(rows_of(session, rows), None)
    finally:
        rows.batches.close()  # type: ignore[attr-defined]


def evaluate(session: QuerySession, frame: Frame, sql: Sql, wanted: SqlType | None = None) -> Value:
    """An expression's value, fitted to a variable's type where one is wanted.

    Raises:
        SqlSyntaxError, CardinalityViolation: it is no single value. Others of its evaluation.
    """
    rows = _query(session, frame, _parsed_query("SELECT " + sql.text), () if wanted is None else (wanted,))
    found: list[list[Text]] = []
    try:
        if len(rows.fields) != 1:
            raise SqlSyntaxError(f'query "SELECT {sql.text}" returned {len(rows.fields)} columns')
        for row in rows_of(session, rows):
            found.append(row)
            if len(found) > 1:
                raise CardinalityViolation(f'query "SELECT {sql.text}" returned more than one row')
    finally:
        rows.batches.close()  # type: ignore[attr-defined]
    of = rows.fields[0].type if wanted is None else wanted
    return Value(found[0][0] if found else None, VARCHAR if of == UNKNOWN else of)


def is_true(session: QuerySession, frame: Frame, sql: Sql) -> bool:
    """A condition; NULL is not true."""
    return evaluate(session, frame, sql, SqlType("boolean")).text == b"t"


def open_query(session: QuerySession, frame: Frame, sql: Sql) -> Rows:
    """The rows of a query of the body."""
    statement = _parsed_query(sql.text)
    return session.observed.rows_inside(statement.text, statement, lambda: _query(session, frame, statement))


def open_planned(session: QuerySession, statement: s.Relational, given: Sequence[Value]) -> Rows:
    """The rows of a query whose parameters are given."""

    def begin() -> Rows:
        session.values = [decoded(session, one.text, one.type) for one in given]
        made = plans.plan(session, statement, [one.type for one in given])
        return start(session, made, session.values)

    return session.observed.rows_inside(statement.text, statement, begin)


def fitted(session: QuerySession, value: Value, wanted: SqlType) -> Text:
    """A value as one of another type, as assignment converts it."""
    if value.text is None or value.type == wanted:
        return value.text
    if wanted.name == "character varying" and wanted.length is None and value.type.is_text:
        return value.text
    made = plans.plan(session, _HANDED_ON, (value.type,), None, (wanted,))
    found = first_row(session, start(session, made, [decoded(session, value.text, value.type)]))
    return None if found is None else found[0]


_statement = parse_statement("SELECT $1")
assert isinstance(_statement, s.Relational)
_HANDED_ON = _statement


def assign_row(
    session: QuerySession, frame: Frame, targets: Sequence[Path], fields: tuple[Field, ...], row: list[Text] | None
) -> None:
    """Give variables, or one record, the values of a row; NULLs where there is none.

    Raises:
        DataError: fewer or more columns than variables.
    """
    variables = [frame.get(path) for path in targets]
    only = variables[0]
    if len(variables) == 1 and only.fields is not None:
        if not only.is_row:
            frame.fill(only, fields, row if row is not None else [None] * len(fields))
            return
        variables = list(only.fields.values())
    if len(variables) != len(fields):
        raise SqlSyntaxError(
            f"number of source and target fields in assignment does not match: {len(fields)} and {len(variables)}"
        )
    for place, (variable, field) in enumerate(zip(variables, fields, strict=True)):
        assign(session, variable, Value(None if row is None else row[place], field.type))


def assign(session: QuerySession, variable: Variable, value: Value) -> None:
    """Give a variable a value of any type."""
    if variable.type is None:
        raise FeatureNotSupported(f'record "{variable.name}" cannot be assigned as a whole', hint="Use SELECT INTO.")
    variable.assign(fitted(session, value, variable.type))


def change(session: QuerySession, frame: Frame, statement: s.Relational) -> int:
    """INSERT, UPDATE, DELETE, MERGE of the body; the number of rows."""

    def work() -> Answer:
        made = plans.plan(session, statement, (), frame.names())

        def bind() -> Bound:
            return plans.bound_of(session, statement, (), None, frame.names().resolver())

        return plans.change_planned(session, statement, made, values_of(session, frame, made.names), bind)

    with session.observed.inside(statement.text, statement) as run:
        run.rows = count_of(session.transaction.run(work, writes=True))
    return run.rows


def other(session: QuerySession, frame: Frame, statement: s.Statement) -> int:
    """DDL, COPY, SET and their like, with variables as values where they have a query; the number of rows."""
    session.literals = frame.names().with_values(lambda path: _shown(frame.get(path)))
    try:
        return run_plain(session, statement)
    finally:
        session.literals = None


def _shown(variable: Variable) -> str | None:
    return None if variable.value is None else variable.value.decode()


def run_plain(
    session: QuerySession, statement: s.Statement, values: Sequence[object] = (), types: Sequence[SqlType] = ()
) -> int:
    """A statement without variables; rows that it answers go nowhere."""
    with session.observed.inside(statement.text, statement) as run:
        answer = journey.answer(session, statement, values, types)
        if isinstance(answer, CopyIn | CopyOut):
            raise FeatureNotSupported("COPY with STDIN or STDOUT cannot run in a procedure")
        if isinstance(answer, Rows):
            run.rows = sum(batch.num_rows for batch in answer.batches)
            answer.batches.close()  # type: ignore[attr-defined]
        else:
            run.rows = count_of(answer)
    return run.rows


def count_of(answer: Answer) -> int:
    """The rows that a tag counts."""
    last = answer.tag.rpartition(" ")[2] if isinstance(answer, Done) else ""
    return int(last) if last.isdigit() else 0


def parsed(text: str) -> s.Statement:
    """One statement of a body.

    Raises:
        SqlSyntaxError; FeatureNotSupported: none that a procedure can run.
    """
    statement = parse_statement(text)
    refuse_never(statement)
    return statement


def parsed_dynamic(text: str) -> tuple[s.Statement, ...]:
    """EXECUTE's statements."""
    found = parse(text)
    for statement in found:
        refuse_never(statement)
    return found


def refuse_never(statement: s.Statement) -> None:
    """Refuse what needs a transaction or a conversation of its own, as Redshift does."""
    word = statement.text.split(None, 1)[0].upper() if statement.text.strip() else ""
    refused: BoathouseError | None = None
    if isinstance(statement, s.Commit | s.Rollback | s.Begin):
        refused = FeatureNotSupported(
            f"{word} cannot be run as SQL in a procedure", hint="Write COMMIT or ROLLBACK as a statement of the body."
        )
    elif isinstance(statement, NEVER) or (isinstance(statement, s.Maintain) and statement.verb == "VACUUM"):
        refused = FeatureNotSupported(f"{word} cannot be run in a procedure")
    elif isinstance(statement, s.AlterTable) and statement.action == "append":
        refused = FeatureNotSupported("ALTER TABLE APPEND cannot be run in a procedure")
    elif isinstance(statement, s.Set) and statement.local:
        refused = FeatureNotSupported("SET LOCAL cannot be run in a procedure", hint="Use SET.")
    if refused is not None:
        raise refused
