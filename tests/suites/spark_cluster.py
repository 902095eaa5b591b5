"""A cluster on loopback for the tests of Spark: a standalone master and two workers, parts of which may be killed and mended."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.clients.test_interruption import wait_until
from tests.suites.spark_suite import PYTHON, SETTINGS

START_SECONDS = 240
EXECUTOR_SECONDS = float(os.environ.get("BOATHOUSE_SPARK_EXECUTOR_SECONDS", "60"))
"""Longer than executors take to start on the machine; a test waits for so long."""
PROPERTIES = (
    "spark.driver.host=127.0.0.1 spark.driver.bindAddress=127.0.0.1 spark.executor.memory=512m "
    "spark.sql.files.openCostInBytes=1 spark.sql.files.minPartitionNum=6 spark.sql.adaptive.enabled=false"
)


class Cluster:
    """A master and its workers.

    Args:
        folder: for what they write.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        home = next((PYTHON.parents[1] / "lib").glob("python3*/site-packages/pyspark"))
        self._environment = {"PATH": os.environ["PATH"], "SPARK_HOME": str(home), "SPARK_LOCAL_IP": "127.0.0.1"}
        self._program = home / "bin" / "spark-class"
        self._logs: dict[int, Path] = {}
        with socket.create_server(("127.0.0.1", 0)) as free:
            self._port = free.getsockname()[1]
        self.address = f"spark://127.0.0.1:{self._port}"
        self.master: subprocess.Popen[bytes] | None = None
        self.workers: list[subprocess.Popen[bytes]] = []

    def mend(self) -> None:
        """A master and two workers that it knows."""
        if self.master is None or self.master.poll() is not None:
            self.close()
            self.master = self._start("Master", "--port", str(self._port))
            self._told(self.master, "I have been elected leader")
        self.workers = [one for one in self.workers if one.poll() is None]
        while len(self.workers) < 2:
            here = ("--work-dir", str(self._folder / "work"), "--cores", "1", "--memory", "900m", self.address)
            self.workers.append(self._start("Worker", *here))
        for worker in self.workers:
            self._told(worker, "Successfully registered with master")

    def _start(self, what: str, *arguments: str) -> subprocess.Popen[bytes]:
        log = self._folder / f"{len(self._logs)}-{what}.log"
        name = f"org.apache.spark.deploy.{what.lower()}.{what}"
        command = [self._program, name, "--host", "127.0.0.1", "--webui-port", "0", *arguments]
        with log.open("wb") as out:
            process = subprocess.Popen(command, env=self._environment, stdout=out, stderr=out, start_new_session=True)
        self._logs[process.pid] = log
        return process

    def _told(self, process: subprocess.Popen[bytes], text: str) -> None:
        wait_until(lambda: text in self._logs[process.pid].read_text(), START_SECONDS)

    def master_told(self, text: str) -> int:
        """How often the master has said so."""
        assert self.master is not None
        return self._logs[self.master.pid].read_text().count(text)

    def executors(self) -> list[int]:
        """Their processes: what the workers have started."""
        found = []
        for worker in self.workers:
            for one in Path(f"/proc/{worker.pid}/task").glob("*/children"):
                found += [int(pid) for pid in one.read_text().split()]
        return [pid for pid in found if b"CoarseGrainedExecutorBackend" in _command(pid)]

    def tasks(self) -> int:
        """How many tasks the executors have begun, ever."""
        return sum(log.read_text().count("Running task") for log in self._folder.glob("work/*/*/stderr"))

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """A process and what it has started."""
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    @property
    def settings(self) -> dict[str, Any]:
        """Of a house that computes there."""
        return {**SETTINGS, "master": self.address, "properties": PROPERTIES, "executor_seconds": EXECUTOR_SECONDS}

    def close(self) -> None:
        """All of it."""
        for process in (self.master, *self.workers):
            if process is not None and process.poll() is None:
                self.kill(process)


@contextmanager
def standing(folder: Path) -> Iterator[Cluster]:
    """A cluster that has been started."""
    found = Cluster(folder)
    try:
        found.mend()
        yield found
    finally:
        found.close()


def _command(pid: int) -> bytes:
    """A process's command; nothing of one that has just ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""
