"""Users as stored in the warehouse: found for whoever comes to the door, and put there for the administrator."""

from __future__ import annotations

import json
from datetime import datetime
from typing import cast

from boathouse.contracts.engine import EngineSession
from boathouse.contracts.users import BOOTSTRAP_USER_ID, User
from boathouse.guard.tables import refresh_reach

_FOUND = (
    "SELECT name, verifier, superuser, usesysid, valid_until, connection_limit, session_timeout, settings "
    "FROM boathouse.users WHERE "
)


def find_user(engine: EngineSession, name: str) -> User | None:
    """The user of that (folded) name."""
    return _user(engine.fetch(f"{_FOUND}name = $1", (name.lower(),)))


def find_user_by_id(engine: EngineSession, user_id: int) -> User | None:
    """The user of that number."""
    return _user(engine.fetch(f"{_FOUND}usesysid = $1", (user_id,)))


def _user(rows: list[tuple[object, ...]]) -> User | None:
    if not rows:
        return None
    name, verifier, superuser, number, valid_until, connections, seconds, settings = rows[0]
    return User(
        str(name),
        None if verifier is None else str(verifier),
        bool(superuser),
        cast(int, number),
        cast("datetime | None", valid_until),
        cast("int | None", connections),
        cast("int | None", seconds),
        tuple(json.loads(str(settings)).items()) if settings else (),
    )


def put_user(engine: EngineSession, user: User) -> None:
    """Add the user, or give an existing one this verifier."""
    changed = engine.execute(
        "UPDATE boathouse.users SET verifier = $1, superuser = $2 WHERE name = $3",
        (user.verifier, user.superuser, user.name),
    )
    if not changed:
        engine.execute(
            f"INSERT INTO boathouse.users (usesysid, name, verifier, superuser) "
            f"SELECT CASE WHEN count(*) = 0 THEN {BOOTSTRAP_USER_ID} ELSE memory.rs.next_number('boathouse.principal_ids') END, "
            "$1, $2, $3 FROM boathouse.users",
            (user.name, user.verifier, user.superuser),
        )
    refresh_reach(engine)
