"""Short queries over files behind long ones in one queue, with concurrency scaling off and on: how long they wait, as a ratio.

One client sends long queries over an external table without a pause, others short ones, all to a queue of one slot. The
same clients, the same statements, the same server, one after the other: the configuration is taken by SIGHUP in between. Waiting
is what `sys_query_history` says.

Usage: bursting.py [SECONDS] [--quick]
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
from pathlib import Path

import psycopg

from measure import make_sales_of_the_lake, side_by_side, take_queues
from servers import Server, boathouse

LONG = "SELECT count(*), max(a.pad) FROM river.sales a JOIN river.sales b ON a.city = b.city AND a.id <> b.id"
SHORT = "SELECT count(*), sum(amount) FROM river.sales WHERE id BETWEEN {0} AND {0} + 10"
TAKEN = "SELECT trim(concurrency_scaling) FROM stv_wlm_service_class_config WHERE service_class = 6"
SHORT_MIN = 3
"""Short queries that are waited for, however busy the machine is."""


def measure(server: Server, seconds: float, rows: int) -> tuple[list[float], list[float], int, int]:
    """Milliseconds of the short queries, whole and waiting, sorted; how many long ones ended, and how many queries burst."""
    with psycopg.connect(server.dsn, autocommit=True) as connection:
        (last,) = connection.execute("SELECT coalesce(max(query), 0) FROM stl_query").fetchone() or (0,)
        times, ended = side_by_side(server, ("long", LONG, 1), ("short", SHORT, 2), seconds, rows, (1, SHORT_MIN))
        found = connection.execute(
            "SELECT query_label = 'short', queue_time / 1000.0, compute_type <> 'primary' FROM sys_query_history "
            f"WHERE query_id > {last} AND query_label IN ('short', 'long') AND query_type = 'SELECT'"
        ).fetchall()
    waited = sorted(float(wait) for is_short, wait, _ in found if is_short)
    return times, waited, ended, sum(bursts for _, _, bursts in found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("seconds", nargs="?", type=float, default=15.0)
    parser.add_argument("--quick", action="store_true", help="a tiny size: only to see that everything runs")
    given = parser.parse_args()
    seconds, doublings = (0.1, 9) if given.quick else (given.seconds, 16)
    with tempfile.TemporaryDirectory() as folder:
        queues = Path(folder) / "queues.json"
        queues.write_text("[{}]")
        os.environ["BOATHOUSE_WORKLOAD_WLM_JSON_CONFIGURATION"] = str(queues)
        with boathouse() as server:
            make_sales_of_the_lake(server, doublings)
            print(
                f"{'scaling':>8} {'short':>6} {'median ms':>10} {'95th ms':>9} {'waited ms':>10} {'long':>5} {'burst':>6}"
            )
            found = []
            for scaling in ("off", "auto"):
                wanted = [{"query_concurrency": 1, "concurrency_scaling": scaling}]
                take_queues(server, queues, wanted, TAKEN, scaling)
                times, waited, ended, bursts = measure(server, seconds, 2**doublings)
                median, wait = statistics.median(times), statistics.mean(waited)
                found.append((median, wait))
                late = times[int(len(times) * 0.95)]
                print(f"{scaling:>8} {len(times):>6} {median:>10.1f} {late:>9.1f} {wait:>10.1f} {ended:>5} {bursts:>6}")
    (before, waited_before), (after, waited_after) = found
    print(f"ratio off to auto: median {before / after:.1f}x, waiting {waited_before / max(waited_after, 0.1):.1f}x")


if __name__ == "__main__":
    main()
