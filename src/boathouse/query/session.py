"""One client's session: what the endpoint talks to, and what rooms' handlers are given.

Composes the parts that each hold one thing: transaction, parameters, prepared statements, catalog. See `journey`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Literal

from boathouse.contracts.answers import Answer, Description, Field, Notice
from boathouse.contracts.engine import EngineSession
from boathouse.contracts.errors import AdminShutdown, BoathouseError
from boathouse.contracts.house import House
from boathouse.contracts.observing import CursorFacts
from boathouse.contracts.relations import Catalog, Relation
from boathouse.contracts.session import Translated
from boathouse.contracts.types import SqlType
from boathouse.contracts.users import User
from boathouse.query import journey, plans
from boathouse.query.claim import WITHOUT_BLOCK, in_transaction
from boathouse.query.history.observed import Observed
from boathouse.query.parameters import SessionParameters, schemas_of
from boathouse.query.plans import Plans
from boathouse.query.state.cursors import OpenCursors
from boathouse.query.state.identity import Identity
from boathouse.query.state.idle import idle_limit
from boathouse.query.state.marks import StaleMarks
from boathouse.query.state.read_only import refuse_mode
from boathouse.query.state.running import Running
from boathouse.query.state.seat import Seat
from boathouse.query.transaction import Transaction
from boathouse.query.variables import set_zone, variable_sql
from boathouse.sql import parse
from boathouse.sql import statements as s
from boathouse.sql.bind.bound import Bound
from boathouse.sql.variables import Names

if TYPE_CHECKING:
    from boathouse.query.passing.passage import Passage
    from boathouse.query.service import Service


class QuerySession:
    """See `contracts.session.Session`; further methods are for the endpoint.

    Args:
        service: what all sessions share.
        user, database, pid: as authenticated.
        on_notice: sends a notice to the client.
        on_parameter: reports a changed parameter (name, value) to the client.
    """

    passage: Passage | None = None

    def __init__(
        self,
        service: Service,
        user: User,
        database: str,
        pid: int,
        on_notice: Callable[[Notice], None],
        on_parameter: Callable[[str, str], None],
    ) -> None:
        self.service = service
        self.house: House = service.house
        self.session_seconds_max = user.session_seconds_max or 0
        self.database = database
        self.pid = pid
        self.on_notice = on_notice
        self.on_parameter = on_parameter
        self.engine: EngineSession = service.house.engine.session()
        self.engine.execute(f"SET VARIABLE backend_pid = {pid}::INTEGER")
        self.parameters = SessionParameters(
            user.name, user.superuser, lambda name, value: self.on_parameter(name, value)
        )
        self.parameters.take_personality(service.settings.personality)
        self.parameters.live["wlm_json_configuration"] = lambda: service.workload.configuration.text
        self.identity = Identity(self.engine, user, lambda user: self.parameters.identify(user.name, user.superuser))
        self.transaction = Transaction(self.engine, self.notify, self._began, self._committing, self._ended)
        self.prepared: dict[str, s.Prepare] = {}
        self.cursors = OpenCursors(lambda name: CursorFacts(name, service.house.clock.now(), self.transaction_number))
        self.marks = StaleMarks(self, service.mv_bases)
        self.given: tuple[Sequence[object], Sequence[SqlType]] = ((), ())  # of the claimed statement that runs
        self.values: Sequence[object] | None = None  # see the protocol
        self.literals: Names | None = None
        """The variables of the procedure whose statement runs, put in as values where it takes no parameters."""
        self.has_temporary = False
        self._transaction_start = service.house.clock.now()
        self._changes: list[Collection[str] | None] = []  # of the catalog, see `catalog_changed`
        self._snapshot_version: int | None = None
        self._snapshot_data: int | None = None
        self._settling = self._settling_data = False
        self.own_plans = Plans(service.settings.plans_max)
        """For as long as this session's view of the catalog is its own and stays as it is."""
        self.catalog: Catalog = service.catalog_for(self)
        self.seat = Seat(self)
        self.python = service.python.join(pid, self.check_cancelled)
        self.running = Running(self.python.interrupting(self.engine.interrupt), self.seat.interrupt)
        self.observed = Observed(self)
        self.observed.facts.cursors = self.cursors.facts
        self.timed_out, self.until_end = self.observed.timed_out, self.observed.until_end
        self.rows = partial(plans.rows_of, self)
        self.on_cancel: Callable[[str | None], object] = self.running.cancel
        self.on_end: Callable[[], object] = self.running.cancel
        """What the endpoint does when another session cancels or ends this one."""

    # -- for the endpoint --------------------------------------------------------------------------------

    @property
    def status(self) -> Literal["I", "T", "E"]:
        """ReadyForQuery's status byte."""
        return self.transaction.status

    def parse(self, sql: str) -> tuple[s.Statement, ...]:
        """The statements of one string; errors carry a position in the whole string."""
        try:
            return parse.parse(sql, case_sensitive=self.setting("enable_case_sensitive_identifier") == "on")
        except BoathouseError as failure:
            self.observed.refused(sql, failure)
            raise

    def run(self, statement: s.Statement, parameters: Sequence[object] = (), types: Sequence[SqlType] = ()) -> Answer:
        """Run one statement; rows are pulled later, and count as running until they end."""
        timeout_ms = int(self.setting("statement_timeout")) or self.service.settings.statement_timeout_ms
        number = self.running.start(timeout_ms)
        run = self.observed.begin(statement.text, statement)

        def over() -> None:
            self.running.stop(number)
            self.seat.leave(run)

        try:
            answer = self.seat.answer(lambda: journey.answer(self, statement, parameters, types))
        except BaseException as failure:
            over()
            shown = self.running.shown(failure) if isinstance(failure, BoathouseError) else failure
            (self._fail_block if isinstance(failure, BoathouseError) else self.transaction.fail)()
            self.observed.end(run, shown)
            raise shown from failure
        return self.observed.watched(run, answer, over)

    def describe(self, statement: s.Statement, types: Sequence[SqlType] = ()) -> Description:
        """What the statement takes and gives."""
        try:
            return journey.describe(self, statement, types)
        except BoathouseError as failure:
            self._fail_block()
            self.observed.refused(statement.text, failure, statement)
            raise

    def cursor_fields(self, name: str) -> tuple[Field, ...] | None:
        """The columns of an open SQL cursor, which drivers describe like a portal; None where there is none."""
        return self.cursors.fields(name)

    def fail(self) -> None:
        """The endpoint met an error of its own inside a block (a bad Bind): the block has failed."""
        if self.transaction.in_block:
            self.transaction.fail()

    def begin_implicit(self) -> None:
        """See `Transaction.begin_implicit`."""
        self.transaction.begin_implicit()

    def end_implicit(self, failed: bool = False) -> None:
        """See `Transaction.end_implicit`."""
        try:
            self.transaction.end_implicit(failed=failed)
        finally:
            self.observed.rest()

    def settings_to_report(self) -> dict[str, str]:
        """The ParameterStatus messages of a new session."""
        return self.parameters.reported()

    def cancel(self, reason: str | None = None) -> None:
        """Cancel what runs now, from any thread; nothing if nothing runs."""
        self.running.cancel(reason)

    def idle_limit(self) -> tuple[float, AdminShutdown] | None:
        """Seconds that the client may now be silent, and what it is told after them; None: as long as it likes."""
        self.seat.rest()
        return idle_limit(self)

    def close(self) -> None:
        """Roll back what is open and free everything; harmless when repeated."""
        self.running.close()
        self.service.forget(self)
        self.seat.close()
        self.cursors.close_all()
        self.engine.close()
        self.python.close()
        self.transaction.gone()

    # -- for rooms -----------------------------------------------------------------------------------------

    @property
    def user(self) -> str:
        """See the protocol."""
        return self.identity.current.name

    @property
    def user_id(self) -> int:
        """See the protocol."""
        return self.identity.current.id

    def setting(self, name: str) -> str:
        """See the protocol."""
        return self.parameters.get(name)

    def notify(self, notice: Notice) -> None:
        """See the protocol; `client_min_messages` says which are wanted, and INFO always is."""
        if self.parameters.wants(notice.severity):
            self.on_notice(notice)

    def check_cancelled(self) -> None:
        """See the protocol."""
        self.running.check()

    def publish(self) -> None:
        """See the protocol."""
        self.running.settle()
        self.transaction.published()

    def translate(self, query: str) -> Translated:
        """See the protocol."""
        return plans.translate(self, query)

    def translate_stored(self, query: s.Relational, search_path: tuple[str, ...] | None = None) -> tuple[str, Bound]:
        """A parsed query in the engine's SQL with the engine's own types, for CREATE TABLE AS."""
        made = (
            plans.plan(self, query)
            if search_path is None
            else plans.make(self, query, (), self.catalog.within(search_path))
        )
        sql = plans.intercept(self, made, stored=True)
        return sql, made.bound

    @property
    def statement_number(self) -> int:
        """See the protocol."""
        run = self.observed.run
        return self.service.statement_numbers.next() if run is None else run.number

    @property
    def transaction_number(self) -> int:
        """See the protocol."""
        run = self.observed.run
        return self.service.transaction_numbers.next() if run is None else run.transaction

    def unique(self) -> str:
        """A text that no earlier call has given in this house."""
        return f"{self.pid}_{int(self.house.clock.now().timestamp() * 1_000_000):x}"

    def at_end(self, then: Callable[[bool], None]) -> None:
        """See the protocol."""
        self.transaction.at_end(then)

    def require_no_block(self, what: str) -> None:
        """See the protocol."""
        self.transaction.require_none(what)

    def relation_changed(self, relation: Relation) -> None:
        """See the protocol."""
        self.marks.changed(relation)

    def catalog_changed(self, names: Collection[str] | None = None) -> None:
        """See the protocol."""
        self._changes.append(names)
        self.own_plans.clear()

    # -- parameters ------------------------------------------------------------------------------------------

    def start_with(self, name: str, value: str) -> None:
        """A parameter of the start-up packet."""
        if name.lower() == "timezone":
            set_zone(self.engine, value)
        self.parameters.start_with(name, value)

    def set_parameter(self, name: str, value: str | None, *, local: bool = False) -> None:
        """SET or RESET one parameter."""
        refuse_mode(self, name, value)
        before = self.parameters.get("timezone")
        self.parameters.set(name, value, local=local)
        if self.parameters.get("timezone") != before:
            try:
                set_zone(self.engine, self.parameters.get("timezone"))
            except BoathouseError:
                self.parameters.set("timezone", before)
                raise

    def reset_parameters(self) -> None:
        """RESET ALL."""
        self.parameters.reset_all()
        set_zone(self.engine, self.parameters.get("timezone"))

    # -- for the journey -------------------------------------------------------------------------------------

    @property
    def catalog_version(self) -> int | None:
        """Counts the catalog changes that have committed; None while one is committing."""
        return self.service.catalog_cache.version

    @property
    def shared_version(self) -> int | None:
        """The catalog version whose relations and plans this session shares with others; None where it may see what
        they do not (temporary tables, its own uncommitted DDL), or, in a transaction, not what they see by now.
        """
        if self.has_temporary or self._changes:
            return None
        version = self.service.catalog_cache.version
        return None if self.engine.in_transaction and version != self._snapshot_version else version

    @property
    def access_version(self) -> int | None:
        """See the protocol."""
        return None if self._changes else self.service.catalog_cache.version

    @property
    def data_version(self) -> int | None:
        """The version of the committed data that this session sees; None where it may see something else."""
        seen = None if self.transaction.wrote else self._snapshot_data
        return seen if self.engine.in_transaction else self.service.data.version

    @property
    def transaction_start(self) -> datetime:
        """When the open transaction began; outside one, now."""
        return self._transaction_start if self.engine.in_transaction else self.house.clock.now()

    def search_path(self) -> list[str]:
        """The schemas to look in, in order."""
        return schemas_of(self.setting("search_path"), self.user)

    def set_variables(self, names: Sequence[str]) -> None:
        """Give the engine the session variables that a statement reads."""
        for name in names:
            sql = variable_sql(self, name)
            if sql is not None:
                self.engine.execute(sql)

    def claimed(self, statement: s.Statement, parameters: Sequence[object], types: Sequence[SqlType]) -> Answer:
        """Let the room that claims the statement run it."""
        self.given = (parameters, types)
        claims = self.service.claims

        def work() -> Answer:
            return claims.run(self.house, self, statement)

        if isinstance(statement, WITHOUT_BLOCK):
            if isinstance(statement, s.Begin | s.Commit | s.Rollback | s.Execute):
                return work()
            return self.transaction.run(work, writes=False)
        return self.transaction.call(work) if isinstance(statement, s.Call) else in_transaction(self, statement, work)

    # -- transactions ------------------------------------------------------------------------------------------

    def _fail_block(self) -> None:
        if self.transaction.in_block and self.transaction.status != "E":
            self.transaction.fail()

    def _began(self) -> None:
        for one in (self.parameters, self.identity, self.marks):
            one.begin()
        self._transaction_start = self.house.clock.now()
        # The engine takes its snapshot at the first look into the warehouse: now, so that the version it sees is known.
        before, data = self.service.catalog_cache.version, self.service.data.version
        self.engine.fetch("SELECT abs(-1)")
        self.house.engine.look()
        self._snapshot_data = data if data == self.service.data.version else None
        self._snapshot_version = before if before == self.service.catalog_cache.version else None

    def _committing(self) -> None:
        self.cursors.committing()
        self.marks.committing()
        if self.transaction.wrote:
            self._settling_data = True
            self.service.data.changing()
        if self._changes:
            self.engine.defining()
            self._settling = True
            self.service.catalog_cache.changing()
        self.running.settle()

    def _ended(self, committed: bool) -> None:
        self.marks.clear()
        self.identity.end(committed=committed)
        self.cursors.ended(committed=committed)
        if not committed or self._changes or self._snapshot_version != self.catalog_version:
            # Plans of this transaction held for what it saw: an older snapshot, or what it has rolled back.
            self.own_plans.clear()
        if self._settling_data:
            self._settling_data = False
            self.service.data.changed()
        if self._settling:
            self._settling = False
            self.service.catalog_cache.changed(self._changes)
        self._changes, self._snapshot_version = [], None
        self.parameters.end(committed=committed)  # last: the client may be gone, which is told of what has changed
