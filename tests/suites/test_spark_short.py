"""A cluster that a command makes for what runs there, and ends after it: statements of each kind, and no JVM is left.

The command is the one in the box, `boathouse spark-cluster`; that it is over with one statement where nothing is kept warm,
`test_spark_connect.py` sees. Needs Spark (`make .venv/.spark`).
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Thread
from typing import Any

import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.clients.test_interruption import wait_until
from tests.simulation.server_process import ServerProcess, make_home
from tests.suites.spark_cluster import START_SECONDS
from tests.suites.spark_suite import OWN, PYTHON, QUICK, require_spark

require_spark()
pytestmark = pytest.mark.timeout(1800)

PARTS, ROWS = 6, 1500
COUNT = PARTS * ROWS
SLOW = "SELECT a.k, count(*) AS c, sum(b.k) AS s FROM lake.t AS a JOIN lake.t AS b ON a.k <> b.k GROUP BY a.k"
WORKERS = os.environ.get("BOATHOUSE_SPARK_WORKERS", "1")
"""Of one core each."""
COUNTED = "SELECT count(*) FROM lake.t"
PROPERTIES = f"{QUICK} spark.sql.files.openCostInBytes=1 spark.sql.files.minPartitionNum=6"


class Place:
    """A home, and the folder in which its clusters are."""

    def __init__(self, folder: Path) -> None:
        self.home = make_home(folder / "h")
        self.clusters = folder / "clusters"
        self._is_filled = False
        for one in (self.clusters, self.home / "lake" / "t", self.home / "lake" / "out"):
            one.mkdir(parents=True)
        program = [str(Path(sys.executable).parent / "boathouse"), "spark-cluster", "--folder", str(self.clusters)]
        self.command = [*program, "--workers", WORKERS, "--cores", "1", "--memory", "512m"]
        for part in range(PARTS):
            table = pa.table({"k": range(part * ROWS, (part + 1) * ROWS)})
            pq.write_table(table, self.home / "lake" / "t" / f"{part}.parquet")

    @contextmanager
    def served(self, **more: object) -> Iterator[tuple[ServerProcess, psycopg.Connection[Any]]]:
        """A server, whose Spark is a cluster of the command, and a client."""
        command = [str(Path(sys.executable).parent / "boathouse"), "spark-cluster", "--workers", WORKERS, "--cores", "1",
                   "--memory", "512m", "--folder", str(self.clusters)]  # fmt: skip
        settings = {
            "cluster": command,
            "python": str(PYTHON),
            "properties": PROPERTIES,
            "shuffle_partitions": 2,
            **more,
        }
        lines = [f"{key} = {json.dumps(value)}" for key, value in settings.items()]
        (self.home / "boathouse.toml").write_text("\n".join(["[spark]", *lines, ""]))
        server = ServerProcess(self.home)
        try:
            with server.connect() as client:
                for statement in self._prepared():
                    client.execute(statement.encode())
                for statement in ("SET engine TO spark", "SET enable_result_cache_for_session TO off"):
                    client.execute(statement.encode())
                yield server, client
        finally:
            with suppress(ProcessLookupError):
                server.kill()

    def _prepared(self) -> list[str]:
        """What makes the table, once."""
        if self._is_filled:
            return []
        self._is_filled = True
        table = "CREATE EXTERNAL TABLE lake.t (k bigint) STORED AS PARQUET LOCATION 't/'"
        return [f"CREATE EXTERNAL SCHEMA lake {OWN}".format("lake"), table]

    def alive(self, *words: bytes) -> list[int]:
        """Processes of clusters and sessions, or those of them with these words in their commands."""
        found = []
        marks = (bytes(self.clusters), bytes(self.home / "tmp"))
        for process in Path("/proc").iterdir():
            if process.name.isdigit():
                with suppress(OSError):
                    command = (process / "cmdline").read_bytes()
                    told = command + (process / "environ").read_bytes()
                    if any(mark in told for mark in marks) and all(word in command for word in words):
                        found.append(int(process.name))
        return found

    def executors(self) -> list[int]:
        return self.alive(b"CoarseGrainedExecutorBackend")

    def is_clean(self) -> bool:
        return not self.alive() and not [*self.clusters.iterdir()]


class Asking(Thread):
    """A statement in a thread, and how it failed."""

    def __init__(self, client: psycopg.Connection[Any], statement: str) -> None:
        super().__init__()
        self._client = client
        self._statement = statement
        self.failure: psycopg.Error | None = None

    def run(self) -> None:
        try:
            self._client.execute(self._statement.encode())
        except psycopg.Error as failure:
            self.failure = failure


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    return Place(tmp_path_factory.mktemp("short"))


def _ran(client: psycopg.Connection[Any]) -> list[str]:
    found = client.execute(
        "SELECT trim(compute_type) FROM sys_query_history WHERE query_text LIKE '%FROM lake.t%' AND query_text NOT LIKE "
        "'%history%' AND query_text NOT LIKE 'CREATE EXTERNAL%' ORDER BY query_id"
    )
    return [row[0] for row in found.fetchall()]


def test_statements_share_a_warm_cluster_and_a_server_that_is_killed_leaves_none(place: Place) -> None:
    with place.served() as (server, client):
        client.execute("CREATE TABLE kept (k bigint)")
        assert client.execute(COUNTED).fetchall() == [(COUNT,)]
        masters = place.alive(b"deploy.master.Master")
        (made,) = place.clusters.iterdir()
        secret = (made / "spark-defaults.conf").read_text().split("secret ")[1].split()[0]
        client.execute("CREATE TABLE made AS SELECT k FROM lake.t WHERE k < 100")
        client.execute("INSERT INTO kept SELECT k + 1 FROM lake.t")
        client.execute("UNLOAD ('SELECT k FROM lake.t WHERE k < 7') TO 'out/' FORMAT PARQUET")
        assert _ran(client) == ["spark"] * 4
        assert client.execute("SELECT (SELECT count(*) FROM made), (SELECT sum(k) FROM kept)").fetchall() == [
            (100, COUNT * (COUNT + 1) // 2)
        ]
        assert pq.read_table(place.home / "lake" / "out").num_rows == 7
        assert len(masters) == 1 and place.alive(b"deploy.master.Master") == masters
        assert not place.alive(secret.encode()), "arguments are anybody's to read"
        (command,) = place.alive(b"spark-cluster")
        os.kill(command, signal.SIGKILL)
        wait_until(lambda: not [*place.alive(b".deploy.master."), *place.alive(b".deploy.worker."), *place.executors()])
        shutil.rmtree(made)
        assert client.execute(COUNTED).fetchall() == [(COUNT,)], "on another one"
        (made,) = place.clusters.iterdir()
        assert _ran(client)[-1] == "spark" and len(place.alive(b"deploy.master.Master")) == 1
        before, asking = _tasks(made), Asking(client, SLOW)
        asking.start()
        wait_until(lambda: _tasks(made) > before + 2, START_SECONDS)
        assert asking.is_alive() and len(place.executors()) == int(WORKERS)
        server.kill()
        asking.join()
        wait_until(place.is_clean, START_SECONDS)


def _tasks(made: Path) -> int:
    """How many tasks the executors of a cluster have begun, ever."""
    return sum(log.read_text().count("Running task") for log in made.glob("work/*/*/stderr"))


def test_it_ends_with_what_is_cancelled_before_it_is_up(place: Place) -> None:
    with place.served() as (server, client):
        asking = Asking(client, COUNTED)
        asking.start()
        wait_until(lambda: bool(place.alive(b"deploy.master.Master")), START_SECONDS)
        client.cancel()
        asking.join()
        assert isinstance(asking.failure, psycopg.errors.QueryCanceled)
        wait_until(place.is_clean, START_SECONDS)
        assert server.stop() == 0


def test_a_command_that_makes_none_is_named_and_the_house_answers_where_it_may(place: Place) -> None:
    command = [*place.command[:2], "--memory", "much"]
    with place.served(cluster=command, scan_bytes_min=1) as (_, client):
        with pytest.raises(psycopg.Error, match="has ended with status 1 before") as failure:
            client.execute(COUNTED)
        assert failure.value.sqlstate == "58000" and "memory such as 512m" in str(failure.value.diag.message_detail)
        client.execute("SET engine TO auto")
        assert client.execute(COUNTED).fetchall() == [(COUNT,)]
        assert _ran(client)[-1] == "primary"
