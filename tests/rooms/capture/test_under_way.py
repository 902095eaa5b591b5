"""Transactions that had changed a table before the log told of it, and end after: their changes are in the dump."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from tests.rooms.capture.capture_house import CaptureHouse
from tests.rooms.capture.postgres_server import PostgresUnderTest

from boathouse.capture.postgres import layouts

MAKE = "CREATE TABLE a (id int PRIMARY KEY); CREATE TABLE b (id int PRIMARY KEY); CREATE TABLE c (id int PRIMARY KEY)"
SYNCED = "SELECT table_name FROM svv_integration_table_state WHERE table_state = 'Synced' ORDER BY 1"
HELD = "SELECT table_name, reason FROM svv_integration_dump WHERE dump_state = 'waiting'"


@pytest.fixture
def captured(db: psycopg.Connection[Any], house: CaptureHouse, monkeypatch: pytest.MonkeyPatch) -> CaptureHouse:
    monkeypatch.setattr(layouts, "LOOK_SECONDS", 0.1)
    db.execute(f"{MAKE}; INSERT INTO b VALUES (1), (2); INSERT INTO c VALUES (1)")
    house.integrate("TABLES (public.a)")
    house.begin()
    house.until_dumped()
    return house


def held(house: CaptureHouse, process: int) -> Callable[[], bool]:
    reason = f"it waits for transactions that changed the table before the log told of it: process {process}"
    return lambda: house.run(HELD) == [("b", reason)]


def test_a_dump_of_an_added_table_waits_for_who_wrote_it_and_no_other_dump_does(
    db: psycopg.Connection[Any], postgres: PostgresUnderTest, captured: CaptureHouse
) -> None:
    house = captured
    with postgres.connect(autocommit=False) as other:
        other.execute("INSERT INTO b VALUES (7)")
        with other.transaction():
            other.execute("DELETE FROM b WHERE id = 1")
        house.run("ALTER INTEGRATION shop ADD TABLES (public.b)")
        house.until(held(house, other.info.backend_pid), "it does not wait")
        # Behind a restart, too; and what others write now is told.
        house.end()
        house.begin()
        house.run("ALTER INTEGRATION shop ADD TABLES (public.c)")
        house.until(lambda: house.run(SYNCED) == [("a",), ("c",)], "the others wait, too")
        db.execute("INSERT INTO b VALUES (3)")
        house.until(lambda: house.run("SELECT id FROM shop.b") == [(3,)], "it is not followed")
        house.until(held(house, other.info.backend_pid), "it does not wait")
        other.commit()
    house.until_dumped()
    house.until_equal(db, "b")
    db.execute("INSERT INTO b VALUES (4)")
    house.until_equal(db, "b")
    with postgres.connect(autocommit=False) as other:  # who began since is nobody to wait for
        other.execute("INSERT INTO b VALUES (8)")
        house.run("ALTER INTEGRATION shop DUMP TABLE public.b")
        count = "SELECT count(*) FROM svv_integration_dump WHERE table_name = 'b' AND dump_state = 'done'"
        house.until(lambda: house.run(count) == [(2,)], "it waits")
        other.commit()
    house.until_equal(db, "b")


def test_a_publication_that_is_made_again_waits_for_them(
    db: psycopg.Connection[Any], postgres: PostgresUnderTest, captured: CaptureHouse
) -> None:
    house = captured
    house.run("ALTER INTEGRATION shop ADD TABLES (public.b)")
    house.until(lambda: house.run(SYNCED) == [("a",), ("b",)], "it is not added")
    ((slot,),) = house.own("SELECT slot FROM boathouse.capture_integrations")
    with postgres.connect(autocommit=False) as other:
        other.execute("INSERT INTO b VALUES (7)")
        db.execute(f"DROP PUBLICATION boathouse_{slot}")
        house.until(held(house, other.info.backend_pid), "it does not wait")
        other.commit()
    house.until_equal(db, "b")
