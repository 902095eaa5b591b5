"""Small batches of one table become one before an output is told: each costs it some milliseconds, however few rows it has.

Receives the runner's writes within one transaction; hands them on to the output's writer. Rows of a table keep their order,
among themselves and with all else that is told of it; those of several tables never had one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from boathouse.capture.changes import INSERT, MOVED, ChangeBatch, TablePath, TableSchema, Transaction
from boathouse.capture.output import Writer

ROWS_MAX = 20_000
"""That wait for more of their table."""


def joined(batches: Sequence[ChangeBatch]) -> ChangeBatch:
    """Batches of one shape, one behind the other, as one."""
    if len(batches) == 1:
        return batches[0]
    transactions: list[Transaction] = []
    patterns: dict[frozenset[int], int] = {frozenset(): 0}
    places, pattern = [], []
    for batch in batches:
        goes_on = bool(transactions) and transactions[-1] == batch.transactions[0]
        places.append(pc.add(batch.transaction, pa.scalar(len(transactions) - goes_on, pa.int32())))
        transactions.extend(batch.transactions[goes_on:])
        numbers = pa.array([patterns.setdefault(one, len(patterns)) for one in batch.patterns], pa.int32())
        given = pa.repeat(pa.scalar(0, pa.int32()), len(batch)) if batch.pattern is None else batch.pattern
        pattern.append(numbers.take(given))
    return ChangeBatch(
        batches[0].schema,
        pa.concat_batches([batch.rows for batch in batches]),
        pa.concat_arrays([batch.ops for batch in batches]),
        tuple(transactions),
        pa.concat_arrays(places),
        pa.concat_arrays([batch.ordinals for batch in batches]),
        tuple(patterns),
        pa.concat_arrays(pattern) if len(patterns) > 1 else None,
    )


@dataclass
class _Waiting:
    """Of one table.

    Attributes:
        rows, bytes: of `batches`.
        found: what `Writer.found` is to be told, for each dump.
    """

    rows: int = 0
    bytes: int = 0
    batches: list[ChangeBatch] = field(default_factory=list)
    found: dict[int, list[pa.RecordBatch]] = field(default_factory=dict)


class Joining:
    """See `capture.output.Writer`; what waits at the end, `flush` tells.

    Args:
        bytes_max: of a table that may wait.

    Attributes:
        redump: tables of which a row could not be completed, or columns have changed places.
    """

    def __init__(self, writer: Writer, bytes_max: int) -> None:
        self._writer, self._bytes_max = writer, bytes_max
        self._waiting: dict[TablePath, _Waiting] = {}
        self.redump: set[TablePath] = set()

    @property
    def held(self) -> list[TablePath]:
        """Tables of which something waits."""
        return list(self._waiting)

    def write(self, batch: ChangeBatch) -> bool:
        """See `Writer`; True, and `redump` says it later."""
        path = batch.schema.path
        waiting = self._waiting.get(path)
        if waiting is not None and not self._fits(batch, waiting):
            self.flush(path)
            waiting = None
        if not self._fits(batch, waiting or _Waiting()):
            self._hand_on(batch)
        else:
            waiting = self._waiting.setdefault(path, _Waiting())
            waiting.rows += len(batch)
            waiting.bytes += batch.rows.nbytes
            waiting.batches.append(batch)
        return True

    def found(self, dump: int, schema: TableSchema, rows: pa.RecordBatch) -> None:
        """See `Writer`."""
        waiting = self._waiting.get(schema.path)
        if waiting is None or waiting.batches[0].schema != schema:
            self._writer.found(dump, schema, rows)
        else:
            waiting.found.setdefault(dump, []).append(rows)

    def inserted(self, dump: int, batch: ChangeBatch) -> None:
        """Rows of a batch that has been written came into being: they were found too."""
        come = pc.is_in(batch.ops, pa.array([INSERT, MOVED], pa.int8()))
        if pc.any(come).as_py():
            self.found(dump, batch.schema, batch.rows.filter(come))

    def flush(self, path: TablePath) -> None:
        """Hand on what waits of a table.

        Raises:
            SourceRefused, UndefinedTable: this table cannot be written.
        """
        waiting = self._waiting.pop(path, None)
        if waiting is None:
            return
        self._hand_on(joined(waiting.batches))
        for dump, rows in waiting.found.items():
            self._writer.found(dump, waiting.batches[0].schema, pa.concat_batches(rows))

    def truncate(self, path: TablePath, transaction: Transaction | None = None) -> None:
        """See `Writer`."""
        self.flush(path)
        self._writer.truncate(path, transaction)

    def ghosts(self, dump: int, schema: TableSchema) -> ChangeBatch | None:
        """See `Writer`."""
        self.flush(schema.path)
        return self._writer.ghosts(dump, schema)

    def sweep(self, dump: int, schema: TableSchema) -> None:
        """Delete what the destination has and the source has not; what the log has inserted meanwhile was found too."""
        while (ghosts := self.ghosts(dump, schema)) is not None:
            self.write(ghosts)

    def shape(self, schema: TableSchema) -> bool:
        """See `Writer`; `redump` says it, too."""
        self.flush(schema.path)
        has_moved = self._writer.shape(schema)
        if has_moved:
            self.redump.add(schema.path)
        return has_moved

    def _fits(self, batch: ChangeBatch, waiting: _Waiting) -> bool:
        """True where a batch can wait with others; rows of a dump, which have no transaction, never do."""
        return (
            bool(batch.transactions)
            and waiting.rows + len(batch) <= ROWS_MAX
            and waiting.bytes + batch.rows.nbytes <= self._bytes_max
            and (not waiting.batches or waiting.batches[0].schema == batch.schema)
        )

    def _hand_on(self, batch: ChangeBatch) -> None:
        if not self._writer.write(batch):
            self.redump.add(batch.schema.path)
