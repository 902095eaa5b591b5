"""TPC-H's or the Star Schema Benchmark's queries by every engine at hand, over the same rows, in one run: ratios to DuckDB alone.

Boathouse is asked over the wire: its warehouse in one file, as a lake on the disk, as a lake on S3 (moto's server, in this
process) with its catalog in PostgreSQL, and over files of the lake with its queries sent to Spark. PostgreSQL is asked over its
socket, DuckDB over tables and DataFusion and chDB over Parquet in this process. An engine that is not installed, or cannot read
a query, is told with its reason. Each query runs hot, the median of the rounds; all must give as many rows.

Usage: engines.py [tpch|ssb] [SCALE] [ROUNDS] [--only ENGINES] [--quick]
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import logging
import math
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import boto3
import duckdb
import duckdb_extension_tpch
import psycopg
from moto.server import ThreadedMotoServer
from psycopg.conninfo import conninfo_to_dict

from boathouse.app.demo import generate_ssb
from boathouse.app.demo.queries import TABLES
from measure import median_seconds
from servers import boathouse, postgresql
from ssb import QUERIES as SSB_QUERIES
from ssb import SSB

QUICK = ("1", "3", "6")
PYSPARK = Path(__file__).parents[1] / ".venv" / "spark" / "bin" / "python"
Ask = Callable[[str], list[Any]]
KEYS = {
    "customer": "1",
    "lineitem": "1, 4",
    "nation": "1",
    "orders": "1",
    "part": "1",
    "partsupp": "1, 2",
    "region": "1",
    "supplier": "1",
    "dwdate": "1",
    "lineorder": "1, 2",
}
"""Each table's primary key in PostgreSQL, by the places of its columns."""


@dataclass(frozen=True)
class Data:
    """A benchmark's rows in an engine of this process, and in a folder for each table, as `a.parquet` and `a.csv`."""

    engine: duckdb.DuckDBPyConnection
    folder: Path
    queries: dict[str, str]

    def tables(self) -> list[str]:
        return [name for (name,) in self.engine.execute("SHOW TABLES").fetchall()]

    def columns(self, table: str) -> list[tuple[str, str]]:
        found = self.engine.execute(f"DESCRIBE {table}").fetchall()
        return [(name, "varchar(200)" if kind == "VARCHAR" else kind) for name, kind, *_ in found]

    def declared(self, table: str) -> str:
        return ", ".join(f"{name} {kind}" for name, kind in self.columns(table))

    def write(self) -> None:
        for name in self.tables():
            (self.folder / name).mkdir()
            for form in ("parquet", "csv"):
                options = "(HEADER false)" if form == "csv" else ""
                self.engine.execute(f"COPY {name} TO '{self.folder}/{name}/a.{form}' {options}")


def tpch(scale: float, folder: Path) -> Data:
    wheel = Path(duckdb_extension_tpch.__file__).parent / "extensions" / f"v{duckdb.__version__}"
    engine = duckdb.connect()
    engine.load_extension(str(wheel / "tpch.duckdb_extension"))
    engine.execute(f"CALL dbgen(sf = {scale})")
    found = engine.execute("SELECT query_nr, query FROM tpch_queries()").fetchall()
    return Data(engine, folder, {str(number): text.rstrip().rstrip(";") for number, text in found})


def ssb(scale: float, folder: Path) -> Data:
    engine = duckdb.connect()
    with tempfile.TemporaryDirectory() as name:
        generate_ssb(Path(name), scale)
        for table in SSB:
            columns = TABLES[table].replace(" SORTKEY", "").replace(" DISTKEY", "")
            engine.execute(f"CREATE TABLE {table} ({columns})")
            engine.execute(f"COPY {table} FROM '{name}/{table}*.gz' (DELIMITER '|', HEADER false, COMPRESSION gzip)")
    return Data(engine, folder, SSB_QUERIES)


