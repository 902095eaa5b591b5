"""One entry's changes as files in a folder of the house: a file for each table, day and shape.

Receives changes; leaves `schema.table/day=YYYY-MM-DD/NUMBER-PART.parquet` or `.jsonl`. Beside the table's a row says what
happened and where in the source's log; those columns are named like a history's.
"""

from __future__ import annotations

import json
import shutil
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import Any, TextIO
from urllib.parse import quote

import pyarrow as pa

from boathouse.capture.formats.formatter import Changes, rows_told


class Format(Enum):
    """How rows are written; the value is the word of the statement."""

    PARQUET = "parquet"
    JSON = "json"


class Spool:
    """See the module.

    Args:
        folder: made when it is first needed; what was there is taken away.

    Attributes:
        files: in the order of their numbers.
    """

    def __init__(self, folder: Path, format_: Format) -> None:
        self._folder, self._format = folder, format_
        self._open: dict[tuple[str, str], tuple[pa.Schema, Any]] = {}
        self.files: list[Path] = []
        if folder.exists():  # of a delivery that did not end
            shutil.rmtree(folder)

    def write(self, changes: Changes) -> None:
        """Add rows, or the row that says that all rows went."""
        rows = rows_told(changes)
        days = rows.column("_record_time").cast(pa.date32()).cast(pa.string()).to_pylist()
        for day in dict.fromkeys(days):
            wanted = pa.array([one == day for one in days], pa.bool_()) if len(set(days)) > 1 else None
            self._add(changes, day, rows if wanted is None else rows.filter(wanted))

    def close(self) -> None:
        """Nothing more comes."""
        for _, writer in self._open.values():
            writer.close()
        self._open.clear()

    def _add(self, changes: Changes, day: str, rows: pa.RecordBatch) -> None:
        """Rows of another shape begin another part, so that parts by their numbers are in the log's order."""
        key = (quote(".".join(changes.path), safe=""), day)
        shape, writer = self._open.get(key, (None, None))
        if shape != rows.schema:
            if writer is not None:
                writer.close()
            writer = self._begin(changes.first.entry, *key, rows.schema)
            self._open[key] = (rows.schema, writer)
        if self._format is Format.PARQUET:
            writer.write_batch(rows)
        else:
            _write_lines(writer, rows)

    def _begin(self, entry: int, table: str, day: str, schema: pa.Schema) -> Any:
        suffix = "parquet" if self._format is Format.PARQUET else "jsonl"
        file = self._folder / table / f"day={day}" / f"{entry:012d}-{len(self.files) + 1:04d}.{suffix}"
        file.parent.mkdir(parents=True, exist_ok=True)
        self.files.append(file)
        if suffix != "parquet":
            return file.open("w", encoding="utf-8")
        import pyarrow.parquet as pq  # not at start: it brings clients of clouds, 10 MB

        return pq.ParquetWriter(file, schema)


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
