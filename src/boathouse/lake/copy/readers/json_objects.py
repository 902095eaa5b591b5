"""JSON files to records: objects one after another, on one line each or spread over many.

Receives a local, uncompressed file and where each column's value is in an object; hands `load` chunks whose fields are
texts, as `records` does. `chunks_of` does the same for Avro's objects.
Source: Redshift Developer Guide, "COPY from JSON format".
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from boathouse.contracts.errors import InvalidParameterValue
from boathouse.contracts.relations import Column
from boathouse.lake.copy.options import LoadOptions
from boathouse.lake.copy.readers.records import (
    CHUNK_CHARACTERS,
    CHUNK_RECORDS,
    RAW_CHARACTERS_MAX,
    Chunk,
    Rejected,
    Unreadable,
)

PATHS_BYTES_MAX = 64 << 10
"""Redshift's limit of a JSONPaths file."""
_READ_CHARACTERS = 1 << 20
_BLANKS = re.compile(r"[ \t\r\n]+")
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
    path: Path, columns: Sequence[Column], paths: list[Path_] | None, options: LoadOptions, value_bytes_max: int
) -> Iterator[Chunk]:
    """The file's objects, in chunks; `paths` None takes values by column name."""
    return chunks_of(_values(path, value_bytes_max), columns, paths, options)


def chunks_of(
    values: Iterable[tuple[int, Any, str]], columns: Sequence[Column], paths: list[Path_] | None, options: LoadOptions
) -> Iterator[Chunk]:
    """Objects as the texts of columns, in chunks; each comes with its number and the beginning of its own text.

    Raises:
        Unreadable: a value that is no object where columns are taken by name.
    """
    find = _finder([column.name for column in columns], paths, options.json)
    chunk, size = Chunk(), 0
    for number, value, raw in values:
        found = find(value)
        if found is None:
            raise Unreadable(f"line {number}: an object is expected, not {type(value).__name__}", number, 1216)
        texts = [_text(inner, column) for inner, column in zip(found, columns, strict=True)]
        if any(text is not None and not text.isascii() and not _is_unicode(text) for text in texts):
            chunk.bad.append(Rejected(number, raw, 1220))
        else:
            chunk.lines.append(number)
            chunk.raws.append(raw)
            chunk.rows.append(texts)
            size += sum(map(len, filter(None, texts)))
        if len(chunk.rows) + len(chunk.bad) >= CHUNK_RECORDS or size >= CHUNK_CHARACTERS:
            yield chunk
            chunk, size = Chunk(), 0
    if chunk.rows or chunk.bad:
        yield chunk


def _finder(names: list[str], paths: list[Path_] | None, way: str) -> Callable[[Any], list[Any] | None]:
    """What takes the columns' values out of one value; it answers None where that is no object."""
    if paths is not None:
        return lambda value: [_at(value, steps) for steps in paths]
    if way == "noshred":
        return lambda value: [value]
    if way == "auto":
        return lambda value: [value.get(name) for name in names] if isinstance(value, dict) else None

    def folded(value: Any) -> list[Any] | None:
        if not isinstance(value, dict):
            return None
        keyed = {key.lower(): inner for key, inner in value.items()}
        return [keyed.get(name) for name in names]

    return folded


def _is_unicode(text: str) -> bool:
    """False where the text holds half of a surrogate pair, which no file in UTF-8 can."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


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
        return _written(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, _Digits) and column.type.name == "numeric" and ("e" in value or "E" in value):
        return format(Decimal(value), "f")
    return str(value)


def _written(value: Any) -> str:
    """JSON text, numbers as they were read."""
    if isinstance(value, dict):
        inner = (f"{json.dumps(key, ensure_ascii=False)}:{_written(one)}" for key, one in value.items())
        return "{" + ",".join(inner) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_written, value)) + "]"
    return str(value) if isinstance(value, _Digits) else json.dumps(value, ensure_ascii=False)


def _first_of_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object; of a key that comes twice the first value counts, as in the engine's reader."""
    found = dict(pairs)
    return found if len(found) == len(pairs) else dict(reversed(pairs))


def _values(path: Path, value_bytes_max: int) -> Iterator[tuple[int, Any, str]]:
    """Each top-level value between the number of its last line and the beginning of its text; numbers keep their digits."""
    decoder = json.JSONDecoder(parse_float=_Digits, object_pairs_hook=_first_of_each)
    with path.open(encoding="utf-8-sig", errors="strict", newline="\n") as file:
        buffer, at, line, ended = "", 0, 1, False
        while True:
            while found := _BLANKS.match(buffer, at):
                line += buffer.count("\n", at, found.end())
                at = found.end()
            if at < len(buffer):
                try:
                    value, end = decoder.raw_decode(buffer, at)
                except (json.JSONDecodeError, RecursionError) as failure:
                    if ended or isinstance(failure, RecursionError):
                        raise _malformed(line, buffer, at, failure) from failure
                else:
                    if end < len(buffer) or ended:
                        line += buffer.count("\n", at, end)
                        yield line, value, buffer[at : min(end, at + RAW_CHARACTERS_MAX)]
                        at = end
                        continue
            if ended:
                return
            if len(buffer) - at > value_bytes_max:
                raise Unreadable(
                    f"line {line}: a value is longer than {value_bytes_max} bytes, or it is not well-formed JSON",
                    line,
                    1204,
                    "COPY takes objects one after another; copy_raw_line_bytes_max in [lake] is the most of one.",
                )
            try:
                more = file.read(_READ_CHARACTERS)
            except UnicodeDecodeError as failure:
                raise Unreadable(f"after line {line}: the file is not UTF-8", line, 1220) from failure
            ended = not more
            buffer, at = buffer[at:] + more, 0


def _malformed(line: int, buffer: str, at: int, failure: Exception) -> Unreadable:
    if not isinstance(failure, json.JSONDecodeError):
        return Unreadable(f"line {line}: the value is nested too deeply", line, 1216)
    line += buffer.count("\n", at, failure.pos)
    return Unreadable(
        f"line {line}: not well-formed JSON: {failure.msg}",
        line,
        1216,
        "COPY takes objects one after another, without commas between them.",
    )


class _Digits(str):
    """A number as it was written: a float would lose digits of a DECIMAL."""

    __slots__ = ()
