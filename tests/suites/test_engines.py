"""One suite over both engines: each statement is answered by the house and by Spark, and the answers must be the same.

What Spark is not asked stands in `engines/gaps.sql` with its reason: it must be refused by a clear error.
TPC-H's questions over lake tables come last. Needs a Python with pyspark (`make .venv/.spark`) and Java 17.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pyarrow.parquet as pq
import pytest
from tests.clients.conftest import DATABASE, PASSWORD, running
from tests.suites.spark_suite import ENDLESS, GAPS, SETTINGS, STATEMENTS, answer_of, are_same, fill, require_spark
from tests.suites.test_tpc import generated

from boathouse.app.assemble import OpenHouse, open_house
from boathouse.app.initialise import initialise
from boathouse.workload.settings import WorkloadSettings

require_spark()

QUESTIONS = None if os.environ.get("BOATHOUSE_SPARK_TPCH") else {1, 4, 6, 8, 13, 18}
"""All of TPC-H by hand; it takes a minute."""
_running: list[OpenHouse] = []


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[psycopg.Connection[Any], dict[int, str]]]:
    home = tmp_path_factory.mktemp("engines") / "h"
    initialise(home, DATABASE, PASSWORD)
    opened = open_house(home, {"spark": SETTINGS})
    _running[:] = [opened]
    with (
        running(opened) as server,
        psycopg.connect(**server.keywords, autocommit=True, prepare_threshold=None) as connection,
    ):
        connection.execute(
            "CREATE EXTERNAL SCHEMA lake FROM DATA CATALOG DATABASE 'lake' CREATE EXTERNAL DATABASE IF NOT EXISTS"
        )
        fill(connection, home / "lake")
        yield connection, _tpch(connection, home / "lake" / "tpch")
    opened.close()


def _tpch(connection: psycopg.Connection[Any], folder: Path) -> dict[int, str]:
    """TPC-H's tables in the lake, and its questions over them."""
    folder.mkdir(parents=True)
    engine = generated("tpch")
    connection.execute(
        "CREATE EXTERNAL SCHEMA tpch FROM DATA CATALOG DATABASE 'tpch' CREATE EXTERNAL DATABASE IF NOT EXISTS"
    )
    for (table,) in engine.execute("SHOW TABLES").fetchall():
        kinds = engine.execute(f"DESCRIBE {table}").fetchall()
        columns = ", ".join(
            f"{name} {'varchar(500)' if kind == 'VARCHAR' else kind.lower()}" for name, kind, *_ in kinds
        )
        (folder / table).mkdir()
        engine.execute(f"COPY {table} TO '{folder / table}/a.parquet' (FORMAT parquet)")
        connection.execute(
            f"CREATE EXTERNAL TABLE tpch.{table} ({columns}) STORED AS PARQUET LOCATION '{folder / table}/'".encode()
        )
    return dict(engine.execute("SELECT query_nr, query FROM tpch_queries()").fetchall())


def _told(statement: str) -> str:
    return statement.replace("\n", " ")[:60]


def test_parameters_transactions_cursors_and_temporary_tables(house: tuple[psycopg.Connection[Any], Any]) -> None:
    connection, _ = house
    connection.execute("SET engine TO spark")
    found = connection.execute(
        "SELECT id, i FROM lake.kinds WHERE i >= %s AND s = %s ORDER BY id", (0, "ab")
    ).fetchall()
    assert found == [(7, 0)]
    connection.execute("BEGIN")
    connection.execute("CREATE TEMP TABLE mine (id bigint)")
    connection.execute("INSERT INTO mine VALUES (1), (5)")
    assert connection.execute("SELECT k.id, k.s FROM mine JOIN lake.kinds AS k USING (id) ORDER BY 1").fetchall() == [
        (1, "abc"), (5, "AB")]  # fmt: skip
    connection.execute("DECLARE c CURSOR FOR SELECT id FROM lake.kinds ORDER BY id")
    assert connection.execute("FETCH 2 FROM c").fetchall() == [(0,), (1,)]
    assert connection.execute("SELECT count(*) FROM lake.kinds").fetchall() == [(12,)]
    assert connection.execute("FETCH 2 FROM c").fetchall() == [(2,), (3,)]
    connection.execute("ROLLBACK")


