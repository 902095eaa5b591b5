"""Two ELT scripts and six UNLOADs at once, three ways: all in one queue; the UNLOADs by their query group in a queue of their
own; the same with concurrency scaling. How long all of it takes, and how long the scripts' statements wait, as ratios.

The mix is that of a warehouse that is loaded while it exports: each script sends one statement after the other, the UNLOADs come
all at once. What they export are files of the lake, which is what bursts. Waiting is what `sys_query_history` says.

Usage: elt_mix.py [DOUBLINGS] [--quick]
"""

from __future__ import annotations

import argparse
import os
import tempfile
import threading
from pathlib import Path

import psycopg

from measure import make_sales_of_the_lake, take_queues, timed
from servers import Server, boathouse

PROCESSES = 2
ROUNDS = 4
EXPORTS = 6
SCRIPT = (
    "CREATE TABLE {t} AS SELECT city, amount, count(*) AS sold, sum(id) AS ids FROM made GROUP BY city, amount",
    "INSERT INTO {t} SELECT city, 0, sum(sold), sum(ids) FROM {t} GROUP BY city",
    "SELECT max(sold) FROM {t} WHERE city < 50",
    "DROP TABLE {t}",
)
EXPORT = (
    "UNLOAD ('SELECT a.city, count(*) AS pairs, max(a.pad) AS pad FROM river.sales a JOIN river.sales b ON a.city = b.city AND "
    "a.id <> b.id WHERE a.id % {exports} = {place} GROUP BY a.city') TO 'out/{run}/{place}/' FORMAT PARQUET"
)
TAKEN = (
    "SELECT trim(name) || ' ' || trim(concurrency_scaling) FROM stv_wlm_service_class_config WHERE service_class = 6"
)
WAYS = (
    ("one queue", "main", "off"),
    ("own queue", "unload_query", "off"),
    ("own queue, bursting", "unload_query", "auto"),
)


def send(server: Server, label: str, statements: list[str], failed: list[BaseException]) -> None:
    try:
        with psycopg.connect(server.dsn, autocommit=True) as connection:
            connection.execute(f"SET query_group TO '{label}'")
            for statement in statements:
                connection.execute(statement)
    except psycopg.Error as failure:
        failed.append(failure)


def mix(server: Server, run: int, group: str, rounds: int) -> None:
    """The eight jobs, all at once, to their end."""
    failed: list[BaseException] = []
    scripts = [[one.format(t=f"elt_{n}") for _ in range(rounds) for one in SCRIPT] for n in range(2)]
    exports = [[EXPORT.format(run=run, place=place, exports=EXPORTS)] for place in range(EXPORTS)]
    jobs = [(group, one) for one in exports] + [("elt", one) for one in scripts]
    threads = [threading.Thread(target=send, args=(server, label, work, failed)) for label, work in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]


def waited(server: Server, since: int) -> tuple[float, int]:
    """Milliseconds that the scripts' statements waited in the mean, and how many UNLOADs burst."""
    with psycopg.connect(server.dsn, autocommit=True) as connection:
        row = connection.execute(
            "SELECT avg(CASE WHEN query_label = 'elt' AND query_type IN ('CTAS', 'INSERT', 'SELECT') THEN queue_time / 1000.0 "
            "END), "
            "sum(CASE WHEN query_type = 'UNLOAD' AND compute_type <> 'primary' THEN 1 ELSE 0 END) FROM sys_query_history "
            f"WHERE query_id > {since}"
        ).fetchone()
    assert row is not None
    return float(row[0]), int(row[1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("doublings", nargs="?", type=int, default=15, help="of the rows: 15 are 32,768")
    parser.add_argument("--quick", action="store_true", help="a tiny size: only to see that everything runs")
    given = parser.parse_args()
    doublings, rounds = (8, 1) if given.quick else (given.doublings, ROUNDS)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "queues.json"
        file.write_text("[{}]")
        os.environ["BOATHOUSE_WORKLOAD_WLM_JSON_CONFIGURATION"] = str(file)
        os.environ["BOATHOUSE_WORKLOAD_MAX_CONCURRENCY_SCALING_CLUSTERS"] = "1" if given.quick else str(PROCESSES)
        with boathouse() as server:
            make_sales_of_the_lake(server, doublings)
            print(f"{'way':>20} {'seconds':>8} {'scripts waited ms':>18} {'burst':>6}")
            found = []
            for run, (name, group, scaling) in enumerate(WAYS):
                queues = [
                    {
                        "name": "Queue 1",
                        "query_group": ["unload_query"],
                        "query_concurrency": 1,
                        "concurrency_scaling": scaling,
                    },
                    {"query_concurrency": 1},
                ]
                take_queues(server, file, queues, TAKEN, f"Queue 1 {scaling}")
                with psycopg.connect(server.dsn, autocommit=True) as connection:
                    (since,) = connection.execute("SELECT coalesce(max(query), 0) FROM stl_query").fetchone() or (0,)
                seconds = timed(lambda run=run, group=group: mix(server, run, group, rounds))
                wait, bursts = waited(server, since)
                found.append((seconds, wait))
                print(f"{name:>20} {seconds:>8.2f} {wait:>18.1f} {bursts:>6}")
    first = found[0]
    for (name, *_), (seconds, wait) in zip(WAYS[1:], found[1:], strict=True):
        lower = first[1] / max(wait, 0.1)
        print(f"ratio one queue to {name}: time {seconds / first[0]:.2f}x, waiting of the scripts {lower:.1f}x lower")


if __name__ == "__main__":
    main()
