"""The scans of the statements that have run: svl_s3query_summary and its companions.

Told by `lake.scan` what a statement reads, and as an observer when it ends; the views ask it through a function of the
engine. Kept in memory, the last ones only: what a scan read is of use for minutes, and a table would cost each query a
transaction.

Columns and their order: Redshift Developer Guide, "SVL_S3QUERY_SUMMARY" and its neighbours. What nothing here measures
(rows inside a scan, requests, retries) is NULL.
"""

from __future__ import annotations

import json
import threading
import weakref
from collections import deque
from datetime import UTC, datetime
from typing import Any

from boathouse.contracts.engine import Engine
from boathouse.contracts.house import House
from boathouse.contracts.observing import ConnectionEvent, RaisedMessage, SessionFacts, StatementRun
from boathouse.contracts.rooms import SystemRelation
from boathouse.contracts.session import Session
from boathouse.lake.scans.facts import ScanFacts

SCANS_MAX = 10_000
"""Scans that are remembered; a dashboard's refresh is a few dozen."""
_FUNCTION = "boathouse_scans"

_histories: weakref.WeakKeyDictionary[Engine, ScanHistory] = weakref.WeakKeyDictionary()


def observe(house: House) -> ScanHistory:
    """The house's history of scans, begun when it opens."""
    history = ScanHistory()
    _histories[house.engine] = history
    house.engine.provide(_FUNCTION, lambda _: history.told())
    return history


def note_scans(house: House, session: Session, found: list[ScanFacts]) -> None:
    """A statement is about to scan these."""
    history = _histories.get(house.engine)
    if history is not None and found:
        history.begin(session.statement_number, found)


class ScanHistory:
    """See `contracts.observing.Observer`."""

    def __init__(self) -> None:
        self._open: dict[int, list[ScanFacts]] = {}
        self._rows: deque[dict[str, Any]] = deque(maxlen=SCANS_MAX)
        self._lock = threading.Lock()

    def begin(self, number: int, found: list[ScanFacts]) -> None:
        """What a statement scans; a further part of it may scan more."""
        with self._lock:
            self._open.setdefault(number, []).extend(found)
            while len(self._open) > SCANS_MAX:
                del self._open[next(iter(self._open))]

    def statement_began(self, run: StatementRun) -> None:
        """Nothing is known of it yet."""

    def statement_ended(self, run: StatementRun) -> None:
        """Its scans have been read, as far as they were."""
        with self._lock:
            found = self._open.pop(run.number, None)
            if found is None or run.text.lstrip()[:7].lower() == "explain":
                return
            for place, facts in enumerate(found):
                self._rows.append(_row(run, place, facts))

    def told(self) -> str:
        """The scans as JSON, oldest first."""
        with self._lock:
            return json.dumps(list(self._rows))

    def session_opened(self, session: SessionFacts) -> None:
        """Of no interest."""

    def session_closed(self, session: SessionFacts) -> None:
        """Of no interest."""

    def connection(self, event: ConnectionEvent) -> None:
        """Of no interest."""

    def raised(self, message: RaisedMessage) -> None:
        """Of no interest."""

    def settle(self) -> None:
        """All that has been told can be seen already."""

    def close(self) -> None:
        """Nothing is kept."""


_KINDS = {
    "userid": "INTEGER", "query": "BIGINT", "xid": "BIGINT", "pid": "INTEGER", "place": "INTEGER", "started": "BIGINT",
    "ended": "BIGINT", "aborted": "INTEGER", "name": "VARCHAR", "format": "VARCHAR", "partitioned": "VARCHAR",
    "filtered": "VARCHAR", "nested": "VARCHAR", "bytes": "BIGINT", "bytes_max": "BIGINT", "files": "INTEGER",
    "partitions": "INTEGER", "qualified": "INTEGER",
}  # fmt: skip


def _row(run: StatementRun, place: int, facts: ScanFacts) -> dict[str, Any]:
    ended = run.ended or run.started
    values = (
        run.session.user_id, run.number, run.transaction, run.session.pid, place, _microseconds(run.started),
        _microseconds(ended), int(run.error is not None), facts.table, facts.format.upper(), _letter(facts.is_partitioned),
        _letter(bool(facts.filters)), _letter(facts.is_nested), facts.size_bytes, facts.file_bytes_max, facts.files,
        facts.partitions, facts.partitions_read,
    )  # fmt: skip
    return dict(zip(_KINDS, values, strict=True))


def _letter(value: bool) -> str:
    return "t" if value else "f"


def _microseconds(moment: datetime) -> int:
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1_000_000)


_SCANS = (
    "(SELECT * REPLACE (make_timestamp(started) AS started, make_timestamp(ended) AS ended) FROM "
    f"(SELECT unnest(from_json({_FUNCTION}(''), '{json.dumps([_KINDS])}'), recursive := true)))"
)
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

SYSTEM_RELATIONS: tuple[SystemRelation, ...] = (
    SystemRelation("svl_s3query_summary", _SUMMARY, _SUMMARY_SQL, "userid"),
    SystemRelation("svl_s3query", _DETAIL, _DETAIL_SQL, "userid"),
    SystemRelation("svl_s3partition", _PARTITION, _PARTITION_SQL, "userid"),
    SystemRelation("svl_s3partition_summary", _PARTITION_SUMMARY, _PARTITION_SUMMARY_SQL, "userid"),
)
