"""What views and functions ask about privileges, as macros of the engine: `memory.rs.<name>(…)`.

For other rooms' views:

- `memory.rs.sees_all_rows()`: true for superusers, SYSLOG ACCESS UNRESTRICTED and roles with ACCESS SYSTEM TABLE: whoever sees
  everybody's rows in system views. The usual filter is `WHERE userid = getvariable('user_id') OR memory.rs.sees_all_rows()`.
- `memory.rs.sees_catalog()`: the same, and roles with ACCESS CATALOG: whoever sees that objects exist, and their texts.
- `memory.rs.sees_relation(schema, name)`: true where the session's user owns the relation or holds any privilege on it,
  on a column alone, too.
- `memory.rs.sees_schema(schema)`: the same for schemas; `memory.rs.sees_column(schema, name, column)` for columns.
- `memory.rs.owner_id(kind, schema, name)`, `memory.rs.user_name(id)`: who owns an object; NULL where a user is no more.
- `memory.rs.acls()`: in FROM: acl_of (a kind), acl_in (a schema), acl_on, acl_column ('' but for a column's own) and acl:
  the privileges as PostgreSQL's catalogs write them (`relacl`, `nspacl`, `datacl`, `proacl`, `attacl`): a list of
  `grantee=letters/grantor`. No row where nothing has been granted.
- `memory.rs.holds(user_id, kind, schema, name, privileges)`: true where one of a list is held; what `has_…_privilege` answer.

Each reads this room's tables, so that it is right within a transaction, too.
"""

from __future__ import annotations

from boathouse.contracts.users import BOOTSTRAP_USER_ID
from boathouse.guard.tables import SYSTEM_ROLES

_SUPERUSER = SYSTEM_ROLES["sys:superuser"][0]
_HOUSE = 1
"""`rdsdb`, which `pg_user` lists as the owner of the system catalog; nobody logs in as it."""
_ME = "getvariable('user_id')"
_LETTERS = {
    "SELECT": "r", "INSERT": "a", "UPDATE": "w", "DELETE": "d", "REFERENCES": "x", "TRUNCATE": "D", "DROP": "P",
    "ALTER": "A", "USAGE": "U", "CREATE": "C", "TEMP": "T", "EXECUTE": "X",
}  # fmt: skip
"""PostgreSQL's letters; DROP and ALTER have Redshift's own."""

_ORDER = "".join(_LETTERS.values())
_WHOLE: dict[str, str] = {"relation": "arwdxDPA", "schema": "UC", "database": "CT", "language": "U"}
"""All that an owner has, by kind; EXECUTE on routines."""


def letter(privilege: str) -> str:
    """SQL for the letter of a privilege."""
    return f"CASE {privilege} " + " ".join(f"WHEN '{one}' THEN '{sign}'" for one, sign in _LETTERS.items()) + " END"


_NAMES = (
    "(SELECT 'public' AS kind, 0 AS id, '' AS name UNION ALL SELECT 'user', usesysid, name FROM boathouse.users "
    "UNION ALL SELECT 'group', grosysid, 'group ' || name FROM boathouse.groups "
    "UNION ALL SELECT 'role', role_id, 'role ' || name FROM boathouse.roles)"
)
"""Grantees as access lists write them: groups and roles with the word before."""


def entry(holder: str, privilege: str, grantable: str, grantor: str) -> str:
    """SQL that aggregates one holder's privileges into an entry of an access list."""
    sign = letter(privilege)
    return (
        f"coalesce({holder}, 'unknown') || '=' || string_agg({sign} || CASE WHEN {grantable} THEN '*' ELSE '' END, '' "
        f"ORDER BY strpos('{_ORDER}', {sign})) || '/' || coalesce({grantor}, 'unknown')"
    )


