"""Byte for byte: what a client reads through the door is what it reads from the PostgreSQL behind it."""

from __future__ import annotations

import struct
from collections.abc import Sequence

import pytest
from tests.clients.conftest import Running
from tests.clients.raw_client import (
    COPY_DONE,
    FLUSH,
    SYNC,
    RawClient,
    bind,
    close,
    copy_data,
    copy_fail,
    describe,
    execute,
    parse,
    query,
    string,
    typed,
)
from tests.clients.upstream.conftest import through
from tests.clients.upstream.postgres_behind import PostgresBehind

TABLE = (
    "CREATE TABLE IF NOT EXISTS t (id int PRIMARY KEY, name text NOT NULL CHECK (name <> 'bad'), amount numeric(10,2),"
    " at timestamptz, raw bytea, tags text[], j jsonb, d float8); TRUNCATE t;"
    " INSERT INTO t SELECT i, 'n' || i, i / 3.0, timestamptz '2026-01-01 00:00+00' + i * interval '1 hour', '\\x00ff',"
    " ARRAY['a', NULL, 'ü'], jsonb_build_object('i', i), i / 7.0 FROM generate_series(1, 40) i"
)
"""Filled anew before each conversation: a table has the same number on both ways."""

UNICODE = "SELECT 'Ü☃𝄞' AS \"Größe\", U&'\\0441' AS u, E'\\t\\'' AS e, $tag$it's;$tag$ AS dollar"


def batch(text: str, *values: bytes | None, rows_max: int = 0, **more: Sequence[int]) -> tuple[bytes, ...]:
    """Parse, Bind, Describe, Execute of the unnamed statement."""
    return parse(text), bind(values, **more), describe("P"), execute("", rows_max)


SYNCED: tuple[bytes, ...] = (SYNC,)

