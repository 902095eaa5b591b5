"""Passwords proved without being sent: SCRAM-SHA-256 (RFC 5802, 7677; channel binding of RFC 5929) and the salted
digest of Amazon's drivers (authentication code 13).

Verifiers are made where a user is created and kept in the house's catalog; the endpoint runs one exchange per
connection. Pure: salts and nonces are passed in by the caller, who owns the randomness.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
import stringprep
import unicodedata
from dataclasses import dataclass

from boathouse.contracts.errors import ProtocolViolation

ITERATIONS = 4096
SCRAM = "SCRAM-SHA-256"
SCRAM_PLUS = "SCRAM-SHA-256-PLUS"

_TEXT = re.compile(
    r"SCRAM-SHA-256\$(?P<iterations>\d+):(?P<salt>[^$:]+)\$(?P<stored>[^$:]+):(?P<server>[^$:]+)"
    r" DIGEST-SHA-256\$(?P<digest_salt>[^$:]+)\$(?P<digest>[^$:]+)"
)


@dataclass(frozen=True, slots=True)
class Verifier:
    """What is kept of a password: enough to check a proof, not enough to make one.

    Attributes:
        salt, iterations, stored_key, server_key: SCRAM's.
        digest_salt, digest: SHA-256(password ‖ salt), for Amazon's drivers. Whoever reads this one can answer
            their challenge, so it is to be kept as close as a password.
    """

    salt: bytes
    iterations: int
    stored_key: bytes
    server_key: bytes
    digest_salt: bytes
    digest: bytes

    def __repr__(self) -> str:
        return "Verifier(…)"

    def __str__(self) -> str:
        """The form in which it is stored; the first half is PostgreSQL's `rolpassword`."""
        return (
            f"SCRAM-SHA-256${self.iterations}:{_b64(self.salt)}${_b64(self.stored_key)}:{_b64(self.server_key)}"
            f" DIGEST-SHA-256${_b64(self.digest_salt)}${_b64(self.digest)}"
        )


def make_verifier(password: str, salt: bytes, digest_salt: bytes, iterations: int = ITERATIONS) -> Verifier:
    """The verifier of a password; both salts are 16 random bytes or more."""
    salted = hashlib.pbkdf2_hmac("sha256", prepare_password(password), salt, iterations)
    client_key = _hmac(salted, b"Client Key")
    return Verifier(
        salt=salt,
        iterations=iterations,
        stored_key=hashlib.sha256(client_key).digest(),
        server_key=_hmac(salted, b"Server Key"),
        digest_salt=digest_salt,
        digest=hashlib.sha256(password.encode() + digest_salt).digest(),
    )


def parse_verifier(text: str) -> Verifier:
    """The verifier that `str` wrote; ValueError for anything else."""
    found = _TEXT.fullmatch(text)
    if found is None:
        raise ValueError("not a password verifier")
    return Verifier(
        salt=_unb64(found["salt"]),
        iterations=int(found["iterations"]),
        stored_key=_unb64(found["stored"]),
        server_key=_unb64(found["server"]),
        digest_salt=_unb64(found["digest_salt"]),
        digest=_unb64(found["digest"]),
    )


def mock_verifier(user: str, seed: bytes) -> Verifier:
    """For users that do not exist: the same salts for the same name every time, and keys that no password has.

    Args:
        seed: the server's own random bytes, secret and stable, so that nobody can foretell the salts.
    """

    def material(purpose: str) -> bytes:
        return _hmac(seed, f"{purpose}\0{user}".encode("utf-8", "replace"))

    return Verifier(
        salt=material("salt")[:16],
        iterations=ITERATIONS,
        stored_key=material("stored"),
        server_key=material("server"),
        digest_salt=material("digest salt")[:16],
        digest=material("digest"),
    )


def check_digest(kept: bytes, server_nonce: bytes, client_nonce: bytes, digest: bytes) -> bool:
    """True where the answer to code 13 proves the password: SHA-256(kept digest ‖ server nonce ‖ client nonce)."""
    expected = hashlib.sha256(kept + server_nonce + client_nonce).digest()
    return hmac.compare_digest(expected, digest)


def check_password(verifier: Verifier, password: str) -> bool:
    """True where the password is the verifier's; for a password that came through another door."""
    salted = hashlib.pbkdf2_hmac("sha256", prepare_password(password), verifier.salt, verifier.iterations)
    stored = hashlib.sha256(_hmac(salted, b"Client Key")).digest()
    return hmac.compare_digest(stored, verifier.stored_key)


