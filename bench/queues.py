"""Short queries beside heavy ones, with queues and without: how long the short ones take, as a ratio.

Some clients send heavy joins without a pause, others short look-ups, all at the same server. Without queues every heavy
query runs at once; with them the heavy ones share one slot, and the short ones have slots of their own. The same
clients, the same statements, the same server, one after the other: the configuration is taken by SIGHUP in between.

Usage: queues.py [SECONDS] [--quick]
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
from pathlib import Path

import psycopg

from measure import make_sales, side_by_side, take_queues
from servers import boathouse

QUEUES = [
    {"name": "heavy", "query_group": ["heavy"], "query_concurrency": 1, "memory_percent_to_use": 50},
    {"name": "short", "query_group": ["short"], "query_concurrency": 8, "memory_percent_to_use": 30},
    {"query_concurrency": 5},
]
HEAVY = "SELECT count(*), max(a.pad) FROM sales a JOIN sales b ON a.city = b.city AND a.id <> b.id WHERE a.id < {}"
SHORT_MIN = 10
"""Short queries that are waited for, however busy the machine is."""
SHORT = "SELECT count(*), sum(amount) FROM sales WHERE id BETWEEN {0} AND {0} + 10"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("seconds", nargs="?", type=float, default=15.0)
    parser.add_argument("--quick", action="store_true", help="a tiny size: only to see that everything runs")
    given = parser.parse_args()
    seconds, doublings, heavy = (0.5, 11, 2) if given.quick else (given.seconds, 16, 8)
    with tempfile.TemporaryDirectory() as folder:
        queues = Path(folder) / "queues.json"
        queues.write_text('[{"query_concurrency": 50}]')
        os.environ["BOATHOUSE_WORKLOAD_WLM_JSON_CONFIGURATION"] = str(queues)
        with boathouse() as server:
            with psycopg.connect(server.dsn, autocommit=True) as connection:
                make_sales(connection, "sales", doublings)
            print(f"{'':>14} {'short ones':>10} {'median ms':>10} {'95th ms':>9} {'heavy ones':>10}")
            found = []
            for name, wanted in (("without queues", [{"query_concurrency": 50}]), ("with queues", QUEUES)):
                take_queues(
                    server, queues, wanted, "SELECT count(*) FROM stv_wlm_service_class_config", len(wanted) + 1
                )
                times, ended = side_by_side(
                    server, ("heavy", HEAVY, heavy), ("short", SHORT, 2), seconds, 2**doublings, (0, SHORT_MIN)
                )
                median, late = statistics.median(times), times[int(len(times) * 0.95)]
                found.append((median, late))
                print(f"{name:>14} {len(times):>10} {median:>10.1f} {late:>9.1f} {ended:>10}")
    (before, late_before), (after, late_after) = found
    print(f"ratio without to with: median {before / after:.1f}x, 95th {late_before / late_after:.1f}x")


if __name__ == "__main__":
    main()
