"""The processes that queries burst to: an engine in memory each, with this process's own Python."""

from __future__ import annotations

import sys
from pathlib import Path

from boathouse.contracts.engine import BurstLimits
from boathouse.engines.duckdb.errors import translate
from boathouse.engines.processes import pool
from boathouse.engines.processes.process import Program


class Pool(pool.Pool):
    """See `contracts.engine.Bursts`.

    Args:
        spool: a folder for what they spill, and for rows that wait.
    """

    def __init__(self, spool: Path, limits: BurstLimits) -> None:
        super().__init__(spool, _program(limits))

    def configure(self, limits: BurstLimits) -> None:
        """See the protocol."""
        self.change(_program(limits))


def _program(limits: BurstLimits) -> Program:
    places = tuple(one for one in sys.path if one)
    module = "boathouse.engines.duckdb.burst.worker"
    return Program(sys.executable, module, limits, translate, places, idle_seconds=limits.idle_seconds)
