"""The watermark machine: puts the rows of a dump between the changes of a log so that none overtakes a newer state.

Receives the log's items in order, and chunks that were read between two watermarks; hands on the same items, and at a
chunk's high watermark those of its rows that nothing newer has touched. It touches nothing: no socket, clock, thread.

A chunk is read after its low watermark is committed and before its high one. In the published algorithm a row survives
unless the log has a change of its key between the two. That is not enough where a transaction may stand in the log before
it can be seen, as PostgreSQL's may: a change from before the low watermark, already handed on, can be missing from the
chunk. So the machine remembers, for the tables under a dump, which transactions changed which keys, and drops a row too
where any of them is one that the chunk's own snapshot did not see, wherever in the log it stands. What snapshots have
seen is forgotten, so that memory holds the keys of about one chunk's time.

Of what was handed on before remembering began (before the dump, or before a restart) only the transactions' numbers are
known, `unsettled`. While the snapshot of a chunk misses one of them, the chunk is read again. So it is where a large
transaction changed more keys than are to be remembered.

Source: Andreakis, Papapanagiotou: "DBLog: A Watermark Based Change-Data-Capture Framework", algorithm 1, and what
PostgreSQL needs beyond it (docs/decisions/0020-what-a-chunk-did-not-see.md).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import pyarrow as pa

from boathouse.capture.changes import (
    DELETE,
    READ,
    ChangeBatch,
    Chunk,
    Key,
    LogItem,
    Mark,
    Rearranged,
    SchemaChanged,
    TableFailed,
    TablePath,
    Truncated,
    Visibility,
    keys_of,
)

KEYS_MAX = 500_000
"""Keys of a table that are remembered, about 100 bytes each and more; beyond it only their transactions' numbers are."""


@dataclass(frozen=True)
class Closed:
    """A chunk's window has closed: its rows, if any, come just before this.

    Attributes:
        chunk: as offered.
        again: nothing of it was handed on; it must be read again, under new watermarks.
        kept: how many rows were handed on; `unseen` and `overtaken` were dropped, as changes that the chunk did not see
            had touched them, or changes between the watermarks.
    """

    chunk: Chunk
    again: bool
    kept: int = 0
    unseen: int = 0
    overtaken: int = 0


@dataclass
class _Memory:
    """What has happened to a table since its dump began.

    Attributes:
        blind: transactions of before, whose keys are not known.
        keys: transaction that has not been seen by a snapshot yet → keys that it changed, some maybe twice.
        emptied: such transactions that emptied the whole table.
        count: of `keys` in all.
    """

    blind: set[int]
    keys: defaultdict[int, list[Key]] = field(default_factory=lambda: defaultdict(list))
    emptied: set[int] = field(default_factory=set)
    count: int = 0

    def note(self, batch: ChangeBatch, keys: list[Key]) -> None:
        """Remember what a batch changed."""
        xids = [transaction.xid for transaction in batch.transactions]
        if len(xids) == 1:
            self.keys[xids[0]].extend(keys)
        else:
            for key, index in zip(keys, batch.transaction.to_pylist(), strict=True):
                self.keys[xids[index]].append(key)
        self.count += len(keys) - len(self.keys.pop(0, ()))

    def forget_keys(self) -> None:
        """Remember the transactions alone: a chunk that did not see one of them is worth nothing."""
        self.blind.update(self.keys)
        self.keys.clear()
        self.count = 0

    def settle(self, visibility: Visibility) -> None:
        """Forget what a snapshot saw; later ones see it too."""
        _drop_seen(self.blind, visibility)
        _drop_seen(self.emptied, visibility)
        for xid in [xid for xid in self.keys if visibility.sees(xid)]:
            self.count -= len(self.keys.pop(xid))

    def unseen(self, visibility: Visibility) -> set[Key]:
        """The keys that transactions changed which a snapshot did not see."""
        return set().union(*(keys for xid, keys in self.keys.items() if not visibility.sees(xid)))


@dataclass
class _Open:
    """The one window that is open.

    Attributes:
        low_met: the log is past the low watermark.
        hits: keys that changed since.
        too_many: more than can be remembered.
    """

    path: TablePath
    low: str
    high: str
    chunk: Chunk | None = None
    low_met: bool = False
    hits: set[Key] = field(default_factory=set)
    too_many: bool = False
    emptied: bool = False
    shapes: set[str] = field(default_factory=set)


class WatermarkError(Exception):
    """The log has a watermark where none can be: nothing that follows may be trusted."""


