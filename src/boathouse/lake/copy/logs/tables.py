"""The system tables of loads: what Redshift shows of COPY, in its columns.

Read by `room`; filled by `log`, and while a load runs by `progress`.
Columns: Redshift Developer Guide, "STL_LOAD_ERRORS", "STL_LOADERROR_DETAIL", "STL_REPLACEMENTS", "STL_LOAD_COMMITS",
"STL_FILE_SCAN", "STV_LOAD_STATE", "SYS_LOAD_HISTORY", "SYS_LOAD_DETAIL", "SYS_LOAD_ERROR_DETAIL".
"""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from boathouse.contracts.rooms import SystemRelation
from boathouse.contracts.types import arrow_type
from boathouse.sql.redshift.types import duckdb_type, parse_type

Columns = tuple[tuple[str, str], ...]

ERRORS: Columns = (
    ("userid", "integer"), ("slice", "integer"), ("tbl", "integer"), ("starttime", "timestamp"), ("session", "integer"),
    ("query", "integer"), ("filename", "char(256)"), ("line_number", "bigint"), ("colname", "char(127)"),
    ("type", "char(10)"), ("col_length", "char(10)"), ("position", "integer"), ("raw_line", "char(1024)"),
    ("raw_field_value", "char(1024)"), ("err_code", "integer"), ("err_reason", "char(100)"), ("is_partial", "integer"),
    ("start_offset", "bigint"), ("copy_job_id", "bigint"),
)  # fmt: skip
DETAIL: Columns = (
    ("userid", "integer"), ("slice", "integer"), ("session", "integer"), ("query", "integer"), ("filename", "char(256)"),
    ("line_number", "bigint"), ("field", "integer"), ("colname", "char(127)"), ("value", "char(1024)"),
    ("is_null", "integer"), ("type", "char(10)"), ("col_length", "char(10)"), ("starttime", "timestamp"),
)  # fmt: skip
"""With the time of the load at its end, which Redshift does not show: the row is dropped by it."""
REPLACEMENTS: Columns = (
    ("userid", "integer"), ("query", "integer"), ("slice", "integer"), ("tbl", "integer"), ("starttime", "timestamp"),
    ("session", "integer"), ("filename", "char(256)"), ("line_number", "bigint"), ("colname", "char(127)"),
    ("raw_line", "char(1024)"),
)  # fmt: skip
FILES: Columns = (
    ("userid", "integer"), ("query", "integer"), ("filename", "char(256)"), ("bytes", "bigint"), ("lines", "bigint"),
    ("errors", "integer"), ("began", "timestamp"), ("ended", "timestamp"), ("file_format", "char(16)"),
    ("etag", "varchar"), ("modified", "timestamp"), ("copy_job_id", "bigint"),
)  # fmt: skip
HISTORY: Columns = (
    ("user_id", "integer"), ("query_id", "bigint"), ("transaction_id", "bigint"), ("session_id", "integer"),
    ("database_name", "varchar"), ("status", "varchar"), ("table_name", "varchar"), ("table_id", "integer"),
    ("start_time", "timestamp"), ("end_time", "timestamp"), ("duration", "bigint"), ("data_source", "varchar"),
    ("file_format", "varchar"), ("loaded_rows", "bigint"), ("loaded_bytes", "bigint"), ("source_file_count", "integer"),
    ("source_file_bytes", "bigint"), ("file_count_scanned", "integer"), ("file_bytes_scanned", "bigint"),
    ("error_count", "bigint"), ("copy_job_id", "bigint"),
)  # fmt: skip
STATE: Columns = (
    ("userid", "integer"), ("session", "integer"), ("query", "integer"), ("slice", "integer"), ("pid", "integer"),
    ("recordtime", "timestamp"), ("bytes_to_load", "bigint"), ("bytes_loaded", "bigint"),
    ("bytes_to_load_compressed", "bigint"), ("bytes_loaded_compressed", "bigint"), ("lines", "integer"),
    ("num_files", "integer"), ("num_files_complete", "integer"), ("current_file", "char(256)"),
    ("pct_complete", "integer"),
)  # fmt: skip

