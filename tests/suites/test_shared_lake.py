"""Two servers on one lake: its catalog in a PostgreSQL, its files on S3. What one commits, the other's next statement sees."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from psycopg.sql import SQL
from tests.clients.conftest import DATABASE, PASSWORD, USER, Running, running
from tests.clients.upstream import postgres_behind
from tests.clients.upstream.postgres_behind import PostgresBehind
from tests.statements.scripts import ask
from tests.suites.conftest import Endpoint

from boathouse.app.assemble import open_house
from boathouse.app.home import create_home
from boathouse.contracts.source_errors import WarehouseUnavailable
from boathouse.contracts.users import User
from boathouse.engines.duckdb.engine import DuckEngine
from boathouse.engines.duckdb.settings import EngineSettings
from boathouse.engines.duckdb.storage.ducklake import LakeStorage
from boathouse.engines.duckdb.storage.shared_catalog import SharedCatalog
from boathouse.query.snapshots import upkeep
from boathouse.wire.postgres.scram import make_verifier

ROUNDS = int(os.environ.get("BOATHOUSE_SHARED_LAKE_ROUNDS", "4"))
KILLS = int(os.environ.get("BOATHOUSE_SHARED_LAKE_KILLS", "1"))


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


def test_copies_near_one_server_are_over_with_the_others_commits(servers: tuple[Running, Running]) -> None:
    with servers[0].raw() as first, servers[1].raw() as second:
        ask(first, "CREATE TABLE near_one AS SELECT 1 AS a")
        ask(second, "SET enable_result_cache_for_session TO off")
        sql, copied = "SELECT sum(a) FROM near_one", "SELECT count(*) FROM near_one n, near_one m"
        engine = servers[1].house.service.house.engine.session()
        for total in range(1, 3):
            deadline = time.monotonic() + 60
            while not engine.fetch(
                "SELECT 1 FROM duckdb_tables() WHERE database_name = 'boathouse_near' AND table_name = 'near_one'"
            ):
                assert _answer(second, copied) == str(total * total)
                assert time.monotonic() < deadline, "no copy was made"
            assert _answer(second, sql) == str(total)
            ask(first, "INSERT INTO near_one VALUES (1)")
            assert _answer(second, sql) == str(total + 1)
        engine.close()


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


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE USER both PASSWORD DISABLE",
        "CREATE FUNCTION both (a int) RETURNS int STABLE AS $$ SELECT $1 $$ LANGUAGE sql",
    ],
)
def test_a_name_is_given_once_though_its_row_is_only_added(servers: tuple[Running, Running], statement: str) -> None:
    with servers[0].raw() as first, servers[1].raw() as second:
        for client in (first, second):
            ask(client, "BEGIN")
            assert not _answer(client, statement).startswith("ERROR")
        assert _answer(first, "COMMIT") == "COMMIT"
        assert ask(second, "COMMIT")[0].startswith("ERROR 40001: 1023: serializable isolation violation")
        assert ask(second, statement)[0].startswith("ERROR 42"), "it is there, and the session goes on"
        ask(second, "CREATE GROUP another")
        ask(first, "DROP GROUP another")


def test_other_names_at_the_same_time_are_both_made(servers: tuple[Running, Running]) -> None:
    """And of one name one, whoever comes second being told that it is there."""
    made = (
        "CREATE USER same_{0} PASSWORD DISABLE",
        "CREATE FUNCTION same_{0} (a int) RETURNS int STABLE AS $$ SELECT $1 $$ LANGUAGE sql",
        "CREATE TABLE same_{0} (a integer)",
        "CREATE TABLE same_rows_{0} AS SELECT 1 AS a",
        "CREATE MATERIALIZED VIEW same_view_{0} AS SELECT count(*) AS n FROM same_base",
    )
    with servers[0].raw() as client:
        ask(client, "CREATE TABLE same_base AS SELECT 1 AS a")
    together = threading.Barrier(2)
    told: tuple[list[str], list[str]] = ([], [])

    def work(place: int) -> None:
        with servers[place].raw() as client:
            client.socket.settimeout(300)
            for name in (f"by_{place}", "by_both"):
                for statement in made:
                    together.wait(300)
                    told[place].extend(one for one in ask(client, statement.format(name)) if one.startswith("ERROR"))

    threads = [threading.Thread(target=work, args=(place,)) for place in range(2)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    expected = ["ERROR 42710", "ERROR 42723", *["ERROR 42P07"] * 3]
    assert sorted(one.split(":")[0] for one in (*told[0], *told[1])) == expected
    with servers[0].raw() as client:
        assert _answer(client, "SELECT count(*) FROM pg_user WHERE usename LIKE 'same_by_%'") == "3"
        assert _answer(client, "SELECT count(*) FROM pg_tables WHERE tablename LIKE 'same_by_%'") == "3"
        assert _answer(client, "SELECT count(*) FROM pg_tables WHERE tablename LIKE 'same_rows_by_%'") == "3"
        assert _answer(client, "SELECT count(*) FROM svv_mv_info WHERE trim(name) LIKE 'same_view_by_%'") == "3"
        assert _answer(client, "SELECT same_by_0(1) + same_by_1(1) + same_by_both(1)") == "3"


def test_a_view_is_stale_by_whichever_server_came_second(servers: tuple[Running, Running]) -> None:
    """The other one's change, begun before or after the view, committed before or after it."""
    stale = "SELECT is_stale FROM svv_mv_info WHERE trim(name) = 'told'"
    with servers[0].raw() as first, servers[1].raw() as second:
        first.socket.settimeout(300)
        second.socket.settimeout(300)
        ask(first, "CREATE TABLE told_of AS SELECT 1 AS a")
        ask(first, "CREATE TABLE told_else (a integer)")
        for change, expected in (("INSERT INTO told_else VALUES (1)", "f"), ("UPDATE told_of SET a = a + 1", "t")):
            for is_first in (True, False):
                ask(second, "BEGIN")
                ask(second, "SELECT count(*) FROM told_of")
                if is_first:
                    assert not _answer(first, change).startswith("ERROR")
                    assert (
                        _answer(second, "CREATE MATERIALIZED VIEW told AS SELECT sum(a) AS n FROM told_of")[:6]
                        == "CREATE"
                    )
                else:
                    assert not _answer(second, change).startswith("ERROR")
                    assert (
                        _answer(first, "CREATE MATERIALIZED VIEW told AS SELECT sum(a) AS n FROM told_of")[:6]
                        == "CREATE"
                    )
                assert _answer(second, "COMMIT") == "COMMIT"
                assert [_answer(client, stale) for client in (first, second)] == [expected] * 2
                assert _answer(first, "REFRESH MATERIALIZED VIEW told") == "REFRESH"
                assert [_answer(client, stale) for client in (second, first)] == ["f"] * 2
                ask(first, "DROP MATERIALIZED VIEW told")


