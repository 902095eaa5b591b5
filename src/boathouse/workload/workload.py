"""The queues at work: the pure machine with a lock, a clock, and a thread that acts when time has come.

Asked by sessions for slots; tells them, from any thread, when they may run, hop or must stop. Keeps the engine's memory
limit in step where queues have shares of it.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable
from typing import Protocol

from boathouse.contracts.house import House
from boathouse.contracts.observing import RuleAction
from boathouse.workload.configuration import Configuration
from boathouse.workload.memory import Memory
from boathouse.workload.queues import Queues
from boathouse.workload.settings import WorkloadSettings, burst_limits, configuration_of
from boathouse.workload.standing import LIVE_FUNCTION, LiveFacts, standing
from boathouse.workload.tickets import Ticket, Verdict

LOG = logging.getLogger(__name__)

INSIST_SECONDS = 0.25
"""How often a statement that is to stop is told so again until it does: the engine forgets an interrupt that comes
between two of a statement's own calls."""


class Owner(Protocol):
    """Who holds a ticket; called from any thread, with no lock held but the workload's own."""

    def wake(self) -> None:
        """The ticket waits no longer."""
        ...

    def stop(self, ticket: Ticket, reason: str) -> None:
        """End the ticket's statement; the client is told why."""
        ...

    def evict(self, ticket: Ticket) -> None:
        """Give up what the engine does for the statement, so that it can begin again elsewhere."""
        ...

    def moved(self, ticket: Ticket) -> None:
        """It goes on in another queue, without having waited."""
        ...

    def told(self, action: RuleAction) -> None:
        """A rule has done something."""
        ...

    def facts(self) -> LiveFacts:
        """Whose statement it is, for the system tables."""
        ...


