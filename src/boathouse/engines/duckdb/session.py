"""One connection to DuckDB as an `EngineSession`.

Receives DuckDB SQL from the journey and from rooms; hands out Arrow batches that are computed as they are pulled.

DuckDB ends an open result silently when the same connection runs another statement. So before each statement an open
result is detached: what is left of it moves to memory, and beyond a few batches to a file, and the portal that reads
it never notices.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Any

import duckdb

from boathouse.contracts.answers import Field, Rows
from boathouse.contracts.engine import BATCH_ROWS, Profiler, Stored
from boathouse.contracts.errors import InternalError
from boathouse.engines.duckdb.checkpoints import Checkpoints
from boathouse.engines.duckdb.errors import is_fatal, translate
from boathouse.engines.duckdb.profile import Spills, read_profile, settings
from boathouse.engines.duckdb.types import from_duckdb
from boathouse.engines.results import Batches, Stream

LOG = logging.getLogger(__name__)
_READS = ("SELECT", "SET ", "BEGIN", "ROLLBACK", "PRAGMA")
"""How statements begin that commit nothing."""


class DuckSession:
    """See `contracts.engine.EngineSession`.

    Args:
        connection: a cursor of the engine's connection, this session's own.
        spool: a folder for detached results.
        open_sibling: makes another session on the same data.
        checkpoints: of the engine's files.
    """

    stored = Stored()
    failed: Callable[[], None] | None = None
    """To be told that the engine has ended, for all of its sessions."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        spool: Path,
        open_sibling: Callable[[], DuckSession],
        checkpoints: Checkpoints | None = None,
    ) -> None:
        self._connection = connection
        self._spool = spool
        self._open_sibling = open_sibling
        self._checkpoints = checkpoints
        self._stream: Stream | None = None
        self._in_transaction = False
        self._lock = threading.RLock()
        self._interrupting = threading.Lock()
        self._is_shielded = False
        self._closed = False
        self._is_profiling: bool | None = None
        self._spills = Spills()
        """None: never yet."""

    @property
    def in_transaction(self) -> bool:
        return self._in_transaction

    def begin(self) -> None:
        self._shielded("BEGIN TRANSACTION")
        self._in_transaction = True

    def defining(self) -> None:
        pass  # nobody else has the warehouse

    def changed_beside(self, tables: Collection[tuple[str, str]]) -> bool:
        return False

    def commit(self) -> None:
        self._in_transaction = False
        self._shielded("COMMIT")

    def rollback(self) -> None:
        """Give the transaction up; open results end with it."""
        self._in_transaction = False
        with self._lock:
            self._abandon_stream()
            self._shielded("ROLLBACK")

    def _shielded(self, sql: str) -> None:
        """Begin or end a transaction; no interrupt reaches this, for nobody could tell whether it had come too late."""
        with self._lock:
            self._detach()
            with self._interrupting:
                self._is_shielded = True
            try:
                self._run(sql)
            finally:
                self._is_shielded = False

    def execute(self, sql: str, parameters: Sequence[object] = (), profiler: Profiler | None = None) -> int:
        with self._lock:
            if profiler is not None:
                self._profile(wanted=True)
            found = self._run(sql, parameters)
            row = found.fetchone() if found.description and found.description[0][0] == "Count" else None
            if profiler is not None:
                self._tell(profiler)
            return int(row[0]) if row else 0

    def fetch(self, sql: str, parameters: Sequence[object] = ()) -> list[tuple[object, ...]]:
        with self._lock:
            try:
                found: list[tuple[object, ...]] = self._run(sql, parameters).fetchall()
                return found
            except Exception as failure:
                raise translate(failure) from failure

    def query(
        self,
        sql: str,
        parameters: Sequence[object] = (),
        fields: tuple[Field, ...] | None = None,
        profiler: Profiler | None = None,
    ) -> Rows:
        with self._lock:
            self._profile(wanted=profiler is not None)
            found = self._run(sql, parameters)
            described = found.description or []
            own = tuple(Field(str(column[0]), from_duckdb(str(column[1]))) for column in described)
            if fields is not None and len(fields) != len(own):
                raise InternalError(f"the engine returned {len(own)} columns where {len(fields)} were expected")
            try:
                reader = found.to_arrow_reader(BATCH_ROWS)
            except Exception as failure:
                raise translate(failure) from failure
            over = None if profiler is None else lambda: self._tell(profiler)
            stream = Stream(reader, self._lock, self._spool, over, translate)
            self._stream = stream
            shown = fields if fields is not None else own
            return Rows(shown, Batches(stream, shown))

    def describe(self, sql: str) -> tuple[Field, ...]:
        rows = self.fetch(f"DESCRIBE {sql}")
        return tuple(Field(str(row[0]), from_duckdb(str(row[1]))) for row in rows)

    def lend(self, name: str, table: Any) -> None:
        with self._lock:
            self._detach()
            self._connection.register(name, table)

    def take_back(self, name: str) -> None:
        with self._lock:
            self._detach()
            self._connection.unregister(name)

    def interrupt(self) -> None:
        with self._interrupting:
            if not self._is_shielded and not self._closed:
                self._connection.interrupt()

    def sibling(self) -> DuckSession:
        return self._open_sibling()

    def close(self) -> None:
        with self._lock:
            self._abandon_stream()
            with self._interrupting:
                self._closed = True
            try:
                self._connection.close()
            except duckdb.Error as failure:
                raise translate(failure) from failure

    def _run(self, sql: str, parameters: Sequence[object] = ()) -> Any:
        with self._lock:
            self._detach()
            if self._checkpoints is not None and not (self._in_transaction or sql.startswith(_READS)):
                self._checkpoints.look()
            try:
                if not parameters:
                    return self._connection.execute(sql)
                (statement,) = self._connection.extract_statements(sql)
                # What a translation has no use for is in the text no more, and the engine wants no more than that.
                return self._connection.execute(
                    statement, {name: parameters[int(name) - 1] for name in statement.named_parameters}
                )
            except Exception as failure:
                if self.failed is not None and is_fatal(failure):
                    self.failed()
                raise translate(failure) from failure

    def _profile(self, *, wanted: bool) -> None:
        """Let the engine measure what comes, or not; changing it costs as much as a small statement."""
        if wanted == bool(self._is_profiling):
            return
        if self._is_profiling is None:
            self._run(f"SET custom_profiling_settings = '{settings()}'")
        self._run(f"PRAGMA {'enable_profiling = no_output' if wanted else 'disable_profiling'}")
        self._is_profiling = wanted

    def _tell(self, profiler: Profiler) -> None:
        """Hand on what the engine measured of the statement that has just ended."""
        try:
            text = self._connection.get_profiling_information(format="json")
        except duckdb.Error as failure:
            LOG.warning("the engine gave no profile: %s", type(failure).__name__)
            return
        profiler(lambda: read_profile(text, self._spills))

    def _detach(self) -> None:
        """Free the connection: what is left of an open result moves out of the engine."""
        if self._stream is not None:
            self._stream.detach()
            self._stream = None

    def _abandon_stream(self) -> None:
        if self._stream is not None:
            self._stream.close()
            self._stream = None
