"""TPC-H's queries by every engine that is at hand, over the same rows, in one run: times as ratios to DuckDB alone.

Boathouse is asked over the wire, its warehouse in one file and as a lake; PostgreSQL over its socket; DuckDB, chDB and DataFusion
in this process, over tables (DuckDB) and Parquet files. An engine that is not installed, or cannot read a query, is told with its
reason. Each query runs hot, the median of the rounds; all must give as many rows. The Star Schema Benchmark is in `ssb.py`.

Usage: tpch_engines.py [SCALE] [ROUNDS] [--quick]
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import math
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import duckdb
import duckdb_extension_tpch
import psycopg

from measure import median_seconds
from servers import boathouse, postgresql

QUICK = (1, 3, 6)
Ask = Callable[[str], list[Any]]


def generated(scale: float, folder: Path) -> duckdb.DuckDBPyConnection:
    """TPC-H's tables in an engine, and as Parquet and CSV files in the folder."""
    wheel = Path(duckdb_extension_tpch.__file__).parent / "extensions" / f"v{duckdb.__version__}"
    engine = duckdb.connect()
    engine.load_extension(str(wheel / "tpch.duckdb_extension"))
    engine.execute(f"CALL dbgen(sf = {scale})")
    for name in tables(engine):
        engine.execute(f"COPY {name} TO '{folder}/{name}.parquet'")
        engine.execute(f"COPY {name} TO '{folder}/{name}.csv' (HEADER false)")
    return engine


def tables(engine: duckdb.DuckDBPyConnection) -> list[str]:
    return [name for (name,) in engine.execute("SHOW TABLES").fetchall()]


def columns(engine: duckdb.DuckDBPyConnection, name: str) -> str:
    found = engine.execute(f"DESCRIBE {name}").fetchall()
    return ", ".join(f"{column} {'varchar(200)' if kind == 'VARCHAR' else kind}" for column, kind, *_ in found)


@contextmanager
def ours(engine: duckdb.DuckDBPyConnection, folder: Path, storage: str) -> Iterator[Ask]:
    with (
        boathouse(roots=[folder], storage=storage) as server,
        psycopg.connect(server.dsn, autocommit=True) as connection,
    ):
        connection.execute("SET enable_result_cache_for_session TO off")
        for name in tables(engine):
            connection.execute(f"CREATE TABLE {name} ({columns(engine, name)})".encode())
            connection.execute(f"COPY {name} FROM '{folder}/{name}.parquet' FORMAT PARQUET".encode())
        yield lambda query: connection.execute(query.encode()).fetchall()


@contextmanager
def postgres(engine: duckdb.DuckDBPyConnection, folder: Path) -> Iterator[Ask]:
    with postgresql() as server, psycopg.connect(server.dsn, autocommit=True) as connection:
        for name in tables(engine):
            connection.execute(f"CREATE TABLE {name} ({columns(engine, name)})".encode())
            with connection.cursor().copy(f"COPY {name} FROM STDIN (FORMAT csv)".encode()) as copy:
                copy.write((folder / f"{name}.csv").read_bytes())
            connection.execute(f"ALTER TABLE {name} ADD PRIMARY KEY ({KEYS[name]})".encode())
            connection.execute(f"VACUUM ANALYZE {name}".encode())
        connection.execute("SET statement_timeout TO '120s'")
        yield lambda query: connection.execute(query.encode()).fetchall()


KEYS = {
    "customer": "c_custkey",
    "lineitem": "l_orderkey, l_linenumber",
    "nation": "n_nationkey",
    "orders": "o_orderkey",
    "part": "p_partkey",
    "partsupp": "ps_partkey, ps_suppkey",
    "region": "r_regionkey",
    "supplier": "s_suppkey",
}


@contextmanager
def datafusion(engine: duckdb.DuckDBPyConnection, folder: Path) -> Iterator[Ask]:
    context = importlib.import_module("datafusion").SessionContext()
    for name in tables(engine):
        context.register_parquet(name, f"{folder}/{name}.parquet")
    yield lambda query: context.sql(query).to_arrow_table().to_pylist()


@contextmanager
def chdb(engine: duckdb.DuckDBPyConnection, folder: Path) -> Iterator[Ask]:
    session = importlib.import_module("chdb.session").Session()
    for name in tables(engine):
        session.query(f"CREATE VIEW {name} AS SELECT * FROM file('{folder}/{name}.parquet', Parquet)")
    yield lambda query: str(session.query(query, "CSV")).splitlines()
    session.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("scale", nargs="?", type=float, default=1.0)
    parser.add_argument("rounds", nargs="?", type=int, default=3)
    parser.add_argument("--quick", action="store_true", help="a tiny size: only to see that everything runs")
    given = parser.parse_args()
    scale, rounds = (0.01, 1) if given.quick else (given.scale, given.rounds)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        engine = generated(scale, folder)
        found = engine.execute("SELECT query_nr, query FROM tpch_queries()").fetchall()
        queries = {number: text.rstrip().rstrip(";") for number, text in found if not given.quick or number in QUICK}
        expected = {number: len(engine.execute(query).fetchall()) for number, query in queries.items()}
        base = {
            number: median_seconds(lambda q=query: engine.execute(q).fetchall(), rounds)
            for number, query in queries.items()
        }
        print(f"{'duckdb alone':>20} {sum(base.values()):>8.2f} s for {len(queries)} queries")
        peers = {
            "boathouse, native": lambda: ours(engine, folder, "native"),
            "boathouse, ducklake": lambda: ours(engine, folder, "ducklake"),
            "postgresql": lambda: postgres(engine, folder),
            "datafusion": lambda: datafusion(engine, folder),
            "chdb": lambda: chdb(engine, folder),
        }
        for peer, begin in peers.items():
            if given.quick and peer != "boathouse, native":
                print(f"{peer:>20} skipped: it takes longer than a quick run")
                continue
            if peer in ("datafusion", "chdb") and importlib.util.find_spec(peer) is None:
                print(f"{peer:>20} skipped: not installed")
                continue
            with ExitStack() as stack:
                report(peer, stack.enter_context(begin()), queries, expected, base, rounds)
        print(
            f"{'lake on S3':>20} skipped: it needs an endpoint, and no request to one is part of a benchmark on one machine"
        )


def report(
    peer: str, ask: Ask, queries: dict[int, str], expected: dict[int, int], base: dict[int, float], rounds: int
) -> None:
    """Run all queries and print a line."""
    ratios, seconds, refused = [], 0.0, []
    for number, query in queries.items():
        try:
            rows = len(ask(query))
        except Exception as failure:  # noqa: BLE001 - another engine's, whatever it is; it is told
            refused.append(f"{number} ({type(failure).__name__})")
            continue
        assert rows == expected[number], f"{peer}, query {number}: {rows} rows, not {expected[number]}"
        took = median_seconds(lambda q=query: ask(q), rounds)
        seconds += took
        ratios.append(took / base[number])
    if not ratios:
        print(f"{peer:>20} answers none of them: {', '.join(refused)}")
        return
    mean = math.exp(sum(map(math.log, ratios)) / len(ratios))
    print(
        f"{peer:>20} {seconds:>8.2f} s, ratio {mean:.2f}x of duckdb's time (geometric mean; {min(ratios):.2f}x to "
        f"{max(ratios):.2f}x)" + (f"; not answered: {', '.join(refused)}" if refused else "")
    )


if __name__ == "__main__":
    main()
