"""The same log read by Boathouse and by Debezium's embedded engine, one after the other on the same machine: processor time for
each event, to typed rows (Arrow batches; Kafka Connect's records) and to JSON in a file. The log of a PostgreSQL, and where
`BOATHOUSE_MYSQL` names the folder of a MySQL, of that.

Without Debezium (`make .venv/.debezium`) nothing is measured, and it says so.

Usage: capture_debezium.py [THOUSAND_ROWS] [--quick]
"""

from __future__ import annotations

import argparse
import shutil
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1]))

from tests.rooms.capture.clusters import clusters
from tests.rooms.capture.mysql.mariadb import MYSQL, MariaDb, mariadb
from tests.rooms.capture.postgres_server import PostgresUnderTest
from tests.suites.debezium.engine import MISSING, debezium, is_there, of_mysql, of_postgres

from boathouse.capture.changes import ChangeBatch, Reached
from boathouse.capture.formats.debezium import DebeziumFormatter
from boathouse.capture.formats.formatter import Changes, Place
from boathouse.capture.mysql.source import MySqlSource
from boathouse.capture.postgres.source import PostgresSource
from boathouse.capture.source import Source
from capture_mysql import ROWS as MYSQL_ROWS
from capture_mysql import TABLE as MYSQL_TABLE
from capture_postgres import ROWS, TABLE

TUNED = {"max.batch.size": "8192", "max.queue.size": "32768"}
"""Debezium's own advice for a backlog: four times its defaults."""
JAVA = ("-Xms1g", "-Xmx1g")


def theirs(properties: dict[str, str], rows: int, told: Path | None, folder: Path) -> list[float]:
    """CPU microseconds an event, of the whole run and of its second half, when the JVM is warm; and thousand events a second."""
    with debezium(properties | TUNED, folder, told=told, events=rows, java=JAVA) as engine:
        began, half, end = engine.until("ready"), engine.until("half"), engine.until("end")
    assert end.events == rows + 1
    second = (end.cpu - half.cpu) / (end.events - half.events)
    whole = (end.cpu - began.cpu) / end.events
    return [whole * 1e6, second * 1e6, end.events / (end.clock - began.clock) / 1000]


def ours(source: Source, start: str, rows: int, told: Path | None) -> list[float]:
    """CPU microseconds an event and thousand events a second, with whatever loading and connecting it takes."""
    used, began, found, formatter = time.process_time(), time.monotonic(), 0, DebeziumFormatter()
    stream, noted = source.stream(source.position(start)), datetime(2024, 1, 1)
    with (told or Path("/dev/null")).open("wb") as file:
        for item in stream:
            if isinstance(item, ChangeBatch):
                found += len(item)
                if told is not None:
                    changes = Changes("shop", "shop", item.schema.path, 1, Place(1, found), noted, item)
                    file.writelines(
                        b'{"key":%s,"value":%s}\n' % (one.key, one.value) for one in formatter.messages(changes)
                    )
            elif isinstance(item, Reached) and found > rows:
                break
    stream.close()
    assert found == rows + 1
    return [(time.process_time() - used) / found * 1e6, found / (time.monotonic() - began) / 1000]


def compare(what: str, write: Callable[[PostgresUnderTest], None], rows: int) -> None:
    with clusters(1) as [cluster], tempfile.TemporaryDirectory() as folder:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
        cluster.set(f"listen_addresses = '127.0.0.1'\nport = {port}\nmax_wal_size = 4GB\n")
        cluster.control("start")
        server = Tcp("127.0.0.1", port=port)
        with server.connect() as db:
            db.execute(f"{TABLE}; CREATE TABLE sentinel (id integer PRIMARY KEY)")
            db.execute("CREATE PUBLICATION debezium FOR TABLE t, sentinel")
            source = PostgresSource("bench", server.secret, [("public", "t"), ("public", "sentinel")])
            start = str(source.prepare())
            for slot in ("typed", "json"):
                db.execute("SELECT pg_create_logical_replication_slot(%s, 'pgoutput')", (slot,))
            write(server)
            db.execute("INSERT INTO sentinel VALUES (1)")
        for kind in ("typed", "json"):
            properties = of_postgres("127.0.0.1", port, server.name, kind, "public.t,public.sentinel")
            told = Path(folder) / kind if kind == "json" else None
            read(what, source, start, properties | {"publication.name": "debezium"}, rows, told, Path(folder))
        source.drop()
        source.close()


