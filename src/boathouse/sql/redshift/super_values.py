"""SUPER values from JSON text, digit for digit, and arithmetic between SUPER numbers.

Received from the engine, which calls both for each row that its own reader would make inexact: JSON text, or an operator
with two numbers' texts. Handed back: bytes of Parquet's Variant encoding. The engine's reader makes a double of each
number with a point and of each integer beyond 64 bits; on Redshift both are decimals, and only a number with an exponent
is a double.

Sources: Redshift Developer Guide, "SUPER type" (r_SUPER_type), "Computations with numeric values"; Apache Parquet format
specification, "Variant Binary Encoding".
"""

from __future__ import annotations

import json
import struct
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

_DIGITS_MAX = 38
_BIGINTS = range(-(2**63), 2**63)
_NULL, _TRUE, _FALSE, _BIGINT, _DOUBLE, _STRING = 0, 1, 2, 6, 7, 16
_DECIMALS = ((9, 8, 4), (18, 9, 8), (38, 10, 16))
"""Digits, the encoding's type number, bytes."""


@dataclass(frozen=True, slots=True)
class Exact:
    """A decimal: `units` times ten to the minus `scale`."""

    units: int
    scale: int


def encoded_json(text: str) -> bytes | None:
    """The value that a JSON text stands for; None where it is not JSON."""
    try:
        return encoded(json.loads(text, parse_int=_integer, parse_float=_number, parse_constant=_no_constant))
    except (ValueError, RecursionError):
        return None


def encoded(value: Any) -> bytes:
    """A value of Python's json module, its numbers `Exact`, int or float, as bytes."""
    keys: dict[str, int] = {}
    body = _value(value, keys)
    names = [key.encode() for key in keys]
    offsets, end = [0], 0
    for name in names:
        end += len(name)
        offsets.append(end)
    head = struct.pack(f"<BI{len(offsets)}I", 0xC1, len(names), *offsets)
    return head + b"".join(names) + body


def calculated(operator: str, left: str, right: str) -> bytes | None:
    """`left operator right` for + - * / %; None where the result has more than 38 digits or a divisor is zero.

    Args:
        left, right: an integer or decimal as written, or a double's text with `f` behind it.
    """
    if left.endswith("f") or right.endswith("f"):
        return _doubles(operator, float(left.rstrip("f")), float(right.rstrip("f")))
    a, b = _exact(left), _exact(right)
    found = _OPERATIONS[operator](a, b)
    if found is None or len(str(abs(found.units))) > _DIGITS_MAX:
        return None
    return encoded(found.units if found.scale == 0 else found)


# -- numbers ---------------------------------------------------------------------------------------------


def _integer(text: str) -> int | Exact | float:
    value = int(text) if len(text) < 60 else 10**60
    if value in _BIGINTS:
        return value
    return Exact(value, 0) if len(text.lstrip("-")) <= _DIGITS_MAX else float(text)


def _number(text: str) -> Exact | float:
    if "e" in text or "E" in text:
        return float(text)
    found = _exact(text)
    return found if len(str(abs(found.units))) <= _DIGITS_MAX and found.scale < _DIGITS_MAX else float(text)


def _no_constant(text: str) -> None:
    raise ValueError(text)


def _exact(text: str) -> Exact:
    whole, _, fraction = text.partition(".")
    if not (whole + fraction).lstrip("+-").isdigit():  # 1E+2, as the engine never writes a decimal
        number = Decimal(text)
        return Exact(int(number.scaleb(10)), 10)
    return Exact(int(whole + fraction), len(fraction))


def _doubles(operator: str, a: float, b: float) -> bytes | None:
    if operator in "/%" and b == 0:
        return None
    result = {"+": a + b, "-": a - b, "*": a * b}.get(operator)
    if result is None:
        result = a / b if operator == "/" else a - b * int(a / b)
    return encoded(result)


def _sum(a: Exact, b: Exact) -> Exact:
    scale = max(a.scale, b.scale)
    return Exact(a.units * 10 ** (scale - a.scale) + b.units * 10 ** (scale - b.scale), scale)


def _difference(a: Exact, b: Exact) -> Exact:
    return _sum(a, Exact(-b.units, b.scale))


def _product(a: Exact, b: Exact) -> Exact:
    return Exact(a.units * b.units, a.scale + b.scale)


def _quotient(a: Exact, b: Exact) -> Exact | None:
    if b.units == 0:
        return None
    if a.scale == b.scale == 0:
        return Exact(_truncated(a.units, b.units), 0)
    scale = max(4, a.scale + len(str(abs(b.units))) - b.scale + 1)
    return Exact(_truncated(a.units * 10 ** (scale + b.scale - a.scale), b.units), scale)


def _remainder(a: Exact, b: Exact) -> Exact | None:
    if b.units == 0:
        return None
    scale = max(a.scale, b.scale)
    x, y = a.units * 10 ** (scale - a.scale), b.units * 10 ** (scale - b.scale)
    return Exact(x - y * _truncated(x, y), scale)


def _truncated(a: int, b: int) -> int:
    whole = abs(a) // abs(b)
    return whole if (a < 0) == (b < 0) else -whole


_OPERATIONS: dict[str, Callable[[Exact, Exact], Exact | None]] = {
    "+": _sum,
    "-": _difference,
    "*": _product,
    "/": _quotient,
    "%": _remainder,
}

# -- bytes -----------------------------------------------------------------------------------------------


def _value(value: Any, keys: dict[str, int]) -> bytes:
    if isinstance(value, str):
        text = value.encode("utf-8", "replace")
        if len(text) < 64:
            return bytes((len(text) << 2 | 1,)) + text
        return struct.pack("<BI", _STRING << 2, len(text)) + text
    if isinstance(value, bool) or value is None:
        return bytes(((_NULL if value is None else _TRUE if value else _FALSE) << 2,))
    if isinstance(value, int):
        return struct.pack("<Bq", _BIGINT << 2, value) if value in _BIGINTS else _decimal(Exact(value, 0))
    if isinstance(value, float):
        return struct.pack("<Bd", _DOUBLE << 2, value)
    if isinstance(value, Exact):
        return _decimal(value)
    if isinstance(value, dict):
        ids = [keys.setdefault(key, len(keys)) for key in value]
        parts = [_value(one, keys) for one in value.values()]
        return struct.pack(f"<BI{len(ids)}I", 0x7E, len(ids), *ids) + _with_offsets(parts)
    parts = [_value(one, keys) for one in value]
    return struct.pack("<BI", 0x1F, len(parts)) + _with_offsets(parts)


def _with_offsets(parts: list[bytes]) -> bytes:
    offsets, end = [0], 0
    for part in parts:
        end += len(part)
        offsets.append(end)
    return struct.pack(f"<{len(offsets)}I", *offsets) + b"".join(parts)


def _decimal(value: Exact) -> bytes:
    # The engine's reader takes the number's own digits for its precision, save in the widest form: .5 has none before
    # its point, which no reader of JSON takes.
    digits = len(str(abs(value.units)))
    kind, size = next((kind, size) for most, kind, size in _DECIMALS if digits <= most)
    if digits <= value.scale:
        _, kind, size = _DECIMALS[-1]
    return bytes((kind << 2, value.scale)) + value.units.to_bytes(size, "little", signed=True)
