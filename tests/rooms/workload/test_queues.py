"""The queues as a machine against a simulated clock: whatever comes in whatever order, what they promise holds."""

from __future__ import annotations

import json
import os
from collections import defaultdict

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from boathouse.contracts.errors import InvalidParameterValue
from boathouse.workload.configuration import Claimant, Configuration, assign, assign_next, read
from boathouse.workload.queues import Queues
from boathouse.workload.rules import SOON_SECONDS
from boathouse.workload.tickets import Line, Ticket, Verdict

NAMES = ("a", "b", "c", "other")
CLAIMANTS = st.builds(
    Claimant,
    superuser=st.booleans(),
    query_group=st.sampled_from([*NAMES, "superuser", ""]),
    user_groups=st.frozensets(st.sampled_from(NAMES)),
    user_roles=st.frozensets(st.sampled_from(NAMES)),
)
KINDS = st.sampled_from(["read", "ctas", "write", "load", "maintenance", "other"])


@st.composite
def configurations(draw: st.DrawFn) -> Configuration:
    named = st.lists(st.sampled_from([*NAMES, "?", "*"]), max_size=2)
    queues: list[dict[str, object]] = []
    for place in range(draw(st.integers(0, 3))):
        groups = {"user_group": draw(named), "query_group": [*draw(named), draw(st.sampled_from(NAMES))]}
        queues.append({"name": f"q{draw(st.integers(0, 1))}{place}", "query_group_wild_card": 1, **groups})
    queues.append({"name": "rest"})
    for place, queue in enumerate(queues):
        queue["query_concurrency"] = draw(st.integers(1, 3))
        queue["concurrency_scaling"] = draw(st.sampled_from(["auto", "off"]))
        queue["max_execution_time"] = draw(st.sampled_from([0, 2000, 5000]))
        if draw(st.booleans()):
            queue["memory_percent_to_use"] = draw(st.integers(1, 20))
        queue["rules"] = [
            {
                "rule_name": f"r{place}_{number}",
                "action": draw(st.sampled_from(["log", "hop", "abort"])),
                "predicate": [
                    {
                        "metric_name": draw(st.sampled_from(["query_execution_time", "return_row_count"])),
                        "operator": ">",
                        "value": draw(st.integers(0, 6)),
                    }
                ],
            }
            for number in range(draw(st.integers(0, 2)))
        ]
    return read(json.dumps(queues))


