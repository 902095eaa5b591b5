"""COPY: files into a table, all or nothing.

Receives the parsed statement; lists the files, reads each (in the engine where its lines are plain, precisely where they
are not), converts field texts by Redshift's rules, sets rows in error aside and adds the good ones. Runs in the
transaction that the journey opened.

Source: Redshift Developer Guide, "COPY", "Troubleshooting data loads".
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from boathouse.contracts.answers import Answer, Done, Notice
from boathouse.contracts.errors import BoathouseError, InvalidParameterValue, LoadFailed, QueryCanceled, StorageError
from boathouse.contracts.house import House
from boathouse.contracts.session import Session
from boathouse.lake import attend
from boathouse.lake.copy.additions import Additions
from boathouse.lake.copy.convert import reason
from boathouse.lake.copy.fetch import FetchedFile, fetch_ahead
from boathouse.lake.copy.logs.progress import Progress
from boathouse.lake.copy.logs.write import (
    ERRORS_KEPT_MAX,
    BadRow,
    LoadLog,
    ReadFile,
    Replaced,
    note_undone,
    table_id,
    write_log,
)
from boathouse.lake.copy.options import load_options
from boathouse.lake.copy.plain import plain_reader
from boathouse.lake.copy.plain_json import leaves_room, plain_json_reader
from boathouse.lake.copy.readers.avro import read_avro_chunks
from boathouse.lake.copy.readers.json_objects import Path_, parse_paths, read_json_chunks
from boathouse.lake.copy.readers.orc import orc_queries
from boathouse.lake.copy.readers.parquet import parquet_query
from boathouse.lake.copy.readers.records import Chunk, Unreadable, read_chunks
from boathouse.lake.copy.sources import SourceFile, find_files
from boathouse.lake.copy.target import load_columns, load_target, require_identity
from boathouse.lake.storage import full_path, storage_for
from boathouse.sql.statements import CopyFrom

PROGRESS_SECONDS = 3.0
SUPER_BYTES_MAX = 16 << 20
"""Redshift's limit of one SUPER value."""


def copy_from(house: House, session: Session, statement: CopyFrom) -> Answer:
    """Run a COPY; see the module."""
    Load(house, session, statement).run()
    return Done("COPY")


