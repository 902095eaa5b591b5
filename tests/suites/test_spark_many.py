"""Many files on Spark: which of them a query reads is known before they are listed, and the list that goes there is short.

How many, `BOATHOUSE_SPARK_FILES` says: some hundred by default, thousands by hand. Needs Spark (`make .venv/.spark`).
"""

from __future__ import annotations

import os
import pickle
from collections.abc import Iterator
from typing import Any

import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.clients.conftest import DATABASE, PASSWORD, running
from tests.suites.spark_suite import OWN, SETTINGS, answer_of, require_spark

from boathouse.app.assemble import open_house
from boathouse.app.initialise import initialise
from boathouse.engines.processes.process import Process

require_spark()

FILES = int(os.environ.get("BOATHOUSE_SPARK_FILES", "200"))
DAYS = 20
BYTES = 100
"""Of a request for each file, at most: a path with its folder's values, of which most is said once."""


@pytest.fixture(scope="module")
def connection(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    home = tmp_path_factory.mktemp("many") / "h"
    initialise(home, DATABASE, PASSWORD)
    opened = open_house(home, {"spark": SETTINGS})
    root = home / "lake" / "many"
    for number in range(FILES):
        folder = root / f"d={number % DAYS}" / f"h={number // DAYS}"
        folder.mkdir(parents=True)
        pq.write_table(pa.table({"v": [number]}), folder / "a.parquet")
    with (
        running(opened) as server,
        psycopg.connect(**server.keywords, autocommit=True, prepare_threshold=None) as client,
    ):
        client.execute("SET enable_result_cache_for_session TO off")
        client.execute(f"CREATE EXTERNAL SCHEMA lake {OWN}".format("lake").encode())
        client.execute(
            "CREATE EXTERNAL TABLE lake.many (v bigint) PARTITIONED BY (d integer, h integer) STORED AS PARQUET "
            f"LOCATION '{root}/'".encode()
        )
        for first in range(0, FILES, 100):
            places = [(number % DAYS, number // DAYS) for number in range(first, min(first + 100, FILES))]
            added = " ".join(f"PARTITION (d={d}, h={h}) LOCATION '{root}/d={d}/h={h}/'" for d, h in places)
            client.execute(f"ALTER TABLE lake.many ADD {added}".encode())
        yield client
    opened.close()


@pytest.mark.parametrize(
    ("where", "numbers"),
    [
        ("", range(FILES)),
        (" WHERE d = 7", range(7, FILES, DAYS)),
        (" WHERE d = 7 AND h = 1", [7 + DAYS]),
        (" WHERE d IN (1, 2) AND h >= 3", [one for one in range(3 * DAYS, FILES) if one % DAYS in (1, 2)]),
        (" WHERE d > 900", []),
    ],
)
def test_a_query_goes_with_the_files_that_it_needs_alone(
    connection: psycopg.Connection[Any], monkeypatch: pytest.MonkeyPatch, where: str, numbers: Any
) -> None:
    asked: list[Any] = []
    ask = Process.ask

    def noted(process: Process, request: object) -> None:
        asked.append(request)
        ask(process, request)

    monkeypatch.setattr(Process, "ask", noted)
    found = answer_of(connection, "spark", f"SELECT count(*), sum(v) FROM lake.many{where}")
    assert found == [(len(numbers), sum(numbers) if len(numbers) else None)]
    (request,) = asked
    (table,) = request.tables
    assert len(table.files) == len(numbers)
    assert len(pickle.dumps(request)) < 2000 + BYTES * len(numbers)
