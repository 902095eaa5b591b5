"""The warehouse and any number of other outputs as one: what one transaction takes, the journal of the others has before it is
committed.

Receives the runner's work. The warehouse comes first: what it refuses goes nowhere. Others are told after the commit, each by
its courier; an output that everything is to wait for holds back the next transaction, never one that is open.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pyarrow as pa

from boathouse.capture import catalog, schemas
from boathouse.capture.catalog import Integration
from boathouse.capture.changes import ChangeBatch, TablePath, TableSchema, Transaction
from boathouse.capture.delivery.courier import Courier
from boathouse.capture.delivery.journal import Entry, Journal
from boathouse.capture.output import Output, OutputState, Progress, Writer
from boathouse.capture.schemas import Versions
from boathouse.contracts.house import House

_STOP_SECONDS = 20.0
_LOOK_SECONDS = 0.2


class SeveralOutputs:
    """See `capture.output.Output`.

    Args:
        warehouse: whose transaction it is.
        is_stopping: asked while an output holds everything back, and before each delivery.
        journal: where it is not the home's.
        epoch: see `Courier`.
    """

    def __init__(
        self, house: House, integration: Integration, warehouse: Output, is_stopping: Callable[[], bool],
        journal: Journal | None = None, epoch: int | None = None,
    ) -> None:  # fmt: skip
        self._house, self._integration, self._warehouse = house, integration, warehouse
        self._is_stopping = is_stopping
        self._journal = journal_of(house, integration) if journal is None else journal
        engine = house.engine.session()
        try:
            states = catalog.output_states(engine, integration.id)
        finally:
            engine.close()
        self._couriers = [
            Courier(
                house, integration, one, self._journal, states.get(one.name, OutputState(state="new")), self._tidy,
                is_over=is_stopping, epoch=epoch,
            )
            for one in integration.outputs
        ]  # fmt: skip
        self._versions = Versions({}, {})

    @property
    def is_new(self) -> bool:
        """See `Output`."""
        return any(courier.is_new for courier in self._couriers)

    @property
    def knows_rows(self) -> bool:
        """See `Output`."""
        return self._warehouse.knows_rows

    def open(self) -> Progress | None:
        """See `Output`. The first entry of a journal has a number above those of every journal before it."""
        progress = self._warehouse.open()
        committed = progress.journal if progress is not None else 0
        self._journal.open(committed or self._journal.committed or int(self._house.clock.now().timestamp() * 100))
        engine = self._house.engine.session()
        try:
            number = self._integration.id
            self._versions = Versions(schemas.latest(engine, number), schemas.columns(engine, number))
        finally:
            engine.close()
        for courier in self._couriers:
            courier.start()
        self._tidy()
        return progress

    def make(self, schema: TableSchema) -> bool:
        """See `Output`. Others need no making."""
        return self._warehouse.make(schema)

    def capture(self, paths: list[TablePath]) -> None:
        """See `Output`."""
        self._warehouse.capture(paths)

    def sweep(self, dump: int, path: TablePath) -> bool:
        """See `Output`. What the warehouse has too much of, all of them are told to delete."""
        return self._warehouse.sweep(dump, path)

    def swept(self, dump: int) -> None:
        """See `Output`."""
        self._warehouse.swept(dump)

    def transact(self, work: Callable[[Writer], Progress]) -> None:
        """See `Output`.

        Raises:
            OutputUnavailable: an output that everything is to wait for cannot be written.
        """
        while not all(courier.admit() for courier in self._couriers) and not self._is_stopping():
            self._journal.wait_for_change(_LOOK_SECONDS)
        entry: Entry | None = None
        begun: dict[str, OutputState] = {}
        number = self._journal.committed

        def everywhere(writer: Writer) -> Progress:
            nonlocal entry, number
            entry = self._journal.begin(self._house.clock.now()) if self._is_taking else None
            progress = work(Everywhere(writer, entry, self._versions))
            number = self._journal.committed + (1 if entry is not None and entry.close() else 0)
            for courier in self._couriers:
                if courier.is_new:
                    begun[courier.declared.name] = courier.begin(self._journal.committed, progress.position)
            return replace(progress, outputs=begun, journal=number, schemas=tuple(self._versions.new))

        try:
            self._warehouse.transact(everywhere)
        except BaseException:
            if entry is not None:
                entry.end()
            raise
        self._versions.new.clear()
        for courier in self._couriers:
            courier.start(begun.get(courier.declared.name))
        self._journal.commit(number)

    def close(self) -> None:
        """Deliver no more; what has not been delivered waits in the journal."""
        for courier in self._couriers:
            courier.stop()
        for courier in self._couriers:
            courier.wait(_STOP_SECONDS)
        self._warehouse.close()

    @property
    def _is_taking(self) -> bool:
        return any(courier.is_taking for courier in self._couriers)

    def _tidy(self) -> None:
        entries = [courier.stored.sequence for courier in self._couriers if courier.is_taking]
        if not any(courier.is_new for courier in self._couriers):
            self._journal.forget(min(entries, default=self._journal.committed + 1) - 1)


def journal_of(house: House, integration: Integration) -> Journal:
    """The journal of an integration."""
    return Journal(house.home / "capture" / str(integration.id), integration.name, integration.slot)


class Everywhere:
    """See `capture.output.Writer`."""

    def __init__(self, warehouse: Writer, entry: Entry | None, versions: Versions) -> None:
        self._warehouse, self._entry, self._versions = warehouse, entry, versions

    def write(self, batch: ChangeBatch) -> bool:
        """See `Writer`."""
        whole = self._warehouse.write(batch) and not self._versions.has_moved(batch.schema)
        if len(batch):
            version = self._versions.of(batch)
            if self._entry is not None:
                self._entry.write(batch, version)
        return whole

    def truncate(self, path: TablePath, transaction: Transaction | None = None) -> None:
        """See `Writer`."""
        self._warehouse.truncate(path, transaction)
        if self._entry is not None:
            self._entry.truncate(path, transaction, self._versions.number(path))

    def found(self, dump: int, schema: TableSchema, rows: pa.RecordBatch) -> None:
        """See `Writer`."""
        self._warehouse.found(dump, schema, rows)

    def ghosts(self, dump: int, schema: TableSchema) -> ChangeBatch | None:
        """See `Writer`."""
        return self._warehouse.ghosts(dump, schema)

    def shape(self, schema: TableSchema) -> bool:
        """See `Writer`. Each batch says its own shape."""
        self._warehouse.shape(schema)
        return self._versions.has_moved(schema)
