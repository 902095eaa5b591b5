"""pg_user, pg_shadow, pg_group, pg_roles and their like, and pg_database: who there is, and where.

Over the tables in which users, groups and roles are kept, so always of the moment. Passwords are masked: what proves
them is nobody's business. Roles and groups have numbers of their own kind; in `pg_roles` they get others, far from users'.
"""

from __future__ import annotations

from boathouse.contracts.rooms import SystemRelation

OWNERS = """
SELECT usesysid::BIGINT AS oid, name FROM boathouse.users
UNION ALL SELECT 1, 'rdsdb'
UNION ALL SELECT 10000000 + role_id, name FROM boathouse.roles
UNION ALL SELECT 20000000 + grosysid, name FROM boathouse.groups
"""
"""The source `owners`: everybody by number."""

_USER_COLUMNS = (
    ("usename", "name"), ("usesysid", "integer"), ("usecreatedb", "boolean"), ("usesuper", "boolean"),
    ("usecatupd", "boolean"), ("passwd", "text"), ("valuntil", "timestamptz"), ("useconfig", "text[]"),
    ("userepl", "boolean"), ("usebypassrls", "boolean"),
)  # fmt: skip
_USERS = """
SELECT name AS usename, usesysid, coalesce(createdb, false) OR superuser AS usecreatedb, superuser AS usesuper,
    superuser AS usecatupd, '********' AS passwd, valid_until::TIMESTAMPTZ AS valuntil, NULL::VARCHAR[] AS useconfig,
    false AS userepl, false AS usebypassrls
FROM boathouse.users
UNION ALL SELECT 'rdsdb', 1, true, true, true, '********', NULL, NULL, false, false
"""

_ROLE_COLUMNS = (
    ("rolname", "name"), ("rolsuper", "boolean"), ("rolinherit", "boolean"), ("rolcreaterole", "boolean"),
    ("rolcreatedb", "boolean"), ("rolcanlogin", "boolean"), ("rolreplication", "boolean"), ("rolconnlimit", "integer"),
    ("rolpassword", "text"), ("rolvaliduntil", "timestamptz"), ("rolbypassrls", "boolean"), ("rolconfig", "text[]"),
    ("oid", "oid"), ("rolcatupdate", "boolean"),
)  # fmt: skip
_ROLES = """
SELECT name AS rolname, superuser AS rolsuper, true AS rolinherit, superuser AS rolcreaterole,
    coalesce(createdb, false) OR superuser AS rolcreatedb, true AS rolcanlogin, false AS rolreplication,
    coalesce(connection_limit, -1)::INTEGER AS rolconnlimit, '********' AS rolpassword,
    valid_until::TIMESTAMPTZ AS rolvaliduntil, superuser AS rolbypassrls, NULL::VARCHAR[] AS rolconfig,
    usesysid::BIGINT AS oid, superuser AS rolcatupdate
FROM boathouse.users
UNION ALL SELECT 'rdsdb', true, true, true, true, true, false, -1, '********', NULL, true, NULL, 1, true
UNION ALL SELECT name, false, true, false, false, false, false, -1, '********', NULL, false, NULL, 10000000 + role_id, false
FROM boathouse.roles
UNION ALL SELECT name, false, true, false, false, false, false, -1, '********', NULL, false, NULL, 20000000 + grosysid, false
FROM boathouse.groups
"""

