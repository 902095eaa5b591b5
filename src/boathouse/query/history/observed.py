"""The seam where a statement's life is told to the observers: one `Observed` per session.

Called by the session when a statement begins and ends; hands each observer the same `StatementRun`, filled in on the
way. Numbers and the ends of COPY and of results, which come long after the answer, are minded here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import TYPE_CHECKING

import pyarrow as pa

from boathouse.contracts.answers import Answer, CopyIn, CopyOut, Done, Passed, Rows
from boathouse.contracts.engine import Profiler
from boathouse.contracts.errors import AdminShutdown, BoathouseError, InternalError
from boathouse.contracts.observing import RaisedMessage, SessionFacts, StatementKind, StatementRun
from boathouse.query.history.procedure_relations import LEVELS
from boathouse.query.state.pace import Pace
from boathouse.sql import statements as s
from boathouse.sql.statements import Statement

if TYPE_CHECKING:
    from boathouse.query.session import QuerySession

_QUERIES = (s.CopyFrom, s.CopyStdin, s.CopyStdout, s.Unload, s.Execute, s.Fetch)
_DDL_NAMES = ("Create", "Alter", "Drop", "Truncate", "Add", "SetLocation")


class Observed:
    """What one session's statements tell.

    Args:
        session: whose statements they are; numbers and observers are its service's.
    """

    def __init__(self, session: QuerySession) -> None:
        self._session = session
        self._observers = session.service.observers
        self._transaction: int | None = None
        self.facts = SessionFacts(
            session.pid, session.user, session.user_id, session.database, session.house.clock.now()
        )
        self.facts.timeout_seconds = session.session_seconds_max
        self._open: dict[int, StatementRun] = {}
        self._ends: dict[StatementRun | None, Callable[[], None]] = {}
        self.run: StatementRun | None = None
        """The statement that runs, or ran last."""
        self.last_query: int | None = None
        """The number of the last query that ended, for `pg_last_query_id()`."""

    def opened(self) -> None:
        """The session can be used: its start-up parameters are in force."""
        self.facts.application_name = self._session.setting("application_name")
        for observer in self._observers:
            observer.session_opened(self.facts)

    def timed_out(self) -> None:
        """The endpoint ends the session, as its client has been silent for too long."""
        self.facts.timed_out = True

    def closed(self) -> None:
        """The session ends, and with it whatever of its statements was open."""
        for run in list(self._open.values()):
            self.end(run, AdminShutdown("the session ended"))
        self._over(None)
        for observer in self._observers:
            observer.session_closed(self.facts)

    def begin(self, text: str, statement: Statement | None, caller: int | None = None) -> StatementRun:
        """A statement begins; None where the text is none.

        Args:
            caller: the CALL whose procedure runs it.
        """
        session, service = self._session, self._session.service
        if self.facts.user_id != session.user_id:
            self.facts = replace(self.facts, user=session.user, user_id=session.user_id)
        self.facts.application_name = session.setting("application_name")
        if self._transaction is None:
            self._transaction = service.transaction_numbers.next()
        kind, verb = _kind(text, statement)
        run = StatementRun(
            service.statement_numbers.next(),
            self._transaction,
            self.facts,
            session.setting("query_group"),
            text,
            kind,
            verb,
            session.house.clock.now(),
            caller=caller,
            session_user_id=session.identity.session_user.id,
        )
        self.run = self._open[run.number] = run
        for observer in self._observers:
            observer.statement_began(run)
        return run

    def end(self, run: StatementRun, failure: BaseException | None = None) -> None:
        """It has ended; later calls for the same one say nothing new."""
        if run.ended is not None:
            return
        self._over(run)
        run.ended = self._session.house.clock.now()
        self._open.pop(run.number, None)
        if failure is not None:
            known = isinstance(failure, BoathouseError)
            run.error = failure if known else InternalError("the statement was given up")  # type: ignore[assignment]
        if run.kind == "query":
            self.last_query = run.number
        self.rest()
        for observer in self._observers:
            observer.statement_ended(run)

    def until_end(self, then: Callable[[], None]) -> None:
        """See `contracts.session.Session.until_end`."""
        run = None if self.run is None or self.run.ended is not None else self.run
        self._over(run)
        self._ends[run] = then

    def _over(self, run: StatementRun | None) -> None:
        if then := self._ends.pop(run, None):
            then()

    @contextmanager
    def inside(self, text: str, statement: Statement | None) -> Iterator[StatementRun]:
        """A statement that a procedure runs, from its start to its end: one of the statement that runs."""
        outer = self.run
        run = self.begin(text, statement, None if outer is None else outer.number)
        failure: BaseException | None = None
        try:
            yield run
        except BaseException as found:
            failure = found
            raise
        finally:
            self.end(run, failure)
            self.run = outer

    def rows_inside(self, text: str, statement: Statement, start: Callable[[], Rows]) -> Rows:
        """A query that a procedure runs; it ends with the last of its rows, or when it is closed."""
        outer = self.run
        run = self.begin(text, statement, None if outer is None else outer.number)
        try:
            rows = start()
        except BaseException as failure:
            self.end(run, failure)
            raise
        finally:
            self.run = outer
        return replace(rows, batches=_Batches(rows.batches, self, run, lambda: None))

    def raised(self, level: str, text: str, line: int) -> None:
        """The procedure that runs tells something."""
        run, session = self.run, self._session
        least = LEVELS.get(session.setting("stored_proc_log_min_messages").upper(), 0)
        if run is None or LEVELS[level] < least:
            return
        message = RaisedMessage(run, self._transaction or run.transaction, session.house.clock.now(), level, text, line)
        for observer in self._observers:
            observer.raised(message)

    def profiler(self, pace: Pace) -> Profiler | None:
        """Who wants to know what the engine does for the statement that runs; None where nobody does."""
        run, session = self.run, self._session
        wanted = session.service.settings.profile_statements
        if run is None or not wanted or not pace.is_due(session.house.clock.monotonic()):
            return None
        return run.profiles.append

    def go_on(self, run: StatementRun) -> None:
        """More rows are wanted. Raises QueryCanceled where what runs has been cancelled."""
        self._session.running.check()
        self._session.seat.resume(run)

    def sent(self, run: StatementRun, rows: int) -> None:
        """So many more rows go to the client."""
        run.rows = (run.rows or 0) + rows
        self._session.seat.count(run)

    def shown(self, failure: BoathouseError) -> BoathouseError:
        """The error that the client is told."""
        return self._session.running.shown(failure)

    def planned(self) -> None:
        """The plan of what runs is ready."""
        if self.run is not None and self.run.ended is None:
            self.run.planned = self._session.house.clock.now()

    def rest(self) -> None:
        """Between two statements: is a transaction open?"""
        transaction = self._session.transaction
        if transaction.is_open:
            self.facts.transaction_started = self._session.transaction_start
        else:
            self._transaction = self.facts.transaction_started = None

    def refused(self, text: str, failure: BoathouseError, statement: Statement | None = None) -> None:
        """A text that never became a statement, or one that cannot be described."""
        self.end(self.begin(text, statement), failure)

    def watched(self, run: StatementRun, answer: Answer, over: Callable[[], None]) -> Answer:
        """The answer, which tells its end; `over` is called then, once."""
        if isinstance(answer, Rows):
            return replace(answer, batches=_Batches(answer.batches, self, run, over))
        if isinstance(answer, CopyOut):
            return replace(answer, rows=replace(answer.rows, batches=_Batches(answer.rows.batches, self, run, over)))
        if isinstance(answer, CopyIn):
            return self._watched_copy(answer, run, over)
        if isinstance(answer, Passed):
            return Passed(lambda rows, failure: self._passed(run, rows, failure), over, self.shown)
        over()
        run.rows = _count(answer)
        self.end(run)
        return answer

    def _passed(self, run: StatementRun, rows: int | None, failure: BoathouseError | None) -> None:
        run.rows = rows
        self._session.seat.count(run)
        self.end(run, failure)

    def _watched_copy(self, copy: CopyIn, run: StatementRun, over: Callable[[], None]) -> CopyIn:
        def write(data: bytes) -> None:
            try:
                copy.write(data)
            except BaseException as failure:
                over()
                self.end(run, failure)
                raise

        def finish() -> str:
            failure: BaseException | None = None
            try:
                tag = copy.finish()
                run.rows = _count(Done(tag))
                return tag
            except BaseException as found:
                failure = found
                raise
            finally:
                over()
                self.end(run, failure)

        def fail(reason: str) -> None:
            try:
                copy.fail(reason)
            finally:
                over()
                self.end(run, BoathouseError(reason, sqlstate="57014"))

        return CopyIn(copy.format, copy.columns, write, finish, fail)


class _Batches:
    """A result's batches, counted. It ends, once, with the last of them, with an error, or when it is closed, even
    where nothing was pulled: a generator that has not begun would not notice.
    """

    def __init__(
        self, batches: Iterator[pa.RecordBatch], observed: Observed, run: StatementRun, over: Callable[[], None]
    ) -> None:
        self._batches = batches
        self._observed = observed
        self._run = run
        self._over: Callable[[], None] | None = over
        run.rows = 0

    def __iter__(self) -> _Batches:
        return self

    def __next__(self) -> pa.RecordBatch:
        try:
            self._observed.go_on(self._run)
            batch = next(self._batches)
        except StopIteration:
            self.close()
            raise
        except BoathouseError as failure:
            shown = self._observed.shown(failure)
            self._end(shown)
            raise shown from failure
        except BaseException as failure:
            self._end(failure)
            raise
        self._observed.sent(self._run, batch.num_rows)
        return batch

    def close(self) -> None:
        """Free the engine's result; harmless when repeated."""
        self._end(None)

    def _end(self, failure: BaseException | None) -> None:
        over, self._over = self._over, None
        try:
            self._batches.close()  # type: ignore[attr-defined]
        finally:
            if over is not None:
                over()
                self._observed.end(self._run, failure)


