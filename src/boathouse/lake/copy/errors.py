"""What a load met: `stl_load_errors` and its companions, kept whatever becomes of the load.

Receives the rows in error; writes them by a transaction of their own, so that the rollback of the load leaves them.
Columns: Redshift Developer Guide, "STL_LOAD_ERRORS", "STL_LOADERROR_DETAIL", "STL_LOAD_COMMITS".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from boathouse.contracts.house import House
from boathouse.contracts.relations import Column, Relation
from boathouse.contracts.rooms import SystemRelation
from boathouse.contracts.session import Session
from boathouse.sql.redshift.types import duckdb_type, parse_type

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
ERRORS_KEPT_MAX = 1000
"""Rows of one load that are written: enough to see what is wrong, however many are."""


@dataclass(frozen=True, slots=True)
class BadRow:
    """One row that could not be loaded; column and field are None where the whole line is wrong."""

    filename: str
    line: int
    raw_line: str
    code: int
    reason: str
    column: Column | None = None
    field: str | None = None


def write_errors(
    house: House, session: Session, query: int, target: Relation, started: datetime, rows: Sequence[BadRow]
) -> None:
    """Keep the rows in error."""
    if not rows:
        return
    log = session.engine.sibling()
    try:
        log.begin()
        for row in rows[:ERRORS_KEPT_MAX]:
            kind = row.column.type if row.column else None
            length = str(kind.length) if kind is not None and kind.length is not None else "0"
            log.execute(
                f"INSERT INTO boathouse.stl_load_errors VALUES ({', '.join(f'${n}' for n in range(1, len(_ERRORS) + 1))})",
                (
                    100, 0, 0, started.replace(tzinfo=None), session.pid, query, row.filename[:256], row.line,
                    row.column.name if row.column else "", kind.name[:10] if kind else "", length, 0,
                    row.raw_line[:1024], (row.field or "")[:1024], row.code, row.reason[:100], 0, 0, None,
                ),
            )  # fmt: skip
            if row.column is not None:
                place = target.columns.index(row.column)
                log.execute(
                    "INSERT INTO boathouse.stl_loaderror_detail "
                    f"VALUES ({', '.join(f'${n}' for n in range(1, len(_DETAIL) + 1))})",
                    (
                        100, 0, session.pid, query, row.filename[:256], row.line, place, row.column.name,
                        (row.field or "")[:1024], int(row.field is None), row.column.type.name[:10], length,
                    ),
                )  # fmt: skip
        log.commit()
    finally:
        log.close()


def write_commit(
    session: Session, query: int, filename: str, lines: int, errors: int, form: str, now: datetime
) -> None:
    """Note a file that was read; part of the load's own transaction, so it goes with it."""
    session.engine.execute(
        f"INSERT INTO boathouse.stl_load_commits VALUES ({', '.join(f'${n}' for n in range(1, len(_COMMITS) + 1))})",
        (100, query, 0, filename[:256], filename[:256], 0, lines, errors, now.replace(tzinfo=None), 1, form, 0, 0),
    )
