"""TO_CHAR of numbers, TO_DATE and TO_TIMESTAMP: what the patterns of `sql.redshift.patterns` say, for columns.

Received and handed back: Arrow columns; see `vectors`.
"""

from __future__ import annotations

from datetime import datetime

import pyarrow as pa

from boathouse.engines.duckdb.computed.vectors import each, fail
from boathouse.sql.redshift.patterns.numbers import show_number
from boathouse.sql.redshift.patterns.reading import Unreadable, read_moment


def _read(text: str, form: str, strict: bool) -> datetime:
    try:
        return read_moment(text, form, strict)
    except Unreadable as failure:
        fail(failure.sqlstate, str(failure))


to_char_number = each(show_number, pa.string())
read = each(_read, pa.timestamp("us"))
