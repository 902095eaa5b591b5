"""Clients that break off, dawdle or come in crowds: each costs itself alone."""

from __future__ import annotations

import random
import resource
import socket
import struct
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from time import monotonic, sleep

import pytest
from tests.clients import raw_client as raw
from tests.clients.raw_client import RawClient, tags
from tests.simulation.server_process import DATABASE, PASSWORD, USER, ServerProcess, make_home, serving


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    hurried = {"BOATHOUSE_POSTGRES_STARTUP_SECONDS_MAX": "2"}
    with serving(make_home(tmp_path_factory.mktemp("rough") / "home"), environment=hurried) as found:
        yield found


def log_in(server: ServerProcess) -> RawClient:
    client = RawClient(server.port)
    client.log_in(USER, PASSWORD, DATABASE)
    return client


def wait_for_quiet(server: ServerProcess, threads: int, descriptors: int) -> None:
    deadline = monotonic() + 30
    while server.status("Threads") > threads or server.descriptors() > descriptors:
        assert monotonic() < deadline, (
            f"{server.status('Threads')} threads, {server.descriptors()} descriptors are left"
        )
        sleep(0.05)


def test_a_handshake_that_stops_half_way_costs_nothing(server: ServerProcess) -> None:
    with log_in(server) as client:
        assert tags(client.query("SELECT 1")) == ["SELECT 1"]
    sleep(0.5)
    threads, descriptors = server.status("Threads"), server.descriptors()
    hello = bytes.fromhex("16030100c8010000c40303") + bytes(40)
    with ExitStack() as stack:
        for rest in (b"", b"\x16", hello[:20], hello, b"GET / HTTP/1.1\r\n\r\n", raw.startup(user=USER), bytes(5000)):
            for stays in (False, True):
                client = stack.enter_context(RawClient(server.port))
                client.send(raw.untyped(struct.pack("!i", raw.SSL)))
                assert client.read_exactly(1) == b"S"
                client.send(rest)
                if not stays:
                    client.socket.close()
        with log_in(server) as other:
            assert tags(other.query("SELECT 1")) == ["SELECT 1"]
        wait_for_quiet(server, threads, descriptors)
    assert "Traceback" not in server.log()


def test_a_client_that_sends_by_drops_is_served_and_one_that_stops_is_let_go(server: ServerProcess) -> None:
    with log_in(server) as slow, log_in(server) as quick:
        message = raw.query("SELECT 'by drops'")
        for place, byte in enumerate(message):
            slow.send(bytes([byte]))
            if not place % 7:
                assert tags(quick.query("SELECT 1")) == ["SELECT 1"]
        assert tags(slow.read_until(b"Z")) == ["SELECT 1"]
        slow.send(message[:9])
        slow.socket.shutdown(socket.SHUT_WR)
        assert slow.is_closed()
        assert tags(quick.query("SELECT 2")) == ["SELECT 1"]


def test_clients_that_break_off_anywhere_leave_nothing_behind(server: ServerProcess) -> None:
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    with log_in(server) as client:
        client.query("CREATE TABLE IF NOT EXISTS visited (n INTEGER)")
    sleep(0.5)
    threads, descriptors = server.status("Threads"), server.descriptors()
    talk = b"".join((
        raw.query("BEGIN; INSERT INTO visited VALUES (1)"), raw.parse("SELECT n FROM visited WHERE n = $1"),
        raw.bind([b"1"]), raw.describe("P"), raw.execute(), raw.SYNC, raw.query("COPY visited FROM STDIN"),
        raw.copy_data(b"1\n2\n"), raw.COPY_DONE, raw.query("SELECT a.n FROM visited a, visited b"),
    ))  # fmt: skip
    for _ in range(25):
        client = log_in(server)
        client.send(talk[: chance.randrange(len(talk))])
        if chance.random() < 0.5:
            # A reset instead of a good-bye.
            client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        client.socket.close()
    wait_for_quiet(server, threads + 1, descriptors + 2)
    with log_in(server) as client:
        assert raw.rows(client.query("SELECT count(*) FROM visited")) == [[b"0"]], f"seed {seed}"
    assert "Traceback" not in server.log(), f"seed {seed}"


def test_a_crowd_beyond_the_descriptors_is_survived(tmp_path: Path) -> None:
    with serving(make_home(tmp_path / "home")) as server, log_in(server) as guest:
        limit = server.descriptors() + 40
        resource.prlimit(server.pid, resource.RLIMIT_NOFILE, (limit, limit))
        with ExitStack() as stack:
            for _ in range(1000):
                crowd = stack.enter_context(socket.socket())
                crowd.setblocking(False)
                crowd.connect_ex(("127.0.0.1", server.port))
            assert tags(guest.query("SELECT 1")) == ["SELECT 1"]
            made = guest.query("CREATE TABLE beside_the_crowd (n INTEGER)")
            assert tags(made) == ["CREATE TABLE"] or raw.error(made)["C"] == "58030", made
        deadline = monotonic() + 30
        while True:
            try:
                with log_in(server) as late:
                    late.query("CREATE TABLE IF NOT EXISTS beside_the_crowd (n INTEGER)")
                    assert tags(late.query("INSERT INTO beside_the_crowd VALUES (1)")) == ["INSERT 0 1"]
                break
            except (OSError, EOFError, AssertionError):
                assert monotonic() < deadline, "nobody gets in after the crowd has gone"
                sleep(0.2)
        assert server.lives
