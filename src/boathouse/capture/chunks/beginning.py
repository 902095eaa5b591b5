"""When a dump of a whole table may begin to read: once reads see all that the log has not told, and will not, of the table.

Asked by the runner, before the first chunk of each dump.
"""

from __future__ import annotations

from collections.abc import Collection, MutableMapping

from boathouse.capture.changes import TablePath
from boathouse.capture.dumps import Dump, Turns
from boathouse.capture.output import Output
from boathouse.capture.source import LOOK_SECONDS, Source
from boathouse.contracts.clock import Clock


class Beginning:
    """Of the dumps of one run.

    Args:
        turns: where a dump that has to wait for others' transactions lets the next one go first.
    """

    def __init__(self, source: Source, output: Output, clock: Clock, turns: Turns) -> None:
        self._source, self._output, self._clock, self._turns = source, output, clock, turns
        self._number, self._waiting = 0, set[int]()

    def may(self, dump: Dump, sweeps: MutableMapping[TablePath, int], unsettled: Collection[int]) -> bool:
        """True once reads see every change that was handed on before anybody noted what the dump's sweep must spare: the
        greatest key that they find then is one that none of those changes is beyond.

        Args:
            sweeps: the dumps that will delete what they do not find; this one is added where it will.
            unsettled: what was handed on, and reads may not see yet.
        """
        others = self._source.waits_for(dump.path)
        if others:
            reason = f"it waits for transactions that changed the table before the log told of it: {others}"
            self._turns.hold(dump, self._clock.monotonic() + LOOK_SECONDS, reason)
            return False
        if self._number != dump.number:
            sweeps.pop(dump.path, None)
            if self._output.sweep(dump.number, dump.path):
                sweeps[dump.path] = dump.number
            self._number, self._waiting = dump.number, set(unsettled if dump.path in sweeps else ())
        if self._waiting:
            visibility = self._source.snapshot()
            self._waiting.difference_update([xid for xid in self._waiting if visibility.sees(xid)])
        return not self._waiting
