"""A group of a live PostgreSQL's rows: asked by Boathouse, which lets PostgreSQL compute it; by DuckDB's own scanner, which
pulls the rows; and of PostgreSQL itself. Then the same through a view, the rows that fifty keys of a local table pick, the
last ten rows, and the rows themselves, pulled by both. At last the group again, through lines of 1,000 and 100 Mbit/s, as between
machines: on one machine moving rows costs next to nothing.

Usage: federated.py [ROWS] [--quick]
"""

from __future__ import annotations

import argparse
import os
import socket
import threading
import time
from contextlib import suppress
from pathlib import Path

import duckdb
import duckdb_extension_postgres_scanner
import psycopg
from psycopg.conninfo import conninfo_to_dict

from measure import median_seconds
from servers import boathouse, postgresql

ROUNDS = 5
GROUPS = "SELECT region, count(*), sum(amount), max(sold) FROM {t} WHERE amount > 10 GROUP BY region"
VIEWED = "SELECT region, sum(a) FROM (SELECT region, amount * 2 AS a, id FROM {t}) v WHERE id > 10 GROUP BY region"
PICKED = "SELECT count(*), sum(s.amount) FROM few f JOIN {t} s ON s.id = f.id"
LAST = "SELECT id, sold, note FROM {t} ORDER BY id DESC LIMIT 10"
ROWS = "SELECT count(*) FROM (SELECT id, region, amount, sold, note FROM {t} WHERE length(note) > id % 7)"


MEGABITS = (1000, 100)


class Line:
    """A line of so many Mbit/s to a PostgreSQL, both ways together, at a port of this machine."""

    def __init__(self, folder: str, megabits: int) -> None:
        self._target = f"{folder}/.s.PGSQL.5432"
        self._bytes_per_second = megabits * 125_000
        self._free_at = time.monotonic()
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                far = socket.socket(socket.AF_UNIX)
                far.connect(self._target)
                for ends in ((near, far), (far, near)):
                    threading.Thread(target=self._carry, args=ends, daemon=True).start()

    def _carry(self, of: socket.socket, to: socket.socket) -> None:
        with suppress(OSError):
            while data := of.recv(65536):
                with self._lock:
                    now = time.monotonic()
                    self._free_at = max(now, self._free_at) + len(data) / self._bytes_per_second
                    wait = self._free_at - now
                time.sleep(wait)
                to.sendall(data)
            to.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self._listener.close()


def prepare(dsn: str, rows: int) -> None:
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(
            "CREATE TABLE sale AS SELECT i AS id, 'region ' || i % 50 AS region, (i % 10000)::numeric(12,2) AS amount, "
            "timestamp '2026-01-01' + i * interval '1 minute' AS sold, md5(i::text) AS note "
            f"FROM generate_series(1, {rows}) i"
        )
        connection.execute(
            "CREATE UNIQUE INDEX ON sale (id); CREATE TABLE few AS SELECT i * 17 AS id FROM generate_series(1, 50) i"
        )
        connection.execute("VACUUM ANALYZE sale")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rows", nargs="?", type=int, default=1_000_000)
    parser.add_argument("--quick", action="store_true", help="a tiny size: only to see that everything runs")
    given = parser.parse_args()
    rows, rounds = (2_000, 1) if given.quick else (given.rows, ROUNDS)
    os.environ["BOATHOUSE_SECRET_SHOP_USERNAME"] = "postgres"
    scanner = Path(duckdb_extension_postgres_scanner.__file__).parent / "extensions" / f"v{duckdb.__version__}"
    with boathouse() as ours, postgresql() as source:
        prepare(source.dsn, rows)
        folder = conninfo_to_dict(source.dsn)["host"]
        peer = duckdb.connect()
        peer.load_extension(str(scanner / "postgres_scanner.duckdb_extension"))
        peer.execute(f"ATTACH '{source.dsn}' AS shop (TYPE postgres, READ_ONLY)")
        with (
            psycopg.connect(ours.dsn, autocommit=True) as door,
            psycopg.connect(source.dsn, autocommit=True) as direct,
        ):
            door.execute(
                f"CREATE EXTERNAL SCHEMA shop FROM POSTGRES DATABASE 'postgres' URI '{folder}' IAM_ROLE default SECRET 'shop'"  # type: ignore[arg-type]
            )
            for one in (door, peer):
                one.execute("CREATE TABLE few (id integer)")  # type: ignore[attr-defined]
                one.execute(f"INSERT INTO few VALUES {', '.join(f'({i * 17})' for i in range(1, 51))}")  # type: ignore[attr-defined]
            asked = (("groups", GROUPS), ("viewed", VIEWED), ("picked", PICKED), ("last", LAST), ("rows", ROWS))
            print(
                f"{'':8} {'boathouse s':>12} {'duckdb s':>10} {'postgres s':>11} {'duckdb/ours ratio':>18} {'ours/postgres':>14}"
            )
            for name, query in asked:
                mine = median_seconds(lambda q=query: door.execute(q.format(t="shop.sale")).fetchall(), rounds)
                theirs = median_seconds(lambda q=query: peer.execute(q.format(t="shop.public.sale")).fetchall(), rounds)
                there = median_seconds(
                    lambda q=query: direct.execute(q.format(t="sale") + (" s" if q == ROWS else "")).fetchall(), rounds
                )
                print(
                    f"{name:8} {mine:>12.3f} {theirs:>10.3f} {there:>11.3f} {theirs / mine:>17.2f}x {mine / there:>13.2f}x"
                )
            for megabits in () if given.quick else MEGABITS:
                line = Line(folder, megabits)
                peer.execute(
                    f"ATTACH 'host=127.0.0.1 port={line.port} user=postgres' AS far{megabits} (TYPE postgres, READ_ONLY)"
                )
                door.execute(
                    f"CREATE EXTERNAL SCHEMA far{megabits} FROM POSTGRES DATABASE 'postgres' URI '127.0.0.1' PORT {line.port} "  # type: ignore[arg-type]
                    "IAM_ROLE default SECRET 'shop'"
                )
                mine = median_seconds(lambda m=megabits: door.execute(GROUPS.format(t=f"far{m}.sale")).fetchall(), 3)
                theirs = median_seconds(
                    lambda m=megabits: peer.execute(GROUPS.format(t=f"far{m}.public.sale")).fetchall(), 1
                )
                print(f"groups, {megabits} Mbit/s: {mine:.3f} s, duckdb {theirs:.3f} s, ratio {theirs / mine:.2f}x")
                line.close()


if __name__ == "__main__":
    main()
