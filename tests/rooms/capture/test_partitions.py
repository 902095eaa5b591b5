"""Partitioned tables of PostgreSQL: captured as their root, whatever partitions come, go and are emptied."""

from __future__ import annotations

import os
import random
import re
from typing import Any

import psycopg
import pytest
from tests.rooms.capture.capture_house import CaptureHouse
from tests.rooms.capture.postgres_server import PostgresUnderTest
from tests.rooms.capture.writers import Writers

from boathouse.capture.changes import Rearranged
from boathouse.capture.postgres import layouts
from boathouse.capture.postgres.check import ROOTS_VERSION
from boathouse.capture.postgres.source import PostgresSource
from boathouse.contracts.source_errors import SourceRefused

MAKE = """
CREATE TABLE t (id integer NOT NULL, part integer NOT NULL, n integer, big text, PRIMARY KEY (part, id)) PARTITION BY LIST (part);
CREATE TABLE p0 PARTITION OF t FOR VALUES IN (0);
CREATE TABLE p1 (big text, n integer, dropped text, part integer NOT NULL, id integer NOT NULL);
ALTER TABLE p1 DROP COLUMN dropped;
ALTER TABLE t ATTACH PARTITION p1 FOR VALUES IN (1);
CREATE TABLE deep PARTITION OF t FOR VALUES IN (2, 3) PARTITION BY RANGE (id);
CREATE TABLE deep_low PARTITION OF deep FOR VALUES FROM (MINVALUE) TO (1000);
CREATE TABLE deep_high PARTITION OF deep FOR VALUES FROM (1000) TO (MAXVALUE)
"""
FILL = "INSERT INTO t SELECT g, g % 4, 0, repeat('x', 3000) FROM generate_series(1, 2000) g"
STEPS = int(os.environ.get("BOATHOUSE_CAPTURE_PARTITIONS", "6"))
SEED = int(os.environ.get("BOATHOUSE_CAPTURE_SEED", "11"))


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layouts, "LOOK_SECONDS", 0.2)


def begin(house: CaptureHouse, rest: str = "") -> None:
    house.integrate(rest)
    house.begin()
    house.until_dumped()


def dumps(house: CaptureHouse) -> int:
    return len(house.own("SELECT 1 FROM boathouse.capture_dumps"))


def looked(house: CaptureHouse, db: psycopg.Connection[Any], table: str = "t") -> None:
    """The layout that is stored has the partitions of now, and what follows from it is done."""
    expected = set(
        db.execute(
            "SELECT c.oid::text, c.relfilenode::text FROM pg_class c JOIN pg_inherits i ON i.inhrelid = c.oid WHERE "
            "c.relkind = 'r' AND c.oid IN (SELECT relid FROM pg_partition_tree(%s))",
            (table,),
        ).fetchall()
    )

    def stored() -> bool:
        texts = house.own(f"SELECT layout FROM boathouse.capture_tables WHERE table_name = '{table}'")
        return any(
            {(oid, file) for oid, (file, _) in layouts.parse_layout(text).parts.items()} == expected
            for (text,) in texts
            if text
        )

    house.until(stored, "nobody looks")
    house.until_dumped()


def equal(house: CaptureHouse, db: psycopg.Connection[Any], table: str = "t") -> None:
    house.until_equal(db, table, order="part, id", what="id, part, n, big")


@pytest.fixture
def rooted(db: psycopg.Connection[Any]) -> None:
    """A server that tells changes of partitions as those of their root."""
    if db.info.server_version < ROOTS_VERSION:
        pytest.skip("before PostgreSQL 14 partitions are captured, not their roots")


def test_before_14_partitions_are_tables_of_their_own(db: psycopg.Connection[Any], house: CaptureHouse) -> None:
    if db.info.server_version >= ROOTS_VERSION:
        pytest.skip("BOATHOUSE_POSTGRES names no PostgreSQL of before 14")
    db.execute(f"{MAKE}; {FILL}")
    begin(house)
    equal(house, db, "p1")
    db.execute("UPDATE p1 SET n = 3; UPDATE t SET n = 2 WHERE id % 7 = 0")
    equal(house, db, "p1")
    assert ("t",) not in house.run("SELECT table_name FROM svv_integration_table_state")


