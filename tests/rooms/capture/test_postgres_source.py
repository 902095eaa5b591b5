"""The PostgreSQL source on a real server: what it checks, what the log tells, and that chunks read alike."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from tests.rooms.capture.postgres_server import PostgresUnderTest

from boathouse.capture.changes import (
    DELETE,
    INSERT,
    MOVED,
    UPDATE,
    ChangeBatch,
    LogItem,
    Mark,
    Reached,
    SchemaChanged,
    TableFailed,
    Truncated,
)  # fmt: skip
from boathouse.capture.postgres.source import PostgresSource
from boathouse.contracts.source_errors import SourceGap

EVERY_TYPE = """
id bigint PRIMARY KEY, b boolean, i2 smallint, i4 integer, r real, d double precision, n numeric(20, 6), n0 numeric(38),
free numeric, t text, v varchar(10), c char(5), dt date, tm time, tmz timetz, ts timestamp, tsz timestamptz(3),
u uuid, j json, jb jsonb, by bytea, ar integer[], iv interval, ip inet, mood mood, dom price, rg int4range, bits bit(3)
"""
EDGES: dict[str, list[str]] = {
    "b": ["true", "false"], "i2": ["-32768", "32767"], "i4": ["-2147483648", "2147483647"],
    "r": ["3.4028235e38", "'-0'", "'NaN'", "'-Infinity'", "1.17549435e-38", "0.1"],
    "d": ["1.7976931348623157e308", "5e-324", "'-0'", "'NaN'", "'Infinity'", "0.1"],
    "n": ["12345678901234.567891", "-0.000001", "0"], "n0": ["99999999999999999999999999999999999999"],
    "free": ["1.10", "123456789012345678901234567890123456789012345.5", "'NaN'"],
    "t": ["''", "E'a\\tb\\nc\\\\d\\x01'", "'ü €😀'", "'\\N'", "repeat('x', 60000)"], "v": ["'ten chars!'"],
    "c": ["'ab'", "'  x'"], "dt": ["'0001-01-01'", "'9999-12-31'", "'2024-02-29'"],
    "tm": ["'00:00'", "'23:59:59.999999'"], "tmz": ["'12:30:00.5+05:30'"],
    "ts": ["'0001-01-01 00:00:00'", "'9999-12-31 23:59:59.999999'", "'2024-03-10 02:30:00.1'"],
    "tsz": ["'1900-01-01 00:00:00+00'", "'2024-03-31 02:30:00.123+02'"],
    "u": ["'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'"], "j": ["'{\"b\": 1.0,  \"a\": [null]}'"],
    "jb": ["'{\"b\": 1.0,  \"a\": 1e400}'"], "by": ["''", "'\\x00ff5c'"], "ar": ["'{1,NULL,3}'", "'{}'"],
    "iv": ["'1 year -2 days 03:04:05.678'"], "ip": ["'10.0.0.1/8'"], "mood": ["'so so'"], "dom": ["12.50"],
    "rg": ["'[1,5)'"], "bits": ["B'101'"],
}  # fmt: skip


class Reader:
    """Reads a source's log up to watermarks."""

    def __init__(self, source: PostgresSource, after: Any) -> None:
        self.source, self.items, self.count = source, source.stream(after), 0

    def until_now(self) -> list[LogItem]:
        self.count += 1
        token = f"here {self.count}"
        self.source.mark(token)
        found: list[LogItem] = []
        for item in self.items:
            if item == Mark(token):
                return found
            if not isinstance(item, Reached):
                found.append(item)
        raise AssertionError


def rows_of(items: list[LogItem]) -> list[tuple[Any, ...]]:
    found = []
    for item in items:
        if isinstance(item, ChangeBatch):
            for op, row in zip(item.ops.to_pylist(), item.rows.to_pylist(), strict=True):
                found.append((op, *row.values()))
    return found


@pytest.fixture
def capture(postgres: PostgresUnderTest) -> Iterator[Any]:
    sources = []

    def begin(*names: str) -> Reader:
        source = PostgresSource("it", postgres.secret, [("public", name) for name in names] or None)
        sources.append(source)
        assert [one for one in source.check() if one.level == "error"] == []
        return Reader(source, source.prepare())

    yield begin
    for source in sources:
        source.close()


