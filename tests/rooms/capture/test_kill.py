"""A house that is killed while it captures goes on where it was: nothing lost, nothing twice, in the warehouse, in files, in
Kafka's topics, and with a receiver of HTTP that keeps the last place.

BOATHOUSE_CAPTURE_KILLS sets how often, BOATHOUSE_CAPTURE_SEED when, and BOATHOUSE_CAPTURE_KILL_SECONDS how late at most.
"""

from __future__ import annotations

import os
import random
from pathlib import Path

import pymysql
from tests.rooms.capture.brokers import events_of
from tests.rooms.capture.capture_house import CaptureHouse, Secret
from tests.rooms.capture.mysql.conftest import maria  # noqa: F401
from tests.rooms.capture.mysql.mariadb import MariaDb
from tests.rooms.capture.postgres_server import PostgresUnderTest
from tests.rooms.capture.receiver import Receiver
from tests.rooms.capture.replay import once, parquet, places, replayed, told
from tests.rooms.capture.walk import COLUMNS, Walk, check_history
from tests.rooms.capture.workload import MAKE, Workload
from tests.rooms.lake.killed_house import KilledHouse

KILLS = int(os.environ.get("BOATHOUSE_CAPTURE_KILLS", "1"))
SEED = int(os.environ.get("BOATHOUSE_CAPTURE_SEED", "11"))
LATEST = float(os.environ.get("BOATHOUSE_CAPTURE_KILL_SECONDS", "2.5"))
SETTINGS = {"capture": {"commit_seconds": 0.02, "chunk_rows": 200, "poll_seconds": 0.02, "retry_seconds_max": 0.5}}


def test_killed_at_any_moment_it_goes_on_where_it_was(
    tmp_path: Path, postgres: PostgresUnderTest, cluster: str
) -> None:
    chance = random.Random(SEED)
    home = tmp_path / "home"
    house = CaptureHouse(home, postgres)
    house.integrate()
    house.run("ALTER INTEGRATION shop ADD OUTPUT lake TO 'changes'")
    receiver = Receiver()
    house.run(f"ALTER INTEGRATION shop ADD OUTPUT hook TO '{receiver.url}' SET BATCH_ROWS = 300")
    house.run(
        f"ALTER INTEGRATION shop ADD OUTPUT bus TO 'kafka://{cluster}/shop.{{schema}}.{{table}}' SET BATCH_ROWS = 300"
    )
    house.close()
    with postgres.connect() as db:
        db.execute(MAKE)
        db.execute("ALTER TABLE t ALTER big SET STORAGE EXTERNAL")
        db.execute("INSERT INTO t SELECT g, 0, 'first', repeat('y', 3000) FROM generate_series(0, 4000) g")
        killed = KilledHouse(home, SETTINGS)
        try:
            with Workload(postgres, writers=2, keys=1500, seed=SEED, truncates=True, pause=0.004):
                for _ in range(KILLS):
                    killed.turn("SELECT 1", "SELECT 1", kill_after=chance.uniform(0.2, LATEST), background=True)
                _kill_while_it_captures(killed, house, home)
        finally:
            killed.close()
        house.reopen(home, house.settings)
        try:
            house.begin()
            house.until_dumped()
            house.until_equal(db)
            house.until_delivered()
            rows = parquet(house, "changes")
            expected = {row[0]: row[1:] for row in db.execute("SELECT id, version, note, big FROM t").fetchall()}
            places(rows)
            assert replayed(rows) == expected, f"seed {SEED}"
            posted = told(receiver.new_events())
            assert replayed(posted) == expected, f"seed {SEED}"
            places(posted)
            messages = once(events_of(cluster, "shop.public.t"))
            assert replayed(told(messages)) == expected, f"seed {SEED}"
            assert places(told(messages)) == places(rows), f"seed {SEED}"
            epochs = house.own("SELECT epoch FROM boathouse.capture_progress")
            print(
                f"seed {SEED}, {KILLS} kills, epoch {epochs[0][0]}, {len(messages)} messages, {len(receiver.bodies)} requests"
            )
            assert epochs[0][0] > 1, f"seed {SEED}: it was never killed while it captured"
        finally:
            house.close()
            receiver.end()


def test_killed_at_any_moment_it_goes_on_in_the_binlog_too(tmp_path: Path, maria: MariaDb) -> None:  # noqa: F811
    chance = random.Random(SEED)
    home = tmp_path / "home"
    maria.run("CREATE DATABASE killed", f"CREATE TABLE killed.t {COLUMNS}")
    house = CaptureHouse(home, Secret(maria.secret()))
    house.run("CREATE INTEGRATION shop FROM MYSQL SECRET 'shop' TABLES (killed.t) INTO SCHEMA shop")
    house.run("ALTER INTEGRATION shop ADD OUTPUT lake TO 'changes'")
    receiver = Receiver()
    house.run(f"ALTER INTEGRATION shop ADD OUTPUT hook TO '{receiver.url}' SET BATCH_ROWS = 300")
    house.close()
    killed = KilledHouse(home, SETTINGS)

    def connect() -> pymysql.Connection[pymysql.cursors.Cursor]:
        return pymysql.connect(host="127.0.0.1", port=maria.port, user="root")

    try:
        with Walk(connect, "killed.t", 2, 1500, SEED, pause=0.002) as walk:
            walk.until(500)
            for _ in range(KILLS):
                # What is asked for is dumped by this house or by the next one.
                killed.turn(
                    "ALTER INTEGRATION shop DUMP ALL",
                    "SELECT 1",
                    kill_after=chance.uniform(0.2, LATEST),
                    background=True,
                )
            _kill_while_it_captures(killed, house, home)
    finally:
        killed.close()
    house.reopen(home, house.settings)
    try:
        house.begin()
        house.until_dumped()
        expected = {key: tuple(rest) for key, *rest in _rows(maria, "SELECT id, version, note, big FROM killed.t")}
        query = "SELECT id, version, note, big FROM shop.t"
        house.until(
            lambda: {key: tuple(rest) for key, *rest in house.run(query)} == expected,
            f"seed {SEED}: not equal",
            pause=0.1,
        )
        house.until_delivered()
        rows = parquet(house, "changes", "killed.t")
        for told_rows in (rows, told(receiver.new_events())):
            found = check_history(told_rows)
            assert replayed(told_rows) == expected, f"seed {SEED}"
        epochs = house.own("SELECT epoch FROM boathouse.capture_progress")
        print(f"MariaDB, seed {SEED}, {KILLS} kills, epoch {epochs[0][0]}, {walk.steps} steps, {found}")
        assert epochs[0][0] > 1, f"seed {SEED}: it was never killed while it captured"
    finally:
        house.close()
        receiver.end()
        maria.run("DROP DATABASE killed")


def _kill_while_it_captures(killed: KilledHouse, house: CaptureHouse, home: Path) -> None:
    """Kill it later and later, until one of those that were killed had begun: a busy machine is slow to begin."""
    late = LATEST
    while True:
        house.reopen(home, house.settings)
        try:
            if house.own("SELECT 1 FROM boathouse.capture_progress WHERE epoch > 0"):
                return
        finally:
            house.close()
        late *= 2
        killed.turn("SELECT 1", "SELECT 1", kill_after=late, background=True)


def _rows(server: MariaDb, query: str) -> list[tuple[object, ...]]:
    with server.root() as connection, connection.cursor() as cursor:
        cursor.execute(query)
        return list(cursor.fetchall())
