"""Networks that are cut, refused, half open or slow, between a capture and its source.

BOATHOUSE_CAPTURE_CUTS sets how often.
"""

from __future__ import annotations

import os
import random
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from tests.rooms.capture.capture_house import CaptureHouse
from tests.rooms.capture.postgres_server import PostgresUnderTest
from tests.rooms.capture.wire import State, Wire
from tests.rooms.capture.workload import MAKE, Workload

from boathouse.capture.changes import ChangeBatch, Reached
from boathouse.capture.postgres import connect, replication
from boathouse.capture.postgres import source as postgres_source
from boathouse.capture.postgres.source import PostgresSource
from boathouse.contracts.source_errors import SourceUnavailable

CUTS = int(os.environ.get("BOATHOUSE_CAPTURE_CUTS", "1"))
SEED = int(os.environ.get("BOATHOUSE_CAPTURE_SEED", "11"))


@dataclass(frozen=True)
class Behind(PostgresUnderTest):
    """The same server behind a wire."""

    port: int = 0

    @property
    def secret(self) -> dict[str, str]:
        return {**super().secret, "host": "127.0.0.1", "port": str(self.port)}


@pytest.fixture
def wire(postgres: PostgresUnderTest) -> Iterator[Wire]:
    made = Wire(socket.AF_UNIX, f"{postgres.folder}/.s.PGSQL.5432")
    yield made
    made.close()


def behind(postgres: PostgresUnderTest, wire: Wire) -> PostgresUnderTest:
    return Behind(postgres.folder, postgres.name, wire.port)


def test_nothing_is_lost_however_the_network_is_cut(
    db: psycopg.Connection[Any],
    postgres: PostgresUnderTest,
    wire: Wire,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(postgres_source, "SILENT_SECONDS_MAX", 0.6)
    monkeypatch.setattr(connect, "STATEMENT_SECONDS_MAX", 1.5)
    chance = random.Random(SEED)
    db.execute(f"{MAKE}; INSERT INTO t SELECT g, 0, 'first', repeat('y', 300) FROM generate_series(0, 1000) g")
    house = CaptureHouse(tmp_path / "home", behind(postgres, wire), retry_seconds_max=0.2)
    try:
        house.integrate()
        house.begin()
        house.until_dumped()
        with Workload(postgres, writers=1, keys=200, seed=SEED, pause=0.02):
            for number in range(CUTS):
                states: tuple[State, ...] = ("closed", "silent", "slow", "closed")
                if number % 2 == 0:
                    house.run("ALTER INTEGRATION shop DUMP ALL")  # chunks and watermarks are under way too
                time.sleep(chance.uniform(0.05, 0.3))
                said = len(caplog.records)
                wire.become(states[number % len(states)])
                time.sleep(chance.uniform(0.1, 0.4))
                if states[number % len(states)] == "silent":
                    house.until(lambda: len(caplog.records) > said, "nobody notices that nothing comes")  # noqa: B023
                    wire.become("closed")  # ends those that wait for an answer to their greeting
                wire.become("open")
                house.until(lambda: house.state()[0] == "running", "the slot is not taken again")
        house.until_equal(db)
        house.until_dumped()
    finally:
        house.close()


def test_a_half_open_connection_is_given_up_also_while_a_chunk_is_read(
    db: psycopg.Connection[Any], postgres: PostgresUnderTest, wire: Wire
) -> None:
    db.execute("CREATE TABLE t (id integer PRIMARY KEY); INSERT INTO t SELECT generate_series(1, 10)")
    source = PostgresSource("net", behind(postgres, wire).secret, [("public", "t")], silent_seconds=0.5)
    try:
        items = source.stream(source.prepare())
        next(item for item in items if isinstance(item, Reached))
        # An idle source that answers is not given up.
        began = time.monotonic()
        while time.monotonic() - began < 1.2:
            assert isinstance(next(items), Reached)
        wire.become("silent")
        with pytest.raises(SourceUnavailable):
            source.read_chunk(("public", "t"), None, ("10",), 10)
        with pytest.raises(SourceUnavailable, match=r"silent for 0\.5 seconds"):
            next(items)
        wire.become("open")
        db.execute("INSERT INTO t VALUES (11)")
        again = source.stream(_retried(source))
        assert any(isinstance(item, ChangeBatch) for item in (next(again) for _ in range(20)))
        again.close()
    finally:
        wire.become("open")
        source.close()


def _retried(source: PostgresSource) -> Any:
    """Where it stands, once the server too has given the old connection up: it would, after `wal_sender_timeout`."""
    place = source._slot()
    source._connection.execute(
        "SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE slot_name = %s", (source.slot,)
    )
    while source._connection.execute(
        "SELECT active FROM pg_replication_slots WHERE slot_name = %s", (source.slot,)
    ).fetchone() == (True,):
        pass
    return place


def test_a_consumer_that_stops_for_long_is_not_taken_for_a_silent_server(
    db: psycopg.Connection[Any], postgres: PostgresUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The queue is full, the socket left alone, the server's own limit passes more than once; all in a fraction of the times."""
    monkeypatch.setattr(replication, "_STATUS_SECONDS", 0.3)
    db.execute("CREATE TABLE t (id integer PRIMARY KEY, big text)")
    source = PostgresSource("slow", postgres.secret, [("public", "t")], memory_bytes_max=1_200_000, silent_seconds=0.5)
    try:
        place = source.prepare()
        with psycopg.connect(**{**postgres.secret, "autocommit": True}) as other:  # type: ignore[arg-type]
            other.execute("ALTER SYSTEM SET wal_sender_timeout = '1500ms'")
            other.execute("SELECT pg_reload_conf()")
        for first in range(0, 20_000, 1000):
            db.execute(
                "INSERT INTO t SELECT g, repeat('x', 1000) FROM generate_series(%s::integer, %s) g",
                (first, first + 999),
            )
        items, rows, rests = source.stream(place), 0, 0
        for item in items:
            rows += len(item) if isinstance(item, ChangeBatch) else 0
            if rows and not rests:
                rests = 1
                time.sleep(3.5)
                stream = source._stream
                assert stream is not None and stream._queued_bytes < 3_000_000, "it reads on"
            if rows >= 20_000:
                break
        assert rows == 20_000
    finally:
        with postgres.connect() as other:
            other.execute("ALTER SYSTEM RESET wal_sender_timeout")
            other.execute("SELECT pg_reload_conf()")
        source.close()
