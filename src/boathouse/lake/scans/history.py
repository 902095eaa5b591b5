"""The scans of the statements that have run: svl_s3query_summary and its companions.

Told by `lake.scan` what a statement reads; put with the statement's own facts, of which `query.history` keeps the scans
beside the statements, in files: these views read them.

Columns and their order: Redshift Developer Guide, "SVL_S3QUERY_SUMMARY" and its neighbours. What nothing here measures
(rows inside a scan, requests, retries) is NULL.
"""

from __future__ import annotations

import weakref
from collections.abc import Sequence

from boathouse.contracts.engine import Engine
from boathouse.contracts.house import House
from boathouse.contracts.observing import ConnectionEvent, FileScan, RaisedMessage, SessionFacts, StatementRun
from boathouse.contracts.rooms import SystemRelation
from boathouse.contracts.session import Session
from boathouse.lake.scans.facts import ScanFacts

_running: weakref.WeakKeyDictionary[Engine, RunningStatements] = weakref.WeakKeyDictionary()


def observe(house: House) -> RunningStatements:
    """The statements that run in a house, from when it opens."""
    found = _running[house.engine] = RunningStatements()
    return found


def note_scans(house: House, session: Session, found: Sequence[ScanFacts]) -> None:
    """A statement is about to scan these; a further part of it may scan more."""
    statements = _running.get(house.engine)
    run = statements.by_number.get(session.statement_number) if statements is not None else None
    if run is None or run.text.lstrip()[:7].lower() == "explain":
        return
    run.scans += [
        FileScan(
            one.table, one.location, one.format, one.listed, one.listing_us, one.partitions, one.partitions_read, one.files,
            one.size_bytes, one.file_bytes_max, one.is_partitioned, bool(one.filters), one.is_nested,
        )
        for one in found
    ]  # fmt: skip


class RunningStatements:
    """See `contracts.observing.Observer`: knows each statement by its number while it runs."""

    def __init__(self) -> None:
        self.by_number: dict[int, StatementRun] = {}

    def statement_began(self, run: StatementRun) -> None:
        """It may scan something."""
        self.by_number[run.number] = run

    def statement_ended(self, run: StatementRun) -> None:
        """It scans nothing any more."""
        self.by_number.pop(run.number, None)

    def session_opened(self, session: SessionFacts) -> None:
        """Of no interest."""

    def session_closed(self, session: SessionFacts) -> None:
        """Of no interest."""

    def connection(self, event: ConnectionEvent) -> None:
        """Of no interest."""

    def raised(self, message: RaisedMessage) -> None:
        """Of no interest."""

    def settle(self) -> None:
        """Nothing is written here."""

    def close(self) -> None:
        """Nothing is kept."""


_SCANS = "memory.rs.history_scans"
_WHAT = (
    "query, place AS segment, 0::INTEGER AS step{node}, started AS starttime, ended AS endtime, "
    "date_diff('microsecond', started, ended)::INTEGER AS elapsed{aborted}, name AS external_table_name, "
    "format AS file_format, partitioned AS is_partitioned, filtered AS is_rrscan{nested}, "
    "NULL::BIGINT AS s3_scanned_rows, bytes AS s3_scanned_bytes, NULL::BIGINT AS s3query_returned_rows, "
    "NULL::BIGINT AS s3query_returned_bytes, files"
)
_REQUESTS = (
    "NULL::INTEGER AS total_retries, NULL::INTEGER AS max_retries, NULL::INTEGER AS max_request_duration, "
    "NULL::DOUBLE AS avg_request_duration, NULL::INTEGER AS max_request_parallelism, "
    "NULL::DOUBLE AS avg_request_parallelism"
)
_COUNTED = (
    ("s3_scanned_rows", "bigint"), ("s3_scanned_bytes", "bigint"), ("s3query_returned_rows", "bigint"),
    ("s3query_returned_bytes", "bigint"), ("files", "integer"),
)  # fmt: skip
_REQUEST_COLUMNS = (
    ("total_retries", "integer"), ("max_retries", "integer"), ("max_request_duration", "integer"),
    ("avg_request_duration", "double precision"), ("max_request_parallelism", "integer"),
    ("avg_request_parallelism", "double precision"),
)  # fmt: skip
_TIMES = (("starttime", "timestamp"), ("endtime", "timestamp"))
_TABLE = (("external_table_name", "char(136)"), ("file_format", "char(16)"), ("is_partitioned", "char(1)"),
          ("is_rrscan", "char(1)"))  # fmt: skip

