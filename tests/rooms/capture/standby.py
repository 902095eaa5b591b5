"""A commit that is in PostgreSQL's log, and which no read sees yet: it waits for a standby that is not there."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from tests.rooms.capture.postgres_server import PostgresUnderTest


@contextmanager
def waiting_for_a_standby(db: psycopg.Connection[Any], postgres: PostgresUnderTest, change: str) -> Iterator[None]:
    """Inside, the change is logged and invisible; behind it, both are over. Other sessions must commit locally."""

    def commit() -> None:
        with postgres.connect() as other:
            other.execute("SET synchronous_commit = on")
            other.execute(change)

    writer = threading.Thread(target=commit)
    db.execute("ALTER SYSTEM SET synchronous_standby_names = 'nobody'")
    db.execute("SELECT pg_reload_conf()")
    try:
        until(db, "SELECT current_setting('synchronous_standby_names') = 'nobody'")
        writer.start()
        yield
    finally:
        db.execute("ALTER SYSTEM RESET synchronous_standby_names")
        db.execute("SELECT pg_reload_conf()")
        writer.join()


def until(db: psycopg.Connection[Any], question: str) -> None:
    """Ask until the answer is yes; PostgreSQL sets the pace."""
    for _ in range(600):
        if db.execute(question).fetchone() == (True,):
            return
        db.execute("SELECT pg_sleep(0.05)")
    raise AssertionError(question)