def compare_mysql(what: str, statements: Iterable[str], rows: int) -> None:
    with mariadb("--sync-binlog=0") as server, tempfile.TemporaryDirectory() as folder:
        server.run("CREATE DATABASE bench", MYSQL_TABLE, "CREATE TABLE bench.sentinel (id INT PRIMARY KEY)")
        properties = settled(server, Path(folder))
        source = MySqlSource("bench", server.secret(), [("bench", "t"), ("bench", "sentinel")])
        start = str(source.prepare())
        server.run(*statements, "INSERT INTO bench.sentinel VALUES (1)")
        for kind in ("typed", "json"):
            place = Path(shutil.copytree(Path(folder) / "settled", Path(folder) / f"for-{kind}"))
            told = Path(folder) / kind if kind == "json" else None
            read(f"MySQL, {what}", source, start, properties | within(place), rows, told, place)
        source.close()


def settled(server: MariaDb, folder: Path) -> dict[str, str]:
    """Debezium reads no log from before it first came: it comes, and keeps where it was in `folder`/settled."""
    place, done = folder / "settled", threading.Event()
    place.mkdir()
    server.run("CREATE DATABASE settled", "CREATE TABLE settled.sentinel (id INT AUTO_INCREMENT PRIMARY KEY)")

    def write() -> None:
        while not done.wait(0.2):
            server.run("INSERT INTO settled.sentinel VALUES ()")

    properties = of_mysql(server.port, "bench.t,bench.sentinel", place)
    properties["offset.storage"] = "org.apache.kafka.connect.storage.FileOffsetBackingStore"
    tables = {"table.include.list": "bench.t,bench.sentinel,settled.sentinel"}
    writer = threading.Thread(target=write)
    writer.start()
    try:
        with debezium(properties | within(place) | tables, place, java=JAVA) as engine:
            engine.until("end")
            done.set()
            with suppress(AssertionError):  # says that it has ended
                engine.wait(60)
    finally:
        done.set()
        writer.join()
    return properties


def within(place: Path) -> dict[str, str]:
    """Where Debezium keeps what it knows."""
    return {
        "schema.history.internal.file.filename": str(place / "schemas"),
        "offset.storage.file.filename": str(place / "offsets"),
    }


def read(
    what: str, source: Source, start: str, properties: dict[str, str], rows: int, told: Path | None, folder: Path
) -> None:
    mine = ours(source, start, rows, told)
    other = theirs(properties, rows, told, folder)
    name = f"{what}, {'JSON in a file' if told else 'typed'}"
    print(f"{name:<40} {mine[0]:>8.1f} {other[0]:>9.1f} {other[1]:>9.1f} {mine[1]:>9.1f} {other[2]:>9.1f}")
    print(f"ratio {other[0] / mine[0]:.1f}x, of its second half {other[1] / mine[0]:.1f}x", flush=True)


@dataclass(frozen=True)
class Tcp(PostgresUnderTest):
    """Reached over TCP, as Debezium does."""

    port: int = 0

    @property
    def secret(self) -> dict[str, str]:
        return {**super().secret, "port": str(self.port)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("thousand", nargs="?", type=int, default=300)
    parser.add_argument("--quick", action="store_true", help="a tiny size: only to see that everything runs")
    given = parser.parse_args()
    if not is_there():
        print(f"{MISSING}: no ratio was measured")
        return
    rows = 2000 if given.quick else given.thousand * 1000

    def insert(server: PostgresUnderTest) -> None:
        with server.connect() as db:
            for first in range(1, rows + 1, 1000):
                db.execute(ROWS, (first, first + 999))

    def update(server: PostgresUnderTest) -> None:
        with server.connect() as db:
            db.execute(ROWS, (1, 1000))
            db.execute("SET synchronous_commit = off")
            db.execute(
                f"DO $$ BEGIN FOR turn IN 1 .. {rows - 1000} LOOP UPDATE t SET a = a + 1 WHERE id = turn % 1000 + 1; COMMIT; "
                "END LOOP; END $$"
            )

    print(f"{'':<40} {'CPU µs an event':^28} {'k events/s':^19}")
    print(f"{'':<40} {'ours':>8} {'Debezium':>9} {'2nd half':>9} {'ours':>9} {'Debezium':>9}")
    compare("INSERTs, 1,000 rows a transaction", insert, rows)
    compare("UPDATEs, one row a transaction", update, rows)
    if not MYSQL:
        print("no MySQL: BOATHOUSE_MYSQL names the folder of one (make .venv/.mysql)")
        return
    inserts = [
        MYSQL_ROWS.format(rows=first + 999).replace("seq_1_to", f"seq_{first}_to") for first in range(1, rows + 1, 1000)
    ]
    compare_mysql("INSERTs, 1,000 rows a transaction", inserts, rows)
    updates = (f"UPDATE bench.t SET a = a + 1 WHERE id = {turn % 1000 + 1}" for turn in range(rows - 1000))
    compare_mysql("UPDATEs, one row a transaction", [inserts[0], *updates], rows)


if __name__ == "__main__":
    main()