class ScramExchange:
    """The server's side of one SCRAM exchange: `first`, then `final`.

    Args:
        verifier: the user's, or a mock one.
        nonce: 18 or more random bytes.
        channel_binding: the `tls-server-end-point` data of the connection's certificate; None without TLS.
    """

    def __init__(self, verifier: Verifier, nonce: bytes, channel_binding: bytes | None) -> None:
        self._verifier = verifier
        self._nonce = _b64(nonce)
        self._channel_binding = channel_binding
        self._gs2_header = b""
        self._expected_binding = b""
        self._client_first_bare = ""
        self._server_first = ""

    @property
    def mechanisms(self) -> tuple[str, ...]:
        """What may be offered on this connection, best first."""
        return (SCRAM_PLUS, SCRAM) if self._channel_binding is not None else (SCRAM,)

    def first(self, mechanism: str, client_first: bytes) -> bytes:
        """Take client-first, give server-first. The user name in it is ignored, as the protocol says."""
        text = _text(client_first)
        flag, _, rest = text.partition(",")
        authzid, _, bare = rest.partition(",")
        if authzid:
            raise ProtocolViolation("client uses authorization identity, but it is not supported", sqlstate="0A000")
        self._check_binding_flag(mechanism, flag)
        self._gs2_header = f"{flag},{authzid},".encode()
        self._client_first_bare = bare
        attributes = bare.split(",")
        if attributes[0].startswith("m="):
            raise ProtocolViolation("client requires an unsupported SCRAM extension", sqlstate="0A000")
        if len(attributes) < 2 or not attributes[0].startswith("n=") or not attributes[1].startswith("r="):
            raise ProtocolViolation("malformed SCRAM message: user name and nonce expected")
        client_nonce = attributes[1][2:]
        if not client_nonce or not all("!" <= sign <= "~" for sign in client_nonce):
            raise ProtocolViolation("malformed SCRAM message: non-printable characters in nonce")
        self._nonce = client_nonce + self._nonce
        self._server_first = f"r={self._nonce},s={_b64(self._verifier.salt)},i={self._verifier.iterations}"
        return self._server_first.encode()

    def final(self, client_final: bytes) -> bytes | None:
        """Take client-final; give server-final, or None where the proof is wrong."""
        text = _text(client_final)
        without_proof, separator, proof_text = text.rpartition(",p=")
        attributes = without_proof.split(",")
        if not separator or len(attributes) < 2 or attributes[0][:2] != "c=" or attributes[1][:2] != "r=":
            raise ProtocolViolation("malformed SCRAM message: channel binding, nonce and proof expected")
        if attributes[0][2:] != _b64(self._gs2_header + self._expected_binding):
            raise ProtocolViolation("SCRAM channel binding check failed", sqlstate="28000")
        if not hmac.compare_digest(attributes[1][2:].encode(), self._nonce.encode()):
            raise ProtocolViolation("malformed SCRAM message: nonce does not match")
        try:
            proof = _unb64(proof_text)
        except ValueError:
            raise ProtocolViolation("malformed SCRAM message: malformed proof") from None
        message = f"{self._client_first_bare},{self._server_first},{without_proof}".encode()
        signature = _hmac(self._verifier.stored_key, message)
        if len(proof) != len(signature):
            raise ProtocolViolation("malformed SCRAM message: malformed proof")
        client_key = bytes(left ^ right for left, right in zip(proof, signature, strict=True))
        if not hmac.compare_digest(hashlib.sha256(client_key).digest(), self._verifier.stored_key):
            return None
        return b"v=" + _b64(_hmac(self._verifier.server_key, message)).encode()

    def _check_binding_flag(self, mechanism: str, flag: str) -> None:
        if mechanism not in self.mechanisms:
            raise ProtocolViolation("client selected an invalid SASL authentication mechanism")
        if mechanism == SCRAM_PLUS:
            if flag != "p=tls-server-end-point":
                raise ProtocolViolation("client selected channel binding, but did not name tls-server-end-point")
            self._expected_binding = self._channel_binding or b""
        elif flag == "y" and self._channel_binding is not None:
            # The client believes that binding is not offered, though it was: somebody removed the offer.
            raise ProtocolViolation("SCRAM channel binding negotiation error", sqlstate="28000")
        elif flag not in ("n", "y"):
            raise ProtocolViolation("malformed SCRAM message: unexpected channel-binding flag")


def prepare_password(password: str) -> bytes:
    """SASLprep (RFC 4013). A password that it prohibits is taken as it is, as PostgreSQL does."""
    raw = password.encode("utf-8", "surrogatepass")
    if password.isascii():
        return raw
    mapped = "".join(
        " " if stringprep.in_table_c12(sign) else sign for sign in password if not stringprep.in_table_b1(sign)
    )
    prepared = unicodedata.ucd_3_2_0.normalize("NFKC", mapped)
    if not prepared or any(_is_prohibited(sign) for sign in prepared) or not _is_bidi_sound(prepared):
        return raw
    return prepared.encode()


def _is_prohibited(sign: str) -> bool:
    return (
        stringprep.in_table_a1(sign)
        or stringprep.in_table_c12(sign)
        or stringprep.in_table_c21_c22(sign)
        or stringprep.in_table_c3(sign)
        or stringprep.in_table_c4(sign)
        or stringprep.in_table_c5(sign)
        or stringprep.in_table_c6(sign)
        or stringprep.in_table_c7(sign)
        or stringprep.in_table_c8(sign)
        or stringprep.in_table_c9(sign)
    )


def _is_bidi_sound(text: str) -> bool:
    if not any(stringprep.in_table_d1(sign) for sign in text):
        return True
    ends_right = stringprep.in_table_d1(text[0]) and stringprep.in_table_d1(text[-1])
    return ends_right and not any(stringprep.in_table_d2(sign) for sign in text)


def _hmac(key: bytes, message: bytes) -> bytes:
    return hmac.digest(key, message, "sha256")


def _b64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _unb64(text: str) -> bytes:
    try:
        return base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        raise ValueError("not base64") from None


def _text(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        raise ProtocolViolation("malformed SCRAM message: not UTF-8") from None
