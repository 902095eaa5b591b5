"""A spool without room, or that nobody may write: the statement fails clearly, the server and its sessions go on."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from tests.clients import raw_client as raw
from tests.clients.raw_client import RawClient, error
from tests.simulation.server_process import DATABASE, PASSWORD, USER, ServerProcess, make_home, serving

SPOOL_BYTES = 4 << 20


@pytest.fixture
def cramped(tmp_path: Path) -> Iterator[ServerProcess]:
    """A server whose spool is a file system of four megabytes."""
    home = make_home(tmp_path / "home")
    if os.geteuid() != 0:
        pytest.skip("mounting a small file system takes root")
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={SPOOL_BYTES}", "tmpfs", str(home / "tmp")],
        capture_output=True,
        text=True,
    )
    if mounted.returncode:
        pytest.skip(f"a small file system cannot be mounted: {mounted.stderr.strip()}")
    try:
        with serving(home, "--memory-limit", "200MB") as found:
            yield found
    finally:
        subprocess.run(["umount", "-l", str(home / "tmp")], check=True)


def fill(server: ServerProcess) -> None:
    with server.connect() as connection:
        connection.execute("CREATE TABLE wide (n integer, txt varchar(200))")
        connection.execute("INSERT INTO wide VALUES (0, repeat('some text ', 15))")
        for step in range(18):
            connection.execute(f"INSERT INTO wide SELECT n + {2**step}, repeat('some text ', 15) || n FROM wide")


def still_right(connection: psycopg.Connection) -> None:  # type: ignore[type-arg]
    assert connection.execute("SELECT count(*), max(n) FROM wide").fetchone() == (2**18, 2**18 - 1)


def test_a_sort_that_spills_beyond_the_disk_is_53100(cramped: ServerProcess) -> None:
    fill(cramped)
    with cramped.connect() as connection:
        with pytest.raises(psycopg.Error) as raised:
            connection.execute("CREATE TABLE sorted AS SELECT a.n, a.txt || b.txt AS t FROM wide a, wide b "
                               "WHERE b.n < 4 ORDER BY t DESC, a.n")  # fmt: skip
        assert raised.value.sqlstate in ("53100", "53200"), raised.value
        still_right(connection)
        connection.execute("INSERT INTO wide SELECT 1, 'x' WHERE 1 = 0")
    assert cramped.lives


def test_a_suspended_result_that_does_not_fit_the_disk_fails_where_it_was_cut_and_not_before(
    cramped: ServerProcess,
) -> None:
    fill(cramped)
    with RawClient(cramped.port) as client:
        client.log_in(USER, PASSWORD, DATABASE)
        client.query("BEGIN")
        client.send(raw.parse("SELECT n, txt FROM wide"), raw.bind(portal="p"), raw.execute("p", 10), raw.SYNC)
        assert "E" not in raw.kinds(client.read_until(b"Z"))
        client.send(raw.query("SELECT 1"))
        client.read_until(b"Z")
        client.send(raw.execute("p"), raw.SYNC)
        answers = client.read_until(b"Z")
        told = error(answers)
        assert told["C"] in ("53100", "58030"), told
        rows = [int(answer.values[0] or b"-1") for answer in answers if answer.kind == b"D"]
        assert rows == list(range(10, 10 + len(rows)))
        client.query("ROLLBACK")
    with cramped.connect() as connection:
        still_right(connection)
    assert not list((cramped.home / "tmp").rglob("*.arrows"))


def test_an_unload_that_does_not_fit_the_disk_is_53100_and_leaves_nothing(cramped: ServerProcess) -> None:
    fill(cramped)
    place = cramped.home / "lake" / "out"
    with cramped.connect() as connection:
        with pytest.raises(psycopg.Error) as raised:
            connection.execute(f"UNLOAD ('SELECT n, txt FROM wide') TO '{place}/' CSV")
        assert raised.value.sqlstate == "53100", raised.value
        still_right(connection)
    assert not list(place.glob("*"))
    assert not list(cramped.home.glob("unload/*"))
    assert not [path for path in (cramped.home / "tmp").rglob("*") if path.is_file()]


def test_a_spool_that_is_no_folder_is_58030_and_the_session_goes_on(tmp_path: Path) -> None:
    with serving(make_home(tmp_path / "home")) as server:
        fill(server)
        (server.home / "tmp").rmdir()
        (server.home / "tmp").touch()
        with server.connect() as connection:
            with pytest.raises(psycopg.Error) as raised:
                connection.execute(f"UNLOAD ('SELECT n, txt FROM wide') TO '{server.home}/lake/out/' CSV")
            assert raised.value.sqlstate == "58030", raised.value
            still_right(connection)
        with RawClient(server.port) as client:
            client.log_in(USER, PASSWORD, DATABASE)
            client.query("BEGIN")
            client.send(raw.parse("SELECT n, txt FROM wide"), raw.bind(portal="p"), raw.execute("p", 10), raw.SYNC)
            client.read_until(b"Z")
            client.query("SELECT 1")
            client.send(raw.execute("p"), raw.SYNC)
            assert error(client.read_until(b"Z"))["C"] == "58030"
