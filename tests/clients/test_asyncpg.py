"""asyncpg, the real driver: prepared statements in binary, cursors over portals, COPY, pools, timeouts."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any

import pytest
from tests.clients.conftest import DATABASE, PASSWORD, USER, Running

asyncpg = pytest.importorskip("asyncpg")


def run(server: Running, work: Callable[[Any], Awaitable[None]], **keywords: Any) -> None:
    """Connect, do the work, close; on an event loop of its own."""

    async def main() -> None:
        connection = await asyncpg.connect(**options(server), **keywords)
        try:
            await asyncio.wait_for(work(connection), 60)
        finally:
            await connection.close(timeout=10)

    asyncio.run(main())


def options(server: Running) -> dict[str, Any]:
    return {"host": "127.0.0.1", "port": server.port, "user": USER, "password": PASSWORD, "database": DATABASE}


async def fresh(connection: Any, name: str, count: int = 0) -> str:
    await connection.execute(f"DROP TABLE IF EXISTS {name}")
    await connection.execute(f"CREATE TABLE {name} (id integer, name varchar(64), day date)")
    if count:
        await connection.executemany(
            f"INSERT INTO {name} VALUES ($1, $2, $3)", [(n, f"n{n}", date(2024, 1, 1)) for n in range(count)]
        )
    return name


def test_parameters_and_rows_travel_in_binary(server: Running) -> None:
    async def work(connection: Any) -> None:
        name = await fresh(connection, "apg_values", 3)
        found = await connection.fetch(f"SELECT id, name, day FROM {name} WHERE id >= $1 ORDER BY id", 1)
        assert [tuple(row) for row in found] == [(1, "n1", date(2024, 1, 1)), (2, "n2", date(2024, 1, 1))]
        assert await connection.fetchval("SELECT $1::bigint + 1", 2**40) == 2**40 + 1

    run(server, work)


def test_a_prepared_statement_tells_its_types_and_runs_again(server: Running) -> None:
    async def work(connection: Any) -> None:
        name = await fresh(connection, "apg_prepared", 5)
        statement = await connection.prepare(f"SELECT name FROM {name} WHERE id = $1")
        assert [kind.name for kind in statement.get_parameters()] == ["int4"]
        assert [attribute.name for attribute in statement.get_attributes()] == ["name"]
        assert [await statement.fetchval(number) for number in range(5)] == [f"n{number}" for number in range(5)]

    run(server, work)


def test_cursors_fetch_in_portions_side_by_side(server: Running) -> None:
    async def work(connection: Any) -> None:
        name = await fresh(connection, "apg_cursor", 100)
        async with connection.transaction():
            one = await connection.cursor(f"SELECT id FROM {name} ORDER BY id")
            two = await connection.cursor(f"SELECT id FROM {name} ORDER BY id DESC")
            assert [row["id"] for row in await one.fetch(3)] == [0, 1, 2]
            assert [row["id"] for row in await two.fetch(2)] == [99, 98]
            assert await one.forward(10) == 10
            assert (await one.fetchrow())["id"] == 13
            seen = [row["id"] async for row in connection.cursor(f"SELECT id FROM {name} ORDER BY id", prefetch=7)]
            assert seen == list(range(100))

    run(server, work)


def test_records_are_copied_in_and_out(server: Running) -> None:
    async def work(connection: Any) -> None:
        name = await fresh(connection, "apg_copy")
        records = [(1, "one", date(2024, 2, 29)), (2, None, None)]
        assert await connection.copy_records_to_table(name, records=records) == "COPY 2"
        found = await connection.fetch(f"SELECT * FROM {name} ORDER BY id")
        assert [tuple(row) for row in found] == records
        received = bytearray()

        async def take(data: bytes) -> None:
            received.extend(data)

        tag = await connection.copy_from_query(f"SELECT id, name FROM {name} ORDER BY id", output=take)
        assert tag == "COPY 2"
        assert bytes(received) == b"1\tone\n2\t\\N\n"

    run(server, work)


def test_errors_are_their_classes_and_the_connection_goes_on(server: Running) -> None:
    async def work(connection: Any) -> None:
        with pytest.raises(asyncpg.UndefinedColumnError):
            await connection.fetch("SELECT nope")
        with pytest.raises(asyncpg.UndefinedTableError):
            await connection.fetch("SELECT * FROM no_such_table")
        assert await connection.fetchval("SELECT 1") == 1

    run(server, work)


def test_a_timeout_cancels_on_the_server(server: Running) -> None:
    async def work(connection: Any) -> None:
        name = await fresh(connection, "apg_timeout")
        await connection.execute(f"INSERT INTO {name} VALUES (0, 'x', NULL)")
        for step in range(10):
            await connection.execute(f"INSERT INTO {name} SELECT id + {2**step}, name, day FROM {name}")
        with pytest.raises(asyncio.TimeoutError):
            await connection.fetch(
                f"SELECT count(*) FROM {name} a, {name} b, {name} c, {name} d WHERE a.id + b.id = c.id - d.id",
                timeout=0.3,
            )
        assert await connection.fetchval("SELECT 1") == 1

    run(server, work)


def test_a_savepointless_block_is_rolled_back_by_its_error(server: Running) -> None:
    async def work(connection: Any) -> None:
        name = await fresh(connection, "apg_block")
        with pytest.raises(asyncpg.UndefinedColumnError):
            async with connection.transaction():
                await connection.execute(f"INSERT INTO {name} VALUES (1, 'x', NULL)")
                await connection.execute("SELECT nope")
        assert await connection.fetchval(f"SELECT count(*) FROM {name}") == 0

    run(server, work)


def test_a_pool_hands_connections_round(server: Running) -> None:
    async def main() -> None:
        async with asyncpg.create_pool(**options(server), min_size=2, max_size=4) as pool:
            found = await asyncio.gather(*(pool.fetchval("SELECT $1::integer * 2", number) for number in range(30)))
            assert found == [number * 2 for number in range(30)]

    asyncio.run(main())


def test_it_verifies_the_houses_own_certificate(server: Running) -> None:
    async def work(connection: Any) -> None:
        assert await connection.fetchval("SELECT 1") == 1

    context = ssl.create_default_context(cafile=str(server.certificate))
    run(server, work, ssl=context)
