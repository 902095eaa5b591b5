"""A server that is not written to: chunks between places of its log, also where a commit is in the log and no read sees it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from tests.rooms.capture.mysql.mariadb import MYSQL, MariaDb

from boathouse.capture.changes import READ, ChangeBatch, Chunk, LogItem, Mark, Reached
from boathouse.capture.mysql.source import MySqlSource
from boathouse.capture.window import Window
from boathouse.contracts.errors import InvalidParameterValue

PATH = ("quiet", "t")


@pytest.fixture
def source(maria: MariaDb) -> Iterator[MySqlSource]:
    maria.run(
        "CREATE DATABASE quiet",
        "CREATE TABLE quiet.t (id INT PRIMARY KEY, n INT)",
        "INSERT INTO quiet.t VALUES (1, 0), (2, 0)",
        "CREATE OR REPLACE USER reader IDENTIFIED BY 'x'",
        "GRANT REPLICATION SLAVE, BINLOG MONITOR ON *.* TO reader",
        "GRANT SELECT ON quiet.* TO reader",
    )
    made = MySqlSource("quiet", maria.secret(user="reader", password="x", watermarks="off"), [PATH])
    yield made
    made.close()
    maria.run("DROP DATABASE quiet", "DROP USER reader")


@contextmanager
def logged_and_unseen(maria: MariaDb, change: str) -> Iterator[None]:
    """Inside, the change is in the log, and waits before the engine for a replica that is not there."""
    set_ = f"SET GLOBAL rpl_semi_sync_{'source' if MYSQL else 'master'}_"
    if (
        MYSQL
        and not maria.value("SELECT COUNT(*) FROM information_schema.plugins WHERE plugin_name LIKE 'rpl_semi%'") > "0"
    ):
        maria.run("INSTALL PLUGIN rpl_semi_sync_source SONAME 'semisync_source.so'")
    maria.run(f"{set_}wait_point = AFTER_SYNC", f"{set_}timeout = 600000", f"{set_}enabled = ON")
    before = _end(maria)
    writer = threading.Thread(target=maria.run, args=(change,))
    writer.start()
    try:
        deadline = time.monotonic() + 60
        while _end(maria) == before:
            assert time.monotonic() < deadline
            time.sleep(0.005)
        yield
    finally:
        maria.run(f"{set_}enabled = OFF")
        writer.join()


def _end(maria: MariaDb) -> tuple[Any, ...]:
    """Of the log: file and offset."""
    with maria.root() as connection, connection.cursor() as cursor:
        cursor.execute("SHOW MASTER STATUS")
        return cursor.fetchall()[0][:2]


class Reader:
    """What comes through a window, by key."""

    def __init__(self, source: MySqlSource) -> None:
        self.rows: dict[Any, Any] = {}
        self.backwards = 0
        self.window = Window()
        self.items = source.stream(source.prepare())

    def until(self, wanted: Any) -> None:
        for item in self.items:
            for out in self.window.feed(item):
                self._take(out)
            if wanted(item):
                return

    def _take(self, out: object) -> None:
        if isinstance(out, ChangeBatch):
            for op, row in zip(out.ops.to_pylist(), out.rows.to_pylist(), strict=True):
                self.backwards += op == READ and row["n"] < self.rows.get(row["id"], 0)
                self.rows[row["id"]] = row["n"]


def is_batch(item: LogItem) -> bool:
    return isinstance(item, ChangeBatch)


def test_a_chunk_waits_for_commits_that_the_log_has_and_no_read_sees(maria: MariaDb, source: MySqlSource) -> None:
    assert [one for one in source.check() if one.level == "error"] == []
    reader = Reader(source)
    found: list[Chunk] = []
    with logged_and_unseen(maria, "UPDATE quiet.t SET n = 1 WHERE id = 1"):
        reader.until(is_batch)
        assert reader.rows == {1: 1}
        assert maria.value("SELECT n FROM quiet.t WHERE id = 1") == "0", "the race does not show"
        reader.window.open(PATH, "low", "high")
        source.mark("low")
        reading = threading.Thread(target=lambda: found.append(source.read_chunk(PATH, None, ("2",), 10)))
        reading.start()
        reading.join(0.3)
        assert reading.is_alive() and not found
    reading.join(60)
    source.mark("high")
    reader.window.offer(found[0])
    reader.until(lambda item: item == Mark("high"))
    assert reader.rows == {1: 1, 2: 0} and reader.backwards == 0
    assert maria.value("SELECT COUNT(*) FROM information_schema.innodb_trx") == "0"
    assert maria.value("SELECT COUNT(*) FROM mysql.user WHERE user = 'reader'") == "1"


def test_a_chunk_is_between_its_marks_also_where_its_bound_was_asked_for_before(
    maria: MariaDb, source: MySqlSource
) -> None:
    """The change stands in the log before the marks are noted, and is told after: it must come within them."""
    reader = Reader(source)
    reader.until(lambda item: isinstance(item, Reached))
    found: list[Chunk] = []

    def dump() -> None:
        upto = source.last_key(PATH)
        assert upto is not None
        reader.window.open(PATH, "low", "high")
        source.mark("low")
        found.append(source.read_chunk(PATH, None, upto, 10))
        source.mark("high")

    with logged_and_unseen(maria, "UPDATE quiet.t SET n = 9 WHERE id = 1"):
        dumping = threading.Thread(target=dump)
        dumping.start()
        dumping.join(0.5)
    dumping.join(60)
    reader.window.offer(found[0])
    reader.until(lambda item: item == Mark("high"))
    assert reader.rows == {1: 9, 2: 0} and reader.backwards == 0


def test_marks_stand_where_the_log_was_also_when_nothing_follows(maria: MariaDb, source: MySqlSource) -> None:
    reader = Reader(source)
    source.mark("at once")
    reader.until(lambda item: item == Mark("at once"))
    maria.run("UPDATE quiet.t SET n = 5 WHERE id = 2")
    source.mark("behind it")
    maria.run("UPDATE quiet.t SET n = 6 WHERE id = 2")
    reader.until(lambda item: item == Mark("behind it"))
    assert reader.rows == {2: 5}
    # A file that ends with what is no transaction: no view reaches its end.
    maria.run("FLUSH BINARY LOGS")
    assert source.read_chunk(PATH, None, ("2",), 10).rows.to_pylist() == [{"id": 1, "n": 0}, {"id": 2, "n": 6}]
    assert source.last_key(PATH) == ("2",)
    source.drop()


def test_only_on_and_off_are_said_of_watermarks(maria: MariaDb) -> None:
    with pytest.raises(InvalidParameterValue, match="watermarks is on or off"):
        MySqlSource("quiet", maria.secret(watermarks="maybe"), None)
