"""A small source in which a transaction stands in the log before reads can see it, and a sink that may lose its memory.

The order of the log and the order of visibility are the simulation's to choose, within what row locks allow: a
transaction that changes a row waits until the one that changed it before can be seen.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import pyarrow as pa

from boathouse.capture.changes import (
    DELETE,
    INSERT,
    MOVED,
    READ,
    UPDATE,
    ChangeBatch,
    Chunk,
    Column,
    LogItem,
    Mark,
    SchemaChanged,
    SeesAll,
    TableSchema,
    Transaction,
    Truncated,
    Visibility,
)
from boathouse.capture.window import KEYS_MAX, Closed, Window
from boathouse.contracts.types import BIGINT, INTEGER

SHAPES = (
    TableSchema("public", "t", (Column("id", INTEGER, "integer"), Column("version", BIGINT, "bigint")), (0,)),
    TableSchema("public", "t", (Column("id", INTEGER, "integer"), Column("version", BIGINT, "numeric")), (0,)),
)
PATH = SHAPES[0].path


@dataclass(frozen=True, order=True)
class Place:
    at: int


class Change(NamedTuple):
    """("put", key), ("delete", key), ("move", key, to), ("truncate",) or ("reshape",)."""

    verb: str
    key: int = 0
    to: int = 0


@dataclass(frozen=True)
class Snapshot:
    unseen: frozenset[int]
    next_xid: int

    def sees(self, xid: int) -> bool:
        return xid < self.next_xid and xid not in self.unseen


@dataclass
class SimulatedSource:
    """Rows are key → version; versions only grow."""

    log: list[LogItem] = field(default_factory=list)
    visible: dict[int, int] = field(default_factory=dict)
    shape: TableSchema = SHAPES[0]
    xid: int = 100
    version: int = 0
    unseen: dict[int, list[tuple[int, int | None]]] = field(default_factory=dict)
    locked: dict[int, set[int] | None] = field(default_factory=dict)

    def preload(self, keys: Iterable[int]) -> None:
        """Rows from before the log began."""
        for key in keys:
            self.version += 1
            self.visible[key] = self.version

    def commit(self, changes: list[Change]) -> None:
        """Write a transaction into the log; reads see it only after `show`."""
        keys = {change.key for change in changes} | {change.to for change in changes if change.verb == "move"}
        whole = any(change.verb in ("truncate", "reshape") for change in changes)
        for xid, held in list(self.locked.items()):
            if whole or held is None or keys & held:
                self.show(xid)
        self.xid += 1
        place = Transaction(Place(len(self.log) + 1), self.xid, 0)
        after = dict(self.visible)
        writes: list[tuple[int, int | None]] = []
        rows: list[tuple[int, int, int | None]] = []
        for change in changes:
            if change.verb == "reshape":
                self.shape = SHAPES[1 - SHAPES.index(self.shape)]
                self.log.append(SchemaChanged(self.shape))
            elif change.verb == "truncate":
                self._log_rows(rows, place)
                rows = []
                self.log.append(Truncated(PATH, place))
                writes += [(key, None) for key in after]
                after = {}
            else:
                self._change(change, after, rows, writes)
        self._log_rows(rows, place)
        self.unseen[self.xid] = writes
        self.locked[self.xid] = None if whole else keys

    def _change(
        self,
        change: Change,
        after: dict[int, int],
        rows: list[tuple[int, int, int | None]],
        writes: list[tuple[int, int | None]],
    ) -> None:
        self.version += 1
        if change.verb == "put":
            rows.append((UPDATE if change.key in after else INSERT, change.key, self.version))
            after[change.key] = self.version
            writes.append((change.key, self.version))
        elif change.verb == "delete" and change.key in after:
            rows.append((DELETE, change.key, None))
            del after[change.key]
            writes.append((change.key, None))
        elif change.verb == "move" and change.key in after and change.to not in after:
            rows += [(DELETE, change.key, None), (MOVED, change.to, self.version)]
            del after[change.key]
            after[change.to] = self.version
            writes += [(change.key, None), (change.to, self.version)]

    def _log_rows(self, rows: list[tuple[int, int, int | None]], place: Transaction) -> None:
        if rows:
            self.log.append(batch_of(self.shape, rows, (place,)))

    def show(self, xid: int) -> None:
        """Let reads see a transaction."""
        for key, version in self.unseen.pop(xid):
            if version is None:
                self.visible.pop(key, None)
            else:
                self.visible[key] = version
        del self.locked[xid]

    def show_all(self) -> None:
        for xid in list(self.unseen):
            self.show(xid)

    def snapshot(self) -> Snapshot:
        return Snapshot(frozenset(self.unseen), self.xid + 1)

    def mark(self, token: str) -> None:
        self.log.append(Mark(token))

    def read(self, after: int, upto: int, rows: int, visibility: Visibility | None) -> Chunk:
        keys = sorted(key for key in self.visible if after < key <= upto)[:rows]
        found = pa.record_batch(
            [pa.array(keys, pa.int32()), pa.array([self.visible[key] for key in keys], pa.int64())],
            schema=self.shape.arrow,
        )
        onward = (str(keys[-1]),) if len(keys) == rows else None
        return Chunk(self.shape, found, visibility or self.snapshot(), onward)


def batch_of(
    shape: TableSchema, rows: list[tuple[int, int, int | None]], transactions: tuple[Transaction, ...]
) -> ChangeBatch:
    ops, keys, versions = zip(*rows, strict=True)
    return ChangeBatch(
        shape,
        pa.record_batch([pa.array(keys, pa.int32()), pa.array(versions, pa.int64())], schema=shape.arrow),
        pa.array(ops, pa.int8()),
        transactions,
        pa.array([0] * len(rows), pa.int32()),
        pa.array(range(len(rows)), pa.int64()),
    )


class WentBackwards(AssertionError):
    """A key was given an older state than it had."""


@dataclass
class Sink:
    """Key → version, with the newest version that each key ever had."""

    rows: dict[int, int] = field(default_factory=dict)
    newest: dict[int, int] = field(default_factory=dict)
    place: int = 0
    cursor: int | None = 0
    unsettled: tuple[int, ...] = ()

    def copy(self) -> Sink:
        return Sink(dict(self.rows), dict(self.newest), self.place, self.cursor, self.unsettled)

    def take(self, item: LogItem) -> None:
        if isinstance(item, Truncated):
            for key in self.rows:
                self.newest[key] = self.rows[key] + 1
            self.rows = {}
        if not isinstance(item, ChangeBatch):
            return
        for op, key, version in zip(item.ops.to_pylist(), *(c.to_pylist() for c in item.rows.columns), strict=True):
            if op == DELETE:
                self.newest[key] = max(self.newest.get(key, 0), self.rows.pop(key, 0) + 1)
                continue
            if op == READ and version < self.newest.get(key, 0):
                raise WentBackwards(f"key {key}: version {version} after {self.newest[key]}")
            self.rows[key] = self.newest[key] = version


class Capture:
    """Runs the machine over the simulated source.

    Args:
        classic: the published algorithm: chunks are taken to have seen all that the log has.
        keys_max: as the window's.
    """

    def __init__(self, source: SimulatedSource, upto: int, *, classic: bool, keys_max: int = KEYS_MAX) -> None:
        self.source, self.upto, self.classic, self.keys_max = source, upto, classic, keys_max
        self.sink = Sink()
        self.durable = self.sink.copy()
        self.window = Window((), keys_max)
        self.tokens = 0
        self.unseen = 0

    def pump(self, count: int) -> None:
        """Take so many items of the log."""
        for item in self.source.log[self.sink.place : self.sink.place + count]:
            self.sink.place += 1
            for out in self.window.feed(item):
                if isinstance(out, Closed):
                    self._closed(out)
                else:
                    self.sink.take(out)

    def _closed(self, closed: Closed) -> None:
        self.unseen += closed.unseen
        if not closed.again:
            self.sink.cursor = None if closed.chunk.after is None else int(closed.chunk.after[0])
            if self.sink.cursor is None:
                self.window.forget(PATH)

    def read_chunk(self, rows: int, between: Iterator[None]) -> None:
        """LOW, the read, HIGH; `between` lets the workload go on around the read."""
        if self.sink.cursor is None or self.window.is_open:
            return
        self.tokens += 2
        low, high = f"low {self.tokens}", f"high {self.tokens}"
        self.window.open(PATH, low, high)
        self.source.mark(low)
        next(between, None)
        chunk = self.source.read(self.sink.cursor, self.upto, rows, SeesAll() if self.classic else None)
        next(between, None)
        self.source.mark(high)
        self.window.offer(chunk)

    def make_durable(self) -> None:
        self.window.settle(SeesAll() if self.classic else self.source.snapshot())
        self.sink.unsettled = tuple(self.window.unsettled)
        self.durable = self.sink.copy()

    def crash(self) -> None:
        """Begin anew from what is durable."""
        self.sink = self.durable.copy()
        self.window = Window(self.sink.unsettled, self.keys_max)

    def finish(self, rows: int) -> None:
        """Let everything be seen, and take the rest of the log and of the dump."""
        self.source.show_all()
        while self.sink.cursor is not None or self.window.is_open:
            self.read_chunk(rows, iter(()))
            self.pump(len(self.source.log))
        self.pump(len(self.source.log))
