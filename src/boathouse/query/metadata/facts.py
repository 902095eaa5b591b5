"""What the engine's catalog and our notes say of schemas, tables and columns: engine SQL that the views build on.

Handed to the system views beside this file. Bookkeeping (`boathouse`, `main`) is left out, and a session's own
temporary tables stand in `pg_temp_1`, as in `pg_class`. Declared types come from the notes, because the engine
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

OWNERS = "(SELECT usesysid, name FROM boathouse.users)"
"""Users by number; a note knows its owner's name."""

SCHEMAS = (
    "(SELECT schema_name, 'local' AS schema_type, NULL::VARCHAR AS source_database FROM duckdb_schemas() "
    "WHERE database_name = current_database() "
    "AND schema_name NOT IN ('boathouse', 'main', 'information_schema', 'pg_catalog') "
    "UNION ALL SELECT unnest(['information_schema', 'pg_catalog']), 'local', NULL "
    "UNION ALL SELECT schemaname, 'external', databasename FROM memory.rs.svv_external_schemas)"
)

LOCAL_TABLES = (
    f"(SELECT {_PLACE}, table_name, table_oid, {_OID.format(name='table_name')}, "
    "CASE WHEN (note ->> 'materialized') IS NULL THEN 'TABLE' ELSE 'VIEW' END AS table_type, "
    "estimated_size, note ->> 'comment' AS remarks, note ->> 'owner' AS owner, note "
    f"FROM (SELECT *, {_NOTE} FROM duckdb_tables()) WHERE {_SHOWN} AND table_name NOT LIKE 'system:%' "
    f"UNION ALL SELECT {_PLACE}, view_name, view_oid, {_OID.format(name='view_name')}, 'VIEW', NULL, "
    f"note ->> 'comment', note ->> 'owner', note FROM (SELECT *, {_NOTE} FROM duckdb_views()) "
    f"WHERE {_SHOWN} AND NOT internal AND view_name NOT LIKE 'system:%')"
)
"""schema_name, table_name, table_oid (the engine's), oid (as in `pg_class`), table_type (TABLE, VIEW), estimated_size,
remarks, owner, note."""

EXTERNAL_TABLES = (
    "(SELECT schemaname AS schema_name, tablename AS table_name, 'EXTERNAL TABLE' AS table_type "
    "FROM memory.rs.svv_external_tables)"
)

_TYPE = "coalesce(c.note ->> 'type', CASE lower(c.data_type) "
_TYPE += "WHEN 'varchar' THEN 'character varying' WHEN 'double' THEN 'double precision' WHEN 'float' THEN 'real' "
_TYPE += "WHEN 'timestamp' THEN 'timestamp without time zone' WHEN 'time' THEN 'time without time zone' "
_TYPE += "ELSE replace(lower(c.data_type), 'decimal', 'numeric') END)"

_LOCAL_COLUMNS = (
    f"(SELECT schema_name, table_name, table_oid, column_name, column_index::INTEGER AS ordinal_position, "
    f"{_TYPE} AS declared, is_nullable, column_default, note FROM (SELECT * REPLACE ({_PLACE.removesuffix(' AS schema_name')} "
    f"AS schema_name), {_NOTE} FROM duckdb_columns() WHERE {_SHOWN} AND NOT internal AND table_name NOT LIKE 'system:%') c)"
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
    f"columnnum AS ordinal_position, {_EXTERNAL_TYPES} AS declared FROM memory.rs.svv_external_columns)"
)
