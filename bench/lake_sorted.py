"""What a sort key saves on a lake: a range of a day's worth in a sorted table beside the same rows as they came.

The two alternate in one run, and their ratio is of medians. Then what the order costs when the rows are loaded.

Usage: lake_sorted.py [--rows N]
"""

from __future__ import annotations

import argparse
import time

import psycopg

from lake_pruning import median_seconds
from servers import boathouse

DAYS = 1000


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--rows", type=int, default=5_000_000)
    arguments.add_argument("--quick", action="store_true", help="few rows: does it run to its end?")
    given = arguments.parse_args()
    rows = 20_000 if given.quick else given.rows
    with (
        boathouse(storage="ducklake") as server,
        psycopg.connect(server.dsn, autocommit=True) as client,
    ):
        client.execute(
            f"CREATE TABLE source AS SELECT n, hashed % {DAYS} AS day, hashed AS v FROM "
            f"(SELECT n, abs(strtol(substring(md5(n::varchar), 1, 7), 16)) AS hashed FROM generate_series(1, {rows}) g(n))"
        )
        loads: dict[str, float] = {}
        for name, key in (("unsorted", ""), ("sorted", "SORTKEY (day)")):
            began = time.perf_counter()
            client.execute(f"CREATE TABLE {name} {key} AS SELECT * FROM source")  # type: ignore[arg-type]
            loads[name] = time.perf_counter() - began
        client.execute("SET enable_result_cache_for_session TO off")
        question = "SELECT count(*), sum(v) FROM {} WHERE day BETWEEN 500 AND 502"
        counted = {client.execute(question.format(name)).fetchone() for name in loads}  # type: ignore[arg-type]
        assert len(counted) == 1, counted
        found = median_seconds(client, {name: question.format(name) for name in loads}, 3 if given.quick else 9)
        print(
            f"{rows} rows, 3 days of {DAYS}: sorted {found['sorted'] * 1e3:.1f} ms   as they came "
            f"{found['unsorted'] * 1e3:.1f} ms   ratio {found['unsorted'] / found['sorted']:.2f}   "
            f"loading {loads['sorted'] / loads['unsorted']:.2f} times as long"
        )


if __name__ == "__main__":
    main()
