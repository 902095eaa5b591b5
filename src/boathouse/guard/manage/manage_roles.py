"""CREATE, ALTER and DROP ROLE, GRANT and REVOKE ROLE: handlers, and what they need.

Source: Redshift Developer Guide, the pages of those names, and "Role-based access control".
"""

from __future__ import annotations

from collections.abc import Iterable

from boathouse.contracts.answers import Done
from boathouse.contracts.errors import DependentObjects, InsufficientPrivilege, InvalidParameterValue
from boathouse.contracts.house import House
from boathouse.contracts.needs import SUPERUSER, Declared, Need
from boathouse.contracts.session import Session
from boathouse.guard.principals import (
    changed,
    grantee_of,
    next_number,
    number_of,
    require_free,
    require_unreserved,
    require_unused,
)
from boathouse.guard.tables import SYSTEM_ROLES
from boathouse.sql.statements import AlterRole, CreateRole, DropRole, GrantRoles


def need_create(session: Session, statement: CreateRole) -> Iterable[Declared]:
    """CREATE ROLE."""
    return [Need("CREATE ROLE", "system")]


def need_change(session: Session, statement: AlterRole | DropRole) -> Iterable[Declared]:
    """ALTER and DROP ROLE are for whoever administers the role."""
    if _administers(session, statement.name):
        return []
    if isinstance(statement, DropRole):
        return [Need("DROP ROLE", "system")]
    return [Need(SUPERUSER, "system", f"must be owner of role {statement.name}")]


def need_grant(session: Session, statement: GrantRoles) -> Iterable[Declared]:
    """GRANT and REVOKE ROLE are for owners of the roles, and who has them WITH ADMIN OPTION."""
    return [
        Need(SUPERUSER, "system", f"permission denied to grant or revoke role {name}")
        for name in statement.roles
        if not _administers(session, name)
    ]


def _administers(session: Session, name: str) -> bool:
    return bool(
        session.engine.fetch(
            "SELECT 1 FROM boathouse.roles r WHERE r.name = $1 AND (r.owner_id = $2 OR EXISTS "
            "(SELECT 1 FROM boathouse.role_grants g WHERE g.role_id = r.role_id AND g.admin_option "
            "AND g.grantee_kind = 'user' AND g.grantee_id = $2))",
            (name, session.user_id),
        )
    )


def create_role(house: House, session: Session, statement: CreateRole) -> Done:
    """CREATE ROLE."""
    require_unreserved("role", statement.name)
    require_free(session, "role", statement.name)
    session.engine.execute(
        "INSERT INTO boathouse.roles VALUES ($1, $2, $3)", (next_number(session), statement.name, session.user_id)
    )
    changed(session)
    return Done("CREATE ROLE")


def alter_role(house: House, session: Session, statement: AlterRole) -> Done:
    """ALTER ROLE."""
    _refuse_system(statement.name)
    number = number_of(session, "role", statement.name)
    if statement.new_name is not None:
        require_unreserved("role", statement.new_name)
        require_free(session, "role", statement.new_name)
        session.engine.execute("UPDATE boathouse.roles SET name = $1 WHERE role_id = $2", (statement.new_name, number))
    if statement.owner is not None:
        owner = number_of(session, "user", statement.owner)
        session.engine.execute("UPDATE boathouse.roles SET owner_id = $1 WHERE role_id = $2", (owner, number))
    changed(session)
    return Done("ALTER ROLE")


def drop_role(house: House, session: Session, statement: DropRole) -> Done:
    """DROP ROLE; without FORCE refused while the role is granted or has a privilege."""
    _refuse_system(statement.name)
    number = number_of(session, "role", statement.name)
    if not statement.force:
        if session.engine.fetch("SELECT 1 FROM boathouse.role_grants WHERE role_id = $1 LIMIT 1", (number,)):
            raise DependentObjects(
                f'role "{statement.name}" cannot be dropped because it is granted',
                hint="Revoke it first, or use FORCE.",
            )
        require_unused(session, "role", number, statement.name)
    for sql in (
        "DELETE FROM boathouse.role_grants WHERE role_id = $1 OR (grantee_kind = 'role' AND grantee_id = $1)",
        "DELETE FROM boathouse.grants WHERE grantee_kind = 'role' AND grantee_id = $1",
        "DELETE FROM boathouse.default_privileges WHERE grantee_kind = 'role' AND grantee_id = $1",
        "DELETE FROM boathouse.roles WHERE role_id = $1",
    ):
        session.engine.execute(sql, (number,))
    changed(session)
    return Done("DROP ROLE")


def _refuse_system(name: str) -> None:
    if name in SYSTEM_ROLES:
        raise InsufficientPrivilege(f'role "{name}" is a system role and cannot be changed')


def grant_roles(house: House, session: Session, statement: GrantRoles) -> Done:
    """GRANT and REVOKE ROLE."""
    for name in statement.roles:
        role = number_of(session, "role", name)
        for one in statement.grantees:
            if one.kind not in ("user", "role"):
                raise InvalidParameterValue(f"a role cannot be granted to {one.kind}", sqlstate="0LP01")
            if statement.admin_option and one.kind == "role":
                raise InvalidParameterValue("ADMIN OPTION can only be granted to users", sqlstate="0LP01")
            kind, number = grantee_of(session, one)
            if statement.revoke:
                _revoke(session, role, kind, number, only_option=statement.admin_option)
            else:
                if kind == "role":
                    _refuse_circle(session, role, number, name, one.name)
                _grant(session, role, kind, number, admin_option=statement.admin_option)
    changed(session)
    return Done("REVOKE ROLE" if statement.revoke else "GRANT ROLE")


_THIS = "role_id = $1 AND grantee_kind = $2 AND grantee_id = $3"


def _grant(session: Session, role: int, kind: str, number: int, *, admin_option: bool) -> None:
    held = session.engine.fetch(f"SELECT admin_option FROM boathouse.role_grants WHERE {_THIS}", (role, kind, number))
    session.engine.execute(f"DELETE FROM boathouse.role_grants WHERE {_THIS}", (role, kind, number))
    session.engine.execute(
        "INSERT INTO boathouse.role_grants VALUES ($1, $2, $3, $4, $5)",
        (role, kind, number, admin_option or bool(held and held[0][0]), session.user_id),
    )


def _revoke(session: Session, role: int, kind: str, number: int, *, only_option: bool) -> None:
    if only_option:
        session.engine.execute(
            f"UPDATE boathouse.role_grants SET admin_option = false WHERE {_THIS}", (role, kind, number)
        )
    else:
        session.engine.execute(f"DELETE FROM boathouse.role_grants WHERE {_THIS}", (role, kind, number))


def _refuse_circle(session: Session, role: int, to: int, name: str, to_name: str) -> None:
    found = session.engine.fetch(
        "WITH RECURSIVE held(role_id) AS (SELECT $1::INTEGER UNION SELECT g.role_id FROM held h "
        "JOIN boathouse.role_grants g ON g.grantee_kind = 'role' AND g.grantee_id = h.role_id) "
        "SELECT 1 FROM held WHERE role_id = $2",
        (role, to),
    )
    if found:
        raise InvalidParameterValue(f'role "{to_name}" is a member of role "{name}"', sqlstate="0LP01")
