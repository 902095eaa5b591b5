"""Arrow batches to COPY … TO STDOUT: CopyData messages in text, CSV or binary, a column at a time.

Receives a `CopyOut` from the query; hands the connection chunks for the socket.
Each row is a CopyData message of its own, as PostgreSQL documents ("COPY Operations": always one per row): psycopg
parses message by message. A chunk holds many whole messages.
Source: PostgreSQL's documentation, COPY, "File Formats".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from boathouse.contracts.answers import CopyOut
from boathouse.contracts.types import VARCHAR
from boathouse.endpoints.postgres.encode_rows import portions
from boathouse.wire.postgres.columns.as_binary import binary_column
from boathouse.wire.postgres.columns.as_copy import escaped, quoted
from boathouse.wire.postgres.columns.as_text import text_column
from boathouse.wire.postgres.columns.lines import constant, messages, with_lengths
from boathouse.wire.postgres.columns.storage import Column, from_strings

BINARY_HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
"""Signature, flags, length of the header's extension."""

BINARY_TRAILER = b"\xff\xff"

_HEAD_BYTES = 5


class CopyEncoder:
    """Encodes one COPY's batches and counts their rows.

    Args:
        copy: what to encode; its batches are not touched until `chunks` is iterated.
        timezone: the session's, in which timestamps with time zone are printed.

    Attributes:
        rows: encoded so far; at the end the count of the command tag `COPY n`.
    """

    def __init__(self, copy: CopyOut, timezone: str = "UTC") -> None:
        self.rows = 0
        self._copy = copy
        self._fields = copy.rows.fields
        self._timezone = timezone

    def chunks(self) -> Iterator[memoryview | bytes]:
        """Whole CopyData messages, header and trailer included; errors of the engine pass through."""
        encode = self._binary if self._copy.format == "binary" else self._lines
        if self._copy.header and self._copy.format != "binary":
            yield self._header()
        first = self._copy.format == "binary"
        for batch in self._copy.rows.batches:
            self.rows += batch.num_rows
            if first and batch.num_rows:
                # The header travels with the first row, as from PostgreSQL itself: psycopg expects it there.
                yield _message(BINARY_HEADER + bytes(encode(batch.slice(0, 1)))[_HEAD_BYTES:])
                batch, first = batch.slice(1), False
            if batch.num_rows:
                yield from portions(batch, encode)
        if self._copy.format == "binary":
            yield _message(BINARY_HEADER + BINARY_TRAILER) if first else _message(BINARY_TRAILER)

    def _binary(self, batch: Any) -> Any:
        rows = batch.num_rows
        columns = [binary_column(batch.column(place), field.type) for place, field in enumerate(self._fields)]
        count = constant(len(self._fields).to_bytes(2, "big"), rows)
        return messages(b"d", [count, *with_lengths(columns, rows)], rows)

    def _lines(self, batch: Any) -> Any:
        columns = []
        for place, field in enumerate(self._fields):
            column = text_column(batch.column(place), field.type, self._timezone)
            columns.append(self._ready(column, field.type))
        return self._delimited(columns, batch.num_rows)

    def _header(self) -> Any:
        names = (from_strings(pa.array([field.name], pa.string())) for field in self._fields)
        return self._delimited([self._ready(name, VARCHAR) for name in names], 1)

    def _ready(self, column: Column, sql_type: Any) -> Column:
        copy = self._copy
        if copy.format == "text":
            return escaped(column, sql_type, copy.delimiter, copy.null)
        alone = len(self._fields) == 1
        return quoted(column, sql_type, copy.delimiter, copy.null, copy.quote, copy.escape, alone)

    def _delimited(self, columns: list[Column], rows: int) -> Any:
        delimiter = constant(self._copy.delimiter.encode(), rows)
        pieces: list[Column] = []
        for column in columns:
            pieces += [column, delimiter]
        if pieces:
            pieces.pop()
        return messages(b"d", [*pieces, constant(b"\n", rows)], rows)


def _message(payload: bytes) -> bytes:
    return b"d" + (len(payload) + 4).to_bytes(4, "big") + payload
