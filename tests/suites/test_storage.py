"""What every storage of the warehouse keeps: transactions, whatever they do; conflicts; numbers; notes; a kill at any moment."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from boathouse.contracts.errors import SerializationFailure
from boathouse.engines.duckdb.engine import DuckEngine, Storage
from boathouse.engines.duckdb.session import DuckSession
from boathouse.engines.duckdb.settings import EngineSettings
from boathouse.engines.duckdb.storage.ducklake import LakeStorage
from boathouse.engines.duckdb.storage.native import NativeStorage

KINDS = ("native", "ducklake")
KILLS = int(os.environ.get("BOATHOUSE_STORAGE_KILLS", "1"))
WALKS = int(os.environ.get("BOATHOUSE_STORAGE_WALKS", "8"))


def open_engine(kind: str, home: Path) -> DuckEngine:
    spool = home / "tmp"
    spool.mkdir(parents=True, exist_ok=True)
    storage: Storage = (
        NativeStorage(home / "w.duckdb", "dev")
        if kind == "native"
        else LakeStorage(home / "catalog.ducklake", home / "data", "dev")
    )
    return DuckEngine(storage, "dev", spool, EngineSettings(memory_limit="1GB", threads=2))


@pytest.fixture(scope="module", params=KINDS)
def engine(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DuckEngine]:
    opened = open_engine(request.param, tmp_path_factory.mktemp(request.param))
    yield opened
    opened.close()


@pytest.fixture
def session(engine: DuckEngine) -> Iterator[DuckSession]:
    opened = engine.session()
    yield opened
    opened.close()


def test_whatever_a_transaction_does_is_kept_or_undone_whole(session: DuckSession) -> None:
    chance = random.Random(20)
    session.execute("CREATE TABLE dev.public.walk (k INTEGER NOT NULL, v VARCHAR)")
    kept: list[tuple[int, str | None]] = []
    for _ in range(WALKS):
        now = list(kept)
        session.begin()
        for _ in range(chance.randint(1, 4)):
            now = _change(session, chance, now)
        found = session.fetch("SELECT k, v FROM dev.public.walk ORDER BY ALL")
        assert found == sorted(now), "a transaction sees what it has done"
        if chance.random() < 0.7:
            session.commit()
            kept = now
        else:
            session.rollback()
        assert session.fetch("SELECT k, v FROM dev.public.walk ORDER BY ALL") == sorted(kept)
    assert kept, "a walk that ends with nothing shows nothing"


def _change(
    session: DuckSession, chance: random.Random, rows: list[tuple[int, str | None]]
) -> list[tuple[int, str | None]]:
    """One change of the table and the same of the list."""
    table, key = "dev.public.walk", chance.randint(0, 9)
    match chance.choice(("insert", "insert", "update", "delete", "merge", "truncate")):
        case "insert":
            count = chance.choice((1, 3, 40))
            session.execute(f"INSERT INTO {table} SELECT ({key} + range) % 10, 'i' FROM range({count})")
            return rows + [((key + place) % 10, "i") for place in range(count)]
        case "update":
            session.execute(f"UPDATE {table} SET v = v || 'u' WHERE k = {key}")
            return [(k, (v or "") + "u" if k == key else v) for k, v in rows]
        case "delete":
            session.execute(f"DELETE FROM {table} WHERE k = {key}")
            return [row for row in rows if row[0] != key]
        case "merge":
            session.execute(
                f"MERGE INTO {table} t USING (SELECT {key} AS k, 'm' AS v) s ON t.k = s.k "
                "WHEN MATCHED THEN UPDATE SET v = s.v WHEN NOT MATCHED THEN INSERT VALUES (s.k, s.v)"
            )
            if any(k == key for k, _ in rows):
                return [(k, "m" if k == key else v) for k, v in rows]
            return [*rows, (key, "m")]
        case _:
            if chance.random() < 0.6:
                return rows
            session.execute(f"TRUNCATE {table}")
            return []


def test_of_two_that_change_the_same_row_one_fails_and_nothing_is_lost(engine: DuckEngine) -> None:
    first = engine.session()
    first.execute("CREATE TABLE dev.public.counter AS SELECT 0::BIGINT AS n")
    done: Counter[str] = Counter()
    barrier = threading.Barrier(2)

    def count() -> None:
        mine = engine.session()
        barrier.wait(60)
        for _ in range(6):
            try:
                mine.begin()
                mine.execute("UPDATE dev.public.counter SET n = n + 1")
                mine.commit()
                done["committed"] += 1
            except SerializationFailure as failure:
                done["failed"] += 1
                assert failure.sqlstate == "40001"
                assert "serializable isolation violation" in failure.message
                if mine.in_transaction:
                    mine.rollback()
        mine.close()

    threads = [threading.Thread(target=count) for _ in range(2)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert done["committed"] + done["failed"] == 12
    assert first.fetch("SELECT n FROM dev.public.counter") == [(done["committed"],)]
    first.close()


def test_a_change_beneath_an_open_transaction_is_found_when_it_commits(engine: DuckEngine) -> None:
    first, second = engine.session(), engine.session()
    first.execute("CREATE TABLE dev.public.shared AS SELECT range AS n FROM range(3)")
    first.begin()
    assert first.fetch("SELECT sum(n) FROM dev.public.shared") == [(3,)]
    second.execute("UPDATE dev.public.shared SET n = 10 WHERE n = 1")
    assert first.fetch("SELECT sum(n) FROM dev.public.shared") == [(3,)], "a snapshot stands still"
    with pytest.raises(SerializationFailure, match="1023"):
        first.execute("UPDATE dev.public.shared SET n = 20 WHERE n = 1")
        first.commit()
    if first.in_transaction:
        first.rollback()
    assert second.fetch("SELECT sum(n) FROM dev.public.shared") == [(12,)]
    first.close()
    second.close()


def test_two_that_only_add_rows_do_not_meet(engine: DuckEngine) -> None:
    first, second = engine.session(), engine.session()
    first.execute("CREATE TABLE dev.public.log (n INTEGER)")
    first.begin()
    first.execute("INSERT INTO dev.public.log VALUES (1)")
    second.execute("INSERT INTO dev.public.log VALUES (2)")
    first.commit()
    assert first.fetch("SELECT n FROM dev.public.log ORDER BY n") == [(1,), (2,)]
    first.close()
    second.close()


def test_numbers_are_given_once_and_survive_a_rollback(engine: DuckEngine, session: DuckSession) -> None:
    name = '"dev"."public"."t x_seq"'
    session.execute(f"CREATE SEQUENCE {name} INCREMENT BY -2 MINVALUE -100 MAXVALUE 10 START WITH 9")
    given = f"{session.stored.number_function}('{name}')"
    session.execute(f"CREATE TABLE dev.public.given (a INTEGER, id BIGINT NOT NULL DEFAULT {given})")
    session.begin()
    session.execute("INSERT INTO dev.public.given (a) SELECT range FROM range(3)")
    session.rollback()
    session.execute("INSERT INTO dev.public.given (a) SELECT range FROM range(2)")
    assert session.fetch("SELECT id FROM dev.public.given ORDER BY id DESC") == [(3,), (1,)]
    session.begin()
    session.execute("DROP TABLE dev.public.given")
    session.execute(f"DROP SEQUENCE IF EXISTS {name}")
    session.rollback()
    session.execute("INSERT INTO dev.public.given (a) VALUES (7)")
    assert session.fetch("SELECT id FROM dev.public.given WHERE a = 7") == [(-1,)]


def _note(session: DuckSession, table: str) -> object:
    return session.fetch(
        "SELECT comment FROM memory.rs.stored_tables() WHERE database_name = 'dev' AND table_name = $1", (table,)
    )


def _column_notes(session: DuckSession, table: str) -> dict[object, object]:
    rows = session.fetch(
        "SELECT column_name, comment::JSON ->> 'type' FROM memory.rs.stored_columns() "
        "WHERE database_name = 'dev' AND table_name = $1",
        (table,),
    )
    return {row[0]: row[1] for row in rows}


def test_notes_follow_their_table_through_every_change(session: DuckSession) -> None:
    place, note = '"dev"."public"."noted"', json.dumps({"comment": 'it\'s "so"'})
    session.begin()
    session.execute(f"CREATE TABLE {place} (a INTEGER, b VARCHAR)")
    session.execute(f"COMMENT ON TABLE {place} IS '{note.replace(chr(39), chr(39) * 2)}'")
    for column in ("a", "b"):
        session.execute(f"COMMENT ON COLUMN {place}.\"{column}\" IS '{json.dumps({'type': 't_' + column})}'")
    session.commit()
    assert _note(session, "noted") == [(note,)]
    assert _column_notes(session, "noted") == {"a": "t_a", "b": "t_b"}
    session.execute(f'ALTER TABLE {place} RENAME COLUMN "a" TO "aa"')
    session.execute(f'ALTER TABLE {place} DROP COLUMN "aa"')
    assert _note(session, "noted") == [(note,)], "the column that went took nothing along"
    session.begin()
    session.execute(f"COMMENT ON TABLE {place} IS NULL")
    assert _note(session, "noted") == [(None,)]
    session.rollback()
    session.execute(f'ALTER TABLE {place} RENAME TO "renamed"')
    assert _note(session, "renamed") == [(note,)]
    assert _column_notes(session, "renamed") == {"b": "t_b"}


def test_a_views_columns_have_notes_too(session: DuckSession) -> None:
    place = '"dev"."public"."seen"'
    session.execute(
        f'CREATE VIEW {place} AS SELECT CAST(NULL AS INTEGER) AS a, CAST(NULL AS VARCHAR) AS "$b" WHERE false'
    )
    session.execute(f"COMMENT ON VIEW {place} IS '{json.dumps({'query': 'SELECT 1'})}'")
    session.execute(f"COMMENT ON COLUMN {place}.\"a\" IS '{json.dumps({'type': 't_a'})}'")
    session.execute(f"COMMENT ON COLUMN {place}.\"$b\" IS '{json.dumps({'type': 't_b'})}'")
    assert _column_notes(session, "seen") == {"a": "t_a", "$b": "t_b"}
    ((comment,),) = session.fetch("SELECT comment FROM duckdb_views() WHERE view_name = 'seen'")
    assert json.loads(str(comment))["query"] == "SELECT 1"
    assert not [1 for (name,) in session.fetch("SELECT table_name FROM memory.rs.stored_tables()") if name == "seen"]


_WRITER = """
import sys
from pathlib import Path
from tests.suites.test_storage import open_engine
session = open_engine(sys.argv[1], Path(sys.argv[2])).session()
session.execute("CREATE TABLE IF NOT EXISTS dev.public.rows_of (n BIGINT)")
session.execute("CREATE TABLE IF NOT EXISTS boathouse.position (n BIGINT)")
(last,), = session.fetch("SELECT coalesce(max(n), 0) FROM boathouse.position")
while True:
    last += 1
    session.begin()
    session.execute(f"INSERT INTO dev.public.rows_of SELECT {last} FROM range(10)")
    session.execute("DELETE FROM boathouse.position")
    session.execute(f"INSERT INTO boathouse.position VALUES ({last})")
    session.commit()
    print(last, flush=True)
"""


@pytest.mark.parametrize("kind", KINDS)
def test_rows_and_position_survive_a_kill_together(kind: str, tmp_path: Path) -> None:
    chance = random.Random(3)
    told = 0
    for _ in range(KILLS):
        child = subprocess.Popen(
            [sys.executable, "-c", _WRITER, kind, str(tmp_path)], stdout=subprocess.PIPE, text=True,
            cwd=Path(__file__).parents[2],
        )  # fmt: skip
        assert child.stdout is not None
        for _ in range(chance.randint(1, 5)):
            told = int(child.stdout.readline())
        # Somewhere in the transaction that follows.
        threading.Event().wait(chance.random() * 0.05)
        os.kill(child.pid, signal.SIGKILL)
        rest = child.stdout.read().split()
        told = int(rest[-1]) if rest else told
        child.wait()
    engine = open_engine(kind, tmp_path)
    session = engine.session()
    ((position,),) = session.fetch("SELECT n FROM boathouse.position")
    assert position in (told, told + 1), "what was told is durable; one more may have been on its way"
    found = session.fetch("SELECT count(*), count(DISTINCT n), max(n) FROM dev.public.rows_of")
    assert found == [(position * 10, position, position)]
    session.close()
    engine.close()
