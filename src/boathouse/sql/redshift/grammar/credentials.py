"""Authorization clauses of COPY, UNLOAD, external schemas and crawlers, in every spelling.

Source: Redshift Developer Guide, "Authorization parameters". No error made here quotes a value.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from boathouse.contracts.errors import FeatureNotSupported, InvalidParameterValue, SqlSyntaxError
from boathouse.sql.statements import Credentials
from boathouse.sql.token_reader import TokenReader

_PAIRS = {
    "aws_iam_role": "iam_role",
    "aws_access_key_id": "access_key_id",
    "aws_secret_access_key": "secret_access_key",
    "token": "session_token",
    "session_token": "session_token",
    "aws_session_token": "session_token",
}


class CredentialsDraft:
    """Collects authorization while options are read around it.

    Attributes:
        found: what has been read so far.
    """

    def __init__(self) -> None:
        self.found = Credentials()

    def accept(self, reader: TokenReader) -> bool:
        """Read one authorization clause or REGION; False where none is next."""
        start = reader.token
        if reader.accept("iam_role"):
            self._add(reader, iam_role=_role(reader))
        elif reader.accept("credentials") or reader.accept("with", "credentials"):
            reader.accept("as")
            place = reader.token.start + 1
            self._add(reader, **_pairs(reader.secret("the credentials in quotes"), place))
        elif reader.accept("access_key_id"):
            reader.accept("as")
            self._add(reader, access_key_id=reader.secret("an access key in quotes"))
        elif reader.accept("secret_access_key"):
            reader.accept("as")
            self._add(reader, secret_access_key=reader.secret("a secret key in quotes"))
        elif reader.accept_any("session_token", "token"):
            reader.accept("as")
            self._add(reader, session_token=reader.secret("a session token in quotes"))
        elif reader.accept("secret"):
            self._add(reader, secret=reader.secret("a secret's name in quotes"))
        elif reader.accept("region"):
            reader.accept("as")
            self._add(reader, region=reader.secret("a region in quotes"))
        elif reader.sees_any("secret_arn"):
            reader.refuse("SECRET_ARN", token=start)
        else:
            return False
        return True

    def _add(self, reader: TokenReader, **facts: str) -> None:
        for name in facts:
            if getattr(self.found, name) is not None:
                raise SqlSyntaxError(f"{name.upper()} is given twice", position=reader.token.start + 1)
        self.found = replace(self.found, **facts)

    def finish(self) -> Credentials:
        """The credentials, checked: one kind of authorization, keys in pairs."""
        found = self.found
        keys = found.access_key_id is not None or found.secret_access_key is not None or found.session_token is not None
        if sum((found.iam_role is not None, keys, found.secret is not None)) > 1:
            raise InvalidParameterValue("only one kind of authorization can be given: IAM_ROLE, keys or SECRET")
        if (found.access_key_id is None) != (found.secret_access_key is None):
            raise InvalidParameterValue("ACCESS_KEY_ID and SECRET_ACCESS_KEY must be given together")
        if found.session_token is not None and found.access_key_id is None:
            raise InvalidParameterValue("SESSION_TOKEN needs ACCESS_KEY_ID and SECRET_ACCESS_KEY")
        return found


def _role(reader: TokenReader) -> str:
    reader.accept("as")
    return "default" if reader.accept("default") else reader.secret("a role's ARN in quotes, or default")


def _pairs(text: str, place: int) -> dict[str, Any]:
    """The pairs inside CREDENTIALS '…'; a bare ARN counts as a role."""
    stripped = text.strip()
    if stripped.startswith("arn:"):
        return {"iam_role": stripped}
    found: dict[str, Any] = {}
    for part in filter(None, (piece.strip() for piece in stripped.split(";"))):
        name, separator, value = part.partition("=")
        name = name.strip().lower()
        if separator and name == "master_symmetric_key":
            raise FeatureNotSupported("client-side encryption is not supported", position=place)
        if not separator or name not in _PAIRS:
            raise InvalidParameterValue(
                "invalid credentials",
                hint="Write 'aws_iam_role=<arn>' or 'aws_access_key_id=<id>;aws_secret_access_key=<key>'.",
                position=place,
            )
        found[_PAIRS[name]] = value.strip()
    if not found:
        raise InvalidParameterValue("the credentials are empty", position=place)
    return found
