"""The SQL cursors that one session has open: each a result whose rows wait until FETCH takes some.

Filled by DECLARE (and by procedures that open a refcursor); read by FETCH; ended by the transaction. What waits is the
engine's own result, detached to a file when the session runs something else, so a cursor holds no more than a few
batches in memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pyarrow as pa

from boathouse.contracts.answers import Field, Rows
from boathouse.contracts.errors import DuplicateObject, UndefinedCursor
from boathouse.contracts.observing import CursorFacts


@dataclass(slots=True)
class Cursor:
    """One open cursor.

    Attributes:
        fields, batches: of its query; batches are pulled by FETCH.
        facts: what others may know of it.
        hold: WITH HOLD: outlives the transaction that commits it.
        committed: True once that transaction has; then no rollback takes it away.
        left: rows pulled and not yet fetched.
    """

    fields: tuple[Field, ...]
    batches: Iterator[pa.RecordBatch]
    facts: CursorFacts
    hold: bool = False
    committed: bool = False
    left: pa.RecordBatch | None = None

    def take(self, count: int | None) -> Iterator[pa.RecordBatch]:
        """Up to `count` rows from where the cursor stands; all that is left for None."""
        wanted = count
        while wanted is None or wanted > 0:
            batch = self.left if self.left is not None else next(self.batches, None)
            self.left = None
            if batch is None:
                return
            if wanted is not None and batch.num_rows > wanted:
                self.left = batch.slice(wanted)
                batch = batch.slice(0, wanted)
            if wanted is not None:
                wanted -= batch.num_rows
            if batch.num_rows:
                self.facts.fetched += batch.num_rows
                yield batch

    def close(self) -> None:
        """Free the engine's result."""
        self.left = None
        self.batches.close()  # type: ignore[attr-defined]


class OpenCursors:
    """A session's cursors by name.

    Args:
        describe: the facts of a new one of that name.
    """

    def __init__(self, describe: Callable[[str], CursorFacts]) -> None:
        self._describe = describe
        self._open: dict[str, Cursor] = {}
        self.facts: dict[str, CursorFacts] = {}
        """Of those that are open; read from other threads."""
        self._unnamed = 0

    def open(self, name: str, rows: Rows, *, hold: bool = False) -> None:
        """Open a cursor over a result.

        Raises:
            DuplicateObject: 42P03, a cursor of that name is open.
        """
        if name in self._open:
            rows.batches.close()  # type: ignore[attr-defined]
            raise DuplicateObject(f'cursor "{name}" already exists', sqlstate="42P03")
        self.facts[name] = self._describe(name)
        self._open[name] = Cursor(rows.fields, rows.batches, self.facts[name], hold)

    def require_free(self, name: str) -> None:
        """As `open` would complain, before the query has run."""
        if name in self._open:
            raise DuplicateObject(f'cursor "{name}" already exists', sqlstate="42P03")

    def unused_name(self) -> str:
        """A name for a cursor that was given none."""
        while True:
            self._unnamed += 1
            name = f"<unnamed portal {self._unnamed}>"
            if name not in self._open:
                return name

    def get(self, name: str) -> Cursor:
        """The cursor of that name.

        Raises:
            UndefinedCursor
        """
        found = self._open.get(name)
        if found is None:
            raise UndefinedCursor(f'cursor "{name}" does not exist')
        return found

    def fields(self, name: str) -> tuple[Field, ...] | None:
        """A cursor's columns; None where none of that name is open."""
        found = self._open.get(name)
        return None if found is None else found.fields

    def fetch(self, name: str, count: int | None) -> Rows:
        """FETCH: the next rows, pulled by the endpoint."""
        found = self.get(name)
        return Rows(found.fields, found.take(count), "FETCH")

    def close(self, name: str) -> None:
        """CLOSE name."""
        self.get(name).close()
        del self._open[name], self.facts[name]

    def close_all(self) -> None:
        """CLOSE ALL, and the session's end."""
        while self._open:
            name, cursor = self._open.popitem()
            self.facts.pop(name, None)
            cursor.close()

    def committing(self) -> None:
        """The transaction is about to commit: what it does not leave behind need not be read to its end."""
        for name, cursor in [*self._open.items()]:
            if not cursor.hold:
                self.close(name)

    def ended(self, *, committed: bool) -> None:
        """The transaction has ended."""
        for name, cursor in [*self._open.items()]:
            cursor.committed = cursor.committed or (cursor.hold and committed)
            if not cursor.committed:
                self.close(name)
