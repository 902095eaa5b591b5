"""Schedules of crawlers: when `cron(…)` comes due. Examples from the AWS Glue Developer Guide, "Time-based schedules"."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boathouse.contracts.errors import InvalidParameterValue
from boathouse.lake.crawler.cron import read_schedule


def moments(text: str, after: str, count: int) -> list[str]:
    schedule, found = read_schedule(f"cron({text})"), []
    moment: datetime | None = datetime.fromisoformat(after).replace(tzinfo=UTC)
    for _ in range(count):
        assert moment is not None
        moment = schedule.next_after(moment)
        found.append("" if moment is None else moment.strftime("%Y-%m-%dT%H:%M"))
    return found


@pytest.mark.parametrize(
    ("text", "after", "due"),
    [
        ("0 10 * * ? *", "2020-01-01T10:00", ["2020-01-02T10:00", "2020-01-03T10:00"]),
        ("15 12 * * ? *", "2020-01-01T12:14:59", ["2020-01-01T12:15", "2020-01-02T12:15"]),
        ("0 18 ? * MON-FRI *", "2020-01-03T18:00", ["2020-01-06T18:00"]),
        ("0 8 1 * ? *", "2020-01-31T00:00", ["2020-02-01T08:00", "2020-03-01T08:00"]),
        ("0/15 * * * ? *", "2020-01-01T00:50", ["2020-01-01T01:00", "2020-01-01T01:15"]),
        ("1/10 3 * * ? *", "2020-01-01T03:20", ["2020-01-01T03:21", "2020-01-01T03:31"]),
        ("0/5 8-17 ? * MON-FRI *", "2020-01-03T17:55", ["2020-01-06T08:00"]),
        ("0 0 L * ? *", "2020-02-01T00:00", ["2020-02-29T00:00", "2020-03-31T00:00"]),
        ("0 0 ? * 6L *", "2020-01-01T00:00", ["2020-01-31T00:00", "2020-02-28T00:00"]),
        ("0 0 ? * 2#1 *", "2020-01-01T00:00", ["2020-01-06T00:00", "2020-02-03T00:00"]),
        ("0 0 15W * ? *", "2020-02-01T00:00", ["2020-02-14T00:00", "2020-03-16T00:00"]),
        ("0 0 1W * ? *", "2020-01-15T00:00", ["2020-02-03T00:00"]),
        ("0 0 29 2 ? *", "2096-03-01T00:00", ["2104-02-29T00:00"]),
        ("30 6 ? FEB,nov FRI-MON 2021/5", "2020-01-01T00:00", ["2021-02-01T06:30", "2021-02-05T06:30"]),
    ],
)
def test_a_schedule_comes_due(text: str, after: str, due: list[str]) -> None:
    assert moments(text, after, len(due)) == due


def test_a_schedule_may_be_over() -> None:
    assert read_schedule("cron(0 0 1 1 ? 2020)").next_after(datetime(2020, 1, 1, tzinfo=UTC)) is None
    assert read_schedule("cron(0 0 30 2 ? *)").next_after(datetime(2020, 1, 1, tzinfo=UTC)) is None


@pytest.mark.parametrize(
    "text",
    [
        "0 10 * * ? *", "cron(0 10 * * ?)", "cron(0 10 * * * *)", "cron(0 10 ? * ? *)", "cron(60 10 * * ? *)",
        "cron(0 24 * * ? *)", "cron(0 0 32 * ? *)", "cron(0 0 1 13 ? *)", "cron(0 0 ? * 8 *)", "cron(0 0 1 * ? 1969)",
        "cron(0/0 0 1 * ? *)", "cron(a 0 1 * ? *)", "cron(0 0 ? * MON#6 *)", "cron(٣ 0 1 * ? *)", "rate(5 minutes)",
    ],
)  # fmt: skip
def test_what_is_no_schedule_is_refused(text: str) -> None:
    with pytest.raises(InvalidParameterValue):
        read_schedule(text)


numbers = st.sets(st.integers(0, 23), min_size=1, max_size=3)


@given(
    numbers,
    numbers,
    st.sets(st.integers(1, 31), min_size=1, max_size=3),
    st.integers(946_684_800, 2_524_608_000),
)
def test_what_comes_next_is_what_walking_minute_by_minute_would_find(
    minutes: set[int], hours: set[int], days: set[int], seconds: int
) -> None:
    after = datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None)
    fields = " ".join(",".join(map(str, sorted(one))) for one in (minutes, hours, days))
    found = read_schedule(f"cron({fields} * ? *)").next_after(after)
    assert found is not None and found > after and (found.second, found.microsecond) == (0, 0)
    assert found.minute in minutes and found.hour in hours and found.day in days
    day = after.date()
    while day < found.date():  # no due moment lies between
        if day.day in days:
            moments_of_day = [datetime(day.year, day.month, day.day, h, m) for h in hours for m in minutes]
            assert all(moment <= after for moment in moments_of_day)
        day += timedelta(days=1)
    same = [found.replace(hour=h, minute=m) for h in hours for m in minutes]
    assert found == min(moment for moment in same if moment > after)
