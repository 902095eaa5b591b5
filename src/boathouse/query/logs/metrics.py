"""What queries took, as query monitoring sees it, and their plans in numbers: as views over the history's profiles and over
what runs now.

Columns, their order and types: Redshift Developer Guide, the page of each relation; types of steps: STV_QUERY_METRICS, of
plan nodes: the examples of STL_PLAN_INFO. The engine tells of a plan's steps when it has ended: what runs now is shown as a
whole. Costs, blocks read and times of segments are not known.
"""

from __future__ import annotations

from boathouse.contracts.rooms import SystemRelation
from boathouse.query.logs.steps import STEP_RELATIONS

_TYPES = {"scan": 1, "insert": 2, "aggr": 3, "sort": 6, "hjoin": 10, "mjoin": 11, "nloop": 15, "project": 16, "limit": 17,
          "delete": 20, "window": 29, "return": 37}  # fmt: skip
_PLAN_NODES = {"scan": 104, "sort": 114}
_BIG, _WHOLE = "bigint", "integer"


def _number(numbers: dict[str, int]) -> str:
    return "CASE name " + " ".join(f"WHEN '{name}' THEN {number}" for name, number in numbers.items()) + " END"


def _nothing(kind: str, *names: str) -> str:
    return ", ".join(f"NULL::{kind} AS {name}" for name in names)


_SAID = "memory.rs.history_statements"
_STEPS = (
    f"(SELECT *, {_number(_TYPES)} AS kind, sum(duration) OVER (PARTITION BY query, segment) AS of_segment "
    "FROM memory.rs.history_profiles)"
)
_LEVELS = (
    "(SELECT userid, query, segment, step, kind, name, grouping(segment) AS whole, grouping(step) AS together, "
    "any_value(started) AS started, max(returned) AS most, sum(returned)::BIGINT AS returned, sum(duration)::BIGINT AS took, "
    "max(of_segment)::BIGINT AS of_segment, max(spilled) AS spilled, max(rows_read) AS rows_read "
    f"FROM {_STEPS} GROUP BY GROUPING SETS ((userid, query), (userid, query, segment), "
    "(userid, query, segment, step, kind, name)))"
)
_SPILLED = "CASE WHEN whole = 1 THEN ((spilled + 1048575) // 1048576)::BIGINT END"
_ELAPSED = "CASE WHEN whole = 1 THEN date_diff('microsecond', coalesce(said.admitted, said.started), said.ended) END"

_TAKEN = (
    "SELECT level.userid, said.service_class, level.query::INTEGER AS query, coalesce(segment, -1)::INTEGER AS segment, "
    "CASE WHEN together = 1 THEN -1 ELSE level.kind END::INTEGER AS step_type, level.started AS starttime, 1::INTEGER AS slices, "
    'most AS max_rows, level.returned AS "rows", CASE WHEN together = 1 THEN of_segment ELSE took END AS max_cpu_time, '
    f"took AS cpu_time, {_nothing('INTEGER', 'max_blocks_read')}, {_nothing('BIGINT', 'blocks_read', 'max_run_time')}, "
    f"{_ELAPSED} AS run_time, {_SPILLED} AS max_blocks_to_disk, {_SPILLED} AS blocks_to_disk, "
    f"coalesce(step, -1)::INTEGER AS step, {_nothing('BIGINT', 'max_query_scan_size', 'query_scan_size')}, "
    "-1::INTEGER AS query_priority, coalesce(said.waited, 0)::BIGINT AS query_queue_time, said.queue AS service_class_name "
    f"FROM {_LEVELS} level JOIN {_SAID} said ON said.query = level.query"
)
_NOW = "(now() AT TIME ZONE 'UTC')"
_RUNNING = "FROM memory.rs.live_statements WHERE kind = 'query' AND ended IS NULL AND (entered IS NULL OR admitted IS NOT NULL)"
_SINCE = f"date_diff('microsecond', coalesce(admitted, started), {_NOW})"
_TAKING = (
    "SELECT userid, service_class, query::INTEGER AS query, started AS starttime, 1::INTEGER AS slices, "
    f"-1::INTEGER AS segment, -1::INTEGER AS step_type, {_nothing('BIGINT', 'rows', 'max_rows', 'cpu_time', 'max_cpu_time')}, "
    f"{_nothing('BIGINT', 'blocks_read', 'max_blocks_read')}, {_SINCE} AS run_time, "
    f"{_nothing('BIGINT', 'max_run_time', 'max_blocks_to_disk', 'blocks_to_disk')}, -1::INTEGER AS step, "
    f"{_nothing('BIGINT', 'max_query_scan_size', 'query_scan_size')}, -1::INTEGER AS query_priority, "
    f"coalesce(waited, 0)::BIGINT AS query_queue_time {_RUNNING}"
)