class Window:
    """See the module.

    Args:
        unsettled: from the durable `Progress`.
        keys_max: that are remembered of a table.
    """

    def __init__(self, unsettled: Iterable[int] = (), keys_max: int = KEYS_MAX) -> None:
        self._keys_max = keys_max
        self.unsettled = set(unsettled)
        self._memories: dict[TablePath, _Memory] = {}
        self._open: _Open | None = None

    @property
    def is_open(self) -> bool:
        """True from `open` until the chunk's high watermark has been met."""
        return self._open is not None

    @property
    def table(self) -> str:
        """Of the open window; empty for none."""
        return "" if self._open is None else ".".join(self._open.path)

    def ends_with(self, mark: Mark) -> bool:
        """True where the chunk's rows will come with this watermark; any other brings nothing."""
        return self._open is not None and self._open.high == mark.token

    @property
    def remembered(self) -> int:
        """How many keys are held in memory."""
        return sum(memory.count for memory in self._memories.values())

    # -- the dump's side -------------------------------------------------------------------------------------

    def open(self, path: TablePath, low: str, high: str) -> None:
        """A chunk of this table is about to be read; call before the low watermark is written.

        Args:
            low, high: tokens never used before.
        """
        if self._open is not None:
            raise WatermarkError("a window is open already")
        if path not in self._memories:
            self._memories[path] = _Memory(set(self.unsettled))
        self._open = _Open(path, low, high)

    def offer(self, chunk: Chunk) -> None:
        """The chunk, read between the two; call once the high watermark is written and before the next `feed`."""
        assert self._open is not None and self._open.chunk is None
        self._open.chunk = chunk

    def forget(self, path: TablePath) -> None:
        """The table's dump is over, or given up."""
        self._memories.pop(path, None)
        if self._open is not None and self._open.path == path:
            self._open = None

    def rest(self) -> None:
        """No table is to be read for now: a dump that goes on later begins to remember anew, as after a restart."""
        if self._open is None:
            self._memories.clear()

    def settle(self, visibility: Visibility) -> None:
        """A snapshot was taken just now: forget what it saw.

        Not what the open window's chunk may have missed: that was read before, and saw less.
        """
        _drop_seen(self.unsettled, visibility)
        for path, memory in self._memories.items():
            if self._open is None or self._open.path != path:
                memory.settle(visibility)

    # -- the log's side --------------------------------------------------------------------------------------

    def feed(self, item: LogItem) -> list[LogItem | Closed]:
        """Take the log's next item; returns what is to be handed on, in order.

        Raises:
            WatermarkError: a window's watermarks came in the wrong order.
        """
        if isinstance(item, ChangeBatch):
            self._note_rows(item)
        elif isinstance(item, Truncated):
            self._note_emptied(item)
        elif isinstance(item, TableFailed):
            self.unsettled.update(item.xids)
            self.forget(item.path)
        elif isinstance(item, Rearranged):
            if item.dump:
                self.forget(item.path)  # what was read of it was before
        elif isinstance(item, SchemaChanged):
            if self._within(item.schema.path):
                assert self._open is not None
                self._open.shapes.add(item.schema.fingerprint)
        elif isinstance(item, Mark):
            return self._meet(item.token)
        return [item]

    def _note_rows(self, batch: ChangeBatch) -> None:
        self.unsettled.update(transaction.xid for transaction in batch.transactions if transaction.xid)
        memory = self._memories.get(batch.schema.path)
        if memory is None:
            return
        keys = batch.keys()
        memory.note(batch, keys)
        if memory.count > self._keys_max:
            memory.forget_keys()
        if self._within(batch.schema.path):
            assert self._open is not None
            if not self._open.too_many:
                self._open.hits.update(keys)
            if len(self._open.hits) > self._keys_max:
                self._open.too_many, self._open.hits = True, set()

    def _note_emptied(self, item: Truncated) -> None:
        if item.transaction.xid:
            self.unsettled.add(item.transaction.xid)
        memory = self._memories.get(item.path)
        if memory is not None and item.transaction.xid:
            memory.emptied.add(item.transaction.xid)
        if self._within(item.path):
            assert self._open is not None
            self._open.emptied = True

    def _within(self, path: TablePath) -> bool:
        return self._open is not None and self._open.low_met and self._open.path == path

    def _meet(self, token: str) -> list[LogItem | Closed]:
        window = self._open
        if window is None or token not in (window.low, window.high):
            return []  # of an earlier run
        if token == window.low:
            if window.low_met:
                raise WatermarkError("a low watermark came twice")
            window.low_met = True
            return []
        if not window.low_met or window.chunk is None:
            raise WatermarkError("a high watermark came before its low one, or before its chunk")
        self._open = None
        return self._close(window, window.chunk)

    def _close(self, window: _Open, chunk: Chunk) -> list[LogItem | Closed]:
        memory, sees = self._memories[window.path], chunk.visibility.sees
        reshaped = any(shape != chunk.schema.fingerprint for shape in window.shapes)
        if reshaped or window.too_many or not all(sees(xid) for xid in memory.blind):
            self.settle(chunk.visibility)
            return [Closed(chunk, again=True)]
        rows = chunk.rows if chunk.absent is None else _joined(chunk.rows, chunk.absent)
        unseen_keys, unseen = memory.unseen(chunk.visibility), 0
        kept: Sequence[int] = range(rows.num_rows)
        if any(not sees(xid) for xid in memory.emptied):
            kept, unseen = (), rows.num_rows
        elif window.emptied or unseen_keys or window.hits:
            keys = keys_of(chunk.schema, rows)
            unseen = sum(key in unseen_keys for key in keys)
            kept = [index for index, key in enumerate(keys) if key not in unseen_keys and key not in window.hits]
            kept = () if window.emptied else kept
        self.settle(chunk.visibility)
        closed = Closed(chunk, False, len(kept), unseen, rows.num_rows - unseen - len(kept))
        return [_read_rows(chunk, rows, kept), closed] if kept else [closed]


def _drop_seen(xids: set[int], visibility: Visibility) -> None:
    xids.difference_update([xid for xid in xids if visibility.sees(xid)])


def _joined(rows: pa.RecordBatch, absent: pa.RecordBatch) -> pa.RecordBatch:
    both = pa.Table.from_batches([rows, absent]).combine_chunks().to_batches()
    return both[0] if both else rows


def _read_rows(chunk: Chunk, rows: pa.RecordBatch, kept: Sequence[int]) -> ChangeBatch:
    """What survives, as a batch that belongs to no transaction: the chunk's rows, then the keys that have none."""
    found = rows if len(kept) == rows.num_rows else rows.take(pa.array(kept, pa.int64()))
    return ChangeBatch(
        chunk.schema,
        found,
        pa.array([READ if index < chunk.rows.num_rows else DELETE for index in kept], pa.int8()),
        (),
        pa.nulls(len(kept), pa.int32()),
        pa.array(range(len(kept)), pa.int64()),
    )
