"""What an integration's outputs have still to be told: one file an entry, an entry a transaction of the warehouse.

Written inside the warehouse's transaction, durable before its commit, and read by each output at its own speed after it; what
every output has is removed. An entry holds Arrow streams one behind the other, one for each batch, with what is not rows in
the schema's metadata.
"""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from boathouse.capture.changes import ChangeBatch, Column, TablePath, TableSchema, Transaction
from boathouse.capture.formats.formatter import Changes, Place
from boathouse.contracts.source_errors import Fenced
from boathouse.contracts.types import SqlType
from boathouse.lake.storage_local import make_durable

_META = b"boathouse"


class Entry:
    """An entry that is being written."""

    def __init__(self, path: Path, number: int, now: datetime) -> None:
        self.number = number
        self._path, self._now, self._rows = path, now.replace(tzinfo=None), 0
        self._sink: Any = None

    def write(self, batch: ChangeBatch, version: int) -> None:
        """Add rows."""
        pattern = pa.nulls(len(batch), pa.int32()) if batch.pattern is None else batch.pattern
        arrays = [*batch.rows.columns, batch.ops, batch.transaction, batch.ordinals, pattern]
        meta = {
            "path": batch.schema.path,
            "columns": [
                (
                    one.name,
                    (one.type.name, one.type.length, one.type.precision, one.type.scale),
                    one.source_type,
                    one.nullable,
                )
                for one in batch.schema.columns
            ],
            "key": batch.schema.key,
            "transactions": [_transaction(one) for one in batch.transactions],
            "patterns": None if batch.pattern is None else [sorted(one) for one in batch.patterns],
        }
        names = [f"c{index}" for index in range(len(arrays))]
        self._add(pa.RecordBatch.from_arrays(arrays, names=names), meta, version, len(batch))

    def truncate(self, path: TablePath, transaction: Transaction | None, version: int) -> None:
        """Add that a table was emptied."""
        meta = {"path": path, "emptied": None if transaction is None else _transaction(transaction)}
        self._add(pa.RecordBatch.from_arrays([pa.array([True])], names=["c0"]), meta, version, 1)

    def close(self) -> bool:
        """Make it durable; False where it is empty, and there is no file.

        Raises:
            Fenced: another instance has opened the journal meanwhile.
        """
        if self._sink is None:
            return False
        self._sink.close()
        try:
            make_durable(self._path)
        except FileNotFoundError:
            raise Fenced("another instance has taken over, and away what was being written") from None
        make_durable(self._path.parent)
        return True

    def end(self) -> None:
        """The transaction has failed; whether it was committed, `Journal.open` is told."""
        if self._sink is not None:
            self._sink.close()

    def _add(self, rows: pa.RecordBatch, meta: dict[str, Any], version: int, count: int) -> None:
        if self._sink is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            try:
                self._sink = self._path.open("xb")  # who wakes late writes over nobody's entry
            except FileExistsError:
                raise Fenced("another instance has taken over, and writes this entry") from None
        told = {**meta, "version": version, "first": self._rows, "noted": self._now.isoformat()}
        schema = rows.schema.with_metadata({_META: json.dumps(told)})
        with pa.ipc.new_stream(self._sink, schema) as stream:
            stream.write_batch(pa.RecordBatch.from_arrays(rows.columns, schema=schema))
        self._rows += count


