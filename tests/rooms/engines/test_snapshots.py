"""Snapshots of a warehouse in a file: whole while others write, and finished or gone after whatever ended the process.

BOATHOUSE_SNAPSHOT_ROUNDS: copies beside writers, and ends by SIGKILL, of the tests that count them.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from boathouse.contracts.engine import EngineSession
from boathouse.contracts.errors import BoathouseError, DiskFull, QueryCanceled, TooManyConnections
from boathouse.contracts.past.snapshots import Instant, Restored
from boathouse.engines.duckdb.checkpoints import Checkpoints
from boathouse.engines.duckdb.engine import DuckEngine
from boathouse.engines.duckdb.keeping import attached as file_attached
from boathouse.engines.duckdb.keeping import file_snapshots
from boathouse.engines.duckdb.keeping.attached import AttachedFiles
from boathouse.engines.duckdb.keeping.file_snapshots import FILE, FileSnapshots
from boathouse.engines.duckdb.keeping.lake_upkeep import Upkeep
from boathouse.engines.duckdb.settings import EngineSettings
from boathouse.engines.duckdb.storage.ducklake import LakeStorage

ROUNDS = int(os.environ.get("BOATHOUSE_SNAPSHOT_ROUNDS", "3"))


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[DuckEngine]:
    engine = DuckEngine(tmp_path / "w.duckdb", "dev", tmp_path / "spool", EngineSettings(memory_limit="1GB"))
    yield engine
    engine.close()


def nothing() -> None:
    pass


def ask(file: Path, question: str) -> list[tuple[object, ...]]:
    connection = duckdb.connect(str(file), read_only=True)
    try:
        return connection.execute(question).fetchall()
    finally:
        connection.close()


def test_a_copy_beside_writers_is_of_one_moment(engine: DuckEngine, tmp_path: Path) -> None:
    """Two tables are always changed together: each copy has as much of one as of the other, and all of their blocks."""
    session, stop, failures = engine.session(), threading.Event(), []
    for name in ("a", "b"):
        session.execute(f"CREATE TABLE {name} AS SELECT 0 AS who, 'x' || i AS said FROM range(50000) t(i)")

    def write(who: int) -> None:
        chance, mine = random.Random(who), engine.session()
        mine.execute("SET checkpoint_threshold = '100KB'")
        try:
            while not stop.is_set():
                rows = chance.choice((1, 10, 130_000))
                mine.begin()
                for name in ("a", "b"):
                    mine.execute(f"INSERT INTO {name} SELECT {who}, 'y' || i FROM range({rows}) t(i)")
                    if rows == 10:
                        mine.execute(f"DELETE FROM {name} WHERE who = {who}")
                mine.commit() if chance.random() < 0.8 else mine.rollback()
        except Exception as failure:
            failures.append(failure)
        finally:
            mine.close()

    writers = [threading.Thread(target=write, args=(who,)) for who in (1, 2)]
    for writer in writers:
        writer.start()
    kept = []
    try:
        for _ in range(ROUNDS):
            kept.append(engine.snapshots.keep(session, nothing))
            engine.snapshots.settle(kept[-1].place, committed=True)
    finally:
        stop.set()
        for writer in writers:
            writer.join()
    assert not failures
    for one in kept:
        ((first, second),) = ask(
            tmp_path / "snapshots" / one.place / FILE,
            "SELECT (SELECT (count(*), sum(hash(who, said))) FROM public.a), "
            "(SELECT (count(*), sum(hash(who, said))) FROM public.b)",
        )
        assert first == second
    session.close()


def test_what_is_not_committed_goes_and_what_is_stays(engine: DuckEngine, tmp_path: Path) -> None:
    session, folder = engine.session(), tmp_path / "snapshots"
    session.execute("CREATE TABLE t AS SELECT 1 AS one")
    rolled_back, cut_off, committed, dropped, came_back = (engine.snapshots.keep(session, nothing) for _ in range(5))
    engine.snapshots.settle(rolled_back.place, committed=False)
    for one in (dropped, came_back):
        engine.snapshots.settle(one.place, committed=True)
        engine.snapshots.forget(one.place)
    engine.snapshots.settle(came_back.place, committed=False)
    assert {one.name for one in folder.iterdir()} == {
        f"{cut_off.place}.part", f"{committed.place}.part", f"{dropped.place}.gone", came_back.place
    }  # fmt: skip
    engine.snapshots.sweep({committed.place, came_back.place})
    assert {one.name for one in folder.iterdir()} == {committed.place, came_back.place}
    assert ask(folder / committed.place / FILE, "SELECT one FROM public.t") == [(1,)]
    session.close()


def test_a_copy_has_super_values_whole(engine: DuckEngine, tmp_path: Path) -> None:
    """To fold the log into it is a checkpoint: with columns made of keys, as many as a warehouse has, it would need gigabytes."""
    session = engine.session()
    session.execute(
        """CREATE TABLE t AS SELECT memory.rs.super_of('{"u' || i % 50 || '": 1}') AS v FROM range(40000) r(i)"""
    )
    kept = engine.snapshots.keep(session, nothing)
    session.close()
    file = tmp_path / "snapshots" / f"{kept.place}.part" / FILE
    assert ask(file, "SELECT count(*) FROM public.t") == [(40000,)]
    ((parts,),) = ask(file, "SELECT count(DISTINCT column_path) FROM pragma_storage_info('public.t')")
    assert isinstance(parts, int)
    assert parts < 25


def test_a_full_disk_and_a_cancel_leave_nothing(engine: DuckEngine, tmp_path: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("needs /dev/full")
    session, folder = engine.session(), tmp_path / "snapshots"
    session.execute("CREATE TABLE t AS SELECT i FROM range(300000) t(i)")

    def cancelled() -> None:
        raise QueryCanceled("canceling statement due to user request")

    real = file_snapshots._copy_file

    def onto_a_full_disk(source: Path, target: Path, check: object, length: int | None = None) -> None:
        target.symlink_to("/dev/full")
        real(source, target, nothing)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(file_snapshots, "_copy_file", onto_a_full_disk)
        with pytest.raises(DiskFull):
            engine.snapshots.keep(session, nothing)
        assert not list(folder.iterdir())
        patch.setattr(file_snapshots, "_copy_file", lambda source, target, check, length=None: check())
        with pytest.raises(QueryCanceled):
            engine.snapshots.keep(session, cancelled)
    assert not list(folder.iterdir())
    # And checkpoints go on.
    assert session.fetch("SELECT current_setting('debug_skip_checkpoint_on_commit')") == [(False,)]
    session.close()


KILLED = """
import sys
from pathlib import Path
from boathouse.engines.duckdb.engine import DuckEngine
from boathouse.engines.duckdb.settings import EngineSettings
home = Path(sys.argv[1])
engine = DuckEngine(home / "w.duckdb", "dev", home / "spool", EngineSettings(memory_limit="500MB"))
session = engine.session()
session.execute("CREATE TABLE IF NOT EXISTS noted (place VARCHAR)")
places = {place for place, in session.fetch("SELECT place FROM noted")}
engine.snapshots.sweep(places)
assert {one.name for one in (home / "snapshots").glob("*")} == places, (places, list((home / "snapshots").glob("*")))
print("ready", len(places), flush=True)
while sys.argv[2] == "go on":
    session.begin()
    kept = engine.snapshots.keep(session, lambda: None)
    session.execute("INSERT INTO noted VALUES ($1)", (kept.place,))
    old = session.fetch("SELECT place FROM noted LIMIT 1")[0][0]
    session.execute("DELETE FROM noted WHERE place = $1", (old,)) if old != kept.place else None
    engine.snapshots.forget(old) if old != kept.place else None
    session.commit()
    for place in (kept.place, old):
        engine.snapshots.settle(place, committed=True)
    print("made", flush=True)
