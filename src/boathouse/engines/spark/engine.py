"""Spark as an engine beside the house: sessions in processes of their own, started when a query asks for one.

Receives `SparkRequest`s from `query`; hands back rows as results from processes are handed back everywhere.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa

from boathouse.contracts.errors import (
    BoathouseError,
    InternalError,
    InvalidParameterValue,
    NumericOutOfRange,
    TooManyConnections,
)
from boathouse.engines.processes.pool import Pool
from boathouse.engines.processes.process import Process, Program
from boathouse.engines.processes.result import BurstResult
from boathouse.engines.spark.settings import SparkSettings
from boathouse.sql.redshift.redact import redact

_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_MODULE = "boathouse.engines.spark.worker"


class SparkEngine(Pool):
    """See `contracts.house.Elsewhere`.

    Args:
        spool: a folder for what the sessions spill, and for rows that wait.
    """

    def __init__(self, spool: Path, settings: SparkSettings) -> None:
        super().__init__(spool, program_of(settings))
        self._free = threading.Semaphore(settings.sessions_max)

    @contextmanager
    def statement(self) -> Iterator[Callable[[], BurstResult]]:
        """See the protocol. A session that is kept for no time is, with its cluster, for as long as one statement is asked."""
        kept = _Kept(self)
        try:
            yield lambda: BurstResult(kept, self.spool, translate)
        finally:
            kept.end()

    def take(self, request: Any) -> Process:
        """See the pool.

        Raises:
            TooManyConnections: all sessions are busy.
        """
        if not self._free.acquire(blocking=False):
            raise TooManyConnections("all sessions of the engine spark are busy", hint="See [spark] sessions_max.")
        try:
            return super().take(request)
        except BaseException:
            self._free.release()
            raise

    def give_back(self, process: Process, *, is_sound: bool) -> None:
        """See the pool."""
        try:
            super().give_back(process, is_sound=is_sound)
        finally:
            self._free.release()


class _Kept:
    """Lends one session to the attempts at one statement, one after the other. All are of the statement's own thread until it
    ends; what is given back after that, by whoever reads the rows, is the pool's.
    """

    def __init__(self, pool: SparkEngine) -> None:
        self._pool = pool
        self._process: Process | None = None
        self._has_ended = False

    def take(self, request: Any) -> Process:
        """That of the attempt before, or another one."""
        found, self._process = self._process, None
        return found or self._pool.take(request)

    def give_back(self, process: Process, *, is_sound: bool) -> None:
        """Keep it, if it may be asked again."""
        if is_sound and not self._has_ended:
            process.rested()
            self._process = process
        else:
            self._pool.give_back(process, is_sound=is_sound)

    def end(self) -> None:
        """No attempt comes after this."""
        self._has_ended = True
        if self._process is not None:
            self._pool.give_back(self._process, is_sound=True)


def open_spark(spool: Path, settings: SparkSettings) -> SparkEngine | None:
    """The engine, where one is configured; nothing is started or loaded yet.

    Raises:
        InvalidParameterValue: a master that is no Spark's, a command beside one, or limits that are none.
    """
    if settings.cluster:
        _check_command(settings)
    elif not settings.master:
        return None
    elif not settings.master.startswith(("local", "spark://", "sc://")):
        raise InvalidParameterValue("[spark] master must be local[n], spark://host:port or sc://host:port")
    if "token=" in settings.master:
        raise InvalidParameterValue("[spark] master takes no token: settings are shown to whoever may see the house")
    if settings.sessions_max < 1 or settings.shuffle_partitions < 1 or settings.idle_seconds < 0:
        raise InvalidParameterValue("[spark] sessions_max and shuffle_partitions must be at least 1, idle_seconds 0")
    if settings.executor_seconds <= 0:
        raise InvalidParameterValue("[spark] executor_seconds must be more than 0")
    _properties(settings)
    return SparkEngine(spool, settings)


def _check_command(settings: SparkSettings) -> None:
    if settings.master:
        raise InvalidParameterValue("[spark] has a master, or a command that makes a cluster: not both")
    if any(redact(one) != one for one in settings.cluster):
        raise InvalidParameterValue("[spark] cluster takes no secret: settings are shown to whoever may see the house")
    if settings.cluster_seconds <= 0:
        raise InvalidParameterValue("[spark] cluster_seconds must be more than 0")


def program_of(settings: SparkSettings) -> Program:
    """What a session's process is."""
    environment = (
        {"PATH": _PATH, "SPARK_LOCAL_IP": "127.0.0.1"} if settings.master.startswith("local") else {"PATH": _PATH}
    )
    if settings.java_home:
        environment["JAVA_HOME"] = settings.java_home
    limits = {
        **({"spark.master": settings.master} if settings.master else {}),
        "spark.driver.memory": settings.driver_memory,
        "spark.sql.shuffle.partitions": str(settings.shuffle_partitions),
        **_properties(settings),
    }
    python = settings.python or sys.executable
    places = () if settings.python else tuple(one for one in sys.path if one)
    told = (limits, settings.executor_seconds, settings.cluster, settings.cluster_seconds)
    return Program(python, _MODULE, told, translate, places, environment, settings.idle_seconds, 120.0, 5.0)


def _properties(settings: SparkSettings) -> dict[str, str]:
    found = dict(one.partition("=")[::2] for one in settings.properties.split())
    if "spark.master" in found or any(not key.startswith("spark.") or not value for key, value in found.items()):
        raise InvalidParameterValue(
            "[spark] properties must be like spark.executor.memory=4g, with blanks between them"
        )
    return found


def translate(failure: BaseException) -> BoathouseError:
    """What Arrow or the disk raises when rows are read."""
    if isinstance(failure, BoathouseError):
        return failure
    if isinstance(failure, pa.ArrowInvalid):
        return NumericOutOfRange("a value of the engine spark does not fit its column's type")
    return InternalError(f"rows of the engine spark could not be read: {type(failure).__name__}")
