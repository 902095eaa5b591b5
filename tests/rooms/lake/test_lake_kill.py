"""SIGKILL at seeded random moments of crawls, unloads and inserts into external tables: the home opens again, what is there is
whole, the history says what was cut off, and the same work done again comes to its end."""

from __future__ import annotations

import os
import random
import sys
import time
from pathlib import Path

import pytest

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
from copy_house import CopyHouse  # noqa: E402
from killed_house import KilledHouse  # noqa: E402

KILLS = int(os.environ.get("BOATHOUSE_KILLS") or 3)
FOLDERS, ROWS = 12, 600
WORKS = (
    "START CRAWLER c",
    "UNLOAD ('SELECT id, id % 5 AS k FROM t') TO 'out/' FORMAT PARQUET PARTITION BY (k) CLEANPATH",
    "INSERT INTO lake.kept SELECT id, 'name ' || id FROM t",
)
ASK = """SELECT (SELECT count(*) FROM svv_external_tables WHERE schemaname = 'found'),
    (SELECT count(*) FROM svv_external_partitions WHERE schemaname = 'found'),
    (SELECT count(*) FROM lake.kept), (SELECT count(DISTINCT id) FROM lake.kept),
    (SELECT count(*) FROM sys_crawl_history WHERE state = 'RUNNING')
    + (SELECT count(*) FROM sys_unload_history WHERE status = 'running')"""


@pytest.mark.timeout(300 + 20 * KILLS)
def test_after_a_kill_the_lake_is_whole_and_goes_on(tmp_path: Path) -> None:
    seed = int(os.environ.get("BOATHOUSE_SEED") or random.SystemRandom().randrange(1 << 32))
    print("seed", seed)
    chance = random.Random(seed)
    home = tmp_path / "home"
    house = CopyHouse(home)
    house.run("CREATE TABLE t (id integer)")
    house.run(f"INSERT INTO t SELECT n FROM generate_series(1, {ROWS}) AS g(n)")
    for name in ("lake", "found"):
        house.run(
            f"CREATE EXTERNAL SCHEMA {name} FROM DATA CATALOG DATABASE '{name}' CREATE EXTERNAL DATABASE IF NOT EXISTS"
        )
    house.run("CREATE EXTERNAL TABLE lake.kept (id integer, name varchar(20)) STORED AS PARQUET LOCATION 'kept/'")
    for folder in range(FOLDERS):
        house.file(f"in/day=2020-01-{folder + 1:02}/a.csv", "id,what\n1,rope\n2,tar\n")
    house.run("CREATE CRAWLER c DATABASE 'found' TARGETS ('in/')")
    spans = []
    for work in WORKS:
        started = time.monotonic()
        house.run(work)
        spans.append(time.monotonic() - started)
    house.run("DROP TABLE found.in")
    house.close()
    killed = KilledHouse(home)
    times, pending, crawled = 1, 0, 0
    for kill in range(KILLS):
        place = chance.randrange(len(WORKS))
        ((tables, partitions, rows, distinct, running),), ended = killed.turn(
            ASK, WORKS[place], chance.uniform(0, spans[place])
        )
        where = f"seed {seed}, kill {kill}"
        print(where, WORKS[place].split()[0], "ended" if ended else "killed", flush=True)
        assert (tables, partitions) in ((0, 0), (1, FOLDERS)) and tables >= crawled, where
        assert distinct == ROWS and rows in (times * ROWS, (times + pending) * ROWS), where
        assert running == 0, where
        times, crawled = rows // ROWS, tables
        pending = int(place == 2 and not ended)
        times += int(place == 2 and ended)
        crawled = max(crawled, int(place == 0 and ended))
    for work in WORKS:
        assert killed.turn(ASK, work, None)[1], f"seed {seed}"
    killed.close()
    house.reopen(home)
    ((tables, partitions, rows, distinct, running),) = house.run(ASK)
    assert (tables, partitions, distinct, running) == (1, FOLDERS, ROWS, 0) and rows in (
        (times + 1) * ROWS,
        (times + pending + 1) * ROWS,
    )
    house.run("CREATE EXTERNAL TABLE lake.out (id bigint) PARTITIONED BY (k integer) STORED AS PARQUET LOCATION 'out/'")
    assert len(list((home / "lake/out").glob("k=*"))) == 5
    house.close()
    assert not list((home / "tmp").glob("*")) and not list((home / "unload").glob("*.json"))
