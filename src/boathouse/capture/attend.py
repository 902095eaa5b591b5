"""The integrations that are to run, each in a thread of its own, while the house serves.

Receives the house; starts, stops and restarts `run.Runner`s after what the catalog says, and notes how each goes. A source
that cannot be reached is tried again by itself; what its owner must mend waits for ALTER INTEGRATION … RESUME.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from boathouse.capture import catalog, dumps
from boathouse.capture.catalog import Integration
from boathouse.capture.delivery.declared import declare
from boathouse.capture.delivery.journal import tidy
from boathouse.capture.output import Output
from boathouse.capture.outputs.several import SeveralOutputs
from boathouse.capture.outputs.warehouse import WarehouseOutput
from boathouse.capture.run import Runner
from boathouse.capture.source import Source
from boathouse.capture.sources import open_source
from boathouse.capture.statements import forget_dropped
from boathouse.capture.steering import Said, declare_integrations
from boathouse.contracts.engine import EngineSession
from boathouse.contracts.errors import BoathouseError, InternalError, SerializationFailure
from boathouse.contracts.house import House, keep_books
from boathouse.contracts.rooms import RunAs
from boathouse.contracts.source_errors import Fenced, WarehouseUnavailable, told

log = logging.getLogger(__name__)

_STOP_SECONDS = 30.0
_AGAIN_SECONDS = 1.0
_WATCHED = ("capture_integrations", "capture_outputs", "capture_states", "capture_removals")
"""Tables that a look reads."""


class Attendance:
    """The thread of one integration."""

    def __init__(self, house: House, run: RunAs, integration: Integration) -> None:
        self.integration = integration
        self._house, self._run = house, run
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._go, name=f"capture-{integration.name}", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Ask it to end."""
        self._stopping.set()

    def wait(self) -> None:
        """Until it has."""
        self._thread.join(_STOP_SECONDS)

    def _go(self) -> None:
        while not self._stopping.is_set():
            try:
                warehouse = WarehouseOutput(self._house, self._run, self.integration)
                outputs = SeveralOutputs(self._house, self.integration, warehouse, self._stopping.is_set)
            except WarehouseUnavailable as failure:
                self._cannot_be_stored(failure)
                continue
            try:
                return self._go_on(outputs)
            finally:
                outputs.close()

    def _go_on(self, outputs: Output) -> None:
        settings = self._house.settings["capture"]
        pause = 0.5
        while not self._stopping.is_set():
            began = self._house.clock.monotonic()
            failure = self._run_once(outputs)
            if failure is None:
                return
            if self._house.clock.monotonic() - began > settings.retry_seconds_max:
                pause = 0.5
            retry = failure.retryable and not isinstance(failure, Fenced)
            self._note("retrying" if retry else "failed", told(failure))
            if not retry:
                return
            self._stopping.wait(pause)
            pause = min(2 * pause, settings.retry_seconds_max)

    def _run_once(self, output: Output) -> BoathouseError | None:
        engine: EngineSession | None = None
        source: Source | None = None
        try:
            engine = self._house.engine.session()
            source = open_source(self._house, self.integration)
            asked = _changes(self._house, engine, dumps.WATCHED)
            self._note("running", "")
            Runner(
                self.integration, source, output, engine, self._house.clock, self._house.settings["capture"],
                self._stopping.is_set, asked, takes_turns=self._house.engine.history is not None, wait=self._stopping.wait,
            ).run()  # fmt: skip
            return None
        except BoathouseError as failure:
            log.warning("integration %s: %s", self.integration.name, told(failure))
            return failure
        except Exception:
            log.exception("integration %s failed", self.integration.name)
            return InternalError("the capture failed by a defect")
        finally:
            for one in (source, engine):
                if one is not None:
                    one.close()

    def _note(self, state: str, message: str) -> None:
        """Tried until it is stored: what came to an end here may be what the warehouse could not be reached for."""
        while True:
            try:
                engine = self._house.engine.session()
                try:
                    return catalog.note_state(engine, self.integration, state, message, self._house.clock.now())
                finally:
                    engine.close()
            except BoathouseError as failure:
                self._cannot_be_stored(failure)
                if self._stopping.is_set():
                    return None

    def _cannot_be_stored(self, failure: BoathouseError) -> None:
        log.warning("how integration %s goes cannot be stored: %s", self.integration.name, failure.message)
        self._stopping.wait(_AGAIN_SECONDS)


