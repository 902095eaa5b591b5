"""Columns of ORC and Avro files, which say them themselves.

Receives an open file; hands `infer_schema` its columns as external tables declare them. What has no type there is text.
Sources: ORC specification, "Types"; Avro specification, "Schema Declaration" and "Logical Types".
"""

from __future__ import annotations

from typing import Any, BinaryIO

import pyarrow as pa

from boathouse.contracts.engine import EngineSession
from boathouse.contracts.types import (
    BIGINT,
    BOOLEAN,
    DATE,
    DOUBLE,
    INTEGER,
    REAL,
    TIMESTAMP,
    VARBYTE,
    SqlType,
    array_of,
    map_of,
    numeric,
    struct_of,
    varchar,
)
from boathouse.lake.crawler.merge_types import plain
from boathouse.lake.tables import Columns

_TEXT = varchar(65535)
_LENT = "crawled_schema"
_AVRO: dict[str, SqlType] = {
    "boolean": BOOLEAN,
    "int": INTEGER,
    "long": BIGINT,
    "float": REAL,
    "double": DOUBLE,
    "bytes": VARBYTE,
    "fixed": VARBYTE,
    "string": _TEXT,
    "enum": _TEXT,
    "date": DATE,
    "timestamp-millis": TIMESTAMP,
    "timestamp-micros": TIMESTAMP,
    "local-timestamp-millis": TIMESTAMP,
    "local-timestamp-micros": TIMESTAMP,
}


def orc_columns(engine: EngineSession, file: BinaryIO) -> Columns:
    """An ORC file's columns.

    Raises:
        pyarrow.ArrowException, OSError: it is none.
    """
    import pyarrow.orc  # not at start, as fastavro: few need them

    schema = pyarrow.orc.ORCFile(pa.PythonFile(file, mode="r")).schema
    engine.lend(_LENT, schema.empty_table())
    try:
        return tuple((field.name.lower(), plain(field.type)) for field in engine.describe(f"SELECT * FROM {_LENT}"))
    finally:
        engine.take_back(_LENT)


def avro_columns(file: BinaryIO) -> Columns:
    """An Avro file's columns; empty where its schema is no record.

    Raises:
        ValueError, EOFError and others of Python's: it is none.
    """
    import fastavro

    try:
        schema: Any = fastavro.block_reader(file).writer_schema
    except fastavro.schema.SchemaParseException as failure:
        raise ValueError("the file's schema is none") from failure
    if not isinstance(schema, dict) or schema.get("type") != "record":
        return ()
    return tuple((str(field["name"]).lower(), _avro_type(field["type"])) for field in schema["fields"])


def _avro_type(schema: Any) -> SqlType:
    if isinstance(schema, list):
        kinds = [one for one in schema if one != "null"]
        return _avro_type(kinds[0]) if len(kinds) == 1 else _TEXT
    if isinstance(schema, str):
        return _AVRO.get(schema, _TEXT)
    logical = schema.get("logicalType")
    if logical == "decimal":
        return numeric(int(schema["precision"]), int(schema.get("scale", 0)))
    kind = schema["type"]
    if kind == "record":
        return struct_of(*((str(one["name"]).lower(), _avro_type(one["type"])) for one in schema["fields"]))
    if kind == "array":
        return array_of(_avro_type(schema["items"]))
    if kind == "map":
        return map_of(_TEXT, _avro_type(schema["values"]))
    return _AVRO.get(str(logical), _avro_type(kind))
