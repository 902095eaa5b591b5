"""asyncpg beyond queries: binary COPY both ways, records, pools that reset what a borrower left, listening to notices."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import pytest
from tests.clients.conftest import Running
from tests.clients.test_asyncpg import fresh, options, run

asyncpg = pytest.importorskip("asyncpg")

ROWS = [
    (1, "one", Decimal("1.50"), 0.5, True, date(2024, 2, 29), datetime(2024, 2, 29, 12, 30), 2**40),
    (2, None, None, None, None, None, None, None),
    (3, 'tab\t "quoted" \\ é', Decimal("-99999999.99"), float("inf"), False, date(1, 1, 2), datetime(9999, 12, 31), -1),
    (4, "the ends of time, in asyncpg's words", None, float("-inf"), None, date.max, datetime.min, -(2**63)),
]


async def wide(connection: Any, name: str) -> str:
    await connection.execute(f"DROP TABLE IF EXISTS {name}")
    await connection.execute(
        f"CREATE TABLE {name} (id integer, name varchar(64), price numeric(10,2), ratio float8, good boolean, day date, "
        "at timestamp, big bigint)"
    )
    return name


def test_records_travel_by_binary_copy_in_and_out(server: Running) -> None:
    async def work(connection: Any) -> None:
        name = await wide(connection, "apg_binary")
        assert await connection.copy_records_to_table(name, records=ROWS) == "COPY 4"
        found = await connection.fetch(f"SELECT * FROM {name} ORDER BY id")
        assert [tuple(row) for row in found] == ROWS
        received = bytearray()

        async def take(data: bytes) -> None:
            received.extend(data)

        assert await connection.copy_from_table(name, output=take, format="binary") == "COPY 4"
        copy = await wide(connection, "apg_binary_again")

        async def chunks() -> Any:
            for start in range(0, len(received), 7):
                yield bytes(received[start : start + 7])

        assert await connection.copy_to_table(copy, source=chunks(), format="binary") == "COPY 4"
        again = await connection.fetch(f"SELECT * FROM {copy} ORDER BY id")
        assert [tuple(row) for row in again] == ROWS

    run(server, work)


def test_every_type_is_bound_in_binary(server: Running) -> None:
    async def work(connection: Any) -> None:
        given = (7, 70_000, 2**40, Decimal("-1.500"), 0.1, True, "é", date(2024, 2, 29), time(1, 2, 3, 4), None)
        sql = (
            "SELECT $1::smallint, $2::integer, $3::bigint, $4::numeric(10,3), $5::float8, $6::boolean, $7::varchar, "
            "$8::date, $9::time, $10::integer"
        )
        assert tuple(await connection.fetchrow(sql, *given)) == given
        moment = datetime(2024, 2, 29, 12, tzinfo=UTC)
        assert await connection.fetchval("SELECT $1::timestamptz", moment) == moment

    run(server, work)


def test_a_record_knows_its_columns_by_name(server: Running) -> None:
    async def work(connection: Any) -> None:
        record = await connection.fetchrow("SELECT 1 AS one, 'b'::varchar AS two")
        assert (record["one"], record["two"], dict(record)) == (1, "b", {"one": 1, "two": "b"})
        assert await connection.fetchrow("SELECT 1 WHERE false") is None

    run(server, work)


def test_the_server_is_taken_for_redshift(server: Running) -> None:
    async def work(connection: Any) -> None:
        assert connection.get_settings().padb_revision
        assert tuple(connection.get_server_version()[:3]) == (8, 0, 2)

    run(server, work)


def test_it_works_the_same_with_what_shows_itself_as_postgresql(server: Running) -> None:
    """Without `padb_revision` asyncpg resets sessions with PostgreSQL's own words, and looks up types as of version 15."""

    async def main() -> None:
        settings = {"personality": "postgres15"}
        async with asyncpg.create_pool(**options(server), min_size=1, max_size=1, server_settings=settings) as pool:
            async with pool.acquire() as connection:
                assert connection.get_server_version().major == 15
                await connection.execute(
                    "CREATE TEMP TABLE seen (id int, name varchar(8), paid numeric(8,2), day date)"
                )
                await connection.copy_records_to_table("seen", records=[(1, "a", Decimal("2.50"), date(2026, 1, 2))])
                assert await connection.fetchrow("SELECT * FROM seen WHERE id = $1", 1) == (
                    1, "a", Decimal("2.50"), date(2026, 1, 2)
                )  # fmt: skip
                assert await connection.fetchval("SELECT relnatts FROM pg_class WHERE oid = $1::regclass", "seen") == 4
                assert await connection.fetchval(
                    "SELECT array_agg(nspname) FROM pg_namespace WHERE nspname = 'public'"
                ) == ["public"]
                async with connection.transaction():
                    found = [
                        row["n"] async for row in connection.cursor("SELECT generate_series(1, 3) AS n", prefetch=1)
                    ]
                assert found == [1, 2, 3]
                await connection.execute("SET search_path TO nowhere")
            async with pool.acquire() as connection:
                assert await connection.fetchval("SHOW search_path") == '"$user", public'

    asyncio.run(asyncio.wait_for(main(), 60))


def test_a_pool_gives_back_connections_as_new(server: Running) -> None:
    async def main() -> None:
        async with asyncpg.create_pool(**options(server), min_size=1, max_size=1) as pool:
            async with pool.acquire() as connection:
                await connection.execute("SET query_group TO 'borrowed'")
                statement = await connection.prepare("SELECT $1::integer")
                assert await statement.fetchval(1) == 1
            async with pool.acquire() as connection:
                assert await connection.fetchval("SHOW query_group") == "default"
            with pytest.raises(asyncpg.UndefinedTableError):
                async with pool.acquire() as connection, connection.transaction():
                    await connection.execute("SELECT * FROM no_such_table")
            async with pool.acquire() as connection:
                assert await connection.fetchval("SELECT 1") == 1

    asyncio.run(asyncio.wait_for(main(), 60))


def test_many_at_once_from_a_pool(server: Running) -> None:
    async def main() -> None:
        async with asyncpg.create_pool(**options(server), min_size=2, max_size=4) as pool:
            async with pool.acquire() as connection:
                name = await fresh(connection, "apg_pooled")

            async def add(number: int) -> None:
                async with pool.acquire() as connection:
                    await connection.execute(f"INSERT INTO {name} VALUES ($1, $2, NULL)", number, f"n{number}")

            await asyncio.gather(*(add(number) for number in range(20)))
            assert await pool.fetchval(f"SELECT count(*) FROM {name}") == 20

    asyncio.run(asyncio.wait_for(main(), 60))


def test_notices_reach_a_listener(server: Running) -> None:
    async def work(connection: Any) -> None:
        seen: list[str] = []
        connection.add_log_listener(lambda _, message: seen.append(message.message))
        await connection.execute("DROP TABLE IF EXISTS apg_never_there")
        await connection.fetchval("SELECT 1")
        assert any("does not exist, skipping" in message for message in seen)

    run(server, work)
