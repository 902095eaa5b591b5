"""The warehouse as it was, as the rooms above the engine see it: kept, brought back and read."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from boathouse.contracts.relations import Relation

if TYPE_CHECKING:
    from boathouse.contracts.engine import EngineSession


@dataclass(frozen=True, slots=True)
class Instant:
    """A moment between two commits: all that were committed by `since` had been, and nothing else until `at`, both in UTC."""

    since: datetime
    at: datetime


Between = Callable[[Callable[[], None]], "Instant | None"]
"""Does something in a moment at which nothing is being committed; None, and it is not done, where there was none for long."""


@dataclass(frozen=True, slots=True)
class Kept:
    """The warehouse as it was once.

    Attributes:
        place: by which `Snapshots` knows it.
        bytes: that it takes, or shares with the warehouse.
        instant: when it was so; None where that is not known exactly.
    """

    place: str
    bytes: int
    instant: Instant | None = None


@dataclass(frozen=True, slots=True)
class Restored:
    """What a table that comes back from a snapshot is to be.

    Attributes:
        source, target: (schema, name) then and now; nothing of the target's name is there.
        facts: of the table's note, in place of those it had then: `oid`, `owner`.
        unique: a text never given before.
    """

    source: tuple[str, str]
    target: tuple[str, str]
    facts: Mapping[str, object]
    unique: str


class Snapshots(Protocol):
    """Keeps the warehouse as it is, while statements go on.

    What `keep` and `forget` do holds once the caller's transaction, which notes it, has ended and `settle` has been told how.
    """

    def watch(self, between: Between) -> None:
        """Name who knows of all commits that change what users have."""
        ...

    def keep(self, session: EngineSession, check: Callable[[], None]) -> Kept:
        """Keep all that is committed now.

        Args:
            check: called often; raises where the caller has been cancelled.

        Raises:
            DiskFull, StorageError: nothing of it is left then.
        """
        ...

    def forget(self, place: str) -> None:
        """Let one go."""
        ...

    def settle(self, place: str, *, committed: bool) -> None:
        """The transaction that noted it has ended. Never raises."""
        ...

    def sweep(self, noted: Collection[str]) -> None:
        """At start: finish what the end of the last process cut off, by what the warehouse has noted."""
        ...

    def restore(self, session: EngineSession, place: str, table: Restored) -> int | None:
        """Make a table with the rows that it had then, in the session's transaction; how many, or None: there was none."""
        ...

    def relation_at(self, session: EngineSession, relation: Relation, place: str) -> Relation:
        """A table of now with the columns that it had then, and a `Past`. Until `release`, which follows where this does not
        raise, the engine knows it by its name.

        Raises:
            UndefinedTable: it was not there. ObjectNotInPrerequisiteState: the snapshot is gone.
            FeatureNotSupported: the snapshot has not got its rows.
        """
        ...

    def release(self, place: str) -> None:
        """Nothing that one `relation_at` gave is read any more, or has yet to begin. Never raises."""
        ...

    def rest(self) -> None:
        """Now and then: give back what reading has left at hand."""
        ...
