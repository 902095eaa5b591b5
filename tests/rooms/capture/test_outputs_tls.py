"""Outputs over TLS with certificates of one's own, to real servers; what a secret lacks is said, and no value of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from tests.rooms.capture import brokers
from tests.rooms.capture.receiver import Receiver

from boathouse.app.clock import SystemClock
from boathouse.capture.delivery import registered
from boathouse.capture.delivery.destination import Delivery, Opening
from boathouse.capture.output import Declared
from boathouse.capture.settings import CaptureSettings
from boathouse.contracts.errors import InvalidParameterValue
from boathouse.contracts.house import House
from boathouse.contracts.source_errors import OutputUnavailable
from boathouse.endpoints.postgres.certificate import ensure_certificate
from boathouse.testing import some_changes

TOKEN = "a-token-that-nobody-reads"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return ensure_certificate(tmp_path_factory.mktemp("server"))


@pytest.fixture(scope="module")
def another(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return ensure_certificate(tmp_path_factory.mktemp("another"))


@pytest.fixture
def receiver(certificate: tuple[Path, Path]) -> Iterator[Receiver]:
    made = Receiver(certificate)
    yield made
    made.end()


def deliver(home: Path, place: str, secret: Mapping[str, str], **options: Any) -> None:
    """As a house does: checked when it is declared, then opened with its secret."""
    house = House(home, {"capture": CaptureSettings()}, {"hook": secret}, None, SystemClock())  # type: ignore[arg-type]
    declared = Declared("tried", place, "", "block", "hook", tuple(options.items()))
    kind = registered.check(house, declared)
    opening = Opening(
        house, "some", "some_1", declared, registered.options_of(kind, declared), registered.secret_of(house, declared),
        registered.formatter_of(kind, declared), lambda seconds: False,
    )  # fmt: skip
    destination = kind.open(opening)
    try:
        changes = some_changes(10, [("insert", 1, "a"), ("insert", 2, "b")])
        destination.deliver(Delivery("some", "tried", opening.identity, [changes], opening.formatter))
    finally:
        destination.close()


def test_a_receiver_with_a_certificate_of_ones_own_is_told(
    tmp_path: Path, receiver: Receiver, certificate: tuple[Path, Path], another: tuple[Path, Path]
) -> None:
    secret = {"token": TOKEN, "ca_file": str(certificate[0])}
    deliver(tmp_path, receiver.url, secret)
    assert len(receiver.places()) == 2 and receiver.headers[0]["authorization"] == f"Bearer {TOKEN}"
    for ca_file in ({}, {"ca_file": str(another[0])}):
        with pytest.raises(OutputUnavailable, match="certificate is not to be trusted") as failure:
            deliver(tmp_path, receiver.url, {"token": TOKEN, **ca_file}, retries=0)
        assert TOKEN not in str(failure.value)
    assert len(receiver.bodies) == 1, "something was sent to a server that nobody trusts"


def test_a_receiver_may_ask_for_our_certificate(
    tmp_path: Path, receiver: Receiver, certificate: tuple[Path, Path]
) -> None:
    ours, key = for_clients(tmp_path)
    receiver.require(ours)
    believed = {"ca_file": str(certificate[0])}
    deliver(tmp_path, receiver.url, {**believed, "certificate_file": str(ours), "key_file": str(key)})
    assert len(receiver.places()) == 2
    with pytest.raises(OutputUnavailable):
        deliver(tmp_path, receiver.url, believed, retries=0)
    assert len(receiver.bodies) == 1


def for_clients(folder: Path) -> tuple[Path, Path]:
    """A certificate of a client, its own authority, and its key."""
    key, name = (
        ec.generate_private_key(ec.SECP256R1()),
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "boathouse")]),
    )
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(1))
        .not_valid_after(now + timedelta(1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False)
        .sign(key, hashes.SHA256())
    )
    certificate, private = folder / "ours.crt", folder / "ours.key"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return certificate, private


HTTPS, KAFKA = "https://host/changes", "kafka://host:9092/changes"


@pytest.mark.parametrize(
    ("place", "secret", "said"),
    [
        (HTTPS, {"tokn": TOKEN}, '"tokn", which means nothing'),
        (HTTPS, {"password": TOKEN}, "password, and no user"),
        (HTTPS, {"token": TOKEN, "user": "a"}, "a token and a user"),
        (HTTPS, {"token": TOKEN, "ca_file": "/none.pem"}, r'ca_file "/none\.pem" cannot be read: No such file'),
        (HTTPS, {"token": TOKEN, "ca_file": __file__}, "is no PEM file"),
        (HTTPS, {"token": TOKEN, "key_file": __file__}, "key_file, and no certificate_file"),
        ("http://host/changes", {"token": TOKEN}, "over https only"),
        (KAFKA, {"user": "a", "pasword": TOKEN}, '"pasword", which means nothing'),
        (KAFKA, {"user": "a"}, "needs a user and a password for SASL_SSL"),
        (KAFKA, {"user": "a", "password": TOKEN, "mechanism": "MD5"}, "mechanism is one of PLAIN, SCRAM"),
        (KAFKA, {"user": "a", "password": TOKEN, "protocol": "TLS"}, "protocol is one of SASL_SSL"),
        (KAFKA, {"user": "a", "password": TOKEN, "protocol": "SASL_PLAINTEXT"}, "through TLS only"),
        (KAFKA, {"user": "a", "password": TOKEN, "certificate_file": "/none.pem"}, "cannot be read"),
    ],
)
def test_what_a_secret_lacks_is_said_before_it_is_used(
    tmp_path: Path, place: str, secret: dict[str, str], said: str
) -> None:
    with pytest.raises(InvalidParameterValue, match=said) as failure:
        deliver(tmp_path, place, secret)
    assert TOKEN not in f"{failure.value} {failure.value.hint}"


@pytest.mark.skipif(brokers.MISSING is not None, reason=str(brokers.MISSING))
def test_a_broker_with_tls_and_scram_is_told_and_says_who_may_not(
    tmp_path: Path, certificate: tuple[Path, Path], another: tuple[Path, Path], caplog: pytest.LogCaptureFixture
) -> None:
    with brokers.real_broker(certificate) as servers:
        place = f"kafka://{servers.replace('127.0.0.1', 'localhost')}/changes"
        access = {"user": brokers.USER, "password": brokers.PASSWORD, "ca_file": str(certificate[0])}
        deliver(tmp_path, place, access, timeout_seconds=60.0)
        for wrong, said in (
            ({"password": TOKEN}, "does not let the user"),
            ({"ca_file": str(another[0])}, "TLS with the broker failed"),
            ({"mechanism": "PLAIN"}, "does not let the user"),
        ):
            with pytest.raises(OutputUnavailable, match=said):
                deliver(tmp_path, place, {**access, **wrong}, timeout_seconds=5.0)
    assert brokers.PASSWORD not in caplog.text and TOKEN not in caplog.text
