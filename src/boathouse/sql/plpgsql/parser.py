"""A body's text to its tree: blocks, loops, conditions; the smaller statements are in `simple`.

Received from `sql.redshift.grammar.routines` and, when a procedure runs, from `query.procedures`: the text between the
quotes. Handed on: the outermost `Block`. Errors are PostgreSQL's, with a position in the body.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NoReturn

from boathouse.contracts.errors import SqlSyntaxError
from boathouse.sql.plpgsql.declarations import read_declarations
from boathouse.sql.plpgsql.nodes import (
    AliasFor,
    Block,
    Case,
    Declared,
    Exit,
    ForInteger,
    ForRows,
    Handler,
    If,
    Loop,
    Node,
    Sql,
)
from boathouse.sql.plpgsql.reading import BodyReader
from boathouse.sql.plpgsql.simple import read_simple, read_using

DEPTH_MAX = 100
"""Blocks, loops and conditions inside one another; above it the machine would exhaust the stack."""

_ENDS = ("end", "else", "elsif", "elseif", "when", "exception")


@lru_cache(maxsize=256)
def parse_body(body: str) -> Block:
    """The tree of a body.

    Raises:
        SqlSyntaxError, FeatureNotSupported: with a position in `body`.
    """
    parser = _Parser(BodyReader(body))
    block = parser.block()
    parser.reader.accept(";")
    parser.reader.finish()
    return block


class _Parser:
    def __init__(self, reader: BodyReader) -> None:
        self.reader = reader
        self._depth = 0
        self._labels: list[tuple[str | None, bool]] = []
        """Labels of the blocks and loops around the place, innermost last; True for loops."""

    def block(self) -> Block:
        """[<<label>>] [DECLARE …] BEGIN … END [label], without its semicolon."""
        reader = self.reader
        label = reader.label()
        line = reader.line
        declarations: tuple[Declared | AliasFor, ...] = ()
        if reader.accept("declare"):
            declarations = read_declarations(reader)
            line = reader.line
        if not reader.sees("begin"):
            reader.fail(hint="Expected DECLARE or BEGIN.")
        self._labels.append((label, False))
        reader.expect("begin")
        body = self.statements()
        handler = self._handler() if reader.sees("exception") else None
        reader.expect("end")
        self._labels.pop()
        reader.closing_label(label)
        return Block(line, label, declarations, body, handler)

    def _handler(self) -> Handler:
        reader = self.reader
        line = reader.line
        reader.expect("exception")
        word = reader.accept_any("continue_handler", "exit_handler")
        reader.expect("when")
        if not reader.sees("others"):
            reader.refuse("an exception condition other than OTHERS", hint="Redshift has WHEN OTHERS alone.")
        reader.expect("others", "then")
        body = self.statements()
        if reader.sees("when"):
            reader.refuse("a second exception handler")
        return Handler(line, body, word == "continue_handler")

    def statements(self) -> tuple[Node, ...]:
        """Statements up to END, ELSE and their like."""
        self._depth += 1
        if self._depth > DEPTH_MAX:
            raise SqlSyntaxError(
                f"more than {DEPTH_MAX} blocks inside one another",
                position=self.reader.token.start + 1,
                sqlstate="54001",
            )
        found: list[Node] = []
        while not self._at_end_of_list():
            found.append(self._statement())
        self._depth -= 1
        return tuple(found)

    def _at_end_of_list(self) -> bool:
        reader = self.reader
        if reader.at_end:
            reader.fail(hint="END is missing.")
        return reader.sees_any(*_ENDS) and reader.ahead(1).value not in (":=", "=")

    def _statement(self) -> Node:
        reader = self.reader
        if reader.sees("<<"):
            mark = reader.mark()
            label = reader.label()
            if reader.sees_any("loop", "while", "for"):
                return self._loop(label)
            reader.back(mark)
            return self._ended(self.block())
        if reader.ahead(1).value not in (":=", "="):
            if reader.sees_any("declare", "begin"):
                return self._ended(self.block())
            if reader.sees_any("loop", "while", "for"):
                return self._loop(None)
            if reader.sees("if"):
                return self._if()
            if reader.sees("case"):
                return self._case()
            if reader.sees_any("exit", "continue"):
                return self._exit()
        return read_simple(reader)

    def _ended(self, node: Node) -> Node:
        self.reader.expect(";")
        return node

    # -- conditions ---------------------------------------------------------------------------------

    def _if(self) -> If:
        reader = self.reader
        line = reader.line
        reader.expect("if")
        branches: list[tuple[Sql, tuple[Node, ...]]] = []
        while True:
            condition = reader.sql_until("then", what="a condition")
            reader.expect("then")
            branches.append((condition, self.statements()))
            if not reader.accept_any("elsif", "elseif"):
                break
        otherwise = self.statements() if reader.accept("else") else ()
        reader.expect("end", "if", ";")
        return If(line, tuple(branches), otherwise)

    def _case(self) -> Case:
        reader = self.reader
        line = reader.line
        reader.expect("case")
        subject = None if reader.sees("when") else reader.sql_until("when")
        branches: list[tuple[tuple[Sql, ...], tuple[Node, ...]]] = []
        if not reader.sees("when"):
            reader.fail(hint="Expected WHEN.")
        while reader.accept("when"):
            values = reader.list_until("then") if subject is not None else (reader.sql_until("then"),)
            reader.expect("then")
            branches.append((values, self.statements()))
        otherwise = self.statements() if reader.accept("else") else None
        reader.expect("end", "case", ";")
        return Case(line, subject, tuple(branches), otherwise)

    # -- loops --------------------------------------------------------------------------------------

    def _loop(self, label: str | None) -> Node:
        reader = self.reader
        line = reader.line
        self._labels.append((label, True))
        word = reader.expect_any("loop", "while", "for")
        if word == "for":
            found = self._for(label, line)
        else:
            condition = reader.sql_until("loop", what="a condition") if word == "while" else None
            if word == "while":
                reader.expect("loop")
            found = Loop(line, label, condition, self._loop_body(label))
        self._labels.pop()
        return found

    def _loop_body(self, label: str | None) -> tuple[Node, ...]:
        body = self.statements()
        self.reader.expect("end", "loop")
        self.reader.closing_label(label)
        self.reader.expect(";")
        return body

    def _for(self, label: str | None, line: int) -> Node:
        reader = self.reader
        targets = reader.variables()
        reader.expect("in")
        reverse = reader.accept("reverse")
        if not reverse and reader.accept("execute"):
            query = reader.sql_until("loop", "using")
            using = read_using(reader, "loop")
            reader.expect("loop")
            return ForRows(line, label, targets, query, True, using, self._loop_body(label))
        if not reverse and reader.sees_any("select", "with", "values"):
            query = reader.sql_until("loop", what="a query")
            reader.expect("loop")
            return ForRows(line, label, targets, query, False, (), self._loop_body(label))
        low = reader.sql_until("..", "loop")
        if not reader.accept(".", "."):
            self._not_a_range(low)
        if len(targets) != 1 or len(targets[0]) != 1:
            reader.fail(hint="A loop over integers has one variable.")
        high = reader.sql_until("by", "loop")
        step = reader.sql_until("loop") if reader.accept("by") else None
        reader.expect("loop")
        return ForInteger(line, label, targets[0][0], reverse, low, high, step, self._loop_body(label))

    def _not_a_range(self, low: Sql) -> NoReturn:
        if low.text.startswith("("):
            self.reader.refuse("a loop over a query in parentheses", hint="Write FOR … IN SELECT … LOOP.")
        self.reader.refuse("a loop over a cursor variable", hint="OPEN it and FETCH from it in a loop.")

    def _exit(self) -> Exit:
        reader = self.reader
        line = reader.line
        word = reader.token
        is_exit = reader.expect_any("exit", "continue") == "exit"
        label: str | None = None
        if not reader.sees("when") and not reader.sees(";"):
            place = reader.token
            label = reader.identifier("a label")
            known = [is_loop for name, is_loop in self._labels if name == label]
            if not known:
                raise SqlSyntaxError(f'label "{label}" does not exist', position=place.start + 1)
            if not is_exit and not known[-1]:
                raise SqlSyntaxError(f'block label "{label}" cannot be used in CONTINUE', position=place.start + 1)
        elif not any(is_loop for _, is_loop in self._labels):
            name = "EXIT" if is_exit else "CONTINUE"
            raise SqlSyntaxError(
                f"{name} cannot be used outside a loop" + (", unless it has a label" if is_exit else ""),
                position=word.start + 1,
            )
        condition = reader.sql_until(";", what="a condition") if reader.accept("when") else None
        reader.expect(";")
        return Exit(line, "exit" if is_exit else "continue", label, condition)
