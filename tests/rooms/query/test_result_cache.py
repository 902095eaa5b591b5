"""Kept results are never stale: random work by several sessions, each answer beside one that nobody has kept."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.rooms.query.test_session_races import run

from boathouse.app.assemble import OpenHouse, open_house
from boathouse.app.clock import SystemClock
from boathouse.app.initialise import initialise
from boathouse.contracts.errors import BoathouseError
from boathouse.query.session import QuerySession
from boathouse.query.state import result_cache
from boathouse.query.state.result_cache import DataVersion

Open = Callable[[], QuerySession]
STEPS = 250


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenHouse]:
    home: Path = tmp_path_factory.mktemp("cache") / "h"
    initialise(home, "dev", "Correct-Horse-9")
    opened = open_house(home)
    yield opened
    opened.close()


@pytest.fixture
def connect(house: OpenHouse) -> Iterator[Open]:
    sessions: list[QuerySession] = []

    def one() -> QuerySession:
        user = house.service.user("admin")
        assert user is not None
        sessions.append(house.service.open(user, "dev", {}, b"1234", lambda _: None, lambda *_: None))
        return sessions[-1]

    yield one
    for session in sessions:
        session.close()


def given_again(session: QuerySession, sql: str) -> bool:
    """True where the statement was answered with a kept result."""
    run(session, sql)
    assert session.observed.run is not None
    return session.observed.run.source is not None


def test_a_small_result_is_given_again_until_something_is_written(connect: Open) -> None:
    first, second = connect(), connect()
    run(first, "CREATE TABLE kept (n INTEGER)")
    run(first, "INSERT INTO kept VALUES (1), (2)")
    sql = "SELECT n FROM kept ORDER BY n"
    assert not given_again(first, sql)
    source = first.observed.last_query
    assert given_again(second, sql), "another session of the same user shares it"
    assert second.observed.run is not None
    assert second.observed.run.source == source
    assert run(second, sql) == [(1,), (2,)]
    found = run(second, f"SELECT source_query FROM svl_qlog WHERE query = {second.observed.last_query}")
    assert found == [(source,)]
    run(first, "INSERT INTO kept VALUES (3)")
    assert not given_again(second, sql)
    assert run(second, sql) == [(1,), (2,), (3,)]
    run(second, "SET enable_result_cache_for_session TO off")
    assert not given_again(second, sql)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT random() FROM kept_not",
        "SELECT getdate(), n FROM kept_not",
        "SELECT current_user, n FROM kept_not",
        "SELECT count(*) FROM stv_recents",
        "SELECT count(*) FROM pg_table_def",
        "SELECT count(*) FROM temporary_one",
        "SELECT 1",
        "SELECT f_moody(n) FROM kept_not",
        "SELECT m FROM over_moody",
    ],
)
def test_what_depends_on_more_than_tables_is_not_kept(connect: Open, sql: str) -> None:
    session = connect()
    run(session, "CREATE TABLE IF NOT EXISTS kept_not (n INTEGER)")
    run(session, "CREATE OR REPLACE FUNCTION f_moody(INTEGER) RETURNS INTEGER VOLATILE AS $$ select $1 $$ LANGUAGE sql")
    run(session, "CREATE OR REPLACE VIEW over_moody AS SELECT f_moody(n) AS m FROM kept_not")
    run(session, "CREATE TEMP TABLE temporary_one (n INTEGER)")
    other = session if "temporary" in sql else connect()
    assert not given_again(other, sql)
    assert not given_again(other, sql)


def test_a_transaction_that_wrote_sees_its_own_rows_and_leaves_none_behind(connect: Open) -> None:
    writer, reader = connect(), connect()
    run(writer, "CREATE TABLE mine (n INTEGER)")
    sql = "SELECT count(*) FROM mine"
    assert run(reader, sql) == [(0,)]
    run(writer, "BEGIN")
    run(writer, "INSERT INTO mine VALUES (1)")
    assert run(writer, sql) == [(1,)]
    assert run(reader, sql) == [(0,)]
    run(writer, "ROLLBACK")
    assert run(reader, sql) == run(writer, sql) == [(0,)]


def test_large_results_and_a_full_cache_stay_within_bounds(connect: Open, house: OpenHouse) -> None:
    session = connect()
    run(session, "CREATE TABLE large AS SELECT 1 AS n, repeat('x', 1000) AS t")
    for _ in range(11):
        run(session, "INSERT INTO large SELECT n + 1, t FROM large")
    cache = house.service.results
    assert not given_again(session, "SELECT * FROM large")
    assert not given_again(session, "SELECT * FROM large")
    for number in range(100):
        run(session, f"SELECT t FROM large WHERE n <> {number} LIMIT 800")
    assert 0 < cache._bytes <= cache._bytes_max
    assert cache._bytes == sum(kept.size for kept in cache._kept.values())


def test_random_work_is_answered_as_without_a_cache(connect: Open) -> None:
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    sessions, plain = [connect() for _ in range(3)], connect()
    run(plain, "SET enable_result_cache_for_session TO off")
    for name in ("r_a", "r_b"):
        run(plain, f"CREATE TABLE {name} (k INTEGER, v INTEGER)")
    run(plain, "CREATE VIEW r_v AS SELECT a.k, a.v + b.v AS v FROM r_a a JOIN r_b b ON a.k = b.k")
    queries = [
        "SELECT k, v FROM r_a ORDER BY 1, 2",
        "SELECT count(*), sum(v) FROM r_b",
        "SELECT k, v FROM r_v ORDER BY 1, 2",
        "SELECT max(k) FROM (SELECT k FROM r_a UNION ALL SELECT k FROM r_b) u",
    ]
    hits = 0
    blocks: dict[int, dict[str, list[tuple[object, ...]]]] = {}
    wrote: set[int] = set()
    for _ in range(STEPS):
        place = chance.randrange(3)
        session = sessions[place]
        name = chance.choice(("r_a", "r_b"))
        act = chance.random()
        try:
            if act < 0.65:
                sql = chance.choice(queries)
                found = run(session, sql)
                hits += session.observed.run is not None and session.observed.run.source is not None
                if place not in blocks:
                    assert found == run(plain, sql), f"seed {seed}: {sql}"
                elif place not in wrote:
                    assert found == blocks[place].setdefault(sql, found), f"seed {seed}: {sql} in a block"
            elif act < 0.78:
                wrote.add(place)
                number = chance.randrange(100)
                run(session, f"INSERT INTO {name} VALUES ({number % 9}, {number})")
            elif act < 0.83:
                wrote.add(place)
                run(session, f"DELETE FROM {name} WHERE k = {chance.randrange(9)}")
            elif act < 0.86 and place not in blocks:
                run(session, f"TRUNCATE {name}")
            elif act < 0.88 and place not in blocks:
                run(session, f"ALTER TABLE {name} ADD COLUMN c{chance.randrange(10**9)} INTEGER DEFAULT 5")
            elif place in blocks:
                run(session, chance.choice(("COMMIT", "ROLLBACK")))
                blocks.pop(place)
                wrote.discard(place)
            else:
                run(session, "BEGIN")
                blocks[place] = {}
                wrote.discard(place)
        except BoathouseError as failure:
            assert failure.sqlstate in ("40001", "25P02", "55006"), f"seed {seed}: {failure.message}"
            run(session, "ROLLBACK")
            blocks.pop(place, None)
        if place not in blocks:
            wrote.discard(place)
    assert hits, f"seed {seed}: nothing was ever given again"


def test_while_others_write_nobody_reads_what_was_before_his_own_look(connect: Open) -> None:
    writer, readers = connect(), [connect() for _ in range(3)]
    run(writer, "CREATE TABLE counter (n INTEGER)")
    run(writer, "INSERT INTO counter VALUES (0)")
    committed, stop, stale = [0], threading.Event(), []

    def read(session: QuerySession) -> None:
        while not stop.is_set():
            least = committed[0]
            ((found,),) = run(session, "SELECT max(n) FROM counter")
            if int(str(found)) < least:
                stale.append((found, least))

    threads = [threading.Thread(target=read, args=(session,)) for session in readers]
    for thread in threads:
        thread.start()
    try:
        for number in range(1, 60):
            run(writer, f"UPDATE counter SET n = {number}")
            committed[0] = number
    finally:
        stop.set()
        for thread in threads:
            thread.join(30)
    assert not stale


def test_a_moment_between_two_commits_lets_nobody_commit(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = SystemClock()
    began, data = clock.now(), DataVersion(clock)
    looked, started, order = threading.Event(), threading.Event(), []

    def commit() -> None:
        looked.wait(30)
        started.set()
        data.changing()
        order.append("commit")

    def look() -> None:
        looked.set()
        started.wait(30)
        assert data.version == 0, "nothing is under way"
        order.append("look")

    other = threading.Thread(target=commit)
    other.start()
    found = data.between(look)
    other.join()
    assert order == ["look", "commit"]
    assert found is not None
    assert began <= found.since <= found.at <= clock.now()
    monkeypatch.setattr(result_cache, "BETWEEN_SECONDS", 0.01)
    assert data.between(look) is None, "one is under way"
    ended = clock.now()
    data.changed()
    later = data.between(lambda: order.append("look"))
    assert later is not None
    assert ended <= later.since <= later.at
    assert order == ["look", "commit", "look"]
