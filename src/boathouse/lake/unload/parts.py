"""Batches of one slice and one folder to files of bounded size on local disk.

Received: batches from `spread`. Handed on: `StagedFile`s, complete and closed, to `write`, which publishes them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from boathouse.contracts.answers import Field
from boathouse.contracts.types import SUPER
from boathouse.lake.unload.lines import header_line, line_encoder, split_large
from boathouse.lake.unload.options import MEGABYTE, UnloadOptions
from boathouse.lake.unload.schemas import iceberg_schema, parquet_schema
from boathouse.lake.unload.texts import text_column

_CODECS = {"gzip": "gzip", "bzip2": "bz2", "zstd": "zstd"}
_PIECE_BYTES = MEGABYTE // 2
_SAMPLE_ROWS = 1 << 16
_COMPRESSOR_LAG_BYTES = MEGABYTE
"""What a compressor may still hold: bzip2's block of 900 kB is the largest."""


@dataclass(frozen=True, slots=True)
class StagedFile:
    """A finished file that nobody sees yet.

    Attributes:
        local: where it is.
        name: below the destination: `k=v/0000_part_00.parquet`.
        slice: which slice wrote it, from 0.
        rows: without the header line. lines: with it.
        size: bytes.
    """

    local: Path
    name: str
    slice: int
    rows: int
    lines: int
    size: int


class Parts(Protocol):
    """The files of one slice in one folder."""

    def write(self, batch: pa.RecordBatch) -> None:
        """Add rows; begins a further file where the size asks for it."""
        ...

    def write_header_only(self) -> None:
        """Make the one file of an empty result: a header line, or a schema without rows."""
        ...

    def finish(self) -> list[StagedFile]:
        """Close the last file; all files in order."""
        ...

    def abandon(self) -> None:
        """Close what is open without caring for its content."""
        ...


@dataclass(frozen=True, slots=True)
class PartNames:
    """Names and staging places of one slice's files in one folder.

    Attributes:
        staging: a folder of this slice's and folder's own, made on first use.
        folder: `k=v/` or empty.
        parallel: `0000_part_00`, else `000`. first: how many files the slice has there already.
    """

    staging: Path
    folder: str
    slice: int
    parallel: bool
    suffix: str
    first: int = 0

    def name(self, part: int) -> str:
        """The part's name below the destination."""
        number = self.first + part
        stem = f"{self.slice:04d}_part_{number:02d}" if self.parallel else f"{number:03d}"
        return f"{self.folder}{stem}{self.suffix}"

    def local(self, part: int) -> Path:
        """The part's place while it is staged."""
        self.staging.mkdir(parents=True, exist_ok=True)
        return self.staging / f"{part:06d}"


def parts_maker(fields: tuple[Field, ...], options: UnloadOptions) -> Callable[[PartNames], Parts]:
    """What opens the files of a slice and folder; `fields` are the columns that the files get."""
    if options.format in ("parquet", "iceberg"):
        schema = parquet_schema(fields) if options.format == "parquet" else iceberg_schema(fields)
        return lambda names: ParquetParts(names, schema, options)
    encode = line_encoder(fields, options)
    header = header_line(fields, options) if options.header else b""
    return lambda names: LineParts(names, encode, header, options)


class LineParts:
    """Text, CSV and JSON files, compressed or not."""

    def __init__(self, names: PartNames, encode: Any, header: bytes, options: UnloadOptions) -> None:
        self._names, self._encode, self._header, self._options = names, encode, header, options
        self._done: list[StagedFile] = []
        self._sink: Any = None
        self._file: Any = None
        self._rows = 0
        self._limit = options.file_bytes_max - (_COMPRESSOR_LAG_BYTES if options.compression else 0)

    def write(self, batch: pa.RecordBatch) -> None:
        for piece in split_large(batch):
            lines = self._encode(piece)
            start = 0
            while start < len(lines):
                start = self._write_lines(lines, start)

    def finish(self) -> list[StagedFile]:
        self._close()
        return self._done

    def abandon(self) -> None:
        if self._file is not None:
            self._sink.close()
            self._file.close()
            self._file = None

    def write_header_only(self) -> None:
        """Make the one file of an empty result."""
        self._open()

    def _write_lines(self, lines: Any, start: int) -> int:
        """Write as many lines as fit, at least one in a fresh file; returns the first line not written."""
        if self._file is None:
            self._open()
        begin = int(lines.ends[start - 1]) if start else 0
        room = self._limit - self._file.tell()
        if self._options.compression:
            room = min(room, _PIECE_BYTES) if room > 0 else 0
        end = int(np.searchsorted(lines.ends, begin + room, side="right"))
        if end <= start:
            if self._rows:
                self._close()
                return start
            end = start + 1
        self._sink.write(lines.data[begin : int(lines.ends[end - 1])])
        self._rows += end - start
        return end

    def _open(self) -> None:
        self._file = pa.OSFile(str(self._names.local(len(self._done))), "wb")
        codec = self._options.compression
        self._sink = pa.CompressedOutputStream(self._file, _CODECS[codec]) if codec else self._file
        self._rows = 0
        self._sink.write(self._header)

    def _close(self) -> None:
        if self._file is None:
            return
        self.abandon()
        number = len(self._done)
        local = self._names.local(number)
        lines = self._rows + (1 if self._header else 0)
        name = self._names.name(number)
        self._done.append(StagedFile(local, name, self._names.slice, self._rows, lines, local.stat().st_size))


