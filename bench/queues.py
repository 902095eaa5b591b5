"""Short queries beside heavy ones, with queues and without: how long the short ones take, as a ratio.

Some clients send heavy joins without a pause, others short look-ups, all at the same server. Without queues every heavy
query runs at once; with them the heavy ones share one slot, and the short ones have slots of their own. The same
clients, the same statements, the same server, one after the other: the configuration is taken by SIGHUP in between.

Usage: queues.py [SECONDS] [--quick]
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import statistics
import tempfile
import threading
import time
from pathlib import Path

import psycopg

from servers import Server, boathouse

QUEUES = [
    {"name": "heavy", "query_group": ["heavy"], "query_concurrency": 1, "memory_percent_to_use": 50},
    {"name": "short", "query_group": ["short"], "query_concurrency": 8, "memory_percent_to_use": 30},
    {"query_concurrency": 5},
]
HEAVY = "SELECT count(*), max(a.pad) FROM sales a JOIN sales b ON a.city = b.city AND a.id <> b.id WHERE a.id < {}"
SHORT_MIN = 10
"""Short queries that are waited for, however busy the machine is."""
SHORT = "SELECT count(*), sum(amount) FROM sales WHERE id BETWEEN {0} AND {0} + 10"


def prepare(server: Server, doublings: int) -> None:
    with psycopg.connect(server.dsn, autocommit=True) as connection:
        connection.execute("CREATE TABLE sales (id integer, city integer, amount integer, pad varchar(40))")
        connection.execute("INSERT INTO sales VALUES (0, 0, 1, md5(0))")
        for step in range(doublings):
            connection.execute(
                f"INSERT INTO sales SELECT id + {2**step}, (id + {2**step}) % 500, id % 97, md5(id + {2**step}) FROM sales"
            )


def measure(
    server: Server, heavy_clients: int, short_clients: int, seconds: float, rows: int
) -> tuple[list[float], int]:
    """Each short query's time in milliseconds, sorted, and how many heavy ones ended."""
    stop = threading.Event()
    times: list[float] = []
    ended = [0]

    def client(group: str, statement: str) -> None:
        with psycopg.connect(server.dsn, autocommit=True) as connection:
            connection.execute("SET enable_result_cache_for_session TO off")
            connection.execute(f"SET query_group TO '{group}'")
            number = 0
            while not stop.is_set():
                number = (number * 31 + 7) % rows
                began = time.perf_counter()
                connection.execute(statement.format(number if group == "short" else rows))
                if group == "short":
                    times.append((time.perf_counter() - began) * 1000)
                    stop.wait(0.01)
                else:
                    ended[0] += 1

    threads = [threading.Thread(target=client, args=("heavy", HEAVY)) for _ in range(heavy_clients)]
    threads += [threading.Thread(target=client, args=("short", SHORT)) for _ in range(short_clients)]
    for thread in threads:
        thread.start()
    time.sleep(seconds)
    while len(times) < SHORT_MIN:
        time.sleep(0.1)
    stop.set()
    for thread in threads:
        thread.join()
    return sorted(times), ended[0]


def reload(server: Server, queues: Path, wanted: list[dict[str, object]]) -> None:
    queues.write_text(json.dumps(wanted))
    os.kill(server.pid, signal.SIGHUP)
    with psycopg.connect(server.dsn, autocommit=True) as connection:
        deadline = time.monotonic() + 60
        while connection.execute("SELECT count(*) FROM stv_wlm_service_class_config").fetchone() != (len(wanted) + 1,):
            assert time.monotonic() < deadline, "the server has not taken the queues"


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
            prepare(server, doublings)
            print(f"{'':>14} {'short ones':>10} {'median ms':>10} {'95th ms':>9} {'heavy ones':>10}")
            found = []
            for name, wanted in (("without queues", [{"query_concurrency": 50}]), ("with queues", QUEUES)):
                reload(server, queues, wanted)
                times, ended = measure(server, heavy, 2, seconds, 2**doublings)
                median, late = statistics.median(times), times[int(len(times) * 0.95)]
                found.append((median, late))
                print(f"{name:>14} {len(times):>10} {median:>10.1f} {late:>9.1f} {ended:>10}")
    (before, late_before), (after, late_after) = found
    print(f"ratio without to with: median {before / after:.1f}x, 95th {late_before / late_after:.1f}x")


if __name__ == "__main__":
    main()