@pytest.mark.usefixtures("rooted")
def test_a_partitioned_table_is_captured_as_its_root(db: psycopg.Connection[Any], house: CaptureHouse) -> None:
    db.execute(f"{MAKE}; {FILL}; ANALYZE t")
    begin(house)
    equal(house, db)
    assert house.run("SELECT table_name, table_state FROM svv_integration_table_state") == [("t", "Synced")]
    query = "SELECT rows, rows_estimated FROM svv_integration_dump WHERE rows > 0"
    assert house.run(query) == [(2000, 2000)]  # the one before it was begun anew with the first look
    db.execute(
        "UPDATE t SET n = 1 WHERE id < 500; DELETE FROM t WHERE id % 9 = 0; INSERT INTO t VALUES (-1, 3, 0, NULL)"
    )
    db.execute("UPDATE t SET part = (part + 1) % 4, n = 2 WHERE id % 7 = 0; UPDATE p1 SET n = 3 WHERE id > 1900")
    equal(house, db)
    db.execute("TRUNCATE t; INSERT INTO t VALUES (1, 1, 1, 'a'), (1, 2, 1, 'b')")
    equal(house, db)


@pytest.mark.usefixtures("rooted")
def test_new_and_empty_partitions_cost_no_dump(db: psycopg.Connection[Any], house: CaptureHouse) -> None:
    db.execute(f"{MAKE}; {FILL}")
    begin(house)
    before = dumps(house)
    db.execute("CREATE TABLE p4 PARTITION OF t FOR VALUES IN (4)")
    db.execute("INSERT INTO t SELECT g, 4, 0, NULL FROM generate_series(1, 100) g")
    with db.transaction():
        db.execute("CREATE TABLE p5 (LIKE t INCLUDING ALL)")
        db.execute("ALTER TABLE t ATTACH PARTITION p5 FOR VALUES IN (5)")
    db.execute("INSERT INTO p5 VALUES (1, 5, 0, NULL)")
    db.execute("VACUUM FULL p0")
    looked(house, db)
    equal(house, db)
    assert dumps(house) == before


@pytest.mark.usefixtures("rooted")
def test_rows_that_went_with_a_partition_before_the_first_look(
    db: psycopg.Connection[Any], postgres: PostgresUnderTest
) -> None:
    db.execute(MAKE)
    source = PostgresSource("it", postgres.secret, [("public", "t")])
    try:
        start = source.prepare()
        db.execute("INSERT INTO t VALUES (1, 2, 0, NULL)")
        db.execute("TRUNCATE deep")
        told: list[str] = []
        stream = source.stream(start)
        for item in stream:
            told.append(type(item).__name__)
            if isinstance(item, Rearranged):
                assert item.dump
                break
        stream.close()  # type: ignore[attr-defined]
        assert "ChangeBatch" in told
    finally:
        source.close()
        source.drop()


CHANGES = {
    "attach": "CREATE TABLE p4 (LIKE t); INSERT INTO p4 SELECT g, 4, 0, 'came' FROM generate_series(1, 50) g; "
    "ALTER TABLE t ATTACH PARTITION p4 FOR VALUES IN (4); UPDATE t SET n = 7 WHERE part = 4 AND id = 5",
    "made": "BEGIN; CREATE TABLE p4 (LIKE t); SAVEPOINT s; INSERT INTO p4 VALUES (1, 4, 0, 'came'); RELEASE s; "
    "ALTER TABLE t ATTACH PARTITION p4 FOR VALUES IN (4); COMMIT",
    "detach": "ALTER TABLE t DETACH PARTITION p1; INSERT INTO t VALUES (5001, 0, 0, 'other')",
    "reattach": "ALTER TABLE t DETACH PARTITION p1; UPDATE p1 SET n = 8; DELETE FROM p1 WHERE id < 100; "
    "ALTER TABLE t ATTACH PARTITION p1 FOR VALUES IN (1)",
    "deep": "ALTER TABLE t DETACH PARTITION deep; DELETE FROM deep_low; ALTER TABLE t ATTACH PARTITION deep FOR VALUES IN (2, 3)",
    "drop": "DROP TABLE p0; CREATE TABLE p0 PARTITION OF t FOR VALUES IN (0); INSERT INTO t VALUES (7, 0, 0, 'new')",
    "truncate": "INSERT INTO t VALUES (6001, 1, 0, 'goes'); TRUNCATE p1; INSERT INTO t VALUES (1, 1, 0, 'comes')",
}