def test_changes_come_in_order_with_their_kind(db: psycopg.Connection[Any], capture: Any) -> None:
    db.execute("CREATE TABLE t (id integer PRIMARY KEY, a text); CREATE TABLE other (id integer PRIMARY KEY)")
    log = capture("t")
    db.execute("INSERT INTO t VALUES (1, 'a'), (2, NULL)")
    db.execute("UPDATE t SET a = 'b' WHERE id = 1; UPDATE t SET id = 3 WHERE id = 2; INSERT INTO other VALUES (1)")
    with db.transaction():
        db.execute("DELETE FROM t WHERE id = 1")
    found = log.until_now()
    assert rows_of(found) == [
        (INSERT, 1, "a"), (INSERT, 2, None), (UPDATE, 1, "b"), (DELETE, 2, None), (MOVED, 3, None), (DELETE, 1, None),
    ]  # fmt: skip
    batch = next(item for item in found if isinstance(item, ChangeBatch))
    assert batch.transaction.to_pylist() == [0, 0, 1, 1, 1, 2]
    assert batch.ordinals.to_pylist() == [0, 1, 0, 1, 2, 0]
    xids = [one.xid for one in batch.transactions]
    now = log.source.snapshot()
    assert all(now.sees(xid) for xid in xids) and not now.sees(xids[-1] + 1_000_000)
    db.execute("INSERT INTO t VALUES (9, 'z'); TRUNCATE t; INSERT INTO t VALUES (10, 'y')")
    found = [item for item in log.until_now() if not isinstance(item, SchemaChanged)]
    assert isinstance(found[1], Truncated) and found[1].path == ("public", "t")
    assert rows_of(found[:1]) == [(INSERT, 9, "z")] and rows_of(found[2:]) == [(INSERT, 10, "y")]


def test_rolled_back_savepoints_are_not_told_and_others_carry_the_whole_transactions_number(
    db: psycopg.Connection[Any], capture: Any
) -> None:
    db.execute("CREATE TABLE t (id integer PRIMARY KEY)")
    log = capture("t")
    with db.transaction():
        (xid,) = db.execute("SELECT txid_current()").fetchone()  # type: ignore[misc]
        db.execute("INSERT INTO t VALUES (1); SAVEPOINT a; INSERT INTO t VALUES (2); ROLLBACK TO a")
        db.execute("SAVEPOINT b; INSERT INTO t VALUES (3); RELEASE b")
    found = log.until_now()
    assert rows_of(found) == [(INSERT, 1), (INSERT, 3)]
    (batch,) = (item for item in found if isinstance(item, ChangeBatch))
    assert [one.xid for one in batch.transactions] == [xid]


@pytest.mark.parametrize("identity", ["DEFAULT", "FULL"])
def test_a_value_that_was_not_sent_is_unchanged_and_never_null(
    db: psycopg.Connection[Any], capture: Any, identity: str
) -> None:
    db.execute("CREATE TABLE t (id integer PRIMARY KEY, big text, n integer)")
    db.execute(f"ALTER TABLE t ALTER big SET STORAGE EXTERNAL; ALTER TABLE t REPLICA IDENTITY {identity}")
    big = "x" * 9000
    db.execute("INSERT INTO t VALUES (1, %s, 0)", (big,))
    log = capture("t")
    db.execute("UPDATE t SET n = 1; UPDATE t SET id = 2; UPDATE t SET big = NULL")
    (batch,) = (item for item in log.until_now() if isinstance(item, ChangeBatch))
    patterns = [batch.patterns[one] for one in batch.pattern.to_pylist()] if batch.pattern else [frozenset()] * 4
    assert batch.ops.to_pylist() == [UPDATE, DELETE, MOVED, UPDATE]
    if identity == "DEFAULT":
        assert patterns == [{1}, frozenset(), {1}, frozenset()]
    else:
        assert batch.rows.column("big").to_pylist()[2] == big
        assert patterns == [frozenset()] * 4
    assert batch.rows.column("big").to_pylist()[3] is None


