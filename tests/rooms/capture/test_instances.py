"""Several instances of a capture, one active: paused, killed, continued; and a server that stands by for another."""

from __future__ import annotations

import re
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pyarrow.parquet as pq
import pytest
from tests.rooms.capture.instances import Running, instance_home
from tests.rooms.capture.postgres_server import PostgresUnderTest
from tests.rooms.capture.replay import replayed
from tests.rooms.capture.workload import MAKE, Workload
from tests.rooms.capture.zookeepers import WHY_NOT, ZooKeeperUnderTest

from boathouse.app.cli import main
from boathouse.app.home import create_home

POSTGRES = (
    '[state]\nkind = "postgres"\nsecret = "shop"\n[election]\nkind = "postgres"\nsecret = "shop"\nlease_seconds = 2\n'
    '[journal]\nfolder = "{journal}"'
)
ZOOKEEPER = (
    '[state]\nkind = "zookeeper"\nservers = "{0}"\n[election]\nkind = "zookeeper"\nservers = "{0}"\nlease_seconds = 2'
)


@pytest.fixture
def start() -> Iterator[Callable[..., Running]]:
    made: list[Running] = []

    def begin(*arguments: str) -> Running:
        made.append(Running(*arguments))
        return made[-1]

    yield begin
    for one in made:
        one.end(signal.SIGKILL)


@pytest.fixture(params=["postgres", "zookeeper"])
def sections(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """With a journal that both instances reach, and without one."""
    if request.param == "postgres":
        (tmp_path / "journal").mkdir()
        yield POSTGRES.format(journal=tmp_path / "journal")
        return
    if WHY_NOT:
        pytest.skip(WHY_NOT)
    server = ZooKeeperUnderTest()
    yield ZOOKEEPER.format(server.folder("ha"))
    server.close()


def changes(place: Path) -> list[dict[str, Any]]:
    """The rows of the output's files, by the places that their names say."""
    files = sorted((place / "public.t").rglob("*.parquet"), key=lambda file: file.name)
    return [row for file in files for row in pq.ParquetFile(file).read().to_pylist()]


def files(place: Path) -> int:
    return sum(1 for _ in (place / "public.t").rglob("*.parquet"))


def until(condition: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + 90
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.2)


def test_one_is_active_whoever_is_paused_or_killed(
    db: psycopg.Connection[Any],
    postgres: PostgresUnderTest,
    tmp_path: Path,
    sections: str,
    start: Callable[..., Running],
) -> None:
    place = tmp_path / "changes"
    place.mkdir()
    homes = [instance_home(tmp_path / name, postgres, place, sections) for name in ("a", "b")]
    db.execute(f"{MAKE}; INSERT INTO t SELECT g, 0, 'first', 'b' FROM generate_series(0, 600) g")
    # A process that is paused keeps its connection, and so the slot, until the server takes it for gone: after a minute, usually.
    db.execute(f"ALTER DATABASE {postgres.name} SET wal_sender_timeout = '5s'")  # type: ignore[arg-type]
    # The capture leaves out what it keeps in the captured database itself.
    for home in homes:
        with (home / "shop.toml").open("r+") as file:
            text = file.read().replace('secret = "shop"\n', 'secret = "shop"\ntables = ["public.t"]\n', 1)
            file.seek(0)
            file.write(text)
    first = start("capture", "run", str(homes[0]), "shop")
    first.until("active, epoch")
    second = start("capture", "run", str(homes[1]), "shop")
    second.until("standing by")
    with Workload(postgres, writers=1, keys=400, seed=3, pause=0.05) as load:
        until(lambda: load.transactions > 40 and files(place) > 5, "nothing is captured")
        # Paused for longer than its lease, it is overtaken, and knows it when it wakes.
        seen = len(first.lines)
        first.send(signal.SIGSTOP)
        second.until("active, epoch")
        taken = files(place)
        until(lambda: files(place) > taken, "the second one does nothing")
        assert main(["capture", "dump", str(homes[0]), "shop", "--table", "public.t"]) == 0
        first.send(signal.SIGCONT)
        seen = first.until("standing by", seen)
        # Killed, its lease runs out.
        second.end(signal.SIGKILL)
        first.until("active, epoch", seen)
        taken = load.transactions
        until(lambda: load.transactions > taken + 20, "the workload stands still")
    # Of the log as it is, not as it is written: the workload's commits do not wait for that.
    (end,) = db.execute("SELECT pg_current_wal_insert_lsn()").fetchone()  # type: ignore[misc]
    passed = "SELECT confirmed_flush_lsn >= %s FROM pg_replication_slots WHERE database = current_database()"
    until(lambda: db.execute(passed, (end,)).fetchone() == (True,), "the last change does not come")
    expected = {row[0]: tuple(row[1:]) for row in db.execute("SELECT id, version, note, big FROM t").fetchall()}
    rows = changes(place)
    until(lambda: replayed(changes(place)) == expected, "the files do not become equal")
    rows = changes(place)
    # By position and ordinal, what comes again can be told from what is new.
    logged = [(int(high, 16), int(low, 16), row["_record_ordinal"]) for row in rows if row["_record_position"]
              for high, low in [row["_record_position"].split("/")]]  # fmt: skip
    if "[journal]" in sections:
        assert len(set(logged)) == len(logged), "something is there twice"
    known: set[tuple[int, int, int]] = set()
    once = [one for one in logged if one not in known and not known.add(one)]  # type: ignore[func-returns-value]
    assert once == sorted(once)
    assert sum(row["_record_operation"] == "read" for row in rows) > 700, "the dump that was asked for is not there"
    assert first.end() == 0


def test_a_server_stands_by_for_a_home(tmp_path: Path, start: Callable[..., Running]) -> None:
    create_home(home := tmp_path / "home", "dev")
    serve = ("serve", str(home), "--port", "0", "--http-port", "-1")
    active = start(*serve)
    active.until("boathouse is ready")
    standby = start(*serve, "--standby")
    standby.until("stands by")
    # One that is only paused keeps its home: nobody else may write there.
    active.send(signal.SIGSTOP)
    time.sleep(1.2)
    assert not any("ready" in line for line in standby.lines)
    active.end(signal.SIGKILL)
    standby.until("boathouse is ready")
    assert standby.end() == 0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('secret = "shop"\n[[output]]\nname = "a"\nto = "x"', "from is missing"),
        ('from = "postgres"\nsecret = "shop"\nhosts = 1', "unknown: hosts"),
        ('from = "postgres"\nsecret = "shop"', r"at least one \[\[output\]\]"),
        (
            'from = "oracle"\nsecret = "shop"\n[state]\nkind = "sqlite"\npath = "s"\n[[output]]\nname = "a"\nto = "x"',
            "ORACLE",
        ),
        (
            'from = "postgres"\nsecret = "shop"\n[state]\nkind = "etcd"\n[[output]]\nname = "a"\nto = "x"',
            "a state in ETCD",
        ),
        (
            'from = "postgres"\nsecret = "shop"\n[state]\nkind = "sqlite"\n[election]\nkind = "postgres"\nsecret = "no"\n'
            '[[output]]\nname = "a"\nto = "x"',
            'secret "no" does not exist',
        ),
    ],
)
def test_what_a_definition_lacks_is_said(
    tmp_path: Path, postgres_server: PostgresUnderTest, text: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    home = instance_home(tmp_path / "home", postgres_server, tmp_path, "")
    (home / "shop.toml").write_text(text.replace('path = "s"', f'path = "{tmp_path}/s"'))
    assert main(["capture", "run", str(home), "shop"]) == 1
    failure = capsys.readouterr().err
    assert re.search(said, failure), failure
