"""Schemas, tables and columns with names that must be quoted, at both kinds of source: dumped, followed, dumped again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from tests.rooms.capture.capture_house import CaptureHouse, Secret
from tests.rooms.capture.mysql.conftest import maria  # noqa: F401
from tests.rooms.capture.mysql.mariadb import MariaDb

COLUMNS = ("Id %", "k`\"'y", "100%s", "a.b", "Größe", "%", "select", "$1", "{x}")
"""The first two are the key."""
TABLES = ('T%s "x"', "UPPER", "größe", "a.b c", "it's`{}")


def quoted(*names: str) -> str:
    return ".".join('"' + name.replace('"', '""') + '"' for name in names)


def landed(house: CaptureHouse, table: str) -> list[tuple[Any, ...]]:
    names = ", ".join(quoted(column.lower()) for column in COLUMNS)
    return house.own(f"SELECT {names} FROM dev.shop.{quoted(table.lower())} ORDER BY 1, 2")


def follow(house: CaptureHouse, source: Any, tables: tuple[str, ...]) -> None:
    """Every table here is like the one there.

    Args:
        source: the rows of one there.
    """
    for table in tables:
        house.until(lambda table=table: landed(house, table) == source(table), f"{table} is not followed")  # type: ignore[misc]


def dump_again(house: CaptureHouse, schema: str, integration: str = "shop") -> None:
    """All of one, by keys of another."""
    one, other = quoted(schema, TABLES[0]), quoted(schema, TABLES[1])
    name = f"ALTER INTEGRATION {quoted(integration)} DUMP TABLE"
    house.run(f"{name} {one}; {name} {other} KEYS ((2, 'k2'), (77, 'k77'))")
    house.until(lambda: not house.own("SELECT 1 FROM boathouse.capture_requests"), "the request is not taken")
    house.until_dumped()
    house.until(lambda: not house.own("SELECT 1 FROM boathouse.capture_dumps WHERE NOT done"), "a dump does not end")
    assert house.own("SELECT DISTINCT reason FROM boathouse.capture_tables") == [(None,)]


def test_columns_that_trade_their_names_keep_their_values(db: psycopg.Connection[Any], house: CaptureHouse) -> None:
    """The source's log has a new shape only before the first row in it."""
    db.execute("CREATE TABLE t (id integer PRIMARY KEY, a integer, b integer)")
    db.execute("INSERT INTO t SELECT g, g, -g FROM generate_series(1, 300) g")
    house.integrate()
    house.begin()
    house.until_dumped()
    house.until_equal(db)
    house.end()
    trade = "ALTER TABLE t RENAME a TO x; ALTER TABLE t RENAME b TO a; ALTER TABLE t RENAME x TO b"
    db.execute(f"{trade}; UPDATE t SET a = 7 WHERE id = 5")
    house.begin()
    house.until_equal(db, what="id, a, b")
    db.execute(f"{trade}; UPDATE t SET a = 8 WHERE id = 6")
    house.until_equal(db, what="id, a, b")


