"""Where users, groups, roles and privileges are kept: tables of the hidden schema `boathouse`, and what every home has.

Made and brought up to date when a home opens (`room.tables`, `seed`); written by this room alone, inside the client's
transaction. Users, groups and roles have numbers that never change, so that renaming one moves nothing else. Objects
are known by kind, schema and name; `after` follows what DDL renames and drops.

For the views of other rooms, in engine SQL (rooms' views name these tables as `boathouse.…`):

- `boathouse.users(usesysid, name, superuser, createdb, syslog_unrestricted, valid_until, connection_limit,
  session_timeout, settings)`; its `verifier` is nobody's business.
- `boathouse.groups(grosysid, name)`, `boathouse.group_members(grosysid, usesysid)`.
- `boathouse.roles(role_id, name, owner_id)`, `boathouse.role_grants(role_id, grantee_kind, grantee_id, admin_option)`
  with grantee_kind `user` or `role`.
- `boathouse.reach(user_id, grantee_kind, grantee_id)`: everything in whose name a user may act, closed over groups and
  roles: (`public`, 0), (`user`, itself), (`group`, …), (`role`, …). Join grants with it.
- `boathouse.grants(kind, schema_name, object_name, column_name, privilege, grantee_kind, grantee_id, grantable,
  grantor_id)`: kind `relation`, `schema`, `database`, `function`, `procedure`, `language` or `system`; column_name is
  '' but for column privileges; privilege in capitals, `OWNER` for the one owner of an object. An object without an
  OWNER row belongs to user 100.
- `boathouse.default_privileges(owner_id, schema_name, kind, privilege, grantee_kind, grantee_id, grantable)`:
  schema_name '' is every schema.

The session's own user is `getvariable('user_id')` on every session's engine connection.
"""

from __future__ import annotations

from boathouse.contracts.engine import EngineSession
from boathouse.contracts.users import BOOTSTRAP_USER_ID

TABLES: tuple[str, ...] = (
    "CREATE SEQUENCE IF NOT EXISTS boathouse.principal_ids START 101",
    "CREATE TABLE IF NOT EXISTS boathouse.users ("
    "usesysid INTEGER NOT NULL, name VARCHAR NOT NULL, verifier VARCHAR, superuser BOOLEAN NOT NULL)",
    "ALTER TABLE boathouse.users ADD COLUMN IF NOT EXISTS createdb BOOLEAN DEFAULT false",
    "ALTER TABLE boathouse.users ADD COLUMN IF NOT EXISTS syslog_unrestricted BOOLEAN DEFAULT false",
    "ALTER TABLE boathouse.users ADD COLUMN IF NOT EXISTS valid_until TIMESTAMP",
    "ALTER TABLE boathouse.users ADD COLUMN IF NOT EXISTS connection_limit INTEGER",
    "ALTER TABLE boathouse.users ADD COLUMN IF NOT EXISTS session_timeout INTEGER",
    "ALTER TABLE boathouse.users ADD COLUMN IF NOT EXISTS settings VARCHAR",
    "CREATE TABLE IF NOT EXISTS boathouse.groups (grosysid INTEGER NOT NULL, name VARCHAR NOT NULL)",
    "CREATE TABLE IF NOT EXISTS boathouse.group_members (grosysid INTEGER NOT NULL, usesysid INTEGER NOT NULL)",
    "CREATE TABLE IF NOT EXISTS boathouse.roles (role_id INTEGER NOT NULL, name VARCHAR NOT NULL, owner_id INTEGER NOT NULL)",
    "CREATE TABLE IF NOT EXISTS boathouse.role_grants (role_id INTEGER NOT NULL, grantee_kind VARCHAR NOT NULL, "
    "grantee_id INTEGER NOT NULL, admin_option BOOLEAN NOT NULL, grantor_id INTEGER NOT NULL)",
    "CREATE TABLE IF NOT EXISTS boathouse.reach (user_id INTEGER NOT NULL, grantee_kind VARCHAR NOT NULL, "
    "grantee_id INTEGER NOT NULL)",
    "CREATE TABLE IF NOT EXISTS boathouse.grants (kind VARCHAR NOT NULL, schema_name VARCHAR NOT NULL, "
    "object_name VARCHAR NOT NULL, column_name VARCHAR NOT NULL, privilege VARCHAR NOT NULL, "
    "grantee_kind VARCHAR NOT NULL, grantee_id INTEGER NOT NULL, grantable BOOLEAN NOT NULL, grantor_id INTEGER NOT NULL)",
    "CREATE TABLE IF NOT EXISTS boathouse.default_privileges (owner_id INTEGER NOT NULL, schema_name VARCHAR NOT NULL, "
    "kind VARCHAR NOT NULL, privilege VARCHAR NOT NULL, grantee_kind VARCHAR NOT NULL, grantee_id INTEGER NOT NULL, "
    "grantable BOOLEAN NOT NULL)",
)
"""Run each time a home opens; an older home's `users` has only the first four columns."""