@pytest.mark.skipif(ROUNDS < 10, reason="by hand: a minute and more")
def test_no_view_says_that_it_is_fresh_when_it_is_not(servers: tuple[Running, Running]) -> None:
    """One makes and refreshes views of a table that the other changes; at the end each is as it says."""
    with servers[0].raw() as one:
        ask(one, "CREATE TABLE moving AS SELECT 0 AS n")
    over = threading.Event()

    def change() -> None:
        with servers[1].raw() as client:
            while not over.is_set():
                ask(client, "INSERT INTO moving VALUES (1)")

    thread = threading.Thread(target=change)
    thread.start()
    views = [f"moving_{n}" for n in range(ROUNDS)]
    try:
        with servers[0].raw() as client:
            client.socket.settimeout(300)
            for place, view in enumerate(views):
                found = _answer(client, f"CREATE MATERIALIZED VIEW {view} AS SELECT count(*) AS n FROM moving")
                assert found == "CREATE MATERIALIZED VIEW"
                if place % 2:
                    assert _answer(client, f"REFRESH MATERIALIZED VIEW {view}") == "REFRESH"
                if place == ROUNDS - 2:
                    over.set()
    finally:
        over.set()
        thread.join()
    with servers[0].raw() as client:
        rows = _answer(client, "SELECT count(*) FROM moving")
        for view in views:
            if _answer(client, f"SELECT is_stale FROM svv_mv_info WHERE trim(name) = '{view}'") == "f":
                assert _answer(client, f"SELECT n FROM {view}") == rows, view


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


