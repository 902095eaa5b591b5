"""information_schema: schemata, tables, columns and views of the local database, in PostgreSQL's columns.

External tables are not in it, and late-binding views have no columns here, as on Redshift; svv_tables and svv_columns
show more. What PostgreSQL keeps for features that are not there is NULL.

Source: SQL standard's information schema as PostgreSQL documents it.
"""

from __future__ import annotations

from boathouse.contracts.rooms import SystemRelation
from boathouse.query.metadata.facts import DATABASE, LOCAL_COLUMNS, LOCAL_TABLES, SCHEMAS

_NAME = "varchar(128)"
_UDT = (
    "CASE data_type WHEN 'smallint' THEN 'int2' WHEN 'integer' THEN 'int4' WHEN 'bigint' THEN 'int8' "
    "WHEN 'real' THEN 'float4' WHEN 'double precision' THEN 'float8' WHEN 'boolean' THEN 'bool' "
    "WHEN 'character varying' THEN 'varchar' WHEN 'character' THEN 'bpchar' "
    "WHEN 'timestamp without time zone' THEN 'timestamp' WHEN 'timestamp with time zone' THEN 'timestamptz' "
    "WHEN 'time without time zone' THEN 'time' WHEN 'time with time zone' THEN 'timetz' ELSE data_type END"
)
_IDENTITY = "(note -> 'identity') IS NOT NULL"
_COLUMNS: tuple[tuple[str, str, str], ...] = (
    ("table_catalog", _NAME, DATABASE),
    ("table_schema", _NAME, "schema_name"),
    ("table_name", _NAME, "table_name"),
    ("column_name", _NAME, "column_name"),
    ("ordinal_position", "integer", "ordinal_position"),
    ("column_default", "varchar(4000)", "CASE WHEN NOT is_generated THEN column_default END"),
    ("is_nullable", "varchar(3)", "CASE WHEN is_nullable THEN 'YES' ELSE 'NO' END"),
    ("data_type", _NAME, "data_type"),
    ("character_maximum_length", "integer", "character_maximum_length"),
    ("character_octet_length", "integer", "character_maximum_length"),
    ("numeric_precision", "integer", "numeric_precision"),
    (
        "numeric_precision_radix",
        "integer",
        "CASE WHEN data_type = 'numeric' THEN 10 WHEN numeric_precision IS NOT NULL THEN 2 END",
    ),
    ("numeric_scale", "integer", "numeric_scale"),
    ("datetime_precision", "integer", "CASE WHEN data_type LIKE 'time%' THEN 6 WHEN data_type = 'date' THEN 0 END"),
    *(
        (name, "varchar", "NULL::VARCHAR")
        for name in (
            "interval_type", "interval_precision", "character_set_catalog", "character_set_schema",
            "character_set_name", "collation_catalog", "collation_schema", "collation_name", "domain_catalog",
            "domain_schema", "domain_name",
        )
    ),
    ("udt_catalog", _NAME, DATABASE),
    ("udt_schema", _NAME, "'pg_catalog'"),
    ("udt_name", _NAME, _UDT),
    *((name, "varchar", "NULL::VARCHAR") for name in ("scope_catalog", "scope_schema", "scope_name")),
    ("maximum_cardinality", "integer", "NULL::INTEGER"),
    ("dtd_identifier", "varchar", "ordinal_position::VARCHAR"),
    ("is_self_referencing", "varchar(3)", "'NO'"),
    ("is_identity", "varchar(3)", f"CASE WHEN {_IDENTITY} THEN 'YES' ELSE 'NO' END"),
    (
        "identity_generation",
        "varchar",
        f"CASE WHEN {_IDENTITY} THEN CASE WHEN (note ->> 'identity_by_default')::BOOLEAN THEN 'BY DEFAULT' "
        "ELSE 'ALWAYS' END END",
    ),
    ("identity_start", "varchar", "note ->> '$.identity[0]'"),
    ("identity_increment", "varchar", "note ->> '$.identity[1]'"),
    *((name, "varchar", "NULL::VARCHAR") for name in ("identity_maximum", "identity_minimum")),
    ("identity_cycle", "varchar(3)", "'NO'"),
    ("is_generated", "varchar", "'NEVER'"),
    ("generation_expression", "varchar", "NULL::VARCHAR"),
    ("is_updatable", "varchar(3)", "CASE WHEN is_view THEN 'NO' ELSE 'YES' END"),
)  # fmt: skip

