"""What may be asked of a capture without a warehouse, by the command line and over HTTP: how it goes, its schemas, its dumps.

Receives a home's definition; every answer comes from the capture's state, so that any home with the definition may ask,
and not only the active instance's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, cast

from boathouse.capture import catalog
from boathouse.capture.catalog import Integration
from boathouse.capture.delivery import entries
from boathouse.capture.delivery.journal import Journal
from boathouse.capture.formats.formatter import Place
from boathouse.capture.instances import measures, registry, status
from boathouse.capture.instances.definition import Definition
from boathouse.capture.sources import open_source
from boathouse.contracts.engine import EngineSession
from boathouse.contracts.errors import FeatureNotSupported, UndefinedObject
from boathouse.contracts.house import House
from boathouse.sql.parse import parse_statement
from boathouse.sql.statements import AlterIntegration


class AskedCapture:
    """See the module.

    Args:
        house: a home with the definition.
    """

    def __init__(self, house: House, definition: Definition) -> None:
        self._house, self._definition = house, definition

    def rows(self, view: str, where: Mapping[str, str]) -> list[dict[str, Any]]:
        """What a view of a warehouse would show."""
        with self._opened() as (engine, integration):
            found = status.rows(engine, integration, view, self._house.clock.now())
        return [one for one in found if all(one.get(name) == value for name, value in where.items())]

    def give(self, statement: str) -> None:
        """Carry out an ALTER INTEGRATION.

        Raises:
            UndefinedObject: of another capture, or a table that is not captured.
        """
        told = parse_statement(statement)
        assert isinstance(told, AlterIntegration)
        if told.name != self._definition.name:
            raise UndefinedObject(f'there is no capture "{told.name}" here')
        with self._opened() as (engine, integration):
            registry.ask(engine, integration, told)

    def send_again(self, output: str) -> str:
        """See `registry.send_again`."""
        with self._opened() as (engine, integration):
            return registry.send_again(engine, integration, output)

    def begin_anew(self) -> None:
        """Give up the place in the log, with what the source keeps for it. Rows that have gone meanwhile are deleted at the end
        of the dumps, where the keys are kept.

        Raises:
            SourceUnavailable: an instance reads the log now, or the source cannot be reached.
        """
        with self._opened() as (engine, integration):
            source = open_source(self._house, integration)
            try:
                source.drop()
            finally:
                source.close()
            registry.begin_anew(engine, integration)

    def waiting(self, output: str) -> Iterator[tuple[int, str, int, int]]:
        """What the journal keeps for an output: entry, table, changes in it, and how many of them the output has not had.

        Raises:
            UndefinedObject: there is no such output. FeatureNotSupported: there is no journal.
        """
        if self._definition.journal is None:
            raise FeatureNotSupported(
                "without a journal nothing waits for an output: it is told before the position is stored"
            )
        with self._opened() as (engine, integration):
            states = {one["output_name"]: one["output_state"] for one in status.rows(
                engine, integration, "svv_integration_output", self._house.clock.now())}  # fmt: skip
            if output not in states:
                raise UndefinedObject(f'"{integration.name}" has no output "{output}"')
            state = catalog.output_states(engine, integration.id)[output]
            journal = Journal(self._definition.journal / integration.name, integration.name, integration.slot)
            journal.gaps = tuple(entries.journal_gaps(engine, integration.id))
            journal.commit(entries.last_entry(engine, integration.id))
        place = Place(state.sequence, state.number)
        for entry in journal.entries(place) if state.state not in ("new", "dropped") else ():
            for changes in journal.read(entry, place):
                yield entry, ".".join(changes.path), changes.first.number, len(changes)

    def metrics(self) -> bytes:
        """See `measures`."""
        with self._opened() as (engine, _):
            return measures.render(engine, self._house.clock.now())

    def is_stalled(self) -> bool:
        """True where nothing was stored for longer than the definition lets pass."""
        with self._opened() as (engine, integration):
            if registry.turn(engine, integration.id)[1]:
                return False
            lag = status.lag_seconds(engine, integration.id, self._house.clock.now())
            return lag is not None and lag > self._definition.http["stall_seconds"]

    @contextmanager
    def _opened(self) -> Iterator[tuple[EngineSession, Integration]]:
        state = self._definition.open_state()
        try:
            yield cast(EngineSession, state), registry.registered_as(state, self._definition, self._house)
        finally:
            state.close()