def _count(answer: Done) -> int | None:
    """The number at a tag's end."""
    with suppress(ValueError):
        return int(answer.tag.rpartition(" ")[2])
    return None


def _kind(text: str, statement: Statement | None) -> tuple[StatementKind, str]:
    """Which of Redshift's three kinds a statement is, and its type as `sys_query_history` calls it."""
    if isinstance(statement, s.Relational):
        return "query", statement.verb
    if isinstance(statement, s.PassOn):
        return statement.kind, statement.verb
    if isinstance(statement, s.CreateTableAs):
        return "query", "CTAS"
    if isinstance(statement, _QUERIES):
        return "query", {"CopyFrom": "COPY", "CopyStdin": "COPY", "CopyStdout": "COPY", "Unload": "UNLOAD"}.get(
            type(statement).__name__, "OTHER"
        )
    if isinstance(statement, s.Call):
        return "utility", "CALL"
    if isinstance(statement, s.Commit | s.Rollback):
        return "utility", type(statement).__name__.upper()
    if statement is not None:
        return ("ddl", "DDL") if type(statement).__name__.startswith(_DDL_NAMES) else ("utility", "UTILITY")
    word = text.split(None, 1)[0].lower() if text.strip() else ""
    if word in ("select", "with", "insert", "update", "delete", "merge", "copy", "unload"):
        return "query", "SELECT" if word == "with" else word.upper()
    return ("ddl", "DDL") if word in ("create", "alter", "drop", "truncate") else ("utility", "UTILITY")
