"""What an output besides the warehouse must be able to do, and what it is made of: the words of the entry-point group
`boathouse.capture.outputs`.

A kind is registered under the scheme of the places that it takes: `TO 'kafka://…'` is of the kind `kafka`. Called by
`delivery.courier`, each destination by one thread of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from boathouse.capture.formats.formatter import Changes, Formatter, Message, Place
from boathouse.capture.output import Declared, Option
from boathouse.contracts.house import House


@dataclass(frozen=True)
class Opening:
    """What a destination is made from.

    Attributes:
        integration: its name.
        source: what its stream is known by; another integration of that name has another.
        options: every option of the kind with its value.
        secret: of the name that was declared; empty where none was.
        formatter: None where the kind has formats of its own.
        pause: waits so many seconds; True, at once, when it is to be given up.
    """

    house: House
    integration: str
    source: str
    declared: Declared
    options: Mapping[str, Option]
    secret: Mapping[str, str]
    formatter: Formatter | None
    pause: Callable[[float], bool]

    @property
    def identity(self) -> str:
        """Names the output among all that there ever were."""
        return f"{self.source}.{self.declared.name}"


@dataclass(frozen=True)
class Delivery:
    """Changes to be delivered at once.

    Attributes:
        changes: in the order of their places; may be read once where the kind takes whole entries.
        is_whole: True where every transaction of the source that was told of by now has been told of whole; said by kinds with
            `same_batches`.
    """

    integration: str
    output: str
    identity: str
    changes: Iterable[Changes]
    formatter: Formatter | None
    is_whole: bool = False

    def messages(self) -> Iterator[Message]:
        """Each change in the declared format."""
        assert self.formatter is not None
        for one in self.changes:
            yield from self.formatter.messages(one)

    def body(self) -> bytes:
        """All changes in the declared format."""
        assert self.formatter is not None
        return self.formatter.body(self.listed)

    @property
    def listed(self) -> Sequence[Changes]:
        """The changes."""
        assert isinstance(self.changes, list)
        return self.changes

    @property
    def key(self) -> str:
        """Names the delivery among all that there ever were; where the kind says `same_batches`, also when it comes again."""
        return f"{self.identity}/{self.first}-{self.last}"

    @property
    def first(self) -> Place:
        """The place of the first change."""
        return self.listed[0].first

    @property
    def last(self) -> Place:
        """The place of the last change."""
        return self.listed[-1].last


class Destination(Protocol):
    """An open output. Any error of its methods is a failure; it is closed, and opened anew for the next try."""

    def deliver(self, delivery: Delivery) -> None:
        """Durable at the other side when it returns. What was delivered before may come again, in the same order, after a
        failure or a crash: whoever can tell by the places drops it.

        Raises:
            OutputUnavailable: what a user is to read; anything else is told as a defect.
        """
        ...

    def close(self) -> None:
        """Let go of everything, without waiting."""
        ...


def _no_check(house: House, declared: Declared) -> None:
    return None


@dataclass(frozen=True)
class OutputKind:
    """A kind of output: the value of an entry point.

    Attributes:
        open: makes a destination, and connects it.
        guarantee: what receivers can count on, in a few words, for `svv_integration_output`.
        formats: words of formats of its own, the first of which is the default; empty for those of the formatters.
        per_change: it takes formats that make a message of each change.
        options: every option with its default, whose type values must have.
        same_batches: what comes again comes in the same deliveries as before, for none reaches over the end of an entry.
        rows: changes of one delivery at most; None: a delivery is always one whole entry, read as it is needed.
        check: called when an output is declared.
    """

    open: Callable[[Opening], Destination]
    guarantee: str
    formats: tuple[str, ...] = ()
    per_change: bool = False
    options: Mapping[str, Option] = field(default_factory=dict)
    same_batches: bool = False
    rows: int | None = 1_000
    check: Callable[[House, Declared], None] = _no_check
