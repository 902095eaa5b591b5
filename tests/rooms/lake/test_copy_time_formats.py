"""TIMEFORMAT's hours. Source: Redshift Developer Guide, "Load sample data" (its event table)."""

from boathouse.lake.copy.formats import strptime_format


def test_hours_without_a_meridian_count_to_twenty_four():
    assert strptime_format("YYYY-MM-DD HH:MI:SS") == "%Y-%m-%d %H:%M:%S"


def test_hours_with_a_meridian_count_to_twelve():
    assert strptime_format("MM/DD/YYYY HH:MI:SS AM") == "%m/%d/%Y %I:%M:%S %p"
