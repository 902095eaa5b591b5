"""A PostgreSQL captured into the warehouse: what ends up there is what is there, whatever happens on the way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from tests.rooms.capture.capture_house import CaptureHouse
from tests.rooms.capture.postgres_server import PostgresUnderTest
from tests.rooms.capture.workload import MAKE, Workload

from boathouse.app.cli import main
from boathouse.capture import catalog
from boathouse.capture.outputs import inserted, warehouse
from boathouse.capture.postgres import source
from boathouse.contracts.errors import DuplicateObject, FeatureNotSupported, UndefinedObject
from boathouse.contracts.source_errors import WarehouseUnavailable


@pytest.fixture
def house_with(tmp_path: Path, postgres: PostgresUnderTest) -> Iterator[Callable[..., CaptureHouse]]:
    made: list[CaptureHouse] = []

    def make(**capture: Any) -> CaptureHouse:
        made.append(CaptureHouse(tmp_path / "home", postgres, **capture))
        return made[-1]

    yield make
    for house in made:
        house.close()


@pytest.fixture
def house(house_with: Callable[..., CaptureHouse]) -> CaptureHouse:
    return house_with()


def test_a_live_table_is_dumped_and_followed(
    db: psycopg.Connection[Any], postgres: PostgresUnderTest, house: CaptureHouse
) -> None:
    db.execute(MAKE)
    db.execute("ALTER TABLE t ALTER big SET STORAGE EXTERNAL")
    db.execute("INSERT INTO t SELECT g, 0, 'first', repeat('y', 5000) FROM generate_series(0, 3000) g")
    house.integrate()
    house.begin()
    with Workload(postgres, writers=3, keys=1000, seed=1, truncates=True):
        house.until_dumped()
        house.run("ALTER INTEGRATION shop DUMP TABLE public.t")
        house.until(lambda: not house.own("SELECT 1 FROM boathouse.capture_requests"), "the request is not taken")
        house.until_dumped()
    house.until_equal(db)
    assert house.run("SELECT rtrim(state), total_tables_replicated FROM svv_integration") == [("CdcRefreshState", 1)]


def test_every_kind_of_change_arrives(db: psycopg.Connection[Any], house: CaptureHouse) -> None:
    db.execute(
        'CREATE TABLE "Odd" ("Key" text, k2 integer, "group" numeric(9, 2), ts timestamptz, PRIMARY KEY (k2, "Key"))'
    )
    db.execute(f"{MAKE}; ALTER TABLE t ALTER big SET STORAGE EXTERNAL")
    big = "z" * 9000
    db.execute("INSERT INTO t VALUES (1, 1, 'a', %s), (2, 1, 'b', %s)", (big, "2" + big))
    house.integrate('TABLES (public.t, public."Odd")')
    house.begin()
    house.until_dumped()
    house.until_equal(db)
    # Unchanged values within one batch, over a moved key, over a swap, and after an insert in the same batch.
    with db.transaction():
        db.execute("INSERT INTO t VALUES (3, 1, 'c', %s)", ("3" + big,))
        db.execute("UPDATE t SET version = 2; UPDATE t SET id = 99 WHERE id = 1; UPDATE t SET id = 1 WHERE id = 2")
        db.execute("UPDATE t SET id = 2, note = NULL WHERE id = 99; UPDATE t SET version = 5 WHERE id = 3")
        db.execute("INSERT INTO \"Odd\" VALUES ('A b', 1, 12.5, '2024-01-01 00:00+02'), ('ü', 1, NULL, NULL)")
    house.until_equal(db)
    house.until_equal(db, '"Odd"', '"Key"')
    db.execute(
        "DELETE FROM t WHERE id = 1; INSERT INTO t VALUES (1, 7, 'again', 'short'); UPDATE t SET id = -1 WHERE id = 2"
    )
    house.until_equal(db)
    with db.transaction():
        db.execute("INSERT INTO t VALUES (50, 1, '', ''); TRUNCATE t")
        db.execute("INSERT INTO t VALUES (51, 1, NULL, %s)", (big,))
    house.until_equal(db)


def test_shapes_are_followed(db: psycopg.Connection[Any], house: CaptureHouse) -> None:
    db.execute("CREATE TABLE t (id integer PRIMARY KEY, a text, b integer)")
    db.execute("INSERT INTO t SELECT g, 'a' || g, g FROM generate_series(1, 2000) g")
    house.integrate()
    house.begin()
    house.until_dumped()
    with db.transaction():
        db.execute("UPDATE t SET b = 0 WHERE id < 5")
        db.execute("ALTER TABLE t ADD COLUMN c numeric(5, 2) DEFAULT 1.5")
        db.execute("UPDATE t SET b = 1 WHERE id = 1")
    house.until_equal(db)
    db.execute(
        "ALTER TABLE t RENAME a TO name; ALTER TABLE t ALTER b TYPE text USING 'b' || b; UPDATE t SET b = 'x' WHERE id = 9"
    )
    house.until(lambda: "name" in columns(house), "the column is not renamed")
    house.until_dumped()
    house.until_equal(db, what="id, name, b, c")
    db.execute("ALTER TABLE t DROP COLUMN name; DELETE FROM t WHERE id = 9")
    house.until(lambda: "name" not in columns(house), "the column is not dropped")


def columns(house: CaptureHouse) -> list[str]:
    return [str(row[0]) for row in house.run("SELECT column_name FROM svv_columns WHERE table_schema = 'shop'")]


def test_a_large_transaction_appears_whole(
    db: psycopg.Connection[Any], house_with: Callable[..., CaptureHouse], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source, "_BATCH_ROWS", 7_000)  # goes through a file, and is written in three parts
    monkeypatch.setattr(inserted, "GROUP_ROWS", 10_001)
    house = house_with(commit_rows=1000)
    db.execute(MAKE)
    house.integrate()
    house.begin()
    house.until_dumped()
    db.execute("INSERT INTO t SELECT g, g, 'n', 'b' FROM generate_series(1, 30000) g")
    seen: set[int] = set()

    def whole() -> bool:
        seen.add(int(house.run("SELECT count(*) FROM shop.t")[0][0]))
        return 30_000 in seen

    house.until(whole, "not there")
    assert seen <= {0, 30_000}
    assert house.run("SELECT count(DISTINCT id), min(id), sum(version) FROM shop.t") == [(30_000, 1, 450_015_000)]


def test_a_large_transaction_of_all_kinds_of_changes(
    db: psycopg.Connection[Any], house: CaptureHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source, "_BATCH_ROWS", 500)
    monkeypatch.setattr(warehouse, "MANY_ROWS", 400)  # what changes so many is replaced, fewer are merged
    db.execute(f"{MAKE}; INSERT INTO t SELECT g, g, 'n', repeat(md5(g::text), 100) FROM generate_series(1, 2000) g")
    house.integrate()
    house.begin()
    house.until_dumped()
    with db.transaction():
        db.execute("UPDATE t SET version = version + 1 WHERE id % 3 > 0")  # large values are not told
        db.execute("DELETE FROM t WHERE id % 5 = 0")
        db.execute("INSERT INTO t SELECT g, 0, NULL, 'b' FROM generate_series(5, 3000, 5) g")
        db.execute("UPDATE t SET id = -id, note = 'moved' WHERE id % 7 = 0")
        db.execute("UPDATE t SET version = version * 2")
    house.until_equal(db)


def test_pause_resume_and_drop(db: psycopg.Connection[Any], house: CaptureHouse) -> None:
    db.execute(f"{MAKE}; INSERT INTO t VALUES (1, 1, NULL, NULL)")
    house.integrate("INTO SCHEMA other")
    with pytest.raises(DuplicateObject):
        house.integrate()
    house.begin()
    house.until_dumped()

    def count() -> int:
        return int(house.run("SELECT count(*) FROM other.t")[0][0])

    house.run("ALTER INTEGRATION shop PAUSE")
    house.until(
        lambda: db.execute("SELECT count(*) FROM pg_replication_slots WHERE active").fetchone() == (0,), "not paused"
    )
    db.execute("INSERT INTO t VALUES (2, 1, NULL, NULL)")
    assert count() == 1
    assert house.run("SELECT rtrim(state) FROM svv_integration") == [("PausedState",)]
    house.run("ALTER INTEGRATION shop RESUME")
    house.until(lambda: count() == 2, "not resumed")
    house.run("DROP INTEGRATION shop")
    slots = "SELECT count(*) FROM pg_replication_slots WHERE database = current_database()"
    house.until(lambda: db.execute(slots).fetchone() == (0,), "the slot is still there")
    publications = "SELECT count(*) FROM pg_publication"
    house.until(lambda: db.execute(publications).fetchone() == (0,), "the publication is still there")
    assert count() == 2
    with pytest.raises(UndefinedObject):
        house.run("DROP INTEGRATION shop")


def test_a_gap_stops_everything_and_says_so(db: psycopg.Connection[Any], house: CaptureHouse) -> None:
    db.execute(f"{MAKE}; INSERT INTO t VALUES (1, 1, NULL, NULL)")
    house.integrate()
    house.begin()
    house.until_dumped()
    house.end()
    (slot,) = db.execute("SELECT slot_name FROM pg_replication_slots WHERE database = current_database()").fetchone()  # type: ignore[misc]
    active = "SELECT active FROM pg_replication_slots WHERE slot_name = %s"
    house.until(lambda: db.execute(active, (slot,)).fetchone() == (False,), "the slot is still read")
    db.execute("SELECT pg_drop_replication_slot(%s)", (slot,))
    db.execute("INSERT INTO t VALUES (2, 1, NULL, NULL)")
    db.execute("SELECT pg_create_logical_replication_slot(%s, 'pgoutput')", (slot,))
    house.begin()
    with pytest.raises(AssertionError, match="ahead of"):
        house.until(lambda: False, "gap")
    assert house.run("SELECT count(*) FROM shop.t") == [(1,)]
    assert house.run("SELECT rtrim(state) FROM svv_integration") == [("ErrorState",)]


def test_a_state_that_could_not_be_stored_ends_nothing(
    db: psycopg.Connection[Any], house: CaptureHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What stops a capture may be what keeps its state from being stored, too."""
    refused: list[str] = []
    store = catalog.note_state

    def once(engine: Any, integration: Any, state: str, message: str, now: Any) -> None:
        if state == "retrying" and not refused:
            refused.append(message)
            raise WarehouseUnavailable("the warehouse is away")
        store(engine, integration, state, message, now)

    monkeypatch.setattr(catalog, "note_state", once)
    db.execute(f"{MAKE}; INSERT INTO t VALUES (1, 1, NULL, NULL)")
    house.integrate()
    house.begin()
    house.until_dumped()
    db.execute(
        "SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE database = current_database() AND active"
    )
    db.execute("INSERT INTO t VALUES (2, 1, NULL, NULL)")
    house.until_equal(db)
    assert len(refused) == 1


