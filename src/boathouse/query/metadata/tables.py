"""svv_table_info; what there is to know of materialized views is in `query.materialized`.

Columns and their order: Redshift Developer Guide, "SVV_TABLE_INFO". What has no meaning
on one machine without blocks and slices (skew, unsorted regions) is NULL, never a number made up. Empty tables are
left out, as on Redshift.
"""

from __future__ import annotations

from boathouse.contracts.rooms import SystemRelation
from boathouse.query.metadata.facts import DATABASE, LOCAL_COLUMNS, LOCAL_TABLES

_KEYS = (
    "(SELECT table_oid, arg_min(column_name, place) FILTER (place > 0) AS sortkey1, "
    "arg_min(encoding, place) FILTER (place > 0) AS sortkey1_enc, count(*) FILTER (place > 0) AS sortkey_num, "
    "max(column_name) FILTER (distributed) AS distkey, bool_or(encoding NOT IN ('none', 'raw')) AS encoded, "
    "max(CASE WHEN data_type = 'character varying' THEN character_maximum_length END) AS max_varchar FROM "
    "(SELECT *, coalesce((note ->> 'sortkey')::INTEGER, 0) AS place, coalesce(note ->> 'encode', 'none') AS encoding, "
    f"coalesce((note ->> 'distkey')::BOOLEAN, false) AS distributed FROM {LOCAL_COLUMNS}) GROUP BY table_oid)"
)
_DISTRIBUTION = (
    "CASE WHEN k.distkey IS NOT NULL THEN 'KEY(' || k.distkey || ')' "
    "WHEN coalesce(t.note ->> 'diststyle', 'auto') = 'auto' THEN 'AUTO(ALL)' ELSE upper(t.note ->> 'diststyle') END"
)

DIST_STYLES = (
    f"(SELECT t.schema_name, t.table_name, {_DISTRIBUTION} AS diststyle FROM {LOCAL_TABLES} t "
    f"LEFT JOIN {_KEYS} k ON k.table_oid = t.table_oid WHERE t.table_type = 'TABLE')"
)

SYSTEM_RELATIONS: tuple[SystemRelation, ...] = (
    SystemRelation(
        "svv_table_info",
        (
            ("database", "varchar"),
            ("schema", "varchar"),
            ("table_id", "oid"),
            ("table", "varchar"),
            ("encoded", "varchar"),
            ("diststyle", "varchar"),
            ("sortkey1", "varchar"),
            ("max_varchar", "integer"),
            ("sortkey1_enc", "char(32)"),
            ("sortkey_num", "integer"),
            ("size", "bigint"),
            ("pct_used", "numeric(10,4)"),
            ("empty", "bigint"),
            ("unsorted", "numeric(5,2)"),
            ("stats_off", "numeric(5,2)"),
            ("tbl_rows", "numeric(38,0)"),
            ("skew_sortkey1", "numeric(19,2)"),
            ("skew_rows", "numeric(19,2)"),
            ("estimated_visible_rows", "numeric(38,0)"),
            ("risk_event", "varchar"),
            ("vacuum_sort_benefit", "numeric(12,2)"),
            ("create_time", "timestamp"),
        ),
        f'SELECT {DATABASE} AS "database", t.schema_name AS "schema", t.oid AS table_id, '
        "t.table_name AS \"table\", CASE WHEN k.encoded THEN 'Y' ELSE 'N' END AS encoded, "
        f"{_DISTRIBUTION} AS diststyle, coalesce(k.sortkey1, 'AUTO(SORTKEY)') AS sortkey1, "
        "coalesce(k.max_varchar, 0)::INTEGER AS max_varchar, k.sortkey1_enc, k.sortkey_num::INTEGER AS sortkey_num, "
        'NULL::BIGINT AS "size", NULL::DECIMAL(10,4) AS pct_used, NULL::BIGINT AS "empty", '
        "NULL::DECIMAL(5,2) AS unsorted, NULL::DECIMAL(5,2) AS stats_off, "
        "z.row_count::DECIMAL(38,0) AS tbl_rows, NULL::DECIMAL(19,2) AS skew_sortkey1, "
        "NULL::DECIMAL(19,2) AS skew_rows, z.row_count::DECIMAL(38,0) AS estimated_visible_rows, "
        "NULL::VARCHAR AS risk_event, NULL::DECIMAL(12,2) AS vacuum_sort_benefit, NULL::TIMESTAMP AS create_time "
        f"FROM {LOCAL_TABLES} t LEFT JOIN {_KEYS} k ON k.table_oid = t.table_oid "
        f"JOIN memory.rs.stored_sizes() z ON z.database_name = {DATABASE} AND z.schema_name = t.schema_name "
        "AND z.table_name = t.table_name "
        "WHERE t.table_type = 'TABLE' AND t.schema_name <> 'pg_temp_1' AND z.row_count > 0",
    ),
)
