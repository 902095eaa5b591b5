"""TLS for a house that was given no certificate, and what SCRAM's channel binding needs of any certificate.

Makes a self-signed certificate in the home once; hands the server an `ssl.SSLContext` and the
`tls-server-end-point` data (RFC 5929, section 4).
"""

from __future__ import annotations

import os
import socket
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from boathouse.wire.postgres.certificates import end_point

CERTIFICATE_FILE = "server.crt"
KEY_FILE = "server.key"
_VALID_DAYS = 3650


@dataclass(frozen=True, slots=True)
class Tls:
    """TLS as the server offers it.

    Attributes:
        context: TLS 1.2 or newer.
        end_point: the certificate's hash that channel binding compares.
    """

    context: ssl.SSLContext
    end_point: bytes


def load_tls(certificate: Path, key: Path) -> Tls:
    """TLS from PEM files; OSError or ssl.SSLError where they cannot be used."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_COMPRESSION
    context.set_alpn_protocols(["postgresql"])
    context.load_cert_chain(certificate, key)
    leaf = x509.load_pem_x509_certificates(certificate.read_bytes())[0]
    return Tls(context, end_point(leaf.public_bytes(serialization.Encoding.DER)))


def ensure_certificate(home: Path) -> tuple[Path, Path]:
    """The home's certificate and key, made where they are missing; both files have mode 0600."""
    certificate, key = home / CERTIFICATE_FILE, home / KEY_FILE
    if not (certificate.exists() and key.exists()):
        certificate_pem, key_pem = make_certificate(datetime.now(UTC))
        _write_private(key, key_pem)
        _write_private(certificate, certificate_pem)
    return certificate, key


def make_certificate(now: datetime) -> tuple[bytes, bytes]:
    """A self-signed certificate for this machine's names, and its key, both PEM.

    It is its own authority, so that a client verifies it by trusting this one file.
    """
    private = ec.generate_private_key(ec.SECP256R1())
    hostname = socket.gethostname()
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, hostname[:64] or "localhost")])
    names: list[x509.GeneralName] = [x509.DNSName(name) for name in dict.fromkeys(("localhost", hostname)) if name]
    names += [x509.IPAddress(ip_address(address)) for address in ("127.0.0.1", "::1")]
    usage = x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    identifier = x509.SubjectKeyIdentifier.from_public_key(private.public_key())
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=_VALID_DAYS))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(identifier, critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier), critical=False)
        .sign(private, hashes.SHA256())
    )
    key_pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return made.public_bytes(serialization.Encoding.PEM), key_pem


def _write_private(path: Path, content: bytes) -> None:
    """Write whole or not at all, readable by its owner alone from the first byte on."""
    draft = path.with_name(f"{path.name}.new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
    draft.replace(path)
