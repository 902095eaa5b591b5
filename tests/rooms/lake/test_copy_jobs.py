"""COPY jobs: what is new is loaded, once, whoever asks and whatever dies. Facts: Redshift Developer Guide, "COPY JOB",
"SYS_COPY_JOB", "SYS_COPY_JOB_DETAIL"."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
from copy_house import CopyHouse  # noqa: E402
from killed_house import KilledHouse  # noqa: E402

from boathouse.app.background import BackgroundWork  # noqa: E402
from boathouse.contracts.errors import BoathouseError  # noqa: E402
from boathouse.lake.jobs.poll import look_once  # noqa: E402

NOW = {"lake": {"copy_job_settle_seconds": 0, "copy_job_poll_seconds": 0.02}}


@pytest.fixture
def house(tmp_path: Path) -> Iterator[CopyHouse]:
    made = CopyHouse(tmp_path / "home", NOW)
    made.table("a integer")
    made.file("in/1", "1\n")
    yield made
    made.close()


def look(house: CopyHouse) -> None:
    """One look of the poller."""
    look_once(house.open.service.house, BackgroundWork(house.open).run_as, lambda seconds: False)


def loaded(house: CopyHouse) -> list[int]:
    return [row[0] for row in house.run("SELECT a FROM t ORDER BY 1")]


def statuses(house: CopyHouse) -> dict[str, str]:
    return {Path(row[0]).name: row[1] for row in house.run("SELECT file_name, status FROM sys_copy_job_detail")}


def test_a_run_loads_what_is_new_and_nothing_twice(house: CopyHouse) -> None:
    house.run("COPY t FROM 'in/' CSV JOB CREATE nightly AUTO OFF")
    assert loaded(house) == []
    house.run("COPY JOB RUN nightly")
    house.run("COPY JOB RUN nightly")
    house.file("in/2", "2\n3\n")
    house.run("COPY JOB RUN nightly")
    assert loaded(house) == [1, 2, 3]
    assert statuses(house) == {"1": "I", "2": "I"}
    ((job,),) = house.run("SELECT job_id FROM sys_copy_job WHERE trim(job_name) = 'nightly'")
    assert house.run(f"SELECT count(*), sum(loaded_rows) FROM sys_load_history WHERE copy_job_id = {job}") == [(2, 3)]
    assert house.run("SELECT count(*) FROM stl_load_commits WHERE copy_job_id > 0") == [(2,)]


def test_another_version_of_a_file_is_another_file(house: CopyHouse) -> None:
    house.run("COPY t FROM 'in/' JOB CREATE nightly")
    house.run("COPY JOB RUN nightly")
    house.file("in/1", "10\n")
    house.run("COPY JOB RUN nightly")
    assert loaded(house) == [1, 10]


def test_what_is_rolled_back_is_still_new(house: CopyHouse) -> None:
    house.run("COPY t FROM 'in/' JOB CREATE nightly")
    house.run("BEGIN; COPY JOB RUN nightly; ROLLBACK")
    assert (loaded(house), statuses(house)) == ([], {})
    house.run("COPY JOB RUN nightly")
    assert loaded(house) == [1]


def test_two_runs_at_once_load_a_file_once(house: CopyHouse) -> None:
    house.run("COPY t FROM 'in/' JOB CREATE nightly AUTO OFF")
    first, second = house.connect(), house.connect()
    house.run("BEGIN; SELECT count(*) FROM t", second)
    house.run("BEGIN; COPY JOB RUN nightly", first)
    with pytest.raises(BoathouseError) as failure:
        house.run("COPY JOB RUN nightly", second)
        house.run("COMMIT", first)
        house.run("COMMIT", second)
    assert failure.value.sqlstate == "40001" and failure.value.retryable
    house.run("ROLLBACK", second)
    house.run("COPY JOB RUN nightly", second)
    assert loaded(house) == [1]


def test_a_bad_file_stops_a_run_by_hand_and_no_other_file_of_the_poller(house: CopyHouse) -> None:
    house.file("in/2", "x\n")
    house.file("in/3", "3\n")
    house.run("COPY t FROM 'in/' JOB CREATE nightly")
    assert "stl_load_errors" in str(house.fails("COPY JOB RUN nightly"))
    assert loaded(house) == []
    look(house)
    assert loaded(house) == [1, 3]
    assert statuses(house) == {"1": "I", "2": "E", "3": "I"}
    ((message,),) = house.run("SELECT trim(message) FROM sys_copy_job_info")
    assert "in/2, line 1, column a" in message
    before = house.run("SELECT count(*) FROM sys_load_history")
    look(house)
    assert house.run("SELECT count(*) FROM sys_load_history") == before, "a file that failed is left alone"
    house.file("in/2", "2\n")
    look(house)
    assert loaded(house) == [1, 2, 3]


def test_jobs_without_auto_wait_and_may_be_changed(house: CopyHouse) -> None:
    house.run("COPY t FROM 'in/' JOB CREATE nightly AUTO OFF")
    look(house)
    assert loaded(house) == []
    house.run("COPY JOB ALTER nightly AUTO ON")
    look(house)
    assert loaded(house) == [1]
    assert house.run("COPY JOB LIST") == [("nightly", True)]
    ((_, name, owner, source, table, text, auto),) = house.run("COPY JOB SHOW nightly")
    assert (name, owner, source, table, text, auto) == (
        "nightly", "admin", f"{house.lake}/in/", "public.t", "COPY t FROM 'in/'", True,
    )  # fmt: skip
    house.run("COPY JOB DROP nightly")
    assert house.run("COPY JOB LIST") == []
    assert house.fails("COPY JOB RUN nightly").sqlstate == "42704"


def test_the_jobs_table_is_found_whatever_the_search_path_is(house: CopyHouse) -> None:
    house.run("CREATE SCHEMA other; SET search_path TO other; CREATE TABLE t (a integer)")
    house.run("COPY t FROM 'in/' JOB CREATE nightly; SET search_path TO public; COPY JOB RUN nightly")
    assert loaded(house) == []
    assert house.run("SELECT a FROM other.t") == [(1,)]


@pytest.mark.parametrize(
    ("sql", "sqlstate"),
    [
        ("COPY t FROM 'in/' ACCESS_KEY_ID 'AKIDKEY' SECRET_ACCESS_KEY 'hidden' JOB CREATE j", "22023"),
        ("COPY t FROM 'in/list' MANIFEST JOB CREATE j", "0A000"),
        ("COPY nope FROM 'in/' JOB CREATE j", "42P01"),
        ("COPY t FROM 'in/' JOB CREATE taken", "42710"),
        ("COPY t FROM '/etc/passwd' JOB CREATE j", "42501"),
        ("COPY JOB DROP j", "42704"),
        ("COPY JOB START j", "42601"),
        ("COPY t FROM 'in/' JOB DROP j", "42601"),
    ],
)
def test_what_is_no_job_is_refused(house: CopyHouse, sql: str, sqlstate: str) -> None:
    house.run("COPY t FROM 'in/' JOB CREATE taken AUTO OFF")
    failure = house.fails(sql)
    assert failure.sqlstate == sqlstate, failure
    assert "hidden" not in f"{failure} {failure.detail} {failure.hint}"


def test_a_local_file_that_may_still_be_written_is_left_for_later(tmp_path: Path) -> None:
    house = CopyHouse(tmp_path / "home", {"lake": {"copy_job_settle_seconds": 3600}})
    house.table("a integer")
    fresh, old = house.file("in/1", "1\n"), house.file("in/2", "2\n")
    os.utime(old, (fresh.stat().st_mtime - 7200,) * 2)
    house.run("COPY t FROM 'in/' JOB CREATE nightly")
    look(house)
    assert loaded(house) == [2]
    house.run("COPY JOB RUN nightly")
    assert loaded(house) == [1, 2]
    house.close()


def test_the_poller_finds_files_by_itself_and_ends_when_told(house: CopyHouse) -> None:
    house.run("COPY t FROM 'in/' JOB CREATE nightly")
    work = BackgroundWork(house.open)
    work.start()
    seen = threading.Event()
    while loaded(house) != [1]:
        seen.wait(0.02)
    house.file("in/late", "2\n")
    while loaded(house) != [1, 2]:
        seen.wait(0.02)
    work.stop(30)
    assert not any(thread.is_alive() for thread in work._threads)


def test_kills_between_load_and_note_lose_nothing_and_double_nothing(tmp_path: Path) -> None:
    seed = int(os.environ.get("BOATHOUSE_SEED") or random.SystemRandom().randrange(1 << 32))
    print("seed", seed)
    chance = random.Random(seed)
    home = tmp_path / "home"
    house = CopyHouse(home, NOW)
    house.table("a integer")
    house.run("COPY t FROM 'in/' JOB CREATE nightly")
    house.close()
    killed = KilledHouse(home, NOW)
    expected: list[int] = []
    for turn in range(int(os.environ.get("BOATHOUSE_KILLS") or 3)):
        for part in range(5):
            value = turn * 5 + part
            path = home / "lake" / "in" / f"{value}"
            path.parent.mkdir(exist_ok=True)
            (home / "lake" / "staged").write_text(f"{value}\n" * 50)
            (home / "lake" / "staged").rename(path)
            expected += [value] * 50
        killed.turn("SELECT 1", "", chance.uniform(0, 0.4), background=True)
    killed.close()
    again = CopyHouse.__new__(CopyHouse)
    again.reopen(home, NOW)
    found = loaded(again)
    notes: list[Any] = again.run("SELECT count(*) FROM sys_copy_job_detail")
    assert len(found) == notes[0][0] * 50, f"seed {seed}: what is noted is loaded, and nothing else"
    look(again)
    assert loaded(again) == sorted(expected), f"seed {seed}"
    again.close()


def test_a_served_house_loads_new_files(tmp_path: Path) -> None:
    home = tmp_path / "home"
    environment = {
        **os.environ,
        "BOATHOUSE_ADMIN_PASSWORD": "Harbour-9-lights",
        "BOATHOUSE_LAKE_COPY_JOB_POLL_SECONDS": "0.05",
        "BOATHOUSE_LAKE_COPY_JOB_SETTLE_SECONDS": "0",
    }
    program = Path(sys.executable).parent / "boathouse"
    subprocess.run([program, "init", home], check=True, env=environment, capture_output=True)
    server = subprocess.Popen(
        [program, "serve", home, "--port", "0", "--http-port", "-1"], stdout=subprocess.PIPE, text=True, env=environment
    )
    assert server.stdout is not None
    port = server.stdout.readline().partition("postgres port ")[2].partition(",")[0].strip()
    with psycopg.connect(
        f"host=127.0.0.1 port={port} dbname=dev user=admin password=Harbour-9-lights", autocommit=True
    ) as client:
        client.execute("CREATE TABLE t (a integer)")
        client.execute("COPY t FROM 'in/' JOB CREATE nightly AUTO ON")
        (home / "lake" / "in").mkdir()
        (home / "lake" / "in" / "1").write_text("7\n")
        pause = threading.Event()
        while client.execute("SELECT a FROM t").fetchall() != [(7,)]:
            pause.wait(0.05)
    server.terminate()
    assert server.wait(60) == 0
