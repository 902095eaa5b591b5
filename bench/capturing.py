"""What the benchmarks of captures measure in one way: changes of a source kept by a server that is a process of its own."""

from __future__ import annotations

import multiprocessing
import os
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.sharedctypes import Synchronized
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

import psycopg
import pymysql

from servers import Server, boathouse

SETTINGS = "[capture]\ncommit_seconds = 0.1\npoll_seconds = 0.05\n"
PATIENCE_SECONDS = 120.0


@dataclass(frozen=True)
class Origin:
    """A database with a table of seven columns, `id` and `a` among them.

    Attributes:
        kind: as in CREATE INTEGRATION … FROM.
        secret: what reaches it.
        table: its name there.
        insert: one transaction of the rows from {first} to {last}.
        small: many transactions, each of which counts up `a` of one row; how many, {count}, and the table's {rows}.
    """

    kind: str
    secret: dict[str, str]
    table: str
    insert: str
    small: str

    def connect(self) -> Callable[[str], object]:
        """Runs statements, each a transaction."""
        if self.kind == "POSTGRES":
            return psycopg.connect(**self.secret, autocommit=True).execute  # type: ignore[arg-type]
        port, user = int(self.secret["port"]), self.secret["user"]
        return pymysql.connect(host="127.0.0.1", port=port, user=user, autocommit=True).cursor().execute

    def update(self, id: int) -> str:  # noqa: A002
        """One row."""
        return f"UPDATE {self.table} SET a = a + 1 WHERE id = {id}"


