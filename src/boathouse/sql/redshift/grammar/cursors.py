"""DECLARE, FETCH, CLOSE.

Source: Redshift Developer Guide, "DECLARE", "FETCH", "CLOSE"; PostgreSQL's words beyond them (NO SCROLL, WITHOUT HOLD,
IN) are those that drivers send.
"""

from __future__ import annotations

from boathouse.sql.redshift.grammar.queries import read_inner_select
from boathouse.sql.redshift.grammar.sessions import read_discard
from boathouse.sql.statements import CloseCursor, DeclareCursor, Fetch, Statement
from boathouse.sql.token_reader import TokenReader

_BACK = ("prior", "first", "last", "absolute", "relative", "backward")


def read_declare(reader: TokenReader) -> DeclareCursor:
    """DECLARE name [INSENSITIVE] [NO SCROLL] CURSOR [WITH HOLD | WITHOUT HOLD] FOR query."""
    reader.expect("declare")
    name = reader.identifier("a cursor's name")
    while not reader.sees("cursor"):
        if reader.sees_any("binary", "scroll"):
            reader.refuse(f"DECLARE {reader.token.value.upper()} CURSOR")
        if not reader.accept("insensitive") and not reader.accept("no", "scroll"):
            reader.fail(hint="Expected CURSOR.")
    reader.expect("cursor")
    hold = reader.accept("with", "hold")
    if not hold:
        reader.accept("without", "hold")
    reader.expect("for")
    text, start = reader.rest()
    query = read_inner_select(text, start, reader)
    return DeclareCursor(text=reader.text, offset=reader.offset, name=name, query=query, hold=hold)


def read_fetch(reader: TokenReader) -> Fetch:
    """FETCH [NEXT | ALL | n | FORWARD [n | ALL]] [FROM | IN] name."""
    reader.expect("fetch")
    count: int | None = 1
    place = reader.token
    if reader.sees_any(*_BACK) and reader.ahead(1).kind != "end":
        reader.refuse(f"FETCH {place.value.upper()}", hint="Cursors only go forward.")
    if reader.sees_any("next", "all", "forward") and reader.ahead(1).kind != "end":
        word = reader.next().value
        count = None if word == "all" or (word == "forward" and reader.accept("all")) else 1
        if word == "forward" and count is not None and (reader.token.kind == "number" or reader.sees("-")):
            count = reader.integer("a number of rows")
    elif reader.token.kind == "number" or reader.sees("-"):
        count = reader.integer("a number of rows")
    if count is not None and count < 1:
        reader.refuse(f"FETCH {count}", hint="Cursors only go forward: fetch one row or more.", token=place)
    reader.accept_any("from", "in")
    name = reader.identifier("a cursor's name")
    reader.finish()
    return Fetch(text=reader.text, offset=reader.offset, name=name, count=count)


def read_close(reader: TokenReader) -> Statement:
    """CLOSE name | ALL."""
    if reader.ahead(1).value == "all" and reader.ahead(1).kind == "word":
        return read_discard(reader)
    reader.expect("close")
    name = reader.identifier("a cursor's name")
    reader.finish()
    return CloseCursor(text=reader.text, offset=reader.offset, name=name)
