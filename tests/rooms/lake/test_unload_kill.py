"""SIGKILL at seeded random moments of an UNLOAD: after the sweep the place is complete or empty, never half.

`BOATHOUSE_KILLS` sets how often.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pyarrow.dataset as ds
from pyiceberg.table import StaticTable

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
from unload_house import open_house  # noqa: E402

from boathouse.lake.unload.journal import sweep  # noqa: E402

ROWS, FOLDERS = 20_000, 60
KINDS = ("iceberg", "parquet")
KILLS = int(os.environ.get("BOATHOUSE_KILLS") or 2)
CHILD = f"""
import sys
from pathlib import Path
sys.path.insert(0, {str(HERE)!r})
from unload_house import UnloadSession, open_house
session = UnloadSession(open_house(Path(sys.argv[1])))
if sys.argv[2] == "iceberg":
    import boathouse.lake.unload.iceberg.metadata
print("ready", flush=True)
session.unload("SELECT i, i % {FOLDERS} AS k FROM range({ROWS}) t(i)", "out/", FORMAT=sys.argv[2], PARTITION_BY=("k",))
print("done", flush=True)
"""


def _run(home: Path, kind: str, kill_at: float | None) -> float:
    """Unload in a process of its own, killed after `kill_at` seconds; how long it took."""
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(home), kind], stdout=subprocess.PIPE, env=dict(os.environ)
    )
    assert child.stdout is not None
    assert child.stdout.readline() == b"ready\n"
    start = time.monotonic()
    if kill_at is None:
        assert child.stdout.readline() == b"done\n"
    else:
        try:
            child.wait(kill_at)
        except subprocess.TimeoutExpired:
            child.send_signal(signal.SIGKILL)
    took = time.monotonic() - start
    child.wait()
    child.stdout.close()
    return took


def test_after_a_kill_and_a_sweep_the_place_is_complete_or_empty(tmp_path):
    seed = int(os.environ.get("BOATHOUSE_SEED") or random.SystemRandom().randrange(1 << 32))
    print("seed", seed)
    chance = random.Random(seed)
    whole = {kind: _run(tmp_path / kind, kind, None) for kind in KINDS}
    seen = []
    for number in range(KILLS):
        kind = KINDS[number % 2]
        home = tmp_path / str(number)
        # Publishing is the last part of the time: most kills belong there.
        _run(home, kind, whole[kind] * (chance.random() if number % 4 == 3 else chance.uniform(0.5, 1.0)))
        house = open_house(home)
        sweep(house)
        house.engine.close()
        out = home / "lake" / "out"
        found = _count(out, kind)
        seen.append((kind, found))
        assert found in (0, ROWS), f"seed {seed}, kill {number}"
        assert not list((home / "unload").glob("*"))
        assert found == ROWS or not [path for path in out.rglob("*") if path.is_file()]
    print("rows after the kills:", Counter(seen))


def test_what_a_kill_left_of_a_file_that_was_being_written_is_swept(tmp_path):
    dies = "import os, signal\nimport boathouse.lake.storage_local as local\nimport boathouse.lake.unload.journal\n"
    dies += "local.make_durable = lambda path: os.kill(os.getpid(), signal.SIGKILL)\n"
    child = subprocess.run(
        [sys.executable, "-c", dies + CHILD, str(tmp_path), "parquet"], check=False, stdout=subprocess.PIPE
    )
    assert child.returncode == -signal.SIGKILL
    out = tmp_path / "lake" / "out"
    assert [path for path in out.rglob("*") if path.is_file()], "it was killed too early"
    house = open_house(tmp_path)
    sweep(house)
    house.engine.close()
    assert not [path for path in out.rglob("*") if path.is_file()]


def _count(out: Path, kind: str) -> int:
    if kind == "iceberg":
        whole = (out / "metadata" / "version-hint.text").exists()
        return StaticTable.from_metadata(str(out)).scan().count() if whole else 0
    return ds.dataset(out, format="parquet").count_rows() if any(out.rglob("*.parquet")) else 0
