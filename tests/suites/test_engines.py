"""One suite over both engines: each statement is answered by the house and by Spark, and the answers must be the same.

What Spark is not asked stands in `engines/gaps.sql` with its reason: it must be refused by a clear error.
TPC-H's questions over lake tables come last. Needs a Python with pyspark (`make .venv/.spark`) and Java 17.
"""

from __future__ import annotations

import datetime
import math
import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.clients.conftest import DATABASE, PASSWORD, running
from tests.suites.test_tpc import generated

from boathouse.app.assemble import OpenHouse, open_house
from boathouse.app.initialise import initialise
from boathouse.workload.settings import WorkloadSettings

HERE = Path(__file__).parent / "engines"
PYTHON = Path(__file__).parents[2] / ".venv" / "spark" / "bin" / "python"
if not PYTHON.exists() or shutil.which("java") is None:
    pytest.skip("no Python with pyspark (make .venv/.spark), or no Java", allow_module_level=True)


def _paragraphs(name: str) -> dict[str, str]:
    """The statements of a file, with the comment above each."""
    found = {}
    for paragraph in (HERE / name).read_text().split("\n\n"):
        lines = paragraph.strip().splitlines()
        told = [line[3:] for line in lines if line.startswith("-- ")]
        if text := "\n".join(line for line in lines if not line.startswith("-- ")):
            found[text] = " ".join(told)
    return found


QUICK = (
    "spark.sql.codegen.wholeStage=false spark.sql.adaptive.enabled=false "
    "spark.driver.extraJavaOptions=-XX:TieredStopAtLevel=1"
)
"""What saves a JVM of tests its warming up."""
SETTINGS = {"master": "local[2]", "python": str(PYTHON), "shuffle_partitions": 2, "properties": QUICK}
QUESTIONS = None if os.environ.get("BOATHOUSE_SPARK_TPCH") else {1, 4, 6, 8, 13, 18}
"""All of TPC-H by hand; it takes a minute."""
OWN = "FROM DATA CATALOG DATABASE '{}' CREATE EXTERNAL DATABASE IF NOT EXISTS"
STATEMENTS = [*_paragraphs("statements.sql")]
GAPS = _paragraphs("gaps.sql")

_DAYS = [datetime.date(2024, 2, 29), datetime.date(1999, 12, 31), None, datetime.date(2024, 1, 31)]
_MOMENTS = [
    datetime.datetime(2024, 3, 1, 10, 20, 30, 500000),
    None,
    datetime.datetime(2000, 1, 1),
    datetime.datetime(2025, 1, 1, 9),
]


