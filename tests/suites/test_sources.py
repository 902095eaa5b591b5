"""Every source of ours passes the suite that anybody's has to pass."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from tests.rooms.capture.conftest import postgres, postgres_server  # noqa: F401
from tests.rooms.capture.mysql.conftest import maria  # noqa: F401
from tests.rooms.capture.mysql.mariadb import MariaDb
from tests.rooms.capture.postgres_server import PostgresUnderTest

from boathouse.capture.changes import TablePath
from boathouse.capture.mysql.source import MySqlSource
from boathouse.capture.postgres.source import PostgresSource
from boathouse.capture.source import Source
from boathouse.testing import SourceSuite

TABLE = "(id BIGINT PRIMARY KEY, note VARCHAR(100))"


class TestPostgres(SourceSuite):
    @pytest.fixture
    def path(self) -> TablePath:
        return ("public", "tried")

    @pytest.fixture
    def execute(self, postgres: PostgresUnderTest) -> Callable[..., None]:  # noqa: F811
        def run(*statements: str) -> None:
            with postgres.connect(autocommit=False) as connection:
                for statement in statements:
                    connection.execute(statement)

        run(f"CREATE TABLE tried {TABLE}")
        return run

    @pytest.fixture
    def open_source(self, postgres: PostgresUnderTest, path: TablePath) -> Callable[[], Source]:  # noqa: F811
        return lambda: PostgresSource("suite", postgres.secret, [path])


class TestMariaDb(SourceSuite):
    @pytest.fixture
    def path(self) -> TablePath:
        return ("suite", "tried")

    @pytest.fixture
    def execute(self, maria: MariaDb) -> Iterator[Callable[..., None]]:  # noqa: F811
        def run(*statements: str) -> None:
            maria.run("SET NAMES utf8mb4", "BEGIN", *statements, "COMMIT")

        maria.run(
            "DROP DATABASE IF EXISTS suite",
            "CREATE DATABASE suite CHARACTER SET utf8mb4",
            f"CREATE TABLE suite.tried {TABLE}",
        )
        yield run
        maria.run("DROP DATABASE suite")

    @pytest.fixture
    def open_source(self, maria: MariaDb, path: TablePath) -> Callable[[], Source]:  # noqa: F811
        return lambda: MySqlSource("suite", maria.secret(), [path])