def test_odd_names_of_a_postgresql(db: psycopg.Connection[Any], house: CaptureHouse) -> None:
    schema = 'Sch%s "é".x'
    columns = [sql.Identifier(column) for column in COLUMNS]
    db.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(schema)))
    for table in TABLES:
        made = sql.SQL("CREATE TABLE {} ({} int, {} text, {} PRIMARY KEY ({}))").format(
            sql.Identifier(schema, table), columns[0], columns[1],
            sql.SQL("").join(sql.SQL("{} int DEFAULT 0, ").format(one) for one in columns[2:]), sql.SQL(", ").join(columns[:2]),
        )  # fmt: skip
        db.execute(made)
        db.execute(
            sql.SQL("INSERT INTO {} SELECT g, 'k' || g FROM generate_series(1, 7) g").format(
                sql.Identifier(schema, table)
            )
        )

    def source(table: str) -> list[tuple[Any, ...]]:
        chosen = sql.SQL(", ").join(columns)
        return db.execute(
            sql.SQL("SELECT {} FROM {} ORDER BY 1, 2").format(chosen, sql.Identifier(schema, table))
        ).fetchall()

    rest = ", ".join(quoted(schema, table) for table in TABLES[2:])
    name = 'my größte 100% "shop"'
    named = f"{quoted('Sch%*', 'T%*')}, {quoted(schema, 'UPP*')}, {rest}"
    house.run(f"CREATE INTEGRATION {quoted(name)} FROM POSTGRES SECRET 'shop' TABLES ({named}) INTO SCHEMA shop")
    house.run(f"ALTER INTEGRATION {quoted(name)} SET CHUNK_ROWS = 2")
    house.begin()
    house.until_dumped()
    follow(house, source, TABLES)
    for table in TABLES:
        place = sql.Identifier(schema, table)
        db.execute(sql.SQL("UPDATE {} SET {} = 5 WHERE {} < 3").format(place, columns[2], columns[0]))
        db.execute(sql.SQL("UPDATE {} SET {} = 9 WHERE {} = 4").format(place, columns[1], columns[0]))
        db.execute(sql.SQL("DELETE FROM {} WHERE {} = 7").format(place, columns[0]))
        db.execute(sql.SQL("INSERT INTO {} ({}, {}) VALUES (8, 'k8')").format(place, columns[0], columns[1]))
    follow(house, source, TABLES)
    dump_again(house, schema, name)
    follow(house, source, TABLES)
    house.run(f"CREATE DATABASE crm FROM INTEGRATION '{name}'")
    assert house.run(f"SELECT count(*) FROM crm.{quoted(schema, TABLES[0])}") == [(7,)]
    house.run(f"DROP INTEGRATION {quoted(name)}")


def test_odd_names_of_a_mysql(tmp_path: Path, maria: MariaDb) -> None:  # noqa: F811
    schema = 'sch%s "é"'

    def name(*parts: str) -> str:
        return ".".join("`" + part.replace("`", "``") + "`" for part in parts)

    columns = [name(column) for column in COLUMNS]
    rest = "".join(f"{one} INT DEFAULT 0, " for one in columns[2:])
    statements = [f"CREATE DATABASE {name(schema)}"]
    for table in TABLES:
        statements += [
            f"CREATE TABLE {name(schema, table)} ({columns[0]} INT, {columns[1]} VARCHAR(9), {rest}"
            f"PRIMARY KEY ({columns[0]}, {columns[1]}))",
            f"INSERT INTO {name(schema, table)} ({columns[0]}, {columns[1]}) VALUES "
            + ", ".join(f"({one}, 'k{one}')" for one in range(1, 8)),
        ]
    maria.run(*statements)

    def source(table: str) -> list[tuple[Any, ...]]:
        with maria.root() as connection, connection.cursor() as cursor:
            cursor.execute(f"SELECT {', '.join(columns)} FROM {name(schema, table)} ORDER BY 1, 2")
            return list(cursor.fetchall())

    house = CaptureHouse(tmp_path / "home", Secret(maria.secret()))
    try:
        named = ", ".join(quoted(schema, table) for table in TABLES[2:])
        house.run(
            f"CREATE INTEGRATION shop FROM MYSQL SECRET 'shop' TABLES ({quoted('sch%*', 'T%*')}, {quoted(schema, 'UPP*')}, "
            f"{named})"
        )
        house.run("ALTER INTEGRATION shop SET CHUNK_ROWS = 2")
        house.begin()
        house.until_dumped()
        follow(house, source, TABLES)
        for table in TABLES:
            place = name(schema, table)
            maria.run(
                f"UPDATE {place} SET {columns[2]} = 5 WHERE {columns[0]} < 3",
                f"UPDATE {place} SET {columns[1]} = '9' WHERE {columns[0]} = 4",
                f"DELETE FROM {place} WHERE {columns[0]} = 7",
                f"INSERT INTO {place} ({columns[0]}, {columns[1]}) VALUES (8, 'k8')",
            )
        follow(house, source, TABLES)
        dump_again(house, schema)
        follow(house, source, TABLES)
        maria.run(f"ALTER TABLE {name(schema, TABLES[0])} ADD COLUMN {name('new %')} INT DEFAULT 3")
        query = f"SELECT {quoted('new %')} FROM shop.{quoted(TABLES[0].lower())} GROUP BY 1"
        house.until(
            lambda: bool(house.own("SELECT 1 FROM duckdb_columns() WHERE column_name = 'new %'")), "no new column"
        )
        house.until_dumped()
        house.until(lambda: house.run(query) == [(3,)], "the new column does not come")
        house.run("DROP INTEGRATION shop")
    finally:
        house.close()
