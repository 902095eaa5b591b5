"""Rows that walk through their states while dumps are asked for at random: of tables and of keys, over restarts of the house.

BOATHOUSE_CAPTURE_DUMPS sets how many dumps, BOATHOUSE_CAPTURE_SEED what is walked and dumped.
"""

from __future__ import annotations

import os
import random
from pathlib import Path

from tests.rooms.capture.capture_house import CaptureHouse, Secret
from tests.rooms.capture.mysql.conftest import maria  # noqa: F401
from tests.rooms.capture.replay import parquet, replayed
from tests.rooms.capture.walk import Walk, check_history
from tests.rooms.capture.walked import Walked, walked  # noqa: F401

DUMPS = int(os.environ.get("BOATHOUSE_CAPTURE_DUMPS", "3"))
SEED = int(os.environ.get("BOATHOUSE_CAPTURE_SEED", "11"))
WALKERS, KEYS = 2, 40
PAUSE = float(os.environ.get("BOATHOUSE_CAPTURE_PAUSE", "0.01"))
"""Of each walker after a transaction, in seconds."""
STEPS = 20
"""Between two dumps that are asked for."""


def test_rows_walk_while_dumps_begin_at_random(walked: Walked, tmp_path: Path) -> None:  # noqa: F811
    chance = random.Random(SEED)
    house = CaptureHouse(tmp_path / "home", Secret(walked.secret), chunk_rows=9, commit_seconds=0.02)
    try:
        house.run(f"CREATE INTEGRATION shop FROM {walked.kind} SECRET 'shop' TABLES (w.t) INTO SCHEMA shop")
        house.run("ALTER INTEGRATION shop ADD OUTPUT lake TO 'changes'")
        with Walk(walked.connect, "w.t", WALKERS, KEYS, SEED, walked.begin, PAUSE) as walk:
            walk.until(2 * STEPS)
            house.begin()
            house.until(lambda: house.own("SELECT 1 FROM boathouse.capture_dumps") != [], "nothing is captured")
            for number in range(DUMPS):
                walk.until(walk.steps + chance.randrange(2 * STEPS))
                keys = ", ".join(f"('{chance.randrange(WALKERS * KEYS + 9)}')" for _ in range(chance.randint(1, 20)))
                what = chance.choice(("ALL", "TABLE w.t", f"TABLE w.t KEYS ({keys})", f"TABLE w.t KEYS ({keys})"))
                house.run(f"ALTER INTEGRATION shop DUMP {what}")
                if number == DUMPS // 2:
                    house.end()
                    house.begin()
            house.until(
                lambda: not house.own("SELECT 1 FROM boathouse.capture_requests"), "requests are not taken", pause=0.1
            )
            house.until(
                lambda: not house.own("SELECT 1 FROM boathouse.capture_dumps WHERE NOT done"),
                "dumps do not end",
                pause=0.1,
            )
        with walked.connect() as session, session.cursor() as cursor:
            cursor.execute("SELECT id, version, note, big FROM w.t ORDER BY id")
            expected = [tuple(row) for row in cursor.fetchall()]
        house.until(
            lambda: house.run("SELECT id, version, note, big FROM shop.t ORDER BY id") == expected,
            f"seed {SEED}: not equal",
            pause=0.1,
        )
        house.until_delivered()
        rows = parquet(house, "changes", "w.t")
        found = check_history(rows)
        print(f"{walked.kind}, seed {SEED}: {walk.steps} steps, {DUMPS} dumps, {found}")
        assert [(key, *rest) for key, rest in replayed(rows).items()] == expected, f"seed {SEED}"
        assert found["read"] and found["insert"] and found["update"] and found["delete"]
    finally:
        house.close()
