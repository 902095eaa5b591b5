"""Printed columns made ready for COPY's text and CSV formats: escaped, quoted, NULLs spelled out.

Receives columns from `as_text`; hands columns without NULLs to the endpoint, which puts delimiters between them.
Source: PostgreSQL's documentation, COPY, "File Formats".
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from boathouse.contracts.types import SqlType
from boathouse.wire.postgres.columns.storage import Column, Fixed, as_array, bytes_of, from_strings

_HARMLESS_DELIMITERS = "\t,|;\1\x1f~^"
_CONTROLS = {"\b": "b", "\f": "f", "\n": "n", "\r": "r", "\t": "t", "\v": "v"}


def escaped(column: Column, sql_type: SqlType, delimiter: str, null: str) -> Column:
    """For COPY's text format: backslashes before what would end a field, a line or an escape."""
    if _harmless(sql_type, delimiter) and isinstance(column, Fixed):
        return column
    array = as_array(column)
    special = "\\" + delimiter + "".join(_CONTROLS)
    if not _harmless(sql_type, delimiter) and _holds(array, special):
        array = pc.replace_substring(array, b"\\", b"\\\\")
        for control, letter in _CONTROLS.items():
            array = pc.replace_substring(array, control.encode(), b"\\" + letter.encode())
        if delimiter not in _CONTROLS:
            array = pc.replace_substring(array, delimiter.encode(), b"\\" + delimiter.encode())
    return from_strings(_spelled(array, null))


def quoted(
    column: Column, sql_type: SqlType, delimiter: str, null: str, quote: str, escape: str, alone: bool
) -> Column:
    """For COPY's CSV format: quotes around what holds a delimiter, a quote or a line end, or equals the null string.

    Args:
        alone: the line has no other column; then `\\.` is quoted too, as it would end the data.
    """
    array = as_array(column)
    needs = pc.equal(array, pa.scalar(null.encode(), pa.binary()))
    if alone:
        needs = pc.or_(needs, pc.equal(array, pa.scalar(b"\\.", pa.binary())))
    if not _harmless(sql_type, delimiter) and _holds(array, delimiter + quote + "\r\n"):
        for special in (delimiter, quote, "\r", "\n"):
            needs = pc.or_(needs, pc.match_substring(array, special.encode()))
    if pc.any(needs).as_py():
        inner = array
        if escape != quote:
            inner = pc.replace_substring(inner, escape.encode(), (escape + escape).encode())
        inner = pc.replace_substring(inner, quote.encode(), (escape + quote).encode())
        mark = pa.scalar(quote.encode(), pa.binary())
        array = pc.if_else(needs, pc.binary_join_element_wise(mark, inner, mark, b""), array)
    return from_strings(_spelled(array, null))


def _spelled(array: Any, null: str) -> Any:
    return pc.fill_null(array, pa.scalar(null.encode(), pa.binary())) if array.null_count else array


def _harmless(sql_type: SqlType, delimiter: str) -> bool:
    """True where no value of the type can hold a character that means something."""
    plain = sql_type.is_number or sql_type.name in ("boolean", "oid", "date", "uuid", "interval")
    return (plain or sql_type.name.startswith("time")) and delimiter in _HARMLESS_DELIMITERS


def _holds(array: Any, characters: str) -> bool:
    marked = np.zeros(256, dtype=bool)
    marked[list(characters.encode())] = True
    return bool(marked[bytes_of(array)].any())