_SUMMARY = next(one for one in STEP_RELATIONS if one.name == "svl_query_metrics_summary")
_OF_QUERIES = ("query_cpu_time", "query_blocks_read", "query_execution_time", "query_cpu_usage_percent",
               "query_temp_blocks_to_disk")  # fmt: skip
_COUNTED = {
    "scan_row_count": "CASE WHEN name = 'scan' THEN rows_read END",
    "join_row_count": "CASE WHEN name IN ('hjoin', 'mjoin') THEN returned END",
    "nested_loop_join_row_count": "CASE WHEN name = 'nloop' THEN returned END",
    "return_row_count": "CASE WHEN name = 'return' THEN returned END",
}
_OF_STEPS = ", ".join(f"{sql}::BIGINT AS {name}" for name, sql in _COUNTED.items())
_REST = (*_COUNTED, "spectrum_scan_row_count", "spectrum_scan_size_mb", "query_queue_time")
# The columns up to what a query spilled are the page's; the rest are those of the summary, which the view is made for.
_DIMENSIONS = (
    "SELECT userid, query, service_class, 'query' AS dimension, 0::INTEGER AS segment, NULL::INTEGER AS step, "
    f"NULL::VARCHAR AS step_label, {', '.join(one for one in _OF_QUERIES if one != 'query_cpu_usage_percent')}, "
    "query_cpu_usage_percent::BIGINT AS query_cpu_usage_percent, segment_execution_time, cpu_skew, io_skew, "
    f"{', '.join(_REST)} FROM ({_SUMMARY.query}) UNION ALL BY NAME "
    "SELECT level.userid, level.query::INTEGER AS query, said.service_class, "
    "CASE WHEN together = 1 THEN 'segment' ELSE 'step' END AS dimension, segment, kind AS step, "
    f"CASE WHEN together = 0 THEN name END AS step_label, {_OF_STEPS} "
    f"FROM (SELECT * REPLACE (CASE WHEN together = 0 THEN name END AS name) FROM {_LEVELS} WHERE whole = 0) level "
    f"JOIN (SELECT query, service_class FROM {_SAID}) said ON said.query = level.query"
)
_METRICS = (
    ("userid", _WHOLE), ("query", _WHOLE), ("service_class", _WHOLE), ("dimension", "varchar(24)"), ("segment", _WHOLE),
    ("step", _WHOLE), ("step_label", "varchar(30)"), *((name, _BIG) for name in _OF_QUERIES),
    ("segment_execution_time", _BIG), ("cpu_skew", "numeric(38,2)"), ("io_skew", "numeric(38,2)"),
    *((name, _BIG) for name in _REST),
)  # fmt: skip