def _kinds() -> pa.Table:
    count = 12
    return pa.table({
        "id": pa.array(range(count), pa.int64()),
        "sm": pa.array([place % 4 - 1 for place in range(count)], pa.int16()),
        "i": pa.array([None, 1, 2, 3, -5, 1, 7, 0, 2, None, 100, 1], pa.int32()),
        "b": pa.array([place * 10**10 for place in range(count)], pa.int64()),
        "n": pa.array([None if place == 4 else Decimal(place * 37 - 100) / 8 for place in range(count)], pa.decimal128(12, 3)),
        "f": pa.array([None, *(place / 7 - 0.5 for place in range(1, count))], pa.float64()),
        "r": pa.array([0.1, None, *(place / 4 for place in range(2, count))], pa.float32()),
        "s": ["ab", "abc", "ab ", None, " ba", "AB", "ß", "ab", "xyz", "日本", "", "a'b\\c"],
        "ch": ["ab", "b", None, "abcde", "ab", "c", "ab", "b", "", "x", "y", "z"],
        "d": pa.array([_DAYS[place % 4] for place in range(count)], pa.date32()),
        "ts": pa.array([_MOMENTS[place // 3] for place in range(count)], pa.timestamp("us")),
        "o": [None if place % 5 == 0 else place % 2 == 0 for place in range(count)],
    })  # fmt: skip


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
        _fill(connection, home / "lake")
        yield connection, _tpch(connection, home / "lake" / "tpch")
    opened.close()


def _fill(connection: psycopg.Connection[Any], lake: Path) -> None:
    def external(name: str, columns: str, tables: dict[str, pa.Table], partitions: str = "") -> None:
        for path, table in tables.items():
            file = lake / name / path
            file.parent.mkdir(parents=True, exist_ok=True)
            pq.write_table(table, file)
        (lake / name).mkdir(parents=True, exist_ok=True)
        connection.execute(
            f"CREATE EXTERNAL TABLE lake.{name} ({columns}) {partitions} STORED AS PARQUET LOCATION '{lake / name}/'".encode()
        )

    kinds = _kinds()
    columns = ("id bigint, sm smallint, i integer, b bigint, n numeric(12,3), f double precision, r real, s varchar(20), "
               "ch char(5), d date, ts timestamp, o boolean")  # fmt: skip
    external("kinds", columns, {"a.parquet": kinds.slice(0, 5), "b.parquet": kinds.slice(5)})
    texts = {"t": ["1", "-20", " 3 ", "2024-02-29", "1999-12-31", "ab", None, "abc"],
             "kind": ["number"] * 3 + ["date"] * 2 + ["other"] * 3}  # fmt: skip
    external("texts", "t varchar(20), kind varchar(10)", {"a.parquet": pa.table(texts)})
    external("nothing", "id bigint, s varchar(5)", {})
    external("nested", "id bigint, tags array<varchar(5)>", {"a.parquet": pa.table({"id": [1], "tags": [["a", "b"]]})})
    grown = {
        "a.parquet": pa.table({"ID": pa.array([1, 2], pa.int32())}),
        "b.parquet": pa.table({"id": pa.array([3], pa.int32()), "late": ["toolong"]}),
    }
    external(
        "grown",
        "id bigint, late varchar(4)",
        {"a.parquet": pa.table({"id": pa.array([1, 2], pa.int32())}), "b.parquet": grown["b.parquet"]},
    )
    parts = {f"y={year}/m={month}/a.parquet": pa.table({"v": [year, place]})
             for place, (year, month) in enumerate([(2023, "a"), (2024, "a"), (2024, "b c")])}  # fmt: skip
    external("parts", "v bigint", parts, "PARTITIONED BY (y integer, m varchar(5))")
    for year, month in ((2023, "a"), (2024, "a"), (2024, "b c")):
        where = lake / "parts" / f"y={year}" / f"m={month}"
        connection.execute(f"ALTER TABLE lake.parts ADD PARTITION (y={year}, m='{month}') LOCATION '{where}/'".encode())
    (lake / "csv").mkdir()
    (lake / "csv" / "a.csv").write_text("1,x,2.50\n2,y,\n3,z,7.125\n")
    fields = "ROW FORMAT DELIMITED FIELDS TERMINATED BY ',' STORED AS TEXTFILE"
    declared = f"lake.csv (a integer, b varchar(5), c numeric(8,3)) {fields} LOCATION '{lake}/csv/'"
    connection.execute(f"CREATE EXTERNAL TABLE {declared}".encode())
    connection.execute("CREATE TABLE here (id integer, name char(8), at timestamp)")
    connection.execute(
        "INSERT INTO here VALUES (1, 'one', '2024-01-01 00:00:00'), (2, 'two', NULL), (NULL, 'none', NULL), (40, NULL, NULL)"
    )


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


def _answer(connection: psycopg.Connection[Any], engine: str, statement: str) -> Any:
    """The rows, or the error's SQLSTATE."""
    connection.execute(f"SET engine TO {engine}".encode())
    try:
        return connection.execute(statement.encode()).fetchall()
    except psycopg.Error as failure:
        return failure.sqlstate


def _same(one: Any, other: Any) -> bool:
    if (
        (isinstance(one, str) and isinstance(other, str))
        or isinstance(one, str | None)
        or isinstance(other, str | None)
    ):
        return bool(one == other)
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(_same, one, other))
    if isinstance(one, float):
        return type(other) is float and math.isclose(one, other, rel_tol=1e-12, abs_tol=1e-12)
    return type(one) is type(other) and bool(one == other)


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
        _answer(connection, engine, f"SELECT max(id) + 1 AS marked_{engine} FROM lake.kinds")
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
        assert _answer(connection, "auto", "SELECT count(*) + 1 AS scan_went FROM lake.kinds") == [(13,)]
        assert isinstance(
            _answer(connection, "auto", "SELECT to_char(min(d), 'YYYY') AS scan_stayed FROM lake.kinds"), list
        )
        assert _answer(connection, "duckdb", "SELECT count(*) + 1 AS scan_kept FROM lake.kinds") == [(13,)]
    opened.service.workload.configure(WorkloadSettings('[{"engine": "spark", "query_concurrency": 5}]'))
    assert _answer(connection, "auto", "SELECT count(*) + 1 AS queue_went FROM lake.kinds") == [(13,)]
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
    expected = _answer(house[0], "duckdb", statement)
    found = _answer(house[0], "spark", statement)
    if statement in GAPS:
        assert found == "0A000", f"a gap works, or fails otherwise: {found}"
    else:
        assert _same(expected, found), f"\n{expected}\n{found}"


def test_tpch_over_the_lake_is_answered_alike(house: tuple[psycopg.Connection[Any], dict[int, str]]) -> None:
    connection, questions = house
    connection.execute("SET search_path TO tpch")
    wrong = {}
    for number, question in questions.items():
        if QUESTIONS is not None and number not in QUESTIONS:
            continue
        expected, found = (_answer(connection, engine, question) for engine in ("duckdb", "spark"))
        if not isinstance(found, list) or not (_same(expected, found) or _same(sorted(expected), sorted(found))):
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


ENDLESS = "SELECT count(*) FROM " + ", ".join(f"lake.kinds AS k{place}" for place in range(11)) + " WHERE k0.f < k1.f"


CUTS = int(os.environ.get("BOATHOUSE_SPARK_CUTS", "4"))


@pytest.mark.parametrize("place", range(CUTS))
def test_a_timeout_ends_its_work_and_the_session_goes_on(
    house: tuple[psycopg.Connection[Any], Any], place: int
) -> None:
    """Wherever the cut falls: while the query is planned, as its first tasks start, in the midst of them."""
    connection, _ = house
    assert _answer(connection, "spark", "SELECT count(*) FROM lake.kinds") == [(12,)]
    connection.execute(f"SET statement_timeout TO {200 + 400 * (place % 8)}".encode())
    assert _answer(connection, "spark", ENDLESS) == "57014"
    connection.execute("SET statement_timeout TO 0")
    assert _answer(connection, "spark", "SELECT count(*) FROM lake.kinds") == [(12,)]
