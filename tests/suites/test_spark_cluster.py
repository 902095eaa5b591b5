"""Spark as a cluster on loopback, a standalone master and two workers: what is killed meanwhile spoils no answer.

Each test mends what the one before it has killed. Needs Spark (`make .venv/.spark`).
"""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Iterator
from dataclasses import replace
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


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with standing(tmp_path_factory.mktemp("cluster")) as found:
        yield found


@pytest.fixture
def cluster(made: Cluster) -> Cluster:
    made.mend()
    return made


@pytest.fixture(scope="module")
def house(made: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenHouse]:
    home = tmp_path_factory.mktemp("cluster-home") / "h"
    initialise(home, DATABASE, PASSWORD)
    opened = open_house(home, {"spark": made.settings})
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
