"""Where a capture without a warehouse stands: the part that the warehouse has otherwise, with the rows going nowhere.

Receives the runner's work through `several`, after which the journal has what the outputs are to be told; stores position, dump
progress and the journal's last number in one transaction of the state, where the epoch is still ours.

Instances that follow each other write into one journal. Each begins its numbers apart from those before, and what is left out
stands with the position: so a late entry of an instance that was overtaken is never taken for one of its successor's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pyarrow as pa

from boathouse.capture import catalog
from boathouse.capture.catalog import Integration
from boathouse.capture.changes import ChangeBatch, TablePath, TableSchema, Transaction
from boathouse.capture.delivery.journal import Journal
from boathouse.capture.output import Progress, Writer
from boathouse.contracts.house import House
from boathouse.contracts.source_errors import Fenced, SourceRefused

APART = 1_000
"""Between the numbers of one writer and those of the next."""


class StoredOutput:
    """See `capture.output.Output`.

    Args:
        house: its engine's sessions are the state's.
        epoch: of the election.
        journal: of the other outputs.
    """

    def __init__(self, house: House, integration: Integration, epoch: int, journal: Journal) -> None:
        self._house, self._integration, self._epoch, self._journal = house, integration, epoch, journal

    @property
    def is_new(self) -> bool:
        """See `Output`; the others say it."""
        return False

    @property
    def knows_rows(self) -> bool:
        """See `Output`."""
        return False

    def open(self) -> Progress | None:
        """See `Output`.

        Raises:
            SourceRefused: the journal lacks what an output has not had.
        """
        number, engine = self._integration.id, self._house.engine.session()
        try:
            _, progress = catalog.take_over(engine, number, self._epoch)
            if progress is None:
                return None
            states = {
                name: state
                for name, state in catalog.output_states(engine, number).items()
                if state.state not in ("new", "dropped") and name in {one.name for one in self._integration.outputs}
            }
            first = min((state.sequence for state in states.values()), default=progress.journal + 1)
            gaps = [gap for gap in catalog.journal_gaps(engine, number) if gap[1] >= first]
            if gaps and progress.journal <= gaps[-1][1]:  # nothing came since the last take-over
                gaps[-1] = (gaps[-1][0], gaps[-1][1] + APART)
            else:
                gaps.append((progress.journal, progress.journal + APART))
            if not catalog.store_journal_gaps(engine, number, self._epoch, gaps):
                raise Fenced(f'a later instance of "{self._integration.name}" has taken over')
        finally:
            engine.close()
        self._journal.gaps = tuple(gaps)
        missing = self._journal.missing(first, progress.journal)
        if missing:
            late = ", ".join(sorted(name for name, state in states.items() if state.sequence <= missing[-1]))
            raise SourceRefused(
                f"the journal lacks entry {missing[0]}, which these outputs have not had: {late}",
                hint="Every instance must reach the same journal. If it is lost, rename those outputs: they begin anew.",
            )
        return replace(progress, journal=gaps[-1][1])

    def make(self, schema: TableSchema) -> bool:
        """See `Output`."""
        return False

    def capture(self, paths: list[TablePath]) -> None:
        """See `Output`."""
        engine = self._house.engine.session()
        try:
            catalog.note_tables(engine, self._integration, paths)
        finally:
            engine.close()

    def sweep(self, dump: int, path: TablePath) -> bool:
        """See `Output`. Nobody here knows what the outputs have."""
        return False

    def swept(self, dump: int) -> None:
        """See `Output`."""

    def transact(self, work: Callable[[Writer], Progress]) -> None:
        """See `Output`."""
        progress = work(Nowhere())
        engine = self._house.engine.session()
        try:
            engine.begin()
            try:
                now = self._house.clock.now()
                if not catalog.store(engine, self._integration.id, self._epoch, progress, now):
                    raise Fenced(f'a later instance of "{self._integration.name}" has taken over')
                engine.commit()
            except BaseException:
                engine.rollback()
                raise
        finally:
            engine.close()


class Nowhere:
    """The writer of a warehouse that there is not; see `capture.output.Writer`."""

    def write(self, batch: ChangeBatch) -> bool:
        """See `Writer`. Outputs are told which values a change does not tell."""
        return True

    def truncate(self, path: TablePath, transaction: Transaction | None = None) -> None:
        """See `Writer`."""

    def found(self, dump: int, schema: TableSchema, rows: pa.RecordBatch) -> None:
        """See `Writer`."""

    def ghosts(self, dump: int, schema: TableSchema) -> ChangeBatch | None:
        """See `Writer`."""
        return None

    def shape(self, schema: TableSchema) -> object:
        """See `Writer`."""
        return None
