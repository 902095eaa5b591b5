"""Short queries over files behind long ones in one queue, with concurrency scaling off and on: how long they wait, as a ratio.

One client sends long queries over an external table without a pause, others short ones, all to a queue of one slot. The
same clients, the same statements, the same server, one after the other: the configuration is taken by SIGHUP in between. Waiting
is what `sys_query_history` says.

Usage: bursting.py [SECONDS] [--quick]
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

LONG = "SELECT count(*), max(a.pad) FROM river.sales a JOIN river.sales b ON a.city = b.city AND a.id <> b.id"
SHORT = "SELECT count(*), sum(amount) FROM river.sales WHERE id BETWEEN {0} AND {0} + 10"
SHORT_MIN = 3
"""Short queries that are waited for, however busy the machine is."""


def prepare(server: Server, doublings: int) -> None:
    with psycopg.connect(server.dsn, autocommit=True) as connection:
        connection.execute("CREATE TABLE made (id integer, city integer, amount integer, pad varchar(40))")
        connection.execute("INSERT INTO made VALUES (0, 0, 1, md5(0))")
        for step in range(doublings):
            connection.execute(
                f"INSERT INTO made SELECT id + {2**step}, (id + {2**step}) % 500, id % 97, md5(id + {2**step}) FROM made"
            )
        connection.execute(
            "CREATE EXTERNAL SCHEMA river FROM DATA CATALOG DATABASE 'river' CREATE EXTERNAL DATABASE IF NOT EXISTS"
        )
        connection.execute(
            "CREATE EXTERNAL TABLE river.sales (id integer, city integer, amount integer, pad varchar(40)) STORED AS "
            "PARQUET LOCATION 'river/sales/'"
        )
        connection.execute("INSERT INTO river.sales SELECT * FROM made")


def measure(server: Server, seconds: float, rows: int) -> tuple[list[float], list[float], int, int]:
    """Milliseconds of the short queries, whole and waiting, sorted; how many long ones ended, and how many queries burst."""
    stop = threading.Event()
    times: list[float] = []
    ended = [0]

    def client(label: str) -> None:
        with psycopg.connect(server.dsn, autocommit=True) as connection:
            connection.execute(f"SET query_group TO '{label}'")
            number = 0
            while not stop.is_set():
                number = (number * 31 + 7) % rows
                began = time.perf_counter()
                connection.execute(SHORT.format(number) if label == "short" else LONG)
                if label == "short":
                    times.append((time.perf_counter() - began) * 1000)
                    stop.wait(0.01)
                else:
                    ended[0] += 1

    with psycopg.connect(server.dsn, autocommit=True) as connection:
        (last,) = connection.execute("SELECT coalesce(max(query), 0) FROM stl_query").fetchone() or (0,)
        threads = [threading.Thread(target=client, args=(label,)) for label in ("long", "short", "short")]
        for thread in threads:
            thread.start()
        time.sleep(seconds)
        while len(times) < SHORT_MIN or not ended[0]:
            time.sleep(0.1)
        stop.set()
        for thread in threads:
            thread.join()
        found = connection.execute(
            "SELECT query_label = 'short', queue_time / 1000.0, compute_type <> 'primary' FROM sys_query_history "
            f"WHERE query_id > {last} AND query_label IN ('short', 'long') AND query_type = 'SELECT'"
        ).fetchall()
    waited = sorted(float(wait) for is_short, wait, _ in found if is_short)
    return sorted(times), waited, ended[0], sum(bursts for _, _, bursts in found)


def reload(server: Server, queues: Path, scaling: str) -> None:
    queues.write_text(json.dumps([{"query_concurrency": 1, "concurrency_scaling": scaling}]))
    os.kill(server.pid, signal.SIGHUP)
    with psycopg.connect(server.dsn, autocommit=True) as connection:
        deadline = time.monotonic() + 60
        asked = "SELECT trim(concurrency_scaling) FROM stv_wlm_service_class_config WHERE service_class = 6"
        while connection.execute(asked).fetchone() != (scaling,):
            assert time.monotonic() < deadline, "the server has not taken the queues"


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
            prepare(server, doublings)
            print(
                f"{'scaling':>8} {'short':>6} {'median ms':>10} {'95th ms':>9} {'waited ms':>10} {'long':>5} {'burst':>6}"
            )
            found = []
            for scaling in ("off", "auto"):
                reload(server, queues, scaling)
                times, waited, ended, bursts = measure(server, seconds, 2**doublings)
                median, wait = statistics.median(times), statistics.mean(waited)
                found.append((median, wait))
                late = times[int(len(times) * 0.95)]
                print(f"{scaling:>8} {len(times):>6} {median:>10.1f} {late:>9.1f} {wait:>10.1f} {ended:>5} {bursts:>6}")
    (before, waited_before), (after, waited_after) = found
    print(f"ratio off to auto: median {before / after:.1f}x, waiting {waited_before / max(waited_after, 0.1):.1f}x")


if __name__ == "__main__":
    main()
