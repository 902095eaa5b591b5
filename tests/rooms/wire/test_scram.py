"""Password proofs: RFC 5802 and 7677 (SCRAM-SHA-256), RFC 5929 (binding), RFC 4013 (SASLprep), Amazon's digest."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boathouse.contracts.errors import ProtocolViolation
from boathouse.wire.postgres.scram import (
    SCRAM,
    SCRAM_PLUS,
    ScramExchange,
    check_digest,
    check_password,
    make_verifier,
    mock_verifier,
    parse_verifier,
    prepare_password,
)

SALT = base64.b64decode("W22ZaJ0SNY7soEsUEjb6gQ==")
END_POINT = hashlib.sha256(b"certificate").digest()


class Client:
    """The client's side, after the RFC."""

    def __init__(self, password: str, gs2: str = "n,,", binding: bytes = b"") -> None:
        self.password = password
        self.gs2 = gs2
        self.binding = binding
        self.bare = "n=,r=client-nonce"
        self.signed = b""

    @property
    def first(self) -> bytes:
        return (self.gs2 + self.bare).encode()

    def final(self, server_first: bytes) -> bytes:
        parts = dict(part.split("=", 1) for part in server_first.decode().split(","))
        self.salted = hashlib.pbkdf2_hmac(
            "sha256", prepare_password(self.password), base64.b64decode(parts["s"]), int(parts["i"])
        )
        key = hmac.digest(self.salted, b"Client Key", "sha256")
        without = f"c={base64.b64encode(self.gs2.encode() + self.binding).decode()},r={parts['r']}"
        self.signed = f"{self.bare},{server_first.decode()},{without}".encode()
        signature = hmac.digest(hashlib.sha256(key).digest(), self.signed, "sha256")
        proof = bytes(a ^ b for a, b in zip(key, signature, strict=True))
        return f"{without},p={base64.b64encode(proof).decode()}".encode()

    def accepts(self, server_final: bytes) -> bool:
        expected = hmac.digest(hmac.digest(self.salted, b"Server Key", "sha256"), self.signed, "sha256")
        return server_final == b"v=" + base64.b64encode(expected)


def verifier(password: str = "pencil"):
    return make_verifier(password, SALT, b"digest-salt-0016")


def test_the_example_of_rfc_7677_is_reproduced() -> None:
    exchange = ScramExchange(make_verifier("pencil", SALT, b"x"), b"", None)
    exchange._nonce = "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"
    first = exchange.first(SCRAM, b"n,,n=user,r=rOprNGfwEbeRWgbNEkqO")
    assert first == b"r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096"
    final = exchange.final(
        b"c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
    )
    assert final == b"v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="


@given(st.text(max_size=12), st.text(max_size=12))
@settings(max_examples=15)
def test_only_the_right_password_proves_itself(password: str, other: str) -> None:
    for tried in (password, other):
        exchange = ScramExchange(verifier(password), b"server-nonce", None)
        client = Client(tried)
        final = exchange.final(client.final(exchange.first(SCRAM, client.first)))
        if prepare_password(tried) == prepare_password(password):
            assert final is not None
            assert client.accepts(final)
        else:
            assert final is None


def test_channel_binding_proves_that_both_sides_see_the_same_certificate() -> None:
    gs2 = "p=tls-server-end-point,,"
    exchange = ScramExchange(verifier(), b"n", END_POINT)
    assert exchange.mechanisms == (SCRAM_PLUS, SCRAM)
    client = Client("pencil", gs2, END_POINT)
    final = exchange.final(client.final(exchange.first(SCRAM_PLUS, client.first)))
    assert final is not None
    assert client.accepts(final)

    between = ScramExchange(verifier(), b"n", END_POINT)
    victim = Client("pencil", gs2, hashlib.sha256(b"another certificate").digest())
    with pytest.raises(ProtocolViolation, match="channel binding"):
        between.final(victim.final(between.first(SCRAM_PLUS, victim.first)))


def test_an_offer_of_binding_that_was_taken_away_is_noticed() -> None:
    with pytest.raises(ProtocolViolation, match="negotiation"):
        ScramExchange(verifier(), b"n", END_POINT).first(SCRAM, b"y,,n=,r=abc")
    ScramExchange(verifier(), b"n", None).first(SCRAM, b"y,,n=,r=abc")


