"""What goes wrong between a client, the house and the PostgreSQL behind it: each side hears of it, and nothing is left over."""

from __future__ import annotations

import os
import random
import signal
import socket
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from tests.clients.conftest import PASSWORD, Running, running
from tests.clients.raw_client import SYNC, RawClient, bind, cancel, error, execute, kinds, parse, query, rows, tags
from tests.clients.upstream.conftest import through, until
from tests.clients.upstream.middle import Middle
from tests.clients.upstream.postgres_behind import PostgresBehind

MANY = "SELECT generate_series(1, 20000000), repeat('x', 4000)"


@pytest.fixture
def wire(middle: Middle) -> Iterator[Middle]:
    middle.mend()
    yield middle
    middle.cut()
    middle.mend()


@pytest.fixture
def watcher(postgres: PostgresBehind) -> Iterator[psycopg.Connection[Any]]:
    with postgres.connect() as connection:
        yield connection


def _backends(watcher: psycopg.Connection[Any], text: str) -> list[int]:
    """The processes there that run a text."""
    found = watcher.execute(
        "SELECT pid FROM pg_stat_activity WHERE state = 'active' AND pid <> pg_backend_pid() AND query LIKE %s",
        (f"%{text}%",),
    )
    return [pid for (pid,) in found]


def _read_some(client: RawClient, count: int = 300) -> None:
    for _ in range(count):
        assert client.read().kind in (b"T", b"D")


def _end_of(client: RawClient) -> dict[str, str]:
    """Read on to the last message: rows, all whole, then one error."""
    while (message := client.read()).kind == b"D":
        assert len(message.values) == 2
    assert message.kind == b"E"
    return message.fields


def test_the_connection_breaks_in_mid_result(door: Running, wire: Middle) -> None:
    with through(door, "fragile") as client:
        client.send(query(MANY))
        _read_some(client)
        wire.cut()
        told = _end_of(client)
        assert (told["S"], told["C"]) == ("FATAL", "08006")
        assert told["M"] == 'the connection to the server of database "fragile" was lost: it closed the connection'
        assert client.is_closed()
    assert door.raw().query("SELECT 1")[-1].kind == b"Z"


def test_a_backend_is_ended_in_mid_result(door: Running, watcher: psycopg.Connection[Any]) -> None:
    with through(door) as client:
        client.send(query(MANY))
        _read_some(client)
        watcher.execute("SELECT pg_terminate_backend(%s)", (_backends(watcher, "20000000")[0],))
        # Its own words, unless it was waiting for the client: then it goes without any.
        assert _end_of(client)["C"] in ("57P01", "08006")
        assert client.is_closed()


def test_a_backend_is_killed_and_the_server_starts_again(door: Running, postgres: PostgresBehind) -> None:
    with through(door) as running_client, through(door) as idle_client:
        running_client.send(query("SELECT pg_sleep(60), 'killed'"))
        with postgres.connect() as watcher:
            until(lambda: _backends(watcher, "'killed'"))
            os.kill(_backends(watcher, "'killed'")[0], signal.SIGKILL)
        for client in (running_client, idle_client):
            while (message := client.read()).kind != b"E":
                assert message.kind == b"N"
            assert message.fields["C"] in ("08006", "57P02", "57P01")
            assert client.is_closed()
    postgres.stop("immediate")
    with pytest.raises(psycopg.OperationalError, match='the server of database "crm" cannot be reached'):
        psycopg.connect(**(door.keywords | {"dbname": "crm"}))
    postgres.start()
    with through(door) as client:
        assert rows(client.query("SELECT 1")) == [[b"1"]]


@pytest.mark.parametrize("text", [MANY, "SELECT pg_sleep(600), '20000000'"], ids=["sending", "computing"])
def test_a_client_that_is_gone_leaves_nothing_running(
    text: str, door: Running, watcher: psycopg.Connection[Any]
) -> None:
    client = through(door)
    client.send(query(text))
    until(lambda: _backends(watcher, "20000000"))
    before = door.sessions()
    client.socket.close()
    until(lambda: not _backends(watcher, "20000000"))
    until(lambda: door.sessions() < before)


def test_whoever_does_not_read_stops_the_other_side(door: Running, wire: Middle, watcher: Any) -> None:
    """A result of gigabytes: what the house takes of it is what fits between the two, and it goes on where it stopped."""
    with through(door, "fragile") as client:
        client.send(query(MANY))
        carried = -1

        def stands() -> bool:
            nonlocal carried
            before, carried = carried, wire.carried
            waits = "SELECT 1 FROM pg_stat_activity WHERE wait_event = 'ClientWrite' AND query LIKE '%20000000%'"
            return before == carried > 0 and bool(watcher.execute(waits).fetchall())

        until(stands)
        assert wire.carried < 40_000_000
        _read_some(client)
        cancel(door.port, client.key)
        assert _end_of(client)["C"] == "57014"
        assert client.read().kind == b"Z"


