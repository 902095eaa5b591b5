"""How fast files come in: COPY over the wire beside DuckDB in process, filling a table of the same types on disk.

A pipe-delimited file, a CSV file with quotes, lines of JSON and a Parquet file are loaded by both in the same run; the
precise path (ESCAPE) is measured by itself. Prints rows per second, megabytes of the file per second and core, the ratio of
the times (COPY's over DuckDB's; goal at most 1.3) and the server's peak of resident memory.

Usage: copy_load.py [--rows N]
"""

from __future__ import annotations

import argparse
import os
import tempfile
import threading
from pathlib import Path

import duckdb
import psycopg

from measure import timed
from servers import Server, boathouse

GENERATED = """
    SELECT i::INT AS a, i * 1234567 AS b, ((hash(i) % 1000000) / 100.0)::DECIMAL(12,2) AS c, 'customer ' || i AS d,
        CASE WHEN i % 10 > 0 THEN 'note, ' || i % 977 ELSE '' END AS e, DATE '1992-01-01' + (i % 2500)::INT AS f,
        TIMESTAMP '2020-01-01' + to_seconds(i % 1000000) AS g, (i % 8191) / 8.0 AS h
    FROM range({rows}) AS t(i)"""
COLUMNS = """a INTEGER, b BIGINT, c DECIMAL(12,2), d VARCHAR(40), e VARCHAR(40), f DATE, g TIMESTAMP,
    h DOUBLE PRECISION"""
LOADS = {
    "text": ("rows.tbl", "", "read_csv('{path}', auto_detect=false, delim='|', quote='', escape='', header=false, "
             "columns={{a:'INTEGER',b:'BIGINT',c:'DECIMAL(12,2)',d:'VARCHAR',e:'VARCHAR',f:'DATE',g:'TIMESTAMP',"
             "h:'DOUBLE'}})"),
    "csv": ("rows.csv", "CSV", "read_csv('{path}', auto_detect=false, delim=',', quote='\"', escape='\"', header=false, "
            "columns={{a:'INTEGER',b:'BIGINT',c:'DECIMAL(12,2)',d:'VARCHAR',e:'VARCHAR',f:'DATE',g:'TIMESTAMP',"
            "h:'DOUBLE'}})"),
    "json": ("rows.json", "JSON 'auto'", "read_json('{path}', format='newline_delimited', columns={{a:'INTEGER',"
             "b:'BIGINT',c:'DECIMAL(12,2)',d:'VARCHAR',e:'VARCHAR',f:'DATE',g:'TIMESTAMP',h:'DOUBLE'}})"),
    "parquet": ("rows.parquet", "PARQUET", "read_parquet('{path}')"),
}  # fmt: skip


def write_files(folder: Path, rows: int) -> None:
    engine = duckdb.connect()
    query = GENERATED.format(rows=rows)
    engine.execute(
        f"COPY ({query}) TO '{folder}/rows.tbl' (FORMAT csv, DELIMITER '|', QUOTE '', ESCAPE '', HEADER false)"
    )
    engine.execute(f"COPY ({query}) TO '{folder}/rows.csv' (FORMAT csv, HEADER false)")
    engine.execute(f"COPY ({query}) TO '{folder}/rows.json' (FORMAT json)")
    engine.execute(f"COPY ({query}) TO '{folder}/rows.parquet' (FORMAT parquet)")


def _pace(file: Path, seconds: float) -> float:
    """Megabytes of a file per second and core of the machine."""
    return file.stat().st_size / 1e6 / seconds / (os.cpu_count() or 1)


class Peak:
    """The highest resident memory of a server while the block runs."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._done = threading.Event()
        self.bytes = server.resident_bytes()

    def __enter__(self) -> Peak:
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()
        return self

    def _watch(self) -> None:
        while not self._done.wait(0.02):
            self.bytes = max(self.bytes, self._server.resident_bytes())

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--rows", type=int, default=1_000_000)
    arguments.add_argument("--quick", action="store_true", help="few rows: does it run to its end?")
    given = arguments.parse_args()
    rows = 20_000 if given.quick else given.rows
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_files(folder, rows)
        with boathouse(roots=(folder,)) as server, psycopg.connect(server.dsn, autocommit=True) as client:
            for kind, (file, options, reader) in LOADS.items():
                theirs, ours = [], []
                with Peak(server) as peak:
                    for turn in range(3):
                        engine = duckdb.connect(str(folder / f"{kind}{turn}.duckdb"))
                        engine.execute(f"CREATE TABLE t ({COLUMNS})")
                        source = reader.format(path=folder / file)
                        theirs.append(timed(lambda: (engine.execute(f"INSERT INTO t FROM {source}"), engine.close())))  # noqa: B023
                        client.execute("DROP TABLE IF EXISTS t")
                        client.execute(f"CREATE TABLE t ({COLUMNS})")
                        ours.append(timed(lambda: client.execute(f"COPY t FROM '{folder / file}' {options}")))  # noqa: B023
                        found = client.execute("SELECT count(*) FROM t").fetchone()
                        assert found is not None and found[0] == rows, found
                print(
                    f"{kind:8} boathouse {rows / min(ours):>10,.0f} rows/s {_pace(folder / file, min(ours)):>6,.1f} MB/s a core"
                    f"   duckdb {rows / min(theirs):>10,.0f} rows/s {_pace(folder / file, min(theirs)):>6,.1f} MB/s a core   "
                    f"ratio {min(ours) / min(theirs):.2f}   peak {peak.bytes / 1e6:,.0f} MB",
                    flush=True,
                )
            client.execute("DROP TABLE t")
            client.execute(f"CREATE TABLE t ({COLUMNS})")
            precise = timed(lambda: client.execute(f"COPY t FROM '{folder / 'rows.tbl'}' ESCAPE"))
            print(f"precise  boathouse {rows / precise:>12,.0f} rows/s (ESCAPE)")


if __name__ == "__main__":
    main()
