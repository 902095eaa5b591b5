"""What a lake of several servers keeps and lets go: snapshots, and files that a kill has left on S3."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import boto3
import pytest
from tests.clients.conftest import DATABASE
from tests.clients.upstream.postgres_behind import PostgresBehind
from tests.rooms.lake.copy_house import CopyHouse
from tests.suites.conftest import Endpoint

from boathouse.app.home import create_home
from boathouse.contracts.errors import UndefinedObject
from boathouse.engines.duckdb.keeping import lake_upkeep
from boathouse.engines.duckdb.keeping.lake_upkeep import LakeUpkeep

STORAGE = {"kind": "ducklake", "catalog": "books", "data_path": "s3://shared-lake/keeping"}
SECONDS_MAX = 60.0

_OTHER = """
import sys
from pathlib import Path
from tests.rooms.lake.copy_house import CopyHouse
house = CopyHouse.__new__(CopyHouse)
house.reopen(Path(sys.argv[1]))
house.run("BEGIN; INSERT INTO kept SELECT n FROM generate_series(1, 100) AS g(n)")
print("open", flush=True)
sys.stdin.readline()
"""
"""A further server, which never commits."""


def _house(home: Path) -> CopyHouse:
    create_home(home, DATABASE, STORAGE)
    house = CopyHouse.__new__(CopyHouse)
    house.reopen(home)
    return house


@pytest.fixture(scope="module")
def houses(
    lake_settings: None, postgres: PostgresBehind, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[CopyHouse, CopyHouse]]:
    with postgres.connect() as connection:
        connection.execute(f"DROP SCHEMA IF EXISTS boathouse_{DATABASE} CASCADE")
    with ExitStack() as stack:
        made = [_house(tmp_path_factory.mktemp(name) / "h") for name in ("first", "second")]
        for one in made:
            stack.callback(one.close)
        yield made[0], made[1]


def test_a_snapshot_of_one_server_is_the_others_too(houses: tuple[CopyHouse, CopyHouse]) -> None:
    first, second = houses
    first.run("CREATE TABLE orders AS SELECT 1 AS id, 'oar'::varchar(9) AS item")
    first.run('CREATE SNAPSHOT "before" RETENTION 3 DAYS')
    second.run("INSERT INTO orders VALUES (2, 'sail')")
    second.run("ALTER TABLE orders DROP COLUMN item")
    assert second.run("SELECT snapshot_identifier, status FROM svv_snapshots") == [("before", "available")]
    assert second.run('RESTORE TABLE orders FROM SNAPSHOT "before" AS past; SELECT * FROM past') == [(1, "oar")]
    second.run("DROP TABLE orders")
    history = first.open.service.house.engine.history
    assert isinstance(history, LakeUpkeep)
    session = first.open.service.house.engine.session()
    kept, history.upkeep = history.upkeep, replace(history.upkeep, history=timedelta(0), skew=timedelta(0))
    try:
        for _ in range(2):
            history.forget(session)  # nothing that the snapshot names
        assert first.run('RESTORE TABLE orders FROM SNAPSHOT "before"; SELECT * FROM orders') == [(1, "oar")]
        second.run('DROP SNAPSHOT "before"')
        assert isinstance(first.fails('RESTORE TABLE orders FROM SNAPSHOT "before" AS again'), UndefinedObject)
        assert history.forget(session)[0] > 0, "its commit is forgotten"
    finally:
        history.upkeep = kept
        session.close()
    assert second.run("SELECT count(*) FROM orders") == [(1,)]


def _files(endpoint: Endpoint) -> set[str]:
    keys = {"aws_access_key_id": "k", "aws_secret_access_key": "s", "region_name": "us-east-1"}
    client = boto3.client("s3", endpoint_url=endpoint.url, **keys)
    found = client.list_objects_v2(Bucket="shared-lake", Prefix="keeping/public/kept/")
    return {one["Key"] for one in found.get("Contents", ())}


def _other(home: Path) -> subprocess.Popen[str]:
    child = subprocess.Popen(
        [sys.executable, "-c", _OTHER, str(home)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert child.stdout is not None and child.stdout.readline() == "open\n"
    return child


def test_a_file_that_a_kill_left_goes_and_one_of_an_open_transaction_stays(
    houses: tuple[CopyHouse, CopyHouse], endpoint: Endpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lake_upkeep, "_MTIME", timedelta(seconds=1))
    first, second = houses
    first.run("CREATE TABLE kept (n integer)")
    house = first.open.service.house
    history, session = house.engine.history, house.engine.session()
    assert isinstance(history, LakeUpkeep)
    home = tmp_path / "h"
    create_home(home, DATABASE, STORAGE)
    usual, history.upkeep = (
        history.upkeep,
        replace(history.upkeep, history=timedelta(0), skew=timedelta(0), patience=timedelta(seconds=1)),
    )
    try:
        child = _other(home)
        os.kill(child.pid, signal.SIGKILL)
        child.communicate()
        assert len(_files(endpoint)) == 1
        deadline = time.monotonic() + SECONDS_MAX
        while _files(endpoint):
            history.forget(session)
            assert time.monotonic() < deadline, "nobody's file stays"
            time.sleep(0.2)
        second.run("BEGIN; INSERT INTO kept SELECT n FROM generate_series(1, 100) AS g(n)")
        assert len(_files(endpoint)) == 1
        until = time.monotonic() + 4  # older than any that would be spared for its age
        while time.monotonic() < until:
            history.forget(session)
            time.sleep(0.5)
        second.run("COMMIT")
        assert first.run("SELECT count(*), sum(n) FROM kept WHERE n > 0") == [(100, 5050)]
    finally:
        history.upkeep = usual
        session.close()