@contextmanager
def ducklake_on_s3(data: Data) -> Iterator[Ask]:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    bucket = ThreadedMotoServer(port=0)
    bucket.start()
    host, port = bucket.get_host_and_port()
    boto3.client(
        "s3", endpoint_url=f"http://{host}:{port}", region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b"
    ).create_bucket(Bucket="engines")  # fmt: skip
    with postgresql() as catalog:
        known = conninfo_to_dict(catalog.dsn)
        os.environ.update(
            {f"BOATHOUSE_SECRET_BOOKS_{name.upper()}": str(known[name]) for name in ("host", "dbname", "user")}
            | {"BOATHOUSE_SECRET_BOOKS_PASSWORD": str(known.get("password") or "none")}
            | {"BOATHOUSE_SECRET_S3_ACCESS_KEY_ID": "a", "BOATHOUSE_SECRET_S3_SECRET_ACCESS_KEY": "b"}
            | {"BOATHOUSE_LAKE_S3_ENDPOINT": f"http://{host}:{port}"}
        )
        try:
            with ours(data, "ducklake", ("--catalog", "books", "--data-path", "s3://engines/lake")) as ask:
                yield ask
        finally:
            del os.environ["BOATHOUSE_LAKE_S3_ENDPOINT"]
            bucket.stop()


@contextmanager
def ours(data: Data, storage: str = "native", place: Sequence[str] = ()) -> Iterator[Ask]:
    with (
        boathouse(roots=[data.folder], storage=storage, place=place) as server,
        psycopg.connect(server.dsn, autocommit=True) as connection,
    ):
        connection.execute("SET enable_result_cache_for_session TO off")
        for name in data.tables():
            connection.execute(f"CREATE TABLE {name} ({data.declared(name)})".encode())
            connection.execute(f"COPY {name} FROM '{data.folder}/{name}/a.parquet' FORMAT PARQUET".encode())
        yield lambda query: connection.execute(query.encode()).fetchall()


@contextmanager
def on_spark(data: Data) -> Iterator[Ask]:
    configuration = f'[spark]\nmaster = "local[2]"\npython = "{PYSPARK}"\nshuffle_partitions = 2\n'
    with (
        boathouse(roots=[data.folder], config=configuration) as server,
        psycopg.connect(server.dsn, autocommit=True) as connection,
    ):
        connection.execute(
            "CREATE EXTERNAL SCHEMA files FROM DATA CATALOG DATABASE 'files' CREATE EXTERNAL DATABASE IF NOT EXISTS"
        )
        for name in data.tables():
            (data.folder / name / "a.csv").unlink(missing_ok=True)
            connection.execute(
                f"CREATE EXTERNAL TABLE files.{name} ({data.declared(name).replace(' NOT NULL', '')}) STORED AS PARQUET "
                f"LOCATION '{data.folder}/{name}/'".encode()
            )
        connection.execute("SET search_path TO files")
        connection.execute("SET enable_result_cache_for_session TO off")
        connection.execute("SET engine TO spark")
        yield lambda query: connection.execute(query.encode()).fetchall()


@contextmanager
def postgres(data: Data) -> Iterator[Ask]:
    with postgresql() as server, psycopg.connect(server.dsn, autocommit=True) as connection:
        for name in data.tables():
            connection.execute(f"CREATE TABLE {name} ({data.declared(name)})".encode())
            with connection.cursor().copy(f"COPY {name} FROM STDIN (FORMAT csv)".encode()) as copy:
                copy.write((data.folder / name / "a.csv").read_bytes())
            names = [column for column, _ in data.columns(name)]
            key = ", ".join(names[int(place) - 1] for place in KEYS[name].split(","))
            connection.execute(f"ALTER TABLE {name} ADD PRIMARY KEY ({key})".encode())
            connection.execute(f"VACUUM ANALYZE {name}".encode())
        connection.execute("SET statement_timeout TO '120s'")
        yield lambda query: connection.execute(query.encode()).fetchall()


@contextmanager
def datafusion(data: Data) -> Iterator[Ask]:
    context = importlib.import_module("datafusion").SessionContext()
    for name in data.tables():
        context.register_parquet(name, f"{data.folder}/{name}/a.parquet")
    yield lambda query: context.sql(query).to_arrow_table().to_pylist()


