"""Users, groups and roles by name: their numbers, and whether they may go."""

from __future__ import annotations

from typing import cast

from boathouse.contracts.errors import DuplicateObject, InputError, InvalidParameterValue, UndefinedObject
from boathouse.contracts.needs import OWNER
from boathouse.contracts.session import Session
from boathouse.guard.tables import refresh_reach
from boathouse.sql.statements import Grantee

_NUMBER = {
    "user": "SELECT usesysid FROM boathouse.users WHERE name = $1",
    "group": "SELECT grosysid FROM boathouse.groups WHERE name = $1",
    "role": "SELECT role_id FROM boathouse.roles WHERE name = $1",
}


class ObjectInUse(InputError):
    """A user, group or role that still owns or holds something."""

    sqlstate = "55006"


def find_number(session: Session, kind: str, name: str) -> int | None:
    """The number of a user, group or role; None where there is none of that name."""
    found = session.engine.fetch(_NUMBER[kind], (name,))
    return cast(int, found[0][0]) if found else None


def number_of(session: Session, kind: str, name: str) -> int:
    """The same, or UndefinedObject."""
    found = find_number(session, kind, name)
    if found is None:
        raise UndefinedObject(f'{kind} "{name}" does not exist')
    return found


def grantee_of(session: Session, grantee: Grantee) -> tuple[str, int]:
    """A grantee as grants name it."""
    return grantee.kind, 0 if grantee.kind == "public" else number_of(session, grantee.kind, grantee.name)


def next_number(session: Session) -> int:
    """A number that no user, group or role has had."""
    return cast(int, session.engine.fetch("SELECT memory.rs.next_number('boathouse.principal_ids')::INTEGER")[0][0])


def require_free(session: Session, kind: str, name: str) -> None:
    """Raise DuplicateObject where the name is taken. Roles and users share one set of names."""
    if find_number(session, kind, name) is not None:
        raise DuplicateObject(f'{kind} "{name}" already exists')
    other = {"user": "role", "role": "user"}.get(kind)
    if other is not None and find_number(session, other, name) is not None:
        raise DuplicateObject(f'{other} "{name}" already exists')


def require_unreserved(kind: str, name: str) -> None:
    """Raise InvalidParameterValue for names that nobody can have."""
    if name == "public" or name.startswith("pg_") or (kind == "role" and name.startswith("sys:")) or ":" in name:
        raise InvalidParameterValue(f'{kind} name "{name}" is reserved', sqlstate="42939")


def require_unused(session: Session, kind: str, number: int, name: str) -> None:
    """Raise ObjectInUse where the principal owns something or has a privilege, in Redshift's words."""
    owned = session.engine.fetch(
        f"SELECT 'owner of ' || {_SHOWN} FROM boathouse.grants WHERE privilege = '{OWNER}' AND grantee_kind = $1 "
        "AND grantee_id = $2 UNION ALL SELECT 'owner of role ' || name FROM boathouse.roles "
        "WHERE $1 = 'user' AND owner_id = $2 ORDER BY 1",
        (kind, number),
    )
    if owned:
        raise ObjectInUse(
            f'{kind} "{name}" cannot be dropped because the {kind} owns some object', detail=_named(owned)
        )
    granted = session.engine.fetch(
        f"SELECT DISTINCT 'privileges for ' || {_SHOWN} FROM boathouse.grants WHERE ((grantee_kind = $1 "
        "AND grantee_id = $2) OR ($1 = 'user' AND grantor_id = $2)) AND kind <> 'system' UNION ALL "
        "SELECT DISTINCT 'default privileges on ' || CASE kind WHEN 'relation' THEN 'table' ELSE kind END || 's' "
        "FROM boathouse.default_privileges WHERE (grantee_kind = $1 AND grantee_id = $2) "
        "OR ($1 = 'user' AND owner_id = $2) ORDER BY 1",
        (kind, number),
    )
    if granted:
        raise ObjectInUse(
            f'{kind} "{name}" cannot be dropped because the {kind} has a privilege on some object',
            detail=_named(granted),
        )


_SHOWN = "kind || ' ' || CASE schema_name WHEN '' THEN '' ELSE schema_name || '.' END || object_name"
NAMED_MAX = 20
"""Objects that an error lists."""


def _named(rows: list[tuple[object, ...]]) -> str:
    more = [f"and {len(rows) - NAMED_MAX} more"] if len(rows) > NAMED_MAX else []
    return "\n".join([*(str(one) for (one,) in rows[:NAMED_MAX]), *more])


def changed(session: Session) -> None:
    """Users, groups or roles have changed: whoever asks what somebody may asks anew."""
    refresh_reach(session.engine)
    session.catalog_changed(())
