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

from boathouse.capture import catalog, dumps, schemas
from boathouse.capture.catalog import Integration
from boathouse.capture.changes import ChangeBatch, TablePath, TableSchema, Transaction
from boathouse.capture.delivery import entries
from boathouse.capture.delivery.journal import Journal
from boathouse.capture.output import Progress, Writer
from boathouse.capture.outputs.keys import ToldKeys
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
        sweeps: what a dump does not find is deleted at its end; for that the keys are kept beside the journal.
    """

    def __init__(self, house: House, integration: Integration, epoch: int, journal: Journal, *, sweeps: bool) -> None:
        self._house, self._integration, self._epoch, self._journal = house, integration, epoch, journal
        self._sweeps, self._keys = sweeps, None if not sweeps else ToldKeys(journal.folder, epoch)
        self._columns: dict[TablePath, dict[str, str]] = {}

    @property
    def is_new(self) -> bool:
        """See `Output`; the others say it."""
        return False

    @property
    def knows_rows(self) -> bool:
        """See `Output`."""
        return self._keys is not None

    def open(self) -> Progress | None:
        """See `Output`.

        Raises:
            SourceRefused: the journal lacks what an output has not had.
        """
        number, engine = self._integration.id, self._house.engine.session()
        try:
            self._columns = schemas.columns(engine, number)
            _, progress = catalog.take_over(engine, number, self._epoch)
            last = entries.last_entry(engine, number)
            if progress is None and not last:
                return None
            states = {
                name: state
                for name, state in catalog.output_states(engine, number).items()
                if state.state not in ("new", "dropped") and name in {one.name for one in self._integration.outputs}
            }
            first = min((state.sequence for state in states.values()), default=last + 1)
            known = entries.journal_gaps(engine, number)
            gaps = [
                gap for gap in known if gap[1] >= first or gap is known[-1]
            ]  # behind the last one outputs may be already
            if gaps and last <= gaps[-1][1]:  # nothing came since the last take-over
                gaps[-1] = (gaps[-1][0], gaps[-1][1] + APART)
            else:
                gaps.append((last, last + APART))
            if not entries.store_journal_gaps(engine, number, self._epoch, gaps):
                raise Fenced(f'a later instance of "{self._integration.name}" has taken over')
        finally:
            engine.close()
        self._journal.gaps, self._journal.committed = tuple(gaps), gaps[-1][1]
        missing = self._journal.missing(first, last)
        if missing:
            late = ", ".join(sorted(name for name, state in states.items() if state.sequence <= missing[-1]))
            raise SourceRefused(
                f"the journal lacks entry {missing[0]}, which these outputs have not had: {late}",
                hint="Every instance must reach the same journal. If it is lost, rename those outputs: they begin anew.",
            )
        return None if progress is None else replace(progress, journal=gaps[-1][1])

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
        """See `Output`."""
        if self._keys is None or not self._keys.has(path):
            return False
        engine = self._house.engine.session()
        try:
            dumps.sweep(engine, dump)
        finally:
            engine.close()
        return True

    def swept(self, dump: int) -> None:
        """See `Output`. The next dump has another number."""

    def close(self) -> None:
        """Let go of the keys."""
        if self._keys is not None:
            self._keys.close()

    def transact(self, work: Callable[[Writer], Progress]) -> None:
        """See `Output`."""
        writer = Nowhere(self._columns, self._keys)
        try:
            progress = work(writer)
            if self._keys is not None:
                self._keys.commit()
        finally:
            if self._keys is not None:
                self._keys.rollback()
        progress = replace(progress, redump=progress.redump | writer.redump - progress.failed.keys())
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
    """The writer of a warehouse that there is not; see `capture.output.Writer`.

    Args:
        columns: each table's, with their types at the source, as they were told last; kept up.
        keys: those that were told; None where nobody keeps them.

    Attributes:
        redump: tables that have a column which older rows were told without.
    """

    def __init__(self, columns: dict[TablePath, dict[str, str]], keys: ToldKeys | None = None) -> None:
        self._columns, self._keys, self.redump = columns, keys, set[TablePath]()
        self._seen: TableSchema | None = None

    def write(self, batch: ChangeBatch) -> bool:
        """See `Writer`. Outputs are told which values a change does not tell."""
        self.shape(batch.schema)
        if self._keys is not None:
            self._keys.write(batch)
        return True

    def truncate(self, path: TablePath, transaction: Transaction | None = None) -> None:
        """See `Writer`."""
        if self._keys is not None:
            self._keys.truncate(path)

    def found(self, dump: int, schema: TableSchema, rows: pa.RecordBatch) -> None:
        """See `Writer`."""
        if self._keys is not None:
            self._keys.found(dump, schema, rows)

    def ghosts(self, dump: int, schema: TableSchema) -> ChangeBatch | None:
        """See `Writer`."""
        return None if self._keys is None else self._keys.ghosts(dump, schema)

    def shape(self, schema: TableSchema) -> bool:
        """See `Writer`."""
        if schema is not self._seen:
            self._seen = schema
            now, before = {one.name: one.source_type for one in schema.columns}, self._columns.get(schema.path)
            if before is not None and any(before.get(name) != type_ for name, type_ in now.items()):
                self.redump.add(schema.path)
            self._columns[schema.path] = now
        return False
