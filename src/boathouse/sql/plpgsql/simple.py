"""The statements without statements inside: assignments, SQL, EXECUTE, RAISE, cursors, transaction control.

Received from `parser`: a reader at the statement's first word. Handed back: its node, the semicolon read.
Source: Redshift Developer Guide, "Supported PL/pgSQL statements".
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, cast

from boathouse.contracts.errors import SqlSyntaxError
from boathouse.sql.plpgsql.nodes import (
    Assign,
    CloseVariable,
    EndTransaction,
    Execute,
    FetchInto,
    GetDiagnostics,
    Node,
    Null,
    Open,
    Path,
    Raise,
    Return,
    Sql,
    StartTransaction,
    Statement,
)
from boathouse.sql.plpgsql.reading import BodyReader

_LEVELS = ("info", "notice", "warning", "log", "exception", "debug")
_ROW_QUERIES = ("select", "with", "values")


def read_simple(reader: BodyReader) -> Node:
    """One statement; see the module."""
    if reader.token.kind in ("word", "quoted", "parameter"):
        mark = reader.mark()
        line = reader.line
        target = reader.variable()
        if reader.accept_any(":=", "="):
            value = reader.sql_until(";")
            reader.expect(";")
            return Assign(line, target, value)
        reader.back(mark)
    read = _READERS.get(reader.token.value) if reader.token.kind == "word" else None
    node = read(reader) if read is not None else _statement(reader)
    reader.expect(";")
    return node


def read_using(reader: BodyReader, end: str) -> tuple[Sql, ...]:
    """USING values, if it is next."""
    return reader.list_until(end) if reader.accept("using") else ()


def _null(reader: BodyReader) -> Node:
    line = reader.line
    reader.expect("null")
    return Null(line)


def _return(reader: BodyReader) -> Node:
    line = reader.line
    reader.expect("return")
    if not reader.sees(";"):
        reader.fail(hint="A procedure's RETURN takes no value.")
    return Return(line)


def _perform(reader: BodyReader) -> Node:
    line = reader.line
    reader.expect("perform")
    found = reader.sql_until(";", what="a query")
    # Two more characters than PERFORM has are not needed: SELECT is shorter, so that offsets stay right.
    return Statement(line, Sql("SELECT  " + found.text, found.offset - len("SELECT  ")), "perform")


def _execute(reader: BodyReader) -> Node:
    line = reader.line
    reader.expect("execute")
    command = reader.sql_until("into", "using", ";")
    into: tuple[Path, ...] | None = None
    if reader.accept("into"):
        reader.accept("strict")
        into = reader.variables()
    using = read_using(reader, ";")
    return Execute(line, command, into, using)


def _raise(reader: BodyReader) -> Node:
    line = reader.line
    reader.expect("raise")
    if reader.sees(";"):
        return Raise(line, "RETHROW")
    word = reader.accept_any(*_LEVELS) or "exception"
    level = cast(Literal["INFO", "NOTICE", "WARNING", "LOG", "EXCEPTION"], "LOG" if word == "debug" else word.upper())
    place = reader.token
    form = reader.string("a format in quotes")
    values = reader.list_until(";", "using") if reader.accept(",") else ()
    wanted = form.replace("%%", "").count("%")
    if len(values) != wanted:
        raise SqlSyntaxError(
            f"too {'many' if len(values) > wanted else 'few'} parameters specified for RAISE",
            position=place.start + 1,
        )
    options: list[tuple[str, Sql]] = []
    if reader.accept("using"):
        while True:
            name = reader.expect_any("errcode", "message", "detail", "hint")
            reader.expect_any("=", ":=")
            options.append((name, reader.sql_until(",", ";")))
            if not reader.accept(","):
                break
    return Raise(line, level, form, values, tuple(options))


def _open(reader: BodyReader) -> Node:
    line = reader.line
    reader.expect("open")
    cursor = reader.variable()
    if reader.accept("("):
        arguments = reader.list_until(")")
        reader.expect(")")
        return Open(line, cursor, arguments, None, False, ())
    if reader.sees(";"):
        return Open(line, cursor, (), None, False, ())
    if reader.accept("no", "scroll") is False and reader.sees("scroll"):
        reader.refuse("OPEN ... SCROLL")
    reader.expect("for")
    if reader.accept("execute"):
        command = reader.sql_until("using", ";")
        return Open(line, cursor, (), command, True, read_using(reader, ";"))
    return Open(line, cursor, (), reader.sql_until(";", what="a query"), False, ())


def _fetch(reader: BodyReader) -> Node:
    line = reader.line
    reader.expect("fetch")
    if reader.sees_any("prior", "first", "last", "absolute", "relative", "backward"):
        reader.refuse(f"FETCH {reader.token.value.upper()}", hint="Cursors only go forward.")
    if reader.sees_any("next", "forward") and reader.ahead(1).value in ("from", "in"):
        reader.next()
    reader.accept_any("from", "in")
    cursor = reader.variable()
    reader.expect("into")
    return FetchInto(line, cursor, reader.variables())


def _close(reader: BodyReader) -> Node:
    line = reader.line
    reader.expect("close")
    return CloseVariable(line, reader.variable())


def _diagnostics(reader: BodyReader) -> Node:
    line = reader.line
    reader.expect("get", "diagnostics")
    items: list[tuple[Path, str]] = []
    while True:
        target = reader.variable()
        reader.expect_any(":=", "=")
        if reader.sees("result_oid"):
            reader.refuse("GET DIAGNOSTICS ... RESULT_OID")
        items.append((target, reader.expect_any("row_count")))
        if not reader.accept(","):
            break
    return GetDiagnostics(line, tuple(items))


def _end_transaction(reader: BodyReader) -> Node:
    line = reader.line
    word = reader.expect_any("commit", "rollback", "abort")
    reader.accept_any("work", "transaction")
    if reader.sees("to"):
        reader.refuse("ROLLBACK TO SAVEPOINT")
    return EndTransaction(line, "COMMIT" if word == "commit" else "ROLLBACK")


def _start(reader: BodyReader) -> Node:
    line = reader.line
    reader.expect("start", "transaction")
    return StartTransaction(line)


_READERS: dict[str, Callable[[BodyReader], Node]] = {
    "null": _null,
    "return": _return,
    "perform": _perform,
    "execute": _execute,
    "raise": _raise,
    "open": _open,
    "fetch": _fetch,
    "close": _close,
    "get": _diagnostics,
    "commit": _end_transaction,
    "rollback": _end_transaction,
    "abort": _end_transaction,
    "start": _start,
}


def _statement(reader: BodyReader) -> Node:
    """Anything else is SQL, up to its semicolon; a query's INTO is taken out of it."""
    line = reader.line
    first = reader.token
    if first.kind not in ("word", "operator") or (first.kind == "operator" and first.value != "("):
        reader.fail()
    start = reader.mark()
    last = first
    depth = 0
    into: tuple[Path, ...] | None = None
    gap: tuple[int, int] | None = None
    while not (depth == 0 and reader.sees(";")):
        if reader.at_end:
            reader.fail(hint="A semicolon is missing.")
        if depth == 0 and gap is None and first.value in _ROW_QUERIES and reader.sees("into"):
            begins = reader.token.start
            reader.next()
            reader.accept("strict")
            into = reader.variables()
            gap = (begins, reader.tokens[reader.mark() - 1].end)
            last = reader.tokens[reader.mark() - 1]
            continue
        if reader.token.kind == "operator":
            depth = max(0, depth + {"(": 1, ")": -1}.get(reader.token.value, 0))
        last = reader.next()
    if reader.mark() == start:
        reader.fail()
    text = reader.text[first.start : last.end]
    if gap is not None:
        begins, ends = gap[0] - first.start, gap[1] - first.start
        text = text[:begins] + " " * (ends - begins) + text[ends:]
    return Statement(line, Sql(text, first.start), first.value, into)
