"""Two servers on one lake: its catalog in a PostgreSQL, its files on S3. What one commits, the other's next statement sees."""

from __future__ import annotations

import json
import os
import random
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack

import boto3
import pytest
from moto.server import ThreadedMotoServer
from tests.clients.conftest import DATABASE, PASSWORD, USER, Running, running
from tests.clients.upstream import postgres_behind
from tests.clients.upstream.postgres_behind import PostgresBehind
from tests.statements.scripts import ask

from boathouse.app.assemble import open_house
from boathouse.app.home import create_home
from boathouse.contracts.users import User
from boathouse.wire.postgres.scram import make_verifier

ROUNDS = int(os.environ.get("BOATHOUSE_SHARED_LAKE_ROUNDS", "4"))


@pytest.fixture(scope="module")
def postgres() -> Iterator[PostgresBehind]:
    made = PostgresBehind()
    yield made
    made.close()


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    server = ThreadedMotoServer(port=0)
    server.start()
    host, port = server.get_host_and_port()
    url = f"http://{host}:{port}"
    keys = {"aws_access_key_id": "k", "aws_secret_access_key": "s", "region_name": "us-east-1"}
    boto3.client("s3", endpoint_url=url, **keys).create_bucket(Bucket="shared-lake")
    yield url
    server.stop()


@pytest.fixture(scope="module")
def lake_settings(postgres: PostgresBehind, endpoint: str) -> Iterator[None]:
    """Everything that two homes on one lake agree on, in the environment."""
    settings = {
        "BOATHOUSE_SECRET_BOOKS_HOST": "127.0.0.1",
        "BOATHOUSE_SECRET_BOOKS_PORT": str(postgres.port),
        "BOATHOUSE_SECRET_BOOKS_DBNAME": postgres_behind.DATABASE,
        "BOATHOUSE_SECRET_BOOKS_USER": postgres_behind.ACCOUNT,
        "BOATHOUSE_SECRET_BOOKS_PASSWORD": postgres_behind.PASSWORD,
        "BOATHOUSE_SECRET_S3_ACCESS_KEY_ID": "k",
        "BOATHOUSE_SECRET_S3_SECRET_ACCESS_KEY": "s",
        "BOATHOUSE_LAKE_S3_ENDPOINT": endpoint,
        "BOATHOUSE_LAKE_S3_ATTEMPTS_MAX": "1",
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, value in settings.items():
            patch.setenv(name, value)
        yield


@pytest.fixture(scope="module")
def servers(lake_settings: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Running, Running]]:
    place = {"catalog": "books", "data_path": "s3://shared-lake/dev"}
    with ExitStack() as stack:
        found = []
        for name in ("first", "second"):
            home = tmp_path_factory.mktemp(name) / "h"
            create_home(home, DATABASE, {"kind": "ducklake", **place})
            house = open_house(home)
            stack.callback(house.close)
            found.append(stack.enter_context(running(house)))
        found[0].house.put_user(User(USER, str(make_verifier(PASSWORD, b"salt" * 4, b"salt" * 4)), True))
        yield found[0], found[1]


def _answer(client: object, sql: str) -> str:
    return ask(client, sql)[-1]  # type: ignore[arg-type]


def test_rows_and_definitions_of_one_are_the_others_at_once(servers: tuple[Running, Running]) -> None:
    with servers[0].raw() as first, servers[1].raw() as second:
        ask(first, "CREATE TABLE seen (a integer, b varchar(9))")
        ask(first, "INSERT INTO seen VALUES (1, 'x')")
        assert _answer(second, "SELECT * FROM seen") == "1 | x"
        assert _answer(second, "SELECT count(*) FROM seen") == "1"
        ask(first, "INSERT INTO seen VALUES (2, 'y')")
        assert _answer(second, "SELECT count(*) FROM seen") == "2", "a kept result is over with the other's commit"
        ask(first, "ALTER TABLE seen DROP COLUMN b")
        assert ask(second, "SELECT * FROM seen ORDER BY a")[-2:] == ["1", "2"], "so are a plan and a relation"
        ask(second, "DROP TABLE seen")
        assert _answer(first, "SELECT * FROM seen").startswith("ERROR 42P01")


def test_a_snapshot_stands_still_while_the_other_commits(servers: tuple[Running, Running]) -> None:
    with servers[0].raw() as first, servers[1].raw() as second:
        ask(first, "CREATE TABLE still AS SELECT 1 AS a")
        ask(second, "BEGIN")
        ask(first, "INSERT INTO still VALUES (2)")
        ask(first, "ALTER TABLE still ADD COLUMN b integer")
        assert ask(second, "SELECT * FROM still") == ["a:int4", "1"]
        ask(second, "COMMIT")
        assert _answer(second, "SELECT count(*), count(b) FROM still") == "2 | 0"


