"""A whole warehouse into a lake of several servers and out of it again, and a lake as it was at a snapshot.

BOATHOUSE_STORAGE_KILLS: ends by SIGKILL in the middle of a conversion; from 1 on the whole way is gone, from 2 on with more.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import boto3
import pytest
from tests.clients.conftest import DATABASE, PASSWORD
from tests.clients.upstream import postgres_behind
from tests.clients.upstream.postgres_behind import PostgresBehind
from tests.rooms.app.test_storage_moves import LOOKED, MADE, answers, lines, served, succeed
from tests.statements.scripts import ask
from tests.suites.conftest import Endpoint

from boathouse.app.initialise import initialise
from boathouse.app.replaced import swap
from boathouse.app.replaced.place import Place
from boathouse.app.storage.convert import convert, restore
from boathouse.app.storage.forget import forget
from boathouse.contracts.errors import HomeInUse, InvalidParameterValue, StorageError
from boathouse.engines.duckdb.storage import shared_catalog, shared_swap
from boathouse.engines.duckdb.storage.shared_catalog import SharedCatalog

KILLS = int(os.environ.get("BOATHOUSE_STORAGE_KILLS", "0"))
SHARED = Place("ducklake", "books", "s3://shared-lake/moved")
NUMBER = "INSERT INTO shop.sales (amount) VALUES (0); DELETE FROM shop.sales WHERE amount = 0"

LESS = """
CREATE SCHEMA shop
CREATE TABLE shop.sales (id bigint IDENTITY(10, 3), amount decimal(38, 9) NOT NULL)
INSERT INTO shop.sales (amount) VALUES (1.5), (9999999999999999999999999999.123456789)
CREATE VIEW shop.large AS SELECT id, amount FROM shop.sales WHERE amount > 100
CREATE TABLE kept AS SELECT 1 AS one
CREATE USER ada PASSWORD DISABLE
GRANT SELECT ON shop.large TO ada
"""
LESS_LOOKED = """
SELECT * FROM shop.sales ORDER BY id
SELECT * FROM shop.large
SELECT has_table_privilege('ada', 'shop.large', 'select'), has_table_privilege('ada', 'shop.sales', 'select')
"""

pytestmark = pytest.mark.usefixtures("lake_settings")


def quiet(told: str) -> None:
    pass


def asked(postgres: PostgresBehind, question: str) -> list[tuple[object, ...]]:
    with postgres.connect() as connection:
        return connection.execute(question.encode()).fetchall()


def schemas(postgres: PostgresBehind) -> set[object]:
    return {name for (name,) in asked(postgres, "SELECT nspname FROM pg_namespace WHERE nspname LIKE 'boathouse%'")}


def files(endpoint: Endpoint, prefix: str) -> set[str]:
    keys = {"aws_access_key_id": "k", "aws_secret_access_key": "s", "region_name": "us-east-1"}
    found = boto3.client("s3", endpoint_url=endpoint.url, **keys).list_objects_v2(Bucket="shared-lake", Prefix=prefix)
    return {one["Key"] for one in found.get("Contents", ())}


TO_LAKE = ("--to", "ducklake", "--catalog", "books", "--data-path", SHARED.data_path)


def killed(chance: random.Random, steps: int, *command: str) -> bool:
    """Convert or restore, and end it some way after one of its first steps; True where it had ended by itself."""
    process = subprocess.Popen(
        [sys.executable, "-u", "-m", "boathouse.app.cli", "storage", *command],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None and process.stderr is not None
    for _ in range(chance.randrange(1, steps)):
        process.stdout.readline()
    threading.Event().wait(chance.random() * 0.5)
    ended = process.poll() is not None
    process.send_signal(signal.SIGKILL)
    process.wait()
    told = process.stderr.read()
    # One that was killed when all was ready is finished by whoever opens the home next.
    ended = ended or any(done in told for done in ("is stored as", "is not empty", 'snapshot "moved" does not exist'))
    assert ended or process.returncode == -signal.SIGKILL, told
    process.stdout.close()
    process.stderr.close()
    return ended


@pytest.mark.skipif(KILLS < 1, reason="by hand: it makes a warehouse five times")
@pytest.mark.timeout(3000)
def test_a_warehouse_becomes_a_lake_of_several_servers_and_a_file_again(
    tmp_path: Path, postgres: PostgresBehind, endpoint: Endpoint
) -> None:
    home, other, further = tmp_path / "h", tmp_path / "other", tmp_path / "further"
    initialise(home, DATABASE, PASSWORD)
    made, looked = (lines(MADE), lines(LOOKED)) if KILLS > 1 else (lines(LESS), lines(LESS_LOOKED))
    found = answers(home, *made, *looked)
    succeed(found)
    before = found[len(made) :]
    chance = random.Random(os.environ.get("BOATHOUSE_SEED", "5"))
    for _ in range(KILLS):
        if killed(chance, 3, "convert", str(home), *TO_LAKE):
            break
    if (home / "warehouse.duckdb").exists():  # the last one was not quick enough
        kept = convert(home, SHARED, quiet)
        assert kept is not None and [one.name for one in kept.iterdir()] == ["warehouse.duckdb"]
    assert not (home / "warehouse.duckdb").exists()
    assert not {one for one in schemas(postgres) if "converting" in str(one)}
    after = answers(home, *looked, NUMBER, "CREATE SNAPSHOT moved", "INSERT INTO shop.sales (amount) VALUES (77)")
    assert after[: len(before)] == before
    succeed(after[len(before) :])

    # A further home joins it, and none converts or restores what it serves.
    initialise(other, DATABASE, None, "ducklake", {"catalog": SHARED.catalog, "data_path": SHARED.data_path})
    with served(other) as server, server.raw() as client:
        assert ask(client, "SELECT count(*) FROM shop.sales WHERE amount = 77")[-1] == "1"
        ask(client, "CREATE TABLE later AS SELECT 1 AS one")
        with pytest.raises(HomeInUse, match="other servers"):
            restore(home, "moved", None, quiet)

    # The whole as it was, for both; what was replaced goes with all of its files, and nothing else does.
    old_files = files(endpoint, "moved/")
    rows = asked(
        postgres,
        "SELECT path FROM boathouse_dev.ducklake_data_file UNION ALL SELECT path FROM boathouse_dev.ducklake_delete_file",
    )
    named = {path for path in old_files if any(path.endswith(f"/{name}") for (name,) in rows)}
    assert named
    kept = restore(home, "moved", None, quiet)
    assert [one.name for one in kept.iterdir()] == ["lake.json"]
    assert old_files < files(endpoint, "moved/")
    forget(home, kept.name)
    assert not kept.exists()
    # Besides its note, what a kill had left may stay for a while: it goes when the lake that is alone now is looked after.
    assert not named & files(endpoint, "moved/")
    assert schemas(postgres) == {"boathouse_dev"}
    back = answers(other, *looked, "SELECT * FROM later", "SELECT count(*) FROM svv_snapshots", "CREATE SNAPSHOT two")
    assert back[: len(before)] == before
    assert back[-3][0].startswith("ERROR 42P01")
    assert back[-2][1] == "0"

    # Out of it, into a file or a home of its own: the lake stays for the others.
    assert convert(home, Place("native"), quiet) is None
    back = answers(home, *looked, NUMBER)
    assert back[: len(before)] == before
    succeed(back[-1:])
    restore(other, "two", further, quiet)
    assert (further / "catalog.ducklake").exists()
    if KILLS > 1:
        assert answers(further, *looked) == before
        assert answers(other, *looked) == before


@pytest.mark.skipif(KILLS < 2, reason="by hand: it makes a warehouse again and again")
@pytest.mark.timeout(3000)
def test_every_move_of_a_shared_lake_is_killed_and_goes_on(tmp_path: Path, postgres: PostgresBehind) -> None:
    """Into a lake, as it was at a snapshot, here and in a new home, and into a file, while another server starts in between."""
    home, other, further = tmp_path / "h", tmp_path / "other", tmp_path / "further"
    initialise(home, DATABASE, PASSWORD)
    made, looked = lines(LESS), lines(LESS_LOOKED)
    many = "INSERT INTO shop.sales (amount) SELECT n FROM generate_series(1, 3000) AS g(n)"
    succeed(answers(home, *made, many, *(f"CREATE TABLE t{n} AS SELECT {n} AS n" for n in range(4))))
    looked += ["SELECT count(*), sum(amount), count(DISTINCT id) FROM shop.sales"]
    looked += [f"SELECT n FROM t{n}" for n in range(4)]
    before = answers(home, *looked)
    chance = random.Random(os.environ.get("BOATHOUSE_SEED", "5"))
    with postgres.connect() as connection:
        connection.execute(f"DROP SCHEMA IF EXISTS boathouse_{DATABASE} CASCADE")
    for _ in range(KILLS):
        if killed(chance, 7, "convert", str(home), *TO_LAKE):
            break
        if chance.random() < 0.3:
            assert answers(home, *looked) == before
    if (home / "warehouse.duckdb").exists():
        convert(home, SHARED, quiet)
    initialise(other, DATABASE, None, "ducklake", {"catalog": SHARED.catalog, "data_path": SHARED.data_path})
    assert answers(other, *looked, "CREATE SNAPSHOT moved", "DELETE FROM shop.sales WHERE id > 20")[:-2] == before
    changed = answers(other, *looked)
    assert changed != before

    for _ in range(KILLS):
        if killed(chance, 7, "restore", str(home), "moved", "--into", str(further)):
            break
        assert answers(other, *looked) == changed
    if not (further / "boathouse.toml").exists():
        restore(home, "moved", further, quiet)
    assert answers(further, *looked) == before

    ended, finished = False, (changed, before)
    for _ in range(KILLS):
        ended = ended or killed(chance, 7, "restore", str(home), "moved")
        found = answers(other, *looked)
        assert found in finished
        ended = ended or found == before
        if ended:
            break
    if not ended:
        restore(home, "moved", None, quiet)
    for one in (home, other):
        assert answers(one, *looked) == before

    for _ in range(KILLS):
        if killed(chance, 7, "convert", str(home), "--to", "native"):
            break
        assert answers(other, *looked) == before
    if not (home / "warehouse.duckdb").exists():
        convert(home, Place("native"), quiet)
    for one in (home, other):
        assert answers(one, *looked) == before
    assert not {one for one in schemas(postgres) if "converting" in str(one)}


def test_what_a_connection_held_that_has_ended_is_waited_for(
    postgres: PostgresBehind, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PostgreSQL lets a lock go some time after whoever had it was killed, or closed its connection."""
    secret = {"host": "127.0.0.1", "port": str(postgres.port), "dbname": postgres_behind.DATABASE}
    secret |= {"user": postgres_behind.ACCOUNT, "password": postgres_behind.PASSWORD}
    left, catalog = SharedCatalog(secret, "left"), SharedCatalog(secret, "left")
    left.enter()
    with monkeypatch.context() as patch:
        patch.setattr(shared_catalog.time, "sleep", lambda seconds: left.close())
        with catalog.nobody_else():
            patch.setattr(shared_catalog, "LEFT_SECONDS", 0)
            with pytest.raises(HomeInUse, match="converted or restored"):
                left.enter()
    left.enter()
    monkeypatch.setattr(shared_catalog, "LEFT_SECONDS", 0)
    with pytest.raises(HomeInUse, match="other servers"), catalog.nobody_else():
        pass
    left.close()


