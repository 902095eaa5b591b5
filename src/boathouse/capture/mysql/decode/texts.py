"""Text, bytes, labels and documents as Arrow arrays.

Receives one slice of bytes a row, hands Arrow arrays on; bytes that are no text of their character set are an error that
names the column. Pure.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyarrow as pa

from boathouse.capture.formats.fitting import replaced
from boathouse.capture.mysql.decode.columns import Column, Kind
from boathouse.capture.mysql.decode.frames import MalformedEvent
from boathouse.capture.mysql.decode.json_binary import read_json
from boathouse.capture.mysql.decode.times import Ints, Mask
from boathouse.contracts.errors import DataError

_HOLES = {code: chr(code) for code in (0x81, 0x8D, 0x8F, 0x90, 0x9D)}
"""MySQL's latin1 is cp1252 with the bytes that cp1252 lacks read as the control characters of their number."""
_LATIN1 = "".join(_HOLES.get(code) or bytes((code,)).decode("cp1252") for code in range(256))


def decode_text(content: bytes, codec: str) -> str:
    """Text of a column's character set."""
    if codec == "latin1":
        return content.decode("latin1").translate(_LATIN1_TABLE) if not content.isascii() else content.decode("ascii")
    return content.decode(codec)


_LATIN1_TABLE = dict(enumerate(_LATIN1))


def encode_text(text: str, codec: str) -> bytes:
    """The reverse of `decode_text`, for keys that are bound again."""
    if codec == "latin1":
        return bytes(_LATIN1.index(letter) for letter in text)
    return text.encode(codec)


def values_array(slices: list[bytes], column: Column, valid: Mask) -> pa.Array:
    """A column whose values stand in rows with their length: text, bytes or JSON."""
    if column.kind is Kind.BINARY:
        if column.size:  # the log cuts the zero bytes off a BINARY's end
            return _nullable([content.ljust(column.size, b"\0") for content in slices], valid, pa.binary())
        return _nullable(slices, valid, pa.binary())
    if column.kind is Kind.JSON:
        return _nullable(slices, valid, pa.utf8(), lambda content: read_json(content) if content else "null")
    array = _nullable(slices, valid, pa.binary())
    if column.codec in ("utf8", "ascii") or (all(map(bytes.isascii, slices)) and not column.codec.startswith("utf_")):
        try:
            return array.cast(pa.utf8())
        except pa.ArrowInvalid as error:
            if column.replaces:
                return replaced(array, column.codec)
            raise not_text(column) from error
    try:
        return _nullable(slices, valid, pa.utf8(), lambda content: decode_text(content, column.codec))
    except UnicodeDecodeError as error:
        if column.replaces:
            return replaced(array, column.codec)
        raise not_text(column) from error


def _nullable(
    slices: list[bytes], valid: Mask, kind: pa.DataType, read: Callable[[bytes], str] | None = None
) -> pa.Array:
    if valid.all():
        return pa.array(slices if read is None else [read(content) for content in slices], type=kind)
    rows = zip(slices, valid.tolist(), strict=True)
    return pa.array(
        [(content if read is None else read(content)) if there else None for content, there in rows], type=kind
    )


def labels_array(numbers: Ints, column: Column, valid: Mask) -> pa.Array:
    """ENUM: the label of an index, '' for index 0; SET: the labels of the bits, joined by commas."""
    if column.kind is Kind.ENUM:
        if (numbers[valid] > len(column.labels)).any():
            raise MalformedEvent(f'a value of "{column.name}" has no label')
        labels = pa.array(("", *column.labels), type=pa.utf8())
        return labels.take(pa.array(np.where(valid, numbers, 0), mask=~valid))
    known: dict[int, str] = {}
    found: list[str | None] = []
    for number, there in zip(numbers.tolist(), valid.tolist(), strict=True):
        bits = number & 0xFFFFFFFFFFFFFFFF
        if bits not in known:
            if bits >> len(column.labels):
                raise MalformedEvent(f'a value of "{column.name}" has no label')
            known[bits] = ",".join(label for i, label in enumerate(column.labels) if bits >> i & 1)
        found.append(known[bits] if there else None)
    return pa.array(found, type=pa.utf8())


def not_text(column: Column) -> DataError:
    """What is said of it."""
    return DataError(f'a value of column "{column.name}" is not text of its character set')