def test_users_and_grants_bind_on_every_server(servers: tuple[Running, Running]) -> None:
    with servers[0].raw() as first, servers[1].raw() as second:
        ask(first, "CREATE USER reader PASSWORD 'Reader-of-all-1'")
        ask(first, "CREATE TABLE granted AS SELECT 7 AS a")
        ask(second, "SET SESSION AUTHORIZATION reader")
        assert _answer(second, "SELECT a FROM granted").startswith("ERROR 42501")
        ask(first, "GRANT SELECT ON granted TO reader")
        assert _answer(second, "SELECT a FROM granted") == "7"
        ask(first, "REVOKE SELECT ON granted FROM reader")
        assert _answer(second, "SELECT a FROM granted").startswith("ERROR 42501")


def test_numbers_are_given_once_across_servers_and_lives_of_a_table(servers: tuple[Running, Running]) -> None:
    with servers[0].raw() as first, servers[1].raw() as second:
        for _ in range(2):
            assert _answer(first, "CREATE TABLE numbered (id bigint identity(1, 1), a integer)") == "CREATE TABLE"
            for client in (first, second):
                assert _answer(client, "INSERT INTO numbered (a) VALUES (1), (2), (3)") == "INSERT 0 3"
            assert _answer(second, "SELECT count(*), count(DISTINCT id), min(id) FROM numbered") == "6 | 6 | 1"
            assert _answer(second, "DROP TABLE numbered") == "DROP TABLE"


def test_of_two_that_define_the_same_one_is_told(servers: tuple[Running, Running]) -> None:
    with servers[0].raw() as first, servers[1].raw() as second:
        for client in (first, second):
            ask(client, "BEGIN")
            assert _answer(client, "CREATE TABLE twice (a integer)") == "CREATE TABLE"
        assert _answer(first, "COMMIT") == "COMMIT"
        assert ask(second, "COMMIT")[0].startswith("ERROR 40001: 1023: serializable isolation violation")


def test_increments_and_rows_through_both_at_once_are_all_there_or_told(servers: tuple[Running, Running]) -> None:
    with servers[0].raw() as one:
        ask(one, "CREATE TABLE counted AS SELECT 0::bigint AS n")
        ask(one, "CREATE TABLE logged (n bigint)")
    done: Counter[str] = Counter()
    strange: list[str] = []
    barrier = threading.Barrier(4)

    def work(place: int) -> None:
        chance = random.Random(place)
        with servers[place % 2].raw() as client:
            barrier.wait(60)
            for _ in range(ROUNDS):
                kind = chance.choice(("UPDATE counted SET n = n + 1", "INSERT INTO logged VALUES (1)"))
                found = _answer(client, kind)
                if found in ("UPDATE 1", "INSERT 0 1"):
                    done[found] += 1
                elif not found.startswith("ERROR 40001: 1023: serializable isolation violation"):
                    strange.append(found)

    threads = [threading.Thread(target=work, args=(place,)) for place in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert not strange
    with servers[1].raw() as one:
        assert _answer(one, "SELECT n FROM counted") == str(done["UPDATE 1"])
        assert _answer(one, "SELECT count(*) FROM logged") == str(done["INSERT 0 1"])
    assert done["INSERT 0 1"] and done["UPDATE 1"]


def test_one_alone_does_what_only_one_may(servers: tuple[Running, Running]) -> None:
    engines = [one.house.service.house.engine for one in servers]
    assert engines[0].leads()
    assert not engines[1].leads()
    assert engines[0].leads(), "it keeps what it has"


def test_no_secret_is_where_a_user_could_read_it(servers: tuple[Running, Running]) -> None:
    session = servers[0].house.service.house.engine.session()
    try:
        told = json.dumps(session.fetch("SELECT * FROM duckdb_databases()"), default=str)
        assert postgres_behind.PASSWORD not in told
        assert "boathouse" in told
    finally:
        session.close()


def test_a_catalog_that_died_is_named_and_found_again(
    servers: tuple[Running, Running], postgres: PostgresBehind
) -> None:
    with servers[0].raw() as first, servers[1].raw() as second:
        ask(first, "CREATE TABLE lasting AS SELECT 1 AS a")
        ask(first, "BEGIN")
        assert _answer(first, "INSERT INTO lasting VALUES (2)") == "INSERT 0 1"
        postgres.stop("immediate")
        assert ask(first, "COMMIT")[0].startswith("ERROR 08")
        for client in (first, second):
            found = _answer(client, "SELECT a FROM lasting")
            assert found.startswith("ERROR 08006: the lake's catalog in PostgreSQL (shop at 127.0.0.1)"), found
            assert postgres_behind.PASSWORD not in found
            assert _answer(client, "ROLLBACK") == "ROLLBACK"
        postgres.start()
        for client in (second, first):
            assert _answer(client, "SELECT a FROM lasting") == "1", "nothing half done, nothing lost"
        assert _answer(first, "INSERT INTO lasting VALUES (3)") == "INSERT 0 1"
        assert _answer(second, "SELECT sum(a) FROM lasting") == "4"
