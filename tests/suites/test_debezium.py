"""The same random work captured by Boathouse and by Debezium's embedded engine: both tell the same changes in the same order.

Ours goes through a house, its dumps and an output in Debezium's format; a MariaDB's log, which Debezium's MySQL connector only
reads where the server calls itself a MySQL, through the source and the format. Rows of dumps are left out. Needs
`make .venv/.debezium`.
`BOATHOUSE_DEBEZIUM_TRANSACTIONS` and `BOATHOUSE_DEBEZIUM_SEED` say how many and which.
"""

from __future__ import annotations

import os
import random
import socket
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import psycopg
import pymysql
import pytest
from tests.rooms.capture.capture_house import CaptureHouse
from tests.rooms.capture.conftest import db, postgres, postgres_server  # noqa: F401
from tests.rooms.capture.mysql.mariadb import MYSQL as ITS_MYSQL
from tests.rooms.capture.mysql.mariadb import mariadb
from tests.rooms.capture.postgres_server import PostgresUnderTest
from tests.rooms.capture.wire import Wire
from tests.suites.debezium import told
from tests.suites.debezium.engine import MISSING, debezium, events, is_there, of_mysql, of_postgres
from tests.suites.debezium.workload import MYSQL, POSTGRES, tables, transactions

from boathouse.capture.changes import ChangeBatch, Mark, Truncated
from boathouse.capture.formats.debezium import DebeziumFormatter
from boathouse.capture.formats.formatter import Changes, Message, Place
from boathouse.capture.mysql.source import MySqlSource

if not is_there():
    pytest.skip(MISSING, allow_module_level=True)

COUNT = int(os.environ.get("BOATHOUSE_DEBEZIUM_TRANSACTIONS", "150"))
SEED = int(os.environ.get("BOATHOUSE_DEBEZIUM_SEED", "1"))
JAVA = ("-XX:TieredStopAtLevel=1", "-Xmx256m")
NAMES = ("typed", "pair", "whole", "sentinel")


def test_a_postgres(
    tmp_path: Path,
    postgres: PostgresUnderTest,  # noqa: F811
    db: psycopg.Connection[object],  # noqa: F811
) -> None:
    told.delivered.clear()
    db.execute("CREATE TYPE mood AS ENUM ('sad', 'it''s ok')")
    for statement in tables(POSTGRES):
        db.execute(statement)  # type: ignore[arg-type]
    db.execute("ALTER TABLE whole REPLICA IDENTITY FULL")
    slot = f"debezium_{postgres.name}"
    db.execute(f"CREATE PUBLICATION {slot} FOR TABLE {', '.join(NAMES)}")  # type: ignore[arg-type]
    db.execute("SELECT pg_create_logical_replication_slot(%s, 'pgoutput')", (slot,))
    wire = Wire(socket.AF_UNIX, f"{postgres.folder}/.s.PGSQL.5432")
    take = "tests.suites.debezium.told:take"
    house = CaptureHouse(tmp_path / "home", postgres, callables=(take,), chunk_rows=20)
    lines, listed = tmp_path / "told", ",".join(f"public.{name}" for name in NAMES)
    try:
        house.integrate(f"TABLES ({listed})")
        house.run(f"ALTER INTEGRATION shop ADD OUTPUT code TO 'python:{take}' FORMAT DEBEZIUM")
        house.begin()
        house.until_dumped()
        properties = of_postgres("127.0.0.1", wire.port, postgres.name, slot, listed)
        with debezium(properties, tmp_path, told=lines, java=JAVA) as engine:
            chance = random.Random(SEED)
            for number, statements in enumerate(transactions(POSTGRES, COUNT, SEED)):
                if number % 50 == 25:
                    house.run("ALTER INTEGRATION shop DUMP ALL")
                with suppress(_RolledBack), db.transaction():
                    for statement in statements:
                        db.execute(statement.encode())
                    if chance.random() < 0.05:
                        raise _RolledBack
            db.execute("INSERT INTO sentinel VALUES (1)")
            engine.until("end")
        house.until(lambda: "sentinel" in told.ours(told.delivered), "the sentinel does not come", pause=0.2)
    finally:
        house.close()
        wire.close()
    mine, theirs = told.ours(told.delivered), told.history(events(lines))
    assert sum(map(len, theirs.values())) > COUNT
    assert told.first_difference(mine, theirs) == ""


class _RolledBack(Exception):
    pass


def test_a_mariadb(tmp_path: Path) -> None:
    with mariadb(*(() if ITS_MYSQL else ("--version=5.7.10-MariaDB-log",))) as maria:
        maria.run("CREATE DATABASE d", "CREATE TABLE d.hello (id INT AUTO_INCREMENT PRIMARY KEY)")
        with maria.root() as root, root.cursor() as cursor:
            root.select_db("d")
            cursor.execute("SET sql_mode = 'STRICT_TRANS_TABLES,NO_BACKSLASH_ESCAPES'")
            for statement in tables(MYSQL):
                cursor.execute(statement)
            source = MySqlSource("differential", maria.secret(), [("d", name) for name in NAMES])
            start, lines = str(source.prepare()), tmp_path / "told"
            properties = of_mysql(maria.port, ",".join(f"d.{name}" for name in (*NAMES, "hello")), tmp_path)
            with debezium(properties, tmp_path, told=lines, java=JAVA) as engine:
                engine.until("ready")
                while not lines.exists() or b"hello" not in lines.read_bytes():  # it begins wherever the log is by then
                    cursor.execute("INSERT INTO d.hello VALUES ()")
                    engine.wait(0.2)
                _work(root, cursor)
                cursor.execute("INSERT INTO sentinel VALUES (1)")
                engine.until("end")
            theirs = told.history(events(lines))
        del theirs["hello"]
        assert told.first_difference(told.ours(_messages(source, start)), theirs) == ""
        source.close()


def _work(maria: pymysql.connections.Connection, cursor: pymysql.cursors.Cursor) -> None:
    chance = random.Random(SEED)
    for statements in transactions(MYSQL, COUNT, SEED):
        maria.begin()
        for statement in statements:
            cursor.execute(statement)
        maria.rollback() if chance.random() < 0.05 else maria.commit()


def _messages(source: MySqlSource, start: str) -> list[Message]:
    """Everything from a place to now."""
    source.mark("end")
    found: list[Message] = []
    formatter, stream = DebeziumFormatter(), source.stream(source.position(start))
    for item in stream:
        if isinstance(item, (ChangeBatch, Truncated)):
            batch = item if isinstance(item, ChangeBatch) else None
            path = item.path if isinstance(item, Truncated) else item.schema.path
            of = item.transaction if isinstance(item, Truncated) else None
            found += formatter.messages(Changes("shop", "shop", path, 1, Place(1, 0), datetime(2024, 1, 1), batch, of))
        elif item == Mark("end"):
            break
    stream.close()
    return found
