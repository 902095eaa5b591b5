"""A dump of a table removes what is here and not at the source, whatever happens meanwhile; and nobody else changes the table."""

from __future__ import annotations

from typing import Any

import psycopg
from tests.rooms.capture.capture_house import CaptureHouse
from tests.rooms.capture.postgres_server import PostgresUnderTest
from tests.rooms.capture.standby import waiting_for_a_standby
from tests.rooms.capture.workload import MAKE, Workload

from boathouse.contracts.errors import ObjectNotInPrerequisiteState

DUMP = "ALTER INTEGRATION shop DUMP TABLE public.t"


def begin(house: CaptureHouse, rest: str = "") -> None:
    house.integrate(rest)
    house.begin()
    house.until_dumped()


def dumped_again(house: CaptureHouse) -> None:
    house.run(DUMP)
    house.until(lambda: not house.own("SELECT 1 FROM boathouse.capture_requests"), "the request is not taken")
    house.until_dumped()


def left_over(house: CaptureHouse) -> list[tuple[Any, ...]]:
    return house.own("SELECT table_name FROM duckdb_tables() WHERE table_name LIKE 'capture_found%'")


def test_rows_that_are_gone_at_the_source_are_swept_under_load(
    db: psycopg.Connection[Any], postgres: PostgresUnderTest, house: CaptureHouse
) -> None:
    db.execute(f"{MAKE}; INSERT INTO t SELECT g, 0, 'first', NULL FROM generate_series(0, 1200) g")
    db.execute("CREATE TABLE none (id integer PRIMARY KEY, a text)")
    begin(house)
    house.own("INSERT INTO shop.t SELECT -g, 1, 'ghost', NULL FROM generate_series(1, 300) s(g)")
    house.own("INSERT INTO shop.t SELECT 100000 + g, 1, 'ghost', NULL FROM generate_series(1, 300) s(g)")
    house.own("DELETE FROM shop.t WHERE id < 100 AND id >= 0")
    house.own("INSERT INTO shop.none VALUES (1, 'ghost'), (2, 'ghost')")
    # Keys beyond the greatest one of the dump's beginning come, go and move while it runs; a stop of the house is survived.
    with Workload(postgres, writers=2, keys=1500, seed=5, pause=0.005):
        house.run(
            "ALTER INTEGRATION shop SET CHUNK_ROWS = 150, CHUNK_PAUSE_SECONDS = 0.05; ALTER INTEGRATION shop DUMP ALL"
        )
        house.until(
            lambda: house.own("SELECT 1 FROM boathouse.capture_dumps WHERE sweeps AND chunks > 3") != [], "no chunks"
        )
        house.end()
        house.begin()
        house.run("ALTER INTEGRATION shop SET CHUNK_PAUSE_SECONDS = 0")
        house.until_dumped()
    house.until_equal(db)
    assert house.run("SELECT count(*) FROM shop.none") == [(0,)]
    assert left_over(house) == []


def test_a_history_keeps_what_was_swept(db: psycopg.Connection[Any], house: CaptureHouse) -> None:
    db.execute(f"{MAKE}; INSERT INTO t VALUES (1, 1, 'a', NULL), (2, 1, 'b', NULL)")
    begin(house, "SET HISTORY_MODE = TRUE")
    house.own("UPDATE shop.t SET id = 7 WHERE id = 2")
    dumped_again(house)
    what = "SELECT id, _record_is_active, _record_operation, _record_end_operation FROM shop.t ORDER BY id, 2"
    assert house.run(what) == [(1, True, "read", None), (2, True, "read", None), (7, False, "read", "delete")]


def test_a_row_that_reads_do_not_see_yet_is_not_swept(
    db: psycopg.Connection[Any], postgres: PostgresUnderTest, house: CaptureHouse
) -> None:
    """Its transaction waits for a standby: logged and captured, beyond the greatest key that anybody reads."""
    db.execute(f'ALTER DATABASE "{postgres.name}" SET synchronous_commit = local')
    db.execute(f"{MAKE}; INSERT INTO t VALUES (1, 1, 'a', NULL)")
    begin(house)
    with waiting_for_a_standby(db, postgres, "INSERT INTO t VALUES (2, 1, 'late', NULL)"):
        house.until(lambda: house.run("SELECT id FROM shop.t ORDER BY id") == [(1,), (2,)], "it is not captured")
        assert db.execute("SELECT id FROM t").fetchall() == [(1,)]
        house.run(DUMP)
        house.until(lambda: not house.own("SELECT 1 FROM boathouse.capture_requests"), "the request is not taken")
        house.until(
            lambda: house.own("SELECT 1 FROM boathouse.capture_dumps WHERE NOT done AND sweeps") != [], "no sweep"
        )
    house.until_dumped()
    house.until_equal(db)


def test_captured_tables_are_for_reading(db: psycopg.Connection[Any], house: CaptureHouse) -> None:
    db.execute(f"{MAKE}; INSERT INTO t VALUES (1, 1, 'a', NULL)")
    begin(house)
    house.run(
        "CREATE TABLE mine (LIKE shop.t); CREATE USER reader PASSWORD 'Readers1'; GRANT SELECT ON shop.t TO reader"
    )
    house.run("ALTER INTEGRATION shop PAUSE")
    house.file("rows", "2|1|x|y\n")
    refused = [
        "INSERT INTO shop.t VALUES (2, 1, NULL, NULL)", "UPDATE shop.t SET version = 2", "DELETE FROM shop.t",
        "TRUNCATE shop.t", "ALTER TABLE shop.t ADD COLUMN mine integer", "ALTER TABLE shop.t RENAME COLUMN note TO mine",
        "MERGE INTO shop.t USING mine ON shop.t.id = mine.id WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT "
        "VALUES (1, 1, 'a', 'b')",
        "COPY shop.t FROM 'rows'", "ALTER TABLE mine APPEND FROM shop.t", "ALTER TABLE shop.t APPEND FROM mine",
    ]  # fmt: skip
    for statement in refused:
        failure = house.fails(statement)
        assert isinstance(failure, ObjectNotInPrerequisiteState), statement
        assert failure.message == 'cannot change table "t": integration "shop" keeps it like its source'
        assert "DROP INTEGRATION" in str(failure.hint)
    assert house.run("SELECT id, version FROM shop.t") == [(1, 1)]
    house.run("DROP INTEGRATION shop; UPDATE shop.t SET version = 2; ALTER TABLE shop.t ADD COLUMN mine integer")
