"""Types of expressions and parameters.

Documented under "Computations with numeric values" (r_numeric_computations201), "SUM", "AVG" (r_SUM, r_AVG).
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.rooms.sql.bind_examples import bound, run, types

from boathouse.contracts.types import BIGINT, DATE, DOUBLE, INTEGER, REAL, SMALLINT, SqlType, numeric
from boathouse.sql.bind.bound import type_of
from boathouse.sql.bind.types.rules import arithmetic, common_type


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("5", "integer"),
        ("5000000000", "bigint"),
        ("1.5", "numeric(2,1)"),
        ("1e3", "double precision"),
        ("'abc'", "character varying"),
        ("null", "character varying"),
        ("id + count_now", "bigint"),
        ("price / tax", "numeric(17,9)"),
        ("price * tax", "numeric(17,4)"),
        ("price + tax", "numeric(9,2)"),
        ("price * size", "double precision"),
        ("id / 2", "integer"),
        ("id * price", "numeric(19,2)"),
        ("made + 1", "date"),
        ("made - made", "bigint"),
        ("made - '2020-01-01'", "bigint"),
        ("sold + '1 day'", "timestamp without time zone"),
        ("sold - sold", "interval"),
        ("sold + interval '1 day'", "timestamp without time zone"),
        ("made + interval '1 day'", "timestamp without time zone"),
        ("id = 1", "boolean"),
        ("kind || 'x'", "character varying"),
        ("case when fun then 1 else 2.5 end", "numeric(11,1)"),
        ("coalesce(id, count_now)", "bigint"),
        ("nvl(price, 0)", "numeric(12,2)"),
        ("decode(id, 1, 'a', 'b')", "character varying"),
        ("price::int", "integer"),
        ("'2020-01-01'::date", "date"),
        ("kind::varchar(3)", "character varying(3)"),
        ("cast(id as decimal(10,4))", "numeric(10,4)"),
        ("(select max(made) from toys)", "date"),
        ("-price", "numeric(8,2)"),
        ("rank() over (order by id)", "bigint"),
        ("lag(price) over (order by id)", "numeric(8,2)"),
        ("sum(id) over (order by id rows unbounded preceding)", "bigint"),
    ],
)
def test_an_expression_has_redshifts_type(expression: str, expected: str) -> None:
    assert types(f"select {expression} from toys") == [expected]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("count(*)", "bigint"),
        ("sum(id)", "bigint"),
        ("sum(count_now)", "numeric(38,0)"),
        ("sum(price)", "numeric(38,2)"),
        ("sum(size)", "double precision"),
        ("avg(id)", "bigint"),
        ("avg(price)", "numeric(38,2)"),
        ("min(made)", "date"),
        ("max(kind)", "character varying(20)"),
        ("stddev(id)", "double precision"),
        ("bool_or(fun)", "boolean"),
        ("median(size)", "double precision"),
        ("percentile_cont(0.5) within group (order by made)", "date"),
    ],
)
def test_an_aggregate_has_redshifts_type(expression: str, expected: str) -> None:
    assert types(f"select {expression} from toys") == [expected]


def test_set_operations_take_the_common_type_of_each_column() -> None:
    assert types("select id from toys union all select 2.5") == ["numeric(11,1)"]
    assert types("select made from toys union select '2020-01-01'") == ["date"]


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("select * from toys where id = $1 and kind like $2 and made > $3", ["integer", "character varying", "date"]),
        ("select $1::bigint, $2", ["bigint", "character varying"]),
        ("select * from toys where price between $1 and $2", ["numeric", "numeric"]),
        ("select * from toys where id in ($1, $2) limit $3 offset $4", ["integer", "integer", "bigint", "bigint"]),
        ("select made + $1, id * $2 from toys", ["integer", "integer"]),
        (
            "insert into toys (id, kind, sold) values ($1, $2, $3)",
            ["integer", "character varying", "timestamp without time zone"],
        ),
        ("update toys set price = $1 where fun = $2", ["numeric", "boolean"]),
        ("select upper($1)", ["character varying"]),
        ("select * from toys where id = any($1)", ["integer[]"]),
        ("insert into makers select $1, $2", ["integer", "character varying"]),
        ("select * from toys where $1 = id and id = $1", ["integer"]),
    ],
)
def test_a_parameter_takes_the_type_that_its_context_wants(sql: str, expected: list[str]) -> None:
    assert [str(one) for one in bound(sql).parameters] == expected


def test_the_clients_parameter_type_goes_before_the_contexts() -> None:
    assert bound("select * from toys where id = $1", SMALLINT).parameters == (SMALLINT,)


def test_a_literal_carries_the_type_of_the_column_it_is_compared_with() -> None:
    from sqlglot import exp

    tree = bound("select id from toys where made > '2020-01-01'").tree
    literal = tree.find(exp.Literal)
    assert literal is not None and type_of(literal) == DATE


_NUMBERS = st.one_of(
    st.sampled_from([SMALLINT, INTEGER, BIGINT, REAL, DOUBLE]),
    st.integers(1, 38).flatmap(lambda p: st.integers(0, min(p, 37)).map(lambda s: numeric(p, s))),
)


@given(_NUMBERS, _NUMBERS, st.sampled_from("+-*/%"))
def test_arithmetic_on_numbers_always_has_a_number_within_limits(left: SqlType, right: SqlType, operator: str) -> None:
    found = arithmetic(operator, left, right)
    assert found is not None and found.is_number
    if found.name == "numeric":
        assert 1 <= (found.precision or 0) <= 38
        assert 0 <= (found.scale or 0) <= 37
        assert (found.scale or 0) <= (found.precision or 0)


@given(_NUMBERS, _NUMBERS)
def test_the_common_type_of_numbers_does_not_depend_on_their_order(left: SqlType, right: SqlType) -> None:
    assert common_type([left, right]) == common_type([right, left])


def test_text_beside_a_moment_is_a_moment() -> None:
    assert run("select made - '2020-01-01' from toys where id = 1") == [(4,)]
