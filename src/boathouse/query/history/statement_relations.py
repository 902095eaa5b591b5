"""Redshift's system tables about statements, as views over the history.

Columns, their order and types: Redshift Developer Guide, the page of each relation. A line's end inside a text is shown
as `\\n`, as Redshift does.
"""

from __future__ import annotations

from boathouse.contracts.rooms import SystemRelation

Columns = tuple[tuple[str, str], ...]

_TEXT = "replace(replace(text, E'\\r', ''), E'\\n', '\\n')"
_WHO: Columns = (("userid", "integer"), ("xid", "bigint"), ("pid", "integer"))
_LABEL = "CASE WHEN label = '' THEN 'default' ELSE label END"
_TIMES: Columns = (("starttime", "timestamp"), ("endtime", "timestamp"))
_PIECE: Columns = (("sequence", "integer"), ("text", "char(200)"))


def _pieces(columns: str, where: str, length: int = 200, source: str = "memory.rs.history_statements") -> str:
    """SQL of the statements' texts, cut into pieces."""
    return (
        f"SELECT {columns}, sequence::INTEGER AS sequence, substr(whole, (sequence * {length} + 1)::BIGINT, {length}) "
        f"AS text FROM (SELECT *, unnest(range(greatest(1, ceil(length(whole) / {length}.0)::BIGINT))) AS sequence FROM "
        f"(SELECT *, {_TEXT} AS whole FROM {source} WHERE {where}))"
    )


def _of_kind(name: str, kind: str) -> SystemRelation:
    columns = f"userid, xid, pid, {_LABEL} AS label, started AS starttime, ended AS endtime"
    return SystemRelation(
        name, (*_WHO, ("label", "char(320)"), *_TIMES, *_PIECE), _pieces(columns, f"kind = '{kind}'"), "userid"
    )


_ELAPSED = "date_diff('microsecond', started, ended)"
_PLANNING = "coalesce(date_diff('microsecond', started, planned), 0)"

_SYS_QUERY: Columns = (
    ("user_id", "integer"), ("query_id", "bigint"), ("query_label", "char(320)"), ("transaction_id", "bigint"),
    ("session_id", "integer"), ("database_name", "char(128)"), ("query_type", "char(32)"), ("status", "char(10)"),
    ("result_cache_hit", "boolean"), ("start_time", "timestamp"), ("end_time", "timestamp"), ("elapsed_time", "bigint"),
    ("queue_time", "bigint"), ("execution_time", "bigint"), ("error_message", "char(512)"), ("returned_rows", "bigint"),
    ("returned_bytes", "bigint"), ("query_text", "char(4000)"), ("redshift_version", "char(256)"),
    ("usage_limit", "char(150)"), ("compute_type", "varchar(32)"), ("compile_time", "bigint"),
    ("planning_time", "bigint"), ("lock_wait_time", "bigint"), ("service_class_id", "integer"),
    ("service_class_name", "char(64)"), ("query_priority", "char(20)"), ("short_query_accelerated", "char(10)"),
    ("user_query_hash", "char(40)"), ("generic_query_hash", "char(40)"), ("query_hash_version", "integer"),
    ("result_cache_query_id", "bigint"),
)  # fmt: skip
_SYS_QUERY_SQL = (
    f"SELECT userid AS user_id, query AS query_id, {_LABEL} AS query_label, xid AS transaction_id, pid AS session_id, "
    "db AS database_name, CASE WHEN verb IN ('CALL', 'COMMIT', 'ROLLBACK') THEN 'UTILITY' ELSE verb END AS query_type, "
    "CASE WHEN errcode = '57014' THEN 'canceled' WHEN aborted = 1 THEN 'failed' "
    "WHEN ended IS NULL THEN CASE WHEN entered IS NULL OR admitted IS NOT NULL THEN 'running' ELSE 'queued' END "
    "ELSE 'success' END AS status, source IS NOT NULL AS result_cache_hit, "
    f"started AS start_time, ended AS end_time, date_diff('microsecond', started, coalesce(ended, {{now}})) AS "
    f"elapsed_time, coalesce(waited, 0) + CASE WHEN admitted IS NULL AND ended IS NULL AND entered IS NOT NULL THEN "
    "date_diff('microsecond', entered, {now}) ELSE 0 END AS queue_time, CASE WHEN entered IS NOT NULL AND admitted IS NULL "
    "THEN 0 ELSE date_diff('microsecond', coalesce(admitted, planned, started), coalesce(ended, "
    f"{{now}})) END AS execution_time, error AS error_message, returned AS returned_rows, NULL::BIGINT AS returned_bytes, "
    f"left({_TEXT}, 4000) AS query_text, NULL::VARCHAR AS redshift_version, NULL::VARCHAR AS usage_limit, "
    "CASE WHEN engine IS NOT NULL THEN engine WHEN burst IS NULL THEN 'primary' ELSE 'primary-scale' END AS compute_type, "
    f"0::BIGINT AS compile_time, {_PLANNING} AS planning_time, 0::BIGINT AS lock_wait_time, "
    "service_class AS service_class_id, queue AS service_class_name, CASE WHEN service_class IS NOT NULL THEN 'n/a' END AS "
    "query_priority, "
    "'false' AS short_query_accelerated, NULL::VARCHAR AS user_query_hash, NULL::VARCHAR AS generic_query_hash, "
    "NULL::INTEGER AS query_hash_version, source AS result_cache_query_id FROM {source}"
)
_NOW = "(now() AT TIME ZONE 'UTC')"