def test_both_may_vacuum_at_once_beside_a_writer(servers: tuple[Running, Running]) -> None:
    with servers[0].raw() as one:
        one.query("CREATE TABLE vacuumed (n integer)")
        for n in range(4):
            one.query(f"INSERT INTO vacuumed VALUES ({n})")
    told: list[str] = []

    def ask_of(server: Running, *statements: str) -> None:
        with server.raw() as client:
            told.extend(_answer(client, statement) for statement in statements)

    writes = tuple(f"INSERT INTO vacuumed VALUES ({n})" for n in range(4, 7))
    jobs = [(servers[0], "VACUUM vacuumed"), (servers[1], "VACUUM vacuumed"), (servers[1], *writes)]
    threads = [threading.Thread(target=ask_of, args=job) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told) == ["INSERT 0 1"] * 3 + ["VACUUM"] * 2
    with servers[0].raw() as one, servers[1].raw() as other:
        for client in (one, other):
            assert _answer(client, "SELECT count(*), sum(n) FROM vacuumed") == "7 | 21"
        one.query("BEGIN")
        assert _answer(one, "SELECT count(*) FROM vacuumed") == "7"
        shared = servers[1].house.service.house.engine._storage.shared  # type: ignore[attr-defined]
        began = shared.oldest()
        assert began is not None, "what the other one has open bounds what goes"
        assert _answer(one, "SELECT count(*) FROM vacuumed") == "7"
        assert shared.oldest() == began
        one.query("ROLLBACK")


def test_upkeep_goes_to_the_other_when_the_lead_is_lost(
    servers: tuple[Running, Running], postgres: PostgresBehind
) -> None:
    houses = [one.house.service.house for one in servers]
    assert houses[0].engine.leads()
    with servers[0].raw() as one:
        one.query("CREATE TABLE crowd (n integer)")
        for n in range(9):
            one.query(f"INSERT INTO crowd VALUES ({n})")
    for house in houses:
        history = house.engine.history
        history.upkeep = replace(history.upkeep, quiet=timedelta(0))  # type: ignore[union-attr]
    shared = houses[0].engine._storage.shared  # type: ignore[attr-defined]
    shared._ask(SQL("SELECT pg_terminate_backend(%s)"), (shared._lead.info.backend_pid,))
    assert houses[1].engine.leads()
    assert not houses[0].engine.leads()
    for house in houses:
        upkeep.look_once(house, lambda seconds, house=house: not house.engine.leads())  # type: ignore[misc]
    with servers[0].raw() as one:
        done = "SELECT count(*) FROM svv_upkeep WHERE action = 'gather' AND status = 'done' AND table_name = 'crowd'"
        assert _answer(one, done) == "1"
        assert _answer(one, "SELECT count(*), sum(n) FROM crowd") == "9 | 36"
    other = houses[1].engine._storage.shared  # type: ignore[attr-defined]
    other._ask(SQL("SELECT pg_terminate_backend(%s)"), (other._lead.info.backend_pid,))
    assert houses[0].engine.leads(), "as the tests that follow have it"


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
        with pytest.raises(psycopg.OperationalError, match="the lake's catalog in PostgreSQL"):
            psycopg.connect(**servers[0].keywords)
        with pytest.raises(WarehouseUnavailable, match="the lake's catalog in PostgreSQL"):
            servers[0].house.service.house.engine.session()
        postgres.start()
        for client in (second, first):
            assert _answer(client, "SELECT a FROM lasting") == "1", "nothing half done, nothing lost"
        assert _answer(first, "INSERT INTO lasting VALUES (3)") == "INSERT 0 1"
        assert _answer(second, "SELECT sum(a) FROM lasting") == "4"


