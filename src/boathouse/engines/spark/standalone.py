"""The command `boathouse spark-cluster`: a cluster of Spark's own kind on this host, for as long as somebody wants it.

A master and its workers listen on loopback and know each other, and whoever asks them, by a secret of theirs. What
`engines.spark.commanded` wants to know is said on standard output, then the command waits: when its standard input closes, or a
signal ends it, the cluster is gone with all that it has started. When it is killed itself, the kernel ends the master and the
workers, after whom no executor stays.
"""

from __future__ import annotations

import ctypes
import os
import re
import secrets
import select
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import TextIO

from boathouse.contracts.engine import WorkerLost
from boathouse.contracts.errors import InvalidParameterValue, ObjectNotInPrerequisiteState

_LOOK_MILLISECONDS = 200
_LISTENS = re.compile(r"Starting Spark master at (spark://127\.0\.0\.1:\d+)\s")
_LEADS, _REGISTERED = "I have been elected leader", "Successfully registered with master"
_CONFIGURATION = """\
spark.authenticate true
spark.authenticate.secret {secret}
spark.master.rest.enabled false
spark.ui.killEnabled false
"""
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class Size:
    """Of the cluster.

    Attributes:
        workers: how many.
        cores: of each.
        memory: of each, and of the executor that runs there, as Spark writes it: 512m, 4g.

    Raises:
        InvalidParameterValue: that is none.
    """

    workers: int
    cores: int
    memory: str

    def __post_init__(self) -> None:
        if self.workers < 1 or self.cores < 1 or re.fullmatch(r"[1-9][0-9]*[mg]", self.memory) is None:
            raise InvalidParameterValue("a cluster has at least 1 worker of 1 core, and memory such as 512m or 4g")


def run(size: Size, spark_home: str, place: str | None, environment: Mapping[str, str]) -> int:
    """Make the cluster and keep it until standard input closes; returns the exit status.

    Args:
        spark_home: the folder of Spark, or empty: pyspark's of this Python.
        place: the folder in which a new one is made for all that the cluster writes; None: the system's.
        environment: PATH and JAVA_HOME are read.

    Raises:
        ObjectNotInPrerequisiteState: there is no Spark. WorkerLost: a part of the cluster does not start, or has ended.
    """
    home = _home(spark_home)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, _leave)
    with _folder(place) as folder:
        cluster = _Standalone(home, folder, environment)
        try:
            cluster.start(size, sys.stdout)
            while not _is_closed():
                cluster.check()
        except _Closed:
            pass
        finally:
            cluster.end()
    return 0


class _Closed(Exception):
    """Standard input has closed before the cluster was up."""


def _leave(number: int, _: object) -> None:
    raise SystemExit(128 + number)


def _home(told: str) -> Path:
    found = None if told else find_spec("pyspark")
    home = Path(told) if told else Path(found.origin).parent if found is not None and found.origin else None
    if home is None or not (home / "bin" / "spark-class").exists():
        raise ObjectNotInPrerequisiteState(
            f"there is no Spark in {home}" if home else "there is no Spark", hint="Name its folder with --spark-home."
        )
    return home


@contextmanager
def _folder(place: str | None) -> Iterator[Path]:
    """A new folder, which nobody else may read."""
    found = tempfile.mkdtemp(prefix="boathouse-spark-", dir=place)
    try:
        yield Path(found)
    finally:
        shutil.rmtree(found, ignore_errors=True)


def _is_closed() -> bool:
    """Whether standard input has closed; waits a little for it."""
    waiting = select.poll()
    waiting.register(0, select.POLLIN)
    return bool(waiting.poll(_LOOK_MILLISECONDS)) and not os.read(0, 4096)


@dataclass
class _Part:
    """The master, or a worker."""

    name: str
    log: Path
    process: subprocess.Popen[bytes]

    def said(self) -> str:
        return self.log.read_text("utf-8", "replace")


