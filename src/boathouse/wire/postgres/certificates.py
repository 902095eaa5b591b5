"""What SCRAM's channel binding compares of a server's certificate: its `tls-server-end-point` (RFC 5929, section 4)."""

from __future__ import annotations

from cryptography import x509
from cryptography.hazmat.primitives import hashes


def end_point(certificate: bytes) -> bytes:
    """The certificate's hash, by its own signature's algorithm; SHA-256 in place of MD5 and SHA-1, and where there is none.

    Args:
        certificate: DER.
    """
    leaf = x509.load_der_x509_certificate(certificate)
    used = leaf.signature_hash_algorithm
    return leaf.fingerprint(hashes.SHA256() if used is None or isinstance(used, hashes.MD5 | hashes.SHA1) else used)
