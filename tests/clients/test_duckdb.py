"""DuckDB as a client: its own extension for PostgreSQL attaches the house, reads by binary COPY, writes back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from tests.clients.conftest import PASSWORD, USER, Running

scanner = pytest.importorskip("duckdb_extension_postgres_scanner")


@pytest.fixture
def duck(server: Running) -> Iterator[Any]:
    folder = Path(scanner.__file__).parent / "extensions" / f"v{duckdb.__version__}"
    with duckdb.connect() as found:
        found.load_extension(str(next(folder.glob("*.duckdb_extension"))))
        found.execute(f"ATTACH 'postgresql://{USER}:{PASSWORD}@127.0.0.1:{server.port}/dev' AS house (TYPE postgres)")
        yield found


def test_tables_are_attached_read_filtered_and_joined(server: Running, duck: Any) -> None:
    with server.raw() as client:
        client.query("DROP TABLE IF EXISTS ducked")
        client.query(
            "CREATE TABLE ducked (id integer, name varchar(20), price numeric(10,2), day date, at timestamp, good boolean)"
        )
        client.query(
            "INSERT INTO ducked VALUES (1, 'one', 1.5, '2024-02-29', '2024-02-29 12:30:00', true), "
            "(2, NULL, NULL, NULL, NULL, NULL)"
        )
    assert duck.execute("SELECT * FROM house.public.ducked ORDER BY id").fetchall() == [
        (1, "one", Decimal("1.50"), date(2024, 2, 29), datetime(2024, 2, 29, 12, 30), True),
        (2, None, None, None, None, None),
    ]
    assert duck.execute("SELECT id FROM house.public.ducked WHERE name = 'one'").fetchall() == [(1,)]
    joined = "SELECT a.id FROM house.public.ducked a JOIN (SELECT 2 AS id) b USING (id)"
    assert duck.execute(joined).fetchall() == [(2,)]


def test_queries_are_passed_on_and_results_written_back(duck: Any) -> None:
    assert duck.execute("SELECT * FROM postgres_query('house', 'SELECT 1 AS one')").fetchall() == [(1,)]
    duck.execute("CREATE OR REPLACE TABLE house.public.duck_made AS SELECT i AS a, 'x' || i AS b FROM range(3) t(i)")
    duck.execute("INSERT INTO house.public.duck_made VALUES (9, 'nine')")
    found = duck.execute("SELECT a, b FROM house.public.duck_made ORDER BY a").fetchall()
    assert found == [(0, "x0"), (1, "x1"), (2, "x2"), (9, "nine")]
