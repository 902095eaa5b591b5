"""SIGKILL of a working server at seeded random moments: what was acknowledged is there, nothing else is half there.

`BOATHOUSE_SEED` repeats a run, `BOATHOUSE_KILL_ROUNDS` makes it longer.
"""

from __future__ import annotations

import csv
import os
import random
import threading
from collections.abc import Callable
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import psycopg
from tests.simulation.server_process import ServerProcess, make_home

ROUNDS = int(os.environ.get("BOATHOUSE_KILL_ROUNDS") or 2)
LEDGER_ROWS = 3
COPY_ROWS = 2_000
UNLOAD_ROWS = 20_000
LAKE_ROWS = 600


class Client:
    """One client's loop of transactions; remembers which of them the server acknowledged.

    Attributes:
        acknowledged: numbers whose COMMIT came back.
        tried: every number that was begun.
    """

    def __init__(self, step: Callable[[psycopg.Connection[Any], int], None], first: int) -> None:
        self._step = step
        self._first = first
        self.acknowledged: set[int] = set()
        self.tried: set[int] = set()
        self.failure: BaseException | None = None

    def run(self, server: ServerProcess) -> None:
        try:
            with server.connect() as connection:
                while True:
                    number = self._first + len(self.tried)
                    self.tried.add(number)
                    self._step(connection, number)
                    self.acknowledged.add(number)
        except (psycopg.OperationalError, psycopg.InterfaceError) as failure:
            if failure.sqlstate is not None:
                self.failure = failure
        except BaseException as failure:
            self.failure = failure


def transfer(connection: psycopg.Connection[Any], number: int) -> None:
    """Three rows that sum to nothing, over two tables, and their record, in one transaction of several messages."""
    connection.execute("BEGIN")
    connection.execute(f"INSERT INTO ledger VALUES ({number}, 1, 70), ({number}, 2, -30)")
    connection.execute(f"INSERT INTO ledger2 VALUES ({number}, 3, -40)")
    connection.execute(f"INSERT INTO keyed (txn) VALUES ({number})")
    connection.execute("COMMIT")


def transfer_in_one_string(connection: psycopg.Connection[Any], number: int) -> None:
    """The same as one string without BEGIN: an implicit transaction."""
    connection.execute(
        f"INSERT INTO ledger VALUES ({number}, 1, 70); INSERT INTO ledger VALUES ({number}, 2, -30); "
        f"INSERT INTO ledger2 VALUES ({number}, 3, -40); INSERT INTO keyed (txn) VALUES ({number})"
    )


def load(source: Path) -> Callable[[psycopg.Connection[Any], int], None]:
    """COPY a file whose rows all bear the transaction's number."""

    def step(connection: psycopg.Connection[Any], number: int) -> None:
        path = source / f"load{number}.csv"
        path.write_text("".join(f"{number},{row}\n" for row in range(COPY_ROWS)), encoding="ascii")
        connection.execute(f"COPY loaded FROM '{path}' CSV")
        path.unlink()

    return step


def build(connection: psycopg.Connection[Any], number: int) -> None:
    """A table with declared types and its filling, in one transaction; every third one is dropped again."""
    connection.execute("BEGIN")
    connection.execute(f"CREATE TABLE built{number} (id integer NOT NULL, name varchar(17), price numeric(9,3))")
    connection.execute(f"INSERT INTO built{number} VALUES (1, 'a', 1.5), (2, 'b', 2.5)")
    connection.execute("COMMIT")
    connection.execute(f"CREATE TABLE copied{number} AS SELECT * FROM built{number}")
    if number % 3 == 0:
        connection.execute(f"DROP TABLE built{number}")


def unload(target: Path) -> Callable[[psycopg.Connection[Any], int], None]:
    """Files with one result each."""

    def step(connection: psycopg.Connection[Any], number: int) -> None:
        place = target / f"unload{number}" / "part_"
        connection.execute(f"UNLOAD ('SELECT n, txt FROM numbers') TO '{place}' CSV")

    return step


