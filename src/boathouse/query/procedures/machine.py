"""The machine that runs a body: blocks, conditions, loops, errors and their handlers.

Received from `calls`: a parsed body and a frame. What touches SQL is in `sql_steps` and `leaves`; what
begins and ends transactions is in `transactions`.

Source: Redshift Developer Guide, "Supported PL/pgSQL statements", "Trapping errors".
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from boathouse.contracts.answers import Notice
from boathouse.contracts.errors import AdminShutdown, BoathouseError, DataError, InternalError, QueryCanceled
from boathouse.contracts.types import INTEGER, VARCHAR
from boathouse.query.procedures import leaves, sql_steps
from boathouse.query.procedures.declare import declare
from boathouse.query.procedures.frame import Frame, Scope, Variable
from boathouse.query.procedures.transactions import Transactions
from boathouse.query.session import QuerySession
from boathouse.sql.plpgsql import nodes as n


@dataclass(frozen=True, slots=True)
class Signal:
    """How a statement list was left before its end."""

    word: Literal["exit", "continue", "return"]
    label: str | None = None


Flow = Signal | None


class Machine:
    """Runs the bodies of one outermost CALL, and what they call.

    Args:
        session: runs the SQL.
        transactions: this call's.
        call: runs a nested CALL.
    """

    def __init__(
        self, session: QuerySession, transactions: Transactions, call: Callable[[Machine, Frame, n.Statement], None]
    ) -> None:
        self.session = session
        self.transactions = transactions
        self.call = call

    def run(self, frame: Frame, body: n.Block) -> None:
        """Run a body to its end."""
        self._block(frame, body)

    # -- lists and single statements ----------------------------------------------------------------

    def _list(self, frame: Frame, nodes: Sequence[n.Node], handler: n.Handler | None) -> Flow:
        """Statements in order; with a CONTINUE handler, on with the next one after an error."""
        for node in nodes:
            try:
                flow = self._node(frame, node, handler)
            except BoathouseError as failure:
                if handler is None or not handler.continues or not _can_be_caught(failure):
                    raise
                flow = self._handle(frame, handler, failure)
            if flow is not None:
                return flow
        return None

    def _node(self, frame: Frame, node: n.Node, handler: n.Handler | None) -> Flow:
        self.session.running.go_on()
        self.session.check_cancelled()
        try:
            compound = _COMPOUND.get(type(node))
            if compound is not None:
                return compound(self, frame, node, handler)
            if isinstance(node, n.Return):
                return Signal("return")
            leaves.run(self, frame, node)
            self.transactions.after_statement(frame, node)
        except BoathouseError as failure:
            tell(frame, node, failure)
            raise
        return None

    # -- blocks -------------------------------------------------------------------------------------

    def _block(self, frame: Frame, block: n.Block, around: n.Handler | None = None) -> Flow:
        frame.push(Scope(block.label))
        handler = block.handler
        try:
            self._declare(frame, block)
        except BaseException:
            frame.pop()
            raise
        try:
            inner = handler if handler is not None and handler.continues and frame.nonatomic else None
            flow = self._list(frame, block.body, inner if handler is not None else around)
        except BoathouseError as failure:
            if handler is None or not _can_be_caught(failure):
                raise
            flow = self._handle(frame, handler, failure)
        finally:
            frame.pop()
        if flow is not None and flow.word == "exit" and flow.label is not None and flow.label == block.label:
            return None
        return flow

    def _declare(self, frame: Frame, block: n.Block) -> None:
        for one in block.declarations:
            try:
                declare(self.session, frame, one)
            except BoathouseError as failure:
                tell(frame, n.Block(one.line, None, (), ()), failure)
                raise

    def _handle(self, frame: Frame, handler: n.Handler, failure: BoathouseError) -> Flow:
        """Run a handler; in an atomic procedure the error goes on afterwards, and what the handler did stays."""
        self.transactions.before_handler(frame)
        scope = frame.push(Scope(None))
        scope.add(Variable("sqlerrm", VARCHAR, failure.message.encode()))
        scope.add(Variable("sqlstate", VARCHAR, failure.sqlstate.encode()))
        frame.caught.append(failure)
        try:
            flow = self._list(frame, handler.body, None)
        finally:
            frame.caught.pop()
            frame.pop()
        if frame.nonatomic:
            return flow
        self.transactions.after_handler(frame)
        raise failure

    # -- conditions ---------------------------------------------------------------------------------

    def _if(self, frame: Frame, node: n.If, handler: n.Handler | None) -> Flow:
        for condition, body in node.branches:
            if sql_steps.is_true(self.session, frame, condition):
                return self._list(frame, body, handler)
        return self._list(frame, node.otherwise, handler)

    def _case(self, frame: Frame, node: n.Case, handler: n.Handler | None) -> Flow:
        scope = frame.push(Scope(None))
        try:
            if node.subject is not None:
                found = sql_steps.evaluate(self.session, frame, node.subject)
                scope.add(Variable(_SUBJECT, found.type, found.text))
                frame.push(frame.scopes.pop())
            chosen = next((body for values, body in node.branches if self._matches(frame, node, values)), None)
        finally:
            frame.pop()
        if chosen is None and node.otherwise is None:
            raise DataError("case not found", hint="CASE statement is missing ELSE part.", sqlstate="20000")
        return self._list(frame, chosen if chosen is not None else node.otherwise or (), handler)

    def _matches(self, frame: Frame, node: n.Case, values: tuple[n.Sql, ...]) -> bool:
        for value in values:
            condition = value if node.subject is None else n.Sql(f"{_SUBJECT} = ({value.text})", value.offset)
            if sql_steps.is_true(self.session, frame, condition):
                return True
        return False

    # -- loops --------------------------------------------------------------------------------------

    def _loop(self, frame: Frame, node: n.Loop, handler: n.Handler | None) -> Flow:
        while node.condition is None or sql_steps.is_true(self.session, frame, node.condition):
            self.session.check_cancelled()
            flow = self._list(frame, node.body, handler)
            if _leaves(flow, node.label):
                return _outward(flow, node.label)
        return None

    def _for_integer(self, frame: Frame, node: n.ForInteger, handler: n.Handler | None) -> Flow:
        low = self._bound(frame, node.low, "lower bound")
        high = self._bound(frame, node.high, "upper bound")
        step = 1 if node.step is None else self._bound(frame, node.step, "BY value")
        if step <= 0:
            raise DataError("BY value of FOR loop must be greater than zero", sqlstate="22023")
        scope = frame.push(Scope(node.label))
        variable = scope.add(Variable(node.name, INTEGER))
        numbers = range(low, high - 1, -step) if node.reverse else range(low, high + 1, step)
        ran = False
        try:
            frame.push(frame.scopes.pop())
            for number in numbers:
                self.session.check_cancelled()
                ran = True
                variable.value = str(number).encode()
                flow = self._list(frame, node.body, handler)
                if _leaves(flow, node.label):
                    return _outward(flow, node.label)
        finally:
            frame.pop()
            frame.found.value = b"t" if ran else b"f"
        return None

    def _bound(self, frame: Frame, sql: n.Sql, what: str) -> int:
        found = sql_steps.evaluate(self.session, frame, sql, INTEGER).text
        if found is None:
            raise DataError(f"{what} of FOR loop cannot be null", sqlstate="22004")
        return int(found)

    def _for_rows(self, frame: Frame, node: n.ForRows, handler: n.Handler | None) -> Flow:
        cursors = self.session.cursors
        rows = leaves.open_rows(self, frame, node.query, node.dynamic, node.using)
        name = cursors.unused_name()
        cursors.open(name, rows)
        fields = rows.fields
        ran = False
        try:
            for row in sql_steps.rows_of(self.session, rows):
                self.session.check_cancelled()
                cursors.get(name)  # a COMMIT in the loop has closed it
                sql_steps.assign_row(self.session, frame, node.targets, fields, row)
                ran = True
                flow = self._list(frame, node.body, handler)
                if _leaves(flow, node.label):
                    return _outward(flow, node.label)
            cursors.get(name)
        finally:
            if cursors.fields(name) is not None:
                cursors.close(name)
            frame.found.value = b"t" if ran else b"f"
        return None

    def _exit(self, frame: Frame, node: n.Exit, handler: n.Handler | None) -> Flow:
        if node.condition is not None and not sql_steps.is_true(self.session, frame, node.condition):
            return None
        return Signal(node.word, node.label)

    # -- messages -----------------------------------------------------------------------------------

    def notify(self, notice: Notice) -> None:
        """Send a message to the client."""
        self.session.notify(notice)


_SUBJECT = "__case_subject"


def _leaves(flow: Flow, label: str | None) -> bool:
    """True where a signal ends a loop: anything but CONTINUE of this very loop."""
    if flow is None:
        return False
    return not (flow.word == "continue" and flow.label in (None, label))


def _outward(flow: Flow, label: str | None) -> Flow:
    """What is left of a signal outside the loop that it ended."""
    assert flow is not None
    return None if flow.word == "exit" and flow.label in (None, label) else flow


def _can_be_caught(failure: BoathouseError) -> bool:
    """OTHERS is every error but a cancelled query (and a server that stops)."""
    return not isinstance(failure, QueryCanceled | AdminShutdown | InternalError)


def tell(frame: Frame, node: n.Node, failure: BoathouseError) -> None:
    """Add to an error where in this call it happened; once per call, by the innermost statement."""
    if frame.told is failure:
        return
    frame.told = failure
    # Where it stands in the body's SQL says nothing of the text that the client sent.
    failure.position = None
    quoted = leaves.quoted_sql(node) if failure.context is None else None
    line = f'PL/pgSQL function "{frame.name}" line {node.line} at {leaves.kind_of(node)}'
    failure.context = "\n".join(part for part in (quoted, failure.context, line) if part)


_COMPOUND: dict[type[n.Node], Callable[[Machine, Frame, Any, n.Handler | None], Flow]] = {
    n.Block: Machine._block,
    n.If: Machine._if,
    n.Case: Machine._case,
    n.Loop: Machine._loop,
    n.ForInteger: Machine._for_integer,
    n.ForRows: Machine._for_rows,
    n.Exit: Machine._exit,
}
