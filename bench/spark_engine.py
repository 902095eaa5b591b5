"""TPC-H's questions over Parquet of the lake: the house's own engine against Spark in one process, in one run, by SET engine.

Both answer over the wire, hot, median of the rounds; the first question on Spark, which starts its session, is told by itself.
Without a Python that has pyspark (`make .venv/.spark`) nothing is measured, and it says so.

Usage: spark_engine.py [SCALE] [ROUNDS] [--quick]
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
import time
from pathlib import Path

import duckdb
import psycopg

from measure import median_seconds
from servers import boathouse
from storage import TABLES, generated

PYTHON = Path(__file__).parents[1] / ".venv" / "spark" / "bin" / "python"
QUESTIONS = (1, 3, 5, 6, 9, 12, 14, 18)


def declare(connection: psycopg.Connection, files: Path, lake: Path) -> None:
    connection.execute(
        "CREATE EXTERNAL SCHEMA tpch FROM DATA CATALOG DATABASE 'tpch' CREATE EXTERNAL DATABASE IF NOT EXISTS"
    )
    for table in TABLES:
        (lake / table).mkdir(parents=True)
        file = shutil.move(files / f"{table}.parquet", lake / table / "a.parquet")
        columns = ", ".join(
            f"{name} {'varchar(500)' if kind == 'VARCHAR' else kind.lower()}"
            for name, kind, *_ in duckdb.execute(f"DESCRIBE FROM '{file}'").fetchall()
        )
        connection.execute(
            f"CREATE EXTERNAL TABLE tpch.{table} ({columns}) STORED AS PARQUET LOCATION '{lake / table}/'"
        )
    connection.execute("SET search_path TO tpch")
    connection.execute("SET enable_result_cache_for_session TO off")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("scale", nargs="?", type=float, default=1.0)
    parser.add_argument("rounds", nargs="?", type=int, default=3)
    parser.add_argument("--quick", action="store_true", help="a tiny size: only to see that everything runs")
    given = parser.parse_args()
    if not PYTHON.exists() or shutil.which("java") is None:
        print("no pyspark in .venv/spark, or no Java: no ratio was measured")
        return
    scale, rounds, questions = (0.01, 1, (6,)) if given.quick else (given.scale, given.rounds, QUESTIONS)
    with tempfile.TemporaryDirectory() as folder:
        files, texts = generated(Path(folder), scale)
        configuration = f'[spark]\nmaster = "local[2]"\npython = "{PYTHON}"\nshuffle_partitions = 2\n'
        with (
            boathouse((), (Path(folder),), configuration) as server,
            psycopg.connect(server.dsn, autocommit=True) as connection,
        ):
            declare(connection, files, Path(folder) / "lake")
            began = time.monotonic()
            connection.execute("SET engine TO spark")
            connection.execute("SELECT count(*) FROM region")
            print(f"the first statement on Spark, with its session: {time.monotonic() - began:.1f} s")
            compare(connection, {f"question {number:2}": texts[number] for number in questions}, rounds)
            store(connection, rounds)


def compare(connection: psycopg.Connection, texts: dict[str, str], rounds: int) -> None:
    """Both engines' medians of each question that Spark answers, with as many rows; what it refuses is told and left out."""
    total = {"duckdb": 0.0, "spark": 0.0}
    for name, text in texts.items():
        took, rows = {}, {}
        try:
            for engine in total:
                connection.execute(f"SET engine TO {engine}")
                rows[engine] = len(connection.execute(text).fetchall())
                took[engine] = median_seconds(lambda text=text: connection.execute(text).fetchall(), rounds)  # type: ignore[misc]
        except psycopg.Error as failure:
            print(f"{name}: not answered on {engine}: {failure.sqlstate} {str(failure).splitlines()[0]}")
            continue
        if rows["duckdb"] != rows["spark"]:
            print(f"{name}: {rows['duckdb']} rows of duckdb, {rows['spark']} of spark: no ratio")
            continue
        for engine, seconds in took.items():
            total[engine] += seconds
        duck, spark = took["duckdb"] * 1000, took["spark"] * 1000
        print(f"{name}: duckdb {duck:8.1f} ms, spark {spark:8.1f} ms, ratio {spark / duck:.1f}")
    if total["duckdb"]:
        print(f"all questions, spark to duckdb: ratio {total['spark'] / total['duckdb']:.1f}")


def store(connection: psycopg.Connection, rounds: int) -> None:
    """CREATE TABLE AS of a filtered scan and of a join, and which engine has computed the rows."""
    stored = {
        "scan": "SELECT l_orderkey, l_extendedprice, l_shipdate, l_comment FROM lineitem WHERE l_discount > 0.02",
        "join": "SELECT o_custkey, sum(l_extendedprice) AS s FROM orders JOIN lineitem ON l_orderkey = o_orderkey GROUP BY 1",
    }
    for name, query in stored.items():
        took = {}
        for engine in ("duckdb", "spark"):
            connection.execute(f"SET engine TO {engine}")

            def make(query: str = query) -> None:
                connection.execute("DROP TABLE IF EXISTS public.made")
                connection.execute(f"CREATE TABLE public.made AS {query}")

            make()
            took[engine] = median_seconds(make, rounds)
        ran = connection.execute(
            "SELECT trim(compute_type) FROM sys_query_history WHERE query_text LIKE 'CREATE TABLE public.made%' "
            "ORDER BY query_id DESC LIMIT 1"
        ).fetchall()
        duck, spark = took["duckdb"] * 1000, took["spark"] * 1000
        print(
            f"CREATE TABLE AS, a {name}: duckdb {duck:8.1f} ms, spark {spark:8.1f} ms, ratio {spark / duck:.1f}, computed by "
            f"{ran[0][0]}"
        )


if __name__ == "__main__":
    main()