SYSTEM_ROLES: dict[str, tuple[int, str | None, tuple[str, ...]]] = {
    "sys:monitor": (1, None, ("ACCESS CATALOG", "ACCESS SYSTEM TABLE")),
    "sys:operator": (2, "sys:monitor", ("ANALYZE", "CANCEL", "VACUUM")),
    "sys:dba": (
        3,
        "sys:operator",
        (
            "ALTER TABLE", "CREATE LIBRARY", "CREATE OR REPLACE EXTERNAL FUNCTION", "CREATE OR REPLACE FUNCTION",
            "CREATE OR REPLACE PROCEDURE", "CREATE OR REPLACE VIEW", "CREATE SCHEMA", "CREATE TABLE", "DROP FUNCTION",
            "DROP LIBRARY", "DROP PROCEDURE", "DROP SCHEMA", "DROP TABLE", "DROP VIEW", "TRUNCATE TABLE",
        ),
    ),
    "sys:secadmin": (
        4,
        None,
        (
            "ACCESS CATALOG", "ALTER DEFAULT PRIVILEGES", "ALTER USER", "CREATE ROLE", "CREATE USER", "DROP ROLE",
            "DROP USER", "EXPLAIN MASKING", "EXPLAIN RLS", "IGNORE RLS",
        ),
    ),
    "sys:superuser": (
        5,
        "sys:dba",
        (
            "ALTER DATASHARE", "ALTER DEFAULT PRIVILEGES", "ALTER USER", "CREATE DATASHARE", "CREATE MODEL",
            "CREATE ROLE", "CREATE USER", "DROP DATASHARE", "DROP MODEL", "DROP ROLE", "DROP USER", "EXPLAIN MASKING",
            "EXPLAIN RLS", "IGNORE RLS",
        ),
    ),
}  # fmt: skip
"""Redshift's own roles: number, the role inside each, system permissions. Source: "Amazon Redshift system-defined
roles"."""

_ROUTINE = "schema_name, name || '(' || replace(signature, ',', ', ') || ')'"
_UNOWNED = (
    "NOT EXISTS (SELECT 1 FROM boathouse.grants g WHERE g.kind = '{kind}' AND g.schema_name = f.schema_name "
    "AND g.object_name = f.name || '(' || replace(f.signature, ',', ', ') || ')' AND g.privilege = '{privilege}')"
)
BRING_UP_TO_DATE: tuple[str, ...] = (
    f"INSERT INTO boathouse.grants SELECT 'function', {_ROUTINE}, '', 'EXECUTE', 'public', 0, false, "
    f"{BOOTSTRAP_USER_ID} FROM boathouse.functions f WHERE " + _UNOWNED.format(kind="function", privilege="OWNER"),
    *(
        f"INSERT INTO boathouse.grants SELECT '{kind}', {_ROUTINE}, '', 'OWNER', 'user', {BOOTSTRAP_USER_ID}, false, "
        f"{BOOTSTRAP_USER_ID} FROM boathouse.{kind}s f WHERE " + _UNOWNED.format(kind=kind, privilege="OWNER")
        for kind in ("function", "procedure")
    ),
    "UPDATE boathouse.grants SET grantor_id = coalesce((SELECT max(o.grantee_id) FROM boathouse.grants o "
    "WHERE o.kind = grants.kind AND o.schema_name = grants.schema_name AND o.object_name = grants.object_name "
    f"AND o.privilege = 'OWNER'), {BOOTSTRAP_USER_ID}) WHERE privilege <> 'OWNER' "
    "AND grantor_id IN (SELECT usesysid FROM boathouse.users WHERE superuser)",
)
"""For homes that are older: their routines are the administrator's, functions for everybody to call, as they were; what
superusers have granted counts as granted by the owner."""

REACH = """
INSERT INTO boathouse.reach
WITH RECURSIVE held(user_id, role_id) AS (
  SELECT grantee_id, role_id FROM boathouse.role_grants WHERE grantee_kind = 'user'
  UNION SELECT h.user_id, g.role_id FROM held h JOIN boathouse.role_grants g
    ON g.grantee_kind = 'role' AND g.grantee_id = h.role_id)
SELECT usesysid, 'public', 0 FROM boathouse.users
UNION SELECT usesysid, 'user', usesysid FROM boathouse.users
UNION SELECT usesysid, 'group', grosysid FROM boathouse.group_members
UNION SELECT usesysid, 'role', role_id FROM boathouse.users, boathouse.role_grants
  WHERE grantee_kind = 'public'
UNION SELECT user_id, 'role', role_id FROM held
"""


def refresh_reach(engine: EngineSession) -> None:
    """Compute anew who may act in whose name; after every change of users, groups and roles."""
    engine.execute("DELETE FROM boathouse.reach")
    engine.execute(REACH)


def seed(engine: EngineSession, database: str) -> None:
    """What a home has from the start: Redshift's roles, and what everybody may do in a new database. Done once."""
    for sql in BRING_UP_TO_DATE:
        engine.execute(sql)
    if engine.fetch("SELECT 1 FROM boathouse.roles LIMIT 1"):
        return
    engine.begin()
    try:
        for name, (number, inner, permissions) in SYSTEM_ROLES.items():
            engine.execute("INSERT INTO boathouse.roles VALUES ($1, $2, 1)", (number, name))
            if inner is not None:
                engine.execute(
                    "INSERT INTO boathouse.role_grants VALUES ($1, 'role', $2, false, 1)",
                    (SYSTEM_ROLES[inner][0], number),
                )
            for permission in permissions:
                engine.execute(_GRANT, ("system", "", "", permission, "role", number))
        for kind, schema, name, privilege in (
            ("schema", "", "public", "USAGE"),
            ("schema", "", "public", "CREATE"),
            ("database", "", database, "TEMP"),
            ("language", "", "sql", "USAGE"),
            ("language", "", "plpgsql", "USAGE"),
        ):
            engine.execute(_GRANT, (kind, schema, name, privilege, "public", 0))
        refresh_reach(engine)
        engine.commit()
    except BaseException:
        engine.rollback()
        raise


_GRANT = f"INSERT INTO boathouse.grants VALUES ($1, $2, $3, '', $4, $5, $6, false, {BOOTSTRAP_USER_ID})"
