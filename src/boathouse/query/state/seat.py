"""The slot of the workload management that one session holds while the engine works for it: at most one.

Asked by the journey before a statement's work, and by results before each batch; given back when the statement ends,
however it ends, and when the session waits for its client: a suspended portal, a cursor between two FETCHes and a slow
application hold none. What comes next waits again, at the end of its queue.

Whoever holds a slot never waits for another one (a procedure's statements run in that of the CALL), and no statement
here waits for a lock of another transaction: writers that meet fail with 40001. So nobody who waits for a slot is waited
for by one who holds it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from boathouse.contracts.answers import Answer, CopyOut, Field, Passed, Rows
from boathouse.contracts.engine import Burst, Request
from boathouse.contracts.errors import BoathouseError, QueryCanceled
from boathouse.contracts.observing import Queued, RuleAction, StatementRun
from boathouse.sql import statements as s
from boathouse.workload.configuration import Claimant, Kind
from boathouse.workload.queues import require_slots
from boathouse.workload.standing import LiveFacts
from boathouse.workload.tickets import Ticket

if TYPE_CHECKING:
    from boathouse.query.plans import Plan
    from boathouse.query.session import QuerySession

_KINDS: dict[type[s.Statement], Kind] = {
    s.CopyFrom: "load",
    s.CopyStdin: "load",
    s.CopyStdout: "read",
    s.Unload: "write",
    s.CreateTableAs: "ctas",
    s.CreateMaterializedView: "write",
    s.RefreshMaterializedView: "write",
    s.Maintain: "maintenance",
    s.AnalyzeCompression: "maintenance",
    s.Call: "other",
    s.Fetch: "read",
}
"""Rooms' statements that take a slot; DDL, SET, BEGIN and their like take none, as on Redshift's leader node."""


class Seat:
    """See the module; also an `Owner` of tickets.

    Args:
        session: whose it is.
    """

    def __init__(self, session: QuerySession) -> None:
        self._session = session
        self._workload = session.service.workload
        self._ticket: Ticket | None = None
        self._run: StatementRun | None = None
        self._burst: Burst | None = None
        """The query of `_run`, where it runs beside the house."""
        self._resting: set[StatementRun] = set()
        """Statements whose rows have not all been fetched, while their client thinks."""
        self._woken = threading.Event()
        self._last = Claimant()

    # -- for the session's own thread --------------------------------------------------------------------------

    def take(self, statement: s.Statement, beside: Request | None = None) -> None:
        """Wait until the statement may run; at once where it needs no slot, or is part of one that holds one.

        A SELECT waits in `take_for`, once its plan says what it reads.

        Args:
            beside: its query, where that may burst.

        Raises:
            QueryCanceled: while it waited. InvalidParameterValue: its queue has fewer slots than it wants.
        """
        kind = _KINDS.get(type(statement))
        if isinstance(statement, s.Relational) and statement.verb != "SELECT":
            kind = "write"
        if isinstance(statement, s.CreateExternalTable) and statement.query is not None:
            kind = "write"
        if isinstance(statement, s.PassOn):
            kind = statement.slot
        if kind is not None:
            self._take(kind, beside)

    def take_for(self, plan: Plan, beside: Request | None = None) -> bool:
        """The same for a query; True where it had to wait, so that what was looked up before may be old.

        Questions about the system alone, and those of no table, take no slot: that is how one sees what waits. What may
        burst need not wait for a slot: see `bursts`.
        """
        if all(relation.kind == "system" for relation in plan.bound.relations):
            return False
        if self.bursts and beside is None:
            self.come_home()
            return True
        waited = self._take("read", beside)
        if waited and self._run is not None:
            self._run.scans.clear()
        return waited

    def _take(self, kind: Kind, beside: Request | None = None) -> bool:
        run = self._session.observed.run
        if self._burst is not None and run is not self._run:
            self.rest()  # another portal's rows come from elsewhere: they are taken over, for one ticket is one statement's
        if self._ticket is not None or run is None:
            return False
        is_here = self._session.passage is None  # what passes on can be stopped, not begun anew
        is_restartable = is_here and self._session.transaction.stands_alone
        # Rows that a cursor or a procedure takes later stay in the house.
        if run.kind != "query" or run.caller is not None:
            beside = None
        return self._enter(run, kind, beside, is_restartable=is_restartable)

    def _enter(self, run: StatementRun, kind: Kind, beside: Request | None = None, *, is_restartable: bool) -> bool:
        slots = int(self._session.setting("wlm_query_slot_count"))
        claimant, bursts = self._claimant(), beside is not None
        ticket = Ticket(run.number, kind, claimant, slots, is_restartable, self, bursts, beside)
        self._run, self._ticket = run, ticket
        try:
            self._workload.enter(ticket)
        except BoathouseError:
            self._ticket = None
            raise
        waits = ticket.is_waiting
        self._stay(run, ticket)
        return waits

    def _stay(self, run: StatementRun, ticket: Ticket, entered: datetime | None = None) -> None:
        """Note where the ticket is, and wait until it may run."""
        queue, now = ticket.queue, self._session.house.clock.now()
        stay = Queued(queue.service_class, queue.name, ticket.slots, entered or now)
        run.queued.append(stay)
        if not ticket.is_waiting:
            stay.started = now
            return
        while ticket.is_waiting:
            self._woken.wait()
            self._woken.clear()
            self._session.check_cancelled()
        require_slots(ticket, ticket.queue)
        # While it waited, the queues may have changed.
        stay.service_class, stay.queue = ticket.queue.service_class, ticket.queue.name
        stay.started = self._session.house.clock.now()

    # -- beside the house ----------------------------------------------------------------------------------------

    @property
    def bursts(self) -> bool:
        """True where the statement that runs is to run beside the house, in no slot."""
        is_mine = self._run is self._session.observed.run
        return self._ticket is not None and self._ticket.state == "bursting" and is_mine

    def query(self, request: Request, fields: tuple[Field, ...] | None) -> Rows | None:
        """The rows of the query that bursts; None where it has come home, and was given a slot there."""
        assert self._run is not None
        self._burst = burst = self._workload.bursts.open()
        self._session.check_cancelled()
        try:
            rows = burst.start(request, fields)
        finally:
            self._run.burst = burst.worker or None
        if rows is None:
            self.come_home()
        return rows

    def elsewhere(self, burst: Burst, request: object, fields: tuple[Field, ...] | None) -> Rows | None:
        """The rows of a query that a further engine runs while its statement keeps its slot; None where it cannot."""
        self._burst = burst
        self._session.check_cancelled()
        rows = burst.start(request, fields)
        if rows is None:
            self._burst = None
        return rows

    @property
    def engine(self) -> str:
        """The engine that the statement's queue names; empty where it names none."""
        return "" if self._ticket is None else self._ticket.queue.engine

    def come_home(self) -> None:
        """Wait for a slot after all."""
        run, ticket, self._burst = self._run, self._ticket, None
        assert run is not None and ticket is not None
        self._workload.come_home(ticket)
        run.burst, stay = None, run.queued.pop()
        self._stay(run, ticket, stay.entered)
        run.scans.clear()

    def answer(self, work: Callable[[], Answer]) -> Answer:
        """Do the statement's work; from its beginning, in another queue, where a timeout or a rule sends it there."""
        while True:
            try:
                answer = work()
            except QueryCanceled:
                if not self._goes_again():
                    raise
                continue
            if self._ticket is None or isinstance(answer, Passed) or self._workload.answering(self._ticket):
                return answer
            # The engine was told to stop when it had its answer already. Rows are thrown away; what is done is done.
            if isinstance(answer, Rows):
                answer.batches.close()  # type: ignore[attr-defined]
            elif isinstance(answer, CopyOut):
                answer.rows.batches.close()  # type: ignore[attr-defined]
            else:
                return answer
            if not self._goes_again():
                raise QueryCanceled("canceling statement due to user request")

    def _goes_again(self) -> bool:
        ticket, run = self._ticket, self._run
        if ticket is None or run is None or ticket.state != "evicting" or self._session.running.is_cancelled:
            return False
        self._left("Evicted")
        run.scans.clear()
        self._workload.again(ticket)
        self._stay(run, ticket)
        return True

    def resume(self, run: StatementRun) -> None:
        """More rows of a statement are wanted: it needs its slot again, where it gave it back."""
        if run in self._resting and self._ticket is None:
            clock, stay = self._session.house.clock, run.queued[-1]
            began = clock.monotonic()
            self._resting.discard(run)
            self._enter(run, "read", is_restartable=False)
            assert self._ticket is not None
            self._workload.answering(self._ticket)
            # One stay in the log, however often its rows are fetched.
            del run.queued[run.queued.index(stay) + 1 :]
            stay.again_seconds += clock.monotonic() - began
            stay.ended = None

    def count(self, run: StatementRun) -> None:
        """Rows of the statement have been sent."""
        if self._ticket is not None and run is self._run:
            self._ticket.rows = run.rows or 0

    def rest(self) -> None:
        """The session waits for its client. Rows that come from elsewhere are taken over, and need no slot any more."""
        if self._ticket is not None:
            assert self._run is not None
            if self._burst is not None:
                self._burst.detach()
            else:
                self._resting.add(self._run)
            self._give_back()

    def leave(self, run: StatementRun) -> None:
        """The statement has ended."""
        self._resting.discard(run)
        if run is self._run:
            self._give_back()

    def close(self) -> None:
        """The session has ended."""
        self._resting.clear()
        if self._burst is not None:
            self._burst.close()
        self._give_back()

    def _give_back(self) -> None:
        ticket, self._ticket, self._burst = self._ticket, None, None
        if ticket is not None:
            self._workload.leave(ticket)
            self._left("Completed")

    def _left(self, state: str) -> None:
        if self._run is not None and self._run.queued:
            stay = self._run.queued[-1]
            stay.ended, stay.state = self._session.house.clock.now(), state

    def _claimant(self) -> Claimant:
        session = self._session
        superuser, group = session.identity.session_user.superuser, session.setting("query_group")
        if self._workload.uses_groups:
            groups, roles = session.service.claims.gate.memberships(session)
            return Claimant(superuser, group, groups, roles)
        if (superuser, group) != (self._last.superuser, self._last.query_group):
            self._last = Claimant(superuser, group)
        return self._last

    # -- for others' threads -----------------------------------------------------------------------------------

    def wake(self) -> None:
        """See whether there is still something to wait for."""
        self._woken.set()

    def interrupt(self) -> None:
        """Stop waiting, and what is done beside the house."""
        self._woken.set()
        burst = self._burst
        if burst is not None:
            burst.interrupt()

    def stop(self, ticket: Ticket, reason: str) -> None:
        """See `workload.Owner`."""
        self._session.running.cancel(reason, lambda: self._ticket is ticket)

    def evict(self, ticket: Ticket) -> None:
        """See `workload.Owner`."""
        self._session.running.interrupt(lambda: self._ticket is ticket)

    def moved(self, ticket: Ticket) -> None:
        """See `workload.Owner`."""
        run = self._run
        assert run is not None
        self._left("Evicted")
        now, queue = self._session.house.clock.now(), ticket.queue
        run.queued.append(Queued(queue.service_class, queue.name, ticket.slots, now, now))

    def told(self, action: RuleAction) -> None:
        """See `workload.Owner`."""
        if self._run is not None:
            self._run.rule_actions.append(action)

    def facts(self) -> LiveFacts:
        """See `workload.Owner`."""
        run = self._run
        assert run is not None
        return LiveFacts(run.number, run.transaction, run.session.user_id)
