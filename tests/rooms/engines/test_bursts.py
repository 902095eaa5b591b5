"""Processes that queries burst to: what they know, how they stop, and how they end."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from tests.clients.test_interruption import wait_until

from boathouse.contracts import errors
from boathouse.contracts.answers import Field
from boathouse.contracts.engine import Access, BurstLimits, Request
from boathouse.contracts.types import BIGINT, SqlType
from boathouse.engines.duckdb.burst.pool import Pool
from boathouse.engines.duckdb.errors import translate
from boathouse.engines.processes.process import Process, Program

NUMBER = (Field("n", BIGINT),)
ENDLESS = "SELECT count(*) FROM range(10000000) a, range(10000000) b WHERE a.range + b.range <> -1"


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pool]:
    found = Pool(tmp_path_factory.mktemp("spool"), BurstLimits("256MB", 1, 600.0))
    yield found
    found.close()
    assert not [*found.spool.iterdir()]


def _request(sql: str, *parameters: object, secrets: tuple[str, ...] = (), zone: str = "UTC") -> Request:
    return Request(sql, parameters, (f"SET TimeZone = '{zone}'",), Access(secrets))


def _values(pool: Pool, request: Request, fields: tuple[Field, ...] = NUMBER) -> list[object] | None:
    rows = pool.open().start(request, fields)
    return None if rows is None else [value for batch in rows.batches for value in batch.column(0).to_pylist()]


def _pids(pool: Pool) -> list[int]:
    return [one._process.pid for one in pool._idle]


def test_rows_parameters_macros_and_errors_are_as_in_the_house_and_one_process_serves_all(pool: Pool) -> None:
    assert _values(pool, _request("SELECT range FROM range(100000)")) == [*range(100_000)]
    assert _values(pool, _request("SELECT 1 WHERE false")) == []
    (pid,) = _pids(pool)
    numeric = (Field("n", SqlType("numeric", precision=10, scale=2)),)
    assert _values(pool, _request("SELECT $2::DECIMAL(10, 2)", 1, Decimal("2.50")), numeric) == [Decimal("2.50")]
    hour = "SELECT date_part('hour', TIMESTAMPTZ '2020-01-01 00:00:00+00')::BIGINT"
    assert [_values(pool, _request(hour, zone=zone)) for zone in ("Asia/Tokyo", "UTC")] == [[9], [0]]
    with pytest.raises(errors.DivisionByZero, match="Divide by zero"):
        _values(pool, _request("SELECT memory.rs.int_div(1, 0)::BIGINT"))
    # What is not there is not an answer: the house knows better.
    for missing in (
        "SELECT * FROM dev.public.t",
        "SELECT boathouse_live('x')",
        "SELECT memory.rs.to_regclass('x', '', NULL)",
    ):
        assert _values(pool, _request(missing)) is None
    assert _pids(pool) == [pid]


def test_keys_are_in_no_argument_and_no_environment_and_are_forgotten(pool: Pool) -> None:
    secret = "TYPE s3, KEY_ID 'AKIDOFSOMEBODY', SECRET 'not-to-be-seen', SCOPE 's3://river/'"
    known = "SELECT count(*) FROM duckdb_secrets()"
    assert _values(pool, _request(known, secrets=(secret,))) == [1]
    assert _values(pool, _request(known)) == [0]
    (pid,) = _pids(pool)
    shown = b"".join(Path(f"/proc/{pid}/{name}").read_bytes() for name in ("cmdline", "environ"))
    assert b"AKIDOFSOMEBODY" not in shown and b"not-to-be-seen" not in shown
    assert not Path(f"/proc/{pid}/environ").read_bytes()


def test_a_query_is_interrupted_and_its_process_goes_on(pool: Pool) -> None:
    _values(pool, _request("SELECT 1"))
    (pid,) = _pids(pool)
    burst = pool.open()
    threading.Timer(0.2, burst.interrupt).start()
    with pytest.raises(errors.QueryCanceled):
        burst.start(_request(ENDLESS), NUMBER)
    burst.close()
    rows = pool.open().start(_request("SELECT range FROM range(100000000)"), NUMBER)
    assert rows is not None and next(rows.batches).num_rows
    rows.batches.close()  # type: ignore[attr-defined]
    assert _values(pool, _request("SELECT 7")) == [7] and _pids(pool) == [pid]


def test_a_process_that_heeds_nothing_is_killed_and_replaced(pool: Pool) -> None:
    _values(pool, _request("SELECT 1"))
    (pid,) = _pids(pool)
    os.kill(pid, signal.SIGSTOP)
    burst = pool.open()
    threading.Timer(0.1, burst.interrupt).start()
    with pytest.raises(errors.QueryCanceled):
        burst.start(_request("SELECT 1"), NUMBER)
    assert not Path(f"/proc/{pid}").exists() and not _pids(pool)
    assert _values(pool, _request("SELECT 7")) == [7]


def test_processes_end_when_they_have_been_idle_for_long_enough(pool: Pool) -> None:
    rows = pool.open().start(_request("SELECT range FROM range(100000000)"), NUMBER)
    assert rows is not None
    pid = next(iter(pool._busy))._process.pid
    pool.configure(BurstLimits("256MB", 1, 0.1))  # those that are at work go on
    assert next(rows.batches).num_rows and Path(f"/proc/{pid}").exists()
    rows.batches.close()  # type: ignore[attr-defined]
    wait_until(lambda: not _pids(pool) and not Path(f"/proc/{pid}").exists())
    pool.configure(BurstLimits("256MB", 1, 600.0))


def test_processes_that_are_kept_are_ready_before_they_are_asked_for_stay_and_are_replaced(tmp_path: Path) -> None:
    told = threading.Event()
    pool = Pool(tmp_path, BurstLimits("256MB", 1, 0.0), told.set)
    pool.keep(1)
    assert told.wait(60)
    assert pool.at_hand([_request("SELECT 1")], 0) == [True] and pool.at_hand([_request("SELECT 1")], 1) == [False]
    wait_until(lambda: not pool._starting, 60)  # a second one, which is not kept
    wait_until(lambda: len(_pids(pool)) == 1)
    (pid,) = _pids(pool)
    assert _values(pool, _request("SELECT 1")) == [1] and _pids(pool) == [pid]
    os.kill(pid, signal.SIGKILL)
    assert _values(pool, _request("SELECT 1")) is None
    wait_until(lambda: len(_pids(pool)) == 1, 60)
    assert _pids(pool) != [pid]
    pool.close()


def test_no_process_outlives_a_house_that_is_killed(tmp_path: Path) -> None:
    script = (
        "import sys, signal, pathlib, tests.rooms.engines.test_bursts as t\n"
        "pool = t.Pool(pathlib.Path(sys.argv[1]), t.BurstLimits('256MB', 1, 600.0)); burst = pool.open()\n"
        "rows = burst.start(t._request('SELECT range FROM range(100000000)'), t.NUMBER)\n"
        "print(next(iter(pool._busy))._process.pid, flush=True); signal.pause()"
    )
    root = Path(__file__).parents[3]
    house = subprocess.Popen([sys.executable, "-c", script, str(tmp_path)], stdout=subprocess.PIPE, cwd=root)
    assert house.stdout is not None
    with house.stdout:
        pid = int(house.stdout.readline())
        assert Path(f"/proc/{pid}").exists()
        house.kill()
        house.wait()
    wait_until(lambda: not _runs(pid))


class _OverAtOnce(Process):
    """What starts it has ended before it is told its limits."""

    def _start_elsewhere(self, theirs: socket.socket) -> subprocess.Popen[bytes]:
        started = super()._start_elsewhere(theirs)
        started.wait()
        theirs.close()
        return started


@pytest.mark.parametrize(("command", "said"), [("echo no such host >&2", "no such host"), ("true", "it has ended")])
def test_a_command_that_is_over_at_once_is_quoted(tmp_path: Path, command: str, said: str) -> None:
    program = Program("", "", None, translate, command=("sh", "-c", command))
    with pytest.raises(EOFError, match=said):
        _OverAtOnce(1, program, tmp_path / "one")
    assert not [*tmp_path.iterdir()]


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0] not in "ZX"
    except FileNotFoundError:
        return False
