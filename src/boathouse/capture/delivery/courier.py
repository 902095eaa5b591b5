"""One output's own thread: it reads the journal behind the place that the output has, delivers, and stores how far it is.

Receives committed entries; hands them to the destination in their order. A failure is tried again for as long as the output's
policy says; what that means for the others is decided here: `admit` lets the integration wait, or gives the output up.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

from boathouse.capture import catalog
from boathouse.capture.catalog import Integration
from boathouse.capture.delivery import registered
from boathouse.capture.delivery.destination import Delivery, Destination, Opening
from boathouse.capture.delivery.journal import Journal
from boathouse.capture.formats.formatter import Changes, Place
from boathouse.capture.output import Declared, OutputState
from boathouse.contracts.errors import BoathouseError
from boathouse.contracts.house import House
from boathouse.contracts.source_errors import OutputUnavailable

log = logging.getLogger(__name__)

_STORE_SECONDS = 1.0
"""Between two stores of the place while there is more to deliver."""


class Courier:
    """Delivers to one output.

    Args:
        state: as stored.
        tidy: called when the place that is stored has moved.
        is_over: True once nothing may be delivered any more.
        epoch: with which alone the place may be stored; None for any.

    Attributes:
        state: how far it is; `stored`: how far it would be after a crash.
    """

    def __init__(
        self, house: House, integration: Integration, declared: Declared, journal: Journal, state: OutputState,
        tidy: Callable[[], None], is_over: Callable[[], bool] = lambda: False, epoch: int | None = None,
    ) -> None:  # fmt: skip
        self.declared, self.state, self.stored = declared, state, state
        self._house, self._integration, self._journal, self._tidy = house, integration, journal, tidy
        self._is_over, self._epoch = is_over, epoch
        self._failing = ""
        self._stored_at = 0.0
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def is_new(self) -> bool:
        """True where nothing of it is stored yet: everything must be dumped."""
        return self.state.state == "new"

    @property
    def is_taking(self) -> bool:
        """False once it was given up for its failures."""
        return self.state.state != "dropped"

    @property
    def place(self) -> Place:
        """The last place that the output has."""
        return Place(self.state.sequence, self.state.number)

    def begin(self, entry: int, position: str) -> OutputState:
        """An output that is new gets what comes behind an entry; what to store with the commit."""
        return OutputState(entry + 1, position, number=-1)

    def start(self, state: OutputState | None = None) -> None:
        """Deliver from now on, unless it does or was given up."""
        if state is not None:
            self.state = self.stored = state
        if self._thread is None and self.is_taking and not self.is_new:
            self._thread = threading.Thread(target=self._go, name=f"deliver-{self.declared.name}", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Ask it to end."""
        self._stopping.set()
        self._journal.wake()

    def wait(self, seconds: float) -> None:
        """Until it has ended."""
        if self._thread is not None:
            self._thread.join(seconds)

    def admit(self) -> bool:
        """May the integration take more? False: not yet, and nothing is wrong.

        Raises:
            OutputUnavailable: the place cannot be written, and everything is to wait for it.
        """
        if self.declared.on_failure == "block" and self._failing:
            raise OutputUnavailable(f'the output "{self.declared.name}" failed: {self._failing}')
        return self.declared.on_failure != "block" or self._journal.bytes_behind(self.place) <= self._bytes_max

    @property
    def _has_ended(self) -> bool:
        return self._stopping.is_set() or self._is_over()

    @property
    def _bytes_max(self) -> int:
        return int(self._house.settings["capture"].park_bytes_max)

    def _go(self) -> None:
        pause = 0.1
        while not self._has_ended and self.is_taking:
            reached, message = self.place, ""
            try:
                self._deliver_until_stopped()
            except BoathouseError as failure:
                message = failure.message
            except Exception:
                log.exception("the output %s failed by a defect", self.declared.name)
                message = "it failed by a defect; the log has more"
            if message and not self._has_ended:
                pause = 0.1 if self.place > reached else pause
                try:
                    self._failed(message)
                except BoathouseError as failure:
                    log.warning("how the output %s goes cannot be stored: %s", self.declared.name, failure.message)
                self._stopping.wait(pause)
                pause = min(2 * pause, self._house.settings["capture"].retry_seconds_max)

    def _failed(self, message: str) -> None:
        behind = self._journal.bytes_behind(self.place)
        parks = self.declared.on_failure == "park" and behind <= self._bytes_max
        state = "blocked" if self.declared.on_failure == "block" else "parked" if parks else "dropped"
        if self.state.state != state:
            level = logging.ERROR if state == "dropped" else logging.WARNING
            log.log(level, "the output %s is %s: %s", self.declared.name, state, message)
        self._failing = message
        self._store(replace(self.state, state=state, message=message, behind=behind))

    def _deliver_until_stopped(self) -> None:
        destination: Destination | None = None
        try:
            while not self._has_ended:
                if not self._journal.wait(self.state.sequence - 1, 1.0 if self.state == self.stored else 0.1):
                    if self.state != self.stored:
                        self._store(self.state)
                    continue
                committed = self._journal.committed
                entries = self._journal.entries(self.place)
                if not entries:  # an instance before this one left out numbers
                    self._caught_up(committed)
                    continue
                if destination is None:
                    opening = self.opening()
                    destination = registered.kind_of(self.declared).open(opening)
                for delivery, last in self.deliveries(opening, entries):
                    if self._has_ended:
                        return
                    destination.deliver(delivery)
                    self._delivered(last)
                self._caught_up(entries[-1])
        finally:
            if destination is not None:
                destination.close()

    def deliveries(self, opening: Opening, entries: list[int]) -> Iterator[tuple[Delivery, Place]]:
        """What is to be delivered, each with the last place in it."""
        made = partial(Delivery, opening.integration, self.declared.name, opening.identity, formatter=opening.formatter)
        kind = registered.kind_of(self.declared)
        rows = kind.rows
        if rows is None:
            for entry in entries:
                yield made(self._journal.read(entry, Place(entry, -1))), Place(entry + 1, -1)
            return
        rows = int(opening.options.get("batch_rows", rows)) or 1
        for together in [[entry] for entry in entries] if kind.same_batches else [entries]:
            ahead: list[Changes] = []
            for gathered in self._gathered(opening, together, rows):
                if ahead:
                    yield made(ahead), ahead[-1].last
                ahead = gathered
            if ahead:
                yield made(ahead, is_whole=kind.same_batches), ahead[-1].last

    def _gathered(self, opening: Opening, entries: list[int], rows: int) -> Iterator[list[Changes]]:
        mixes = opening.formatter is None or opening.formatter.mixes_tables
        gathered: list[Changes] = []
        for changes in (one for entry in entries for one in self._journal.read(entry, self.place)):
            other = bool(gathered) and (gathered[0].path, gathered[0].version) != (changes.path, changes.version)
            if gathered and other and not mixes:
                yield gathered
                gathered = []
            rest: Changes | None = changes
            while rest is not None:
                room = max(rows - sum(map(len, gathered)), 1)
                gathered.append(rest.head(room))
                rest = rest.behind(gathered[-1].last)
                if rest is not None or sum(map(len, gathered)) >= rows:
                    yield gathered
                    gathered = []
        if gathered:
            yield gathered

    def opening(self) -> Opening:
        """What its destination is made from."""
        kind = registered.kind_of(self.declared)
        return Opening(
            self._house,
            self._integration.name,
            self._integration.slot,
            self.declared,
            registered.options_of(kind, self.declared),
            registered.secret_of(self._house, self.declared),
            registered.formatter_of(kind, self.declared),
            self._stopping.wait,
        )

    def _delivered(self, last: Place) -> None:
        """Raises OutputUnavailable: more waits than may, though nothing failed."""
        self._failing = ""
        self.state = replace(self.state, sequence=last.entry, number=last.number, state="running", message="")
        if self._house.clock.monotonic() - self._stored_at >= _STORE_SECONDS:
            behind = self._journal.bytes_behind(last)
            self._store(replace(self.state, behind=behind))
            if self.declared.on_failure != "block" and behind > self._bytes_max:
                raise OutputUnavailable(f"it is too slow: {behind} bytes wait for it")

    def _caught_up(self, entry: int) -> None:
        self.state = replace(self.state, sequence=entry + 1, number=-1, behind=0)

    def _store(self, state: OutputState) -> None:
        engine = self._house.engine.session()
        try:
            catalog.move_output(engine, self._integration.id, self.declared.name, state, self._epoch)
        finally:
            engine.close()
        self.state = self.stored = state
        self._stored_at = self._house.clock.monotonic()
        self._tidy()
        self._journal.wake()
