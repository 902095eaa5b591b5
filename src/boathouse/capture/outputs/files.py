"""Captured changes as files of a lake: every change a row, in the log's order, by table and day, Parquet or JSON Lines.

Receives what the warehouse receives, within the warehouse's transaction. A transaction's files are written into the house's
own `capture` folder and made durable there, then put into their place under names that begin with the transaction's number;
the number is stored by the warehouse's commit. What a crash left beyond the stored number is taken away at the next start,
so that each change stands in the place once.
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from boathouse.capture.output import FileOutput, OutputState
from boathouse.capture.outputs.spooled import Format, Spool
from boathouse.contracts.errors import BoathouseError
from boathouse.contracts.house import House
from boathouse.contracts.source_errors import OutputUnavailable
from boathouse.lake.places import absolute, folder_of
from boathouse.lake.storage import storage_for
from boathouse.sql.statements import Credentials

log = logging.getLogger(__name__)


@dataclass
class FilesOutput:
    """One destination of an integration.

    Args:
        spec: as the user declared it.
        state: as stored.
        number: the integration's.
    """

    house: House
    number: int
    spec: FileOutput
    state: OutputState

    def __post_init__(self) -> None:
        self._place = folder_of(absolute(self.house, self.spec.place))
        self._folder = self.house.home / "capture" / f"{self.number}-{self.spec.name}"
        self._made: Spool | None = None
        self._next = self.state

    @property
    def is_taking(self) -> bool:
        """False once it was dropped for its failures."""
        return self.state.state != "dropped"

    def open(self) -> None:
        """Take away what no commit has stored.

        Raises:
            OutputUnavailable: the place cannot be reached, and everything is to wait for it.
        """
        for sequence, folder in self._spooled():
            if sequence > self.state.sequence:
                shutil.rmtree(folder)
        if not self.is_taking:
            return
        try:
            storage = storage_for(self.house, self._place, Credentials())
            extra = [file.path for file in storage.list(self._place) if _sequence(file.path) > self.state.sequence]
            storage.delete(extra)
        except BoathouseError as failure:
            self._next = self._failed(failure, self.state)
            self.state = self._next

    def begin(self) -> Spool:
        """Somewhere to write the next transaction's changes."""
        folder = self._folder / f"{self.state.sequence + 1:012d}"
        self._made = Spool(folder, self.state.sequence + 1, Format(self.spec.format), self.house.clock.now())
        return self._made

    def finish(self, position: str) -> OutputState:
        """Make what was written durable, and put it into its place; what to store with the commit.

        Raises:
            OutputUnavailable: everything is to wait for the place.
        """
        assert self._made is not None
        if self._made.close():
            self._next = replace(self.state, sequence=self.state.sequence + 1, position=position)
        else:
            self._next = replace(self.state, position=position)
        try:
            self._publish()
            self._next = replace(self._next, state="running", message="", behind=0)
        except BoathouseError as failure:
            self._next = self._failed(failure, self._next)
        return self._next

    def settle(self) -> None:
        """The commit is durable."""
        self.state = self._next
        if not self.is_taking:
            shutil.rmtree(self._folder, ignore_errors=True)

    def give_up(self) -> None:
        """The transaction was not committed."""
        if self._made is not None:
            self._made.close()

    def _publish(self) -> None:
        storage = storage_for(self.house, self._place, Credentials())
        for _, folder in self._spooled():
            for file in sorted(path for path in folder.rglob("*") if path.is_file()):
                storage.write_file(file, self._place + file.relative_to(folder).as_posix())
            shutil.rmtree(folder)

    def _failed(self, failure: BoathouseError, state: OutputState) -> OutputState:
        if self.spec.on_failure == "block":
            raise OutputUnavailable(f'the output "{self.spec.name}" failed: {failure.message}') from failure
        behind = sum(
            path.stat().st_size for _, folder in self._spooled() for path in folder.rglob("*") if path.is_file()
        )
        limit = self.house.settings["capture"].park_bytes_max
        parked = self.spec.on_failure == "park" and behind <= limit
        log.warning("the output %s %s: %s", self.spec.name, "is parked" if parked else "is dropped", failure.message)
        return replace(state, state="parked" if parked else "dropped", message=failure.message, behind=behind)

    def _spooled(self) -> Iterator[tuple[int, Path]]:
        if self._folder.is_dir():
            for folder in sorted(self._folder.iterdir()):
                yield int(folder.name), folder


def _sequence(path: str) -> int:
    """The number of the transaction that a file is of; 0 for files of others."""
    first = path.rsplit("/", 1)[-1].partition("-")[0]
    return int(first) if len(first) == 12 and first.isdigit() else 0
