"""A table's shape in the words of others: JSON Schema of the state in the house's own events, Avro of a row.

Receives `TableSchema`; hands on documents that the schema store keeps with each version.
Sources: JSON Schema 2020-12; Apache Avro specification, "Logical types".
"""

from __future__ import annotations

import re
from typing import Any

from boathouse.capture.changes import Column, TableSchema
from boathouse.contracts.types import SqlType

_ODD = {"enum": ["NaN", "Infinity", "-Infinity"]}
_JSON: dict[str, dict[str, Any]] = {
    "boolean": {"type": "boolean"},
    "smallint": {"type": "integer", "minimum": -(2**15), "maximum": 2**15 - 1},
    "integer": {"type": "integer", "minimum": -(2**31), "maximum": 2**31 - 1},
    "bigint": {"type": "integer", "minimum": -(2**63), "maximum": 2**63 - 1},
    "real": {"anyOf": [{"type": "number"}, _ODD]},
    "double precision": {"anyOf": [{"type": "number"}, _ODD]},
    "numeric": {"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?$"},
    "date": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\d$"},
    "time without time zone": {"type": "string", "pattern": r"^\d\d:\d\d:\d\d(\.\d+)?$"},
    "timestamp without time zone": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?$"},
    "timestamp with time zone": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$"},
    "varbyte": {"type": "string", "contentEncoding": "base16", "pattern": "^([0-9a-f]{2})*$"},
    "super": {},
}
_AVRO: dict[str, Any] = {
    "boolean": "boolean",
    "smallint": "int",
    "integer": "int",
    "bigint": "long",
    "real": "float",
    "double precision": "double",
    "date": {"type": "int", "logicalType": "date"},
    "time without time zone": {"type": "long", "logicalType": "time-micros"},
    "timestamp without time zone": {"type": "long", "logicalType": "local-timestamp-micros"},
    "timestamp with time zone": {"type": "long", "logicalType": "timestamp-micros"},
    "varbyte": "bytes",
}


def json_schema(schema: TableSchema, version: int) -> dict[str, Any]:
    """Of `after`, as the house's own events tell it; columns that a change left as they were may be missing there."""
    keys = [schema.columns[index].name for index in schema.key]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"{schema.schema}.{schema.name}",
        "$comment": f"version {version}",
        "type": "object",
        "properties": {
            column.name: _json(column, is_key=index in schema.key) for index, column in enumerate(schema.columns)
        },
        "required": keys,
        "additionalProperties": False,
    }


def _json(column: Column, *, is_key: bool) -> dict[str, Any]:
    found = _JSON.get(column.type.name, {"type": "string"})
    described = {"description": column.source_type}
    if is_key or not found:
        return {**found, **described}
    return {"anyOf": [found, {"type": "null"}], **described}


def avro_schema(schema: TableSchema, version: int) -> dict[str, Any]:
    """Of a row. A name that Avro does not take is written otherwise, and stands as it is in `boathouse.column`."""
    names = avro_names(schema)
    return {
        "type": "record",
        "name": _avro_name(schema.name),
        "namespace": _avro_name(schema.schema),
        "doc": f"version {version}",
        "fields": [
            _avro(column, name, is_key=index in schema.key)
            for index, (column, name) in enumerate(zip(schema.columns, names, strict=True))
        ],
    }


def avro_names(schema: TableSchema) -> list[str]:
    """The columns' names in Avro, in their order; each another."""
    found: list[str] = []
    for column in schema.columns:
        name = _avro_name(column.name)
        while name in found:
            name += "_"
        found.append(name)
    return found


def _avro(column: Column, name: str, *, is_key: bool) -> dict[str, Any]:
    kind = _avro_type(column.type)
    found: dict[str, Any] = (
        {"name": name, "type": kind} if is_key else {"name": name, "type": ["null", kind], "default": None}
    )
    return found if name == column.name else {**found, "boathouse.column": column.name}


def _avro_type(type_: SqlType) -> Any:
    if type_.name == "numeric":
        return {
            "type": "bytes",
            "logicalType": "decimal",
            "precision": type_.precision or 38,
            "scale": type_.scale or 0,
        }
    return _AVRO.get(type_.name, "string")


def _avro_name(name: str) -> str:
    found = re.sub(r"[^A-Za-z0-9_]", "_", name)
    return found if found[:1].isalpha() or found[:1] == "_" else f"_{found}"
