"""Statements that run beside the house, in further processes of the engine's: what they are given and what comes back.

Made by `query` of a plan that needs nothing but files; carried out by the engine. What lets a scan be read there its own room
leaves on the scan's node.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from boathouse.contracts.answers import Field, Rows

ALONE = "reads alone"
"""Key of a scan node's meta under which its `Access` lies, where the engine reads the scan by itself, anywhere."""


@dataclass(frozen=True, slots=True)
class Access:
    """What an engine needs to read some files.

    Attributes:
        secrets: for each place what stands in CREATE SECRET's parentheses. Holds keys: never log it.
        settings: names and SQL of the engine's settings by which it reads them.
    """

    secrets: tuple[str, ...] = ()
    settings: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Request:
    """One query in the engine's SQL.

    Attributes:
        before: what sets the session's time zone and the variables that it reads.
        access: to its files.
    """

    sql: str
    parameters: tuple[object, ...]
    before: tuple[str, ...]
    access: Access


@dataclass(frozen=True, slots=True)
class BurstLimits:
    """What one process may have.

    Attributes:
        memory_limit: as `4GB`; empty for an eighth of the machine's.
        threads: 0 for one per processor.
        idle_seconds: for which it waits for more.
    """

    memory_limit: str = ""
    threads: int = 0
    idle_seconds: float = 60.0


class Burst(Protocol):
    """One query in a process of its own. One thread at a time, but for `interrupt`.

    Attributes:
        worker: which process it is; no other one of this home has or had that number. 0 before `start`.
    """

    @property
    def worker(self) -> int: ...

    def start(self, request: Request, fields: tuple[Field, ...] | None) -> Rows | None:
        """Its rows, of which the first are there; None where the house has to run it.

        Raises:
            QueryCanceled: by `interrupt`. Whatever the query fails with there as here.
        """
        ...

    def interrupt(self) -> None:
        """Cancel it, from any thread; the runner gets QueryCanceled within about a second."""
        ...

    def detach(self) -> None:
        """Let its process go: what is left of the rows moves here, beyond a few batches to a file."""
        ...

    def close(self) -> None:
        """Give up what is left of it; harmless when repeated."""
        ...


class Bursts(Protocol):
    """The processes of a house."""

    def open(self) -> Burst:
        """A place for one query; nothing is started yet."""
        ...

    def configure(self, limits: BurstLimits) -> None:
        """Limits for processes that start from now on; those that wait are ended."""
        ...

    def close(self) -> None:
        """End all processes."""
        ...
