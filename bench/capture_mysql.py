"""Changes of a MariaDB, read from its binlog: thousand rows per second of CPU, beside mariadb-binlog --raw, which only
copies bytes and so is the ceiling, and python-mysql-replication, which decodes as we do.

Ours is the whole way from the socket to typed Arrow batches of changes. Then transactions of one row each, and a dump by
chunks; and everything into the warehouse, as `capture_postgres.py` measures it.

Usage: capture_mysql.py [THOUSAND_ROWS] [--quick]
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1]))

from pymysqlreplication import BinLogStreamReader
from pymysqlreplication.row_event import WriteRowsEvent
from tests.rooms.capture.mysql.mariadb import MariaDb, mariadb

from boathouse.capture.mysql.source import MySqlSource
from capturing import Origin, keep
from measure import measured, read_changes

TABLE = (
    "CREATE TABLE bench.t (id BIGINT PRIMARY KEY, a INT, b INT, amount DECIMAL(12,2), name VARCHAR(50), "
    "at TIMESTAMP(6), done BOOL)"
)
ROWS = (
    "INSERT INTO bench.t SELECT seq, seq * 7, -seq, seq / 100, concat('customer name ', seq), "
    "'2020-01-01' + INTERVAL seq SECOND, seq % 2 FROM bench.seq_{first}_to_{last}"
)
SMALL = (
    "CREATE PROCEDURE bench.small(count BIGINT, num BIGINT) FOR turn IN 1 .. count DO UPDATE bench.t SET a = a + 1 "
    "WHERE id = turn % num + 1; END FOR"
)


def peer(server: MariaDb, file: str, place: int, rows: int) -> int:
    stream = BinLogStreamReader(
        connection_settings={"host": "127.0.0.1", "port": server.port, "user": "root", "passwd": ""},
        server_id=5150,
        log_file=file,
        log_pos=place,
        resume_stream=True,
        blocking=True,
        only_events=[WriteRowsEvent],
        is_mariadb=True,
    )
    found = 0
    for event in stream:
        found += len(event.rows)
        if found >= rows:
            break
    stream.close()
    return found


def copied(server: MariaDb, file: str, rows: int) -> tuple[float, float]:
    """mariadb-binlog writes the whole file as it is."""
    with tempfile.TemporaryDirectory() as folder:
        command = ["mariadb-binlog", "--raw", "--read-from-remote-server", "--host=127.0.0.1", f"--port={server.port}"]
        used, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
        subprocess.run([*command, "--user=root", f"--result-file={folder}/", file], check=True, capture_output=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - used.ru_utime - used.ru_stime
    return rows / max(spent, 0.001) / 1000, rows / (time.monotonic() - began) / 1000


def measure(server: MariaDb, rows: int) -> None:
    source = MySqlSource("bench", server.secret(), [("bench", "t")])
    server.run("CREATE DATABASE bench", TABLE)
    start = str(source.prepare())
    server.run("FLUSH BINARY LOGS")
    with server.root() as connection, connection.cursor() as cursor:
        cursor.execute("SHOW MASTER STATUS")
        file, place = cursor.fetchall()[0][:2]
    server.run(ROWS.format(first=1, last=rows))
    few = max(rows // 10, 1000)
    read_changes(source, start, rows)  # what is loaded and compiled on first use is not of interest
    mine = measured(lambda: read_changes(source, start, rows))
    theirs = measured(lambda: peer(server, file, place, few))
    raw = copied(server, file, rows)
    print(f"{'one large transaction':<34} {'k rows/CPU s':>12} {'k rows/s':>9}")
    for name, (by_cpu, by_clock) in (
        ("boathouse", mine),
        ("python-mysql-replication", theirs),
        ("mariadb-binlog --raw (copies)", raw),
    ):
        print(f"{name:<34} {by_cpu:>12.0f} {by_clock:>9.0f}")
    print(
        f"ratio to python-mysql-replication {mine[0] / theirs[0]:.1f}x, to mariadb-binlog --raw {mine[0] / raw[0]:.2f}x"
    )

    small = max(rows // 10, 300)
    start = str(source.prepare())
    server.run(SMALL, f"CALL bench.small({small}, {rows})")
    by_cpu, by_clock = measured(lambda: read_changes(source, start, small))
    print(f"{'transactions of one row':<34} {by_cpu:>12.0f} {by_clock:>9.0f}")

    def dump() -> int:
        upto, after, found = source.last_key(("bench", "t")), None, 0
        assert upto is not None
        while True:
            chunk = source.read_chunk(("bench", "t"), after, upto, 10_000)
            found, after = found + chunk.rows.num_rows, chunk.after
            if after is None:
                return found

    by_cpu, by_clock = measured(dump)
    print(f"{'dump by chunks of 10,000 rows':<34} {by_cpu:>12.0f} {by_clock:>9.0f}")
    source.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("thousand", nargs="?", type=int, default=300)
    parser.add_argument(
        "--large", type=int, default=1500, help="thousand rows of the transaction that is held in memory"
    )
    parser.add_argument("--quick", action="store_true", help="a tiny size: only to see that everything runs")
    given = parser.parse_args()
    if not shutil.which("mariadbd", path=f"{os.environ['PATH']}:/usr/sbin") or not shutil.which("mariadb-binlog"):
        print("no ratio: MariaDB is not installed (Debian: apt-get install mariadb-server mariadb-client)")
        return
    rows = 1000 if given.quick else given.thousand * 1000
    with mariadb() as server:
        measure(server, rows)
        server.run("TRUNCATE bench.t", ROWS.format(first=1, last=rows))
        origin = Origin("MYSQL", server.secret(), "bench.t", ROWS, "CALL bench.small({count}, {rows})")
        print(f"{'':<46} {'k rows/CPU s':>12} {'k rows/s':>9}")
        keep(origin, rows, 0.2 if given.quick else 5.0, 2000 if given.quick else given.large * 1000)


if __name__ == "__main__":
    main()
