"""Relations and their columns: pg_namespace, pg_class, pg_attribute, pg_attrdef, pg_description.

Columns stand in the order and types of PostgreSQL 15, then those that PostgreSQL 8.0 had besides, then Redshift's own
(`reldiststyle`, `attencodingtype`, …), so that clients of either age find theirs.
Source: PostgreSQL "System Catalogs"; Redshift Developer Guide "System catalog tables" (c_intro_catalog_views).
"""

from __future__ import annotations

from boathouse.contracts.rooms import SystemRelation

ENCODINGS = ("none", "bytedict", "delta", "delta32k", "lzo", "mostly8", "mostly16", "mostly32", "runlength", "text255",
             "text32k", "zstd", "az64", "raw")  # fmt: skip
"""Encodings by the numbers that `attencodingtype` gives them here; `format_encoding` names them again."""

_ENCODING = "coalesce(list_position([" + ", ".join(f"'{name}'" for name in ENCODINGS) + "], lower(c.encode)) - 1, 0)"

PG_NAMESPACE = SystemRelation(
    "pg_namespace",
    (("oid", "oid"), ("nspname", "name"), ("nspowner", "oid"), ("nspacl", "aclitem[]")),
    "SELECT s.oid, s.name AS nspname, s.owner AS nspowner, a.acl AS nspacl FROM system.schemas s "
    "LEFT JOIN system.acls a ON a.acl_of = 'schema' AND a.acl_on = s.name",
    kept=True,
)

_CLASS_COLUMNS = (
    ("oid", "oid"), ("relname", "name"), ("relnamespace", "oid"), ("reltype", "oid"), ("reloftype", "oid"),
    ("relowner", "oid"), ("relam", "oid"), ("relfilenode", "oid"), ("reltablespace", "oid"), ("relpages", "integer"),
    ("reltuples", "real"), ("relallvisible", "integer"), ("reltoastrelid", "oid"), ("relhasindex", "boolean"),
    ("relisshared", "boolean"), ("relpersistence", '"char"'), ("relkind", '"char"'), ("relnatts", "smallint"),
    ("relchecks", "smallint"), ("relhasrules", "boolean"), ("relhastriggers", "boolean"), ("relhassubclass", "boolean"),
    ("relrowsecurity", "boolean"), ("relforcerowsecurity", "boolean"), ("relispopulated", "boolean"),
    ("relreplident", '"char"'), ("relispartition", "boolean"), ("relrewrite", "oid"), ("relfrozenxid", "xid"),
    ("relminmxid", "xid"), ("relacl", "aclitem[]"), ("reloptions", "text[]"), ("relpartbound", "pg_node_tree"),
    ("reltoastidxid", "oid"), ("reltriggers", "smallint"), ("relukeys", "smallint"), ("relfkeys", "smallint"),
    ("relrefs", "smallint"), ("relhasoids", "boolean"), ("relhaspkey", "boolean"), ("relexternid", "oid"),
    ("relisreplicated", "boolean"), ("reldiststyle", "smallint"), ("relcreationtime", "timestamp"),
)  # fmt: skip

