"""Gathers the row images of one table until they are worth a batch, over many events and transactions.

Receives `Rows` from the decoder, hands `ChangeBatch`es to `follow`. Pure.

Of an UPDATE only the key is read from the image before: where it differs, the change is told as the DELETE of the old key
and the arrival of the new one. Everything else of that image is skipped, unread.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from boathouse.capture.changes import (
    DELETE,
    INSERT,
    MOVED,
    UPDATE,
    ChangeBatch,
    TableSchema,
    Transaction,
)
from boathouse.capture.changes import Column as ChangeColumn
from boathouse.capture.formats.fitting import STRICT, Lenient, fitted
from boathouse.capture.mysql.decode.columns import Column, ZeroDates, column_of, source_type, sql_type
from boathouse.capture.mysql.decode.decoder import Rows, RowsKind
from boathouse.capture.mysql.decode.frames import MalformedEvent
from boathouse.capture.mysql.decode.row_plan import Images, RowPlan
from boathouse.capture.mysql.decode.table_map import TableMap
from boathouse.capture.mysql.decode.values import images_arrays, images_batch
from boathouse.contracts.errors import FeatureNotSupported
from boathouse.contracts.source_errors import SourceRefused

_OPS = {RowsKind.INSERT: INSERT, RowsKind.UPDATE: UPDATE, RowsKind.DELETE: DELETE}


def table_schema(
    schema: str, table: str, columns: Sequence[Column], key: tuple[int, ...], zero_dates: ZeroDates
) -> TableSchema:
    """A table's shape as the house speaks of it.

    Raises:
        FeatureNotSupported: without a primary key.
    """
    if not key:
        raise FeatureNotSupported(
            f'table "{schema}.{table}" has no primary key',
            hint="Add one, or leave the table out of the source's tables.",
        )
    described = tuple(
        ChangeColumn(one.name, sql_type(one, zero_dates), source_type(one), one.nullable and index not in key)
        for index, one in enumerate(columns)
    )
    return TableSchema(schema, table, described, key)


class Collector:
    """The changes of one table in one shape since the last batch."""

    def __init__(
        self, table: TableMap, zero_dates: ZeroDates, named: TableMap | None = None, lenient: Lenient = STRICT
    ) -> None:
        """`named`: the same with its columns' names, where the log has none.

        Raises:
            FeatureNotSupported: the shape holds what is not captured; says what.
        """
        self.table = table
        shape = named or table
        columns = tuple(map(column_of, shape.columns))
        self.schema = table_schema(shape.schema, shape.table, columns, shape.key, zero_dates)
        self._zero_dates = zero_dates
        self._lenient = lenient
        if lenient.replaces:
            columns = tuple(replace(one, replaces=i not in self.schema.key) for i, one in enumerate(columns))
        self._plan = RowPlan(columns)
        self._clear()

    def _clear(self) -> None:
        self._images = self._plan.images()
        self._runs: list[tuple[int, int, int, int]] = []  # of an event: rows, op, transaction, first ordinal
        self._transactions: list[Transaction] = []
        self._rows = 0

    def __len__(self) -> int:
        return self._rows

    def add(self, rows: Rows, transaction: Transaction, ordinal: int) -> int:
        """Add an event's changes, the first of which has this number in its transaction; how many there were.

        Raises:
            SourceRefused: the images are not whole rows.
        """
        if rows.refusal:
            raise SourceRefused(
                f'a change of "{self.schema.schema}.{self.schema.name}" was logged with {rows.refusal}',
                hint="SET GLOBAL binlog_row_image = FULL and binlog_row_value_options = ''; sessions may not change them.",
            )
        if not self._transactions or self._transactions[-1] is not transaction:
            self._transactions.append(transaction)
        count = self._plan.read(rows.content, rows.start, self._images)
        if rows.kind is RowsKind.UPDATE:
            count, odd = divmod(count, 2)
            if odd:
                raise MalformedEvent("an updated row has no image after the change")
        self._runs.append((count, _OPS[rows.kind], len(self._transactions) - 1, ordinal))
        self._rows += count
        return count

    def batch(self) -> ChangeBatch:
        """The changes gathered, and begin anew.

        Raises:
            SourceRefused, DataError: a value that the warehouse's type cannot hold; the changes are gone.
        """
        try:
            return self._batch()
        finally:
            self._clear()

    def _batch(self) -> ChangeBatch:
        runs = np.array(self._runs, dtype=np.int64).reshape(-1, 4)
        counts = runs[:, 0]
        ops, transaction, first = (np.repeat(runs[:, place], counts) for place in (1, 2, 3))
        within = np.arange(len(ops)) - np.repeat(np.cumsum(counts) - counts, counts)
        ordinals, updated = first + within, np.flatnonzero(ops == UPDATE)
        # An updated row has two images, before and after; any other has one.
        after = np.cumsum(1 + (ops == UPDATE)) - 1
        images, before = _picked(self._images, after), _picked(self._images, after[updated] - 1)
        rows = images_batch(self._plan, images, self._zero_dates)
        moved, old = self._moved(rows, updated, before)
        if len(moved):
            order = np.insert(np.arange(len(ops)), moved, np.arange(len(ops), len(ops) + len(moved)))
            ops[moved] = MOVED
            rows = pa.Table.from_batches([rows, old]).combine_chunks().take(pa.array(order)).to_batches()[0]
            ops = np.insert(ops, moved, DELETE)
            transaction = np.insert(transaction, moved, transaction[moved])
            ordinals = np.insert(ordinals, moved, ordinals[moved])
        rows = fitted(self.schema, rows, self._lenient)
        return ChangeBatch(
            self.schema,
            rows,
            pa.array(ops, type=pa.int8()),
            tuple(self._transactions),
            pa.array(transaction, type=pa.int32()),
            pa.array(ordinals, type=pa.int64()),
        )

    def _moved(
        self, rows: pa.RecordBatch, places: npt.NDArray[np.int64], images: Images
    ) -> tuple[npt.NDArray[np.int64], pa.RecordBatch]:
        """Rows whose key another one took the place of, and the rows to delete: the old keys, all else NULL.

        Args:
            places: of the updated rows, whose images before are `images`.
        """
        if not len(places):
            return places, rows
        before = images_arrays(self._plan, images, self._zero_dates, self.schema.key)
        after = rows.take(pa.array(places)) if len(places) < rows.num_rows else rows
        changed = np.zeros(len(places), dtype=np.bool_)
        for index, old in before.items():
            changed |= pc.not_equal(old, after.column(index)).to_numpy(zero_copy_only=False)
        chosen = pa.array(np.flatnonzero(changed))
        arrays = [
            before[index].take(chosen) if index in before else pa.nulls(len(chosen), field.type)
            for index, field in enumerate(rows.schema)
        ]
        return places[changed], pa.record_batch(arrays, schema=rows.schema)


def _picked(images: Images, places: npt.NDArray[np.int64]) -> Images:
    """Those at the places, which ascend."""
    if len(places) == len(images):
        return images
    chosen = places.tolist()
    return Images(
        [images.nulls[place] for place in chosen], [[part[place] for place in chosen] for part in images.parts]
    )
