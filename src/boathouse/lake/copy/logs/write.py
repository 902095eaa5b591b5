"""What a load met: `stl_load_errors` and its companions, kept whatever becomes of the load.

Receives the rows in error, what was replaced and the files that were read; writes them by a transaction of their own, so
that the rollback of the load leaves them, and drops what is older than the setting `load_history_days`.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from boathouse.contracts.engine import EngineSession
from boathouse.contracts.errors import BoathouseError
from boathouse.contracts.house import House, keep_books
from boathouse.contracts.relations import Column, Relation
from boathouse.contracts.types import SqlType
from boathouse.lake.copy.logs.tables import DETAIL, ERRORS, FILES, HISTORY, KEPT, REPLACEMENTS, Columns, arrow_table

log = logging.getLogger(__name__)

_SHORT_NAMES = {
    "smallint": "int2", "integer": "int4", "bigint": "int8", "real": "float4", "double precision": "float8",
    "boolean": "bool", "character": "char", "character varying": "varchar", "timestamp without time zone": "timestamp",
    "timestamp with time zone": "timestamptz", "time without time zone": "time", "time with time zone": "timetz",
}  # fmt: skip

ERRORS_KEPT_MAX = 100_000
"""Rows of one load that are kept: as many as MAXERROR can let pass."""
DETAILED_MAX = 20
"""Rows in error of one load whose fields are kept, as on Redshift."""
REPLACEMENTS_KEPT_MAX = 100
"""Rows of one load, as on Redshift."""


@dataclass(frozen=True, slots=True)
class BadRow:
    """One row that could not be loaded; column and field are None where the whole line is wrong.

    Attributes:
        position: of the field in its line, in characters from 0.
        fields: those up to the one in error, of the first such rows.
    """

    filename: str
    line: int
    raw_line: str
    code: int
    reason: str
    column: Column | None = None
    field: str | None = None
    position: int = 0
    fields: tuple[tuple[Column, str | None], ...] = ()


@dataclass(frozen=True, slots=True)
class Replaced:
    """A field in which ACCEPTINVCHARS has replaced bytes."""

    filename: str
    line: int
    raw_line: str
    column: Column


@dataclass(frozen=True, slots=True)
class ReadFile:
    """One file that was read to its end.

    Attributes:
        size: bytes as it is stored.
        etag, modified: the version that was read.
    """

    filename: str
    lines: int
    errors: int
    size: int
    etag: str
    modified: datetime
    began: datetime
    ended: datetime


@dataclass
class LoadLog:
    """What is known of one load; it fills while the load goes on.

    Attributes:
        query: the load's number.
        source: the place of the statement.
        status: `running`, `completed` or `aborted`.
        job: the COPY job that the load belongs to; 0 for none.
    """

    query: int
    target: Relation
    table: int
    source: str
    format: str
    user: int
    session: int
    database: str
    transaction: int
    started: datetime
    job: int = 0
    status: str = "aborted"
    loaded: int = 0
    found_files: int = 0
    found_bytes: int = 0
    bad_count: int = 0
    files: list[ReadFile] = field(default_factory=list)
    bad: list[BadRow] = field(default_factory=list)
    replaced: list[Replaced] = field(default_factory=list)


def write_log(house: House, engine: EngineSession, found: LoadLog) -> None:
    """Keep it. What goes wrong here is logged and nothing else: the load is what counts.

    Args:
        engine: a session of its own, outside any transaction.
    """

    def note() -> None:
        bad = found.bad[:ERRORS_KEPT_MAX]
        _append(engine, "stl_load_errors", ERRORS, [_error(found, row) for row in bad])
        _append(engine, "stl_loaderror_detail", DETAIL, _details(found, bad))
        replaced = found.replaced[:REPLACEMENTS_KEPT_MAX]
        _append(engine, "stl_replacements", REPLACEMENTS, [_replaced(found, row) for row in replaced])
        _append(engine, "load_files", FILES, [_file(found, file) for file in found.files])
        _append(engine, "load_history", HISTORY, [history_row(found, house.clock.now())])

    try:
        keep_books(house, engine, note)
        _drop_old(house, engine)
    except BoathouseError as failure:
        log.warning("the log of load %d could not be written: %s", found.query, failure)


def note_undone(house: House, engine: EngineSession, found: LoadLog) -> None:
    """A load was complete, and its transaction was rolled back: what is said of it is that. Goes wrong as `write_log` does.

    Args:
        engine: a session outside any transaction.
    """

    def note() -> None:
        engine.execute(
            "UPDATE boathouse.load_history SET status = 'aborted', loaded_rows = 0 WHERE query_id = $1", (found.query,)
        )

    try:
        keep_books(house, engine, note)
    except BoathouseError as failure:
        log.warning("the log of load %d could not be corrected: %s", found.query, failure)


def _drop_old(house: House, engine: EngineSession) -> None:
    before = (house.clock.now() - timedelta(days=house.settings["lake"].load_history_days)).replace(tzinfo=None)
    for name, time in KEPT:
        engine.execute(f"DELETE FROM boathouse.{name} WHERE {time} < $1", (before,))


def _append(engine: EngineSession, name: str, columns: Columns, rows: Sequence[tuple[object, ...]]) -> None:
    """Add rows in one statement: a statement for each would take longer than the load."""
    if not rows:
        return
    engine.lend("load_log", arrow_table(columns, rows))
    try:
        engine.execute(f"INSERT INTO boathouse.{name} SELECT * FROM load_log")
    finally:
        engine.take_back("load_log")


def _error(found: LoadLog, row: BadRow) -> tuple[object, ...]:
    kind = row.column.type if row.column else None
    return (
        found.user, 0, found.table, _plain(found.started), found.session, found.query, _cut(row.filename, 256), row.line,
        _cut(row.column.name, 127) if row.column else "", _short_name(kind) if kind else "", _length(kind),
        row.position, _shown(row.raw_line), _cut(row.field or "", 1024), row.code, _cut(row.reason, 100), 0, 0, found.job,
    )  # fmt: skip


def _details(found: LoadLog, rows: Sequence[BadRow]) -> list[tuple[object, ...]]:
    """Each field up to the one in error; what could not be made into a value shows as NULL."""
    return [
        (found.user, 0, found.session, found.query, _cut(row.filename, 256), row.line, found.target.columns.index(column),
         _cut(column.name, 127), _cut(text or "", 1024), int(text is None or column is row.column),
         _short_name(column.type), _length(column.type), _plain(found.started))
        for row in rows for column, text in row.fields
    ]  # fmt: skip


def _replaced(found: LoadLog, row: Replaced) -> tuple[object, ...]:
    return (
        found.user, found.query, 0, found.table, _plain(found.started), found.session, _cut(row.filename, 256), row.line,
        _cut(row.column.name, 127), _shown(row.raw_line),
    )  # fmt: skip


def _file(found: LoadLog, file: ReadFile) -> tuple[object, ...]:
    return (
        found.user, found.query, _cut(file.filename, 256), file.size, file.lines, file.errors, _plain(file.began),
        _plain(file.ended), found.format, file.etag, _plain(file.modified), found.job,
    )  # fmt: skip


def history_row(found: LoadLog, now: datetime) -> tuple[object, ...]:
    """The load as `sys_load_history` shows it, ended now."""
    return (
        found.user, found.query, found.transaction, found.session, found.database, found.status, found.target.name,
        found.table, _plain(found.started), _plain(now), (now - found.started) // timedelta(microseconds=1),
        found.source, found.format, found.loaded, sum(file.size for file in found.files), found.found_files,
        found.found_bytes, len(found.files), sum(file.size for file in found.files), found.bad_count, found.job,
    )  # fmt: skip


def _plain(moment: datetime) -> datetime:
    return moment.replace(tzinfo=None)


def _shown(line: str) -> str:
    """As Redshift shows it: characters of more than one byte are a period each."""
    return "".join(char if char.isascii() else "." for char in line[:1024])


def _short_name(kind: SqlType) -> str:
    """A type as the engine of Redshift calls it, in the ten characters that there are."""
    return _SHORT_NAMES.get(kind.name, kind.name)[:10]


def _length(kind: SqlType | None) -> str:
    if kind is not None and kind.name == "numeric":
        return f"{kind.precision}, {kind.scale}"
    return str(kind.length) if kind is not None and kind.length is not None else "0"


def _cut(text: str, length: int) -> str:
    """At most so many bytes, cut at a character's border."""
    return text.encode()[:length].decode(errors="ignore")


def table_id(engine: EngineSession, target: Relation) -> int:
    """The number that other system tables know the table by; the load's own session may have made it just now."""
    found = engine.fetch(
        "SELECT coalesce(CASE WHEN json_valid(comment) THEN (comment::JSON ->> 'oid')::BIGINT END, "
        "memory.rs.stable_oid('relation', $2 || '.' || $1)) "
        "FROM memory.rs.stored_tables() WHERE table_name = $1 AND schema_name = $2 "
        "AND database_name = CASE WHEN $3 THEN 'temp' ELSE current_database() END",
        (target.name, "main" if target.kind == "temporary" else target.schema, target.kind == "temporary"),
    )
    return int(str(found[0][0])) if found else 0
