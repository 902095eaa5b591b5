"""Statements that store what Spark computes, on a cluster on loopback, in whose midst something is killed: nothing is half there.

Killed are the session's JVM (the driver), an executor, the master, all workers, and the house. Needs Spark (`make .venv/.spark`).
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.clients.conftest import DATABASE, PASSWORD, running
from tests.clients.test_interruption import wait_until
from tests.suites.spark_cluster import START_SECONDS, Cluster, standing
from tests.suites.spark_suite import OWN, require_spark

from boathouse.app.assemble import OpenHouse, open_house
from boathouse.app.initialise import initialise

require_spark()
pytestmark = pytest.mark.timeout(1800)

PARTS, ROWS = 6, 1500
COUNT = PARTS * ROWS
SLOW = "SELECT a.k, count(*) AS c, sum(b.k) AS s FROM lake.t AS a JOIN lake.t AS b ON a.k <> b.k GROUP BY a.k"
"""Takes a cluster of two cores some seconds."""
ANSWER = [(COUNT, COUNT * (COUNT - 1), COUNT * (COUNT - 1) // 2 * (COUNT - 1))]
COUNTED = "SELECT count(*) FROM lake.t"
WORKS = {
    "table": f"CREATE TABLE made AS {SLOW}",
    "insert": f"INSERT INTO kept {SLOW}",
    "external": f"INSERT INTO lake.kept {SLOW}",
    "unload": f"UNLOAD ('{SLOW}') TO 'out/' FORMAT PARQUET",
}
HOLDS = {"table": "made", "insert": "kept", "external": "lake.kept", "unload": "lake.out"}
HOUSE = f"""
import json, sys
sys.path[:0] = [{str(Path(__file__).parents[2])!r}]
from pathlib import Path
from tests.rooms.lake.copy_house import CopyHouse
house = CopyHouse.__new__(CopyHouse)
house.reopen(Path(sys.argv[1]), {{"spark": json.loads(sys.argv[2])}})
house.run("SET engine TO spark; SET enable_result_cache_for_session TO off")
for line in sys.stdin:
    print(json.dumps([[*map(str, row)] for row in house.run(line)]), flush=True)
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with standing(tmp_path_factory.mktemp("cluster")) as found:
        yield found


@pytest.fixture
def cluster(made: Cluster) -> Cluster:
    made.mend()
    return made


def _home(folder: Path) -> Path:
    home = folder / "h"
    initialise(home, DATABASE, PASSWORD)
    lake = home / "lake"
    for name in ("t", "kept", "out"):
        (lake / name).mkdir(parents=True)
    for part in range(PARTS):
        table = pa.table({"k": range(part * ROWS, (part + 1) * ROWS)})
        pq.write_table(table, lake / "t" / f"{part}.parquet")
    return home


def _prepared(home: Path) -> list[str]:
    found = [
        f"CREATE EXTERNAL SCHEMA lake {OWN}".format("lake"),
        "CREATE TABLE kept (k bigint, c bigint, s numeric(38,0))",
    ]
    for name, columns in (
        ("t", "k bigint"),
        *((name, "k bigint, c bigint, s numeric(38,0)") for name in ("kept", "out")),
    ):
        found.append(f"CREATE EXTERNAL TABLE lake.{name} ({columns}) STORED AS PARQUET LOCATION '{home}/lake/{name}/'")
    return found


@pytest.fixture(scope="module")
def house(made: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenHouse]:
    opened = open_house(_home(tmp_path_factory.mktemp("kills")), {"spark": made.settings})
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def connection(house: OpenHouse) -> Iterator[psycopg.Connection[Any]]:
    with (
        running(house) as server,
        psycopg.connect(**server.keywords, autocommit=True, prepare_threshold=None) as client,
    ):
        for statement in _prepared(house.home):
            client.execute(statement.encode())
        client.execute("SET enable_result_cache_for_session TO off")
        yield client


def _driver(house: OpenHouse) -> int:
    """The JVM of the session that works."""
    spark: Any = house.service.house.spark
    (process,) = spark._busy
    python = process._process.pid
    (jvm,) = [
        int(pid)
        for one in Path(f"/proc/{python}/task").glob("*/children")
        for pid in one.read_text().split()
        if b"java" in Path(f"/proc/{pid}/cmdline").read_bytes()
    ]
    return jvm


def _strike(what: str, cluster: Cluster, house: OpenHouse) -> None:
    if what == "driver":
        os.kill(_driver(house), signal.SIGKILL)
    elif what == "executor":
        os.kill(cluster.executors()[0], signal.SIGKILL)
    elif what == "master":
        assert cluster.master is not None
        cluster.kill(cluster.master)
    else:
        for worker in cluster.workers:
            cluster.kill(worker)


