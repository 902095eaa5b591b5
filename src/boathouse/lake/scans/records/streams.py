"""Files that Python reads, lent to the engine as rows: external tables over ORC and Avro.

Receives a table, its files and the columns that the query names; hands `lake.scan` SQL over a name that the session has
been lent. Nothing is read before the engine pulls, and no more than a batch ahead of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pyarrow as pa

from boathouse.contracts.errors import BoathouseError, DataError, StorageError
from boathouse.contracts.house import House
from boathouse.contracts.session import Session
from boathouse.contracts.types import BIGINT, SqlType
from boathouse.lake.scans.records import record_files
from boathouse.lake.scans.records.arrow_values import storage_type
from boathouse.lake.scans.records.record_files import ColumnUnreadable, FileReader
from boathouse.lake.scans.serdes import FILE_COLUMN, Kind, cleansing
from boathouse.lake.scans.values import engine_type, fitted, lent_value, quoted
from boathouse.lake.storage import storage_for
from boathouse.lake.tables import ExternalTable
from boathouse.sql.statements import Credentials

STREAMED: frozenset[Kind] = frozenset({"orc", "avro"})
"""The kinds of files that are read here."""


class Stream:
    """Rows, read anew each time the engine asks for them.

    Args:
        batches: makes the rows' batches; what it raises reaches the client with its SQLSTATE.
    """

    def __init__(self, schema: pa.Schema, batches: Callable[[], Iterator[pa.RecordBatch]]) -> None:
        self._schema = schema
        self._batches = batches

    def __arrow_c_stream__(self, requested_schema: object = None) -> Any:
        """Arrow's C stream interface."""
        reader = pa.RecordBatchReader.from_batches(self._schema, self._told())
        return reader.__arrow_c_stream__(requested_schema)

    def _told(self) -> Iterator[pa.RecordBatch]:
        try:
            yield from self._batches()
        except BoathouseError as failure:
            # The engine hands on a text only: this is the form in which it comes back as what it was.
            raise RuntimeError(f"Error: BH{failure.sqlstate}|{failure.message}") from failure


def streamed(
    house: House,
    session: Session,
    table: ExternalTable,
    kind: Kind,
    files: Sequence[str],
    access: Credentials,
    place: int,
    wanted: Callable[[str], bool],
) -> str:
    """SQL over the files' rows: the declared columns, then `FILE_COLUMN`.

    Args:
        place: of the scan in its statement; the name that is lent is used again by the session's next statement.
        wanted: whether the query uses a column; others are NULL, and are not read.
    """
    # Numbers that may be too large for their column come as they are, for the engine to make NULLs of.
    lax = kind == "orc" and cleansing(table, "numeric_overflow_handling", "FAIL") == "SET_TO_NULL"
    columns = [(name, BIGINT if lax and of.is_integer else of) for name, of in table.columns]
    fields = [(name, storage_type(of)) for name, of in columns]
    schema = pa.schema([*fields, (FILE_COLUMN, pa.string())])
    read = _reader(table, kind)

    def batches() -> Iterator[pa.RecordBatch]:
        for path in files:
            for arrays in _rows(house, path, access, lambda file: read(file, columns, wanted)):
                paths = pa.repeat(pa.scalar(path, pa.string()), len(arrays[0]))
                yield pa.RecordBatch.from_arrays([*arrays, paths], schema=schema)

    name = f"lake_rows_{place}"
    session.engine.lend(name, Stream(schema, batches))
    shown = ", ".join(f"{_shown(column, of, table, lax=lax)} AS {quoted(column)}" for column, of in table.columns)
    return f"SELECT {shown}, {FILE_COLUMN} FROM {name}"


def _shown(column: str, of: SqlType, table: ExternalTable, *, lax: bool) -> str:
    if lax and of.is_integer:
        return f"TRY_CAST({quoted(column)} AS {engine_type(of)})"
    return lent_value(fitted(quoted(column), of, table), engine_type(of))


def _reader(table: ExternalTable, kind: Kind) -> FileReader:
    if kind == "avro":
        return record_files.avro
    by_name = table.property("orc.schema.resolution", "name").lower() == "name"
    return record_files.orc_by_name if by_name else record_files.orc_by_place


def _rows(
    house: House, path: str, access: Credentials, read: Callable[[Any], Iterator[list[pa.Array]]]
) -> Iterator[list[pa.Array]]:
    file = storage_for(house, path, access).seekable(path)
    try:
        yield from read(file)
    except BoathouseError:
        raise
    except ColumnUnreadable as failure:
        raise DataError(f'"{path}": {failure}') from failure
    except Exception as failure:
        # Whatever a decoder meets in broken bytes: ends of file, odd lengths, checksums.
        raise StorageError(f'"{path}" cannot be read: it is broken, or not of the declared format') from failure
    finally:
        file.close()
