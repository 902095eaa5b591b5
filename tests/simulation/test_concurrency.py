"""Many sessions at once: what one changes, the others see whole, and in the shape that it has."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from time import monotonic
from typing import Any

import psycopg
import pytest
from tests.clients import raw_client as raw
from tests.clients.raw_client import RawClient, error, kinds
from tests.simulation.server_process import DATABASE, PASSWORD, USER, ServerProcess

SECONDS = float(os.environ.get("BOATHOUSE_CONCURRENCY_SECONDS") or 5)
Step = Callable[[psycopg.Connection[Any], int], None]


def together(server: ServerProcess, *steps: Step, seconds: float = SECONDS) -> list[int]:
    """Run each step on a connection and a thread of its own, again and again; how often each was done."""
    counts, failures = [0] * len(steps), []
    until = monotonic() + seconds

    def work(place: int) -> None:
        try:
            with server.connect(prepare_threshold=2) as connection:
                while monotonic() < until and not failures:
                    steps[place](connection, counts[place])
                    counts[place] += 1
        except Exception as failure:
            failures.append((steps[place].__name__, counts[place], failure))

    threads = [threading.Thread(target=work, args=(place,), daemon=True) for place in range(len(steps))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(seconds + 60)
        assert not thread.is_alive(), "a session hangs"
    assert not failures, failures
    assert all(counts), counts
    return counts


def again(connection: psycopg.Connection[Any], *statements: str) -> None:
    """Run a transaction, again whenever it lost against another."""
    for _ in range(500):
        try:
            with connection.transaction():
                for statement in statements:
                    connection.execute(statement, prepare=False)
            return
        except psycopg.errors.SerializationFailure:
            continue
    raise AssertionError("it lost 500 times")


SHAPES = (
    ("a integer, b varchar(20)", "(1, 'one')", [(1, "one")], ["a", "b"]),
    ("b numeric(8,2), c date, a varchar(9)", "(2.5, '2024-02-29', 'x')", None, ["b", "c", "a"]),
    ("only bigint", "(7)", [(7,)], ["only"]),
)


def reshape(connection: psycopg.Connection[Any], number: int) -> None:
    columns, values, _, _ = SHAPES[number % len(SHAPES)]
    again(
        connection,
        "DROP TABLE shape",
        f"CREATE TABLE shape ({columns})",
        f"INSERT INTO shape VALUES {values}",
    )
    again(connection, f"CREATE OR REPLACE VIEW seen AS SELECT {number} AS n, {number} AS {'xyz'[number % 3]}")


def read_shape(connection: psycopg.Connection[Any], number: int) -> None:
    cursor = connection.execute("SELECT * FROM shape", prepare=False)
    names, rows = [column.name for column in cursor.description or ()], cursor.fetchall()
    wanted = {tuple(shape[3]): shape[2] for shape in SHAPES}
    assert tuple(names) in wanted
    assert len(rows) == 1
    assert wanted[tuple(names)] in (None, rows)


def read_view(connection: psycopg.Connection[Any], number: int) -> None:
    row = connection.execute("SELECT * FROM seen", prepare=False).fetchone()
    assert row is not None
    assert row[0] == row[1]


def read_twice(connection: psycopg.Connection[Any], number: int) -> None:
    """A transaction sees one shape to its end, whatever others commit meanwhile."""
    with connection.transaction():
        first = connection.execute("SELECT * FROM shape", prepare=False)
        before = [column.name for column in first.description or ()], first.fetchall()
        connection.execute("SELECT count(*) FROM counted", prepare=False)
        second = connection.execute("SELECT * FROM shape", prepare=False)
        assert ([column.name for column in second.description or ()], second.fetchall()) == before


def add_shape(connection: psycopg.Connection[Any], number: int) -> None:
    again(connection, "INSERT INTO taken SELECT * FROM seen")


def count_up(connection: psycopg.Connection[Any], number: int) -> None:
    again(connection, "UPDATE counted SET n = n + 1")


def temporary(connection: psycopg.Connection[Any], number: int) -> None:
    connection.execute("CREATE TEMP TABLE mine (n integer)")
    connection.execute("INSERT INTO mine SELECT count(*) FROM counted")
    connection.execute("DROP TABLE mine")


def test_ddl_of_one_session_never_shows_half_to_another(server: ServerProcess) -> None:
    with server.connect() as connection:
        connection.execute("CREATE TABLE shape (a integer, b varchar(20))")
        connection.execute("INSERT INTO shape VALUES (1, 'one')")
        connection.execute("CREATE VIEW seen AS SELECT 0 AS n, 0 AS x")
        connection.execute("CREATE TABLE counted (n integer)")
        connection.execute("CREATE TABLE taken (n integer, m integer)")
        connection.execute("INSERT INTO counted VALUES (0)")
    counts = together(
        server, reshape, read_shape, read_shape, read_twice, read_view, add_shape, count_up, count_up, temporary
    )
    with server.connect() as connection:
        assert connection.execute("SELECT n FROM counted").fetchone() == (counts[6] + counts[7],)
        assert connection.execute("SELECT count(*) FROM taken WHERE n <> m").fetchone() == (0,)
        assert connection.execute("SELECT count(*) FROM taken").fetchone() == (counts[5],)
    assert "internal error" not in server.log()


def test_loads_with_and_without_errors_do_not_wait_for_each_other(server: ServerProcess) -> None:
    lake = server.home / "lake"
    (lake / "good.csv").write_text("".join(f"{n}\n" for n in range(500)), encoding="ascii")
    (lake / "bad.csv").write_text("1\nx\n", encoding="ascii")
    with server.connect() as connection:
        connection.execute("CREATE TABLE filled (n integer)")

    def good(connection: psycopg.Connection[Any], number: int) -> None:
        again(connection, f"COPY filled FROM '{lake / 'good.csv'}' CSV")

    def bad(connection: psycopg.Connection[Any], number: int) -> None:
        with pytest.raises(psycopg.Error, match="stl_load_errors"):
            connection.execute(f"COPY filled FROM '{lake / 'bad.csv'}' CSV")

    def look(connection: psycopg.Connection[Any], number: int) -> None:
        count = connection.execute("SELECT count(*) FROM filled").fetchone()
        assert count is not None
        assert count[0] % 500 == 0
        connection.execute("SELECT count(*) FROM stl_load_errors")

    def unload(connection: psycopg.Connection[Any], number: int) -> None:
        connection.execute(f"UNLOAD ('SELECT n FROM filled') TO '{lake / 'put' / str(number)}/' CSV")

    counts = together(server, good, good, bad, bad, look, unload, seconds=SECONDS / 2)
    with server.connect() as connection:
        loaded = connection.execute("SELECT count(*) FROM filled").fetchone()
        kept = connection.execute("SELECT count(*) FROM stl_load_errors").fetchone()
    assert loaded == (500 * (counts[0] + counts[1]),)
    assert kept == (counts[2] + counts[3],)


def test_a_lost_race_is_40001_and_the_second_try_wins(server: ServerProcess) -> None:
    with server.connect() as first, server.connect() as second:
        first.execute("CREATE TABLE fought (id integer, n integer)")
        first.execute("INSERT INTO fought VALUES (1, 0)")
        for connection in (first, second):
            connection.execute("BEGIN")
            connection.execute("SELECT * FROM fought")
        first.execute("UPDATE fought SET n = n + 1 WHERE id = 1")
        with pytest.raises(psycopg.errors.SerializationFailure):
            second.execute("UPDATE fought SET n = n + 10 WHERE id = 1")
        second.execute("ROLLBACK")
        first.execute("COMMIT")
        second.execute("UPDATE fought SET n = n + 10 WHERE id = 1")
        assert first.execute("SELECT n FROM fought").fetchone() == (11,)


def test_a_hundred_visits_leave_no_thread_and_no_descriptor(server: ServerProcess) -> None:
    def visit(number: int) -> None:
        connection = server.connect()
        connection.execute("SELECT count(*) FROM svv_table_info")
        if number % 3 == 0:
            connection.execute("BEGIN")
            connection.execute("CREATE TEMP TABLE mine (n integer)")
        if number % 3 == 1:
            connection.execute("SET statement_timeout TO 60000")
            connection.execute("SELECT 1")
        connection.close()

    def settled() -> tuple[int, int]:
        until = monotonic() + 20
        while True:
            with server.connect() as connection:
                rest = connection.execute("SELECT 1").fetchone()
                assert rest == (1,)
            found = server.status("Threads"), server.descriptors()
            if monotonic() > until or found <= before:
                return found

    for number in range(12):
        visit(number)
    before = (10**6, 10**6)
    before = settled()
    for number in range(100):
        visit(number)
    threads, descriptors = settled()
    assert threads <= before[0] + 2
    assert descriptors <= before[1] + 2


@pytest.fixture
def client(server: ServerProcess):  # type: ignore[no-untyped-def]
    with RawClient(server.port) as found:
        found.log_in(USER, PASSWORD, DATABASE)
        yield found


def test_a_prepared_statement_whose_columns_changed_says_so_and_one_whose_did_not_goes_on(
    server: ServerProcess, client: RawClient
) -> None:
    client.query("DROP TABLE IF EXISTS turned; CREATE TABLE turned (a integer)")
    client.query("INSERT INTO turned VALUES (1)")
    client.send(raw.parse("SELECT * FROM turned", "star"), raw.describe("S", "star"))
    client.send(raw.parse("SELECT a FROM turned", "one"), raw.describe("S", "one"), raw.SYNC)
    assert "E" not in kinds(client.read_until(b"Z"))
    with server.connect() as other:
        other.execute("ALTER TABLE turned ADD COLUMN b varchar(10) DEFAULT 'new'")
    client.send(raw.bind(statement="star"), raw.execute(), raw.SYNC)
    told = error(client.read_until(b"Z"))
    assert (told["C"], told["M"]) == ("0A000", "cached plan must not change result type")
    client.send(raw.bind(statement="one"), raw.execute(), raw.SYNC)
    assert kinds(client.read_until(b"Z")) == "2DCZ"
    client.send(raw.bind(statement="star"), raw.describe("P", ""), raw.execute(), raw.SYNC)
    assert kinds(client.read_until(b"Z")) == "2TDCZ"
    with server.connect() as other:
        other.execute("DROP TABLE turned")
    client.send(raw.bind(statement="one"), raw.execute(), raw.SYNC)
    assert error(client.read_until(b"Z"))["C"] == "42P01"
