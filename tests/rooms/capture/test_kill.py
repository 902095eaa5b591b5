"""A house that is killed while it captures goes on where it was: nothing lost, nothing twice, in the warehouse, in files, in
Kafka's topics, and with a receiver of HTTP that keeps the last place.

BOATHOUSE_CAPTURE_KILLS sets how often, BOATHOUSE_CAPTURE_SEED when.
"""

from __future__ import annotations

import os
import random
from pathlib import Path

from tests.rooms.capture.brokers import events_of
from tests.rooms.capture.capture_house import CaptureHouse
from tests.rooms.capture.postgres_server import PostgresUnderTest
from tests.rooms.capture.receiver import Receiver
from tests.rooms.capture.replay import once, parquet, places, replayed, told
from tests.rooms.capture.workload import MAKE, Workload
from tests.rooms.lake.killed_house import KilledHouse

KILLS = int(os.environ.get("BOATHOUSE_CAPTURE_KILLS", "2"))
SEED = int(os.environ.get("BOATHOUSE_CAPTURE_SEED", "11"))


def test_killed_at_any_moment_it_goes_on_where_it_was(
    tmp_path: Path, postgres: PostgresUnderTest, cluster: str
) -> None:
    chance = random.Random(SEED)
    home = tmp_path / "home"
    settings = {"capture": {"commit_seconds": 0.02, "chunk_rows": 200, "poll_seconds": 0.02, "retry_seconds_max": 0.5}}
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
        killed = KilledHouse(home, settings)
        try:
            with Workload(postgres, writers=2, keys=1500, seed=SEED, truncates=True):
                for _ in range(KILLS):
                    killed.turn("SELECT 1", "SELECT 1", kill_after=chance.uniform(0.2, 2.5), background=True)
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
            assert replayed(told(receiver.new_events())) == expected, f"seed {SEED}"
            places(told(receiver.new_events()))
            messages = once(events_of(cluster, "shop.public.t"))
            assert replayed(told(messages)) == expected, f"seed {SEED}"
            assert places(told(messages)) == places(rows), f"seed {SEED}"
            print(f"seed {SEED}, {KILLS} kills, {len(messages)} messages, {len(receiver.bodies)} requests")
            epochs = house.own("SELECT epoch FROM boathouse.capture_progress")
            assert epochs[0][0] > 1, f"seed {SEED}: it was never killed while it captured"
        finally:
            house.close()
            receiver.end()
