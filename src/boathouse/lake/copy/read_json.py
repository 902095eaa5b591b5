"""JSON files to records: objects one after another, on one line each or spread over many.

Receives a local, uncompressed file and where each column's value is in an object; hands `load` chunks whose fields are
texts, as `read_records` does. Source: Redshift Developer Guide, "COPY from JSON format".
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from boathouse.contracts.errors import InvalidParameterValue, LoadFailed
from boathouse.contracts.relations import Column
from boathouse.lake.copy.options import LoadOptions
from boathouse.lake.copy.read_records import CHUNK_RECORDS, Chunk

PATHS_BYTES_MAX = 64 << 10
"""Redshift's limit of a JSONPaths file."""
_READ_CHARACTERS = 1 << 20
_STEP = re.compile(
    r"\.([A-Za-z_][\w$]*)|\[\s*'((?:[^'\\]|\\.)*)'\s*\]|\[\s*\"((?:[^\"\\]|\\.)*)\"\s*\]|\[\s*(\d+)\s*\]"
)

Path_ = tuple[str | int, ...]


def parse_paths(content: bytes, columns: int) -> list[Path_]:
    """A JSONPaths file: `{"jsonpaths": ["$['a']['b']", "$.c[0]", …]}`, one path per column.

    Raises:
        InvalidParameterValue: not such a file, or another number of paths.
    """
    if len(content) > PATHS_BYTES_MAX:
        raise InvalidParameterValue(f"the JSONPaths file is larger than {PATHS_BYTES_MAX >> 10} KB")
    try:
        texts = json.loads(content)["jsonpaths"]
    except (ValueError, KeyError, TypeError) as failure:
        raise InvalidParameterValue('the JSONPaths file should be like {"jsonpaths": ["$.a", "$.b"]}') from failure
    if len(texts) != columns:
        raise InvalidParameterValue(f"the JSONPaths file has {len(texts)} paths for {columns} columns")
    return [_parse_path(str(text)) for text in texts]


def _parse_path(text: str) -> Path_:
    steps: list[str | int] = []
    at = 1
    if not text.startswith("$"):
        raise InvalidParameterValue(f'"{text}" is not a JSONPath', hint="It starts with $.")
    while at < len(text):
        found = _STEP.match(text, at)
        if found is None:
            raise InvalidParameterValue(
                f'"{text}" is not a JSONPath that COPY knows', hint="Only names and places: no * or ?()."
            )
        name = next((group for group in found.groups()[:3] if group is not None), None)
        steps.append(name if name is not None else int(found[4]))
        at = found.end()
    return tuple(steps)


def read_json_chunks(
    path: Path, columns: Sequence[Column], paths: list[Path_] | None, options: LoadOptions
) -> Iterator[Chunk]:
    """The file's objects, `CHUNK_RECORDS` at a time; `paths` None takes values by column name."""
    fold = options.json == "auto ignorecase"
    names = [column.name for column in columns]
    chunk = Chunk()
    for number, value in _values(path):
        if paths is not None:
            found = [_at(value, steps) for steps in paths]
        elif isinstance(value, dict):
            keyed = {key.lower(): inner for key, inner in value.items()} if fold else value
            found = [keyed.get(name) for name in names]
        else:
            raise LoadFailed(f"line {number}: an object is expected, not {type(value).__name__}")
        chunk.lines.append(number)
        chunk.raws.append("")
        chunk.rows.append([_text(inner, column) for inner, column in zip(found, columns, strict=True)])
        if len(chunk.rows) >= CHUNK_RECORDS:
            yield chunk
            chunk = Chunk()
    if chunk.rows:
        yield chunk


def _at(value: Any, steps: Path_) -> Any:
    for step in steps:
        if isinstance(step, int) and isinstance(value, list):
            value = value[step] if step < len(value) else None
        elif isinstance(step, str) and isinstance(value, dict):
            value = value.get(step)
        else:
            return None
    return value


def _text(value: Any, column: Column) -> str | None:
    """A JSON value as the text that a column is made from."""
    if value is None:
        return None
    if column.type.name == "super" or isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _values(path: Path) -> Iterator[tuple[int, Any]]:
    """Each top-level value with the number of its last line; numbers keep their digits."""
    decoder = json.JSONDecoder(parse_float=_Digits)
    with path.open(encoding="utf-8-sig", errors="strict") as file:
        buffer, at, line, ended = "", 0, 1, False
        while True:
            while at < len(buffer) and buffer[at] in " \t\r\n":
                line += buffer[at] == "\n"
                at += 1
            if at < len(buffer):
                try:
                    value, end = decoder.raw_decode(buffer, at)
                except json.JSONDecodeError as failure:
                    if ended:
                        raise LoadFailed(
                            f"line {line + buffer.count(chr(10), at, failure.pos)}: not well-formed JSON: {failure.msg}",
                            hint="COPY takes objects one after another, without commas between them.",
                        ) from failure
                else:
                    if end < len(buffer) or ended:
                        line += buffer.count("\n", at, end)
                        yield line, value
                        at = end
                        continue
            if ended:
                return
            try:
                more = file.read(max(_READ_CHARACTERS, len(buffer) - at))
            except UnicodeDecodeError as failure:
                raise LoadFailed(f"after line {line}: the file is not UTF-8") from failure
            ended = not more
            buffer, at = buffer[at:] + more, 0


class _Digits(str):
    """A number as it was written: a float would lose digits of a DECIMAL."""

    __slots__ = ()
