"""From the first byte to ReadyForQuery: PostgreSQL protocol, "Start-up"; encryption, authentication, limits."""

from __future__ import annotations

import hashlib
import socket
import ssl
import stat
import struct
from pathlib import Path

import pytest
from tests.clients import raw_client as raw
from tests.clients.conftest import DATABASE, PASSWORD, USER, Running, running
from tests.clients.raw_client import RawClient

from boathouse.endpoints.postgres.certificate import ensure_certificate


def test_gssapi_then_tls_are_asked_on_one_socket_and_answered_by_one_byte_each(server: Running) -> None:
    with RawClient(server.port) as client:
        client.send(raw.untyped(struct.pack("!i", raw.GSSENC)))
        assert client.read_exactly(1) == b"N"
        client.start_tls(server.certificate)
        assert client.log_in(USER, PASSWORD)[-1].kind == b"Z"
        assert isinstance(client.socket, ssl.SSLSocket)
        assert client.socket.version() in ("TLSv1.2", "TLSv1.3")
        assert client.mechanisms == ["SCRAM-SHA-256-PLUS", "SCRAM-SHA-256"]


def test_a_refused_gssapi_request_leaves_the_plain_conversation_open(server: Running) -> None:
    with RawClient(server.port) as client:
        client.send(raw.untyped(struct.pack("!i", raw.GSSENC)))
        assert client.read_exactly(1) == b"N"
        client.log_in(USER, PASSWORD)
        assert client.mechanisms == ["SCRAM-SHA-256"]


def test_plain_bytes_slipped_in_before_the_handshake_are_refused(server: Running) -> None:
    """CVE-2021-23222 and its like."""
    with RawClient(server.port) as client:
        client.send(raw.untyped(struct.pack("!i", raw.SSL)) + raw.startup(user=USER, database=DATABASE))
        answer = client.read()
        assert answer.fields["C"] == "08P01"
        assert answer.fields["S"] == "FATAL"
        assert client.is_closed()


def test_asking_for_tls_twice_is_refused(server: Running) -> None:
    with running(server.house, tls="off") as plain, RawClient(plain.port) as client:
        client.send(raw.untyped(struct.pack("!i", raw.SSL)))
        assert client.read_exactly(1) == b"N"
        client.send(raw.untyped(struct.pack("!i", raw.SSL)))
        assert client.read().fields["C"] == "08P01"


def test_tls_older_than_1_2_is_refused(server: Running) -> None:
    with RawClient(server.port) as client:
        client.send(raw.untyped(struct.pack("!i", raw.SSL)))
        assert client.read_exactly(1) == b"S"
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
        with pytest.raises((ssl.SSLError, ConnectionError)):
            context.wrap_socket(client.socket)


def test_a_server_that_requires_tls_says_so_to_plain_clients(server: Running) -> None:
    with running(server.house, tls="require") as strict, RawClient(strict.port) as client:
        client.send(raw.startup(user=USER, database=DATABASE))
        answer = client.read()
        assert answer.fields["C"] == "28000"
        assert "encrypted" in answer.fields["M"]
        assert client.is_closed()


def test_the_certificate_is_made_once_and_only_its_owner_can_read_it(tmp_path: Path) -> None:
    certificate, key = ensure_certificate(tmp_path)
    first = certificate.read_bytes(), key.read_bytes()
    for path in (certificate, key):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert ensure_certificate(tmp_path) == (certificate, key)
    assert (certificate.read_bytes(), key.read_bytes()) == first


def test_a_newer_protocol_and_its_options_are_negotiated_down(server: Running) -> None:
    with RawClient(server.port) as client:
        parameters = {"user": USER, "database": DATABASE, "_pq_.compression": "lz4:1"}
        client.send(raw.startup((3 << 16) | 2, **parameters))
        answer = client.read()
        assert answer.kind == b"v"
        assert answer.body == struct.pack("!ii", 3 << 16, 1) + b"_pq_.compression\0"
        client.authenticate(PASSWORD)
        assert client.read_until(b"Z")[-1].body == b"I"


def test_the_session_introduces_itself_as_redshift_does(server: Running) -> None:
    with server.raw(application_name="tests") as client:
        reported = client.parameters
        expected = {
            "server_version": "8.0.2",
            "server_encoding": "UTF8",
            "client_encoding": "UTF8",
            "DateStyle": "ISO, MDY",
            "IntervalStyle": "postgres",
            "TimeZone": "UTC",
            "integer_datetimes": "on",
            "standard_conforming_strings": "on",
            "session_authorization": USER,
            "application_name": "tests",
        }
        assert {name: reported.get(name) for name in expected} == expected
        assert {"is_superuser", "padb_revision", "padb_version"} <= set(reported)
        assert client.key[0] > 0


def test_every_session_has_a_cancel_key_of_its_own(server: Running) -> None:
    with server.raw() as one, server.raw() as other:
        assert one.key[0] != other.key[0]
        assert one.key[1] != other.key[1]


def test_any_startup_parameter_is_accepted_and_options_are_settings(server: Running) -> None:
    with server.raw(
        options=r"-c search_path=some\ where -c query_group=nightly --extra_float_digits=2",
        driver_version="some driver",
        os_version="any",
        plugin_name="none",
        client_protocol_version="2",
    ) as client:
        assert raw.rows(client.query("SHOW query_group")) == [[b"nightly"]]
        assert raw.rows(client.query("SHOW extra_float_digits")) == [[b"2"]]


