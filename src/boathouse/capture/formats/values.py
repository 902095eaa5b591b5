"""A column's values as JSON, all at once: what can be is written by Arrow, and only texts are looked at one by one.

Numbers with a point and times are texts, so that no digit is lost; bytes are hex digits, or base64 where a format says so.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from boathouse.contracts.types import SqlType

_quoted: Callable[[str], str] = json.encoder.encode_basestring
_PLAIN_SCALE_MAX = 6
"""Arrow writes small decimals of a greater scale with an exponent."""
_LITERAL = ("smallint", "integer", "bigint", "boolean")


def quoted_text(text: str) -> str:
    """A text as JSON, with its letters as they are."""
    return _quoted(text)


def literal(text: str) -> str:
    """A text that stands for itself in a template of `%`."""
    return text.replace("%", "%%")


def object_of(names: list[str], tokens: list[list[str]]) -> list[str]:
    """JSON objects, one a row.

    Args:
        names: the members'.
        tokens: for each name, the rows' values as JSON.
    """
    template = "{" + ",".join(f"{literal(_quoted(name))}:%s" for name in names) + "}"
    return [template % row for row in zip(*tokens, strict=True)]


def tokens(type_: SqlType, values: pa.Array) -> list[str]:
    """Each value as JSON."""
    if type_.name in _LITERAL:
        return _or_null(values.cast(pa.string()))
    if type_.is_float:
        return [_float(value) for value in values.to_pylist()]
    if type_.name in ("varbyte", "bytea"):
        return ["null" if value is None else f'"{value.hex()}"' for value in values.to_pylist()]
    if type_.name == "super":
        return ["null" if value is None else value for value in values.to_pylist()]
    if pa.types.is_string(values.type) or pa.types.is_large_string(values.type):
        return ["null" if value is None else _quoted(value) for value in values.to_pylist()]
    return _or_null(pc.binary_join_element_wise('"', iso(values), '"', ""))


def iso(values: pa.Array) -> pa.Array:
    """Decimals, dates and times as texts; those of a day and an hour with a T between."""
    if pa.types.is_decimal(values.type) and values.type.scale > _PLAIN_SCALE_MAX:
        return pa.array([None if value is None else f"{value:f}" for value in values.to_pylist()], pa.string())
    texts = values.cast(pa.string())
    return pc.replace_substring(texts, " ", "T", max_replacements=1) if pa.types.is_timestamp(values.type) else texts


def base64_tokens(values: pa.Array) -> list[str]:
    """Bytes in base64, as JSON."""
    return ["null" if value is None else f'"{base64.b64encode(value).decode("ascii")}"' for value in values.to_pylist()]


def numbers(values: pa.Array, type_: Any) -> list[str]:
    """Dates and times as numbers of an Arrow type, as JSON."""
    return _or_null(values.cast(type_).cast(pa.string()))


def _or_null(texts: pa.Array) -> list[str]:
    found: list[str] = texts.fill_null("null").to_pylist()
    return found


def _float(value: float | None) -> str:
    if value is None:
        return "null"
    text = repr(value)
    return text if text[-1] not in "fn" else f'"{_ODD[text]}"'


_ODD = {"inf": "Infinity", "-inf": "-Infinity", "nan": "NaN"}
