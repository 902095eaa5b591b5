"""Partitions of a MariaDB that are dropped, emptied, exchanged and converted: the table is dumped again and ends equal."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.rooms.capture.capture_house import CaptureHouse, Secret
from tests.rooms.capture.mysql.mariadb import MYSQL, MariaDb

MAKE = (
    "CREATE DATABASE parted",
    "CREATE TABLE parted.t (id INT, part INT, n INT, PRIMARY KEY (id, part)) PARTITION BY LIST (part) (PARTITION p0 VALUES "
    "IN (0), PARTITION p1 VALUES IN (1), PARTITION p2 VALUES IN (2), PARTITION p3 VALUES IN (3))",
    "CREATE TABLE parted.x (id INT, part INT, n INT, PRIMARY KEY (id, part))",
    "INSERT INTO parted.t SELECT seq, seq % 4, 0 FROM parted.seq_1_to_1200",
    "INSERT INTO parted.x SELECT seq, 1, 5 FROM parted.seq_2001_to_2010",
)
STEPS: tuple[tuple[str, ...], ...] = (
    (
        "INSERT INTO parted.t VALUES (5000, 0, 1)",
        "ALTER TABLE parted.t TRUNCATE PARTITION p0",
        "INSERT INTO parted.t VALUES (1, 0, 2)",
    ),
    ("ALTER TABLE parted.t EXCHANGE PARTITION p1 WITH TABLE parted.x", "UPDATE parted.x SET n = 6 WHERE id < 100"),
    ("ALTER TABLE parted.t DROP PARTITION p2, p3", "DELETE FROM parted.t WHERE id % 7 = 0"),
    (
        "ALTER TABLE parted.t CONVERT PARTITION p1 TO TABLE parted.y",
        "ALTER TABLE parted.t CONVERT TABLE parted.x TO PARTITION p7 VALUES IN (1)",
    ),
)


@pytest.fixture
def house(tmp_path: Path, maria: MariaDb) -> Iterator[CaptureHouse]:
    maria.run(*MAKE)
    house = CaptureHouse(tmp_path / "home", Secret(maria.secret()), chunk_rows=200)
    yield house
    house.close()
    maria.run("DROP DATABASE parted")


def equal(maria: MariaDb, house: CaptureHouse, table: str) -> None:
    with maria.root() as connection, connection.cursor() as cursor:
        cursor.execute(f"SELECT id, part, n FROM parted.{table} ORDER BY id, part")
        expected = list(cursor.fetchall())
    query = f"SELECT id, part, n FROM shop.{table} ORDER BY id, part"
    house.until(lambda: [tuple(row) for row in house.run(query)] == expected, f"{table} differs", pause=0.1)


def test_partitions_come_and_go(maria: MariaDb, house: CaptureHouse) -> None:
    house.run("CREATE INTEGRATION shop FROM MYSQL SECRET 'shop' TABLES (parted.t, parted.x)")
    house.begin()
    house.until_dumped()
    equal(maria, house, "t")
    for number, statements in enumerate(STEPS[:3] if MYSQL else STEPS):  # MySQL converts none
        if number == 1:
            house.end()
        maria.run(*statements)
        if number == 1:
            house.begin()
        equal(maria, house, "t")
        if number < 3:
            equal(maria, house, "x")
    assert house.own("SELECT 1 FROM boathouse.capture_tables WHERE reason IS NOT NULL") == []
