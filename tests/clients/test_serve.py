"""`boathouse serve` as its own process: ready, healthy, alone on its home, and stopped in order."""

from __future__ import annotations

import http.client
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic

import pytest
from tests.clients import raw_client as raw
from tests.clients.conftest import DATABASE, PASSWORD, USER
from tests.clients.raw_client import RawClient, error, rows, tags

from boathouse.app.initialise import initialise

READY = re.compile(r"boathouse is ready: postgres port (\d+), http port (\d+), home .+")
LONG = "SELECT count(*) FROM crowd a, crowd b, crowd c, crowd d WHERE a.id + b.id + c.id + d.id = -1"


class Served:
    """A `serve` process that has said that it is ready."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        assert process.stdout is not None
        line = process.stdout.readline()
        found = READY.match(line)
        assert found is not None, (line, process.stderr.read() if process.stderr else "")
        self.port, self.http_port = int(found[1]), int(found[2])

    def client(self) -> RawClient:
        client = RawClient(self.port)
        client.log_in(USER, PASSWORD, DATABASE)
        return client

    def memory(self) -> int:
        """Resident memory of the process, in bytes."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        found = re.search(r"VmRSS:\s+(\d+) kB", status)
        assert found is not None
        return int(found[1]) * 1024

    def wait(self, seconds: float = 20) -> tuple[int, str]:
        """The exit status and what was said on standard error."""
        _, said = self.process.communicate(timeout=seconds)
        return self.process.returncode, said


def start(home: Path, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "boathouse.app.cli", "serve", str(home), "--port", "0", "--http-port", "0"],
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@contextmanager
def serving(home: Path, **environment: str) -> Iterator[Served]:
    process = start(home, **environment)
    guard = threading.Timer(60, process.kill)  # a server that never gets ready must not hold the tests up
    guard.start()
    try:
        yield Served(process)
    finally:
        guard.cancel()
        process.kill()
        process.wait(10)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    initialise(tmp_path / "h", DATABASE, PASSWORD)
    return tmp_path / "h"


def crowd(client: RawClient) -> None:
    client.query("CREATE TABLE crowd (id integer, name varchar(64))")
    client.query("INSERT INTO crowd VALUES (0, 'somebody with a name of some length')")
    for step in range(12):
        client.query(f"INSERT INTO crowd SELECT id + {2**step}, name FROM crowd")


def begin(client: RawClient, text: str) -> None:
    """Send a statement that takes long; it has begun when the warning of the one before it has come."""
    client.send(raw.query(f"ROLLBACK; INSERT INTO crowd VALUES (-7, 'undone'); {text}"))
    assert client.read_until(b"N")[-1].fields["C"] == "25P01"


def healthy(port: int) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status
    finally:
        connection.close()


def test_it_serves_is_healthy_and_keeps_its_home_to_itself(home: Path) -> None:
    with serving(home) as first:
        assert healthy(first.http_port) == 200
        second = start(home)
        _, said = second.communicate(timeout=30)
        assert second.returncode == 1
        assert "Traceback" not in said
        assert re.match(r"boathouse: .*(in use|already|another)", said), said
        with first.client() as client:
            assert tags(client.query("SELECT 1")) == ["SELECT 1"], "the first one goes on"
        connection = http.client.HTTPConnection("127.0.0.1", first.http_port, timeout=10)
        connection.request("GET", "/metrics")
        assert b'boathouse_statements_total{kind="query",outcome="ok"}' in connection.getresponse().read()
        connection.close()


def test_a_port_that_is_taken_is_said_plainly(home: Path, tmp_path: Path) -> None:
    initialise(tmp_path / "other", DATABASE, PASSWORD)
    with serving(home) as first:
        second = subprocess.run(
            [sys.executable, "-m", "boathouse.app.cli", "serve", str(tmp_path / "other"), "--port", str(first.port)],
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        assert second.returncode == 1
        assert "Traceback" not in second.stderr
        assert str(first.port) in second.stderr


def test_sigterm_lets_a_running_statement_finish_and_exits_0(home: Path) -> None:
    with serving(home) as served, served.client() as client, served.client() as idle:
        crowd(client)
        begin(client, "SELECT count(*) FROM crowd a, crowd b, (SELECT id FROM crowd WHERE id BETWEEN 0 AND 39) c")
        served.process.send_signal(signal.SIGTERM)
        assert idle.read().fields["C"] == "57P01"
        answers = client.read_until(b"Z")
        assert rows(answers) == [[str(4097 * 4097 * 40).encode()]]
        assert client.read().fields["C"] == "57P01"
        assert served.wait() == (0, "")


def test_sigterm_cancels_what_outlasts_the_grace_and_exits_0_in_time(home: Path) -> None:
    with serving(home, BOATHOUSE_SERVE_GRACE_SECONDS="0.5") as served, served.client() as client:
        crowd(client)
        client.query("INSERT INTO crowd VALUES (-5, 'committed')")
        client.query("INSERT INTO crowd SELECT -6, 'not' FROM crowd WHERE id = 0; SELECT nope")
        begin(client, LONG)
        start = monotonic()
        served.process.send_signal(signal.SIGTERM)
        assert error(client.read_until(b"Z", b"E"))["C"] == "57014"
        status, said = served.wait()
        assert (status, said) == (0, "")
        assert monotonic() - start < 8
    with serving(home) as again, again.client() as client:
        assert rows(client.query("SELECT id FROM crowd WHERE id < 0")) == [[b"-5"]]


def test_a_reader_that_pauses_costs_a_bounded_amount_of_memory(home: Path) -> None:
    with serving(home) as served, served.client() as client:
        crowd(client)
        before = served.memory()
        # Over a terabyte of rows, if anybody were to gather them.
        client.send(raw.query("SELECT a.id, b.name, c.name FROM crowd a, crowd b, crowd c"))
        received = 0
        while received < 100_000:
            message = client.read()
            assert message.kind in (b"T", b"D"), message
            received += 1
        with served.client() as other:
            # The other sessions work on; while they do, the paused result would grow if it could.
            for _ in range(3):
                other.query("SELECT count(*) FROM crowd a, crowd b WHERE a.id + b.id = 7")
        assert served.memory() - before < 600 * 2**20
        raw.cancel(served.port, client.key)
        assert error(client.read_until(b"Z"))["C"] == "57014"


def test_a_statement_that_outlasts_its_timeout_is_cancelled(home: Path) -> None:
    with serving(home) as served, served.client() as client:
        crowd(client)
        client.query("SET statement_timeout TO 200")
        start = monotonic()
        found = error(client.query(LONG))
        assert (found["C"], found["M"]) == ("57014", "canceling statement due to statement timeout")
        assert monotonic() - start < 3
        client.query("BEGIN")
        assert client.query(LONG)[-1].body == b"E"
        client.query("ROLLBACK")
        client.query("SET statement_timeout TO 0")
        assert tags(client.query("SELECT 1")) == ["SELECT 1"]