def test_files_that_cannot_be_written_leave_nothing_behind(
    servers: tuple[Running, Running], endpoint: Endpoint
) -> None:
    with servers[0].raw() as first, servers[1].raw() as second:
        ask(first, "CREATE TABLE filed AS SELECT 1 AS a")
        ask(first, "BEGIN")
        assert _answer(first, "INSERT INTO filed VALUES (2)") == "INSERT 0 1"
        endpoint.stop()
        try:
            found = ask(first, "INSERT INTO filed SELECT 3")[0]
            assert found.startswith("ERROR 58030: "), found
            assert "object store" in found
            assert _answer(first, "COMMIT") == "ROLLBACK"
            assert ask(second, "SELECT sum(a) FROM filed WHERE a > 0")[-1].startswith("ERROR 58030: ")
        finally:
            endpoint.start()
        assert _answer(second, "SELECT count(*) FROM filed") == "1"
        assert _answer(first, "INSERT INTO filed VALUES (4)") == "INSERT 0 1"
        assert _answer(second, "SELECT sum(a) FROM filed") == "5"


_WRITER = """
import sys
from tests.suites.test_shared_lake import open_engine
session = open_engine(sys.argv[1], sys.argv[2], "two").session()
last = 0
while True:
    last += 1
    session.begin()
    session.execute(f"INSERT INTO dev.public.rows_of SELECT {last} FROM range(10)")
    session.execute("DELETE FROM boathouse.position")
    session.execute(f"INSERT INTO boathouse.position VALUES ({last})")
    session.commit()
    print(last, flush=True)
"""


def open_engine(port: str, folder: str, name: str) -> DuckEngine:
    """An engine alone, on a further lake of the same PostgreSQL."""
    secret = {"host": "127.0.0.1", "port": port, "dbname": postgres_behind.DATABASE}
    secret |= {"user": postgres_behind.ACCOUNT, "password": postgres_behind.PASSWORD}
    spool = Path(folder) / name
    spool.mkdir(exist_ok=True)
    lake = LakeStorage(SharedCatalog(secret, "killed"), f"{folder}/data", "dev")
    return DuckEngine(lake, "dev", spool, EngineSettings(memory_limit="1GB", threads=2))


def test_a_server_that_is_killed_while_it_commits_stops_nobody(postgres: PostgresBehind, tmp_path: Path) -> None:
    chance = random.Random(7)
    engine = open_engine(str(postgres.port), str(tmp_path), "one")
    session = engine.session()
    session.execute("CREATE TABLE dev.public.rows_of (n BIGINT)")
    session.execute("CREATE TABLE boathouse.position (n BIGINT)")
    for _ in range(KILLS):
        for table in ("dev.public.rows_of", "boathouse.position"):
            session.execute(f"DELETE FROM {table}")
        child = subprocess.Popen(
            [sys.executable, "-c", _WRITER, str(postgres.port), str(tmp_path)], stdout=subprocess.PIPE, text=True,
            cwd=Path(__file__).parents[2],
        )  # fmt: skip
        assert child.stdout is not None
        for _ in range(chance.randint(1, 4)):
            told = int(child.stdout.readline())
        threading.Event().wait(chance.random() * 0.1)  # somewhere in the transaction that follows
        os.kill(child.pid, signal.SIGKILL)
        rest = child.stdout.read().split()
        told = int(rest[-1]) if rest else told
        child.wait()
        ((position,),) = session.fetch("SELECT n FROM boathouse.position")
        assert position in (told, told + 1), "what was told is durable; one more may have been on its way"
        found = session.fetch("SELECT count(*), count(DISTINCT n), max(n) FROM dev.public.rows_of")
        assert found == [(position * 10, position, position)]
        session.execute("INSERT INTO dev.public.rows_of VALUES (0)")
        assert session.fetch("SELECT count(*) FROM dev.public.rows_of") == [(position * 10 + 1,)]
    session.close()
    engine.close()