METRIC_RELATIONS = (
    SystemRelation(
        "stl_query_metrics",
        (
            ("userid", _WHOLE), ("service_class", _WHOLE), ("query", _WHOLE), ("segment", _WHOLE), ("step_type", _WHOLE),
            ("starttime", "timestamp"), ("slices", _WHOLE), ("max_rows", _BIG), ("rows", _BIG), ("max_cpu_time", _BIG),
            ("cpu_time", _BIG), ("max_blocks_read", _WHOLE), ("blocks_read", _BIG), ("max_run_time", _BIG),
            ("run_time", _BIG), ("max_blocks_to_disk", _BIG), ("blocks_to_disk", _BIG), ("step", _WHOLE),
            ("max_query_scan_size", _BIG), ("query_scan_size", _BIG), ("query_priority", _WHOLE),
            ("query_queue_time", _BIG), ("service_class_name", "char(64)"),
        ),
        _TAKEN,
        "userid",
    ),
    SystemRelation(
        "stv_query_metrics",
        (
            ("userid", _WHOLE), ("service_class", _WHOLE), ("query", _WHOLE), ("starttime", "timestamp"),
            ("slices", _WHOLE), ("segment", _WHOLE), ("step_type", _WHOLE), ("rows", _BIG), ("max_rows", _BIG),
            ("cpu_time", _BIG), ("max_cpu_time", _BIG), ("blocks_read", _BIG), ("max_blocks_read", _BIG),
            ("run_time", _BIG), ("max_run_time", _BIG), ("max_blocks_to_disk", _BIG), ("blocks_to_disk", _BIG),
            ("step", _WHOLE), ("max_query_scan_size", _BIG), ("query_scan_size", _BIG), ("query_priority", _WHOLE),
            ("query_queue_time", _BIG),
        ),
        _TAKING,
        "userid",
    ),
    SystemRelation(
        "svl_query_metrics",
        _METRICS,
        f"SELECT {', '.join(name for name, _ in _METRICS)} FROM ({_DIMENSIONS})",
        "userid",
    ),
    SystemRelation(
        "stl_plan_info",
        (
            ("userid", _WHOLE), ("query", _WHOLE), ("nodeid", _WHOLE), ("segment", _WHOLE), ("step", _WHOLE),
            ("locus", _WHOLE), ("plannode", _WHOLE), ("startupcost", "double precision"),
            ("totalcost", "double precision"), ("rows", _BIG), ("bytes", _BIG),
        ),
        "SELECT userid, query::INTEGER AS query, node AS nodeid, segment, step, 0::INTEGER AS locus, "
        f"({_number(_PLAN_NODES)})::INTEGER AS plannode, {_nothing('DOUBLE', 'startupcost', 'totalcost')}, "
        "TRY_CAST(nullif(regexp_extract(plan, '\\(rows=(\\d+)\\)$', 1), '') AS BIGINT) AS \"rows\", "
        f"{_nothing('BIGINT', 'bytes')} FROM memory.rs.history_profiles",
        "userid",
    ),
    SystemRelation(
        "stv_exec_state",
        (
            ("userid", _WHOLE), ("query", _WHOLE), ("slice", _WHOLE), ("segment", _WHOLE), ("step", _WHOLE),
            ("starttime", "timestamp"), ("currenttime", "timestamp"), ("tasknum", _WHOLE), ("rows", _BIG),
            ("bytes", _BIG), ("label", "char(256)"), ("is_diskbased", "char(1)"), ("workmem", _BIG),
            ("num_parts", _WHOLE), ("is_rrscan", "char(1)"), ("is_delayed_scan", "char(1)"),
        ),
        "SELECT userid, query::INTEGER AS query, 0::INTEGER AS slice, "
        f"{_nothing('INTEGER', 'segment', 'step')}, coalesce(admitted, started) AS starttime, {_NOW} AS currenttime, "
        f"{_nothing('INTEGER', 'tasknum')}, {_nothing('BIGINT', 'rows', 'bytes')}, "
        f"{_nothing('VARCHAR', 'label', 'is_diskbased')}, {_nothing('BIGINT', 'workmem')}, "
        f"{_nothing('INTEGER', 'num_parts')}, 'f' AS is_rrscan, 'f' AS is_delayed_scan {_RUNNING}",
        "userid",
    ),
    SystemRelation(
        "svv_query_state",
        (
            ("userid", _WHOLE), ("query", _WHOLE), ("seg", _WHOLE), ("step", _WHOLE), ("maxtime", "interval"),
            ("avgtime", "interval"), ("rows", _BIG), ("bytes", _BIG), ("cpu", _BIG), ("memory", _BIG),
            ("rate_row", "double precision"), ("rate_byte", "double precision"), ("label", "char(25)"),
            ("is_diskbased", "char(1)"), ("workmem", _BIG), ("num_parts", _WHOLE), ("is_rrscan", "char(1)"),
            ("is_delayed_scan", "char(1)"),
        ),
        f"SELECT userid, query::INTEGER AS query, {_nothing('INTEGER', 'seg', 'step')}, "
        f"to_microseconds({_SINCE}) AS maxtime, to_microseconds({_SINCE}) AS avgtime, "
        f"{_nothing('BIGINT', 'rows', 'bytes', 'cpu', 'memory')}, {_nothing('DOUBLE', 'rate_row', 'rate_byte')}, "
        f"{_nothing('VARCHAR', 'label', 'is_diskbased')}, {_nothing('BIGINT', 'workmem')}, "
        f"{_nothing('INTEGER', 'num_parts')}, 'f' AS is_rrscan, 'f' AS is_delayed_scan {_RUNNING}",
        "userid",
    ),
)  # fmt: skip
