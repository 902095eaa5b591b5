"""Dumps that are begun, paused, resumed, stopped and resized in random order while the house that does them is killed: each is in
a state that it may come to from the one it was in, and in the end the tables are equal.

BOATHOUSE_CAPTURE_STEERS sets how many steps, BOATHOUSE_CAPTURE_SEED which.
"""

from __future__ import annotations

import os
import random
from pathlib import Path
from typing import Any

import psycopg
from tests.rooms.capture.capture_house import CaptureHouse
from tests.rooms.capture.postgres_server import PostgresUnderTest
from tests.rooms.capture.workload import MAKE, Workload
from tests.rooms.lake.killed_house import KilledHouse

STEERS = int(os.environ.get("BOATHOUSE_CAPTURE_STEERS", "3"))
SEED = int(os.environ.get("BOATHOUSE_CAPTURE_SEED", "11"))
SETTINGS = {"capture": {"commit_seconds": 0.02, "chunk_rows": 20, "poll_seconds": 0.02, "retry_seconds_max": 0.5}}
ENDED = {"done", "stopped", "superseded", "failed"}
MAY_BECOME = {
    "waiting": {"waiting", "running", "paused", *ENDED},
    "running": {"waiting", "running", "paused", *ENDED},
    "paused": {"waiting", "running", "paused", *ENDED},
    **{ended: {ended} for ended in ENDED},
}
"""What a dump's state may be some time after it was another."""
TABLES = ("t", "u")
QUERY = "SELECT dump_id, dump_state, table_name, rows, chunks FROM svv_integration_dump ORDER BY dump_id"

ENDS = "SELECT table_name, dump_state FROM svv_integration_dump WHERE NOT by_keys ORDER BY dump_id"
"""Of whole tables, the last one last."""


def steps(chance: random.Random) -> str:
    """One or a few statements that a user may say."""
    found = []
    for _ in range(chance.choice((1, 1, 2, 3))):
        which = chance.choice(("", *(f" TABLE public.{table}" for table in TABLES)))
        what = chance.choice(("DUMP", "DUMP", "PAUSE DUMP", "RESUME DUMP", "STOP DUMP", "KEYS", "SET"))
        if what == "SET":
            what = (
                f"SET CHUNK_ROWS = {chance.choice((5, 20, 100))}, CHUNK_PAUSE_SECONDS = {chance.choice((0, 0.02, 0.2))}"
            )
        elif what == "KEYS":
            what = f"DUMP TABLE public.t KEYS ({', '.join(str(chance.randrange(3000)) for _ in range(5))})"
        else:
            what += which or (" ALL" if what == "DUMP" else "")
        found.append(f"ALTER INTEGRATION shop {what}")
    return "; ".join(found)


def test_dumps_are_steered_at_random_while_the_house_is_killed(
    db: psycopg.Connection[Any], postgres: PostgresUnderTest, tmp_path: Path
) -> None:
    chance, home, said = random.Random(SEED), tmp_path / "home", []
    db.execute(f"{MAKE}; CREATE TABLE u (LIKE t INCLUDING ALL)")
    for table in TABLES:
        db.execute(f"INSERT INTO {table} SELECT g, 0, 'first', NULL FROM generate_series(0, 800) g")
    house = CaptureHouse(home, postgres)
    house.integrate()
    house.begin()
    house.until_dumped()
    house.close()
    killed = KilledHouse(home, SETTINGS)
    seen: dict[int, tuple[str, int, int]] = {}
    try:
        with Workload(postgres, writers=1, keys=1500, seed=SEED, pause=0.01):
            for number in range(STEERS):
                said.append(steps(chance) if number else "ALTER INTEGRATION shop DUMP ALL")
                killed.turn(said[-1], "SELECT 1", kill_after=chance.uniform(0.2, 2.5), background=True)
                answer, _ = killed.turn(QUERY, "SELECT 1", kill_after=None)
                _compare(seen, answer, f"seed {SEED}: {said}")
    finally:
        killed.close()
    house.reopen(home, house.settings)
    try:
        house.begin()
        house.run(
            "ALTER INTEGRATION shop SET CHUNK_ROWS = 500, CHUNK_PAUSE_SECONDS = 0; ALTER INTEGRATION shop RESUME DUMP"
        )
        house.until(lambda: not house.own("SELECT 1 FROM boathouse.capture_requests"), f"{said}: not taken")
        house.until(
            lambda: not house.own("SELECT 1 FROM boathouse.capture_dumps WHERE NOT done"), f"{said}: dumps do not end"
        )
        # A table whose dump was stopped lacks what it had not read: it says so until it is dumped.
        whole = "SELECT table_name, table_state FROM svv_integration_table_state"
        lacking = [table for table, state in house.run(whole) if state != "Synced"]
        ends = dict(house.run(ENDS))
        stopped = {table for table in TABLES if ends[table] == "stopped"}
        assert set(lacking) <= stopped, f"seed {SEED}: {said}"
        for table in lacking:
            house.run(f"ALTER INTEGRATION shop DUMP TABLE public.{table}")
        house.until(lambda: not house.own("SELECT 1 FROM boathouse.capture_requests"), "not taken")
        house.until_dumped()
        for table in TABLES:
            house.until_equal(db, table)
        _compare(seen, house.run(QUERY), f"seed {SEED}: {said}")
        print(f"seed {SEED}: {len(said)} times steered and killed, {len(seen)} dumps")
    finally:
        house.close()


def _compare(seen: dict[int, tuple[str, int, int]], now: list[Any], said: str) -> None:
    """Every dump is still there, went on from where it was, and has not gone back."""
    there = {int(number): (str(state), int(rows), int(chunks)) for number, state, _, rows, chunks in now}
    assert seen.keys() <= there.keys(), said
    for number, (state, rows, chunks) in seen.items():
        assert there[number][0] in MAY_BECOME[state], f"{state} became {there[number][0]}; {said}"
        assert there[number][1] >= rows and there[number][2] >= chunks, said
    for state, *_ in there.values():
        assert state in MAY_BECOME, state
    seen.update(there)
