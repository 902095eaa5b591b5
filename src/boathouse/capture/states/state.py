"""Where a capture stands when its output is not the warehouse: a small SQL database with the room's own tables.

The words of the entry-point group `boathouse.capture.states`: a value is called with what opens the store, and answers a session
in which the statements of `capture.catalog` and `capture.dumps` run as they do in the warehouse. So one transaction holds
position, dump progress, requests and the writer's epoch, wherever it lies.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

from boathouse.capture import catalog


class StateSession(Protocol):
    """One session of a store; for one thread at a time. Errors are `StateUnavailable`, `Fenced` where a later writer came."""

    def begin(self) -> None:
        """Begin a transaction."""
        ...

    def commit(self) -> None:
        """Make it durable.

        Raises:
            Fenced: somebody has changed what it decided on, as a later writer does. StateUnavailable: it may be durable or
            not; the next session says which.
        """
        ...

    def rollback(self) -> None:
        """Give it up."""
        ...

    def execute(self, sql: str, parameters: Sequence[object] = ()) -> int:
        """Run a statement, with `$1`, `$2`, …; the number of rows that it changed."""
        ...

    def fetch(self, sql: str, parameters: Sequence[object] = ()) -> list[tuple[object, ...]]:
        """Run a statement and return its rows."""
        ...

    def close(self) -> None:
        """End the session; from any thread, harmless when repeated."""
        ...


class OpenState(Protocol):
    """The value of an entry point.

    Args:
        name: the capture's; two of different names share nothing.
        given: what its definition says, and the secret that this names.
    """

    def __call__(self, name: str, given: Mapping[str, str]) -> StateSession: ...


TERMS = (
    "CREATE TABLE IF NOT EXISTS boathouse.capture_terms (name VARCHAR PRIMARY KEY, holder VARCHAR NOT NULL, "
    "epoch BIGINT NOT NULL, beat BIGINT NOT NULL)"
)
"""Who is active (nobody: an empty text), how often that has changed, and how often anything was said of it."""

_ADD = re.compile(r"ALTER TABLE boathouse\.(\w+) ADD COLUMN IF NOT EXISTS (\w+) (.*)")


def plain(sql: str) -> str:
    """A statement of the room's, without the macro that the warehouse needs for a sequence."""
    return sql.replace("memory.rs.next_number(", "nextval(")


def definitions() -> Iterator[tuple[str, tuple[str, str] | None]]:
    """What makes the room's tables, in order; with (table, column) where it adds a column that may be there."""
    for one in (*catalog.TABLES, TERMS):
        found = _ADD.fullmatch(one)
        yield one, (found[1], found[2]) if found else None
