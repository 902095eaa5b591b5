"""A house that is killed at chosen points of its work goes on where it was: nothing lost, nothing twice, and the source is never
told to forget what is not durable.

BOATHOUSE_CAPTURE_POINTS sets at how many points, BOATHOUSE_CAPTURE_SEED with which the row of them begins.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.rooms.capture.capture_house import CaptureHouse, Secret
from tests.rooms.capture.mysql.conftest import maria  # noqa: F401
from tests.rooms.capture.replay import parquet, replayed
from tests.rooms.capture.walk import Walk, check_history
from tests.rooms.capture.walked import Walked, rows_of, walked  # noqa: F401
from tests.rooms.lake.killed_house import KilledHouse, Point

POINTS = int(os.environ.get("BOATHOUSE_CAPTURE_POINTS", "2"))
SEED = int(os.environ.get("BOATHOUSE_CAPTURE_SEED", "11"))
SETTINGS = {"capture": {"commit_seconds": 0.02, "chunk_rows": 20, "poll_seconds": 0.02, "retry_seconds_max": 0.5}}
SOURCES = {
    "postgres": "boathouse.capture.postgres.source:PostgresSource",
    "mysql": "boathouse.capture.mysql.source:MySqlSource",
}
LATEST = 30.0
"""Seconds after which a house that has not come to its point is killed all the same."""


def points(kind: str, chance: random.Random) -> dict[str, Point]:
    """Each once, at one of its first times."""
    source, time = SOURCES[kind], chance.randint(1, 3)
    warehouse, journal = "boathouse.capture.outputs.warehouse", "boathouse.capture.delivery.journal:Journal.commit"
    files, catalog = "boathouse.capture.delivery.files:FilesDestination", "boathouse.capture.catalog"
    return {
        "after the low watermark": (f"{source}.mark", "after", 2 * time - 1),
        "after a chunk's SELECT": (f"{source}.read_chunk", "after", time),
        "after the high watermark": (f"{source}.mark", "after", 2 * time),
        "before a chunk's rows are told": ("boathouse.capture.window:Window._close", "before", time),
        "after a chunk's rows are told": ("boathouse.capture.window:Window._close", "after", time),
        "half told": (f"{warehouse}:_WarehouseWriter.write", "after", time),
        "half told to the journal": ("boathouse.capture.delivery.journal:Entry.write", "before", time),
        "before the state is saved": (f"{catalog}:store", "before", time),
        "after the state is saved, before the commit": (f"{catalog}:store", "after", time),
        "after the commit": (f"{warehouse}:WarehouseOutput.transact", "after", time),
        "after the journal knows of the commit": (journal, "after", time + 1),
        "before the acknowledgement": (f"{source}.acknowledge", "before", time),
        "after the acknowledgement": (f"{source}.acknowledge", "after", time),
        "before a file is put into its place": ("boathouse.lake.storage_local:LocalStorage.write_file", "before", time),
        "after a file is put into its place": ("boathouse.lake.storage_local:LocalStorage.write_file", "after", time),
        "after a delivery": (f"{files}.deliver", "after", time),
        "before an output's state is saved": (f"{catalog}:move_output", "before", 1),
        "after an output's state is saved": (f"{catalog}:move_output", "after", 1),
    }


@pytest.mark.parametrize("walked", ["postgres", "mysql"], indirect=True)
def test_killed_at_chosen_points_it_goes_on_where_it_was(walked: Walked, tmp_path: Path) -> None:  # noqa: F811
    chance = random.Random(SEED)
    home = tmp_path / "home"
    house = CaptureHouse(home, Secret(walked.secret))
    house.run(f"CREATE INTEGRATION shop FROM {walked.kind} SECRET 'shop' TABLES (w.t) INTO SCHEMA shop")
    house.run("ALTER INTEGRATION shop ADD OUTPUT lake TO 'changes'")
    house.close()
    killed, met = KilledHouse(home, SETTINGS), []
    try:
        with Walk(walked.connect, "w.t", 2, 60, SEED, walked.begin, 0.01) as walk:
            walk.until(100)
            for name, point in _rotated(walked.kind, chance):
                _, hit = killed.turn(
                    "ALTER INTEGRATION shop DUMP ALL", "SELECT 1", kill_after=LATEST, background=True, at=point
                )
                met += [name] if hit else []
                assert hit, f"{walked.kind}, seed {SEED}: never {name}, {point}"
                _nothing_is_forgotten(walked, house, home, name)
    finally:
        killed.close()
    house.reopen(home, house.settings)
    try:
        house.begin()
        house.until_dumped()
        expected = rows_of(walked)
        house.until(
            lambda: house.run("SELECT id, version, note, big FROM shop.t ORDER BY id") == expected,
            f"seed {SEED}, {met}: not equal",
            pause=0.1,
        )
        house.until_delivered()
        told = parquet(house, "changes", "w.t")
        found = check_history(told)
        print(f"{walked.kind}, seed {SEED}: killed at {len(met)} points, {walk.steps} steps, {found}")
        assert [(key, *rest) for key, rest in replayed(told).items()] == expected, f"seed {SEED}, {met}"
    finally:
        house.close()


def _rotated(kind: str, chance: random.Random) -> Iterator[tuple[str, Point]]:
    """As many as are wanted, from the seed's place in the row on, round after round with other counts."""
    for number in range(POINTS):
        row = [*points(kind, chance).items()]
        yield row[(SEED * POINTS + number) % len(row)]


def _nothing_is_forgotten(source: Walked, house: CaptureHouse, home: Path, point: str) -> None:
    """PostgreSQL's slot is never ahead of what is stored; MySQL's log is kept by time."""
    if source.kind != "postgres":
        return
    house.reopen(home, house.settings)
    try:
        stored: list[tuple[Any, ...]] = house.own("SELECT position FROM boathouse.capture_progress")
    finally:
        house.close()
    with source.connect() as session, session.cursor() as cursor:
        place = str(stored[0][0]).split("@")[0] if stored and stored[0][0] is not None else None
        cursor.execute(
            "SELECT slot_name FROM pg_replication_slots WHERE database = current_database() AND confirmed_flush_lsn > "
            "coalesce(%s::pg_lsn, confirmed_flush_lsn)",
            (place,),
        )
        assert cursor.fetchall() == [], f"seed {SEED}, killed {point}: the slot is ahead of {place}"