@pytest.mark.parametrize("user", [USER, "nobody-of-that-name"])
def test_a_wrong_password_and_an_unknown_user_fail_in_the_same_words(server: Running, user: str) -> None:
    with RawClient(server.port) as client:
        with pytest.raises(PermissionError) as refused:
            client.log_in(user, "wrong")
        assert refused.value.args == ("28P01", f'password authentication failed for user "{user}"')
        assert client.is_closed()


def test_an_unknown_user_meets_the_same_salt_every_time(server: Running) -> None:
    def salt(user: str) -> str:
        with RawClient(server.port) as client:
            client.send(raw.startup(user=user, database=DATABASE))
            client.read()
            first = b"n,,n=,r=abcdefgh"
            client.send(raw.typed(b"p", b"SCRAM-SHA-256\0" + struct.pack("!i", len(first)) + first))
            challenge = client.read().body[4:].decode()
            return challenge.split(",")[1]

    assert salt("ghost") == salt("ghost")
    assert salt("ghost") != salt("spirit")
    assert salt(USER) == salt(USER)


@pytest.mark.parametrize("user", [USER, "nobody-of-that-name"])
def test_amazons_drivers_prove_themselves_by_their_digest(server: Running, user: str) -> None:
    def attempt(password: str) -> raw.Message:
        with RawClient(server.port) as client:
            client.send(raw.startup(user=user, database=DATABASE, driver_version="Redshift JDBC Driver 2.2"))
            request = client.read()
            assert struct.unpack_from("!iii", request.body) == (13, 0, 16)
            salt, (size,) = request.body[12:28], struct.unpack_from("!i", request.body, 28)
            nonce = request.body[32 : 32 + size]
            inner = hashlib.sha256(password.encode() + salt).digest()
            digest = hashlib.sha256(inner + nonce + b"1700000000000").digest()
            answer = struct.pack("!i", 32) + digest + struct.pack("!i", 13) + b"1700000000000"
            client.send(raw.typed(b"d", answer))
            return client.read()

    assert attempt("wrong").fields["C"] == "28P01"
    right = attempt(PASSWORD)
    assert (right.kind == b"R") == (user == USER)


def test_queries_before_the_password_end_the_connection(server: Running) -> None:
    with RawClient(server.port) as client:
        client.send(raw.startup(user=USER, database=DATABASE), raw.query("select 1"))
        found = client.read_until(b"E")
        assert found[-1].fields["C"] == "08P01"
        assert client.is_closed()


def test_an_unknown_database_is_named(server: Running) -> None:
    with RawClient(server.port) as client:
        client.send(raw.startup(user=USER, database="elsewhere"))
        client.authenticate(PASSWORD)
        answer = client.read_until(b"E")[-1]
        assert answer.fields["C"] == "3D000"
        assert answer.fields["S"] == "FATAL"
        assert '"elsewhere"' in answer.fields["M"]


@pytest.mark.parametrize("garbage", [b"GET / HTTP/1.1\r\n\r\n", b"\0\0\0\4", b"\xff" * 20, b"\x16\x03\x01\x02\x00\x01"])
def test_whoever_speaks_something_else_is_told_and_cut_off(server: Running, garbage: bytes) -> None:
    with RawClient(server.port) as client:
        client.send(garbage)
        assert client.read().fields["C"] == "08P01"
        assert client.is_closed()


def test_a_client_that_never_gets_in_is_cut_off_in_time(server: Running) -> None:
    with running(server.house, startup_seconds_max=0.3) as hasty, RawClient(hasty.port) as silent:
        assert silent.is_closed()
        with RawClient(hasty.port) as slow:
            slow.send(raw.startup(user=USER, database=DATABASE))
            assert slow.read().kind == b"R"
            assert slow.is_closed()


def test_one_connection_too_many_is_refused_and_cancels_still_come_through(server: Running) -> None:
    with running(server.house, connections_max=1) as small:
        with small.raw() as first:
            with RawClient(small.port) as second:
                second.send(raw.startup(user=USER, database=DATABASE))
                answer = second.read()
                assert answer.fields["C"] == "53300"
                assert answer.fields["S"] == "FATAL"
            assert raw.cancel(small.port, first.key) == b""
            assert raw.tags(first.query("SELECT 1")) == ["SELECT 1"]
            first.send(raw.TERMINATE)
            assert first.is_closed()
        with small.raw() as next_one:
            assert raw.tags(next_one.query("SELECT 1")) == ["SELECT 1"]


def test_over_tls_the_server_takes_its_leave_properly(server: Running) -> None:
    """libpq reports a cancel as failed where the encrypted connection just breaks off."""
    with RawClient(server.port) as client:
        client.start_tls(server.certificate)
        client.send(raw.untyped(struct.pack("!iii", raw.CANCEL, 1, 1)))
        assert isinstance(client.socket, ssl.SSLSocket)
        client.socket.suppress_ragged_eofs = False
        assert client.socket.recv(1) == b""


def test_a_port_that_is_taken_is_an_os_error(server: Running) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        from boathouse.endpoints.postgres.server import PostgresServer
        from boathouse.endpoints.postgres.settings import PostgresSettings

        port = taken.getsockname()[1]
        other = PostgresServer(server.house.service, PostgresSettings(), "127.0.0.1", port, server.home)
        with pytest.raises(OSError):
            other.start()