def insert_into_lake(connection: psycopg.Connection[Any], number: int) -> None:
    """Rows of one transaction in the files of three partitions, one of them new."""
    connection.execute(
        f"INSERT INTO lk.events SELECT {number}, n, CASE n % 3 WHEN 0 THEN 'new{number}' ELSE 'old' || n % 3 END "
        f"FROM numbers WHERE n < {LAKE_ROWS}"
    )


def start(server: ServerProcess, clients: list[Client]) -> list[threading.Thread]:
    threads = [threading.Thread(target=client.run, args=(server,), daemon=True) for client in clients]
    for thread in threads:
        thread.start()
    return threads


def merged(clients: list[Client]) -> Client:
    """What several clients did, as if one had done it."""
    whole = Client(transfer, 0)
    for client in clients:
        whole.acknowledged |= client.acknowledged
        whole.tried |= client.tried
    return whole


def check_rows(connection: psycopg.Connection[Any], writer: Client, loader: Client) -> None:
    """Every acknowledged transaction is whole, every other one is whole or absent."""
    found = dict(connection.execute(
        "SELECT txn, count(*) FROM (SELECT txn, amount FROM ledger UNION ALL SELECT txn, amount FROM ledger2) x "
        "GROUP BY txn"
    ).fetchall())  # fmt: skip
    assert set(found.values()) <= {LEDGER_ROWS}, "a transaction is half there"
    sums = connection.execute(
        "SELECT sum(amount) FROM (SELECT amount FROM ledger UNION ALL SELECT amount FROM ledger2) x"
    ).fetchone()
    assert sums is not None
    assert sums[0] in (0, None)
    keyed = connection.execute("SELECT id, txn FROM keyed").fetchall()
    assert {txn for _, txn in keyed} == set(found), "two tables of one transaction disagree"
    assert len(keyed) == len(found) == len({key for key, _ in keyed}), "an identity value was given twice"
    assert writer.acknowledged <= set(found) <= writer.tried
    loaded = dict(connection.execute("SELECT txn, count(DISTINCT n) FROM loaded GROUP BY txn").fetchall())
    assert set(loaded.values()) <= {COPY_ROWS}, "a COPY is half there"
    assert loader.acknowledged <= set(loaded) <= loader.tried
    commits = connection.execute("SELECT count(*) FROM stl_load_commits WHERE filename LIKE '%/in/%'").fetchone()
    assert commits is not None
    assert commits[0] >= len(loaded), "a load without its record"


def check_tables(connection: psycopg.Connection[Any], builder: Client) -> None:
    """What is declared and what is stored agree, and each acknowledged table is there."""
    declared = connection.execute(
        "SELECT tablename, \"column\", type FROM pg_table_def WHERE tablename LIKE 'built%' OR tablename LIKE 'copied%'"
    ).fetchall()
    columns: dict[str, dict[str, str]] = {}
    for table, column, kind in declared:
        columns.setdefault(table, {})[column] = kind
    for table, kinds in columns.items():
        assert kinds == {"id": "integer", "name": "character varying(17)", "price": "numeric(9,3)"}, table
        assert connection.execute(f"SELECT count(*), sum(price) FROM {table}").fetchone() == (2, 4)
    for number in builder.acknowledged:
        assert f"copied{number}" in columns
        assert (f"built{number}" in columns) == (number % 3 != 0)


def check_files(target: Path, unloader: Client) -> None:
    """A place is whole or absent, and whole where the UNLOAD was acknowledged."""
    for number in unloader.tried:
        lines = 0
        for path in (target / f"unload{number}").glob("part_*"):
            with path.open(encoding="utf-8", newline="") as file:
                lines += sum(len(row) == 2 for row in csv.reader(file))
        assert lines == UNLOAD_ROWS or (lines == 0 and number not in unloader.acknowledged), f"unload {number}: {lines}"