class Load:
    """One COPY on its way.

    Args:
        job: the COPY job that it belongs to; 0 for none.
    """

    def __init__(self, house: House, session: Session, statement: CopyFrom, job: int = 0) -> None:
        self.house = house
        self.session = session
        self.statement = statement
        self.options = load_options(statement)
        self.target = load_target(session, statement.table)
        self.columns = load_columns(self.target, statement.columns, self.options.explicit_ids)
        if self.options.explicit_ids:
            require_identity(self.columns)
        if self.options.json == "noshred" and (len(self.columns) != 1 or self.columns[0].type.name != "super"):
            raise InvalidParameterValue(
                "JSON 'noshred' loads one SUPER column", hint="Name the SUPER column after the table's name."
            )
        if self.options.widths and len(self.options.widths) != len(self.columns):
            raise InvalidParameterValue(
                f"FIXEDWIDTH names {len(self.options.widths)} fields where {len(self.columns)} columns are loaded"
            )
        self._job = job
        self._told = house.clock.monotonic()
        self._paths: list[Path_] | None = None

    @property
    def number(self) -> int:
        """The load's, once it has begun."""
        return self._log.query

    def run(self, files: Sequence[SourceFile] | None = None) -> int:
        """Load these files, or those that the statement names; returns the number of rows.

        Raises:
            LoadFailed: rows in error; `stl_load_errors` says which.
            StorageError: a file that cannot be read, or that changed.
        """
        own = self.session.engine.sibling()
        try:
            self._log = self._begin_log()
            progress = Progress(own, self._log)
            additions = Additions(
                self.session.engine,
                None if self.options.no_load else self.target,
                self.columns,
                self.options,
                self._log.query,
            )
            try:
                self._read_files(files, additions, progress)
                additions.end()
                self._log.loaded = 0 if self.options.no_load else additions.rows
                self._log.status = "completed"
            finally:
                progress.end()
                write_log(self.house, own, self._log)
        finally:
            own.close()
        self.session.at_end(self._ended)
        self._finish()
        return self._log.loaded

    def _ended(self, committed: bool) -> None:
        if not committed:
            own = self.house.engine.session()
            try:
                note_undone(self.house, own, self._log)
            finally:
                own.close()

    def _begin_log(self) -> LoadLog:
        engine = self.session.engine
        return LoadLog(
            query=self.session.statement_number,
            target=self.target,
            table=table_id(engine, self.target),
            source=self.statement.source,
            format="txt" if self.options.format == "text" else self.options.format,
            user=self.session.user_id,
            session=self.session.pid,
            database=self.session.database,
            transaction=self.session.transaction_number,
            started=self.house.clock.now(),
            job=self._job,
        )

    # -- files -------------------------------------------------------------------------------------------

    def _read_files(self, files: Sequence[SourceFile] | None, additions: Additions, progress: Progress) -> None:
        check = self.session.check_cancelled
        if files is None:
            files = attend.aside(lambda: find_files(self.house, self.statement, self.options), "copy-list", check)
        self._log.found_files = len(files)
        self._log.found_bytes = sum(file.size for _, file in files)
        self._read_paths()
        shown = 0.0
        for place, fetched in enumerate(fetch_ahead(self.house, files, self.options, check)):
            with fetched:
                check()
                began, before, wrong = self.house.clock.now(), additions.rows, self._log.bad_count
                if not place or self.house.clock.monotonic() - shown > 1:
                    progress.show(began, fetched.name)
                    shown = self.house.clock.monotonic()
                self._load_unless_changed(additions, fetched)
                lines, errors = additions.rows - before, self._log.bad_count - wrong
                stored, ended = fetched.stored, self.house.clock.now()
                self._log.files.append(
                    ReadFile(
                        fetched.name,
                        lines + errors,
                        errors,
                        stored.size,
                        stored.etag or "",
                        stored.modified,
                        began,
                        ended,
                    )
                )
                self._tell(f"{place + 1} of {len(files)} files, {additions.rows} record(s) read")

    def _load_unless_changed(self, additions: Additions, file: FetchedFile) -> None:
        """Load a file; what is wrong with one that somebody is writing is that."""
        try:
            self._load_file(additions, file)
        except QueryCanceled:
            raise
        except BoathouseError:
            file.require_unchanged()
            raise
        except OSError as failure:
            file.require_unchanged()
            raise StorageError(f'"{file.name}" cannot be read: {failure.strerror or "failed"}') from failure
        file.require_unchanged()

    def _load_file(self, additions: Additions, file: FetchedFile) -> None:
        if file.mismatch is not None:
            self._set_aside([BadRow(file.name, 0, "", 1221, reason(1221, None, file.mismatch))], 1)
            return
        engine = self.session.engine
        if self.options.format == "parquet":
            additions.add_query(parquet_query(engine, file, self.columns, self.options))
            return
        if self.options.format == "orc":
            for query in orc_queries(engine, file, self.columns, self.options):
                self.session.check_cancelled()
                additions.add_query(query)
            return
        if additions.may_take_out and self._add_plain(additions, file):
            return
        try:
            for chunk in self._chunks(file):
                self._add_chunk(additions, chunk, file.name)
        except Unreadable as failure:
            row = BadRow(file.name, failure.line, "", failure.code, failure.message)
            self._log.bad.append(row)
            self._log.bad_count += 1
            raise LoadFailed(f'"{file.name}": {failure.message}', hint=failure.hint) from failure

    def _add_plain(self, additions: Additions, file: FetchedFile) -> bool:
        """Let the engine read the file where it reads it as COPY would."""
        if self.options.format == "json":
            ((limit, threads),) = self.session.engine.fetch(
                "SELECT current_setting('memory_limit'), current_setting('threads')"
            )
            if self._paths is not None or not leaves_room(str(limit), int(str(threads))):
                return False
            plain = plain_json_reader(file.local, self.columns, self.options)
            return plain is not None and additions.add_plain(*plain, rejects=False)
        plain = plain_reader(file.local, len(self.columns), self.options)
        return plain is not None and additions.add_plain(*plain, rejects=True)

    def _chunks(self, file: FetchedFile) -> Iterator[Chunk]:
        line_bytes_max = self.house.settings["lake"].copy_raw_line_bytes_max
        if self.options.format == "avro":
            return read_avro_chunks(file.local, self.columns, self._paths, self.options)
        if self.options.format == "json":
            has_super = any(column.type.name == "super" for column in self.columns)
            value_bytes_max = max(line_bytes_max, SUPER_BYTES_MAX if has_super else 0)
            return read_json_chunks(file.local, self.columns, self._paths, self.options, value_bytes_max)
        return read_chunks(file.local, len(self.columns), self.options, line_bytes_max)

    def _add_chunk(self, additions: Additions, chunk: Chunk, name: str) -> None:
        self.session.check_cancelled()
        room = ERRORS_KEPT_MAX if self.options.ignore_errors else self.options.errors_max
        found, count = additions.add_chunk(chunk, name, max(1, room - len(self._log.bad)))
        self._log.replaced += [Replaced(name, line, raw, self.columns[place]) for line, raw, place in chunk.replaced]
        self._set_aside(found, count)
        self._tell(f"{additions.rows} record(s) read")

    def _set_aside(self, found: list[BadRow], count: int) -> None:
        """Note rows in error.

        Raises:
            LoadFailed: they are too many.
        """
        self._log.bad += found
        self._log.bad_count += count
        if not self.options.ignore_errors and self._log.bad_count >= self.options.errors_max:
            raise LoadFailed(
                f"Load into table '{self.target.name}' failed.  Check 'stl_load_errors' system table for details.",
                detail=_told(self._log.bad[0]),
                hint="SELECT * FROM stl_load_errors ORDER BY starttime DESC; MAXERROR n skips up to n - 1 rows.",
            )

    def _read_paths(self) -> None:
        if self.options.format not in ("json", "avro") or self.options.json in ("auto", "auto ignorecase", "noshred"):
            return
        credentials = self.statement.credentials
        path = full_path(self.house, self.options.json)

        def read() -> bytes:
            with storage_for(self.house, path, credentials).open(path) as stream:
                return stream.read()

        content = attend.aside(read, "copy-paths", self.session.check_cancelled)
        self._paths = parse_paths(content, len(self.columns))

    # -- words -------------------------------------------------------------------------------------------

    def _finish(self) -> None:
        name, loaded = self.target.name, self._log.loaded
        if loaded:
            self.session.relation_changed(self.target)
        self.session.engine.execute(f"SET VARIABLE last_copy_count = {loaded}")
        self.session.engine.execute(f"SET VARIABLE last_copy_id = {self._log.query}")
        if self._log.bad_count:
            self.session.notify(
                Notice(
                    "INFO",
                    f"Load into table '{name}' completed, {self._log.bad_count} record(s) could not be loaded.  "
                    "Check 'stl_load_errors' system table for details.",
                )
            )
        # STATUPDATE asks for nothing more: the engine keeps its statistics with every row that it takes.
        self.session.notify(
            Notice("INFO", f"Load into table '{name}' completed, {loaded} record(s) loaded successfully.")
        )

    def _tell(self, text: str) -> None:
        now = self.house.clock.monotonic()
        if now - self._told >= PROGRESS_SECONDS:
            self._told = now
            self.session.notify(Notice("INFO", f"COPY {self.target.name}: {text}"))


def _told(row: BadRow) -> str:
    column = f", column {row.column.name}" if row.column else ""
    return f"{row.filename}, line {row.line}{column}: {row.reason} (code {row.code})"
