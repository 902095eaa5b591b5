"""A log that does not name its columns, as MySQL 5.7's and every server's without `binlog_row_metadata = FULL`: rows are read by
the tables as they are, never by the wrong names, and where nobody knows the names any more the table is dumped again."""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from tests.rooms.capture.capture_house import CaptureHouse, Secret
from tests.rooms.capture.mysql.mariadb import MYSQL, MariaDb
from tests.rooms.capture.mysql.sink import Sink, follow

from boathouse.capture.mysql.source import MySqlSource

Make = Callable[[], MySqlSource]
PATH = ("unnamed", "t")
STEPS = int(os.environ.get("BOATHOUSE_CAPTURE_STEPS", "12"))
SEED = int(os.environ.get("BOATHOUSE_CAPTURE_SEED", "5"))


@pytest.fixture
def nameless(maria: MariaDb) -> Iterator[MariaDb]:
    """The server, without names in its log. A MySQL of before 8.0.1 never has any."""
    before = maria.value("SHOW GLOBAL VARIABLES LIKE 'binlog_row_metadata'", 1)
    maria.run("DROP DATABASE IF EXISTS unnamed", "CREATE DATABASE unnamed")
    if before:
        maria.run(f"SET GLOBAL binlog_row_metadata = {'MINIMAL' if MYSQL else 'NO_LOG'}")
    yield maria
    if before:
        maria.run(f"SET GLOBAL binlog_row_metadata = {before}")


@pytest.fixture
def make(nameless: MariaDb) -> Iterator[Make]:
    made: list[MySqlSource] = []

    def one() -> MySqlSource:
        made.append(MySqlSource("tests", nameless.secret(), [PATH]))
        return made[-1]

    yield one
    for source in made:
        source.close()


def test_rows_are_read_by_the_names_of_the_table(nameless: MariaDb, make: Make) -> None:
    nameless.run(
        "CREATE TABLE unnamed.t (w VARCHAR(9) CHARACTER SET latin1, id INT UNSIGNED, part SMALLINT, tiny TINYINT UNSIGNED, "
        "big BIGINT UNSIGNED, c CHAR(3), b BINARY(4), v VARBINARY(9), x TEXT CHARACTER SET utf8mb4, y BLOB, "
        "e ENUM('ä', 'b,c') CHARACTER SET latin1, s SET('p', 'q'), d DECIMAL(12,3), f FLOAT, at DATETIME(3), ts TIMESTAMP NULL, "
        "bit BIT(9), year YEAR, PRIMARY KEY (part, id))"
    )
    source = make()
    findings = {one.subject: one.level for one in source.check()}
    assert findings["binlog_row_metadata"] == "warning"
    assert "error" not in findings.values()
    start = str(source.prepare())
    nameless.run(
        "INSERT INTO unnamed.t VALUES ('é', 4294967295, -1, 255, 18446744073709551615, 'c', x'00ff', x'01', '☃', x'ff', 'ä', "
        "'p,q', -1.5, 0.1, '2020-02-29 00:00:00.125', '2020-02-29 12:00:00', b'100000001', 1999), "
        "(NULL, 1, 1, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)",
        "UPDATE unnamed.t SET tiny = 200 WHERE id = 1",
        "UPDATE unnamed.t SET part = 2 WHERE id = 1",
    )
    sink = follow(source, start)
    assert not sink.failed
    rows = sink.tables[PATH]
    assert rows.keys() == {(-1, 4294967295), (2, 1)}
    assert rows[2, 1] == dict.fromkeys(rows[2, 1]) | {"id": 1, "part": 2, "tiny": 200, "big": Decimal(0)}
    full = rows[-1, 4294967295]
    assert (full["w"], full["tiny"], full["big"]) == ("é", 255, Decimal(18446744073709551615))
    assert (full["c"], full["b"], full["x"], full["e"], full["s"]) == ("c", b"\x00\xff\0\0", "☃", "ä", "p,q")
    assert (full["d"], full["bit"], full["year"]) == (Decimal("-1.500"), 257, 1999)
    chunk = source.read_chunk(PATH, None, ("2", "1"), 10)
    assert sorted(chunk.rows.to_pylist(), key=str) == sorted(rows.values(), key=str)


def swap(a: str, b: str) -> str:
    """Two columns of one type trade their names: nothing in the log's bytes tells."""
    return f"ALTER TABLE unnamed.t CHANGE {a} {b} INT, CHANGE {b} {a} INT"


def test_a_definition_is_followed_where_it_is_met_live(nameless: MariaDb, make: Make) -> None:
    nameless.run("CREATE TABLE unnamed.t (id INT PRIMARY KEY, a INT, b INT)")
    source = make()
    place, sink = str(source.prepare()), Sink()
    for number, statement in enumerate(
        ("SELECT 1", swap("a", "b"), "ALTER TABLE unnamed.t ADD c INT FIRST", swap("a", "b"))
    ):
        nameless.run(statement, f"INSERT INTO unnamed.t (id, a, b) VALUES ({number}, 1, 2)")
        sink = follow(source, place, sink=sink)
        place = str(source.prepare())
    assert [(row["a"], row["b"]) for row in sink.tables[PATH].values()] == [(1, 2)] * 4
    assert not sink.failed


