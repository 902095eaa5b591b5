"""Random statements answered by both engines over the same tables, external and stored: equal rows and types, or a refusal.

`BOATHOUSE_SPARK_SEEDS` says how many seeds are tried, `BOATHOUSE_SPARK_FIRST` which is the first, `BOATHOUSE_SPARK_BATCHES` how
many statements of each kind a seed makes: thousands by hand. Many expressions go in one statement; where one of them is refused
or fails, its halves are asked by themselves. Needs Spark (`make .venv/.spark`).
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from typing import Any, NamedTuple

import psycopg
import pyarrow.parquet as pq
import pytest
from tests.clients.conftest import DATABASE, PASSWORD, running
from tests.suites.spark_random import Statements
from tests.suites.spark_suite import OWN, SETTINGS, require_spark
from tests.suites.spark_values import COLUMNS, values

from boathouse.app.assemble import open_house
from boathouse.app.initialise import initialise

require_spark()
pytestmark = pytest.mark.timeout(3600)

FIRST = int(os.environ.get("BOATHOUSE_SPARK_FIRST", "1"))
SEEDS = range(FIRST, FIRST + int(os.environ.get("BOATHOUSE_SPARK_SEEDS", "1")))
ROWS, BATCHES, QUERIES = 40, int(os.environ.get("BOATHOUSE_SPARK_BATCHES", "1")), 4
_FLOATS = {700: 1e-6, 701: 1e-12}
"""The types whose last digits depend on the order of summing, and how near they have to be."""


class Answer(NamedTuple):
    """Types and rows as they are on the wire, or an SQLSTATE."""

    state: str
    types: list[tuple[int, int]]
    rows: list[tuple[str | None, ...]]


class Asked:
    """Both engines, and what they have answered."""

    def __init__(self, client: psycopg.Connection[Any]) -> None:
        self._client = client
        self.same = 0
        self.wrong: list[str] = []

    def batch(self, items: list[str], rest: str, first: str = "id, ") -> None:
        """Expressions of one statement; in halves where they are refused or wrong together."""
        order = " ORDER BY id" if first else ""
        listed = ", ".join(f"{item} AS x{place}" for place, item in enumerate(items))
        if self.query(f"SELECT {first}{listed}{rest}{order}", tells=len(items) == 1):
            self.same += len(items)
        elif len(items) > 1:
            middle = len(items) // 2
            self.batch(items[:middle], rest, first)
            self.batch(items[middle:], rest, first)

    def query(self, statement: str, *, tells: bool = True) -> bool:
        """True where both give the same rows."""
        spark = self._answer("spark", statement)
        if spark.state == "0A000":
            return False
        house = self._answer("duckdb", statement)
        if spark.state and house.state:
            agrees = spark.state == house.state or spark.state[:2] == house.state[:2] == "22"
        else:
            agrees = not spark.state and not house.state and _are_same(spark, house)
        if not agrees and tells:
            self.wrong.append(f"{statement}\n  {spark}\n  {house}")
        return agrees and not spark.state

    def _answer(self, engine: str, statement: str) -> Answer:
        self._client.execute(f"SET engine TO {engine}".encode())
        try:
            found = self._client.execute(statement.encode()).pgresult
        except psycopg.Error as failure:
            assert failure.sqlstate is not None, f"the server is lost: {statement}"
            return Answer(failure.sqlstate, [], [])
        assert found is not None
        columns = range(found.nfields)
        rows = [tuple(_text(found.get_value(row, column)) for column in columns) for row in range(found.ntuples)]
        return Answer("", [(found.ftype(column), found.fmod(column)) for column in columns], rows)


def _text(value: bytes | None) -> str | None:
    return None if value is None else value.decode()


def _are_same(one: Answer, other: Answer) -> bool:
    """Bags of rows: where a statement orders them, its limit says whether the order was right."""
    if one.types != other.types or len(one.rows) != len(other.rows):
        return False
    near = [_FLOATS.get(of) for of, _ in one.types]

    def key(row: tuple[str | None, ...]) -> Any:
        return [
            ("", "") if value is None else (" ", value if by is None else f"{float(value) + 0:.5g}")
            for value, by in zip(row, near, strict=True)
        ]

    pairs = zip(sorted(one.rows, key=key), sorted(other.rows, key=key), strict=True)
    return all(_is_same(a, b, by) for left, right in pairs for a, b, by in zip(left, right, near, strict=True))


def _is_same(one: str | None, other: str | None, near: float | None) -> bool:
    if one == other or near is None or one is None or other is None:
        return one == other
    return math.isclose(float(one), float(other), rel_tol=near, abs_tol=1e-13)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[psycopg.Connection[Any]]:
    home = tmp_path_factory.mktemp("random") / "h"
    initialise(home, DATABASE, PASSWORD, "ducklake")
    opened = open_house(home, {"spark": SETTINGS})
    with running(opened) as found, psycopg.connect(**found.keywords, autocommit=True, prepare_threshold=None) as one:
        one.execute("SET enable_result_cache_for_session TO off")
        one.execute(f"CREATE EXTERNAL SCHEMA lake {OWN}".format("lake").encode())
        columns = ", ".join(f"{name} {of}" for name, of in COLUMNS.items())
        table, folder = values(FIRST, ROWS), home / "lake" / "w"
        folder.mkdir(parents=True)
        pq.write_table(table.slice(0, 17), folder / "a.parquet")
        pq.write_table(table.slice(17), folder / "b.parquet")
        one.execute(f"CREATE EXTERNAL TABLE lake.w ({columns}) STORED AS PARQUET LOCATION 'w/'".encode())
        one.execute(f"CREATE TABLE w ({columns})".encode())
        one.execute("INSERT INTO w SELECT * FROM lake.w")
        yield one
    opened.close()


@pytest.mark.parametrize("seed", SEEDS)
def test_spark_gives_the_same_answer_or_refuses(client: psycopg.Connection[Any], seed: int) -> None:
    made, asked = Statements(seed, ["lake.w", "w"]), Asked(client)
    for table in ("lake.w", "w"):
        assert asked.query(f"SELECT * FROM {table}"), "the values alone"
    for _ in range(BATCHES):
        asked.batch(*made.batch(8))
        asked.batch(*made.aggregates(5), first="")
        asked.batch(*made.windows(5))
    for _ in range(QUERIES):
        asked.same += asked.query(made.query())
    assert not asked.wrong, "\n".join(asked.wrong)
    assert asked.same >= 9, "nearly all was refused"
