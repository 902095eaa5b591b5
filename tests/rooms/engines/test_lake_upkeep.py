"""A lake kept in order: what readers, snapshots and open transactions need stays, what nobody needs goes, also after a SIGKILL.

`BOATHOUSE_UPKEEP_ROUNDS` kills more often, `BOATHOUSE_SEED` at other moments.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from boathouse.contracts.engine import EngineSession
from boathouse.contracts.errors import ObjectNotInPrerequisiteState, SerializationFailure
from boathouse.contracts.past.history import History
from boathouse.engines.duckdb.engine import DuckEngine
from boathouse.engines.duckdb.keeping.lake_upkeep import Upkeep
from boathouse.engines.duckdb.settings import EngineSettings
from boathouse.engines.duckdb.storage.ducklake import LakeStorage

ROUNDS = int(os.environ.get("BOATHOUSE_UPKEEP_ROUNDS", "1"))
SEED = int(os.environ.get("BOATHOUSE_SEED", "11"))
AT_ONCE = Upkeep(history=timedelta(0), quiet=timedelta(0), owns_folder=True)


def open_lake(folder: Path, upkeep: Upkeep = AT_ONCE, data: Path | None = None) -> DuckEngine:
    """An engine alone on a lake whose catalog is a file."""
    spool = folder / "spool"
    spool.mkdir(exist_ok=True, parents=True)
    lake = LakeStorage(folder / "catalog.ducklake", data or folder / "data", "dev", upkeep=upkeep)
    return DuckEngine(lake, "dev", spool, EngineSettings(memory_limit="1GB", threads=2))


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DuckEngine]:
    opened = open_lake(tmp_path_factory.mktemp("upkeep"))
    session = opened.session()
    session.execute("CREATE TABLE IF NOT EXISTS boathouse.snapshots (name VARCHAR, place VARCHAR)")
    session.close()
    yield opened
    opened.close()


def _history(engine: DuckEngine) -> History:
    assert engine.history is not None
    return engine.history


def _crowd(session: EngineSession, table: str, files: int = 9) -> None:
    session.execute(f"CREATE TABLE dev.public.{table} (n BIGINT)")
    for n in range(files):
        session.execute(f"INSERT INTO dev.public.{table} VALUES ({n})")


def _files(engine: DuckEngine, table: str) -> set[Path]:
    folder = Path(engine._storage._data)  # type: ignore[attr-defined]
    return set((folder / "public" / table).glob("*.parquet"))


def test_small_files_become_one_and_history_goes_on_until_it_is_over(engine: DuckEngine) -> None:
    history, session = _history(engine), engine.session()
    _crowd(session, "crowded")
    middle = history.commit_at(session, datetime.now(UTC))
    session.execute("DELETE FROM dev.public.crowded WHERE n = 3")
    assert ("public", "crowded") in history.crowded(session)
    assert len(_files(engine, "crowded")) >= 9
    history.gather(session, ("public", "crowded"))
    then = f"SELECT count(*), sum(n) FROM dev.public.crowded AT (VERSION => {middle})"
    assert session.fetch(then) == [(9, 36)]
    assert ("public", "crowded") not in history.crowded(session)
    assert history.forget(session)[0] > 0
    history.forget(session)  # what the first let go is removed by the next
    assert len(_files(engine, "crowded")) <= 2
    assert session.fetch("SELECT count(*), sum(n) FROM dev.public.crowded") == [(8, 33)]
    with pytest.raises(ObjectNotInPrerequisiteState):
        history.commit_at(session, middle)
    session.close()


def test_a_commit_that_a_snapshot_names_stays_with_its_files(engine: DuckEngine) -> None:
    history, session = _history(engine), engine.session()
    session.execute("CREATE TABLE dev.public.named AS SELECT n FROM range(10) t(n)")
    kept = engine.snapshots.keep(session, lambda: None).place
    session.execute(f"INSERT INTO boathouse.snapshots VALUES ('one', '{kept}')")
    session.execute("DROP TABLE dev.public.named")
    for _ in range(2):
        history.forget(session)
    assert session.fetch(f"SELECT count(*) FROM dev.public.named AT (VERSION => {kept})") == [(10,)]
    session.execute("DELETE FROM boathouse.snapshots")
    for _ in range(2):
        history.forget(session)
    assert not _files(engine, "named")
    session.close()


def test_what_a_reader_or_an_open_transaction_began_with_stays(engine: DuckEngine) -> None:
    history, session = _history(engine), engine.session()
    reader, writer = engine.session(), engine.session()
    session.execute("CREATE TABLE dev.public.wide AS SELECT n, repeat('x', 100) AS t FROM range(400000) r(n)")
    _crowd(session, "open_to", 3)
    rows = reader.query("SELECT n FROM dev.public.wide")
    first = next(rows.batches)
    session.execute("DROP TABLE dev.public.wide")
    writer.begin()
    assert writer.fetch("SELECT count(*) FROM dev.public.open_to") == [(3,)]
    session.execute("DELETE FROM dev.public.open_to WHERE n = 1")
    for _ in range(2):
        history.forget(session)
    assert len(first) + sum(len(batch) for batch in rows.batches) == 400_000
    writer.execute("DELETE FROM dev.public.open_to WHERE n = 1")
    with pytest.raises(SerializationFailure):  # found by the commits since it began, which are kept
        writer.commit()
    for _ in range(2):
        history.forget(session)
    assert not _files(engine, "wide")
    for one in (reader, writer, session):
        one.close()


def test_files_that_no_commit_named_go_but_not_those_of_an_open_transaction(engine: DuckEngine) -> None:
    history, session, writer = _history(engine), engine.session(), engine.session()
    _crowd(session, "orphaned", 1)
    orphan = Path(engine._storage._data) / "public" / "orphaned" / "left.parquet"  # type: ignore[attr-defined]
    session.execute(f"COPY (SELECT 1 AS n) TO '{orphan}' (FORMAT parquet)")
    os.utime(orphan, (1, 1))
    writer.begin()
    writer.execute("INSERT INTO dev.public.orphaned SELECT n FROM range(1000) t(n)")
    before = _files(engine, "orphaned")
    assert len(before) == 3
    history.forget(session)
    assert orphan not in _files(engine, "orphaned")
    assert len(_files(engine, "orphaned")) == 2
    writer.commit()
    assert session.fetch("SELECT count(*) FROM dev.public.orphaned") == [(1001,)]
    writer.close()
    session.close()


def _left(data: Path) -> Path:
    """A file as a kill leaves it."""
    data.mkdir(parents=True, exist_ok=True)
    path = data / "left.parquet"
    duckdb.execute(f"COPY (SELECT 1 AS n) TO '{path}' (FORMAT parquet)")
    os.utime(path, (1, 1))
    return path


def test_in_a_place_that_was_given_they_go_where_no_other_lake_has_any(tmp_path: Path) -> None:
    data, elsewhere = tmp_path / "data", replace(AT_ONCE, owns_folder=False)
    first = open_lake(tmp_path / "first", elsewhere, data)
    session = first.session()
    left = _left(data)
    _history(first).forget(session)
    assert not left.exists(), "it is alone"
    second = open_lake(tmp_path / "second", elsewhere, data)
    other = second.session()
    for engine, one in ((first, session), (second, other)):
        left = _left(data)
        _history(engine).forget(one)
        assert left.exists(), "it may be the other one's"
    _history(first).vanish(session)  # type: ignore[attr-defined]
    assert left.exists()
    _history(second).forget(other)
    assert not left.exists(), "it is alone again"
    for each in (session, other, first, second):
        each.close()


def test_where_files_were_before_there_were_notes_all_stay(tmp_path: Path) -> None:
    data = tmp_path / "data"
    left = _left(data)
    for name in ("first", "second"):
        engine = open_lake(tmp_path / name, replace(AT_ONCE, owns_folder=False), data)
        session = engine.session()
        _history(engine).forget(session)
        _history(engine).vanish(session)  # type: ignore[attr-defined]
        assert left.exists()
        session.close()
        engine.close()


def test_what_is_shared_goes_when_it_was_old_enough_a_while_ago(tmp_path: Path) -> None:
    engine = open_lake(tmp_path, replace(AT_ONCE, patience=timedelta(hours=1)))
    session, history = engine.session(), _history(engine)
    left = _left(tmp_path / "data")
    history.forget(session)
    history.forget(session)
    assert left.exists(), "a transaction may be committing it a second time"
    history.upkeep = replace(history.upkeep, patience=timedelta(0))  # type: ignore[attr-defined]
    history.forget(session)
    assert not left.exists()
    session.close()
    engine.close()


_WORKER = """
import itertools, sys, threading
from pathlib import Path
from contextlib import suppress
from boathouse.contracts.errors import BoathouseError
from tests.rooms.engines.test_lake_upkeep import open_lake

