"""psycopg 3, the real driver: parameters, prepared statements, pipelines, COPY, transactions, notices, cancelling."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from tests.clients.conftest import Running

psycopg = pytest.importorskip("psycopg")


@pytest.fixture
def connection(server: Running) -> Iterator[Any]:
    with psycopg.connect(**server.keywords) as found:
        yield found


def fresh(connection: Any, name: str) -> str:
    connection.execute(f"DROP TABLE IF EXISTS {name}")
    connection.execute(f"CREATE TABLE {name} (id integer, name varchar(64))")
    connection.commit()
    return name


VALUES = [
    ("smallint", 7),
    ("integer", -70_000),
    ("bigint", 2**40),
    ("numeric(12,3)", Decimal("1234.500")),
    ("double precision", 0.1),
    ("real", 0.5),
    ("boolean", True),
    ("varchar(24)", "žluťoučký 'kůň'"),
    ("date", date(2024, 2, 29)),
    ("timestamp", datetime(2024, 2, 29, 12, 30, 15, 250000)),
    ("timestamptz", datetime(2024, 2, 29, 12, 30, tzinfo=UTC)),
]


@pytest.mark.parametrize("binary", [False, True], ids=["text", "binary"])
@pytest.mark.parametrize(("kind", "value"), VALUES, ids=[kind for kind, _ in VALUES])
def test_values_go_in_and_come_back(connection: Any, kind: str, value: object, binary: bool) -> None:
    marker = "%b" if binary else "%t"
    cursor = connection.cursor(binary=binary)
    cursor.execute(f"SELECT {marker}::{kind} AS v, NULL::{kind} AS nothing", (value,))
    assert cursor.fetchone() == (value, None)


def test_the_driver_takes_the_server_for_what_it_says_it_is(connection: Any) -> None:
    assert connection.info.server_version == 80002
    assert connection.info.parameter_status("padb_version")
    assert connection.info.encoding == "utf-8"


def test_prepared_statements_are_reused_and_survive_more_than_the_driver_keeps(connection: Any) -> None:
    connection.prepared_max = 2
    for _ in range(3):
        for number in range(4):
            found = connection.execute(f"SELECT %s::integer + {number}", (1,), prepare=True).fetchone()
            assert found == (1 + number,)


def test_a_pipeline_answers_in_order_and_fails_as_one(connection: Any) -> None:
    name = fresh(connection, "pipelined")
    with connection.pipeline():
        cursors = [connection.execute("SELECT %s::integer * 2", (number,)) for number in range(20)]
        connection.execute(f"INSERT INTO {name} VALUES (1, 'a')")
        assert [cursor.fetchone()[0] for cursor in cursors] == [number * 2 for number in range(20)]
    connection.commit()
    with pytest.raises(psycopg.errors.UndefinedColumn), connection.pipeline():
        connection.execute(f"INSERT INTO {name} VALUES (2, 'b')")
        connection.execute("SELECT nope")
        connection.execute(f"INSERT INTO {name} VALUES (3, 'c')")
    connection.rollback()
    assert connection.execute(f"SELECT id FROM {name}").fetchall() == [(1,)]


def test_a_failed_block_is_seen_and_left(connection: Any) -> None:
    with pytest.raises(psycopg.errors.UndefinedTable) as failed:
        connection.execute("SELECT * FROM no_such_table")
    assert failed.value.diag.severity == "ERROR"
    assert connection.info.transaction_status == psycopg.pq.TransactionStatus.INERROR
    with pytest.raises(psycopg.errors.InFailedSqlTransaction):
        connection.execute("SELECT 1")
    connection.rollback()
    assert connection.execute("SELECT 1").fetchone() == (1,)


def test_many_rows_are_inserted_and_counted(connection: Any) -> None:
    name = fresh(connection, "many_inserted")
    cursor = connection.cursor()
    cursor.executemany(f"INSERT INTO {name} VALUES (%s, %s)", [(number, f"n{number}") for number in range(50)])
    assert cursor.rowcount == 50
    assert connection.execute(f"UPDATE {name} SET name = 'x' WHERE id < 10").rowcount == 10
    assert connection.execute(f"DELETE FROM {name} WHERE id < 5").rowcount == 5
    assert connection.execute(f"SELECT count(*) FROM {name}").fetchone() == (45,)


@pytest.mark.parametrize("options", ["", "(FORMAT csv)", "(FORMAT binary)"], ids=["text", "csv", "binary"])
def test_copy_goes_in_and_out(connection: Any, options: str) -> None:
    name = fresh(connection, "copied")
    rows = [(1, "one"), (2, None), (3, 'tab\there, "quoted", new\nline')]
    with connection.cursor() as cursor:
        with cursor.copy(f"COPY {name} FROM STDIN {options}") as copy:
            if "csv" in options:
                copy.write('1,one\n2,\n3,"tab\there, ""quoted"", new\nline"\n')
            else:
                copy.set_types(["int4", "varchar"])
                for row in rows:
                    copy.write_row(row)
        assert cursor.rowcount == 3
        assert cursor.execute(f"SELECT id, name FROM {name} ORDER BY id").fetchall() == rows
        with cursor.copy(f"COPY (SELECT id, name FROM {name} ORDER BY id) TO STDOUT {options}") as copy:
            if "csv" in options:
                assert b"".join(copy).decode() == '1,one\n2,\n3,"tab\there, ""quoted"", new\nline"\n'
            else:
                copy.set_types(["int4", "varchar"])
                assert [tuple(row) for row in copy.rows()] == rows
        assert cursor.rowcount == 3


def test_a_copy_that_python_gives_up_leaves_nothing(connection: Any) -> None:
    name = fresh(connection, "copy_raised")
    with (
        pytest.raises(ZeroDivisionError),
        connection.cursor() as cursor,
        cursor.copy(f"COPY {name} FROM STDIN") as copy,
    ):
        copy.write_row((1, "one"))
        raise ZeroDivisionError
    connection.rollback()
    assert connection.execute(f"SELECT count(*) FROM {name}").fetchone() == (0,)


def test_rows_stream_one_by_one(connection: Any) -> None:
    name = fresh(connection, "streamed")
    connection.execute(f"INSERT INTO {name} VALUES (0, 'x')")
    for step in range(12):
        connection.execute(f"INSERT INTO {name} SELECT id + {2**step}, name FROM {name}")
    cursor = connection.cursor()
    seen = [row[0] for row in cursor.stream(f"SELECT id FROM {name} ORDER BY id")]
    assert seen == list(range(4096))


def test_a_cancel_from_another_thread_is_a_query_canceled(connection: Any) -> None:
    name = fresh(connection, "cancelled")
    connection.execute(f"INSERT INTO {name} VALUES (0, 'x')")
    for step in range(10):
        connection.execute(f"INSERT INTO {name} SELECT id + {2**step}, name FROM {name}")
    connection.commit()
    timer = threading.Timer(0.3, connection.cancel_safe)
    timer.start()
    with pytest.raises(psycopg.errors.QueryCanceled):
        connection.execute(
            f"SELECT count(*) FROM {name} a, {name} b, {name} c, {name} d WHERE a.id + b.id = c.id - d.id"
        )
    timer.join()
    connection.rollback()
    assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_changed_setting_reaches_the_driver(connection: Any) -> None:
    connection.execute("SET application_name TO 'renamed'")
    assert connection.info.parameter_status("application_name") == "renamed"


def test_a_warning_reaches_the_driver_as_a_notice(connection: Any) -> None:
    seen: list[tuple[str, str]] = []
    connection.add_notice_handler(lambda found: seen.append((found.severity, found.sqlstate)))
    connection.autocommit = True
    connection.execute("COMMIT")
    assert seen == [("WARNING", "25P01")]


def test_a_statement_of_a_megabyte_is_fine(connection: Any) -> None:
    long = "x" * 1_000_000
    assert connection.execute(f"SELECT length('{long}')").fetchone() == (1_000_000,)


def test_shapes_are_hexadecimal_as_text_and_bytes_in_binary(server: Running) -> None:
    hexadecimal = "0101000020E6100000000000000000F03F0000000000000040"
    with psycopg.connect(**server.keywords) as connection:
        query = "SELECT ST_SetSRID(ST_Point(1, 2), 4326), %s::geometry"
        assert connection.execute(query, ("POINT(1 2)",)).fetchone() == (
            hexadecimal,
            "0101000000000000000000F03F0000000000000040",
        )
        assert connection.execute(query, (hexadecimal,), binary=True).fetchone() == (bytes.fromhex(hexadecimal),) * 2
        oids = [column.type_code for column in connection.execute(query, (None,)).description or ()]
        assert oids == [3000, 3000]
