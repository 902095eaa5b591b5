"""Columns to Python's values, and back.

Received from the server: columns as (kind, nulls, data, ends): one byte for each row that says whether it is NULL, or
nothing where none is; the values one after the other; of texts, where each ends. Kinds: `i` integers of 64 bits, `d`
doubles, `b` booleans of a byte, `s` texts in UTF-8, `n` numerics as texts, `D` days since 1970, `T` microseconds since then.
Handed back: the same without the kind, of one column, whose every value has been checked against the declared type.

Source: Redshift Developer Guide, "Python UDF data types".
"""

from __future__ import annotations

import array
import math
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any

Column = tuple[str, bytes, bytes, bytes]
Written = tuple[bytes, bytes, bytes]

_EPOCH, _MICROSECOND = datetime(1970, 1, 1), timedelta(microseconds=1)
_FIRST_DAY = date(1970, 1, 1).toordinal()


class WrongValue(Exception):
    """What a function returned does not fit its type: `args` are the SQLSTATE and the message."""


def _texts(data: bytes, ends: bytes) -> list[str]:
    text, places = data.decode(), memoryview(ends).cast("i").tolist()
    if len(text) == len(data):  # as many characters as bytes: cut once decoded
        return [text[start:end] for start, end in zip([0, *places], places, strict=False)]
    return [data[start:end].decode() for start, end in zip([0, *places], places, strict=False)]


_READERS: dict[str, Callable[[bytes, bytes], list[Any]]] = {
    "i": lambda data, _: memoryview(data).cast("q").tolist(),
    "d": lambda data, _: memoryview(data).cast("d").tolist(),
    "b": lambda data, _: [one != 0 for one in data],
    "s": _texts,
    "n": lambda data, ends: [Decimal(one or 0) for one in _texts(data, ends)],
    "D": lambda data, _: [date.fromordinal(one + _FIRST_DAY) for one in memoryview(data).cast("q")],
    "T": lambda data, _: [_EPOCH + timedelta(microseconds=one) for one in memoryview(data).cast("q")],
}


def read(column: Column) -> list[Any]:
    """A column's values, None for NULL."""
    kind, nulls, data, ends = column
    values = _READERS[kind](data, ends)
    return [None if null else one for one, null in zip(values, nulls, strict=True)] if nulls else values


def write(of: Sequence[Any], values: list[Any]) -> Written:
    """What a function returned for each row, in the type that it has declared.

    Args:
        of: the kind, the type's name, and what bounds its values: the least and the greatest integer, the bytes of a
            text, precision and scale.

    Raises:
        WrongValue.
    """
    kind, name, *bounds = of
    nulls = bytes(one is None for one in values) if None in values else b""
    data, ends = _WRITERS[kind](name, values, *bounds)
    return nulls, data, ends


def _wrong(name: str, value: object) -> WrongValue:
    return WrongValue("42804", f"the function returned {type(value).__name__} where {name} is declared")


def _integers(name: str, values: list[Any], least: int, most: int) -> tuple[bytes, bytes]:
    if not set(map(type, values)) <= {int, bool}:
        values = [_integer(name, one) for one in values]
    if values and not least <= min(values) <= max(values) <= most:
        value = next(one for one in values if not least <= one <= most)
        raise WrongValue("22003", f"value {_short(value)} is out of range for type {name}")
    return array.array("q", values).tobytes(), b""


def _integer(name: str, value: object) -> int:
    if value is None:
        return 0
    if isinstance(value, float | Decimal) and value % 1 == 0:
        return int(value)
    if isinstance(value, float | Decimal):
        raise WrongValue("22P02", f"the function returned {_short(value)} where {name} is declared")
    if not isinstance(value, int):
        raise _wrong(name, value)
    return int(value)


