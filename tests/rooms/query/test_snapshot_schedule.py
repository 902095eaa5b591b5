"""Automated snapshots and the end of snapshots, by a clock that the test sets: when they are due, what goes, and what a full disk
or an end by SIGKILL in the middle leaves."""

from __future__ import annotations

import logging
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from boathouse.contracts.errors import DiskFull
from boathouse.contracts.house import House
from boathouse.engines.duckdb.engine import DuckEngine
from boathouse.engines.duckdb.keeping import file_snapshots
from boathouse.engines.duckdb.settings import EngineSettings, StorageSettings
from boathouse.engines.duckdb.storage.ducklake import LakeStorage
from boathouse.query.past import noted
from boathouse.query.snapshots.schedule import keep_snapshots, look_once

HOURS, DAYS = 8.0, 2


@dataclass
class SetClock:
    """A clock that stands until it is set."""

    time: datetime = datetime(2026, 1, 1, tzinfo=UTC)

    def now(self) -> datetime:
        return self.time

    def monotonic(self) -> float:
        return self.time.timestamp()

    def after(self, **past: float) -> None:
        self.time += timedelta(**past)


@contextmanager
def house_in(folder: Path, kind: str = "native") -> Iterator[House]:
    """A house with snapshots every 8 hours, each kept for two days, and nothing else."""
    lake = LakeStorage(folder / "catalog.ducklake", folder / "data", "dev")
    engine = DuckEngine(
        folder / "w.duckdb" if kind == "native" else lake, "dev", folder / "spool", EngineSettings(memory_limit="500MB")
    )
    session = engine.session()
    for table in noted.TABLES:
        session.execute(table)
    session.close()
    settings = StorageSettings(kind="native", snapshot_hours=HOURS, snapshot_retention_days=DAYS)
    house = House(folder, {"storage": settings}, {}, engine, SetClock())
    noted.sweep(house)
    yield house
    engine.close()


def clock_of(house: House) -> SetClock:
    assert isinstance(house.clock, SetClock)
    return house.clock


def going_on(seconds: float) -> bool:
    return False


def kept(house: House) -> list[str]:
    session = house.engine.session()
    try:
        return [one.name for one in noted.every(session)]
    finally:
        session.close()


def by_hand(house: House, name: str, days: int) -> None:
    session = house.engine.session()
    session.begin()
    made = noted.keep(house, session, name, "manual", days, "ada", lambda: None)
    session.commit()
    house.engine.snapshots.settle(made.place, committed=True)
    session.close()


def copies(folder: Path) -> list[Path]:
    return sorted((folder / "snapshots").glob("*"))


@pytest.mark.parametrize("kind", ["native", "ducklake"])
def test_they_are_made_when_due_and_go_when_their_days_have_passed(kind: str, tmp_path: Path) -> None:
    with house_in(tmp_path, kind) as house:
        clock, first = clock_of(house), "rs:2026-01-01-00-00-00"
        look_once(house, going_on)
        assert kept(house) == [first], "there was none, so one is due"
        by_hand(house, "for a day", 1)
        by_hand(house, "for good", -1)
        clock.after(hours=HOURS, seconds=-1)
        look_once(house, going_on)
        assert len(kept(house)) == 3, "one by hand counts for none of the schedule, and none is due before its time"
        clock.after(seconds=1)
        look_once(house, going_on)
        look_once(house, going_on)
        assert kept(house)[3:] == ["rs:2026-01-01-08-00-00"], "once, however often it looks"
        clock.after(hours=16)
        look_once(house, going_on)
        assert "for a day" not in kept(house)
        assert first in kept(house), "its days have not passed"
        clock.after(days=DAYS - 1, seconds=-1)
        look_once(house, going_on)
        assert first in kept(house), "until its last second"
        clock.after(seconds=1)
        look_once(house, going_on)
        assert first not in kept(house)
        clock.after(days=1000)
        look_once(house, going_on)
        assert kept(house) == ["for good", f"rs:{clock.now():%Y-%m-%d-%H-%M-%S}"]
        if kind == "native":
            assert len(copies(tmp_path)) == 2
            assert not [one for one in copies(tmp_path) if one.suffix]


def test_none_is_made_where_no_hours_are_set_but_old_ones_go(tmp_path: Path) -> None:
    with house_in(tmp_path) as house:
        look_once(house, going_on)
        silent = House(tmp_path, {"storage": StorageSettings()}, {}, house.engine, house.clock)
        clock_of(house).after(days=DAYS)
        look_once(silent, going_on)
        assert kept(house) == []
        assert copies(tmp_path) == []


def test_a_full_disk_and_a_stop_leave_nothing_and_the_next_look_goes_on(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with house_in(tmp_path) as house:
        real, looks = file_snapshots._copy_file, iter((False, False, True))

        def onto_a_full_disk(source: Path, target: Path, check: object, length: int | None = None) -> None:
            raise DiskFull("no space left on device")

        def pause(seconds: float) -> bool:
            return next(looks)

        with pytest.MonkeyPatch.context() as patch, caplog.at_level(logging.WARNING):
            patch.setattr(file_snapshots, "_copy_file", onto_a_full_disk)
            keep_snapshots(house, None, pause)  # type: ignore[arg-type]
            assert "no space left on device" in caplog.text
            assert (kept(house), copies(tmp_path)) == ([], [])

            stops = iter((False, True))
            patch.setattr(file_snapshots, "_copy_file", lambda source, target, check, length=None: check())
            keep_snapshots(house, None, lambda seconds: next(stops))  # type: ignore[arg-type]
            assert (kept(house), copies(tmp_path)) == ([], [])
            patch.setattr(file_snapshots, "_copy_file", real)
            look_once(house, going_on)
        assert len(kept(house)) == len(copies(tmp_path)) == 1


_KILLED = """
import sys, threading
from pathlib import Path
from tests.rooms.query.test_snapshot_schedule import clock_of, going_on, house_in
from boathouse.engines.duckdb.keeping import file_snapshots
from boathouse.engines.duckdb.keeping.file_snapshots import FileSnapshots
from boathouse.query.snapshots.schedule import look_once
moment = sys.argv[2]
def here(*of, **more):
    print("here", flush=True)
    threading.Event().wait()
with house_in(Path(sys.argv[1])) as house:
    if moment == "copying":
        file_snapshots._copy_file = here
    else:
        look_once(house, going_on) if moment == "going" else None
        FileSnapshots.settle = here
    clock_of(house).after(days=5 if moment == "going" else 0)
    look_once(house, going_on)
"""


@pytest.mark.parametrize("moment", ["copying", "committed", "going"])
def test_sigkill_in_the_middle_leaves_what_is_noted(moment: str, tmp_path: Path) -> None:
    """While the copy is made; once its row has committed; once the row of one whose days have passed has gone."""
    process = subprocess.Popen(
        [sys.executable, "-c", _KILLED, str(tmp_path), moment], stdout=subprocess.PIPE, text=True,
        cwd=Path(__file__).parents[3],
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == "here\n"
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    left = [one.suffix for one in copies(tmp_path)]
    assert left == {"copying": [".part"], "committed": [".part"], "going": [".gone"]}[moment]
    with house_in(tmp_path) as house:
        assert len(kept(house)) == len(copies(tmp_path)) == (1 if moment == "committed" else 0)
        assert not [one for one in copies(tmp_path) if one.suffix]
        clock_of(house).after(days=6)
        look_once(house, going_on)
        assert kept(house) == ["rs:2026-01-07-00-00-00"]
        assert len(copies(tmp_path)) == 1
