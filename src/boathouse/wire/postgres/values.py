"""Parameter values as clients send them, to Python objects that the engine binds without loss; and back to text.

Receives the fields of Bind (and of binary COPY) from the endpoint, each with its format code and SQL type.
Source: PostgreSQL's documentation, "Formats and Format Codes".
"""

from __future__ import annotations

from typing import Any

from boathouse.contracts.errors import ProtocolViolation
from boathouse.contracts.types import SqlType
from boathouse.wire.postgres.columns.as_text import text_column
from boathouse.wire.postgres.columns.plain import raw_values
from boathouse.wire.postgres.columns.storage import fields_of
from boathouse.wire.postgres.forms.parse_binary import parse_binary, utf8
from boathouse.wire.postgres.forms.parse_text import parse_text
from boathouse.wire.postgres.forms.write_text import text_writer

TEXT, BINARY = 0, 1


def decode_parameter(value: bytes | None, form: int, sql_type: SqlType, timezone: str = "UTC") -> object:
    """One value: None, bool, int, float, Decimal, str, bytes, date, time, datetime, timedelta, UUID or list.

    Dates that Python's calendar lacks (infinity, BC, years beyond 9999), 24:00:00 and intervals with months come as
    text that the engine casts. Text of type unknown, character, varchar, super or json stays text.

    Args:
        form: 0 text, 1 binary.
        timezone: the session's, for text of timestamps with time zone that names none.

    Raises:
        InvalidText: 22P02 for text, 22P03 for binary data, that is no value of the type.
        InvalidDatetime, DatetimeOverflow, NumericOutOfRange: 22007, 22008, 22003.
        DataError: 22021, text is not UTF-8 or holds a NUL.
        ProtocolViolation: an unknown format code.
    """
    if value is None:
        return None
    if form == TEXT:
        return parse_text(utf8(value), sql_type, timezone)
    if form == BINARY:
        return parse_binary(value, sql_type)
    raise ProtocolViolation(f"unsupported format code: {form}", sqlstate="22023")


def text_values(array: Any, sql_type: SqlType, timezone: str = "UTC") -> list[bytes | None]:
    """An Arrow array's values one by one, as PostgreSQL prints them."""
    write = text_writer(sql_type, timezone)
    if write is None:
        return fields_of(text_column(array, sql_type, timezone))
    return [None if value is None else write(value) for value in raw_values(array, sql_type)]
