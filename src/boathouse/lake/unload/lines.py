"""Arrow batches to lines: delimited text, CSV, JSON; vectorised.

Received: batches of the query's result. Handed on: `Lines` (one buffer and where each line ends in it), to `parts`,
which cuts files only between lines. Pure. Source: Redshift Database Developer Guide, "UNLOAD" (ADDQUOTES, ESCAPE,
NULL AS, FORMAT CSV, FORMAT JSON).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from boathouse.contracts.answers import Field
from boathouse.contracts.errors import StringTooLong
from boathouse.lake.unload.options import UnloadOptions
from boathouse.lake.unload.texts import Column, text_column

BATCH_BYTES_MAX = 64 * 1024 * 1024
"""A larger batch is encoded in halves: string offsets are 32 bits wide and the text may be several times as long."""

_BARE_JSON = ("smallint", "integer", "bigint", "oid", "real", "double precision", "numeric")
_JSON_CONTROL = re.compile(r'[\x00-\x1f"\\]')


@dataclass(frozen=True, slots=True)
class Lines:
    """Encoded rows.

    Attributes:
        data: the bytes of all lines, each with its newline.
        ends: where each line ends in `data`.
    """

    data: memoryview
    ends: npt.NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.ends)


LineEncoder = Callable[[pa.RecordBatch], Lines]


def line_encoder(fields: tuple[Field, ...], options: UnloadOptions) -> LineEncoder:
    """The encoder of a format other than Parquet; batches have the columns of `fields`, in order."""
    if options.format == "json":
        return lambda batch: _lines(_json_rows(batch, fields))
    if options.format == "csv":
        return lambda batch: _lines(_joined(batch, fields, options, _csv_field))
    if options.widths:
        return lambda batch: _lines(_fixed(batch, fields, options))
    return lambda batch: _lines(_joined(batch, fields, options, _text_field))


def header_line(fields: tuple[Field, ...], options: UnloadOptions) -> bytes:
    """The line of column names."""
    field = _csv_field if options.format == "csv" else _text_field
    names = [field(pa.array([f.name], pa.string()), options)[0].as_py() for f in fields]
    return (options.delimiter.join(names) + "\n").encode()


def split_large(batch: pa.RecordBatch) -> list[pa.RecordBatch]:
    """The batch in pieces of at most BATCH_BYTES_MAX, or of single rows."""
    if batch.nbytes <= BATCH_BYTES_MAX or batch.num_rows < 2:
        return [batch]
    half = batch.num_rows // 2
    return split_large(batch.slice(0, half)) + split_large(batch.slice(half))


def _lines(rows: Column) -> Lines:
    """One string per row, newline included, to a buffer without a copy."""
    _, offsets, data = rows.buffers()
    count = len(rows)
    bounds = np.frombuffer(offsets, np.int32, count + 1, rows.offset * 4).astype(np.int64)
    whole = memoryview(data) if data is not None else memoryview(b"")
    return Lines(whole[bounds[0] : bounds[-1]], bounds[1:] - bounds[0])


_FieldWriter = Callable[[Column, UnloadOptions], Column]


def _joined(batch: pa.RecordBatch, fields: tuple[Field, ...], options: UnloadOptions, write: _FieldWriter) -> Column:
    # A delimiter that can be part of a number or date makes every column worth escaping.
    ambiguous = bool(re.match(r"[0-9A-Za-z.:+\- ]", options.delimiter))
    columns = []
    for field, column in zip(fields, batch.columns, strict=True):
        text = text_column(column, field.type)
        plain = not ambiguous and _is_bare(column) and not options.add_quotes
        written = text if plain else write(text, options)
        columns.append(pc.fill_null(written, options.null) if written.null_count else written)
    joined = pc.binary_join_element_wise(*columns, options.delimiter) if len(columns) > 1 else columns[0]
    return pc.binary_join_element_wise(joined, "\n", "")


def _is_bare(column: Column) -> bool:
    """True where no value's text can hold what needs escaping: numbers, booleans, dates and times."""
    return bool(pa.types.is_primitive(column.type) or pa.types.is_decimal(column.type))


