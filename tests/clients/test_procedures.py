"""CALL as drivers send it: with parameters, described before it runs, cancelled and timed out in the middle of a loop."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from tests.clients.conftest import DATABASE, PASSWORD, USER, Running

psycopg = pytest.importorskip("psycopg")

SETUP = (
    """CREATE OR REPLACE PROCEDURE add_up(a IN int, b INOUT numeric(10,2), told OUT varchar) AS $$
       BEGIN
         b := a + b;
         told := 'a is ' || a;
         RAISE INFO 'told %', told;
       END $$ LANGUAGE plpgsql""",
    "CREATE OR REPLACE PROCEDURE forever() AS $$ BEGIN LOOP NULL; END LOOP; END $$ LANGUAGE plpgsql",
    """CREATE OR REPLACE PROCEDURE caught_forever() AS $$
       BEGIN LOOP PERFORM 1; END LOOP;
       EXCEPTION WHEN OTHERS THEN RAISE INFO 'caught'; END $$ LANGUAGE plpgsql""",
    "DROP TABLE IF EXISTS called",
    "CREATE TABLE called (n integer)",
    """CREATE OR REPLACE PROCEDURE two_steps(n IN int) AS $$
       BEGIN
         INSERT INTO called VALUES (n);
         COMMIT;
         INSERT INTO called VALUES (n / 0);
       END $$ LANGUAGE plpgsql""",
)


@pytest.fixture
def connection(server: Running) -> Iterator[Any]:
    with psycopg.connect(**server.keywords, autocommit=True) as found:
        for sql in SETUP:
            found.execute(sql)
        yield found


def test_parameters_go_in_and_outputs_come_back(connection: Any) -> None:
    notices: list[str] = []
    connection.add_notice_handler(lambda diagnostic: notices.append(diagnostic.message_primary))
    cursor = connection.execute("CALL add_up(%s, %s)", (5, "2.5"))
    assert [column.name for column in cursor.description] == ["b", "told"]
    row = cursor.fetchone()
    assert (str(row[0]), row[1]) == ("7.50", "a is 5")
    assert notices == ["told a is 5"]
    assert cursor.statusmessage == "CALL"


def test_redshifts_own_driver_calls_procedures(server: Running, connection: Any) -> None:
    driver = pytest.importorskip("redshift_connector")
    with driver.connect(
        host="127.0.0.1", port=server.port, user=USER, password=PASSWORD, database=DATABASE, ssl=False
    ) as other:
        other.autocommit = True
        with other.cursor() as cursor:
            cursor.execute("CALL add_up(%s, %s)", (1, 2))
            row = cursor.fetchone()
            assert (str(row[0]), row[1]) == ("3.00", "a is 1")


def test_a_commit_stays_though_the_call_fails_and_the_error_says_where(connection: Any) -> None:
    with pytest.raises(psycopg.errors.DivisionByZero) as failure:
        connection.execute("CALL two_steps(%s)", (7,))
    assert failure.value.diag.context == (
        'SQL statement "INSERT INTO called VALUES (n / 0)"\nPL/pgSQL function "two_steps" line 4 at SQL statement'
    )
    assert failure.value.diag.statement_position is None
    assert connection.execute("SELECT n FROM called").fetchall() == [(7,)]


@pytest.mark.parametrize("name", ["forever", "caught_forever"])
def test_a_timeout_ends_a_loop(connection: Any, name: str) -> None:
    connection.execute("SET statement_timeout TO 300")
    with pytest.raises(psycopg.errors.QueryCanceled, match="statement timeout"):
        connection.execute(f"CALL {name}()")
    connection.execute("SET statement_timeout TO 0")
    assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_cancel_ends_a_loop(connection: Any) -> None:
    timer = threading.Timer(0.4, connection.cancel_safe)
    timer.start()
    try:
        with pytest.raises(psycopg.errors.QueryCanceled, match="user request"):
            connection.execute("CALL forever()")
    finally:
        timer.join()
    assert connection.execute("SELECT 1").fetchone() == (1,)
