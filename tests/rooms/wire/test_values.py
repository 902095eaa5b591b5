"""Parameters: what clients send becomes what the engine binds; what is no value is refused."""

from __future__ import annotations

import struct
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from uuid import UUID

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from boathouse.contracts.errors import BoathouseError
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
    SUPER,
    TIME,
    TIMESTAMP,
    TIMESTAMPTZ,
    TIMETZ,
    UNKNOWN,
    VARBYTE,
    VARCHAR,
    SqlType,
    array_of,
    numeric,
)
from boathouse.contracts.types import UUID as UUID_TYPE
from boathouse.wire.postgres.values import decode_parameter

BYTEA = SqlType("bytea")
NUMERIC = numeric(38, 10)


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "sql_type", "value"),
    [
        ("t", BOOLEAN, True),
        (" YES ", BOOLEAN, True),
        ("of", BOOLEAN, False),
        ("0", BOOLEAN, False),
        (" -32768", SMALLINT, -32768),
        ("4294967295", OID, 2**32 - 1),
        ("1e3", DOUBLE, 1000.0),
        ("-Infinity", REAL, float("-inf")),
        ("1.50", NUMERIC, Decimal("1.50")),
        ("1e37", NUMERIC, Decimal(10**37)),
        ("2020-02-29", DATE, date(2020, 2, 29)),
        ("20200229", DATE, date(2020, 2, 29)),
        ("2020-02-29 +00", DATE, date(2020, 2, 29)),
        ("infinity", DATE, "infinity"),
        ("0044-03-15 BC", DATE, "0044-03-15 (BC)"),
        ("0044-03-15 01:02:03.5 BC", TIMESTAMP, "0044-03-15 (BC) 01:02:03.5"),
        ("12345-01-01", DATE, "12345-01-01"),
        ("04:05:06.7", TIME, time(4, 5, 6, 700_000)),
        ("24:00:00", TIME, "24:00:00"),
        ("04:05+05:30", TIMETZ, time(4, 5, tzinfo=timezone(timedelta(hours=5, minutes=30)))),
        ("2020-01-01T12:00:00.123456", TIMESTAMP, datetime(2020, 1, 1, 12, 0, 0, 123_456)),
        ("2020-01-01 12:00:00+01", TIMESTAMP, datetime(2020, 1, 1, 12)),
        ("2020-01-01", TIMESTAMP, datetime(2020, 1, 1)),
        ("2020-01-01 24:00:00", TIMESTAMP, datetime(2020, 1, 2)),
        ("2020-01-01 12:00:00Z", TIMESTAMPTZ, utc(2020, 1, 1, 12)),
        ("2020-01-01 12:00:00-05:30", TIMESTAMPTZ, utc(2020, 1, 1, 17, 30)),
        ("2020-07-01 12:00:00 America/New_York", TIMESTAMPTZ, utc(2020, 7, 1, 16)),
        ("12345-01-01 01:00:00+00", TIMESTAMPTZ, "12345-01-01 01:00:00+00:00"),
        ("1 day 02:03:04.5", INTERVAL, timedelta(days=1, hours=2, minutes=3, seconds=4.5)),
        ("1 year 2 mons -3 days +04:05:06.7", INTERVAL, "14 months -3 days 14706700000 microseconds"),
        ("P1Y2M3DT4H5M6S", INTERVAL, "14 months 3 days 14706000000 microseconds"),
        ("2 hours ago", INTERVAL, "0 months 0 days -7200000000 microseconds"),
        ("1.5 days", INTERVAL, timedelta(days=1, hours=12)),
        ("\\x00ff", BYTEA, b"\0\xff"),
        ("a\\\\b\\001", BYTEA, b"a\\b\1"),
        ("héllo", VARBYTE, "héllo".encode()),
        ("\\x00FF", VARBYTE, b"\0\xff"),
        ("A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11", UUID_TYPE, UUID("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11")),
        ("{1,NULL,-3}", array_of(INTEGER), [1, None, -3]),
        ('{"a b",NULL,"NULL","\\"",c\\,d, e }', array_of(VARCHAR), ["a b", None, "NULL", '"', "c,d", "e"]),
        ("[0:1]={{1,2},{3,4}}", array_of(INTEGER), [[1, 2], [3, 4]]),
        ("{}", array_of(INTEGER), []),
        ("12", UNKNOWN, "12"),
        (" x ", VARCHAR, " x "),
        ('{"a":1}', SUPER, '{"a":1}'),
    ],
)
def test_text_is_read_as_postgresql_reads_it(text, sql_type, value):
    found = decode_parameter(text.encode(), 0, sql_type)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("text", "sql_type", "sqlstate"),
    [
        ("o", BOOLEAN, "22P02"),
        ("", BOOLEAN, "22P02"),
        ("1.0", INTEGER, "22P02"),
        ("1_000", INTEGER, "22P02"),
        ("٣", INTEGER, "22P02"),
        ("2147483648", INTEGER, "22003"),
        ("-1", OID, "22003"),
        ("1e400", DOUBLE, "22003"),
        ("3.5e38", REAL, "22003"),
        ("1_0.0", DOUBLE, "22P02"),
        ("NaN", NUMERIC, "22P02"),
        ("1e38", NUMERIC, "22003"),
        ("2020-02-30", DATE, "22008"),
        ("yesterday-ish", DATE, "22007"),
        ("2020-13-01", TIMESTAMP, "22008"),
        ("25:00", TIME, "22008"),
        ("12", TIME, "22007"),
        ("2020-01-01 12:00 Mars/Olympus", TIMESTAMPTZ, "22007"),
        ("2020-01-01 12:00+25", TIMESTAMPTZ, "22009"),
        ("1 parsec", INTERVAL, "22007"),
        ("", INTERVAL, "22007"),
        ("\\xzz", BYTEA, "22P02"),
        ("\\9", BYTEA, "22P02"),
        ("a0eebc99", UUID_TYPE, "22P02"),
        ("{1,2", array_of(INTEGER), "22P02"),
        ("{1,,2}", array_of(INTEGER), "22P02"),
        ("{1}x", array_of(INTEGER), "22P02"),
        ("{a}", array_of(INTEGER), "22P02"),
        ("a\0b", VARCHAR, "22021"),
    ],
)
def test_text_that_is_no_value_is_refused(text, sql_type, sqlstate):
    with pytest.raises(BoathouseError) as caught:
        decode_parameter(text.encode(), 0, sql_type)
    assert caught.value.sqlstate == sqlstate


