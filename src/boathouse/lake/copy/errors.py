"""What a load met: `stl_load_errors` and its companions, kept whatever becomes of the load.

Receives the rows in error and the files that were read; writes them by a transaction of their own, so that the rollback
of the load leaves them.
Columns: Redshift Developer Guide, "STL_LOAD_ERRORS", "STL_LOADERROR_DETAIL", "STL_LOAD_COMMITS".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa

from boathouse.contracts.engine import EngineSession
from boathouse.contracts.relations import Column, Relation
from boathouse.contracts.rooms import SystemRelation
from boathouse.contracts.session import Session
from boathouse.contracts.types import arrow_type
from boathouse.sql.redshift.types import duckdb_type, parse_type

Columns = tuple[tuple[str, str], ...]

_ERRORS = (
    ("userid", "integer"), ("slice", "integer"), ("tbl", "integer"), ("starttime", "timestamp"), ("session", "integer"),
    ("query", "integer"), ("filename", "char(256)"), ("line_number", "bigint"), ("colname", "char(127)"),
    ("type", "char(10)"), ("col_length", "char(10)"), ("position", "integer"), ("raw_line", "char(1024)"),
    ("raw_field_value", "char(1024)"), ("err_code", "integer"), ("err_reason", "char(100)"), ("is_partial", "integer"),
    ("start_offset", "bigint"), ("copy_job_id", "bigint"),
)  # fmt: skip
_DETAIL = (
    ("userid", "integer"), ("slice", "integer"), ("session", "integer"), ("query", "integer"), ("filename", "char(256)"),
    ("line_number", "bigint"), ("field", "integer"), ("colname", "char(127)"), ("value", "char(1024)"),
    ("is_null", "integer"), ("type", "char(10)"), ("col_length", "char(10)"),
)  # fmt: skip
_COMMITS = (
    ("userid", "integer"), ("query", "integer"), ("slice", "integer"), ("name", "char(256)"), ("filename", "char(256)"),
    ("byte_offset", "integer"), ("lines_scanned", "bigint"), ("errors", "integer"), ("curtime", "timestamp"),
    ("status", "integer"), ("file_format", "char(16)"), ("is_partial", "integer"), ("start_offset", "bigint"),
)  # fmt: skip

SYSTEM_RELATIONS = (
    SystemRelation("stl_load_errors", _ERRORS),
    SystemRelation("stl_loaderror_detail", _DETAIL),
    SystemRelation("stl_load_commits", _COMMITS),
)
TABLES = tuple(
    f"CREATE TABLE IF NOT EXISTS boathouse.{relation.name} ("
    + ", ".join(f'"{name}" {duckdb_type(parse_type(kind))}' for name, kind in relation.columns)
    + ")"
    for relation in SYSTEM_RELATIONS
)
ERRORS_KEPT_MAX = 100_000
"""Rows of one load that are kept: as many as MAXERROR can let pass."""
DETAILS_KEPT_MAX = 1000
_FIRST_USER_ID = 100


@dataclass(frozen=True, slots=True)
class BadRow:
    """One row that could not be loaded; column and field are None where the whole line is wrong.

    Attributes:
        position: where in the field the error is, from 0.
    """

    filename: str
    line: int
    raw_line: str
    code: int
    reason: str
    column: Column | None = None
    field: str | None = None
    position: int = 0


@dataclass(frozen=True, slots=True)
class ReadFile:
    """One file that was read to its end."""

    filename: str
    lines: int
    errors: int
    at: datetime


@dataclass(frozen=True, slots=True)
class LoadLog:
    """What is known of one load when it ends, well or not."""

    query: int
    target: Relation
    table: int
    started: datetime
    format: str
    files: Sequence[ReadFile]
    bad: Sequence[BadRow]


def write_log(session: Session, log: LoadLog) -> None:
    """Keep the rows in error and the files that were read, in a transaction of their own: both outlive a rollback."""
    if not log.bad and not log.files:
        return
    own = session.engine.sibling()
    try:
        own.begin()
        user = _user_id(own, session.user)
        bad = log.bad[:ERRORS_KEPT_MAX]
        _append(own, "stl_load_errors", _ERRORS, [_error(session, log, row, user) for row in bad])
        details = [row for row in bad if row.column is not None][:DETAILS_KEPT_MAX]
        _append(own, "stl_loaderror_detail", _DETAIL, [_detail(session, log, row, user) for row in details])
        _append(own, "stl_load_commits", _COMMITS, [_file(log, file, user) for file in log.files])
        own.commit()
    finally:
        own.close()


def _append(engine: EngineSession, name: str, columns: Columns, rows: list[tuple[object, ...]]) -> None:
    """Add rows in one statement: a statement for each would take longer than the load."""
    if not rows:
        return
    names = [column for column, _ in columns]
    kinds = [arrow_type(parse_type(kind)) for _, kind in columns]
    arrays = [pa.array(values, kind) for values, kind in zip(zip(*rows, strict=True), kinds, strict=True)]
    engine.lend("load_log", pa.table(arrays, names=names))
    try:
        engine.execute(f"INSERT INTO boathouse.{name} SELECT * FROM load_log")
    finally:
        engine.take_back("load_log")


def _error(session: Session, log: LoadLog, row: BadRow, user: int) -> tuple[object, ...]:
    kind = row.column.type if row.column else None
    # As Redshift shows it: characters of more than one byte are a period each.
    raw_line = "".join(char if char.isascii() else "." for char in row.raw_line[:1024])
    return (
        user, 0, log.table, log.started.replace(tzinfo=None), session.pid, log.query, _cut(row.filename, 256), row.line,
        _cut(row.column.name, 127) if row.column else "", kind.name[:10] if kind else "", _length(row.column),
        row.position, raw_line, _cut(row.field or "", 1024), row.code, _cut(row.reason, 100), 0, 0, None,
    )  # fmt: skip


def _detail(session: Session, log: LoadLog, row: BadRow, user: int) -> tuple[object, ...]:
    assert row.column is not None
    return (
        user, 0, session.pid, log.query, _cut(row.filename, 256), row.line, log.target.columns.index(row.column),
        _cut(row.column.name, 127), _cut(row.field or "", 1024), int(row.field is None), row.column.type.name[:10],
        _length(row.column),
    )  # fmt: skip


def _file(log: LoadLog, file: ReadFile, user: int) -> tuple[object, ...]:
    name = _cut(file.filename, 256)
    return (
        user, log.query, 0, name, name, 0, file.lines, file.errors, file.at.replace(tzinfo=None), 1, log.format, 0, 0,
    )  # fmt: skip


def _length(column: Column | None) -> str:
    return str(column.type.length) if column is not None and column.type.length is not None else "0"


def _cut(text: str, length: int) -> str:
    """At most so many bytes, cut at a character's border."""
    return text.encode()[:length].decode(errors="ignore")


def _user_id(engine: EngineSession, name: str) -> int:
    found = engine.fetch("SELECT usesysid FROM boathouse.users WHERE name = $1", (name.lower(),))
    return int(str(found[0][0])) if found else _FIRST_USER_ID


def table_id(engine: EngineSession, target: Relation) -> int:
    """The number that other system tables know the table by; the load's own session may have made it just now."""
    found = engine.fetch(
        "SELECT table_oid FROM duckdb_tables() WHERE table_name = $1 AND schema_name = $2 AND temporary = $3",
        (target.name, "main" if target.kind == "temporary" else target.schema, target.kind == "temporary"),
    )
    return int(str(found[0][0])) if found else 0
