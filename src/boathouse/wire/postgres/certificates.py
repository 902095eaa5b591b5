"""What SCRAM's channel binding compares of a server's certificate: its `tls-server-end-point` (RFC 5929, section 4)."""

from __future__ import annotations

import hashlib

_SEQUENCE, _OBJECT = 0x30, 0x06
_RSA, _ECDSA = bytes.fromhex("2a864886f70d0101"), bytes.fromhex("2a8648ce3d04")
_HASHES = {
    _RSA + b"\x04": "sha256",  # of MD5
    _RSA + b"\x05": "sha256",  # of SHA-1
    _RSA + b"\x0b": "sha256",
    _RSA + b"\x0c": "sha384",
    _RSA + b"\x0d": "sha512",
    _ECDSA + b"\x01": "sha256",  # of SHA-1
    _ECDSA + b"\x03\x02": "sha256",
    _ECDSA + b"\x03\x03": "sha384",
    _ECDSA + b"\x03\x04": "sha512",
}
"""By the signature's algorithm (RFC 3279, RFC 4055, RFC 5758); others' are not said by its name alone, or rare."""


def end_point(certificate: bytes) -> bytes:
    """The certificate's hash, by its own signature's algorithm; SHA-256 in place of MD5 and SHA-1, and where there is none.

    Args:
        certificate: DER, as TLS has taken it.
    """
    known = _HASHES.get(_signed_with(certificate))
    if known is not None:
        return hashlib.new(known, certificate).digest()
    from cryptography import x509  # 9 MB of memory, which nearly no server needs
    from cryptography.hazmat.primitives import hashes

    leaf = x509.load_der_x509_certificate(certificate)
    used = leaf.signature_hash_algorithm
    return leaf.fingerprint(hashes.SHA256() if used is None or isinstance(used, hashes.MD5 | hashes.SHA1) else used)


def _signed_with(certificate: bytes) -> bytes:
    """The number of its signature's algorithm, which stands behind what is signed; empty where the bytes are something else."""
    kind, inside, _ = _element(certificate, 0)
    signed, _, behind = _element(certificate, inside)
    algorithm, name, _ = _element(certificate, behind)
    object_, start, end = _element(certificate, name)
    return certificate[start:end] if (kind, signed, algorithm, object_) == (*[_SEQUENCE] * 3, _OBJECT) else b""


def _element(content: bytes, at: int) -> tuple[int, int, int]:
    """Of DER: its kind, where its content begins, and where it ends; zeroes where there is none."""
    if at + 2 > len(content):
        return 0, 0, 0
    size, start = content[at + 1], at + 2
    if size & 0x80:
        start += size & 0x7F
        size = int.from_bytes(content[at + 2 : start], "big")
    return content[at], start, start + size