class ParquetParts:
    """Parquet files, Snappy, a row group whenever `row_group_bytes` have gathered."""

    def __init__(self, names: PartNames, schema: pa.Schema, options: UnloadOptions) -> None:
        self._names, self._schema = names, schema
        self._group_bytes = min(options.row_group_bytes, options.file_bytes_max)
        self._limit = options.file_bytes_max
        self._done: list[StagedFile] = []
        self._waiting: list[pa.RecordBatch] = []
        self._waiting_bytes = 0
        self._file: Any = None
        self._writer: Any = None
        self._rows = 0

    def write(self, batch: pa.RecordBatch) -> None:
        for piece in split_large(batch):
            rest = self._conformed(piece)
            while rest.num_rows:
                count = _fitting(rest, self._room() - self._waiting_bytes) or (0 if self._waiting else 1)
                if count:
                    self._waiting.append(rest.slice(0, count))
                    self._waiting_bytes += self._waiting[-1].nbytes
                    rest = rest.slice(count)
                if rest.num_rows:
                    self._write_group()

    def finish(self) -> list[StagedFile]:
        if self._waiting:
            self._write_group()
        self._close()
        return self._done

    def abandon(self) -> None:
        if self._file is not None:
            self._writer.close()
            self._file.close()
            self._file = None

    def write_header_only(self) -> None:
        """Make the one file of an empty result: a schema without rows."""
        self._open([])

    def _conformed(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        columns = []
        for column, field in zip(batch.columns, self._schema, strict=True):
            if pa.types.is_nested(column.type):
                column = text_column(column, SUPER)
            columns.append(column if column.type == field.type else column.cast(field.type))
        return pa.RecordBatch.from_arrays(columns, schema=self._schema)

    def _room(self) -> int:
        """How much may wait for the next group: encoded data is seldom larger than in memory, so that it fits."""
        left = self._limit if self._file is None else self._limit - self._file.tell()
        return min(self._group_bytes, left)

    def _write_group(self) -> None:
        if self._file is not None and self._file.tell() + self._waiting_bytes > self._limit:
            self._close()
        table = pa.Table.from_batches(self._waiting, self._schema)
        if self._file is None:
            self._open(_repeating(table))
        self._writer.write_table(table, row_group_size=max(1, table.num_rows))
        self._rows += table.num_rows
        self._waiting, self._waiting_bytes = [], 0
        if self._room() < min(self._group_bytes, self._limit // 4):
            self._close()

    def _open(self, repeating: list[str]) -> None:
        import pyarrow.parquet as pq  # not at start: it brings clients of clouds, 10 MB

        self._file = pa.OSFile(str(self._names.local(len(self._done))), "wb")
        self._writer = pq.ParquetWriter(
            self._file, self._schema, compression="snappy", version="1.0", use_dictionary=repeating
        )
        self._rows = 0

    def _close(self) -> None:
        if self._file is None:
            return
        self.abandon()
        number = len(self._done)
        local = self._names.local(number)
        name = self._names.name(number)
        self._done.append(StagedFile(local, name, self._names.slice, self._rows, self._rows, local.stat().st_size))


def _repeating(table: pa.Table) -> list[str]:
    """The columns whose values come again, by a file's first rows: a dictionary of any other costs time and room."""
    sample = table.slice(0, _SAMPLE_ROWS)
    limit = sample.num_rows // 2
    return [
        name
        for name, column in zip(sample.schema.names, sample.columns, strict=True)
        if pc.count_distinct(column).as_py() <= limit
    ]


def _fitting(batch: pa.RecordBatch, room: int) -> int:
    """How many of a batch's first rows take no more than so many bytes."""
    if batch.nbytes <= room:
        return int(batch.num_rows)
    low, high = 0, batch.num_rows - 1
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if batch.slice(0, middle).nbytes <= room else (low, middle - 1)
    return low
