"""Two ELT scripts, six UNLOADs and four dashboards at once, four ways: all in one queue; exports and dashboards by their query
group in a queue of their own; the same with concurrency scaling; once more, when its processes are there. How long all of it
takes, and how long short queries wait.

The mix is that of a warehouse that is loaded while it exports and is looked at: each script sends one statement after the
other, the UNLOADs come all at once, each dashboard asks for eleven rows again and again until the exports have ended. What is
exported and looked at are files of the lake, which is what bursts; the scripts write tables, which does not. Waiting is what
`sys_query_history` says; the whole time is the client's, from sending to the last row: it holds the start of processes too.

Usage: elt_mix.py [DOUBLINGS] [--quick]
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import psycopg

from measure import make_sales_of_the_lake, take_queues, timed
from servers import Server, boathouse

PROCESSES = 2
ROUNDS = 4
EXPORTS = 6
DASHBOARDS = 4
PAUSE_SECONDS = 0.05
"""Between a dashboard's answer and its next question."""
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
LOOK = "SELECT count(*), sum(amount) FROM river.sales WHERE id BETWEEN {0} AND {0} + 10"
TAKEN = (
    "SELECT trim(name) || ' ' || trim(concurrency_scaling) FROM stv_wlm_service_class_config WHERE service_class = 6"
)
WAYS = (("one queue", None), ("own queue", "off"), ("bursting, cold", "auto"), ("bursting, warm", "auto"))
"""Name, and the own queue's concurrency_scaling. Cold: the processes start with the mix; warm: they are there from before."""
FOUND = (
    "SELECT query_label, queue_time / 1000.0, compute_type <> 'primary' FROM sys_query_history "
    "WHERE query_id > {} AND query_type IN ('CTAS', 'INSERT', 'SELECT', 'UNLOAD') ORDER BY query_id"
)


@dataclass(frozen=True)
class Found:
    """One way's numbers.

    Attributes:
        seconds: until all was done.
        scripts: milliseconds that the scripts' statements waited, in the mean.
        waits: the same of each look of a dashboard, in the order of the looks.
        looks: milliseconds of each look from end to end, sorted.
        bursts: UNLOADs and looks that burst.
    """

    seconds: float
    scripts: float
    waits: list[float]
    looks: list[float]
    bursts: tuple[int, int]


def queues_for(scaling: str | None) -> tuple[list[dict[str, object]], str]:
    """A way's queues, and what `TAKEN` answers once they are in force."""
    default: dict[str, object] = {"query_concurrency": 1}
    if scaling is None:
        return [default], "Default queue off"
    groups = ["unload_query", "dashboards"]
    own = {"name": "Queue 1", "query_group": groups, "query_concurrency": 1, "concurrency_scaling": scaling}
    return [own, default], f"Queue 1 {scaling}"


def send(server: Server, label: str, statements: list[str], failed: list[BaseException]) -> None:
    try:
        with psycopg.connect(server.dsn, autocommit=True) as connection:
            connection.execute(f"SET query_group TO '{label}'")
            for statement in statements:
                connection.execute(statement)
    except psycopg.Error as failure:
        failed.append(failure)


def look(
    server: Server, rows: int, first: int, ended: threading.Event, times: list[float], failed: list[BaseException]
) -> None:
    """A dashboard: it looks once at least, and until the exports have ended."""
    try:
        with psycopg.connect(server.dsn, autocommit=True) as connection:
            connection.execute("SET query_group TO 'dashboards'; SET enable_result_cache_for_session TO off")
            number = first
            while True:
                number = (number * 31 + 7) % rows
                began = time.perf_counter()
                connection.execute(LOOK.format(number))
                times.append((time.perf_counter() - began) * 1000)
                if ended.wait(PAUSE_SECONDS):
                    return
    except psycopg.Error as failure:
        failed.append(failure)


