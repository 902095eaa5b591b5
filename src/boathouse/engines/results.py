"""Open results of engines: batches as they come, moved out of the way where the engine is wanted for something else.

Received: a reader of Arrow batches, from an engine in this process or from another one. Handed on: batches in the types that
the fields promise.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.ipc

from boathouse.contracts.answers import Field
from boathouse.contracts.errors import BoathouseError
from boathouse.contracts.types import arrow_type

Translate = Callable[[BaseException], BoathouseError]
"""What an engine raised, in Redshift's words."""
_KEPT_BATCHES = 4
"""Detached batches that stay in memory; the rest goes to a file."""


class Stream:
    """An open result: batches come from the engine, or after `detach` from memory and a spool file."""

    def __init__(
        self,
        reader: Any,
        lock: threading.RLock,
        spool: Path,
        over: Callable[[], None] | None,
        translate: Translate,
    ) -> None:
        self.translate = translate
        self._reader: Any = reader
        self._over = over
        self._schema = reader.schema
        self._lock = lock
        self._spool = spool
        self._kept: list[pa.RecordBatch] = []
        self._file: Path | None = None
        self._failure: BaseException | None = None

    @property
    def is_live(self) -> bool:
        """True while the engine has more of it."""
        return self._reader is not None

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
                raise self.translate(failure) from failure

    def _detached(self) -> Iterator[pa.RecordBatch]:
        while self._kept:
            yield self._kept.pop(0)
        if self._file is not None:
            try:
                with pa.OSFile(str(self._file)) as source, pyarrow.ipc.open_stream(source) as spooled:
                    yield from spooled
            except (OSError, pa.ArrowException) as failure:
                # A file that was cut short by a full disk ends like this.
                raise self._failure or self.translate(failure) from failure
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
            self._failure = self.translate(failure)
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
        self._batches = _cast(iter(stream), fields, stream.translate)

    def __iter__(self) -> Batches:
        return self

    def __next__(self) -> pa.RecordBatch:
        return next(self._batches)

    def close(self) -> None:
        self._batches.close()
        self._owner.close()


def _cast(
    batches: Iterator[pa.RecordBatch], fields: tuple[Field, ...], translate: Translate
) -> Generator[pa.RecordBatch]:
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
