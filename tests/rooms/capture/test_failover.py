"""A source that crashes, and one that fails over to its standby: the capture goes on where the log does, and stops where the
log is another one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import psycopg
import pytest
from tests.rooms.capture.capture_house import CaptureHouse
from tests.rooms.capture.clusters import Pair, clusters
from tests.rooms.capture.workload import MAKE

from boathouse.capture.postgres.connect import connect_replication
from boathouse.capture.postgres.position import Log, Lsn, parse_lsn
from boathouse.capture.postgres.replication import log_behind, parted_at
from boathouse.contracts.source_errors import SourceGap


def rows(db: psycopg.Connection[Any], first: int, last: int) -> None:
    db.execute(f"INSERT INTO t SELECT g, 0, 'n', 'b' FROM generate_series({first}, {last}) g")


def test_a_capture_follows_a_source_that_crashes_and_fails_over_and_no_other(tmp_path: Path) -> None:
    with clusters(2) as (first, second):
        first.control("start")
        both = Pair(f"{first.folder},{second.folder}")
        house = CaptureHouse(tmp_path / "home", both, retry_seconds_max=0.2, idle_commit_seconds=0.05)
        try:
            with first.alone.connect() as db:
                db.execute(MAKE)
                rows(db, 1, 300)
                house.integrate("TABLES (public.t)")
                house.begin()
                house.until_dumped()
                # A crash, in the middle of a transaction that is in the log in part.
                other = first.alone.connect()
                other.execute("BEGIN")
                rows(other, 100_000, 101_000)
            first.control("stop", "-m", "immediate")
            other.close()
            first.control("start")
            with first.alone.connect() as db:
                rows(db, 301, 400)
                house.until_equal(db)
                # A standby that keeps the slot too.
                first.copy(second, "-C", "-S", "standby")
                second.control("start")
                db.execute("ALTER SYSTEM SET synchronized_standby_slots = 'standby'")
                db.execute("SELECT pg_reload_conf()")
                rows(db, 401, 500)
                house.until_equal(db)
                with second.alone.connect() as standby:
                    kept = (
                        "SELECT count(*) = 1 FROM pg_replication_slots WHERE slot_name ~ '^boathouse' AND NOT temporary"
                    )
                    for _ in range(200):
                        standby.execute("SELECT pg_sync_replication_slots()")
                        if standby.execute(kept).fetchone() == (True,):
                            break
                        # The copy is one once the slot has gone beyond where the standby began.
                        db.execute("SELECT pg_log_standby_snapshot(); SELECT pg_sleep(0.1)")
                    assert standby.execute(kept).fetchone() == (True,)
                rows(db, 501, 600)
                house.until_equal(db)
            first.control("stop", "-m", "immediate")
            second.control("promote")
            with second.alone.connect() as db:
                db.execute("UPDATE t SET version = 1 WHERE id > 300")
                rows(db, 601, 700)
                house.until_equal(db)
                house.until(lambda: stored(house).of is not None and stored(house).of.timeline == 2, "the old log")  # type: ignore[union-attr]
                _what_belongs_to_the_log(second.alone.secret, stored(house))
            # The old one comes back as if nothing had happened, with a slot of the same name: what it says is another history.
            second.control("stop", "-m", "immediate")
            first.control("start")
            with first.alone.connect() as db:
                rows(db, 900_000, 900_001)
            house.until(lambda: house.state()[0] == "failed", "it goes on with another log", may_fail=True)
            assert "promoted" in house.state()[1], house.state()
            assert house.run("SELECT count(*), max(id) FROM shop.t") == [(700, 700)]
        finally:
            house.close()


def stored(house: CaptureHouse) -> Lsn:
    return parse_lsn(str(house.own("SELECT position FROM boathouse.capture_progress")[0][0]))


def _what_belongs_to_the_log(secret: dict[str, str], here: Lsn) -> None:
    session = connect_replication(secret)
    connection = session.pgconn
    try:
        assert here.of is not None
        before = Log(here.of.system, 1)
        assert log_behind(connection, Lsn(1, before)) == log_behind(connection, here) == here.of
        with pytest.raises(SourceGap, match="promoted at"):
            log_behind(connection, Lsn(here.value + (1 << 30), before))
        with pytest.raises(SourceGap, match="another server"):
            log_behind(connection, Lsn(here.value, Log(here.of.system + 1, 2)))
        with pytest.raises(SourceGap, match="promoted"):
            log_behind(connection, Lsn(here.value, Log(here.of.system, 3)))
    finally:
        session.close()


def test_a_history_says_where_logs_part() -> None:
    history = "1\t0/5000000\tno recovery target specified\n\n2\t1/A0\treason\n"
    assert parted_at(history, 1) == Lsn(0x5000000)
    assert str(parted_at(history, 2)) == "1/A0"
    assert parted_at(history, 3) is None
    assert parse_lsn("1/A0@123/4") == Lsn((1 << 32) + 0xA0)
    assert str(parse_lsn("1/A0@123/4")) == "1/A0@123/4"
