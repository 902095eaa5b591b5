"""The queues as one pure machine: who waits, who runs, who must hop or stop, against a clock that the caller tells.

Received: tickets of statements that want to run, that answer, that end; moments; new configurations. Handed on: which
tickets may run now, and verdicts of timeouts and rules. Touches no thread, clock or engine: `workload` does.

A queue is strictly first come, first served: a statement that wants three slots is not overtaken by those behind it
that want one. A ticket never waits for anything but slots of its queue, and those who hold slots never wait for slots,
so there is no circle: see the decision on queues.

Source: Redshift Developer Guide, "Implementing manual WLM", "WLM query queue hopping", "WLM dynamic memory allocation".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from boathouse.contracts.errors import InvalidParameterValue
from boathouse.workload.configuration import Configuration, Queue, assign, assign_next
from boathouse.workload.rules import SEVERITY, SOON_SECONDS, Measures, Rule
from boathouse.workload.tickets import Line, Ticket, Verdict

_HOPS = ("read", "ctas")
_UNSTOPPABLE = ("load", "maintenance")
"""Neither timeouts nor rules stop COPY, ANALYZE and VACUUM."""
_JUST_AFTER = 0.001
"""Seconds after a limit at which it has been passed for certain."""

AtHand = Callable[[list[Ticket]], list[bool]]


class Queues:
    """All queues of a house.

    Args:
        configuration: until `configure` brings another.
        bursting_max: how many statements may run beside the house at once.
        at_hand: for whom of those that may there is a place by now; asks for those that are not.
    """

    def __init__(
        self, configuration: Configuration, bursting_max: int = 0, at_hand: AtHand = lambda who: [True] * len(who)
    ) -> None:
        self.configuration = configuration
        self.bursting_max = bursting_max
        self._at_hand = at_hand
        self.lines = {one.name: Line(one) for one in (configuration.superuser, *configuration.queues)}
        self._gone: list[Line] = []
        """Queues that are no more, while something still runs in them."""
        self._changed: list[Ticket] = []

    def changed(self) -> list[Ticket]:
        """The tickets that wait no longer since this was last asked: they run, or are rejected."""
        found, self._changed = self._changed, []
        return found

    # -- a statement's way ------------------------------------------------------------------------------------

    def enter(self, ticket: Ticket, now: float) -> None:
        """A statement wants to run; afterwards it waits, or may.

        Raises:
            InvalidParameterValue: it wants more slots than its queue has.
        """
        queue = assign(self.configuration, ticket.claimant)
        require_slots(ticket, queue)
        self._append(ticket, self.lines[queue.name], now)
        self._fill(self.lines[queue.name], now)

    def come_home(self, ticket: Ticket, now: float) -> None:
        """A statement that burst has to run in the house after all: it waits there, and does not burst again.

        Raises:
            InvalidParameterValue: it wants more slots than its queue has by now.
        """
        line = self.lines[assign(self.configuration, ticket.claimant).name]
        require_slots(ticket, line.queue)
        self.leave(ticket, now)
        ticket.may_burst = False
        self._append(ticket, line, now)
        self._fill(line, now)

    def answering(self, ticket: Ticket) -> bool:
        """Its answer begins: no timeout ends it any more. False: it has been evicted before, and must go again."""
        if ticket.state == "running":
            ticket.state = "returning"
        return ticket.state != "evicting"

    def again(self, ticket: Ticket, now: float) -> None:
        """An evicted statement has stopped, and waits in its next queue."""
        line = self.lines.get(ticket.next.name) if ticket.next is not None else None
        if line is None or line.queue.slots < ticket.slots:
            line = self.lines[assign(self.configuration, ticket.claimant).name]
            require_slots(ticket, line.queue)
        assert ticket._line is not None
        ticket._line.evicted += 1
        self.leave(ticket, now)
        ticket.next, ticket.acted = None, set()
        self._append(ticket, line, now)
        self._fill(line, now)

    def leave(self, ticket: Ticket, now: float) -> None:
        """It has ended, in whatever way. Harmless when repeated."""
        line = ticket._line
        if line is None or ticket.state in ("new", "done", "rejected"):
            return
        if ticket.is_waiting:
            line.waiting.remove(ticket)
        elif ticket.state == "bursting":
            del line.bursting[ticket]
            line.executed += 1
        else:
            del line.running[ticket]
            line.executed += 1
        ticket.state = "done"
        self._gone = [one for one in self._gone if one.running or one.bursting]
        self._fill(line, now)

    def _append(self, ticket: Ticket, line: Line, now: float) -> None:
        ticket._line, ticket.state, ticket.entered, ticket.started = line, "queued", now, None
        line.waiting.append(ticket)
        line.serviced += 1

    def _fill(self, line: Line, now: float) -> None:
        while line.waiting and line.waiting[0].slots <= line.free:
            ticket = line.waiting.popleft()
            line.running[ticket] = None
            ticket.state, ticket.started = "running", now
            ticket.share = line.queue.slot_share * ticket.slots
            ticket.timeout_seconds = line.queue.timeout_seconds
            self._changed.append(ticket)
        self.burst(now)

    def burst(self, now: float) -> None:
        """Let those that wait and may run beside the house do so, as long as there is room: reads before exports, then who
        came first. Exports leave the last of several places to reads, which would wait behind them for long.
        """
        eager = [one for line in self.lines.values() if line.queue.scales for one in line.waiting if one.may_burst]
        room, exports = self.bursting_max - self.bursting, max(1, self.bursting_max - 1)
        if not eager or room <= 0:
            return
        exports -= sum(one.kind != "read" for line in self._all_lines() for one in line.bursting)
        eager.sort(key=lambda one: one.entered)
        reads, rest = ([one for one in eager if (one.kind == "read") is wanted] for wanted in (True, False))
        chosen = [*reads, *rest[: max(0, exports)]][:room]
        for ticket, is_there in zip(chosen, self._at_hand(chosen), strict=True):
            line = ticket._line
            if not is_there or line is None:
                continue
            line.waiting.remove(ticket)
            line.bursting[ticket] = None
            ticket.state, ticket.started = "bursting", now
            ticket.timeout_seconds = line.queue.timeout_seconds
            self._changed.append(ticket)

    # -- time -------------------------------------------------------------------------------------------------

    def due(self, now: float) -> float | None:
        """The next moment at which `look` may find something; None where only an event can bring one."""
        return min((moment for ticket in self._all() for moment in self._moments(ticket, now)), default=None)

    def _moments(self, ticket: Ticket, now: float) -> Iterator[float]:
        if ticket.state == "evicting":
            return
        if ticket.timeout_seconds and self._is_timed(ticket) and ticket.started is not None:
            yield ticket.started + ticket.timeout_seconds + _JUST_AFTER
        for rule in ticket.queue.rules:
            moment = None if rule.name in ticket.acted else rule.due(ticket.entered, ticket.started)
            if moment is not None:
                yield moment + _JUST_AFTER if moment >= now else now + SOON_SECONDS

    def look(self, now: float) -> list[Verdict]:
        """What timeouts and rules say now. Each verdict is given once and has taken effect here; the caller stops
        the statements that are to be aborted or restarted.
        """
        return [verdict for ticket in [*self._all()] for verdict in self._judge(ticket, now)]

    def _judge(self, ticket: Ticket, now: float) -> Iterator[Verdict]:
        if ticket.state == "evicting":
            return
        queue = ticket.queue
        waited = (now if ticket.started is None else ticket.started) - ticket.entered
        ran = None if ticket.started is None else now - ticket.started
        measures = Measures(ran, waited, ticket.rows)
        met = [
            rule
            for rule in queue.rules
            if rule.name not in ticket.acted
            and (due := rule.due(ticket.entered, ticket.started)) is not None
            and due <= now
            and rule.is_met(measures)
            and self._applies(rule, ticket)
        ]
        ticket.acted.update(rule.name for rule in met)
        met.sort(key=lambda rule: -SEVERITY[rule.action])
        for place, rule in enumerate(met):
            if place and SEVERITY[met[0].action]:
                yield Verdict(ticket, rule, "none", queue)
            elif rule.action == "hop":
                yield self._hop(ticket, rule, now)
            else:
                yield Verdict(ticket, rule, rule.action, queue)
        if met and SEVERITY[met[0].action]:
            return
        if ran is not None and ticket.timeout_seconds and ran > ticket.timeout_seconds and self._is_timed(ticket):
            ticket.timeout_seconds = 0.0
            yield self._hop(ticket, None, now) if ticket.kind in _HOPS else Verdict(ticket, None, "abort", queue)

    @staticmethod
    def _applies(rule: Rule, ticket: Ticket) -> bool:
        if rule.action == "log":
            return True
        return ticket.kind not in _UNSTOPPABLE if rule.action == "abort" else ticket.kind in _HOPS

    @staticmethod
    def _is_timed(ticket: Ticket) -> bool:
        return ticket.state in ("running", "bursting") and ticket.kind not in _UNSTOPPABLE

    def _hop(self, ticket: Ticket, rule: Rule | None, now: float) -> Verdict:
        """To the next queue as it is, where there is room; otherwise stopped, to begin anew there."""
        old = ticket._line
        assert old is not None
        target = assign_next(self.configuration, ticket.claimant, old.queue)
        if ticket.state == "bursting":
            # It is in nobody's way; a rule lets it go on, a timeout is a timeout.
            return Verdict(ticket, rule, "abort" if rule is None or target is None else "none", old.queue)
        if target is None or target.slots < ticket.slots:
            return Verdict(ticket, rule, "abort", old.queue)
        line = self.lines[target.name]
        share = target.slot_share * ticket.slots
        if line.free >= ticket.slots and not line.waiting and share >= ticket.share:
            del old.running[ticket]
            old.evicted += 1
            line.running[ticket] = None
            line.serviced += 1
            ticket._line, ticket.share, ticket.acted = line, share, set()
            ticket.timeout_seconds = target.timeout_seconds
            self._fill(old, now)
            return Verdict(ticket, rule, "hop(reassign)", old.queue)
        if ticket.state == "running" and ticket.is_restartable:
            ticket.state, ticket.next = "evicting", target
            return Verdict(ticket, rule, "hop(restart)", old.queue)
        # Its rows are on their way, or its transaction would be lost: a rule lets it go on where it is.
        return Verdict(ticket, rule, "abort" if rule is None else "none", old.queue)

    # -- configuration ----------------------------------------------------------------------------------------

    def configure(self, configuration: Configuration, now: float) -> None:
        """Another configuration: what runs goes on, with the memory it has; what waits is assigned anew, in its order,
        or rejected, where it wants more slots than there are now.
        """
        old = [*self.lines.values()]
        self.configuration = configuration
        self.lines = {one.name: Line(one) for one in (configuration.superuser, *configuration.queues)}
        for line in old:
            successor = self.lines.get(line.queue.name)
            if successor is None:
                self._gone.append(line)
            else:
                successor.running, successor.bursting = line.running, line.bursting
                successor.executed, successor.evicted = line.executed, line.evicted
                successor.serviced = line.serviced
                for ticket in (*line.running, *line.bursting):
                    ticket._line = successor
        self._gone = [one for one in self._gone if one.running or one.bursting]
        waiting = sorted((one for line in old for one in line.waiting), key=lambda one: one.entered)
        for line in old:
            line.waiting.clear()
        for ticket in waiting:
            line = self.lines[assign(configuration, ticket.claimant).name]
            if ticket.slots > line.queue.slots:
                ticket._line, ticket.state = line, "rejected"
                self._changed.append(ticket)
            else:
                ticket._line = line
                line.waiting.append(ticket)
        for line in [*self.lines.values()]:
            self._fill(line, now)

    # -- how it stands -----------------------------------------------------------------------------------------

    @property
    def share_running(self) -> float:
        """The part of the engine's memory that was given to what runs, 0 to 1."""
        return sum(one.share for line in self._all_lines() for one in line.running)

    @property
    def bursting(self) -> int:
        """How many statements run beside the house."""
        return sum(len(line.bursting) for line in self._all_lines())

    @property
    def scales(self) -> bool:
        """True where something may burst."""
        return self.bursting_max > 0 and any(one.scales for one in self.configuration.queues)

    @property
    def is_watched(self) -> bool:
        """True where time alone can bring a verdict."""
        return any(one.timeout_seconds or one.rules for one in self.configuration.queues)

    def _all_lines(self) -> tuple[Line, ...]:
        return (*self.lines.values(), *self._gone)

    def _all(self) -> Iterator[Ticket]:
        for line in self._all_lines():
            yield from line.waiting
            yield from line.running
            yield from line.bursting


def require_slots(ticket: Ticket, queue: Queue) -> None:
    """Raise InvalidParameterValue where the queue has fewer slots than the ticket wants."""
    if ticket.slots > queue.slots:
        raise InvalidParameterValue(
            f'wlm_query_slot_count is {ticket.slots}, but the queue "{queue.name}" has {queue.slots} slots',
            hint="Set wlm_query_slot_count lower, or give the queue more slots.",
        )
