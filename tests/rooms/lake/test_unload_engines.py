"""UNLOAD … FORMAT PARQUET read alike by other engines: pyarrow, DuckDB, and Spark where it is installed.

Spark is no requirement of the tests: `pip install pyspark` into their environment and a Java runtime let its test run.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.dataset as ds
import pytest
from tests.rooms.lake.whole_house import Client, opened

COLUMNS = (
    "small smallint, n integer, big bigint, exact numeric(20,4), wide numeric(38,10), f real, d double precision, "
    "flag boolean, s varchar(40), c char(4), day date, moment timestamp, zoned timestamptz"
)
NAMES = ["small", "n", "big", "exact", "wide", "f", "d", "flag", "s", "c", "day", "moment", "zoned"]
ROWS = [
    (1, 2, 2**62, Decimal("1234567890123456.7891"), Decimal("1234567890123456789012345678.0123456789"), 0.5, 0.1, True,
     "é|x", "ab  ", date(1999, 12, 31), datetime(2020, 1, 2, 3, 4, 5, 6), datetime(2020, 1, 2, 3, 4, 5)),
    (-1, -2, -(2**63), Decimal("-0.0001"), Decimal("-0.0000000001"), -0.25, -1e300, False,
     "", "    ", date(1900, 1, 1), datetime(1969, 12, 31, 23, 59, 59), datetime(1969, 12, 31, 23, 59, 59)),
    (None, 3) + (None,) * 11,
]  # fmt: skip


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """What three rows of every type were unloaded to, in folders by `n`."""
    with opened(tmp_path_factory.mktemp("engines") / "h") as house:
        client = Client(house)
        client.run(f"CREATE TABLE types ({COLUMNS})")
        marks = ", ".join(f"${number}" for number in range(1, 13)) + ", $13::timestamp AT TIME ZONE 'UTC'"
        for row in ROWS:
            client.run(f"INSERT INTO types VALUES ({marks})", list(row))
        client.run("UNLOAD ('SELECT * FROM types') TO 'out/' FORMAT PARQUET PARTITION BY (n)")
        client.close()
        yield house.service.house.home / "lake/out"


def expected() -> list[tuple[Any, ...]]:
    """The rows in the order of `n`."""
    return sorted(ROWS, key=lambda row: row[1])


def test_pyarrow_reads_what_was_unloaded(place: Path) -> None:
    table = ds.dataset(place, format="parquet", partitioning="hive").to_table().select(NAMES).sort_by("n")
    assert list(zip(*(column.to_pylist() for column in table.columns), strict=True)) == expected()


def test_duckdb_reads_what_was_unloaded(place: Path) -> None:
    read = f"SELECT {', '.join(NAMES)} FROM read_parquet('{place}/**/*.parquet', hive_partitioning = true) ORDER BY n"
    with duckdb.connect() as engine:
        assert engine.execute(read).fetchall() == expected()


def test_spark_reads_what_was_unloaded(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sql = pytest.importorskip("pyspark.sql", reason="pyspark is not installed")
    if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        pytest.skip("Spark needs a Java runtime")
    monkeypatch.setenv("TZ", "UTC")
    session = (
        sql.SparkSession.builder.master("local[1]")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.driver.host", "127.0.0.1")
        .getOrCreate()
    )
    try:
        rows = session.read.parquet(str(place)).select(NAMES).orderBy("n").collect()
        assert [tuple(row) for row in rows] == expected()
    finally:
        session.stop()
