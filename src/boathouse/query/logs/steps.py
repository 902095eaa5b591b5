"""System tables about single kinds of steps, about what is wrong with a plan, and what a query took in all, as views over
the history's profiles.

Columns, their order and types: Redshift Developer Guide, the page of each relation. Alerts are those that the engine's own
account of a query tells of for certain: rows met row by row in a nested loop, and a scan that read many times the rows that
its filter let through. Statistics are never missing here, and nothing is broadcast between nodes.
"""

from __future__ import annotations

from boathouse.contracts.rooms import SystemRelation

Columns = tuple[tuple[str, str], ...]

SELECTIVE_ROWS_MIN, SELECTIVE_SHARE_MAX = 10_000, 0.05
"""A scan that reads so many rows, and gives on less than this share of them, is worth an alert."""

_STEP: Columns = (
    ("userid", "integer"), ("query", "integer"), ("slice", "integer"), ("segment", "integer"), ("step", "integer"),
    ("starttime", "timestamp"), ("endtime", "timestamp"), ("tasknum", "integer"), ("rows", "bigint"),
)  # fmt: skip
_BYTES, _TBL, _CHECK = ("bytes", "bigint"), ("tbl", "integer"), ("checksum", "bigint")
_DISK, _MEMORY = ("is_diskbased", "char(1)"), ("workmem", "bigint")
_OWN = {"bytes": "bytes", "is_diskbased": "CASE WHEN spilled > 0 THEN 't' ELSE 'f' END"}
_TYPES = {"integer": "INTEGER", "bigint": "BIGINT", "char(1)": "VARCHAR", "char(6)": "VARCHAR"}


def _steps(name: str, kind: str, *columns: tuple[str, str]) -> SystemRelation:
    """Steps of one kind; a column that means nothing on one machine is NULL."""
    shown = ", ".join(f"{_OWN.get(one, f'NULL::{_TYPES[of]}')} AS {one}" for one, of in columns)
    query = (
        "SELECT userid, query::INTEGER AS query, 0::INTEGER AS slice, segment, step, started AS starttime, ended AS endtime, "
        f'NULL::INTEGER AS tasknum, returned AS "rows"{", " if shown else ""}{shown} '
        f"FROM memory.rs.history_profiles WHERE name = '{kind}'"
    )
    return SystemRelation(name, (*_STEP, *columns), query, "userid")


def _integers(names: str) -> Columns:
    return tuple((name, "integer") for name in names.split())


_NESTED = "plan LIKE '%Nested Loop Join%' OR plan LIKE '%Nl Join%' OR plan LIKE '%Cross Product%'"
_SELECTIVE = (
    f"name = 'scan' AND tablename <> '' AND rows_read >= {SELECTIVE_ROWS_MIN} "
    f"AND returned < {SELECTIVE_SHARE_MAX} * rows_read"
)
_ALERTS = (
    "SELECT done.userid, done.query::INTEGER AS query, 0::INTEGER AS slice, segment, step, said.pid, said.xid, event, "
    "solution, done.ended AS event_time FROM (SELECT *, "
    f"CASE WHEN {_NESTED} THEN 'Nested Loop Join in the query plan' "
    f"WHEN {_SELECTIVE} THEN format('Very selective query filter:ratio=rows({{}})/rows_pre_user_filter({{}})={{:.6f}}', "
    "returned, rows_read, returned::DOUBLE / rows_read) END AS event, "
    "CASE WHEN name = 'scan' THEN 'Insert the rows in the order of the column that is filtered, so that parts of the table "
    "are skipped' ELSE 'Review the join predicates to avoid Cartesian products' END AS solution "
    "FROM memory.rs.history_profiles) done LEFT JOIN memory.rs.history_statements said ON said.query = done.query "
    "WHERE event IS NOT NULL"
)


def _sum(where: str, of: str) -> str:
    return f"coalesce(sum(CASE WHEN {where} THEN {of} END), 0)::BIGINT"


