"""Redshift's views of databases, schemas and tables: svv_tables, svv_all_*, svv_redshift_*.

Columns and their order: Redshift Developer Guide, "SVV metadata views".
"""

from __future__ import annotations

from boathouse.contracts.rooms import SystemRelation
from boathouse.query.metadata.facts import (
    DATABASE,
    EXTERNAL_TABLES,
    LOCAL_TABLES,
    NAMED_DATABASES,
    NAMED_SCHEMAS,
    SCHEMAS,
    acl,
    with_named,
)

_NAME = "varchar(128)"
_ISOLATION = "Snapshot Isolation"

_DATABASE_ACL = acl("database", "''", DATABASE)
_NAMED_ACL = acl("database", "''", "database_name")
_SCHEMA_ACL = acl("schema", "''", "schema_name")
_TABLE_ACL = acl("relation", "here.schema_name", "here.table_name")

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
        f"SELECT {DATABASE} AS database_name, "
        f"memory.rs.owner_id('database', '', {DATABASE})::INTEGER AS database_owner, 'local' AS database_type, "
        f"{_DATABASE_ACL} AS database_acl, NULL::VARCHAR AS database_options, "
        f"'{_ISOLATION}' AS database_isolation_level UNION ALL SELECT database_name, "
        "memory.rs.owner_id('database', '', database_name)::INTEGER, 'local', "
        f"{_NAMED_ACL}, options, '{_ISOLATION}' FROM {NAMED_DATABASES}",
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
        f"SELECT {DATABASE} AS database_name, schema_name, schema_owner, schema_type, "
        f"{_SCHEMA_ACL} AS schema_acl, source_database, NULL::VARCHAR AS schema_option FROM {SCHEMAS} "
        f"UNION ALL SELECT database_name, schema_name, schema_owner, 'local', NULL, NULL, NULL FROM {NAMED_SCHEMAS}",
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
        f"SELECT {DATABASE} AS database_name, schema_name, schema_owner, schema_type, "
        f"{_SCHEMA_ACL} AS schema_acl, NULL::VARCHAR AS schema_option FROM {SCHEMAS} WHERE schema_type = 'local' "
        f"UNION ALL SELECT database_name, schema_name, schema_owner, 'local', NULL, NULL FROM {NAMED_SCHEMAS}",
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
        with_named(f"{_TABLE_ACL} AS table_acl, table_type, remarks", _EVERY_TABLE),
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
        with_named(
            f"table_type, {_TABLE_ACL} AS table_acl, remarks, "
            "memory.rs.user_name(CASE here.schema_name WHEN 'pg_temp_1' THEN getvariable('user_id') "
            "ELSE memory.rs.owner_id('relation', here.schema_name, here.table_name) END) AS table_owner",
            LOCAL_TABLES,
        ),
    ),
)
