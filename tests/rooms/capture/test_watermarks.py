"""Watermarks as rows of a table: what PostgreSQL before 14 needs, and any server's secret may ask for."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg
import pytest
from tests.rooms.capture.capture_house import CaptureHouse, Secret
from tests.rooms.capture.postgres_server import PostgresUnderTest
from tests.rooms.capture.walk import COLUMNS, Walk

from boathouse.capture.postgres.source import PostgresSource
from boathouse.capture.postgres.watermarks import Watermarks
from boathouse.contracts.errors import InvalidParameterValue


def test_two_captures_with_a_table_of_watermarks_end_equal_and_leave_it_empty(
    tmp_path: Path, postgres: PostgresUnderTest, db: psycopg.Connection[Any]
) -> None:
    db.execute(f"CREATE SCHEMA w; CREATE TABLE w.t {COLUMNS}; ALTER TABLE w.t ALTER big SET STORAGE EXTERNAL")
    secret = Secret(postgres.secret | {"watermarks": "table"})
    house = CaptureHouse(tmp_path / "home", secret, chunk_rows=9, commit_seconds=0.02)
    try:
        for name in ("shop", "other"):
            house.run(f"CREATE INTEGRATION {name} FROM POSTGRES SECRET 'shop' INTO SCHEMA {name}")
        house.begin()
        with Walk(lambda: postgres.connect(autocommit=False), "w.t", 2, 30, 5, "SELECT 1", 0.01) as walk:
            walk.until(20)
            house.until_dumped()
            house.run("ALTER INTEGRATION shop DUMP ALL")
            walk.until(walk.steps + 30)
            house.until_dumped()
        wanted = db.execute("SELECT id, version, note FROM w.t ORDER BY id").fetchall()
        for name in ("shop", "other"):
            query = f"SELECT id, version, note FROM {name}.t ORDER BY id"
            house.until(lambda query=query: house.run(query) == wanted, f"{name} does not end equal")  # type: ignore[misc]
        assert house.run("SELECT table_name FROM svv_integration_table_state") == [("t",), ("t",)]
        captures = "SELECT count(DISTINCT capture), bool_and(token <> '') FROM boathouse.watermark"
        assert db.execute(captures).fetchone() == (2, True)
        house.run("DROP INTEGRATION shop")
        house.run("DROP INTEGRATION other")
        left = "SELECT count(*) FROM boathouse.watermark"
        house.until(lambda: db.execute(left).fetchone() == (0,), "the rows of dropped captures stay")
    finally:
        house.close()


def test_captures_that_begin_at_once_make_one_table(postgres: PostgresUnderTest, db: psycopg.Connection[Any]) -> None:
    connections = [postgres.connect(autocommit=True) for _ in range(8)]
    together = threading.Barrier(len(connections))

    def make(connection: psycopg.Connection[Any]) -> None:
        together.wait()
        Watermarks("w", "table").make(connection)

    try:
        for _ in range(10):
            with ThreadPoolExecutor(len(connections)) as threads:
                list(threads.map(make, connections))
            db.execute("DROP SCHEMA boathouse CASCADE")
    finally:
        for connection in connections:
            connection.close()


def test_who_may_not_write_the_table_is_told_the_sql_that_mends_it(
    postgres: PostgresUnderTest, db: psycopg.Connection[Any]
) -> None:
    db.execute("CREATE TABLE t (id int PRIMARY KEY); CREATE ROLE reader LOGIN REPLICATION; GRANT SELECT ON t TO reader")
    try:
        source = PostgresSource("w", postgres.secret | {"user": "reader", "watermarks": "table"}, [("public", "t")])
        (finding,) = [one for one in source.check() if one.subject == "boathouse.watermark"]
        assert "CREATE TABLE IF NOT EXISTS boathouse.watermark" in finding.mend
        for statement in finding.mend.split(";"):
            db.execute(statement.replace("…", "reader"))  # type: ignore[arg-type]
        assert "boathouse.watermark" not in [one.subject for one in source.check()]
        source.close()
    finally:
        db.execute("DROP OWNED BY reader; DROP ROLE reader")


def test_another_kind_of_watermarks_is_refused(postgres: PostgresUnderTest) -> None:
    with pytest.raises(InvalidParameterValue, match="messages or table"):
        PostgresSource("w", postgres.secret | {"watermarks": "off"}, None)