_OWNED = "CASE o.kind " + " ".join(f"WHEN '{one}' THEN '{signs}'" for one, signs in _WHOLE.items()) + " ELSE 'X' END"
_ACLS = f"""
SELECT kind AS acl_of, schema_name AS acl_in, object_name AS acl_on, column_name AS acl_column,
    list(entry ORDER BY place, entry) AS acl FROM (
    SELECT g.kind, g.schema_name, g.object_name, g.column_name, CASE g.grantee_kind WHEN 'public' THEN 1 ELSE 2 END AS place,
        {entry("n.name", "g.privilege", "g.grantable", "r.name")} AS entry
    FROM boathouse.grants g LEFT JOIN {_NAMES} n ON n.kind = g.grantee_kind AND n.id = g.grantee_id
    LEFT JOIN boathouse.users r ON r.usesysid = g.grantor_id
    WHERE g.privilege <> 'OWNER' AND g.kind <> 'system'
    GROUP BY g.kind, g.schema_name, g.object_name, g.column_name, g.grantee_kind, n.name, r.name
    UNION ALL
    SELECT o.kind, o.schema_name, o.object_name, '', 0, u.name || '=' || {_OWNED} || '/' || u.name
    FROM (SELECT kind, schema_name, object_name, coalesce(max(grantee_id) FILTER (privilege = 'OWNER'), {BOOTSTRAP_USER_ID})
        AS owner_id FROM boathouse.grants WHERE kind <> 'system' AND column_name = ''
        GROUP BY kind, schema_name, object_name HAVING count(*) FILTER (privilege <> 'OWNER') > 0) o
    JOIN boathouse.users u ON u.usesysid = o.owner_id)
GROUP BY kind, schema_name, object_name, column_name
"""
_ON_SCHEMAS = "'USAGE', 'CREATE'"
_USAGE = "'USAGE'"
_KNOWN = "'SELECT', 'INSERT', 'UPDATE', 'DELETE', 'REFERENCES', 'DROP', 'ALTER', 'TRUNCATE'"


def _fail(sqlstate: str, text: str) -> str:
    return f"error('BH{sqlstate}|' || {text})"


def _checked(known: str) -> str:
    """SQL for the list of the privileges in `p`, `SELECT, INSERT WITH GRANT OPTION`; with a star where to be granted on."""
    return (
        "list_transform(string_split(regexp_replace(trim(CAST(p AS VARCHAR)), "
        "'(?i)\\s+WITH\\s+GRANT\\s+OPTION\\s*(,|$)', '*\\1', 'g'), ','), lambda one: CASE WHEN upper(rtrim(trim(one), '*')) IN "
        f"({known}) THEN upper(trim(one)) ELSE "
        + _fail("22023", "'unrecognized privilege type: \"' || trim(one) || '\"'")
        + " END)"
    )


_EXECUTE = _checked("'EXECUTE'")
_NAMED = _checked("'CONNECT', 'CREATE', 'TEMP', 'TEMPORARY', 'USAGE'")
_NAMES_USAGE = f"list_contains(list_transform({_NAMED}, lambda one: rtrim(one, '*')), 'USAGE')"
_ROUTINES = (
    "SELECT prooid AS oid, 'procedure' AS kind, schema_name, name || '(' || replace(signature, ',', ', ') || ')' AS place "
    "FROM boathouse.procedures UNION ALL SELECT prooid, 'function', schema_name, "
    "name || '(' || replace(signature, ',', ', ') || ')' FROM boathouse.functions"
)

_HELD = (
    "(SELECT kind AS held_kind, schema_name AS held_in, object_name AS held_on, column_name AS held_column, "
    "privilege AS held, grantable AS passed_on, grantee_kind AS held_by, grantee_id AS holder FROM boathouse.grants)"
)
_REACHED = (
    f"{_HELD} JOIN (SELECT user_id AS reaching, grantee_kind AS reached, grantee_id AS reached_id FROM boathouse.reach) "
    "ON reached = held_by AND reached_id = holder"
)
"""What users hold. No name of a column is one that a macro's caller may give: an argument means the nearest column of
its name, and that would be the macro's own."""

_AMONG = "(list_contains(p, held) OR passed_on AND list_contains(p, held || '*'))"
"""A privilege held is among those asked for."""

