"""Rows of ORC and Avro files, which the engine has no reader for.

Receives an open file and the columns that a query uses; hands `streams` batches of those columns in their declared types.
One stripe of ORC, one block of Avro is in memory at a time.

Source: Redshift Developer Guide, "Mapping external table columns to ORC columns"; Apache Avro, "Object container files".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, BinaryIO, cast

import pyarrow as pa

from boathouse.contracts.types import SqlType
from boathouse.lake.scans.records.arrow_values import declared, from_python, storage_type

BATCH_ROWS = 16_384

Columns = list[tuple[str, SqlType]]
FileReader = Callable[[BinaryIO, Columns, Callable[[str], bool]], Iterator[list[pa.Array]]]


class ColumnUnreadable(Exception):
    """A column whose values are not of its declared type."""

    def __init__(self, column: str, kind: SqlType, reason: str) -> None:
        super().__init__(f'values of column "{column}" are not of type {kind}: {reason}')


def orc_by_name(file: BinaryIO, columns: Columns, wanted: Callable[[str], bool]) -> Iterator[list[pa.Array]]:
    """An ORC file's rows, a batch at a time: columns matched by name whatever their case."""
    return _orc(file, columns, wanted, by_place=False)


def orc_by_place(file: BinaryIO, columns: Columns, wanted: Callable[[str], bool]) -> Iterator[list[pa.Array]]:
    """The same, columns matched by their order, whatever they are called."""
    return _orc(file, columns, wanted, by_place=True)


def _orc(
    file: BinaryIO, columns: Columns, wanted: Callable[[str], bool], *, by_place: bool
) -> Iterator[list[pa.Array]]:
    import pyarrow.orc  # not at start, as fastavro: few need them

    found = pyarrow.orc.ORCFile(pa.PythonFile(file, mode="r"))
    names = found.schema.names
    folded = {name.lower(): name for name in reversed(names)}
    sources = [
        (names[place] if place < len(names) else None) if by_place else folded.get(name.lower())
        for place, (name, _) in enumerate(columns)
    ]
    sources = [source if wanted(name) else None for source, (name, _) in zip(sources, columns, strict=True)]
    read = list(dict.fromkeys(source for source in sources if source is not None))
    for stripe in range(found.nstripes):
        # Without a column a stripe still has its rows.
        rows = found.read_stripe(stripe, columns=read or names[:1])
        for start in range(0, rows.num_rows, BATCH_ROWS):
            part = rows.slice(start, BATCH_ROWS)
            yield [
                pa.nulls(part.num_rows, storage_type(kind)) if source is None else _fit(part.column(source), name, kind)
                for source, (name, kind) in zip(sources, columns, strict=True)
            ]


def avro(file: BinaryIO, columns: Columns, wanted: Callable[[str], bool]) -> Iterator[list[pa.Array]]:
    """An Avro file's rows, a batch at a time: columns matched by name whatever their case."""
    import fastavro

    found = fastavro.block_reader(file)
    schema = found.writer_schema
    if not isinstance(schema, dict) or schema.get("type") != "record":
        raise ValueError("the file's schema is no record")
    folded = {str(field["name"]).lower(): str(field["name"]) for field in reversed(schema["fields"])}
    sources = [folded.get(name.lower()) if wanted(name) else None for name, _ in columns]
    for block in found:
        rows: list[dict[str, Any]] = []
        for record in block:
            rows.append(cast(dict[str, Any], record))
            if len(rows) == BATCH_ROWS:
                yield _from_records(rows, columns, sources)
                rows = []
        if rows:
            yield _from_records(rows, columns, sources)


def _from_records(rows: list[dict[str, Any]], columns: Columns, sources: list[str | None]) -> list[pa.Array]:
    made = []
    for source, (name, kind) in zip(sources, columns, strict=True):
        if source is None:
            made.append(pa.nulls(len(rows), storage_type(kind)))
            continue
        try:
            made.append(from_python([row[source] for row in rows], kind))
        except (ValueError, TypeError, AttributeError, ArithmeticError, pa.ArrowException) as failure:
            raise ColumnUnreadable(name, kind, str(failure)) from failure
    return made


def _fit(found: pa.Array, name: str, kind: SqlType) -> pa.Array:
    try:
        return declared(found, kind)
    except pa.ArrowException as failure:
        raise ColumnUnreadable(name, kind, str(failure)) from failure
