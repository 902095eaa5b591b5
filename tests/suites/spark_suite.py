"""What the tests of Spark share: where it is, tables of every kind in a lake, and how answers of two engines are compared."""

from __future__ import annotations

import datetime
import math
import shutil
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

HERE = Path(__file__).parent / "engines"
PYTHON = Path(__file__).parents[2] / ".venv" / "spark" / "bin" / "python"


def require_spark() -> None:
    """Skip the module that calls this where Spark cannot be had."""
    if not PYTHON.exists() or shutil.which("java") is None:
        pytest.skip("no Python with pyspark (make .venv/.spark), or no Java", allow_module_level=True)


def paragraphs(name: str) -> dict[str, str]:
    """The statements of a file, with the comment above each."""
    found = {}
    for paragraph in (HERE / name).read_text().split("\n\n"):
        lines = paragraph.strip().splitlines()
        told = [line[3:] for line in lines if line.startswith("-- ")]
        if text := "\n".join(line for line in lines if not line.startswith("-- ")):
            found[text] = " ".join(told)
    return found


QUICK = (
    "spark.sql.codegen.wholeStage=false spark.sql.adaptive.enabled=false "
    "spark.driver.extraJavaOptions=-XX:TieredStopAtLevel=1"
)
"""What saves a JVM of tests its warming up."""
SETTINGS = {"master": "local[2]", "python": str(PYTHON), "shuffle_partitions": 2, "properties": QUICK}
OWN = "FROM DATA CATALOG DATABASE '{}' CREATE EXTERNAL DATABASE IF NOT EXISTS"
STATEMENTS = [*paragraphs("statements.sql")]
GAPS = paragraphs("gaps.sql")

ENDLESS = "SELECT count(*) FROM " + ", ".join(f"lake.kinds AS k{place}" for place in range(11)) + " WHERE k0.f < k1.f"
"""Takes minutes, in loops that heed no interrupt."""

_DAYS = [datetime.date(2024, 2, 29), datetime.date(1999, 12, 31), None, datetime.date(2024, 1, 31)]
_MOMENTS = [
    datetime.datetime(2024, 3, 1, 10, 20, 30, 500000),
    None,
    datetime.datetime(2000, 1, 1),
    datetime.datetime(2025, 1, 1, 9),
]