def _doubles(name: str, values: list[Any], most: float) -> tuple[bytes, bytes]:
    found = array.array("d", [0.0 if one is None else _double(name, one) for one in values])
    if most and any(abs(one) > most and not math.isinf(one) for one in found):
        raise WrongValue("22003", f"value is out of range for type {name}")
    return found.tobytes(), b""


def _double(name: str, value: object) -> float:
    if type(value) is float:
        return value
    if not isinstance(value, int | float | Decimal):
        raise _wrong(name, value)
    try:
        return float(value)
    except OverflowError:
        raise WrongValue("22003", f"value is out of range for type {name}") from None


def _booleans(name: str, values: list[Any]) -> tuple[bytes, bytes]:
    for one in values:
        if one is not None and not (isinstance(one, int) and one in (0, 1)):
            raise _wrong(name, one)
    return bytes(bool(one) for one in values), b""


def _written_texts(name: str, values: list[Any], most: int) -> tuple[bytes, bytes]:
    found: list[bytes] = []
    for one in values:
        if one is None:
            found.append(b"")
            continue
        if not isinstance(one, str | bytes):
            raise _wrong(name, one)
        try:
            text = one.encode() if isinstance(one, str) else one.decode().encode()
        except UnicodeError:
            raise WrongValue("22021", "the function returned a text that is not UTF-8") from None
        if len(text) > most:
            raise WrongValue("22001", f"value too long for type {name}: the function returned {len(text)} bytes")
        if b"\0" in text:
            raise WrongValue("22021", "the function returned a text with a null character")
        found.append(text)
    return _joined(found)


def _joined(found: list[bytes]) -> tuple[bytes, bytes]:
    ends, end = array.array("i"), 0
    for one in found:
        end += len(one)
        ends.append(end)
    return b"".join(found), ends.tobytes()


_EXACT = Context(prec=400)


def _numerics(name: str, values: list[Any], precision: int, scale: int) -> tuple[bytes, bytes]:
    unit, most = Decimal(1).scaleb(-scale), Decimal(10) ** (precision - scale)
    found = []
    for one in values:
        if one is None:
            found.append(b"0")
            continue
        if not isinstance(one, int | float | Decimal):
            raise _wrong(name, one)
        value = one if isinstance(one, Decimal) else Decimal(repr(one) if isinstance(one, float) else int(one))
        if not value.is_finite() or abs(value) >= most * 2:
            raise WrongValue("22003", f"numeric field overflow: {_short(value)} does not fit {name}")
        exact = value.quantize(unit, ROUND_HALF_UP, _EXACT)
        if abs(exact) >= most:
            raise WrongValue("22003", f"numeric field overflow: {_short(value)} does not fit {name}")
        found.append(format(exact, "f").encode())
    return _joined(found)


def _days(name: str, values: list[Any]) -> tuple[bytes, bytes]:
    for one in values:
        if one is not None and (not isinstance(one, date) or isinstance(one, datetime)):
            raise _wrong(name, one)
    return array.array("q", [0 if one is None else one.toordinal() - _FIRST_DAY for one in values]).tobytes(), b""


def _moments(name: str, values: list[Any]) -> tuple[bytes, bytes]:
    found = array.array("q")
    for one in values:
        if one is None:
            found.append(0)
            continue
        if not isinstance(one, date):
            raise _wrong(name, one)
        moment = one if isinstance(one, datetime) else datetime(one.year, one.month, one.day)
        if moment.tzinfo is not None:
            raise WrongValue("42804", f"the function returned a moment with a time zone where {name} is declared")
        found.append((moment - _EPOCH) // _MICROSECOND)
    return found.tobytes(), b""


def _short(value: object) -> str:
    shown = str(value)
    return shown if len(shown) <= 40 else shown[:37] + "..."


_WRITERS: dict[str, Callable[..., tuple[bytes, bytes]]] = {
    "i": _integers, "d": _doubles, "b": _booleans, "s": _written_texts, "n": _numerics, "D": _days, "T": _moments,
}  # fmt: skip
