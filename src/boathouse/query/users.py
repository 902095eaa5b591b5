"""Users as stored in the warehouse: names and password verifiers, never passwords."""

from __future__ import annotations

from boathouse.contracts.engine import EngineSession
from boathouse.query.service import User

TABLES = (
    "CREATE TABLE IF NOT EXISTS boathouse.users ("
    "usesysid INTEGER NOT NULL, name VARCHAR NOT NULL, verifier VARCHAR, superuser BOOLEAN NOT NULL)",
)
FIRST_USER_ID = 100
"""The administrator's number, as on Redshift; smaller ones are the system's."""


def find_user(engine: EngineSession, name: str) -> User | None:
    """The user of that (folded) name."""
    found = engine.fetch("SELECT name, verifier, superuser FROM boathouse.users WHERE name = $1", (name.lower(),))
    if not found:
        return None
    stored, verifier, superuser = found[0]
    return User(str(stored), None if verifier is None else str(verifier), bool(superuser))


def put_user(engine: EngineSession, user: User) -> None:
    """Add the user, or give an existing one this verifier."""
    changed = engine.execute(
        "UPDATE boathouse.users SET verifier = $1, superuser = $2 WHERE name = $3",
        (user.verifier, user.superuser, user.name),
    )
    if not changed:
        engine.execute(
            f"INSERT INTO boathouse.users SELECT coalesce(max(usesysid) + 1, {FIRST_USER_ID}), $1, $2, $3 "
            "FROM boathouse.users",
            (user.name, user.verifier, user.superuser),
        )