def kinds_of_values() -> pa.Table:
    count = 12
    return pa.table({
        "id": pa.array(range(count), pa.int64()),
        "sm": pa.array([place % 4 - 1 for place in range(count)], pa.int16()),
        "i": pa.array([None, 1, 2, 3, -5, 1, 7, 0, 2, None, 100, 1], pa.int32()),
        "b": pa.array([place * 10**10 for place in range(count)], pa.int64()),
        "n": pa.array([None if place == 4 else Decimal(place * 37 - 100) / 8 for place in range(count)], pa.decimal128(12, 3)),
        "f": pa.array([None, *(place / 7 - 0.5 for place in range(1, count))], pa.float64()),
        "r": pa.array([0.1, None, *(place / 4 for place in range(2, count))], pa.float32()),
        "s": ["ab", "abc", "ab ", None, " ba", "AB", "ß", "ab", "xyz", "日本", "", "a'b\\c"],
        "ch": ["ab", "b", None, "abcde", "ab", "c", "ab", "b", "", "x", "y", "z"],
        "d": pa.array([_DAYS[place % 4] for place in range(count)], pa.date32()),
        "ts": pa.array([_MOMENTS[place // 3] for place in range(count)], pa.timestamp("us")),
        "o": [None if place % 5 == 0 else place % 2 == 0 for place in range(count)],
    })  # fmt: skip


def fill(connection: psycopg.Connection[Any], lake: Path) -> None:
    def external(name: str, columns: str, tables: dict[str, pa.Table], partitions: str = "") -> None:
        for path, table in tables.items():
            file = lake / name / path
            file.parent.mkdir(parents=True, exist_ok=True)
            pq.write_table(table, file)
        (lake / name).mkdir(parents=True, exist_ok=True)
        connection.execute(
            f"CREATE EXTERNAL TABLE lake.{name} ({columns}) {partitions} STORED AS PARQUET LOCATION '{lake / name}/'".encode()
        )

    kinds = kinds_of_values()
    columns = ("id bigint, sm smallint, i integer, b bigint, n numeric(12,3), f double precision, r real, s varchar(20), "
               "ch char(5), d date, ts timestamp, o boolean")  # fmt: skip
    external("kinds", columns, {"a.parquet": kinds.slice(0, 5), "b.parquet": kinds.slice(5)})
    texts = {"t": ["1", "-20", " 3 ", "2024-02-29", "1999-12-31", "ab", None, "abc"],
             "kind": ["number"] * 3 + ["date"] * 2 + ["other"] * 3}  # fmt: skip
    external("texts", "t varchar(20), kind varchar(10)", {"a.parquet": pa.table(texts)})
    external("nothing", "id bigint, s varchar(5)", {})
    external("nested", "id bigint, tags array<varchar(5)>", {"a.parquet": pa.table({"id": [1], "tags": [["a", "b"]]})})
    grown = {
        "a.parquet": pa.table({"ID": pa.array([1, 2], pa.int32())}),
        "b.parquet": pa.table({"id": pa.array([3], pa.int32()), "late": ["toolong"]}),
    }
    external(
        "grown",
        "id bigint, late varchar(4)",
        {"a.parquet": pa.table({"id": pa.array([1, 2], pa.int32())}), "b.parquet": grown["b.parquet"]},
    )
    parts = {f"y={year}/m={month}/a.parquet": pa.table({"v": [year, place]})
             for place, (year, month) in enumerate([(2023, "a"), (2024, "a"), (2024, "b c")])}  # fmt: skip
    external("parts", "v bigint", parts, "PARTITIONED BY (y integer, m varchar(5))")
    for year, month in ((2023, "a"), (2024, "a"), (2024, "b c")):
        where = lake / "parts" / f"y={year}" / f"m={month}"
        connection.execute(f"ALTER TABLE lake.parts ADD PARTITION (y={year}, m='{month}') LOCATION '{where}/'".encode())
    (lake / "csv").mkdir()
    (lake / "csv" / "a.csv").write_text("1,x,2.50\n2,y,\n3,z,7.125\n")
    fields = "ROW FORMAT DELIMITED FIELDS TERMINATED BY ',' STORED AS TEXTFILE"
    declared = f"lake.csv (a integer, b varchar(5), c numeric(8,3)) {fields} LOCATION '{lake}/csv/'"
    connection.execute(f"CREATE EXTERNAL TABLE {declared}".encode())
    connection.execute("CREATE TABLE here (id integer, name char(8), at timestamp)")
    connection.execute(
        "INSERT INTO here VALUES (1, 'one', '2024-01-01 00:00:00'), (2, 'two', NULL), (NULL, 'none', NULL), (40, NULL, NULL)"
    )


def answer_of(connection: psycopg.Connection[Any], engine: str, statement: str) -> Any:
    """The rows, or the error's SQLSTATE."""
    connection.execute(f"SET engine TO {engine}".encode())
    try:
        return connection.execute(statement.encode()).fetchall()
    except psycopg.Error as failure:
        return failure.sqlstate


def are_same(one: Any, other: Any) -> bool:
    if (
        (isinstance(one, str) and isinstance(other, str))
        or isinstance(one, str | None)
        or isinstance(other, str | None)
    ):
        return bool(one == other)
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(are_same, one, other))
    if isinstance(one, float):
        return type(other) is float and math.isclose(one, other, rel_tol=1e-12, abs_tol=1e-12)
    return type(one) is type(other) and bool(one == other)
