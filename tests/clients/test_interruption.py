"""Cancelling, leaving, stalling and stopping: what a running statement must feel, and how soon."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from time import monotonic, sleep

import pytest
from tests.clients import raw_client as raw
from tests.clients.conftest import Running, running, table
from tests.clients.raw_client import RawClient, error, kinds, rows, tags

# A year of work for the engine, in one number; and more rows than anybody would read.
LONG = "SELECT count(*) FROM crowd a, crowd b, crowd c, crowd d WHERE a.id + b.id + c.id + d.id = -1"
ENDLESS = "SELECT a.id, b.name, c.name FROM crowd a, crowd b, crowd c, crowd d"


@pytest.fixture(scope="module")
def crowded(server: Running) -> Running:
    with server.raw() as client:
        table(client, "crowd", "(0, 'somebody with a name of some length')")
        for step in range(12):
            client.query(f"INSERT INTO crowd SELECT id + {2**step}, name FROM crowd")
    return server


def wait_until(condition: Callable[[], bool], seconds: float = 10.0) -> float:
    """Seconds until the condition held; fails where it does not in time."""
    start = monotonic()
    while not condition():
        assert monotonic() - start < seconds, "it did not happen in time"
        sleep(0.01)
    return monotonic() - start


def busy(found: Running, key: tuple[int, int]) -> bool:
    """True while the session with this key runs a statement."""
    return any(connection.key == key and connection.is_busy for connection in found.server._current())


def present(found: Running, key: tuple[int, int]) -> bool:
    """True while the session with this key exists."""
    return any(session.pid == key[0] for session in found.house.service.sessions())


@pytest.fixture
def client(crowded: Running) -> Iterator[RawClient]:
    with crowded.raw() as found:
        yield found


def test_a_cancel_is_felt_within_a_second_while_the_engine_works(crowded: Running, client: RawClient) -> None:
    client.send(raw.query(LONG))
    wait_until(lambda: busy(crowded, client.key))
    start = monotonic()
    assert raw.cancel(crowded.port, client.key) == b""
    answers = client.read_until(b"Z")
    assert monotonic() - start < 1.5
    assert error(answers)["C"] == "57014"
    assert answers[-1].body == b"I"
    assert tags(client.query("SELECT 1")) == ["SELECT 1"]


def test_a_cancel_in_a_block_fails_the_block(crowded: Running, client: RawClient) -> None:
    client.query("BEGIN")
    client.send(raw.query(LONG))
    wait_until(lambda: busy(crowded, client.key))
    raw.cancel(crowded.port, client.key)
    assert client.read_until(b"Z")[-1].body == b"E"
    assert client.query("ROLLBACK")[-1].body == b"I"


def test_a_cancel_in_the_extended_protocol_leaves_out_until_sync(crowded: Running, client: RawClient) -> None:
    client.send(raw.parse(LONG), raw.bind(), raw.execute(), raw.SYNC)
    wait_until(lambda: busy(crowded, client.key))
    wait_until(lambda: raw.cancel(crowded.port, client.key) == b"")
    answers = client.read_until(b"E")
    assert answers[-1].fields["C"] == "57014"
    assert kinds(client.read_until(b"Z")) == "Z"


def test_a_wrong_key_cancels_nothing(crowded: Running, client: RawClient) -> None:
    client.send(raw.query(LONG))
    wait_until(lambda: busy(crowded, client.key))
    assert raw.cancel(crowded.port, (client.key[0], client.key[1] ^ 1)) == b""
    assert raw.cancel(crowded.port, (client.key[0] + 999, client.key[1])) == b""
    assert busy(crowded, client.key)
    raw.cancel(crowded.port, client.key)
    assert error(client.read_until(b"Z"))["C"] == "57014"


def test_a_cancel_for_an_idle_session_does_not_hit_its_next_statement(crowded: Running, client: RawClient) -> None:
    raw.cancel(crowded.port, client.key)
    assert tags(client.query("SELECT count(*) FROM crowd")) == ["SELECT 1"]


def test_a_cancel_spares_the_neighbours(crowded: Running, client: RawClient) -> None:
    with crowded.raw() as neighbour:
        neighbour.send(raw.query("SELECT count(*) FROM crowd a, crowd b"))
        client.send(raw.query(LONG))
        wait_until(lambda: busy(crowded, client.key))
        raw.cancel(crowded.port, client.key)
        assert error(client.read_until(b"Z"))["C"] == "57014"
        assert rows(neighbour.read_until(b"Z")) == [[str(4096 * 4096).encode()]]


def test_a_cancel_is_felt_while_the_client_does_not_read(crowded: Running, client: RawClient) -> None:
    client.send(raw.query(ENDLESS))
    assert client.read().kind == b"T"
    assert client.read().kind == b"D"
    # Nobody reads now: the server's thread is stuck in its write until the cancel comes.
    raw.cancel(crowded.port, client.key)
    answers = client.read_until(b"Z")
    assert error(answers)["C"] == "57014"
    assert kinds(answers[-2:]) == "EZ"
    assert all(message.values[1] == b"somebody with a name of some length" for message in answers[:-2])


def test_over_tls_too_a_cancel_leaves_whole_messages(crowded: Running) -> None:
    with RawClient(crowded.port) as client:
        client.start_tls(crowded.certificate)
        from tests.clients.conftest import PASSWORD, USER

        client.log_in(USER, PASSWORD)
        client.send(raw.query(ENDLESS))
        assert client.read().kind == b"T"
        sleep(0.7)  # long enough for the server to meet a full buffer and look up
        raw.cancel(crowded.port, client.key)
        assert error(client.read_until(b"Z"))["C"] == "57014"
        assert tags(client.query("SELECT 1")) == ["SELECT 1"]


@pytest.mark.parametrize("text", [LONG, ENDLESS], ids=["while the engine works", "while rows are sent"])
def test_a_client_that_goes_takes_its_statement_with_it(crowded: Running, text: str) -> None:
    client = crowded.raw()
    client.send(raw.query(text))
    wait_until(lambda: busy(crowded, client.key))
    client.socket.close()
    assert wait_until(lambda: not present(crowded, client.key)) < 3


def test_a_client_that_stops_reading_is_cut_off_in_time(crowded: Running) -> None:
    with running(crowded.house, write_seconds_max=0.5) as strict, strict.raw() as client:
        client.send(raw.query(ENDLESS))
        assert client.read().kind == b"T"
        wait_until(lambda: not present(crowded, client.key))
        with pytest.raises((EOFError, ConnectionError)):
            client.read_until(b"Z")


def test_a_copy_that_waits_for_its_client_can_be_cancelled(crowded: Running, client: RawClient) -> None:
    name = table(client, "copy_cancelled")
    client.send(raw.query(f"COPY {name} FROM STDIN"), raw.copy_data(b"1\tone\n"))
    assert client.read().kind == b"G"
    raw.cancel(crowded.port, client.key)
    assert error(client.read_until(b"Z"))["C"] == "57014"
    client.send(raw.copy_data(b"2\ttwo\n"), raw.COPY_DONE)
    assert rows(client.query(f"SELECT id FROM {name}")) == []


def test_a_client_that_goes_in_the_middle_of_a_copy_leaves_nothing(crowded: Running, client: RawClient) -> None:
    name = table(client, "copy_left")
    other = crowded.raw()
    other.send(raw.query(f"COPY {name} FROM STDIN"), raw.copy_data(b"1\tone\n"))
    assert other.read().kind == b"G"
    other.socket.close()
    wait_until(lambda: not present(crowded, other.key))
    assert rows(client.query(f"SELECT id FROM {name}")) == []


def test_an_uncommitted_block_is_undone_when_its_client_goes(crowded: Running, client: RawClient) -> None:
    name = table(client, "left_open")
    other = crowded.raw()
    other.query(f"BEGIN; INSERT INTO {name} VALUES (1, 'x')")
    other.socket.close()
    wait_until(lambda: not present(crowded, other.key))
    assert rows(client.query(f"SELECT id FROM {name}")) == []


def test_a_session_idle_for_too_long_is_told_and_ended(crowded: Running) -> None:
    with running(crowded.house, idle_seconds_max=0.3) as strict, strict.raw() as client:
        answer = client.read()
        assert answer.fields["C"] == "57P05"
        assert client.is_closed()


def test_a_stopping_server_tells_idle_clients_and_takes_no_new_ones(crowded: Running) -> None:
    with running(crowded.house) as stopping:
        with stopping.raw() as idle:
            stopping.server.stop(5)
            answer = idle.read()
            assert answer.fields["C"] == "57P01"
            assert answer.fields["S"] == "FATAL"
            assert idle.is_closed()
        with pytest.raises(ConnectionRefusedError):
            RawClient(stopping.port)
        assert not stopping.server.accepting


def test_a_stopping_server_lets_a_running_statement_finish(crowded: Running) -> None:
    with running(crowded.house) as stopping, stopping.raw() as client:
        client.send(raw.query("SELECT count(*) FROM crowd a, crowd b, (SELECT id FROM crowd WHERE id < 40) c"))
        wait_until(lambda: busy(stopping, client.key))
        stopper = threading.Thread(target=stopping.server.stop, args=(30,))
        stopper.start()
        assert rows(client.read_until(b"Z")) == [[str(4096 * 4096 * 40).encode()]]
        assert client.read().fields["C"] == "57P01"
        stopper.join(10)
        assert not stopper.is_alive()


def test_a_stopping_server_cancels_what_outlasts_the_grace(crowded: Running) -> None:
    with running(crowded.house) as stopping, stopping.raw() as client:
        client.send(raw.query(LONG))
        wait_until(lambda: busy(stopping, client.key))
        start = monotonic()
        stopping.server.stop(0.2)
        assert monotonic() - start < 4
        assert error(client.read_until(b"Z"))["C"] == "57014"


def test_sessions_come_and_go_without_leaving_anything(crowded: Running) -> None:
    before = crowded.sessions()
    threads = threading.active_count()
    for _ in range(30):
        with crowded.raw() as client:
            client.query("SELECT 1")
            client.send(raw.TERMINATE)
            assert client.is_closed()
    wait_until(lambda: crowded.sessions() <= before)
    wait_until(lambda: threading.active_count() <= threads)
