"""Sums of long products and averages of long numerics, worked out in 64 bits where they fit, against exact arithmetic.

`BOATHOUSE_LONG_SUMS` tries more of them.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from decimal import ROUND_DOWN, ROUND_HALF_UP, Context, Decimal, localcontext

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boathouse.contracts import types as t
from boathouse.contracts.relations import Column, Relation
from boathouse.engines.duckdb.macros import install
from boathouse.sql.bind.bind import bind
from boathouse.sql.parse import parse_statement
from boathouse.sql.rewrites import rewrite
from boathouse.sql.statements import Relational
from boathouse.sql.targets.to_duckdb import to_duckdb

TYPES = {"p": (15, 2), "d": (15, 2), "x": (15, 2), "k": (18, 0), "w": (38, 9)}
EXACT = Context(prec=200)
EXAMPLES = int(os.environ.get("BOATHOUSE_LONG_SUMS", "25"))
PRODUCTS = {
    "p * (1 - d)": lambda p, d, x, k: p * (1 - d),
    "p * d": lambda p, d, x, k: p * d,
    "p * k": lambda p, d, x, k: p * k,
    "k * k + p": lambda p, d, x, k: k * k + p,
    "-p * (d + x)": lambda p, d, x, k: -p * (d + x),
    "p * (1 - d) * (1 + x)": lambda p, d, x, k: (p * (1 - d) * (1 + x)).quantize(Decimal("0.0001"), ROUND_HALF_UP),
}
TABLE = Relation(
    "public", "n", "table", tuple(Column(name, t.numeric(*of)) for name, of in TYPES.items()), '"memory"."main"."n"'
)


class OneTable:
    def functions(self, schema: str | None, name: str) -> tuple[()]:
        return ()

    def relation(self, schema: str | None, name: str) -> Relation | None:
        return TABLE if name == "n" else None

    def has_schema(self, schema: str) -> bool:
        return schema == "public"


def translated(text: str) -> str:
    statement = parse_statement(text)
    assert isinstance(statement, Relational)
    return to_duckdb(rewrite(bind(statement, OneTable())))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def engine() -> Iterator[duckdb.DuckDBPyConnection]:
    connection = duckdb.connect()
    connection.execute("SET GLOBAL integer_division = true")
    install(connection)
    yield connection
    connection.close()


def numerics(name: str) -> st.SearchStrategy[Decimal | None]:
    digits, scale = TYPES[name]
    units = st.one_of(
        st.integers(-(10**digits) + 1, 10**digits - 1), st.integers(-300, 300), st.sampled_from((10**digits - 1, 1 - 10**digits))
    )  # fmt: skip
    return st.none() | units.map(lambda one: Decimal(one).scaleb(-scale, EXACT))


ROWS = st.lists(st.tuples(*map(numerics, TYPES)), max_size=12)


def fill(engine: duckdb.DuckDBPyConnection, rows: list[tuple[Decimal | None, ...]]) -> None:
    engine.execute(f"CREATE OR REPLACE TABLE n ({', '.join(f'{name} DECIMAL{of}' for name, of in TYPES.items())})")
    for row in rows:
        texts = ("NULL" if one is None else f"{one:f}" for one in row)
        values = (f"CAST({one} AS DECIMAL{of})" for one, of in zip(texts, TYPES.values(), strict=True))
        engine.execute(f"INSERT INTO n VALUES ({', '.join(values)})")


@pytest.mark.parametrize("product", PRODUCTS)
def test_a_long_product_is_tried_in_64_bits(product: str) -> None:
    assert "TRY(" in translated(f"SELECT sum({product}) FROM n").upper()


@settings(max_examples=EXAMPLES)
@given(ROWS, st.sampled_from(sorted(PRODUCTS)))
def test_sums_of_products_are_exact_or_too_long(
    engine: duckdb.DuckDBPyConnection, rows: list[tuple[Decimal | None, ...]], product: str
) -> None:
    fill(engine, rows)
    with localcontext(EXACT):
        found = [
            PRODUCTS[product](*row[:4])
            for row in rows
            if None not in [value for name, value in zip("pdxk", row, strict=False) if name in product]
        ]
        whole = sum(found, Decimal(0)) if found else None
        scale = max((-int(one.as_tuple().exponent) for one in found), default=0)
    try:
        ((answer,),) = engine.execute(translated(f"SELECT sum({product}) FROM n")).fetchall()
    except duckdb.Error:
        # What does not fit: a product in its own type, the sum in 38 digits, or, as they come in any order, a part of it.
        with localcontext(EXACT):
            longest = max(abs(one) for one in found)
            # Three factors have six decimals before they are cut to four.
            places = 6 if product.count("*") == 2 else scale
            assert max(longest, sum((abs(one) for one in found), Decimal(0))) >= Decimal(10) ** (38 - places)
        return
    assert answer == whole


@settings(max_examples=EXAMPLES)
@given(ROWS)
def test_averages_are_exact_to_their_last_digit(
    engine: duckdb.DuckDBPyConnection, rows: list[tuple[Decimal | None, ...]]
) -> None:
    fill(engine, rows)
    for place, (name, (_, scale)) in enumerate(TYPES.items()):
        with localcontext(EXACT):
            values = [value for row in rows if (value := row[place]) is not None]
            cut = Decimal(1).scaleb(-scale)
            mean = (sum(values, Decimal(0)) / len(values)).quantize(cut, ROUND_DOWN) if values else None
        assert engine.execute(translated(f"SELECT avg({name}) FROM n")).fetchall() == [(mean,)]
