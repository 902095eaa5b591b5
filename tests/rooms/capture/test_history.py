"""Tables in history mode: every version once, in order, ended by the next one."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import Any

import psycopg
from tests.rooms.capture.capture_house import CaptureHouse
from tests.rooms.capture.postgres_server import PostgresUnderTest
from tests.rooms.capture.workload import MAKE, Workload

VERSIONS = (
    "SELECT id, version, note, left(big, 3), _record_operation, _record_end_operation, _record_is_active FROM shop.t "
    "ORDER BY id, _record_create_time, _record_ordinal"
)


def active(house: CaptureHouse, count: int) -> bool:
    return house.run("SELECT count(*) FROM shop.t WHERE _record_is_active") == [(count,)]


def test_each_version_is_kept_with_how_it_began_and_ended(db: psycopg.Connection[Any], house: CaptureHouse) -> None:
    db.execute(f"{MAKE}; ALTER TABLE t ALTER big SET STORAGE EXTERNAL; CREATE TABLE plain (id integer PRIMARY KEY)")
    db.execute("INSERT INTO t VALUES (1, 1, 'a', %s), (2, 1, 'b', NULL)", ("one" + "x" * 9000,))
    house.integrate("SET HISTORY_MODE = TRUE FOR TABLES (public.t)")
    house.begin()
    house.until_dumped()
    with db.transaction():
        db.execute("UPDATE t SET version = 2 WHERE id = 1; UPDATE t SET version = 3, note = NULL WHERE id = 1")
        db.execute("INSERT INTO t VALUES (3, 1, 'c', 'new'); DELETE FROM t WHERE id = 3")
    db.execute(
        "UPDATE t SET id = 5 WHERE id = 1; DELETE FROM t WHERE id = 2; INSERT INTO t VALUES (2, 9, 'again', NULL)"
    )
    house.until(lambda: (5, 3, None, "one", "insert", None, True) in house.run(VERSIONS), "it does not come")
    house.until(lambda: active(house, 2), "not both")
    assert house.run(VERSIONS) == [
        (1, 1, "a", "one", "read", "update", False),
        (1, 2, "a", "one", "update", "update", False),
        (1, 3, None, "one", "update", "delete", False),
        (2, 1, "b", None, "read", "delete", False),
        (2, 9, "again", None, "insert", None, True),
        (3, 1, "c", "new", "insert", "delete", False),
        (5, 3, None, "one", "insert", None, True),
    ]
    # A dump adds nothing where nothing differs, and a new column makes versions that have it.
    house.run("ALTER INTEGRATION shop DUMP ALL")
    house.until(lambda: not house.own("SELECT 1 FROM boathouse.capture_requests"), "not taken")
    house.until_dumped()
    assert house.run("SELECT count(*) FROM shop.t") == [(7,)]
    db.execute("ALTER TABLE t ADD COLUMN extra integer DEFAULT 4; TRUNCATE t; INSERT INTO t VALUES (8, 1)")
    query = "SELECT id, extra, _record_operation FROM shop.t WHERE _record_is_active"
    house.until(lambda: [tuple(row) for row in answers(house, query)] == [(8, 4, "read")], "the column does not come")
    ended = "SELECT DISTINCT _record_end_operation, _record_end_position IS NOT NULL FROM shop.t WHERE id IN (2, 5) "
    assert ("truncate", True) in house.run(ended)
    assert house.run("SELECT table_name, is_history_mode FROM svv_integration_table_state ORDER BY 1") == [
        ("plain", False), ("t", True),
    ]  # fmt: skip


def answers(house: CaptureHouse, query: str) -> list[tuple[Any, ...]]:
    try:
        return house.run(query)
    except Exception:  # the column is not there yet
        return []


def test_no_version_is_lost_or_twice_under_load_and_restarts(
    db: psycopg.Connection[Any], postgres: PostgresUnderTest, house: CaptureHouse
) -> None:
    db.execute(f"{MAKE}; INSERT INTO t SELECT g, 0, 'first', 'b' FROM generate_series(0, 900) g")
    house.integrate("SET HISTORY_MODE = TRUE")
    house.begin()
    house.until_dumped()
    db.execute("CREATE TABLE told (n bigint)")
    with Workload(postgres, writers=2, keys=300, seed=5) as load:
        house.run("ALTER INTEGRATION shop DUMP ALL")
        house.until(lambda: load.transactions > 300, "nothing comes")
        house.end()
        house.begin()
        house.until(lambda: load.transactions > 600, "nothing comes")
        house.until_dumped()
    expected = db.execute("SELECT id, version, note FROM t ORDER BY id").fetchall()
    now = "SELECT id, version, note FROM shop.t WHERE _record_is_active ORDER BY id"
    house.until(lambda: house.run(now) == expected, "the active versions are not the source's rows")
    rows = house.run(
        "SELECT id, version, _record_operation, _record_end_operation, _record_position, _record_ordinal FROM shop.t "
        "ORDER BY id, _record_create_time, _record_position, _record_ordinal"
    )
    places = Counter((position, ordinal) for *_, position, ordinal in rows if position is not None)
    assert places.most_common(1)[0][1] == 1
    for (key, version, _, end, *_), (next_key, next_version, begin, *_) in pairwise(rows):
        if key == next_key and end == "update":
            assert (begin, next_version) == ("update", version + 1)
        assert (end is None) == (key != next_key) or end == "delete"
