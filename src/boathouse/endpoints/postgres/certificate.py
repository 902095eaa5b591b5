"""TLS for a house that was given no certificate, and what SCRAM's channel binding needs of any certificate.

Makes a self-signed certificate in the home once; hands the server an `ssl.SSLContext` and the
`tls-server-end-point` data (RFC 5929, section 4).
"""

from __future__ import annotations

import os
import ssl
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from boathouse.wire.postgres.certificates import end_point

CERTIFICATE_FILE = "server.crt"
KEY_FILE = "server.key"
_END = f"{ssl.PEM_FOOTER}\n".encode()


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
    pem = certificate.read_text(encoding="ascii", errors="replace")
    begin, end = pem.find(ssl.PEM_HEADER), pem.find(ssl.PEM_FOOTER)  # the server's own comes first
    if not 0 <= begin < end:
        raise ssl.SSLError("the file has no certificate")
    return Tls(context, end_point(ssl.PEM_cert_to_DER_cert(pem[begin:end] + ssl.PEM_FOOTER)))


def ensure_certificate(home: Path) -> tuple[Path, Path]:
    """The home's certificate and key, made where they are missing; both files have mode 0600."""
    certificate, key = home / CERTIFICATE_FILE, home / KEY_FILE
    if not (certificate.exists() and key.exists()):
        program = (sys.executable, "-m", "boathouse.endpoints.self_signed")
        made = subprocess.run(program, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=True).stdout  # noqa: S603 — our own
        certificate_pem, _, key_pem = made.partition(_END)
        certificate_pem += _END
        _write_private(key, key_pem)
        _write_private(certificate, certificate_pem)
    return certificate, key


def _write_private(path: Path, content: bytes) -> None:
    """Write whole or not at all, readable by its owner alone from the first byte on."""
    draft = path.with_name(f"{path.name}.new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
    draft.replace(path)