def _fixed(batch: pa.RecordBatch, fields: tuple[Field, ...], options: UnloadOptions) -> Column:
    """Each value in its width, blanks behind it; nothing is cut.

    Raises:
        StringTooLong: a value that is wider than its field.
    """
    columns = []
    for field, column, width in zip(fields, batch.columns, options.widths, strict=True):
        text = pc.fill_null(text_column(column, field.type), options.null)
        if (pc.max(pc.utf8_length(text)).as_py() or 0) > width:
            raise StringTooLong(
                f'a value of column "{field.name}" is wider than the {width} characters of its field',
                hint="Give it more room in FIXEDWIDTH, or cut it in the query.",
            )
        columns.append(pc.utf8_rpad(text, width))
    return pc.binary_join_element_wise(*columns, "\n", "")


def _text_field(text: Column, options: UnloadOptions) -> Column:
    """Delimited text: backslashes if ESCAPE, quotes around each value (not around NULL) if ADDQUOTES."""
    if options.escape:
        quotes = "\"'" if options.add_quotes else ""
        special = "[" + re.escape("\\\n\r" + options.delimiter + quotes) + "]"
        text = _replaced(text, special, rf"(?P<c>{special})", r"\\\1")
    return pc.binary_join_element_wise('"', text, '"', "") if options.add_quotes else text


def _csv_field(text: Column, options: UnloadOptions) -> Column:
    """CSV: quotes only around what needs them, quotes inside doubled."""
    needs = pc.match_substring_regex(text, '[\n\r"' + re.escape(options.delimiter) + "]")
    if not pc.any(needs).as_py():
        return text
    quoted = pc.binary_join_element_wise('"', pc.replace_substring(text, '"', '""'), '"', "")
    return pc.if_else(needs, quoted, text)


def _replaced(text: Column, special: str, pattern: str, replacement: str) -> Column:
    if not pc.any(pc.match_substring_regex(text, special)).as_py():
        return text
    return pc.replace_substring_regex(text, pattern, replacement)


def _json_rows(batch: pa.RecordBatch, fields: tuple[Field, ...]) -> Column:
    """One object per row; numbers and nested values bare, everything else a string; booleans "t" and "f"."""
    pieces: list[Column] = []
    before = "{"
    for field, column in zip(fields, batch.columns, strict=True):
        text = text_column(column, field.type)
        before += json.dumps(field.name, ensure_ascii=False) + ":"
        after = ""
        if field.type.name in _BARE_JSON:
            value = _quote_specials(text) if field.type.is_float else text
        elif field.type.is_nested or field.type.name == "json":
            value = _one_line(text)
        else:
            value = text if _is_bare(column) else _json_text(text)
            if value.null_count:
                value = pc.binary_join_element_wise('"', value, '"', "")
            else:  # the quotation marks stand in what is between the values: one copy of the column less
                before, after = before + '"', '"'
        pieces += [before, pc.fill_null(value, "null") if value.null_count else value]
        before = after + ","
    return pc.binary_join_element_wise(*pieces, before[:-1] + "}\n", "")


def _quote_specials(text: Column) -> Column:
    """NaN and the infinities are no JSON numbers; they become strings."""
    return _replaced(text, "[NI]", r"^(-?[NI].*)$", r'"\1"')


def _one_line(text: Column) -> Column:
    """JSON text of a value, its line breaks (which only layout may hold) made blanks."""
    return _replaced(text, "[\n\r]", "[\n\r]", " ")


def _json_text(text: Column) -> Column:
    if not pc.any(pc.match_substring_regex(text, r'[\x00-\x1f"\\]')).as_py():
        return text
    text = pc.replace_substring(pc.replace_substring(text, "\\", "\\\\"), '"', '\\"')
    for raw, escaped in (("\n", "\\n"), ("\r", "\\r"), ("\t", "\\t")):
        text = pc.replace_substring(text, raw, escaped)
    rare = pc.match_substring_regex(text, r"[\x00-\x1f]")
    if not pc.any(rare).as_py():
        return text
    values = [None if value is None else _JSON_CONTROL.sub(_control, value) for value in text.to_pylist()]
    return pc.if_else(pc.fill_null(rare, False), pa.array(values, pa.string()), text)


def _control(match: re.Match[str]) -> str:
    found = match.group()
    return found if found in '"\\' else f"\\u{ord(found):04x}"
