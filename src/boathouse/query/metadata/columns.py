"""Redshift's views of columns: svv_columns, svv_all_columns, svv_redshift_columns, svv_interleaved_columns.

Columns and their order: Redshift Developer Guide, "SVV metadata views". Late-binding views are not among them: their
columns are those of the moment, and `pg_get_late_binding_view_cols()` has them.
"""

from __future__ import annotations

from boathouse.contracts.rooms import SystemRelation
from boathouse.query.metadata.facts import (
    DATABASE,
    EXTERNAL_COLUMNS,
    LOCAL_COLUMNS,
    LOCAL_TABLES,
    with_named,
)

_NAME = "varchar(128)"

_EVERY_COLUMN = (
    "(SELECT schema_name, table_name, column_name, ordinal_position, column_default, "
    "CASE WHEN is_nullable THEN 'YES' ELSE 'NO' END AS is_nullable, data_type, character_maximum_length, "
    f"numeric_precision, numeric_scale, remarks FROM {LOCAL_COLUMNS} "
    "UNION ALL SELECT schema_name, table_name, column_name, ordinal_position, NULL, 'YES', data_type, "
    f"character_maximum_length, numeric_precision, numeric_scale, NULL FROM {EXTERNAL_COLUMNS})"
)
_RADIX = (
    "CASE WHEN data_type = 'numeric' THEN 10 WHEN numeric_precision IS NOT NULL THEN 2 END::INTEGER "
    "AS numeric_precision_radix"
)
_MOMENT = "CASE WHEN data_type LIKE 'time%' THEN 6 END::INTEGER AS datetime_precision"
_UNKNOWN = (
    "interval_type", "interval_precision", "character_set_catalog", "character_set_schema", "character_set_name",
    "collation_catalog", "collation_schema", "collation_name", "domain_name",
)  # fmt: skip

SYSTEM_RELATIONS: tuple[SystemRelation, ...] = (
    SystemRelation(
        "svv_columns",
        (
            ("table_catalog", _NAME),
            ("table_schema", _NAME),
            ("table_name", _NAME),
            ("column_name", _NAME),
            ("ordinal_position", "integer"),
            ("column_default", "varchar(4000)"),
            ("is_nullable", "varchar(3)"),
            ("data_type", _NAME),
            ("character_maximum_length", "integer"),
            ("numeric_precision", "integer"),
            ("numeric_precision_radix", "integer"),
            ("numeric_scale", "integer"),
            ("datetime_precision", "integer"),
            *((name, "varchar") for name in _UNKNOWN),
            ("remarks", "varchar"),
        ),
        f"SELECT {DATABASE} AS table_catalog, schema_name AS table_schema, table_name, column_name, ordinal_position, "
        "column_default, is_nullable, data_type, character_maximum_length, numeric_precision, "
        f"{_RADIX}, numeric_scale, {_MOMENT}, {', '.join(f'NULL::VARCHAR AS {name}' for name in _UNKNOWN)}, remarks "
        f"FROM {_EVERY_COLUMN}",
    ),
    SystemRelation(
        "svv_all_columns",
        (
            ("database_name", _NAME),
            ("schema_name", _NAME),
            ("table_name", _NAME),
            ("column_name", _NAME),
            ("ordinal_position", "integer"),
            ("column_default", "varchar(4000)"),
            ("is_nullable", "varchar(3)"),
            ("data_type", _NAME),
            ("character_maximum_length", "integer"),
            ("numeric_precision", "integer"),
            ("numeric_scale", "integer"),
            ("remarks", "varchar(256)"),
        ),
        with_named("here.* EXCLUDE (schema_name, table_name)", _EVERY_COLUMN),
    ),
    SystemRelation(
        "svv_redshift_columns",
        (
            ("database_name", _NAME),
            ("schema_name", _NAME),
            ("table_name", _NAME),
            ("column_name", _NAME),
            ("ordinal_position", "integer"),
            ("data_type", _NAME),
            ("column_default", "varchar(4000)"),
            ("is_nullable", "varchar(3)"),
            ("encoding", _NAME),
            ("distkey", "boolean"),
            ("sortkey", "integer"),
            ("column_acl", _NAME),
            ("remarks", "varchar(256)"),
        ),
        with_named(
            "column_name, ordinal_position, declared AS data_type, column_default, "
            "CASE WHEN is_nullable THEN 'YES' ELSE 'NO' END AS is_nullable, "
            "coalesce(note ->> 'encode', 'none') AS encoding, coalesce((note ->> 'distkey')::BOOLEAN, false) AS distkey, "
            "coalesce((note ->> 'sortkey')::INTEGER, 0) AS sortkey, NULL::VARCHAR AS column_acl, remarks",
            LOCAL_COLUMNS,
        ),
    ),
    SystemRelation(
        "svv_interleaved_columns",
        (
            ("tbl", "integer"),
            ("col", "integer"),
            ("interleaved_skew", "numeric(19,2)"),
            ("last_reindex", "timestamp"),
        ),
        "SELECT t.oid::INTEGER AS tbl, (c.column_index - 1)::INTEGER AS col, "
        "NULL::DECIMAL(19,2) AS interleaved_skew, NULL::TIMESTAMP AS last_reindex "
        f"FROM {LOCAL_TABLES} t "
        "JOIN memory.rs.stored_columns() c ON c.table_oid = t.table_oid AND c.database_name = current_database() "
        "WHERE t.table_type = 'TABLE' AND (t.note ->> 'sortstyle') = 'interleaved' "
        "AND CASE WHEN json_valid(c.comment) THEN (c.comment::JSON ->> 'sortkey')::INTEGER END > 0",
    ),
)
