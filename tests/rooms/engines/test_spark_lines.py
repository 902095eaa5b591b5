"""What Spark is to make of texts in files, the house makes of them too: its own reader judges each shape that is read there."""

from __future__ import annotations

import re

import duckdb
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from boathouse.contracts import types as t
from boathouse.contracts.relations import Lines
from boathouse.contracts.types import SqlType
from boathouse.engines.spark.lines import READ_AND_NONE, layers
from boathouse.lake.scans.values import from_text

TYPES = {"SMALLINT": t.SMALLINT, "INT": t.INTEGER, "BIGINT": t.BIGINT, "FLOAT": t.REAL, "DOUBLE": t.DOUBLE, "DATE": t.DATE,
         "TIMESTAMP_NTZ": t.TIMESTAMP, "DECIMAL": t.numeric(8, 3)}  # fmt: skip
TEXTS = st.text("0123456789+-.:eE TxXnNaAfFiItTyYpPoOcChH_/\t", max_size=12)


@pytest.fixture(scope="module")
def engine() -> duckdb.DuckDBPyConnection:
    return duckdb.connect()


def _house(engine: duckdb.DuckDBPyConnection, text: str, of: SqlType) -> object:
    value = engine.execute(f"SELECT {from_text('x', of)}::VARCHAR FROM (SELECT ?::VARCHAR AS x)", [text]).fetchone()
    assert value is not None
    return value[0]


@pytest.mark.parametrize("kind", TYPES)
@given(text=TEXTS)
@settings(max_examples=150)
@example(text="epoch")
@example(text="Infinity")
@example(text="nan")
@example(text="today")
def test_texts_that_are_nothing_there_are_nothing_here(engine: duckdb.DuckDBPyConnection, kind: str, text: str) -> None:
    if re.fullmatch(READ_AND_NONE[kind][1], text, re.DOTALL):
        assert _house(engine, text, TYPES[kind]) is None


@pytest.mark.parametrize("kind", ["SMALLINT", "INT", "BIGINT", "DATE", "TIMESTAMP_NTZ"])
def test_texts_that_are_read_there_are_read_here(engine: duckdb.DuckDBPyConnection, kind: str) -> None:
    read = {
        **{one: {"+7": "7", "-007": "-7", "12": "12"} for one in ("SMALLINT", "INT", "BIGINT")},
        "DATE": {"2024-02-29": "2024-02-29", "2023-02-29": None},
        "TIMESTAMP_NTZ": {"2024-02-29T23:59:59.5": "2024-02-29 23:59:59.5", "2024-02-29": "2024-02-29 00:00:00"},
    }
    for text, value in read[kind].items():
        assert re.fullmatch(READ_AND_NONE[kind][0], text)
        assert _house(engine, text, TYPES[kind]) == value


def test_quotes_and_signs_are_no_patterns() -> None:
    first, values, typed = layers(Lines(("a", "b`"), (), "|", '"', "it's"), [("b`", "INT")])
    assert """'[\\\\|]([\\\\"][^\\\\"]*+""" in first[0]
    assert "'it\\'s'" in values[0]
    assert typed[0].endswith("AS `b```")