_TOOK = (
    "SELECT done.userid, done.query::INTEGER AS query, any_value(said.service_class) AS service_class, "
    "any_value(date_diff('second', coalesce(said.admitted, said.started), said.ended)) AS query_execution_time, "
    "(sum(duration) // 1000000)::BIGINT AS query_cpu_time, NULL::BIGINT AS query_blocks_read, "
    "NULL::DECIMAL(38,2) AS query_cpu_usage_percent, "
    "((max(spilled) + 1048575) // 1048576)::BIGINT AS query_temp_blocks_to_disk, "
    "NULL::BIGINT AS segment_execution_time, NULL::DECIMAL(38,2) AS cpu_skew, NULL::DECIMAL(38,2) AS io_skew, "
    + _sum("name = 'scan'", "rows_read")
    + " AS scan_row_count, "
    + _sum("name IN ('hjoin', 'mjoin')", "done.returned")
    + " AS join_row_count, "
    + _sum("name = 'nloop'", "done.returned")
    + " AS nested_loop_join_row_count, any_value(said.returned) AS return_row_count, "
    "NULL::BIGINT AS spectrum_scan_row_count, "
    "(SELECT sum(bytes) // 1048576 FROM memory.rs.history_scans lake WHERE lake.query = done.query)::BIGINT AS "
    "spectrum_scan_size_mb, coalesce(any_value(said.waited) // 1000000, 0)::BIGINT AS query_queue_time, "
    "any_value(said.queue) AS service_class_name FROM memory.rs.history_profiles done "
    "JOIN memory.rs.history_statements said ON said.query = done.query GROUP BY done.userid, done.query"
)

STEP_RELATIONS = (
    _steps(
        "stl_aggr", "aggr", _BYTES, *_integers("slots occupied maxlength"), _TBL, _DISK, _MEMORY, ("type", "char(6)"),
        *_integers("resizes flushable"),
    ),
    _steps(
        "stl_hashjoin", "hjoin", _TBL, *_integers("num_parts join_type"), ("hash_looped", "char(1)"),
        ("switched_parts", "char(1)"), ("used_prefetching", "char(1)"), *_integers("hash_segment hash_step"), _CHECK,
        ("distribution", "integer"),
    ),
    _steps("stl_mergejoin", "mjoin", _TBL, _CHECK),
    _steps("stl_nestloop", "nloop", _TBL, _CHECK),
    _steps("stl_limit", "limit", _CHECK),
    _steps("stl_project", "project", _CHECK),
    _steps("stl_return", "return", _BYTES, ("packets", "integer"), _CHECK),
    _steps("stl_sort", "sort", _BYTES, _TBL, _DISK, _MEMORY, _CHECK),
    _steps("stl_window", "window", _DISK, _MEMORY),
    SystemRelation(
        "stl_alert_event_log",
        (
            ("userid", "integer"), ("query", "integer"), ("slice", "integer"), ("segment", "integer"), ("step", "integer"),
            ("pid", "integer"), ("xid", "bigint"), ("event", "char(1024)"), ("solution", "char(1024)"),
            ("event_time", "timestamp"),
        ),
        _ALERTS,
        "userid",
    ),
    SystemRelation(
        "svl_query_metrics_summary",
        (
            ("userid", "integer"), ("query", "integer"), ("service_class", "integer"), ("query_execution_time", "bigint"),
            ("query_cpu_time", "bigint"), ("query_blocks_read", "bigint"), ("query_cpu_usage_percent", "numeric(38,2)"),
            ("query_temp_blocks_to_disk", "bigint"), ("segment_execution_time", "bigint"), ("cpu_skew", "numeric(38,2)"),
            ("io_skew", "numeric(38,2)"), ("scan_row_count", "bigint"), ("join_row_count", "bigint"),
            ("nested_loop_join_row_count", "bigint"), ("return_row_count", "bigint"), ("spectrum_scan_row_count", "bigint"),
            ("spectrum_scan_size_mb", "bigint"), ("query_queue_time", "bigint"), ("service_class_name", "char(64)"),
        ),
        _TOOK,
        "userid",
    ),
)  # fmt: skip
