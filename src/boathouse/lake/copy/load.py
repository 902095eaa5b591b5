"""COPY: files into a table, all or nothing.

Receives the parsed statement; lists the files, reads each (in the engine where its lines are plain, precisely where they
are not), converts field texts by Redshift's rules, sets rows in error aside, and moves what is good into the table once
all is read. Runs in the transaction that the journey opened.

Source: Redshift Developer Guide, "COPY", "Troubleshooting data loads".
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from boathouse.contracts.answers import Answer, Done, Notice
from boathouse.contracts.errors import (
    DuplicateColumn,
    InvalidParameterValue,
    LoadFailed,
    NotNullViolation,
    UndefinedColumn,
    UndefinedTable,
    WrongObjectType,
)
from boathouse.contracts.house import House
from boathouse.contracts.relations import Column, Relation
from boathouse.contracts.session import Session
from boathouse.lake.copy.errors import ERRORS_KEPT_MAX, BadRow, LoadLog, ReadFile, table_id, write_log
from boathouse.lake.copy.fetch import FetchedFile, fetch_ahead
from boathouse.lake.copy.options import LoadOptions, load_options
from boathouse.lake.copy.read_json import Path_, parse_paths, read_json_chunks
from boathouse.lake.copy.read_parquet import parquet_query
from boathouse.lake.copy.read_records import Chunk, read_chunks
from boathouse.lake.copy.sources import files_of_manifest, files_of_prefix
from boathouse.lake.copy.stage import Stage
from boathouse.lake.storage import full_path, storage_for
from boathouse.sql.statements import CopyFrom, QualifiedName

PROGRESS_SECONDS = 3.0
_PIECE_BYTES = 4 << 20


def copy_from(house: House, session: Session, statement: CopyFrom) -> Answer:
    """Run a COPY; see the module.

    Raises:
        LoadFailed: rows in error; `stl_load_errors` says which.
        StorageError: a file that cannot be read.
    """
    options = load_options(statement)
    target = load_target(session, statement.table)
    columns = load_columns(target, statement.columns, options.explicit_ids)
    load = _Load(house, session, statement, options, target, columns)
    return load.run()


def load_target(session: Session, name: QualifiedName) -> Relation:
    """The table to load."""
    found = session.catalog.relation(name.schema, name.name)
    if found is None:
        raise UndefinedTable(f'relation "{name}" does not exist')
    if found.kind not in ("table", "temporary"):
        raise WrongObjectType(f'"{name}" is not a table', hint="COPY loads local tables.")
    return found


def load_columns(target: Relation, names: tuple[str, ...], explicit_ids: bool) -> tuple[Column, ...]:
    """The columns to load, in the order of the fields; IDENTITY columns make their own values."""
    if not names:
        return tuple(column for column in target.columns if explicit_ids or not column.identity)
    found = []
    for name in names:
        column = target.by_name.get(name)
        if column is None:
            raise UndefinedColumn(f'column "{name}" of relation "{target.name}" does not exist')
        if column in found:
            raise DuplicateColumn(f'column "{name}" is named twice')
        if column.identity and not explicit_ids:
            raise InvalidParameterValue(f'column "{name}" is an identity column', hint="Use EXPLICIT_IDS to load it.")
        found.append(column)
    for column in target.columns:
        if column not in found and not column.nullable and column.default is None and not column.identity:
            raise NotNullViolation(f'column "{column.name}" is NOT NULL, has no default and is not loaded')
    return tuple(found)


@dataclass
class _Load:
    """One COPY on its way."""

    house: House
    session: Session
    statement: CopyFrom
    options: LoadOptions
    target: Relation
    columns: tuple[Column, ...]

    def __post_init__(self) -> None:
        engine = self.session.engine.sibling()
        try:
            self._number = int(str(engine.fetch("SELECT nextval('boathouse.query_ids')")[0][0]))
        finally:
            engine.close()
        self._table = table_id(self.session.engine, self.target)
        self._started = self.house.clock.now()
        self._told = self.house.clock.monotonic()
        self._bad: list[BadRow] = []
        self._bad_count = 0
        self._read: list[ReadFile] = []
        self._paths: list[Path_] | None = None

    def run(self) -> Answer:
        find = files_of_manifest if self.options.manifest else files_of_prefix
        files = find(self.house, self.statement.source, self.statement.credentials)
        self._read_paths()
        stage = Stage(self.session.engine, self.columns, self.options, self._number)
        try:
            for place, fetched in enumerate(fetch_ahead(self.house, files, self.options.compression)):
                with fetched:
                    self.session.check_cancelled()
                    before, wrong = stage.rows, self._bad_count
                    self._load_file(stage, fetched)
                    fetched.require_unchanged()
                    lines, errors = stage.rows - before, self._bad_count - wrong
                    self._read.append(ReadFile(fetched.name, lines, errors, self.house.clock.now()))
                    self._tell(f"{place + 1} of {len(files)} files, {stage.rows} record(s) read")
            loaded = 0 if self.options.no_load else stage.insert(self.target)
            stage.drop()
        finally:
            log = LoadLog(
                self._number, self.target, self._table, self._started, self.options.format, self._read, self._bad
            )
            write_log(self.session, log)
        return self._done(loaded)

    def _load_file(self, stage: Stage, file: FetchedFile) -> None:
        if self.options.format == "parquet":
            query = parquet_query(self.session.engine, file, self.columns, self.options)
            # Nothing of a columnar file is skipped, so what fails takes the transaction with it: no need to wait apart.
            stage.add_query(query, None if self.options.no_load else self.target)
            return
        if self._plain(file.local):
            extra = _ends_in_delimiter(file.local, len(self.columns), self.options)
            if stage.add_file(file.local, extra):
                return
        for chunk in self._chunks(file.local):
            self.session.check_cancelled()
            room = ERRORS_KEPT_MAX if self.options.ignore_errors else self.options.errors_max
            found, count = stage.add_chunk(chunk, file.name, max(1, room - len(self._bad)))
            self._bad += found
            self._bad_count += count
            if not self.options.ignore_errors and self._bad_count >= self.options.errors_max:
                raise LoadFailed(
                    f"Load into table '{self.target.name}' failed.  Check 'stl_load_errors' system table for details.",
                    detail=_told(self._bad[0]),
                    hint="SELECT * FROM stl_load_errors ORDER BY starttime DESC; MAXERROR n skips up to n - 1 rows.",
                )
            self._tell(f"{stage.rows} record(s) read")

    def _chunks(self, path: Path) -> Iterator[Chunk]:
        if self.options.format == "json":
            return read_json_chunks(path, self.columns, self._paths, self.options)
        line_bytes_max = self.house.settings["lake"].copy_raw_line_bytes_max
        return read_chunks(path, len(self.columns), self.options, line_bytes_max)

    def _plain(self, path: Path) -> bool:
        """True where the engine's own reader means the same as Redshift's: no escapes, no blank lines."""
        options = self.options
        if options.format not in ("text", "csv") or options.escape or options.remove_quotes or options.fill_record:
            return False
        if options.replacement is not None or options.ignore_blank_lines or path.stat().st_size == 0:
            return False
        return _even_lines(path)

    def _read_paths(self) -> None:
        if self.options.format != "json" or self.options.json in ("auto", "auto ignorecase"):
            return
        credentials = self.statement.credentials
        path = full_path(self.house, self.options.json)
        with storage_for(self.house, path, credentials).open(path) as stream:
            self._paths = parse_paths(stream.read(), len(self.columns))

    def _done(self, loaded: int) -> Answer:
        name = self.target.name
        if loaded:
            self.session.relation_changed(self.target)
        self.session.engine.execute(f"SET VARIABLE last_copy_count = {loaded}")
        self.session.engine.execute(f"SET VARIABLE last_copy_id = {self._number}")
        if self._bad_count:
            self.session.notify(
                Notice(
                    "INFO",
                    f"Load into table '{name}' completed, {self._bad_count} record(s) could not be loaded.  "
                    "Check 'stl_load_errors' system table for details.",
                )
            )
        self.session.notify(
            Notice("INFO", f"Load into table '{name}' completed, {loaded} record(s) loaded successfully.")
        )
        # STATUPDATE asks for nothing more: the engine keeps its statistics with every row that it takes.
        return Done("COPY")

    def _tell(self, text: str) -> None:
        now = self.house.clock.monotonic()
        if now - self._told >= PROGRESS_SECONDS:
            self._told = now
            self.session.notify(Notice("INFO", f"COPY {self.target.name}: {text}"))


def _even_lines(path: Path) -> bool:
    """True where no line is empty and all end the same way: on others the engine's reader drops lines or gives up."""
    feeds = returns = pairs = 0
    last = b""
    with path.open("rb") as file:
        while piece := file.read(_PIECE_BYTES):
            if not last and piece[:1] in (b"\n", b"\r"):
                return False
            joined = last + piece
            if b"\n\n" in joined or b"\n\r" in joined:
                return False
            feeds += piece.count(b"\n")
            if b"\r" in joined:
                returns += piece.count(b"\r")
                pairs += joined.count(b"\r\n")
                if returns not in (pairs, pairs + 1):
                    return False
            last = piece[-1:]
    return returns == pairs and returns in (0, feeds)


def _ends_in_delimiter(path: Path, columns: int, options: LoadOptions) -> bool:
    if options.format != "text":
        return False
    with path.open("rb") as file:
        for _ in range(options.header_lines):
            file.readline()
        first = file.readline().rstrip(b"\r\n")
    return first.endswith(options.delimiter.encode()) and first.count(options.delimiter.encode()) == columns


def _told(row: BadRow) -> str:
    column = f", column {row.column.name}" if row.column else ""
    return f"{row.filename}, line {row.line}{column}: {row.reason} (code {row.code})"
