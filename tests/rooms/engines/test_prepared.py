"""The process's own database is prepared once for a version of its statements, and never taken from whom we do not trust."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from boathouse.engines.duckdb.engine import DuckEngine
from boathouse.engines.duckdb.settings import EngineSettings

OWN = ('CREATE OR REPLACE VIEW memory.rs."harbours" AS SELECT name FROM "dev".public.t',)


def answer(folder: Path, cache: Path | str, own: tuple[str, ...] = OWN) -> tuple[list[tuple[object, ...]], bool]:
    """What the view says in a home of its own that starts with this cache, and whether it was there at once."""
    spool = folder / "spool"
    spool.mkdir(parents=True)
    engine = DuckEngine(folder / "w.duckdb", "dev", spool, EngineSettings(cache_directory=str(cache)), own)
    try:
        session = engine.session()
        there = bool(session.fetch("SELECT 1 FROM duckdb_views() WHERE view_name = 'harbours'"))
        session.execute("CREATE TABLE t AS SELECT 'Bergen' AS name")
        engine.define()
        return session.fetch('SELECT * FROM memory.rs."harbours"'), there
    finally:
        engine.close()


def test_a_later_start_of_another_home_reads_what_the_first_prepared(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    assert answer(tmp_path / "a", cache) == ([("Bergen",)], False)
    (file,) = cache.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    written = file.stat().st_mtime_ns
    assert answer(tmp_path / "b", cache) == ([("Bergen",)], True)
    assert [*(tmp_path / "b" / "spool").iterdir()] == []
    assert file.stat().st_mtime_ns == written


def test_other_statements_are_another_version(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    answer(tmp_path / "a", cache)
    other = (OWN[0].replace("SELECT name", "SELECT upper(name)"),)
    assert answer(tmp_path / "b", cache, other) == ([("BERGEN",)], False)
    assert len([*cache.iterdir()]) == 2


@pytest.mark.parametrize("harm", ["broken", "others may write", "no folder", "none"])
def test_without_a_file_that_can_be_trusted_it_is_prepared_anew(tmp_path: Path, harm: str) -> None:
    cache = tmp_path / "cache"
    answer(tmp_path / "a", cache)
    (file,) = cache.iterdir()
    if harm == "broken":
        file.write_bytes(os.urandom(20_000))
    elif harm == "others may write":
        file.chmod(0o666)
    elif harm == "no folder":
        cache = tmp_path / "w"
        cache.write_text("a file where the folder should be")
    assert answer(tmp_path / "b", "" if harm == "none" else cache) == ([("Bergen",)], False)
    if harm in ("broken", "others may write"):  # and kept again, ours
        assert answer(tmp_path / "c", cache) == ([("Bergen",)], True)
