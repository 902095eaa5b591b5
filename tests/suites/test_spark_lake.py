"""Tables of a warehouse that is a lake, on Spark: read from their files, at one commit, with what has been deleted and changed.

Nothing may go along: what is answered was read there. Needs Spark (`make .venv/.spark`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import psycopg
import pytest
from tests.clients.conftest import DATABASE, PASSWORD, running
from tests.suites.spark_suite import OWN, SETTINGS, answer_of, are_same, require_spark

from boathouse.app.assemble import OpenHouse, open_house
from boathouse.app.initialise import initialise

require_spark()

COLUMNS = (
    "id bigint, sm smallint, i integer, n numeric(12,3), big numeric(38,10), f double precision, r real, s varchar(20), "
    "ch char(5), d date, ts timestamp, o boolean"
)
ROWS = [
    "(1, 1, 10, 1.5, 12345678901234567890.5, 0.25, 0.5, 'a', 'ab', '2024-02-29', '2024-02-29 10:20:30.5', true)",
    "(2, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)",
    "(3, -1, -10, -99999.125, -0.0000000001, -1e300, 1e30, '日本', 'abcde', '1999-12-31', '2000-01-01', false)",
]
GROWN = "SELECT id, amount, kind, label FROM grown ORDER BY id"
"""A table whose columns were renamed, added with and without a value, and dropped, between rows that came and went."""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[OpenHouse, Any]]:
    home = tmp_path_factory.mktemp("spark-lake") / "h"
    initialise(home, DATABASE, PASSWORD, "ducklake")
    opened = open_house(home, {"spark": {**SETTINGS, "ship_bytes_max": 0}})
    with (
        running(opened) as server,
        psycopg.connect(**server.keywords, autocommit=True, prepare_threshold=None) as connection,
        psycopg.connect(**server.keywords, autocommit=True, prepare_threshold=None) as other,
    ):
        for one in (connection, other):
            one.execute("SET enable_result_cache_for_session TO off")
        connection.execute(f"CREATE TABLE kinds ({COLUMNS})".encode())
        for row in ROWS:
            connection.execute(f"INSERT INTO kinds VALUES {row}".encode())
        for statement in (
            "CREATE TABLE grown (id bigint, old integer, gone varchar(3))",
            "INSERT INTO grown VALUES (1, 10, 'x'), (2, 20, 'y'), (3, 30, 'z')",
            "ALTER TABLE grown RENAME COLUMN old TO amount",
            "ALTER TABLE grown ADD COLUMN kind varchar(9) DEFAULT 'it''s'",
            "ALTER TABLE grown ADD COLUMN label date",
            "INSERT INTO grown VALUES (4, 40, 'w', NULL, '2024-01-01'), (5, 50, 'v', 'new', NULL)",
            "ALTER TABLE grown DROP COLUMN gone",
            "DELETE FROM grown WHERE id IN (2, 4)",
            "UPDATE grown SET amount = amount + 1 WHERE id = 3",
            "CREATE TABLE nothing (id bigint, s varchar(3))",
            "CREATE TABLE emptied (id bigint)",
            "INSERT INTO emptied VALUES (1)",
            "DELETE FROM emptied",
            f"CREATE EXTERNAL SCHEMA lake {OWN}".format("lake"),
        ):
            connection.execute(statement.encode())
        yield opened, (connection, other)
    opened.close()


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM kinds ORDER BY id",
        GROWN,
        "SELECT g.id, k.s FROM grown AS g JOIN kinds AS k ON k.id = g.id ORDER BY 1",
        "SELECT count(*), sum(amount), count(kind) FROM grown",
        "SELECT count(*) FROM nothing",
        "SELECT count(*), max(id) FROM emptied",
        "SELECT ch || '|', len(ch) FROM kinds WHERE ch = 'ab' ORDER BY 1",
    ],
)
def test_tables_are_read_from_their_files(house: tuple[OpenHouse, Any], statement: str) -> None:
    expected, found = (answer_of(house[1][0], engine, statement) for engine in ("duckdb", "spark"))
    assert isinstance(expected, list) and expected
    assert are_same(expected, found), f"\n{expected}\n{found}"


def test_a_transaction_reads_its_own_commit_and_then_its_own_rows(
    house: tuple[OpenHouse, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    opened, (connection, other) = house
    other.execute("CREATE TABLE counted (id bigint)")
    other.execute("INSERT INTO counted VALUES (1), (2)")
    connection.execute("SET engine TO spark")
    connection.execute("BEGIN")
    assert connection.execute("SELECT count(*) FROM counted").fetchall() == [(2,)]
    other.execute("INSERT INTO counted VALUES (3)")
    other.execute("DELETE FROM counted WHERE id = 1")
    assert connection.execute("SELECT count(*), sum(id) FROM counted").fetchall() == [(2, 3)]
    connection.execute("COMMIT")
    assert connection.execute("SELECT count(*), sum(id) FROM counted").fetchall() == [(2, 5)]
    settings: Any = opened.settings
    monkeypatch.setitem(settings, "spark", replace(settings["spark"], ship_bytes_max=1 << 20))
    connection.execute("BEGIN")
    connection.execute("INSERT INTO counted VALUES (10)")
    assert connection.execute("SELECT count(*), sum(id) FROM counted").fetchall() == [(3, 15)]
    connection.execute("ROLLBACK")


def test_a_rule_counts_the_files_of_tables(house: tuple[OpenHouse, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    opened, (connection, _) = house
    settings: Any = opened.settings
    for least, compute in ((1, "spark"), (1 << 30, "primary")):
        monkeypatch.setitem(settings, "spark", replace(settings["spark"], scan_bytes_min=least))
        assert answer_of(connection, "auto", f"SELECT count(*) + {least} - {least} AS by_rule FROM grown") == [(3,)]
        told = connection.execute(
            f"SELECT trim(compute_type) FROM sys_query_history WHERE query_text LIKE '%+ {least} - {least} AS by\\_rule%' "
            "AND query_text NOT LIKE '%history%'".encode()
        ).fetchall()
        assert told == [(compute,)]


def test_files_that_were_written_anew_are_read(house: tuple[OpenHouse, Any]) -> None:
    connection, _ = house[1]
    before = answer_of(connection, "duckdb", GROWN)
    connection.execute("VACUUM grown")
    assert answer_of(connection, "spark", GROWN) == before == answer_of(connection, "duckdb", GROWN)
