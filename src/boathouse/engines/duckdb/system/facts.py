"""What the catalog's relations are made of: relations, columns, schemas and types, as one session's engine sees them.

Handed to `snapshot` as sources; every kept relation's query stands on `system.relations`, `system.columns`,
`system.schemas`, `system.declared_types` and `system.owners`, never on the engine's own catalog functions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import cast

import pyarrow as pa

from boathouse.contracts.rooms import SystemRelation
from boathouse.contracts.types import SqlType
from boathouse.engines.duckdb.system.activity import session_cursors, session_prepared, session_settings
from boathouse.engines.duckdb.system.constraints import KEYS, key_texts
from boathouse.engines.duckdb.system.people import OWNERS
from boathouse.engines.duckdb.system.routines import ROUTINE_TEXTS, proc_rows, user_routines
from boathouse.engines.duckdb.system.snapshot import Source, Viewer, table_of
from boathouse.engines.duckdb.system.types import type_rows
from boathouse.engines.duckdb.types import from_duckdb
from boathouse.sql.redshift.types import known_type

SYSTEM_OIDS: dict[str, int] = {
    "pg_aggregate": 2600, "pg_am": 2601, "pg_attrdef": 2604, "pg_attribute": 1249, "pg_auth_members": 1261,
    "pg_authid": 1260, "pg_cast": 2605, "pg_class": 1259, "pg_collation": 3456, "pg_constraint": 2606,
    "pg_conversion": 2607, "pg_database": 1262, "pg_default_acl": 826, "pg_depend": 2608, "pg_description": 2609,
    "pg_enum": 3501, "pg_event_trigger": 3466, "pg_extension": 3079, "pg_foreign_data_wrapper": 2328,
    "pg_foreign_server": 1417, "pg_foreign_table": 3118, "pg_index": 2610, "pg_inherits": 2611, "pg_language": 2612,
    "pg_namespace": 2615, "pg_opclass": 2616, "pg_operator": 2617, "pg_opfamily": 2753, "pg_partitioned_table": 3350,
    "pg_policy": 3256, "pg_proc": 1255, "pg_publication": 6104, "pg_range": 3541, "pg_rewrite": 2618,
    "pg_seclabel": 3596, "pg_sequence": 2224, "pg_shdepend": 1214, "pg_shdescription": 2396, "pg_statistic": 2619,
    "pg_statistic_ext": 3381, "pg_subscription": 6100, "pg_tablespace": 1213, "pg_trigger": 2620,
    "pg_ts_config": 3602, "pg_ts_dict": 3600, "pg_ts_parser": 3601, "pg_ts_template": 3764, "pg_type": 1247,
    "pg_user_mapping": 1418,
}  # fmt: skip
"""PostgreSQL's own numbers of its catalogs, which clients write as constants; the other system relations follow."""

_FIRST_VIEW_OID = 12_000

CATALOG_SCHEMAS: dict[str, int] = {
    "pg_catalog": 11, "pg_toast": 99, "public": 2200, "information_schema": 11_600, "pg_temp_1": 11_601,
}  # fmt: skip
"""Schemas whose numbers are always the same."""

PERSONAL = frozenset(
    ("pg_proc", "pg_proc_info", "user_routines", "routine_texts", "view_texts", "information_schema._pg_seen_relations")
)
"""Relations that hold other rows, or texts, for each user."""

_HIDDEN = "('boathouse', 'main', 'information_schema', 'pg_catalog')"
_MINE = f"(database_name = current_database() AND schema_name NOT IN {_HIDDEN})"
_TEMPORARY = "(database_name = 'temp' AND NOT internal)"
_SCHEMA = "CASE WHEN database_name = 'temp' THEN 'pg_temp_1' ELSE schema_name END"
_NOTE = "CASE WHEN json_valid(comment) THEN comment::JSON END"

