"""Privileges as PostgreSQL lists them: information_schema's views of grants, and pg_default_acl.

Received by whoever asks: superusers see all rows, others those whose grantor or grantee they are, directly or through
groups and roles. Owners' own privileges are rows, too. Source: PostgreSQL "The Information Schema", "pg_default_acl";
Redshift Developer Guide, "PG_DEFAULT_ACL".
"""

from __future__ import annotations

from boathouse.contracts.rooms import SystemRelation
from boathouse.contracts.users import BOOTSTRAP_USER_ID
from boathouse.guard.macros import entry
from boathouse.guard.system import MINE, name_of

_ALL = "['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'REFERENCES', 'TRUNCATE', 'DROP', 'ALTER']"
_BY_COLUMN = "('SELECT', 'INSERT', 'UPDATE', 'REFERENCES')"
_RELATIONS = (
    "(SELECT schema_name, table_name AS object_name FROM memory.rs.stored_tables() WHERE database_name = current_database() "
    "UNION ALL SELECT schema_name, view_name FROM duckdb_views() WHERE database_name = current_database() AND NOT internal)"
)
_OWNERS = (
    f"(SELECT r.schema_name, r.object_name, coalesce(o.grantee_id, {BOOTSTRAP_USER_ID}) AS owner_id FROM {_RELATIONS} r "
    "LEFT JOIN boathouse.grants o ON o.kind = 'relation' AND o.privilege = 'OWNER' AND o.schema_name = r.schema_name "
    "AND o.object_name = r.object_name WHERE r.schema_name NOT IN ('boathouse', 'main', 'information_schema', 'pg_catalog'))"
)
_HELD = f"""
(SELECT g.schema_name, g.object_name, g.column_name, g.privilege, memory.rs.user_name(g.grantor_id) AS grantor,
    CASE g.grantee_kind WHEN 'public' THEN 'PUBLIC' ELSE {name_of("g.grantee")} END AS grantee, g.grantable
FROM boathouse.grants g WHERE g.kind = 'relation' AND g.privilege <> 'OWNER' AND {MINE.replace("grantor_id", "g.grantor_id")}
UNION ALL
SELECT o.schema_name, o.object_name, '', unnest({_ALL}), memory.rs.user_name(o.owner_id), memory.rs.user_name(o.owner_id), true
FROM {_OWNERS} o WHERE memory.rs.is_superuser(getvariable('user_id')) OR o.owner_id = getvariable('user_id'))
"""
_TABLES = (
    "SELECT h.grantor, h.grantee, current_database() AS table_catalog, h.schema_name AS table_schema, "
    "h.object_name AS table_name, h.privilege AS privilege_type, CASE WHEN h.grantable THEN 'YES' ELSE 'NO' END "
    "AS is_grantable, CASE WHEN h.privilege = 'SELECT' THEN 'YES' ELSE 'NO' END AS with_hierarchy "
    f"FROM {_HELD} h WHERE h.column_name = ''"
)
_COLUMNS = (
    "SELECT h.grantor, h.grantee, current_database() AS table_catalog, h.schema_name AS table_schema, "
    "h.object_name AS table_name, c.column_name, h.privilege AS privilege_type, "
    f"CASE WHEN h.grantable THEN 'YES' ELSE 'NO' END AS is_grantable FROM {_HELD} h JOIN memory.rs.stored_columns() c "
    "ON c.database_name = current_database() AND c.schema_name = h.schema_name AND c.table_name = h.object_name "
    f"AND h.column_name IN ('', c.column_name) WHERE h.privilege IN {_BY_COLUMN}"
)

_PARTIES = (("grantor", "name"), ("grantee", "name"))
_TABLE = (("table_catalog", "name"), ("table_schema", "name"), ("table_name", "name"))
_WHAT = (("privilege_type", "varchar"), ("is_grantable", "varchar(3)"))


def _schema_view(name: str, columns: tuple[tuple[str, str], ...], query: str) -> SystemRelation:
    return SystemRelation(f"information_schema.{name}", columns, query)


_DEFAULTS = f"""
SELECT memory.rs.stable_oid('default acl', owner_id || '.' || schema_name || '.' || kind) AS oid, owner_id::BIGINT AS defaclrole,
    CASE schema_name WHEN '' THEN 0 ELSE memory.rs.schema_oid(schema_name) END::BIGINT AS defaclnamespace,
    CASE kind WHEN 'relation' THEN 'r' WHEN 'function' THEN 'f' ELSE 'p' END AS defaclobjtype,
    list(entry ORDER BY entry) AS defaclacl, owner_id AS defacluser
FROM (
    SELECT d.owner_id, d.schema_name, d.kind, {entry("d.holder", "d.privilege", "d.grantable", "d.owner")} AS entry
    FROM (SELECT *, CASE grantee_kind WHEN 'public' THEN '' WHEN 'user' THEN '' ELSE grantee_kind || ' ' END
            || CASE grantee_kind WHEN 'public' THEN '' ELSE {name_of("grantee")} END AS holder,
            memory.rs.user_name(owner_id) AS owner
        FROM boathouse.default_privileges WHERE privilege NOT LIKE '-%') d
    GROUP BY d.owner_id, d.schema_name, d.kind, d.holder, d.owner
    UNION ALL
    SELECT DISTINCT owner_id, schema_name, kind, memory.rs.user_name(owner_id) || '=X/' || memory.rs.user_name(owner_id)
    FROM boathouse.default_privileges WHERE privilege LIKE '-%'
) GROUP BY owner_id, schema_name, kind
"""
"""A default taken from PUBLIC leaves the owner's own, as PostgreSQL shows it."""

SYSTEM_RELATIONS: tuple[SystemRelation, ...] = (
    _schema_view("table_privileges", (*_PARTIES, *_TABLE, *_WHAT, ("with_hierarchy", "varchar(3)")), _TABLES),
    _schema_view(
        "role_table_grants",
        (*_PARTIES, *_TABLE, *_WHAT, ("with_hierarchy", "varchar(3)")),
        f"SELECT * FROM ({_TABLES}) WHERE grantee <> 'PUBLIC'",
    ),
    _schema_view("column_privileges", (*_PARTIES, *_TABLE, ("column_name", "name"), *_WHAT), _COLUMNS),
    _schema_view(
        "role_column_grants",
        (*_PARTIES, *_TABLE, ("column_name", "name"), *_WHAT),
        f"SELECT * FROM ({_COLUMNS}) WHERE grantee <> 'PUBLIC'",
    ),
    SystemRelation(
        "pg_default_acl",
        (
            ("oid", "oid"),
            ("defaclrole", "oid"),
            ("defaclnamespace", "oid"),
            ("defaclobjtype", '"char"'),
            ("defaclacl", "aclitem[]"),
            ("defacluser", "integer"),
        ),
        _DEFAULTS,
    ),
)
