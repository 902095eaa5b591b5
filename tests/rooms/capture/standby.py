"""A commit that is in PostgreSQL's log, and which no read sees yet: it waits for a standby that is not there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from tests.rooms.capture.postgres_server import PostgresUnderTest


@contextmanager
def waiting_for_a_standby(db: psycopg.Connection[Any], postgres: PostgresUnderTest, change: str) -> Iterator[None]:
    """Inside, the change is logged and invisible; behind it, both are over. Other sessions must commit locally."""
    with waiting_for_standbys(db), postgres.connect() as writer:
        writer.execute("SET synchronous_commit = on")
        with logged_and_unseen(db, writer, change):
            yield


@contextmanager
def waiting_for_standbys(db: psycopg.Connection[Any]) -> Iterator[None]:
    """Inside, sessions whose `synchronous_commit` is on wait for a standby that is not there."""
    db.execute("ALTER SYSTEM SET synchronous_standby_names = 'nobody'")
    db.execute("SELECT pg_reload_conf()")
    try:
        until(db, "SELECT current_setting('synchronous_standby_names') = 'nobody'")
        yield
    finally:
        db.execute("ALTER SYSTEM RESET synchronous_standby_names")
        db.execute("SELECT pg_reload_conf()")


@contextmanager
def logged_and_unseen(db: psycopg.Connection[Any], writer: psycopg.Connection[Any], change: str) -> Iterator[None]:
    """One change of a session that waits: PostgreSQL gives the waiting up when it is cancelled, never the commit."""
    process = writer.info.backend_pid
    writer.pgconn.send_query(change.encode())
    writer.pgconn.flush()
    try:
        waits = f"SELECT count(*) = 1 FROM pg_stat_activity WHERE pid = {process} AND wait_event = 'SyncRep'"
        until(db, waits)
        yield
    finally:
        db.execute("SELECT pg_cancel_backend(%s)", (process,))
        while (result := writer.pgconn.get_result()) is not None:
            assert not result.error_message, result.error_message


def until(db: psycopg.Connection[Any], question: str) -> None:
    """Ask until the answer is yes; PostgreSQL sets the pace."""
    for _ in range(6000):
        if db.execute(question).fetchone() == (True,):
            return
        db.execute("SELECT pg_sleep(0.005)")
    raise AssertionError(question)
