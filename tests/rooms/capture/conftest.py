"""A real PostgreSQL that tells its changes, and a house that captures it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlparse

import psycopg
import pytest
from tests.rooms.capture import brokers
from tests.rooms.capture.capture_house import CaptureHouse
from tests.rooms.capture.postgres_server import PostgresUnderTest, server_in


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresUnderTest]:
    # Not below pytest's own folder: PostgreSQL runs as another user where tests run as root.
    data = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
    server = server_in(Path(data.name))
    try:
        server.ensure_pgdata_inited()
        with (Path(data.name) / "postgresql.conf").open("a", encoding="utf-8") as settings:
            settings.write("wal_level = logical\nmax_wal_senders = 20\nmax_replication_slots = 20\nfsync = off\n")
        server.start()
        folder = parse_qs(urlparse(server.get_uri()).query)["host"][0]
        yield PostgresUnderTest(folder)
    finally:
        server.cleanup()
        data.cleanup()


@pytest.fixture(scope="session", autouse=os.environ.get("BOATHOUSE_CAPTURE_BOOKS") == "postgres")
def shelf(postgres_server: PostgresUnderTest) -> None:
    CaptureHouse.shelf = postgres_server


@pytest.fixture
def postgres(postgres_server: PostgresUnderTest) -> Iterator[PostgresUnderTest]:
    """A database of the test's own."""
    found = postgres_server.database()
    yield found
    with postgres_server.connect() as connection:
        connection.execute(
            "SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE database = %s AND active",
            (found.name,),
        )
        for (slot,) in connection.execute(
            "SELECT slot_name FROM pg_replication_slots WHERE database = %s", (found.name,)
        ).fetchall():
            for _ in range(100):
                try:
                    connection.execute("SELECT pg_drop_replication_slot(%s)", (slot,))
                    break
                except psycopg.errors.ObjectInUse:
                    connection.execute("SELECT pg_sleep(0.05)")
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (found.name,)
        )  # PostgreSQL 12 has no DROP DATABASE … WITH (FORCE)
        connection.execute(f'DROP DATABASE "{found.name}"')


@pytest.fixture
def db(postgres: PostgresUnderTest) -> Iterator[psycopg.Connection[Any]]:
    """A connection to that database."""
    with postgres.connect() as connection:
        yield connection


@pytest.fixture
def house(tmp_path: Path, postgres: PostgresUnderTest) -> Iterator[CaptureHouse]:
    """A house whose secret leads to that database."""
    made = CaptureHouse(tmp_path / "home", postgres)
    yield made
    made.close()


@pytest.fixture(scope="module")
def cluster() -> Iterator[str]:
    """Brokers that speak Kafka's protocol; a real one where its jars are."""
    with brokers.mock_cluster() if brokers.MISSING else brokers.real_broker() as servers:
        yield servers
