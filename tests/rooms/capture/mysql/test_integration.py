"""A MariaDB captured into the warehouse by a house's own background work."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.rooms.capture.capture_house import CaptureHouse, Secret
from tests.rooms.capture.mysql.mariadb import MariaDb
from tests.rooms.capture.mysql.test_chunks import Writers


@pytest.fixture
def house(tmp_path: Path, maria: MariaDb) -> Iterator[CaptureHouse]:
    house = CaptureHouse(tmp_path / "home", Secret(maria.secret()), chunk_rows=200)
    yield house
    house.close()


def _rows(maria: MariaDb, query: str) -> list[tuple[object, ...]]:
    with maria.root() as connection, connection.cursor() as cursor:
        cursor.execute(query)
        return list(cursor.fetchall())


def test_live_tables_are_dumped_and_followed_into_the_warehouse(maria: MariaDb, house: CaptureHouse) -> None:
    maria.run(
        "CREATE DATABASE whole",
        "CREATE TABLE whole.t (id INT PRIMARY KEY, t VARCHAR(60), n INT)",
        "INSERT INTO whole.t SELECT seq * 2, 'old', 0 FROM whole.seq_1_to_900",
        "CREATE TABLE whole.typed (k VARCHAR(10) PRIMARY KEY, big BIGINT UNSIGNED, e ENUM('x', 'y'), b BIT(1), "
        "d DECIMAL(10,2), at DATETIME(6), day DATE, span TIME)",
        "INSERT INTO whole.typed VALUES ('a', 18446744073709551615, 'y', 1, -1.5, '2020-01-01 00:00:00.000001', "
        "'2020-02-29', '-838:59:59')",
    )
    house.run("CREATE INTEGRATION shop FROM MYSQL SECRET 'shop' TABLES (whole.t, whole.typed)")
    house.begin()
    with Writers(maria, "whole.t", 2) as writers:
        house.until_dumped()
        house.until(lambda: writers.statements > 50, "no changes")
    maria.run("INSERT INTO whole.typed (k) VALUES ('nothing')", "UPDATE whole.typed SET k = 'b', big = 0 WHERE k = 'a'")
    query = "SELECT id, t, n FROM {}.t ORDER BY id"
    expected = _rows(maria, query.format("whole"))
    house.until(lambda: [tuple(row) for row in house.run(query.format("shop"))] == expected, "the tables differ")
    typed = "SELECT k, big, e, CASE WHEN b THEN 1 ELSE 0 END, d, at, day, span FROM shop.typed ORDER BY k"
    house.until(
        lambda: len(house.run(typed)) == 2 and house.run(typed)[0][0] == "b", "the change of a key does not come"
    )
    texts = [str(value) for value in house.run(typed)[0]]
    assert texts == ["b", "0", "y", "1", "-1.50", "2020-01-01 00:00:00.000001", "2020-02-29", "-838:59:59"]
    house.end()
    maria.run("DELETE FROM whole.t WHERE id < 100", "ALTER TABLE whole.t ADD COLUMN extra INT DEFAULT 7")
    house.begin()
    query = "SELECT id, t, n, extra FROM {}.t ORDER BY id"
    expected = _rows(maria, query.format("whole"))
    house.until(lambda: _answers(house, query.format("shop")) == expected, "the new column does not come")
    house.run("DROP INTEGRATION shop")


def test_columns_that_trade_their_names_keep_their_values(maria: MariaDb, house: CaptureHouse) -> None:
    """Once while it runs, once while nobody looks."""
    maria.run("CREATE DATABASE traded", "CREATE TABLE traded.t (id INT PRIMARY KEY, a INT, b INT)")
    maria.run("INSERT INTO traded.t SELECT seq, seq, -seq FROM traded.seq_1_to_300")
    house.run("CREATE INTEGRATION shop FROM MYSQL SECRET 'shop' TABLES (traded.t)")
    for is_running in (True, False):
        house.begin()
        house.until_dumped()
        if not is_running:
            house.end()
        maria.run("ALTER TABLE traded.t CHANGE a b INT, CHANGE b a INT")
        if not is_running:
            house.begin()
        expected = _rows(maria, "SELECT id, a, b FROM traded.t ORDER BY id")
        query = "SELECT id, a, b FROM shop.t ORDER BY id"
        house.until(lambda: _answers(house, query) == expected, "the values do not move", pause=0.1)  # noqa: B023
        house.end()
    house.run("DROP INTEGRATION shop")


def test_a_table_that_goes_while_it_is_dumped_stops_nothing(maria: MariaDb, house: CaptureHouse) -> None:
    maria.run(
        "CREATE DATABASE going",
        "CREATE TABLE going.t (id INT PRIMARY KEY)",
        "INSERT INTO going.t SELECT seq FROM going.seq_1_to_900",
        "CREATE TABLE going.u (id INT PRIMARY KEY)",
    )
    house.run("CREATE INTEGRATION shop FROM MYSQL SECRET 'shop' TABLES (going.t, going.u)")
    house.run("ALTER INTEGRATION shop SET chunk_rows = 100, chunk_pause_seconds = 60")
    house.begin()
    house.until(lambda: house.own("SELECT 1 FROM boathouse.capture_dumps WHERE chunks = 1") != [], "no chunk")
    maria.run("DROP TABLE going.t", "INSERT INTO going.u VALUES (1)")
    house.until(lambda: _answers(house, "SELECT count(*) FROM shop.t") == [(0,)], "the table does not go")
    house.run("ALTER INTEGRATION shop SET chunk_pause_seconds = 0")
    house.until_dumped()
    maria.run(
        "CREATE TABLE going.t (id INT PRIMARY KEY)", "INSERT INTO going.t VALUES (7)", "INSERT INTO going.u VALUES (2)"
    )
    house.until(lambda: _answers(house, "SELECT id FROM shop.t") == [(7,)], "the new table does not come")
    house.until(lambda: _answers(house, "SELECT id FROM shop.u ORDER BY id") == [(1,), (2,)], "the other table stands")
    assert house.own("SELECT 1 FROM boathouse.capture_tables WHERE reason IS NOT NULL") == []
    house.run("DROP INTEGRATION shop")


def _answers(house: CaptureHouse, query: str) -> list[tuple[object, ...]]:
    try:
        return [tuple(row) for row in house.run(query)]
    except Exception:  # the column is not there yet
        return []
