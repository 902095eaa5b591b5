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
