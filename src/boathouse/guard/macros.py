"""What views and functions ask about privileges, as macros of the engine: `memory.rs.<name>(…)`.

For other rooms' views:

- `memory.rs.sees_all_rows()`: true for superusers, SYSLOG ACCESS UNRESTRICTED and sys:monitor: whoever sees everybody's
  rows in system views. The usual filter is `WHERE userid = getvariable('user_id') OR memory.rs.sees_all_rows()`.
- `memory.rs.sees_relation(schema, name)`: true where the session's user owns the relation or holds any privilege on it,
  on a column alone, too.
- `memory.rs.sees_schema(schema)`: the same for schemas.
- `memory.rs.owner_id(kind, schema, name)`, `memory.rs.user_name(id)`: who owns an object; NULL where a user is no more.
- `memory.rs.acl(kind, schema, name)`: the privileges as PostgreSQL's catalogs write them (`relacl`, `nspacl`, `datacl`,
  `proacl`): a list of `grantee=letters/grantor`, NULL where nothing but the default holds.
- `memory.rs.holds(user_id, kind, schema, name, privilege)`: what `has_…_privilege` answer.

Each reads this room's tables, so that it is right within a transaction, too.
"""

from __future__ import annotations

from boathouse.contracts.users import BOOTSTRAP_USER_ID
from boathouse.guard.tables import SYSTEM_ROLES

_MONITOR, _SUPERUSER = SYSTEM_ROLES["sys:monitor"][0], SYSTEM_ROLES["sys:superuser"][0]
_ME = "getvariable('user_id')"
_LETTERS = {
    "SELECT": "r", "INSERT": "a", "UPDATE": "w", "DELETE": "d", "REFERENCES": "x", "TRUNCATE": "D", "DROP": "P",
    "ALTER": "A", "USAGE": "U", "CREATE": "C", "TEMP": "T", "EXECUTE": "X",
}  # fmt: skip
"""PostgreSQL's letters; DROP and ALTER have Redshift's own."""

_LETTER = "CASE g.privilege " + " ".join(f"WHEN '{one}' THEN '{letter}'" for one, letter in _LETTERS.items()) + " END"
_HOLDER = (
    "CASE g.grantee_kind WHEN 'public' THEN '' WHEN 'user' THEN coalesce(memory.rs.user_name(g.grantee_id), 'unknown') "
    "WHEN 'group' THEN 'group ' || (SELECT name FROM boathouse.groups WHERE grosysid = g.grantee_id) "
    "ELSE 'role ' || (SELECT name FROM boathouse.roles WHERE role_id = g.grantee_id) END"
)
_OF = "g.kind = k AND g.schema_name = s AND g.object_name = n"
_PLACE = (
    "SELECT {field} FROM (SELECT s, n, coalesce(CASE WHEN json_valid(note) THEN (note::JSON ->> 'oid')::BIGINT END, "
    "memory.rs.stable_oid('relation', s || '.' || n)) AS o FROM (SELECT schema_name AS s, table_name AS n, "
    "comment AS note FROM duckdb_tables() WHERE database_name = current_database() UNION ALL "
    "SELECT schema_name, view_name, comment FROM duckdb_views() WHERE database_name = current_database() "
    "AND NOT internal UNION ALL SELECT x.name, t.name, NULL FROM boathouse.external_tables t "
    "JOIN boathouse.external_schemas x ON x.database_name = t.database_name)) c "
)
_FIND = (
    _PLACE.replace(
        "{field}", "arg_min(struct_pack(s := c.s, n := c.n), coalesce(list_position(string_split(path, ','), c.s), 0))"
    )
    + "WHERE CASE WHEN TRY_CAST(t AS BIGINT) IS NOT NULL THEN c.o = TRY_CAST(t AS BIGINT) "
    "WHEN contains(CAST(t AS VARCHAR), '.') "
    "THEN c.s || '.' || c.n = regexp_replace(lower(replace(CAST(t AS VARCHAR), '\"', '')), '^' || current_database() || "
    "'\\.(.+\\.)', '\\1') ELSE c.n = lower(replace(CAST(t AS VARCHAR), '\"', '')) "
    "AND list_contains(string_split(path, ','), c.s) END"
)
_ON_SCHEMAS = "'USAGE', 'CREATE'"
_KNOWN = "'SELECT', 'INSERT', 'UPDATE', 'DELETE', 'REFERENCES', 'DROP', 'ALTER', 'TRUNCATE'"


def _fail(sqlstate: str, text: str) -> str:
    return f"error('BH{sqlstate}|' || {text})"


def _checked(known: str) -> str:
    return (
        f"CASE WHEN upper(trim(CAST(p AS VARCHAR))) IN ({known}) THEN upper(trim(CAST(p AS VARCHAR))) ELSE "
        + _fail("22023", "'unrecognized privilege type: \"' || p || '\"'")
        + " END"
    )