def attend(house: House, run: RunAs, pause: Callable[[float], bool]) -> None:
    """Go on until `pause` says that the house stops."""
    running: dict[int, Attendance] = {}
    said, left = Said(), Left()
    engine = house.engine.session()
    changed, wanted = _changes(house, engine, _WATCHED), None
    try:
        while True:
            now = (house.settings.get("integrations"), house.settings.get("outputs"))
            try:
                if changed() or wanted != now:
                    wanted = now if _look(house, run, engine, running, said, left) else None
            except WarehouseUnavailable as failure:  # what runs tries again by itself
                log.warning("integrations cannot be looked at: %s", failure.message)
                wanted = None
            if pause(house.settings["capture"].poll_seconds):
                return
    finally:
        for one in running.values():
            one.stop()
        for one in running.values():
            one.wait()
        engine.close()


def _changes(house: House, engine: EngineSession, tables: Collection[str]) -> Callable[[], bool]:
    """Whether tables may have changed since the last call; always, where to ask is as dear as to read them."""
    return (lambda: True) if house.engine.history is None else house.engine.history.changes(engine, tables)


@dataclass
class Left:
    """What dropped integrations may have left.

    Attributes:
        seen: the integrations of the last look, and of those before it what is left of them here.
        later: by slot: when its source is tried next, and the pause after that.
    """

    seen: set[int] = field(default_factory=lambda: {0})
    later: dict[str, tuple[float, float]] = field(default_factory=dict)


def _look(
    house: House, run: RunAs, engine: EngineSession, running: dict[int, Attendance], said: Said, left: Left
) -> bool:
    """True where nothing is left that has to be tried again."""
    said.begin()
    declare_integrations(house, run, engine, said)
    known = catalog.integrations(engine)
    if declare(house, engine, known, said):
        known = catalog.integrations(engine)
    wanted = {one.id: one for one in known if not one.paused}
    for number, attendance in list(running.items()):
        if wanted.get(number) != attendance.integration:
            attendance.stop()
            attendance.wait()
            del running[number]
    for number, integration in wanted.items():
        if number not in running and catalog.failed_generation(engine, number) != integration.generation:
            running[number] = Attendance(house, run, integration)
    removed = remove(house, engine, left)
    there = {one.id for one in known}
    tidy(house.home / "capture", list(there))
    left.seen |= there
    if left.seen != there:
        try:
            keep_books(house, engine, lambda: forget_dropped(engine))
        except SerializationFailure:
            return False
        left.seen &= there
    return removed and not said.is_any


def remove(house: House, engine: EngineSession, left: Left) -> bool:
    """What dropped integrations have left at their sources; True once it is gone. A source that does not answer holds up the
    others more and more seldom."""
    gone, pause_max = True, house.settings["capture"].retry_seconds_max
    for integration in catalog.removals(engine):
        at, pause = left.later.get(integration.slot, (0.0, _AGAIN_SECONDS))
        if house.clock.monotonic() < at:
            gone = False
            continue
        try:
            source = open_source(house, integration)
            try:
                source.drop()
            finally:
                source.close()
        except BoathouseError as failure:
            log.warning("the slot %s is still there: %s", integration.slot, failure.message)
            gone = False
            left.later[integration.slot] = (house.clock.monotonic() + pause, min(2 * pause, pause_max))
        else:
            catalog.removed(engine, integration.slot)
            left.later.pop(integration.slot, None)
    return gone