@pytest.mark.parametrize(
    ("mechanism", "first"),
    [
        ("SCRAM-SHA-1", b"n,,n=,r=abc"),
        (SCRAM_PLUS, b"p=tls-server-end-point,,n=,r=abc"),
        (SCRAM, b"p=tls-server-end-point,,n=,r=abc"),
        (SCRAM, b"n,a=other,n=,r=abc"),
        (SCRAM, b"n,,m=x,n=,r=abc"),
        (SCRAM, b"n,,r=abc"),
        (SCRAM, b"n,,n=,r="),
        (SCRAM, b"n,,n=,r=\x07"),
        (SCRAM, b"\xff"),
        (SCRAM, b""),
    ],
)
def test_a_malformed_first_message_is_a_violation(mechanism: str, first: bytes) -> None:
    with pytest.raises(ProtocolViolation):
        ScramExchange(verifier(), b"n", None).first(mechanism, first)


@given(st.binary(max_size=60))
def test_garbage_is_never_worse_than_a_violation(garbage: bytes) -> None:
    for prefix in (b"", b"n,,", b"n,,n=,r="):
        with contextlib.suppress(ProtocolViolation):
            ScramExchange(verifier(), b"n", None).first(SCRAM, prefix + garbage)
    exchange = ScramExchange(verifier(), b"n", None)
    exchange.first(SCRAM, b"n,,n=,r=abc")
    with contextlib.suppress(ProtocolViolation):
        assert exchange.final(garbage) is None


def test_a_replayed_answer_fails_against_a_new_nonce() -> None:
    first = ScramExchange(verifier(), b"one", None)
    client = Client("pencil")
    answer = client.final(first.first(SCRAM, client.first))
    assert first.final(answer) is not None
    second = ScramExchange(verifier(), b"two", None)
    second.first(SCRAM, client.first)
    with pytest.raises(ProtocolViolation, match="nonce"):
        second.final(answer)


def test_a_verifier_survives_being_stored_and_never_shows_itself() -> None:
    kept = verifier()
    assert parse_verifier(str(kept)) == kept
    assert str(kept).startswith("SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$")
    assert "pencil" not in str(kept)
    assert base64.b64encode(kept.stored_key).decode() not in repr(kept)
    assert check_password(kept, "pencil")
    assert not check_password(kept, "Pencil")
    with pytest.raises(ValueError):
        parse_verifier("md5abc")


def test_amazons_digest_is_answered_as_their_driver_answers() -> None:
    kept = verifier()
    inner = hashlib.sha256(b"pencil" + kept.digest_salt).digest()
    answer = hashlib.sha256(inner + b"server" + b"1700000000000").digest()
    assert check_digest(kept.digest, b"server", b"1700000000000", answer)
    assert not check_digest(kept.digest, b"another", b"1700000000000", answer)
    assert not check_digest(verifier("other").digest, b"server", b"1700000000000", answer)


def test_an_unknown_user_always_shows_the_same_salts_and_other_servers_show_others() -> None:
    one, again = mock_verifier("ghost", b"seed"), mock_verifier("ghost", b"seed")
    assert one == again
    assert len(one.salt) == len(verifier().salt)
    assert one.iterations == verifier().iterations
    assert mock_verifier("ghost", b"another seed").salt != one.salt
    assert mock_verifier("other", b"seed").salt != one.salt
    assert one.salt != one.digest_salt


@pytest.mark.parametrize(
    ("password", "prepared"),
    [
        ("I\u00adX", "IX"),
        ("user", "user"),
        ("\u00aa", "a"),
        ("\u2168", "IX"),
        ("a\u00a0b", "a b"),
        ("\u0007\u00e9", "\u0007\u00e9"),
        ("\u06271", "\u06271"),
    ],
)
def test_passwords_are_prepared_as_rfc_4013_says_and_prohibited_ones_are_taken_as_they_are(
    password: str, prepared: str
) -> None:
    assert prepare_password(password) == prepared.encode()
