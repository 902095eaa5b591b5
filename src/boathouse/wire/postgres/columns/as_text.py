"""Arrow columns to PostgreSQL's text format.

Receives plain arrays and their SQL types; hands encoded columns to the endpoint, which lays rows together.
Arrow's own casts do the bulk; the few values that Arrow prints otherwise (exponents, years outside 1-9999,
infinities) are found by comparison and printed one by one.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from boathouse.contracts.types import SqlType
from boathouse.wire.postgres.columns.hexadecimal import hex_digits
from boathouse.wire.postgres.columns.plain import plain
from boathouse.wire.postgres.columns.storage import (
    Cells,
    Column,
    Fixed,
    as_array,
    from_strings,
    numbers,
    offsets_of,
    valid,
)
from boathouse.wire.postgres.forms import write_text
from boathouse.wire.postgres.forms.write_text import DAY_US, offset_seconds, offset_text, zone

_FIRST_DAY, _LAST_DAY = -719_162, 2_932_896
"""0001-01-01 and 9999-12-31."""

_QUOTED_ELEMENT = r'[{}",\\\t\n\v\f\r ]|^$|^[nN][uU][lL][lL]$'

_TRUE_FALSE = np.frombuffer(b"ft", dtype=np.uint8)


def text_column(array: Any, sql_type: SqlType, timezone: str = "UTC") -> Column:
    """One column as PostgreSQL prints it; `timezone` is the session's, for timestamps with time zone."""
    array = plain(array, sql_type)
    if sql_type.name == "boolean" and not array.null_count:
        return Fixed(_TRUE_FALSE[numbers(array).astype(np.uint8)].reshape(-1, 1))
    if sql_type.name == "timestamp with time zone":
        return from_strings(_timestamptz(array, timezone))
    if sql_type.name == "character" and sql_type.length:
        return from_strings(pc.ascii_rpad(array, sql_type.length))
    if pa.types.is_list(array.type):
        return from_strings(_list(array, sql_type, timezone))
    if sql_type.is_reference:
        return from_strings(part_of(array, "name"))
    print_array = _PRINT.get(sql_type.name)
    return from_strings(print_array(array) if print_array else array)


def _patched(text: Any, odd: Cells, values: Cells, write: Callable[[Any], str]) -> Any:
    """The text with the values under `odd` printed one by one."""
    if not odd.any():
        return text
    known: dict[Any, str] = {}
    chosen: list[Any] = values[odd].tolist()
    for value in chosen:
        if value not in known:
            known[value] = write(value)
    return pc.replace_with_mask(text, pa.array(odd), pa.array([known[value] for value in chosen], text.type))


def _boolean(array: Any) -> Any:
    return pc.if_else(array, "t", "f")


def _integer(array: Any) -> Any:
    return pc.cast(array, pa.string())


def _float(write: Callable[[float], str], fixed_max: float, array: Any) -> Any:
    values = numbers(array)
    size = np.abs(values)
    with np.errstate(invalid="ignore"):
        odd = ~((size >= 1e-4) & (size < fixed_max) | (size == 0))
    present = valid(array)
    if present is not None:
        odd &= present
    return _patched(pc.cast(array, pa.string()), odd, values, write)


def _numeric(array: Any) -> Any:
    text = pc.cast(array, pa.string())
    if array.type.scale <= 6:
        return text
    odd = pc.fill_null(pc.match_substring(text, "E"), False).to_numpy(zero_copy_only=False)
    if not odd.any():
        return text
    exact = [format(value, "f") for value in array.filter(pa.array(odd)).to_pylist()]
    return pc.replace_with_mask(text, pa.array(odd), pa.array(exact, pa.string()))


def _within(values: Cells, first: int, last: int) -> bool:
    return not len(values) or bool(values.min() >= first and values.max() <= last)


def _date(array: Any) -> Any:
    days = numbers(array)
    if _within(days, _FIRST_DAY, _LAST_DAY):
        return pc.cast(array, pa.string())
    odd = (days < _FIRST_DAY) | (days > _LAST_DAY)
    return _patched(pc.cast(_without(array, odd), pa.string()), odd, days, write_text.date_text)


def _time(array: Any) -> Any:
    values = numbers(array)
    odd = values >= DAY_US
    if odd.any():
        return _patched(_time(_without(array, odd)), odd, values, write_text.time_text)
    if not (values % 1_000_000).any():
        return pc.cast(pc.cast(array, pa.time32("s")), pa.string())
    return _trimmed(pc.cast(array, pa.string()))


def _trimmed(text: Any) -> Any:
    """Without the fraction's trailing zeros; the text has always six digits of it."""
    return pc.ascii_rtrim(pc.ascii_rtrim(text, "0"), ".")


def _without(array: Any, odd: Cells) -> Any:
    """The array with zero in place of the odd values; NULLs stay."""
    return pc.if_else(pa.array(odd), pa.scalar(0, pa.int64()).cast(_integer_kind(array)).cast(array.type), array)


def _integer_kind(array: Any) -> Any:
    return pa.int32() if pa.types.is_date32(array.type) else pa.int64()


