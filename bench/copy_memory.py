"""How much memory a COPY takes that is ten times as large as the engine's memory limit.

Delimited text (read by the engine), the same with ESCAPE (read line by line), lines of JSON and Parquet, each ten times the
limit in bytes of the file, are loaded over the wire by one server. Prints the file's size, the server's resident memory
before the load and its peak while it ran, and the ratio of what the load added to the limit.

Usage: copy_memory.py [--limit-mb N]
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import duckdb
import psycopg

from servers import Server, boathouse

ROWS = "SELECT i AS a, repeat(md5(i::VARCHAR), 15) AS b FROM range({rows}) AS t(i)"
ROW_BYTES = 500
COLUMNS = "a BIGINT, b VARCHAR(500)"
FORMATS = {
    "text": ("", "FORMAT csv, DELIMITER '|', QUOTE '', ESCAPE '', HEADER false"),
    "precise": ("ESCAPE", "FORMAT csv, DELIMITER '|', QUOTE '', ESCAPE '', HEADER false"),
    "json": ("JSON 'auto'", "FORMAT json"),
    "parquet": ("PARQUET", "FORMAT parquet, COMPRESSION uncompressed, ROW_GROUP_SIZE 20480, DICTIONARY_SIZE_LIMIT 1"),
}


def reset_peak(server: Server) -> None:
    """Let the kernel count the peak anew."""
    Path(f"/proc/{server.pid}/clear_refs").write_text("5")


def peak_bytes(server: Server) -> int:
    """The highest resident memory since the last reset."""
    lines = Path(f"/proc/{server.pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) << 10 for line in lines if line.startswith("VmHWM"))


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--limit-mb", type=int, default=64)
    arguments.add_argument("--quick", action="store_true", help="little files: does it run to its end?")
    given = arguments.parse_args()
    limit = given.limit_mb << 20
    rows = (2 << 20 if given.quick else 10 * limit) // ROW_BYTES
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        engine = duckdb.connect(config={"memory_limit": "2GB", "threads": 1})
        with (
            boathouse(["--memory-limit", f"{given.limit_mb}MiB"], roots=(folder,)) as server,
            psycopg.connect(server.dsn, autocommit=True) as client,
        ):
            for kind, (options, written) in FORMATS.items():
                path = folder / kind
                engine.execute(f"COPY ({ROWS.format(rows=rows)}) TO '{path}' ({written})")
                client.execute("DROP TABLE IF EXISTS t")
                client.execute(f"CREATE TABLE t ({COLUMNS})")
                reset_peak(server)
                before = server.resident_bytes()
                client.execute(f"COPY t FROM '{path}' {options}")
                peak = peak_bytes(server)
                found = client.execute("SELECT count(*) FROM t").fetchone()
                assert found is not None and found[0] == rows, found
                print(
                    f"{kind:8} file {path.stat().st_size / 1e6:>7,.0f} MB   limit {limit / 1e6:,.0f} MB   before "
                    f"{before / 1e6:,.0f} MB   peak {peak / 1e6:,.0f} MB   ratio {(peak - before) / limit:.2f} of the limit",
                    flush=True,
                )
                path.unlink()


if __name__ == "__main__":
    main()
