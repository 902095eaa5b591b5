"""Append-only files of JSON lines, the oldest deleted by age, number and size.

Receives dictionaries in batches from the history's writer; the engine reads the files where they lie. A line is on the
disk when `append` returns. What a crash tears off is the end of the last line, and the readers skip it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from time import time
from typing import Any

SEGMENT_BYTES = 4 * 1024 * 1024
"""Where a file is closed and the next begun: what is deleted at once when the limits are reached."""
DAY_SECONDS = 86_400


class Segments:
    """The files of one kind in a folder.

    Args:
        folder: made where there is none.
        name: files are called `<name>-<number>.jsonl`.
        days_max, rows_max, bytes_max: what is kept; at least the file that is being written stays.
    """

    def __init__(self, folder: Path, name: str, days_max: float, rows_max: int, bytes_max: int) -> None:
        folder.mkdir(mode=0o700, exist_ok=True)
        self._folder = folder
        self._name = name
        self._days_max, self._rows_max, self._bytes_max = days_max, rows_max, bytes_max
        self._rows = {path: path.read_bytes().count(b"\n") for path in self.paths()}
        last = max(self._rows, default=None)
        if last is None or last.stat().st_size >= SEGMENT_BYTES:
            last = self._next(last)
        self._open(last)
        if not _ends_whole(last):
            self._write(b"\n")
        self.trim()

    @property
    def pattern(self) -> str:
        """Matches all files, for the engine's reader; there is always one at least."""
        return str(self._folder / f"{self._name}-*.jsonl")

    def paths(self) -> list[Path]:
        """The files, oldest first."""
        return sorted(self._folder.glob(f"{self._name}-*.jsonl"))

    def append(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Write rows and see them on the disk."""
        lines = [json.dumps(row, separators=(",", ":")) + "\n" for row in rows]
        if not lines:
            return
        self._write("".join(lines).encode())
        self._rows[self._path] = self._rows.get(self._path, 0) + len(lines)
        if self._bytes >= SEGMENT_BYTES:
            self._file.close()
            self._open(self._next(self._path))
            self.trim()

    def trim(self) -> None:
        """Delete the oldest files while the others hold as much as may be kept, or all that is young enough."""
        sizes = {path: path.stat() for path in self.paths()}
        rows, size = sum(self._rows.values()), sum(found.st_size for found in sizes.values())
        for path in sorted(sizes)[:-1]:
            rows_left, size_left = rows - self._rows.get(path, 0), size - sizes[path].st_size
            is_old = sizes[path].st_mtime < time() - self._days_max * DAY_SECONDS
            if not (is_old or rows_left >= self._rows_max or size_left >= self._bytes_max):
                break
            path.unlink(missing_ok=True)
            self._rows.pop(path, None)
            rows, size = rows_left, size_left

    def last_rows(self, files: int = 2) -> Iterator[dict[str, Any]]:
        """The rows of the last files, oldest first; lines that are not whole are left out."""
        for path in self.paths()[-files:]:
            for line in path.read_bytes().splitlines():
                try:
                    row = json.loads(line)
                except ValueError:
                    continue
                if isinstance(row, dict):
                    yield row

    def close(self) -> None:
        """Nothing more is written."""
        self._file.close()

    def _next(self, last: Path | None) -> Path:
        number = 1 if last is None else int(last.stem.rpartition("-")[2]) + 1
        return self._folder / f"{self._name}-{number:09d}.jsonl"

    def _open(self, path: Path) -> None:
        self._path = path
        self._file = os.fdopen(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "ab", buffering=0)
        self._bytes = path.stat().st_size

    def _write(self, data: bytes) -> None:
        self._file.write(data)
        os.fdatasync(self._file.fileno())
        self._bytes += len(data)


def _ends_whole(path: Path) -> bool:
    with path.open("rb") as file:
        if not file.seek(0, os.SEEK_END):
            return True
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"