@dataclass
class Journal:
    """The entries of one integration.

    Args:
        folder: made when it is first needed.
        integration, source: as in `Changes`.
        gaps: numbers behind a first one, up to a last one, that are nobody's: what stands there was never committed.
    """

    folder: Path
    integration: str
    source: str
    gaps: tuple[tuple[int, int], ...] = ()

    def __post_init__(self) -> None:
        self.committed = 0
        self._changed = threading.Condition()

    def open(self, committed: int) -> None:
        """Take away what no commit has stored."""
        for number, path in self._files():
            if number > committed or self._is_nobodys(number):
                path.unlink(missing_ok=True)
        self.commit(committed)

    def missing(self, first: int, last: int) -> list[int]:
        """The numbers from a first one to a last one that should have an entry and have none."""
        there = {number for number, _ in self._files()}
        return [one for one in range(first, last + 1) if one not in there and not self._is_nobodys(one)]

    def begin(self, now: datetime) -> Entry:
        """Somewhere to write the next transaction's changes."""
        return Entry(self._path(self.committed + 1), self.committed + 1, now)

    def commit(self, number: int) -> None:
        """Entries up to this are committed; whoever waits is told."""
        with self._changed:
            self.committed = number
            self._changed.notify_all()

    def wait(self, entry: int, seconds: float) -> bool:
        """Until there are entries behind one, and no longer than so many seconds; True where there are."""
        with self._changed:
            return self._changed.wait_for(lambda: self.committed > entry, seconds)

    def wait_for_change(self, seconds: float) -> None:
        """Until something has changed, and no longer than so many seconds."""
        with self._changed:
            self._changed.wait(seconds)

    def wake(self) -> None:
        """Whoever waits looks again."""
        with self._changed:
            self._changed.notify_all()

    def entries(self, place: Place) -> list[int]:
        """The committed entries that have changes behind a place, or may have."""
        found = [number for number, _ in self._files() if place.entry <= number <= self.committed]
        return [number for number in found if not self._is_nobodys(number)]

    def read(self, entry: int, place: Place) -> Iterator[Changes]:
        """The changes of an entry that stand behind a place."""
        with pa.OSFile(str(self._path(entry)), "rb") as file:
            size = file.size()
            while file.tell() < size:
                stream = pa.ipc.open_stream(file)
                meta = json.loads(stream.schema.metadata[_META])
                rows = stream.read_next_batch()
                for _ in stream:  # to the end of this stream, where the next one begins
                    pass
                changes = self._changes(entry, meta, rows).behind(place)
                if changes is not None:
                    yield changes

    def bytes_behind(self, place: Place) -> int:
        """The size of what stands behind a place."""
        found = 0
        for number, path in self._files():
            if number >= place.entry:
                try:
                    found += path.stat().st_size
                except FileNotFoundError:  # every output has it by now
                    continue
        return found

    def forget(self, entry: int) -> None:
        """Every output has the entries up to this."""
        for number, path in self._files():
            if number <= entry:
                path.unlink(missing_ok=True)

    def _changes(self, entry: int, meta: dict[str, Any], rows: pa.RecordBatch) -> Changes:
        path, batch, transaction = (meta["path"][0], meta["path"][1]), None, None
        if "emptied" in meta:
            transaction = None if meta["emptied"] is None else _read_transaction(meta["emptied"])
        else:
            columns = tuple(
                Column(name, SqlType(*type_), source_type, nullable)
                for name, type_, source_type, nullable in meta["columns"]
            )
            schema = TableSchema(*path, columns, tuple(meta["key"]))
            ops, of, ordinals, pattern = rows.columns[len(columns) :]
            batch = ChangeBatch(
                schema,
                pa.RecordBatch.from_arrays(rows.columns[: len(columns)], schema=schema.arrow),
                ops,
                tuple(_read_transaction(one) for one in meta["transactions"]),
                of,
                ordinals,
                *(() if meta["patterns"] is None else (tuple(frozenset(one) for one in meta["patterns"]), pattern)),
            )
        noted = datetime.fromisoformat(meta["noted"])
        place = Place(entry, meta["first"])
        return Changes(self.integration, self.source, path, meta["version"], place, noted, batch, transaction)

    def _is_nobodys(self, number: int) -> bool:
        return any(behind < number <= last for behind, last in self.gaps)

    def _path(self, number: int) -> Path:
        return self.folder / f"{number:012d}.arrows"

    def _files(self) -> list[tuple[int, Path]]:
        if not self.folder.is_dir():
            return []
        return sorted((int(path.stem), path) for path in self.folder.glob("*.arrows"))


def _transaction(one: Transaction) -> tuple[str, int, int]:
    return str(one.position), one.xid, one.committed_us


def _read_transaction(told: list[Any]) -> Transaction:
    position, xid, committed = told
    return Transaction(position, xid, committed)


def tidy(folder: Path, kept: Iterable[int]) -> None:
    """Take away the journals of integrations that are gone.

    Args:
        folder: the journals'.
        kept: the numbers of the integrations that there are.
    """
    names = {str(number) for number in kept}
    for one in folder.iterdir() if folder.is_dir() else ():
        if one.name not in names:
            shutil.rmtree(one, ignore_errors=True)
