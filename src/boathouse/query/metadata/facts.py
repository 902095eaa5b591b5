"""What the engine's catalog and our notes say of schemas, tables and columns: engine SQL that the views build on.

Handed to the system views beside this file. Bookkeeping (`boathouse`, `main`) is left out, and a session's own
temporary tables stand in `pg_temp_1`, as in `pg_class`; other relations, columns and schemas are there for who has some
privilege on them. Declared types come from the notes, because the engine
stores lengths nowhere else.
"""

from __future__ import annotations

_NOTE = "CASE WHEN json_valid(comment) THEN comment::JSON END AS note"
_PLACE = "CASE WHEN database_name = 'temp' THEN 'pg_temp_1' ELSE schema_name END AS schema_name"
_SHOWN = (
    "((database_name = current_database() AND schema_name NOT IN ('boathouse', 'main', 'information_schema', "
    "'pg_catalog')) OR (database_name = 'temp' AND schema_name = 'main'))"
)
_OID = (
    "coalesce((note ->> 'oid')::BIGINT, memory.rs.stable_oid('relation', "
    "CASE WHEN database_name = 'temp' THEN 'pg_temp_1' ELSE schema_name END || '.' || {name})) AS oid"
)

DATABASE = "current_database()"

_SEEN = "(database_name = 'temp' OR memory.rs.sees_relation(schema_name, {name}))"
_EXTERNAL_SEEN = "memory.rs.sees_schema(schemaname)"


def acl(kind: str, schema: str, name: str) -> str:
    """SQL for an object's access list, as Redshift writes it: entries with ~ between."""
    return (
        "(SELECT array_to_string(any_value(a.acl), '~') FROM memory.rs.acls() a "
        f"WHERE a.acl_of = '{kind}' AND a.acl_in = {schema} AND a.acl_on = {name} AND a.acl_column = '')"
    )


NAMED_DATABASES = (
    "(SELECT database_name, integration, options FROM memory.rs.named_databases() WHERE memory.rs.sees_catalog() "
    "OR memory.rs.holds(getvariable('user_id'), 'database', '', database_name, ['USAGE']))"
)
"""Names over what integrations capture, of those that the user may use."""

NAMED_SCHEMAS = (
    "(SELECT DISTINCT database_name, schema_name, memory.rs.owner_id('database', '', database_name)::INTEGER AS schema_owner "
    f"FROM memory.rs.named_tables() WHERE database_name IN (SELECT database_name FROM {NAMED_DATABASES}))"
)


def with_named(columns: str, source: str) -> str:
    """A query for rows of tables of this database and, under their names there, of other ones; `source` is looked at once.

    Args:
        columns: what it selects of `source`, beside the names of database, schema and table.
    """
    return (
        f"WITH here AS MATERIALIZED (SELECT * FROM {source}) SELECT {DATABASE} AS database_name, here.schema_name, "
        f"here.table_name, {columns} FROM here UNION ALL SELECT n.database_name, n.schema_name, n.table_name, {columns} "
        "FROM memory.rs.named_tables() n JOIN here ON here.schema_name = n.place_schema AND here.table_name = n.place_name "
        f"WHERE n.database_name IN (SELECT database_name FROM {NAMED_DATABASES})"
    )


SCHEMAS = (
    "(SELECT *, CASE WHEN schema_name IN ('information_schema', 'pg_catalog') THEN 1 "
    "ELSE memory.rs.owner_id('schema', '', schema_name) END::INTEGER AS schema_owner FROM "
    "(SELECT schema_name, 'local' AS schema_type, NULL::VARCHAR AS source_database FROM duckdb_schemas() "
    "WHERE database_name = current_database() AND memory.rs.sees_schema(schema_name) "
    "AND schema_name NOT IN ('boathouse', 'main', 'information_schema', 'pg_catalog') "
    "UNION ALL SELECT unnest(['information_schema', 'pg_catalog']), 'local', NULL "
    f"UNION ALL SELECT schemaname, 'external', databasename FROM memory.rs.svv_external_schemas() WHERE {_EXTERNAL_SEEN}))"
)

LOCAL_TABLES = (
    f"(SELECT {_PLACE}, table_name, table_oid, {_OID.format(name='table_name')}, "
    "CASE WHEN (note ->> 'materialized') IS NULL THEN 'TABLE' ELSE 'VIEW' END AS table_type, "
    "note ->> 'comment' AS remarks, note "
    f"FROM (SELECT *, {_NOTE} FROM memory.rs.stored_tables()) WHERE {_SHOWN} AND table_name NOT LIKE 'system:%' "
    f"AND {_SEEN.format(name='table_name')} "
    f"UNION ALL SELECT {_PLACE}, view_name, view_oid, {_OID.format(name='view_name')}, 'VIEW', "
    f"note ->> 'comment', note FROM (SELECT *, {_NOTE} FROM duckdb_views()) "
    f"WHERE {_SHOWN} AND NOT internal AND view_name NOT LIKE 'system:%' AND {_SEEN.format(name='view_name')})"
)
"""schema_name, table_name, table_oid (the engine's), oid (as in `pg_class`), table_type (TABLE, VIEW), remarks, note."""

