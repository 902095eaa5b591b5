"""Chunks: every key once whatever its type, the database's own order, and dumps under a live load that end equal."""

from __future__ import annotations

import itertools
import random
import threading
import time
from collections.abc import Iterator
from typing import Any

import pymysql
import pytest
from tests.rooms.capture.mysql.mariadb import MariaDb

from boathouse.capture.changes import DELETE, ChangeBatch, Reached, Truncated
from boathouse.capture.mysql.decode.columns import ZeroDates
from boathouse.capture.mysql.source import MySqlSource
from boathouse.capture.window import Closed, Window
from boathouse.contracts.source_errors import SourceRefused

_WORDS = ["a", "A", "á", "aa", "a ", "b", "B", "ß", "ss", "z", "ä", "Z", "", "0", "10", "9", "_", "é", "e", "ÿ"]
KEYS: dict[str, list[Any]] = {
    "INT": [-(2**31), -7, 0, 1, 2, 10, 9, 2**31 - 1],
    "BIGINT UNSIGNED": [0, 1, 2**63 - 1, 2**63, 2**64 - 1, 5, 40],
    "DECIMAL(20,5)": ["-1.5", "0", "0.00001", "10", "9", "99999.99999", "-0.00001"],
    "FLOAT": ["0.1", "0.2", "1e30", "-3.4e38", "16777217", "16777219", "1.17549e-38"],
    "DOUBLE": [0.1, 0.30000000000000004, 0.3, 1e300, -1e300, 5e-324, 2.0**53],
    "VARCHAR(20) COLLATE utf8mb4_general_ci": _WORDS,
    "VARCHAR(20) COLLATE utf8mb4_bin": [*_WORDS, "😀", "😁", "\\", "'", '"'],
    "VARCHAR(20) COLLATE utf8mb4_uca1400_swedish_ai_ci": _WORDS,
    "CHAR(20) CHARACTER SET latin1 COLLATE latin1_german2_ci": _WORDS,
    "CHAR(20) COLLATE utf8mb4_nopad_bin": _WORDS,
    "VARCHAR(20) CHARACTER SET ucs2": _WORDS,
    "BINARY(4)": [b"", b"\0", b"a", b"a\0b", b"\xff\xff", b"\x80", b"abcd"],
    "VARBINARY(9)": [b"", b"\0", b"\0\0", b"a", b"a\0", b"\xff", b"'\\"],
    "DATE": ["0000-00-00", "1000-01-01", "2024-02-29", "9999-12-31"],
    "DATETIME(6)": ["0001-01-01", "2020-01-01 00:00:00.000001", "2020-01-01", "2020-01-01 00:00:00.1"],
    "TIMESTAMP(3)": ["2020-01-01 00:00:00.001", "2020-01-01", "1990-10-28 02:30:00"],
    "TIME(3)": ["-838:59:59", "-00:00:00.001", "00:00:00", "100:00:00", "99:00:00.5"],
    "YEAR": [0, 1901, 1999, 2000, 2001, 2155],
    "ENUM('z','b','a','10','9')": ["z", "b", "a", "10", "9", ""],
    "SET('z','b','a')": ["", "z", "b", "a", "z,b", "z,a", "b,a", "z,b,a"],
    "BIT(40)": [0, 1, 255, 256, 2**40 - 1],
}


@pytest.fixture(scope="module")
def source(maria: MariaDb) -> Iterator[MySqlSource]:
    maria.run("CREATE DATABASE chunks")
    source = MySqlSource("chunks", maria.secret(), None, zero_dates=ZeroDates.TEXT)
    source.prepare()
    yield source
    source.close()


def _chunks(source: MySqlSource, table: str, size: int) -> list[dict[str, Any]]:
    path, found, after = ("chunks", table), [], None
    upto = source.last_key(path)
    while upto is not None:
        chunk = source.read_chunk(path, after, upto, size)
        assert chunk.rows.num_rows <= size
        found += chunk.rows.to_pylist()
        after = chunk.after
        if after is None:
            return found
    return found


