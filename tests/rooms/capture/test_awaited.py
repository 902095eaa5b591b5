"""Named tables that are not at the source, or cannot be captured, hold up no others, and come in once they can."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import psycopg
import pytest
from tests.rooms.capture.capture_house import CaptureHouse, Secret
from tests.rooms.capture.postgres_server import PostgresUnderTest

from boathouse.capture import source
from boathouse.capture.postgres import layouts

STATES = "SELECT table_name, table_state, reason FROM svv_integration_table_state ORDER BY 1"
MISSING = ("late", "Failed", "public.late: the table does not exist, or this user may not see it")
KEYLESS = (
    "keyless",
    "Failed",
    'public.keyless: it has no primary key. ALTER TABLE "public"."keyless" ADD PRIMARY KEY (…);',
)


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "_AWAITED_SECONDS", 0.2)
    monkeypatch.setattr(layouts, "LOOK_SECONDS", 0.2)


def test_what_cannot_be_captured_yet_holds_up_no_other_table(
    db: psycopg.Connection[Any], house: CaptureHouse, caplog: pytest.LogCaptureFixture
) -> None:
    db.execute("CREATE TABLE a (id int PRIMARY KEY); INSERT INTO a VALUES (1); CREATE TABLE keyless (id int NOT NULL)")
    house.integrate("TABLES (public.a, public.late, public.keyless)")
    house.run("CREATE DATABASE crm FROM INTEGRATION 'shop'")
    house.begin()
    expected = [("a", "Synced", ""), KEYLESS, MISSING]
    house.until(lambda: house.run(STATES) == expected, "the others do not go on")
    assert "a table is awaited: public.late" in caplog.text
    told = "SELECT rtrim(state), total_tables_replicated, total_tables_failed FROM svv_integration"
    assert house.run(told) == [("CdcRefreshState", 1, 2)]
    db.execute("INSERT INTO a VALUES (2)")
    house.until_equal(db, "a")
    # It comes while the capture runs, and with rows; the other one while nobody looks.
    db.execute("CREATE TABLE late (id int PRIMARY KEY); INSERT INTO late SELECT * FROM generate_series(1, 700)")
    house.until(lambda: house.run(STATES)[2] == ("late", "Synced", ""), "it does not come in")
    db.execute("DELETE FROM late WHERE id = 7; INSERT INTO late VALUES (701)")
    house.until_equal(db, "late")
    house.end()
    db.execute("DROP TABLE late; ALTER TABLE keyless ADD PRIMARY KEY (id); INSERT INTO keyless VALUES (1)")
    house.begin()
    expected = [("a", "Synced", ""), ("keyless", "Synced", ""), MISSING]
    house.until(lambda: house.run(STATES) == expected, "the one does not come in, or the other is not missed")
    assert house.run("SELECT count(*) FROM shop.late") == [(700,)]
    assert house.fails("SELECT * FROM crm.public.late").sqlstate == "55000"
    house.end()
    db.execute("CREATE TABLE late (id int PRIMARY KEY, note text); INSERT INTO late VALUES (7, 'a')")
    house.begin()
    house.until_dumped()
    db.execute("INSERT INTO keyless VALUES (2); INSERT INTO late VALUES (8, 'b')")
    for table in ("a", "keyless", "late"):
        house.until_equal(db, table)


def test_a_capture_of_nothing_but_missing_tables_waits_for_one(
    db: psycopg.Connection[Any], house: CaptureHouse
) -> None:
    house.integrate("TABLES (public.late, public.later)")
    house.begin()
    house.until(lambda: house.state() == ("retrying", MISSING[2]), "it does not say so")
    db.execute("CREATE TABLE late (id int PRIMARY KEY); INSERT INTO late VALUES (1)")
    house.until(
        lambda: [row[:2] for row in house.run(STATES)] == [("late", "Synced"), ("later", "Failed")], "not found"
    )
    house.until_equal(db, "late")


def test_a_table_of_another_owner_is_awaited(
    db: psycopg.Connection[Any], postgres: PostgresUnderTest, tmp_path: Path
) -> None:
    role = f"owner_{postgres.name}"
    db.execute(f"CREATE ROLE {role} LOGIN REPLICATION; GRANT CREATE ON DATABASE {postgres.name} TO {role}")
    db.execute(
        f"GRANT ALL ON SCHEMA public TO {role}; CREATE TABLE a (id int PRIMARY KEY); ALTER TABLE a OWNER TO {role}"
    )
    db.execute(f"CREATE TABLE late (id int PRIMARY KEY); GRANT SELECT ON late TO {role}; INSERT INTO late VALUES (1)")
    house = CaptureHouse(tmp_path / "home", Secret(postgres.secret | {"user": role}))
    try:
        house.integrate("TABLES (public.a, public.late)")
        house.begin()
        house.until(lambda: len(house.run(STATES)) == 2 and house.run(STATES)[0][1] == "Synced", "it does not go on")
        assert "does not own it" in house.run(STATES)[1][2]
        db.execute(f"ALTER TABLE late OWNER TO {role}")
        house.until_dumped()
        house.until_equal(db, "late")
    finally:
        house.close()
        db.execute(f"DROP OWNED BY {role}; DROP ROLE {role}")
