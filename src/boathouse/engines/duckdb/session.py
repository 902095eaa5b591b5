"""One connection to DuckDB as an `EngineSession`.

Receives DuckDB SQL from the journey and from rooms; hands out Arrow batches that are computed as they are pulled.

DuckDB ends an open result silently when the same connection runs another statement. So before each statement an open
result is detached: what is left of it moves to memory, and beyond a few batches to a file, and the portal that reads
it never notices.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.ipc

from boathouse.contracts.answers import Field, Rows
from boathouse.contracts.engine import BATCH_ROWS, Profiler, Stored
from boathouse.contracts.errors import InternalError
from boathouse.contracts.types import arrow_type
from boathouse.engines.duckdb.errors import translate
from boathouse.engines.duckdb.profile import Spills, read_profile, settings
from boathouse.engines.duckdb.types import from_duckdb

LOG = logging.getLogger(__name__)
_KEPT_BATCHES = 4
"""Detached batches that stay in memory; the rest goes to a file."""


class DuckSession:
    """See `contracts.engine.EngineSession`.

    Args:
        connection: a cursor of the engine's connection, this session's own.
        spool: a folder for detached results.
        open_sibling: makes another session on the same data.
    """

    stored = Stored()

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, spool: Path, open_sibling: Callable[[], DuckSession]
    ) -> None:
        self._connection = connection
        self._spool = spool
        self._open_sibling = open_sibling
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
            stream = Stream(reader, self._lock, self._spool, over)
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
            try:
                if not parameters:
                    return self._connection.execute(sql)
                (statement,) = self._connection.extract_statements(sql)
                # What a translation has no use for is in the text no more, and the engine wants no more than that.
                return self._connection.execute(
                    statement, {name: parameters[int(name) - 1] for name in statement.named_parameters}
                )
            except Exception as failure:
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


class Stream:
    """An open result: batches come from the engine, or after `detach` from memory and a spool file."""

    def __init__(
        self, reader: pa.RecordBatchReader, lock: threading.RLock, spool: Path, over: Callable[[], None] | None
    ) -> None:
        self._reader: pa.RecordBatchReader | None = reader
        self._over = over
        self._schema = reader.schema
        self._lock = lock
        self._spool = spool
        self._kept: list[pa.RecordBatch] = []
        self._file: Path | None = None
        self._failure: BaseException | None = None

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        try:
            while True:
                batch = self._next_live()
                if batch is None:
                    break
                yield batch
            yield from self._detached()
        finally:
            self.close()

    def _next_live(self) -> pa.RecordBatch | None:
        with self._lock:
            if self._reader is None:
                return None
            try:
                return self._reader.read_next_batch()
            except StopIteration:
                self._reader = None
                if self._over is not None:
                    self._over()
                return None
            except Exception as failure:
                self._reader = None
                raise translate(failure) from failure

    def _detached(self) -> Iterator[pa.RecordBatch]:
        while self._kept:
            yield self._kept.pop(0)
        if self._file is not None:
            try:
                with pa.OSFile(str(self._file)) as source, pyarrow.ipc.open_stream(source) as spooled:
                    yield from spooled
            except (OSError, pa.ArrowException) as failure:
                # A file that was cut short by a full disk ends like this.
                raise self._failure or translate(failure) from failure
        if self._failure is not None:
            raise self._failure

    def detach(self) -> None:
        """Pull the rest of the result out of the engine, so that its connection is free."""
        if self._reader is None:
            return
        writer: pyarrow.ipc.RecordBatchStreamWriter | None = None
        try:
            while (batch := self._next_live()) is not None:
                if len(self._kept) < _KEPT_BATCHES:
                    self._kept.append(batch)
                    continue
                if writer is None:
                    self._file = self._spool / f"portal-{id(self):x}.arrows"
                    writer = pyarrow.ipc.new_stream(str(self._file), self._schema)
                writer.write_batch(batch)
        except Exception as failure:  # noqa: BLE001
            # The reader meets it after the rows that came before it, as it would have without the detour. What the
            # engine still had is gone: its next statement ends the result, silently.
            self._reader = None
            self._failure = translate(failure)
        finally:
            if writer is not None:
                with suppress(OSError, pa.ArrowException):  # a full disk has been told already
                    writer.close()

    def close(self) -> None:
        with self._lock:
            self._reader = None
            self._kept.clear()
            if self._file is not None:
                self._file.unlink(missing_ok=True)
                self._file = None


class Closable(Protocol):
    """What is freed."""

    def close(self) -> None: ...


class Batches:
    """A result's batches in the types that its fields promise. Closing it frees the result even where nothing was
    pulled: a generator that has not begun would not.

    Args:
        owner: what is closed with them; None for the stream alone.
    """

    def __init__(self, stream: Stream, fields: tuple[Field, ...], owner: Closable | None = None) -> None:
        self._owner = owner or stream
        self._batches = _cast(iter(stream), fields)

    def __iter__(self) -> Batches:
        return self

    def __next__(self) -> pa.RecordBatch:
        return next(self._batches)

    def close(self) -> None:
        self._batches.close()
        self._owner.close()


def _cast(batches: Iterator[pa.RecordBatch], fields: tuple[Field, ...]) -> Generator[pa.RecordBatch]:
    """Batches in the Arrow types that the fields promise; columns that already have them are not touched."""
    wanted = [arrow_type(field.type) for field in fields]
    for batch in batches:
        if batch.num_columns == len(wanted) and all(
            column.type == target for column, target in zip(batch.columns, wanted, strict=True)
        ):
            yield batch
            continue
        try:
            columns = [
                column if column.type == target else _cast_column(column, target)
                for column, target in zip(batch.columns, wanted, strict=True)
            ]
        except pa.ArrowException as failure:
            raise translate(failure) from failure
        yield pa.RecordBatch.from_arrays(columns, names=[str(place) for place in range(len(columns))])


def _cast_column(column: pa.Array, target: pa.DataType) -> pa.Array:
    """One column in another type; decimals that the target has not are rounded, as the engine's own cast would.

    Arrow refuses an integer for a short decimal even where every value fits, so it goes by a long one.
    """
    if pa.types.is_integer(column.type) and pa.types.is_decimal(target):
        column = column.cast(pa.decimal128(38, target.scale))
    elif pa.types.is_decimal(column.type) and pa.types.is_decimal(target) and column.type.scale > target.scale:
        column = pc.round(column, target.scale, "half_towards_infinity")
    return column.cast(target)
