"""Captures into a warehouse that is stored as a lake: its catalog in a file, and in a PostgreSQL, beside VACUUM.

The other tests of this room run over a lake where `BOATHOUSE_STORAGE_KIND=ducklake` is set, or over one whose catalog is in a
PostgreSQL where `BOATHOUSE_CAPTURE_BOOKS=postgres` is; there they wait for as many seconds as `BOATHOUSE_CAPTURE_PATIENCE` says.
BOATHOUSE_CAPTURE_KILLS sets how often, BOATHOUSE_CAPTURE_SEED when it is killed here.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest
from tests.rooms.capture.capture_house import CaptureHouse
from tests.rooms.capture.postgres_server import PostgresUnderTest
from tests.rooms.capture.test_kill import SETTINGS
from tests.rooms.capture.workload import MAKE, Workload
from tests.rooms.lake.killed_house import KilledHouse

from boathouse.capture.outputs import gathered
from boathouse.contracts.errors import SerializationFailure

KILLS = int(os.environ.get("BOATHOUSE_CAPTURE_KILLS", "1"))
SEED = int(os.environ.get("BOATHOUSE_CAPTURE_SEED", "12"))


@pytest.fixture
def house_in(
    tmp_path: Path, postgres: PostgresUnderTest, postgres_server: PostgresUnderTest
) -> Iterator[Callable[[str], CaptureHouse]]:
    """A house whose lake has its catalog in a file or in a PostgreSQL."""
    made: list[CaptureHouse] = []

    def make(catalog: str) -> CaptureHouse:
        storage, books = {"kind": "ducklake"}, None
        if catalog == "postgres":
            books = postgres_server.database()
            storage |= {"catalog": "books", "data_path": str(tmp_path / "data")}
        made.append(CaptureHouse(tmp_path / "home", postgres, storage=storage, books=books))
        return made[-1]

    yield make
    for house in made:
        house.close()


@pytest.mark.parametrize("catalog", ["file", "postgres"] if KILLS > 1 else ["postgres"])
def test_killed_it_goes_on_where_it_was(
    catalog: str, tmp_path: Path, postgres: PostgresUnderTest, house_in: Callable[[str], CaptureHouse]
) -> None:
    """Rows, position, the dump's progress and the epoch are one commit of the lake."""
    chance = random.Random(SEED)
    house = house_in(catalog)
    house.integrate()
    house.close()
    with postgres.connect() as db:
        db.execute(MAKE)
        db.execute("ALTER TABLE t ALTER big SET STORAGE EXTERNAL")
        db.execute("INSERT INTO t SELECT g, 0, 'first', repeat('y', 3000) FROM generate_series(0, 2000) g")
        killed = KilledHouse(tmp_path / "home", SETTINGS)
        try:
            with Workload(postgres, writers=2, keys=1500, seed=SEED, truncates=True, pause=0.02):
                for _ in range(KILLS):
                    killed.turn("SELECT 1", "SELECT 1", kill_after=chance.uniform(0.5, 4), background=True)
        finally:
            killed.close()
        house.reopen(tmp_path / "home", house.settings)
        house.begin()
        house.until_dumped()
        house.until_equal(db)
        ((commits,),) = house.own("SELECT count(*) FROM boathouse.capture_progress WHERE position IS NOT NULL")
        assert commits == 1


def test_two_captures_of_one_lake_take_turns(
    db: psycopg.Connection[Any], house_in: Callable[[str], CaptureHouse]
) -> None:
    """Both keep where they stand in the same tables, in which two transactions of a lake meet whichever rows they change."""
    house = house_in("file")
    db.execute("CREATE TABLE a (id int PRIMARY KEY, n int); CREATE TABLE b (id int PRIMARY KEY, n int)")
    db.execute("INSERT INTO a SELECT g, 0 FROM generate_series(1, 700) g; INSERT INTO b SELECT * FROM a")
    for name in ("a", "b"):
        house.run(f"CREATE INTEGRATION {name} FROM POSTGRES SECRET 'shop' TABLES (public.{name})")
    house.begin()
    house.until_dumped()
    for turn in (1, 2):
        for name in ("a", "b"):
            db.execute(f"UPDATE {name} SET n = {turn} WHERE id <= {turn}")
        house.run(f"ALTER INTEGRATION a DUMP TABLE public.a KEYS ({turn})")
        for name in ("a", "b"):
            look, found = f"SELECT count(*) FROM {name}.{name} WHERE n = {turn}", [(turn,)]
            house.until(lambda look=look, found=found: house.run(look) == found, "not there")
    house.until(lambda: not house.own("SELECT 1 FROM boathouse.capture_dumps WHERE NOT done"), "a dump does not end")
    assert house.own("SELECT epoch FROM boathouse.capture_progress") == [(1,), (1,)], "none had to begin anew"
    for name in ("a", "b"):
        house.run(f"DROP INTEGRATION {name}")


@pytest.mark.skipif(KILLS < 2, reason="by hand: it waits until the capture is led again")
def test_a_catalog_that_was_away_ends_no_capture(
    db: psycopg.Connection[Any],
    postgres_server: PostgresUnderTest,
    house_in: Callable[[str], CaptureHouse],
    caplog: pytest.LogCaptureFixture,
) -> None:
    house = house_in("postgres")
    db.execute(f"{MAKE}; INSERT INTO t VALUES (1, 0, 'a', '')")
    house.integrate()
    house.begin()
    house.until_dumped()
    books = house.open.service.house.secrets["books"]["dbname"]
    with postgres_server.connect() as server:
        server.execute(f'ALTER DATABASE "{books}" WITH ALLOW_CONNECTIONS false')
        server.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (books,))
        for number in range(2, 600):
            db.execute(f"INSERT INTO t VALUES ({number}, 0, 'b', '')")
            if "integration shop: the lake's catalog" in caplog.text:
                break
            server.execute("SELECT pg_sleep(0.1)")
        else:
            pytest.fail("the capture has not met it")
        server.execute(f'ALTER DATABASE "{books}" WITH ALLOW_CONNECTIONS true')
    house.until_equal(db)


def test_many_commits_leave_few_files_and_a_vacuum_loses_nothing(
    db: psycopg.Connection[Any], house_in: Callable[[str], CaptureHouse], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The capture gathers what its commits leave; a VACUUM beside it may fail, or let it begin anew where it stands."""
    monkeypatch.setattr(gathered, "COMMITS_MAX", 4)
    house = house_in("file")
    db.execute(MAKE)
    db.execute("INSERT INTO t SELECT g, 0, 'first', 'b' FROM generate_series(1, 100) g")
    house.integrate()
    house.begin()
    house.until_dumped()
    rows = dict(db.execute("SELECT id, version FROM t").fetchall())
    before = int(house.own("SELECT max(commit_id) FROM memory.rs.stored_commits()")[0][0])
    for turn in range(1, 9):
        db.execute("UPDATE t SET version = %s WHERE id = %s", (turn, turn))
        rows[turn] = turn
        if turn == 5:
            with suppress(SerializationFailure):
                house.run("VACUUM shop.t")
        look = f"SELECT version FROM shop.t WHERE id = {turn}"
        house.until(lambda look=look, turn=turn: house.run(look) == [(turn,)], "not there")
    assert dict(house.run("SELECT id, version FROM shop.t")) == rows
    ((files,),) = house.own("SELECT count(*) FROM ducklake_list_files('dev', 't', schema => 'shop')")
    ((commits,),) = house.own(f"SELECT count(*) FROM memory.rs.stored_commits() WHERE commit_id > {before}")
    assert commits >= 8
    assert files < 8, "some have become one"
