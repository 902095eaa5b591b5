"""Passwords to verifiers: Redshift's rules for those in clear, and the hashed forms that can be proved.

Received: what stands after PASSWORD. Handed on, to be stored: SCRAM keys and Amazon's digest for a password in clear or
`sha256|password`; `md5…` and `sha256|digest|salt` as they are, for doors that can prove them. Never logged.
Source: Redshift Developer Guide, "CREATE USER".
"""

from __future__ import annotations

import re
import secrets

from boathouse.contracts.errors import InvalidParameterValue
from boathouse.wire.postgres.scram import make_verifier

LENGTHS = (8, 64)
_FORBIDDEN = "'\"\\/@"
_MD5 = re.compile(r"md5[0-9a-f]{32}", re.IGNORECASE)
_SHA256 = re.compile(r"sha256\|([0-9a-f]{64})\|([0-9a-f]{64})", re.IGNORECASE)


def verifier_of(password: str) -> str:
    """What is kept of a password.

    Raises:
        InvalidParameterValue: a password in clear that Redshift would refuse, a hash of the wrong form.
    """
    if _MD5.fullmatch(password):
        return password.lower()
    if password.lower().startswith("sha256|"):
        if _SHA256.fullmatch(password):
            return password.lower()
        password = password[len("sha256|") :]
        if "|" in password:
            raise InvalidParameterValue(
                "invalid sha256 password", hint="It is sha256|password, or sha256|digest|salt with 64 hex digits each."
            )
    check_rules(password)
    return str(make_verifier(password, secrets.token_bytes(16), secrets.token_bytes(16)))


def check_rules(password: str) -> None:
    """Raise InvalidParameterValue where a password in clear breaks a rule."""
    low, high = LENGTHS
    if not low <= len(password) <= high:
        raise InvalidParameterValue(f"password must be between {low} and {high} characters in length")
    if any(not 33 <= ord(sign) <= 126 or sign in _FORBIDDEN for sign in password):
        raise InvalidParameterValue(
            "password contains a character that is not allowed",
            hint="ASCII without blanks, quotation marks, \\, / and @.",
        )
    for kind, test in (("uppercase letter", str.isupper), ("lowercase letter", str.islower), ("digit", str.isdigit)):
        if not any(test(sign) for sign in password):
            raise InvalidParameterValue(f"password must contain at least one {kind}")
