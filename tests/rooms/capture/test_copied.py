"""A COPY of many rows, whose places in PostgreSQL's log are shared by many of them, is cut off in the middle: at the source, and
by kills of the house that captures it.

BOATHOUSE_CAPTURE_COPY sets how many rows, BOATHOUSE_CAPTURE_POINTS how often the house is killed at it.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import psycopg
import pytest
from tests.rooms.capture.capture_house import CaptureHouse
from tests.rooms.capture.postgres_server import PostgresUnderTest
from tests.rooms.capture.replay import parquet, places
from tests.rooms.lake.killed_house import KilledHouse, Point

ROWS = int(os.environ.get("BOATHOUSE_CAPTURE_COPY", "3000"))
POINTS = int(os.environ.get("BOATHOUSE_CAPTURE_POINTS", "2"))
SETTINGS = {
    "capture": {"commit_seconds": 0.02, "poll_seconds": 0.02, "retry_seconds_max": 0.5, "memory_bytes_max": 1 << 20}
}
WAREHOUSE, FILES = "boathouse.capture.outputs.warehouse", "boathouse.capture.delivery.files:FilesDestination"


def at(number: int) -> Point:
    """A point within the large transaction, or just behind it; in turn, and later in each round."""
    later = 1 + number // 6
    return [
        ("boathouse.capture.delivery.journal:Entry.write", "before", later),
        (f"{WAREHOUSE}:_WarehouseWriter.write", "after", later),
        (f"{WAREHOUSE}:_WarehouseWriter.apply_inserted", "before", later),
        ("boathouse.capture.delivery.spooled:Spool.write", "after", later),
        (f"{WAREHOUSE}:WarehouseOutput.transact", "after", 1),
        (f"{FILES}.deliver", "before", 1),
    ][number % 6]  # type: ignore[return-value]


def copied(db: psycopg.Connection[Any], first: int, rows: int) -> None:
    with db.cursor() as cursor, cursor.copy("COPY t FROM STDIN") as copy:
        for number in range(first, first + rows):
            copy.write_row((number, 1, "copied", "x" * (number % 50)))


def test_a_copy_that_is_cut_off_in_the_middle(tmp_path: Path, postgres: PostgresUnderTest) -> None:
    home = tmp_path / "home"
    house = CaptureHouse(home, postgres)
    house.integrate()
    house.run("ALTER INTEGRATION shop ADD OUTPUT lake TO 'changes'")
    with postgres.connect() as db:
        db.execute("CREATE TABLE t (id integer PRIMARY KEY, version bigint NOT NULL, note text, big text)")
        house.begin()
        house.until_dumped()
        house.close()
        # At the source: its client goes away in the middle. What was copied of it stands in the log, and was never committed.
        with (
            pytest.raises(psycopg.Error),
            postgres.connect() as client,
            client.cursor() as cursor,
            cursor.copy("COPY t FROM STDIN") as copy,
        ):
            for number in range(ROWS // 2):
                copy.write_row((number, 0, "never", ""))
            db.execute("SELECT pg_terminate_backend(%s)", (client.info.backend_pid,))
            copy.write_row(("no number", 0, "never", ""))
        killed, met = KilledHouse(home, SETTINGS), 0
        try:
            for number in range(POINTS):
                copied(db, number * ROWS, ROWS)
                counts = "SELECT count(*) FROM shop.t"
                answer, hit = killed.turn(counts, "SELECT 1", kill_after=30.0, background=True, at=at(number))
                assert answer[0][0] % ROWS == 0, "a transaction is seen in part"
                met += hit
        finally:
            killed.close()
        house.reopen(home, house.settings)
        try:
            house.begin()
            house.until_equal(db, what="id, version, note, big")
            house.until_delivered()
            rows = parquet(house, "changes")
            told = [row["id"] for row in rows if row["_record_position"] is not None]
            assert told == list(range(POINTS * ROWS)), "lost, twice or out of order"
            assert len(places(rows)) == POINTS * ROWS
            for number in range(POINTS):
                each = rows[number * ROWS : (number + 1) * ROWS]
                assert [row["_record_ordinal"] for row in each] == list(range(ROWS))
                assert len({row["_record_position"] for row in each}) == 1
            print(f"{POINTS} times {ROWS} rows, killed at {met} points")
            assert met, "it was never killed at its point"
        finally:
            house.close()