@contextmanager
def chdb(data: Data) -> Iterator[Ask]:
    session = importlib.import_module("chdb.session").Session()
    for name in data.tables():
        session.query(f"CREATE VIEW {name} AS SELECT * FROM file('{data.folder}/{name}/a.parquet', Parquet)")
    yield lambda query: str(session.query(query, "CSV")).splitlines()
    session.close()


PEERS: dict[str, Callable[[Data], Any]] = {
    "boathouse native": ours,
    "boathouse ducklake": partial(ours, storage="ducklake"),
    "boathouse lake on S3": ducklake_on_s3,
    "postgresql": postgres,
    "boathouse spark": on_spark,
    "datafusion": datafusion,
    "chdb": chdb,
}


def missing(peer: str) -> str | None:
    """Why an engine cannot be asked."""
    if peer in ("datafusion", "chdb") and importlib.util.find_spec(peer) is None:
        return "not installed"
    if peer == "boathouse spark" and not (PYSPARK.exists() and shutil.which("java")):
        return "no pyspark in .venv/spark, or no Java"
    return None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("suite", nargs="?", choices=("tpch", "ssb"), default="tpch")
    parser.add_argument("scale", nargs="?", type=float, default=1.0)
    parser.add_argument("rounds", nargs="?", type=int, default=3)
    parser.add_argument("--only", default=",".join(PEERS), help="some of the engines, with commas between them")
    parser.add_argument("--quick", action="store_true", help="a tiny size: only to see that everything runs")
    given = parser.parse_args()
    scale, rounds = (0.01, 1) if given.quick else (given.scale, given.rounds)
    wanted = [one.strip() for one in given.only.split(",")]
    if unknown := set(wanted) - set(PEERS):
        parser.error(f"--only knows {', '.join(PEERS)}, not {', '.join(sorted(unknown))}")
    with tempfile.TemporaryDirectory() as name:
        data = {"tpch": tpch, "ssb": ssb}[given.suite](scale, Path(name))
        data.write()
        queries = {number: text for number, text in data.queries.items() if not given.quick or number in QUICK}
        expected = {number: len(data.engine.execute(text).fetchall()) for number, text in queries.items()}
        base = {
            number: median_seconds(lambda text=text: data.engine.execute(text).fetchall(), rounds)  # type: ignore[misc]
            for number, text in queries.items()
        }
        print(f"{'duckdb alone':>22} {sum(base.values()):>8.2f} s for {len(queries)} queries")
        for peer, begin in PEERS.items():
            if peer not in wanted:
                continue
            why = "it takes longer than a quick run" if given.quick and begin is not ours else missing(peer)
            if why:
                print(f"{peer:>22} skipped: {why}")
                continue
            with ExitStack() as stack:
                try:
                    ask = stack.enter_context(begin(data))
                except Exception as failure:  # noqa: BLE001 - one engine that does not start keeps nobody from the others
                    print(f"{peer:>22} does not start: {type(failure).__name__}: {str(failure)[:200]}", flush=True)
                    continue
                report(peer, ask, queries, expected, base, rounds)


def report(
    peer: str, ask: Ask, queries: dict[str, str], expected: dict[str, int], base: dict[str, float], rounds: int
) -> None:
    """Run all queries and print a line."""
    ratios, seconds, refused = [], 0.0, []
    for number, query in queries.items():
        try:
            rows = len(ask(query))
            took = median_seconds(lambda q=query: ask(q), rounds)  # type: ignore[misc]
        except Exception as failure:  # noqa: BLE001 - another engine's, whatever it is; it is told
            refused.append(f"{number} ({type(failure).__name__})")
            continue
        if rows != expected[number]:
            refused.append(f"{number} (WRONG: {rows} rows, not {expected[number]})")
            continue
        seconds += took
        ratios.append(took / base[number])
    if not ratios:
        print(f"{peer:>22} answers none of them: {', '.join(refused)}")
        return
    mean = math.exp(sum(map(math.log, ratios)) / len(ratios))
    print(
        f"{peer:>22} {seconds:>8.2f} s, ratio {mean:.2f}x of duckdb's time (geometric mean; {min(ratios):.2f}x to "
        f"{max(ratios):.2f}x)" + (f"; not answered: {', '.join(refused)}" if refused else ""),
        flush=True,
    )


if __name__ == "__main__":
    main()
