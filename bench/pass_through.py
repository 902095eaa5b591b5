"""A PostgreSQL asked directly and through the door: the time of `SELECT 1` and of a prepared query of one row, and results of
many rows, as psycopg reads them and as bytes off the socket.

Usage: pass_through.py [ROWS] [--quick]
"""

from __future__ import annotations

import argparse
import os
import socket
import statistics
import struct
import time
from collections.abc import Callable

import psycopg
from psycopg.conninfo import conninfo_to_dict

from servers import boathouse, postgresql

ROUNDS = 3
READY = b"Z\0\0\0\5I"


def raw(connection: psycopg.Connection) -> Callable[[str], int]:
    """Asks by hand on a connection's own socket: what a client costs is left out; returns the answer's bytes."""
    wire = socket.socket(fileno=os.dup(connection.pgconn.socket))
    wire.setblocking(True)

    def ask(text: str) -> int:
        body = text.encode() + b"\0"
        wire.sendall(b"Q" + struct.pack("!i", len(body) + 4) + body)
        size, end = 0, b""
        while end != READY:
            data = wire.recv(1 << 20)
            size += len(data)
            end = (end + data[-len(READY) :])[-len(READY) :]
        return size

    return ask


def medians(one: Callable[[], object], other: Callable[[], object], times: int) -> tuple[float, float]:
    """Seconds, the two in turn so that whatever else goes on hits both."""
    one(), other()
    found: tuple[list[float], list[float]] = ([], [])
    for _ in range(times):
        for asked, seconds in zip((one, other), found, strict=True):
            began = time.perf_counter()
            asked()
            seconds.append(time.perf_counter() - began)
    return statistics.median(found[0]), statistics.median(found[1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rows", nargs="?", type=int, default=1_000_000)
    parser.add_argument("--quick", action="store_true", help="a tiny size: only to see that everything runs")
    given = parser.parse_args()
    rows, rounds, times = (2_000, 1, 20) if given.quick else (given.rows, ROUNDS, 1_000)
    with postgresql() as source:
        folder = conninfo_to_dict(source.dsn)["host"]
        os.environ["BOATHOUSE_SECRET_BEHIND_USERNAME"] = "postgres"
        config = f'\n[databases.behind]\nuri = "{folder}"\ndatabase = "postgres"\nsecret = "behind"\n'
        with boathouse(config=config) as ours:
            dsn = ours.dsn.replace("dbname=dev", "dbname=behind")
            with (
                psycopg.connect(source.dsn, autocommit=True) as direct,
                psycopg.connect(dsn, autocommit=True) as door,
            ):
                compare(direct, door, rows, rounds, times)


def compare(direct: psycopg.Connection, door: psycopg.Connection, rows: int, rounds: int, times: int) -> None:
    """Print each measure and its ratio."""
    direct.execute(
        "CREATE TABLE t AS SELECT i AS id, i / 3.0 AS amount, now() AS at, md5(i::text) AS note "
        f"FROM generate_series(1, {rows}) i"
    )
    direct.execute("CREATE UNIQUE INDEX ON t (id)")
    print(f"{'':28} {'direct':>12} {'through':>12} {'ratio':>7}")
    for name, text, parameters in (
        ("SELECT 1, us", "SELECT 1", None),
        ("prepared, one row, us", "SELECT * FROM t WHERE id = %s", (7,)),
    ):
        one, other = medians(
            lambda text=text, values=parameters: direct.execute(text, values, prepare=values is not None).fetchall(),
            lambda text=text, values=parameters: door.execute(text, values, prepare=values is not None).fetchall(),
            times,
        )
        print(f"{name:28} {one * 1e6:12.0f} {other * 1e6:12.0f} {other / one:7.2f}")
    text = "SELECT * FROM t"
    for name, work in (
        ("rows/s, psycopg text", lambda c: c.execute(text).fetchall()),
        ("rows/s, psycopg binary", lambda c: c.cursor(binary=True).execute(text).fetchall()),
        ("rows/s, COPY TO STDOUT", _copied),
    ):
        one, other = medians(lambda w=work: w(direct), lambda w=work: w(door), rounds)
        print(f"{name:28} {rows / one:12,.0f} {rows / other:12,.0f} {other / one:7.2f}")
    asked = [raw(direct), raw(door)]
    assert asked[0](text) == asked[1](text)
    one, other = medians(lambda: asked[0](text), lambda: asked[1](text), rounds)
    print(f"{'rows/s, off the socket':28} {rows / one:12,.0f} {rows / other:12,.0f} {other / one:7.2f}")


def _copied(connection: psycopg.Connection) -> int:
    with connection.cursor().copy("COPY t TO STDOUT") as copy:
        return sum(len(data) for data in copy)


if __name__ == "__main__":
    main()
