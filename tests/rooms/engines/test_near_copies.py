"""Copies of a lake's tables: they answer in place of the lake what the lake would have answered at that moment, and nothing else.

`BOATHOUSE_SEED` asks other questions, `BOATHOUSE_NEAR_STEPS` more of them.
"""

from __future__ import annotations

import os
import random
import threading
import time
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boathouse.contracts.engine import EngineSession, Profile, Profiled
from boathouse.contracts.errors import BoathouseError, SerializationFailure
from boathouse.engines.duckdb.engine import DuckEngine
from boathouse.engines.duckdb.keeping.changes import touched_by
from boathouse.engines.duckdb.settings import EngineSettings
from boathouse.engines.duckdb.storage.ducklake import LakeStorage

SEED = int(os.environ.get("BOATHOUSE_SEED", "5"))
STEPS = int(os.environ.get("BOATHOUSE_NEAR_STEPS", "60"))


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DuckEngine]:
    folder = tmp_path_factory.mktemp("near")
    spool = folder / "spool"
    spool.mkdir()
    lake = LakeStorage(folder / "catalog.ducklake", folder / "data", "dev", near_bytes=100_000_000)
    opened = DuckEngine(lake, "dev", spool, EngineSettings(memory_limit="1GB", threads=2))
    yield opened
    opened.close()


def _query(table: str) -> str:
    return f'SELECT n, s FROM "dev"."public"."{table}" AS t ORDER BY n'


def _rows(session: EngineSession, sql: str) -> tuple[list[tuple[object, ...]], Profiled]:
    profiles: list[Profile] = []
    answer = session.query(sql, (), None, profiles.append)
    rows = [tuple(row.values()) for batch in answer.batches for row in batch.to_pylist()]
    return rows, profiles[0]()


def _is_near(profile: Profiled) -> bool:
    scans = [one for one in profile.operators if one.table]
    assert scans
    return not any(what == "Total Files Read" for one in scans for what, _ in one.detail)


def _until_near(session: EngineSession, sql: str) -> list[tuple[object, ...]]:
    """Ask until the answer comes from copies."""
    deadline = time.monotonic() + 60
    while True:
        rows, profile = _rows(session, sql)
        if _is_near(profile):
            return rows
        assert time.monotonic() < deadline, "no copy was made"


def test_what_is_read_again_is_read_near_until_somebody_writes(engine: DuckEngine) -> None:
    reader, writer = engine.session(), engine.session()
    writer.execute("CREATE TABLE dev.public.a AS SELECT i::INT AS n, 'x' || i AS s FROM range(5) r(i)")
    rows = _until_near(reader, _query("a"))
    assert rows == [(i, f"x{i}") for i in range(5)]
    assert {one.table for one in _rows(reader, _query("a"))[1].operators if one.table} == {"public.a"}
    for change, left in (
        ("INSERT INTO dev.public.a VALUES (9, 'new')", [*rows, (9, "new")]),
        ("DELETE FROM dev.public.a WHERE n < 9", [(9, "new")]),
        ("UPDATE dev.public.a SET s = 'old'", [(9, "old")]),
    ):
        writer.execute(change)
        found, profile = _rows(reader, _query("a"))
        assert found == left
        assert not _is_near(profile)
        assert _until_near(reader, _query("a")) == left
    writer.execute("CREATE TABLE dev.public.a_other (n INT)")
    writer.execute("INSERT INTO dev.public.a_other VALUES (1)")
    assert _is_near(_rows(reader, _query("a"))[1])  # what others got is no matter
    reader.close()
    writer.close()


def test_a_text_that_looks_like_a_table_stays_a_text(engine: DuckEngine) -> None:
    session = engine.session()
    session.execute('CREATE TABLE dev.public.b AS SELECT 1 AS n, \'"dev"."public"."b"\' AS s')
    sql = f"""SELECT n AS "it's", s = '"dev"."public"."b"' AS same FROM ({_query("b")})"""
    assert _until_near(session, sql) == [(1, True)]
    session.close()


def test_a_transaction_sees_what_it_began_with(engine: DuckEngine) -> None:
    reader, writer = engine.session(), engine.session()
    writer.execute("CREATE TABLE dev.public.c AS SELECT 1 AS n, 'x' AS s")
    _until_near(reader, _query("c"))
    reader.begin()
    assert _is_near(_rows(reader, _query("c"))[1])
    writer.execute("INSERT INTO dev.public.c VALUES (2, 'y')")
    assert _until_near(writer, _query("c")) == [(1, "x"), (2, "y")]
    assert _rows(reader, _query("c"))[0] == [(1, "x")]
    reader.rollback()
    assert _rows(reader, _query("c"))[0] == [(1, "x"), (2, "y")]
    writer.begin()
    writer.execute("INSERT INTO dev.public.c VALUES (3, 'z')")
    assert len(_rows(writer, _query("c"))[0]) == 3
    assert len(_rows(reader, _query("c"))[0]) == 2
    writer.rollback()
    assert len(_rows(writer, _query("c"))[0]) == 2
    reader.close()
    writer.close()