def test_chunk_and_log_give_equal_values_for_every_type(db: psycopg.Connection[Any], capture: Any) -> None:
    db.execute("CREATE TYPE mood AS ENUM ('so so', 'good'); CREATE DOMAIN price AS numeric(8, 2) CHECK (VALUE > 0)")
    db.execute(f"CREATE TABLE every_type ({EVERY_TYPE})")
    # The writer's session shows values otherwise than ours.
    db.execute("SET TimeZone = 'Asia/Kathmandu'; SET DateStyle = 'SQL, DMY'; SET extra_float_digits = -5")
    log = capture("every_type")
    names = list(EDGES)
    rows = max(len(values) for values in EDGES.values())
    for number in range(rows):
        given = ", ".join(EDGES[name][number] if number < len(EDGES[name]) else "NULL" for name in names)
        db.execute(f"INSERT INTO every_type (id, {', '.join(names)}) VALUES ({number}, {given})")
    (batch,) = (item for item in log.until_now() if isinstance(item, ChangeBatch))
    source, path = log.source, ("public", "every_type")
    upto = source.last_key(path)
    assert upto == (str(rows - 1),)
    chunk = source.read_chunk(path, None, upto, 1000)
    assert (chunk.schema.fingerprint, chunk.schema.arrow) == (batch.schema.fingerprint, batch.schema.arrow)
    for name in batch.rows.schema.names:
        ours, theirs = chunk.rows.column(name), batch.rows.column(name)
        assert str(ours.to_pylist()) == str(theirs.to_pylist()), name
    assert str(batch.rows.column("d").to_pylist()[2]) == "-0.0"
    assert batch.rows.column("by").to_pylist()[1] == b"\x00\xff\x5c"
    assert str(batch.rows.column("dom").to_pylist()[0]) == "12.50"


@pytest.mark.parametrize(
    ("type_", "value"), [("numeric(5,2)", "NaN"), ("date", "infinity"), ("timestamptz", "-infinity"), ("date", "0044-03-15 BC")]
)  # fmt: skip
def test_what_the_warehouse_cannot_hold_is_refused_by_name(
    db: psycopg.Connection[Any], capture: Any, type_: str, value: str
) -> None:
    db.execute(f"CREATE TABLE t (id integer PRIMARY KEY, odd {type_})")
    log = capture("t")
    db.execute("INSERT INTO t VALUES (1, %s)", (value,))
    (failed,) = [item for item in log.until_now() if isinstance(item, TableFailed)]
    assert failed.path == ("public", "t") and failed.reason.startswith("public.t.odd has a value that") and failed.xids


KEYS = {
    "integer": "g - 20", "text": "chr(64 + g % 60) || g", 'text COLLATE "C"': "chr(64 + g % 60) || g",
    "uuid": "md5(g::text)::uuid",
    "numeric(9,3)": "g / 7.0", "bytea": "decode(md5(g::text), 'hex')", "date": "date '2000-01-01' - g",
    "timestamptz": "timestamptz '2000-01-01' - g * interval '1 hour'", "char(6)": "to_hex(g * 7)", "boolean": "g = 1",
    "mood": "CASE g WHEN 1 THEN 'good' ELSE 'so so' END::mood", "bigint": "g * 1000000000000",
}  # fmt: skip


@pytest.mark.parametrize("second", [False, True], ids=["alone", "composite"])
def test_chunks_are_the_table_by_the_sources_own_order(
    db: psycopg.Connection[Any], postgres: PostgresUnderTest, second: bool
) -> None:
    db.execute("CREATE TYPE mood AS ENUM ('so so', 'good')")
    key = 'k, "We ird"' if second else "k"
    for number, (type_, value) in enumerate(KEYS.items()):
        table, rows = f"t{number}", 2 if type_ in ("boolean", "mood") else 40
        db.execute(f'CREATE TABLE {table} (k {type_}, "We ird" integer, PRIMARY KEY ({key}))')
        db.execute(f"INSERT INTO {table} SELECT {value}, g % 3 FROM generate_series(1, {rows}) g")
        if second:
            db.execute(f'INSERT INTO {table} SELECT k, "We ird" + 10 FROM {table}')
    source = PostgresSource("it", postgres.secret, None)
    try:
        for number, type_ in enumerate(KEYS):
            hold_chunks(db, source, f"t{number}", key, is_text=type_ != "bytea")
    finally:
        source.close()


def hold_chunks(db: psycopg.Connection[Any], source: PostgresSource, table: str, key: str, *, is_text: bool) -> None:
    path, after = ("public", table), None
    upto = source.last_key(path)
    assert upto is not None
    found: list[Any] = []
    while True:
        chunk = source.read_chunk(path, after, upto, 7)
        found += [tuple(row.values()) for row in chunk.rows.to_pylist()]
        after = chunk.after
        if after is None:
            break
    whole = source.read_chunk(path, None, upto, 1000)
    assert found == [tuple(row.values()) for row in whole.rows.to_pylist()]
    assert (len(found),) == (len(set(found)),) == db.execute(f"SELECT count(*) FROM {table}").fetchone()
    if is_text:
        two = [tuple(map(str, row)) for row in db.execute(f"SELECT {key} FROM {table} LIMIT 2").fetchall()]
        assert len(source.read_keys(path, two).rows) == 2


