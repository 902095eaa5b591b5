"""The Arrow schema that a query's columns have in Parquet files, for readers of files and for readers of Iceberg tables.

Received: the query's fields. Handed on: schemas, to `parts`, which casts batches to them, and to `iceberg`. Pure.
"""

from __future__ import annotations

import pyarrow as pa

from boathouse.contracts.answers import Field
from boathouse.contracts.types import arrow_type


def parquet_schema(fields: tuple[Field, ...]) -> pa.Schema:
    """The file's schema: timestamps lose their zone (their value is UTC), nested values are JSON text.

    Names that the query gives twice get a number, as no reader could tell them apart.
    """
    seen: dict[str, int] = {}
    columns = []
    for field in fields:
        count = seen.get(field.name, 0)
        seen[field.name] = count + 1
        columns.append((f"{field.name}_{count}" if count else field.name, _parquet_type(field)))
    return pa.schema(columns)


def iceberg_schema(fields: tuple[Field, ...]) -> pa.Schema:
    """The same for an Iceberg table: columns carry their ids, zones stay, integers have at least 32 bits.

    Source: Apache Iceberg's specification, "Primitive types" and "Appendix A, Parquet".
    """
    return pa.schema(
        pa.field(field.name, _iceberg_type(field), metadata={"PARQUET:field_id": str(number)})
        for number, field in enumerate(fields, start=1)
    )


def _parquet_type(field: Field) -> pa.DataType:
    kind = arrow_type(field.type)
    if pa.types.is_timestamp(kind):
        return pa.timestamp("us")
    return pa.string() if pa.types.is_nested(kind) else kind


def _iceberg_type(field: Field) -> pa.DataType:
    kind = arrow_type(field.type)
    if pa.types.is_timestamp(kind):
        return pa.timestamp("us", None if kind.tz is None else "UTC")
    return pa.int32() if pa.types.is_int16(kind) else _parquet_type(field)