_RELATIONS = f"""
SELECT coalesce((note ->> 'oid')::BIGINT, memory.rs.stable_oid('relation', schema || '.' || name)) AS oid, schema, name,
    kind, CASE WHEN schema = 'pg_temp_1' THEN getvariable('user_id') ELSE coalesce(o.grantee_id, 100) END::BIGINT AS owner,
    schema = 'pg_temp_1' AS temporary, rows::DOUBLE AS rows,
    note ->> 'diststyle' AS diststyle, note ->> 'sortstyle' AS sortstyle, (note ->> 'backup') = 'no' AS unsaved,
    (note -> 'constraints')::VARCHAR[] AS constraints, note ->> 'constraint_comments' AS constraint_comments,
    CASE WHEN note IS NULL THEN comment ELSE note ->> 'comment' END AS comment,
    note ->> 'query' AS query, coalesce((note ->> 'late_binding')::BOOLEAN, false) AS late_binding,
    coalesce(note ->> 'depends', '[]') AS depends, NULL::VARCHAR AS location,
    coalesce((note ->> 'materialized')::BOOLEAN, false) AS materialized
FROM (
    SELECT {_SCHEMA} AS schema, table_name AS name,
        CASE WHEN json_valid(comment) AND (comment::JSON ->> 'materialized') IS NOT NULL THEN 'v' ELSE 'r' END AS kind,
        row_count AS rows, comment, {_NOTE} AS note
    FROM memory.rs.stored_tables() LEFT JOIN memory.rs.stored_sizes() USING (database_name, schema_name, table_name)
    WHERE {_MINE} OR {_TEMPORARY}
    UNION ALL
    SELECT {_SCHEMA}, view_name, 'v', 0, comment, {_NOTE}
    FROM duckdb_views() WHERE {_MINE} AND NOT internal
) LEFT JOIN (
    SELECT schema_name AS owned_in, object_name AS owned, grantee_id FROM boathouse.grants
    WHERE kind = 'relation' AND privilege = 'OWNER'
) o ON owned_in = schema AND owned = name
"""
_COLUMNS = f"""
SELECT {_SCHEMA} AS schema, table_name AS relation, column_name AS name, column_index::SMALLINT AS place,
    is_nullable AS nullable, coalesce(note ->> 'default', column_default) AS "default",
    coalesce(note ->> 'type', 'engine:' || data_type) AS declared,
    note ->> 'encode' AS encode, coalesce((note ->> 'distkey')::BOOLEAN, false) AS distkey,
    coalesce((note ->> 'sortkey')::INTEGER, 0) AS sortkey, (note -> 'identity') IS NOT NULL AS identity,
    coalesce((note ->> 'identity_by_default')::BOOLEAN, false) AS identity_by_default, note ->> 'identity' AS seed,
    CASE WHEN note IS NULL THEN comment ELSE note ->> 'comment' END AS comment
FROM (SELECT *, {_NOTE} AS note FROM memory.rs.stored_columns() WHERE {_MINE} OR {_TEMPORARY})
WHERE table_name NOT LIKE 'system:%'
"""
_SCHEMAS = """
SELECT memory.rs.schema_oid(name) AS oid, name, kind,
    CASE WHEN kind = 'system' THEN 1 ELSE memory.rs.owner_id('schema', '', name) END::BIGINT AS owner FROM (
    SELECT schema_name AS name, 'local' AS kind FROM duckdb_schemas()
    WHERE database_name = current_database() AND schema_name NOT IN ('boathouse', 'main', 'information_schema', 'pg_catalog')
    UNION ALL SELECT unnest(['pg_catalog', 'pg_toast', 'information_schema', 'pg_temp_1']), 'system'
    {external}
)
"""
_EXTERNAL_RELATIONS = """
UNION ALL SELECT memory.rs.stable_oid('relation', schemaname || '.' || tablename), schemaname, tablename, 'f',
    memory.rs.owner_id('schema', '', schemaname), false, -1, NULL, NULL, false, NULL, NULL, NULL, NULL, false, '[]', location,
    false
FROM memory.rs.svv_external_tables()
"""
_EXTERNAL_COLUMNS = """
UNION ALL SELECT schemaname, tablename, columnname, columnnum::SMALLINT, true, NULL, external_type, NULL, false, 0,
    false, false, NULL, NULL FROM memory.rs.svv_external_columns()
"""
_EXTERNAL_SCHEMAS = "UNION ALL SELECT schemaname, 'external' FROM memory.rs.svv_external_schemas()"

_BY_VALUE = ("boolean", "smallint", "integer", "bigint", "oid", "real", "double precision", "date")
_TEXTS = ("character", "character varying", "text", "name")


