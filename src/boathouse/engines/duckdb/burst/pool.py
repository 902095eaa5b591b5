"""The processes that queries burst to: an engine in memory each, with this process's own Python, and on other hosts.

Another host reads object storage as this one does. Of its folders nothing is known, so what reads folders stays on this machine.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from boathouse.contracts.engine import BurstLimits, Request
from boathouse.engines.duckdb.errors import translate
from boathouse.engines.duckdb.macros import PURE_MACROS
from boathouse.engines.processes import pool
from boathouse.engines.processes.process import Program

_OF_COMMANDS = ("PATH", "HOME", "SSH_AUTH_SOCK")
"""What ssh is told of this process's environment."""


class Pool(pool.Pool):
    """See `contracts.engine.Bursts`.

    Args:
        spool: a folder for what they spill, and for rows that wait.
        told: when a process has become ready, or does not.
    """

    def __init__(self, spool: Path, limits: BurstLimits, told: Callable[[], None] = lambda: None) -> None:
        super().__init__(spool, *_programs(limits), told=told)

    def configure(self, limits: BurstLimits) -> None:
        """See the protocol."""
        self.change(*_programs(limits))


def _programs(limits: BurstLimits) -> list[Program]:
    places = tuple(one for one in sys.path if one)
    module = "boathouse.engines.duckdb.burst.worker"
    told = (replace(limits, elsewhere=()), PURE_MACROS)
    here = Program(sys.executable, module, told, translate, places, idle_seconds=limits.idle_seconds)
    known = {name: os.environ[name] for name in _OF_COMMANDS if name in os.environ}
    return [
        *(replace(here, command=one, environment=known, fits=_is_anywhere) for one in limits.elsewhere),
        here,
    ]


def _is_anywhere(request: Request) -> bool:
    return request.access.is_anywhere
