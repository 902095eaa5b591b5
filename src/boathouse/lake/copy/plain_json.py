"""Plain JSON files: one object a line, which the engine's own reader takes to mean what COPY would.

Receives a local, uncompressed file; answers with the SQL that reads its values as texts, or None where it must be read
precisely. The engine's reader forgives commas before a closing bracket, gives up on a last line that is cut off, leaves
broken lines empty, and writes numbers anew, so that all of that is looked for, here or in the condition of doubt.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from boathouse.contracts.relations import Column
from boathouse.lake.copy.literals import literal_path, quoted
from boathouse.lake.copy.options import LoadOptions

_PIECE_BYTES = 4 << 20
_LAST_LINE_BYTES_MAX = 1 << 20
_DIGITS_SURE = 16
"""A number of so many characters may have more digits than the engine's reader keeps."""


def plain_json_reader(path: Path, columns: Sequence[Column], options: LoadOptions) -> tuple[str, str] | None:
    """SQL to stand in FROM with fields `r0`, `r1`, …, and the condition of rows that need a closer look."""
    if options.format != "json" or options.json != "auto" or path.stat().st_size == 0:
        return None
    if any(column.type.name == "super" for column in columns):
        return None
    if not _has_object_lines(path, any(column.type.name == "numeric" for column in columns)):
        return None
    texts = [column.type.is_text for column in columns]
    declared = ", ".join(
        f"{quoted(column.name)}: '{'JSON' if text else 'VARCHAR'}'" for column, text in zip(columns, texts, strict=True)
    )
    names = [f"j{place}" for place in range(len(columns))]
    fields = ", ".join(
        f"{_unquoted(name) if text else name} AS r{place}"
        for place, (name, text) in enumerate(zip(names, texts, strict=True))
    )
    broken = " AND ".join(f"{name} IS NULL" for name in names)
    odd = " OR ".join(_odd(name) for name, text in zip(names, texts, strict=True) if text) or "false"
    reader = (
        f"(SELECT {fields}, ({broken}) OR {odd} AS odd FROM read_json({literal_path(path)}, "
        f"columns={{{declared}}}, format='newline_delimited', records=true, ignore_errors=true, auto_detect=false, "
        f"compression='uncompressed', hive_partitioning=false) AS lines({', '.join(names)}))"
    )
    return reader, "odd"


def _unquoted(name: str) -> str:
    """The text of a JSON string; NULL for null."""
    text = f"{name}::VARCHAR"
    plain = f"substr({text}, 2, length({text}) - 2)"
    return (
        f"CASE WHEN {text} IN ('true', 'false') THEN {text} WHEN left({text}, 1) <> '\"' THEN NULL "
        f"WHEN contains({text}, '\\') THEN {name} ->> '$' ELSE {plain} END"
    )


def _odd(name: str) -> str:
    """A value for a text column that is no string: its own text has to be seen."""
    text = f"{name}::VARCHAR"
    return f"coalesce(left({text}, 1) <> '\"' AND {text} NOT IN ('null', 'true', 'false'), false)"


def _has_object_lines(path: Path, digits_matter: bool) -> bool:
    """True where every line is one object, as far as its ends tell, and no number may lose digits."""
    feeds = unix = windows = 0
    last = b""
    with path.open("rb") as file:
        while piece := file.read(_PIECE_BYTES):
            if not last and not piece.startswith(b"{"):
                return False
            if b"\n" not in piece and len(piece) == _PIECE_BYTES:
                return False  # a line of megabytes
            joined = last + piece
            if any(odd in joined for odd in (b",}", b",]", b", }", b", ]")) or (
                digits_matter and _has_long_number(joined)
            ):
                return False
            feeds += piece.count(b"\n")
            unix += joined.count(b"}\n{")
            windows += joined.count(b"}\r\n{")
            last = joined[-_DIGITS_SURE:] if len(joined) > _DIGITS_SURE else joined
            # What the next piece would count again.
            unix -= last.count(b"}\n{")
            windows -= last.count(b"}\r\n{")
        unix += last.count(b"}\n{")
        windows += last.count(b"}\r\n{")
    inner = feeds - last.endswith(b"\n")
    return inner in (unix, windows) and _is_object(_last_line(path))


def _has_long_number(piece: bytes) -> bool:
    """True where digits and points stand in a row for so long that a number may not be kept exactly."""
    data = np.frombuffer(piece, np.uint8)
    run = (data >= ord(".")) & (data <= ord("9"))
    for step in (1, 2, 4, 8):
        if len(run) <= step:
            return False
        run = run[:-step] & run[step:]
    return bool(run.any())


def _last_line(path: Path) -> bytes:
    with path.open("rb") as file:
        file.seek(max(0, os.fstat(file.fileno()).st_size - _LAST_LINE_BYTES_MAX))
        return file.read().rstrip(b"\r\n").rpartition(b"\n")[2]


def _is_object(line: bytes) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False