def _timestamp(array: Any) -> Any:
    values = numbers(array)
    first, last = _FIRST_DAY * DAY_US, (_LAST_DAY + 1) * DAY_US - 1
    if not _within(values, first, last):
        odd = (values < first) | (values > last)
        return _patched(_timestamp(_without(array, odd)), odd, values, write_text.timestamp_text)
    if not (values % 1_000_000).any():
        return pc.cast(pc.cast(array, pa.timestamp("s")), pa.string())
    return _trimmed(pc.cast(array, pa.string()))


def _timestamptz(array: Any, timezone: str) -> Any:
    """Instants in the session's zone. Years at either end go one by one, since an offset may leave 1-9999."""
    within = zone(timezone)
    values = numbers(array)
    first, last = (_FIRST_DAY + 1) * DAY_US, _LAST_DAY * DAY_US
    if not _within(values, first, last):
        odd = (values < first) | (values > last)
        return _patched(
            _timestamptz(_without(array, odd), timezone),
            odd,
            values,
            lambda value: write_text.timestamptz_text(value, within),
        )
    if timezone.upper() in ("UTC", "GMT", "Z"):
        return pc.binary_join_element_wise(_timestamp(array.cast(pa.timestamp("us"))), "+00", "")
    offsets = _offsets(values, timezone)
    local = pa.array(values + offsets * 1_000_000, pa.int64()).view(pa.timestamp("us"))
    distinct, places = np.unique(offsets, return_inverse=True)
    suffixes = pa.array([offset_text(int(offset)) for offset in distinct]).take(pa.array(places))
    text = pc.binary_join_element_wise(_timestamp(local), suffixes, "")
    return pc.if_else(pc.is_valid(array), text, pa.scalar(None, pa.string())) if array.null_count else text


def _offsets(values: Cells, timezone: str) -> Cells:
    """Each instant's offset in seconds. Zones change at whole quarters of an hour, so each distinct one is asked."""
    within = zone(timezone)
    quarters, places = np.unique(values // 900_000_000, return_inverse=True)
    found = np.array([offset_seconds(int(quarter) * 900_000_000, within) for quarter in quarters], dtype=np.int64)
    offsets: Cells = found[places]
    return offsets


def _interval(array: Any) -> Any:
    known: dict[Any, str | None] = {None: None}
    values = array.to_pylist()
    for value in values:
        if value not in known:
            known[value] = write_text.interval_text(*value)
    return pa.array([known[value] for value in values], pa.string())


def _bytea(array: Any) -> Any:
    return pc.binary_join_element_wise(pa.scalar(b"\\x", pa.binary()), hex_digits(array), b"")


def _list(array: Any, sql_type: SqlType, timezone: str) -> Any:
    """`{1,NULL,"a b"}`: elements printed as a column of their own, quoted where they need it, joined per list."""
    elements = as_array(text_column(array.flatten(), sql_type.element, timezone)).view(pa.string())
    if sql_type.element.is_text or sql_type.element.name.startswith("timestamp"):
        escaped = pc.replace_substring_regex(elements, r'(["\\])', r"\\\1")
        quoted = pc.binary_join_element_wise('"', escaped, '"', "")
        elements = pc.if_else(pc.match_substring_regex(elements, _QUOTED_ELEMENT), quoted, elements)
    elements = pc.fill_null(elements, "NULL")
    is_vector = sql_type.name != "array"
    joined = pc.binary_join(
        pa.ListArray.from_arrays(pa.array(list_offsets(array)), elements), " " if is_vector else ","
    )
    text = joined if is_vector else pc.binary_join_element_wise("{", joined, "}", "")
    return pc.if_else(pc.is_valid(array), text, pa.scalar(None, pa.string())) if array.null_count else text


def part_of(array: Any, part: str) -> Any:
    """The oids or the names of a column of regclass and its like."""
    found = pc.struct_field(array, part)
    return pc.if_else(pc.is_valid(array), found, pa.scalar(None, found.type)) if array.null_count else found


def list_offsets(array: Any) -> Cells:
    """Offsets into `array.flatten()`, which skips what lies under NULL lists."""
    lengths = np.diff(offsets_of(array))
    present = valid(array)
    if present is not None:
        lengths[~present] = 0
    offsets = np.zeros(len(array) + 1, dtype=np.int32)
    np.cumsum(lengths, out=offsets[1:])
    return offsets


_PRINT: dict[str, Callable[[Any], Any]] = {
    "boolean": _boolean,
    "smallint": _integer,
    "integer": _integer,
    "bigint": _integer,
    "oid": _integer,
    "xid": _integer,
    "real": partial(_float, write_text.real_text, 1e6),
    "double precision": partial(_float, write_text.double_text, 1e9),
    "numeric": _numeric,
    "date": _date,
    "time without time zone": _time,
    "timestamp without time zone": _timestamp,
    "interval": _interval,
    "bytea": _bytea,
    "varbyte": hex_digits,
    **dict.fromkeys(("geometry", "geography"), lambda array: hex_digits(array, upper=True)),
}
