"""A house with a secret for a PostgreSQL under test, and the work that captures it."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Protocol

import psycopg
from tests.rooms.capture.postgres_server import PostgresUnderTest
from tests.rooms.lake.copy_house import CopyHouse

from boathouse.app.background import BackgroundWork
from boathouse.app.home import create_home

QUICK: dict[str, Any] = {
    "capture": {"poll_seconds": 0.05, "commit_seconds": 0.05, "chunk_rows": 500, "retry_seconds_max": 1.0}
}
PATIENCE_SECONDS = float(os.environ.get("BOATHOUSE_CAPTURE_PATIENCE", "90"))


class HasSecret(Protocol):
    @property
    def secret(self) -> dict[str, str]: ...


@dataclass(frozen=True)
class Secret:
    """What opens a source, where that is all that a house needs of it."""

    secret: dict[str, str]


class CaptureHouse(CopyHouse):
    """An open house whose background work runs between `begin` and `end`.

    Attributes:
        shelf: the PostgreSQL where houses have the catalogs of their lakes, where `BOATHOUSE_CAPTURE_BOOKS=postgres` says so.

    Args:
        storage: how its warehouse is stored, where not as usual.
        books: the PostgreSQL of a lake's catalog.
    """

    shelf: PostgresUnderTest | None = None

    def __init__(
        self,
        home: Path,
        source: HasSecret,
        storage: Mapping[str, str] = MappingProxyType({}),
        books: HasSecret | None = None,
        **capture: Any,
    ) -> None:
        if self.shelf is not None and not storage:
            books = self.shelf.database()
            with books.connect() as catalog:  # where a test has the server's commits wait for a standby, these do not
                catalog.execute(f'ALTER DATABASE "{books.name}" SET synchronous_commit = local')
            storage = {"kind": "ducklake", "catalog": "books", "data_path": f"{home.absolute()}-data"}
        create_home(home, "dev", storage)
        write_secret(home, source, books)
        self.settings = {"capture": {**QUICK["capture"], **capture}}
        self.reopen(home, self.settings)
        self.work: BackgroundWork | None = None

    def begin(self) -> None:
        self.work = BackgroundWork(self.open)
        self.work.start()

    def end(self) -> None:
        if self.work is not None:
            self.work.stop(30)
            self.work = None

    def close(self) -> None:
        self.end()
        super().close()

    def integrate(self, rest: str = "") -> None:
        self.run(f"CREATE INTEGRATION shop FROM POSTGRES SECRET 'shop' {rest}")

    def own(self, sql: str) -> list[tuple[Any, ...]]:
        """Rows of the room's own tables."""
        engine = self.open.service.house.engine.session()
        try:
            return engine.fetch(sql)
        finally:
            engine.close()

    def state(self) -> tuple[str, str]:
        rows = self.own("SELECT state, message FROM boathouse.capture_states ORDER BY state <> 'failed'")
        return (str(rows[0][0]), str(rows[0][1])) if rows else ("none", "")

    def until(self, condition: Callable[[], bool], what: str, *, may_fail: bool = False, pause: float = 0.02) -> None:
        """Wait for something that the background work does; an integration that has failed ends it unless it may.

        Args:
            pause: between two looks, in seconds; longer where a look is dear and what it waits for stays.
        """
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not condition():
            state = self.state()
            if (state[0] == "failed" and not may_fail) or time.monotonic() > deadline:
                raise AssertionError(f"{what}: {state}")
            time.sleep(pause)

    def until_dumped(self) -> None:
        """All tables are dumped."""

        def dumped() -> bool:
            states = self.run("SELECT table_state FROM svv_integration_table_state")
            return bool(states) and all(one == ("Synced",) for one in states)

        self.until(dumped, "the dump does not end", pause=0.1)

    def until_delivered(self, *names: str) -> None:
        """Outputs, or all of them, have everything that was committed by now."""
        (journal,) = self.own("SELECT journal FROM boathouse.capture_progress")[0]

        def delivered() -> bool:
            rows = self.own(
                "SELECT name, sequence, number FROM boathouse.capture_output_states WHERE state <> 'dropped'"
            )
            return all(number < 0 and entry > journal for name, entry, number in rows if not names or name in names)

        self.until(delivered, "the outputs are behind", pause=0.1)

    def until_equal(self, db: psycopg.Connection[Any], table: str = "t", order: str = "id", what: str = "*") -> None:
        """The warehouse has what the source has."""

        def rows(found: Any) -> list[tuple[Any, ...]]:
            return [tuple(row) for row in found]

        expected = rows(db.execute(f"SELECT {what} FROM {table} ORDER BY {order}").fetchall())
        try:
            self.until(
                lambda: rows(self.run(f"SELECT {what} FROM shop.{table} ORDER BY {order}")) == expected,
                "not equal",
                pause=0.1,
            )
        except AssertionError as failure:
            got = rows(self.run(f"SELECT {what} FROM shop.{table} ORDER BY {order}"))
            less, more = set(expected) - set(got), set(got) - set(expected)
            raise AssertionError(f"{failure}; missing {sorted(less)[:5]}, too much {sorted(more)[:5]}") from None


def write_secret(home: Path, source: HasSecret, books: HasSecret | None = None) -> None:
    path = home / "secrets.toml"
    sections = {"shop": source} | ({} if books is None else {"books": books})
    lines = [
        line
        for name, one in sections.items()
        for line in (f"[{name}]", *(f'{k} = "{v}"' for k, v in one.secret.items()))
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    path.chmod(0o600)
