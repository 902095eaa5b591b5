"""The warehouse as a lake beside the warehouse in one file, both by the engine's own sessions in one run.

Queries: some of TPC-H over tables of the size given, hot, median of the rounds. Commits: transactions that add one row to
one table, by 1, 4 and 8 writers.

Usage: storage.py [SCALE] [ROUNDS] [--quick]
"""

from __future__ import annotations

import argparse
import tempfile
import threading
import time
from pathlib import Path

import duckdb
import duckdb_extension_tpch

from boathouse.engines.duckdb.engine import DuckEngine, Storage
from boathouse.engines.duckdb.settings import EngineSettings
from boathouse.engines.duckdb.storage.ducklake import LakeStorage
from boathouse.engines.duckdb.storage.native import NativeStorage
from measure import median_seconds

TABLES = ("customer", "lineitem", "nation", "orders", "part", "partsupp", "region", "supplier")
QUERIES = (1, 3, 5, 6, 9, 12, 14, 18)
WRITERS = (1, 4, 8)


def generated(folder: Path, scale: float) -> tuple[Path, dict[int, str]]:
    """TPC-H's tables as Parquet files, and its queries."""
    wheel = Path(duckdb_extension_tpch.__file__).parent / "extensions" / f"v{duckdb.__version__}"
    connection = duckdb.connect()
    connection.load_extension(str(wheel / "tpch.duckdb_extension"))
    connection.execute(f"CALL dbgen(sf = {scale})")
    for name in TABLES:
        connection.execute(f"COPY {name} TO '{folder / name}.parquet'")
    texts = dict(connection.execute("SELECT query_nr, query FROM tpch_queries()").fetchall())
    return folder, {number: texts[number].rstrip().rstrip(";") for number in QUERIES}


def opened(kind: str, home: Path) -> DuckEngine:
    (home / "tmp").mkdir(parents=True)
    storage: Storage = (
        NativeStorage(home / "w.duckdb", "dev")
        if kind == "native"
        else LakeStorage(home / "catalog.ducklake", home / "data", "dev")
    )
    return DuckEngine(storage, "dev", home / "tmp", EngineSettings())


def query_seconds(engine: DuckEngine, files: Path, queries: dict[int, str], rounds: int) -> dict[int, float]:
    session = engine.session()
    for name in TABLES:
        session.execute(f"CREATE TABLE dev.public.{name} AS SELECT * FROM '{files / name}.parquet'")
    found = {}
    for number, text in queries.items():
        found[number] = median_seconds(lambda text=text: session.fetch(text), rounds)  # type: ignore[misc]
    session.close()
    return found


def commits_per_second(engine: DuckEngine, writers: int, seconds: float) -> float:
    engine.session().execute(f"CREATE TABLE dev.public.log_{writers} (n BIGINT)")
    counts, ready = [0] * writers, threading.Barrier(writers + 1)

    def write(place: int) -> None:
        session = engine.session()
        ready.wait()
        while not counts[place] or time.monotonic() - began < seconds:
            session.execute(f"INSERT INTO dev.public.log_{writers} VALUES ({place})")
            counts[place] += 1
        session.close()

    threads = [threading.Thread(target=write, args=(place,)) for place in range(writers)]
    for one in threads:
        one.start()
    began = time.monotonic()
    ready.wait()
    for one in threads:
        one.join()
    return sum(counts) / (time.monotonic() - began)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("scale", nargs="?", type=float, default=0.2)
    parser.add_argument("rounds", nargs="?", type=int, default=5)
    parser.add_argument("--quick", action="store_true", help="a tiny size: only to see that everything runs")
    parsed = parser.parse_args()
    scale, rounds, seconds = (0.01, 1, 0.3) if parsed.quick else (parsed.scale, parsed.rounds, 3.0)
    with tempfile.TemporaryDirectory() as folder:
        files, queries = generated(Path(folder), scale)
        engines = {kind: opened(kind, Path(folder) / kind) for kind in ("native", "ducklake")}
        took = {kind: query_seconds(engine, files, queries, rounds) for kind, engine in engines.items()}
        for number in queries:
            native, lake = took["native"][number], took["ducklake"][number]
            print(
                f"query {number:2}: native {native * 1000:7.1f} ms, lake {lake * 1000:7.1f} ms, ratio {lake / native:.2f}"
            )
        total = {kind: sum(found.values()) for kind, found in took.items()}
        print(f"all queries, lake to native: ratio {total['ducklake'] / total['native']:.2f}")
        for writers in WRITERS:
            native, lake = (commits_per_second(engine, writers, seconds) for engine in engines.values())
            print(
                f"{writers} writers: native {native:.0f} commits/s, lake {lake:.0f} commits/s, ratio {native / lake:.1f}"
            )
        for engine in engines.values():
            engine.close()


if __name__ == "__main__":
    main()
