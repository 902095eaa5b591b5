"""What is stored of a query that Spark runs: CREATE TABLE AS and INSERT, into tables of both kinds of warehouses and of the lake.

Each is done by both engines, and what the tables hold then is the same. Needs Spark (`make .venv/.spark`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from tests.clients.conftest import DATABASE, PASSWORD, running
from tests.suites.spark_suite import OWN, SETTINGS, are_same, fill, require_spark

from boathouse.app.assemble import open_house
from boathouse.app.initialise import initialise

require_spark()

ENGINES = (("duckdb", "primary"), ("spark", "spark"))
MADE = {
    "every type": "SELECT * FROM lake.kinds",
    "computed": "SELECT sm, count(*) AS c, sum(b) AS b, avg(n) AS n, max(ch) AS ch, min(ts) AS ts FROM lake.kinds GROUP BY sm",
    "names": "SELECT i AS a, i AS \"b c\", 'x' AS lit, NULL AS nothing, 1.50 AS num FROM lake.kinds",
    "set operation": "SELECT i, s FROM lake.kinds UNION ALL SELECT sm, t FROM lake.kinds, lake.texts WHERE kind = 'other'",
    "with": "WITH big AS (SELECT id, b FROM lake.kinds WHERE b > 0) SELECT k.s, big.b FROM big JOIN lake.kinds AS k USING (id)",
    "nothing": "SELECT * FROM lake.kinds WHERE id < 0",
    "own table": "SELECT h.name, k.id FROM here AS h JOIN lake.kinds AS k ON k.id = h.id",
    "sorted": "SELECT id, s FROM lake.kinds ORDER BY id DESC LIMIT 5",
}


@pytest.fixture(scope="module", params=["native", "ducklake"])
def connection(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    home = tmp_path_factory.mktemp("stored") / "h"
    initialise(home, DATABASE, PASSWORD, request.param)
    opened = open_house(home, {"spark": SETTINGS})
    with (
        running(opened) as server,
        psycopg.connect(**server.keywords, autocommit=True, prepare_threshold=None) as client,
    ):
        client.execute("SET enable_result_cache_for_session TO off")
        client.execute(f"CREATE EXTERNAL SCHEMA lake {OWN}".format("lake").encode())
        fill(client, home / "lake")
        yield client
        assert not [one.name for one in (home / "tmp").iterdir() if one.name.startswith("spark-")]
    opened.close()


def _on(connection: psycopg.Connection[Any], engine: str, statement: str, *values: object) -> Any:
    """The number of rows, or the error's SQLSTATE."""
    connection.execute(f"SET engine TO {engine}".encode())
    try:
        return connection.execute(statement.encode(), values or None).rowcount
    except psycopg.Error as failure:
        return failure.sqlstate
    finally:
        connection.execute("SET engine TO duckdb")


def _ran(connection: psycopg.Connection[Any], mark: str) -> str:
    found = connection.execute(
        f"SELECT trim(compute_type) FROM sys_query_history WHERE query_text LIKE '%{mark}%' AND query_text NOT LIKE "
        "'%history%' AND query_text NOT LIKE 'DROP%' ORDER BY query_id DESC LIMIT 1".encode()
    ).fetchall()
    return str(found[0][0])


def _held(connection: psycopg.Connection[Any], table: str) -> list[Any]:
    return sorted(connection.execute(f"SELECT * FROM {table}".encode()).fetchall(), key=repr)


def _shape(connection: psycopg.Connection[Any], table: str) -> list[Any]:
    return connection.execute(
        "SELECT column_name, data_type, character_maximum_length, numeric_precision, numeric_scale FROM svv_columns WHERE "
        f"table_name = '{table}' ORDER BY ordinal_position".encode()
    ).fetchall()


@pytest.mark.parametrize("what", MADE)
def test_tables_that_are_made_of_queries(connection: psycopg.Connection[Any], what: str) -> None:
    held, counts = [], []
    for engine, compute in ENGINES:
        table = f"made_{what.replace(' ', '_')}_{engine}"
        counts.append(_on(connection, engine, f"CREATE TABLE {table} AS {MADE[what]}"))
        assert _ran(connection, table.replace("_", "\\_")) == compute
        held.append((_held(connection, table), _shape(connection, table)))
    assert counts[0] == counts[1] and isinstance(counts[0], int)
    assert are_same(held[0][0], held[1][0]), f"\n{held[0]}\n{held[1]}"
    assert held[0][1] == held[1][1]


KEPT = "(id bigint NOT NULL, s varchar(4), n numeric(10,2), sm smallint, d date DEFAULT '2020-01-01', at timestamp, ch char(6))"
INSERTED = {
    "by place": "SELECT id, s, n, sm, d, ts, ch FROM lake.kinds WHERE octet_length(s) <= 4",
    "by name": "(n, id, s) SELECT f, id, substring(s, 1, 1) FROM lake.kinds WHERE id IN (2, 3)",
    "narrowed": "(id, sm, n) SELECT id, i, b FROM lake.kinds WHERE id < 3",
    "of literals": "(id, s, d, at, ch) SELECT id, 'lit', '2024-02-29', '2024-02-29 10:00:00', 'ab ' FROM lake.kinds",
    "set operation": "(id, s) (SELECT id, s FROM lake.kinds WHERE id < 3) UNION ALL SELECT sm, 'u' FROM lake.kinds",
    "with": "WITH w AS (SELECT id FROM lake.kinds) SELECT id FROM w",
    "too long": "(id, s) SELECT id, s || s FROM lake.kinds",
    "too large": "(id, sm) SELECT id, b FROM lake.kinds",
    "no value": "(id) SELECT i FROM lake.kinds",
    "divided": "(id, n) SELECT id, 1 / sm FROM lake.kinds",
    "nothing": "(id) SELECT id FROM lake.kinds WHERE id < 0",
}


