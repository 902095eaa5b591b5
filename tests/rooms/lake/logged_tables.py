"""Delta and Iceberg tables written by hand, as their specifications have them: what the lake's tests read."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping
from typing import Any

import fastavro
import pyarrow as pa
import pyarrow.parquet as pq

Put = Callable[[str, bytes], None]
"""Writes bytes to a path below the table's root."""


def parquet(table: pa.Table) -> bytes:
    out = io.BytesIO()
    pq.write_table(table, out)
    return out.getvalue()


def write_delta(put: Put, versions: list[Mapping[str, list[int]]]) -> None:
    """A table of `n` (long), partitioned by `k` (integer); each version holds exactly these partitions' numbers."""
    schema = {"type": "struct", "fields": [
        {"name": name, "type": kind, "nullable": True, "metadata": {}} for name, kind in (("n", "long"), ("k", "integer"))
    ]}  # fmt: skip
    live: list[str] = []
    for version, parts in enumerate(versions):
        actions: list[dict[str, Any]] = [
            {"remove": {"path": path, "deletionTimestamp": 1, "dataChange": True}} for path in live
        ]
        if not version:
            actions = [
                {"protocol": {"minReaderVersion": 1, "minWriterVersion": 2}},
                {"metaData": {
                    "id": "5fba94ed-9794-4965-ba6e-6ee3c0d22af9", "format": {"provider": "parquet", "options": {}},
                    "schemaString": json.dumps(schema), "partitionColumns": ["k"], "configuration": {}, "createdTime": 1,
                }},
            ]  # fmt: skip
        live = []
        for key, numbers in parts.items():
            path, data = f"k={key}/v{version}.parquet", parquet(pa.table({"n": pa.array(numbers, pa.int64())}))
            put(path, data)
            live.append(path)
            actions.append({"add": {"path": path, "partitionValues": {"k": key}, "size": len(data), "modificationTime": 1,
                                    "dataChange": True}})  # fmt: skip
        put(f"_delta_log/{version:020d}.json", "\n".join(map(json.dumps, actions)).encode())


def _field(name: str, kind: Any, number: int) -> dict[str, Any]:
    return {"name": name, "type": kind, "field-id": number}


_FILE = {"type": "record", "name": "r2", "fields": [
    _field("content", "int", 134), _field("file_path", "string", 100), _field("file_format", "string", 101),
    _field("partition", {"type": "record", "name": "r102", "fields": []}, 102), _field("record_count", "long", 103),
    _field("file_size_in_bytes", "long", 104),
]}  # fmt: skip
_ENTRY = {"type": "record", "name": "manifest_entry", "fields": [
    _field("status", "int", 0), _field("snapshot_id", ["null", "long"], 1), _field("sequence_number", ["null", "long"], 3),
    _field("file_sequence_number", ["null", "long"], 4), _field("data_file", _FILE, 2),
]}  # fmt: skip
_COUNTS = {"added_files_count": 504, "existing_files_count": 505, "deleted_files_count": 506}
_ROWS = {"added_rows_count": 512, "existing_rows_count": 513, "deleted_rows_count": 514}
_LIST = {"type": "record", "name": "manifest_file", "fields": [
    _field("manifest_path", "string", 500), _field("manifest_length", "long", 501), _field("partition_spec_id", "int", 502),
    _field("content", "int", 517), _field("sequence_number", "long", 515), _field("min_sequence_number", "long", 516),
    _field("added_snapshot_id", "long", 503), *(_field(name, "int", number) for name, number in _COUNTS.items()),
    *(_field(name, "long", number) for name, number in _ROWS.items()),
]}  # fmt: skip


def write_iceberg(put: Put, root: str, rows: Mapping[str, list[tuple[int, str]]], version: int = 1) -> str:
    """A table of `n` (long) and `s` (string), a file for each key of `rows`; returns the metadata file's path."""
    fields = [("n", "long", pa.int64()), ("s", "string", pa.string())]
    schema = {"type": "struct", "schema-id": 0, "fields": [
        {"id": place, "name": name, "required": False, "type": kind} for place, (name, kind, _) in enumerate(fields, 1)
    ]}  # fmt: skip
    arrow = pa.schema([
        pa.field(name, kind, metadata={"PARQUET:field_id": str(place)}) for place, (name, _, kind) in enumerate(fields, 1)
    ])  # fmt: skip
    entries = []
    for name, found in rows.items():
        data = parquet(pa.table({"n": [n for n, _ in found], "s": [s for _, s in found]}, schema=arrow))
        put(f"data/{name}.parquet", data)
        file = {"content": 0, "file_path": f"{root}/data/{name}.parquet", "file_format": "PARQUET", "partition": {},
                "record_count": len(found), "file_size_in_bytes": len(data)}  # fmt: skip
        entries.append(
            {"status": 1, "snapshot_id": 1, "sequence_number": 1, "file_sequence_number": 1, "data_file": file}
        )
    manifest = _avro(_ENTRY, entries, {
        "schema": json.dumps(schema), "schema-id": "0", "partition-spec": "[]", "partition-spec-id": "0",
        "format-version": "2", "content": "data",
    })  # fmt: skip
    put(f"metadata/m{version}.avro", manifest)
    counted = dict.fromkeys((*_COUNTS, *_ROWS), 0)
    counted |= {"added_files_count": len(rows), "added_rows_count": sum(map(len, rows.values()))}
    one = {"manifest_path": f"{root}/metadata/m{version}.avro", "manifest_length": len(manifest), "partition_spec_id": 0,
           "content": 0, "sequence_number": 1, "min_sequence_number": 1, "added_snapshot_id": 1, **counted}  # fmt: skip
    put(f"metadata/snap-{version}.avro", _avro(_LIST, [one], {"format-version": "2"}))
    snapshot = {"snapshot-id": 1, "sequence-number": 1, "timestamp-ms": 1_700_000_000_000, "schema-id": 0,
                "summary": {"operation": "append"}, "manifest-list": f"{root}/metadata/snap-{version}.avro"}  # fmt: skip
    metadata = {
        "format-version": 2, "table-uuid": "9c12d441-03fe-4693-9a96-a0705ddf69c1", "location": root, "last-sequence-number": 1,
        "last-updated-ms": 1_700_000_000_000, "last-column-id": 2, "current-schema-id": 0, "schemas": [schema],
        "default-spec-id": 0, "partition-specs": [{"spec-id": 0, "fields": []}], "last-partition-id": 999,
        "default-sort-order-id": 0, "sort-orders": [{"order-id": 0, "fields": []}], "properties": {},
        "current-snapshot-id": 1, "snapshots": [snapshot], "refs": {"main": {"snapshot-id": 1, "type": "branch"}},
        "snapshot-log": [], "metadata-log": [],
    }  # fmt: skip
    name = f"metadata/{version:05d}-abc.metadata.json"
    put(name, json.dumps(metadata).encode())
    return f"{root}/{name}"


def _avro(schema: dict[str, Any], rows: list[dict[str, Any]], metadata: dict[str, str]) -> bytes:
    out = io.BytesIO()
    fastavro.writer(out, schema, rows, metadata=metadata)
    return out.getvalue()
