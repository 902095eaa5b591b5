"""How far behind a capture is: in its own time, in bytes and in transactions, and what the source keeps of its log."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

import psycopg
import pytest
from tests.rooms.capture.capture_house import CaptureHouse
from tests.rooms.capture.postgres_server import PostgresUnderTest

from boathouse.capture.changes import Position
from boathouse.capture.mysql.gtids import GtidSet, GtidVector
from boathouse.capture.postgres.position import Lsn
from boathouse.capture.source import LOOK_SECONDS, Distance, Source, Standing
from boathouse.contracts.clock import Clock

START = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass
class _Log:
    """A log that grows by a byte a second, and its house's clock."""

    seconds: float = 0.0
    looks: int = field(default=0)

    def standing(self, position: Position) -> Standing:
        self.looks += 1
        return Standing(Lsn(int(self.seconds)), None, None, "", 0)

    def monotonic(self) -> float:
        return self.seconds

    def now(self) -> datetime:
        return START + timedelta(seconds=self.seconds)


@pytest.mark.parametrize("behind", [0, 7, 4000])
def test_lag_is_the_time_since_all_was_there(behind: int) -> None:
    log = _Log()
    distance = Distance(cast(Source, log), cast(Clock, log))
    lag = None
    for second in range(6000):
        log.seconds = second
        lag = distance.look(Lsn(max(second - behind, 0)), "", 0)
        assert lag is not None
    assert lag is not None and lag.caught_up is not None
    measured = (log.now() - lag.caught_up).total_seconds()
    assert behind <= measured <= behind + 16
    assert distance.look(Lsn(0), "", 0) is None and log.looks == 6000, "it looks again at once"
    log.seconds += LOOK_SECONDS
    caught = distance.look(Lsn(int(log.seconds)), "shop.t", 3)
    assert caught is not None and caught.caught_up == log.now() and (caught.window, caught.remembered) == ("shop.t", 3)


def test_transactions_are_counted_beyond_gaps() -> None:
    one, two = "3e11fa47-71ca-11e1-9e33-c80aa9429562", "4e11fa47-71ca-11e1-9e33-c80aa9429562"
    executed, place = GtidSet.parse(f"{one}:1-10:12-20,{two}:5"), GtidSet.parse(f"{one}:1-7:15-30")
    assert executed.count_beyond(place) == 3 + 3 + 1 and executed.count_beyond(executed) == 0
    assert GtidVector.parse("0-1-100,2-5-7").count_beyond(GtidVector.parse("0-9-90")) == 17


def test_a_postgres_says_what_it_keeps(
    tmp_path: Path, postgres: PostgresUnderTest, db: psycopg.Connection[object]
) -> None:
    db.execute("CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t SELECT generate_series(1, 100)")
    house = CaptureHouse(tmp_path / "home", postgres, idle_commit_seconds=0.1)
    what = "SELECT caught_up IS NOT NULL, bytes_behind, transactions_behind, log_kept_state FROM svv_integration_lag"
    try:
        house.integrate("TABLES (public.t)")
        house.begin()
        house.until_dumped()
        house.until(lambda: house.run(what) == [(True, 0, None, "reserved")], "it never says that all is here")
        ((kept, start, window, noted),) = house.run(
            "SELECT log_kept_bytes, log_kept_from, open_window, noted FROM svv_integration_lag"
        )
        ((lag,),) = house.run("SELECT current_lag FROM svv_integration")
        assert kept >= 0 and "/" in start and window == "" and 0 <= lag < 60_000
        house.end()
        ((still,),) = house.run("SELECT noted FROM svv_integration_lag")
        assert still >= noted
        house.run("DROP INTEGRATION shop")
        assert house.run("SELECT * FROM svv_integration_lag") == []
    finally:
        house.close()
