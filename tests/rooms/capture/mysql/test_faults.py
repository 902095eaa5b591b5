"""A MariaDB behind a bad network, one that crashes, and one whose place a replica takes: the capture goes on where the log does,
and stops where the log is another one.

BOATHOUSE_CAPTURE_CUTS sets how often the network is cut.
"""

from __future__ import annotations

import os
import random
import socket
from collections.abc import Iterator
from pathlib import Path

import pymysql
import pytest
from tests.rooms.capture.capture_house import CaptureHouse, Secret
from tests.rooms.capture.mysql.mariadb import MYSQL, MariaDb, mariadb
from tests.rooms.capture.walk import COLUMNS, Walk
from tests.rooms.capture.wire import State, Wire

from boathouse.capture.mysql import binlog, connect, source

CUTS = int(os.environ.get("BOATHOUSE_CAPTURE_CUTS", "2"))
SEED = int(os.environ.get("BOATHOUSE_CAPTURE_SEED", "11"))
DURABLE = "--innodb-flush-log-at-trx-commit=2"
"""What was committed outlives the process."""


def address(server: MariaDb) -> tuple[str, int]:
    return ("127.0.0.1", server.port)


@pytest.fixture
def wire(maria: MariaDb) -> Iterator[Wire]:
    made = Wire(socket.AF_INET, address(maria))
    yield made
    made.close()


def secret(wire: Wire) -> Secret:
    return Secret({"port": str(wire.port), "user": "root", "tls": "off"})


def until_equal(house: CaptureHouse, server: MariaDb, table: str) -> None:
    with server.root() as connection, connection.cursor() as cursor:
        cursor.execute(f"SELECT id, version, note, big FROM {table} ORDER BY id")
        expected = [tuple(row) for row in cursor.fetchall()]
    query = "SELECT id, version, note, big FROM shop.t ORDER BY id"
    house.until(lambda: house.run(query) == expected, f"seed {SEED}: not equal", pause=0.1)


def test_nothing_is_lost_however_the_network_is_cut(
    maria: MariaDb, wire: Wire, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(binlog, "HEARTBEAT_SECONDS", 1)
    monkeypatch.setattr(binlog, "SILENT_SECONDS_MAX", 3)
    monkeypatch.setattr(connect, "READ_SECONDS_MAX", 3)
    chance = random.Random(SEED)
    maria.run("CREATE DATABASE net", f"CREATE TABLE net.t {COLUMNS}")
    house = CaptureHouse(tmp_path / "home", secret(wire), retry_seconds_max=0.2, chunk_rows=20)

    def connection() -> pymysql.Connection[pymysql.cursors.Cursor]:
        return pymysql.connect(host="127.0.0.1", port=maria.port, user="root")

    try:
        house.run("CREATE INTEGRATION shop FROM MYSQL SECRET 'shop' TABLES (net.t) INTO SCHEMA shop")
        house.begin()
        with Walk(connection, "net.t", 1, 200, SEED, pause=0.01) as walk:
            walk.until(100)
            house.until_dumped()
            for number in range(CUTS):
                states: tuple[State, ...] = ("silent", "closed", "slow")
                state = states[number % len(states)]
                house.run("ALTER INTEGRATION shop DUMP ALL")  # chunks and watermarks are under way too
                walk.until(walk.steps + chance.randrange(20))
                said = len(caplog.records)
                wire.become(state)
                walk.until(walk.steps + chance.randrange(20))
                if state == "silent":
                    house.until(lambda: len(caplog.records) > said, "nobody notices that nothing comes")  # noqa: B023
                wire.become("closed")  # ends those that wait for an answer to their greeting
                wire.become("open")
                house.until(lambda: house.state()[0] == "running", "the log is not read again")
        house.until_dumped()
        until_equal(house, maria, "net.t")
    finally:
        house.close()
        maria.run("DROP DATABASE net")


def write(server: MariaDb, first: int, last: int) -> None:
    server.run(f"INSERT INTO sw.t SELECT seq, 0, 'n', 'b' FROM sw.seq_{first}_to_{last}")


def test_a_capture_follows_a_source_that_crashes_and_a_replica_that_takes_over_and_no_other_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source, "LOOK_SECONDS", 0.5)
    with mariadb(DURABLE) as first, mariadb(DURABLE, "--log-slave-updates", number=2) as second:
        first.run("CREATE DATABASE sw", f"CREATE TABLE sw.t {COLUMNS}")
        wire = Wire(socket.AF_INET, address(first))
        house = CaptureHouse(tmp_path / "home", secret(wire), retry_seconds_max=0.2, idle_commit_seconds=0.05)

        def until_said(what: str, *, state: str) -> None:
            house.until(
                lambda: house.state()[0] == state and what in house.state()[1],
                f"it does not say: {what}",
                may_fail=True,
            )

        try:
            write(first, 1, 300)
            house.run("CREATE INTEGRATION shop FROM MYSQL SECRET 'shop' TABLES (sw.t) INTO SCHEMA shop")
            house.begin()
            house.until_dumped()
            # A crash, in the middle of a transaction.
            open_ = first.root()
            open_.begin()
            open_.cursor().execute("INSERT INTO sw.t SELECT seq, 0, 'n', 'b' FROM sw.seq_100000_to_101000")
            first.daemon.kill()
            first.daemon.start()
            write(first, 301, 400)
            until_equal(house, first, "sw.t")
            # A replica takes its place, by GTID.
            second.run(
                f"CHANGE MASTER TO master_host = '127.0.0.1', master_port = {first.port}, master_user = 'root', "
                "master_use_gtid = slave_pos",
                "START SLAVE",
            )
            place = first.value("SELECT @@gtid_binlog_pos")
            assert second.value(f"SELECT MASTER_GTID_WAIT('{place}', 60)") == "0"
            wire.lead_to(address(second))
            first.daemon.kill()
            second.run("STOP SLAVE", "RESET SLAVE ALL", "UPDATE sw.t SET version = 1 WHERE id > 300")
            write(second, 401, 500)
            until_equal(house, second, "sw.t")
            # The old one comes back as if nothing had happened: it lacks what was captured, and has as many numbers later.
            wire.become("closed")
            first.daemon.start()
            wire.lead_to(address(first))
            until_said("not yet", state="retrying")
            for number in range(4):
                first.run(f"INSERT INTO sw.t VALUES ({900_000 + number}, 0, 'n', 'b')")
            if not MYSQL:  # whose numbers are each server's own, so that none stands for another
                until_said("does not reach back", state="failed")
            assert house.run("SELECT count(*), max(id) FROM shop.t") == [(500, 500)]
            # Led back and told to go on, it does; where the log begins anew under it, it does not.
            wire.lead_to(address(second))
            if not MYSQL:
                house.run("ALTER INTEGRATION shop RESUME")
                house.until(lambda: house.state()[0] != "failed", "it does not go on", may_fail=True)
            second.run("INSERT INTO sw.t VALUES (501, 0, 'n', 'b')")
            until_equal(house, second, "sw.t")
            second.run("RESET MASTER", "INSERT INTO sw.t VALUES (502, 0, 'n', 'b')")
            until_said("began anew", state="failed")
            assert house.run("SELECT count(*), max(id) FROM shop.t") == [(501, 501)]
        finally:
            house.close()
            wire.close()