def _in_the_midst(cluster: Cluster, ask: Callable[[str], Any], statement: str, strike: Callable[[], None]) -> Any:
    """What a statement answers that has begun to compute when something is struck."""
    ask(COUNTED)
    wait_until(lambda: len(cluster.executors()) == 2, START_SECONDS)
    before, found = cluster.tasks(), []
    asking = Thread(target=lambda: found.append(ask(statement)))
    asking.start()
    wait_until(lambda: cluster.tasks() > before + 2, START_SECONDS)
    assert asking.is_alive()
    strike()
    asking.join(2 * START_SECONDS)
    return found[0]


def _held(connection: psycopg.Connection[Any], work: str) -> Any:
    connection.execute("SET engine TO duckdb")
    return connection.execute(f"SELECT count(*), sum(c), sum(s) FROM {HOLDS[work]}".encode()).fetchall()


def _emptied(connection: psycopg.Connection[Any], home: Path, work: str) -> None:
    if work == "table":
        connection.execute("DROP TABLE made")
    elif work == "insert":
        connection.execute("TRUNCATE kept")
    for name in ("kept", "out"):
        for file in (home / "lake" / name).iterdir():
            file.unlink()


class _House:
    """A house in a process of its own."""

    def __init__(self, home: Path, settings: dict[str, Any]) -> None:
        command = [sys.executable, "-c", HOUSE, str(home), json.dumps(settings)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, statement: str) -> Any:
        """Its rows; None where it has ended."""
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(statement + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        return json.loads(line) if line else None

    def close(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait(START_SECONDS)


def test_a_house_that_is_killed_leaves_nothing_and_does_it_again(
    cluster: Cluster, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Comes first: the house of the other tests keeps the cluster's cores."""
    home = _home(tmp_path_factory.mktemp("killed"))
    house = _House(home, cluster.settings)
    for statement in _prepared(home):
        house.ask(statement)
    for work in ("table", "external"):
        assert _in_the_midst(cluster, house.ask, WORKS[work], house.process.kill) is None
        house.process.wait()
        wait_until(lambda: not cluster.executors(), START_SECONDS)
        house = _House(home, cluster.settings)
        assert house.ask("SELECT count(*) FROM lake.kept") == [["0"]]
        assert house.ask("SELECT count(*) FROM svv_all_tables WHERE table_name = 'made'") == [["0"]]
        assert not [*(home / "tmp").glob("spark-*/rows")] and not [*(home / "lake" / "kept").iterdir()]
    for work in ("table", "external"):
        house.ask(WORKS[work])
        assert house.ask(f"SELECT count(*), sum(c), sum(s) FROM {HOLDS[work]}") == [[*map(str, ANSWER[0])]]
    house.close()


@pytest.mark.parametrize(
    ("what", "work", "compute"),
    [
        ("driver", "table", "primary"),
        ("driver", "external", "primary"),
        ("driver", "unload", None),
        ("executor", "insert", "spark"),
        ("executor", "unload", "spark"),
        ("master", "table", "spark"),
        ("workers", "insert", "primary"),
    ],
)
def test_what_is_killed_leaves_the_whole_result_and_nothing_else(
    cluster: Cluster, house: OpenHouse, connection: psycopg.Connection[Any], what: str, work: str, compute: str | None
) -> None:
    def ask(statement: str) -> Any:
        with psycopg.connect(**{**connection.info.get_parameters(), "password": PASSWORD}, autocommit=True) as own:
            own.execute("SET engine TO spark")
            own.execute("SET enable_result_cache_for_session TO off")
            return own.execute(statement.encode()).rowcount

    _in_the_midst(cluster, ask, WORKS[work], lambda: _strike(what, cluster, house))
    assert _held(connection, work) == ANSWER
    ran = connection.execute(
        "SELECT trim(compute_type) FROM sys_query_history WHERE query_text LIKE '%ON a.k <> b.k GROUP%' AND "
        "query_text NOT LIKE '%history%' ORDER BY query_id DESC LIMIT 1"
    ).fetchall()
    assert compute is None or ran == [(compute,)]
    _emptied(connection, house.home, work)
    cluster.mend()
    ask(WORKS[work])
    assert _held(connection, work) == ANSWER
    _emptied(connection, house.home, work)
    assert not [*(house.home / "tmp").glob("spark-*"), *(house.home / "tmp").glob("*insert*")]