_SUMMARY = (
    ("userid", "integer"), ("query", "integer"), ("xid", "bigint"), ("pid", "integer"), ("segment", "integer"),
    ("step", "integer"), *_TIMES, ("elapsed", "integer"), ("aborted", "integer"), *_TABLE, ("is_nested", "char(1)"),
    *_COUNTED, ("files_max", "integer"), ("files_avg", "integer"), ("splits", "integer"), ("splits_max", "integer"),
    ("splits_avg", "integer"), ("total_split_size", "bigint"), ("max_split_size", "bigint"),
    ("avg_split_size", "bigint"), *_REQUEST_COLUMNS, ("total_slowdown_count", "bigint"),
    ("max_slowdown_count", "integer"),
)  # fmt: skip
_SUMMARY_SQL = (
    "SELECT userid, query, xid, pid, "
    + _WHAT.format(node="", aborted=", aborted", nested=", nested AS is_nested").removeprefix("query, ")
    + ", files AS files_max, files AS files_avg, files AS splits, files AS splits_max, files AS splits_avg, "
    "bytes AS total_split_size, bytes_max AS max_split_size, (bytes // greatest(files, 1))::BIGINT AS avg_split_size, "
    f"{_REQUESTS}, NULL::BIGINT AS total_slowdown_count, NULL::INTEGER AS max_slowdown_count FROM {_SCANS}"
)
_DETAIL = (
    ("userid", "integer"), ("query", "integer"), ("segment", "integer"), ("step", "integer"), ("node", "integer"),
    ("slice", "integer"), *_TIMES, ("elapsed", "integer"), *_TABLE, *_COUNTED, ("splits", "integer"),
    ("total_split_size", "bigint"), ("max_split_size", "bigint"), *_REQUEST_COLUMNS,
)  # fmt: skip
_DETAIL_SQL = (
    "SELECT userid, "
    + _WHAT.format(node=", 0::INTEGER AS node, 0::INTEGER AS slice", aborted="", nested="")
    + f", files AS splits, bytes AS total_split_size, bytes_max AS max_split_size, {_REQUESTS} FROM {_SCANS}"
)
_PARTITIONED = f"FROM {_SCANS} WHERE partitioned = 't'"
_PARTITION = (
    ("query", "integer"), ("segment", "integer"), ("node", "integer"), ("slice", "integer"), *_TIMES,
    ("duration", "bigint"), ("total_partitions", "integer"), ("qualified_partitions", "integer"),
    ("assigned_partitions", "integer"), ("assignment", "char(1)"), ("userid", "integer"),
)  # fmt: skip
_PARTITION_SQL = (
    "SELECT query, place AS segment, 0::INTEGER AS node, 0::INTEGER AS slice, started AS starttime, ended AS endtime, "
    "date_diff('microsecond', started, ended) AS duration, partitions AS total_partitions, "
    "qualified AS qualified_partitions, qualified AS assigned_partitions, NULL::VARCHAR AS assignment, userid "
    + _PARTITIONED
)
_PARTITION_SUMMARY = (
    ("query", "integer"), ("segment", "integer"), ("assignment", "char(1)"), ("min_starttime", "timestamp"),
    ("max_endtime", "timestamp"), ("min_duration", "bigint"), ("max_duration", "bigint"), ("avg_duration", "bigint"),
    ("total_partitions", "integer"), ("qualified_partitions", "integer"), ("min_assigned_partitions", "integer"),
    ("max_assigned_partitions", "integer"), ("avg_assigned_partitions", "bigint"), ("userid", "integer"),
)  # fmt: skip
_DURATION = "date_diff('microsecond', started, ended)"
_PARTITION_SUMMARY_SQL = (
    "SELECT query, place AS segment, NULL::VARCHAR AS assignment, started AS min_starttime, ended AS max_endtime, "
    f"{_DURATION} AS min_duration, {_DURATION} AS max_duration, {_DURATION} AS avg_duration, "
    "partitions AS total_partitions, qualified AS qualified_partitions, qualified AS min_assigned_partitions, "
    f"qualified AS max_assigned_partitions, qualified::BIGINT AS avg_assigned_partitions, userid {_PARTITIONED}"
)
_LIST = (
    ("query", "integer"), ("segment", "integer"), ("node", "integer"), ("slice", "integer"), ("eventtime", "timestamp"),
    ("bucket", "text"), ("prefix", "text"), ("recursive", "char(1)"), ("retrieved_files", "integer"),
    ("max_file_size", "bigint"), ("avg_file_size", "double precision"), ("generated_splits", "integer"),
    ("avg_split_length", "double precision"), ("duration", "bigint"), ("userid", "integer"),
)  # fmt: skip
_REMOTE = "location LIKE 's3://%'"
_LIST_SQL = (
    "SELECT query, place AS segment, 0::INTEGER AS node, 0::INTEGER AS slice, listed AS eventtime, "
    f"CASE WHEN {_REMOTE} THEN string_split(location, '/')[3] ELSE '' END AS bucket, "
    f"CASE WHEN {_REMOTE} THEN array_to_string(string_split(location, '/')[4:], '/') ELSE location END AS prefix, "
    "CASE WHEN location LIKE '%/' THEN 't' ELSE 'f' END AS recursive, files AS retrieved_files, "
    "bytes_max AS max_file_size, CASE WHEN files > 0 THEN bytes / files::DOUBLE END AS avg_file_size, "
    "files AS generated_splits, CASE WHEN files > 0 THEN bytes / files::DOUBLE END AS avg_split_length, "
    f"listing AS duration, userid FROM {_SCANS}"
)