def test_a_cancel_reaches_the_statement_that_was_meant(door: Running, watcher: psycopg.Connection[Any]) -> None:
    with through(door) as client:
        client.send(query("SELECT pg_sleep(600), 'meant'"))
        until(lambda: _backends(watcher, "'meant'"))
        cancel(door.port, client.key)
        found = client.read_until(b"Z")
        assert (error(found)["C"], error(found)["M"]) == ("57014", "canceling statement due to user request")
        for _ in range(20):
            cancel(door.port, client.key)
            assert rows(client.query("SELECT 2")) == [[b"2"]]
        cancel(door.port, (client.key[0], client.key[1] ^ 1))
        assert rows(client.query("SELECT 3")) == [[b"3"]]


def test_nobody_answers_a_cancel(door: Running, wire: Middle, watcher: psycopg.Connection[Any]) -> None:
    with through(door, "fragile") as client:
        client.send(query("SELECT pg_sleep(600), 'half open'"))
        until(lambda: _backends(watcher, "'half open'"))
        wire.freeze()
        cancel(door.port, client.key)
        told = _end_of(client)
        assert (told["C"], told["S"]) == ("08006", "FATAL")
        assert "a cancel has had no answer for 1 seconds" in told["M"]
        with pytest.raises(psycopg.OperationalError, match="cannot be reached: it did not answer in time"):
            psycopg.connect(**(door.keywords | {"dbname": "fragile"}))
    wire.mend()
    watcher.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%%half open%%' AND pid <> %s",
                    (watcher.info.backend_pid,))  # fmt: skip


@pytest.mark.parametrize("portion", [1, 7, 1000])
def test_a_slow_wire_carries_the_same_bytes(portion: int, door: Running, wire: Middle) -> None:
    asked = (
        query("SELECT i, repeat('é', i) FROM generate_series(1, 60) i; SELECT 1 / 0"),
        *(parse("SELECT $1::int"), bind((b"1",)), execute(), SYNC, query("COPY (SELECT 1) TO STDOUT")),
    )

    def answers(client: RawClient) -> list[Any]:
        client.send(*asked)
        return [client.read_until(b"Z") for _ in range(3)]

    with through(door) as quick, through(door, "fragile") as slow:
        wire.portion = portion
        assert answers(slow) == answers(quick)


def test_a_pipeline_that_reads_nothing_before_it_has_sent_all(door: Running) -> None:
    with through(door) as client:
        client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4 << 20)
        count = 300
        client.send(
            *(one for i in range(count) for one in (parse(f"SELECT {i}, repeat('x', 20000)"), bind(), execute(), SYNC))
        )
        for i in range(count):
            assert rows(client.read_until(b"Z"))[0][0] == b"%d" % i


def test_limits_of_this_house_hold_there(door: Running) -> None:
    with psycopg.connect(**door.keywords, autocommit=True) as admin:
        admin.execute(f"CREATE USER hasty PASSWORD '{PASSWORD}'")
        admin.execute("GRANT ALL ON DATABASE crm TO hasty")
        admin.execute("ALTER USER hasty SET statement_timeout TO 150")
        try:
            with through(door, user="hasty") as client:
                found = client.query("SELECT pg_sleep(60)")
                assert error(found) | {"C": "57014", "M": "canceling statement due to statement timeout"} == error(
                    found
                )
                assert rows(client.query("SELECT 1")) == [[b"1"]]
                found = client.ask(parse("SELECT pg_sleep(60)"), bind(), execute(), SYNC)
                assert (kinds(found), error(found)["M"]) == ("12EZ", "canceling statement due to statement timeout")
        finally:
            admin.execute("REVOKE ALL ON DATABASE crm FROM hasty")
            admin.execute("DROP USER hasty")


def test_silence_and_the_servers_stop_end_a_session(door: Running, watcher: psycopg.Connection[Any]) -> None:
    with running(door.house, idle_seconds_max=0.2) as impatient, through(impatient) as client:
        assert client.read().fields["C"] == "57P05"
        assert client.is_closed()
    with running(door.house) as stopping:
        idle, busy = through(stopping), through(stopping)
        busy.send(query("SELECT pg_sleep(0.5), 'stopping'"))
        until(lambda: _backends(watcher, "'stopping'"))
        stopping.server.stop(20)
        assert idle.read().fields["C"] == "57P01"
        assert tags(busy.read_until(b"Z")) == ["SELECT 1"]
        assert busy.read().fields["C"] == "57P01"


def test_nothing_is_left_over(door: Running, watcher: psycopg.Connection[Any]) -> None:
    """Clients that come, do something, and go in the middle of it, by chance; then nothing of them is there."""
    chance = random.Random(int(os.environ.get("BOATHOUSE_UPSTREAM_SEED") or "46"))
    for _ in range(int(os.environ.get("BOATHOUSE_UPSTREAM_ROUNDS") or "12")):
        client = through(door, chance.choice(["crm", "fragile"]))
        client.send(
            query(
                chance.choice(["BEGIN", "SELECT 1", MANY, "SELECT pg_sleep(600)", "COPY pg_class TO STDOUT", "SELEC"])
            )
        )
        what = chance.random()
        if what < 0.4:
            client.send(parse("SELECT 1"), bind()[: chance.randrange(1, 12)])
        elif what < 0.7:
            cancel(door.port, client.key)
        client.socket.close()
    until(lambda: not [one for one in door.house.service.sessions() if one.passage is not None])
    until(
        lambda: watcher.execute("SELECT count(*) FROM pg_stat_activity WHERE usename = 'teller'").fetchall() == [(0,)]
    )