"""


def test_sigkill_at_any_moment_leaves_what_is_noted(tmp_path: Path) -> None:
    chance = random.Random(os.environ.get("BOATHOUSE_SEED", "7"))

    def started(how: str) -> subprocess.Popen[str]:
        return subprocess.Popen([sys.executable, "-c", KILLED, str(tmp_path), how], stdout=subprocess.PIPE, text=True)

    for _ in range(ROUNDS - 1):
        process = started("go on")
        assert process.stdout is not None
        assert process.stdout.readline().startswith("ready")
        for _ in range(chance.randrange(1, 3)):
            assert process.stdout.readline() == "made\n"
        threading.Event().wait(chance.random() * 0.05)
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
    last = started("look")
    told, _ = last.communicate(timeout=120)
    assert last.returncode == 0
    assert told.startswith(("ready 1", "ready 2"))
    shutil.rmtree(tmp_path / "snapshots")


@pytest.mark.parametrize("shares_blocks", [False, True])
def test_what_is_committed_after_the_moment_is_not_in_it(
    shares_blocks: bool, engine: DuckEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def clone(target: int, what: int, source: int) -> None:  # as a file system does that shares blocks
        os.pwrite(target, os.pread(source, os.fstat(source).st_size, 0), 0)

    session, writer = engine.session(), engine.session()
    session.execute("CREATE TABLE t AS SELECT 1 AS n")
    moment = Instant(datetime.now(UTC), datetime.now(UTC))

    def between(look: Callable[[], None]) -> Instant:
        look()
        writer.execute("INSERT INTO t VALUES (2)")
        return moment

    if shares_blocks:
        monkeypatch.setattr(file_snapshots.fcntl, "ioctl", clone)
    engine.snapshots.watch(between)
    kept = engine.snapshots.keep(session, nothing)
    assert kept.instant is moment
    engine.snapshots.watch(lambda look: None)
    later = engine.snapshots.keep(session, nothing)
    assert later.instant is None
    for one, wanted in ((kept, [(1,)]), (later, [(1,), (2,)])):
        assert ask(tmp_path / "snapshots" / f"{one.place}.part" / FILE, "SELECT n FROM public.t ORDER BY n") == wanted
    for one in (session, writer):
        one.close()


def attached(session: EngineSession) -> list[str]:
    names = session.fetch("SELECT database_name FROM duckdb_databases() WHERE NOT internal AND path IS NOT NULL")
    return sorted(str(name).split("_")[0] for (name,) in names if name != "dev")


def test_files_are_attached_once_and_let_go(engine: DuckEngine, tmp_path: Path) -> None:
    session, files = engine.session(), AttachedFiles(engine.snapshots._open_cursor)
    places = [tmp_path / f"{n}.duckdb" for n in range(4)]
    for place in places:
        duckdb.connect(str(place)).close()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(file_attached, "ATTACHED_MAX", 3)
        for n in (0, 1, 2, 2):
            assert files.hold(f"s{n}", [tmp_path / "moved", places[n]])
        with pytest.raises(TooManyConnections):
            files.hold("s3", [places[3]])
        files.release("s1")
        assert files.hold("s3", [places[3]])
        assert attached(session) == ["s0", "s2", "s3"], "what nobody reads makes room"
    places[2].unlink()
    files.let_go("s2")
    files.release("s2")
    assert "s2" in attached(session)
    files.release("s2")
    assert attached(session) == ["s0", "s3"], "gone with the last of its readers"
    files.release("s3")
    files.rest()
    assert attached(session) == ["s0", "s3"]
    assert not files.hold("s2", [places[2]])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(file_attached, "IDLE_SECONDS", -1.0)
        files.rest()
    assert attached(session) == ["s0"]
    files.let_go("s3")
    places[1].write_text("no file of the engine's")
    with pytest.raises(BoathouseError):
        files.hold("s1", [places[1]])
    session.close()


def test_a_transaction_that_has_met_a_file_meets_it_again(engine: DuckEngine, tmp_path: Path) -> None:
    """In a list of all tables it meets every database that is attached: two of one name ended the engine."""
    session, files, place = engine.session(), AttachedFiles(engine.snapshots._open_cursor), tmp_path / "met.duckdb"
    connection = duckdb.connect(str(place))
    connection.execute("CREATE TABLE t AS SELECT 7 AS n")
    connection.close()
    session.begin()
    for _ in range(3):
        name = files.hold("met", [place])
        assert session.fetch(f"SELECT n FROM {name}.main.t") == [(7,)]
        assert len(session.fetch("SELECT * FROM duckdb_tables() WHERE table_name = 't'")) == 1
        files.release("met")
        files.let_go("met")
    session.commit()
    assert attached(session) == []
    session.close()


READS = """
import sys, threading
from pathlib import Path
from boathouse.contracts.relations import Relation
from boathouse.engines.duckdb.engine import DuckEngine
from boathouse.engines.duckdb.settings import EngineSettings
home = Path(sys.argv[1])
engine = DuckEngine(home / "w.duckdb", "dev", home / "spool", EngineSettings(memory_limit="500MB"))
session = engine.session()
session.execute("CREATE TABLE t AS SELECT i FROM range(100000) r(i)")
session.execute('COMMENT ON TABLE t IS $${"oid": 7}$$')
place = engine.snapshots.keep(session, lambda: None).place
engine.snapshots.settle(place, committed=True)
then = engine.snapshots.relation_at(session, Relation("public", "t", "table", (), ""), place)
rows = session.query(f"SELECT i FROM {then.engine_name}")
next(rows.batches)
print(place, flush=True)
threading.Event().wait()
"""


def test_a_kill_while_a_snapshot_is_read_leaves_nothing(tmp_path: Path) -> None:
    process = subprocess.Popen([sys.executable, "-c", READS, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    place = process.stdout.readline().strip()
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    assert [one.relative_to(tmp_path / "snapshots") for one in (tmp_path / "snapshots").rglob("*")] == [
        Path(place), Path(place) / FILE
    ]  # fmt: skip
    assert ask(tmp_path / "snapshots" / place / FILE, "SELECT count(*) FROM public.t") == [(100000,)]


def test_the_folder_may_stand_elsewhere(tmp_path: Path) -> None:
    file, folder = tmp_path / "w.duckdb", tmp_path / "other" / "place"
    connection = duckdb.connect()
    connection.execute(f"ATTACH '{file}' AS dev")
    connection.execute("CREATE TABLE dev.t AS SELECT 7 AS seven")
    snapshots = FileSnapshots(file, folder, "dev", connection.cursor, Checkpoints(connection.cursor, file))
    kept = snapshots.keep(None, nothing)  # type: ignore[arg-type]
    snapshots.settle(kept.place, committed=True)
    assert ask(folder / kept.place / FILE, "SELECT seven FROM t") == [(7,)]
    connection.close()


def test_a_lake_expires_what_no_snapshot_names(tmp_path: Path) -> None:
    upkeep = Upkeep(history=timedelta(0))
    lake = LakeStorage(tmp_path / "catalog.ducklake", tmp_path / "data", "dev", upkeep=upkeep)
    engine = DuckEngine(lake, "dev", tmp_path / "spool", EngineSettings(memory_limit="1GB"))
    session = engine.session()
    session.execute("CREATE TABLE IF NOT EXISTS boathouse.snapshots (name VARCHAR, place VARCHAR)")
    session.execute("CREATE TABLE t AS SELECT 1 AS one")
    kept = engine.snapshots.keep(session, nothing)
    session.execute("INSERT INTO boathouse.snapshots VALUES ('kept', $1)", (kept.place,))
    for two in range(3):
        session.execute(f"INSERT INTO t VALUES ({two})")
    session.execute("DELETE FROM t WHERE one = 1")
    for _ in range(2):
        session.execute("VACUUM")
    ((commits,),) = session.fetch("SELECT list(snapshot_id ORDER BY 1) FROM dev.snapshots()")
    assert commits[0] == int(kept.place)  # type: ignore[index]
    assert session.fetch(f"SELECT one FROM t AT (VERSION => {kept.place})") == [(1,)]
    wanted = Restored(("public", "t"), ("public", "again"), {"oid": 7}, "x")
    assert engine.snapshots.restore(session, kept.place, wanted) == 1
    session.execute("DELETE FROM boathouse.snapshots")
    session.execute("VACUUM")
    ((commits,),) = session.fetch("SELECT list(snapshot_id ORDER BY 1) FROM dev.snapshots()")
    assert int(kept.place) not in commits  # type: ignore[operator]
    session.close()
    engine.close()
