"""One transaction's changes as files in a folder of the house: a file for each table, day and shape.

Receives batches; leaves `schema.table/day=YYYY-MM-DD/NUMBER-PART.parquet` or `.jsonl`, durable once closed. Beside the table's
columns a row says what happened and where in the source's log; the columns are named like those of a history.
"""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path
from typing import Any, TextIO
from urllib.parse import quote

import pyarrow as pa
import pyarrow.parquet as pq

from boathouse.capture.changes import DELETE, INSERT, MOVED, READ, UPDATE, ChangeBatch, TablePath, Transaction
from boathouse.lake.storage_local import make_durable

_OPERATIONS = {INSERT: "insert", UPDATE: "update", DELETE: "delete", READ: "read", MOVED: "insert"}
_TOLD = (
    ("_record_operation", pa.string()),
    ("_record_position", pa.string()),
    ("_record_ordinal", pa.int64()),
    ("_record_time", pa.timestamp("us")),
    ("_record_unchanged", pa.list_(pa.string())),
)


class Format(Enum):
    """How rows are written; the value is the word of the statement."""

    PARQUET = "parquet"
    JSON = "json"


class Spool:
    """See the module.

    Args:
        folder: made when it is first needed.
        sequence: the transaction's number.
        now: when a dump's rows were read, about.
    """

    def __init__(self, folder: Path, sequence: int, format_: Format, now: datetime) -> None:
        self._folder, self._sequence, self._format = folder, sequence, format_
        self._now = now.replace(tzinfo=None)
        self._open: dict[tuple[str, str], tuple[pa.Schema, Any]] = {}
        self._files: list[Path] = []
        if folder.exists():  # of a transaction that was not committed
            shutil.rmtree(folder)

    def write(self, batch: ChangeBatch) -> None:
        """Add rows."""
        days = [_moment(one.committed_us).strftime("%Y-%m-%d") for one in batch.transactions]
        today = self._now.strftime("%Y-%m-%d")
        of_rows = [today if index is None else days[index] for index in batch.transaction.to_pylist()]
        rows = self._rows(batch)
        for day in dict.fromkeys(of_rows):
            wanted = pa.array([one == day for one in of_rows], pa.bool_()) if len(set(of_rows)) > 1 else None
            self._add(batch.schema.path, day, rows if wanted is None else rows.filter(wanted))

    def truncate(self, path: TablePath, transaction: Transaction | None) -> None:
        """Add the row that says that all rows went, by the source or because they are dumped anew."""
        moment = self._now if transaction is None else _moment(transaction.committed_us)
        position = None if transaction is None else str(transaction.position)
        told: list[Any] = ["truncate", position, None, moment, []]
        arrays = [pa.array([value], kind) for value, (_, kind) in zip(told, _TOLD, strict=True)]
        rows = pa.RecordBatch.from_arrays(arrays, names=[name for name, _ in _TOLD])
        self._add(path, moment.strftime("%Y-%m-%d"), rows)

    def close(self) -> bool:
        """Make the files durable; False where there are none."""
        for _, writer in self._open.values():
            writer.close()
        self._open.clear()
        for file in self._files:
            make_durable(file)
            make_durable(file.parent)
        return bool(self._files)

    def _rows(self, batch: ChangeBatch) -> pa.RecordBatch:
        count = len(batch)
        positions = pa.array([str(one.position) for one in batch.transactions], pa.string())
        moments = pa.array([one.committed_us for one in batch.transactions], pa.int64())
        names = [[batch.schema.columns[index].name for index in sorted(one)] for one in batch.patterns]
        patterns = [0] * count if batch.pattern is None else batch.pattern.to_pylist()
        told = [
            pa.array([_OPERATIONS[op] for op in batch.ops.to_pylist()], pa.string()),
            positions.take(batch.transaction),
            batch.ordinals if batch.transactions else pa.nulls(count, pa.int64()),
            moments.take(batch.transaction).cast(pa.timestamp("us")).fill_null(self._now),
            pa.array([names[pattern] for pattern in patterns], pa.list_(pa.string())),
        ]
        return pa.RecordBatch.from_arrays(
            [*batch.rows.columns, *told], names=[*batch.rows.schema.names, *(name for name, _ in _TOLD)]
        )

    def _add(self, path: TablePath, day: str, rows: pa.RecordBatch) -> None:
        """Rows of another shape begin another part, so that parts by their numbers are in the log's order."""
        key = (quote(".".join(path), safe=""), day)
        shape, writer = self._open.get(key, (None, None))
        if shape != rows.schema:
            if writer is not None:
                writer.close()
            writer = self._begin(*key, rows.schema)
            self._open[key] = (rows.schema, writer)
        if self._format is Format.PARQUET:
            writer.write_batch(rows)
        else:
            _write_lines(writer, rows)

    def _begin(self, table: str, day: str, schema: pa.Schema) -> Any:
        suffix = "parquet" if self._format is Format.PARQUET else "jsonl"
        file = self._folder / table / f"day={day}" / f"{self._sequence:012d}-{len(self._files) + 1:04d}.{suffix}"
        file.parent.mkdir(parents=True, exist_ok=True)
        self._files.append(file)
        return pq.ParquetWriter(file, schema) if suffix == "parquet" else file.open("w", encoding="utf-8")


def _write_lines(file: TextIO, rows: pa.RecordBatch) -> None:
    for row in rows.to_pylist():
        unchanged = set(row["_record_unchanged"] or ())
        shown = {name: _plain(value) for name, value in row.items() if name not in unchanged}
        file.write(json.dumps(shown, ensure_ascii=False) + "\n")


def _plain(value: object) -> object:
    """A value as JSON has it: numbers with a point and times as text, so that no digit is lost; bytes as hex."""
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    return value if value is None or isinstance(value, bool | int | str | list) else str(value)


def _moment(microseconds: int) -> datetime:
    return datetime.fromtimestamp(microseconds / 1e6, tz=UTC).replace(tzinfo=None)
