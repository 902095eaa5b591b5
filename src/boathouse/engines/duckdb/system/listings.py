"""pg_tables, pg_views and their like: the catalog for human eyes, as views in Redshift's own SQL over the catalog itself.

Source: PostgreSQL "System Views"; Redshift Developer Guide, "PG_TABLE_DEF".
"""

from __future__ import annotations

from boathouse.contracts.rooms import SystemRelation
from boathouse.engines.duckdb.system.relations import PG_ATTRIBUTE, PG_CLASS

_FUNCTION_NAMES = ("database_name", "schema_name", "function_name", "function_type", "argument_type", "result_type")
_CLASS = "pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"


def _view(name: str, columns: tuple[tuple[str, str], ...], definition: str) -> SystemRelation:
    return SystemRelation(name, columns, definition=definition)


def _names(relation: SystemRelation) -> str:
    return ", ".join(f'"{name}"' for name, _ in relation.columns)


LISTINGS: tuple[SystemRelation, ...] = (
    _view(
        "pg_tables",
        (
            ("schemaname", "name"), ("tablename", "name"), ("tableowner", "name"), ("tablespace", "name"),
            ("hasindexes", "boolean"), ("hasrules", "boolean"), ("hastriggers", "boolean"), ("rowsecurity", "boolean"),
        ),
        "SELECT n.nspname AS schemaname, c.relname AS tablename, pg_get_userbyid(c.relowner) AS tableowner, "
        "NULL::name AS tablespace, c.relhasindex AS hasindexes, c.relhasrules AS hasrules, "
        f"c.relhastriggers AS hastriggers, c.relrowsecurity AS rowsecurity FROM {_CLASS} WHERE c.relkind = 'r'",
    ),
    _view(
        "pg_views",
        (("schemaname", "name"), ("viewname", "name"), ("viewowner", "name"), ("definition", "text")),
        "SELECT n.nspname AS schemaname, c.relname AS viewname, pg_get_userbyid(c.relowner) AS viewowner, "
        f"pg_get_viewdef(c.oid) AS definition FROM {_CLASS} WHERE c.relkind = 'v'",
    ),
    _view(
        "pg_matviews",
        (
            ("schemaname", "name"), ("matviewname", "name"), ("matviewowner", "name"), ("tablespace", "name"),
            ("hasindexes", "boolean"), ("ispopulated", "boolean"), ("definition", "text"),
        ),
        "SELECT n.nspname AS schemaname, c.relname AS matviewname, pg_get_userbyid(c.relowner) AS matviewowner, "
        "NULL::name AS tablespace, c.relhasindex AS hasindexes, c.relispopulated AS ispopulated, "
        f"pg_get_viewdef(c.oid) AS definition FROM {_CLASS} WHERE c.relkind = 'm'",
    ),
    _view(
        "pg_indexes",
        (
            ("schemaname", "name"), ("tablename", "name"), ("indexname", "name"), ("tablespace", "name"),
            ("indexdef", "text"),
        ),
        "SELECT n.nspname AS schemaname, t.relname AS tablename, c.relname AS indexname, NULL::name AS tablespace, "
        f"pg_get_indexdef(c.oid) AS indexdef FROM {_CLASS} JOIN pg_index i ON i.indexrelid = c.oid "
        "JOIN pg_class t ON t.oid = i.indrelid",
    ),
    _view(
        "pg_table_def",
        (
            ("schemaname", "name"), ("tablename", "name"), ("column", "name"), ("type", "varchar"),
            ("encoding", "varchar"), ("distkey", "boolean"), ("sortkey", "integer"), ("notnull", "boolean"),
        ),
        'SELECT n.nspname AS schemaname, c.relname AS tablename, a.attname AS "column", '
        "format_type(a.atttypid, a.atttypmod) AS type, format_encoding(a.attencodingtype::integer) AS encoding, "
        "a.attisdistkey AS distkey, a.attsortkeyord AS sortkey, a.attnotnull AS notnull "
        f"FROM {_CLASS} JOIN information_schema._pg_seen_relations s ON s.oid = c.oid "
        "JOIN pg_attribute a ON a.attrelid = c.oid "
        "WHERE c.relkind IN ('r', 'v') AND n.nspname = ANY(current_schemas(true)) "
        "AND a.attnum > 0 AND (s.columns IS NULL OR a.attname = ANY(s.columns))",
    ),
    _view(
        "pg_class_info",
        (*PG_CLASS.columns, ("releffectivediststyle", "integer")),
        f"SELECT {_names(PG_CLASS)}, reldiststyle::integer AS releffectivediststyle FROM pg_class",
    ),
    _view(
        "pg_database_info",
        (
            ("datid", "oid"), ("datname", "name"), ("datdba", "oid"), ("encoding", "integer"), ("datistemplate", "boolean"),
            ("datallowconn", "boolean"), ("datlastsysoid", "oid"), ("datvacuumxid", "xid"), ("datfrozenxid", "xid"),
            ("dattablespace", "oid"), ("datconfig", "text[]"), ("datacl", "aclitem[]"), ("datconnlimit", "text"),
        ),
        "SELECT oid AS datid, datname, datdba, encoding, datistemplate, datallowconn, datlastsysoid, datvacuumxid, "
        "datfrozenxid, dattablespace, datconfig, datacl, 'UNLIMITED'::text AS datconnlimit FROM pg_database",
    ),
    _view(
        "svv_redshift_functions",
        tuple((name, f"varchar({512 if name == 'argument_type' else 128})") for name in _FUNCTION_NAMES),
        "SELECT current_database() AS database_name, n.nspname AS schema_name, p.proname AS function_name, "
        "CASE p.prokind WHEN 'a' THEN 'AGGREGATE FUNCTION' WHEN 'p' THEN 'STORED PROCEDURE' ELSE 'REGULAR FUNCTION' END "
        "AS function_type, oidvectortypes(p.proargtypes) AS argument_type, format_type(p.prorettype, NULL) AS result_type "
        "FROM pg_proc p JOIN (SELECT oid, nspname FROM pg_namespace WHERE has_schema_privilege(nspname, 'USAGE')) n "
        "ON n.oid = p.pronamespace "
        "WHERE CASE WHEN n.nspname = 'pg_catalog' THEN true ELSE has_function_privilege(p.oid, 'EXECUTE') END",
    ),
    SystemRelation(
        "pg_statistic_indicator",
        (("stairelid", "oid"), ("stairows", "double precision"), ("staiins", "double precision"),
         ("staidels", "double precision")),
        # Statistics are always those of the moment: nobody counts what has changed since an ANALYZE.
        "SELECT (t.comment::JSON ->> 'oid')::BIGINT AS stairelid, z.row_count::DOUBLE AS stairows, NULL::DOUBLE AS staiins, "
        "NULL::DOUBLE AS staidels FROM memory.rs.stored_tables() t "
        "LEFT JOIN memory.rs.stored_sizes() z USING (database_name, schema_name, table_name) "
        "WHERE t.database_name = current_database() AND t.schema_name <> 'boathouse' AND json_valid(t.comment)",
        superusers_only=True,
    ),
    _view("pg_attribute_info", PG_ATTRIBUTE.columns, f"SELECT {_names(PG_ATTRIBUTE)} FROM pg_attribute"),
    _view(
        "pg_external_schema",
        (("esoid", "oid"), ("eskind", "smallint"), ("esdbname", "text"), ("esoptions", "text")),
        "SELECT n.oid AS esoid, e.eskind::smallint AS eskind, e.databasename AS esdbname, e.esoptions "
        "FROM svv_external_schemas e JOIN pg_namespace n ON n.nspname = e.schemaname",
    ),
    _view(
        "pg_stat_user_tables",
        (
            ("relid", "oid"), ("schemaname", "name"), ("relname", "name"), ("seq_scan", "bigint"),
            ("seq_tup_read", "bigint"), ("idx_scan", "bigint"), ("idx_tup_fetch", "bigint"), ("n_tup_ins", "bigint"),
            ("n_tup_upd", "bigint"), ("n_tup_del", "bigint"), ("n_tup_hot_upd", "bigint"), ("n_live_tup", "bigint"),
            ("n_dead_tup", "bigint"), ("last_vacuum", "timestamptz"), ("last_autovacuum", "timestamptz"),
            ("last_analyze", "timestamptz"), ("last_autoanalyze", "timestamptz"),
        ),
        "SELECT c.oid AS relid, n.nspname AS schemaname, c.relname, NULL::bigint AS seq_scan, "
        "NULL::bigint AS seq_tup_read, NULL::bigint AS idx_scan, NULL::bigint AS idx_tup_fetch, "
        "NULL::bigint AS n_tup_ins, NULL::bigint AS n_tup_upd, NULL::bigint AS n_tup_del, "
        "NULL::bigint AS n_tup_hot_upd, c.reltuples::bigint AS n_live_tup, NULL::bigint AS n_dead_tup, "
        "NULL::timestamptz AS last_vacuum, NULL::timestamptz AS last_autovacuum, NULL::timestamptz AS last_analyze, "
        f"NULL::timestamptz AS last_autoanalyze FROM {_CLASS} WHERE c.relkind = 'r' AND c.oid >= 16384",
    ),
)  # fmt: skip