def test_any_course_of_changes_is_answered_as_the_lake_does(engine: DuckEngine) -> None:
    chosen = random.Random(SEED)
    near, plain = engine.session(), engine.session()
    tables = ("d", "e")
    for table in tables:
        plain.execute(f"CREATE TABLE dev.public.{table} AS SELECT i::INT AS n, 's' AS s FROM range(3) r(i)")
        _until_near(near, _query(table))
    both = 'SELECT l.n, r.s FROM "dev"."public"."d" AS l JOIN "dev"."public"."e" AS r ON l.n = r.n ORDER BY ALL'
    queries = (*map(_query, tables), both, _query("f"))
    used = 0
    for step in range(STEPS):
        if chosen.random() < 0.2:
            session = chosen.choice((near, plain))
            change = chosen.choice((
                f"INSERT INTO dev.public.d VALUES ({step}, 't')",
                f"DELETE FROM dev.public.e WHERE n % 5 = {step % 5}",
                "ALTER TABLE dev.public.d RENAME TO f",
                "ALTER TABLE dev.public.f RENAME TO d",
                "DROP TABLE dev.public.e",
                f"CREATE TABLE dev.public.e AS SELECT i::INT AS n, '{step}' AS s FROM range(4) r(i)",
                "CALL ducklake_merge_adjacent_files('dev')",
            ))  # fmt: skip
            try:
                session.execute(change)
            except BoathouseError:
                continue  # of a table that is not there
        query = chosen.choice(queries)
        answers = []
        for fetched in (False, True):  # what is fetched is never read near
            try:
                rows, profile = (plain.fetch(query), None) if fetched else _rows(near, query)
                used += profile is not None and _is_near(profile)
                answers.append(repr(rows))
            except BoathouseError as failure:
                answers.append(f"{failure.sqlstate} {failure.message}")
        assert answers[0] == answers[1], f"step {step} of seed {SEED}: {query}"
    assert used
    near.close()
    plain.close()


@given(
    st.lists(st.sampled_from(("inserted_into_table:3", "altered_table:4", "merge_adjacent:5", 'created_schema:"x,y"')))
)
def test_of_a_commit_every_table_counts_that_it_changed(made: list[str]) -> None:
    changed = {3 if one.startswith("ins") else 4 for one in made if one.startswith(("ins", "alt"))}
    assert touched_by([(1, ",".join(made))]) == changed


@pytest.mark.parametrize("made", ("a word", "new_kind", "created_table:3x", "inserted_into_table:3;dropped_table:4"))
def test_a_commit_that_nobody_understands_may_have_changed_anything(made: str) -> None:
    assert touched_by([(1, made)]) is None
    assert touched_by([(1, 'created_table:"a""b"."c,d"')]) == {('a"b', "c,d")}


def test_what_is_looked_at_again_is_read_again_only_where_it_was_touched(engine: DuckEngine) -> None:
    session, other = engine.session(), engine.session()
    for name in ("asked", "beside"):
        session.execute(f"CREATE TABLE boathouse.{name} (n INT)")
    assert engine.history is not None
    changed = engine.history.changes(session, ("asked",))
    assert changed(), "nobody has read it yet"
    assert not changed()
    for statement, whether in (
        ("INSERT INTO boathouse.beside VALUES (1)", False),
        ("INSERT INTO boathouse.asked VALUES (1)", True),
        ("UPDATE boathouse.asked SET n = 2", True),
        ("DELETE FROM boathouse.beside", False),
        ("CREATE TABLE dev.public.asked (n INT)", False),
        ("DELETE FROM boathouse.asked", True),
        ("ALTER TABLE boathouse.asked ADD COLUMN m INT", True),
    ):
        other.execute(statement)
        assert changed() == whether, statement
        assert not changed()
    other.begin()
    other.execute("INSERT INTO boathouse.asked VALUES (3, 3)")
    assert not changed(), "it is not committed"
    other.commit()
    assert changed()
    later = engine.history.changes(session, ("asked", "made_later"))
    assert later() and later(), "a table that is not there may come at any time"
    session.execute("CREATE TABLE boathouse.made_later (n INT)")
    assert later()
    assert not later()
    session.close()
    other.close()


def test_bookkeeping_that_others_change_at_the_same_time_is_changed_all_the_same(engine: DuckEngine) -> None:
    """Transactions of a lake meet by table; a change that is one by itself is made again over the other's."""
    session = engine.session()
    session.execute("CREATE TABLE boathouse.counted AS SELECT i AS id, 0 AS n FROM range(3) r(i)")
    failures: list[BoathouseError] = []

    def count(one: int) -> None:
        own = engine.session()
        try:
            for _ in range(5):
                own.execute("UPDATE boathouse.counted SET n = n + 1 WHERE id = $1", (one,))
        except BoathouseError as failure:
            failures.append(failure)
        own.close()

    threads = [threading.Thread(target=count, args=(one,)) for one in range(3)]
    for thread in threads:
        thread.start()
    open_one = engine.session()  # one that does not wait for its turn
    for _ in range(5):
        open_one.begin()
        open_one.execute("UPDATE boathouse.counted SET n = n")
        try:
            open_one.commit()
        except SerializationFailure:
            continue
    for thread in threads:
        thread.join()
    assert failures == []
    assert session.fetch("SELECT n FROM boathouse.counted") == [(5,)] * 3
    open_one.close()
    session.close()
