"""Users, groups, roles and privileges in the system catalog.

Superusers see all rows, ordinary users those that concern themselves. Columns and their order: Redshift Developer
Guide, the pages of the views' names.
"""

from __future__ import annotations

from boathouse.contracts.rooms import SystemRelation

_TEXT = "varchar(128)"
_IDENTITY = (("identity_id", "integer"), ("identity_name", _TEXT), ("identity_type", _TEXT))
_ADMIN = ("admin_option", "boolean")


def name_of(prefix: str) -> str:
    """SQL for the name of a grantee whose kind and number stand in `prefix_kind` and `prefix_id`."""
    return (
        f"CASE {prefix}_kind WHEN 'public' THEN 'public' WHEN 'user' THEN memory.rs.user_name({prefix}_id) "
        f"WHEN 'group' THEN (SELECT name FROM boathouse.groups WHERE grosysid = {prefix}_id) "
        f"ELSE (SELECT name FROM boathouse.roles WHERE role_id = {prefix}_id) END"
    )


_WHO = f"grantee_id AS identity_id, {name_of('grantee')} AS identity_name, grantee_kind AS identity_type"
MINE = (
    "(memory.rs.is_superuser(getvariable('user_id')) OR grantor_id = getvariable('user_id') OR EXISTS "
    "(SELECT 1 FROM boathouse.reach r WHERE r.user_id = getvariable('user_id') AND r.grantee_kind = g.grantee_kind "
    "AND r.grantee_id = g.grantee_id))"
)
"""The rows of boathouse.grants `g` that concern the session's user."""


def _granted(kind: str, names: str, columns: str = "column_name = ''", admin: bool = True) -> str:
    option = ", grantable AS admin_option" if admin else ""
    return (
        f"SELECT {names}, privilege AS privilege_type, {_WHO}{option} FROM boathouse.grants g "
        f"WHERE kind {kind} AND privilege <> 'OWNER' AND {columns} AND {MINE}"
    )