_LOG = (
    ("pid", "integer"), ("query", "integer"), ("segment", "integer"), ("step", "integer"), ("node", "integer"),
    ("slice", "integer"), ("eventtime", "timestamp"), ("message", "text"),
)  # fmt: skip
_LOG_SQL = (
    "SELECT pid, query::INTEGER AS query, place AS segment, 0::INTEGER AS step, 0::INTEGER AS node, 0::INTEGER AS slice, "
    "listed AS eventtime, format('{}: {} files of {} bytes in {} chosen', name, files, bytes, location) AS message, userid "
    f"FROM {_SCANS}"
)
_LOG_EVERYWHERE = tuple((name, "char(512)" if name == "message" else kind) for name, kind in _LOG if name != "slice")
_EXTERNAL = (
    ("user_id", "integer"), ("query_id", "bigint"), ("transaction_id", "bigint"), ("child_query_sequence", "integer"),
    ("segment_id", "integer"), ("source_type", "char(32)"), ("start_time", "timestamp"), ("end_time", "timestamp"),
    ("duration", "bigint"), ("total_partitions", "integer"), ("qualified_partitions", "integer"),
    ("scanned_files", "bigint"), ("returned_rows", "bigint"), ("returned_bytes", "bigint"), ("file_format", "text"),
    ("file_location", "text"), ("external_query_text", "text"), ("warning_message", "char(4000)"),
    ("table_name", "char(136)"), ("is_recursive", "char(1)"), ("is_nested", "char(1)"), ("s3list_time", "bigint"),
    ("get_partition_time", "bigint"),
)  # fmt: skip
_EXTERNAL_SQL = (
    "SELECT userid AS user_id, query AS query_id, xid AS transaction_id, 0::INTEGER AS child_query_sequence, "
    f"place AS segment_id, 'S3' AS source_type, started AS start_time, ended AS end_time, {_DURATION} AS duration, "
    "partitions AS total_partitions, CASE WHEN partitioned = 't' THEN qualified END AS qualified_partitions, "
    "files::BIGINT AS scanned_files, NULL::BIGINT AS returned_rows, bytes AS returned_bytes, format AS file_format, "
    "location AS file_location, NULL::VARCHAR AS external_query_text, NULL::VARCHAR AS warning_message, name AS table_name, "
    "CASE WHEN location LIKE '%/' THEN 't' ELSE 'f' END AS is_recursive, nested AS is_nested, "
    f"listing // 1000 AS s3list_time, NULL::BIGINT AS get_partition_time FROM {_SCANS}"
)

SYSTEM_RELATIONS: tuple[SystemRelation, ...] = (
    SystemRelation("svl_s3query_summary", _SUMMARY, _SUMMARY_SQL, "userid"),
    SystemRelation("svl_s3query", _DETAIL, _DETAIL_SQL, "userid"),
    SystemRelation("svl_s3list", _LIST, _LIST_SQL, "userid"),
    SystemRelation("svl_s3partition", _PARTITION, _PARTITION_SQL, "userid"),
    SystemRelation("svl_s3partition_summary", _PARTITION_SUMMARY, _PARTITION_SUMMARY_SQL, "userid"),
    SystemRelation("svl_s3log", _LOG, _LOG_SQL, "userid"),
    SystemRelation("svcs_s3log", _LOG_EVERYWHERE, f"SELECT * EXCLUDE (slice) FROM ({_LOG_SQL})", "userid"),
    SystemRelation("sys_external_query_detail", _EXTERNAL, _EXTERNAL_SQL, "user_id"),
)