def sources(declared: Iterable[SystemRelation]) -> Mapping[str, Source | str]:
    """The sources by name; `declared` are all system relations, which are rows of the catalog themselves."""
    known = [one for one in declared if not one.name.endswith("()")]  # functions in FROM
    names = {one.name for one in known}
    lake = {"svv_external_tables", "svv_external_columns", "svv_external_schemas"} <= names
    return {
        "relations": _query(_RELATIONS + (_EXTERNAL_RELATIONS if lake else "")),
        "columns": _query(_COLUMNS + (_EXTERNAL_COLUMNS if lake else "")),
        "schemas": _query(_SCHEMAS.format(external=_EXTERNAL_SCHEMAS if lake else "")),
        "owners": OWNERS,
        "acls": "SELECT * FROM memory.rs.acls()",
        "key_texts": key_texts,
        "keys": KEYS,
        "session_settings": cast(Source, session_settings),
        "session_prepared": cast(Source, session_prepared),
        "session_cursors": cast(Source, session_cursors),
        "relation_names": "SELECT oid, schema, name FROM system.relations UNION ALL "
        "SELECT oid, schema, name FROM system.system_relations UNION ALL "
        "SELECT index, schema, name FROM system.keys WHERE kind <> 'f'",
        # Of what is more than a query, the whole statement, as on Redshift.
        "view_texts": "SELECT r.oid, CASE WHEN r.late_binding OR r.materialized THEN 'create ' || CASE WHEN r.materialized "
        "THEN 'materialized ' ELSE '' END || 'view ' || memory.rs.quote_ident(r.schema) || '.' || "
        "memory.rs.quote_ident(r.name) || ' as ' || r.query || CASE WHEN r.late_binding THEN chr(10) || 'with no schema binding' "
        "ELSE '' END || ';' ELSE r.query END AS query FROM system.relations r "
        'JOIN system."information_schema._pg_seen_relations" s ON s.oid = r.oid WHERE r.query IS NOT NULL',
        "index_texts": "SELECT index AS oid, 'CREATE UNIQUE INDEX ' || memory.rs.quote_ident(name) || ' ON ' || "
        "memory.rs.quote_ident(schema) || '.' || memory.rs.quote_ident(relation) || ' USING btree (' || "
        "array_to_string(columns, ', ') || ')' AS definition, columns FROM system.keys WHERE kind <> 'f'",
        "declared_types": _declared_types,
        "type_rows": _constant(type_rows()),
        "proc_rows": _constant(proc_rows()),
        "user_routines": user_routines,
        "routine_texts": ROUTINE_TEXTS,
        "system_relations": _constant(_system_relations(known)),
        "system_columns": _constant(_system_columns(known)),
    }


def system_oids(declared: Iterable[SystemRelation]) -> dict[str, int]:
    """The number of each system relation."""
    others = sorted(one.name for one in declared if one.name not in SYSTEM_OIDS)
    return SYSTEM_OIDS | {name: _FIRST_VIEW_OID + place for place, name in enumerate(others)}


def _query(sql: str) -> Source:
    return lambda viewer, table: table_of(viewer.engine, sql)


def _constant(table: pa.Table) -> Source:
    return lambda viewer, other: table


def _place(name: str) -> tuple[str, str]:
    schema, dot, rest = name.partition(".")
    return (schema, rest) if dot else ("pg_catalog", name)


def _system_relations(declared: list[SystemRelation]) -> pa.Table:
    oids = system_oids(declared)
    rows = [(oids[one.name], *_place(one.name), "r" if one.name in SYSTEM_OIDS else "v") for one in declared]
    return pa.table({key: [row[at] for row in rows] for at, key in enumerate(("oid", "schema", "name", "kind"))})


def _system_columns(declared: list[SystemRelation]) -> pa.Table:
    oids = system_oids(declared)
    rows = [
        (oids[one.name], name, place, kind)
        for one in declared
        for place, (name, kind) in enumerate(one.columns, start=1)
    ]
    return pa.table({key: [row[at] for row in rows] for at, key in enumerate(("reloid", "name", "place", "declared"))})


def _declared_types(viewer: Viewer, table: Callable[[str], pa.Table]) -> pa.Table:
    """Each type text that some column has, in the numbers that the wire and `pg_attribute` speak of."""
    named = [table(source)["declared"].unique().to_pylist() for source in ("columns", "system_columns")]
    texts = {text: sql_type(text) for part in named for text in part}
    found = list(texts.values())
    return pa.table(
        {
            "declared": pa.array(list(texts), pa.string()),
            "oid": pa.array([one.oid for one in found], pa.int64()),
            "typmod": pa.array([one.typmod for one in found], pa.int32()),
            "length": pa.array([one.size for one in found], pa.int16()),
            "dimensions": pa.array([int(one.is_catalog_array) for one in found], pa.int32()),
            "by_value": pa.array([one.name in _BY_VALUE for one in found], pa.bool_()),
            "align": pa.array([_alignment(one) for one in found], pa.string()),
            "storage": pa.array(["x" if one.size < 0 else "p" for one in found], pa.string()),
            "collation": pa.array([100 if one.name in _TEXTS else 0 for one in found], pa.int64()),
            "shown": pa.array([str(one) for one in found], pa.string()),
        }
    )


def sql_type(text: str) -> SqlType:
    """A declared type's text as a type: ours, or the engine's own where a column has no note."""
    if text.startswith("engine:"):
        return from_duckdb(text.removeprefix("engine:"))
    return known_type(text) or from_duckdb("VARIANT")


def _alignment(one: SqlType) -> str:
    return {1: "c", 2: "s", 8: "d"}.get(one.size, "c" if one.name == "name" else "i")
