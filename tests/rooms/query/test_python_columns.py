"""Columns on their way to Python functions and back: what goes comes, whatever stands around it in the engine's array."""

from __future__ import annotations

import struct
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from boathouse.contracts.types import (
    BIGINT,
    BOOLEAN,
    DATE,
    DOUBLE,
    TIMESTAMP,
    SqlType,
    numeric,
    varchar,
)
from boathouse.query.python import columns
from boathouse.query.python.inside import values

WHOLE = st.integers(-(2**63), 2**63 - 1)
KINDS: tuple[tuple[SqlType, pa.DataType, st.SearchStrategy[Any]], ...] = (
    (BIGINT, pa.int64(), WHOLE),
    (DOUBLE, pa.float64(), st.floats(allow_nan=False)),
    (BOOLEAN, pa.bool_(), st.booleans()),
    (varchar(65535), pa.string(), st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",)))),
    (numeric(38, 4), pa.decimal128(38, 4), WHOLE.map(lambda one: Decimal(one).scaleb(-4))),
    (DATE, pa.date32(), st.dates()),
    (TIMESTAMP, pa.timestamp("us"), st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31))),
)
COLUMNS = st.sampled_from(KINDS).flatmap(
    lambda kind: st.tuples(st.just(kind), st.lists(st.none() | kind[2], max_size=12), st.integers(0, 3))
)


@settings(max_examples=60)
@given(COLUMNS)
def test_what_goes_comes_back(column: tuple[tuple[SqlType, pa.DataType, Any], list[Any], int]) -> None:
    (of, arrow, _), rows, before = column
    kind = columns.kind_of(of)
    whole = pa.array([None, *rows[:1], None][:before] + rows, arrow)
    array = whole.slice(len(whole) - len(rows))
    inside = values.read(columns.written(kind, array))
    assert inside == rows
    assert {type(one) for one in inside} <= {type(None), int, float, bool, str, Decimal, date, datetime}
    nulls, data, ends = values.write(columns.returned(of), inside)
    back = columns.read(kind, len(rows), b"".join((b"R", struct.pack("<II", len(nulls), len(data)), nulls, data, ends)))
    assert back.cast(arrow).to_pylist() == rows


@given(st.binary(max_size=40), st.integers(0, 3), st.sampled_from("idbsnDT"))
def test_no_answer_is_believed(answer: bytes, rows: int, kind: str) -> None:
    """Any bytes make a valid array of so many rows, or one of the errors that end the process."""
    try:
        found = columns.read(kind, rows, b"R" + answer)
    except (ValueError, pa.ArrowException, columns.RoutineFailed):
        return
    found.validate(full=True)
    assert len(found) == rows