STATES = "memory.rs.load_states"
"""The loads that run now, in the process's own memory: nothing of it is worth keeping."""
KEPT = (
    ("stl_load_errors", "starttime"), ("stl_loaderror_detail", "starttime"), ("stl_replacements", "starttime"),
    ("load_files", "began"), ("load_history", "start_time"),
)  # fmt: skip
"""What is stored, each with the time by which it is dropped."""


def arrow_table(columns: Columns, rows: Sequence[tuple[object, ...]]) -> pa.Table:
    """Rows as a table that the engine can be lent."""
    kinds = [arrow_type(parse_type(kind)) for _, kind in columns]
    arrays = [pa.array(values, kind) for values, kind in zip(zip(*rows, strict=True), kinds, strict=True)]
    return pa.table(arrays, names=[name for name, _ in columns])


def _declared(columns: Columns) -> str:
    return "(" + ", ".join(f'"{name}" {duckdb_type(parse_type(kind))}' for name, kind in columns) + ")"


_STORED = {
    "stl_load_errors": ERRORS, "stl_loaderror_detail": DETAIL, "stl_replacements": REPLACEMENTS, "load_files": FILES,
    "load_history": HISTORY,
}  # fmt: skip
RUNNING: Columns = (*STATE, *((f"of_{name}", kind) for name, kind in HISTORY))
TABLES = tuple(f"CREATE TABLE IF NOT EXISTS boathouse.{name} {_declared(columns)}" for name, columns in _STORED.items())
IN_MEMORY = (f"CREATE TABLE IF NOT EXISTS {STATES} {_declared(RUNNING)}",)

_COMMITS: Columns = (
    ("userid", "integer"), ("query", "integer"), ("slice", "integer"), ("name", "char(256)"), ("filename", "char(256)"),
    ("byte_offset", "integer"), ("lines_scanned", "bigint"), ("errors", "integer"), ("curtime", "timestamp"),
    ("status", "integer"), ("file_format", "char(16)"), ("is_partial", "integer"), ("start_offset", "bigint"),
    ("copy_job_id", "bigint"),
)  # fmt: skip
_SCANS: Columns = (
    ("userid", "integer"), ("query", "integer"), ("slice", "integer"), ("name", "char(90)"), ("lines", "bigint"),
    ("bytes", "bigint"), ("loadtime", "bigint"), ("curtime", "timestamp"), ("is_partial", "integer"),
    ("start_offset", "bigint"),
)  # fmt: skip
_LOAD_DETAIL: Columns = (
    ("user_id", "integer"), ("query_id", "bigint"), ("file_name", "char(256)"), ("bytes_scanned", "bigint"),
    ("lines_scanned", "bigint"), ("record_time", "timestamp"), ("splits_scanned", "integer"),
    ("start_time", "timestamp"), ("end_time", "timestamp"), ("file_etag", "char(256)"),
    ("file_last_modified", "timestamp"),
)  # fmt: skip
_ERROR_DETAIL: Columns = (
    ("user_id", "integer"), ("query_id", "bigint"), ("transaction_id", "bigint"), ("session_id", "integer"),
    ("database_name", "char(64)"), ("table_id", "integer"), ("start_time", "timestamp"), ("file_name", "char(256)"),
    ("line_number", "bigint"), ("column_name", "char(127)"), ("column_type", "char(10)"), ("column_length", "char(10)"),
    ("position", "integer"), ("error_code", "integer"), ("error_message", "char(512)"),
)  # fmt: skip
_REQUESTS: Columns = (
    ("userid", "integer"), ("query", "integer"), ("slice", "integer"), ("recordtime", "timestamp"), ("pid", "integer"),
    ("http_method", "char(64)"), ("bucket", "char(64)"), ("key", "char(256)"), ("transfer_size", "bigint"),
    ("data_size", "bigint"), ("start_time", "bigint"), ("end_time", "bigint"), ("transfer_time", "bigint"),
    ("compression_time", "bigint"), ("connect_time", "bigint"), ("app_connect_time", "bigint"), ("retries", "bigint"),
    ("request_id", "char(32)"), ("extended_request_id", "char(128)"), ("ip_address", "char(64)"),
    ("is_partial", "integer"), ("start_offset", "bigint"),
)  # fmt: skip
_SINCE_2000 = "epoch_us({}) - epoch_us(TIMESTAMP '2000-01-01')"
_LOAD_HISTORY = tuple(column for column in HISTORY if column[0] != "table_id")
_HISTORY_NAMES = ", ".join(name for name, _ in _LOAD_HISTORY)

