"""Where a capture stands: what each transaction of its output stores beside the rows.

Received from the runner; handed to the output, and to the source once it is durable.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from boathouse.capture.changes import Position, TablePath
from boathouse.capture.output import Output, Progress, Writer
from boathouse.capture.source import Distance, Source
from boathouse.capture.window import Window
from boathouse.contracts.clock import Clock


class Place:
    """Of one run.

    Args:
        idle_seconds: after which it is stored though nothing came.

    Attributes:
        position: behind the last whole transaction that was taken.
        stored_at: when a transaction of the output was committed last, by the steady clock.
    """

    position: Position

    def __init__(self, source: Source, output: Output, window: Window, clock: Clock, idle_seconds: float) -> None:
        self._source, self._output, self._window, self._clock = source, output, window, clock
        self._distance, self._idle_seconds = Distance(source, clock), idle_seconds
        self.stored_at = 0.0

    def progress(self, **more: Any) -> Progress:
        """What is to be stored with it; `more` as of `Progress`."""
        lag = self._distance.look(self.position, self._window.table, self._window.remembered)
        return Progress(str(self.position), self._settled(), lag=lag, **more)

    def store(self, progress: Progress) -> None:
        """Without rows."""
        self.transact(lambda writer: progress)

    def idle(self) -> None:
        """Nothing came: store that, where it is time to."""
        if self._clock.monotonic() - self.stored_at >= self._idle_seconds:
            self.store(self.progress())

    def transact(self, work: Callable[[Writer], Progress]) -> None:
        """What it does is durable; then the source may forget what came before."""
        self._output.transact(work)
        self._source.acknowledge(self.position)
        self.stored_at = self._clock.monotonic()

    def skip(self, position: Position, paths: Collection[TablePath], failed: Collection[TablePath]) -> None:
        """The next run goes on from there, with all tables to dump: how they lie is looked at as if for the first time."""

        def work(writer: Writer) -> Progress:
            for path in () if self._output.knows_rows else paths:
                writer.truncate(path)
            redump, unsettled = frozenset(paths) - frozenset(failed), tuple(self._window.unsettled)
            return Progress(str(position), unsettled, redump=redump, layouts=dict.fromkeys(paths, ""))

        self._output.transact(work)

    def _settled(self) -> tuple[int, ...]:
        """What was handed on and may still be invisible to reads."""
        if self._window.unsettled:
            self._window.settle(self._source.snapshot())
        return tuple(self._window.unsettled)
