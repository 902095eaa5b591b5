"""psycopg2, the driver beneath older tools: values written into the text, named cursors, COPY, batches."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import closing
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from tests.clients.conftest import Running

psycopg2 = pytest.importorskip("psycopg2")
extras = pytest.importorskip("psycopg2.extras")


@pytest.fixture
def connection(server: Running) -> Iterator[Any]:
    with closing(psycopg2.connect(**server.keywords)) as found:
        yield found


def fresh(connection: Any, name: str, count: int = 0) -> str:
    cursor = connection.cursor()
    cursor.execute(f"DROP TABLE IF EXISTS {name}")
    cursor.execute(f"CREATE TABLE {name} (id integer, name varchar(64), price numeric(10,2))")
    if count:
        extras.execute_values(
            cursor, f"INSERT INTO {name} VALUES %s", [(n, f"n{n}", Decimal(n) / 4) for n in range(count)]
        )
    connection.commit()
    return name


def test_values_go_out_and_come_back_as_their_types(connection: Any) -> None:
    cursor = connection.cursor()
    given = (
        7,
        2**40,
        Decimal("1.50"),
        0.5,
        True,
        "it's; -- %",
        date(2024, 2, 29),
        datetime(2024, 2, 29, 12, 30, 15, 250),
    )
    cursor.execute("SELECT %s, %s, %s, %s::float8, %s, %s, %s, %s, %s", (*given, None))
    assert cursor.fetchone() == (*given, None)


def test_rows_are_counted_and_described(connection: Any) -> None:
    name = fresh(connection, "pg2_counted", 5)
    cursor = connection.cursor()
    cursor.execute(f"UPDATE {name} SET name = 'x' WHERE id < 3")
    assert (cursor.rowcount, cursor.statusmessage) == (3, "UPDATE 3")
    cursor.execute(f"SELECT id, name, price FROM {name} ORDER BY id")
    assert [(column.name, column.type_code) for column in cursor.description] == [
        ("id", 23),
        ("name", 1043),
        ("price", 1700),
    ]
    assert [column.precision for column in cursor.description] == [None, None, 10]
    assert cursor.rowcount == 5


def test_rows_come_as_dictionaries_and_named_tuples(server: Running) -> None:
    with closing(psycopg2.connect(**server.keywords, cursor_factory=extras.RealDictCursor)) as connection:
        cursor = connection.cursor()
        cursor.execute("SELECT 1 AS one, 'b'::varchar AS two")
        assert cursor.fetchone() == {"one": 1, "two": "b"}
        with connection.cursor(cursor_factory=extras.NamedTupleCursor) as named:
            named.execute("SELECT 1 AS one")
            assert named.fetchone().one == 1


def test_a_named_cursor_fetches_in_portions(connection: Any) -> None:
    name = fresh(connection, "pg2_named", 100)
    with connection.cursor("portions") as cursor:
        cursor.itersize = 7
        cursor.execute(f"SELECT id FROM {name} ORDER BY id")
        assert cursor.fetchmany(3) == [(0,), (1,), (2,)]
        assert [row[0] for row in cursor] == list(range(3, 100))
    with connection.cursor("kept", withhold=True) as cursor:
        cursor.execute(f"SELECT id FROM {name} ORDER BY id")
        connection.commit()
        assert cursor.fetchone() == (0,)


@pytest.mark.parametrize("batch", ["execute_batch", "execute_values"])
def test_batches_are_inserted(connection: Any, batch: str) -> None:
    name = fresh(connection, "pg2_batch")
    values = "%s" if batch == "execute_values" else "(%s, %s, %s)"
    rows = [(n, f"it's {n}", Decimal(n)) for n in range(110)]
    getattr(extras, batch)(connection.cursor(), f"INSERT INTO {name} VALUES {values}", rows, page_size=50)
    cursor = connection.cursor()
    cursor.execute(f"SELECT count(*), sum(price), max(name) FROM {name}")
    assert cursor.fetchone() == (110, Decimal("5995.00"), "it's 99")


def test_copy_goes_both_ways(connection: Any) -> None:
    name = fresh(connection, "pg2_copy")
    cursor = connection.cursor()
    cursor.copy_from(io.StringIO("1\tone\t1.50\n2\t\\N\t\\N\n"), name)
    assert cursor.rowcount == 2
    cursor.copy_expert(f"COPY {name} FROM STDIN WITH (FORMAT csv)", io.StringIO('3,"a, b",2\n'))
    out = io.StringIO()
    cursor.copy_expert(f"COPY (SELECT * FROM {name} ORDER BY id) TO STDOUT WITH CSV HEADER", out)
    assert out.getvalue() == 'id,name,price\n1,one,1.50\n2,,\n3,"a, b",2.00\n'
    out = io.StringIO()
    cursor.copy_to(out, name, columns=("id", "name"))
    assert sorted(out.getvalue().splitlines()) == ["1\tone", "2\t\\N", "3\ta, b"]


def test_errors_are_their_classes_and_rollback_mends_the_block(connection: Any) -> None:
    cursor = connection.cursor()
    with pytest.raises(psycopg2.errors.UndefinedTable) as failed:
        cursor.execute("SELECT * FROM no_such_table")
    assert (failed.value.pgcode, failed.value.diag.statement_position) == ("42P01", "15")
    with pytest.raises(psycopg2.errors.InFailedSqlTransaction):
        cursor.execute("SELECT 1")
    connection.rollback()
    cursor.execute("SELECT 1")
    assert cursor.fetchone() == (1,)


def test_with_a_connection_commits_or_rolls_back(server: Running, connection: Any) -> None:
    name = fresh(connection, "pg2_with")
    with connection, connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {name} VALUES (1, 'kept', NULL)")
    with pytest.raises(ZeroDivisionError), connection, connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {name} VALUES (2, 'gone', NULL)")
        raise ZeroDivisionError
    with closing(psycopg2.connect(**server.keywords)) as other:
        cursor = other.cursor()
        cursor.execute(f"SELECT name FROM {name}")
        assert cursor.fetchall() == [("kept",)]


def test_autocommit_notices_and_parameters_of_the_session(connection: Any) -> None:
    connection.autocommit = True
    cursor = connection.cursor()
    cursor.execute("DROP TABLE IF EXISTS pg2_never_there")
    assert "does not exist, skipping" in connection.notices[-1]
    assert connection.get_parameter_status("server_version") == "8.0.2"
    assert (connection.encoding, connection.server_version) == ("UTF8", 80002)
    connection.set_session(readonly=False)
    cursor.execute("SET application_name TO 'renamed'")
    assert connection.get_parameter_status("application_name") == "renamed"
