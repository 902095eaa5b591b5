"""Sources with a table to walk in, `w.t`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pymysql
import pytest
from tests.rooms.capture.mysql.mariadb import MariaDb
from tests.rooms.capture.postgres_server import PostgresUnderTest
from tests.rooms.capture.walk import COLUMNS


@dataclass(frozen=True)
class Walked:
    """A source with the table `w.t`; `connect` is not in autocommit."""

    kind: str
    secret: dict[str, str]
    connect: Callable[[], Any]
    begin: str


@pytest.fixture(params=["postgres", "mysql", "mysql read-only"])
def walked(request: pytest.FixtureRequest) -> Iterator[Walked]:
    if request.param == "postgres":
        database: PostgresUnderTest = request.getfixturevalue("postgres")
        with database.connect() as db:
            db.execute(f"CREATE SCHEMA w; CREATE TABLE w.t {COLUMNS}; ALTER TABLE w.t ALTER big SET STORAGE EXTERNAL")
        begin = "SET synchronous_commit = off"
        yield Walked("postgres", database.secret, lambda: database.connect(autocommit=False), begin)
        return
    server: MariaDb = request.getfixturevalue("maria")
    server.run("CREATE DATABASE w", f"CREATE TABLE w.t {COLUMNS}")
    yield Walked(
        "mysql",
        server.secret(watermarks="on" if request.param == "mysql" else "off"),
        lambda: pymysql.connect(host="127.0.0.1", port=server.port, user="root"),
        "SELECT 1",
    )
    server.run("DROP DATABASE w")


def rows_of(source: Walked) -> list[tuple[Any, ...]]:
    """What the table holds now."""
    with source.connect() as session, session.cursor() as cursor:
        cursor.execute("SELECT id, version, note, big FROM w.t ORDER BY id")
        return [tuple(row) for row in cursor.fetchall()]
