"""The state of one session's transaction: idle, an implicit block, an explicit block, or a failed one.

Receives each statement's work from the journey; decides whether the engine needs BEGIN around it, and ends it. The
engine itself would go on after most errors; PostgreSQL does not, so the failed state is kept here: whatever fails rolls
the engine back at once, and nothing but the end of the block is accepted until it comes.

Source: PostgreSQL protocol, "Multiple statements in a simple query" and ReadyForQuery's status byte.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Literal

import pyarrow as pa

from boathouse.contracts.answers import Answer, CopyIn, Done, Notice, Rows
from boathouse.contracts.engine import EngineSession
from boathouse.contracts.errors import ActiveTransaction, InFailedTransaction
from boathouse.sql import statements as s

LOG = logging.getLogger(__name__)

State = Literal["idle", "implicit", "explicit", "call"]


class Transaction:
    """One session's transaction.

    Args:
        engine: the session's engine session.
        notify: where warnings go.
        began: called when a block begins.
        committing: called before the engine commits.
        ended: called with True (committed) or False (rolled back) when one ends.
    """

    def __init__(
        self,
        engine: EngineSession,
        notify: Callable[[Notice], None],
        began: Callable[[], None],
        committing: Callable[[], None],
        ended: Callable[[bool], None],
    ) -> None:
        self._engine = engine
        self._notify = notify
        self._began = began
        self._committing = committing
        self._ended = ended
        self._state: State = "idle"
        self._failed = False
        self.wrote: bool = False
        """True once a statement of the engine's open transaction may have written."""
        self.had_written: bool = False
        """The same of the statements before the one that runs."""
        self.looked: bool = False
        """True once a query or a change has been asked for in it."""
        self._block_began = self._is_out = False
        self._waiting: list[Callable[[bool], None]] = []
        self._resting: State = "idle"
        """Where the state goes back to when a block ends: inside a string of statements, to its implicit block."""

    @property
    def status(self) -> Literal["I", "T", "E"]:
        """ReadyForQuery's byte."""
        if self._state != "explicit":
            return "I"
        return "E" if self._failed else "T"

    @property
    def in_block(self) -> bool:
        """True between BEGIN and its end."""
        return self._state == "explicit"

    @property
    def is_open(self) -> bool:
        """True where the next statement belongs to the same transaction."""
        return self._state != "idle"

    @property
    def stands_alone(self) -> bool:
        """True where the statement that runs is a transaction of its own."""
        return self._state == "idle"

    def admit(self, statement: s.Statement) -> None:
        """Refuse everything but the block's end once it has failed."""
        if self._failed and not isinstance(statement, s.Commit | s.Rollback):
            raise InFailedTransaction(
                "current transaction is aborted, commands ignored until end of transaction block",
                hint="Send ROLLBACK, then start again.",
            )

    # -- blocks ----------------------------------------------------------------------------------------

    def begin(self, statement: s.Begin) -> Answer:
        """BEGIN. Inside a block it only warns."""
        if self._state == "explicit":
            self._notify(Notice("WARNING", "there is already a transaction in progress", "25001"))
            return Done(statement.tag)
        try:
            self._open()
        except BaseException:
            # Cancelled before it began: the client is where it was.
            self.fail()
            raise
        self._state, self.looked = "explicit", False
        return Done(statement.tag)

    def commit(self, statement: s.Commit) -> Answer:
        """COMMIT; of a failed block it is ROLLBACK, and its tag says so."""
        if self._failed:
            self._finish(committed=False)
            return Done("ROLLBACK")
        if self._state != "explicit":
            self._notify(Notice("WARNING", "there is no transaction in progress", "25P01"))
        if self._state != "idle":
            self._finish(committed=True)  # what came before it in the string stays
        return Done("COMMIT")

    def rollback(self, statement: s.Rollback) -> Answer:
        """ROLLBACK."""
        if self._state != "explicit":
            self._notify(Notice("WARNING", "there is no transaction in progress", "25P01"))
        self._finish(committed=False)
        return Done("ROLLBACK")

    def begin_implicit(self) -> None:
        """Several statements of one string, or one extended batch: all or nothing. The engine's own transaction
        begins with the first of them that writes.
        """
        self._resting = "implicit"
        if self._state == "idle":
            self._state = "implicit"

    def end_implicit(self, *, failed: bool) -> None:
        """The string or the batch is over; inside an explicit block this does nothing."""
        self._resting = "idle"
        if self._state == "implicit":
            self._finish(committed=not (failed or self._failed))

    def require_none(self, what: str) -> None:
        """For statements that cannot run inside a block."""
        if self._state == "explicit":
            raise ActiveTransaction(f"{what} cannot run inside a transaction block")

    def at_end(self, then: Callable[[bool], None]) -> None:
        """Call `then` once, when this transaction has ended: with True where it was committed. It must not raise."""
        self._waiting.append(then)

    def published(self) -> None:
        """What the statement does shows already. Where it stands alone nothing is left that could fail: there is nothing to
        commit.
        """
        self._is_out = self._state == "idle"

    def gone(self) -> None:
        """The engine's session is closed, and with it what was open."""
        self._tell_waiting(committed=False)

    # -- one statement's work ----------------------------------------------------------------------------

    def run(self, work: Callable[[], Answer], *, writes: bool) -> Answer:
        """Do a statement's work; commit it when it stands alone, fail the block when it fails."""
        alone = self._state == "idle" and writes
        try:
            if writes and not self._engine.in_transaction:
                self._open()
            self.had_written = self.wrote
            self.wrote = self.wrote or writes
            answer = work()
        except BaseException:
            self.fail()
            raise
        if isinstance(answer, Rows):
            return replace(answer, batches=self._watched(answer.batches, alone))
        if isinstance(answer, CopyIn):
            return self._watched_copy(answer, alone)
        if alone:
            self._finish(committed=True)
        return answer

    def call(self, work: Callable[[], Answer]) -> Answer:
        """A CALL. Where no transaction is open, those that its statements need begin and end inside it, and the last
        one with it; in one that is open, it is a statement like others.
        """
        if self._state in ("explicit", "call") or self._block_began:
            return self.run(work, writes=True)
        around, self._state = self._state, "call"
        try:
            answer = work()
        except BaseException:
            self.fail()
            self._leave_call(around, committed=False)
            raise
        self._leave_call(around, committed=True)
        return answer

    @property
    def in_call(self) -> bool:
        """True in a CALL that no transaction surrounds: what it calls may end transactions."""
        return self._state == "call"

    def open_inside(self) -> None:
        """Begin the engine's transaction now, so that all that a procedure reads is of one moment."""
        self._open()

    def end_inside(self, *, committed: bool) -> None:
        """COMMIT or ROLLBACK by a procedure; the call goes on."""
        state = self._state
        try:
            self._finish(committed=committed)
        except BaseException:
            self._failed = True
            raise
        finally:
            self._state = state

    def revive(self) -> None:
        """A handler goes on after an error; what failed has been rolled back."""
        self._end_block(committed=False)
        self._failed = False

    def _leave_call(self, around: State, *, committed: bool) -> None:
        self._state = around
        if around == "idle":
            self._finish(committed=committed)

    def fail(self) -> None:
        """Something went wrong: what was done so far is undone now."""
        if self._engine.in_transaction:
            self._engine.rollback()
        if self._state == "idle":
            self._end_block(committed=False)
        else:
            self._failed = True

    def _watched(self, batches: Iterator[pa.RecordBatch], alone: bool) -> Iterator[pa.RecordBatch]:
        done = False
        try:
            yield from batches
            done = True
        except GeneratorExit:
            done = True
            raise
        except BaseException:
            self.fail()
            raise
        finally:
            if done and alone:
                self._finish(committed=True)

    def _watched_copy(self, copy: CopyIn, alone: bool) -> CopyIn:
        def write(data: bytes) -> None:
            try:
                copy.write(data)
            except BaseException:
                self.fail()
                raise

        def finish() -> str:
            try:
                tag = copy.finish()
            except BaseException:
                self.fail()
                raise
            if alone:
                self._finish(committed=True)
            return tag

        def give_up(reason: str) -> None:
            copy.fail(reason)
            self.fail()

        return CopyIn(copy.format, copy.columns, write, finish, give_up)

    def _open(self) -> None:
        # Begin first: the session then makes the engine take its snapshot, and notes the catalog's version around it.
        if not self._engine.in_transaction:
            self._engine.begin()
        if not self._block_began:
            self._block_began = True
            self._began()

    def _finish(self, *, committed: bool) -> None:
        self._state = self._resting
        self._failed = False
        try:
            if self._engine.in_transaction:
                if committed and not self._is_out:
                    self._committing()
                    self._engine.commit()
                else:
                    self._engine.rollback()
        except BaseException:
            committed = False
            if self._engine.in_transaction:  # what comes before the commit has failed
                self._engine.rollback()
            raise
        finally:
            self._end_block(committed=committed)

    def _end_block(self, *, committed: bool) -> None:
        self.wrote = self.looked = self._is_out = False
        try:
            if self._block_began:
                self._block_began = False
                self._ended(committed)
        finally:
            self._tell_waiting(committed=committed)

    def _tell_waiting(self, *, committed: bool) -> None:
        waiting, self._waiting = self._waiting, []
        for then in waiting:
            try:
                then(committed)
            except Exception:  # the transaction is over: what is told of it is how it ended
                LOG.exception("what was to follow a transaction's end failed")