SYSTEM_RELATIONS: tuple[SystemRelation, ...] = (
    SystemRelation(
        "svv_relation_privileges",
        (("namespace_name", _TEXT), ("relation_name", _TEXT), ("privilege_type", _TEXT), *_IDENTITY, _ADMIN),
        _granted("= 'relation'", "schema_name AS namespace_name, object_name AS relation_name"),
    ),
    SystemRelation(
        "svv_column_privileges",
        (
            ("namespace_name", _TEXT),
            ("relation_name", _TEXT),
            ("column_name", _TEXT),
            ("privilege_type", _TEXT),
            *_IDENTITY,
        ),
        _granted(
            "= 'relation'",
            "schema_name AS namespace_name, object_name AS relation_name, column_name",
            "column_name <> ''",
            admin=False,
        ),
    ),
    SystemRelation(
        "svv_schema_privileges",
        (("namespace_name", _TEXT), ("privilege_type", _TEXT), *_IDENTITY, _ADMIN),
        _granted("= 'schema'", "object_name AS namespace_name"),
    ),
    SystemRelation(
        "svv_database_privileges",
        (("database_name", _TEXT), ("privilege_type", _TEXT), *_IDENTITY, _ADMIN),
        _granted("= 'database'", "object_name AS database_name"),
    ),
    SystemRelation(
        "svv_language_privileges",
        (("language_name", _TEXT), ("privilege_type", _TEXT), *_IDENTITY, _ADMIN),
        _granted("= 'language'", "object_name AS language_name"),
    ),
    SystemRelation(
        "svv_function_privileges",
        (
            ("namespace_name", _TEXT),
            ("function_name", _TEXT),
            ("argument_types", "varchar"),
            ("privilege_type", _TEXT),
            *_IDENTITY,
            _ADMIN,
        ),
        _granted(
            "IN ('function', 'procedure')",
            "schema_name AS namespace_name, regexp_extract(object_name, '^[^(]*') AS function_name, "
            "regexp_extract(object_name, '[(](.*)[)]$', 1) AS argument_types",
        ),
    ),
    SystemRelation(
        "svv_system_privileges",
        (("system_privilege", _TEXT), *_IDENTITY),
        f"SELECT privilege AS system_privilege, {_WHO} FROM boathouse.grants g WHERE kind = 'system' AND {MINE}",
    ),
    SystemRelation(
        "svv_default_privileges",
        (
            ("schema_name", _TEXT),
            ("object_type", _TEXT),
            ("owner_id", "integer"),
            ("owner_name", _TEXT),
            ("owner_type", _TEXT),
            ("privilege_type", _TEXT),
            ("grantee_id", "integer"),
            ("grantee_name", _TEXT),
            ("grantee_type", _TEXT),
            _ADMIN,
        ),
        "SELECT nullif(schema_name, '') AS schema_name, upper(kind) AS object_type, owner_id, "
        "memory.rs.user_name(owner_id) AS owner_name, 'user' AS owner_type, privilege AS privilege_type, grantee_id, "
        f"{name_of('grantee')} AS grantee_name, grantee_kind AS grantee_type, grantable AS admin_option "
        "FROM boathouse.default_privileges WHERE privilege NOT LIKE '-%' "
        "AND (memory.rs.is_superuser(getvariable('user_id')) OR owner_id = getvariable('user_id'))",
    ),
    SystemRelation(
        "svv_roles",
        (("role_id", "integer"), ("role_name", _TEXT), ("role_owner", _TEXT), ("external_id", _TEXT)),
        "SELECT role_id, name AS role_name, coalesce(memory.rs.user_name(owner_id), 'rdsdb') AS role_owner, "
        "NULL::VARCHAR AS external_id FROM boathouse.roles r WHERE memory.rs.is_superuser(getvariable('user_id')) "
        "OR owner_id = getvariable('user_id') OR EXISTS (SELECT 1 FROM boathouse.reach h "
        "WHERE h.user_id = getvariable('user_id') AND h.grantee_kind = 'role' AND h.grantee_id = r.role_id)",
    ),
    SystemRelation(
        "svv_role_grants",
        (
            ("role_id", "integer"),
            ("role_name", _TEXT),
            ("granted_role_id", "integer"),
            ("granted_role_name", _TEXT),
        ),
        "SELECT o.role_id, o.name AS role_name, i.role_id AS granted_role_id, i.name AS granted_role_name "
        "FROM boathouse.role_grants g JOIN boathouse.roles o ON g.grantee_kind = 'role' AND o.role_id = g.grantee_id "
        "JOIN boathouse.roles i ON i.role_id = g.role_id WHERE memory.rs.is_superuser(getvariable('user_id')) "
        "OR EXISTS (SELECT 1 FROM boathouse.reach h WHERE h.user_id = getvariable('user_id') "
        "AND h.grantee_kind = 'role' AND h.grantee_id = o.role_id)",
    ),
    SystemRelation(
        "svv_user_grants",
        (
            ("user_id", "integer"),
            ("user_name", _TEXT),
            ("role_id", "integer"),
            ("role_name", _TEXT),
            _ADMIN,
        ),
        "SELECT u.usesysid AS user_id, u.name AS user_name, r.role_id, r.name AS role_name, g.admin_option "
        "FROM boathouse.role_grants g JOIN boathouse.users u ON g.grantee_kind = 'user' AND u.usesysid = g.grantee_id "
        "JOIN boathouse.roles r ON r.role_id = g.role_id WHERE memory.rs.is_superuser(getvariable('user_id')) "
        "OR u.usesysid = getvariable('user_id')",
    ),
    SystemRelation(
        "svv_user_info",
        (
            ("user_name", _TEXT),
            ("user_id", "integer"),
            ("createdb", "boolean"),
            ("superuser", "boolean"),
            ("catalog_update", "boolean"),
            ("connection_limit", "varchar"),
            ("syslog_access", "varchar"),
            ("last_ddl_timestamp", "timestamp"),
            ("session_timeout", "integer"),
            ("external_user_id", "varchar"),
        ),
        "SELECT name AS user_name, usesysid AS user_id, coalesce(createdb, false) AS createdb, superuser, "
        "false AS catalog_update, coalesce(connection_limit::VARCHAR, 'UNLIMITED') AS connection_limit, "
        "CASE WHEN superuser OR syslog_unrestricted THEN 'UNRESTRICTED' ELSE 'RESTRICTED' END AS syslog_access, "
        "NULL::TIMESTAMP AS last_ddl_timestamp, coalesce(session_timeout, 0) AS session_timeout, "
        "NULL::VARCHAR AS external_user_id FROM boathouse.users "
        "WHERE memory.rs.sees_all_rows() OR usesysid = getvariable('user_id')",
    ),
    SystemRelation(
        "svl_user_info",
        (
            ("usename", "name"),
            ("usesysid", "integer"),
            ("usecreatedb", "boolean"),
            ("usesuper", "boolean"),
            ("usecatupd", "boolean"),
            ("useconnlimit", "varchar"),
            ("syslogaccess", "varchar"),
            ("last_ddl_ts", "timestamp"),
            ("sessiontimeout", "integer"),
            ("external_user_id", "varchar"),
        ),
        "SELECT user_name AS usename, user_id AS usesysid, createdb AS usecreatedb, superuser AS usesuper, "
        "catalog_update AS usecatupd, connection_limit AS useconnlimit, syslog_access AS syslogaccess, "
        "last_ddl_timestamp AS last_ddl_ts, session_timeout AS sessiontimeout, external_user_id "
        "FROM memory.rs.svv_user_info()",
    ),
)
