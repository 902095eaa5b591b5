"""A conversation followed from outside: bytes unchanged however they are cut, answers with their requests; passwords proved."""

from __future__ import annotations

import hashlib
import itertools
import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boathouse.contracts.errors import ProtocolViolation
from boathouse.wire.postgres import client, exchange, hashes, messages
from boathouse.wire.postgres.exchange import LARGE_BYTES, Exchange
from boathouse.wire.postgres.requests import decode_digest
from boathouse.wire.postgres.scram import ScramExchange, check_digest, make_verifier


class Told:
    """What a follower was told."""

    def __init__(self) -> None:
        self.events: list[Any] = []

    def completed(self, note: Any, tag: str, *, is_last: bool) -> None:
        self.events.append(("completed", note, tag, is_last))

    def prepared(self, note: Any) -> None:
        self.events.append(("prepared", note))

    def failed(self, note: Any, fields: dict[str, str]) -> bytes | None:
        self.events.append(("failed", note, fields["C"]))
        return None

    def skipped(self, note: Any) -> None:
        self.events.append(("skipped", note))

    def reported(self, name: str, value: str) -> None:
        self.events.append(("reported", name, value))

    def ready(self) -> None:
        self.events.append("ready")


def message(kind: bytes, body: bytes = b"") -> bytes:
    return kind + struct.pack("!i", len(body) + 4) + body


ROW, ERROR, READY = (
    message(b"D", b"\0\1" + b"x" * 30),
    messages.error_response("no", "22012"),
    messages.ready_for_query("I"),
)
PIECES = st.sampled_from(
    [ROW, message(b"D", b"y" * 9), message(b"d", b"z" * 50), message(b"N", b"SNOTICE\0\0"), message(b"T", b"\0\0"),
     messages.parameter_status("TimeZone", "UTC"), message(b"A", b"\0\0\0\1a\0b\0"), ERROR, READY,
     messages.command_complete("SELECT 3"), messages.PARSE_COMPLETE, messages.BIND_COMPLETE, messages.PORTAL_SUSPENDED]
)  # fmt: skip


def followed(data: bytes, cuts: list[int], requests: bytes) -> tuple[bytes, list[Any]]:
    told = Told()
    machine = Exchange(told)
    for at, kind in enumerate(requests):
        machine.forwarded(kind, at)
    edges = sorted({0, len(data), *(cut % (len(data) + 1) for cut in cuts)})
    out = b"".join(b"".join(machine.feed(data[a:b])) for a, b in itertools.pairwise(edges))
    return out, told.events


@given(st.lists(PIECES, max_size=30), st.lists(st.integers(0, 10_000), max_size=20), st.text("QPBDECSFH", max_size=20))
def test_however_the_bytes_are_cut(pieces: list[bytes], cuts: list[int], requests: str) -> None:
    data = b"".join(pieces)
    out, events = followed(data, cuts, requests.encode())
    assert out == data
    assert events == followed(data, [], requests.encode())[1]


def test_a_large_message_passes_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exchange, "LARGE_BYTES", 64)
    machine = Exchange(Told())
    data = message(b"D", b"x" * 100)
    assert b"".join(machine.feed(data[:50])) == data[:50]
    assert machine.is_inside
    assert b"".join(machine.feed(data[50:] + ROW[:20])) == data[50:]
    assert not machine.is_inside
    assert b"".join(machine.feed(ROW[20:])) == ROW
    assert LARGE_BYTES > 64


def test_answers_belong_to_their_requests() -> None:
    told = Told()
    machine = Exchange(told)
    for kind, note in (
        (b"P", "parse"),
        (b"B", None),
        (b"E", "one"),
        (b"E", "two"),
        (b"S", None),
        (b"E", "three"),
        (b"S", None),
    ):
        machine.forwarded(kind[0], note)
    machine.feed(
        messages.PARSE_COMPLETE + messages.BIND_COMPLETE + ROW + messages.command_complete("SELECT 1") + ERROR + READY
    )
    assert told.events == [
        ("prepared", "parse"), ("completed", "one", "SELECT 1", True), ("failed", "two", "22012"), "ready"
    ]  # fmt: skip
    assert machine.is_busy
    machine.feed(messages.command_complete("SELECT 2") + READY)
    assert told.events[4:] == [("completed", "three", "SELECT 2", True), "ready"]
    assert not machine.is_busy


def test_what_a_failed_batch_skips_is_told() -> None:
    told = Told()
    machine = Exchange(told)
    for kind, note in ((b"E", "bad"), (b"P", None), (b"E", "never"), (b"S", None)):
        machine.forwarded(kind[0], note)
    machine.feed(ERROR)
    machine.forwarded(b"E"[0], "the next batch")
    machine.forwarded(b"S"[0])
    machine.feed(READY)
    assert told.events == [("failed", "bad", "22012"), ("skipped", None), ("skipped", "never"), "ready"]


def test_a_refusal_takes_the_place_of_the_error_that_it_caused() -> None:
    machine = Exchange(Told())
    machine.forwarded(b"Q"[0], None, b"refused")
    assert b"".join(machine.feed(ERROR + READY)) == b"refused" + READY


@given(
    st.text(min_size=1, max_size=20).filter(lambda text: "\0" not in text),
    st.binary(min_size=16, max_size=16),
    st.booleans(),
)
def test_a_password_is_proved_to_our_own_server(password: str, salt: bytes, is_bound: bool) -> None:
    end_point = salt if is_bound else None
    server = ScramExchange(make_verifier(password, salt, salt, 10), b"n" * 24, end_point)
    asking = client.ScramClient(password, server.mechanisms, b"m" * 24, end_point)
    first = asking.first()[5:]
    mechanism, _, rest = first.partition(b"\0")
    challenge = server.first(mechanism.decode(), rest[4:])
    final = server.final(asking.final(challenge)[5:])
    assert final is not None
    asking.check(final)
    with pytest.raises(ProtocolViolation):
        asking.check(b"v=AAAA")
    wrong = client.ScramClient(password + "x", server.mechanisms, b"m" * 24, end_point)
    again = ScramExchange(make_verifier(password, salt, salt, 10), b"n" * 24, end_point)
    again.first(mechanism.decode(), wrong.first()[5:].partition(b"\0")[2][4:])
    assert again.final(wrong.final(again.first(mechanism.decode(), rest[4:]))[5:]) is None


@pytest.mark.parametrize("challenge", [b"", b"r=x", b"r=zz,s=AAAA,i=1", b"r=bW1t,s=!,i=4096", b"\xff"])
def test_a_challenge_that_is_none(challenge: bytes) -> None:
    with pytest.raises(ProtocolViolation):
        client.ScramClient("p", ("SCRAM-SHA-256",), b"mmm", None).final(challenge)


def test_older_proofs() -> None:
    kept = "md5" + hashlib.md5(b"pinteller").hexdigest()
    assert hashes.check_md5(kept, b"salt", client.md5_password("teller", "pin", b"salt")[5:-1])
    verifier = make_verifier("pin", b"s" * 16, b"d" * 16, 10)
    request = messages.authentication_digest(verifier.digest_salt, b"server")[9:]
    answer = decode_digest(client.digest_password("pin", request, b"client")[5:])
    assert check_digest(verifier.digest, b"server", answer.nonce, answer.digest)
    with pytest.raises(ProtocolViolation):
        client.digest_password("pin", b"\0", b"client")
