"""Spark behind a server that speaks Spark Connect: the suite of both engines, a timeout, and a server that is gone.

Needs Spark (`make .venv/.spark`), and the client of Spark Connect, which `make .venv/.spark` brings.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.clients.conftest import DATABASE, PASSWORD, running
from tests.clients.test_interruption import wait_until
from tests.suites.spark_suite import (
    GAPS,
    OWN,
    PYTHON,
    SETTINGS,
    STATEMENTS,
    answer_of,
    are_same,
    fill,
    kinds_of_values,
    require_spark,
)

from boathouse.app.assemble import open_house
from boathouse.app.initialise import initialise

require_spark()

START_SECONDS = 240
LONG = "SELECT count(*) FROM lake.large AS l, lake.kinds AS a, lake.kinds AS b, lake.kinds AS c, lake.kinds AS d"
"""Takes minutes, and heeds an interrupt with each batch that it reads: what heeds none keeps the server's cores."""
LARGE = 1_000_000
HOME = next((PYTHON.parents[1] / "lib").glob("python3*/site-packages/pyspark"))


class Server:
    """A server of Spark Connect, for many clients.

    Args:
        folder: for what it writes.
    """

    def __init__(self, folder: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self._port = free.getsockname()[1]
        self.address = f"sc://127.0.0.1:{self._port}"
        where = {"address": "127.0.0.1", "port": str(self._port)}
        self._command = [str(HOME / "bin" / "spark-submit"), "--master", "local[2]", "--driver-memory", "1g"]
        for key, value in where.items():
            self._command += ["--conf", f"spark.connect.grpc.binding.{key}={value}"]
        self._command += ["--conf", "spark.ui.enabled=false", "--conf", "spark.sql.shuffle.partitions=2", "--class",
                          "org.apache.spark.sql.connect.service.SparkConnectServer", "spark-internal"]  # fmt: skip
        self._folder = folder
        self.start()

    def start(self) -> None:
        """Begin, until it listens."""
        environment = {"PATH": os.environ["PATH"], "SPARK_HOME": str(HOME), "SPARK_LOCAL_IP": "127.0.0.1"}
        with (self._folder / "server.log").open("ab") as out:
            self._process = subprocess.Popen(
                self._command, env=environment, cwd=self._folder, stdout=out, stderr=out, start_new_session=True
            )
        wait_until(self._listens, START_SECONDS)

    def _listens(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self._port), 1).close()
        except OSError:
            return False
        return True

    def kill(self) -> None:
        """End it at once."""
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    found = Server(tmp_path_factory.mktemp("connect"))
    yield found
    found.kill()


@pytest.fixture(scope="module")
def connection(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[psycopg.Connection[Any]]:
    home = tmp_path_factory.mktemp("connect-home") / "h"
    initialise(home, DATABASE, PASSWORD)
    opened = open_house(home, {"spark": {**SETTINGS, "master": server.address}})
    with (
        running(opened) as found,
        psycopg.connect(**found.keywords, autocommit=True, prepare_threshold=None) as client,
    ):
        client.execute(f"CREATE EXTERNAL SCHEMA lake {OWN}".format("lake").encode())
        client.execute("SET enable_result_cache_for_session TO off")
        fill(client, home / "lake")
        (home / "lake" / "large").mkdir()
        pq.write_table(pa.table({"v": range(LARGE)}), home / "lake" / "large" / "a.parquet")
        client.execute("CREATE EXTERNAL TABLE lake.large (v bigint) STORED AS PARQUET LOCATION 'large/'")
        yield client
    opened.close()


def test_the_suite_of_both_engines_is_answered_alike(connection: psycopg.Connection[Any]) -> None:
    wrong = {}
    for statement in STATEMENTS:
        expected, found = (answer_of(connection, engine, statement) for engine in ("duckdb", "spark"))
        if not (found == "0A000" if statement in GAPS else are_same(expected, found)):
            wrong[statement] = (expected, found)
    assert not wrong


@pytest.mark.parametrize("milliseconds", [300, 1000, 3000])
def test_a_timeout_ends_its_work_and_the_session_goes_on(
    connection: psycopg.Connection[Any], milliseconds: int
) -> None:
    assert answer_of(connection, "spark", "SELECT count(*) FROM lake.kinds") == [(12,)]
    connection.execute(f"SET statement_timeout TO {milliseconds}".encode())
    assert answer_of(connection, "spark", LONG) == "57014"
    connection.execute("SET statement_timeout TO 0")
    assert answer_of(connection, "spark", "SELECT count(*) FROM lake.kinds") == [(12,)]


def test_a_command_may_name_the_server_and_is_over_with_one_statement(server: Server, tmp_path: Path) -> None:
    initialise(tmp_path / "h", DATABASE, PASSWORD)
    folder = tmp_path / "h" / "lake" / "k"
    folder.mkdir(parents=True)
    pq.write_table(kinds_of_values(), folder / "a.parquet")
    script = f"echo master {server.address}; cat; echo >> {tmp_path}/ended"
    settings = {**SETTINGS, "master": "", "cluster": ("sh", "-c", script), "idle_seconds": 0}
    opened = open_house(tmp_path / "h", {"spark": settings})
    with running(opened) as found, psycopg.connect(**found.keywords, autocommit=True) as client:
        client.execute(f"CREATE EXTERNAL SCHEMA lake {OWN}".format("lake").encode())
        client.execute(f"CREATE EXTERNAL TABLE lake.k (id bigint) STORED AS PARQUET LOCATION '{folder}/'".encode())
        assert answer_of(client, "spark", "SELECT count(*) FROM lake.k") == [(12,)]
        wait_until((tmp_path / "ended").exists)
        (tmp_path / "h" / "lake" / "lines").mkdir()
        (tmp_path / "h" / "lake" / "lines" / "a.csv").write_text("1e2\n5\n")
        client.execute("CREATE EXTERNAL TABLE lake.lines (n numeric(8,2)) STORED AS TEXTFILE LOCATION 'lines/'")
        asked = "SELECT sum(n) AS sent_back FROM lake.lines"
        assert answer_of(client, "spark", asked) == answer_of(client, "duckdb", asked) == [(105,)]
        wait_until(lambda: (tmp_path / "ended").read_text() == "\n\n")
        assert not [*(tmp_path / "h" / "tmp").glob("burst-*")]
    opened.close()
    assert (tmp_path / "ended").read_text() == "\n\n", "one cluster a statement, however often it is asked"


def test_a_server_that_is_gone_is_named_until_it_is_back(server: Server, connection: psycopg.Connection[Any]) -> None:
    assert answer_of(connection, "spark", "SELECT count(*) FROM lake.kinds") == [(12,)]
    server.kill()
    failures = []
    for _ in range(2):
        with pytest.raises(psycopg.Error) as failure:
            connection.execute("SELECT count(*) FROM lake.kinds")
        failures.append(failure.value)
    assert [one.sqlstate for one in failures] == ["58000", "58000"]
    assert server.address in str(failures[1])
    assert answer_of(connection, "duckdb", "SELECT count(*) FROM lake.kinds") == [(12,)]
    server.start()
    assert answer_of(connection, "spark", "SELECT count(*) FROM lake.kinds") == [(12,)]