MACROS: tuple[str, ...] = (
    "memory.rs.user_name(id) AS (SELECT user_name FROM (SELECT name AS user_name, usesysid AS number FROM boathouse.users) "
    "WHERE number = id)",
    f"memory.rs.is_superuser(id) AS (id IN ({BOOTSTRAP_USER_ID}, {_HOUSE}) OR EXISTS (SELECT 1 FROM "
    "(SELECT usesysid AS number, superuser AS above FROM boathouse.users) WHERE number = id AND above) "
    "OR EXISTS (SELECT 1 FROM (SELECT user_id AS reaching, "
    "grantee_kind AS reached, grantee_id AS reached_id FROM boathouse.reach) WHERE reaching = id AND reached = 'role' "
    f"AND reached_id = {_SUPERUSER}))",
    f"memory.rs.has_permission(id, permission) AS EXISTS (SELECT 1 FROM {_REACHED} WHERE reaching = id "
    "AND held_kind = 'system' AND held = permission)",
    f"memory.rs.sees_all_rows() AS (memory.rs.is_superuser({_ME}) OR EXISTS (SELECT 1 FROM boathouse.users u "
    f"WHERE u.usesysid = {_ME} AND u.syslog_unrestricted) OR memory.rs.has_permission({_ME}, 'ACCESS SYSTEM TABLE'))",
    "memory.rs.owner_id(k, s, n) AS coalesce((SELECT max(holder) FROM "
    f"{_HELD} WHERE held_kind = k AND held_in = s AND held_on = n AND held = 'OWNER'), {BOOTSTRAP_USER_ID})",
    f"memory.rs.sees_catalog() AS (memory.rs.sees_all_rows() OR memory.rs.has_permission({_ME}, 'ACCESS CATALOG'))",
    f"memory.rs.sees_relation(s, n) AS (memory.rs.sees_catalog() OR EXISTS (SELECT 1 FROM {_REACHED} "
    f"WHERE reaching = {_ME} AND held_kind = 'relation' AND held_in = s AND held_on = n))",
    f"memory.rs.sees_column(s, n, c) AS (memory.rs.sees_catalog() OR EXISTS (SELECT 1 FROM {_REACHED} "
    f"WHERE reaching = {_ME} AND held_kind = 'relation' AND held_in = s AND held_on = n AND held_column IN ('', c)))",
    f"memory.rs.sees_schema(n) AS (memory.rs.sees_catalog() OR EXISTS (SELECT 1 FROM {_REACHED} "
    f"WHERE reaching = {_ME} AND held_kind = 'schema' AND held_on = n))",
    "memory.rs.holds(u, k, s, n, p) AS (memory.rs.is_superuser(u) OR memory.rs.owner_id(k, s, n) = u OR EXISTS "
    f"(SELECT 1 FROM {_REACHED} WHERE reaching = u AND held_kind = k AND held_in = s AND held_on = n AND {_AMONG} "
    "AND held_column = ''))",
    "memory.rs.holds_column(u, s, n, c, p) AS (memory.rs.holds(u, 'relation', s, n, p) OR EXISTS "
    f"(SELECT 1 FROM {_REACHED} WHERE reaching = u AND held_kind = 'relation' AND held_in = s AND held_on = n "
    f"AND {_AMONG} AND held_column <> '' AND (c IS NULL OR held_column = c)))",
    f"memory.rs.acls() AS TABLE {_ACLS}",
    "memory.rs.user_number(u) AS CASE WHEN u IS NULL THEN NULL ELSE coalesce((SELECT usesysid FROM boathouse.users "
    "WHERE name = lower(CAST(u AS VARCHAR)) OR usesysid = TRY_CAST(u AS INTEGER)), "
    f"CASE WHEN lower(CAST(u AS VARCHAR)) IN ('rdsdb', '{_HOUSE}') THEN {_HOUSE} END, "
    + _fail("42704", "'user \"' || u || '\" does not exist'")
    + ") END",
    "memory.rs.found(place, t) AS CASE WHEN t IS NULL THEN NULL ELSE coalesce(place, "
    + _fail("42P01", "'relation \"' || t || '\" does not exist'")
    + ") END",
    # Everybody may read the system catalog, which shows each user what is the user's to see.
    "memory.rs.may(u, s, n, p) AS CASE WHEN s IN ('pg_catalog', 'information_schema') THEN list_contains(p, 'SELECT') "
    "OR memory.rs.is_superuser(u) WHEN s = 'pg_temp_1' THEN true ELSE memory.rs.holds(u, 'relation', s, n, p) END",
    "memory.rs.has_table_privilege(u, place, t, p) AS CASE WHEN u IS NULL OR t IS NULL OR p IS NULL THEN NULL ELSE "
    "memory.rs.may(memory.rs.user_number(u), memory.rs.found(place, t).s, memory.rs.found(place, t).n, "
    f"{_checked(_KNOWN)}) END",
    "memory.rs.may_column(u, s, n, c, p) AS CASE WHEN s IN ('pg_catalog', 'information_schema') THEN list_contains(p, 'SELECT') "
    "OR memory.rs.is_superuser(u) WHEN s = 'pg_temp_1' THEN true ELSE memory.rs.holds_column(u, s, n, c, p) END",
    "memory.rs.has_column_privilege(u, place, t, c, p) AS CASE WHEN u IS NULL OR t IS NULL OR c IS NULL OR p IS NULL "
    "THEN NULL ELSE memory.rs.may_column(memory.rs.user_number(u), memory.rs.found(place, t).s, "
    f"memory.rs.found(place, t).n, lower(CAST(c AS VARCHAR)), {_checked(_KNOWN)}) END",
    "memory.rs.has_any_column_privilege(u, place, t, p) AS CASE WHEN u IS NULL OR t IS NULL OR p IS NULL THEN NULL ELSE "
    "memory.rs.may_column(memory.rs.user_number(u), memory.rs.found(place, t).s, memory.rs.found(place, t).n, NULL, "
    f"{_checked(_KNOWN)}) END",
    "memory.rs.has_schema_privilege(u, place, n, p) AS CASE WHEN u IS NULL OR n IS NULL OR p IS NULL THEN NULL "
    "WHEN place IS NULL THEN "
    + _fail("3F000", "'schema \"' || n || '\" does not exist'")
    + f" WHEN place IN ('pg_catalog', 'information_schema') THEN list_contains({_checked(_ON_SCHEMAS)}, 'USAGE') "
    "WHEN place = 'pg_temp_1' THEN true WHEN place = 'pg_toast' THEN false "
    f"ELSE memory.rs.holds(memory.rs.user_number(u), 'schema', '', place, {_checked(_ON_SCHEMAS)}) END",
    "memory.rs.database_named(n) AS CASE WHEN lower(CAST(n AS VARCHAR)) IN (current_database(), '16384') THEN current_database() "
    "ELSE (SELECT known_name FROM (SELECT database_name AS known_name FROM memory.rs.named_databases()) "
    "WHERE known_name = lower(CAST(n AS VARCHAR)) OR CAST(memory.rs.stable_oid('database', known_name) AS VARCHAR) = "
    "CAST(n AS VARCHAR)) END",
    "memory.rs.has_database_privilege(u, n, p) AS CASE WHEN u IS NULL OR n IS NULL OR p IS NULL THEN NULL "
    "WHEN memory.rs.database_named(n) IS NULL THEN "
    + _fail("3D000", "'database \"' || n || '\" does not exist'")
    # A name over what an integration captures is read with USAGE; nobody connects to it, or makes anything in it.
    + " WHEN memory.rs.database_named(n) <> current_database() THEN CASE WHEN memory.rs.user_number(u) IS NOT NULL AND "
    + f"{_NAMES_USAGE} THEN memory.rs.holds("
    + f"memory.rs.user_number(u), 'database', '', memory.rs.database_named(n), {_NAMED}) ELSE false END"
    + f" WHEN {_NAMES_USAGE} THEN "
    + _fail("22023", "'unrecognized privilege type: \"USAGE\"'")
    # PostgreSQL's CONNECT, which Redshift has not: whoever is known may connect.
    + " WHEN upper(trim(CAST(p AS VARCHAR))) = 'CONNECT' THEN memory.rs.user_number(u) IS NOT NULL"
    + " ELSE memory.rs.holds(memory.rs.user_number(u), 'database', '', current_database(), list_transform("
    + _NAMED
    + ", lambda one: replace(one, 'TEMPORARY', 'TEMP'))) END",
    f"memory.rs.routines() AS TABLE {_ROUTINES}",
    "memory.rs.may_execute(u, k, s, n, p) AS CASE WHEN u IS NULL OR p IS NULL THEN NULL "
    f"WHEN {_EXECUTE} IS NULL OR k IS NULL THEN NULL "
    "WHEN k = 'built in' THEN memory.rs.user_number(u) IS NOT NULL "
    f"ELSE memory.rs.holds(memory.rs.user_number(u), k, s, n, {_EXECUTE}) END",
    "memory.rs.has_function_privilege_by_oid(u, x, p) AS CASE WHEN x IS NULL THEN NULL WHEN x < 100000 "
    "THEN memory.rs.may_execute(u, 'built in', '', '', p) ELSE (SELECT any_value(memory.rs.may_execute(u, r.kind, "
    "r.schema_name, r.place, p)) FROM memory.rs.routines() r WHERE r.oid = x) END",
    "memory.rs.has_function_privilege(u, x, s, n, path, p) AS (SELECT CASE WHEN count(*) = 0 THEN "
    + _fail("42883", "'function \"' || x || '\" does not exist'")
    + " ELSE arg_min(memory.rs.may_execute(u, r.kind, r.schema_name, r.place, p), "
    "coalesce(list_position(string_split(path, ','), r.schema_name), 0)) END FROM memory.rs.routines() r "
    "WHERE r.place = n AND CASE WHEN s = '' THEN list_contains(string_split(path, ','), r.schema_name) "
    "ELSE r.schema_name = s END)",
    # Nobody is granted roles of a cloud here: every user may name any in COPY and UNLOAD, where secrets open places.
    "memory.rs.has_assumerole_privilege(u, r, c) AS CASE WHEN u IS NULL OR r IS NULL OR c IS NULL THEN NULL "
    "WHEN upper(trim(CAST(c AS VARCHAR))) IN ('COPY', 'UNLOAD') THEN memory.rs.user_number(u) IS NOT NULL "
    "WHEN upper(trim(CAST(c AS VARCHAR))) IN ('CREATE MODEL', 'EXTERNAL FUNCTION') THEN memory.rs.user_number(u) IS NULL ELSE "
    + _fail("22023", "'unrecognized command type: \"' || c || '\"'")
    + " END",
    "memory.rs.has_language_privilege(u, n, p) AS CASE WHEN u IS NULL OR n IS NULL OR p IS NULL THEN NULL "
    f"ELSE memory.rs.holds(memory.rs.user_number(u), 'language', '', lower(CAST(n AS VARCHAR)), {_checked(_USAGE)}) END",
    "memory.rs.has_role(u, r) AS CASE WHEN u IS NULL OR r IS NULL THEN NULL ELSE EXISTS (SELECT 1 "
    "FROM boathouse.reach h JOIN boathouse.roles o ON h.grantee_kind = 'role' AND o.role_id = h.grantee_id "
    "WHERE h.user_id = memory.rs.user_number(u) AND o.name = lower(CAST(r AS VARCHAR))) END",
    "memory.rs.role_has_role(m, r) AS CASE WHEN m IS NULL OR r IS NULL THEN NULL ELSE lower(CAST(r AS VARCHAR)) IN "
    "(WITH RECURSIVE inner_roles(id) AS (SELECT role_id FROM boathouse.roles WHERE name = lower(CAST(m AS VARCHAR)) UNION "
    "SELECT g.role_id FROM inner_roles i JOIN boathouse.role_grants g ON g.grantee_kind = 'role' AND g.grantee_id = i.id) "
    "SELECT o.name FROM inner_roles i JOIN boathouse.roles o ON o.role_id = i.id WHERE o.name <> lower(CAST(m AS VARCHAR))) END",
)
