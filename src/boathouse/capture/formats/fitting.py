"""Values that the warehouse's types have no room for, or that are no text: refused, or made fit where their owner wants that.

Received from both paths of a source, chunks and log, so that a value becomes the same by either. Pure.
"""

from __future__ import annotations

import codecs
import json
import re
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from boathouse.capture.changes import TableSchema
from boathouse.contracts.source_errors import SourceRefused

_TEXT = "character varying"
_TEXT_BYTES_MAX = 65_535
_BYTES_MAX = {_TEXT: _TEXT_BYTES_MAX, "varbyte": 16_777_216, "super": 16_777_216}
_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"(\s*:)?', re.DOTALL)
"""A string of a JSON text; the second group tells that it is a name."""


@dataclass(frozen=True, slots=True)
class Lenient:
    """What an integration does about them.

    Attributes:
        truncates: texts, and texts within SUPER, are cut to 65,535 bytes.
        replaces: of a text, each byte that is none of its character set is a `?`.
    """

    truncates: bool = False
    replaces: bool = False


STRICT = Lenient()


def fitted(schema: TableSchema, rows: pa.RecordBatch, lenient: Lenient = STRICT) -> pa.RecordBatch:
    """Rows with values that are no longer than the widest ones that the warehouse declares. A key's are never cut.

    Raises:
        SourceRefused: one is; names its column.
    """
    for index, (column, values) in enumerate(zip(schema.columns, rows.columns, strict=True)):
        limit = _BYTES_MAX.get(column.type.name)
        if limit is None:
            continue
        longest = _longest(values)
        if longest > limit and lenient.truncates and index not in schema.key and column.type.name != "varbyte":
            values = _cut(values, limit, is_json=column.type.name != _TEXT)
            rows, longest = rows.set_column(index, rows.schema.field(index), values), _longest(values)
        if longest > limit:
            raise SourceRefused(
                f"{schema.schema}.{schema.name}.{column.name} has a value of {longest} bytes; "
                f"{column.type.name.upper()} takes {limit}"
            )
    return rows


def replaced(values: pa.Array, codec: str = "utf-8") -> pa.Array:
    """Bytes as texts, each byte that is none of the character set as a `?`."""
    return pa.array(
        [None if value is None else value.decode(codec, _QUESTION) for value in values.to_pylist()], pa.string()
    )


def _longest(values: pa.Array) -> int:
    return pc.max(pc.binary_length(values)).as_py() or 0


def _cut(values: pa.Array, limit: int, *, is_json: bool) -> pa.Array:
    is_long = pc.fill_null(pc.greater(pc.binary_length(values), limit), False)
    cut = [_cut_json(value) if is_json else _cut_text(value) for value in values.filter(is_long).to_pylist()]
    return pc.replace_with_mask(values, is_long, pa.array(cut, values.type))


def _cut_text(text: str) -> str:
    return text.encode()[:_TEXT_BYTES_MAX].decode(errors="ignore")


def _cut_json(text: str) -> str:
    def cut(found: re.Match[str]) -> str:
        if found[2] is not None or 4 * len(found[1]) <= _TEXT_BYTES_MAX:  # of UTF-8's at most four for each
            return found[0]
        return json.dumps(_cut_text(json.loads(found[0])), ensure_ascii=False)

    return _STRING.sub(cut, text)


_QUESTION = "boathouse.question"


def _question(failure: UnicodeError) -> tuple[str, int]:
    assert isinstance(failure, UnicodeDecodeError)
    return "?" * (failure.end - failure.start), failure.end


codecs.register_error(_QUESTION, _question)