_SOURCE = (
    f"(SELECT c.*, (c.note -> 'identity') IS NOT NULL AS is_generated, t.table_type = 'VIEW' AS is_view "
    f"FROM {LOCAL_COLUMNS} c JOIN (SELECT schema_name AS s, table_name AS n, table_type FROM {LOCAL_TABLES}) t "
    "ON t.s = c.schema_name AND t.n = c.table_name)"
)


def _view(name: str, columns: tuple[tuple[str, str, str], ...], source: str) -> SystemRelation:
    """A relation from (column, type, engine expression)."""
    chosen = ", ".join(f'{expression} AS "{column}"' for column, _, expression in columns)
    return SystemRelation(
        f"information_schema.{name}",
        tuple((column, kind) for column, kind, _ in columns),
        f"SELECT {chosen} FROM {source}",
    )


SYSTEM_RELATIONS: tuple[SystemRelation, ...] = (
    _view(
        "schemata",
        (
            ("catalog_name", _NAME, DATABASE),
            ("schema_name", _NAME, "schema_name"),
            ("schema_owner", _NAME, "(SELECT name FROM boathouse.users ORDER BY usesysid LIMIT 1)"),
            ("default_character_set_catalog", _NAME, "NULL::VARCHAR"),
            ("default_character_set_schema", _NAME, "NULL::VARCHAR"),
            ("default_character_set_name", _NAME, "NULL::VARCHAR"),
            ("sql_path", "varchar", "NULL::VARCHAR"),
        ),
        f"{SCHEMAS} WHERE schema_type = 'local'",
    ),
    _view(
        "tables",
        (
            ("table_catalog", _NAME, DATABASE),
            ("table_schema", _NAME, "schema_name"),
            ("table_name", _NAME, "table_name"),
            (
                "table_type",
                _NAME,
                "CASE WHEN table_type = 'VIEW' THEN 'VIEW' WHEN schema_name = 'pg_temp_1' THEN 'LOCAL TEMPORARY' "
                "ELSE 'BASE TABLE' END",
            ),
            ("self_referencing_column_name", _NAME, "NULL::VARCHAR"),
            ("reference_generation", "varchar", "NULL::VARCHAR"),
            ("user_defined_type_catalog", _NAME, "NULL::VARCHAR"),
            ("user_defined_type_schema", _NAME, "NULL::VARCHAR"),
            ("user_defined_type_name", _NAME, "NULL::VARCHAR"),
            ("is_insertable_into", "varchar(3)", "CASE WHEN table_type = 'VIEW' THEN 'NO' ELSE 'YES' END"),
            ("is_typed", "varchar(3)", "'NO'"),
            ("commit_action", "varchar", "CASE WHEN schema_name = 'pg_temp_1' THEN 'PRESERVE' END"),
        ),
        LOCAL_TABLES,
    ),
    _view("columns", _COLUMNS, _SOURCE),
    _view(
        "views",
        (
            ("table_catalog", _NAME, DATABASE),
            ("table_schema", _NAME, "schema_name"),
            ("table_name", _NAME, "table_name"),
            ("view_definition", "varchar", "note ->> 'query'"),
            ("check_option", "varchar", "'NONE'"),
            ("is_updatable", "varchar(3)", "'NO'"),
            ("is_insertable_into", "varchar(3)", "'NO'"),
        ),
        f"{LOCAL_TABLES} WHERE table_type = 'VIEW'",
    ),
)