def test_the_log_says_which_engine_ran_it(house: tuple[psycopg.Connection[Any], Any]) -> None:
    connection, _ = house
    for engine, compute in (("spark", "spark"), ("duckdb", "primary"), ("auto", "primary")):
        answer_of(connection, engine, f"SELECT max(id) + 1 AS marked_{engine} FROM lake.kinds")
        told = connection.execute(
            f"SELECT trim(compute_type) FROM sys_query_history WHERE query_text LIKE '%marked\\_{engine}%' AND "
            "query_text NOT LIKE '%sys_query_history%'".encode()
        ).fetchall()
        assert told == [(compute,)]


def test_large_scans_and_queues_send_what_spark_can_run(
    house: tuple[psycopg.Connection[Any], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    connection, (opened,) = house[0], _running
    settings: Any = opened.settings
    with monkeypatch.context() as patched:
        patched.setitem(settings, "spark", replace(settings["spark"], scan_bytes_min=1))
        assert answer_of(connection, "auto", "SELECT count(*) + 1 AS scan_went FROM lake.kinds") == [(13,)]
        assert isinstance(
            answer_of(connection, "auto", "SELECT to_char(min(d), 'YYYY') AS scan_stayed FROM lake.kinds"), list
        )
        assert answer_of(connection, "duckdb", "SELECT count(*) + 1 AS scan_kept FROM lake.kinds") == [(13,)]
    opened.service.workload.configure(WorkloadSettings('[{"engine": "spark", "query_concurrency": 5}]'))
    assert answer_of(connection, "auto", "SELECT count(*) + 1 AS queue_went FROM lake.kinds") == [(13,)]
    opened.service.workload.configure(WorkloadSettings())
    told = connection.execute(
        "SELECT regexp_substr(query_text, '(scan|queue)_[a-z]+'), trim(compute_type) FROM sys_query_history WHERE query_type = "
        "'SELECT' AND query_text NOT LIKE '%history%' AND regexp_count(query_text, '(scan|queue)_[a-z]+') = 1 ORDER BY query_id"
    ).fetchall()
    assert told == [
        ("scan_went", "spark"),
        ("scan_stayed", "primary"),
        ("scan_kept", "primary"),
        ("queue_went", "spark"),
    ]


def test_gaps_are_statements_of_the_suite() -> None:
    assert set(GAPS) <= set(STATEMENTS)
    assert all(GAPS.values())


@pytest.mark.parametrize("statement", STATEMENTS, ids=_told)
def test_spark_answers_as_the_house_does(house: tuple[psycopg.Connection[Any], Any], statement: str) -> None:
    expected = answer_of(house[0], "duckdb", statement)
    found = answer_of(house[0], "spark", statement)
    if statement in GAPS:
        assert found == "0A000", f"a gap works, or fails otherwise: {found}"
    else:
        assert are_same(expected, found), f"\n{expected}\n{found}"


def test_tpch_over_the_lake_is_answered_alike(house: tuple[psycopg.Connection[Any], dict[int, str]]) -> None:
    connection, questions = house
    connection.execute("SET search_path TO tpch")
    wrong = {}
    for number, question in questions.items():
        if QUESTIONS is not None and number not in QUESTIONS:
            continue
        expected, found = (answer_of(connection, engine, question) for engine in ("duckdb", "spark"))
        if not isinstance(found, list) or not (are_same(expected, found) or are_same(sorted(expected), sorted(found))):
            wrong[number] = (expected, found)
    connection.execute("SET search_path TO public")
    assert not wrong


@pytest.mark.parametrize("form", ["PARQUET", "CSV HEADER", "DELIMITER '|' GZIP"])
def test_what_is_unloaded_is_computed_on_spark(house: tuple[psycopg.Connection[Any], Any], form: str) -> None:
    """And written by the house: the same files, to the byte."""
    connection, (opened,) = house[0], _running
    query = "SELECT id, s, ch, n, d, ts, o, n * 2 AS twice FROM lake.kinds WHERE id <> 3 ORDER BY id"
    written = {}
    for engine, compute in (("duckdb", "primary"), ("spark", "spark")):
        place = f"unloaded/{form.split()[0].lower()}_{engine}/"
        connection.execute(f"SET engine TO {engine}".encode())
        connection.execute(f"UNLOAD ('{query}') TO '{place}' {form} PARALLEL OFF".encode())
        files = sorted((opened.service.house.home / "lake" / place).glob("*"))
        written[engine] = [file.read_bytes() for file in files]
        told = connection.execute(
            f"SELECT trim(compute_type) FROM sys_query_history WHERE query_text LIKE '%{place}%' AND "
            "query_type = 'UNLOAD'".encode()
        ).fetchall()
        assert told == [(compute,)]
    assert written["spark"] == written["duckdb"] != []


DELIMITED = "ROW FORMAT DELIMITED FIELDS TERMINATED BY '|' STORED AS TEXTFILE"
PARTITIONED = {
    "unload": "UNLOAD ('SELECT id, s, n, d, sm FROM lake.kinds WHERE id <> 3 ORDER BY id') TO '{place}' {form} PARTITION BY (sm)",
    "create": "CREATE EXTERNAL TABLE lake.made_{engine}_{name} PARTITIONED BY (sm) {stored} LOCATION '{place}' AS SELECT id, s, "
    "n, d, sm FROM lake.kinds WHERE id <> 3 AND sm IS NOT NULL",
}


@pytest.mark.parametrize("how", PARTITIONED)
@pytest.mark.parametrize(
    ("form", "stored"),
    [("PARQUET", "STORED AS PARQUET"), ("CSV", DELIMITED)],
)
def test_what_is_written_in_partitions_is_computed_on_spark(
    house: tuple[psycopg.Connection[Any], Any], how: str, form: str, stored: str
) -> None:
    """The rows of each folder; in which order one statement leaves them is the engine's affair where it names none."""
    connection, (opened,) = house[0], _running
    written = {}
    for engine, compute in (("duckdb", "primary"), ("spark", "spark")):
        place = f"parted/{how}_{form.lower()}_{engine}/"
        connection.execute(f"SET engine TO {engine}".encode())
        told = {"place": place, "form": form, "stored": stored, "engine": engine, "name": form.lower()}
        connection.execute(PARTITIONED[how].format(**told).encode())
        root = opened.service.house.home / "lake" / place
        found: dict[str, list[Any]] = {}
        for file in sorted(root.rglob("*")):
            if file.is_file():
                rows = pq.read_table(file).to_pylist() if form == "PARQUET" else file.read_text().splitlines()
                found.setdefault(file.parent.relative_to(root).as_posix(), []).extend(map(str, rows))
        written[engine] = {folder: sorted(rows) for folder, rows in found.items()}
        ran = connection.execute(
            f"SELECT trim(compute_type) FROM sys_query_history WHERE query_text LIKE '%{place}%' AND "
            "query_text NOT LIKE '%history%'".encode()
        ).fetchall()
        assert ran == [(compute,)]
    assert written["spark"] == written["duckdb"]
    assert set(written["spark"]) == {f"sm={number}" for number in (-1, 0, 1, 2)}


CUTS = int(os.environ.get("BOATHOUSE_SPARK_CUTS", "4"))


@pytest.mark.parametrize("place", range(CUTS))
def test_a_timeout_ends_its_work_and_the_session_goes_on(
    house: tuple[psycopg.Connection[Any], Any], place: int
) -> None:
    """Wherever the cut falls: while the query is planned, as its first tasks start, in the midst of them."""
    connection, _ = house
    assert answer_of(connection, "spark", "SELECT count(*) FROM lake.kinds") == [(12,)]
    connection.execute(f"SET statement_timeout TO {200 + 400 * (place % 8)}".encode())
    assert answer_of(connection, "spark", ENDLESS) == "57014"
    connection.execute("SET statement_timeout TO 0")
    assert answer_of(connection, "spark", "SELECT count(*) FROM lake.kinds") == [(12,)]