def test_rows_before_a_definition_that_was_not_met_are_passed_over(nameless: MariaDb, make: Make) -> None:
    nameless.run("CREATE TABLE unnamed.t (id INT PRIMARY KEY, a INT, b INT)")
    source = make()
    start = str(source.prepare())
    insert = "INSERT INTO unnamed.t (id, a, b) VALUES ({}, 1, 2)"
    nameless.run(
        insert.format(1), swap("a", "b"), insert.format(2), "TRUNCATE unnamed.t", swap("a", "b"), insert.format(3)
    )
    sink = follow(source, start)
    assert list(sink.tables[PATH].values()) == [{"id": 3, "a": 1, "b": 2}]
    assert sink.rearranged == [PATH, PATH]  # once for the rows before each of the two
    assert not sink.failed
    place = str(source.prepare())
    nameless.run(insert.format(4))
    assert follow(make(), place).rearranged == []


def test_a_table_that_was_made_anew_is_told_from_there(nameless: MariaDb, make: Make) -> None:
    nameless.run("CREATE TABLE unnamed.t (id INT PRIMARY KEY, a INT, b INT)")
    source = make()
    start = str(source.prepare())
    nameless.run(
        "INSERT INTO unnamed.t VALUES (1, 1, 2)",
        "DROP TABLE unnamed.t",
        "CREATE TABLE unnamed.t (b INT, a INT, id INT PRIMARY KEY)",
        "INSERT INTO unnamed.t VALUES (2, 1, 7)",
    )
    sink = follow(source, start)
    assert list(sink.tables[PATH].values()) == [{"b": 2, "a": 1, "id": 7}]


def test_a_definition_that_was_kept_out_of_the_log_sets_the_table_aside(nameless: MariaDb, make: Make) -> None:
    nameless.run("CREATE TABLE unnamed.t (id INT PRIMARY KEY, a INT)")
    source = make()
    start = str(source.prepare())
    nameless.run("INSERT INTO unnamed.t VALUES (1, 1)")
    with nameless.root() as connection, connection.cursor() as cursor:
        cursor.execute("SET sql_log_bin = 0")
        cursor.execute("ALTER TABLE unnamed.t ADD c INT")
    sink = follow(source, start)
    assert sink.tables.get(PATH, {}) == {}
    assert "another shape" in sink.failed[PATH]


@pytest.fixture
def house(tmp_path: Path, nameless: MariaDb) -> Iterator[CaptureHouse]:
    house = CaptureHouse(tmp_path / "home", Secret(nameless.secret()), chunk_rows=200)
    yield house
    house.close()


def test_whatever_is_defined_while_nobody_looks_tables_end_equal(nameless: MariaDb, house: CaptureHouse) -> None:
    """At random (`BOATHOUSE_CAPTURE_STEPS`, `BOATHOUSE_CAPTURE_SEED`): rows, definitions, stops and starts."""
    print(f"seed {SEED}")
    chance = random.Random(SEED)
    nameless.run("CREATE TABLE unnamed.t (id INT PRIMARY KEY, a INT, b INT)")
    nameless.run(*(f"INSERT INTO unnamed.t VALUES ({number}, {number}, 0)" for number in range(300)))
    house.run("CREATE INTEGRATION shop FROM MYSQL SECRET 'shop' TABLES (unnamed.t)")
    house.begin()
    house.until_dumped()
    is_running, has_c, number = True, False, 1000
    for _ in range(STEPS):
        for _ in range(chance.randrange(1, 5)):
            number += 1
            what = chance.choice(("insert", "insert", "update", "delete", "swap", "add", "truncate", "anew"))
            if what == "anew" and chance.random() < 0.6:
                what = "insert"
            if what == "add":
                nameless.run(f"ALTER TABLE unnamed.t {'DROP c' if has_c else 'ADD c INT DEFAULT 3 AFTER id'}")
                has_c = not has_c
            elif what == "anew":
                nameless.run("DROP TABLE unnamed.t", "CREATE TABLE unnamed.t (b INT, a INT, id INT PRIMARY KEY)")
                has_c = False
            else:
                nameless.run(
                    {
                        "insert": f"INSERT INTO unnamed.t (id, a, b) VALUES ({number}, {number}, -1)",
                        "update": f"UPDATE unnamed.t SET a = a + 1000, b = {number} WHERE id % 7 = {number % 7}",
                        "delete": f"DELETE FROM unnamed.t WHERE id % 17 = {number % 17}",
                        "swap": swap("a", "b"),
                        "truncate": "TRUNCATE unnamed.t",
                    }[what]
                )
        if chance.random() < 0.5:
            (house.end if is_running else house.begin)()
            is_running = not is_running
            if is_running:
                equal(nameless, house)  # a table that is named must be there when a capture begins
        elif is_running and chance.random() < 0.5:
            equal(nameless, house)
    if not is_running:
        house.begin()
    nameless.run("INSERT INTO unnamed.t (id, a, b) VALUES (9999, 1, 2)")
    equal(nameless, house)
    assert house.own("SELECT 1 FROM boathouse.capture_tables WHERE reason IS NOT NULL") == []


def equal(maria: MariaDb, house: CaptureHouse) -> None:
    query = "SELECT id, a, b FROM {}.t ORDER BY id"
    with maria.root() as connection, connection.cursor() as cursor:
        cursor.execute(query.format("unnamed"))
        expected = list(cursor.fetchall())
    house.until(lambda: [tuple(row) for row in house.run(query.format("shop"))] == expected, "not equal", pause=0.1)
