"""One of any number of instances of a capture without a warehouse: it waits until it is elected, captures for as long as its
term holds, and waits again.

Receives a definition; the work is `run.Runner`'s, the same as within a server.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import cast

from boathouse.capture import catalog
from boathouse.capture.catalog import Integration
from boathouse.capture.delivery.journal import Journal
from boathouse.capture.elections.election import Term
from boathouse.capture.instances.definition import Definition
from boathouse.capture.instances.registry import declare_outputs, next_epoch, registered_as, turn
from boathouse.capture.outputs.direct import DirectOutput
from boathouse.capture.outputs.several import SeveralOutputs
from boathouse.capture.outputs.stored import StoredOutput
from boathouse.capture.run import Runner
from boathouse.capture.settings import CaptureSettings
from boathouse.capture.sources import open_source
from boathouse.capture.states.pool import StatePool
from boathouse.contracts.engine import Engine, EngineSession
from boathouse.contracts.errors import BoathouseError
from boathouse.contracts.house import House
from boathouse.contracts.source_errors import Fenced, StateUnavailable, told

log = logging.getLogger(__name__)


class Instance:
    """See the module.

    Args:
        house: with a home of the instance's own; its engine is never used.
        say: told in one line what it does now.
    """

    def __init__(self, house: House, definition: Definition, say: Callable[[str], None]) -> None:
        self._house, self._definition, self._say = house, definition, say
        self._stopping = threading.Event()
        self._turn: tuple[int, bool] = (0, False)
        self._looked_at = 0.0
        self._is_active_now = False

    @property
    def is_active(self) -> bool:
        """True while it is the one that captures, or is to capture and cannot."""
        return self._is_active_now

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
                    self._is_active_now = True
                    self._act(term)
                except BoathouseError as failure:
                    if not failure.retryable:
                        raise
                    self._say(f"it goes on later: {failure.message}")
                    self._stopping.wait(1.0)
                finally:
                    self._is_active_now = False
                    if term is not None:
                        term.resign()
        finally:
            if election is not None:
                election.close()

    def _act(self, term: Term | None) -> None:
        """Capture for as long as the term holds, with sessions of the state that are opened anew where they broke."""
        pool = StatePool(self._definition.open_state)
        try:
            while self._is_held(term):
                self._again(term, lambda: self._capture(term, pool), (Fenced,))
        finally:
            pool.close()

    def _capture(self, term: Term | None, pool: StatePool) -> None:
        state = pool.session()
        engine = cast(EngineSession, state)
        try:
            integration = registered_as(state, self._definition, self._house)
            self._turn = turn(engine, integration.id)
            if self._turn[1]:
                self._wait_for_resume(term, engine, integration)
                return
            declare_outputs(engine, integration, is_told=self._definition.journal is None)
            epoch = term.epoch if term is not None else next_epoch(state, integration.id)
            output = self._output(integration, engine, pool, epoch, term)
            try:
                self._say(f"active, epoch {epoch}")
                self._again(
                    term, lambda: self._run(integration, engine, pool, output, term), (Fenced, StateUnavailable),
                    lambda how, message: catalog.note_state(engine, integration, how, message, self._house.clock.now()),
                )  # fmt: skip
            finally:
                output.close()
        finally:
            state.close()

    def _output(
        self, integration: Integration, engine: EngineSession, pool: StatePool, epoch: int, term: Term | None
    ) -> DirectOutput | SeveralOutputs:
        if self._definition.journal is None:
            return DirectOutput(self._house, integration, engine, epoch, lambda: self._is_held(term))
        house = replace(self._house, engine=cast(Engine, pool))  # what the room's functions use of one, a pool has
        journal = Journal(self._definition.journal / integration.name, integration.name, integration.slot)
        stored = StoredOutput(house, integration, epoch, journal, sweeps=self._definition.sweeps)
        return SeveralOutputs(house, integration, stored, lambda: not self._is_held(term), journal, epoch)

    def _run(
        self, integration: Integration, engine: EngineSession, pool: StatePool, output: DirectOutput | SeveralOutputs,
        term: Term | None,
    ) -> None:  # fmt: skip
        source = open_source(self._house, integration)
        try:
            Runner(
                integration, source, output, engine, self._house.clock, self._house.settings["capture"],
                lambda: not self._is_held(term) or self._is_to_turn(pool, integration.id),
            ).run()  # fmt: skip
        finally:
            source.close()

    def _wait_for_resume(self, term: Term | None, engine: EngineSession, integration: Integration) -> None:
        self._say("paused")
        while self._is_held(term) and turn(engine, integration.id) == self._turn:
            self._stopping.wait(self._house.settings["capture"].poll_seconds)

    def _is_to_turn(self, pool: StatePool, number: int) -> bool:
        """True where somebody has asked since that it waits, goes on, or begins anew; asked of the state now and then."""
        now = self._house.clock.monotonic()
        if now - self._looked_at >= self._house.settings["capture"].poll_seconds:
            self._looked_at = now
            session = pool.session()
            try:
                return turn(cast(EngineSession, session), number) != self._turn
            finally:
                session.close()
        return False

    def _again(
        self, term: Term | None, work: Callable[[], None], passed: tuple[type[BoathouseError], ...],
        note: Callable[[str, str], None] = lambda how, message: None,
    ) -> None:  # fmt: skip
        """Do work until it ends in order, with pauses after failures that time may mend.

        Args:
            passed: kinds of failures that are not for here.
            note: told how it goes.
        """
        settings: CaptureSettings = self._house.settings["capture"]
        pause = 0.5
        while self._is_held(term):
            began = self._house.clock.monotonic()
            note("running", "")
            try:
                work()
                return
            except passed:
                raise
            except BoathouseError as failure:
                note("retrying" if failure.retryable else "failed", told(failure))
                if not failure.retryable:
                    raise
                self._say(f"it goes on later: {failure.message}")
            if self._house.clock.monotonic() - began > settings.retry_seconds_max:
                pause = 0.5
            self._stopping.wait(pause)
            pause = min(2 * pause, settings.retry_seconds_max)

    def _is_held(self, term: Term | None) -> bool:
        return not self._stopping.is_set() and (term is None or term.holds)
