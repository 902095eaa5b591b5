"""SIGKILL at seeded random moments of a COPY: after it the table holds whole loads only, and the next load succeeds."""

from __future__ import annotations

import gzip
import os
import random
import sys
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
from copy_house import CopyHouse  # noqa: E402
from killed_house import KilledHouse  # noqa: E402

KILLS = int(os.environ.get("BOATHOUSE_KILLS") or 3)
ROWS = 6_000
LOADS = ("COPY t FROM 'csv/' CSV", "COPY t FROM 'gz/' CSV GZIP", "COPY t FROM 'json/' JSON 'auto'",
         "COPY t FROM 'parquet/' PARQUET", "COPY t FROM 'csv/' CSV FILLRECORD MAXERROR 2")  # fmt: skip
ASK = "SELECT count(*), count(DISTINCT a), min(n), max(n) FROM (SELECT a, count(*) AS n FROM t GROUP BY a)"
"""Over keys: every key must have come equally often."""


def test_after_a_kill_only_whole_loads_are_there_and_the_next_one_succeeds(tmp_path: Path) -> None:
    seed = int(os.environ.get("BOATHOUSE_SEED") or random.SystemRandom().randrange(1 << 32))
    print("seed", seed)
    chance = random.Random(seed)
    home = tmp_path / "home"
    house = CopyHouse(home)
    house.table("a integer, b varchar(40)")
    for part in range(3):
        keys = range(part * ROWS // 3, (part + 1) * ROWS // 3)
        text = "".join(f"{key},row number {key}\n" for key in keys)
        house.file(f"csv/{part}", text)
        house.file(f"gz/{part}", gzip.compress(text.encode()))
        house.file(f"json/{part}", "".join(f'{{"a": {key}, "b": "row number {key}"}}\n' for key in keys))
        rows = {"a": pa.array(keys, pa.int32()), "b": [f"row number {key}" for key in keys]}
        pq.write_table(pa.table(rows), house.file(f"parquet/{part}", ""))
    house.close()
    killed = KilledHouse(home)
    started = time.monotonic()
    _, ended = killed.turn("SELECT 1", LOADS[0], None)
    whole, times = time.monotonic() - started, 1
    assert ended
    interrupted = 0
    for kill in range(KILLS):
        load = chance.choice(LOADS)
        ((_, keys, least, most),), ended = killed.turn(ASK, load, chance.uniform(0, whole))
        # What the kill before this one left: the load that was on its way is there whole, or not at all.
        assert (keys, least) == (ROWS, most), f"seed {seed}, kill {kill}"
        assert most in (times, times + interrupted), f"seed {seed}, kill {kill}"
        times, interrupted = most + ended, int(not ended)
    ((_, keys, least, most),), ended = killed.turn(ASK, LOADS[0], None)
    assert ended and (keys, least) == (ROWS, most)
    ((_, _, least, after),), _ = killed.turn(ASK, "SELECT 1", None)
    assert least == after == most + 1, f"seed {seed}"
    killed.close()
    assert not list((home / "tmp").glob("copy-*"))