def test_no_transaction_stays_open_and_nothing_is_locked(db: psycopg.Connection[Any], capture: Any) -> None:
    db.execute("CREATE TABLE t (id integer PRIMARY KEY); INSERT INTO t SELECT generate_series(1, 100)")
    source = capture("t").source
    source.read_chunk(("public", "t"), None, ("100",), 10)
    db.execute("ALTER TABLE t ADD COLUMN a integer")
    states = db.execute("SELECT state FROM pg_stat_activity WHERE application_name = 'boathouse'").fetchall()
    assert states and ("idle in transaction",) not in states


def test_check_names_what_to_mend(db: psycopg.Connection[Any], postgres: PostgresUnderTest) -> None:
    db.execute("CREATE TABLE no_key (a integer); CREATE UNLOGGED TABLE fast (id integer PRIMARY KEY)")
    db.execute("CREATE TABLE nothing (id integer PRIMARY KEY); ALTER TABLE nothing REPLICA IDENTITY NOTHING")
    db.execute("CREATE TABLE floats (id double precision PRIMARY KEY)")
    db.execute("CREATE VIEW v AS SELECT 1 AS a")
    names = ["no_key", "fast", "nothing", "floats", "v", "absent"]
    source = PostgresSource("it", postgres.secret, [("public", name) for name in names])
    try:
        found = {one.subject: one for one in source.check()}
        assert set(found) == {f"public.{name}" for name in names}
        assert all(one.level == "error" for one in found.values())
        assert "ADD PRIMARY KEY" in found["public.no_key"].mend
        assert "SET LOGGED" in found["public.fast"].mend
        db.execute(found["public.nothing"].mend)
        assert "public.nothing" not in {one.subject for one in source.check()}
    finally:
        source.close()


def test_a_slot_that_was_moved_or_made_anew_is_a_gap(db: psycopg.Connection[Any], capture: Any) -> None:
    db.execute("CREATE TABLE t (id integer PRIMARY KEY)")
    log = capture("t")
    after = log.source.prepare()
    log.source.close()
    db.execute("INSERT INTO t VALUES (1)")
    db.execute("SELECT pg_drop_replication_slot(%s)", (log.source.slot,))
    with pytest.raises(SourceGap, match="is gone"):
        next(log.source.stream(after))
    db.execute("SELECT pg_create_logical_replication_slot(%s, 'pgoutput')", (log.source.slot,))
    with pytest.raises(SourceGap, match="ahead of"):
        next(log.source.stream(after))


def test_the_stream_goes_on_where_it_was_acknowledged(db: psycopg.Connection[Any], capture: Any) -> None:
    db.execute("CREATE TABLE t (id integer PRIMARY KEY)")
    log = capture("t")
    db.execute("INSERT INTO t VALUES (1)")
    for item in log.items:
        if isinstance(item, ChangeBatch):
            break
    reached = next(item for item in log.items if isinstance(item, Reached)).position
    db.execute("INSERT INTO t VALUES (2)")
    log.source.acknowledge(reached)
    log.source.close()
    again = capture("t")
    again.items = again.source.stream(again.source.position(str(reached)))
    assert rows_of(again.until_now()) == [(INSERT, 2)]


def test_shape_changes_are_told_before_the_rows_that_have_them(db: psycopg.Connection[Any], capture: Any) -> None:
    db.execute("CREATE TABLE t (id integer PRIMARY KEY, a text)")
    log = capture("t")
    db.execute("INSERT INTO t VALUES (1, 'a'); ALTER TABLE t ADD COLUMN b integer; INSERT INTO t VALUES (2, 'b', 3)")
    db.execute("ALTER TABLE t DROP COLUMN a; ALTER TABLE t RENAME b TO c; INSERT INTO t VALUES (4, 5)")
    shapes = [tuple(c.name for c in item.schema.columns) for item in log.until_now() if isinstance(item, SchemaChanged)]
    assert shapes == [("id", "a"), ("id", "a", "b"), ("id", "c")]
