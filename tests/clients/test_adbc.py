"""ADBC for PostgreSQL: results by binary COPY into Arrow, parameters, bulk ingestion."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import pyarrow as pa
import pytest
from tests.clients.conftest import PASSWORD, USER, Running

adbc = pytest.importorskip("adbc_driver_postgresql.dbapi")


@pytest.fixture
def connection(server: Running) -> Iterator[Any]:
    with adbc.connect(f"postgresql://{USER}:{PASSWORD}@127.0.0.1:{server.port}/dev") as found:
        yield found


def test_results_arrive_as_arrow(connection: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 7::smallint AS small, 70000::integer AS whole, 1099511627776::bigint AS big, 0.5::float8 AS half, "
            "true AS yes, 'é'::varchar(10) AS word, date '2024-02-29' AS day, timestamp '2024-02-29 12:00:00.5' AS at, "
            "NULL::integer AS none UNION ALL SELECT NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL"
        )
        table = cursor.fetch_arrow_table()
    assert table.schema.field("big").type == pa.int64()
    assert table.schema.field("day").type == pa.date32()
    first, second = sorted(table.to_pylist(), key=lambda row: row["small"] is None)
    assert first == {
        "small": 7, "whole": 70_000, "big": 2**40, "half": 0.5, "yes": True, "word": "é", "day": date(2024, 2, 29),
        "at": datetime(2024, 2, 29, 12, 0, 0, 500_000), "none": None,
    }  # fmt: skip
    assert set(second.values()) == {None}


def test_tables_are_ingested_and_read_back(connection: Any) -> None:
    given = pa.table({"id": pa.array([1, 2], pa.int32()), "name": ["x", None], "ratio": [0.1, float("inf")]})
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS adbc_ingested")
        assert cursor.adbc_ingest("adbc_ingested", given, mode="create") == 2
        connection.commit()
        cursor.execute("SELECT id, name, ratio FROM adbc_ingested ORDER BY id")
        assert cursor.fetchall() == [(1, "x", 0.1), (2, None, float("inf"))]


def test_parameters_are_bound(connection: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS adbc_bound")
        cursor.execute("CREATE TABLE adbc_bound (id integer, name varchar(20))")
        cursor.executemany("INSERT INTO adbc_bound VALUES ($1, $2)", [(1, "a"), (2, "b")])
        cursor.execute("SELECT name FROM adbc_bound WHERE id = $1", (2,))
        assert cursor.fetchall() == [("b",)]
        connection.rollback()


def test_errors_carry_their_sqlstate(connection: Any) -> None:
    with connection.cursor() as cursor, pytest.raises(adbc.Error) as failed:
        cursor.execute("SELECT * FROM no_such_table")
        cursor.fetchall()
    assert failed.value.sqlstate == "42P01"
