"""Parquet files to rows: columns in order, as Redshift loads them.

Receives a local file and the columns to fill; hands `load` the engine query that reads it. Values that do not fit are
errors that name file and column: a columnar file has no lines to skip.

Source: Redshift Developer Guide, "COPY from columnar data formats".
"""

from __future__ import annotations

from collections.abc import Sequence

from boathouse.contracts.engine import EngineSession
from boathouse.contracts.errors import BoathouseError, LoadFailed
from boathouse.contracts.relations import Column
from boathouse.lake.copy.fetch import FetchedFile
from boathouse.lake.copy.options import LoadOptions
from boathouse.sql.redshift.types import duckdb_type


def parquet_query(engine: EngineSession, file: FetchedFile, columns: Sequence[Column], options: LoadOptions) -> str:
    """Engine SQL with the columns' values in order.

    Raises:
        LoadFailed: another number of columns, or values that do not fit.
    """
    path = "'" + str(file.local).replace("'", "''") + "'"
    try:
        found = engine.describe(f"SELECT * FROM read_parquet({path})")
    except BoathouseError as failure:
        raise LoadFailed(f'"{file.name}" is not a Parquet file') from failure
    if len(found) > len(columns) or (len(found) < len(columns) and not options.fill_record):
        raise LoadFailed(
            f'"{file.name}" has {len(found)} columns where {len(columns)} are loaded',
            hint="Parquet is loaded by the order of columns; name the columns to load, or use FILLRECORD.",
        )
    renamed = ", ".join(f"p{place}" for place in range(len(found)))
    source = f"read_parquet({path}) AS f({renamed})"
    values, checks = [], []
    for place, column in enumerate(columns):
        if place >= len(found):
            values.append(f"CAST(NULL AS {duckdb_type(column.type)})")
            continue
        raw = f"p{place}"
        value = (
            f"to_json({raw})::VARIANT"
            if column.type.name == "super"
            else f"TRY_CAST({raw} AS {duckdb_type(column.type)})"
        )
        if column.type.name == "character":
            value = f"rtrim({value}, ' ')"
        values.append(value)
        wrong = f"({raw} IS NOT NULL AND {value} IS NULL)"
        if column.type.is_text and column.type.length is not None:
            wrong = f"({wrong} OR strlen({value}) > {column.type.length})"
        if not column.nullable:
            wrong = f"({wrong} OR {raw} IS NULL)"
        checks.append(f"count(*) FILTER (WHERE {wrong})")
    counts = engine.fetch(f"SELECT {', '.join(checks)} FROM {source}")[0]
    for column, count in zip(columns, counts, strict=False):
        if count:
            raise LoadFailed(
                f'"{file.name}": {count} value(s) of column "{column.name}" do not fit {column.type}'
                + ("" if column.nullable else " NOT NULL")
            )
    return f"SELECT {', '.join(values)} FROM {source}"
