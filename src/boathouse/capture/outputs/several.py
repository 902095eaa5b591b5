"""The warehouse and any number of other outputs as one: what one transaction takes, all of them have when it is durable.

Receives the runner's work; the files of an output are durable before the warehouse commits, and the commit stores how far
each output is. So the source is never told of more than all of them hold.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import pyarrow as pa

from boathouse.capture.changes import ChangeBatch, TablePath, TableSchema, Transaction
from boathouse.capture.output import Output, Progress, Writer
from boathouse.capture.outputs.files import FilesOutput
from boathouse.capture.outputs.spooled import Spool


class SeveralOutputs:
    """See `capture.output.Output`.

    Args:
        warehouse: whose transaction it is.
        others: those that have failed for good are passed over.
    """

    def __init__(self, warehouse: Output, others: Sequence[FilesOutput]) -> None:
        self._warehouse, self._others = warehouse, others

    @property
    def is_new(self) -> bool:
        """See `Output`."""
        return any(other.is_taking and not other.state.position for other in self._others)

    def open(self) -> Progress | None:
        """See `Output`."""
        progress = self._warehouse.open()
        for other in self._others:
            other.open()
        return progress

    def make(self, schema: TableSchema) -> bool:
        """See `Output`. Files need no making."""
        return self._warehouse.make(schema)

    def capture(self, paths: list[TablePath]) -> None:
        """See `Output`."""
        self._warehouse.capture(paths)

    def sweep(self, dump: int, path: TablePath) -> bool:
        """See `Output`. What the warehouse has too much of, all of them are told to delete."""
        return self._warehouse.sweep(dump, path)

    def swept(self, dump: int) -> None:
        """See `Output`."""
        self._warehouse.swept(dump)

    def transact(self, work: Callable[[Writer], Progress]) -> None:
        """See `Output`."""
        taking = [other for other in self._others if other.is_taking]

        def everywhere(writer: Writer) -> Progress:
            progress = work(_Everywhere(writer, [other.begin() for other in taking]))
            states = {other.spec.name: other.finish(progress.position) for other in taking}
            return replace(progress, outputs=states)

        try:
            self._warehouse.transact(everywhere)
        except BaseException:
            for other in taking:
                other.give_up()
            raise
        for other in taking:
            other.settle()


class _Everywhere:
    """See `capture.output.Writer`. The warehouse comes first: what it refuses goes nowhere."""

    def __init__(self, warehouse: Writer, spools: Sequence[Spool]) -> None:
        self._warehouse, self._spools = warehouse, spools

    def write(self, batch: ChangeBatch) -> bool:
        """See `Writer`."""
        whole = self._warehouse.write(batch)
        for spool in self._spools:
            spool.write(batch)
        return whole

    def truncate(self, path: TablePath, transaction: Transaction | None = None) -> None:
        """See `Writer`."""
        self._warehouse.truncate(path, transaction)
        for spool in self._spools:
            spool.truncate(path, transaction)

    def found(self, dump: int, schema: TableSchema, rows: pa.RecordBatch) -> None:
        """See `Writer`."""
        self._warehouse.found(dump, schema, rows)

    def ghosts(self, dump: int, schema: TableSchema) -> ChangeBatch | None:
        """See `Writer`."""
        return self._warehouse.ghosts(dump, schema)

    def shape(self, schema: TableSchema) -> object:
        """See `Writer`. Each file says its own shape."""
        return self._warehouse.shape(schema)
