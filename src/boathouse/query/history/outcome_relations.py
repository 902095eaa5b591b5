"""Redshift's system tables about how transactions and calls ended, and about single kinds of steps, as views over the
history; and those about parts of a cluster that a single machine has one of, or none.

Columns, their order and types: Redshift Developer Guide, the page of each relation. A transaction has ended with its
COMMIT or ROLLBACK, or with its only statement; what its procedures' statements met, they may have handled.
"""

from __future__ import annotations

from boathouse.contracts.rooms import SystemRelation

Columns = tuple[tuple[str, str], ...]

_TRANSACTIONS = (
    "(SELECT userid, xid, min(started) AS began, max(ended) AS over, "
    "bool_or(verb = 'ROLLBACK' OR aborted = 1) FILTER (caller IS NULL) AS undone, "
    "max(started) FILTER (verb = 'COMMIT') AS committing, "
    "bool_or(kind = 'ddl' OR verb IN ('INSERT', 'UPDATE', 'DELETE', 'MERGE', 'COPY')) AS wrote "
    "FROM memory.rs.history_statements WHERE xid NOT IN (SELECT xid FROM memory.rs.live_sessions WHERE in_transaction) "
    "GROUP BY userid, xid)"
)

_STEP: Columns = (
    ("userid", "integer"), ("query", "integer"), ("slice", "integer"), ("segment", "integer"), ("step", "integer"),
    ("starttime", "timestamp"), ("endtime", "timestamp"), ("tasknum", "integer"), ("rows", "bigint"),
)  # fmt: skip
_STEP_SQL = (
    "SELECT userid, query::INTEGER AS query, 0::INTEGER AS slice, segment, step, started AS starttime, ended AS endtime, "
    "NULL::INTEGER AS tasknum"
)
_GIVEN_ON = "returned"
_TAKEN_IN = (
    "coalesce((SELECT sum(below.returned)::BIGINT FROM memory.rs.history_profiles below "
    "WHERE below.query = done.query AND below.parent = done.node), 0)"
)
_TBL = (
    "(SELECT max((t.comment::JSON ->> 'oid')::INTEGER) FROM memory.rs.stored_tables() t "
    "WHERE t.database_name = current_database() AND t.schema_name || '.' || t.table_name = tablename "
    "AND json_valid(t.comment)) AS tbl"
)
"""Steps know their tables by name; one that is no more has no number."""
_NAME = "string_split(tablename, '.')[-1]"


def _steps(name: str, kind: str, rows: str, columns: Columns, shown: str) -> SystemRelation:
    query = f"{_STEP_SQL}, {rows} AS \"rows\", {shown} FROM memory.rs.history_profiles done WHERE name = '{kind}'"
    return SystemRelation(name, (*_STEP, *columns), query, "userid")


