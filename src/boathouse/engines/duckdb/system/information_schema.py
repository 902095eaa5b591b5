"""information_schema, as views in Redshift's own SQL over pg_catalog, with PostgreSQL's columns and type names.

Each user sees what the user has some privilege on. What a database has not (triggers, domains, sequences) is an empty
relation.
Source: PostgreSQL "The Information Schema".
"""

from __future__ import annotations

from boathouse.contracts.rooms import SystemRelation

_KINDS = {"n": "name", "t": "varchar", "i": "integer", "y": "varchar(3)", "z": "timestamptz"}


def _columns(listed: str) -> tuple[tuple[str, str], ...]:
    return tuple((name, _KINDS[letter]) for name, _, letter in (word.partition(":") for word in listed.split()))


def _view(name: str, listed: str, definition: str) -> SystemRelation:
    return SystemRelation(f"information_schema.{name}", _columns(listed), definition=definition)


def _empty(name: str, listed: str) -> SystemRelation:
    columns = _columns(listed)
    nothing = ", ".join(f'NULL::{kind} AS "{column}"' for column, kind in columns)
    return SystemRelation(f"information_schema.{name}", columns, definition=f"SELECT {nothing} WHERE false")


_CATALOG = "current_database()::name"
_SEEN = "JOIN information_schema._pg_seen_relations s ON s.oid = "
_RELATIONS = f"pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace {_SEEN} c.oid"
_KIND = "CASE WHEN c.relpersistence = 't' THEN 'LOCAL TEMPORARY' WHEN c.relkind = 'v' THEN 'VIEW' "
_KIND += "WHEN c.relkind = 'f' THEN 'FOREIGN' ELSE 'BASE TABLE' END"
_BITS = "CASE a.atttypid WHEN 21 THEN 16 WHEN 23 THEN 32 WHEN 20 THEN 64 WHEN 700 THEN 24 WHEN 701 THEN 53 "
_BITS += "WHEN 1700 THEN CASE WHEN a.atttypmod > 0 THEN ((a.atttypmod - 4) / 65536) END END"
_KEYS = (
    "(SELECT oid, conname, conrelid, contype, confrelid, confkey, connamespace, conindid, unnest(conkey) AS attnum, "
    "generate_subscripts(conkey, 1) AS place FROM pg_constraint)"
)

_PARAMETERS = (
    "SELECT oid, proname, pronamespace, unnest(proallargtypes) AS takes, generate_subscripts(proallargtypes, 1) AS place, "
    "unnest(proargmodes) AS mode, unnest(proargnames) AS parameter FROM pg_proc "
    "WHERE proallargtypes IS NOT NULL AND prosrc IS NOT NULL UNION ALL "
    "SELECT oid, proname, pronamespace, unnest(proargtypes), generate_subscripts(proargtypes, 1) + 1, 'i', "
    "unnest(proargnames) FROM pg_proc WHERE proallargtypes IS NULL AND prosrc IS NOT NULL"
)