def test_what_is_wrong_is_named(db: psycopg.Connection[Any], house: CaptureHouse) -> None:
    db.execute("CREATE TABLE keyless (a integer)")
    with pytest.raises(UndefinedObject, match='secret "nowhere"'):
        house.run("CREATE INTEGRATION i FROM POSTGRES SECRET 'nowhere'")
    with pytest.raises(FeatureNotSupported):
        house.run("CREATE INTEGRATION i FROM ORACLE SECRET 'shop'")
    house.integrate("TABLES (public.keyless)")
    house.begin()
    with pytest.raises(AssertionError, match=r"public\.keyless: it has no primary key.*ADD PRIMARY KEY"):
        house.until(lambda: False, "refused")


def test_a_place_in_the_log_is_stored_though_nothing_comes(
    db: psycopg.Connection[Any], postgres: PostgresUnderTest, house_with: Callable[..., CaptureHouse]
) -> None:
    house = house_with(idle_commit_seconds=0.2)
    db.execute(MAKE)
    house.integrate()
    house.begin()
    house.until_dumped()
    db.execute("CREATE TABLE foreign_rows (a text)")
    db.execute("INSERT INTO foreign_rows SELECT repeat('x', 1000) FROM generate_series(1, 5000)")
    (now,) = db.execute("SELECT pg_current_wal_lsn()").fetchone()  # type: ignore[misc]
    passed = "SELECT bool_and(confirmed_flush_lsn >= %s) FROM pg_replication_slots WHERE database = current_database()"
    house.until(
        lambda: db.execute(passed, (now,)).fetchone() == (True,), "the slot holds back log that it does not need"
    )


