"""A certificate's end point (RFC 5929), beside what a library of certificates says of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.x509.oid import NameOID

from boathouse.wire.postgres.certificates import end_point

RSA = rsa.generate_private_key(65537, 2048)
CURVE = ec.generate_private_key(ec.SECP256R1())
NAME = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "here")])


def signed(key: object, algorithm: hashes.HashAlgorithm | None, pad: object = None) -> bytes:
    made = (
        x509.CertificateBuilder()
        .subject_name(NAME)
        .issuer_name(NAME)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime.now(UTC))
        .not_valid_after(datetime.now(UTC) + timedelta(days=1))
        .sign(key, algorithm, rsa_padding=pad)
    )
    return made.public_bytes(serialization.Encoding.DER)


@pytest.mark.parametrize(
    ("key", "algorithm", "pad", "wanted"),
    [
        (RSA, hashes.SHA256(), None, hashes.SHA256()),
        (RSA, hashes.SHA384(), None, hashes.SHA384()),
        (RSA, hashes.SHA512(), None, hashes.SHA512()),
        (RSA, hashes.SHA224(), None, hashes.SHA224()),
        (RSA, hashes.SHA512(), padding.PSS(padding.MGF1(hashes.SHA512()), 64), hashes.SHA512()),
        (CURVE, hashes.SHA256(), None, hashes.SHA256()),
        (CURVE, hashes.SHA384(), None, hashes.SHA384()),
        (CURVE, hashes.SHA512(), None, hashes.SHA512()),
        (ed25519.Ed25519PrivateKey.generate(), None, None, hashes.SHA256()),
    ],
    ids=lambda value: getattr(value, "name", type(value).__name__),
)
def test_an_end_point_is_hashed_as_the_certificate_was_signed(key, algorithm, pad, wanted):
    der = signed(key, algorithm, pad)
    assert end_point(der) == x509.load_der_x509_certificate(der).fingerprint(wanted)


def test_bytes_that_are_no_certificate_are_told():
    with pytest.raises(ValueError, match="pars"):
        end_point(b"\x30\x03\x02\x01\x05")
