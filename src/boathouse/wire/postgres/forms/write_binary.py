"""Single values in PostgreSQL's binary format.

Receives the same plain values as `write_text`; hands bytes to the endpoint's path for small results.
Sources: the `*_send` functions of PostgreSQL; dates and times count from 2000-01-01.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import cast
from uuid import UUID

from boathouse.contracts.types import SqlType
from boathouse.wire.postgres.forms.write_text import INFINITE_DATE, INFINITE_TIMESTAMP, Write, text_writer

_EPOCH_DAYS = 10_957
_EPOCH_US = _EPOCH_DAYS * 86_400_000_000


def binary_writer(sql_type: SqlType) -> Write | None:
    """The function that writes one value of the type, None where only the column form exists."""
    if sql_type.name in ("array", "int2vector", "oidvector", "numeric", "time with time zone"):
        return None
    if sql_type.is_reference:
        return None
    return _WRITERS.get(sql_type.name) or text_writer(sql_type)


def _packed(form: str) -> Write:
    pack: Callable[[object], bytes] = struct.Struct(form).pack
    return pack


def _date(days: object) -> bytes:
    return struct.pack(">i", _counted(days, _EPOCH_DAYS, INFINITE_DATE))


def _timestamp(microseconds: object) -> bytes:
    return struct.pack(">q", _counted(microseconds, _EPOCH_US, INFINITE_TIMESTAMP))


def _counted(value: object, epoch: int, infinite: int) -> int:
    """From 1970 to 2000; the infinities are the type's largest and smallest number."""
    assert isinstance(value, int)
    if abs(value) == infinite:
        return value if value > 0 else value - 1
    return value - epoch


def _interval(value: object) -> bytes:
    months, days, nanoseconds = cast(tuple[int, int, int], value)
    microseconds = abs(nanoseconds) // 1000
    return struct.pack(">qii", -microseconds if nanoseconds < 0 else microseconds, days, months)


def _uuid(value: object) -> bytes:
    return UUID(str(value)).bytes


def _same(value: object) -> bytes:
    assert isinstance(value, bytes)
    return value


_WRITERS: dict[str, Write] = {
    "boolean": lambda value: b"\1" if value else b"\0",
    "smallint": _packed(">h"),
    "integer": _packed(">i"),
    "bigint": _packed(">q"),
    "oid": _packed(">I"),
    "xid": _packed(">I"),
    "real": _packed(">f"),
    "double precision": _packed(">d"),
    "date": _date,
    "time without time zone": _packed(">q"),
    "timestamp without time zone": _timestamp,
    "timestamp with time zone": _timestamp,
    "interval": _interval,
    "uuid": _uuid,
    "bytea": _same,
    **dict.fromkeys(("varbyte", "geometry", "geography"), _same),
}
