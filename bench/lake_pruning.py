"""What pruning saves: one partition of a thousand beside the same files as a table of their own, and beside all of them.

The two alternate in one run, and their ratio is of medians; all is read once. Then the time to plan a query over ten thousand
partitions of the catalog, of which one is needed: EXPLAIN, which lists files and reads none.

Usage: lake_pruning.py [--rows N]
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from pathlib import Path

import duckdb
import psycopg

from servers import boathouse

PARTS, MANY = 1_000, 10_000


def median_seconds(client: psycopg.Connection, queries: dict[str, str], rounds: int) -> dict[str, float]:
    times: dict[str, list[float]] = {name: [] for name in queries}
    for _ in range(rounds):
        for name, sql in queries.items():
            start = time.perf_counter()
            client.execute(sql).fetchall()  # type: ignore[arg-type]
            times[name].append(time.perf_counter() - start)
    return {name: statistics.median(found) for name, found in times.items()}


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--rows", type=int, default=1_000_000)
    arguments.add_argument("--quick", action="store_true", help="few partitions: does it run to its end?")
    given = arguments.parse_args()
    rows, parts, many = (20_000, 20, 200) if given.quick else (given.rows, PARTS, MANY)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        duckdb.connect().execute(
            f"COPY (SELECT i AS n, hash(i) % 1000 AS v, i % {parts} AS k FROM range({rows}) t(i)) TO '{folder}/sales' "
            "(FORMAT parquet, PARTITION_BY (k))"
        )
        with boathouse(roots=(folder,)) as server, psycopg.connect(server.dsn, autocommit=True) as client:
            client.execute(
                "CREATE EXTERNAL SCHEMA lk FROM DATA CATALOG DATABASE 'lk' CREATE EXTERNAL DATABASE IF NOT EXISTS"
            )
            columns = "(n bigint, v bigint)"
            client.execute(
                f"CREATE EXTERNAL TABLE lk.sales {columns} PARTITIONED BY (k int) STORED AS PARQUET LOCATION '{folder}/sales/'"
            )
            added = " ".join(f"PARTITION (k={k}) LOCATION '{folder}/sales/k={k}/'" for k in range(parts))
            client.execute(f"ALTER TABLE lk.sales ADD {added}")  # type: ignore[arg-type]
            client.execute(f"CREATE EXTERNAL TABLE lk.alone {columns} STORED AS PARQUET LOCATION '{folder}/sales/k=7/'")
            found = median_seconds(
                client,
                {
                    "one of all": "SELECT count(*), sum(v) FROM lk.sales WHERE k = 7",
                    "alone": "SELECT count(*), sum(v) FROM lk.alone",
                },
                3 if given.quick else 7,
            )
            found |= median_seconds(client, {"all": "SELECT count(*), sum(v) FROM lk.sales"}, 1)
            counted = client.execute(
                "SELECT q.files, p.total_partitions FROM svl_s3query_summary q JOIN svl_s3partition p USING (query) "
                "WHERE p.qualified_partitions = 1 LIMIT 1"
            ).fetchone()
            assert counted is not None and counted[1] == parts, counted
            one, alone, whole = found["one of all"], found["alone"], found["all"]
            print(
                f"one partition of {parts}: {one * 1e3:.1f} ms, {counted[0]} files   the same alone {alone * 1e3:.1f} ms   "
                f"ratio {one / alone:.2f}   all {whole * 1e3:.1f} ms   ratio {whole / one:.0f}"
            )
            client.execute(
                f"CREATE EXTERNAL TABLE lk.many {columns} PARTITIONED BY (k int) STORED AS PARQUET LOCATION '{folder}/many/'"
            )
            added = " ".join(f"PARTITION (k={k}) LOCATION '{folder}/many/k={k}/'" for k in range(many))
            client.execute(f"ALTER TABLE lk.many ADD {added}")  # type: ignore[arg-type]
            planned = median_seconds(
                client,
                {"one": "EXPLAIN SELECT sum(v) FROM lk.many WHERE k = 7", "all": "EXPLAIN SELECT sum(v) FROM lk.many"},
                3,
            )
            print(
                f"planning over {many} partitions: {planned['one']:.3f} s for one of them, {planned['all']:.3f} s for all"
            )


if __name__ == "__main__":
    main()
