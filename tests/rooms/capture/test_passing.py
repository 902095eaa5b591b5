"""Errors of a PostgreSQL that pass by themselves stop no capture, and what its owner must mend is told with how."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import pq
from tests.rooms.capture.capture_house import CaptureHouse, Secret
from tests.rooms.capture.postgres_server import PostgresUnderTest

from boathouse.capture.postgres import layouts, replication
from boathouse.capture.postgres.connect import conninfo
from boathouse.capture.postgres.replication import Replication
from boathouse.capture.postgres.source import PostgresSource
from boathouse.contracts.source_errors import SourceRefused, SourceUnavailable

STOPPED = "terminating connection due to administrator command"
MAKE = "CREATE TABLE t (id int PRIMARY KEY, note text); INSERT INTO t VALUES (1, 'a')"


@pytest.fixture
def source(db: psycopg.Connection[Any], postgres: PostgresUnderTest) -> Iterator[PostgresSource]:
    db.execute(MAKE)
    made = PostgresSource(f"passing {postgres.name}", postgres.secret, [("public", "t")])
    yield made
    made.close()


def until_waiting(db: psycopg.Connection[Any]) -> None:
    """Some session waits for a lock of another one."""
    waits = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    for _ in range(1000):
        if db.execute(waits).fetchone() != (0,):
            return
        db.execute("SELECT pg_sleep(0.02)")
    raise AssertionError("nobody waits")


def until_retrying(house: CaptureHouse, what: str) -> None:
    """It has met that, and tries again."""

    def is_retrying() -> bool:
        state, message = house.state()
        return state == "retrying" and what in message

    house.until(is_retrying, "it has not met it")


@contextmanager
def beside(
    db: psycopg.Connection[Any], postgres: PostgresUnderTest, statement: str, work: Callable[[], object]
) -> Iterator[Future[object]]:
    """Work that meets what another session has done, which commits once the work waits for it."""
    with postgres.connect(autocommit=False) as other, ThreadPoolExecutor(1) as thread:
        other.execute(statement.encode())
        doing = thread.submit(work)
        until_waiting(db)
        other.commit()
        yield doing


def test_a_publication_that_is_made_or_altered_at_the_same_time_is_tried_again(
    db: psycopg.Connection[Any], postgres: PostgresUnderTest, source: PostgresSource
) -> None:
    name = f'"{source.publication}"'
    with (
        beside(db, postgres, f"CREATE PUBLICATION {name} FOR TABLE t", source.prepare) as doing,
        pytest.raises(SourceUnavailable, match="pg_publication_pubname_index"),
    ):
        doing.result()
    source.prepare()
    if db.info.server_version < 140_000:
        return
    db.execute(f"ALTER PUBLICATION {name} SET (publish_via_partition_root = false)")
    with (
        beside(db, postgres, f"ALTER PUBLICATION {name} SET (publish = 'insert')", source.include) as doing,
        pytest.raises(SourceUnavailable, match="tuple concurrently updated"),
    ):
        doing.result()
    source.include()


def test_a_capture_begins_once_its_source_takes_writes_again(
    db: psycopg.Connection[Any], postgres: PostgresUnderTest, house: CaptureHouse
) -> None:
    """As when a server is found by its name while another one takes its place."""
    db.execute(MAKE)
    db.execute(f"ALTER DATABASE {postgres.name} SET default_transaction_read_only = on")
    house.integrate()
    house.begin()
    told = "SELECT rtrim(state), reason LIKE 'the source failed: cannot execute %' FROM svv_integration"
    house.until(lambda: house.run(told) == [("RetryingState", True)], "it has not met it")
    db.execute(f"ALTER DATABASE {postgres.name} RESET default_transaction_read_only")
    house.until_dumped()
    house.until_equal(db)


def test_a_limit_of_connections_that_is_reached_is_waited_for(
    db: psycopg.Connection[Any], postgres: PostgresUnderTest, tmp_path: Path
) -> None:
    db.execute(MAKE)
    role = f"limited_{postgres.name}"
    db.execute(f"CREATE ROLE {role} LOGIN REPLICATION; GRANT CREATE ON DATABASE {postgres.name} TO {role}")
    db.execute(f"ALTER TABLE t OWNER TO {role}")
    house = CaptureHouse(tmp_path / "home", Secret(postgres.secret | {"user": role}))
    try:
        house.integrate()
        house.begin()
        house.until_dumped()
        db.execute(f"ALTER ROLE {role} CONNECTION LIMIT 0")
        db.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = %s", (role,))
        until_retrying(house, "too many connections")
        db.execute("INSERT INTO t VALUES (2, 'b')")
        db.execute(f"ALTER ROLE {role} CONNECTION LIMIT -1")
        house.until_equal(db)
    finally:
        house.close()
        db.execute(f"DROP OWNED BY {role}; DROP ROLE {role}")


def test_a_slot_that_a_walsender_still_has_is_waited_for(
    db: psycopg.Connection[Any], postgres: PostgresUnderTest, house: CaptureHouse
) -> None:
    db.execute(MAKE)
    house.integrate()
    house.begin()
    house.until_dumped()
    house.end()
    ((slot,),) = house.own("SELECT slot FROM boathouse.capture_integrations")
    name = f"boathouse_{slot}"
    held = psycopg.connect(conninfo(postgres.secret) + " replication=database", autocommit=True)
    try:
        command = f"START_REPLICATION SLOT \"{name}\" LOGICAL 0/0 (proto_version '1', publication_names '\"{name}\"')"
        assert held.pgconn.exec_(command.encode()).status == pq.ExecStatus.COPY_BOTH
        db.execute("INSERT INTO t VALUES (2, 'b')")
        house.begin()
        until_retrying(house, "is active for PID")
    finally:
        held.close()
    house.until_equal(db)


def test_a_table_that_is_altered_while_its_keys_are_looked_up_again_and_again_is_read(
    db: psycopg.Connection[Any], source: PostgresSource
) -> None:
    for _ in range(7):
        assert source.last_key(("public", "t")) == ("1",)
    db.execute("ALTER TABLE t ALTER id TYPE text")
    assert source.last_key(("public", "t")) == ("1",)


def test_what_the_user_may_not_do_is_told_with_how_to_mend_it(
    db: psycopg.Connection[Any], postgres: PostgresUnderTest
) -> None:
    db.execute(MAKE)
    role = f"poor_{postgres.name}"
    db.execute(f"CREATE ROLE {role} LOGIN REPLICATION; ALTER TABLE t OWNER TO {role}")
    source = PostgresSource(f"poor {postgres.name}", postgres.secret | {"user": role}, [("public", "t")])
    try:
        with pytest.raises(SourceRefused, match="permission denied for database") as refused:
            source.prepare()
        assert refused.value.hint and "Grant" in refused.value.hint
    finally:
        source.close()
        db.execute(f"DROP OWNED BY {role}; DROP ROLE {role}")


def test_the_reason_why_the_server_ended_the_stream_is_told(
    db: psycopg.Connection[Any], source: PostgresSource
) -> None:
    after = source.prepare()
    items = source.stream(after)
    next(items)
    db.execute("SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE slot_name = %s", (source.slot,))
    with pytest.raises(SourceUnavailable, match=STOPPED):
        for _ in items:
            pass


def test_who_waits_at_another_connection_is_told_why_the_stream_has_ended(
    db: psycopg.Connection[Any], postgres: PostgresUnderTest, source: PostgresSource
) -> None:
    next(items := source.stream(source.prepare()))
    with postgres.connect(autocommit=False) as other, ThreadPoolExecutor(1) as thread:
        other.execute("LOCK TABLE t IN ACCESS EXCLUSIVE MODE")
        reading = thread.submit(source.last_key, ("public", "t"))
        until_waiting(db)
        db.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_replication")
        with pytest.raises(SourceUnavailable, match=STOPPED):
            reading.result()
    items.close()  # type: ignore[attr-defined]


def test_a_capture_that_had_no_turn_says_so_and_goes_on(
    db: psycopg.Connection[Any], postgres: PostgresUnderTest, house: CaptureHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server ends the connection of whoever answers nothing, and says nothing of it."""
    monkeypatch.setattr(replication, "LATE_SECONDS", 0.8)
    receive, starved = Replication._receive, threading.Event()

    def late(self: Replication) -> object:
        if starved.is_set():
            starved.clear()
            gone = "SELECT count(*) FROM pg_stat_replication WHERE application_name = 'boathouse'"
            while db.execute(gone).fetchone() != (0,):
                db.execute("SELECT pg_sleep(0.05)")
        return receive(self)

    monkeypatch.setattr(Replication, "_receive", late)
    db.execute(f"ALTER DATABASE {postgres.name} SET wal_sender_timeout = '1s'; {MAKE}")
    house.integrate()
    house.begin()
    house.until_dumped()
    for number in (2, 3):
        starved.set()
        until_retrying(house, "had come to answer nothing for")
        db.execute("INSERT INTO t VALUES (%s, 'b')", (number,))
        house.until_equal(db)


