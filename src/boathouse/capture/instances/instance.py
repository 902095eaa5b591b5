"""One of any number of instances of a capture without a warehouse: it waits until it is elected, captures for as long as its
term holds, and waits again.

Receives a definition; the work is `run.Runner`'s, the same as within a server.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable
from typing import cast

from boathouse.capture import catalog, dumps
from boathouse.capture.catalog import Integration
from boathouse.capture.dumps import Request
from boathouse.capture.elections.election import Term
from boathouse.capture.instances.definition import Definition
from boathouse.capture.outputs.direct import DirectOutput
from boathouse.capture.run import Runner
from boathouse.capture.settings import CaptureSettings
from boathouse.capture.sources import open_source
from boathouse.capture.states.state import StateSession
from boathouse.contracts.engine import EngineSession
from boathouse.contracts.errors import BoathouseError, UndefinedObject
from boathouse.contracts.house import House
from boathouse.contracts.source_errors import Fenced

log = logging.getLogger(__name__)

_ALONE = 1
"""The epoch of an instance that nobody stands beside; the store counts it up."""


class Instance:
    """See the module.

    Args:
        house: with a home of the instance's own; its engine is never used.
        say: told in one line what it does now.
    """

    def __init__(self, house: House, definition: Definition, say: Callable[[str], None]) -> None:
        self._house, self._definition, self._say = house, definition, say
        self._stopping = threading.Event()

    def stop(self) -> None:
        """Ask it to end; from any thread."""
        self._stopping.set()

    def run(self) -> None:
        """Go on until asked to stop.

        Raises:
            BoathouseError: what its owner must mend.
        """
        election = self._definition.open_election()
        try:
            while not self._stopping.is_set():
                term = None
                try:
                    if election is not None:
                        self._say("standing by")
                        term = election.campaign(self._stopping.wait)
                        if term is None:
                            return
                    self._act(term)
                except BoathouseError as failure:
                    if not failure.retryable:
                        raise
                    self._say(f"it goes on later: {failure.message}")
                    self._stopping.wait(1.0)
                finally:
                    if term is not None:
                        term.resign()
        finally:
            if election is not None:
                election.close()

    def _act(self, term: Term | None) -> None:
        """Capture for as long as the term holds."""
        settings: CaptureSettings = self._house.settings["capture"]
        pause = 0.5
        while self._is_active(term):
            began = self._house.clock.monotonic()
            try:
                self._capture(term)
                return
            except Fenced:
                raise
            except BoathouseError as failure:
                if not failure.retryable:
                    raise
                self._say(f"it goes on later: {failure.message}")
            if self._house.clock.monotonic() - began > settings.retry_seconds_max:
                pause = 0.5
            self._stopping.wait(pause)
            pause = min(2 * pause, settings.retry_seconds_max)

    def _capture(self, term: Term | None) -> None:
        state = self._definition.open_state()
        engine = cast(EngineSession, state)
        try:
            integration = registered_as(state, self._definition, self._house)
            source = open_source(self._house, integration)
            epoch = term.epoch if term is not None else _next_epoch(state, integration.id)
            output = DirectOutput(self._house, integration, state, epoch, lambda: self._is_active(term))
            try:
                self._say(f"active, epoch {epoch}")
                Runner(
                    integration, source, output, engine, self._house.clock, self._house.settings["capture"],
                    lambda: not self._is_active(term),
                ).run()  # fmt: skip
            finally:
                output.close()
                source.close()
        finally:
            state.close()

    def _is_active(self, term: Term | None) -> bool:
        return not self._stopping.is_set() and (term is None or term.holds)


def registered_as(state: StateSession, definition: Definition, house: House) -> Integration:
    """The capture with the number that the store knows it by."""
    rows = state.fetch("SELECT id FROM boathouse.capture_integrations WHERE name = $1", (definition.name,))
    if not rows:
        tables = None if definition.tables is None else json.dumps(definition.tables)
        state.execute(
            "INSERT INTO boathouse.capture_integrations (id, name, owner, kind, secret, slot, tables, target, paused, "
            "generation, created) VALUES (nextval('boathouse.capture_ids'), $1, '', $2, $3, $1, $4, '', false, 0, $5)",
            (definition.name, definition.kind, definition.secret, tables, house.clock.now().replace(tzinfo=None)),
        )
        rows = state.fetch("SELECT id FROM boathouse.capture_integrations WHERE name = $1", (definition.name,))
    return Integration(
        int(str(rows[0][0])), definition.name, "", definition.kind, definition.secret, definition.name, definition.tables,
        "", False, 0, None, definition.outputs,
    )  # fmt: skip


def ask(house: House, definition: Definition, request: Request) -> None:
    """Ask something of the dumps of a capture; the active instance takes it.

    Raises:
        UndefinedObject: it has never run, or captures no such table. StateUnavailable: its store cannot be reached.
    """
    state = definition.open_state()
    engine = cast(EngineSession, state)
    try:
        integration = registered_as(state, definition, house)
        if request.path is not None and request.path not in catalog.tables(engine, integration.id):
            schema, table = request.path
            raise UndefinedObject(f'table "{schema}.{table}" is not captured by "{definition.name}"')
        dumps.ask(engine, integration.id, request)
    finally:
        state.close()


def _next_epoch(state: StateSession, number: int) -> int:
    rows = state.fetch("SELECT epoch FROM boathouse.capture_progress WHERE id = $1", (number,))
    return int(str(rows[0][0])) + 1 if rows else _ALONE
