"""Real programs before a PostgreSQL behind the house: psql, psycopg, asyncpg, JDBC, and a house before a house."""

from __future__ import annotations

import asyncio
import glob
import shutil
import subprocess
from pathlib import Path
from typing import Any

import asyncpg
import psycopg
import pytest
import redshift_connector
from tests.clients.conftest import PASSWORD, USER, Running, running
from tests.clients.raw_client import cancel, error, query, rows
from tests.clients.test_jdbc import JARS, PROGRAM
from tests.clients.test_psql import PSQL
from tests.clients.upstream.conftest import NAME, section, through, until
from tests.clients.upstream.postgres_behind import ACCOUNT, DATABASE, PostgresBehind
from tests.clients.upstream.postgres_behind import PASSWORD as ACCOUNT_PASSWORD

from boathouse.app.assemble import open_house
from boathouse.app.initialise import initialise

SCRIPT = r"""
CREATE TABLE goods (id int PRIMARY KEY, name text NOT NULL DEFAULT 'x', price numeric(8,2), parts int[], noted timestamptz);
CREATE INDEX ON goods (name);
COMMENT ON TABLE goods IS 'what there is';
CREATE VIEW cheap AS SELECT * FROM goods WHERE price < 5;
\d
\d goods
\d+ cheap
\dt+ goods
\df pg_catalog.lower
\dn
\copy goods (id, name, price) from stdin with (delimiter '|')
1|apple|1.50
2|pear, ripe|7
\.
\set FETCH_COUNT 1
SELECT * FROM goods ORDER BY id;
\unset FETCH_COUNT
\copy (SELECT id, name FROM goods ORDER BY id) to stdout
SELECT 1 / 0;
SELECT * FROM missing;
\errverbose
\gdesc
SELECT $1::int + $2::int AS sum \bind 1 2 \g
BEGIN; SELECT 1; SELEC; COMMIT;
\x
SELECT * FROM cheap;
\echo :ROW_COUNT :SQLSTATE :ENCODING :SERVER_VERSION_NUM
DROP TABLE goods CASCADE;
"""


