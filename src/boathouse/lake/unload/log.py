"""The log of unloads: `stl_unload_log` and `sys_unload_detail`, a row per file; `sys_unload_history`, one per UNLOAD.

Received: an UNLOAD as it begins, and what `write` published or what it failed of. Written in transactions of their own:
the files stay, whatever becomes of the client's transaction, and so does their record. Kept for `load_history_days`.
Source: Redshift Database Developer Guide, "STL_UNLOAD_LOG", "SYS_UNLOAD_HISTORY", "SYS_UNLOAD_DETAIL".
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from boathouse.contracts.errors import BoathouseError
from boathouse.contracts.house import House, keep_books
from boathouse.contracts.rooms import SystemRelation
from boathouse.contracts.session import Session

log = logging.getLogger(__name__)

TABLES = (
    "CREATE SCHEMA IF NOT EXISTS boathouse",
    """CREATE TABLE IF NOT EXISTS boathouse.unload_log (
        username VARCHAR, query INTEGER, slice INTEGER, pid INTEGER, path VARCHAR, start_time TIMESTAMP,
        end_time TIMESTAMP, line_count BIGINT, transfer_size BIGINT, file_format VARCHAR)""",
    """CREATE TABLE IF NOT EXISTS boathouse.unload_history (
        username VARCHAR, query BIGINT, transaction BIGINT, pid INTEGER, database VARCHAR, status VARCHAR,
        start_time TIMESTAMP, end_time TIMESTAMP, file_format VARCHAR, compression VARCHAR, location VARCHAR,
        rows BIGINT, files BIGINT, bytes BIGINT, error VARCHAR)""",
)
# A user who is gone leaves rows that superusers see.
_USER = "coalesce((SELECT usesysid FROM boathouse.users u WHERE u.name = username), -1)::INTEGER"

SYSTEM_RELATIONS = (
    SystemRelation(
        "stl_unload_log",
        (
            ("userid", "integer"),
            ("query", "integer"),
            ("slice", "integer"),
            ("pid", "integer"),
            ("path", "character(1280)"),
            ("start_time", "timestamp without time zone"),
            ("end_time", "timestamp without time zone"),
            ("line_count", "bigint"),
            ("transfer_size", "bigint"),
            ("file_format", "character(10)"),
        ),
        f"SELECT {_USER} AS userid, query, slice, pid, path, start_time, end_time, line_count, transfer_size, "
        "file_format FROM boathouse.unload_log",
    ),
    SystemRelation(
        "sys_unload_detail",
        (
            ("user_id", "integer"), ("query_id", "integer"), ("session_id", "integer"), ("transaction_id", "bigint"),
            ("file_name", "character(1280)"), ("start_time", "timestamp"), ("end_time", "timestamp"),
            ("line_count", "bigint"), ("transfer_size", "bigint"), ("file_format", "character(10)"),
        ),
        f"SELECT {_USER} AS user_id, l.query AS query_id, l.pid AS session_id, h.transaction AS transaction_id, "
        "l.path AS file_name, l.start_time, l.end_time, l.line_count, l.transfer_size, l.file_format "
        "FROM boathouse.unload_log l LEFT JOIN (SELECT DISTINCT query, transaction FROM boathouse.unload_history) h "
        "ON h.query = l.query",
    ),
    SystemRelation(
        "sys_unload_history",
        (
            ("user_id", "integer"), ("query_id", "bigint"), ("transaction_id", "bigint"), ("session_id", "integer"),
            ("database_name", "text"), ("status", "text"), ("start_time", "timestamp"), ("end_time", "timestamp"),
            ("duration", "bigint"), ("file_format", "text"), ("compression_type", "text"), ("unloaded_location", "text"),
            ("unloaded_rows", "bigint"), ("unloaded_files_count", "bigint"), ("unloaded_files_size", "bigint"),
            ("error_message", "text"),
        ),
        f"SELECT {_USER} AS user_id, query AS query_id, transaction AS transaction_id, pid AS session_id, "
        "database AS database_name, status, start_time, end_time, "
        "date_diff('microsecond', start_time, end_time) AS duration, file_format, compression AS compression_type, "
        "location AS unloaded_location, rows AS unloaded_rows, files AS unloaded_files_count, "
        "bytes AS unloaded_files_size, error AS error_message FROM boathouse.unload_history",
    ),
)  # fmt: skip

_FORMATS = {"text": "TEXT", "csv": "CSV", "json": "JSON", "parquet": "PARQUET", "iceberg": "ICEBERG"}


@dataclass(frozen=True, slots=True)
class LoggedFile:
    """A published file: the slice that wrote it, its path, lines (with a header line) and bytes."""

    slice: int
    path: str
    lines: int
    size: int


def begin_log(session: Session, file_format: str, compression: str | None, location: str, start: datetime) -> int:
    """Note that an UNLOAD runs; returns its number."""
    own = session.engine.sibling()
    try:
        number = session.statement_number
        own.execute(
            "INSERT INTO boathouse.unload_history VALUES "
            "(?, ?, ?, ?, ?, 'running', ?, NULL, ?, ?, ?, 0, 0, 0, '')",
            [session.user, number, session.transaction_number, session.pid, session.database, _naive(start),
             _FORMATS[file_format], "SNAPPY" if file_format in ("parquet", "iceberg") else (compression or "none").upper(),
             location],
        )  # fmt: skip
        return number
    finally:
        own.close()


def end_log(
    house: House,
    session: Session,
    number: int,
    files: Sequence[LoggedFile],
    rows: int,
    file_format: str,
    start: datetime,
) -> None:
    """Note what an UNLOAD has published: a row per file, and its sums."""
    end = house.clock.now()
    own = session.engine.sibling()

    def note() -> None:
        for first in range(0, len(files), 500):
            chunk = files[first : first + 500]
            marks = ", ".join("(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)" for _ in chunk)
            values: list[object] = []
            for file in chunk:
                values += [session.user, number, file.slice, session.pid, file.path, _naive(start), _naive(end)]
                values += [file.lines, file.size, _FORMATS[file_format]]
            own.execute(f"INSERT INTO boathouse.unload_log VALUES {marks}", values)
        own.execute(
            "UPDATE boathouse.unload_history SET status = 'completed', end_time = ?, rows = ?, files = ?, bytes = ? "
            "WHERE query = ? AND status = 'running'",
            [_naive(end), rows, len(files), sum(file.size for file in files), number],
        )
        before = _naive(end - timedelta(days=house.settings["lake"].load_history_days))
        for name in ("unload_log", "unload_history"):
            own.execute(f"DELETE FROM boathouse.{name} WHERE end_time < ?", [before])

    try:
        keep_books(house, own, note)
    finally:
        own.close()


def fail_log(house: House, session: Session, number: int, failure: BaseException) -> None:
    """Note that an UNLOAD has failed, and of what. What goes wrong here is logged and nothing else."""
    message = failure.message if isinstance(failure, BoathouseError) else "an error of the house's own"
    own = session.engine.sibling()
    try:
        own.execute(
            "UPDATE boathouse.unload_history SET status = 'aborted', end_time = ?, error = ? "
            "WHERE query = ? AND status = 'running'",
            [_naive(house.clock.now()), message, number],
        )
    except BoathouseError as problem:
        log.warning("the log of unload %d could not be written: %s", number, problem)
    finally:
        own.close()


def sweep(house: House) -> None:
    """At start: unloads that the end of the process cut off were aborted."""
    engine = house.engine.session()
    try:
        engine.execute(
            "UPDATE boathouse.unload_history SET status = 'aborted', end_time = start_time, error = 'the house stopped' "
            "WHERE status = 'running'"
        )
    finally:
        engine.close()


def _naive(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None)