def test_the_command_says_what_to_mend(
    db: psycopg.Connection[Any], house: CaptureHouse, capsys: pytest.CaptureFixture[str]
) -> None:
    home = str(house.open.home)
    db.execute(f"{MAKE}; CREATE TABLE keyless (a integer)")
    assert main(["capture", "check", home, "shop"]) == 0
    said = capsys.readouterr().out
    assert "warning: public.keyless: it has no primary key" in said
    assert said.endswith("tables that can be captured: public.t\n")
    assert main(["capture", "check", home, "shop", "--table", "public.keyless", "--json"]) == 1
    assert '"mend": "ALTER TABLE' in capsys.readouterr().out


def test_two_tables_never_share_one_of_the_warehouse(db: psycopg.Connection[Any], house: CaptureHouse) -> None:
    db.execute(
        f"{MAKE}; CREATE SCHEMA other; CREATE TABLE other.t (LIKE t INCLUDING ALL); INSERT INTO t VALUES (1, 0, 'a', '')"
    )
    house.integrate()
    house.begin()
    house.until(lambda: "would go into" in house.state()[1], "it goes on", may_fail=True)
    assert house.own("SELECT 1 FROM duckdb_tables() WHERE schema_name = 'shop'") == []
    db.execute("DROP SCHEMA other CASCADE")
    house.run("ALTER INTEGRATION shop RESUME")
    house.until(lambda: house.state()[0] != "failed", "it does not go on", may_fail=True)
    house.until_dumped()
    house.run("CREATE INTEGRATION again FROM POSTGRES SECRET 'shop' TABLES (public.t) INTO SCHEMA shop")
    found = "SELECT 1 FROM boathouse.capture_states WHERE message LIKE '%as public.t of integration \"shop\" does%'"
    house.until(lambda: house.own(found) != [], "the second one goes on", may_fail=True)