def test_a_place_that_is_taken_is_told_before_and_at_the_end(
    tmp_path: Path, postgres: PostgresBehind, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another home is quicker; once it has gone, the conversion goes on where it was."""
    home = tmp_path / "h"
    initialise(home, DATABASE, PASSWORD)
    succeed(answers(home, "CREATE TABLE kept AS SELECT 1 AS one", "CREATE USER ada PASSWORD DISABLE"))
    to = Place("ducklake", "books", "s3://shared-lake/taken")
    with postgres.connect() as connection:
        connection.execute("DROP SCHEMA IF EXISTS boathouse_dev CASCADE")

        def takes(*of: Any) -> object:
            connection.execute("CREATE SCHEMA boathouse_dev CREATE TABLE ducklake_snapshot (i int)")
            return shared_swap.takes_place(*of)

        with monkeypatch.context() as patch:
            patch.setattr(swap, "takes_place", takes)
            with pytest.raises(StorageError, match="there is one by now"):
                convert(home, to, quiet)
        with pytest.raises(InvalidParameterValue, match="already"):
            convert(home, to, quiet)
        connection.execute("DROP SCHEMA boathouse_dev CASCADE")
        with monkeypatch.context() as patch:
            patch.setenv("BOATHOUSE_STORAGE_DATA_PATH", "")
            with pytest.raises(InvalidParameterValue, match="environment"):
                convert(home, to, quiet)
    told: list[str] = []
    convert(home, to, told.append)
    assert not told, "all had been brought over"
    assert answers(home, "SELECT one FROM kept", "SELECT count(*) FROM pg_user WHERE usename = 'ada'") == [
        ["one:int4", "1"],
        ["count:int8", "1"],
    ]
    assert not (home / "warehouse.duckdb").exists()
