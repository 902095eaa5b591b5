"""Columnar rows to the columns of a table, in order, as Redshift loads them.

Receives engine SQL that reads a file and the types it was found to have; hands on SQL of the columns' values. Values that
do not fit are errors that name file and column: a columnar file has no lines to skip.

Source: Redshift Developer Guide, "COPY from columnar data formats", "Loading semistructured data".
"""

from __future__ import annotations

from collections.abc import Sequence

from boathouse.contracts.answers import Field
from boathouse.contracts.engine import EngineSession
from boathouse.contracts.errors import LoadFailed
from boathouse.contracts.relations import Column
from boathouse.lake.copy.options import LoadOptions
from boathouse.sql.redshift.types import duckdb_type


def columnar_query(
    engine: EngineSession,
    reader: str,
    found: Sequence[Field],
    name: str,
    columns: Sequence[Column],
    options: LoadOptions,
) -> str:
    """Engine SQL with the columns' values in order; every value has been seen to fit.

    Args:
        reader: what stands in FROM.
        found: the file's columns.
        name: of the file, for errors.

    Raises:
        LoadFailed: another number of columns, nested values for a plain column, or values that do not fit.
    """
    if len(found) > len(columns) or (len(found) < len(columns) and not options.fill_record):
        raise LoadFailed(
            f'"{name}" has {len(found)} columns where {len(columns)} are loaded',
            hint="Columnar files are loaded by the order of columns; name the columns to load, or use FILLRECORD.",
        )
    for column, field in zip(columns, found, strict=False):
        if field.type.is_nested and column.type.name != "super":
            raise LoadFailed(
                f'"{name}": column "{field.name}" is nested, and "{column.name}" is {column.type}',
                hint="Nested columns are loaded into SUPER.",
            )
    source = f"{reader} AS f({', '.join(f'p{place}' for place in range(len(found)))})"
    values = [
        _value(column, f"p{place}") if place < len(found) else f"CAST(NULL AS {duckdb_type(column.type)})"
        for place, column in enumerate(columns)
    ]
    for place, column in enumerate(columns[len(found) :], len(found)):
        if not column.nullable:
            raise LoadFailed(f'"{name}" has no column {place + 1}, and "{column.name}" is NOT NULL')
    _require_fit(engine, source, found, name, columns, values)
    return f"SELECT {', '.join(values)} FROM {source}"


def _require_fit(
    engine: EngineSession,
    source: str,
    found: Sequence[Field],
    name: str,
    columns: Sequence[Column],
    values: Sequence[str],
) -> None:
    """Look at what may not fit, and only at that: a file written for this table is read once."""
    checks = {}
    for place, (column, field) in enumerate(zip(columns, found, strict=False)):
        wrong = _wrong(column, duckdb_type(field.type) == duckdb_type(column.type), f"p{place}", values[place])
        if wrong:
            checks[column.name] = (column, f"count(*) FILTER (WHERE {wrong})")
    if not checks:
        return
    counts = engine.fetch(f"SELECT {', '.join(check for _, check in checks.values())} FROM {source}")[0]
    for (column, _), count in zip(checks.values(), counts, strict=True):
        if count:
            raise LoadFailed(
                f'"{name}": {count} value(s) of column "{column.name}" do not fit {column.type}'
                + ("" if column.nullable else " NOT NULL")
            )


def _value(column: Column, raw: str) -> str:
    if column.type.name == "super":
        return f"to_json({raw})::VARIANT"
    value = f"TRY_CAST({raw} AS {duckdb_type(column.type)})"
    return f"rtrim({value}, ' ')" if column.type.name == "character" else value


def _wrong(column: Column, same_type: bool, raw: str, value: str) -> str:
    """The condition of a value that does not fit; empty where all do."""
    wrong = [] if same_type else [f"({raw} IS NOT NULL AND {value} IS NULL)"]
    if column.type.is_text and column.type.length is not None:
        wrong.append(f"strlen({value}) > {column.type.length}")
    if column.type.name == "character":
        wrong.append(f"strlen({value}) <> length({value})")
    if not column.nullable:
        wrong.append(f"{raw} IS NULL")
    return " OR ".join(wrong)
