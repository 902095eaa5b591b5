"""A store of state that takes nothing for a while, or comes back as it was before: nothing is lost, nothing is told twice."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pyarrow.parquet as pq
from tests.rooms.capture.instances import Running, instance_home
from tests.rooms.capture.postgres_server import PostgresUnderTest
from tests.rooms.capture.replay import places

STATE = '[state]\nkind = "postgres"\nsecret = "state"'


def until(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + 90
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.1)


def told(place: Path) -> list[dict[str, Any]]:
    files = sorted((place / "public.t").rglob("*.parquet"), key=lambda file: file.name)
    return [row for file in files for row in pq.ParquetFile(file).read().to_pylist()]


def keys(place: Path) -> list[int]:
    return [row["id"] for row in told(place)]


def test_a_state_that_is_read_only_late_or_old(
    db: psycopg.Connection[Any], postgres: PostgresUnderTest, postgres_server: PostgresUnderTest, tmp_path: Path
) -> None:
    place = tmp_path / "changes"
    place.mkdir()
    state = postgres_server.database()
    home = instance_home(tmp_path / "home", postgres, place, STATE)
    with (home / "secrets.toml").open("a") as file:
        file.write("[state]\n" + "".join(f'{name} = "{value}"\n' for name, value in state.secret.items()))
    db.execute("CREATE TABLE t (id integer PRIMARY KEY); INSERT INTO t VALUES (1), (2)")
    with postgres_server.connect() as server:
        running = Running("capture", "run", str(home), "shop")
        try:
            until(lambda: keys(place) == [1, 2], "it is not dumped")
            db.execute("INSERT INTO t VALUES (3)")
            until(lambda: keys(place) == [1, 2, 3], "it is not told")
            # Read-only, as after a failover to a standby: what cannot be stored there is not told either, and comes later.
            server.execute(f"ALTER DATABASE {state.name} SET default_transaction_read_only = on")
            _disconnected(server, state)
            db.execute("INSERT INTO t VALUES (4), (5)")
            running.until("the state")
            assert keys(place) == [1, 2, 3]
            server.execute(f"ALTER DATABASE {state.name} RESET default_transaction_read_only")
            _disconnected(server, state)
            until(lambda: keys(place) == [1, 2, 3, 4, 5], "it does not go on")
            assert running.end() == 0
            # As it was before, as one that is restored or that lags: what the outputs have is told to nobody again.
            server.execute(f"CREATE DATABASE {state.name}_old TEMPLATE {state.name}")
            running = Running("capture", "run", str(home), "shop")
            db.execute("INSERT INTO t VALUES (6), (7)")
            until(lambda: keys(place) == [1, 2, 3, 4, 5, 6, 7], "it does not go on")
            assert running.end() == 0
            server.execute(f"DROP DATABASE {state.name}")
            server.execute(f"ALTER DATABASE {state.name}_old RENAME TO {state.name}")
            db.execute("INSERT INTO t VALUES (8)")
            running = Running("capture", "run", str(home), "shop")
            # What the source has forgotten by then, or the journal, depends on when the old copy was made.
            running.until("(ended)")
            assert any("ahead of" in line or "the journal lacks" in line for line in running.lines), running.lines
            assert keys(place) == [1, 2, 3, 4, 5, 6, 7]
            places(told(place))
        finally:
            running.end()
            server.execute(f"DROP DATABASE IF EXISTS {state.name} WITH (FORCE)")


def _disconnected(server: psycopg.Connection[Any], database: PostgresUnderTest) -> None:
    server.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (database.name,))
