"""Ending statements and sessions from another one, and sessions that stay silent."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.clients import raw_client as raw
from tests.clients.conftest import PASSWORD, Running
from tests.clients.raw_client import RawClient, error, rows, tags
from tests.clients.test_interruption import ENDLESS, LONG, busy, crowded, present, wait_until

from boathouse.contracts.users import User
from boathouse.wire.postgres.scram import make_verifier

__all__ = ["crowded"]


@pytest.fixture
def client(crowded: Running) -> Iterator[RawClient]:
    with crowded.raw() as found:
        yield found


@pytest.fixture
def ordinary(crowded: Running) -> Iterator[RawClient]:
    """A user who is no superuser."""
    if crowded.house.service.user("somebody") is None:
        verifier = make_verifier(PASSWORD, b"0123456789abcdef", b"0123456789abcdef")
        crowded.house.put_user(User("somebody", str(verifier), False))
    with RawClient(crowded.port) as found:
        found.log_in("somebody", PASSWORD)
        yield found


@pytest.mark.parametrize("text", [LONG, ENDLESS], ids=["while the engine works", "while rows are sent"])
def test_cancel_stops_anothers_statement_and_says_why(crowded: Running, client: RawClient, text: str) -> None:
    with crowded.raw() as other:
        other.send(raw.query(text))
        wait_until(lambda: busy(crowded, other.key))
        assert tags(client.query(f"CANCEL {other.key[0]} 'Too long for a morning'")) == ["CANCEL"]
        told = error(other.read_until(b"Z"))
        assert (told["C"], told["M"]) == ("57014", "Too long for a morning")
        assert tags(other.query("SELECT 1")) == ["SELECT 1"]
        found = rows(client.query(f"SELECT trim(type) FROM svl_terminate WHERE pid = {other.key[0]}"))
        assert found == [[b"CANCEL"]]


def test_a_function_cancels_too(crowded: Running, client: RawClient) -> None:
    with crowded.raw() as other:
        other.send(raw.query(LONG))
        wait_until(lambda: busy(crowded, other.key))
        sql = f"SELECT pg_cancel_backend(pid) FROM stv_inflight WHERE pid = {other.key[0]}"
        wait_until(lambda: rows(client.query(sql)) == [[b"1"]])
        assert error(other.read_until(b"Z"))["C"] == "57014"
    assert rows(client.query("SELECT pg_cancel_backend(1)")) == [[b"0"]]
    assert error(client.query("CANCEL 1"))["C"] == "42704"


@pytest.mark.parametrize("text", ["", LONG], ids=["idle", "busy"])
def test_a_session_can_be_ended(crowded: Running, client: RawClient, text: str) -> None:
    with crowded.raw() as other:
        if text:
            other.send(raw.query(text))
            wait_until(lambda: busy(crowded, other.key))
        assert rows(client.query(f"SELECT pg_terminate_backend({other.key[0]})")) == [[b"1"]]
        wait_until(lambda: not present(crowded, other.key))
        messages = []
        with pytest.raises((EOFError, ConnectionResetError)):
            while True:
                messages.append(other.read())
        last = [message for message in messages if message.kind == b"E"][-1].fields
        assert (last["S"], last["C"]) == ("FATAL", "57P01")


def test_a_session_can_end_itself(crowded: Running) -> None:
    with crowded.raw() as own:
        own.send(raw.query("SELECT pg_terminate_backend(pg_backend_pid())"))
        wait_until(lambda: not present(crowded, own.key))


def test_ordinary_users_reach_their_own_sessions_only(crowded: Running, client: RawClient, ordinary: RawClient) -> None:
    pid = client.key[0]
    for text in (f"CANCEL {pid}", f"SELECT pg_cancel_backend({pid})", f"SELECT pg_terminate_backend({pid})"):
        assert error(ordinary.query(text))["C"] == "42501", text
    assert tags(client.query("SELECT 1")) == ["SELECT 1"]
    with RawClient(crowded.port) as second:
        second.log_in("somebody", PASSWORD)
        second.send(raw.query("SELECT count(*) FROM stv_recents a, stv_recents b"))
        second.read_until(b"Z")
        assert rows(ordinary.query(f"SELECT pg_terminate_backend({second.key[0]})")) == [[b"1"]]
        wait_until(lambda: not present(crowded, second.key))


def test_ordinary_users_see_their_own_rows_only(crowded: Running, client: RawClient, ordinary: RawClient) -> None:
    user = crowded.house.service.user("somebody")
    assert user is not None
    client.query("SELECT 'mine alone'")
    ordinary.query("SELECT 'of somebody'")
    for name in ("stl_query", "svl_qlog", "stl_querytext", "svl_statementtext", "stv_recents", "stl_utilitytext"):
        found = rows(ordinary.query(f"SELECT DISTINCT userid FROM {name}"))
        assert found in ([[str(user.id).encode()]], []), name
    for name in ("svl_query_summary", "svl_query_report", "stl_explain"):
        assert rows(ordinary.query(f"SELECT DISTINCT userid FROM {name}")) == [[str(user.id).encode()]], name
    assert rows(ordinary.query("SELECT DISTINCT user_id FROM sys_query_detail")) == [[str(user.id).encode()]]
    assert rows(ordinary.query("SELECT count(*) > 0 FROM stl_query q")) == [[b"t"]]
    (crowded.home / "lake" / "private.csv").write_text("secret of the admin\n", encoding="utf-8")
    client.query("CREATE TABLE private (a INTEGER)")
    client.query("COPY private FROM 'private.csv' CSV")
    client.query("UNLOAD ('SELECT 1') TO 'private_out/'")
    for name in ("stl_load_errors", "stl_unload_log", "sys_load_error_detail"):
        assert rows(client.query(f"SELECT count(*) > 0 FROM {name}")) == [[b"t"]], name
        assert rows(ordinary.query(f"SELECT count(*) FROM {name}")) == [[b"0"]], name
    assert error(ordinary.query("SELECT * FROM stl_connection_log"))["C"] == "42501"
    seen = rows(client.query("SELECT count(DISTINCT userid) > 1 FROM stl_query"))
    assert seen == [[b"t"]]


@pytest.mark.parametrize(
    ("parameter", "block", "sqlstate"),
    [
        ("idle_session_timeout", False, "57P05"),
        ("idle_in_transaction_session_timeout", True, "25P03"),
    ],
)
def test_a_silent_session_ends_in_time(crowded: Running, parameter: str, block: bool, sqlstate: str) -> None:
    with crowded.raw() as silent:
        silent.query(f"SET {parameter} TO 200")
        if block:
            assert tags(silent.query("SELECT 1")) == ["SELECT 1"]
            silent.query("BEGIN")
        told = silent.read()
        assert (told.fields["S"], told.fields["C"]) == ("FATAL", sqlstate)
        assert silent.is_closed()
    asked = f"SELECT timed_out FROM stl_sessions WHERE process = {silent.key[0]} AND endtime > sysdate - interval '1 minute'"
    with crowded.raw() as other:
        wait_until(lambda: rows(other.query(asked)) == [[b"1"]])


def test_a_statement_timeout_is_the_sessions_own(crowded: Running, client: RawClient) -> None:
    with crowded.raw(options="-c statement_timeout=50ms") as hurried:
        told = error(hurried.query(LONG))
        assert (told["C"], told["M"]) == ("57014", "canceling statement due to statement timeout")
        hurried.query("SET statement_timeout TO 0")
        assert tags(hurried.query("SELECT 1")) == ["SELECT 1"]
    assert tags(client.query("SELECT count(*) FROM crowd a, crowd b")) == ["SELECT 1"]