INFORMATION_SCHEMA: tuple[SystemRelation, ...] = (
    _view("information_schema_catalog_name", "catalog_name:n", f"SELECT {_CATALOG} AS catalog_name"),
    _view(
        "schemata",
        "catalog_name:n schema_name:n schema_owner:n default_character_set_catalog:n default_character_set_schema:n "
        "default_character_set_name:n sql_path:t",
        f"SELECT {_CATALOG} AS catalog_name, nspname AS schema_name, pg_get_userbyid(nspowner) AS schema_owner, "
        "NULL::name AS a, NULL::name AS b, NULL::name AS c, NULL::varchar AS sql_path FROM pg_namespace "
        "WHERE has_schema_privilege(nspname, 'USAGE') OR has_schema_privilege(nspname, 'CREATE')",
    ),
    _view(
        "tables",
        "table_catalog:n table_schema:n table_name:n table_type:t self_referencing_column_name:n reference_generation:t "
        "user_defined_type_catalog:n user_defined_type_schema:n user_defined_type_name:n is_insertable_into:y "
        "is_typed:y commit_action:t",
        f"SELECT {_CATALOG} AS table_catalog, n.nspname AS table_schema, c.relname AS table_name, {_KIND} AS table_type, "
        "NULL::name AS a, NULL::varchar AS b, NULL::name AS d, NULL::name AS e, NULL::name AS f, "
        "CASE WHEN c.relkind IN ('r', 'f') THEN 'YES' ELSE 'NO' END AS is_insertable_into, 'NO' AS is_typed, "
        f"NULL::varchar AS commit_action FROM {_RELATIONS} WHERE c.relkind IN ('r', 'v', 'f')",
    ),
    _view(
        "views",
        "table_catalog:n table_schema:n table_name:n view_definition:t check_option:t is_updatable:y "
        "is_insertable_into:y is_trigger_updatable:y is_trigger_deletable:y is_trigger_insertable_into:y",
        f"SELECT {_CATALOG} AS table_catalog, n.nspname AS table_schema, c.relname AS table_name, "
        "pg_get_viewdef(c.oid) AS view_definition, 'NONE' AS check_option, 'NO' AS a, 'NO' AS b, 'NO' AS d, 'NO' AS e, "
        f"'NO' AS f FROM {_RELATIONS} WHERE c.relkind = 'v'",
    ),
    _view(
        "columns",
        "table_catalog:n table_schema:n table_name:n column_name:n ordinal_position:i column_default:t is_nullable:y "
        "data_type:t character_maximum_length:i character_octet_length:i numeric_precision:i numeric_precision_radix:i "
        "numeric_scale:i datetime_precision:i interval_type:t interval_precision:i character_set_catalog:n "
        "character_set_schema:n character_set_name:n collation_catalog:n collation_schema:n collation_name:n "
        "domain_catalog:n domain_schema:n domain_name:n udt_catalog:n udt_schema:n udt_name:n scope_catalog:n "
        "scope_schema:n scope_name:n maximum_cardinality:i dtd_identifier:n is_self_referencing:y is_identity:y "
        "identity_generation:t identity_start:t identity_increment:t identity_maximum:t identity_minimum:t "
        "identity_cycle:y is_generated:t generation_expression:t is_updatable:y",
        f"SELECT {_CATALOG} AS table_catalog, n.nspname AS table_schema, c.relname AS table_name, "
        "a.attname AS column_name, a.attnum::integer AS ordinal_position, pg_get_expr(d.adbin, d.adrelid) AS column_default, "
        "CASE WHEN a.attnotnull THEN 'NO' ELSE 'YES' END AS is_nullable, "
        "CASE WHEN t.typelem <> 0 AND t.typlen = -1 THEN 'ARRAY' ELSE format_type(a.atttypid, NULL) END AS data_type, "
        "CASE WHEN a.atttypid IN (1042, 1043) AND a.atttypmod > 4 THEN a.atttypmod - 4 END AS character_maximum_length, "
        "CASE WHEN a.atttypid IN (1042, 1043) AND a.atttypmod > 4 THEN a.atttypmod - 4 "
        "WHEN a.atttypid IN (25, 1042, 1043) THEN 65535 END AS character_octet_length, "
        f"({_BITS})::integer AS numeric_precision, "
        "CASE WHEN a.atttypid IN (21, 23, 20, 700, 701) THEN 2 WHEN a.atttypid = 1700 THEN 10 END AS numeric_precision_radix, "
        "CASE WHEN a.atttypid IN (21, 23, 20) THEN 0 WHEN a.atttypid = 1700 AND a.atttypmod > 0 "
        "THEN ((a.atttypmod - 4) % 65536) END AS numeric_scale, "
        "CASE WHEN a.atttypid = 1082 THEN 0 WHEN a.atttypid IN (1083, 1114, 1184, 1266, 1186) THEN 6 END AS datetime_precision, "
        "NULL::varchar AS x1, NULL::integer AS x2, NULL::name AS x3, NULL::name AS x4, NULL::name AS x5, NULL::name AS x6, "
        "NULL::name AS x7, NULL::name AS x8, NULL::name AS x9, NULL::name AS x10, NULL::name AS x11, "
        f"{_CATALOG} AS udt_catalog, 'pg_catalog'::name AS udt_schema, t.typname AS udt_name, NULL::name AS x12, "
        "NULL::name AS x13, NULL::name AS x14, NULL::integer AS x15, a.attnum::varchar::name AS dtd_identifier, "
        "'NO' AS is_self_referencing, CASE WHEN a.attidentity <> '' THEN 'YES' ELSE 'NO' END AS is_identity, "
        "CASE a.attidentity WHEN 'a' THEN 'ALWAYS' WHEN 'd' THEN 'BY DEFAULT' END AS identity_generation, "
        "NULL::varchar AS x16, NULL::varchar AS x17, NULL::varchar AS x18, NULL::varchar AS x19, 'NO' AS identity_cycle, "
        "'NEVER' AS is_generated, NULL::varchar AS generation_expression, "
        "CASE WHEN c.relkind IN ('r', 'f') THEN 'YES' ELSE 'NO' END AS is_updatable "
        f"FROM {_RELATIONS} JOIN pg_attribute a ON a.attrelid = c.oid JOIN pg_type t ON t.oid = a.atttypid "
        "LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum "
        "WHERE c.relkind IN ('r', 'v', 'f') AND a.attnum > 0 AND (s.columns IS NULL OR a.attname = ANY(s.columns))",
    ),
    _view(
        "table_constraints",
        "constraint_catalog:n constraint_schema:n constraint_name:n table_catalog:n table_schema:n table_name:n "
        "constraint_type:t is_deferrable:y initially_deferred:y enforced:y nulls_distinct:y",
        f"SELECT {_CATALOG} AS constraint_catalog, n.nspname AS constraint_schema, k.conname AS constraint_name, "
        f"{_CATALOG} AS table_catalog, n.nspname AS table_schema, c.relname AS table_name, CASE k.contype "
        "WHEN 'p' THEN 'PRIMARY KEY' WHEN 'u' THEN 'UNIQUE' WHEN 'f' THEN 'FOREIGN KEY' END AS constraint_type, "
        "'NO' AS is_deferrable, 'NO' AS initially_deferred, 'NO' AS enforced, 'YES' AS nulls_distinct "
        f"FROM {_RELATIONS} JOIN pg_constraint k ON k.conrelid = c.oid",
    ),
    _view(
        "key_column_usage",
        "constraint_catalog:n constraint_schema:n constraint_name:n table_catalog:n table_schema:n table_name:n "
        "column_name:n ordinal_position:i position_in_unique_constraint:i",
        f"SELECT {_CATALOG} AS constraint_catalog, n.nspname AS constraint_schema, k.conname AS constraint_name, "
        f"{_CATALOG} AS table_catalog, n.nspname AS table_schema, c.relname AS table_name, a.attname AS column_name, "
        "k.place AS ordinal_position, CASE WHEN k.contype = 'f' THEN k.place END AS position_in_unique_constraint "
        f"FROM {_RELATIONS} JOIN {_KEYS} k ON k.conrelid = c.oid "
        "JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.attnum",
    ),
    _view(
        "referential_constraints",
        "constraint_catalog:n constraint_schema:n constraint_name:n unique_constraint_catalog:n "
        "unique_constraint_schema:n unique_constraint_name:n match_option:t update_rule:t delete_rule:t",
        f"SELECT {_CATALOG} AS constraint_catalog, n.nspname AS constraint_schema, k.conname AS constraint_name, "
        f"{_CATALOG} AS unique_constraint_catalog, pn.nspname AS unique_constraint_schema, "
        "p.conname AS unique_constraint_name, 'NONE' AS match_option, 'NO ACTION' AS update_rule, "
        "'NO ACTION' AS delete_rule FROM pg_constraint k JOIN pg_namespace n ON n.oid = k.connamespace "
        f"{_SEEN} k.conrelid "
        "LEFT JOIN pg_constraint p ON p.conrelid = k.confrelid AND p.conkey = k.confkey AND p.contype IN ('p', 'u') "
        "LEFT JOIN pg_namespace pn ON pn.oid = p.connamespace WHERE k.contype = 'f'",
    ),
    _view(
        "constraint_column_usage",
        "table_catalog:n table_schema:n table_name:n column_name:n constraint_catalog:n constraint_schema:n "
        "constraint_name:n",
        f"SELECT {_CATALOG} AS table_catalog, n.nspname AS table_schema, c.relname AS table_name, "
        f"a.attname AS column_name, {_CATALOG} AS constraint_catalog, kn.nspname AS constraint_schema, "
        "k.conname AS constraint_name FROM (SELECT conname, connamespace, "
        "CASE WHEN contype = 'f' THEN confrelid ELSE conrelid END AS relid, "
        "unnest(CASE WHEN contype = 'f' THEN confkey ELSE conkey END) AS attnum FROM pg_constraint) k "
        f"JOIN pg_class c ON c.oid = k.relid {_SEEN} c.oid JOIN pg_namespace n ON n.oid = c.relnamespace "
        "JOIN pg_namespace kn ON kn.oid = k.connamespace "
        "JOIN pg_attribute a ON a.attrelid = k.relid AND a.attnum = k.attnum",
    ),
    _view(
        "routines",
        "specific_catalog:n specific_schema:n specific_name:n routine_catalog:n routine_schema:n routine_name:n "
        "routine_type:t data_type:t routine_body:t routine_definition:t external_language:t is_deterministic:y",
        f"SELECT {_CATALOG} AS specific_catalog, n.nspname AS specific_schema, "
        f"(p.proname || '_' || p.oid::varchar)::name AS specific_name, {_CATALOG} AS routine_catalog, "
        "n.nspname AS routine_schema, p.proname AS routine_name, "
        "CASE WHEN p.prokind = 'p' THEN 'PROCEDURE' WHEN p.prokind = 'f' THEN 'FUNCTION' END AS routine_type, "
        "CASE WHEN p.prokind <> 'p' THEN format_type(p.prorettype, NULL) END AS data_type, "
        "CASE WHEN l.lanname = 'sql' THEN 'SQL' ELSE 'EXTERNAL' END AS routine_body, "
        "CASE WHEN l.lanname IN ('sql', 'plpgsql', 'plpythonu') THEN p.prosrc END AS routine_definition, "
        "upper(l.lanname) AS external_language, CASE WHEN p.provolatile = 'i' THEN 'YES' ELSE 'NO' END AS is_deterministic "
        "FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace JOIN pg_language l ON l.oid = p.prolang "
        "WHERE p.prosrc IS NOT NULL",
    ),
    _view(
        "enabled_roles", "role_name:n", "SELECT rolname AS role_name FROM pg_roles WHERE rolname = current_user"
    ),
    _view(
        "character_sets",
        "character_set_catalog:n character_set_schema:n character_set_name:n character_repertoire:n form_of_use:n "
        "default_collate_catalog:n default_collate_schema:n default_collate_name:n",
        "SELECT NULL::name AS a, NULL::name AS b, 'UTF8'::name AS c, 'UCS'::name AS d, 'UTF8'::name AS e, "
        f"{_CATALOG} AS f, 'pg_catalog'::name AS g, 'C'::name AS h",
    ),
    _empty("sequences", "sequence_catalog:n sequence_schema:n sequence_name:n data_type:t numeric_precision:i "
           "start_value:t minimum_value:t maximum_value:t increment:t cycle_option:y"),
    _empty("triggers", "trigger_catalog:n trigger_schema:n trigger_name:n event_manipulation:t event_object_catalog:n "
           "event_object_schema:n event_object_table:n action_order:i action_condition:t action_statement:t "
           "action_orientation:t action_timing:t created:z"),
    _empty("domains", "domain_catalog:n domain_schema:n domain_name:n data_type:t domain_default:t udt_name:n"),
    _empty("check_constraints", "constraint_catalog:n constraint_schema:n constraint_name:n check_clause:t"),
    _view(
        "parameters",
        "specific_catalog:n specific_schema:n specific_name:n ordinal_position:i parameter_mode:t parameter_name:n "
        "data_type:t udt_name:n parameter_default:t",
        f"SELECT {_CATALOG} AS specific_catalog, n.nspname AS specific_schema, "
        "(p.proname || '_' || p.oid::varchar)::name AS specific_name, p.place AS ordinal_position, "
        "CASE p.mode WHEN 'o' THEN 'OUT' WHEN 'b' THEN 'INOUT' ELSE 'IN' END AS parameter_mode, "
        "p.parameter::name AS parameter_name, format_type(p.takes, NULL) AS data_type, t.typname AS udt_name, "
        f"NULL::varchar AS parameter_default FROM ({_PARAMETERS}) p JOIN pg_namespace n ON n.oid = p.pronamespace "
        "JOIN pg_type t ON t.oid = p.takes",
    ),
    _empty("element_types", "object_catalog:n object_schema:n object_name:n object_type:t collection_type_identifier:n "
           "data_type:t udt_name:n"),
    _empty("foreign_tables", "foreign_table_catalog:n foreign_table_schema:n foreign_table_name:n "
           "foreign_server_catalog:n foreign_server_name:n"),
)  # fmt: skip