PG_CLASS = SystemRelation(
    "pg_class",
    _CLASS_COLUMNS,
    """
SELECT r.oid, r.name AS relname, memory.rs.schema_oid(r.schema) AS relnamespace, 0::BIGINT AS reltype,
    0::BIGINT AS reloftype, r.owner AS relowner,
    CASE r.kind WHEN 'i' THEN 403 WHEN 'r' THEN 2 ELSE 0 END::BIGINT AS relam,
    CASE WHEN r.kind = 'r' THEN r.oid ELSE 0 END::BIGINT AS relfilenode,
    0::BIGINT AS reltablespace, CASE WHEN r.kind = 'r' THEN greatest(ceil(r.rows / 1000), 1) ELSE 0 END::INTEGER AS relpages,
    CASE WHEN r.kind = 'r' THEN r.rows ELSE 0 END::FLOAT AS reltuples, 0::INTEGER AS relallvisible,
    0::BIGINT AS reltoastrelid, r.keys > 0 AS relhasindex, false AS relisshared,
    CASE WHEN r.temporary THEN 't' ELSE 'p' END AS relpersistence, r.kind AS relkind,
    coalesce(n.columns, 0)::SMALLINT AS relnatts, 0::SMALLINT AS relchecks, r.kind = 'v' AS relhasrules,
    list_contains(coalesce((SELECT list(reloid) || list(other) FROM system.keys WHERE kind = 'f'), []), r.oid)
        AS relhastriggers, false AS relhassubclass, false AS relrowsecurity, false AS relforcerowsecurity,
    true AS relispopulated, CASE WHEN r.kind = 'r' THEN 'd' ELSE 'n' END AS relreplident, false AS relispartition,
    0::BIGINT AS relrewrite, 0::BIGINT AS relfrozenxid, 0::BIGINT AS relminmxid, a.acl AS relacl,
    NULL::VARCHAR[] AS reloptions, NULL::VARCHAR AS relpartbound, 0::BIGINT AS reltoastidxid,
    0::SMALLINT AS reltriggers, 0::SMALLINT AS relukeys, 0::SMALLINT AS relfkeys, 0::SMALLINT AS relrefs,
    false AS relhasoids, r.primary_keys > 0 AS relhaspkey, 0::BIGINT AS relexternid, false AS relisreplicated,
    CASE lower(r.diststyle) WHEN 'even' THEN 0 WHEN 'key' THEN 1 WHEN 'all' THEN 8
        ELSE CASE WHEN r.kind = 'r' AND NOT r.system THEN 9 ELSE 0 END END::SMALLINT AS reldiststyle,
    NULL::TIMESTAMP AS relcreationtime
FROM (
    SELECT oid, schema, name, kind, owner, temporary, rows, diststyle, false AS system,
        len(list_filter(coalesce(constraints, []), lambda c: c NOT LIKE 'FOREIGN%')) AS keys,
        len(list_filter(coalesce(constraints, []), lambda c: c LIKE 'PRIMARY%')) AS primary_keys
    FROM system.relations
    UNION ALL
    SELECT oid, schema, name, kind, 1, false, 0, NULL, true, 0, 0 FROM system.system_relations
    UNION ALL
    SELECT k.index, k.schema, k.name, 'i', r.owner, r.temporary, 0, NULL, false, 0, 0
    FROM system.keys k JOIN system.relations r ON r.oid = k.reloid WHERE k.kind <> 'f'
) r
LEFT JOIN system.acls a ON a.acl_of = 'relation' AND a.acl_in = r.schema AND a.acl_on = r.name AND a.acl_column = ''
LEFT JOIN (
    SELECT t.oid AS reloid, count(*) AS columns FROM system.columns c
    JOIN system.relations t ON t.schema = c.schema AND t.name = c.relation WHERE NOT t.late_binding GROUP BY 1
    UNION ALL SELECT reloid, count(*) FROM system.system_columns GROUP BY 1
    UNION ALL SELECT index, len(keys) FROM system.keys WHERE kind <> 'f'
) n ON n.reloid = r.oid
""",
    kept=True,
)

_ATTRIBUTE_COLUMNS = (
    ("attrelid", "oid"), ("attname", "name"), ("atttypid", "oid"), ("attstattarget", "integer"), ("attlen", "smallint"),
    ("attnum", "smallint"), ("attndims", "integer"), ("attcacheoff", "integer"), ("atttypmod", "integer"),
    ("attbyval", "boolean"), ("attalign", '"char"'), ("attstorage", '"char"'), ("attcompression", '"char"'),
    ("attnotnull", "boolean"), ("atthasdef", "boolean"), ("atthasmissing", "boolean"), ("attidentity", '"char"'),
    ("attgenerated", '"char"'), ("attisdropped", "boolean"), ("attislocal", "boolean"), ("attinhcount", "integer"),
    ("attcollation", "oid"), ("attacl", "aclitem[]"), ("attoptions", "text[]"), ("attfdwoptions", "text[]"),
    ("attmissingval", "anyarray"), ("attencodingtype", "smallint"), ("attisdistkey", "boolean"),
    ("attispreloaded", "boolean"), ("attsortkeyord", "integer"),
)  # fmt: skip

