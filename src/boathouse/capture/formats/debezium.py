"""Debezium's envelope: before, after, source, op, ts_ms; with Connect's schema beside it, or the payload alone.

Types are those of Debezium's connectors with `decimal.handling.mode=string`, `time.precision.mode=microseconds` and base64 for
bytes. `before` is what the log tells: of a deleted row its key, else null. What a change left as it was without
telling it is Debezium's placeholder.
Source: Debezium's documentation, "Data change events" of the PostgreSQL and MySQL connectors.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import UTC

import pyarrow as pa

from boathouse.capture.changes import DELETE, INSERT, MOVED, READ, UPDATE, Column, TableSchema
from boathouse.capture.formats.formatter import Changes, Message, Place, rows_told
from boathouse.capture.formats.values import base64_tokens, iso, literal, numbers, object_of, quoted_text, tokens

UNAVAILABLE = "__debezium_unavailable_value"
_OPS = {INSERT: "c", UPDATE: "u", DELETE: "d", READ: "r", MOVED: "c"}
_PRIMITIVE = {
    "boolean": "boolean", "smallint": "int16", "integer": "int32", "bigint": "int64", "real": "float",
    "double precision": "double", "varbyte": "bytes",
}  # fmt: skip
_LOGICAL = {
    "date": ("int32", "io.debezium.time.Date"),
    "timestamp without time zone": ("int64", "io.debezium.time.MicroTimestamp"),
    "timestamp with time zone": ("string", "io.debezium.time.ZonedTimestamp"),
    "time without time zone": ("int64", "io.debezium.time.MicroTime"),
    "super": ("string", "io.debezium.data.Json"),
}
_SOURCE = (
    ("version", "string", False), ("connector", "string", False), ("name", "string", False), ("ts_ms", "int64", False),
    ("snapshot", "string", True), ("db", "string", False), ("schema", "string", True), ("table", "string", True),
    ("position", "string", True), ("ordinal", "int64", True), ("sequence", "string", True),
)  # fmt: skip


class DebeziumFormatter:
    """See `Formatter`.

    Args:
        with_schema: each message says its schema too, as Connect's JSON converter does with `schemas.enable`.
    """

    content_type = "application/json"
    per_change = True
    mixes_tables = True

    def __init__(self, *, with_schema: bool = False) -> None:
        self._with_schema = with_schema

    def body(self, changes: Sequence[Changes]) -> bytes:
        """See `Formatter`."""
        return b"[" + b",".join(message.value for one in changes for message in self.messages(one)) + b"]"

    def messages(self, changes: Changes) -> Iterator[Message]:
        """See `Formatter`."""
        noted = int(changes.noted.replace(tzinfo=UTC).timestamp() * 1000)
        told, batch = rows_told(changes), changes.batch
        times = told.column("_record_time").cast(pa.timestamp("ms"), safe=False).cast(pa.int64()).to_pylist()
        positions = told.column("_record_position").to_pylist()
        ordinals = told.column("_record_ordinal").to_pylist()
        name, schema, table = (literal(quoted_text(one)) for one in (changes.integration, *changes.path))
        source = (
            f'{{"version":"1","connector":"boathouse","name":{name},"ts_ms":%s,"snapshot":"%s","db":"","schema":{schema},'
            f'"table":{table},"position":%s,"ordinal":%s,"sequence":"%s"}}'
        )
        key_head = value_head = tail = ""
        if self._with_schema:
            tail = "}"
            value_head = f'{{"schema":{json.dumps(envelope_schema(changes))},"payload":'
            if batch is not None:
                key_head = f'{{"schema":{json.dumps(key_schema(changes.integration, batch.schema))},"payload":'
        ops = [None] if batch is None else batch.ops.to_pylist()
        keys, states = ([""], [""]) if batch is None else _rows(changes)
        for index, op in enumerate(ops):
            place = Place(changes.first.entry, changes.first.number + index)
            position = "null" if positions[index] is None else quoted_text(positions[index])
            ordinal = "null" if ordinals[index] is None else ordinals[index]
            told_source = source % (times[index], "true" if op == READ else "false", position, ordinal, place)
            if op is None:
                value = f'{value_head}{{"source":{told_source},"op":"t","ts_ms":{noted}}}{tail}'
                yield Message(changes.path, place, None, value.encode(), False)
                continue
            before, after = (states[index], "null") if op == DELETE else ("null", states[index])
            value = (
                f'{value_head}{{"before":{before},"after":{after},"source":{told_source},"op":"{_OPS[op]}",'
                f'"ts_ms":{noted}}}{tail}'
            )
            key = f"{key_head}{keys[index]}{tail}"
            yield Message(changes.path, place, key.encode(), value.encode(), op == DELETE)


def with_schema() -> DebeziumFormatter:
    """The formatter whose messages say their schemas."""
    return DebeziumFormatter(with_schema=True)


def _rows(changes: Changes) -> tuple[list[str], list[str]]:
    """Keys and states as JSON objects; of a deleted row everything but the key is null."""
    batch = changes.batch
    assert batch is not None
    columns = batch.schema.columns
    values = [_tokens(column, batch.rows.column(index)) for index, column in enumerate(columns)]
    keys = object_of([columns[index].name for index in batch.schema.key], [values[index] for index in batch.schema.key])
    deleted = [row for row, op in enumerate(batch.ops.to_pylist()) if op == DELETE]
    patterns = [] if batch.pattern is None else batch.pattern.to_pylist()
    for index, column in enumerate(columns):
        if index in batch.schema.key:
            continue
        for row in deleted:
            values[index][row] = "null"
        for row, pattern in enumerate(patterns):
            if index in batch.patterns[pattern]:
                values[index][row] = _unavailable(column)
    return keys, object_of([column.name for column in columns], values)


def _tokens(column: Column, values: pa.Array) -> list[str]:
    name = column.type.name
    if name in ("varbyte", "bytea"):
        return base64_tokens(values)
    if name == "date":
        return numbers(values, pa.int32())
    if name in ("timestamp without time zone", "time without time zone"):
        return numbers(values, pa.int64())
    if name == "super":
        return ["null" if value is None else quoted_text(value) for value in values.to_pylist()]
    if name == "timestamp with time zone":
        return ["null" if value is None else f'"{value}"' for value in iso(values).to_pylist()]
    return tokens(column.type, values)


def _unavailable(column: Column) -> str:
    if column.type.name == "varbyte":
        return base64_tokens(pa.array([UNAVAILABLE.encode()]))[0]
    return f'"{UNAVAILABLE}"' if _field(column)["type"] == "string" else "null"


def _field(column: Column, *, optional: bool = True) -> dict[str, object]:
    kind, name = _LOGICAL.get(column.type.name, (_PRIMITIVE.get(column.type.name, "string"), ""))
    found: dict[str, object] = {"type": kind, "optional": optional, "field": column.name}
    return {**found, "name": name, "version": 1} if name else found


def key_schema(integration: str, schema: TableSchema) -> dict[str, object]:
    """Connect's schema of a message's key."""
    fields = [_field(schema.columns[index], optional=False) for index in schema.key]
    return {
        "type": "struct",
        "fields": fields,
        "optional": False,
        "name": f"{integration}.{schema.schema}.{schema.name}.Key",
    }


def envelope_schema(changes: Changes) -> dict[str, object]:
    """Connect's schema of a message's value."""
    name = f"{changes.integration}.{'.'.join(changes.path)}"
    rows: list[dict[str, object]] = []
    if changes.batch is not None:
        schema = changes.batch.schema
        fields = [_field(column, optional=index not in schema.key) for index, column in enumerate(schema.columns)]
        row = {"type": "struct", "fields": fields, "optional": True, "name": f"{name}.Value"}
        rows = [{**row, "field": "before"}, {**row, "field": "after"}]
    source = [{"type": kind, "optional": optional, "field": field} for field, kind, optional in _SOURCE]
    more: list[dict[str, object]] = [
        {"type": "struct", "fields": source, "optional": False, "name": "io.boathouse.Source", "field": "source"},
        {"type": "string", "optional": False, "field": "op"},
        {"type": "int64", "optional": True, "field": "ts_ms"},
    ]
    return {"type": "struct", "fields": [*rows, *more], "optional": False, "name": f"{name}.Envelope", "version": 1}
