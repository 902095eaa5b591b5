"""Outputs beside the warehouse: files with every change once, whatever fails on the way."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import psycopg
import pytest
from tests.rooms.capture.capture_house import CaptureHouse
from tests.rooms.capture.postgres_server import PostgresUnderTest
from tests.rooms.capture.replay import parquet, places, replayed
from tests.rooms.capture.workload import MAKE, Workload

from boathouse.contracts.errors import DuplicateObject, InsufficientPrivilege, UndefinedObject

ALTER = "ALTER INTEGRATION shop"


def outputs(house: CaptureHouse) -> dict[str, str]:
    return {
        str(name): str(state)
        for name, state in house.run("SELECT output_name, output_state FROM svv_integration_output")
    }


def test_files_hold_every_change_once_and_make_the_table(
    db: psycopg.Connection[Any], postgres: PostgresUnderTest, house: CaptureHouse
) -> None:
    db.execute(f"{MAKE}; INSERT INTO t SELECT g, 0, 'first', 'b' FROM generate_series(0, 700) g")
    house.integrate()
    house.run(f"{ALTER} ADD OUTPUT lake TO 'changes' FORMAT PARQUET; {ALTER} ADD OUTPUT lines TO 'lines' FORMAT JSON")
    house.begin()
    house.until_dumped()
    with Workload(postgres, writers=2, keys=300, seed=9) as load:
        house.until(lambda: load.transactions > 200, "nothing comes")
        house.end()  # what is in flight is given up
        house.begin()
        house.until(lambda: load.transactions > 400, "nothing comes")
    db.execute("TRUNCATE t; INSERT INTO t VALUES (1, 1, 'ü', 'x'), (2, 2, NULL, NULL)")
    house.until_equal(db)
    house.until_delivered()
    expected = {row[0]: tuple(row[1:]) for row in db.execute("SELECT id, version, note, big FROM t").fetchall()}
    rows = parquet(house, "changes")
    assert replayed(rows) == expected
    assert len(places(rows)) > 400
    files = sorted((house.lake / "lines" / "public.t").rglob("*.jsonl"), key=lambda file: file.name)
    lines = [json.loads(line) for file in files for line in file.read_text(encoding="utf-8").splitlines()]
    assert [line["_record_operation"] for line in lines] == [row["_record_operation"] for row in rows]
    assert {"id": 1, "note": "ü"}.items() <= lines[-2].items() and files[0].parent.name.startswith("day=20")
    assert outputs(house) == {"lake": "running", "lines": "running"}


def test_what_cannot_be_written_waits_is_parked_or_dropped_as_was_said(
    db: psycopg.Connection[Any], house: CaptureHouse
) -> None:
    db.execute(f"{MAKE}; INSERT INTO t VALUES (1, 0, NULL, NULL)")
    house.integrate()
    for policy in ("block", "park", "drop"):
        house.run(f"{ALTER} ADD OUTPUT o_{policy} TO 'to_{policy}' ON FAILURE {policy}")
    house.begin()
    house.until_dumped()

    def spoil(policy: str) -> Path:
        """A file stands where the table's folder would be."""
        folder = house.lake / f"to_{policy}" / "public.t"
        folder.rename(folder.with_name("aside"))
        folder.write_text("in the way")
        return folder

    def mend(folder: Path) -> None:
        folder.unlink()
        folder.with_name("aside").rename(folder)

    house.until_delivered()
    parked, dropped = spoil("park"), spoil("drop")
    db.execute("UPDATE t SET version = 1")
    house.until_equal(db)
    house.until(lambda: outputs(house) == {"o_block": "running", "o_park": "parked", "o_drop": "dropped"}, "not so")
    house.end()  # what is parked outlives a restart
    house.begin()
    mend(parked)
    mend(dropped)
    house.until_delivered()
    blocked = spoil("block")
    db.execute("UPDATE t SET version = 2")
    house.until(lambda: outputs(house)["o_block"] == "blocked", "it is written")
    db.execute("UPDATE t SET version = 3")
    house.until(lambda: "o_block" in house.state()[1], "it goes on")
    assert house.run("SELECT version FROM shop.t") == [(2,)]
    mend(blocked)
    house.until_equal(db)
    house.until(lambda: outputs(house)["o_park"] == "running", "it stays parked")
    house.until(lambda: outputs(house)["o_block"] == "running", "it stays blocked")
    house.until_delivered()
    versions = {
        policy: [row["version"] for row in parquet(house, f"to_{policy}")] for policy in ("block", "park", "drop")
    }
    assert versions == {"block": [0, 1, 2, 3], "park": [0, 1, 2, 3], "drop": [0]}


def test_outputs_are_added_and_dropped_while_it_runs(db: psycopg.Connection[Any], house: CaptureHouse) -> None:
    db.execute(f"{MAKE}; INSERT INTO t VALUES (1, 0, NULL, NULL)")
    house.integrate()
    house.begin()
    house.until_dumped()
    house.run(f"{ALTER} ADD OUTPUT late TO 'late'")
    house.until(lambda: [row["version"] for row in parquet(house, "late")] == [0], "it is not dumped to")
    for statement, error in {
        "ADD OUTPUT late TO 'other'": DuplicateObject, "ADD OUTPUT other TO 'late'": DuplicateObject,
        "ADD OUTPUT other TO '/etc'": InsufficientPrivilege, "DROP OUTPUT other": UndefinedObject,
    }.items():  # fmt: skip
        with pytest.raises(error):
            house.run(f"{ALTER} {statement}")
    house.run(f"{ALTER} DROP OUTPUT late")
    house.until(lambda: outputs(house) == {}, "it is there")
    db.execute("UPDATE t SET version = 5")
    house.until_equal(db)
    # Added again, it goes on behind the files that are there.
    house.run(f"{ALTER} ADD OUTPUT late TO 'late'")
    house.until(lambda: [row["version"] for row in parquet(house, "late")] == [0, 5], "it does not go on")