MACROS: tuple[str, ...] = (
    "memory.rs.user_name(id) AS (SELECT name FROM boathouse.users WHERE usesysid = id)",
    f"memory.rs.is_superuser(id) AS (id = {BOOTSTRAP_USER_ID} OR EXISTS (SELECT 1 FROM boathouse.users u "
    "WHERE u.usesysid = id AND u.superuser) OR EXISTS (SELECT 1 FROM boathouse.reach h WHERE h.user_id = id "
    f"AND h.grantee_kind = 'role' AND h.grantee_id = {_SUPERUSER}))",
    f"memory.rs.sees_all_rows() AS (memory.rs.is_superuser({_ME}) OR EXISTS (SELECT 1 FROM boathouse.users u "
    f"WHERE u.usesysid = {_ME} AND u.syslog_unrestricted) OR EXISTS (SELECT 1 FROM boathouse.reach h "
    f"WHERE h.user_id = {_ME} AND h.grantee_kind = 'role' AND h.grantee_id = {_MONITOR}))",
    "memory.rs.owner_id(k, s, n) AS coalesce((SELECT max(g.grantee_id) FROM boathouse.grants g "
    f"WHERE {_OF} AND g.privilege = 'OWNER'), {BOOTSTRAP_USER_ID})",
    f"memory.rs.sees_relation(s, n) AS (memory.rs.sees_all_rows() OR EXISTS (SELECT 1 FROM boathouse.grants g "
    "JOIN boathouse.reach h ON h.grantee_kind = g.grantee_kind AND h.grantee_id = g.grantee_id "
    f"WHERE h.user_id = {_ME} AND g.kind = 'relation' AND g.schema_name = s AND g.object_name = n))",
    f"memory.rs.sees_schema(n) AS (memory.rs.sees_all_rows() OR EXISTS (SELECT 1 FROM boathouse.grants g "
    "JOIN boathouse.reach h ON h.grantee_kind = g.grantee_kind AND h.grantee_id = g.grantee_id "
    f"WHERE h.user_id = {_ME} AND g.kind = 'schema' AND g.object_name = n))",
    "memory.rs.holds(u, k, s, n, p) AS (memory.rs.is_superuser(u) OR memory.rs.owner_id(k, s, n) = u "
    "OR EXISTS (SELECT 1 FROM boathouse.grants g JOIN boathouse.reach h ON h.grantee_kind = g.grantee_kind "
    f"AND h.grantee_id = g.grantee_id WHERE h.user_id = u AND {_OF} AND g.privilege = p AND g.column_name = ''))",
    "memory.rs.holds_column(u, s, n, c, p) AS (memory.rs.holds(u, 'relation', s, n, p) OR EXISTS "
    "(SELECT 1 FROM boathouse.grants g JOIN boathouse.reach h ON h.grantee_kind = g.grantee_kind "
    "AND h.grantee_id = g.grantee_id WHERE h.user_id = u AND g.kind = 'relation' AND g.schema_name = s "
    "AND g.object_name = n AND g.privilege = p AND g.column_name <> '' AND (c IS NULL OR g.column_name = c)))",
    "memory.rs.acl(k, s, n) AS (SELECT list(entry ORDER BY place, entry) FROM (SELECT 0 AS place, "
    "memory.rs.user_name(memory.rs.owner_id(k, s, n)) || '=' || CASE k WHEN 'relation' THEN 'arwdRxtDPA' "
    "WHEN 'schema' THEN 'UC' WHEN 'database' THEN 'CT' WHEN 'language' THEN 'U' ELSE 'X' END || '/' || "
    "memory.rs.user_name(memory.rs.owner_id(k, s, n)) AS entry WHERE EXISTS (SELECT 1 FROM boathouse.grants g "
    f"WHERE {_OF} AND g.privilege <> 'OWNER' AND g.column_name = '') UNION ALL SELECT 1, {_HOLDER} || '=' || "
    f"string_agg({_LETTER} || CASE WHEN g.grantable THEN '*' ELSE '' END, '' ORDER BY g.privilege) || '/' || "
    f"coalesce(memory.rs.user_name(max(g.grantor_id)), 'unknown') FROM boathouse.grants g WHERE {_OF} "
    "AND g.privilege <> 'OWNER' AND g.column_name = '' GROUP BY g.grantee_kind, g.grantee_id))",
    "memory.rs.user_number(u) AS CASE WHEN u IS NULL THEN NULL ELSE coalesce((SELECT usesysid FROM boathouse.users "
    "WHERE name = lower(CAST(u AS VARCHAR)) OR usesysid = TRY_CAST(u AS INTEGER)), "
    + _fail("42704", "'user \"' || u || '\" does not exist'")
    + ") END",
    f"memory.rs.relation_place(t, path) AS CASE WHEN t IS NULL THEN NULL ELSE coalesce(({_FIND}), "
    + _fail("42P01", "'relation \"' || t || '\" does not exist'")
    + ") END",
    "memory.rs.has_table_privilege(u, t, p, path) AS CASE WHEN u IS NULL OR t IS NULL OR p IS NULL THEN NULL ELSE "
    "memory.rs.holds(memory.rs.user_number(u), 'relation', memory.rs.relation_place(t, path).s, "
    f"memory.rs.relation_place(t, path).n, {_checked(_KNOWN)}) END",
    "memory.rs.has_column_privilege(u, t, c, p, path) AS CASE WHEN u IS NULL OR t IS NULL OR c IS NULL OR p IS NULL "
    "THEN NULL ELSE memory.rs.holds_column(memory.rs.user_number(u), memory.rs.relation_place(t, path).s, "
    f"memory.rs.relation_place(t, path).n, lower(CAST(c AS VARCHAR)), {_checked(_KNOWN)}) END",
    "memory.rs.has_any_column_privilege(u, t, p, path) AS CASE WHEN u IS NULL OR t IS NULL OR p IS NULL THEN NULL ELSE "
    "memory.rs.holds_column(memory.rs.user_number(u), memory.rs.relation_place(t, path).s, "
    f"memory.rs.relation_place(t, path).n, NULL, {_checked(_KNOWN)}) END",
    "memory.rs.has_schema_privilege(u, n, p) AS CASE WHEN u IS NULL OR n IS NULL OR p IS NULL THEN NULL "
    "WHEN lower(CAST(n AS VARCHAR)) IN ('pg_catalog', 'information_schema') THEN upper(trim(CAST(p AS VARCHAR))) = 'USAGE' "
    "WHEN NOT EXISTS (SELECT 1 FROM duckdb_schemas() d WHERE d.schema_name = lower(CAST(n AS VARCHAR)) "
    "AND d.database_name = current_database()) AND NOT EXISTS (SELECT 1 FROM boathouse.external_schemas e "
    "WHERE e.name = lower(CAST(n AS VARCHAR))) THEN "
    + _fail("3F000", "'schema \"' || n || '\" does not exist'")
    + f" ELSE memory.rs.holds(memory.rs.user_number(u), 'schema', '', lower(CAST(n AS VARCHAR)), {_checked(_ON_SCHEMAS)}) END",
    "memory.rs.has_database_privilege(u, n, p) AS CASE WHEN u IS NULL OR n IS NULL OR p IS NULL THEN NULL "
    "WHEN lower(CAST(n AS VARCHAR)) <> current_database() THEN "
    + _fail("3D000", "'database \"' || n || '\" does not exist'")
    # PostgreSQL's CONNECT, which Redshift has not: whoever is known may connect.
    + " WHEN upper(trim(CAST(p AS VARCHAR))) = 'CONNECT' THEN memory.rs.user_number(u) IS NOT NULL"
    + " ELSE memory.rs.holds(memory.rs.user_number(u), 'database', '', lower(CAST(n AS VARCHAR)), replace("
    "CASE WHEN upper(trim(CAST(p AS VARCHAR))) IN ('CONNECT', 'CREATE', 'TEMP', 'TEMPORARY') "
    "THEN upper(trim(CAST(p AS VARCHAR))) ELSE "
    + _fail("22023", "'unrecognized privilege type: \"' || p || '\"'")
    + " END, 'TEMPORARY', 'TEMP')) END",
    "memory.rs.has_language_privilege(u, n, p) AS CASE WHEN u IS NULL OR n IS NULL OR p IS NULL THEN NULL "
    "ELSE memory.rs.holds(memory.rs.user_number(u), 'language', '', lower(CAST(n AS VARCHAR)), "
    "upper(trim(CAST(p AS VARCHAR)))) END",
    "memory.rs.has_role(u, r) AS CASE WHEN u IS NULL OR r IS NULL THEN NULL ELSE EXISTS (SELECT 1 "
    "FROM boathouse.reach h JOIN boathouse.roles o ON h.grantee_kind = 'role' AND o.role_id = h.grantee_id "
    "WHERE h.user_id = memory.rs.user_number(u) AND o.name = lower(CAST(r AS VARCHAR))) END",
    "memory.rs.role_has_role(m, r) AS CASE WHEN m IS NULL OR r IS NULL THEN NULL ELSE lower(CAST(r AS VARCHAR)) IN "
    "(WITH RECURSIVE inner_roles(id) AS (SELECT role_id FROM boathouse.roles WHERE name = lower(CAST(m AS VARCHAR)) UNION "
    "SELECT g.role_id FROM inner_roles i JOIN boathouse.role_grants g ON g.grantee_kind = 'role' AND g.grantee_id = i.id) "
    "SELECT o.name FROM inner_roles i JOIN boathouse.roles o ON o.role_id = i.id WHERE o.name <> lower(CAST(m AS VARCHAR))) END",
)
