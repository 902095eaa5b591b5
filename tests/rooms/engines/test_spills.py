"""Which statement of a connection went to the disk, from the engine's running maximum."""

from __future__ import annotations

from boathouse.engines.duckdb.profile import Spills


def test_a_statement_that_raises_the_most_has_spilled_and_small_ones_after_it_have_not() -> None:
    spills = Spills()
    assert [spills.of(0, 900), spills.of(50, 1000), spills.of(50, 10), spills.of(70, 2000)] == [0, 50, 0, 70]


def test_one_that_asked_for_as_much_as_one_that_spilled_is_taken_to_have_spilled_again() -> None:
    spills = Spills()
    assert [spills.of(50, 1000), spills.of(50, 1000), spills.of(50, 999)] == [50, 50, 0]


def test_a_new_connection_begins_anew() -> None:
    spills = Spills()
    assert [spills.of(50, 1000), spills.of(0, 5000), spills.of(20, 300)] == [50, 0, 20]
