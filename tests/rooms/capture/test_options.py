"""REFRESH_INTERVAL, TRUNCATECOLUMNS and ACCEPTINVCHARS of a database made from an integration."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, cast

import psycopg
import pyarrow as pa
import pytest
from tests.rooms.capture.capture_house import CaptureHouse
from tests.rooms.capture.postgres_server import PostgresUnderTest

from boathouse.capture.changes import Column, TableSchema
from boathouse.capture.formats.fitting import Lenient, fitted, replaced
from boathouse.capture.postgres.position import Lsn
from boathouse.capture.source import Rounds, Source, Standing
from boathouse.contracts import types
from boathouse.contracts.clock import Clock
from boathouse.contracts.source_errors import SourceRefused

STATE = "SELECT table_state, reason FROM svv_integration_table_state"


class Moments:
    """A source whose log ends where it is told, by a clock that is told the time."""

    def __init__(self) -> None:
        self.at, self.end = 100.0, 5

    def monotonic(self) -> float:
        return self.at

    def standing(self, position: Lsn) -> Standing:
        return Standing(Lsn(self.end), 0, None, "", 0)


def test_a_round_ends_where_the_log_did_when_it_began() -> None:
    now = Moments()
    rounds = Rounds(cast(Source, now), cast(Clock, now), 60)
    assert not rounds.rests(Lsn(4))
    now.end = 9
    assert rounds.rests(Lsn(5))
    now.at += 59
    assert rounds.rests(Lsn(5))
    now.at += 1
    assert [rounds.rests(Lsn(place)) for place in (5, 8, 9)] == [False, False, True]
    now.at += 60  # from the beginning of the round before
    assert [rounds.rests(Lsn(place)) for place in (9, 9)] == [False, True]
    assert not Rounds(cast(Source, now), cast(Clock, now), 0).rests(Lsn(9))


def test_changes_wait_for_the_next_round_at_the_source(
    db: psycopg.Connection[Any], tmp_path: Path, postgres: PostgresUnderTest
) -> None:
    house = CaptureHouse(tmp_path / "home", postgres, idle_commit_seconds=0.1)
    db.execute("CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1)")
    try:
        house.integrate()
        house.begin()
        house.until_dumped()
        assert (
            house.fails("CREATE DATABASE crm FROM INTEGRATION 'shop' SET REFRESH_INTERVAL 432001").sqlstate == "22023"
        )
        house.run("CREATE DATABASE crm FROM INTEGRATION 'shop' SET REFRESH_INTERVAL 3600")
        resting = "SELECT refresh_interval FROM svv_integration WHERE state = 'CdcRefreshState'"
        house.until(lambda: house.run(resting) == [(3600,)], "it does not begin again")
        house.until(
            lambda: db.execute("SELECT count(*) FROM pg_stat_replication").fetchone() == (1,), "it does not read"
        )
        # A dump's watermarks stand in the log: what is before them comes with it.
        db.execute("INSERT INTO t VALUES (2)")
        house.run("ALTER DATABASE crm INTEGRATION REFRESH ALL TABLES")
        house.until_equal(db)
        house.until_dumped()
        ((end,),) = db.execute("SELECT pg_current_wal_lsn()")
        db.execute("INSERT INTO t VALUES (3)")
        told = "SELECT bytes_behind FROM svv_integration_lag"
        house.until(lambda: house.run(told)[0][0] > 0, "nobody looks at the log")
        stored = "SELECT noted FROM boathouse.capture_progress"
        for _ in range(10):  # it goes on storing that it waits, and lets nothing be forgotten
            before = house.own(stored)
            house.until(partial(lambda then: house.own(stored) > then, before), "it stands still")
        assert house.run("SELECT count(*) FROM shop.t") == [(2,)]
        kept = "SELECT confirmed_flush_lsn <= %s::pg_lsn FROM pg_replication_slots WHERE database = current_database()"
        assert db.execute(kept, (end,)).fetchall() == [(True,)]
        house.run("ALTER DATABASE crm INTEGRATION SET REFRESH_INTERVAL 1")
        house.until_equal(db)
        db.execute("INSERT INTO t VALUES (4)")
        house.until_equal(db)
        house.run("DROP DATABASE crm")
        house.until(lambda: house.run("SELECT refresh_interval FROM svv_integration") == [(0,)], "it stays")
    finally:
        house.close()


def test_texts_that_are_too_long_are_cut_where_that_is_wanted(db: psycopg.Connection[Any], house: CaptureHouse) -> None:
    db.execute("CREATE TABLE t (id int PRIMARY KEY, note text)")
    db.execute("INSERT INTO t VALUES (1, repeat('ü', 40000)), (2, repeat('x', 65535)), (3, NULL), (4, 'short')")
    house.integrate()
    house.run("CREATE DATABASE crm FROM INTEGRATION 'shop'")
    house.begin()
    house.until(lambda: [row[0] for row in house.run(STATE)] == ["Failed"], "it does not fail")
    assert "takes 65535" in house.run(STATE)[0][1]
    house.run("ALTER DATABASE crm INTEGRATION SET TRUNCATECOLUMNS = TRUE")
    house.run("ALTER DATABASE crm INTEGRATION REFRESH INERROR TABLES")
    house.until_dumped()
    db.execute("INSERT INTO t SELECT id + 10, note FROM t")
    db.execute("UPDATE t SET note = 'a' || repeat('ü', 40000) WHERE id = 4")
    lengths = "SELECT id, octet_length(note), left(note, 1) FROM shop.t ORDER BY id"
    ends = [(65534, "ü"), (65535, "x"), (None, None), (5, "s")]
    expected = [(number + base, *end) for base in (1, 11) for number, end in enumerate(ends)]
    expected[3] = (4, 65535, "a")
    house.until(lambda: [tuple(row) for row in house.run(lengths)] == expected, "they are not cut alike")


def test_texts_within_super_are_cut() -> None:
    def made(column: str, type_: types.SqlType, values: list[Any]) -> tuple[TableSchema, pa.RecordBatch]:
        schema = TableSchema("s", "t", (Column("id", types.INTEGER, ""), Column(column, type_, "")), (0,))
        return schema, pa.record_batch([pa.array(range(len(values)), pa.int32()), values], schema=schema.arrow)

    def document(*notes: str) -> str:
        return json.dumps({"n": 1.10, "k" * 70_000: [*notes], "é": {"x": notes[0]}}, ensure_ascii=False)

    long = '\\"ü\\u0041\n' * 4_000_000
    schema, rows = made("j", types.SUPER, [None, document("a"), document(long, "b")])
    with pytest.raises(SourceRefused, match=r"s\.t\.j has a value of"):
        fitted(schema, rows)
    cut = fitted(schema, rows, Lenient(truncates=True)).column("j").to_pylist()
    assert cut[:2] == [None, document("a")]
    assert cut[2] == document(long.encode()[:65_535].decode(errors="ignore"), "b")
    schema, rows = made("b", types.SqlType("varbyte", length=16_777_216), [b"x" * 16_777_217])
    with pytest.raises(SourceRefused):
        fitted(schema, rows, Lenient(truncates=True))


def test_each_byte_that_is_no_text_is_a_question_mark() -> None:
    values = pa.array([b"a\xff\xfeb", None, "ü\ufffd".encode(), b"\xe2\x82"], pa.binary())
    assert replaced(values).to_pylist() == ["a??b", None, "ü\ufffd", "??"]


@pytest.fixture
def ascii_database(postgres_server: PostgresUnderTest) -> Iterator[PostgresUnderTest]:
    """A database that takes any bytes for text."""
    name = "bytes_for_text"
    with postgres_server.connect() as connection:
        connection.execute(
            f"CREATE DATABASE {name} ENCODING 'SQL_ASCII' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C'"
        )
        yield PostgresUnderTest(postgres_server.folder, name)
        slots = "SELECT slot_name, active_pid FROM pg_replication_slots WHERE database = %s"
        for slot, _ in connection.execute(slots, (name,)).fetchall():
            connection.execute("SELECT pg_drop_replication_slot(%s)", (slot,))
        connection.execute(f"DROP DATABASE {name}")


def test_bytes_that_are_no_text_are_replaced_where_that_is_wanted(
    ascii_database: PostgresUnderTest, tmp_path: Path
) -> None:
    house = CaptureHouse(tmp_path / "home", ascii_database)
    try:
        with ascii_database.connect(client_encoding="SQL_ASCII") as db:
            db.execute("CREATE TABLE t (id int PRIMARY KEY, note text); CREATE TABLE k (id text PRIMARY KEY)")
            db.execute(b"INSERT INTO t VALUES (1, 'na\xefve'), (2, '\xc3\xbc')")
            db.execute(b"INSERT INTO k VALUES ('\xef')")
            house.integrate()
            house.run("CREATE DATABASE crm FROM INTEGRATION 'shop'")
            house.begin()
            states = "SELECT table_name, table_state FROM svv_integration_table_state ORDER BY 1"
            house.until(lambda: house.run(states) == [("k", "Failed"), ("t", "Failed")], "they do not fail")
            house.run("ALTER DATABASE crm INTEGRATION SET ACCEPTINVCHARS TRUE")
            house.run("ALTER DATABASE crm INTEGRATION REFRESH INERROR TABLES")
            house.until(lambda: ("t", "Synced") in house.run(states), f"it is not dumped: {house.run(STATE)}")
            db.execute(b"UPDATE t SET note = '\xff\xfe' WHERE id = 2; INSERT INTO t VALUES (3, 'a\xc3')")
            expected = [(1, "na?ve"), (2, "??"), (3, "a?")]
            house.until(lambda: house.run("SELECT id, note FROM shop.t ORDER BY 1") == expected, "it is not followed")
            house.until(lambda: ("k", "Failed") in house.run(states), "two keys might become one")
    finally:
        house.close()
