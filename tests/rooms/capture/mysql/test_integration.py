"""A MariaDB captured into the warehouse by a house's own background work."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.rooms.capture.capture_house import CaptureHouse, Secret
from tests.rooms.capture.mysql.mariadb import MariaDb
from tests.rooms.capture.mysql.test_chunks import Writers

from boathouse.capture import source


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


def test_named_tables_that_are_not_there_yet_hold_up_no_other(
    maria: MariaDb, house: CaptureHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source, "_AWAITED_SECONDS", 0.2)
    maria.run("CREATE DATABASE late", "CREATE TABLE late.a (id INT PRIMARY KEY)", "CREATE TABLE late.keyless (id INT)")
    house.run("CREATE INTEGRATION shop FROM MYSQL SECRET 'shop' TABLES (late.a, late.b, late.keyless)")
    house.begin()
    states = "SELECT table_name, table_state, reason FROM svv_integration_table_state ORDER BY 1"
    house.until(lambda: len(house.run(states)) == 3 and house.run(states)[0][1] == "Synced", "the other does not go on")
    b, keyless = house.run(states)[1:]
    assert b == ("b", "Failed", "late.b: the source has no such table, or its user may not see it")
    assert keyless[:2] == ("keyless", "Failed") and "has no primary key" in keyless[2]
    maria.run("INSERT INTO late.a VALUES (1)", "INSERT INTO late.keyless VALUES (3)")
    house.until(lambda: _answers(house, "SELECT id FROM shop.a") == [(1,)], "the other is not followed")
    maria.run("CREATE TABLE late.b (id INT PRIMARY KEY)", "ALTER TABLE late.keyless ADD PRIMARY KEY (id)")
    house.until_dumped()
    maria.run("INSERT INTO late.b VALUES (2)", "INSERT INTO late.keyless VALUES (4)")
    house.until(lambda: _answers(house, "SELECT id FROM shop.b") == [(2,)], "it is not followed")
    house.until(lambda: _answers(house, "SELECT id FROM shop.keyless ORDER BY 1") == [(3,), (4,)], "nor is this")
    house.end()
    maria.run("DROP TABLE late.b", "DELETE FROM late.a")
    house.begin()
    house.until(lambda: house.run(states)[1][1] == "Failed", "nobody misses it")
    house.until(lambda: _answers(house, "SELECT id FROM shop.a") == [], "the other does not go on")
    house.run("DROP INTEGRATION shop")