class Workload:
    """All queues of a house that is open.

    Args:
        house: being opened.
    """

    def __init__(self, house: House) -> None:
        self._house = house
        self._clock = house.clock
        self._slots = int(house.settings["query"].sessions_max)
        settings: WorkloadSettings = house.settings["workload"]
        self.bursts = house.engine.bursts(burst_limits(settings), self._burst)
        """Where statements run that burst."""
        configuration = configuration_of(settings, house.home, self._slots)
        self._lock = threading.Condition()
        self._queues = Queues(configuration, settings.max_concurrency_scaling_clusters, self._at_hand)
        self._memory = Memory(house)
        self._memory_lock = threading.Lock()
        self._watch: threading.Thread | None = None
        self._stopping = False
        self._stopped: dict[Ticket, Callable[[], None]] = {}
        """Statements that have been told to stop and have not yet."""
        self._keep_ready(settings)
        house.engine.provide(LIVE_FUNCTION, self._live)
        self._look_after()

    # -- for sessions ------------------------------------------------------------------------------------------

    def enter(self, ticket: Ticket) -> None:
        """A statement wants to run. Where its ticket waits then, its owner is woken once it does not.

        Raises:
            InvalidParameterValue: it wants more slots than its queue has.
        """
        with self._lock:
            self._queues.enter(ticket, self._clock.monotonic())
            self._settle()
        self._fit_memory()

    def again(self, ticket: Ticket) -> None:
        """The same for an evicted statement, which has stopped."""
        with self._lock:
            self._stopped.pop(ticket, None)
            self._queues.again(ticket, self._clock.monotonic())
            self._settle()
        self._fit_memory()

    def come_home(self, ticket: Ticket) -> None:
        """See `Queues.come_home`."""
        with self._lock:
            self._queues.come_home(ticket, self._clock.monotonic())
            self._settle()
        self._fit_memory()

    def answering(self, ticket: Ticket) -> bool:
        """See `Queues.answering`."""
        with self._lock:
            return self._queues.answering(ticket)

    def leave(self, ticket: Ticket) -> None:
        """The statement has ended, in whatever way; harmless when repeated."""
        with self._lock:
            self._stopped.pop(ticket, None)
            self._queues.leave(ticket, self._clock.monotonic())
            self._settle()
        self._fit_memory()

    def _at_hand(self, tickets: list[Ticket]) -> list[bool]:
        return self.bursts.at_hand([one.request for one in tickets], self._queues.bursting)

    def _burst(self) -> None:
        """A process has become ready, or does not: those that wait may want it, or another one."""
        with self._lock:
            self._queues.burst(self._clock.monotonic())
            self._settle()

    def _settle(self) -> None:
        """Tell those who wait no longer, and let the watch look anew. The lock is held."""
        for ticket in self._queues.changed():
            ticket.owner.wake()
        if self._watch is not None:
            self._lock.notify_all()

    def _fit_memory(self) -> float | None:
        """Give the engine the memory of those who run; when to ask again. No lock is held: it may take its time."""
        if not self._queues.configuration.divides_memory:
            return None
        with self._memory_lock:
            with self._lock:
                unallocated = self._queues.configuration.unallocated_percent / 100
                running, now = self._queues.share_running, self._clock.monotonic()
            return self._memory.fit(running, unallocated, now)

    # -- configuration -----------------------------------------------------------------------------------------

    def configure(self, settings: WorkloadSettings) -> None:
        """Take other settings; what runs goes on.

        Raises:
            InvalidParameterValue, FeatureNotSupported: they are not good; those at hand stay in force.
        """
        configuration = configuration_of(settings, self._house.home, self._slots)
        self.bursts.configure(burst_limits(settings))
        with self._lock:
            self._queues.bursting_max = settings.max_concurrency_scaling_clusters
            self._queues.configure(configuration, self._clock.monotonic())
            self._look_after()
            self._settle()
        self._keep_ready(settings)
        self._fit_memory()
        if not configuration.divides_memory:
            with self._memory_lock:
                self._memory.restore()

    def _keep_ready(self, settings: WorkloadSettings) -> None:
        most = settings.max_concurrency_scaling_clusters
        self.bursts.keep(min(settings.burst_ready, most) if self._queues.scales else 0)

    @property
    def configuration(self) -> Configuration:
        """The one in force."""
        return self._queues.configuration

    @property
    def scales(self) -> bool:
        """True where statements may burst."""
        return self._queues.scales

    @property
    def uses_groups(self) -> bool:
        """True where it matters to which groups and roles a user belongs."""
        return any(one.user_groups.names or one.user_roles.names for one in self._queues.configuration.queues)

    # -- time ----------------------------------------------------------------------------------------------------

    def _look_after(self) -> None:
        """Begin to watch where time or memory must be minded. The lock is held, or nobody else is there yet."""
        if self._watch is None and (self._queues.is_watched or self._queues.configuration.divides_memory):
            self._watch = threading.Thread(target=self._run, name="boathouse-workload", daemon=True)
            self._watch.start()

    def _run(self) -> None:
        while True:
            memory = self._fit_memory()
            with self._lock:
                now = self._clock.monotonic()
                moments = [memory, self._queues.due(now), now + INSIST_SECONDS if self._stopped else None]
                soonest = min((one for one in moments if one is not None), default=None)
                if not self._stopping:
                    self._lock.wait(None if soonest is None else max(0.0, soonest - now))
                if self._stopping:
                    return
                for verdict in self._queues.look(self._clock.monotonic()):
                    self._carry_out(verdict)
                for ticket in self._queues.changed():
                    ticket.owner.wake()
                stops = [*self._stopped.values()]
            for stop in stops:
                try:
                    stop()
                except Exception:  # one session's defect must not end the watch over all others
                    LOG.exception("a statement could not be stopped")

    def _carry_out(self, verdict: Verdict) -> None:
        """Note what a rule does, and who is to stop. The lock is held: the stopping itself comes after."""
        ticket, owner = verdict.ticket, verdict.ticket.owner
        if verdict.rule is not None:
            at = self._clock.now()
            owner.told(
                RuleAction(verdict.rule.name, verdict.action, at, verdict.queue.service_class, verdict.queue.name)
            )
        if verdict.action == "hop(reassign)":
            owner.moved(ticket)
        elif verdict.action == "hop(restart)":
            self._stopped[ticket] = lambda: owner.evict(ticket)
        elif verdict.action == "abort":
            cause = f'timeout of queue "{verdict.queue.name}"'
            if verdict.rule is not None:
                cause = f'{verdict.rule.action} action of Query Monitoring Rule "{verdict.rule.name}"'
            reason = f"Query ({ticket.task}) canceled by WLM {cause}"
            self._stopped[ticket] = lambda: owner.stop(ticket, reason)

    def close(self) -> None:
        """Stop watching."""
        with self._lock:
            self._stopping = True
            self._lock.notify_all()
        if self._watch is not None:
            self._watch.join(5.0)
        self.bursts.close()
        self._memory.close()

    # -- how it stands -----------------------------------------------------------------------------------------

    def _live(self, what: str) -> str:
        """JSON rows for the system tables; see `standing`."""
        with self._lock:
            return json.dumps(standing(what, self._queues, self._memory, self._clock.monotonic(), self._clock.now()))

    def depths(self) -> list[tuple[str, int, int]]:
        """Each queue's name, how many wait and how many run."""
        with self._lock:
            return [(line.queue.name, len(line.waiting), len(line.running)) for line in self._queues.lines.values()]
