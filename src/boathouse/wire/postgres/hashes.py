"""Passwords that were stored as hashes: PostgreSQL's md5, Amazon's salted SHA-256. Older than SCRAM, and weaker.

Verifiers come as users gave them to CREATE USER; the endpoint picks the exchange that can prove each. Pure.
Source: PostgreSQL protocol, "AuthenticationMD5Password"; Redshift Developer Guide, "CREATE USER".
"""

from __future__ import annotations

import hashlib
import hmac

MD5 = "md5"
SHA256 = "sha256|"


def check_md5(verifier: str, salt: bytes, response: bytes) -> bool:
    """True where the response is `md5` and md5(the kept hash ‖ the connection's salt), as hex digits."""
    expected = MD5 + hashlib.md5(verifier[len(MD5) :].encode() + salt, usedforsecurity=False).hexdigest()
    return hmac.compare_digest(expected.encode(), response)


def check_md5_password(verifier: str, user: str, password: str) -> bool:
    """True where a password that came in clear is the one of `md5` and md5(password ‖ user)."""
    digest = hashlib.md5((password + user).encode(), usedforsecurity=False).hexdigest()
    return hmac.compare_digest((MD5 + digest).encode(), verifier.encode())


def salt_and_digest(verifier: str) -> tuple[bytes, bytes]:
    """The salt and SHA-256(password ‖ salt) of `sha256|digest|salt`."""
    _, digest, salt = verifier.split("|")
    return bytes.fromhex(salt), bytes.fromhex(digest)


def check_sha256(verifier: str, password: bytes) -> bool:
    """True where a password that came in clear is the one of `sha256|digest|salt`."""
    salt, digest = salt_and_digest(verifier)
    return hmac.compare_digest(hashlib.sha256(password + salt).digest(), digest)
