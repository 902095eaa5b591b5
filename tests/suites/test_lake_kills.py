"""SIGKILL while a lake is gathered, sorted, expired or gives a table back: what was committed is there, and nothing else.

`BOATHOUSE_UPKEEP_ROUNDS` kills at every point over both catalogs, and so often at any moment; `BOATHOUSE_SEED` says at which.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.clients.conftest import DATABASE
from tests.clients.upstream import postgres_behind
from tests.clients.upstream.postgres_behind import PostgresBehind
from tests.rooms.lake.copy_house import CopyHouse
from tests.rooms.lake.killed_house import KilledHouse

from boathouse.app.home import create_home

ROUNDS = int(os.environ.get("BOATHOUSE_UPKEEP_ROUNDS", "1"))
SEED = int(os.environ.get("BOATHOUSE_SEED", "3"))
RESTORE = "RESTORE TABLE kept FROM SNAPSHOT begun AS back"
KEEPING = "boathouse.engines.duckdb.keeping"
POINTS = {
    f"{KEEPING}.lake_snapshots:LakeSnapshots.restore": RESTORE,
    f"{KEEPING}.lake_upkeep:LakeUpkeep.sort": "VACUUM SORT ONLY kept",
    f"{KEEPING}.lake_upkeep:LakeUpkeep.forget": "VACUUM",
    f"{KEEPING}.lake_upkeep:LakeUpkeep.gather": "VACUUM kept",
    f"{KEEPING}.lake_upkeep:LakeUpkeep._expire": "VACUUM",
}
"""Where everything of a transaction has been done but its COMMIT, and what comes there."""
ANY = f"VACUUM SORT ONLY kept; VACUUM kept; {RESTORE}; DROP TABLE back; VACUUM"
ASK = (
    "SELECT (SELECT count(*) FROM kept), (SELECT count(DISTINCT (n, i)) FROM kept), (SELECT count(DISTINCT n) FROM kept), "
    "(SELECT max(n) FROM kept), (SELECT count(*) FROM kept FOR VERSION AS OF {commit}), "
    "(SELECT count(*) FROM svv_tables WHERE table_name = 'back')"
)


@pytest.fixture
def settings(postgres: PostgresBehind, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    secret = {
        "HOST": "127.0.0.1",
        "PORT": str(postgres.port),
        "DBNAME": postgres_behind.DATABASE,
        "USER": postgres_behind.ACCOUNT,
        "PASSWORD": postgres_behind.PASSWORD,
    }
    for name, value in secret.items():
        monkeypatch.setenv(f"BOATHOUSE_SECRET_BOOKS_{name}", value)
    monkeypatch.setenv("BOATHOUSE_STORAGE_HISTORY_HOURS", "0")
    yield
    with postgres.connect() as connection:
        connection.execute(f"DROP SCHEMA IF EXISTS boathouse_{DATABASE} CASCADE")


@pytest.mark.usefixtures("settings")
@pytest.mark.timeout(300 * ROUNDS)
@pytest.mark.parametrize("catalog", ("file", "postgres"))
def test_what_is_killed_has_happened_or_not(catalog: str, tmp_path: Path) -> None:
    chance, home = random.Random(SEED), tmp_path / "h"
    shared = {"catalog": "books", "data_path": str(tmp_path / "data")} if catalog == "postgres" else {}
    create_home(home, DATABASE, {"kind": "ducklake", **shared})
    house = CopyHouse.__new__(CopyHouse)
    house.reopen(home)
    house.run("CREATE TABLE kept (n integer, i integer) SORTKEY (i)")
    for n in range(2):
        house.run(f"INSERT INTO kept SELECT {n}, i FROM generate_series(1, 10) AS g(i)")
    house.run("CREATE SNAPSHOT begun")
    ask = ASK.format(commit=house.run("SELECT max(commit_id) FROM svv_commits")[0][0])
    house.close()
    points = [*POINTS.items()][: None if ROUNDS > 1 else 3 if catalog == "file" else 2]
    killed, newest = KilledHouse(home), 1
    try:
        for number, (place, work) in enumerate(points + [("", ANY)] * (ROUNDS if ROUNDS > 1 else 0), 2):
            run = (
                f"DROP TABLE IF EXISTS back; INSERT INTO kept SELECT {number}, i FROM generate_series(1, 10) AS g(i); "
                f"DELETE FROM kept WHERE n < {number - 1}; {work}"
            )
            at = (place, "after", 1) if place else None
            (found,), met = killed.turn(ask, run, None if place else chance.uniform(0, 4), at=at)
            newest = _sound(found, newest, number - 1)
            assert not place or (met and newest == number - 1), f"seed {SEED}, {place}"
        (found,), _ = killed.turn(ask, "SELECT 1", None)
        newest = _sound(found, newest, number)
    finally:
        killed.close()
    house.reopen(home)
    for path in home.glob("warehouse/**/*.parquet"):
        os.utime(path, (1, 1))  # those of the last seconds may be those of a transaction
    house.run("DROP TABLE IF EXISTS back; VACUUM; VACUUM")
    assert house.run("SELECT count(*), count(DISTINCT (n, i)), max(n) FROM kept") == [(*found[:2], newest)]
    assert house.run(f"{RESTORE}; SELECT count(*), count(DISTINCT i), max(n) FROM back") == [(20, 10, 1)]
    if catalog == "file":
        engine = house.open.service.house.engine.session()
        named = engine.fetch(
            'SELECT path FROM "__ducklake_metadata_dev".ducklake_data_file UNION ALL '
            'SELECT path FROM "__ducklake_metadata_dev".ducklake_delete_file'
        )
        engine.close()
        there = {path.name for path in home.glob("warehouse/public/*/*.parquet")}
        assert there - {Path(str(name)).name for (name,) in named} == set(), "no file is left over"
    house.close()


def _sound(found: list[int], before: int, newest: int) -> int:
    """The newest number that is there: none that was seen before has gone, and each has all of its rows."""
    rows, distinct, numbers, last, then, _ = found
    assert rows == distinct == 10 * numbers, f"seed {SEED}: {found}"
    assert before <= last <= newest, f"seed {SEED}: {found}"
    assert then == 20, "as it was when the snapshot was made"
    return last
