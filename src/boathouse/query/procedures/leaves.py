"""The statements without statements inside, as the machine runs them: assignments, SQL, RAISE, cursors, COMMIT.

Source: Redshift Developer Guide, "Supported PL/pgSQL statements".
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from boathouse.contracts.answers import Notice, Rows
from boathouse.contracts.errors import (
    BoathouseError,
    DataError,
    DuplicateObject,
    InputError,
    InternalError,
    InvalidParameterValue,
    SqlSyntaxError,
)
from boathouse.contracts.types import BIGINT, VARCHAR
from boathouse.query.procedures import sql_steps
from boathouse.query.procedures.frame import Frame, Scope, Variable
from boathouse.query.procedures.sql_steps import Value, decoded
from boathouse.sql import statements as s
from boathouse.sql.plpgsql import nodes as n

if TYPE_CHECKING:
    from boathouse.query.procedures.machine import Machine

LOG = logging.getLogger(__name__)
_DML = ("insert", "update", "delete", "merge")
_ROWS = ("select", "with", "values", "(", "perform")


def run(machine: Machine, frame: Frame, node: n.Node) -> None:
    """Run one statement; see the module."""
    step = _STEPS.get(type(node))
    if step is None:
        raise InternalError(f"no step for {type(node).__name__}")
    step(machine, frame, node)


def _null(machine: Machine, frame: Frame, node: n.Null) -> None:
    return


def _assign(machine: Machine, frame: Frame, node: n.Assign) -> None:
    variable = frame.get(node.target)
    if variable.type is None:
        raise SqlSyntaxError(
            f'"{".".join(node.target)}" is a record: it cannot be assigned as a whole', sqlstate="0A000"
        )
    variable.assign(sql_steps.evaluate(machine.session, frame, node.value, variable.type).text)


# -- SQL -------------------------------------------------------------------------------------------------


def _statement(machine: Machine, frame: Frame, node: n.Statement) -> None:
    if node.word == "call":
        machine.call(machine, frame, node)
        return
    if node.word in _ROWS:
        _query(machine, frame, node)
        return
    statement = sql_steps.parsed(node.sql.text)
    _run_parsed(machine, frame, statement)


def _run_parsed(machine: Machine, frame: Frame, statement: s.Statement, *, dynamic: bool = False) -> None:
    if isinstance(statement, s.Relational) and statement.verb != "SELECT" and not dynamic:
        frame.rows = sql_steps.change(machine.session, frame, statement)
        frame.found.value = b"t" if frame.rows else b"f"
        return
    truncates = isinstance(statement, s.Truncate)
    if truncates:
        machine.transactions.require_own("TRUNCATE")
    if dynamic:
        frame.rows = sql_steps.run_plain(machine.session, statement)
    else:
        frame.rows = sql_steps.other(machine.session, frame, statement)
    if truncates:
        machine.transactions.truncated(frame)


def _query(machine: Machine, frame: Frame, node: n.Statement) -> None:
    session = machine.session
    if node.into is None and node.word != "perform":
        raise SqlSyntaxError(
            "query has no destination for result data",
            hint="If you want to discard the results, use PERFORM instead.",
        )
    rows = sql_steps.open_query(session, frame, node.sql)
    if node.into is None:
        frame.rows = sum(batch.num_rows for batch in rows.batches)
        rows.batches.close()  # type: ignore[attr-defined]
    else:
        frame.rows = _into(machine, frame, node.into, rows)
    frame.found.value = b"t" if frame.rows else b"f"


def _into(machine: Machine, frame: Frame, targets: tuple[n.Path, ...], rows: Rows) -> int:
    row = sql_steps.first_row(machine.session, rows)
    sql_steps.assign_row(machine.session, frame, targets, rows.fields, row)
    return 0 if row is None else 1


def _execute(machine: Machine, frame: Frame, node: n.Execute) -> None:
    session = machine.session
    text = _command(machine, frame, node.command)
    with_values = [sql_steps.evaluate(session, frame, one) for one in node.using]
    try:
        statements = sql_steps.parsed_dynamic(text)
        if node.into is not None:
            rows = _dynamic_rows(machine, statements, with_values)
            frame.rows = _into(machine, frame, node.into, rows)
            return
        for statement in statements:
            if isinstance(statement, s.Call):
                machine.call(machine, frame, n.Statement(node.line, n.Sql(statement.text, 0), "call"))
            elif with_values:
                values = [decoded(session, one.text, one.type) for one in with_values]
                frame.rows = sql_steps.run_plain(session, statement, values, [one.type for one in with_values])
            else:
                _run_parsed(machine, frame, statement, dynamic=True)
    except BoathouseError as failure:
        failure.context = failure.context or f'SQL statement "{text}"'
        raise


def _command(machine: Machine, frame: Frame, sql: n.Sql) -> str:
    found = sql_steps.evaluate(machine.session, frame, sql, VARCHAR).text
    if found is None:
        raise DataError("cannot EXECUTE a null querystring", sqlstate="22004")
    return found.decode()


def _dynamic_rows(machine: Machine, statements: tuple[s.Statement, ...], given: list[Value]) -> Rows:
    only = statements[0] if len(statements) == 1 else None
    if not isinstance(only, s.Relational) or only.verb != "SELECT":
        raise SqlSyntaxError("one query is expected here")
    return sql_steps.open_planned(machine.session, only, given)


def open_rows(machine: Machine, frame: Frame, query: n.Sql, dynamic: bool, using: tuple[n.Sql, ...]) -> Rows:
    """The rows of a FOR loop's or a cursor's query."""
    if not dynamic:
        return sql_steps.open_query(machine.session, frame, query)
    text = _command(machine, frame, query)
    given = [sql_steps.evaluate(machine.session, frame, one) for one in using]
    try:
        return _dynamic_rows(machine, sql_steps.parsed_dynamic(text), given)
    except BoathouseError as failure:
        failure.context = failure.context or f'SQL statement "{text}"'
        raise


# -- RAISE -----------------------------------------------------------------------------------------------


def _raise(machine: Machine, frame: Frame, node: n.Raise) -> None:
    if node.level == "RETHROW":
        if not frame.caught:
            raise SqlSyntaxError(
                "RAISE without parameters cannot be used outside an exception handler", sqlstate="0Z002"
            )
        raise frame.caught[-1]
    session = machine.session
    parts = node.format.replace("%%", "\0").split("%")
    message = parts[0]
    for value, part in zip(node.values, parts[1:], strict=True):
        found = sql_steps.evaluate(session, frame, value).text
        message += ("<NULL>" if found is None else found.decode()) + part
    message = message.replace("\0", "%")
    options: dict[str, str] = {}
    for name, sql in node.options:
        found = sql_steps.evaluate(session, frame, sql, VARCHAR).text
        if found is None:
            raise DataError(f"RAISE statement option {name.upper()} cannot be null", sqlstate="22004")
        options[name] = found.decode()
    message = options.get("message", message)
    session.observed.raised(node.level, message, node.line)
    if node.level == "EXCEPTION":
        code = options.get("errcode", "P0001").upper()
        if len(code) != 5 or not code.isalnum():
            raise InvalidParameterValue(f'"{code}" is no SQLSTATE', hint="Give five letters and digits.")
        raise InputError(message, detail=options.get("detail"), hint=options.get("hint"), sqlstate=code)
    if node.level == "LOG":
        LOG.info("procedure %s: %s", frame.name, message)
        return
    machine.notify(Notice(node.level, message, "00000", options.get("detail"), options.get("hint")))


# -- cursors ---------------------------------------------------------------------------------------------


def _open(machine: Machine, frame: Frame, node: n.Open) -> None:
    variable = frame.get(node.cursor)
    cursors = machine.session.cursors
    bound = variable.bound
    name = variable.value.decode() if variable.value is not None else cursors.unused_name()
    if cursors.fields(name) is not None:
        raise DuplicateObject(f'cursor "{name}" already in use', sqlstate="42P03")
    if bound is None:
        if node.query is None:
            raise SqlSyntaxError(f'cursor variable "{variable.name}" has no query', hint="Write OPEN … FOR a query.")
        rows = open_rows(machine, frame, node.query, node.dynamic, node.using)
    else:
        if node.query is not None:
            raise SqlSyntaxError(f'cursor "{variable.name}" has a query of its own', hint="Write OPEN without FOR.")
        rows = _bound_rows(machine, frame, bound, node)
    cursors.open(name, rows)
    variable.value = name.encode()


def _bound_rows(machine: Machine, frame: Frame, bound: Any, node: n.Open) -> Rows:
    if len(node.arguments) != len(bound.arguments):
        raise SqlSyntaxError(f'cursor "{bound.name}" takes {len(bound.arguments)} arguments, not {len(node.arguments)}')
    scope = Scope(None)
    for (name, of), sql in zip(bound.arguments, node.arguments, strict=True):
        scope.add(Variable(name, of, sql_steps.evaluate(machine.session, frame, sql, of).text))
    frame.push(scope)
    try:
        return sql_steps.open_query(machine.session, frame, bound.query)
    finally:
        frame.pop()


def _cursor_name(frame: Frame, path: n.Path) -> str:
    variable = frame.get(path)
    if variable.value is None:
        raise DataError(f'cursor variable "{variable.name}" is null', sqlstate="22004")
    return variable.value.decode()


def _fetch(machine: Machine, frame: Frame, node: n.FetchInto) -> None:
    rows = machine.session.cursors.fetch(_cursor_name(frame, node.cursor), 1)
    row = next(sql_steps.rows_of(machine.session, rows), None)
    sql_steps.assign_row(machine.session, frame, node.targets, rows.fields, row)
    frame.rows = 0 if row is None else 1
    frame.found.value = b"f" if row is None else b"t"


def _close(machine: Machine, frame: Frame, node: n.CloseVariable) -> None:
    machine.session.cursors.close(_cursor_name(frame, node.cursor))


def _diagnostics(machine: Machine, frame: Frame, node: n.GetDiagnostics) -> None:
    for target, _ in node.items:
        sql_steps.assign(machine.session, frame.get(target), Value(str(frame.rows).encode(), BIGINT))


# -- transactions ----------------------------------------------------------------------------------------


def _end(machine: Machine, frame: Frame, node: n.EndTransaction) -> None:
    machine.transactions.end(frame, node.word)


def _start(machine: Machine, frame: Frame, node: n.StartTransaction) -> None:
    machine.transactions.start(frame)


_STEPS: dict[type[n.Node], Callable[[Any, Frame, Any], None]] = {
    n.Null: _null,
    n.Assign: _assign,
    n.Statement: _statement,
    n.Execute: _execute,
    n.Raise: _raise,
    n.Open: _open,
    n.FetchInto: _fetch,
    n.CloseVariable: _close,
    n.GetDiagnostics: _diagnostics,
    n.EndTransaction: _end,
    n.StartTransaction: _start,
}
_KINDS: dict[type[n.Node], str] = {
    n.Block: "block variables initialization",
    n.Assign: "assignment",
    n.If: "if",
    n.Case: "case",
    n.Loop: "loop",
    n.ForInteger: "for with integer loopvar",
    n.ForRows: "for over select rows",
    n.Exit: "exit",
    n.Raise: "raise",
    n.Statement: "SQL statement",
    n.Execute: "execute statement",
    n.Open: "open",
    n.FetchInto: "fetch",
    n.CloseVariable: "close",
    n.GetDiagnostics: "get diagnostics",
    n.EndTransaction: "SQL statement",
    n.StartTransaction: "SQL statement",
}


def kind_of(node: n.Node) -> str:
    """The statement as an error's context calls it."""
    if isinstance(node, n.Statement) and node.into is not None:
        return "select into variables"
    if isinstance(node, n.Statement) and node.word == "perform":
        return "perform"
    if isinstance(node, n.Loop) and node.condition is not None:
        return "while"
    if isinstance(node, n.ForRows) and node.dynamic:
        return "for over execute statement"
    return _KINDS.get(type(node), "statement")


def quoted_sql(node: n.Node) -> str | None:
    """The context's first line for a statement that is SQL."""
    if isinstance(node, n.EndTransaction):
        return f'SQL statement "{node.word}"'
    if isinstance(node, n.Statement) and node.word != "call":
        return f'SQL statement "{node.sql.text.strip()}"'
    return None