PEOPLE = (
    SystemRelation("pg_user", _USER_COLUMNS, _USERS),
    SystemRelation("pg_shadow", _USER_COLUMNS, _USERS),
    SystemRelation(
        "pg_user_info",
        (*_USER_COLUMNS[:8], ("useconnlimit", "text")),
        f"SELECT w.* EXCLUDE (userepl, usebypassrls), CASE WHEN w.usesysid > 1 THEN coalesce(nullif(u.connection_limit, "
        f"-1)::VARCHAR, 'UNLIMITED') END AS useconnlimit FROM ({_USERS}) w LEFT JOIN boathouse.users u USING (usesysid)",
        superusers_only=True,
    ),
    SystemRelation(
        "pg_group",
        (("groname", "name"), ("grosysid", "integer"), ("grolist", "int4[]")),
        "SELECT g.name AS groname, g.grosysid, (SELECT list(m.usesysid ORDER BY m.usesysid) "
        "FROM boathouse.group_members m WHERE m.grosysid = g.grosysid) AS grolist FROM boathouse.groups g",
    ),
    SystemRelation("pg_roles", _ROLE_COLUMNS, _ROLES),
    SystemRelation("pg_authid", _ROLE_COLUMNS, _ROLES),
    SystemRelation(
        "pg_auth_members",
        (("roleid", "oid"), ("member", "oid"), ("grantor", "oid"), ("admin_option", "boolean")),
        "SELECT 10000000 + role_id AS roleid, CASE WHEN grantee_kind = 'role' THEN 10000000 + grantee_id "
        "ELSE grantee_id END::BIGINT AS member, grantor_id::BIGINT AS grantor, admin_option "
        "FROM boathouse.role_grants WHERE grantee_kind IN ('user', 'role') "
        "UNION ALL SELECT 20000000 + grosysid, usesysid, 100, false FROM boathouse.group_members",
    ),
    SystemRelation(
        "pg_database",
        (
            ("oid", "oid"), ("datname", "name"), ("datdba", "oid"), ("encoding", "integer"),
            ("datlocprovider", '"char"'), ("datistemplate", "boolean"), ("datallowconn", "boolean"),
            ("datconnlimit", "integer"), ("datfrozenxid", "xid"), ("datminmxid", "xid"), ("dattablespace", "oid"),
            ("datcollate", "text"), ("datctype", "text"), ("daticulocale", "text"), ("datcollversion", "text"),
            ("datacl", "aclitem[]"), ("datlastsysoid", "oid"), ("datvacuumxid", "xid"), ("datconfig", "text[]"),
        ),
        "SELECT 16384::BIGINT AS oid, current_database() AS datname, "
        "memory.rs.owner_id('database', '', current_database())::BIGINT AS datdba, 6::INTEGER AS encoding, "
        "'c' AS datlocprovider, false AS datistemplate, true AS datallowconn, -1::INTEGER AS datconnlimit, "
        "0::BIGINT AS datfrozenxid, 0::BIGINT AS datminmxid, 1663::BIGINT AS dattablespace, 'C' AS datcollate, "
        "'C' AS datctype, NULL::VARCHAR AS daticulocale, NULL::VARCHAR AS datcollversion, "
        "(SELECT any_value(acl) FROM memory.rs.acls() "
        "WHERE acl_of = 'database' AND acl_on = current_database()) AS datacl, "
        "16383::BIGINT AS datlastsysoid, 0::BIGINT AS datvacuumxid, NULL::VARCHAR[] AS datconfig "
        "UNION ALL SELECT memory.rs.stable_oid('database', database_name), database_name, "
        "memory.rs.owner_id('database', '', database_name)::BIGINT, 6, 'c', false, false, -1, 0, 0, 1663, 'C', 'C', NULL, NULL, "
        "(SELECT any_value(acl) FROM memory.rs.acls() WHERE acl_of = 'database' AND acl_on = database_name), 16383, 0, NULL "
        "FROM memory.rs.named_databases()",
    ),
    SystemRelation(
        "pg_tablespace",
        (
            ("oid", "oid"), ("spcname", "name"), ("spcowner", "oid"), ("spcacl", "aclitem[]"), ("spcoptions", "text[]"),
            ("spclocation", "text"),
        ),
        "SELECT oid::BIGINT AS oid, name AS spcname, 1::BIGINT AS spcowner, NULL::VARCHAR[] AS spcacl, "
        "NULL::VARCHAR[] AS spcoptions, '' AS spclocation FROM (VALUES (1663, 'pg_default'), (1664, 'pg_global')) t(oid, name)",
    ),
)  # fmt: skip
