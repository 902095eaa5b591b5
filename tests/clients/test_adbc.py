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


def test_tables_are_appended_to_replaced_and_described(connection: Any) -> None:
    given = pa.table({"id": pa.array([1, 2], pa.int32()), "name": ["x", None]})
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS adbc_grown")
        for mode, count in (("create", 2), ("append", 4), ("replace", 2), ("create_append", 4)):
            assert cursor.adbc_ingest("adbc_grown", given, mode=mode, db_schema_name="public") == 2
            connection.commit()
            cursor.execute("SELECT count(*) FROM adbc_grown")
            assert cursor.fetchone() == (count,), mode
        assert cursor.adbc_ingest("adbc_passing", given, mode="create", temporary=True) == 2
        assert cursor.adbc_execute_schema("SELECT id, name FROM adbc_grown").types == [pa.int32(), pa.string()]
    assert connection.adbc_get_table_schema("adbc_grown").names == ["id", "name"]
    assert (connection.adbc_current_catalog, connection.adbc_current_db_schema) == ("dev", "public")
    connection.rollback()


def test_the_catalog_comes_as_arrow(connection: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA adbc_seen")
        cursor.execute("CREATE TABLE adbc_seen.parent (id integer PRIMARY KEY)")
        cursor.execute("CREATE TABLE adbc_seen.child (parent integer REFERENCES adbc_seen.parent (id))")
    connection.commit()
    (catalog,) = connection.adbc_get_objects(depth="all", db_schema_filter="adbc_seen").read_all().to_pylist()
    assert catalog["catalog_name"] == "dev"
    (schema,) = catalog["catalog_db_schemas"]
    tables = {one["table_name"]: one for one in schema["db_schema_tables"] if one["table_type"] == "table"}
    assert [one["column_name"] for one in tables["parent"]["table_columns"]] == ["id"]
    (key,) = tables["child"]["table_constraints"]
    assert (key["constraint_type"], key["constraint_column_names"]) == ("FOREIGN KEY", ["parent"])
    (used,) = key["constraint_column_usage"]
    assert (used["fk_db_schema"], used["fk_table"], used["fk_column_name"]) == ("adbc_seen", "parent", "id")


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
