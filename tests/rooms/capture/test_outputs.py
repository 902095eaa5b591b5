"""Outputs beside the warehouse: files with every change once, whatever fails on the way."""

from __future__ import annotations

import json
import sys
import types
from pathlib import Path
from typing import Any

import jsonschema
import psycopg
import pytest
from tests.rooms.capture.capture_house import CaptureHouse
from tests.rooms.capture.postgres_server import PostgresUnderTest
from tests.rooms.capture.receiver import Receiver
from tests.rooms.capture.replay import once, parquet, places, replayed, told
from tests.rooms.capture.workload import MAKE, Workload

from boathouse.app import cli
from boathouse.capture.delivery.destination import Delivery
from boathouse.contracts.errors import (
    DuplicateObject,
    FeatureNotSupported,
    InsufficientPrivilege,
    InvalidParameterValue,
    ObjectNotInPrerequisiteState,
    SqlSyntaxError,
    UndefinedObject,
)

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
    with Workload(postgres, writers=2, keys=300, seed=9, pause=0.005) as load:
        house.until(lambda: load.transactions > 100, "nothing comes")
        house.end()  # what is in flight is given up
        house.begin()
        house.until(lambda: load.transactions > 200, "nothing comes")
    db.execute("TRUNCATE t; INSERT INTO t VALUES (1, 1, 'ü', 'x'), (2, 2, NULL, NULL)")
    house.until_equal(db)
    house.until_delivered()
    expected = {row[0]: tuple(row[1:]) for row in db.execute("SELECT id, version, note, big FROM t").fetchall()}
    rows = parquet(house, "changes")
    assert replayed(rows) == expected
    assert len(places(rows)) > 200
    files = sorted((house.lake / "lines" / "public.t").rglob("*.jsonl"), key=lambda file: file.name)
    lines = [json.loads(line) for file in files for line in file.read_text(encoding="utf-8").splitlines()]
    assert [line["_record_operation"] for line in lines] == [row["_record_operation"] for row in rows]
    assert {"id": 1, "note": "ü"}.items() <= lines[-2].items() and files[0].parent.name.startswith("day=20")
    assert outputs(house) == {"lake": "running", "lines": "running"}
    assert house.run("SELECT DISTINCT guarantee FROM svv_integration_output") == [("once",)]


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
        "ADD OUTPUT o TO 'python:os:getcwd'": InsufficientPrivilege, "ADD OUTPUT o TO 'ftp://host/x'": FeatureNotSupported,
        "ADD OUTPUT o TO 'http://host/x' FORMAT PARQUET": FeatureNotSupported,
        "ADD OUTPUT o TO 'o' FORMAT DEBEZIUM": FeatureNotSupported,
        "ADD OUTPUT o TO 'kafka://host:9092/t' FORMAT ARROW": FeatureNotSupported,
        "ADD OUTPUT o TO 'kafka://host:9092/{no_such}'": InvalidParameterValue,
        "ADD OUTPUT o TO 'kafka://host:9092/t' SET COMPRESSION = 'rar'": InvalidParameterValue,
        "ADD OUTPUT o TO 'http://host/x' SET BATCHES = 1": InvalidParameterValue,
        "ADD OUTPUT o TO 'http://host/x' SET RETRIES = -1": SqlSyntaxError,
        "ADD OUTPUT o TO 'http://host/x' SET RETRIES = 'many'": InvalidParameterValue,
        "ADD OUTPUT o TO 'http://user:word@host/x'": InvalidParameterValue,
        "ADD OUTPUT o TO 'http://host/x' SECRET 'shop'": InvalidParameterValue,
        "ADD OUTPUT o TO 'https://host/x' SECRET 'none'": UndefinedObject,
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