PG_ATTRIBUTE = SystemRelation(
    "pg_attribute",
    _ATTRIBUTE_COLUMNS,
    f"""
SELECT c.reloid AS attrelid, c.name AS attname, t.oid AS atttypid, -1::INTEGER AS attstattarget, t.length AS attlen,
    c.place::SMALLINT AS attnum, t.dimensions AS attndims, -1::INTEGER AS attcacheoff, t.typmod AS atttypmod,
    t.by_value AS attbyval, t.align AS attalign, t.storage AS attstorage, '' AS attcompression,
    NOT c.nullable AS attnotnull, c."default" IS NOT NULL AS atthasdef, false AS atthasmissing,
    CASE WHEN NOT c.identity THEN '' WHEN c.identity_by_default THEN 'd' ELSE 'a' END AS attidentity,
    '' AS attgenerated, false AS attisdropped, true AS attislocal, 0::INTEGER AS attinhcount,
    t.collation AS attcollation, a.acl AS attacl, NULL::VARCHAR[] AS attoptions,
    NULL::VARCHAR[] AS attfdwoptions, NULL::VARCHAR AS attmissingval, ({_ENCODING})::SMALLINT AS attencodingtype,
    c.distkey AS attisdistkey, false AS attispreloaded, c.sortkey::INTEGER AS attsortkeyord
FROM (
    SELECT r.oid AS reloid, c.schema, c.relation, c.name,
        c.place, c.nullable, c."default", c.identity, c.identity_by_default, c.encode,
        c.distkey, c.sortkey, c.declared
    FROM system.columns c JOIN system.relations r ON r.schema = c.schema AND r.name = c.relation
    WHERE NOT r.late_binding
    UNION ALL
    SELECT reloid, NULL, NULL, name, place, true, NULL, false, false, NULL, false, 0, declared FROM system.system_columns
    UNION ALL
    SELECT k.index, NULL, NULL, c.name, list_position(k.keys, c.place), true, NULL, false, false, NULL, false, 0, c.declared
    FROM system.keys k JOIN system.columns c
        ON c.schema = k.schema AND c.relation = k.relation AND list_contains(k.keys, c.place) WHERE k.kind <> 'f'
) c
JOIN system.declared_types t ON t.declared = c.declared
LEFT JOIN system.acls a ON a.acl_of = 'relation' AND a.acl_in = c.schema AND a.acl_on = c.relation AND a.acl_column = c.name
""",
    kept=True,
)

_DEFAULT = (
    "CASE WHEN c.identity THEN CASE WHEN c.identity_by_default THEN '\"default_identity\"' ELSE '\"identity\"' END || '(' "
    "|| r.oid || ', ' || (c.place - 1) || ', ''' || replace(trim(c.seed, '[]'), ' ', '') || '''::text)' "
    'ELSE memory.rs.default_text(c."default") END'
)
"""An identity is a default whose text names the seed and the step."""

PG_ATTRDEF = SystemRelation(
    "pg_attrdef",
    (("oid", "oid"), ("adrelid", "oid"), ("adnum", "smallint"), ("adbin", "pg_node_tree"), ("adsrc", "text")),
    f"""
SELECT memory.rs.stable_oid('default', r.oid || '.' || c.place) AS oid, r.oid AS adrelid, c.place AS adnum,
    {_DEFAULT} AS adbin, {_DEFAULT} AS adsrc
FROM system.columns c JOIN system.relations r ON r.schema = c.schema AND r.name = c.relation
WHERE c."default" IS NOT NULL AND r.kind = 'r'
""",
    kept=True,
)

PG_DESCRIPTION = SystemRelation(
    "pg_description",
    (("objoid", "oid"), ("classoid", "oid"), ("objsubid", "integer"), ("description", "text")),
    """
SELECT oid AS objoid, 1259::BIGINT AS classoid, 0::INTEGER AS objsubid, comment AS description
FROM system.relations WHERE comment IS NOT NULL
UNION ALL
SELECT r.oid, 1259, c.place, c.comment
FROM system.columns c JOIN system.relations r ON r.schema = c.schema AND r.name = c.relation
WHERE c.comment IS NOT NULL
UNION ALL
SELECT k.oid, 2606, 0, r.constraint_comments::JSON ->> k.name
FROM system.keys k JOIN system.relations r ON r.oid = k.reloid
WHERE (r.constraint_comments::JSON ->> k.name) IS NOT NULL
UNION ALL
SELECT memory.rs.schema_oid(schema_name), 2615, 0, comment FROM boathouse.schema_comments WHERE schema_name <> ''
UNION ALL
SELECT 16384, 1262, 0, comment FROM boathouse.schema_comments WHERE schema_name = ''
""",
    kept=True,
)

