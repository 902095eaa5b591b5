"""The log of unloaded files: `stl_unload_log`, one row per file.

Received: what `write` published. Written in a transaction of its own: the files stay, whatever becomes of the client's
transaction, and so does their record. Source: Redshift Database Developer Guide, "STL_UNLOAD_LOG".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from boathouse.contracts.rooms import SystemRelation
from boathouse.contracts.session import Session

TABLES = (
    "CREATE SCHEMA IF NOT EXISTS boathouse",
    """CREATE TABLE IF NOT EXISTS boathouse.unload_log (
        username VARCHAR, query INTEGER, slice INTEGER, pid INTEGER, path VARCHAR, start_time TIMESTAMP,
        end_time TIMESTAMP, line_count BIGINT, transfer_size BIGINT, file_format VARCHAR)""",
)

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
        # A user who is gone leaves rows that superusers see.
        "SELECT coalesce((SELECT usesysid FROM boathouse.users u WHERE u.name = username), -1)::INTEGER AS userid, "
        "query, slice, pid, path, start_time, end_time, line_count, transfer_size, "
        "file_format FROM boathouse.unload_log",
    ),
)

_FORMATS = {"text": "TEXT", "csv": "CSV", "json": "JSON", "parquet": "PARQUET"}


@dataclass(frozen=True, slots=True)
class LoggedFile:
    """A published file: the slice that wrote it, its path, lines (with a header line) and bytes."""

    slice: int
    path: str
    lines: int
    size: int


def log_files(session: Session, files: Sequence[LoggedFile], file_format: str, start: datetime, end: datetime) -> int:
    """Write a row per file; returns the UNLOAD's number."""
    own = session.engine.sibling()
    try:
        number = session.statement_number
        own.begin()
        for first in range(0, len(files), 500):
            chunk = files[first : first + 500]
            rows = ", ".join("(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)" for _ in chunk)
            values: list[object] = []
            for file in chunk:
                values += [session.user, number, file.slice, session.pid, file.path, _naive(start), _naive(end)]
                values += [file.lines, file.size, _FORMATS[file_format]]
            own.execute(f"INSERT INTO boathouse.unload_log VALUES {rows}", values)
        own.commit()
        return number
    finally:
        own.close()


def _naive(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None)
