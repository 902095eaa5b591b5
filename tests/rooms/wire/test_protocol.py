"""The protocol machine: PostgreSQL documentation, chapters "Message Flow" and "Message Formats"."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.clients import raw_client as raw

from boathouse.contracts.errors import ProtocolViolation
from boathouse.wire.postgres import requests as r
from boathouse.wire.postgres.protocol import Phase, Protocol

LIMIT = 1 << 20
TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20)
NAMES = st.sampled_from(["", "s1", "portal"])
CODES = st.lists(st.sampled_from([0, 1]), max_size=4)
REQUESTS = st.one_of(
    TEXTS.map(raw.query),
    st.builds(raw.parse, TEXTS, NAMES, st.lists(st.sampled_from([0, 20, 23, 1700]), max_size=4)),
    st.builds(
        lambda values, portal, statement, formats, results: raw.bind(
            values, portal=portal, statement=statement, formats=formats, result_formats=results
        ),
        st.lists(st.none() | st.binary(max_size=20), max_size=4),
        NAMES,
        NAMES,
        CODES,
        CODES,
    ),
    st.builds(raw.describe, st.sampled_from("SP"), NAMES),
    st.builds(raw.execute, NAMES, st.integers(0, 1000)),
    st.builds(raw.close, st.sampled_from("SP"), NAMES),
    st.sampled_from([raw.FLUSH, raw.SYNC, raw.TERMINATE]),
)


def ready() -> Protocol:
    protocol = Protocol(LIMIT)
    protocol.authenticated()
    return protocol


def drain(protocol: Protocol) -> list[r.Request]:
    found = []
    while (request := protocol.next_request()) is not None:
        found.append(request)
    return found


@given(st.lists(REQUESTS, max_size=8), st.data())
@settings(max_examples=150)
def test_however_the_bytes_are_cut_the_requests_are_the_same(parts: list[bytes], data: st.DataObject) -> None:
    stream = b"".join(parts)
    whole = ready()
    whole.feed(stream)
    expected = drain(whole)
    assert len(expected) == len(parts)

    cut = ready()
    found: list[r.Request] = []
    at = 0
    while at < len(stream):
        size = data.draw(st.integers(1, len(stream) - at))
        cut.feed(stream[at : at + size])
        at += size
        found += drain(cut)
    assert found == expected
    assert cut.pending_bytes == 0


@given(st.binary(max_size=300), st.sampled_from([Phase.AUTHENTICATING, Phase.READY, Phase.COPYING, Phase.SKIPPING]))
@settings(max_examples=400)
def test_garbage_is_never_worse_than_a_protocol_violation(garbage: bytes, phase: Phase) -> None:
    protocol = ready()
    protocol.phase = phase
    protocol.feed(garbage)
    try:
        drain(protocol)
    except ProtocolViolation as violation:
        assert violation.sqlstate in ("08P01", "22021")


@given(st.sampled_from(sorted(b"QPBDECHSXdcfpF")), st.binary(max_size=60))
@settings(max_examples=400)
def test_a_framed_message_with_wrong_content_is_an_ordinary_error(kind: int, body: bytes) -> None:
    protocol = ready()
    protocol.feed(raw.typed(bytes([kind]), body) + raw.query("after"))
    try:
        found = drain(protocol)
    except ProtocolViolation:
        assert kind == ord("p"), "only a password out of place ends the connection"
        return
    assert found[-1] == r.Query("after")


@given(st.binary(max_size=100))
@settings(max_examples=300)
def test_a_garbled_startup_packet_is_never_worse_than_a_protocol_violation(garbage: bytes) -> None:
    for packet in (garbage, raw.untyped(garbage), raw.untyped(struct.pack("!i", 3 << 16) + garbage)):
        protocol = Protocol(LIMIT)
        protocol.feed(packet)
        try:
            protocol.startup_request()
        except ProtocolViolation as violation:
            assert violation.sqlstate in ("08P01", "0A000", "22021")


def test_startup_packets_are_told_apart_by_their_code() -> None:
    protocol = Protocol(LIMIT)
    protocol.feed(raw.untyped(struct.pack("!i", raw.GSSENC)) + raw.untyped(struct.pack("!i", raw.SSL)))
    assert protocol.startup_request() == r.GSSENCRequest()
    assert protocol.startup_request() == r.SSLRequest()
    assert protocol.startup_request() is None
    protocol.feed(raw.startup(user="me", database="dev"))
    assert protocol.startup_request() == r.StartupMessage(3, 0, {"user": "me", "database": "dev"})
    assert protocol.phase is Phase.AUTHENTICATING


def test_a_cancel_request_carries_its_key() -> None:
    protocol = Protocol(LIMIT)
    protocol.feed(raw.untyped(struct.pack("!iii", raw.CANCEL, 17, -5)))
    assert protocol.startup_request() == r.CancelRequest(17, -5)


@pytest.mark.parametrize("size", [0, 7, 10_001, 0x16030100])
def test_a_startup_packet_of_absurd_length_is_refused_before_it_is_read(size: int) -> None:
    protocol = Protocol(LIMIT)
    protocol.feed(struct.pack("!I", size))
    with pytest.raises(ProtocolViolation, match="startup packet"):
        protocol.startup_request()


def test_version_2_is_refused_as_not_supported() -> None:
    protocol = Protocol(LIMIT)
    protocol.feed(raw.startup(2 << 16))
    with pytest.raises(ProtocolViolation) as refused:
        protocol.startup_request()
    assert refused.value.sqlstate == "0A000"


def test_a_message_over_the_limit_is_refused_before_it_has_arrived() -> None:
    protocol = ready()
    protocol.feed(b"Q" + struct.pack("!i", LIMIT + 1))
    with pytest.raises(ProtocolViolation, match="lengths"):
        protocol.next_request()


def test_before_authentication_only_small_passwords_are_read() -> None:
    protocol = Protocol(LIMIT)
    protocol.phase = Phase.AUTHENTICATING
    protocol.feed(b"p" + struct.pack("!i", 65_536))
    with pytest.raises(ProtocolViolation):
        protocol.next_request()
    other = Protocol(LIMIT)
    other.phase = Phase.AUTHENTICATING
    other.feed(raw.query("select 1"))
    with pytest.raises(ProtocolViolation):
        other.next_request()


def test_after_a_failed_batch_everything_up_to_sync_is_left_out_unread() -> None:
    protocol = ready()
    protocol.fail_batch()
    wrong = raw.typed(b"B", b"not a Bind at all")
    protocol.feed(raw.parse("x") + wrong + raw.query("lost") + raw.FLUSH + raw.SYNC + raw.query("seen"))
    assert drain(protocol) == [r.Sync(), r.Query("seen")]


def test_a_client_may_leave_in_the_middle_of_a_failed_batch() -> None:
    protocol = ready()
    protocol.fail_batch()
    protocol.feed(raw.parse("x") + raw.TERMINATE)
    assert drain(protocol) == [r.Terminate()]


def test_flush_and_sync_mean_nothing_while_the_client_copies_in() -> None:
    protocol = ready()
    protocol.begin_copy()
    protocol.feed(raw.FLUSH + raw.SYNC + raw.copy_data(b"1\n") + raw.SYNC + raw.COPY_DONE)
    assert drain(protocol) == [r.CopyData(b"1\n"), r.CopyDone()]


def test_anything_else_in_the_middle_of_a_copy_is_a_violation() -> None:
    protocol = ready()
    protocol.begin_copy()
    protocol.feed(raw.query("select 1"))
    with pytest.raises(ProtocolViolation, match="COPY"):
        protocol.next_request()


def test_what_is_left_of_a_failed_copy_is_left_out() -> None:
    protocol = ready()
    protocol.begin_copy()
    protocol.end_copy()
    protocol.feed(raw.copy_data(b"late\n") + raw.COPY_DONE + raw.copy_fail("late") + raw.query("next"))
    assert drain(protocol) == [r.Query("next")]


def test_a_bind_takes_more_than_32767_values() -> None:
    protocol = ready()
    protocol.feed(raw.bind([None] * 40_000))
    (request,) = drain(protocol)
    assert isinstance(request, r.Bind)
    assert len(request.values) == 40_000


def test_text_that_is_not_utf8_is_an_ordinary_error_of_its_own_state() -> None:
    protocol = ready()
    protocol.feed(raw.typed(b"Q", b"select '\xff'\0"))
    (request,) = drain(protocol)
    assert isinstance(request, r.Malformed)
    assert request.error.sqlstate == "22021"
    assert not request.in_batch


def test_a_format_code_that_does_not_exist_is_refused() -> None:
    protocol = ready()
    protocol.feed(raw.bind([b"1"], formats=[2]))
    (request,) = drain(protocol)
    assert isinstance(request, r.Malformed)
    assert request.in_batch


@pytest.mark.parametrize(
    ("following", "is_last"),
    [(b"", False), (raw.SYNC, True), (raw.FLUSH + raw.SYNC, True), (raw.FLUSH, False), (raw.parse("x"), False)],
)
def test_it_can_be_told_whether_a_batch_goes_on(following: bytes, is_last: bool) -> None:
    protocol = ready()
    protocol.feed(raw.execute() + following)
    assert protocol.next_request() == r.Execute("", 0)
    assert protocol.next_is_sync() is is_last


def test_a_long_conversation_does_not_keep_what_it_has_read() -> None:
    protocol = ready()
    for _ in range(300):
        protocol.feed(raw.query("x" * 1000))
        assert protocol.next_request() is not None
    assert len(protocol._buffer) < 100_000
