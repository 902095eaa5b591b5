"""SUPER against Python's own reading of JSON: digits kept, paths followed, arrays walked through, values sorted."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from functools import cmp_to_key
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boathouse.engines.duckdb.macros import install
from boathouse.sql.redshift.super_values import calculated, encoded_json

NUMBERS = st.one_of(
    st.integers(-(2**70), 2**70),
    st.decimals(min_value=-(10**9), max_value=10**9, allow_nan=False, allow_infinity=False, places=9),
)
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8)
SCALARS = st.one_of(st.none(), st.booleans(), NUMBERS, TEXTS)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(TEXTS.filter(bool), inner, max_size=4)),
    max_leaves=12,
)
EXAMPLES = settings(max_examples=int(os.environ.get("BOATHOUSE_SUPER_EXAMPLES", "25")))


@pytest.fixture(scope="module")
def engine() -> Iterator[duckdb.DuckDBPyConnection]:
    connection = duckdb.connect()
    install(connection)
    yield connection
    connection.close()


def written(value: Any) -> str:
    """JSON with decimals as they are."""
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(key)}:{written(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(written(one) for one in value) + "]"
    return json.dumps(value)


def read(text: str) -> Any:
    return json.loads(text, parse_float=Decimal)


@given(value=VALUES)
@EXAMPLES
def test_json_comes_back_with_all_its_digits(engine: duckdb.DuckDBPyConnection, value: Any) -> None:
    row = engine.execute("SELECT CAST(CAST(memory.rs.json_parse(?) AS JSON) AS VARCHAR)", [written(value)]).fetchone()
    assert row is not None
    assert read(row[0]) == value


@given(value=VALUES, path=st.lists(st.one_of(st.integers(0, 3), TEXTS), max_size=3))
@EXAMPLES
def test_a_path_leads_where_python_s_leads(engine: duckdb.DuckDBPyConnection, value: Any, path: list[Any]) -> None:
    sql, expected = "memory.rs.json_parse(?)", value
    for step in path:
        quoted = "'" + str(step).replace("'", "''") + "'"
        sql = f"({sql})[{step + 1}]" if isinstance(step, int) else f"({sql})[{quoted}]"
        if isinstance(step, int):
            expected = expected[step] if isinstance(expected, list) and step < len(expected) else None
        else:
            expected = expected.get(step) if isinstance(expected, dict) else None
    row = engine.execute(f"SELECT memory.rs.json_serialize({sql})", [written(value)]).fetchone()
    assert row is not None
    assert (None if row[0] is None else read(row[0])) == expected


@given(values=st.lists(VALUES, max_size=6))
@EXAMPLES
def test_an_array_is_walked_through_in_order(engine: duckdb.DuckDBPyConnection, values: list[Any]) -> None:
    sql = "SELECT memory.rs.json_serialize(e) FROM (SELECT unnest(memory.rs.items(memory.rs.json_parse(?))) AS e)"
    rows = engine.execute(sql, [written(values)]).fetchall()
    assert [None if row[0] is None else read(row[0]) for row in rows] == values


@given(values=st.lists(st.one_of(st.booleans(), NUMBERS, TEXTS), min_size=2, max_size=16))
@EXAMPLES
def test_scalars_sort_and_compare_as_numbers_and_texts_do(engine: duckdb.DuckDBPyConnection, values: list[Any]) -> None:
    sql = (
        "WITH v AS (SELECT unnest(memory.rs.items(memory.rs.json_parse(?))) AS e) "
        "SELECT memory.rs.json_serialize(e) FROM v ORDER BY memory.rs.super_key(e)"
    )
    found = [read(row[0]) for row in engine.execute(sql, [written(values)]).fetchall()]
    assert list(map(rank, found)) == sorted(map(rank, values), key=cmp_to_key(compared))
    one, other = values[0], values[1]
    row = engine.execute(
        "SELECT memory.rs.super_key(a) = memory.rs.super_key(b), memory.rs.super_less(a, b) "
        "FROM (SELECT memory.rs.json_parse(?) AS a, memory.rs.json_parse(?) AS b)",
        [written(one), written(other)],
    ).fetchone()
    assert row is not None
    same_kind = rank(one)[0] == rank(other)[0]
    assert row == (rank(one) == rank(other), rank(one) < rank(other) if same_kind else None)


def rank(value: Any) -> tuple[int, Any]:
    """Where a value stands among others; blanks at the end of a text do not count."""
    if isinstance(value, bool):
        return 1, value
    return (3, value.rstrip(" ").encode()) if isinstance(value, str) else (2, value)


def compared(one: tuple[int, Any], other: tuple[int, Any]) -> int:
    return (one > other) - (one < other)


@given(left=NUMBERS, right=NUMBERS, sign=st.sampled_from("+-*"))
@EXAMPLES
def test_arithmetic_is_exact(engine: duckdb.DuckDBPyConnection, left: Any, right: Any, sign: str) -> None:
    found = calculated(sign, written(left), written(right))
    a, b = Fraction(left), Fraction(right)
    exact = {"+": a + b, "-": a - b, "*": a * b}[sign]
    if found is None:
        assert abs(exact) >= 10**19
        return
    row = engine.execute("SELECT CAST(variant_bytes_to_variant(?::BLOB) AS VARCHAR)", [found]).fetchone()
    assert row is not None
    assert Fraction(row[0]) == exact


@pytest.mark.parametrize("text", ["{bad", "NaN", "[1,]", "", "[" * 100_000])
def test_what_is_no_json_has_no_bytes(text: str) -> None:
    assert encoded_json(text) is None
