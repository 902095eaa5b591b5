"""An output that takes a small part of what comes: what waits is bounded, the source's connection lives, and all arrives at last.

BOATHOUSE_CAPTURE_SLOW_SECONDS says for how long it is slow: an hour, say.
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import psycopg
from tests.rooms.capture.capture_house import CaptureHouse
from tests.rooms.capture.postgres_server import PostgresUnderTest
from tests.rooms.capture.receiver import Receiver
from tests.rooms.capture.replay import places, replayed, told
from tests.rooms.capture.workload import MAKE, Workload

SECONDS = float(os.environ.get("BOATHOUSE_CAPTURE_SLOW_SECONDS", "4"))
WAITING_MAX = 2_000_000
"""Bytes of changes that may wait for the output."""
GROWTH_MAX = 100 * 2**20
"""Of this process's memory, with the source's writers and the receiver in it. What is told meanwhile is more."""


def test_a_slow_output_holds_the_capture_back_and_nothing_grows(
    db: psycopg.Connection[Any], postgres: PostgresUnderTest, tmp_path: Path
) -> None:
    db.execute(f"{MAKE}; INSERT INTO t SELECT g, 0, 'first', 'b' FROM generate_series(0, 999) g")
    # A source that hears nothing for so long ends the connection.
    db.execute(f"ALTER DATABASE {postgres.name} SET wal_sender_timeout = '4s'")
    house = CaptureHouse(tmp_path / "home", postgres, park_bytes_max=WAITING_MAX)
    receiver = Receiver()
    try:
        house.integrate()
        house.run(f"ALTER INTEGRATION shop ADD OUTPUT hook TO '{receiver.url}' SET BATCH_ROWS = 50")
        house.begin()
        house.until_dumped()
        house.until_delivered()
        reader = _reader(db)
        receiver.pause = 0.5
        with Workload(postgres, writers=2, keys=500, seed=31) as load:
            house.until(lambda: _waiting(house) > WAITING_MAX, "nothing waits")
            resident, most, kept = _resident_bytes(), _waiting(house), _kept(db)
            until = time.monotonic() + SECONDS
            while time.monotonic() < until:
                most = max(most, _waiting(house))
                assert _resident_bytes() - resident < GROWTH_MAX
                house.until(lambda: house.state()[0] == "running", "it does not run", pause=0.1)
            # What the output cannot take stays with the source, whose connection is the one it was.
            house.until(lambda: _kept(db) - kept > WAITING_MAX / 4, "it is not held back")
            assert most < 3 * WAITING_MAX
            assert _reader(db) == reader
            receiver.pause = 0.0
            done = load.transactions
            house.until(lambda: load.transactions > done + 100, "the source stands still")
        house.until_equal(db)
        house.until_delivered()
        events = told(receiver.new_events())
        expected = {row[0]: tuple(row[1:]) for row in db.execute("SELECT id, version, note, big FROM t").fetchall()}
        assert replayed(events) == expected and len(places(events)) > 1000
        assert _reader(db) == reader
    finally:
        house.close()
        receiver.end()


def _waiting(house: CaptureHouse) -> int:
    rows = house.run("SELECT bytes_behind FROM svv_integration_output")
    return int(rows[0][0] or 0) if rows else 0


def _reader(db: psycopg.Connection[Any]) -> int | None:
    """The server's process that sends the log."""
    row = db.execute("SELECT active_pid FROM pg_replication_slots WHERE database = current_database()").fetchone()
    return None if row is None else row[0]


def _kept(db: psycopg.Connection[Any]) -> int:
    """Bytes of log that the source keeps for the capture."""
    row = db.execute(
        "SELECT pg_current_wal_lsn() - confirmed_flush_lsn FROM pg_replication_slots WHERE database = current_database()"
    ).fetchone()
    assert row is not None
    return int(row[0])


def _resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