STATEMENT_RELATIONS = (
    SystemRelation(
        "stl_query",
        (
            ("userid", "integer"), ("query", "integer"), ("label", "char(320)"), ("xid", "bigint"), ("pid", "integer"),
            ("database", "char(32)"), ("querytxt", "char(4000)"), *_TIMES, ("aborted", "integer"),
            ("insert_pristine", "integer"), ("concurrency_scaling_status", "integer"),
        ),
        f"SELECT userid, query::INTEGER AS query, {_LABEL} AS label, xid, pid, db AS \"database\", left({_TEXT}, 4000) AS "
        "querytxt, started AS starttime, ended AS endtime, aborted, 0::INTEGER AS insert_pristine, "
        "(burst IS NOT NULL)::INTEGER AS concurrency_scaling_status FROM memory.rs.history_statements WHERE kind = 'query'",
        "userid",
    ),
    SystemRelation(
        "stl_querytext",
        (*_WHO, ("query", "integer"), *_PIECE),
        _pieces("userid, xid, pid, query::INTEGER AS query", "kind = 'query'"),
        "userid",
    ),
    SystemRelation(
        "svv_query_inflight",
        (
            ("userid", "integer"), ("slice", "integer"), ("query", "integer"), ("pid", "integer"),
            ("starttime", "timestamp"), ("suspended", "integer"), ("text", "char(200)"), ("sequence", "integer"),
        ),
        "SELECT userid, slice, query, pid, starttime, suspended, text, sequence FROM ("
        + _pieces(
            "userid, 0::INTEGER AS slice, query::INTEGER AS query, pid, started AS starttime, 0::INTEGER AS suspended",
            "kind = 'query' AND ended IS NULL",
            source="memory.rs.live_statements",
        )
        + ")",
        "userid",
    ),
    _of_kind("stl_ddltext", "ddl"),
    _of_kind("stl_utilitytext", "utility"),
    SystemRelation(
        "svl_statementtext",
        (*_WHO, ("label", "char(320)"), *_TIMES, ("sequence", "integer"), ("type", "varchar(10)"), ("text", "char(200)")),
        "SELECT userid, xid, pid, label, starttime, endtime, sequence, type, text FROM ("
        + _pieces(
            f"userid, xid, pid, {_LABEL} AS label, started AS starttime, ended AS endtime, upper(kind) AS type", "true"
        )
        + ")",
        "userid",
    ),
    SystemRelation(
        "svl_qlog",
        (
            ("userid", "integer"), ("query", "integer"), ("xid", "bigint"), ("pid", "integer"), *_TIMES,
            ("elapsed", "bigint"), ("aborted", "integer"), ("label", "char(320)"), ("substring", "char(60)"),
            ("source_query", "integer"), ("concurrency_scaling_status_txt", "varchar(60)"), ("from_sp_call", "integer"),
        ),
        f"SELECT userid, query::INTEGER AS query, xid, pid, started AS starttime, ended AS endtime, {_ELAPSED} AS "
        f"elapsed, aborted, {_LABEL} AS label, left({_TEXT}, 60) AS \"substring\", source::INTEGER AS source_query, "
        "CASE WHEN burst IS NULL THEN '0 - Ran on the main cluster' ELSE '1 - Ran on a concurrency scaling cluster' END AS "
        "concurrency_scaling_status_txt, caller::INTEGER AS from_sp_call "
        "FROM memory.rs.history_statements WHERE kind = 'query'",
        "userid",
    ),
    SystemRelation(
        "stl_error",
        (
            ("userid", "integer"), ("process", "char(12)"), ("recordtime", "timestamp"), ("pid", "integer"),
            ("errcode", "integer"), ("file", "char(90)"), ("linenum", "integer"), ("context", "char(100)"),
            ("error", "char(512)"),
        ),
        # The number is PostgreSQL's own packing of a SQLSTATE, six bits a letter.
        "SELECT userid, 'boathouse' AS process, ended AS recordtime, pid, list_sum(list_transform(range(5), lambda i: "
        "((ord(errcode[i + 1]) - 48) & 63) << (6 * i)::INTEGER))::INTEGER AS errcode, '' AS file, 0::INTEGER AS linenum, "
        "'SQLSTATE ' || errcode AS context, error FROM memory.rs.history_statements WHERE aborted = 1",
        "userid",
    ),
    SystemRelation(
        "stl_tr_conflict",
        (
            ("userid", "integer"), ("xact_id", "bigint"), ("process_id", "integer"), ("xact_start_ts", "timestamp"),
            ("abort_time", "timestamp"), ("table_id", "bigint"),
        ),
        "SELECT userid, xid AS xact_id, pid AS process_id, (SELECT min(first.started) FROM memory.rs.history_statements "
        "first WHERE first.xid = failed.xid AND first.pid = failed.pid) AS xact_start_ts, ended AS abort_time, "
        "NULL::BIGINT AS table_id FROM memory.rs.history_statements failed WHERE errcode = '40001'",
        "userid",
    ),
    SystemRelation(
        "sys_query_history",
        _SYS_QUERY,
        _SYS_QUERY_SQL.format(source="memory.rs.history_statements", now=_NOW)
        + " UNION ALL "
        + _SYS_QUERY_SQL.format(source="memory.rs.live_statements WHERE ended IS NULL", now=_NOW),
        "user_id",
    ),
    SystemRelation(
        "sys_query_text",
        (
            ("user_id", "integer"), ("query_id", "bigint"), ("transaction_id", "bigint"), ("session_id", "integer"),
            ("start_time", "timestamp"), ("sequence", "integer"), ("text", "char(4000)"),
        ),
        _pieces(
            "userid AS user_id, query AS query_id, xid AS transaction_id, pid AS session_id, started AS start_time",
            "true",
            4000,
        ),
        "user_id",
    ),
)  # fmt: skip
