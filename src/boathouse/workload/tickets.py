"""A statement's way through the queues, a queue as it stands, and what timeouts and rules say: the nouns of `queues`.

Received: what sessions tell of a statement. Handed on: where it waits or runs; changed by `queues` alone.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Any, Literal

from boathouse.workload.configuration import Claimant, Kind, Queue
from boathouse.workload.rules import Rule

State = Literal["new", "queued", "running", "returning", "bursting", "evicting", "rejected", "done"]


@dataclass(slots=True, eq=False)
class Ticket:
    """One statement's way through the queues.

    Attributes:
        task: the statement's number.
        slots: how many it takes.
        is_restartable: nothing is lost when it is given up and begun anew.
        may_burst: it can run beside the house, where its queue lets it. request: what it would ask for there.
        queue: where it waits or runs.
        entered: when it came to this queue.
        started: when it began to run; None before.
        rows: sent to the client so far; counted by whoever sends them.
        share: of the engine's memory, 0 to 1, given when it began to run.
        timeout_seconds: of the queue when it began to run.
        next: where it goes when it has been evicted.
        owner: of no meaning here.
    """

    task: int
    kind: Kind
    claimant: Claimant
    slots: int = 1
    is_restartable: bool = False
    owner: Any = None
    may_burst: bool = False
    request: Any = field(default=None, repr=False)
    state: State = "new"
    entered: float = 0.0
    started: float | None = None
    rows: int = 0
    share: float = 0.0
    timeout_seconds: float = 0.0
    next: Queue | None = None
    acted: set[str] = field(default_factory=set)
    _line: Line | None = None

    @property
    def queue(self) -> Queue:
        """Where it waits or runs."""
        assert self._line is not None
        return self._line.queue

    @property
    def is_waiting(self) -> bool:
        """True while it may not run."""
        return self.state == "queued"


@dataclass(slots=True, eq=False)
class Line:
    """A queue as it stands. The counts are of all time."""

    queue: Queue
    waiting: deque[Ticket] = field(default_factory=deque)
    running: dict[Ticket, None] = field(default_factory=dict)
    bursting: dict[Ticket, None] = field(default_factory=dict)
    serviced: int = 0
    executed: int = 0
    evicted: int = 0

    @property
    def taken(self) -> int:
        """Slots that are held; more than there are, while a smaller configuration comes in."""
        return sum(one.slots for one in self.running)

    @property
    def free(self) -> int:
        """Slots that may be given."""
        return self.queue.slots - self.taken


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a timeout or a rule wants done with a statement.

    Attributes:
        rule: None for the queue's timeout.
        action: as `stl_wlm_rule_action` has it; `none`: another rule's was more severe.
        queue: where it ran.
    """

    ticket: Ticket
    rule: Rule | None
    action: Literal["log", "hop(reassign)", "hop(restart)", "abort", "none"]
    queue: Queue