def _ordered(maria: MariaDb, table: str, columns: list[str]) -> list[int]:
    with maria.root() as connection, connection.cursor() as cursor:
        cursor.execute(f"SELECT id FROM chunks.{table} ORDER BY {', '.join(columns)}")
        return [row[0] for row in cursor.fetchall()]


@pytest.mark.parametrize("declared", KEYS)
def test_chunks_hold_every_key_once_in_the_database_s_order(maria: MariaDb, source: MySqlSource, declared: str) -> None:
    chance = random.Random(declared)
    other, size = chance.choice([name for name in KEYS if name != declared]), chance.randint(1, 4)
    single, pair = f"s{list(KEYS).index(declared)}", f"p{list(KEYS).index(declared)}"
    with maria.root() as connection, connection.cursor() as cursor:
        cursor.execute("SET sql_mode = '', time_zone = '+00:00'")
        cursor.execute(f"CREATE TABLE chunks.{single} (id INT, k {declared} PRIMARY KEY)")
        cursor.execute(f"CREATE TABLE chunks.{pair} (id INT, k {declared}, l {other}, PRIMARY KEY (l, k))")
        cursor.executemany(f"INSERT IGNORE INTO chunks.{single} VALUES (%s, %s)", list(enumerate(KEYS[declared])))
        rows = [(i, chance.choice(KEYS[declared]), chance.choice(KEYS[other])) for i in range(25)]
        cursor.executemany(f"INSERT IGNORE INTO chunks.{pair} VALUES (%s, %s, %s)", rows)
    for table, columns in ((single, ["k"]), (pair, ["l", "k"])):
        expected = _ordered(maria, table, columns)
        assert len(expected) > 2
        assert [row["id"] for row in _chunks(source, table, size)] == expected
        assert [row["id"] for row in _chunks(source, table, len(expected))] == expected
    path = ("chunks", single)
    upto = source.last_key(path)
    assert upto is not None
    (last,) = source.read_keys(path, [upto]).rows.to_pylist()
    assert last["id"] == _ordered(maria, single, ["k"])[-1]


def test_rows_beyond_the_bound_and_keys_without_rows_are_absent(maria: MariaDb, source: MySqlSource) -> None:
    maria.run("CREATE TABLE chunks.bound (id INT PRIMARY KEY)", "INSERT INTO chunks.bound VALUES (1), (2), (3)")
    path = ("chunks", "bound")
    upto = source.last_key(path)
    assert upto == ("3",)
    maria.run("INSERT INTO chunks.bound VALUES (0), (4)")
    assert [row["id"] for row in _chunks_to(source, path, upto)] == [0, 1, 2, 3]
    assert source.read_keys(path, [("2",), ("99",)]).rows.to_pylist() == [{"id": 2}]
    assert source.read_keys(path, []).rows.num_rows == 0
    with pytest.raises(SourceRefused, match="no value"):
        source.read_keys(path, [("1 OR 1=1",)])
    maria.run("TRUNCATE chunks.bound")
    assert source.last_key(path) is None


def _chunks_to(source: MySqlSource, path: tuple[str, str], upto: tuple[str, ...]) -> list[dict[str, Any]]:
    return source.read_chunk(path, None, upto, 100).rows.to_pylist()


def test_each_chunk_sees_what_is_committed_when_it_is_read(maria: MariaDb, source: MySqlSource) -> None:
    """A view that the first chunk left open would hide this from the second; no transaction stays open between them."""
    maria.run("CREATE TABLE chunks.fresh (id INT PRIMARY KEY, n INT)", "INSERT INTO chunks.fresh VALUES (1, 0), (2, 0)")
    first = source.read_chunk(("chunks", "fresh"), None, ("2",), 1)
    maria.run("UPDATE chunks.fresh SET n = 1")
    assert maria.value("SELECT COUNT(*) FROM information_schema.innodb_trx") == "0"
    assert source.read_chunk(("chunks", "fresh"), first.after, ("2",), 1).rows.to_pylist() == [{"id": 2, "n": 1}]


# -- a dump while everything changes -----------------------------------------------------------------------------------


