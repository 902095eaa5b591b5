"""A capture without a warehouse: each transaction is delivered to every output, and then where the capture stands is stored.

Receives the runner's work, as the warehouse would. What is not stored is delivered again, by this instance or by the next one, so
that every output has each change at least once, and in the log's order by its position and ordinal. The store refuses an
instance that was overtaken, and whatever that one still delivers stands at places before all that the later ones deliver.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from boathouse.capture import catalog, schemas
from boathouse.capture.catalog import Integration
from boathouse.capture.changes import TablePath, TableSchema
from boathouse.capture.delivery import registered
from boathouse.capture.delivery.courier import Courier
from boathouse.capture.delivery.destination import Destination, Opening
from boathouse.capture.delivery.journal import Journal
from boathouse.capture.output import OutputState, Progress, Writer
from boathouse.capture.outputs.several import Everywhere
from boathouse.capture.outputs.stored import APART, Nowhere
from boathouse.capture.schemas import Versions
from boathouse.contracts.engine import EngineSession
from boathouse.contracts.house import House
from boathouse.contracts.source_errors import Fenced


class DirectOutput:
    """See `capture.output.Output`.

    Args:
        house: its home is where an entry lies while it is delivered.
        epoch: of the election.
        holds: False once this instance may no longer be the active one.
    """

    def __init__(
        self, house: House, integration: Integration, state: EngineSession, epoch: int, holds: Callable[[], bool]
    ) -> None:
        self._house, self._integration, self._epoch, self._holds = house, integration, epoch, holds
        self._engine = state
        self._journal = Journal(house.home / "capture" / integration.name, integration.name, integration.slot)
        self._couriers = [
            Courier(house, integration, one, self._journal, OutputState(), lambda: None) for one in integration.outputs
        ]
        self._destinations: dict[str, tuple[Opening, Destination]] = {}
        self._versions = Versions({}, {})
        self._columns: dict[TablePath, dict[str, str]] = {}

    @property
    def is_new(self) -> bool:
        """See `Output`. An output that is added later gets what changes from then on, until somebody asks for a dump."""
        return False

    @property
    def knows_rows(self) -> bool:
        """See `Output`."""
        return False

    def open(self) -> Progress | None:
        """See `Output`."""
        self.close()
        _, progress = catalog.take_over(self._engine, self._integration.id, self._epoch)
        self._journal.open(0)
        self._journal.commit((0 if progress is None else progress.journal) + APART)
        self._columns = schemas.columns(self._engine, self._integration.id)
        self._versions = Versions(schemas.latest(self._engine, self._integration.id), self._columns)
        return progress

    def make(self, schema: TableSchema) -> bool:
        """See `Output`."""
        return False

    def capture(self, paths: list[TablePath]) -> None:
        """See `Output`."""
        catalog.note_tables(self._engine, self._integration, paths)

    def sweep(self, dump: int, path: TablePath) -> bool:
        """See `Output`. Nobody here knows what the outputs have."""
        return False

    def swept(self, dump: int) -> None:
        """See `Output`."""

    def transact(self, work: Callable[[Writer], Progress]) -> None:
        """See `Output`.

        Raises:
            OutputUnavailable: one of the outputs could not be written.
        """
        now = self._house.clock.now()
        entry = self._journal.begin(now)
        try:
            writer = Nowhere(self._columns)
            progress = work(Everywhere(writer, entry, self._versions))
            if entry.close():
                self._journal.commit(entry.number)
                for courier in self._couriers:
                    self._deliver(courier, entry.number)
        finally:
            entry.end()
        redump = progress.redump | writer.redump - progress.failed.keys()
        whole = replace(progress, redump=redump, journal=self._journal.committed, schemas=tuple(self._versions.new))
        self._engine.begin()
        try:
            if not catalog.store(self._engine, self._integration.id, self._epoch, whole, now):
                raise Fenced(f'a later instance of "{self._integration.name}" has taken over')
            self._engine.commit()
        except BaseException:
            self._engine.rollback()
            raise
        self._versions.new.clear()
        self._journal.forget(self._journal.committed)

    def close(self) -> None:
        """Let go of the outputs."""
        for _, destination in self._destinations.values():
            destination.close()
        self._destinations.clear()

    def _deliver(self, courier: Courier, entry: int) -> None:
        name = courier.declared.name
        if name not in self._destinations:
            opening = courier.opening()
            self._destinations[name] = (opening, registered.kind_of(courier.declared).open(opening))
        opening, destination = self._destinations[name]
        for delivery, _ in courier.deliveries(opening, [entry]):
            if not self._holds():
                raise Fenced(f'this instance of "{self._integration.name}" is no longer the active one')
            destination.deliver(delivery)