def check_lake(connection: psycopg.Connection[Any], inserter: Client) -> None:
    """An INSERT's files and partitions are all there or none."""
    found = dict(connection.execute("SELECT txn, count(DISTINCT n) FROM lk.events GROUP BY txn").fetchall())
    assert set(found.values()) <= {LAKE_ROWS}, "an INSERT into the lake is half there"
    assert inserter.acknowledged <= set(found) <= inserter.tried


def get_through(threads: list[threading.Thread], clients: list[Client]) -> None:
    """Wait until the server has acknowledged something to each, or a client has failed."""
    until = monotonic() + 120
    while not all(client.acknowledged for client in clients):
        assert monotonic() < until, "some client never got through"
        if not all(thread.is_alive() for thread in threads):
            return
        sleep(0.02)


def test_a_killed_server_keeps_what_it_acknowledged_and_nothing_half(tmp_path: Path) -> None:
    seed = int(os.environ.get("BOATHOUSE_SEED") or random.SystemRandom().randrange(1 << 32))
    print("seed", seed)
    chance = random.Random(seed)
    home = make_home(tmp_path / "home")
    lake = home / "lake"
    (source := lake / "in").mkdir()
    (target := lake / "out").mkdir()
    server = ServerProcess(home)
    with server.connect() as connection:
        for table in ("ledger", "ledger2"):
            connection.execute(f"CREATE TABLE {table} (txn integer, line integer, amount integer)")
        connection.execute("CREATE TABLE keyed (id bigint IDENTITY(1,1), txn integer)")
        connection.execute("CREATE TABLE loaded (txn integer, n integer)")
        connection.execute("CREATE TABLE numbers (n integer, txt varchar(20))")
        connection.execute(
            "CREATE EXTERNAL SCHEMA lk FROM DATA CATALOG DATABASE 'lk' CREATE EXTERNAL DATABASE IF NOT EXISTS"
        )
        connection.execute("CREATE EXTERNAL TABLE lk.events (txn integer, n integer) PARTITIONED BY (part varchar(20)) "
                           "STORED AS PARQUET LOCATION 'events/'")  # fmt: skip
        (lake / "numbers.csv").write_text("".join(f"{n},text {n}\n" for n in range(UNLOAD_ROWS)), encoding="ascii")
        connection.execute(f"COPY numbers FROM '{lake / 'numbers.csv'}' CSV")
    every: dict[str, list[Client]] = {"write": [], "load": [], "build": [], "unload": [], "insert": []}
    for number in range(ROUNDS):
        first = (number + 1) * 100_000
        clients = {
            "write": [Client(transfer, first), Client(transfer_in_one_string, first + 50_000)],
            "load": [Client(load(source), first)],
            "build": [Client(build, first)],
            "unload": [Client(unload(target), first)],
            "insert": [Client(insert_into_lake, first)],
        }
        for kind, found in clients.items():
            every[kind] += found
        threads = start(server, [client for found in clients.values() for client in found])
        if not number:  # each kind has something to lose, however busy the machine is
            get_through(threads, [client for found in clients.values() for client in found[:1]])
        sleep(chance.uniform(0.3, 2.0))  # the moment of the kill is what is random here
        server.kill()
        for thread in threads:
            thread.join(30)
            assert not thread.is_alive()
        failures = [client.failure for found in clients.values() for client in found if client.failure]
        assert not failures, f"seed {seed}, round {number}: {failures!r}"
        (home / "tmp" / "left behind").write_text("by the killed process", encoding="ascii")
        server = ServerProcess(home)
        assert not any((home / "tmp").iterdir())
        assert not list(home.glob("unload/*"))
        with server.connect() as connection:
            check_rows(connection, merged(every["write"]), merged(every["load"]))
            check_tables(connection, merged(every["build"]))
            check_lake(connection, merged(every["insert"]))
        check_files(target, merged(every["unload"]))
    acknowledged = {kind: sum(len(client.acknowledged) for client in found) for kind, found in every.items()}
    print("acknowledged", acknowledged)
    assert all(acknowledged.values()), f"seed {seed}: some client never got through: {acknowledged}"
    assert server.stop() == 0
