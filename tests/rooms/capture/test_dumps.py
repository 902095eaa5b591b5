"""Dumps that users ask for and steer, and tables that are set aside until one mends them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from tests.rooms.capture.capture_house import CaptureHouse
from tests.rooms.capture.postgres_server import PostgresUnderTest
from tests.rooms.capture.workload import MAKE, Workload

from boathouse.app.cli import main
from boathouse.capture.steering import dump_statement
from boathouse.contracts.errors import FeatureNotSupported, SqlSyntaxError, UndefinedObject

ALTER = "ALTER INTEGRATION shop"


def states(house: CaptureHouse) -> dict[str, tuple[str, str]]:
    query = "SELECT table_name, table_state, reason FROM svv_integration_table_state"
    return {str(table): (str(state), str(reason)) for table, state, reason in house.run(query)}


def dumps(house: CaptureHouse, what: str, table: str = "t") -> list[tuple[Any, ...]]:
    return house.run(f"SELECT {what} FROM svv_integration_dump WHERE table_name = '{table}' ORDER BY dump_id")


def asked(house: CaptureHouse, statement: str) -> None:
    """A request, and that it has been taken."""
    house.run(f"{ALTER} {statement}")
    house.until(lambda: not house.own("SELECT 1 FROM boathouse.capture_requests"), f"{statement} is not taken")


def test_a_bad_value_sets_one_table_aside_and_a_dump_mends_it(db: psycopg.Connection[Any], house: CaptureHouse) -> None:
    db.execute(f"{MAKE}; CREATE TABLE odd (id integer PRIMARY KEY, day date)")
    db.execute(
        "INSERT INTO odd SELECT g, '2020-01-01' FROM generate_series(1, 5) g; INSERT INTO t VALUES (1, 1, 'a', 'b')"
    )
    house.integrate()
    house.begin()
    house.until_dumped()
    db.execute("UPDATE odd SET day = 'infinity' WHERE id = 1; DELETE FROM odd WHERE id = 2; UPDATE t SET version = 2")
    house.until(lambda: states(house)["odd"][0] == "Failed", "it goes on")
    assert "public.odd.day has a value that date cannot hold" in states(house)["odd"][1]
    house.until_equal(db)
    totals = (
        "SELECT rtrim(state), total_tables_replicated, total_tables_failed, rtrim(source_database) FROM svv_integration"
    )
    assert house.run(totals) == [("CdcRefreshState", 1, 1, db.info.dbname)]
    # Neither a restart nor a dump that meets the value again forgets it.
    house.end()
    house.begin()
    db.execute("UPDATE t SET version = 3")
    house.until_equal(db)
    asked(house, "DUMP TABLE public.odd")
    house.until(lambda: states(house)["odd"][0] == "Failed", "the value is taken")
    db.execute("UPDATE odd SET day = '2021-01-01' WHERE id = 1; INSERT INTO odd VALUES (6, NULL)")
    asked(house, "DUMP TABLE public.odd")
    house.until_dumped()
    house.until_equal(db, "odd")


def test_a_table_that_was_dropped_here_comes_back(db: psycopg.Connection[Any], house: CaptureHouse) -> None:
    db.execute(f"{MAKE}; INSERT INTO t SELECT g, 1, NULL, NULL FROM generate_series(1, 3) g")
    house.integrate()
    house.begin()
    house.until_dumped()
    house.end()
    house.run("DROP TABLE shop.t")
    house.begin()
    house.until(lambda: len(dumps(house, "1")) == 2, "it is not made anew")
    house.until_dumped()
    house.until_equal(db)
    house.run("DROP TABLE shop.t")
    db.execute("UPDATE t SET version = 2")
    # Set aside, unless the capture was just in it, and began anew.
    house.until(lambda: states(house)["t"][0] == "Failed" or len(dumps(house, "1")) == 3, "it goes on")
    asked(house, "DUMP ALL")
    house.until_dumped()
    house.until_equal(db)


def test_single_keys_are_dumped_and_absent_ones_removed(
    db: psycopg.Connection[Any], postgres: PostgresUnderTest, house: CaptureHouse
) -> None:
    db.execute(f"{MAKE}; INSERT INTO t SELECT g, 1, 'n', NULL FROM generate_series(0, 2000) g")
    db.execute("CREATE TABLE pair (a text, b smallint, n integer, PRIMARY KEY (b, a))")
    db.execute("INSERT INTO pair VALUES ('it''s', 1, 1), ('x', -2, 2), ('y', 3, 3)")
    house.integrate()
    house.begin()
    house.until_dumped()
    # What is spoilt here is put right, row by row.
    house.own("UPDATE shop.t SET note = 'spoilt' WHERE id < 4")
    house.own("INSERT INTO shop.t VALUES (-7, 1, 'never', NULL)")
    house.own("DELETE FROM shop.pair WHERE b < 3")
    house.own("INSERT INTO shop.pair VALUES ('z', 9, 9)")
    with Workload(postgres, writers=2, keys=300, seed=3, pause=0.002):
        asked(house, "DUMP TABLE public.t KEYS (0, 1, '2', 3, -7, -8)")
        asked(house, "DUMP TABLE public.pair KEYS ((1, 'it''s'), (-2, 'x'), (9, 'z'))")
        ended = "SELECT 1 FROM boathouse.capture_dumps WHERE NOT done"
        house.until(lambda: not house.own(ended), "the keys are not dumped")
    house.until_equal(db)
    house.until_equal(db, "pair", "b")
    assert dumps(house, "dump_state, by_keys, rows, rows_estimated", "pair")[-1] == ("done", True, 3, 3)
    # What is no key is the asker's to mend, and leaves the table as it is.
    asked(house, "DUMP TABLE public.t KEYS ('one')")
    house.until(lambda: dumps(house, "dump_state")[-1] == ("failed",), "it is dumped")
    assert "invalid input syntax" in dumps(house, "reason")[-1][0]
    assert states(house)["t"][0] == "Synced"


def test_a_dump_is_paused_resumed_slowed_and_stopped(db: psycopg.Connection[Any], house: CaptureHouse) -> None:
    db.execute(f"{MAKE}; INSERT INTO t SELECT g, 1, NULL, NULL FROM generate_series(1, 3000) g; ANALYZE t")
    house.integrate()
    house.run(f"{ALTER} SET CHUNK_ROWS = 50, CHUNK_PAUSE_SECONDS = 0.1")
    house.begin()
    house.until(lambda: dumps(house, "dump_state") == [("running",)], "the dump does not begin")
    asked(house, "PAUSE DUMP")
    assert dumps(house, "dump_state, chunk_rows, chunk_pause_seconds") == [("paused", 50, 0.1)]
    assert states(house)["t"][0] == "ResyncInitiated"
    # Changes go on, and so do dumps of keys; a restart forgets nothing.
    house.end()
    house.begin()
    db.execute("UPDATE t SET version = 9 WHERE id = 3000")
    house.run(f"{ALTER} RESUME DUMP TABLE public.t; {ALTER} SET CHUNK_PAUSE_SECONDS = 0.02")
    house.until(lambda: 100 < dumps(house, "rows")[0][0] < 3000, "it is not resumed")
    asked(house, "STOP DUMP TABLE public.t")
    (chunks, rows, about), *_ = dumps(house, "chunks, rows, rows_estimated")
    assert rows == 50 * chunks and about == 3000
    assert (dumps(house, "dump_state")[0][0], states(house)["t"][0]) == ("stopped", "ResyncRequired")
    house.run(f"{ALTER} SET CHUNK_PAUSE_SECONDS = 0, CHUNK_ROWS = 1000; {ALTER} DUMP TABLE public.t")
    house.until(lambda: dumps(house, "dump_state")[-1] == ("done",), "it is not dumped")
    house.until_equal(db)


@pytest.mark.parametrize(
    ("statement", "error"),
    [
        ("STOP", SqlSyntaxError),
        ("SET CHUNK_ROWS = 0", SqlSyntaxError),
        ("SET CHUNK_ROWS = 1.5", SqlSyntaxError),
        ("SET PACE = 1", SqlSyntaxError),
        ("DUMP TABLE public.t KEYS ((1, 2), 3)", SqlSyntaxError),
        ("DUMP TABLE public.t KEYS (now())", SqlSyntaxError),
        ("PAUSE DUMP TABLE public.nothing", UndefinedObject),
        (f"DUMP TABLE public.t KEYS ({', '.join(['1'] * 10_001)})", FeatureNotSupported),
    ],
)
def test_what_cannot_be_asked_is_refused(alone: CaptureHouse, statement: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        alone.run(f"{ALTER} {statement}")


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory, postgres_server: PostgresUnderTest) -> Iterator[CaptureHouse]:
    """A house whose integration does not run."""
    house = CaptureHouse(tmp_path_factory.mktemp("alone") / "home", postgres_server)
    house.integrate()
    yield house
    house.close()


def test_the_command_steers_dumps(
    tmp_path: Path, postgres_server: PostgresUnderTest, capsys: pytest.CaptureFixture[str]
) -> None:
    assert dump_statement("dump", "shop", "public.T", [["1", "it's"]]) == (
        """ALTER INTEGRATION "shop" DUMP TABLE "public"."T" KEYS (('1', 'it''s'))"""
    )
    assert dump_statement("dump", "shop", None, []) == 'ALTER INTEGRATION "shop" DUMP ALL'
    house = CaptureHouse(tmp_path / "home", postgres_server)
    house.integrate()
    house.close()
    home = str(tmp_path / "home")
    assert main(["capture", "pace", home, "shop", "--chunk-rows", "10", "--chunk-pause", "0.5"]) == 0
    assert main(["capture", "dump", home, "shop", "--table", "public.nothing"]) == 1
    assert 'table "public.nothing" is not captured' in capsys.readouterr().err