@pytest.mark.usefixtures("rooted")
@pytest.mark.parametrize("running", [True, False], ids=["running", "stopped"])
def test_rows_that_come_and_go_with_partitions(db: psycopg.Connection[Any], house: CaptureHouse, running: bool) -> None:
    """Each in a table of its own, whose name and partitions' names end by it."""
    for name in CHANGES:
        db.execute(_named(f"{MAKE}; {FILL.replace('2000', '400')}", name))
    begin(house)
    if not running:
        house.end()
    for name, change in CHANGES.items():
        for statement in change.split(";"):
            db.execute(_named(statement, name))
    if not running:
        house.begin()
    for name in CHANGES:
        looked(house, db, f"t_{name}")
        equal(house, db, f"t_{name}")
    for name in CHANGES:
        db.execute(f"UPDATE t_{name} SET n = 9 WHERE id % 5 = 0; INSERT INTO t_{name} VALUES (9000, 2, 0, '')")
    for name in CHANGES:
        equal(house, db, f"t_{name}")


def _named(statements: str, name: str) -> str:
    return re.sub(r"\b(t|p\d|deep|deep_low|deep_high)\b", rf"\1_{name}", statements)


class Load(Writers):
    """Rows of all partitions, changed for as long as it runs; a partition that is away is passed over."""

    def __init__(self, postgres: PostgresUnderTest) -> None:
        self._postgres = postgres
        super().__init__(2)

    def _run(self, number: int) -> None:
        chance = random.Random(SEED * 10 + number)
        with self._postgres.connect() as db:
            while not self._stop.wait(0.003):
                key = (chance.randrange(800) * 2 + number, chance.randrange(4))
                try:
                    if chance.random() < 0.7:
                        db.execute(
                            "INSERT INTO t VALUES (%s, %s, 0, repeat('z', 3000)) ON CONFLICT (part, id) DO UPDATE "
                            "SET n = t.n + 1",
                            key,
                        )
                    else:
                        db.execute("DELETE FROM t WHERE id = %s AND part = %s", key)
                except (psycopg.errors.CheckViolation, psycopg.errors.DeadlockDetected):
                    pass  # no partition takes it just now


@pytest.mark.usefixtures("rooted")
def test_partitions_that_move_at_random_under_load(
    db: psycopg.Connection[Any], postgres: PostgresUnderTest, house: CaptureHouse
) -> None:
    """Also while nobody looks, and while it is dumped: as often as BOATHOUSE_CAPTURE_PARTITIONS says."""
    chance = random.Random(SEED)
    db.execute(f"{MAKE}; {FILL}")
    house.integrate()
    house.begin()
    running = True
    parts = {"p0": "IN (0)", "p1": "IN (1)", "deep": "IN (2, 3)"}
    with Load(postgres):
        for _ in range(STEPS):
            name = chance.choice(sorted(parts))
            what = chance.randrange(4)
            if what == 0:
                db.execute(f"TRUNCATE {name}")
            elif what == 1:
                db.execute(f"ALTER TABLE t DETACH PARTITION {name}; DELETE FROM {name} WHERE id % 3 = 0")
                db.execute("SELECT pg_sleep(%s)", (chance.choice((0, 0.3)),))
                db.execute(
                    f"UPDATE {name} SET n = -1 WHERE id % 5 = 0; ALTER TABLE t ATTACH PARTITION {name} FOR VALUES {parts[name]}"
                )
            elif what == 2:
                house.end() if running else house.begin()
                running = not running
            else:
                db.execute("SELECT pg_sleep(0.4)")
    if not running:
        house.begin()
    looked(house, db)
    equal(house, db)


@pytest.mark.usefixtures("rooted")
def test_what_stands_in_the_way_is_named(db: psycopg.Connection[Any], postgres: PostgresUnderTest) -> None:
    db.execute(f"{MAKE}; ALTER TABLE deep_low SET UNLOGGED")
    source = PostgresSource("it", postgres.secret, [("public", "t"), ("public", "p0")])

    def found() -> dict[str, tuple[str, str]]:
        return {one.subject: (one.message, one.mend) for one in source.check()}

    try:
        assert "it is a partition" in found()["public.p0"][0]
        for fault in ("", "ALTER TABLE deep_high REPLICA IDENTITY NOTHING"):
            db.execute(fault or "SELECT 1")
            message, mend = found()["public.t"]
            assert "its partition public.deep_" in message
            db.execute(mend)
        assert "public.t" not in found()
        db.execute("ALTER TABLE t REPLICA IDENTITY FULL")
        assert "has another REPLICA IDENTITY" in found()["public.t"][0]
        db.execute("ALTER TABLE t REPLICA IDENTITY DEFAULT")
        # A publication that somebody else made without it is mended, or refused with the SQL that mends it.
        db.execute(f"CREATE PUBLICATION {source.publication} FOR TABLE t")
        start = PostgresSource("it", postgres.secret, [("public", "t")])
        place = start.prepare()
        assert db.execute("SELECT pubviaroot FROM pg_publication").fetchall() == [(True,)]
        db.execute(f"ALTER PUBLICATION {source.publication} SET (publish_via_partition_root = false)")
        with pytest.raises(SourceRefused, match="not as those of the tables") as refused:
            next(iter(start.stream(place)))
        db.execute(str(refused.value.hint))
        next(iter(start.stream(place)))
        start.close()
    finally:
        source.close()


