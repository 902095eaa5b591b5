"""Rows of one table that a transaction of the source inserted, kept in a file until all have come: many are written at once, in
memory that does not grow with them.

Received from the warehouse's writer, batch by batch; handed back to it as one batch, where there was no second, or applied by two
kinds of statements. Every key is there once: between two inserts of one stands what took it away, and that is no insert.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from boathouse.capture.changes import INSERT, ChangeBatch
from boathouse.capture.outputs.complete import LENT
from boathouse.contracts.engine import EngineSession
from boathouse.sql.redshift.types import quoted

GROUP_ROWS = 122_880
"""Of one statement: a row group, which the engine writes out at once. Of one long stream it holds more, the longer that is; of a
DELETE, about 150 bytes for each key."""


def is_insert(batch: ChangeBatch) -> bool:
    """True where the batch has nothing else."""
    return batch.pattern is None and batch.ops.value_counts().field("values").to_pylist() == [INSERT]


class Inserted:
    """See the module.

    Args:
        folder: for the file.
        first: what came first; the others have its schema.
        without: columns that the table does not have yet.
    """

    def __init__(self, folder: Path, first: ChangeBatch, without: frozenset[str]) -> None:
        self.first, self.without = first, without
        self._folder = folder
        self._keys: tuple[int, int] | None = None
        """The least and the greatest of the key's first column, where that has whole numbers."""
        self._path: Path | None = None
        self._stream: pa.RecordBatchStreamWriter | None = None

    @property
    def is_one(self) -> bool:
        """True where `first` is all."""
        return self._stream is None

    def add(self, batch: ChangeBatch) -> None:
        """More of them."""
        if self._stream is None:
            number, name = tempfile.mkstemp(dir=self._folder, prefix="capture-")
            os.close(number)
            self._path = Path(name)
            self._stream = pa.ipc.new_stream(name, batch.rows.schema)
            self._write(self.first.rows)
        self._write(batch.rows)

    def _write(self, rows: pa.RecordBatch) -> None:
        assert self._stream is not None
        self._stream.write_batch(rows)
        keys = rows.column(self.first.schema.key[0])
        if pa.types.is_integer(keys.type) and len(keys):
            least, most = pc.min_max(keys).as_py().values()
            self._keys = (least, most) if self._keys is None else (min(least, self._keys[0]), max(most, self._keys[1]))

    def apply(
        self, engine: EngineSession, place: str, names: Sequence[str], wrote: Callable[[int], None] = lambda rows: None
    ) -> None:
        """Write the rows; what was there with their keys, as a dump had met it, goes.

        Args:
            place: the table.
            names: its columns, quoted, in the order of the rows'.
            wrote: is told of so many rows at a time.
        """
        assert self._stream is not None
        self._stream.close()
        schema = self.first.schema
        there = [index for index, column in enumerate(schema.columns) if column.name.lower() not in self.without]
        fields = [quoted(column.name) for column in schema.columns]
        same = " AND ".join(f"t.{names[index]} = s.{fields[index]}" for index in schema.key)
        given, taken = ", ".join(names[index] for index in there), ", ".join(f"s.{fields[index]}" for index in there)
        statements = [f"INSERT INTO {place} ({given}) SELECT {taken} FROM {LENT} AS s"]
        if self._may_be_there(engine, place, names[schema.key[0]]):
            statements.insert(0, f"DELETE FROM {place} AS t USING {LENT} AS s WHERE {same}")
        for statement in statements:
            with pa.OSFile(str(self._path), "rb") as file:
                for part in _parts(pa.ipc.open_stream(file), GROUP_ROWS):
                    engine.lend(LENT, part)
                    try:
                        engine.execute(statement)
                    finally:
                        engine.take_back(LENT)
                    wrote(GROUP_ROWS)

    def _may_be_there(self, engine: EngineSession, place: str, key: str) -> bool:
        """False where the table has no row with a key like theirs, as of numbers that count up: the DELETE takes 20 MB, and a
        third of the time."""
        if self._keys is None:
            return True
        least, most = self._keys
        return bool(engine.fetch(f"SELECT 1 FROM {place} WHERE {key} BETWEEN {least} AND {most} LIMIT 1"))

    def close(self) -> None:
        """Forget them."""
        if self._path is not None:
            self._path.unlink(missing_ok=True)


def _parts(stream: pa.RecordBatchReader, rows: int) -> Iterator[pa.RecordBatchReader]:
    """Streams of so many rows, each to be read to its end before the next one."""
    ahead = [stream.read_next_batch()]

    def part() -> Iterator[pa.RecordBatch]:
        left = rows
        while ahead and left:
            batch = ahead.pop()
            taken = batch.slice(0, left)
            left -= taken.num_rows
            rest = batch.slice(taken.num_rows)
            following = rest if rest.num_rows else next(stream, None)
            if following is not None:
                ahead.append(following)
            yield taken

    while ahead:
        yield pa.RecordBatchReader.from_batches(stream.schema, part())
