"""psycopg 3 beyond one statement at a time: pipelines, server-side cursors, prepared statements, asyncio, binary values."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from psycopg import rows
from tests.clients.conftest import Running


@pytest.fixture
def connection(server: Running) -> Iterator[Any]:
    with psycopg.connect(**server.keywords) as found:
        yield found


def fresh(connection: Any, name: str, count: int = 0) -> str:
    connection.execute(f"DROP TABLE IF EXISTS {name}")
    connection.execute(f"CREATE TABLE {name} (id integer, name varchar(64))")
    if count:
        with connection.cursor().copy(f"COPY {name} FROM STDIN") as copy:
            for number in range(count):
                copy.write_row((number, f"n{number}"))
    connection.commit()
    return name


VALUES = (
    7,
    70_000,
    2**40,
    Decimal("-12345678901234567890.123456789"),
    0.1,
    True,
    "text with é and '",
    date(2024, 2, 29),
    time(12, 30, 15, 250),
    datetime(1999, 12, 31, 23, 59, 59, 999999),
    datetime(2024, 2, 29, 12, tzinfo=UTC),
    None,
)
TYPES = (
    "smallint", "integer", "bigint", "numeric(30,9)", "float8", "boolean", "varchar(40)", "date", "time", "timestamp",
    "timestamptz", "integer",
)  # fmt: skip


@pytest.mark.parametrize("placeholder", ["%s", "%b", "%t"], ids=["as it likes", "binary", "text"])
@pytest.mark.parametrize("binary", [False, True], ids=["text results", "binary results"])
def test_every_type_goes_out_and_comes_back(connection: Any, placeholder: str, binary: bool) -> None:
    chosen = ", ".join(f"{placeholder}::{name}" for name in TYPES)
    found = connection.execute(f"SELECT {chosen}", VALUES, binary=binary).fetchone()
    assert found == VALUES


def test_an_interval_goes_out_and_comes_back(connection: Any) -> None:
    for binary in (False, True):
        found = connection.execute("SELECT %s::interval", (timedelta(days=3, hours=4, seconds=5.5),), binary=binary)
        assert found.fetchone() == (timedelta(days=3, hours=4, seconds=5.5),)


def test_statements_of_a_pipeline_are_answered_in_order(connection: Any) -> None:
    name = fresh(connection, "piped")
    with connection.pipeline() as pipeline, connection.cursor() as cursor:
        for number in range(20):
            cursor.execute(f"INSERT INTO {name} VALUES (%s, %s)", (number, f"n{number}"))
        one = connection.execute(f"SELECT count(*) FROM {name}")
        two = connection.execute("SELECT %s::integer", (2,))
        pipeline.sync()
        assert (one.fetchone(), two.fetchone()) == ((20,), (2,))
    connection.commit()


def test_an_error_in_a_pipeline_skips_what_follows_up_to_the_sync(connection: Any) -> None:
    name = fresh(connection, "piped_error")
    connection.autocommit = True
    with connection.pipeline() as pipeline:
        connection.execute(f"INSERT INTO {name} VALUES (1, 'before')")
        connection.execute("SELECT * FROM no_such_table")
        connection.execute(f"INSERT INTO {name} VALUES (2, 'after')")
        with pytest.raises(psycopg.errors.UndefinedTable):
            pipeline.sync()
        connection.execute(f"INSERT INTO {name} VALUES (3, 'next')")
        pipeline.sync()
    assert connection.execute(f"SELECT id FROM {name} ORDER BY id").fetchall() == [(3,)]


def test_many_rows_go_through_one_prepared_statement_and_each_may_answer(connection: Any) -> None:
    name = fresh(connection, "many_piped")
    with connection.cursor() as cursor:
        cursor.executemany(f"INSERT INTO {name} VALUES (%s, %s)", [(n, f"n{n}") for n in range(200)])
        assert cursor.rowcount == 200
        cursor.executemany(f"SELECT name FROM {name} WHERE id = %s", [(3,), (150,)], returning=True)
        found = [cursor.fetchone()]
        assert cursor.nextset()
        assert [*found, cursor.fetchone()] == [("n3",), ("n150",)]


def test_a_server_side_cursor_fetches_in_portions(connection: Any) -> None:
    name = fresh(connection, "cursored", 500)
    with connection.cursor("portions") as cursor:
        cursor.execute(f"SELECT id, name FROM {name} WHERE id >= %s ORDER BY id", (10,))
        assert [column.name for column in cursor.description] == ["id", "name"]
        assert cursor.fetchmany(2) == [(10, "n10"), (11, "n11")]
        cursor.itersize = 100
        assert [row[0] for row in cursor] == list(range(12, 500))


def test_two_server_side_cursors_are_open_side_by_side_and_one_outlives_the_commit(connection: Any) -> None:
    name = fresh(connection, "cursored_twice", 10)
    with connection.cursor("up") as up, connection.cursor("kept", withhold=True) as kept:
        up.execute(f"SELECT id FROM {name} ORDER BY id")
        kept.execute(f"SELECT id FROM {name} ORDER BY id DESC")
        assert (up.fetchone(), kept.fetchone()) == ((0,), (9,))
        up.close()
        connection.commit()
        assert kept.fetchone() == (8,)


def test_a_statement_is_prepared_and_survives_changed_tables(connection: Any) -> None:
    connection.autocommit = True
    name = fresh(connection, "prepared", 3)
    for _ in range(8):  # prepared on the server after five
        assert connection.execute(f"SELECT name FROM {name} WHERE id = %s", (1,)).fetchone() == ("n1",)
    connection.execute(f"DROP TABLE {name}")
    connection.execute(f"CREATE TABLE {name} (id integer, name varchar(64))")
    connection.execute(f"INSERT INTO {name} VALUES (1, 'again')")
    assert connection.execute(f"SELECT name FROM {name} WHERE id = %s", (1,)).fetchone() == ("again",)
    assert connection.execute("SELECT %s::int", (1,), prepare=True).fetchone() == (1,)


@dataclass
class Item:
    id: int
    name: str


def test_rows_come_in_the_shape_that_was_asked_for(connection: Any) -> None:
    name = fresh(connection, "shaped", 1)
    query = f"SELECT id, name FROM {name}"
    shapes = {
        rows.tuple_row: (0, "n0"),
        rows.dict_row: {"id": 0, "name": "n0"},
        rows.class_row(Item): Item(0, "n0"),
        rows.scalar_row: 0,
    }
    for factory, expected in shapes.items():
        assert connection.cursor(row_factory=factory).execute(query).fetchone() == expected
    assert connection.cursor(row_factory=rows.namedtuple_row).execute(query).fetchone().name == "n0"


def test_a_transaction_block_is_kept_or_undone(connection: Any) -> None:
    name = fresh(connection, "blocked")
    with connection.transaction():
        connection.execute(f"INSERT INTO {name} VALUES (1, 'kept')")
    with pytest.raises(ZeroDivisionError), connection.transaction():
        connection.execute(f"INSERT INTO {name} VALUES (2, 'gone')")
        raise ZeroDivisionError
    assert connection.execute(f"SELECT id FROM {name}").fetchall() == [(1,)]


def test_a_connection_may_be_read_only(connection: Any) -> None:
    name = fresh(connection, "looked_at", 1)
    connection.commit()
    connection.read_only = True
    assert connection.execute(f"SELECT count(*) FROM {name}").fetchone() == (1,)
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        connection.execute(f"DELETE FROM {name}")
    connection.rollback()
    connection.read_only = False
    connection.execute(f"DELETE FROM {name}")


def test_a_connection_of_asyncio_does_the_same(server: Running) -> None:
    async def work() -> None:
        async with await psycopg.AsyncConnection.connect(**server.keywords, autocommit=True) as connection:
            async with connection.pipeline():
                found = [await connection.execute("SELECT %s::int", (n,)) for n in range(5)]
                assert [await one.fetchone() for one in found] == [(n,) for n in range(5)]
            await connection.execute("DROP TABLE IF EXISTS psycopg_async")
            await connection.execute("CREATE TABLE psycopg_async (id integer)")
            async with connection.cursor() as cursor:
                async with cursor.copy("COPY psycopg_async FROM STDIN (FORMAT binary)") as copy:
                    copy.set_types(["int4"])
                    for number in range(1000):
                        await copy.write_row((number,))
                await cursor.execute("SELECT sum(id) FROM psycopg_async")
                assert await cursor.fetchone() == (499500,)
                seen = [row[0] async for row in cursor.stream("SELECT id FROM psycopg_async ORDER BY id")]
                assert seen == list(range(1000))

    asyncio.run(asyncio.wait_for(work(), 60))