def mix(server: Server, run: int, rounds: int, rows: int) -> list[float]:
    """The twelve jobs, all at once, to their end; milliseconds of the dashboards' looks."""
    failed: list[BaseException] = []
    times: list[float] = []
    ended = threading.Event()
    scripts = [[one.format(t=f"elt_{n}") for _ in range(rounds) for one in SCRIPT] for n in range(2)]
    exports = [[EXPORT.format(run=run, place=place, exports=EXPORTS)] for place in range(EXPORTS)]
    exporting, loading = (
        [threading.Thread(target=send, args=(server, label, work, failed)) for work in jobs]
        for label, jobs in (("unload_query", exports), ("elt", scripts))
    )
    looking = [
        threading.Thread(target=look, args=(server, rows, first, ended, times, failed)) for first in range(DASHBOARDS)
    ]
    for thread in (*exporting, *loading, *looking):
        thread.start()
    for thread in exporting:
        thread.join()
    ended.set()
    for thread in (*loading, *looking):
        thread.join()
    if failed:
        raise failed[0]
    return times


def measure(server: Server, run: int, rounds: int, rows: int) -> Found:
    """The mix, once, in the queues at hand."""
    with psycopg.connect(server.dsn, autocommit=True) as connection:
        (since,) = connection.execute("SELECT coalesce(max(query), 0) FROM stl_query").fetchone() or (0,)
        times: list[float] = []
        seconds = timed(lambda: times.extend(mix(server, run, rounds, rows)))
        found = connection.execute(FOUND.format(since)).fetchall()

    def of(label: str) -> list[tuple[float, bool]]:
        return [(float(wait), bursts) for name, wait, bursts in found if name.strip() == label]

    exports, looks = of("unload_query"), of("dashboards")
    scripts = statistics.mean(wait for wait, _ in of("elt"))
    bursts = sum(one for _, one in exports), sum(one for _, one in looks)
    return Found(seconds, scripts, [wait for wait, _ in looks], sorted(times), bursts)


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
        os.environ["BOATHOUSE_WORKLOAD_MAX_CONCURRENCY_SCALING_CLUSTERS"] = str(PROCESSES)
        with boathouse() as server:
            make_sales_of_the_lake(server, doublings)
            print(
                f"{'':>20} {'all':>8} {'scripts':>10} {'looks':>6} {'waited':>9} {'95th':>9} {'whole':>9} {'median':>9} burst"
            )
            print(f"{'way':>20} {'s':>8} {'waited ms':>10} {'':>6} {'mean ms':>9} {'ms':>9} {'mean ms':>9} {'ms':>9}")
            found = []
            for run, (name, scaling) in enumerate(WAYS):
                queues, answer = queues_for(scaling)
                take_queues(server, file, queues, TAKEN, answer)
                one = measure(server, run, rounds, 2**doublings)
                found.append(one)
                late = sorted(one.waits)[int(len(one.waits) * 0.95)]
                print(
                    f"{name:>20} {one.seconds:>8.2f} {one.scripts:>10.1f} {len(one.looks):>6} {statistics.mean(one.waits):>9.1f} "
                    f"{late:>9.1f} {statistics.mean(one.looks):>9.1f} {statistics.median(one.looks):>9.1f} "
                    f"{one.bursts[0]} exports, {one.bursts[1]} looks"
                )
    report(found)


def lower(before: float, after: float) -> str:
    return f"{before / max(after, 0.1):.1f}x lower"


def report(found: list[Found]) -> None:
    """Each way beside one queue, and bursting beside the same queues without it."""
    names, mean = [name for name, _ in WAYS], statistics.mean
    pairs = [(0, after) for after in range(1, len(found))] + [(1, after) for after in range(2, len(found))]
    for name, before, after in ((f"{names[a]} to {names[b]}", found[a], found[b]) for a, b in pairs):
        print(
            f"ratio {name}: time {after.seconds / before.seconds:.2f}x, waiting of the scripts "
            f"{lower(before.scripts, after.scripts)}, waiting of the looks {lower(mean(before.waits), mean(after.waits))}, "
            f"the looks from end to end {lower(mean(before.looks), mean(after.looks))}"
        )


if __name__ == "__main__":
    main()