SYSTEM_RELATIONS = (
    SystemRelation("stl_load_errors", ERRORS),
    SystemRelation("stl_loaderror_detail", DETAIL[:-1]),
    SystemRelation("stl_replacements", REPLACEMENTS),
    SystemRelation(
        "stl_load_commits",
        _COMMITS,
        'SELECT userid, query, 0::INTEGER AS slice, filename AS "name", filename, 0::INTEGER AS byte_offset, '
        "lines AS lines_scanned, errors, ended AS curtime, 1::INTEGER AS status, file_format, 0::INTEGER AS is_partial, "
        "0::BIGINT AS start_offset, copy_job_id FROM boathouse.load_files",
    ),
    SystemRelation(
        "stl_file_scan",
        _SCANS,
        'SELECT userid, query, 0::INTEGER AS slice, left(filename, 90) AS "name", lines, bytes, '
        "date_diff('microsecond', began, ended) AS loadtime, ended AS curtime, 0::INTEGER AS is_partial, "
        "0::BIGINT AS start_offset FROM boathouse.load_files",
    ),
    SystemRelation(
        "stl_s3client",
        _REQUESTS,
        # A file is read, unpacked and parsed in one: its times are of all three.
        "SELECT f.userid, f.query, 0::INTEGER AS slice, f.ended AS recordtime, h.session_id AS pid, 'GET' AS http_method, "
        "left(string_split(f.filename, '/')[3], 64) AS bucket, "
        "left(array_to_string(string_split(f.filename, '/')[4:], '/'), 256) AS \"key\", f.bytes AS transfer_size, "
        f"NULL::BIGINT AS data_size, {_SINCE_2000.format('f.began')} AS start_time, "
        f"{_SINCE_2000.format('f.ended')} AS end_time, date_diff('microsecond', f.began, f.ended) AS transfer_time, "
        "NULL::BIGINT AS compression_time, NULL::BIGINT AS connect_time, NULL::BIGINT AS app_connect_time, "
        "NULL::BIGINT AS retries, NULL::VARCHAR AS request_id, NULL::VARCHAR AS extended_request_id, "
        "NULL::VARCHAR AS ip_address, 0::INTEGER AS is_partial, 0::BIGINT AS start_offset FROM boathouse.load_files f "
        "LEFT JOIN boathouse.load_history h ON h.query_id = f.query WHERE f.filename LIKE 's3://%'",
    ),
    SystemRelation(
        "sys_load_detail",
        _LOAD_DETAIL,
        "SELECT userid AS user_id, query::BIGINT AS query_id, filename AS file_name, bytes AS bytes_scanned, "
        "lines AS lines_scanned, ended AS record_time, 1::INTEGER AS splits_scanned, began AS start_time, "
        "ended AS end_time, left(etag, 256) AS file_etag, modified AS file_last_modified FROM boathouse.load_files",
    ),
    SystemRelation(
        "sys_load_error_detail",
        _ERROR_DETAIL,
        "SELECT e.userid AS user_id, e.query::BIGINT AS query_id, h.transaction_id, e.session AS session_id, "
        "left(h.database_name, 64) AS database_name, e.tbl AS table_id, e.starttime AS start_time, "
        "e.filename AS file_name, e.line_number, e.colname AS column_name, e.type AS column_type, "
        'e.col_length AS column_length, e."position", e.err_code AS error_code, e.err_reason AS error_message '
        "FROM boathouse.stl_load_errors e LEFT JOIN boathouse.load_history h ON h.query_id = e.query",
    ),
    SystemRelation(
        "sys_load_history",
        _LOAD_HISTORY,
        f"SELECT {_HISTORY_NAMES} FROM boathouse.load_history UNION ALL SELECT "
        f"{', '.join(f'of_{name}' for name, _ in _LOAD_HISTORY)} FROM {STATES}",
    ),
    SystemRelation("stv_load_state", STATE, f"SELECT {', '.join(name for name, _ in STATE)} FROM {STATES}"),
)
