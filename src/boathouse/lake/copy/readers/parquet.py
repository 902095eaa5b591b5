"""Parquet files to rows, by the engine's own reader.

Receives a local file and the columns to fill; hands `load` the engine query that reads it.
Source: Redshift Developer Guide, "COPY from columnar data formats".
"""

from __future__ import annotations

from collections.abc import Sequence

from boathouse.contracts.engine import EngineSession
from boathouse.contracts.errors import BoathouseError, LoadFailed
from boathouse.contracts.relations import Column
from boathouse.lake.copy.fetch import FetchedFile
from boathouse.lake.copy.literals import literal_path
from boathouse.lake.copy.options import LoadOptions
from boathouse.lake.copy.readers.columnar import columnar_query


def parquet_query(engine: EngineSession, file: FetchedFile, columns: Sequence[Column], options: LoadOptions) -> str:
    """Engine SQL with the columns' values in order; every value has been seen to fit.

    Raises:
        LoadFailed: not a Parquet file, or one that does not fit.
    """
    reader = f"read_parquet({literal_path(file.local)}, hive_partitioning=false, file_row_number=false)"
    try:
        found = engine.describe(f"SELECT * FROM {reader}")
    except BoathouseError as failure:
        raise LoadFailed(f'"{file.name}" is not a whole Parquet file') from failure
    return columnar_query(engine, reader, found, file.name, columns, options)
