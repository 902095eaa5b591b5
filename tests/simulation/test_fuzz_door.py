"""Nonsense at the door: random bytes, cut messages, absurd lengths, mute crowds. The others notice nothing."""

from __future__ import annotations

import os
import random
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psycopg
import pytest
from tests.clients import raw_client as raw
from tests.clients.raw_client import RawClient
from tests.simulation.server_process import DATABASE, PASSWORD, USER, ServerProcess

ATTACKS = int(os.environ.get("BOATHOUSE_FUZZ_ATTACKS") or 250)


@contextmanager
def steady_neighbour(server: ServerProcess) -> Iterator[None]:
    """Somebody who works all the while and must always be answered rightly."""
    stop, failures, answered = threading.Event(), [], []

    def work() -> None:
        try:
            with server.connect() as connection:
                while not stop.is_set():
                    answered.append(connection.execute("SELECT 6 * 7").fetchone())
        except Exception as failure:
            failures.append(failure)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(30)
    assert not thread.is_alive()
    assert not failures, failures
    assert set(answered) == {(42,)}


def attack(server: ServerProcess, chance: random.Random) -> bytes:
    """One hostile visit before authentication; returns what was sent."""
    startup = raw.startup(user=USER, database=DATABASE)
    kinds = (
        chance.randbytes(chance.randint(0, 2000)),
        struct.pack("!i", chance.choice([-1, 0, 3, 4, 7, 2**31 - 1, -(2**31)])) + chance.randbytes(16),
        startup[: chance.randint(0, len(startup))],
        startup + chance.randbytes(chance.randint(1, 300)),
        startup + b"p" + struct.pack("!i", chance.choice([2**31 - 1, -5, 0, 200 * 2**20])) + b"SCRAM",
        struct.pack("!ii", 8, 80877103) + chance.randbytes(chance.randint(0, 100)),
        struct.pack("!iiii", 16, 80877102, chance.randint(0, 2000), chance.randint(-(2**31), 2**31 - 1)),
    )
    data = chance.choice(kinds)
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as client, suppress(OSError):
        client.sendall(data)
        if chance.random() < 0.5:
            client.shutdown(socket.SHUT_WR)
            client.recv(4096)
    return data


def attack_inside(server: ServerProcess, chance: random.Random) -> None:
    """The same by somebody who has a password."""
    with RawClient(server.port, seconds=10) as client:
        client.log_in(USER, PASSWORD, DATABASE)
        kind = chance.choice(
            [b"Q", b"P", b"B", b"D", b"E", b"C", b"S", b"H", b"d", b"c", b"f", b"F", b"X", b"?", b"\0"]
        )
        body = chance.randbytes(chance.randint(0, 200))
        length = chance.choice([len(body) + 4, len(body) + 4, 3, -1, 2**31 - 1, len(body) + 400])
        with suppress(OSError):
            client.send(kind + struct.pack("!i", length) + body)
            client.socket.shutdown(socket.SHUT_WR)
            while client.socket.recv(65536):
                pass


def test_no_bytes_from_strangers_or_users_disturb_the_others(server: ServerProcess) -> None:
    seed = int(os.environ.get("BOATHOUSE_SEED") or random.SystemRandom().randrange(1 << 32))
    print("seed", seed)
    chance = random.Random(seed)
    with steady_neighbour(server):
        for number in range(ATTACKS):
            if number % 3:
                attack(server, chance)
            else:
                attack_inside(server, chance)
    assert server.lives
    log = server.log()
    assert "Traceback" not in log, log[-3000:]


def test_a_mute_crowd_at_the_door_does_not_shut_it(server: ServerProcess) -> None:
    crowd = []
    try:
        with steady_neighbour(server):
            for _ in range(260):
                crowd.append(socket.create_connection(("127.0.0.1", server.port), timeout=10))
            with server.connect() as connection:
                assert connection.execute("SELECT 1").fetchone() == (1,)
        assert server.status("Threads") < 260
    finally:
        for one in crowd:
            one.close()


def test_a_refused_login_is_logged_with_its_address_and_without_what_was_typed(server: ServerProcess) -> None:
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        server.connect(password="Typed-Secret-1")
    assert 'refused: password authentication failed for user "admin", from 127.0.0.1:' in server.log()
    assert "Typed-Secret-1" not in server.log()


@pytest.mark.parametrize(
    "statement",
    [
        "COPY t FROM 's3://b/k' CREDENTIALS 'aws_access_key_id=AKIAABCDEFGHIJKLMNOP;aws_secret_access_key=Hidden9' BOGUS",
        "COPY t FROM 's3://b/k' ACCESS_KEY_ID 'AKIAABCDEFGHIJKLMNOP' SECRET_ACCESS_KEY 'Hidden9",
        "COPY t FROM 's3://b/k' SECRET_ACCESS_KEY 'x' 'Hidden9'",
        "UNLOAD ('SELECT 1') TO 's3://b/' CREDENTIALS 'Hidden9'",
        "CREATE USER x PASSWORD 'Hidden9'",
    ],
)
def test_a_statement_with_keys_that_fails_shows_them_to_nobody(server: ServerProcess, statement: str) -> None:
    with server.connect() as connection, pytest.raises(psycopg.Error) as raised:
        connection.execute(statement)
    told = raised.value.diag
    for text in (told.message_primary, told.message_detail, told.message_hint, server.log()):
        assert "Hidden9" not in (text or "")
        assert "AKIAABCDEFGHIJKLMNOP" not in (text or "")
