"""Spark as a cluster on loopback, a standalone master and two workers: what is killed meanwhile spoils no answer.

Each test mends what the one before it has killed. Needs Spark (`make .venv/.spark`).
"""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from threading import Thread
from typing import Any

import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.clients.conftest import DATABASE, PASSWORD, running
from tests.clients.test_interruption import wait_until
from tests.suites.spark_suite import OWN, PYTHON, SETTINGS, require_spark

from boathouse.app.assemble import OpenHouse, open_house
from boathouse.app.initialise import initialise
from boathouse.engines.spark.engine import program_of
from boathouse.engines.spark.settings import SparkSettings

require_spark()

PARTS = 6
ROWS = 1500
JOINED = "SELECT count(*), sum(a.k) FROM lake.t AS a JOIN lake.t AS b ON a.k <> b.k"
"""Takes a cluster of two cores some seconds."""
COUNTED = "SELECT count(*) FROM lake.t"
COUNT = PARTS * ROWS
ANSWER = [(COUNT * (COUNT - 1), COUNT * (COUNT - 1) // 2 * (COUNT - 1))]
PROPERTIES = (
    "spark.driver.host=127.0.0.1 spark.driver.bindAddress=127.0.0.1 spark.executor.memory=512m "
    "spark.sql.files.openCostInBytes=1 spark.sql.files.minPartitionNum=6 spark.sql.adaptive.enabled=false"
)
START_SECONDS = 240
EXECUTOR_SECONDS = float(os.environ.get("BOATHOUSE_SPARK_EXECUTOR_SECONDS", "60"))
"""Longer than executors take to start on the machine; a test waits for so long."""


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
        return [pid for pid in found if b"CoarseGrainedExecutorBackend" in Path(f"/proc/{pid}/cmdline").read_bytes()]

    def tasks(self) -> int:
        """How many tasks the executors have begun, ever."""
        return sum(log.read_text().count("Running task") for log in self._folder.glob("work/*/*/stderr"))

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """A process and what it has started."""
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def close(self) -> None:
        """All of it."""
        for process in (self.master, *self.workers):
            if process is not None and process.poll() is None:
                self.kill(process)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    found = Cluster(tmp_path_factory.mktemp("cluster"))
    found.mend()
    yield found
    found.close()


@pytest.fixture
def cluster(made: Cluster) -> Cluster:
    made.mend()
    return made


@pytest.fixture(scope="module")
def house(made: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenHouse]:
    home = tmp_path_factory.mktemp("cluster-home") / "h"
    initialise(home, DATABASE, PASSWORD)
    settings = {**SETTINGS, "master": made.address, "properties": PROPERTIES, "executor_seconds": EXECUTOR_SECONDS}
    opened = open_house(home, {"spark": settings})
    folder = home / "lake" / "t"
    folder.mkdir(parents=True)
    for part in range(PARTS):
        pq.write_table(pa.table({"k": range(part * ROWS, (part + 1) * ROWS)}), folder / f"{part}.parquet")
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def connection(house: OpenHouse) -> Iterator[psycopg.Connection[Any]]:
    with (
        running(house) as server,
        psycopg.connect(**server.keywords, autocommit=True, prepare_threshold=None) as client,
    ):
        client.execute(f"CREATE EXTERNAL SCHEMA lake {OWN}".format("lake").encode())
        client.execute(
            f"CREATE EXTERNAL TABLE lake.t (k bigint) STORED AS PARQUET LOCATION '{house.home}/lake/t/'".encode()
        )
        client.execute("SET enable_result_cache_for_session TO off")
        yield client


def _asked(connection: psycopg.Connection[Any], statement: str = JOINED) -> Any:
    """The answer, or the error; without a trace of Java's."""
    connection.execute("SET engine TO spark")
    try:
        return connection.execute(statement.encode()).fetchall()
    except psycopg.Error as failure:
        assert not re.search(r"java|org\.apache|Py4J|\bat ", str(failure))
        return failure


def _ran_on(connection: psycopg.Connection[Any]) -> str:
    """Which engine ran the last question."""
    found = connection.execute(
        "SELECT trim(compute_type) FROM sys_query_history WHERE query_text LIKE '%FROM lake.t%' AND query_text NOT LIKE "
        "'%history%' ORDER BY query_id DESC LIMIT 1"
    ).fetchall()
    return str(found[0][0])


def _in_the_midst(cluster: Cluster, connection: psycopg.Connection[Any], strike: Any) -> Any:
    """What a statement answers in whose midst something is struck."""
    assert _asked(connection, COUNTED) == [(COUNT,)]
    wait_until(lambda: len(cluster.executors()) == 2, START_SECONDS)
    before, found = cluster.tasks(), []
    asking = Thread(target=lambda: found.append(_asked(connection)))
    asking.start()
    wait_until(lambda: cluster.tasks() > before + 2, START_SECONDS)
    assert asking.is_alive()
    strike()
    asking.join(START_SECONDS)
    return found[0]


def test_an_executor_that_is_killed_spoils_no_answer(cluster: Cluster, connection: psycopg.Connection[Any]) -> None:
    assert _in_the_midst(cluster, connection, lambda: os.kill(cluster.executors()[0], signal.SIGKILL)) == ANSWER
    assert _ran_on(connection) == "spark"


def test_a_worker_that_is_killed_spoils_no_answer(cluster: Cluster, connection: psycopg.Connection[Any]) -> None:
    assert _in_the_midst(cluster, connection, lambda: cluster.kill(cluster.workers[0])) == ANSWER
    assert _ran_on(connection) == "spark"


def test_a_master_that_is_killed_is_named_where_it_is_needed(
    cluster: Cluster, house: OpenHouse, connection: psycopg.Connection[Any]
) -> None:
    def strike() -> None:
        assert cluster.master is not None
        cluster.kill(cluster.master)

    assert _in_the_midst(cluster, connection, strike) == ANSWER, "executors need no master"
    for worker in cluster.workers:
        cluster.kill(worker)
    failure = _asked(connection)
    assert failure.sqlstate == "58000" and cluster.address in str(failure)
    connection.execute("SET engine TO duckdb")
    assert connection.execute(COUNTED).fetchall() == [(COUNT,)]
    cluster.mend()
    assert _asked(connection, COUNTED) == [(COUNT,)]
    assert _ran_on(connection) == "spark"


def test_what_loses_all_its_executors_says_so_and_runs_at_home_where_it_may(
    cluster: Cluster, house: OpenHouse, connection: psycopg.Connection[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def strike() -> None:
        for worker in cluster.workers:
            cluster.kill(worker)

    failure = _in_the_midst(cluster, connection, strike)
    assert failure.sqlstate == "58000" and cluster.address in str(failure)
    settings: Any = house.settings
    monkeypatch.setitem(settings, "spark", replace(settings["spark"], scan_bytes_min=1))
    connection.execute("SET engine TO auto")
    assert connection.execute(COUNTED).fetchall() == [(COUNT,)]
    assert _ran_on(connection) == "primary"


def test_a_session_ends_when_it_has_been_idle(
    cluster: Cluster, house: OpenHouse, connection: psycopg.Connection[Any]
) -> None:
    spark: Any = house.service.house.spark
    settings: SparkSettings = house.settings["spark"]
    spark.change(program_of(replace(settings, idle_seconds=1.0)))
    gone = "Removing app"
    for _ in range(2):
        before = cluster.master_told(gone)
        assert _asked(connection, COUNTED) == [(COUNT,)]
        wait_until(lambda before=before: cluster.master_told(gone) > before and not cluster.executors(), START_SECONDS)
    spark.change(program_of(settings))
