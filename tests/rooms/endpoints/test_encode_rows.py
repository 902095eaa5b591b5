"""Shapes of batches: whatever Arrow's layout, the rows on the wire are the same."""

from __future__ import annotations

import uuid
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest

from boathouse.contracts.answers import Field
from boathouse.contracts.types import (
    BIGINT,
    BOOLEAN,
    DATE,
    DOUBLE,
    INTEGER,
    INTERVAL,
    SUPER,
    TIMESTAMP,
    TIMESTAMPTZ,
    UUID,
    VARBYTE,
    VARCHAR,
    SqlType,
    array_of,
    arrow_type,
    char,
    numeric,
)
from boathouse.endpoints.postgres import encode_rows
from boathouse.endpoints.postgres.encode_rows import RowEncoder

ALL = {
    BOOLEAN: [True, None, False],
    INTEGER: [1, None, -1],
    BIGINT: [2**40, None, 0],
    DOUBLE: [0.1, None, 1e300],
    numeric(18, 2): [Decimal("1.50"), None, Decimal("-0.07")],
    numeric(38, 10): [Decimal("0E-10"), None, Decimal("1234567890123456789012345678.0000000001")],
    VARCHAR: ["é", None, ""],
    char(4): ["ab", None, "abcd"],
    VARBYTE: [b"\0\xff", None, b""],
    SUPER: ['{"a":1}', None, "[]"],
    array_of(INTEGER): [[1, None], None, []],
    INTERVAL: [pa.MonthDayNano([1, 2, 3000]), None, pa.MonthDayNano([0, 0, 0])],
    UUID: ["a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", None, "00000000-0000-0000-0000-000000000000"],
}


def take_apart(data: bytes) -> list[list[bytes | None]]:
    rows, at = [], 0
    while at < len(data):
        assert data[at : at + 1] == b"D"
        end = at + 1 + int.from_bytes(data[at + 1 : at + 5], "big")
        count, at = int.from_bytes(data[at + 5 : at + 7], "big"), at + 7
        row = []
        for _ in range(count):
            length, at = int.from_bytes(data[at : at + 4], "big", signed=True), at + 4
            row.append(None if length < 0 else data[at : at + length])
            at += max(length, 0)
        assert at == end
        rows.append(row)
    return rows


def rows_of(batch: pa.RecordBatch, types: list[SqlType], formats: list[int], timezone: str = "UTC") -> list:
    encoder = RowEncoder(tuple(Field(f"c{n}", kind) for n, kind in enumerate(types)), formats, timezone)
    return take_apart(b"".join(bytes(chunk) for chunk in encoder.encode(batch)))


def batch_of(repeat: int = 1) -> pa.RecordBatch:
    arrays = [pa.array(values * repeat, arrow_type(kind)) for kind, values in ALL.items()]
    return pa.record_batch(arrays, names=[f"c{n}" for n in range(len(ALL))])


@pytest.mark.parametrize("form", [0, 1])
def test_small_and_large_batches_give_the_same_rows(form):
    types, formats = list(ALL), [form] * len(ALL)
    few = rows_of(batch_of(), types, formats)
    assert rows_of(batch_of(100), types, formats) == few * 100


@pytest.mark.parametrize("form", [0, 1])
@pytest.mark.parametrize(("start", "length"), [(1, 2), (100, 150), (298, 2), (0, 0), (7, 1)])
def test_a_slice_gives_the_rows_of_the_slice(form, start, length):
    types, formats = list(ALL), [form] * len(ALL)
    whole = rows_of(batch_of(100), types, formats)
    assert rows_of(batch_of(100).slice(start, length), types, formats) == whole[start : start + length]


def test_text_is_as_redshift_prints_it():
    first, second, third = rows_of(batch_of(), list(ALL), [0] * len(ALL))
    assert second == [None] * len(ALL)
    assert first[:9] == [b"t", b"1", b"1099511627776", b"0.1", b"1.50", b"0.0000000000", "é".encode(), b"ab  ", b"00ff"]
    assert first[9:12] == [b'{"a":1}', b"{1,NULL}", b"1 mon 2 days 00:00:00.000003"]
    assert third[3:6] == [b"1e+300", b"-0.07", b"1234567890123456789012345678.0000000001"]