class Machine(RuleBasedStateMachine):
    """Statements come, run, answer, hop and end while time passes and configurations change."""

    @initialize(configuration=configurations(), bursting_max=st.integers(0, 2))
    def begin(self, configuration: Configuration, bursting_max: int) -> None:
        self.now = 0.0
        self.queues = Queues(configuration, bursting_max)
        self.tickets: list[Ticket] = []
        self.logged: dict[tuple[Ticket, str], int] = defaultdict(int)
        self.doomed: set[Ticket] = set()
        self.was: dict[str, list[Ticket]] = {}
        self.count = 0

    @rule(claimant=CLAIMANTS, kind=KINDS, slots=st.integers(1, 3), restartable=st.booleans(), bursts=st.booleans())
    def enter(self, claimant: Claimant, kind: str, slots: int, restartable: bool, bursts: bool) -> None:
        self.count += 1
        bursts = bursts and kind in ("read", "write")
        ticket = Ticket(self.count, kind, claimant, slots, restartable, may_burst=bursts)  # type: ignore[arg-type]
        wanted = assign(self.queues.configuration, claimant)
        if wanted.slots < slots:
            with pytest.raises(InvalidParameterValue, match="wlm_query_slot_count"):
                self.queues.enter(ticket, self.now)
            assert ticket.state == "new"
            return
        self.queues.enter(ticket, self.now)
        assert ticket.queue == wanted
        self.tickets.append(ticket)

    @rule(place=st.integers(0, 100), rows=st.integers(0, 10))
    def answer(self, place: int, rows: int) -> None:
        found = [one for one in self.tickets if one.state in ("running", "returning", "evicting")]
        if found:
            ticket = found[place % len(found)]
            may = self.queues.answering(ticket)
            assert may == (ticket.state == "returning")
            ticket.rows += rows if may else 0

    @rule(place=st.integers(0, 100))
    def leave(self, place: int) -> None:
        if self.tickets:
            ticket = self.tickets.pop(place % len(self.tickets))
            self.doomed.discard(ticket)
            self.queues.leave(ticket, self.now)
            self.queues.leave(ticket, self.now)
            assert all(ticket not in (*line.waiting, *line.running, *line.bursting) for line in self.all_lines())

    @rule(place=st.integers(0, 100))
    def start_again(self, place: int) -> None:
        found = [one for one in self.tickets if one.state == "evicting"]
        if found:
            ticket = found[place % len(found)]
            self.queues.again(ticket, self.now)
            assert ticket.state in ("queued", "running", "bursting")

    @rule(place=st.integers(0, 100))
    def come_home(self, place: int) -> None:
        found = [one for one in self.tickets if one.state == "bursting"]
        if found:
            ticket = found[place % len(found)]
            if assign(self.queues.configuration, ticket.claimant).slots < ticket.slots:
                with pytest.raises(InvalidParameterValue, match="wlm_query_slot_count"):
                    self.queues.come_home(ticket, self.now)
                assert ticket.state == "bursting"
                return
            self.queues.come_home(ticket, self.now)
            assert ticket.state in ("queued", "running")

    @rule(seconds=st.floats(0.1, 4.0))
    def wait(self, seconds: float) -> None:
        due = self.queues.due(self.now)
        self.now += seconds
        found = self.queues.look(self.now)
        for verdict in found:
            self.check(verdict)
        # Nothing comes unannounced (by a second at most, where a rule has come into force late), or twice.
        assert not found or (due is not None and due <= self.now + SOON_SECONDS)
        hopped = {one.ticket for one in found if one.action == "hop(reassign)"}  # to where other rules hold
        again, said = self.queues.look(self.now), {(one.ticket, one.rule) for one in found}
        assert not [one for one in again if (one.ticket, one.rule) in said and one.ticket not in hopped]
        for verdict in again:
            self.check(verdict)

    @rule(configuration=configurations())
    def configure(self, configuration: Configuration) -> None:
        self.queues.configure(configuration, self.now)
        self.tickets = [one for one in self.tickets if one.state != "rejected"]
        self.was = {}

    def check(self, verdict: Verdict) -> None:
        ticket = verdict.ticket
        if verdict.rule is not None and verdict.action == "log":
            self.logged[ticket, verdict.rule.name] += 1
        if verdict.action == "abort":
            assert ticket.kind not in ("load", "maintenance")
            self.doomed.add(ticket)
        if verdict.action.startswith("hop"):
            assert ticket.kind in ("read", "ctas")
            target = ticket.next if verdict.action == "hop(restart)" else ticket.queue
            assert target == assign_next(self.queues.configuration, ticket.claimant, verdict.queue)
            assert target is not None and target != self.queues.configuration.default
            if verdict.action == "hop(restart)":
                assert ticket.is_restartable and ticket.state == "evicting"

    def all_lines(self) -> list[Line]:
        return [*self.queues.lines.values(), *self.queues._gone]

    @invariant()
    def every_ticket_is_in_one_place(self) -> None:
        for ticket in getattr(self, "tickets", ()):
            places = [one for one in self.all_lines() if ticket in (*one.waiting, *one.running, *one.bursting)]
            assert [line.queue for line in places] == [ticket.queue]
            assert ticket.is_waiting == (ticket in places[0].waiting)
            assert (ticket.state == "bursting") == (ticket in places[0].bursting)

    @invariant()
    def no_slot_is_idle_while_somebody_could_have_it(self) -> None:
        for line in self.queues.lines.values() if hasattr(self, "queues") else ():
            assert not line.waiting or line.waiting[0].slots > line.free

    @invariant()
    def nobody_waits_who_could_burst_and_none_bursts_who_may_not(self) -> None:
        if hasattr(self, "queues"):
            lines = self.queues.lines.values()
            assert all(one.may_burst for line in self.all_lines() for one in line.bursting)
            assert self.queues.bursting <= self.queues.bursting_max
            eager = [one for line in lines if line.queue.scales for one in line.waiting if one.may_burst]
            most = self.queues.bursting_max
            exports = sum(one.kind == "write" for line in self.all_lines() for one in line.bursting)
            assert not any(one.kind == "read" for one in eager) or self.queues.bursting == most
            assert not eager or self.queues.bursting == most or exports == most - 1
            assert exports <= max(1, most - 1)

    @invariant()
    def first_come_first_served(self) -> None:
        for name, line in self.queues.lines.items() if hasattr(self, "queues") else ():
            before = [one for one in self.was.get(name, ()) if one in self.tickets and one.state != "bursting"]
            # Who waited and waits no longer stood before all who still wait.
            still = [one in line.waiting for one in before]
            assert still == sorted(still)
            self.was[name] = [*line.waiting]

    @invariant()
    def the_superusers_run_one_by_one(self) -> None:
        if hasattr(self, "queues"):
            own = self.queues.lines[self.queues.configuration.superuser.name]
            assert all(one.claimant.superuser for one in (*own.waiting, *own.running))
            assert own.taken <= 1

    @invariant()
    def memory_is_never_given_twice(self) -> None:
        if hasattr(self, "queues") and not self.queues._gone:
            whole = sum(one.slot_share * one.slots for one in self.queues.configuration.queues)
            assert whole <= 1.0001

    @invariant()
    def a_rule_logs_once_a_queue(self) -> None:
        assert all(count <= 3 for count in getattr(self, "logged", {}).values())