class Writers:
    """Threads that insert, update, delete, move keys and now and then empty a table, until told to end."""

    def __init__(self, maria: MariaDb, table: str, count: int) -> None:
        self.maria, self.table, self.done = maria, table, threading.Event()
        self.statements = 0
        self.threads = [threading.Thread(target=self._write, args=(seed,)) for seed in range(count)]

    def _write(self, seed: int) -> None:
        chance = random.Random(seed)
        with self.maria.root() as connection, connection.cursor() as cursor:
            while not self.done.is_set():
                key, other = chance.randint(0, 2000), chance.randint(0, 2000)
                statement = chance.choice(
                    [
                        f"INSERT IGNORE INTO {self.table} VALUES ({key}, 'new', 1)",
                        f"UPDATE {self.table} SET n = n + 1 WHERE id BETWEEN {key} AND {key + 5}",
                        f"UPDATE {self.table} SET n = n + 1, t = repeat('x', {key % 50}) WHERE id = {key}",
                        f"DELETE FROM {self.table} WHERE id = {key}",
                        f"UPDATE IGNORE {self.table} SET id = {other} WHERE id = {key}",
                    ]
                )
                try:
                    cursor.execute(statement)
                    self.statements += 1
                except pymysql.err.OperationalError as error:
                    assert error.args[0] in (1205, 1213), error  # lock waits and deadlocks

    def __enter__(self) -> Writers:
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.done.set()
        for thread in self.threads:
            thread.join()


def _apply(rows: dict[Any, Any], item: object) -> None:
    if isinstance(item, Truncated):
        rows.clear()
    elif isinstance(item, ChangeBatch):
        for key, row, op in zip(item.keys(), item.rows.to_pylist(), item.ops.to_pylist(), strict=True):
            if op == DELETE:
                rows.pop(key, None)
            else:
                rows[key] = row


def test_a_dump_under_load_ends_equal_to_the_source(maria: MariaDb) -> None:
    """The log from before, chunks between watermarks, the window between them: DBLog whole, but for a real output."""
    maria.run(
        "CREATE DATABASE live",
        "CREATE TABLE live.t (id INT PRIMARY KEY, t VARCHAR(60), n INT)",
        "INSERT INTO live.t SELECT seq * 2, 'old', 0 FROM live.seq_1_to_900",
    )
    source, path = MySqlSource("live", maria.secret(), [("live", "t")]), ("live", "t")
    window, rows, dropped, chunks = Window(), {}, 0, 0  # type: ignore[var-annotated]
    stream = source.stream(source.prepare())
    deadline = time.monotonic() + 120
    with Writers(maria, "live.t", 4) as writers:
        for dump in itertools.count():
            if dump >= 2 and dropped and writers.statements > 50:
                break
            rows.clear()  # the second dump begins with nothing too, in the middle of the log
            after, upto = None, source.last_key(path)
            assert upto is not None
            while True:
                low, high = f"{dump}-{chunks}-low", f"{dump}-{chunks}-high"
                window.open(path, low, high)
                source.mark(low)
                chunk = source.read_chunk(path, after, upto, 100)
                source.mark(high)
                window.offer(chunk)
                closed = None
                while closed is None:
                    assert time.monotonic() < deadline
                    for item in window.feed(next(stream)):
                        _apply(rows, item)
                        closed = item if isinstance(item, Closed) else closed
                chunks, dropped = chunks + 1, dropped + closed.overtaken
                if closed.again:
                    continue
                after = chunk.after
                if after is None:
                    break
            window.forget(path)
    source.mark("end")
    end = source.position(maria.value("SELECT @@gtid_binlog_pos"))
    for item in stream:
        _apply(rows, item)
        if isinstance(item, Reached) and end <= item.position:
            break
    stream.close()
    with maria.root() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT id, t, n FROM live.t ORDER BY id")
        expected = [dict(zip(("id", "t", "n"), row, strict=True)) for row in cursor.fetchall()]
    assert [rows[key] for key in sorted(rows)] == expected
    source.close()