PG_FOREIGN_SERVER = SystemRelation(
    "pg_foreign_server",
    (
        ("oid", "oid"), ("srvname", "name"), ("srvowner", "oid"), ("srvfdw", "oid"), ("srvtype", "text"),
        ("srvversion", "text"), ("srvacl", "aclitem[]"), ("srvoptions", "text[]"),
    ),
    "SELECT memory.rs.stable_oid('server', name) AS oid, name AS srvname, 100::BIGINT AS srvowner, "
    "11700::BIGINT AS srvfdw, NULL::VARCHAR AS srvtype, NULL::VARCHAR AS srvversion, NULL::VARCHAR[] AS srvacl, "
    "NULL::VARCHAR[] AS srvoptions FROM system.schemas WHERE kind = 'external'",
    kept=True,
)  # fmt: skip
"""An external schema as the server of its tables."""

PG_FOREIGN_TABLE = SystemRelation(
    "pg_foreign_table",
    (("ftrelid", "oid"), ("ftserver", "oid"), ("ftoptions", "text[]")),
    "SELECT oid AS ftrelid, memory.rs.stable_oid('server', schema) AS ftserver, "
    "['location=' || location] AS ftoptions FROM system.relations WHERE kind = 'f'",
    kept=True,
)

PG_FOREIGN_DATA_WRAPPER = SystemRelation(
    "pg_foreign_data_wrapper",
    (
        ("oid", "oid"), ("fdwname", "name"), ("fdwowner", "oid"), ("fdwhandler", "oid"), ("fdwvalidator", "oid"),
        ("fdwacl", "aclitem[]"), ("fdwoptions", "text[]"),
    ),
    "SELECT 11700::BIGINT AS oid, 'data_catalog' AS fdwname, 1::BIGINT AS fdwowner, 0::BIGINT AS fdwhandler, "
    "0::BIGINT AS fdwvalidator, NULL::VARCHAR[] AS fdwacl, NULL::VARCHAR[] AS fdwoptions",
    kept=True,
)  # fmt: skip

PG_SEEN_RELATIONS = SystemRelation(
    "information_schema._pg_seen_relations",
    (("oid", "oid"), ("columns", "name[]")),
    """
SELECT oid, CASE WHEN bool_or(whole) THEN NULL ELSE list(DISTINCT column_name) END AS columns FROM (
    SELECT r.oid, g.column_name, g.column_name = '' OR r.temporary OR memory.rs.sees_catalog() AS whole,
        g.column_name IS NOT NULL OR r.temporary OR memory.rs.sees_catalog()
            OR (r.kind = 'f' AND memory.rs.sees_schema(r.schema)) AS seen
    FROM system.relations r LEFT JOIN (
        SELECT g.schema_name, g.object_name, g.column_name FROM boathouse.grants g
        JOIN boathouse.reach h ON h.grantee_kind = g.grantee_kind AND h.grantee_id = g.grantee_id
        WHERE g.kind = 'relation' AND h.user_id = getvariable('user_id')
    ) g ON g.schema_name = r.schema AND g.object_name = r.name
) WHERE seen GROUP BY oid
UNION ALL SELECT oid, NULL FROM system.system_relations
""",
    kept=True,
)
"""What information_schema shows the user: relations on which the user has any privilege; the columns where it is on some."""

RELATIONS = (
    PG_SEEN_RELATIONS,
    PG_NAMESPACE, PG_CLASS, PG_ATTRIBUTE, PG_ATTRDEF, PG_DESCRIPTION, PG_FOREIGN_SERVER, PG_FOREIGN_TABLE,
    PG_FOREIGN_DATA_WRAPPER,
)  # fmt: skip
