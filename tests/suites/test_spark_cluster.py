"""Spark as a cluster on loopback, a standalone master and two workers: what is killed meanwhile spoils no answer."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.clients.conftest import DATABASE, PASSWORD, running
from tests.clients.test_interruption import wait_until
from tests.suites.test_engines import OWN, PYTHON, SETTINGS

from boathouse.app.assemble import open_house
from boathouse.app.initialise import initialise

PARTS = 6
ROWS = 1500
JOINED = "SELECT count(*), sum(a.k) FROM lake.t AS a JOIN lake.t AS b ON a.k <> b.k"
"""Takes a cluster of two cores some seconds."""


class Cluster:
    """A master and its workers.

    Args:
        folder: for what they write.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._logs: list[Path] = []
        home = next((PYTHON.parents[1] / "lib").glob("python3*/site-packages/pyspark"))
        self._environment = {"PATH": os.environ["PATH"], "SPARK_HOME": str(home), "SPARK_LOCAL_IP": "127.0.0.1"}
        self._program = home / "bin" / "spark-class"
        self.master = self._start("Master", "--port", "0")
        self.address = self._told(0, r"Starting Spark master at (spark://\S+)")
        self.workers = [self._start("Worker", "--cores", "1", "--memory", "900m", self.address) for _ in range(2)]
        for place in (1, 2):
            self._told(place, "(Successfully registered) with master")

    def _start(self, what: str, *arguments: str) -> subprocess.Popen[bytes]:
        log = self._folder / f"{what}-{len(self._logs)}.log"
        self._logs.append(log)
        name = f"org.apache.spark.deploy.{what.lower()}.{what}"
        command = [self._program, name, "--host", "127.0.0.1", "--webui-port", "0", *arguments]
        work = self._folder / log.stem
        work.mkdir()
        with log.open("wb") as out:
            return subprocess.Popen(
                command, env=self._environment, cwd=work, stdout=out, stderr=out, start_new_session=True
            )

    def _told(self, place: int, pattern: str) -> str:
        found: list[str] = []

        def look() -> bool:
            found[:] = re.findall(pattern, self._logs[place].read_text())
            return bool(found)

        wait_until(look, 120)
        return found[0]

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """A process and what it has started."""
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def close(self) -> None:
        for process in (self.master, *self.workers):
            if process.poll() is None:
                self.kill(process)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    found = Cluster(tmp_path_factory.mktemp("cluster"))
    yield found
    found.close()


@pytest.fixture(scope="module")
def connection(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[psycopg.Connection[Any]]:
    home = tmp_path_factory.mktemp("cluster-home") / "h"
    initialise(home, DATABASE, PASSWORD)
    properties = (
        "spark.driver.host=127.0.0.1 spark.driver.bindAddress=127.0.0.1 spark.executor.memory=512m "
        "spark.sql.files.openCostInBytes=1 spark.sql.files.minPartitionNum=6 spark.sql.adaptive.enabled=false"
    )
    settings = {**SETTINGS, "master": cluster.address, "properties": properties}
    opened = open_house(home, {"spark": settings})
    folder = home / "lake" / "t"
    folder.mkdir(parents=True)
    for part in range(PARTS):
        pq.write_table(pa.table({"k": range(part * ROWS, (part + 1) * ROWS)}), folder / f"{part}.parquet")
    with running(opened) as server, psycopg.connect(**server.keywords, autocommit=True) as client:
        client.execute(f"CREATE EXTERNAL SCHEMA lake {OWN}".format("lake").encode())
        client.execute(f"CREATE EXTERNAL TABLE lake.t (k bigint) STORED AS PARQUET LOCATION '{folder}/'".encode())
        client.execute("SET engine TO spark")
        client.execute("SET enable_result_cache_for_session TO off")
        yield client
    opened.close()


COUNT = PARTS * ROWS
ANSWER = [(COUNT * (COUNT - 1), COUNT * (COUNT - 1) // 2 * (COUNT - 1))]


def _asked(connection: psycopg.Connection[Any]) -> Any:
    """The answer, or the error's SQLSTATE; without a trace of Java's."""
    try:
        return connection.execute(JOINED.encode()).fetchall()
    except psycopg.Error as failure:
        assert not re.search(r"java|org\.apache|Py4J|\bat ", str(failure))
        return failure.sqlstate


def test_a_cluster_answers_and_goes_on_without_a_worker_and_its_executor(
    cluster: Cluster, connection: psycopg.Connection[Any]
) -> None:
    assert _asked(connection) == ANSWER
    found: list[Any] = []
    asking = Thread(target=lambda: found.append(_asked(connection)))
    asking.start()
    cluster.kill(cluster.workers[0])
    asking.join(200)
    assert found == [ANSWER] or found == ["58000"]
    assert _asked(connection) in (ANSWER, "58000")


def test_without_a_master_it_answers_rightly_or_says_so_and_a_timeout_is_heeded(
    cluster: Cluster, connection: psycopg.Connection[Any]
) -> None:
    cluster.kill(cluster.master)
    assert _asked(connection) in (ANSWER, "58000")
    for worker in cluster.workers:
        if worker.poll() is None:
            cluster.kill(worker)
    connection.execute("SET statement_timeout TO '8s'")
    assert _asked(connection) in ("57014", "58000")
    connection.execute("SET engine TO duckdb")
    assert _asked(connection) == ANSWER