TestMachine = Machine.TestCase
TestMachine.settings = settings(
    max_examples=int(os.environ.get("BOATHOUSE_QUEUE_EXAMPLES", "12")), stateful_step_count=30, deadline=None
)


def _queues(*given: dict[str, object]) -> Queues:
    return Queues(read(json.dumps(given)))


def _reader(task: int, group: str = "a", **more: object) -> Ticket:
    return Ticket(task, "read", Claimant(query_group=group), is_restartable=True, **more)  # type: ignore[arg-type]


def test_slots_are_never_more_than_the_queue_has_and_one_who_wants_many_is_not_overtaken() -> None:
    queues = _queues({"query_concurrency": 3})
    small, large, late = _reader(1, slots=1), _reader(2, slots=3), _reader(3, slots=1)
    for ticket in (small, large, late):
        queues.enter(ticket, 0.0)
    assert [one.state for one in (small, large, late)] == ["running", "queued", "queued"]
    queues.leave(small, 1.0)
    assert [one.state for one in (large, late)] == ["running", "queued"]
    queues.leave(large, 2.0)
    assert late.state == "running"


def test_a_timeout_moves_a_query_to_the_next_queue_that_is_for_it_and_then_ends_it() -> None:
    slow = {"query_group": ["a"], "query_concurrency": 2, "memory_percent_to_use": 50}
    queues = _queues(
        {**slow, "memory_percent_to_use": 10, "max_execution_time": 1000}, {**slow, "max_execution_time": 9000}, {}
    )
    ticket = _reader(1)
    queues.enter(ticket, 0.0)
    assert queues.due(0.0) == pytest.approx(1.001)
    assert queues.look(1.0) == []
    (moved,) = queues.look(1.001)
    assert (moved.action, moved.queue.name, ticket.queue.name, ticket.state) == (
        "hop(reassign)", "Queue 1", "Queue 2", "running",
    )  # fmt: skip
    (ended,) = queues.look(9.001)
    assert (ended.action, ended.rule) == ("abort", None)


def test_a_query_that_finds_no_room_begins_again_in_the_next_queue_and_waits_there() -> None:
    queue = {"query_group": ["a"], "query_concurrency": 1}
    queues = _queues({**queue, "max_execution_time": 1000}, queue, {})
    first, second = _reader(1), _reader(2)
    queues.enter(first, 0.0)
    queues.look(1.5)  # the first has the second queue's only slot now
    queues.enter(second, 2.0)
    (verdict,) = queues.look(3.5)
    assert (verdict.action, second.state) == ("hop(restart)", "evicting")
    assert not queues.answering(second)
    queues.again(second, 4.0)
    assert (second.queue.name, second.state) == ("Queue 2", "queued")
    queues.leave(first, 5.0)
    assert (second.state, second.started) == ("running", 5.0)
    assert queues.lines["Queue 1"].evicted == 2


def test_a_query_whose_rows_are_on_their_way_has_no_timeout_but_rules() -> None:
    rule_ = {"rule_name": "many", "action": "abort", "predicate": [_predicate("return_row_count", ">", 10)]}
    queues = _queues({"max_execution_time": 1000, "rules": [rule_]})
    ticket = _reader(1)
    queues.enter(ticket, 0.0)
    assert queues.answering(ticket)
    assert queues.look(5.0) == []
    ticket.rows = 11
    (verdict,) = queues.look(6.0)
    assert verdict.action == "abort" and verdict.rule is not None and verdict.rule.name == "many"


def test_the_most_severe_of_several_rules_is_done_and_the_others_are_noted() -> None:
    when = [_predicate("query_execution_time", ">", 2)]
    named = [{"rule_name": action, "action": action, "predicate": when} for action in ("log", "hop", "abort")]
    queues = _queues({"rules": named})
    ticket = _reader(1)
    queues.enter(ticket, 0.0)
    assert queues.look(1.9) == []
    assert [(one.rule and one.rule.name, one.action) for one in queues.look(2.1)] == [
        ("abort", "abort"), ("hop", "none"), ("log", "none"),
    ]  # fmt: skip
    assert queues.look(3.0) == []