def test_psql_prints_the_same(door: Running, postgres: PostgresBehind, environment: dict[str, str]) -> None:
    def printed(port: int, user: str, password: str, database: str) -> tuple[str, str]:
        target = f"host=127.0.0.1 port={port} user={user} dbname={database} sslmode=disable"
        found = subprocess.run(
            [PSQL, "-X", "-d", target],
            input=SCRIPT,
            env=environment | {"PGPASSWORD": password},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        return found.stdout, found.stderr

    direct = printed(postgres.port, ACCOUNT, ACCOUNT_PASSWORD, DATABASE)
    assert "pear, ripe" in direct[0], direct[1]
    assert printed(door.port, USER, PASSWORD, NAME) == direct


def test_psycopg_in_every_mode(door: Running) -> None:
    with psycopg.connect(**(door.keywords | {"dbname": NAME}), application_name="shop") as connection:
        connection.execute("CREATE TEMP TABLE t (id int, at timestamptz, j jsonb)")
        with connection.cursor().copy("COPY t FROM STDIN (FORMAT binary)") as copy:
            copy.set_types(["int4", "timestamptz", "jsonb"])
            for i in range(3000):
                copy.write_row((i, None, psycopg.types.json.Jsonb({"i": i})))
        with connection.cursor(binary=True) as binary:
            assert binary.execute("SELECT id, j FROM t WHERE id = %s", (7,)).fetchall() == [(7, {"i": 7})]
        with connection.cursor(name="part") as named:
            named.itersize = 500
            assert sum(row[0] for row in named.execute("SELECT id FROM t")) == sum(range(3000))
        with connection.pipeline() as pipeline:
            cursors = [connection.execute("SELECT %s::int", (i,)) for i in range(50)]
            pipeline.sync()
            assert [cursor.fetchone() for cursor in cursors] == [(i,) for i in range(50)]
        with pytest.raises(psycopg.errors.DivisionByZero), connection.transaction(), connection.pipeline():
            connection.execute("INSERT INTO t VALUES (9999)")
            connection.execute("SELECT 1 / 0")
            connection.execute("SELECT 2")
        assert connection.execute("SELECT count(*) FROM t WHERE id = 9999").fetchone() == (0,)
        with (
            connection.transaction(),
            pytest.raises(psycopg.errors.UniqueViolation) as caught,
            connection.transaction(),
        ):
            connection.execute("CREATE UNIQUE INDEX one ON t (id); INSERT INTO t VALUES (1)")
        assert (caught.value.diag.constraint_name, caught.value.diag.table_name) == ("one", "t")
        with connection.cursor().copy("COPY (SELECT id FROM t ORDER BY 1 LIMIT 2) TO STDOUT") as copy:
            assert b"".join(copy) == b"0\n1\n"
        connection.commit()
        connection.autocommit = True
        connection.execute("LISTEN ring")
        connection.execute("NOTIFY ring, 'hello'")
        assert [one.payload for one in connection.notifies(timeout=5, stop_after=1)] == ["hello"]


def test_a_notification_comes_while_the_client_waits(door: Running, postgres: PostgresBehind) -> None:
    with psycopg.connect(**(door.keywords | {"dbname": NAME}), autocommit=True) as listening:
        listening.execute("LISTEN bell")
        with postgres.connect() as other:
            other.execute("NOTIFY bell, 'ding'")
        assert [one.payload for one in listening.notifies(timeout=10, stop_after=1)] == ["ding"]


def test_asyncpg(door: Running) -> None:
    async def work() -> None:
        connection = await asyncpg.connect(
            host="127.0.0.1", port=door.port, user=USER, password=PASSWORD, database=NAME, ssl=False
        )
        assert await connection.fetchval("SELECT array_agg(i) FROM generate_series(1, $1) i", 4) == [1, 2, 3, 4]
        await connection.execute("CREATE TEMP TABLE t (a int, b text)")
        await connection.copy_records_to_table("t", records=[(i, f"r{i}") for i in range(1000)])
        async with connection.transaction():
            found = [row["a"] async for row in connection.cursor("SELECT a FROM t ORDER BY a", prefetch=64)]
        assert found == list(range(1000))
        await connection.executemany("INSERT INTO t VALUES ($1, $2)", [(i, "m") for i in range(200)])
        assert await connection.fetchval("SELECT count(*) FROM t WHERE b = 'm'") == 200
        with pytest.raises(asyncpg.DivisionByZeroError):
            await connection.fetch("SELECT 1 / 0")
        with pytest.raises(asyncio.TimeoutError):
            await connection.fetch("SELECT pg_sleep(30)", timeout=0.2)
        assert await connection.fetchval("SELECT 5") == 5
        await connection.close()

    asyncio.run(work())


@pytest.mark.skipif(
    shutil.which("javac") is None or not glob.glob(JARS[0] if JARS else "-"), reason="no Java, no driver"
)
def test_jdbc(door: Running, tmp_path: Path) -> None:
    ran = subprocess.run(
        ["java", "-XX:TieredStopAtLevel=1", "-cp", JARS[0], str(PROGRAM),
         f"jdbc:postgresql://127.0.0.1:{door.port}/{NAME}", USER, PASSWORD],
        cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    seen = dict(line.split(": ", 1) for line in ran.stdout.splitlines() if ": " in line)
    assert seen["types"] == "[7, 1099511627776, 1.50, 0.1, true, it's, 2024-02-29, 2024-02-29 12:30:15.25]"
    assert (seen["between portions"], seen["portions"]) == ("1000", "1000 499500"), seen
    assert (seen["batch"], seen["kept"]) == ("300", "300"), seen


@pytest.fixture(scope="module")
def front(door: Running, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A house before the house: TLS, channel binding and Redshift's digest towards a server that has them."""
    home = tmp_path_factory.mktemp("front") / "h"
    initialise(home, "dev", PASSWORD)
    keys = {"secret": "house", "uri": "localhost", "database": NAME}
    sections = (
        section("checked", door.port, ssl="verify-full", sslrootcert=str(door.certificate), **keys),
        section("clear", door.port, ssl="disable", engine="redshift", **keys),
        section("untrusted", door.port, ssl="verify-ca", sslrootcert=str(home / "server.crt"), **keys),
    )
    with (home / "boathouse.toml").open("a", encoding="utf-8") as config:
        config.write("".join(sections))
    (home / "secrets.toml").write_text(f'[house]\nusername = "{USER}"\npassword = "{PASSWORD}"\n')
    (home / "secrets.toml").chmod(0o600)
    house = open_house(home)
    try:
        with running(house) as found:
            yield found
    finally:
        house.close()


@pytest.mark.parametrize("name", ["checked", "clear"])
def test_a_house_before_a_house(name: str, front: Running, door: Running, postgres: PostgresBehind) -> None:
    with postgres.raw() as direct, through(front, name) as far:
        for text in (
            "SELECT i, repeat('x', i) FROM generate_series(1, 3000) i",
            "SELECT 1 / 0",
            "SET TimeZone = 'UTC'",
        ):
            assert far.query(text) == direct.query(text)
        far.send(query("SELECT pg_sleep(600), 'far'"))
        with postgres.connect() as watcher:
            runs = "SELECT 1 FROM pg_stat_activity WHERE query LIKE '%''far''' AND state = 'active'"
            until(lambda: watcher.execute(runs).fetchall())
        cancel(front.port, far.key)
        assert error(far.read_until(b"Z"))["C"] == "57014"
        assert rows(far.query("SELECT 3")) == [[b"3"]]


def test_amazons_driver_and_its_digest_from_house_to_house(front: Running) -> None:
    """What it says of itself at start is known to a Redshift, and kept from a PostgreSQL."""
    with redshift_connector.connect(
        host="127.0.0.1", port=front.port, database="clear", user=USER, password=PASSWORD, ssl=False
    ) as connection:
        cursor = connection.cursor()
        cursor.execute("SELECT %s::int + 1, current_setting('application_name')", (41,))
        assert cursor.fetchall()[0][0] == 42


def test_a_certificate_that_is_not_trusted(front: Running) -> None:
    with pytest.raises(psycopg.OperationalError, match="its certificate was refused"):
        psycopg.connect(**(front.keywords | {"dbname": "untrusted"}))
