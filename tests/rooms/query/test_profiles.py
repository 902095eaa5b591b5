"""Where a plan's operators stand: streams, segments and steps."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boathouse.contracts.engine import Operator
from boathouse.query.history.profiles import placed, step_name

NAMES = [
    "TABLE_SCAN",
    "PROJECTION",
    "FILTER",
    "HASH_JOIN",
    "CROSS_PRODUCT",
    "HASH_GROUP_BY",
    "ORDER_BY",
    "UNION",
    "LIMIT",
]


def plan(*names_and_parents: tuple[str, int | None]) -> list[Operator]:
    return [Operator(name, parent, "", (), None, 1, 8, 0, 0.0) for name, parent in names_and_parents]


@st.composite
def plans(draw: st.DrawFn) -> list[Operator]:
    size = draw(st.integers(1, 30))
    parents = [None, *(draw(st.integers(0, place)) for place in range(size - 1))]
    return plan(*((draw(st.sampled_from(NAMES)), parent) for parent in parents))


def test_a_join_meets_its_rows_after_the_other_side_is_gathered() -> None:
    operators = plan(
        ("ORDER_BY", None),
        ("HASH_GROUP_BY", 0),
        ("HASH_JOIN", 1),
        ("TABLE_SCAN", 2),
        ("PROJECTION", 2),
        ("TABLE_SCAN", 4),
    )
    assert placed(operators) == [(2, 2, 0), (1, 1, 2), (1, 1, 1), (1, 1, 0), (0, 0, 1), (0, 0, 0)]


@given(plans())
def test_steps_are_counted_and_what_is_gathered_comes_before_what_takes_it(operators: list[Operator]) -> None:
    places = placed(operators)
    for segment in {place[1] for place in places}:
        mine = sorted(place[2] for place in places if place[1] == segment)
        assert mine == list(range(len(mine)))
        assert len({place[0] for place in places if place[1] == segment}) == 1
    assert {place[1] for place in places} == set(range(1 + max(place[1] for place in places)))
    for operator, (stream, segment, step) in zip(operators, places, strict=True):
        if operator.parent is None:
            continue
        above = places[operator.parent]
        assert (above[:2] == (stream, segment) and above[2] > step) or above[0] > stream


@pytest.mark.parametrize(
    ("operator", "step"),
    [("TABLE_SCAN", "scan"), ("HASH_JOIN", "hjoin"), ("NESTED_LOOP_JOIN", "nloop"), ("TOP_N", "sort"),
     ("PERFECT_HASH_GROUP_BY", "aggr"), ("BATCH_INSERT", "insert"), ("POSITIONAL_SOMETHING", "positional_something")],
)  # fmt: skip
def test_steps_have_redshifts_names(operator: str, step: str) -> None:
    assert step_name(operator) == step