OUTCOME_RELATIONS = (
    SystemRelation(
        "stl_undone",
        (
            ("userid", "integer"), ("xact_id", "bigint"), ("xact_id_undone", "bigint"), ("undo_start_ts", "timestamp"),
            ("undo_end_ts", "timestamp"), ("table_id", "bigint"),
        ),
        "SELECT userid, xid AS xact_id, xid AS xact_id_undone, over AS undo_start_ts, over AS undo_end_ts, "
        f"NULL::BIGINT AS table_id FROM {_TRANSACTIONS} WHERE undone AND wrote",
        "userid",
    ),
    SystemRelation(
        "sys_transaction_history",
        (
            ("user_id", "integer"), ("transaction_id", "bigint"), ("isolation_level", "text"), ("status", "text"),
            ("transaction_start_time", "timestamp"), ("commit_start_time", "timestamp"),
            ("commit_end_time", "timestamp"), ("blocks_committed", "bigint"), ("undo_transaction_id", "bigint"),
        ),
        "SELECT userid AS user_id, xid AS transaction_id, 'Snapshot Isolation' AS isolation_level, "
        "CASE WHEN undone THEN 'rolledback' ELSE 'committed' END AS status, began AS transaction_start_time, "
        "CASE WHEN NOT undone THEN coalesce(committing, over) END AS commit_start_time, "
        "CASE WHEN NOT undone THEN over END AS commit_end_time, NULL::BIGINT AS blocks_committed, "
        f"CASE WHEN undone THEN xid ELSE -1 END AS undo_transaction_id FROM {_TRANSACTIONS}",
        superusers_only=True,
    ),
    SystemRelation(
        "stl_commit_stats",
        (
            ("xid", "bigint"), ("node", "integer"), ("startqueue", "timestamp"), ("startwork", "timestamp"),
            ("endflush", "timestamp"), ("endstage", "timestamp"), ("endlocal", "timestamp"), ("startglobal", "timestamp"),
            ("endtime", "timestamp"), ("queuelen", "bigint"), ("permblocks", "bigint"), ("newblocks", "bigint"),
            ("dirtyblocks", "bigint"), ("headers", "bigint"), ("numxids", "integer"), ("oldestxid", "bigint"),
            ("extwritelatency", "bigint"), ("metadatawritten", "integer"), ("tombstonedblocks", "bigint"),
            ("tossedblocks", "bigint"), ("batched_by", "bigint"),
        ),
        # Of the leader alone. How long a commit waited for its turn is part of its time, and its stages are the engine's own.
        "SELECT xid, -1::INTEGER AS node, coalesce(committing, over) AS startqueue, coalesce(committing, over) AS startwork, "
        "NULL::TIMESTAMP AS endflush, NULL::TIMESTAMP AS endstage, NULL::TIMESTAMP AS endlocal, "
        "NULL::TIMESTAMP AS startglobal, over AS endtime, NULL::BIGINT AS queuelen, NULL::BIGINT AS permblocks, "
        "NULL::BIGINT AS newblocks, NULL::BIGINT AS dirtyblocks, NULL::BIGINT AS headers, NULL::INTEGER AS numxids, "
        "NULL::BIGINT AS oldestxid, NULL::BIGINT AS extwritelatency, NULL::INTEGER AS metadatawritten, "
        "NULL::BIGINT AS tombstonedblocks, NULL::BIGINT AS tossedblocks, NULL::BIGINT AS batched_by "
        f"FROM {_TRANSACTIONS} WHERE NOT undone AND wrote",
        superusers_only=True,
    ),
    SystemRelation(
        "stv_db_isolation_level",
        (("db_name", "char(128)"), ("isolation_level", "char(20)")),
        "SELECT current_database() AS db_name, 'Snapshot Isolation' AS isolation_level",
    ),
    SystemRelation(
        "sys_procedure_call",
        (
            ("session_user_id", "integer"), ("security_user_id", "integer"), ("query_id", "integer"),
            ("query_text", "char(4000)"), ("start_time", "timestamp"), ("end_time", "timestamp"),
            ("status", "char(10)"), ("caller_procedure_query_id", "integer"),
        ),
        "SELECT session_userid AS session_user_id, userid AS security_user_id, query::INTEGER AS query_id, "
        "left(text, 4000) AS query_text, started AS start_time, ended AS end_time, "
        "CASE WHEN errcode = '57014' THEN 'canceled' WHEN aborted = 1 THEN 'failed' ELSE 'success' END AS status, "
        "caller::INTEGER AS caller_procedure_query_id FROM memory.rs.history_statements WHERE verb = 'CALL'",
        "session_user_id",
    ),
    _steps(
        "stl_scan",
        "scan",
        _GIVEN_ON,
        (
            ("bytes", "bigint"), ("fetches", "bigint"), ("type", "integer"), ("tbl", "integer"),
            ("is_rrscan", "char(1)"), ("is_delayed_scan", "char(1)"), ("rows_pre_filter", "bigint"),
            ("rows_pre_user_filter", "bigint"), ("perm_table_name", "char(136)"),
        ),
        f"bytes, NULL::BIGINT AS fetches, CASE WHEN tablename = '' THEN 1 ELSE 2 END::INTEGER AS type, {_TBL}, "
        "'f' AS is_rrscan, 'f' AS is_delayed_scan, rows_read AS rows_pre_filter, rows_read AS rows_pre_user_filter, "
        "CASE WHEN tablename = '' THEN 'Internal Worktable' ELSE " f"{_NAME} END AS perm_table_name",
    ),
    _steps("stl_insert", "insert", _TAKEN_IN, (("tbl", "integer"),), _TBL),
    _steps("stl_delete", "delete", _TAKEN_IN, (("tbl", "integer"),), _TBL),
    SystemRelation(
        "stv_locks",
        (
            ("table_id", "bigint"), ("last_commit", "timestamp"), ("last_update", "timestamp"), ("lock_owner", "bigint"),
            ("lock_owner_pid", "bigint"), ("lock_owner_start_ts", "timestamp"), ("lock_owner_end_ts", "timestamp"),
            ("lock_status", "char(22)"),
        ),
        # Nothing waits for a table here: of two that change the same rows, the later one fails.
        "SELECT NULL::BIGINT AS table_id, NULL::TIMESTAMP AS last_commit, NULL::TIMESTAMP AS last_update, "
        "NULL::BIGINT AS lock_owner, NULL::BIGINT AS lock_owner_pid, NULL::TIMESTAMP AS lock_owner_start_ts, "
        "NULL::TIMESTAMP AS lock_owner_end_ts, NULL::VARCHAR AS lock_status WHERE false",
        superusers_only=True,
    ),
    SystemRelation(
        "stv_tbl_perm",
        (
            ("slice", "integer"), ("id", "integer"), ("name", "char(72)"), ("rows", "bigint"), ("sorted_rows", "bigint"),
            ("temp", "integer"), ("db_id", "integer"), ("insert_pristine", "integer"), ("delete_pristine", "integer"),
            ("backup", "integer"), ("dist_style", "integer"), ("block_count", "integer"),
        ),
        "SELECT 0::INTEGER AS slice, (t.comment::JSON ->> 'oid')::INTEGER AS id, t.table_name AS name, z.row_count AS "
        "\"rows\", NULL::BIGINT AS sorted_rows, 0::INTEGER AS temp, 16384::INTEGER AS db_id, 0::INTEGER AS insert_pristine, "
        "0::INTEGER AS delete_pristine, CASE WHEN (t.comment::JSON ->> 'backup') = 'no' THEN 0 ELSE 1 END::INTEGER AS "
        "backup, NULL::INTEGER AS dist_style, NULL::INTEGER AS block_count FROM memory.rs.stored_tables() t "
        "LEFT JOIN memory.rs.stored_sizes() z USING (database_name, schema_name, table_name) "
        "WHERE t.database_name = current_database() AND t.schema_name <> 'boathouse' AND json_valid(t.comment)",
        superusers_only=True,
    ),
    SystemRelation(
        "stv_slices",
        (("node", "integer"), ("slice", "integer"), ("localslice", "integer"), ("type", "char(1)")),
        "SELECT 0::INTEGER AS node, 0::INTEGER AS slice, 0::INTEGER AS localslice, 'D' AS type",
    ),
)  # fmt: skip