engine = open_lake(Path(sys.argv[1]))
writer, keeper = engine.session(), engine.session()

def vacuum():
    keeper.execute("VACUUM")

def background():
    engine.history.gather(keeper, ("public", "kept"))
    engine.history.forget(keeper)

def keep():
    for work in itertools.cycle((vacuum, background)):
        with suppress(BoathouseError):
            keeper.begin()
            work()
            keeper.commit()
        if keeper.in_transaction:
            keeper.rollback()

((last,),) = writer.fetch("SELECT coalesce(max(n), 0) FROM dev.public.kept")
threading.Thread(target=keep, daemon=True).start()
while True:
    last += 1
    writer.begin()
    writer.execute(f"INSERT INTO dev.public.kept SELECT {last}, i FROM range(10) t(i)")
    writer.commit()
    print(last, flush=True)
"""


def test_a_kill_in_the_middle_loses_nothing_and_leaves_nothing(tmp_path: Path) -> None:
    chance = random.Random(SEED)
    engine = open_lake(tmp_path)
    session = engine.session()
    session.execute("CREATE TABLE dev.public.kept (n BIGINT, i BIGINT)")
    session.close()
    for _ in range(ROUNDS):
        engine.close()
        child = subprocess.Popen(
            [sys.executable, "-c", _WORKER, str(tmp_path)], stdout=subprocess.PIPE, text=True,
            cwd=Path(__file__).parents[3],
        )  # fmt: skip
        assert child.stdout is not None
        for _ in range(chance.randint(2, 12)):
            told = int(child.stdout.readline())
        threading.Event().wait(chance.random() * 0.2)  # somewhere in what goes on
        os.kill(child.pid, signal.SIGKILL)
        told = max(told, *(int(one) for one in child.stdout.read().split()), 0)
        child.wait()
        engine = open_lake(tmp_path)
        session = engine.session()
        ((count, distinct, last),) = session.fetch("SELECT count(*), count(DISTINCT n), max(n) FROM dev.public.kept")
        assert last in (told, told + 1), "what was told is durable; one more may have been on its way"
        assert (count, distinct) == (last * 10, last)
        history = _history(engine)
        for path in _files(engine, "kept"):
            os.utime(path, (1, 1))  # files of the last seconds may be those of a transaction
        history.gather(session, ("public", "kept"))
        for _ in range(2):
            history.forget(session)
        named = session.fetch('SELECT path FROM "__ducklake_metadata_dev".ducklake_data_file')
        assert {path.name for path in _files(engine, "kept")} == {str(name) for (name,) in named}, (
            "no file is left over"
        )
        assert session.fetch("SELECT count(*) FROM dev.public.kept") == [(count,)]
        session.close()
    engine.close()