@pytest.mark.usefixtures("rooted")
def test_a_publication_that_tells_partitions_sets_the_table_aside(
    db: psycopg.Connection[Any], house: CaptureHouse
) -> None:
    db.execute(f"{MAKE}; {FILL}; CREATE TABLE other (id integer PRIMARY KEY)")
    begin(house)
    (publication,) = db.execute("SELECT pubname FROM pg_publication").fetchone() or ("",)
    db.execute(f"ALTER PUBLICATION {publication} SET (publish_via_partition_root = false)")
    db.execute("UPDATE t SET n = 4 WHERE id = 5")
    house.until(lambda: "publish_via_partition_root" in failed(house), "it goes on", may_fail=True)
    db.execute(f"ALTER PUBLICATION {publication} SET (publish_via_partition_root = true)")
    house.run("ALTER INTEGRATION shop RESUME")

    def is_mended() -> bool:
        # Servers before 18 tell what the log has from then as it was published then, and set the table aside once more.
        if failed(house):
            house.run("ALTER INTEGRATION shop DUMP TABLE public.t")
        return house.run("SELECT n FROM shop.t WHERE id = 5") == [(4,)]

    house.until(is_mended, "it is not mended", may_fail=True, pause=0.5)
    house.until_dumped()
    equal(house, db)


def failed(house: CaptureHouse) -> str:
    return str(house.run("SELECT coalesce(max(reason), '') FROM svv_integration_table_state")[0][0])


def test_tables_that_inherit_are_captured_each_for_itself(db: psycopg.Connection[Any], house: CaptureHouse) -> None:
    db.execute("CREATE TABLE t (id integer PRIMARY KEY, a text); CREATE TABLE child (PRIMARY KEY (id)) INHERITS (t)")
    db.execute("CREATE TABLE uncaptured (PRIMARY KEY (id)) INHERITS (t)")
    for table, key in (("t", 1), ("child", 2), ("uncaptured", 3)):
        db.execute(f"INSERT INTO {table} VALUES ({key}, 'old'), ({key + 10}, 'old')")
    begin(house, "TABLES (public.t, public.child)")
    db.execute(
        "UPDATE t SET a = 'new' WHERE id < 10; DELETE FROM t WHERE id > 10; INSERT INTO uncaptured VALUES (5, 'x')"
    )
    db.execute("INSERT INTO child VALUES (6, 'x'); INSERT INTO t VALUES (7, 'x')")

    house.until(lambda: house.run("SELECT id, a FROM shop.t ORDER BY id") == [(1, "new"), (7, "x")], "not equal")
    house.until(lambda: house.run("SELECT id, a FROM shop.child ORDER BY id") == [(2, "new"), (6, "x")], "not equal")
    assert house.state()[0] == "running" and failed(house) == ""


def test_a_table_that_is_made_anew_under_its_name_is_captured_anew(
    db: psycopg.Connection[Any], house: CaptureHouse
) -> None:
    db.execute("CREATE TABLE t (id integer PRIMARY KEY, a text); INSERT INTO t VALUES (1, 'a'), (2, 'b')")
    db.execute("CREATE TABLE fresh (id integer PRIMARY KEY, a text); INSERT INTO fresh VALUES (2, 'c'), (3, 'd')")
    begin(house, "TABLES (public.t)")
    db.execute("ALTER TABLE t RENAME TO old; ALTER TABLE fresh RENAME TO t; INSERT INTO t VALUES (4, 'e')")
    house.until_equal(db)
    db.execute("DROP TABLE t; CREATE TABLE t (id integer PRIMARY KEY, a text); INSERT INTO t VALUES (9, 'z')")
    house.until_equal(db)
    db.execute("UPDATE t SET a = 'y'; INSERT INTO t VALUES (10, 'x')")
    house.until_equal(db)
