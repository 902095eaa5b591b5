"""Arrow batches to DataRow messages, a column at a time.

Receives `Rows.batches` from the query; hands the connection chunks for the socket, each a whole number of messages.
Source: PostgreSQL's documentation, "Message Formats" (DataRow) and "Overview of protocol: Formats and Format Codes".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pyarrow as pa

from boathouse.contracts.answers import Field
from boathouse.contracts.errors import DataError
from boathouse.wire.postgres.columns.as_binary import binary_column
from boathouse.wire.postgres.columns.as_text import text_column
from boathouse.wire.postgres.columns.lines import StreamTooLong, constant, messages, with_lengths
from boathouse.wire.postgres.columns.plain import raw_values
from boathouse.wire.postgres.columns.storage import Column, fields_of
from boathouse.wire.postgres.forms.write_binary import binary_writer
from boathouse.wire.postgres.forms.write_text import text_writer

ROWS_MIN = 40
"""Below this many rows single values are written one by one: a column's kernels cost more than they save."""

BATCH_BYTES_MAX = 1 << 26
"""Larger batches are encoded in halves, so that a result of wide rows does not double its memory."""


class RowEncoder:
    """Encodes one result's batches.

    Args:
        fields: the result's columns; batches have `types.arrow_type(field.type)`, dictionaries and extensions allowed.
        formats: 0 text or 1 binary per column, as long as `fields`.
        timezone: the session's, in which timestamps with time zone are printed.
    """

    def __init__(self, fields: tuple[Field, ...], formats: Sequence[int], timezone: str = "UTC") -> None:
        self.fields = fields
        self.formats = tuple(formats)
        self.timezone = timezone
        self._count = len(fields).to_bytes(2, "big")
        self._writers = [
            binary_writer(field.type) if form else text_writer(field.type, timezone)
            for field, form in zip(fields, self.formats, strict=True)
        ]

    def encode(self, batch: pa.RecordBatch) -> Sequence[memoryview | bytes]:
        """The batch's DataRow messages in one or more chunks; none for an empty batch.

        Raises:
            DataError: 54000, a single row exceeds PostgreSQL's gigabyte.
        """
        rows = batch.num_rows
        if not rows:
            return ()
        if rows < ROWS_MIN and batch.nbytes < BATCH_BYTES_MAX:
            return (self._small(batch),)
        return tuple(portions(batch, self._large))

    def _large(self, batch: Any) -> memoryview | bytes:
        rows = batch.num_rows
        columns = [self._column(index, batch.column(index)) for index in range(len(self.fields))]
        stream: memoryview | bytes = messages(b"D", [constant(self._count, rows), *with_lengths(columns, rows)], rows)
        return stream

    def _column(self, index: int, array: Any) -> Column:
        sql_type = self.fields[index].type
        return binary_column(array, sql_type) if self.formats[index] else text_column(array, sql_type, self.timezone)

    def _small(self, batch: Any) -> bytes:
        rows = batch.num_rows
        bodies = [bytearray(self._count) for _ in range(rows)]
        for index, write in enumerate(self._writers):
            array = batch.column(index)
            if write is None:
                written = fields_of(self._column(index, array))
            else:
                values = raw_values(array, self.fields[index].type)
                written = [None if value is None else write(value) for value in values]
            for body, data in zip(bodies, written, strict=True):
                if data is None:
                    body += b"\xff\xff\xff\xff"
                else:
                    body += len(data).to_bytes(4, "big")
                    body += data
        out = bytearray()
        for body in bodies:
            out += b"D"
            out += (len(body) + 4).to_bytes(4, "big")
            out += body
        return bytes(out)


def portions(batch: Any, encode: Callable[[Any], Any]) -> Iterator[Any]:
    """What `encode` makes of the batch, or of its halves where the batch or its stream is too large.

    Raises:
        DataError: 54000, a single row exceeds PostgreSQL's gigabyte.
    """
    rows = batch.num_rows
    if batch.nbytes <= BATCH_BYTES_MAX or rows == 1:
        try:
            yield encode(batch)
            return
        except (StreamTooLong, pa.ArrowCapacityError):
            if rows == 1:
                raise DataError("a row of the result exceeds one gigabyte", sqlstate="54000") from None
    yield from portions(batch.slice(0, rows // 2), encode)
    yield from portions(batch.slice(rows // 2), encode)
