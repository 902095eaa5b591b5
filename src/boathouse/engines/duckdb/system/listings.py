"""System relations that the engine's own catalog can answer: what tables there are, how they were declared."""

from __future__ import annotations

from boathouse.contracts.rooms import SystemRelation

_SHOWN = "c.schema_name NOT IN ('boathouse', 'main') AND c.database_name = current_database()"

LISTINGS: tuple[SystemRelation, ...] = (
    SystemRelation(
        "pg_table_def",
        (
            ("schemaname", "varchar"),
            ("tablename", "varchar"),
            ("column", "varchar"),
            ("type", "varchar"),
            ("encoding", "varchar"),
            ("distkey", "boolean"),
            ("sortkey", "integer"),
            ("notnull", "boolean"),
        ),
        'SELECT c.schema_name AS schemaname, c.table_name AS tablename, c.column_name AS "column", '
        "coalesce(note ->> 'type', lower(c.data_type)) AS \"type\", coalesce(note ->> 'encode', 'none') AS encoding, "
        "coalesce((note ->> 'distkey')::BOOLEAN, false) AS distkey, "
        "coalesce((note ->> 'sortkey')::INTEGER, 0) AS sortkey, NOT c.is_nullable AS notnull "
        "FROM (SELECT *, CASE WHEN json_valid(comment) THEN comment::JSON END AS note FROM duckdb_columns()) c "
        f"WHERE {_SHOWN}",
    ),
    SystemRelation(
        "svv_table_info",
        (
            ("database", "varchar"),
            ("schema", "varchar"),
            ("table_id", "bigint"),
            ("table", "varchar"),
            ("diststyle", "varchar"),
            ("sortkey1", "varchar"),
            ("sortkey_num", "integer"),
            ("tbl_rows", "numeric(38,0)"),
        ),
        'SELECT c.database_name AS "database", c.schema_name AS "schema", c.table_oid AS table_id, '
        "c.table_name AS \"table\", upper(coalesce(c.note ->> 'diststyle', 'AUTO(ALL)')) AS diststyle, "
        "k.sortkey1, coalesce(k.sortkey_num, 0)::INTEGER AS sortkey_num, "
        "c.estimated_size::DECIMAL(38,0) AS tbl_rows "
        "FROM (SELECT *, CASE WHEN json_valid(comment) THEN comment::JSON END AS note FROM duckdb_tables()) c "
        "LEFT JOIN (SELECT table_oid, arg_min(column_name, place) AS sortkey1, count(*) AS sortkey_num FROM "
        "(SELECT table_oid, column_name, CASE WHEN json_valid(comment) THEN (comment::JSON ->> 'sortkey')::INTEGER "
        "END AS place FROM duckdb_columns()) WHERE place > 0 GROUP BY table_oid) k ON k.table_oid = c.table_oid "
        f"WHERE {_SHOWN} AND NOT c.temporary",
    ),
    SystemRelation(
        "pg_tables",
        (("schemaname", "varchar"), ("tablename", "varchar"), ("tableowner", "varchar"), ("tablespace", "varchar")),
        "SELECT c.schema_name AS schemaname, c.table_name AS tablename, 'admin' AS tableowner, "
        f"NULL::VARCHAR AS tablespace FROM duckdb_tables() c WHERE {_SHOWN} AND NOT c.temporary",
    ),
    SystemRelation(
        "pg_views",
        (("schemaname", "varchar"), ("viewname", "varchar"), ("viewowner", "varchar"), ("definition", "varchar")),
        "SELECT c.schema_name AS schemaname, c.view_name AS viewname, 'admin' AS viewowner, "
        "CASE WHEN json_valid(c.comment) THEN c.comment::JSON ->> 'query' ELSE c.sql END AS definition "
        f"FROM duckdb_views() c WHERE {_SHOWN} AND NOT c.internal AND NOT c.temporary",
    ),
)
"""Views over DuckDB's catalog functions, made in the process's own database at start."""