EXTERNAL_TABLES = (
    "(SELECT schemaname AS schema_name, tablename AS table_name, 'EXTERNAL TABLE' AS table_type "
    f"FROM memory.rs.svv_external_tables() WHERE {_EXTERNAL_SEEN})"
)

_TYPE = "coalesce(c.note ->> 'type', CASE lower(c.data_type) "
_TYPE += "WHEN 'varchar' THEN 'character varying' WHEN 'double' THEN 'double precision' WHEN 'float' THEN 'real' "
_TYPE += "WHEN 'timestamp' THEN 'timestamp without time zone' WHEN 'time' THEN 'time without time zone' "
_TYPE += "ELSE replace(lower(c.data_type), 'decimal', 'numeric') END)"

_LOCAL_COLUMNS = (
    f"(SELECT schema_name, table_name, table_oid, column_name, column_index::INTEGER AS ordinal_position, "
    f"{_TYPE} AS declared, is_nullable, column_default, note FROM (SELECT * REPLACE ({_PLACE.removesuffix(' AS schema_name')} "
    f"AS schema_name), {_NOTE} FROM memory.rs.stored_columns() WHERE {_SHOWN} AND NOT internal "
    "AND table_name NOT LIKE 'system:%' "
    "AND (database_name = 'temp' OR memory.rs.sees_column(schema_name, table_name, column_name))) c)"
)

_BASE = r"regexp_replace(declared, '\(.*\)', '')"
_ARGUMENT = r"nullif(regexp_extract(declared, '\((\d+)', 1), '')::INTEGER"
_SCALE = r"nullif(regexp_extract(declared, ',\s*(\d+)\)', 1), '')::INTEGER"
_LENGTH = f"CASE WHEN {_BASE} IN ('character varying', 'character', 'varbyte') THEN {_ARGUMENT} END"
_PRECISION = (
    f"CASE {_BASE} WHEN 'smallint' THEN 16 WHEN 'integer' THEN 32 WHEN 'bigint' THEN 64 WHEN 'real' THEN 24 "
    f"WHEN 'double precision' THEN 53 WHEN 'numeric' THEN coalesce({_ARGUMENT}, 18) END"
)
_NUMERIC_SCALE = (
    f"CASE {_BASE} WHEN 'smallint' THEN 0 WHEN 'integer' THEN 0 WHEN 'bigint' THEN 0 "
    f"WHEN 'numeric' THEN coalesce({_SCALE}, 0) END"
)
_DEFAULT = (
    "CASE WHEN (note -> 'identity') IS NOT NULL THEN "
    "(CASE WHEN (note ->> 'identity_by_default')::BOOLEAN THEN 'default_identity(' ELSE '\"identity\"(' END) "
    "|| table_oid || ', ' || (ordinal_position - 1) || ', ''' || (note ->> '$.identity[0]') || ',' "
    "|| (note ->> '$.identity[1]') || '''::text)' ELSE coalesce(note ->> 'default', column_default) END"
)


def typed_columns(source: str) -> str:
    """A sub-query's `declared` types taken apart: data_type, character_maximum_length, numeric_precision and _scale."""
    return (
        f"(SELECT *, {_BASE} AS data_type, {_LENGTH} AS character_maximum_length, {_PRECISION} AS numeric_precision, "
        f"{_NUMERIC_SCALE} AS numeric_scale FROM {source})"
    )


LOCAL_COLUMNS = typed_columns(
    f"(SELECT l.* REPLACE ({_DEFAULT.replace('note', 'l.note')} AS column_default), l.note ->> 'comment' AS remarks "
    f"FROM {_LOCAL_COLUMNS} l LEFT JOIN (SELECT schema_name, view_name FROM (SELECT *, {_NOTE} FROM duckdb_views() "
    f"WHERE database_name = current_database()) WHERE (note ->> 'late_binding')::BOOLEAN) late "
    "ON late.schema_name = l.schema_name AND late.view_name = l.table_name WHERE late.view_name IS NULL)"
)
"""Columns of tables and bound views; late-binding views have theirs in `pg_get_late_binding_view_cols()` only."""

_EXTERNAL_TYPES = (
    "CASE regexp_replace(external_type, '\\(.*\\)', '') WHEN 'varchar' THEN replace(external_type, 'varchar', "
    "'character varying') WHEN 'char' THEN replace(external_type, 'char', 'character') WHEN 'int' THEN 'integer' "
    "WHEN 'decimal' THEN replace(external_type, 'decimal', 'numeric') WHEN 'double' THEN 'double precision' "
    "WHEN 'float' THEN 'real' WHEN 'string' THEN 'character varying(65535)' "
    "WHEN 'timestamp' THEN 'timestamp without time zone' ELSE external_type END"
)
EXTERNAL_COLUMNS = typed_columns(
    "(SELECT schemaname AS schema_name, tablename AS table_name, columnname AS column_name, "
    f"columnnum AS ordinal_position, {_EXTERNAL_TYPES} AS declared FROM memory.rs.svv_external_columns() "
    f"WHERE {_EXTERNAL_SEEN})"
)
