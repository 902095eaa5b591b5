"""A source, and a store of elections, whose wall clock leaps: what is captured, how late it is said to be, and who is active do
not depend on it."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from tests.rooms.capture.capture_house import CaptureHouse, Secret
from tests.rooms.capture.clocks import WHY_NOT, Clock
from tests.rooms.capture.clusters import clusters
from tests.rooms.capture.mysql.conftest import maria  # noqa: F401
from tests.rooms.capture.mysql.mariadb import MariaDb
from tests.rooms.capture.replay import parquet
from tests.rooms.capture.workload import MAKE

from boathouse.capture.elections.leases import open_postgres, open_sqlite
from boathouse.contracts.source_errors import StateUnavailable
from boathouse.testing.elections import Campaign

LEAPS = (600, -3600, 0)
LEASE_SECONDS = 6.0


def unreachable() -> bool:
    raise StateUnavailable("cut off")


def lag_is_sane(house: CaptureHouse) -> bool:
    ((lag,),) = house.run("SELECT current_lag FROM svv_integration")
    return 0 <= lag < 60_000


@pytest.mark.skipif(WHY_NOT != "", reason=WHY_NOT)
def test_a_postgres_whose_clock_leaps_is_captured_and_elects_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with clusters(1) as (cluster,):
        clock = Clock(cluster.folder)
        with monkeypatch.context() as environment:
            for name, value in clock.environment.items():
                environment.setenv(name, value)
            cluster.control("start")
        house = CaptureHouse(tmp_path / "home", cluster.alone, idle_commit_seconds=0.05)
        try:
            with cluster.alone.connect() as db:
                db.execute(f"{MAKE}; INSERT INTO t VALUES (1, 0, 'n', 'b')")
                house.integrate("TABLES (public.t) SET HISTORY_MODE = TRUE")
                house.run("ALTER INTEGRATION shop ADD OUTPUT lake TO 'changes'")
                house.begin()
                house.until_dumped()
                given = {"kind": "postgres", "secret": "state", **cluster.alone.secret}
                first, second = (open_postgres("shop", given, LEASE_SECONDS) for _ in range(2))
                held = Campaign(first)
                assert held.ended.wait(30) and held.term is not None
                waiting = Campaign(second)
                for version, leap in enumerate(LEAPS, 1):
                    clock.leap(leap)
                    (by,) = db.execute("SELECT extract(epoch FROM clock_timestamp())::bigint").fetchone()  # type: ignore[misc]
                    assert abs(by - time.time() - leap) < 60
                    db.execute("UPDATE t SET version = %s", (version,))
                    now = "SELECT version FROM shop.t WHERE _record_is_active"
                    house.until(lambda: house.run(now) == [(version,)], f"version {version} does not come")  # noqa: B023
                    assert lag_is_sane(house)
                    assert not (waiting.ended.wait(LEASE_SECONDS / 5) and held.term.holds), "two are active"
                house.until_delivered()
                rows = parquet(house, "changes")
                assert [row["version"] for row in rows] == [0, 1, 2, 3]
                times = [row["_record_time"] for row in rows]
                assert times[1] > times[2] < times[3], "the source's times are told as they are"
                # Whoever is elected next is so although the clock was set back for longer than any lease.
                clock.leap(-86_400)
                held.term._renew = unreachable
                assert waiting.ended.wait(30) and waiting.term is not None and not held.term.holds
                assert waiting.term.epoch > held.term.epoch
                waiting.term.resign()
                first.close()
                second.close()
        finally:
            house.close()


def test_an_election_asks_no_wall_clock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the process's own nor SQLite's, which asks the same."""
    path = {"kind": "sqlite", "path": str(tmp_path / "state.db")}
    first, second = (open_sqlite("shop", path, LEASE_SECONDS) for _ in range(2))
    held = Campaign(first)
    assert held.ended.wait(30) and held.term is not None
    waiting = Campaign(second)
    real = time.time
    for leap in (600, -600):
        monkeypatch.setattr(time, "time", lambda: real() + leap)  # noqa: B023
        assert not (waiting.ended.wait(LEASE_SECONDS / 5) and held.term.holds), "two are active"
    held.term.resign()
    assert waiting.ended.wait(30) and waiting.term is not None
    waiting.term.resign()
    first.close()
    second.close()


def test_transactions_of_a_mariadb_whose_times_leap_are_told_in_the_logs_order(tmp_path: Path, maria: MariaDb) -> None:  # noqa: F811
    maria.run(
        "CREATE DATABASE leap", "CREATE TABLE leap.t (id INT PRIMARY KEY, n INT)", "INSERT INTO leap.t VALUES (1, 0)"
    )
    house = CaptureHouse(tmp_path / "home", Secret(maria.secret()))
    try:
        house.run(
            "CREATE INTEGRATION shop FROM MYSQL SECRET 'shop' TABLES (leap.t) INTO SCHEMA shop SET HISTORY_MODE = TRUE"
        )
        house.run("ALTER INTEGRATION shop ADD OUTPUT lake TO 'changes'")
        house.begin()
        house.until_dumped()
        for number, leap in enumerate(LEAPS, 1):
            maria.run(f"SET timestamp = UNIX_TIMESTAMP() + {leap}", f"UPDATE leap.t SET n = {number}")
        house.until(lambda: house.run("SELECT n FROM shop.t WHERE _record_is_active") == [(3,)], "they do not come")
        assert lag_is_sane(house)
        house.until_delivered()
        rows = parquet(house, "changes", "leap.t")
        assert [row["n"] for row in rows] == [0, 1, 2, 3]
        assert rows[1]["_record_time"] > rows[2]["_record_time"] < rows[3]["_record_time"]
    finally:
        house.close()
        maria.run("DROP DATABASE leap")