@pytest.mark.parametrize(
    ("data", "sql_type", "value"),
    [
        (b"\1", BOOLEAN, True),
        (struct.pack(">h", 7), BIGINT, 7),
        (struct.pack(">i", -1), DATE, date(1999, 12, 31)),
        (struct.pack(">i", 2**31 - 1), DATE, "infinity"),
        (struct.pack(">q", -(2**63)), TIMESTAMP, "-infinity"),
        (struct.pack(">q", 0), TIMESTAMPTZ, utc(2000, 1, 1)),
        (struct.pack(">q", 86_400_000_000), TIME, "24:00:00"),
        (struct.pack(">qi", 1, -3600), TIMETZ, time(0, 0, 0, 1, tzinfo=timezone(timedelta(hours=1)))),
        (struct.pack(">qii", -5, 2, 1), INTERVAL, "1 months 2 days -5 microseconds"),
        (struct.pack(">HhHHHH", 2, 0, 0x4000, 2, 12, 3400), NUMERIC, Decimal("-12.34")),
        (struct.pack(">HhHHH", 1, 2, 0, 0, 5), NUMERIC, Decimal(500_000_000)),
        ("é".encode(), VARCHAR, "é"),
        (struct.pack(">iiiiiiii", 1, 1, 23, 2, 1, 4, 9, -1), array_of(INTEGER), [9, None]),
    ],
)
def test_binary_is_read_as_postgresql_reads_it(data, sql_type, value):
    found = decode_parameter(data, 1, sql_type)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("data", "sql_type", "sqlstate"),
    [
        (b"", BOOLEAN, "22P03"),
        (b"\0\0\0", INTEGER, "22P03"),
        (struct.pack(">q", 2**40), INTEGER, "22003"),
        (b"\0" * 7, DOUBLE, "22P03"),
        (struct.pack(">HhHH", 1, 0, 0, 0), NUMERIC, "22P03"),
        (struct.pack(">HhHHH", 1, 0, 0, 0, 10_000), NUMERIC, "22P03"),
        (struct.pack(">HhHH", 0, 0, 0xC000, 0), NUMERIC, "22P02"),
        (b"\0" * 15, UUID_TYPE, "22P03"),
        (struct.pack(">iiiiii", 1, 0, 23, 2, 1, -1), array_of(INTEGER), "22P03"),
        (b"\xc3", VARCHAR, "22021"),
    ],
)
def test_binary_that_is_no_value_is_refused(data, sql_type, sqlstate):
    with pytest.raises(BoathouseError) as caught:
        decode_parameter(data, 1, sql_type)
    assert caught.value.sqlstate == sqlstate


def test_null_has_no_format():
    assert decode_parameter(None, 0, INTEGER) is None
    assert decode_parameter(None, 1, INTEGER) is None


def test_an_unknown_format_code_is_refused():
    with pytest.raises(BoathouseError, match="unsupported format code: 2"):
        decode_parameter(b"1", 2, INTEGER)


def test_instants_without_a_zone_are_in_the_sessions():
    found = decode_parameter(b"2020-07-01 12:00:00", 0, TIMESTAMPTZ, "America/New_York")
    assert found == utc(2020, 7, 1, 16)


@given(st.decimals(allow_nan=False, allow_infinity=False) | st.floats(-1e30, 1e30).map(Decimal))
def test_decimals_reach_the_engine_unchanged_but_for_rounding(value):
    try:
        found = decode_parameter(str(value).encode(), 0, NUMERIC)
    except BoathouseError as failure:
        assert failure.sqlstate in ("22003", "22P02")
        assert abs(value) >= Decimal(10) ** 38 or abs(value.as_tuple().exponent) > 999
        return
    (bound,) = duckdb.execute("select $1", [found]).fetchone()
    assert bound == found
    assert abs(found - value) <= max(abs(value) * Decimal("1e-36"), Decimal("1e-36"))


@given(st.integers(-2000, 2000), st.integers(-2000, 2000), st.integers(-(10**12), 10**12))
def test_intervals_reach_the_engine_unchanged(months, days, microseconds):
    found = decode_parameter(struct.pack(">qii", microseconds, days, months), 1, INTERVAL)
    batch = duckdb.execute("select cast($1 as interval)", [found]).to_arrow_table()
    assert tuple(batch.column(0)[0].as_py()) == (months, days, microseconds * 1000)


@given(
    st.binary(max_size=40), st.sampled_from([NUMERIC, INTERVAL, TIMESTAMP, DATE, array_of(NUMERIC), array_of(VARCHAR)])
)
def test_no_bytes_raise_anything_but_our_own_errors(data, sql_type):
    try:
        decode_parameter(data, 1, sql_type)
    except BoathouseError as failure:
        assert failure.sqlstate.startswith("22")
