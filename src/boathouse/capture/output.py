"""Where captured changes go: one transaction holds rows, position, dump progress and the writer's epoch, or nothing.

Called by `capture.run`: `open` once, then `begin` → `write`, `truncate`, … → `commit`, again and again. The output is the
authority on where the capture stands: what `open` says is where the source's stream is started.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from boathouse.capture.changes import ChangeBatch, TablePath, TableSchema


@dataclass(frozen=True, slots=True)
class Progress:
    """What becomes durable together with the rows.

    Attributes:
        position: the text of the place behind the last whole transaction.
        unsettled: numbers of transactions that have been emitted and that new reads of the source may not see yet; see
            `capture.window`.
        dumps: dump number → where its next chunk begins (`Chunk.after`); None where it is complete.
    """

    position: str
    unsettled: tuple[int, ...] = ()
    dumps: dict[int, tuple[str, ...] | None] = field(default_factory=dict)


class Output(Protocol):
    """One destination of one capture."""

    def open(self) -> tuple[int, Progress | None]:
        """Take over: every earlier writer's commits fail from now on.

        Returns:
            The new epoch, and what is durable; None where nothing is yet.
        """
        ...

    def shape(self, schema: TableSchema) -> bool:
        """Make the destination's table so that it takes rows of this shape, outside of `begin` … `commit`.

        Returns:
            True where rows that are there already lack something now (a column came): the table must be dumped again.
        """
        ...

    def begin(self, epoch: int) -> None:
        """Begin a transaction.

        Raises:
            Fenced: a later writer has taken over.
        """
        ...

    def write(self, batch: ChangeBatch) -> None:
        """Apply rows, after those written before."""
        ...

    def truncate(self, path: TablePath) -> None:
        """Empty a table."""
        ...

    def commit(self, progress: Progress) -> None:
        """Make all since `begin` durable, with this progress. An error leaves it unknown whether it is: `open` again."""
        ...

    def rollback(self) -> None:
        """Give up what was begun; harmless where nothing was."""
        ...