@pytest.mark.parametrize("what", INSERTED)
def test_rows_that_are_inserted(connection: psycopg.Connection[Any], what: str) -> None:
    held = []
    for engine, compute in ENGINES:
        table = f"kept_{what.replace(' ', '_')}_{engine}"
        connection.execute(f"CREATE TABLE {table} {KEPT}".encode())
        found = _on(connection, engine, f"INSERT INTO {table} {INSERTED[what]}")
        if isinstance(found, int):
            assert _ran(connection, f"INSERT INTO {table}".replace("_", "\\_")) == compute
        held.append((found, _held(connection, table)))
    assert are_same(held[0], held[1]), f"\n{held[0]}\n{held[1]}"
    assert isinstance(held[0][0], int) or not held[0][1]


def test_parameters_a_block_and_the_table_itself(connection: psycopg.Connection[Any]) -> None:
    connection.execute("CREATE TABLE block (id bigint, s varchar(20))")
    assert _on(connection, "spark", "INSERT INTO block SELECT id, %s FROM lake.kinds WHERE id < %s", "p", 3) == 3
    connection.execute("BEGIN")
    assert _on(connection, "spark", "INSERT INTO block SELECT id + 10, s FROM block") == 3
    assert _on(connection, "spark", "INSERT INTO block SELECT id + 100, s FROM block") == 6
    assert connection.execute("SELECT count(*), max(id) FROM block").fetchall() == [(12, 112)]
    connection.execute("ROLLBACK")
    assert connection.execute("SELECT count(*), max(id) FROM block").fetchall() == [(3, 2)]
    assert _ran(connection, "INSERT INTO block SELECT id + 100") == "spark"


def test_a_procedure_stores_rows_by_its_variables(connection: psycopg.Connection[Any]) -> None:
    connection.execute("CREATE TABLE by_steps (id bigint, n integer)")
    connection.execute(
        "CREATE PROCEDURE steps(least integer) AS $$ DECLARE more integer := 2; BEGIN "
        "INSERT INTO by_steps SELECT id, more FROM lake.kinds WHERE id >= least; "
        "INSERT INTO by_steps SELECT id + more, more FROM by_steps; END; $$ LANGUAGE plpgsql"
    )
    assert _on(connection, "spark", "CALL steps(10)") is not None
    assert _held(connection, "by_steps") == [(10, 2), (11, 2), (12, 2), (13, 2)]
    assert _ran(connection, "INSERT INTO by\\_steps SELECT id, more") == "spark"


def test_what_spark_cannot_compute_the_house_does(connection: psycopg.Connection[Any]) -> None:
    query = "SELECT to_char(d, 'YYYY') AS y FROM lake.kinds"
    assert _on(connection, "spark", f"CREATE TABLE at_home AS {query}") == 12
    assert _on(connection, "spark", f"INSERT INTO at_home {query}") == 12
    assert _ran(connection, "INSERT INTO at\\_home") == "primary" == _ran(connection, "CREATE TABLE at\\_home")
    assert _on(connection, "spark", f"CREATE TABLE at_home AS {query}") == "42P07"
    connection.execute("SET engine TO duckdb")


TARGETS = {
    "parquet": "(id bigint, s varchar(4), n numeric(12,3), d date, ch char(5)) STORED AS PARQUET",
    "text": "(id bigint, s varchar(4), n numeric(12,3), d date, ch char(5)) ROW FORMAT DELIMITED FIELDS TERMINATED BY '|' "
    "STORED AS TEXTFILE",
    "parted": "(id bigint, s varchar(4), n numeric(12,3)) PARTITIONED BY (d date, ch varchar(5)) STORED AS PARQUET",
}


@pytest.mark.parametrize("kind", TARGETS)
def test_rows_that_are_inserted_into_the_lake(connection: psycopg.Connection[Any], kind: str) -> None:
    held = []
    for engine, compute in ENGINES:
        table = f"into_{kind}_{engine}"
        connection.execute(
            f"CREATE EXTERNAL TABLE lake.{table} {TARGETS[kind]} LOCATION 'into/{kind}_{engine}/'".encode()
        )
        for low in (0, 6):
            query = (
                f"SELECT id, s, n, d, ch FROM lake.kinds WHERE octet_length(s) <= 4 AND d IS NOT NULL AND id >= {low}"
            )
            assert isinstance(_on(connection, engine, f"INSERT INTO lake.{table} {query}"), int)
        assert _ran(connection, f"INSERT INTO lake.{table}".replace("_", "\\_")) == compute
        assert (
            _on(connection, engine, f"INSERT INTO lake.{table} SELECT id, 'one', n / 0, d, ch FROM lake.kinds")
            == "22012"
        )
        held.append(_held(connection, f"lake.{table}"))
    assert are_same(held[0], held[1]) and len(held[0]) > 6
