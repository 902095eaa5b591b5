"""How fast files go out: UNLOAD beside DuckDB's own COPY TO, and Parquet beside text.

One table is unloaded over the wire as text, CSV, JSON and Parquet, and exported by DuckDB in process as the same format, in
the same run. Prints rows per second, the size of the files, the ratio of the times (UNLOAD's over DuckDB's; goal at most
1.1 for Parquet), and how Parquet compares with text (goals: at least twice as fast, at most a sixth of the size).

Usage: unload_export.py [--rows N]
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import duckdb
import psycopg

from measure import timed
from servers import boathouse

GENERATED = """
    SELECT (i % 2500)::INT AS item, (i % 20000) AS customer, ((hash(i) % 1000000) / 100.0)::DECIMAL(12,2) AS price,
        'region ' || i % 25 AS region, 'brand ' || i % 1000 AS brand, DATE '1992-01-01' + (i / 4000)::INT AS ordered,
        TIMESTAMP '2020-01-01' + to_seconds(i // 8) AS shipped, (i % 50) AS quantity
    FROM range({rows}) AS t(i)"""
COLUMNS = """item INTEGER, customer BIGINT, price DECIMAL(12,2), region VARCHAR(40), brand VARCHAR(40), ordered DATE,
    shipped TIMESTAMP, quantity BIGINT"""
KINDS = {
    "text": ("DELIMITER '|'", "FORMAT csv, DELIMITER '|', QUOTE '', ESCAPE '', HEADER false"),
    "csv": ("CSV", "FORMAT csv, HEADER false"),
    "json": ("JSON", "FORMAT json"),
    "parquet": ("FORMAT PARQUET", "FORMAT parquet, COMPRESSION snappy"),
}


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--rows", type=int, default=1_000_000)
    arguments.add_argument("--quick", action="store_true", help="few rows: does it run to its end?")
    given = arguments.parse_args()
    rows = 20_000 if given.quick else given.rows
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        engine = duckdb.connect(str(folder / "theirs.duckdb"))
        engine.execute(f"CREATE TABLE t AS {GENERATED.format(rows=rows)}")
        engine.execute(f"COPY t TO '{folder}/t.parquet' (FORMAT parquet)")
        seconds: dict[str, float] = {}
        sizes: dict[str, int] = {}
        with boathouse(roots=(folder,)) as server, psycopg.connect(server.dsn, autocommit=True) as client:
            client.execute(f"CREATE TABLE t ({COLUMNS})")
            client.execute(f"COPY t FROM '{folder}/t.parquet' PARQUET")
            for kind, (options, theirs) in KINDS.items():
                ours_best = theirs_best = float("inf")
                for turn in range(3):
                    place, out = folder / f"ours_{kind}{turn}", folder / f"theirs_{kind}{turn}"
                    unload = f"UNLOAD ('SELECT * FROM t') TO '{place}/' {options}"
                    ours_best = min(ours_best, timed(lambda: client.execute(unload)))  # noqa: B023
                    theirs_best = min(theirs_best, timed(lambda: engine.execute(f"COPY t TO '{out}' ({theirs})")))  # noqa: B023
                    sizes[kind] = sum(file.stat().st_size for file in place.iterdir())
                seconds[kind] = ours_best
                print(
                    f"{kind:8} boathouse {rows / ours_best:>11,.0f} rows/s {sizes[kind] / 1e6:>7,.1f} MB   "
                    f"duckdb {rows / theirs_best:>11,.0f} rows/s   ratio {ours_best / theirs_best:.2f}",
                    flush=True,
                )
        print(
            f"parquet is {seconds['text'] / seconds['parquet']:.2f} times as fast as text, and "
            f"1/{sizes['text'] / sizes['parquet']:.1f} of its size"
        )


if __name__ == "__main__":
    main()
