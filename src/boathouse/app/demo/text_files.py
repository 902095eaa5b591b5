"""Arrow tables to delimited text files, compressed by their names' suffix.

Received: generated tables. Handed on: files, to COPY and to external tables.
"""

from __future__ import annotations

import gzip
from pathlib import Path

import pyarrow as pa
import pyarrow.csv

GZIP_LEVEL = 1
"""Fast: the data lives for minutes."""


def write_text(table: pa.Table, path: Path, delimiter: str = "|") -> None:
    """Write a table without header, each value bare; `.gz` and `.zst` compress. Equal tables make equal files."""
    path.parent.mkdir(parents=True, exist_ok=True)
    options = pyarrow.csv.WriteOptions(include_header=False, delimiter=delimiter, quoting_style="none")
    with path.open("wb") as file:
        if path.suffix == ".gz":
            with gzip.GzipFile("", "wb", GZIP_LEVEL, file, mtime=0) as packed:
                pyarrow.csv.write_csv(table, packed, options)
        elif path.suffix == ".zst":
            with pa.CompressedOutputStream(file, "zstd") as packed:
                pyarrow.csv.write_csv(table, packed, options)
        else:
            pyarrow.csv.write_csv(table, file, options)


def write_text_parts(table: pa.Table, folder: Path, stem: str, suffix: str, parts: int) -> None:
    """Write a table as several files `stem_01suffix`, so that a load can read them side by side."""
    share = -(-table.num_rows // parts)
    for part in range(parts):
        write_text(table.slice(part * share, share), folder / f"{stem}_{part + 1:02d}{suffix}")