Step = tuple[bytes, ...]
CONVERSATIONS: dict[str, list[Step]] = {
    "simple": [(query("SELECT * FROM t ORDER BY id"),), (query(UNICODE),), (query(""),), (query(" ; "),)],
    "several statements": [
        (query("SELECT 1; SELECT 2, 'x'; CREATE TEMP TABLE s (a int); INSERT INTO s VALUES (1), (2)"),),
        (query("SELECT 1; SELECT 1 / 0; SELECT 3"),),
        (query("SELECT 1; SELECT nothing; SELECT 3"),),
        (query("SELECT a FROM s; SELEC"),),
    ],
    "errors": [
        (query("SELEC 1"),),
        (query("SELECT missing FROM pg_class"),),
        (query("SELECT * FROM no_such_table"),),
        (query("SELECT 1 / 0"),),
        (query("INSERT INTO t (id, name) VALUES (1, 'again')"),),
        (query("INSERT INTO t (id, name) VALUES (99, 'bad')"),),
        (query("INSERT INTO t (id) VALUES (98)"),),
        (query("SELECT 'x'::int, 'Ü' FROM t"),),
        (query("DO $$ BEGIN RAISE EXCEPTION 'own' USING ERRCODE = 'ABCDE', DETAIL = 'd', HINT = 'h', COLUMN = 'c'; END $$"),),
        (query("SELECT no_such_function(1)"),),
        (query("SELECT * FROM t WHERE id = 'a'"),),
        (query("SELECT \xff".encode("latin-1").decode("latin-1")),),
        (typed(b"Q", b"SELECT '\xff\xfe'\0"),),
    ],
    "notices": [
        (query("DROP TABLE IF EXISTS nothing_here"),),
        (query("DO $$ BEGIN RAISE NOTICE 'one %', 1; RAISE WARNING 'two' USING HINT = 'so'; END $$"),),
        (query("COMMIT"),),
        (query("SET client_min_messages = debug1"),),
        (query("CREATE TEMP TABLE u (a int PRIMARY KEY)"),),
    ],
    "transactions": [
        (query("BEGIN"),), (query("BEGIN"),), (query("SAVEPOINT a"),), (query("SELECT 1 / 0"),),
        (query("SELECT 1"),), (query("ROLLBACK TO a"),), (query("SELECT count(*) FROM t"),), (query("RELEASE a"),),
        (query("SELECT * FROM"),), batch("SELECT 1") + SYNCED, (query("COMMIT"),), (query("ROLLBACK"),),
        (query("BEGIN ISOLATION LEVEL SERIALIZABLE READ ONLY"),), (query("CREATE TABLE x (a int)"),), (query("END"),),
    ],
    "cursors": [
        (query("BEGIN; DECLARE c SCROLL CURSOR FOR SELECT id, name FROM t ORDER BY id"),),
        (query("FETCH 3 FROM c"),), (query("MOVE 5 IN c"),), (query("FETCH BACKWARD 2 FROM c"),),
        (describe("P", "c"), execute("c", 4), SYNC), (query("CLOSE c"),), (query("FETCH c"),), (query("ROLLBACK"),),
        (query("DECLARE h CURSOR WITH HOLD FOR SELECT 1"),), (query("FETCH ALL FROM h"),), (query("CLOSE ALL"),),
    ],
    "extended": [
        batch("SELECT $1::int + 1, $2::text", b"41", b"x") + SYNCED,
        batch("SELECT $1::int4, $2::bytea, $3", struct.pack("!i", 7), b"\0\xff", None, formats=(1, 1, 0), result_formats=(1,))
        + SYNCED,
        batch("SELECT 1, 'a'::text, 1.5::float8, now() - now(), ARRAY[1,2], '{}'::jsonb", result_formats=(1,)) + SYNCED,
        (parse("SELECT $1, $2::date", "s1", (23,)), describe("S", "s1"), SYNC),
        (bind((b"5", b"2026-02-03"), statement="s1", result_formats=(0, 1)), execute(), SYNC),
        (parse("SELECT 2", "s1"), SYNC), (bind((b"x", None), statement="s1"), SYNC), (bind((b"5",), statement="s1"), SYNC),
        (close("S", "s1"), describe("S", "s1"), SYNC), (bind((), statement="nobody"), SYNC), (execute("nobody"), SYNC),
        (parse(""), bind(), describe("P"), execute(), SYNC), (parse("SELECT 1; SELECT 2"), SYNC), (parse("SELEC"), SYNC),
        (parse("INSERT INTO nowhere VALUES (1)"), SYNC), (describe("S", ""), SYNC), (close("P", "no"), SYNC), (SYNC,),
        batch("CREATE TEMP TABLE e (a int)") + SYNCED,
        batch("INSERT INTO t (id, name) VALUES ($1, 'r') RETURNING *", b"333") + SYNCED,
    ],
    "portals in parts": [
        (query("BEGIN"),),
        (parse("SELECT id FROM t ORDER BY id", "p"), bind(statement="p", portal="one"), bind(statement="p", portal="two"), SYNC),
        (execute("one", 3), execute("two", 2), execute("one", 1), SYNC), (describe("P", "one"), execute("one", 0), SYNC),
        (execute("one", 1), SYNC), (close("P", "two"), execute("two", 1), SYNC), (query("ROLLBACK"),), (execute("one"), SYNC),
        (*batch("SELECT i FROM generate_series(1, 9) i", rows_max=4), execute("", 4), execute("", 4), execute("", 4), SYNC),
    ],
    "pipelines": [
        (*batch("SELECT 1"), *batch("SELECT 2"), SYNC, *batch("SELECT 1 / 0"), *batch("SELECT 3"), SYNC,
         *batch("SELECT 4"), SYNC),
        (*batch("INSERT INTO t (id, name) VALUES (500, 'in')"), *batch("SELECT missing"), *batch("SELECT 5"), SYNC),
        batch("SELECT count(*) FROM t WHERE id = 500") + SYNCED,
        (query("SELECT 6"), query("SELECT 1 / 0"), query("SELECT 7"), *batch("SELECT 8"), SYNC),
        (parse("SELECT $1::int", "again"),
         *(one for i in range(30) for one in (bind((b"%d" % i,), statement="again"), execute())), SYNC),
    ],
    "copy": [
        (query("COPY t TO STDOUT"),), (query("COPY (SELECT id, raw, d FROM t) TO STDOUT (FORMAT binary)"),),
        (query("COPY t (id, name) TO STDOUT (FORMAT csv, HEADER, FORCE_QUOTE *)"),), batch("COPY t TO STDOUT") + SYNCED,
        (query("COPY t (id, name) FROM STDIN"), copy_data(b"100\tx\n10"), copy_data(b"1\ty\n"), COPY_DONE),
        (query("COPY t (id, name) FROM STDIN"), copy_data(b"102\tx\n"), copy_fail("thought better of it")),
        (query("COPY t (id, name) FROM STDIN"), copy_data(b"not a number\tx\n"), copy_data(b"103\tx\n"), COPY_DONE),
        (query("COPY t (id, name) FROM STDIN"), copy_data(b"100\tx\n"), COPY_DONE),
        (*batch("COPY t (id, name) FROM STDIN (FORMAT csv)"), copy_data(b'104,"a,b"\n'), COPY_DONE, SYNC),
        # libpq sends its Sync before it knows that this is a COPY, and another one after the data.
        (*batch("COPY t (id, name) FROM STDIN"), SYNC, copy_data(b"105\tz\n"), COPY_DONE, SYNC),
        (*batch("COPY t (id, name) FROM STDIN"), SYNC, copy_data(b"bad"), COPY_DONE, SYNC),
        (query("COPY nowhere FROM STDIN"),), (query("SELECT count(*), max(id) FROM t"),),
        (query("COPY t (id, name) FROM STDIN; SELECT 1"), copy_data(b"106\tx\n"), COPY_DONE),
    ],
    "settings": [
        (query("SET application_name = 'ä name'"),), (query("SET TimeZone = 'Asia/Kolkata'; SET DateStyle = 'German'"),),
        (query("SELECT timestamptz '2026-01-01 00:00+00', date '2026-03-04'"),), (query("SET client_encoding = 'LATIN1'"),),
        (query("SELECT 'plain'"),), (typed(b"Q", b"SELECT '\xfc', length('\xfc')\0"),),
        (query("RESET ALL"),), (query("SHOW TimeZone"),), (query("SET nonsense = 1"),),
        (query("SET statement_timeout = '20ms'"),), (query("SELECT pg_sleep(5)"),), (query("DISCARD ALL"),),
        (query("SET LOCAL work_mem = '1MB'"),), (query("SET standard_conforming_strings = off; SELECT 'a\\'b'"),),
    ],
    "prepared in SQL": [
        (query("PREPARE q (int) AS SELECT $1 * 2"),), (query("EXECUTE q (21)"),), (describe("S", "q"), SYNC),
        (bind((b"4",), statement="q"), execute(), SYNC), (query("DEALLOCATE q"),), (query("EXECUTE q (1)"),),
        (query("DEALLOCATE ALL"),), (query("EXPLAIN (COSTS off) SELECT 1"),), (query("EXPLAIN SELEC"),),
    ],
    "notifications": [
        (query("LISTEN ring"),), (query("NOTIFY ring, 'one'"),), (query("BEGIN; NOTIFY ring, 'two'; COMMIT; SELECT 1"),),
        (query("UNLISTEN *"),), (query("NOTIFY ring"),),
    ],
    "large": [
        (query("SELECT repeat('x', 700000), 1"),), (query("SELECT i, repeat('ab', i % 50) FROM generate_series(1, 4000) i"),),
        (query("SELECT repeat('y', 300000) FROM generate_series(1, 4)"),), (query("SELECT '" + "z" * 600_000 + "'"),),
        batch("SELECT $1::text", b"w" * 500_000, result_formats=(1,)) + SYNCED,
    ],
    "by message": [
        (typed(b"F", struct.pack("!ihhh", 89, 0, 0, 0)),),
        (typed(b"F", struct.pack("!ihhh", 999_999, 0, 0, 0)),), (query("SELECT 1"),),
        (parse("SELECT 1", "f"), FLUSH, bind(statement="f"), FLUSH, execute(), FLUSH, SYNC),
        (typed(b"B", string("") + string("")), SYNC), (typed(b"E", b"x"), SYNC), (typed(b"D", b"Z" + string("")), SYNC),
    ],
}  # fmt: skip