@dataclass
class _Standalone:
    """The cluster's processes.

    Args:
        home: Spark's folder.
        folder: for all that they write.
    """

    home: Path
    folder: Path
    environment: Mapping[str, str]
    secret: str = field(default_factory=lambda: secrets.token_hex(32))
    parts: list[_Part] = field(default_factory=list)

    def start(self, size: Size, out: TextIO) -> None:
        """Until all workers are there; what a session has to know is said then."""
        with open(self.folder / "spark-defaults.conf", "w", encoding="utf-8", opener=_private) as defaults:
            defaults.write(_CONFIGURATION.format(secret=self.secret))
        master = self._begin("Master", "--port", "0")
        self._await(lambda: _LEADS in master.said() and _LISTENS.search(master.said()) is not None)
        listens = _LISTENS.search(master.said())
        assert listens is not None
        limits = ("--cores", str(size.cores), "--memory", size.memory, "--work-dir", str(self.folder / "work"))
        workers = [self._begin("Worker", *limits, listens[1]) for _ in range(size.workers)]
        self._await(lambda: all(_REGISTERED in one.said() for one in workers))
        told = {
            "spark.authenticate": "true",
            "spark.authenticate.secret": self.secret,
            "spark.driver.host": "127.0.0.1",
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.executor.memory": size.memory,
        }
        for key, value in told.items():
            print(f"{key}={value}", file=out)
        print(f"master {listens[1]}", file=out, flush=True)

    def _begin(self, name: str, *arguments: str) -> _Part:
        log = self.folder / f"{len(self.parts)}-{name.lower()}.log"
        environment = {
            "PATH": self.environment.get("PATH", os.defpath),
            **{key: self.environment[key] for key in ("JAVA_HOME",) if key in self.environment},
            "SPARK_HOME": str(self.home),
            "SPARK_CONF_DIR": str(self.folder),
            "SPARK_LOCAL_DIRS": str(self.folder / "spilled"),
            "SPARK_LOCAL_IP": "127.0.0.1",
            "SPARK_DAEMON_MEMORY": "512m",
        }
        program = [str(self.home / "bin" / "spark-class"), f"org.apache.spark.deploy.{name.lower()}.{name}"]
        with log.open("wb") as out:
            process = subprocess.Popen(  # noqa: S603
                [*program, "--host", "127.0.0.1", "--webui-port", "0", *arguments], env=environment, cwd=self.folder,
                stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True, preexec_fn=_with(os.getpid()),
            )  # fmt: skip
        self.parts.append(_Part(name.lower(), log, process))
        return self.parts[-1]

    def _await(self, condition: Callable[[], bool]) -> None:
        while not condition():
            if _is_closed():
                raise _Closed
            self.check(whole=True)

    def check(self, *, whole: bool = False) -> None:
        """See that it is there: the master, and one of the workers at least.

        Args:
            whole: all of them have to be.
        """
        gone = [one for one in self.parts if one.process.poll() is not None]
        if gone and (whole or gone[0] is self.parts[0] or len(gone) == len(self.parts) - 1):
            said = [line for line in gone[0].said().splitlines() if line.strip() and not line.startswith("\tat ")]
            raise WorkerLost(f"the cluster's {gone[0].name} has ended: {said[-1] if said else 'it said nothing'}")

    def end(self) -> None:
        """All of it, with what it has started."""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        for part in self.parts:
            with suppress(ProcessLookupError):
                os.killpg(part.process.pid, signal.SIGKILL)
        for part in self.parts:
            part.process.wait()


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _with(parent: int) -> Callable[[], None]:
    """What a process does before it begins, so that it ends with its parent, however that ends."""
    library = ctypes.CDLL(None, use_errno=True)

    def begin() -> None:
        zero = ctypes.c_ulong(0)
        if library.prctl(_PR_SET_PDEATHSIG, ctypes.c_ulong(signal.SIGKILL), zero, zero, zero) or os.getppid() != parent:
            os._exit(1)

    return begin
