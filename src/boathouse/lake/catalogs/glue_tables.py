"""Tables in AWS Glue's words and in ours.

Receives what Glue's GetTable and GetPartitions answer; hands `glue` external tables and partitions, and back. Pure.
Source: AWS Glue API Reference, "Table", "StorageDescriptor"; Hive's manual for the names of types.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from boathouse.contracts.errors import BoathouseError, FeatureNotSupported
from boathouse.contracts.types import SqlType
from boathouse.lake.scans.partitions import HIVE_NULL
from boathouse.lake.tables import ExternalTable, Partition
from boathouse.sql.redshift.types import VARCHAR_LENGTH_MAX, parse_type
from boathouse.sql.statements import ExternalFormat

_HIVE_NAMES = {
    "smallint": "smallint", "integer": "int", "bigint": "bigint", "real": "float", "double precision": "double",
    "boolean": "boolean", "date": "date", "timestamp without time zone": "timestamp", "varbyte": "binary",
}  # fmt: skip
_FLOAT = re.compile(r"\bfloat\b", re.IGNORECASE)
_IO = "org.apache.hadoop.hive.ql.io."
_TEXT_INPUT, _TEXT_OUTPUT = "org.apache.hadoop.mapred.TextInputFormat", _IO + "HiveIgnoreKeyTextOutputFormat"
_LAZY = "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"
_CLASSES = {
    "parquet": (
        _IO + "parquet.serde.ParquetHiveSerDe",
        _IO + "parquet.MapredParquetInputFormat",
        _IO + "parquet.MapredParquetOutputFormat",
    ),
    "orc": (_IO + "orc.OrcSerde", _IO + "orc.OrcInputFormat", _IO + "orc.OrcOutputFormat"),
    "avro": (
        "org.apache.hadoop.hive.serde2.avro.AvroSerDe",
        _IO + "avro.AvroContainerInputFormat",
        _IO + "avro.AvroContainerOutputFormat",
    ),
    "json": ("org.openx.data.jsonserde.JsonSerDe", _TEXT_INPUT, _TEXT_OUTPUT),
}
"""SerDe, input and output format of each STORED AS; all others are text."""


def hive_type(kind: SqlType) -> str:
    """The type's name in Hive."""
    if kind.name == "array":
        return f"array<{hive_type(kind.element)}>"
    if kind.name == "map":
        return f"map<{hive_type(kind.fields[0][1])},{hive_type(kind.fields[1][1])}>"
    if kind.name == "struct":
        return "struct<" + ",".join(f"{name}:{hive_type(inner)}" for name, inner in kind.fields) + ">"
    if kind.name == "numeric":
        return f"decimal({kind.precision or 18},{kind.scale or 0})"
    if kind.is_text:
        if kind.length is None or kind.length >= VARCHAR_LENGTH_MAX:
            return "string"
        return f"{'char' if kind.name == 'character' else 'varchar'}({kind.length})"
    found = _HIVE_NAMES.get(kind.name)
    if found is None:
        raise FeatureNotSupported(f"AWS Glue has no columns of type {kind}")
    return found


def table_from_glue(database: str, found: Mapping[str, Any]) -> ExternalTable:
    """A table that GetTable answered.

    Raises:
        FeatureNotSupported: a column of a type that external tables cannot have.
    """
    stored = found.get("StorageDescriptor") or {}
    serde = stored.get("SerdeInfo") or {}
    return ExternalTable(
        database,
        str(found["Name"]),
        _columns(stored.get("Columns") or ()),
        _columns(found.get("PartitionKeys") or ()),
        ExternalFormat(
            stored_as="textfile",
            serde=serde.get("SerializationLibrary") or None,
            serde_properties=tuple((serde.get("Parameters") or {}).items()),
            input_format=stored.get("InputFormat") or None,
            output_format=stored.get("OutputFormat") or None,
        ),
        str(stored.get("Location") or ""),
        tuple((key.lower(), value) for key, value in (found.get("Parameters") or {}).items()),
    )


def _columns(found: Any) -> tuple[tuple[str, SqlType], ...]:
    made = []
    for column in found:
        # Hive's float is of single precision, unlike Redshift's.
        text = _FLOAT.sub("real", str(column.get("Type") or "string"))
        try:
            made.append((str(column["Name"]).lower(), parse_type(text, ddl=True)))
        except BoathouseError as failure:
            raise FeatureNotSupported(
                f'column "{column["Name"]}" is of type {column.get("Type")}, which is not supported'
            ) from failure
    return tuple(made)


def table_to_glue(table: ExternalTable) -> dict[str, Any]:
    """The TableInput that makes a table."""
    declared = table.format
    serde, reads, writes = _CLASSES.get(declared.stored_as, (_LAZY, _TEXT_INPUT, _TEXT_OUTPUT))
    given = dict(declared.serde_properties)
    delimited = {
        "field.delim": declared.field_delimiter,
        "line.delim": declared.line_delimiter,
        "escape.delim": declared.escape,
        "serialization.null.format": declared.null_as,
    }
    given.update({name: value for name, value in delimited.items() if value is not None})
    return {
        "Name": table.name,
        "TableType": "EXTERNAL_TABLE",
        "Parameters": {"EXTERNAL": "TRUE", **dict(table.properties)},
        "PartitionKeys": [{"Name": name, "Type": hive_type(kind)} for name, kind in table.partitions],
        "StorageDescriptor": {
            "Columns": [{"Name": name, "Type": hive_type(kind)} for name, kind in table.columns],
            "Location": table.location,
            "InputFormat": declared.input_format or reads,
            "OutputFormat": declared.output_format or writes,
            "SerdeInfo": {"SerializationLibrary": declared.serde or serde, "Parameters": given},
        },
    }


def partition_from_glue(found: Mapping[str, Any]) -> Partition:
    """A partition that GetPartitions answered."""
    values = tuple(None if value == HIVE_NULL else str(value) for value in found["Values"])
    return Partition(values, str((found.get("StorageDescriptor") or {}).get("Location") or ""))


def partition_values(partition: Partition) -> list[str]:
    """A partition's key as Glue has it."""
    return [HIVE_NULL if value is None else value for value in partition.values]


def partition_to_glue(table: ExternalTable, partition: Partition) -> dict[str, Any]:
    """The PartitionInput that makes a partition."""
    stored = dict(table_to_glue(table)["StorageDescriptor"])
    return {"Values": partition_values(partition), "StorageDescriptor": {**stored, "Location": partition.location}}
