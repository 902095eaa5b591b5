"""Nodes of users, groups, roles and privileges. The text of those with passwords is kept without them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from boathouse.sql.statements.relational import QualifiedName, Statement

GranteeKind = Literal["user", "group", "role", "public"]


@dataclass(frozen=True, slots=True)
class Grantee:
    """Who is granted something; `public` has no name."""

    kind: GranteeKind
    name: str = ""


@dataclass(frozen=True, slots=True)
class UserOptions:
    """What CREATE and ALTER USER set; None is not mentioned.

    Attributes:
        password: in clear or hashed; "" is DISABLE. `repr` never shows it.
        valid_until: a timestamp's text, `infinity`, or None.
        connection_limit: -1 is UNLIMITED.
        session_timeout: seconds; -1 is RESET.
    """

    password: str | None = field(default=None, repr=False)
    createdb: bool | None = None
    superuser: bool | None = None
    syslog_unrestricted: bool | None = None
    valid_until: str | None = None
    connection_limit: int | None = None
    session_timeout: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateUser(Statement):
    """CREATE USER name PASSWORD … options."""

    name: str
    options: UserOptions
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AlterUser(Statement):
    """ALTER USER name options | RENAME TO new | SET parameter … | RESET parameter.

    `settings` holds (parameter, value); a value None takes it back to the default.
    """

    name: str
    options: UserOptions = UserOptions()
    new_name: str | None = None
    settings: tuple[tuple[str, str | None], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DropUser(Statement):
    """DROP USER [IF EXISTS] names."""

    names: tuple[str, ...]
    if_exists: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateGroup(Statement):
    """CREATE GROUP name [WITH USER names]."""

    name: str
    users: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AlterGroup(Statement):
    """ALTER GROUP name {ADD | DROP} USER names | RENAME TO new."""

    name: str
    action: Literal["add", "drop", "rename"]
    users: tuple[str, ...] = ()
    new_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DropGroup(Statement):
    """DROP GROUP name."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateRole(Statement):
    """CREATE ROLE name."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AlterRole(Statement):
    """ALTER ROLE name [WITH] {RENAME TO new | OWNER TO user}."""

    name: str
    new_name: str | None = None
    owner: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DropRole(Statement):
    """DROP ROLE name [FORCE | RESTRICT]."""

    name: str
    force: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantRoles(Statement):
    """GRANT ROLE names TO … [WITH ADMIN OPTION]; REVOKE [ADMIN OPTION FOR] ROLE names FROM …."""

    roles: tuple[str, ...]
    grantees: tuple[Grantee, ...]
    revoke: bool = False
    admin_option: bool = False


TargetKind = Literal["relation", "schema", "database", "function", "procedure", "language", "system"]


@dataclass(frozen=True, slots=True)
class Privileges:
    """What is granted: (privilege, columns) pairs; ALL stands for all of the kind."""

    items: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantPrivileges(Statement):
    """GRANT privileges ON objects TO …; REVOKE [GRANT OPTION FOR] privileges ON objects FROM … [CASCADE | RESTRICT].

    Attributes:
        kind: of the objects; `system` for permissions of roles, which name no object.
        names: the objects; functions and procedures with their argument types in `signatures`.
        schemas: ON ALL TABLES (FUNCTIONS, PROCEDURES) IN SCHEMA these.
    """

    privileges: Privileges
    kind: TargetKind
    names: tuple[QualifiedName, ...] = ()
    signatures: tuple[tuple[str, ...], ...] = ()
    schemas: tuple[str, ...] = ()
    grantees: tuple[Grantee, ...]
    revoke: bool = False
    grant_option: bool = False
    cascade: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AlterDefaultPrivileges(Statement):
    """ALTER DEFAULT PRIVILEGES [FOR USER names] [IN SCHEMA names] {GRANT | REVOKE} privileges ON kind {TO | FROM} …."""

    users: tuple[str, ...]
    schemas: tuple[str, ...]
    privileges: Privileges
    kind: Literal["relation", "function", "procedure"]
    grantees: tuple[Grantee, ...]
    revoke: bool = False
    grant_option: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAuthorization(Statement):
    """SET [SESSION | LOCAL] SESSION AUTHORIZATION user | DEFAULT; RESET SESSION AUTHORIZATION (user None)."""

    user: str | None
    local: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AlterSchema(Statement):
    """ALTER SCHEMA name OWNER TO user."""

    name: str
    owner: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowGrants(Statement):
    """SHOW GRANTS [ON {SCHEMA | TABLE | DATABASE} name] [FOR {user | ROLE role | GROUP group | PUBLIC}] [LIMIT n]."""

    kind: Literal["relation", "schema", "database"] | None = None
    name: QualifiedName | None = None
    grantee: Grantee | None = None
    rows_max: int | None = None