@pytest.mark.parametrize(
    "damage",
    [
        "DROP PUBLICATION {name}",
        "DROP PUBLICATION {name}; CREATE PUBLICATION {name} FOR TABLE t",
        "ALTER PUBLICATION {name} SET TABLE t WHERE (id < 2)",
        "ALTER PUBLICATION {name} SET (publish = 'insert')",
    ],
)
def test_what_a_publication_has_not_told_is_dumped(
    db: psycopg.Connection[Any], house: CaptureHouse, monkeypatch: pytest.MonkeyPatch, damage: str
) -> None:
    """The server reads its log on without a publication, and tells nothing of what it passes over; before 18 it cannot."""
    if "WHERE" in damage and db.info.server_version < 150_000:
        pytest.skip("publications tell whole tables before PostgreSQL 15")
    monkeypatch.setattr(layouts, "LOOK_SECONDS", 0.1)
    db.execute(f"{MAKE}, (2, 'b'), (3, 'c')")
    house.integrate()
    house.begin()
    house.until_dumped()
    db.execute("INSERT INTO t VALUES (4, 'd')")
    house.until_equal(db)
    ((slot,),) = house.own("SELECT slot FROM boathouse.capture_integrations")
    with db.transaction():
        first, *rest = damage.format(name=f"boathouse_{slot}").split("; ")
        db.execute(first.encode())
        db.execute("UPDATE t SET note = 'other' WHERE id = 2; DELETE FROM t WHERE id = 3")
        for one in rest:
            db.execute(one.encode())
    house.until_equal(db)
    db.execute("UPDATE t SET note = 'last' WHERE id = 4; DELETE FROM t WHERE id = 2")
    house.until_equal(db)
