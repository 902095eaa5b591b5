"""What an output is told, and what a format makes of it: the words between `capture.delivery` and the formats.

A transaction of the warehouse is an entry of the integration's journal. Its changes are numbered, so that each has a place
(entry, number) that never changes, however often it is told: receivers that keep the last place drop what they had.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol

import pyarrow as pa

from boathouse.capture.changes import DELETE, INSERT, MOVED, READ, UPDATE, ChangeBatch, TablePath, Transaction

OPERATIONS = {INSERT: "insert", UPDATE: "update", DELETE: "delete", READ: "read", MOVED: "insert"}
"""How the house's own formats call operations; a truncation is `truncate`."""


class Place(NamedTuple):
    """Where a change stands among all that an integration ever tells.

    Attributes:
        entry: the number of the warehouse's transaction; grows, with gaps.
        number: of the change in it, from 0.
    """

    entry: int
    number: int

    def __str__(self) -> str:
        return f"{self.entry}.{self.number}"

    @classmethod
    def of(cls, text: str) -> Place:
        """From its text; ValueError where it is none."""
        entry, _, number = text.partition(".")
        return cls(int(entry), int(number))


@dataclass(frozen=True)
class Changes:
    """Changes of one table with consecutive places, or that the table was emptied.

    Attributes:
        integration: its name.
        source: what the integration's stream is known by; another integration of the same name has another.
        version: of the table's shape in the schema store.
        first: the place of the first change.
        noted: UTC, when they were taken from the source; stands in for the commit's time of a dump's rows.
        batch: None where the table was emptied.
        transaction: the one that emptied it; None where it is because it will be dumped anew.
    """

    integration: str
    source: str
    path: TablePath
    version: int
    first: Place
    noted: datetime
    batch: ChangeBatch | None
    transaction: Transaction | None = None

    def __len__(self) -> int:
        return 1 if self.batch is None else len(self.batch)

    @property
    def last(self) -> Place:
        """The place of the last change."""
        return Place(self.first.entry, self.first.number + len(self) - 1)

    def behind(self, place: Place) -> Changes | None:
        """Those that stand behind a place; None: none do."""
        if place < self.first:
            return self
        if place >= self.last:
            return None
        return self.cut(place.number + 1 - self.first.number, len(self))

    def head(self, rows: int) -> Changes:
        """The first so many, and those that belong to the last of them: a row under its new key to that under its old."""
        if self.batch is not None and rows < len(self):
            while rows < len(self) and self.batch.ops[rows].as_py() == MOVED:
                rows += 1
        return self.cut(0, min(rows, len(self)))

    def cut(self, begin: int, end: int) -> Changes:
        """The changes from one index up to another."""
        if self.batch is None or (begin == 0 and end == len(self)):
            return self
        return replace(
            self, first=Place(self.first.entry, self.first.number + begin), batch=self.batch.cut(begin, end - begin)
        )


@dataclass(frozen=True, slots=True)
class Message:
    """One change as bytes.

    Attributes:
        key: of the row; None where the table was emptied.
        is_deletion: True where the row is gone.
    """

    path: TablePath
    place: Place
    key: bytes | None
    value: bytes
    is_deletion: bool


class Formatter(Protocol):
    """Makes bytes of changes. A module's own enters by the entry-point group `boathouse.capture.formatters`, whose value is
    called without arguments and returns one.
    """

    @property
    def content_type(self) -> str:
        """Of a body, as HTTP says it."""
        ...

    @property
    def per_change(self) -> bool:
        """True where each change can be a message of its own."""
        ...

    @property
    def mixes_tables(self) -> bool:
        """True where a body may hold changes of several tables."""
        ...

    def messages(self, changes: Changes) -> Iterable[Message]:
        """A message for each change, in order; never called where `per_change` is False."""
        ...

    def body(self, changes: Sequence[Changes]) -> bytes:
        """All of them in one body; of one table where `mixes_tables` is False."""
        ...


def rows_told(changes: Changes) -> pa.RecordBatch:
    """The rows with what happened to them and where, as columns beside their own, named like those of a history."""
    noted, batch = changes.noted, changes.batch
    if batch is None:
        moment = noted if changes.transaction is None else _moment(changes.transaction.committed_us)
        position = None if changes.transaction is None else str(changes.transaction.position)
        told = [["truncate"], [position], [None], [moment], [[]]]
        arrays = [pa.array(value, kind) for value, (_, kind) in zip(told, _TOLD, strict=True)]
        return pa.RecordBatch.from_arrays(arrays, names=[name for name, _ in _TOLD])
    count = len(batch)
    positions = pa.array([str(one.position) for one in batch.transactions], pa.string())
    moments = pa.array([one.committed_us for one in batch.transactions], pa.int64())
    names = [[batch.schema.columns[index].name for index in sorted(one)] for one in batch.patterns]
    patterns = [0] * count if batch.pattern is None else batch.pattern.to_pylist()
    told_arrays = [
        pa.array([OPERATIONS[op] for op in batch.ops.to_pylist()], pa.string()),
        positions.take(batch.transaction),
        batch.ordinals if batch.transactions else pa.nulls(count, pa.int64()),
        moments.take(batch.transaction).cast(pa.timestamp("us")).fill_null(noted),
        pa.array([names[pattern] for pattern in patterns], pa.list_(pa.string())),
    ]
    return pa.RecordBatch.from_arrays(
        [*batch.rows.columns, *told_arrays], names=[*batch.rows.schema.names, *(name for name, _ in _TOLD)]
    )


_TOLD = (
    ("_record_operation", pa.string()),
    ("_record_position", pa.string()),
    ("_record_ordinal", pa.int64()),
    ("_record_time", pa.timestamp("us")),
    ("_record_unchanged", pa.list_(pa.string())),
)


def _moment(microseconds: int) -> datetime:
    return _EPOCH + timedelta(microseconds=microseconds)


_EPOCH = datetime(1970, 1, 1)
