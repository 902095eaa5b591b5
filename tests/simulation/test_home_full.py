"""A home whose disk is full: what does not fit says so and leaves nothing, and what fits again works, with the same server."""

from __future__ import annotations

import os
import re
import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from tests.simulation.server_process import DATABASE, ServerProcess, make_home, serving

from boathouse.contracts.errors import DiskFull
from boathouse.engines.duckdb.engine import DuckEngine
from boathouse.engines.duckdb.settings import EngineSettings

MEGABYTE = 1 << 20
STATEMENTS = {
    "INSERT": "INSERT INTO wide SELECT n, t || 'x' FROM wide",
    "CREATE TABLE AS": "CREATE TABLE again AS SELECT n, t FROM wide",
    "UNLOAD": "UNLOAD ('SELECT n, t FROM wide') TO 'out/' FORMAT PARQUET",
    "COPY": "COPY wide FROM 'in.csv' CSV",
    "INSERT into an external table": "INSERT INTO lk.e SELECT n, t FROM wide",
    "INSERT into a file": "INSERT INTO lk.f SELECT n FROM wide",
    "CREATE EXTERNAL TABLE AS": "CREATE EXTERNAL TABLE lk.c STORED AS PARQUET LOCATION 'c/' AS SELECT n, t FROM wide",
    "CREATE SNAPSHOT": "CREATE SNAPSHOT kept",
    "CREATE USER": f"CREATE USER reader PASSWORD '{'Ab1' * 9}'",
}


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 200 megabytes."""
    if os.geteuid() != 0:
        pytest.skip("mounting a small file system takes root")
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=200m", "tmpfs", str(folder)], capture_output=True, text=True
    )
    if mounted.returncode:
        pytest.skip(f"a small file system cannot be mounted: {mounted.stderr.strip()}")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


@contextmanager
def filled(disk: Path) -> Iterator[None]:
    """Nothing more fits the disk inside the block."""
    facts = os.statvfs(disk)
    size = facts.f_bavail * facts.f_frsize
    with (disk / "filler").open("wb") as file:
        while True:
            try:
                os.posix_fallocate(file.fileno(), 0, size)
                break
            except OSError:  # what the server writes meanwhile
                size -= 4096
    try:
        yield
    finally:
        (disk / "filler").unlink()


def shown(connection: psycopg.Connection) -> list[tuple[object, ...]]:  # type: ignore[type-arg]
    """All that the statements may have changed."""
    return [
        connection.execute(query).fetchone() or ()
        for query in (
            "SELECT count(*), sum(length(t)) FROM wide",
            "SELECT count(*) FROM lk.e",
            "SELECT count(*) FROM lk.f",
            "SELECT count(*) FROM svv_tables WHERE table_name IN ('again', 'c')",
            "SELECT count(*) FROM svv_snapshots",
            "SELECT count(*) FROM pg_user",
        )
    ]


def files(home: Path) -> set[str]:
    """What lies where no statement that failed may leave anything."""
    places = ("lake", "unload", "appends", "snapshots")
    return {str(path) for place in places for path in (home / place).rglob("*") if path.is_file()}


def test_what_does_not_fit_the_disk_is_53100_and_works_once_there_is_room(disk: Path) -> None:
    with serving(make_home(disk / "home"), "--memory-limit", "400MB") as server, server.connect() as connection:
        lake = server.home / "lake"
        (lake / "in.csv").write_text("".join(f"{n},{'text' * 9}\n" for n in range(30_000)))
        (lake / "f.csv").write_text("")
        connection.execute("CREATE TABLE wide (n integer, t varchar(100))")
        connection.execute("COPY wide FROM 'in.csv' CSV")
        connection.execute(
            "CREATE EXTERNAL SCHEMA lk FROM DATA CATALOG DATABASE 'lk' CREATE EXTERNAL DATABASE IF NOT EXISTS"
        )
        connection.execute("CREATE EXTERNAL TABLE lk.e (n int, t varchar(100)) STORED AS PARQUET LOCATION 'e/'")
        connection.execute("CREATE EXTERNAL TABLE lk.f (n int) ROW FORMAT DELIMITED FIELDS TERMINATED BY ',' "
                           "STORED AS TEXTFILE LOCATION 'f.csv'")  # fmt: skip
        before = shown(connection)
        with filled(disk):
            connection.execute("SET statement_timeout TO 60000")
            small = "INSERT INTO wide VALUES (1, 'fits into what the log has already')"
            while True:  # the file of the log has some room of its own
                try:
                    connection.execute(small)
                except psycopg.errors.DiskFull:
                    break
            connection.execute("SELECT count(*) FROM wide a, wide b WHERE a.n = b.n")
            before, left = shown(connection), files(server.home)
            for name, statement in STATEMENTS.items():
                with pytest.raises(
                    psycopg.errors.DiskFull, match=r"no space left on device to write|cannot write"
                ) as raised:
                    connection.execute(statement)
                assert str(disk) in str(raised.value), name
                assert shown(connection) == before, name
                assert files(server.home) - {str(disk / "filler")} == left, name
        for name, statement in STATEMENTS.items():
            connection.execute(statement)
            assert shown(connection) != before or name == "UNLOAD", name
            before = shown(connection)


def test_a_disk_that_was_full_when_spilling_began_holds_no_later_statement_back(disk: Path) -> None:
    with serving(make_home(disk / "home"), "--memory-limit", "60MB") as server, server.connect() as connection:
        connection.execute("CREATE TEMP TABLE seed AS SELECT 1 AS n")
        for _ in range(14):
            connection.execute("INSERT INTO seed SELECT n + (SELECT max(n) FROM seed) FROM seed")
        sort = (
            "CREATE TEMP TABLE sorted AS SELECT a.n, md5(a.n * b.n) AS t FROM seed a, seed b WHERE b.n < 40 ORDER BY t"
        )
        with filled(disk), pytest.raises(psycopg.Error) as raised:
            connection.execute(sort)
        assert raised.value.sqlstate in ("53100", "53200"), raised.value
        connection.execute(sort)


def test_a_conversion_without_room_says_so_and_goes_on_with_it(disk: Path) -> None:
    command = [sys.executable, "-m", "boathouse.app.cli", "storage", "convert", str(make_home(disk / "home"))]
    with filled(disk):
        found = subprocess.run([*command, "--to", "ducklake"], capture_output=True, text=True)
    assert found.returncode == 1 and "no space left on device" in found.stderr, found.stderr
    again = subprocess.run([*command, "--to", "ducklake"], capture_output=True, text=True)
    assert again.returncode == 0, again.stderr


def test_spilling_stops_at_its_setting(tmp_path: Path) -> None:
    settings = EngineSettings(memory_limit="60MB", temp_directory_size_max="2MB")
    engine = DuckEngine(tmp_path / "warehouse.duckdb", DATABASE, tmp_path, settings)
    session = engine.session()
    with pytest.raises(DiskFull, match="temp_directory_size_max"):
        session.execute("CREATE TEMP TABLE t AS SELECT md5(n::VARCHAR) AS m FROM range(1000000) s(n) ORDER BY m")
    session.close()
    engine.close()


def test_an_engine_that_could_not_fold_its_log_begins_anew_with_all_that_was_committed(tmp_path: Path) -> None:
    with serving(make_home(tmp_path / "home")) as server:
        told = grow_until_it_fails(server)
        assert server._process.stdout is not None
        found = re.search(r"postgres port (\d+)", server._process.stdout.readline())
        assert found is not None and server.lives
        server.port = int(found[1])
        with server.connect() as connection:
            assert connection.execute("SELECT count(*) FROM grown").fetchone() == (told,)
            connection.execute("INSERT INTO grown SELECT n, t FROM grown")


def grow_until_it_fails(server: ServerProcess) -> int:
    """Rows that were told as inserted until the engine's file may grow no further; then it may."""
    with server.connect() as connection:
        connection.execute("CREATE TABLE grown (n integer, t varchar(100))")
        connection.execute("INSERT INTO grown VALUES (0, 'row')")
        for step in range(15):
            connection.execute(f"INSERT INTO grown SELECT n + {2**step}, md5(n) || md5(n + 1) FROM grown")
        told = 2**15
        # More than the log gets before it is folded, and less than the file soon needs.
        resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (22 * MEGABYTE, resource.RLIM_INFINITY))
        try:
            with pytest.raises(psycopg.Error):
                while told < 10_000_000:
                    connection.execute(
                        "INSERT INTO grown SELECT n, md5(n) || md5(n + 1) FROM grown WHERE n < 32768 LIMIT 32768"
                    )
                    told += 32768
        finally:
            resource.prlimit(server.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    return told
