"""Redshift's views of databases, schemas and tables: svv_tables, svv_all_*, svv_redshift_*.

Columns and their order: Redshift Developer Guide, "SVV metadata views". Access lists are empty as long as everything
belongs to whoever may see it.
"""

from __future__ import annotations

from boathouse.contracts.rooms import SystemRelation
from boathouse.query.metadata.facts import DATABASE, EXTERNAL_TABLES, LOCAL_TABLES, OWNERS, SCHEMAS

_NAME = "varchar(128)"
_ADMINISTRATOR = "(SELECT min(usesysid) FROM boathouse.users)"
_ISOLATION = "Snapshot Isolation"

_EVERY_TABLE = (
    f"(SELECT schema_name, table_name, table_type, remarks FROM {LOCAL_TABLES} "
    f"UNION ALL SELECT schema_name, table_name, table_type, NULL FROM {EXTERNAL_TABLES})"
)

SYSTEM_RELATIONS: tuple[SystemRelation, ...] = (
    SystemRelation(
        "svv_redshift_databases",
        (
            ("database_name", _NAME),
            ("database_owner", "integer"),
            ("database_type", "varchar(32)"),
            ("database_acl", _NAME),
            ("database_options", _NAME),
            ("database_isolation_level", _NAME),
        ),
        f"SELECT {DATABASE} AS database_name, {_ADMINISTRATOR}::INTEGER AS database_owner, 'local' AS database_type, "
        f"NULL::VARCHAR AS database_acl, NULL::VARCHAR AS database_options, '{_ISOLATION}' AS database_isolation_level",
    ),
    SystemRelation(
        "svv_all_schemas",
        (
            ("database_name", _NAME),
            ("schema_name", _NAME),
            ("schema_owner", "integer"),
            ("schema_type", _NAME),
            ("schema_acl", _NAME),
            ("source_database", _NAME),
            ("schema_option", _NAME),
        ),
        f"SELECT {DATABASE} AS database_name, schema_name, {_ADMINISTRATOR}::INTEGER AS schema_owner, schema_type, "
        f"NULL::VARCHAR AS schema_acl, source_database, NULL::VARCHAR AS schema_option FROM {SCHEMAS}",
    ),
    SystemRelation(
        "svv_redshift_schemas",
        (
            ("database_name", _NAME),
            ("schema_name", _NAME),
            ("schema_owner", "integer"),
            ("schema_type", _NAME),
            ("schema_acl", _NAME),
            ("schema_option", _NAME),
        ),
        f"SELECT {DATABASE} AS database_name, schema_name, {_ADMINISTRATOR}::INTEGER AS schema_owner, schema_type, "
        f"NULL::VARCHAR AS schema_acl, NULL::VARCHAR AS schema_option FROM {SCHEMAS} WHERE schema_type = 'local'",
    ),
    SystemRelation(
        "svv_tables",
        (
            ("table_catalog", _NAME),
            ("table_schema", _NAME),
            ("table_name", _NAME),
            ("table_type", _NAME),
            ("remarks", "varchar"),
        ),
        f"SELECT {DATABASE} AS table_catalog, schema_name AS table_schema, table_name, "
        f"CASE table_type WHEN 'TABLE' THEN 'BASE TABLE' ELSE table_type END AS table_type, remarks FROM {_EVERY_TABLE}",
    ),
    SystemRelation(
        "svv_all_tables",
        (
            ("database_name", _NAME),
            ("schema_name", _NAME),
            ("table_name", _NAME),
            ("table_acl", _NAME),
            ("table_type", _NAME),
            ("remarks", "varchar"),
        ),
        f"SELECT {DATABASE} AS database_name, schema_name, table_name, NULL::VARCHAR AS table_acl, table_type, remarks "
        f"FROM {_EVERY_TABLE}",
    ),
    SystemRelation(
        "svv_redshift_tables",
        (
            ("database_name", _NAME),
            ("schema_name", _NAME),
            ("table_name", _NAME),
            ("table_type", _NAME),
            ("table_acl", _NAME),
            ("remarks", "varchar"),
            ("table_owner", _NAME),
        ),
        f"SELECT {DATABASE} AS database_name, schema_name, table_name, table_type, NULL::VARCHAR AS table_acl, remarks, "
        f"coalesce(owner, (SELECT name FROM {OWNERS} ORDER BY usesysid LIMIT 1)) AS table_owner FROM {LOCAL_TABLES}",
    ),
)
