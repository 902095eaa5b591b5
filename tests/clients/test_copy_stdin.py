"""COPY … FROM STDIN from real programs: psycopg, asyncpg, psql.

Source: PostgreSQL's documentation, COPY, "File Formats"; protocol, "COPY Operations".
"""

from __future__ import annotations

import asyncio
import shutil
import subprocess
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import asyncpg
import psycopg
import pytest
from tests.clients.conftest import DATABASE, PASSWORD, USER, Running

COLUMNS = (
    "a smallint, b integer, c bigint, d numeric(12,2), e real, f double precision, g boolean, h varchar(40), "
    "i char(4), j date, k timestamp"
)
ROW = (1, -2, 3_000_000_000, Decimal("4.25"), 0.5, 6.125, True, "tab\tline\nback\\slash é", "ab", date(2020, 2, 29),
       datetime(2021, 3, 4, 5, 6, 7, 890000))  # fmt: skip
TYPES = ["int2", "int4", "int8", "numeric", "float4", "float8", "bool", "varchar", "text", "date", "timestamp"]
SHOWN = (*ROW[:8], "ab  ", *ROW[9:])
NONE = (None,) * len(ROW)


@pytest.fixture
def connection(server: Running) -> Iterator[Any]:
    with psycopg.connect(**server.keywords, autocommit=True) as made:
        yield made


def _table(connection: Any, columns: str, name: str = "stdin_rows") -> str:
    connection.execute(f"DROP TABLE IF EXISTS {name}")
    connection.execute(f"CREATE TABLE {name} ({columns})")
    return name


def _send(connection: Any, sql: str, *pieces: str) -> None:
    with connection.cursor() as cursor, cursor.copy(sql) as copy:
        for piece in pieces:
            copy.write(piece)


@pytest.mark.parametrize("options", ["", "WITH (FORMAT binary)"])
def test_values_and_nulls_of_every_type_arrive(connection: Any, options: str) -> None:
    name = _table(connection, COLUMNS)
    with connection.cursor() as cursor, cursor.copy(f"COPY {name} FROM STDIN {options}") as copy:
        if options:
            copy.set_types(TYPES)
        copy.write_row(ROW)
        copy.write_row(NONE)
    assert connection.execute(f"SELECT * FROM {name} ORDER BY a").fetchall() == [SHOWN, NONE]


def test_csv_has_headers_quotes_and_nulls_and_comes_in_any_pieces(connection: Any) -> None:
    name = _table(connection, "a integer, b varchar(40)")
    text = 'a,b\n1,"x, ""y""\nz"\n2,\n3,""\n'
    _send(connection, f"COPY {name} FROM STDIN WITH (FORMAT csv, HEADER true)", *text)
    found = connection.execute(f"SELECT * FROM {name} ORDER BY a").fetchall()
    assert found == [(1, 'x, "y"\nz'), (2, None), (3, "")]


def test_columns_that_are_not_sent_take_their_defaults(connection: Any) -> None:
    name = _table(connection, "a integer, b varchar(9) DEFAULT 'none'")
    _send(connection, f"COPY {name} (a) FROM STDIN", "1\n")
    assert connection.execute(f"SELECT * FROM {name}").fetchall() == [(1, "none")]


@pytest.mark.parametrize(
    ("columns", "sent", "state"),
    [
        ("a varchar(3)", "abcd\n", "22001"),
        ("a char(3)", "abcd\n", "22001"),
        ("a integer NOT NULL", "\\N\n", "23502"),
        ("a integer", "x\n", "22P02"),
        ("a smallint", "70000\n", "22003"),
        ("a integer", "1\t2\n", "22P04"),
        ("a integer, b integer", "1\n", "22P04"),
    ],
)
def test_rows_that_do_not_fit_are_refused_and_nothing_stays(
    connection: Any, columns: str, sent: str, state: str
) -> None:
    name = _table(connection, columns)
    with pytest.raises(psycopg.Error) as caught:
        _send(connection, f"COPY {name} FROM STDIN", sent)
    assert caught.value.sqlstate == state
    assert connection.execute(f"SELECT count(*) FROM {name}").fetchone() == (0,)


def test_a_line_in_error_is_named(connection: Any) -> None:
    name = _table(connection, "a integer, b integer")
    with pytest.raises(psycopg.Error) as caught:
        _send(connection, f"COPY {name} FROM STDIN", "1\t2\n3\t4\n5\n")
    assert "line 3" in f"{caught.value} {caught.value.diag.context}"


def test_a_copy_is_part_of_its_transaction(connection: Any) -> None:
    name = _table(connection, "a integer")
    with pytest.raises(ZeroDivisionError), connection.transaction():
        _send(connection, f"COPY {name} FROM STDIN", "1\n")
        assert connection.execute(f"SELECT count(*) FROM {name}").fetchone() == (1,)
        raise ZeroDivisionError
    assert connection.execute(f"SELECT count(*) FROM {name}").fetchone() == (0,)


def test_asyncpg_copies_records(server: Running) -> None:
    async def work() -> list[tuple[Any, ...]]:
        connection = await asyncpg.connect(
            host="127.0.0.1", port=server.port, user=USER, password=PASSWORD, database=DATABASE
        )
        try:
            await connection.execute("DROP TABLE IF EXISTS stdin_records")
            await connection.execute(f"CREATE TABLE stdin_records ({COLUMNS})")
            assert await connection.copy_records_to_table("stdin_records", records=[ROW, NONE]) == "COPY 2"
            return [tuple(row) for row in await connection.fetch("SELECT * FROM stdin_records ORDER BY a")]
        finally:
            await connection.close()

    assert asyncio.run(asyncio.wait_for(work(), 60)) == [SHOWN, NONE]


@pytest.mark.skipif(shutil.which("psql") is None, reason="psql is not installed")
def test_psql_copies_a_file_and_tells_what_is_wrong(
    server: Running, connection: Any, environment: dict[str, str], tmp_path: Path
) -> None:
    name = _table(connection, "a integer, b varchar(3)", "stdin_psql")
    source = tmp_path / "rows"

    def copy(text: str) -> subprocess.CompletedProcess[str]:
        source.write_text(text)
        target = f"host=127.0.0.1 port={server.port} user={USER} dbname={DATABASE}"
        command = ["psql", "-X", "-d", target, "-c", f"\\copy {name} from '{source}'"]
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)

    assert copy("1\tabc\n2\t\\N\n").stdout == "COPY 2\n"
    assert "value too long" in copy("3\tabcd\n").stderr
    assert connection.execute(f"SELECT count(*) FROM {name}").fetchone() == (2,)
