"""Redshift's system tables about a query's steps, as views over the history.

Columns, their order and types: Redshift Developer Guide, the page of each relation. What means nothing on one machine
(working memory of a step, skew, alerts) is NULL. A step has no beginning of its own: its times are the query's.
"""

from __future__ import annotations

from boathouse.contracts.rooms import SystemRelation

_LABEL = "format('{:<6}', name) || CASE WHEN tablename = '' THEN '' ELSE ' name=' || tablename END"
_DISK = "CASE WHEN spilled > 0 AND name IN ('aggr', 'hjoin', 'sort', 'window') THEN 't' ELSE 'f' END"
_RATE = "CASE WHEN duration > 0 THEN {0} / (duration / 1000000.0) END"
_ROWS = "memory.rs.history_profiles"

PROFILE_RELATIONS = (
    SystemRelation(
        "svl_query_summary",
        (
            ("userid", "integer"), ("query", "integer"), ("stm", "integer"), ("seg", "integer"), ("step", "integer"),
            ("maxtime", "bigint"), ("avgtime", "bigint"), ("rows", "bigint"), ("bytes", "bigint"),
            ("rate_row", "double precision"), ("rate_byte", "double precision"), ("label", "varchar"),
            ("is_diskbased", "char(1)"), ("workmem", "bigint"), ("is_rrscan", "char(1)"),
            ("is_delayed_scan", "char(1)"), ("rows_pre_filter", "bigint"),
        ),
        "SELECT userid, query::INTEGER AS query, stream AS stm, segment AS seg, step, duration AS maxtime, duration AS "
        f"avgtime, returned AS \"rows\", bytes, {_RATE.format('returned')} AS rate_row, {_RATE.format('bytes')} AS "
        f"rate_byte, {_LABEL} AS label, {_DISK} AS is_diskbased, NULL::BIGINT AS workmem, 'f' AS is_rrscan, "
        f"'f' AS is_delayed_scan, rows_read AS rows_pre_filter FROM {_ROWS}",
        "userid",
    ),
    SystemRelation(
        "svl_query_report",
        (
            ("userid", "integer"), ("query", "integer"), ("slice", "integer"), ("segment", "integer"),
            ("step", "integer"), ("start_time", "timestamp"), ("end_time", "timestamp"), ("elapsed_time", "bigint"),
            ("rows", "bigint"), ("bytes", "bigint"), ("label", "char(256)"), ("is_diskbased", "char(1)"),
            ("workmem", "bigint"), ("is_rrscan", "char(1)"), ("is_delayed_scan", "char(1)"),
            ("rows_pre_filter", "bigint"),
        ),
        "SELECT userid, query::INTEGER AS query, 0::INTEGER AS slice, segment, step, started AS start_time, ended AS "
        f"end_time, duration AS elapsed_time, returned AS \"rows\", bytes, {_LABEL} AS label, {_DISK} AS is_diskbased, "
        "NULL::BIGINT AS workmem, 'f' AS is_rrscan, 'f' AS is_delayed_scan, rows_read AS rows_pre_filter "
        f"FROM {_ROWS}",
        "userid",
    ),
    SystemRelation(
        "stl_explain",
        (
            ("userid", "integer"), ("query", "integer"), ("nodeid", "integer"), ("parentid", "integer"),
            ("plannode", "char(400)"), ("info", "char(400)"),
        ),
        "SELECT userid, query::INTEGER AS query, node AS nodeid, parent AS parentid, plan AS plannode, detail AS info "
        f"FROM {_ROWS}",
        "userid",
    ),
    SystemRelation(
        "sys_query_detail",
        (
            ("user_id", "integer"), ("query_id", "bigint"), ("child_query_sequence", "integer"),
            ("stream_id", "integer"), ("segment_id", "integer"), ("step_id", "integer"), ("step_name", "varchar"),
            ("table_id", "integer"), ("table_name", "char(136)"), ("is_rrscan", "char(1)"), ("start_time", "timestamp"),
            ("end_time", "timestamp"), ("duration", "bigint"), ("alert", "varchar"), ("input_bytes", "bigint"),
            ("input_rows", "bigint"), ("output_bytes", "bigint"), ("output_rows", "bigint"), ("blocks_read", "bigint"),
            ("blocks_write", "bigint"), ("local_read_io", "bigint"), ("remote_read_io", "bigint"),
            ("source", "varchar"), ("data_skewness", "integer"), ("time_skewness", "integer"), ("is_active", "char(1)"),
            ("spilled_block_local_disk", "bigint"), ("spilled_block_remote_disk", "bigint"),
            ("step_attribute", "char(64)"),
        ),
        # A block is one megabyte, as Redshift's are. The engine counts what spills for the statement as a whole.
        "SELECT userid AS user_id, query AS query_id, 1::INTEGER AS child_query_sequence, stream AS stream_id, segment AS "
        "segment_id, step AS step_id, name AS step_name, NULL::INTEGER AS table_id, tablename AS table_name, "
        "'f' AS is_rrscan, started AS start_time, ended AS end_time, duration, NULL::VARCHAR AS alert, "
        "NULL::BIGINT AS input_bytes, coalesce((SELECT sum(below.returned)::BIGINT FROM memory.rs.history_profiles below "
        "WHERE below.query = step.query AND below.parent = step.node), rows_read) AS input_rows, bytes AS output_bytes, "
        "returned AS output_rows, NULL::BIGINT AS blocks_read, NULL::BIGINT AS blocks_write, NULL::BIGINT AS "
        "local_read_io, NULL::BIGINT AS remote_read_io, NULL::VARCHAR AS source, NULL::INTEGER AS data_skewness, "
        "NULL::INTEGER AS time_skewness, 'f' AS is_active, CASE WHEN node = 1 THEN (spilled + 1048575) // 1048576 END AS "
        "spilled_block_local_disk, 0::BIGINT AS spilled_block_remote_disk, left(detail, 64) AS step_attribute "
        f"FROM {_ROWS} step",
        "user_id",
    ),
)  # fmt: skip
