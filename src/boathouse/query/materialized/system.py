"""Materialized views in the system catalog.

Columns: Redshift Developer Guide, "SVV_MV_INFO", "STV_MV_INFO", "STV_MV_DEPS", "SVL_MV_REFRESH_STATUS".
"""

from __future__ import annotations

from boathouse.contracts.rooms import SystemRelation
from boathouse.query.state.marks import STALE

_VIEWS = (
    "(SELECT t.database_name, t.schema_name, t.table_name, t.comment::JSON AS note FROM memory.rs.stored_tables() t "
    "WHERE t.database_name = current_database() AND json_valid(t.comment) "
    "AND (t.comment::JSON ->> 'materialized') = 'true' AND memory.rs.sees_relation(t.schema_name, t.table_name))"
)
_STALE = (
    f"CASE WHEN (v.note ->> 'external') = 'true' THEN 'u' WHEN EXISTS (SELECT 1 FROM {STALE} m "
    "WHERE m.schema_name = v.schema_name AND m.name = v.table_name) THEN 't' ELSE 'f' END"
)
_OWNER = "memory.rs.user_name(memory.rs.owner_id('relation', v.schema_name, v.table_name))"
_AUTO = "CASE WHEN (v.note ->> 'auto_refresh') = 'true' THEN 't' ELSE 'f' END"

SYSTEM_RELATIONS: tuple[SystemRelation, ...] = (
    SystemRelation(
        "svv_mv_info",
        (
            ("database_name", "char(128)"),
            ("schema_name", "char(128)"),
            ("user_name", "char(128)"),
            ("name", "char(128)"),
            ("is_stale", "char(1)"),
            ("state", "integer"),
            ("autorewrite", "char(1)"),
            ("autorefresh", "char(1)"),
        ),
        f"SELECT v.database_name, v.schema_name, {_OWNER} AS user_name, v.table_name AS name, "
        f"{_STALE} AS is_stale, 0::INTEGER AS state, 'f' AS autorewrite, {_AUTO} AS autorefresh FROM {_VIEWS} v",
    ),
    SystemRelation(
        "stv_mv_info",
        (
            ("db_name", "char(128)"),
            ("schema", "char(128)"),
            ("name", "char(128)"),
            ("updated_upto_xid", "bigint"),
            ("is_stale", "char(1)"),
            ("owner_user_name", "char(128)"),
            ("state", "integer"),
            ("autorewrite", "char(1)"),
            ("autorefresh", "char(1)"),
        ),
        'SELECT v.database_name AS db_name, v.schema_name AS "schema", v.table_name AS name, '
        "(SELECT max(r.xid) FROM boathouse.mv_refreshes r WHERE r.schema_name = v.schema_name "
        "AND r.mv_name = v.table_name) AS updated_upto_xid, "
        f"{_STALE} AS is_stale, {_OWNER} AS owner_user_name, 0::INTEGER AS state, 'f' AS autorewrite, "
        f"{_AUTO} AS autorefresh FROM {_VIEWS} v",
    ),
    SystemRelation(
        "stv_mv_deps",
        (
            ("db_name", "char(128)"),
            ("schema", "char(128)"),
            ("name", "char(128)"),
            ("ref_schema", "char(128)"),
            ("ref_name", "char(128)"),
            ("ref_database_name", "char(128)"),
        ),
        'SELECT d.db_name, d."schema", d.name, d.base ->> 0 AS ref_schema, d.base ->> 1 AS ref_name, '
        'd.db_name AS ref_database_name FROM (SELECT v.database_name AS db_name, v.schema_name AS "schema", '
        "v.table_name AS name, unnest(CAST(v.note -> 'depends' AS JSON[])) AS base "
        f"FROM {_VIEWS} v) d",
    ),
    SystemRelation(
        "svv_mv_dependency",
        (
            ("database_name", "char(128)"),
            ("schema_name", "char(128)"),
            ("name", "char(128)"),
            ("dependent_database_name", "char(128)"),
            ("dependent_schema_name", "char(128)"),
            ("dependent_name", "char(128)"),
        ),
        # Of a materialized view, those that are made from it.
        "SELECT d.db_name AS database_name, d.base ->> 0 AS schema_name, d.base ->> 1 AS name, "
        'd.db_name AS dependent_database_name, d."schema" AS dependent_schema_name, d.name AS dependent_name '
        'FROM (SELECT v.database_name AS db_name, v.schema_name AS "schema", v.table_name AS name, '
        f"unnest(CAST(v.note -> 'depends' AS JSON[])) AS base FROM {_VIEWS} v) d "
        "JOIN memory.rs.stored_tables() o ON o.database_name = d.db_name AND o.schema_name = (d.base ->> 0) "
        "AND o.table_name = (d.base ->> 1) "
        "WHERE (TRY_CAST(o.comment AS JSON) ->> 'materialized') = 'true'",
    ),
    SystemRelation(
        "svl_mv_refresh_status",
        (
            ("db_name", "char(128)"),
            ("userid", "bigint"),
            ("schema_name", "char(128)"),
            ("mv_name", "char(128)"),
            ("xid", "bigint"),
            ("starttime", "timestamp"),
            ("endtime", "timestamp"),
            ("status", "varchar(256)"),
        ),
        "SELECT * FROM boathouse.mv_refreshes",
    ),
    SystemRelation(
        "sys_mv_refresh_history",
        (
            ("user_id", "integer"),
            ("transaction_id", "bigint"),
            ("database_name", "char(128)"),
            ("schema_name", "char(128)"),
            ("mv_id", "bigint"),
            ("mv_name", "char(128)"),
            ("refresh_type", "char(32)"),
            ("status", "text"),
            ("start_time", "timestamp"),
            ("end_time", "timestamp"),
            ("duration", "bigint"),
        ),
        "SELECT userid::INTEGER AS user_id, xid AS transaction_id, db_name AS database_name, schema_name, "
        "(SELECT (v.note ->> 'oid')::BIGINT "
        f"FROM {_VIEWS} v WHERE v.schema_name = r.schema_name AND v.table_name = r.mv_name) AS mv_id, mv_name, "
        "'Manual' AS refresh_type, status, starttime AS start_time, endtime AS end_time, "
        "date_diff('microsecond', starttime, endtime) AS duration FROM boathouse.mv_refreshes r",
        owner="user_id",
    ),
)