@dataclass
class Keeper:
    """A server that captures, and a session of it.

    Attributes:
        rest: its resident memory before it had anything to capture, in MB.
    """

    server: Server
    db: psycopg.Connection[Any]
    table: str
    rest: int

    def value(self, query: str) -> Any:
        row = self.db.execute(query).fetchone()
        return None if row is None else row[0]

    def until(self, query: str, wanted: object) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while (found := self.value(query)) != wanted:
            assert time.monotonic() < deadline, f"{query} gives {found}, not {wanted}"
            time.sleep(0.02)

    def dumps(self, state: str) -> int:
        return int(self.value(f"SELECT count(*) FROM svv_integration_dump WHERE dump_state {state}"))

    def resident(self, field: str) -> int:
        """A line of the server's `/proc/…/status`, in MB."""
        status = Path(f"/proc/{self.server.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) >> 10 for line in status if line.startswith(f"{field}:"))

    def cpu(self) -> float:
        """Seconds that the server has used."""
        fields = Path(f"/proc/{self.server.pid}/stat").read_text().rsplit(") ", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def measured(self, name: str, work: Callable[[], int]) -> None:
        """Print thousand rows a CPU second of the server, and a second of the clock."""
        used, began = self.cpu(), time.monotonic()
        rows = work()
        show(name, rows / max(self.cpu() - used, 0.01) / 1000, rows / (time.monotonic() - began) / 1000)


def show(name: str, by_cpu: float, by_clock: float) -> None:
    print(f"{name:<46} {by_cpu:>12.1f} {by_clock:>9.1f}", flush=True)


@contextmanager
def keeper(origin: Origin) -> Iterator[Keeper]:
    """The table is captured as `shop.t`, and its dump has begun."""
    with (
        boathouse(config=SETTINGS, secrets={"shop": origin.secret}) as server,
        psycopg.connect(server.dsn, autocommit=True) as db,
    ):
        db.execute("SET enable_result_cache_for_session TO off")
        rest = server.resident_bytes() >> 20
        db.execute(f"CREATE INTEGRATION shop FROM {origin.kind} SECRET 'shop' TABLES ({origin.table}) INTO SCHEMA shop")
        yield Keeper(server, db, "shop.t", rest)


def keep(origin: Origin, rows: int, seconds: float, large: int) -> None:
    """Everything that is measured in the warehouse.

    Args:
        rows: that the table has.
        seconds: of each look at delays, and of the source's throughput.
        large: rows of the transaction whose memory is measured.
    """
    write = origin.connect()
    with keeper(origin) as kept:

        def dump() -> int:
            kept.until("SELECT count(*) FROM svv_integration_dump WHERE dump_state = 'done'", 1)
            return rows

        kept.measured("warehouse: a dump, its beginning too", dump)

        def insert() -> int:
            write(origin.insert.format(first=rows + 1, last=2 * rows))
            kept.until(f"SELECT count(*) FROM {kept.table}", 2 * rows)
            return rows

        kept.measured("warehouse: one transaction, and its writing", insert)

        def small() -> int:
            before = int(kept.value(f"SELECT sum(a) FROM {kept.table}"))
            write(origin.small.format(count=rows // 10, rows=rows))
            kept.until(f"SELECT sum(a) FROM {kept.table}", before + rows // 10)
            return rows // 10

        kept.measured("warehouse: transactions of one row, the same", small)
        for dumping in (False, True):
            if dumping:
                kept.db.execute("ALTER INTEGRATION shop DUMP ALL")
            delays = late(origin, kept, 2 * rows + 1 if not dumping else 0, seconds)
            p50, p99 = (delays[int(len(delays) * share)] * 1000 for share in (0.5, 0.99))
            what = "with a dump" if dumping else "alone"
            print(
                f"delay at 5,000 rows/s in transactions of 50, {what}: p50 {p50:.0f} ms, p99 {p99:.0f} ms", flush=True
            )
        slowed(origin, kept, rows, seconds)
        memory(origin, kept, large)


def late(origin: Origin, kept: Keeper, first: int, seconds: float) -> list[float]:
    """Seconds from a commit's end at the source to its first sight in the warehouse, sorted.

    Args:
        first: the number of the first row that is written; 0 stands for the one behind those that are there.
    """
    first = first or int(kept.value(f"SELECT max(id) FROM {kept.table}")) + 1
    committed: list[tuple[int, float]] = []

    def run() -> None:
        write, began, top = origin.connect(), time.monotonic(), first - 1
        for turn in range(int(seconds * 100)):
            time.sleep(max(0.0, began + turn / 100 - time.monotonic()))
            write(origin.insert.format(first=top + 1, last=top + 50))
            top += 50
            committed.append((top, time.monotonic()))

    writer = threading.Thread(target=run)
    writer.start()
    delays, seen = [], 0
    while writer.is_alive() or seen < len(committed):
        top = int(kept.value(f"SELECT max(id) FROM {kept.table}"))
        now = time.monotonic()
        while seen < len(committed) and committed[seen][0] <= top:
            delays.append(max(0.0, now - committed[seen][1]))
            seen += 1
        time.sleep(0.005)
    return sorted(delays)


def update_on(origin: Origin, rows: int, ended: Synchronized[int], stop: Event) -> None:
    """A process that changes one row after the other, each in a transaction, as fast as it can."""
    write, number = origin.connect(), 0
    while not stop.is_set():
        number = (number * 31 + 7) % rows
        write(origin.update(number + 1))
        ended.value += 1


def slowed(origin: Origin, kept: Keeper, rows: int, seconds: float) -> None:
    """What a dump takes of the source's transactions: a writer without a pause, by turns without a dump and with one."""
    processes = multiprocessing.get_context("spawn")
    ended, stop = processes.Value("q", 0), processes.Event()
    writer = processes.Process(target=update_on, args=(origin, rows, ended, stop), daemon=True)
    writer.start()
    while ended.value == 0:
        assert writer.is_alive(), "the writer ended"
        time.sleep(0.01)
    rates: dict[bool, list[float]] = {False: [], True: []}
    for turn in range(12 if seconds > 1 else 2):
        dumping = turn % 4 in (1, 2)  # without, with, with, without: what changes with time is in both alike
        if dumping:
            had = kept.dumps("<> 'waiting'")
            kept.db.execute("ALTER INTEGRATION shop DUMP ALL")
            kept.until(f"SELECT count(*) > {had} FROM svv_integration_dump WHERE dump_state <> 'waiting'", True)
        began, before = time.monotonic(), ended.value
        while time.monotonic() - began < seconds / 2 and (not dumping or kept.dumps("= 'running'")):
            time.sleep(0.1)
        rates[dumping].append((ended.value - before) / (time.monotonic() - began))
        if dumping:
            kept.db.execute("ALTER INTEGRATION shop STOP DUMP")
            kept.until("SELECT count(*) FROM svv_integration_dump WHERE dump_state IN ('waiting', 'running')", 0)
    stop.set()
    writer.join(30)
    alone, beside = (statistics.median(rates[dumping]) for dumping in (False, True))
    print(
        f"source: {alone:.0f} transactions/s without a dump, {beside:.0f} with one, ratio {beside / max(alone, 1):.2f}",
        flush=True,
    )


def memory(origin: Origin, kept: Keeper, rows: int) -> None:
    """Resident memory while one transaction of many rows goes through: of the whole server, which is one process and all that
    there is of a capture; of that the files, programs and libraries, which the system may drop; and what the capture has
    added to the server that had nothing to capture."""
    first = int(kept.value(f"SELECT max(id) FROM {kept.table}")) + 1
    Path(f"/proc/{kept.server.pid}/clear_refs").write_text("5")  # the highest so far is forgotten
    before = kept.resident("VmRSS")
    origin.connect()(origin.insert.format(first=first, last=first + rows - 1))
    kept.until(f"SELECT max(id) FROM {kept.table}", first + rows - 1)
    most, files = kept.resident("VmHWM"), kept.resident("RssFile")
    print(
        f"resident memory, whole server: {kept.rest} MB at rest, {before} MB capturing, {most} MB at most during a transaction "
        f"of {rows:,} rows, {kept.resident('VmRSS')} MB after it; files are {files} MB of each",
        flush=True,
    )
    print(f"resident memory, by the capture: {before - kept.rest} MB, {most - kept.rest} MB at most", flush=True)
