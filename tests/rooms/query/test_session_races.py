"""Races around one session: cancels, timeouts and commits that meet at the wrong moment; many who open at once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from boathouse.app.assemble import OpenHouse, open_house
from boathouse.app.home import create_home
from boathouse.contracts.answers import Done, Rows
from boathouse.contracts.errors import BoathouseError, QueryCanceled, TooManyConnections
from boathouse.contracts.users import User
from boathouse.query.session import QuerySession

ADMIN = User("admin", None, True)
LONG = "SELECT count(*) FROM crowd a, crowd b, crowd c, crowd d WHERE a.n + b.n + c.n + d.n = -1"


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenHouse]:
    home: Path = tmp_path_factory.mktemp("races") / "home"
    create_home(home, "dev")
    opened = open_house(home, {"query": {"sessions_max": 8}})
    yield opened
    opened.close()


Open = Callable[[], QuerySession]


@pytest.fixture
def connect(house: OpenHouse) -> Iterator[Open]:
    opened: list[QuerySession] = []

    def one() -> QuerySession:
        session = house.service.open(ADMIN, "dev", {}, b"1234", lambda notice: None, lambda name, value: None)
        opened.append(session)
        return session

    yield one
    for session in opened:
        session.close()


def run(session: QuerySession, text: str) -> list[tuple[Any, ...]]:
    """All statements of a text; the last one's rows."""
    rows: list[tuple[Any, ...]] = []
    for statement in session.parse(text):
        answer = session.run(statement)
        if isinstance(answer, Rows):
            columns = [field.name for field in answer.fields]
            rows = [tuple(row[name] for name in columns) for batch in answer.batches for row in batch.to_pylist()]
        else:
            assert isinstance(answer, Done)
            rows = []
    return rows


def test_a_timeout_that_wakes_up_late_does_not_hit_the_next_statement(connect: Open) -> None:
    session = connect()
    run(session, "SET statement_timeout TO 60000")
    number = session.running.start(60_000)
    session.running.stop(number)
    session.running.start(60_000)
    session.running._time_out(number)
    session.check_cancelled()


def test_a_timeout_between_two_calls_of_the_engine_is_not_forgotten(connect: Open) -> None:
    session = connect()
    run(session, "CREATE TABLE crowd (n integer)")
    run(session, "INSERT INTO crowd VALUES (1)")
    for _ in range(12):
        run(session, "INSERT INTO crowd SELECT n + 1 FROM crowd")
    run(session, "SET statement_timeout TO 1")
    # One millisecond passes while the statement is still being planned, before the engine knows of it.
    with pytest.raises(QueryCanceled, match="statement timeout"):
        run(session, LONG)
    run(session, "SET statement_timeout TO 0")
    assert run(session, "SELECT 1 AS one") == [(1,)]


def test_a_cancel_never_undoes_what_was_committed_nor_commits_what_was_cancelled(connect: Open) -> None:
    session, other = connect(), connect()
    run(session, "CREATE TABLE kept (n integer)")
    stop = threading.Event()

    def pester() -> None:
        while not stop.wait(0.0007):
            session.cancel()

    thread = threading.Thread(target=pester, daemon=True)
    thread.start()
    told: set[int] = set()
    try:
        for number in range(150):
            try:
                run(session, f"INSERT INTO kept VALUES ({number})")
                told.add(number)
            except QueryCanceled:
                continue
    finally:
        stop.set()
        thread.join()
    assert {row[0] for row in run(other, "SELECT n FROM kept")} == told


def test_a_schema_that_was_rolled_back_is_forgotten_by_everybody(connect: Open) -> None:
    session, other = connect(), connect()
    run(session, "BEGIN")
    run(session, "CREATE SCHEMA passing")
    run(session, "CREATE TABLE passing.t (n integer)")
    run(session, "ROLLBACK")
    for one in (session, other):
        with pytest.raises(BoathouseError) as raised:
            run(one, "CREATE TABLE passing.u (n integer)")
        assert raised.value.sqlstate == "3F000"


def test_a_transaction_keeps_the_columns_that_it_began_with(connect: Open) -> None:
    session, other = connect(), connect()
    run(other, "CREATE TABLE swapped (a integer); INSERT INTO swapped VALUES (1)")
    run(session, "BEGIN")
    run(other, "DROP TABLE swapped; CREATE TABLE swapped (x varchar(9), y date); INSERT INTO swapped VALUES ('x')")
    assert run(other, "SELECT * FROM swapped") == [("x", None)]
    assert run(session, "SELECT * FROM swapped") == [(1,)]
    run(session, "COMMIT")
    assert run(session, "SELECT * FROM swapped") == [("x", None)]


def test_temporary_tables_leave_the_plans_of_others_alone(house: OpenHouse, connect: Open) -> None:
    session, before = connect(), house.service.catalog_cache.version
    run(session, "CREATE TEMP TABLE mine (n integer)")
    assert house.service.catalog_cache.version == before
    with pytest.raises(BoathouseError):
        run(connect(), "SELECT * FROM mine")


def test_no_more_sessions_than_allowed_however_many_come_at_once(house: OpenHouse) -> None:
    opened: list[QuerySession] = []
    refused: list[BaseException] = []
    gate = threading.Barrier(24)

    def come() -> None:
        gate.wait()
        try:
            opened.append(house.service.open(ADMIN, "dev", {}, b"", lambda notice: None, lambda name, value: None))
        except TooManyConnections as failure:
            refused.append(failure)

    threads = [threading.Thread(target=come) for _ in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    try:
        assert len(opened) == len(house.service.sessions()) == 8
        assert len(refused) == 16
    finally:
        for session in opened:
            session.close()
    assert house.service.sessions() == []
