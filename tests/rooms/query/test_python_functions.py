"""Python functions in sessions: cancelled, timed out, run from several threads of the engine, replaced meanwhile, kept
apart from each other, and gone with their session."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.rooms.query.test_session_races import ADMIN, Open, connect, run  # noqa: F401

from boathouse.app.assemble import OpenHouse, open_house
from boathouse.app.home import create_home
from boathouse.contracts.errors import InsufficientPrivilege, QueryCanceled, RoutineFailed, TooManyConnections
from boathouse.contracts.users import User
from boathouse.query.python.workers import Worker
from boathouse.query.session import QuerySession

FUNCTIONS = """
CREATE FUNCTION f_slow (a integer) RETURNS integer VOLATILE AS $$
  return sum(iter(int, 1))
$$ LANGUAGE plpythonu;
CREATE FUNCTION f_more (a integer) RETURNS integer IMMUTABLE AS $$ return a + 1 $$ LANGUAGE plpythonu;
CREATE FUNCTION f_counted (a integer) RETURNS bigint VOLATILE AS $$
  import random
  random.seen = getattr(random, 'seen', 0) + 1
  return random.seen
$$ LANGUAGE plpythonu;
CREATE TABLE many (n integer);
INSERT INTO many SELECT g FROM generate_series(1, 130000) AS t(g);
"""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenHouse]:
    home: Path = tmp_path_factory.mktemp("python") / "home"
    create_home(home, "dev")
    opened = open_house(home, {"query": {"python_processes_max": 2}, "engine": {"threads": 4}})
    session = opened.service.open(ADMIN, "dev", {}, b"1234", lambda notice: None, lambda name, value: None)
    run(session, FUNCTIONS)
    session.close()
    yield opened
    opened.close()


def _processes(session: QuerySession) -> list[int]:
    workers: list[Worker] = list(session.python._workers.values())
    return [one._process._process.pid for one in workers if one._process is not None]


def _until(what: Callable[[], object]) -> None:
    deadline = time.monotonic() + 60
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def _is_at_work(session: QuerySession) -> bool:
    return any(one._is_busy and one._process and one._known for one in list(session.python._workers.values()))


@pytest.mark.parametrize(
    "text",
    ["SELECT count(f_slow(n)) FROM many", "CREATE TABLE t AS SELECT f_slow(n) AS a FROM many"],
)
def test_a_cancel_reaches_a_function_that_never_ends(connect: Open, text: str) -> None:  # noqa: F811
    session = connect()
    failures: list[BaseException] = []

    def work() -> None:
        try:
            run(session, text)
        except BaseException as failure:
            failures.append(failure)

    thread = threading.Thread(target=work)
    thread.start()
    _until(lambda: _is_at_work(session))
    (pid,) = _processes(session)
    session.cancel()
    thread.join(60)
    assert not thread.is_alive()
    assert [type(one) for one in failures] == [QueryCanceled]
    assert not Path(f"/proc/{pid}").exists()
    assert run(session, "SELECT f_more(1) AS a") == [(2,)]


def test_a_cancel_that_comes_too_late_costs_the_next_statement_nothing(connect: Open) -> None:  # noqa: F811
    session = connect()
    assert run(session, "SELECT f_more(1) AS a") == [(2,)]
    (worker,) = session.python._workers.values()
    worker._is_busy = True  # it has answered, and nobody has looked yet
    worker.interrupt()
    worker._is_busy = False
    assert run(session, "SELECT f_more(2) AS a") == [(3,)]


def test_a_timeout_reaches_it_too(connect: Open) -> None:  # noqa: F811
    session = connect()
    run(session, "SET statement_timeout TO 50")
    with pytest.raises(QueryCanceled, match="statement timeout"):
        run(session, "SELECT f_slow(n) FROM many")
    run(session, "SET statement_timeout TO 0")
    assert run(session, "SELECT f_more(1) AS a") == [(2,)]


def test_several_threads_of_the_engine_take_turns(connect: Open) -> None:  # noqa: F811
    session = connect()
    assert run(session, "SELECT sum(f_more(n)) AS a FROM many") == [(8450065000 + 130000,)]
    assert run(session, "SELECT count(DISTINCT f_counted(1)) AS a FROM many WHERE n <= 5000") == [(5000,)]
    assert len(_processes(session)) == 1


def test_sessions_run_at_once_and_their_processes_end_with_them(connect: Open) -> None:  # noqa: F811
    sessions = [connect(), connect()]
    found: list[object] = []
    threads = [
        threading.Thread(
            target=lambda one=one: found.append(run(one, "SELECT max(f_more(n)) AS a FROM many WHERE n <= 20000"))
        )
        for one in sessions
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [[(20001,)], [(20001,)]]
    pids = [pid for session in sessions for pid in _processes(session)]
    assert len(pids) == 2
    for session in sessions:
        session.close()
    assert not any(Path(f"/proc/{pid}").exists() for pid in pids)


def test_a_statement_keeps_the_definition_that_it_began_with(connect: Open) -> None:  # noqa: F811
    reader, writer = connect(), connect()
    run(writer, "CREATE FUNCTION f_shown (a integer) RETURNS integer VOLATILE AS $$ return 1 $$ LANGUAGE plpythonu")
    (statement,) = reader.parse("SELECT f_shown(n) AS a FROM many")
    answer = reader.run(statement)
    first = next(answer.batches)  # type: ignore[union-attr]
    run(
        writer,
        "CREATE OR REPLACE FUNCTION f_shown (a integer) RETURNS integer VOLATILE AS $$ return 2 $$ LANGUAGE plpythonu",
    )
    seen = set(first.column(0).to_pylist())
    for batch in answer.batches:  # type: ignore[union-attr]
        seen |= set(batch.column(0).to_pylist())
    assert seen == {1}
    assert run(reader, "SELECT f_shown(1) AS a") == [(2,)]


def test_idle_processes_make_room_and_busy_ones_do_not(
    house: OpenHouse,
    connect: Open,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sessions = [connect() for _ in range(3)]
    for session in sessions:
        assert run(session, "SELECT f_more(1) AS a") == [(2,)]
    assert [len(_processes(session)) for session in sessions] == [0, 1, 1]
    held = [one._turn for session in sessions[1:] for one in session.python._workers.values()]
    for turn in held:
        turn.acquire()
    monkeypatch.setattr(house.service.python, "wait_seconds", 0.1)
    with pytest.raises(TooManyConnections, match="too many processes"):
        run(sessions[0], "SELECT f_more(2) AS a")
    for turn in held:
        turn.release()
    monkeypatch.undo()
    assert run(sessions[0], "SELECT f_more(2) AS a") == [(3,)]


def _user(house: OpenHouse, name: str) -> User:
    found = house.service.user(name)
    assert found is not None
    return found


def test_functions_of_different_owners_share_nothing(house: OpenHouse, connect: Open) -> None:  # noqa: F811
    admin = connect()
    run(admin, "CREATE USER mallory PASSWORD 'Mallory1Pass'; GRANT USAGE ON LANGUAGE plpythonu TO mallory")
    mallory = house.service.open(
        _user(house, "mallory"), "dev", {}, b"1", lambda notice: None, lambda name, value: None
    )
    try:
        body = "$$\n import random\n random.seen = -1000\n return 0 $$"
        run(mallory, f"CREATE FUNCTION f_spoil (a integer) RETURNS integer VOLATILE AS {body} LANGUAGE plpythonu")
        assert run(mallory, "SELECT f_spoil(1) AS a, f_counted(1) AS b") == [(0, 1)]
        assert run(admin, "SELECT f_counted(1) AS a") == [(1,)]
        assert run(admin, "SELECT f_spoil(1) AS a") == [(0,)]
        assert run(admin, "SELECT f_counted(1) AS a") == [(2,)]
        assert len(admin.python._workers) == 2
    finally:
        mallory.close()


def test_making_one_takes_usage_of_the_language(house: OpenHouse, connect: Open) -> None:  # noqa: F811
    run(connect(), "CREATE USER eve PASSWORD 'Eve1PassWord'")
    eve = house.service.open(_user(house, "eve"), "dev", {}, b"1", lambda notice: None, lambda name, value: None)
    try:
        assert run(eve, "SELECT has_language_privilege('plpythonu', 'usage') AS a") == [(False,)]
        with pytest.raises(InsufficientPrivilege, match="language plpythonu"):
            run(eve, "CREATE FUNCTION f_eve () RETURNS integer VOLATILE AS $$ return 1 $$ LANGUAGE plpythonu")
        assert run(eve, "SELECT f_more(1) AS a") == [(2,)]
    finally:
        eve.close()


def test_a_failing_function_leaves_its_process_and_says_where(connect: Open) -> None:  # noqa: F811
    session = connect()
    run(
        session,
        "CREATE FUNCTION f_fails (a integer) RETURNS integer VOLATILE AS $$\n  b = a\n  return b['x']\n$$ LANGUAGE plpythonu",
    )
    run(session, "SELECT f_more(1) AS a")
    before = _processes(session)
    with pytest.raises(RoutineFailed, match="TypeError: 'int' object is not subscriptable") as met:
        run(session, "SELECT f_fails(n) FROM many")
    assert met.value.sqlstate == "38000"
    assert met.value.detail == 'In function "public"."f_fails", line 3.'
    assert _processes(session) == before