def _masked(client: RawClient, step: Step) -> bytes:
    """What comes back for a step: a ReadyForQuery for each Query, FunctionCall and Sync that the server sees."""
    client.send(*step)
    kinds = [part[:1] for part in step]
    awaited = sum(kind in (b"Q", b"F", b"S") for kind in kinds)
    if b"d" in kinds and b"S" in kinds[: kinds.index(b"d")]:
        awaited -= 1
    found = b""
    while awaited:
        message = client.read()
        body = bytes(4) + message.body[4:] if message.kind == b"A" else message.body  # the pid of who notified
        found += message.kind + struct.pack("!i", len(message.body) + 4) + body
        awaited -= message.kind == b"Z"
    return found


@pytest.mark.parametrize("name", CONVERSATIONS)
def test_the_same_bytes_come_back(name: str, door: Running, postgres: PostgresBehind) -> None:
    with postgres.connect() as reset, postgres.raw() as direct, through(door) as passed:
        assert list(direct.parameters.items()) == list(passed.parameters.items())
        reset.execute(TABLE)
        expected = [_masked(direct, step) for step in CONVERSATIONS[name]]
        reset.execute(TABLE)
        for step, answer in zip(CONVERSATIONS[name], expected, strict=True):
            assert _masked(passed, step) == answer, step
        assert passed.query("SELECT 'and goes on'")[-1].kind == b"Z"


def test_start_up_parameters_arrive(door: Running, postgres: PostgresBehind) -> None:
    more = {"application_name": "till 7", "DateStyle": "SQL, DMY", "options": "-c work_mem=2MB --lock_timeout=7s"}
    names = ("work_mem", "lock_timeout", "application_name")
    shown = "SELECT date '2026-02-03', " + ", ".join(f"current_setting('{name}')" for name in names)
    with postgres.raw(**more) as direct, through(door, **more) as passed:
        assert direct.parameters == passed.parameters
        assert direct.query(shown) == passed.query(shown)