def test_receivers_know_each_change_from_its_place_whatever_goes_wrong(
    db: psycopg.Connection[Any], tmp_path: Path, postgres: PostgresUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Over HTTP: answers that say no, none at all, half ones, and batches that were taken without an answer. In Python: a
    function that fails now and then."""
    called: list[dict[str, Any]] = []

    def take(delivery: Delivery) -> None:
        called.extend(json.loads(delivery.body()))
        if len(called) % 3 == 1:
            raise ValueError("a value of a row")

    module = types.ModuleType("shop_code")
    module.take = take  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "shop_code", module)
    receiver = Receiver()
    receiver.faults = ["503", "drop", "half", "hang", "429", "", "drop", "500", "400"]
    house = CaptureHouse(tmp_path / "home", postgres, callables=["shop_code:take"])
    try:
        db.execute(f"{MAKE}; INSERT INTO t SELECT g, 0, 'first', 'b' FROM generate_series(0, 200) g")
        house.integrate()
        options = "SET BATCH_ROWS = 50, TIMEOUT_SECONDS = 0.5, PAUSE_SECONDS = 0.01, RETRIES = 1"
        house.run(f"{ALTER} ADD OUTPUT hook TO '{receiver.url}' {options}")
        house.run(f"{ALTER} ADD OUTPUT code TO 'python:shop_code:take' FORMAT JSON SET BATCH_ROWS = 70")
        house.begin()
        house.until_dumped()
        db.execute("UPDATE t SET version = version + 1 WHERE id < 120; DELETE FROM t WHERE id > 150; TRUNCATE t")
        db.execute("INSERT INTO t VALUES (1, 1, 'ü', NULL); UPDATE t SET id = 2")
        house.until_equal(db)
        house.until(lambda: not receiver.faults, "they are not used up")
        house.until_delivered()
        expected = {2: (1, "ü", None)}
        assert replayed(told(once(receiver.new_events()))) == expected
        assert len(receiver.new_events()) < len(receiver.events())  # what was taken without an answer came again
        assert {one["operation"] for one in receiver.new_events()} >= {"read", "update", "delete", "truncate", "insert"}
        firsts = {(one["boathouse-source"], one["boathouse-first"], one["boathouse-last"]) for one in receiver.headers}
        assert len(firsts) < len(receiver.headers) and receiver.headers[0]["idempotency-key"].startswith('"shop_')
        keys: dict[tuple[int, int], str] = {}
        for headers, body in zip(receiver.headers, receiver.bodies, strict=True):
            for one in json.loads(body):  # a batch that comes again has the key that it had
                place = (one["entry"], one["number"])
                assert keys.setdefault(place, headers["idempotency-key"]) == headers["idempotency-key"]
        assert {one["boathouse-whole"] for one in receiver.headers} == {"true", "false"}
        assert receiver.headers[-1]["boathouse-whole"] == "true"
        kept = list({(one["entry"], one["number"]): one for one in called}.values())
        assert replayed(told(once(kept))) == expected and len(kept) < len(called)
        assert outputs(house) == {"hook": "running", "code": "running"}
    finally:
        house.close()
        receiver.end()


def test_each_event_names_a_schema_that_is_kept(
    db: psycopg.Connection[Any], house: CaptureHouse, capsys: pytest.CaptureFixture[str]
) -> None:
    receiver = Receiver()
    try:
        db.execute(
            "CREATE TABLE t (id bigint PRIMARY KEY, note text, amount numeric(10, 2)); INSERT INTO t VALUES (1, 'a', 1.5)"
        )
        house.integrate()
        house.run(f"{ALTER} ADD OUTPUT hook TO '{receiver.url}'")
        house.begin()
        house.until_dumped()
        db.execute("ALTER TABLE t ADD born date; INSERT INTO t VALUES (2, 'b', 2, '2020-01-02')")
        house.until_equal(db)
        db.execute("ALTER TABLE t DROP note; INSERT INTO t VALUES (3, 3, NULL)")
        house.until_equal(db)
        house.until_delivered()
        rows = house.run(
            "SELECT version, valid_from, json_schema, avro_schema FROM svv_integration_schema ORDER BY version"
        )
        assert [row[0] for row in rows] == [1, 2, 3] and rows[0][1] is None and str(rows[1][1]).count("/") == 1
        for event in receiver.new_events():
            assert (
                event["operation"] == "truncate"
                or event["after"] is None
                or jsonschema.Draft202012Validator(json.loads(str(rows[event["version"] - 1][2]))).is_valid(
                    event["after"]
                )
            )
        versions = {
            event["key"]["id"]: event["version"] for event in receiver.new_events() if event["operation"] == "insert"
        }
        assert versions == {2: 2, 3: 3}
        names = [[field["name"] for field in json.loads(str(row[3]))["fields"]] for row in rows]
        assert names == [["id", "note", "amount"], ["id", "note", "amount", "born"], ["id", "amount", "born"]]
        home = house.open.home
        house.close()
        assert cli.main(["capture", "schema", str(home), "shop", "public.t", "--version", "2", "--format", "avro"]) == 0
        assert json.loads(capsys.readouterr().out)["fields"][3]["name"] == "born"
        assert cli.main(["capture", "schema", str(home), "shop", "public.none"]) == 1
        house.reopen(home, house.settings)
    finally:
        receiver.end()


def test_outputs_stand_in_the_settings_too(
    db: psycopg.Connection[Any], house: CaptureHouse, caplog: pytest.LogCaptureFixture
) -> None:
    receiver, home = Receiver(), house.open.home
    file = home / "boathouse.toml"
    before = file.read_text()

    def declare(text: str) -> None:
        house.end()
        house.close()
        file.write_text(before + text)
        house.reopen(home, house.settings)
        house.begin()

    try:
        db.execute(f"{MAKE}; INSERT INTO t SELECT g, 0, 'first', 'b' FROM generate_series(1, 7) g")
        house.integrate()
        hook = f'[outputs.hook]\nintegration = "shop"\nplace = "{receiver.url}"\noptions = ["batch_rows = 3"]\n'
        declare(hook + '[outputs.odd]\nintegration = "shop"\nplace = "odd"\nformat = "xml"\n')
        house.until(lambda: len(receiver.new_events()) == 7, "it is not told")
        assert max(len(json.loads(body)) for body in receiver.bodies) == 3
        assert [record.message for record in caplog.records if "outputs.odd" in record.message] == [
            "[outputs.odd]: FORMAT XML is not supported there"
        ]
        with pytest.raises(ObjectNotInPrerequisiteState):
            house.run(f"{ALTER} DROP OUTPUT hook")
        declare(hook.replace("batch_rows = 3", "batch_rows = 7"))  # another output, which begins anew
        house.until(lambda: len(receiver.new_events()) == 14, "it is not told")
        declare("")
        house.until(lambda: outputs(house) == {}, "it is still there")
    finally:
        receiver.end()