def test_instants_are_in_the_sessions_zone_in_small_and_large_results():
    array = pa.array([0, None, 1_593_561_600_000_000] * 50, pa.int64()).view(pa.timestamp("us", "UTC"))
    batch = pa.record_batch([array], names=["c0"])
    expected = [[b"1969-12-31 19:00:00-05"], [None], [b"2020-06-30 20:00:00-04"]]
    assert rows_of(batch, [TIMESTAMPTZ], [0], "America/New_York") == expected * 50
    assert rows_of(batch.slice(0, 3), [TIMESTAMPTZ], [0], "America/New_York") == expected


@pytest.mark.parametrize("rows", [3, 300])
def test_dictionaries_views_and_extensions_are_opened(rows):
    known = uuid.UUID("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11")
    arrays = [
        pa.array(["a", None, "b"] * (rows // 3)).dictionary_encode(),
        pa.array(["x", None, "y"] * (rows // 3), pa.large_string()),
        pa.array(["x", None, "y"] * (rows // 3), pa.string_view()),
        pa.array([known.bytes, None, bytes(16)] * (rows // 3), pa.uuid()),
    ]
    batch = pa.record_batch(arrays, names=["c0", "c1", "c2", "c3"])
    found = rows_of(batch, [VARCHAR, VARCHAR, VARCHAR, UUID], [0] * 4)
    assert found[:2] == [[b"a", b"x", b"x", str(known).encode()], [None] * 4]
    assert len(found) == rows


@pytest.mark.parametrize("rows", [2, 200])
def test_rows_without_columns_are_rows(rows):
    batch = pa.record_batch([pa.array([1] * rows)], names=["c"]).select([])
    assert rows_of(batch, [], []) == [[]] * rows


def test_an_empty_batch_sends_nothing():
    assert (
        RowEncoder((Field("c", INTEGER),), [0]).encode(pa.record_batch([pa.array([], pa.int32())], names=["c"])) == ()
    )


@pytest.mark.parametrize("form", [0, 1])
def test_columns_of_nothing_but_null_are_null(form):
    types = list(ALL)
    arrays = [pa.nulls(60, arrow_type(kind)) for kind in types]
    batch = pa.record_batch(arrays, names=[f"c{n}" for n in range(len(types))])
    assert rows_of(batch, types, [form] * len(types)) == [[None] * len(types)] * 60


def test_wide_rows_are_encoded_in_parts(monkeypatch):
    monkeypatch.setattr(encode_rows, "BATCH_BYTES_MAX", 1 << 16)
    batch = pa.record_batch([pa.array(["x" * 1000] * 500)], names=["c0"])
    encoder = RowEncoder((Field("c0", VARCHAR),), [0])
    chunks = encoder.encode(batch)
    assert len(chunks) > 4
    assert take_apart(b"".join(bytes(chunk) for chunk in chunks)) == [[b"x" * 1000]] * 500


def test_many_odd_values_between_ordinary_ones_keep_their_places():
    days = np.arange(-900_000, 3_000_000, 5003, dtype=np.int32)
    batch = pa.record_batch([pa.array(days).view(pa.date32())], names=["c0"])
    found = [row[0] for row in rows_of(batch, [DATE], [0])]
    assert found[0] == b"0496-11-20 BC"
    assert all(text.endswith(b" BC") == (day < -719_162) for text, day in zip(found, days, strict=True))


@pytest.mark.parametrize("rows", [1, 64])
def test_infinities_have_postgresqls_names_and_numbers(rows):
    array = pa.array([2**63 - 1, -(2**63) + 1] * rows, pa.int64()).view(pa.timestamp("us"))
    batch = pa.record_batch([array], names=["c0"])
    assert rows_of(batch, [TIMESTAMP], [0])[:2] == [[b"infinity"], [b"-infinity"]]
    assert rows_of(batch, [TIMESTAMP], [1])[:2] == [[b"\x7f" + b"\xff" * 7], [b"\x80" + bytes(7)]]