def test_who_would_wait_and_may_burst_does_and_takes_no_slot_until_it_comes_home() -> None:
    queues = Queues(read(json.dumps([{"query_concurrency": 1, "concurrency_scaling": "auto"}])), 1)
    first, local = _reader(1, may_burst=True), _reader(2)
    away, late = _reader(3, may_burst=True), _reader(4, may_burst=True)
    for place, ticket in enumerate((first, local, away, late)):
        queues.enter(ticket, float(place))
    assert [one.state for one in (first, local, away, late)] == ["running", "queued", "bursting", "queued"]
    assert away.started == 2.0 and away.share == 0.0
    queues.come_home(away, 4.0)  # nobody takes its place in the queue, and another one takes its place beside the house
    assert [one.state for one in (local, away, late)] == ["queued", "queued", "bursting"]
    queues.leave(first, 5.0)
    queues.leave(local, 6.0)
    assert away.state == "running"


def test_reads_burst_before_exports_which_leave_them_the_last_place() -> None:
    queues = Queues(read(json.dumps([{"query_concurrency": 1, "concurrency_scaling": "auto"}])), 2)
    exports = [Ticket(one, "write", Claimant(), may_burst=True) for one in range(4)]
    for place, export in enumerate(exports):
        queues.enter(export, float(place))
    assert [one.state for one in exports] == ["running", "bursting", "queued", "queued"]
    first, second = _reader(5, may_burst=True), _reader(6, may_burst=True)
    queues.enter(first, 5.0)
    queues.enter(second, 6.0)
    assert (first.state, second.state) == ("bursting", "queued")
    queues.leave(exports[1], 7.0)
    assert (exports[2].state, second.state) == ("queued", "bursting")
    queues.leave(first, 8.0)
    assert exports[2].state == "bursting"


def test_who_may_burst_waits_until_there_is_a_process_and_takes_a_slot_that_is_free_before() -> None:
    asked: list[list[int]] = []
    ready: list[bool] = []

    def at_hand(tickets: list[Ticket]) -> list[bool]:
        asked.append([one.task for one in tickets])
        return [*ready, *[False] * len(tickets)][: len(tickets)]

    queues = Queues(read(json.dumps([{"query_concurrency": 1, "concurrency_scaling": "auto"}])), 2, at_hand)
    tickets = [_reader(one, may_burst=True) for one in range(4)]
    for ticket in tickets:
        queues.enter(ticket, 0.0)
    assert asked == [[1], [1, 2], [1, 2]] and [one.state for one in tickets[1:]] == ["queued"] * 3
    queues.leave(tickets[0], 1.0)
    assert tickets[1].state == "running" and asked[-1] == [2, 3]
    ready.append(True)
    queues.burst(2.0)
    assert [one.state for one in tickets[2:]] == ["bursting", "queued"] and tickets[2].started == 2.0


def test_waiting_too_long_is_a_rule_of_its_own() -> None:
    rule_ = {"rule_name": "stale", "action": "abort", "predicate": [_predicate("query_queue_time", ">", 5)]}
    queues = _queues({"query_concurrency": 1, "rules": [rule_]})
    first, second = _reader(1), _reader(2)
    queues.enter(first, 0.0)
    queues.enter(second, 0.0)
    assert queues.look(4.9) == []
    assert [one.ticket for one in queues.look(5.1)] == [second]


def test_a_smaller_configuration_lets_what_runs_end_and_rejects_who_wants_too_much() -> None:
    queues = _queues({"query_concurrency": 4})
    tickets = [_reader(place, slots=2) for place in range(4)]
    for ticket in tickets:
        queues.enter(ticket, 0.0)
    queues.changed()
    queues.configure(read('[{"query_concurrency": 2}]'), 1.0)
    assert [one.state for one in tickets] == ["running", "running", "queued", "queued"]
    queues.leave(tickets[0], 2.0)
    assert tickets[2].state == "queued"
    queues.leave(tickets[1], 3.0)
    assert tickets[2].state == "running"
    queues.configure(read('[{"query_concurrency": 1}]'), 4.0)
    assert tickets[3].state == "rejected" and tickets[3] in queues.changed()


def _predicate(metric: str, operator: str, value: float) -> dict[str, object]:
    return {"metric_name": metric, "operator": operator, "value": value}
