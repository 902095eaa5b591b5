"""How fast results leave: a million rows of ten mixed columns.

Three questions, each answered by a ratio measured in one run:
  encoder   rows per CPU-second of the column encoder beside an encoder that goes row by row
  stream    rows per second at a psycopg client, beside PostgreSQL sending the same table
  memory    the server's resident memory while a client reads slowly a result far larger than its memory limit

Usage: result_stream.py [encoder] [stream] [memory] [--rows N]
"""

from __future__ import annotations

import argparse
import struct
import time
from collections.abc import Iterator

import duckdb
import psycopg
import pyarrow as pa

from boathouse.contracts.answers import Field
from boathouse.contracts.engine import BATCH_ROWS
from boathouse.contracts.types import (
    BIGINT,
    BOOLEAN,
    DATE,
    DOUBLE,
    INTEGER,
    SMALLINT,
    TIMESTAMP,
    VARCHAR,
    numeric,
)
from boathouse.endpoints.postgres.encode_rows import RowEncoder
from servers import Server, boathouse, postgresql

TYPES = (INTEGER, BIGINT, SMALLINT, DOUBLE, numeric(18, 2), VARCHAR, VARCHAR, DATE, TIMESTAMP, BOOLEAN)
FIELDS = tuple(Field(f"c{place}", sql_type) for place, sql_type in enumerate(TYPES))

GENERATED = """
    SELECT i::INT AS c0, i * 1234567 AS c1, (i % 1000)::SMALLINT AS c2, (hash(i) % 1000000007) / 1000003.0 AS c3,
        (i * 1.17)::DECIMAL(18,2) AS c4, 'customer ' || i AS c5,
        CASE WHEN i % 10 > 0 THEN 'note ' || i % 977 END AS c6, DATE '1992-01-01' + (i % 2500)::INT AS c7,
        TIMESTAMP '2020-01-01' + to_microseconds(i * 1234567) AS c8, i % 3 = 0 AS c9
    FROM range({rows}) AS t(i)"""

ROW_BYTES = 157
"""One row as DataRow messages carry it."""

MEMORY_LIMIT = "256MB"

TABLE = """CREATE TABLE wide (c0 INTEGER, c1 BIGINT, c2 SMALLINT, c3 DOUBLE PRECISION, c4 DECIMAL(18,2),
    c5 VARCHAR(40), c6 VARCHAR(40), c7 DATE, c8 TIMESTAMP, c9 BOOLEAN)"""


def batches(rows: int) -> Iterator[pa.RecordBatch]:
    """The generated rows as the engine hands them over."""
    yield from duckdb.connect().execute(GENERATED.format(rows=rows)).to_arrow_reader(BATCH_ROWS)


def row_by_row(batch: pa.RecordBatch) -> bytes:
    """The plain way: each value to text, each field packed."""
    out = []
    for row in zip(*(column.to_pylist() for column in batch.columns), strict=True):
        fields = [struct.pack("!h", len(row))]
        for value in row:
            if value is None:
                fields.append(b"\xff\xff\xff\xff")
                continue
            text = (("t" if value else "f") if isinstance(value, bool) else str(value)).encode()
            fields.append(struct.pack("!i", len(text)) + text)
        body = b"".join(fields)
        out.append(b"D" + struct.pack("!i", len(body) + 4) + body)
    return b"".join(out)


def bench_encoder(rows: int) -> None:
    print(f"encoder, {rows:,} rows x {len(TYPES)} columns")
    known = list(batches(rows))
    tenth = list(batches(rows // 10))
    print(f"  {'':22}{'M rows/CPU-s':>14}{'MB/CPU-s':>10}{'ratio':>8}")
    plain = None
    cases = (
        ("row by row, text", tenth, lambda batch: (row_by_row(batch),)),
        ("by column, text", known, RowEncoder(FIELDS, [0] * len(FIELDS)).encode),
        ("by column, binary", known, RowEncoder(FIELDS, [1] * len(FIELDS)).encode),
    )
    for name, given, encode in cases:
        start, size = time.process_time(), 0
        for batch in given:
            size += sum(len(chunk) for chunk in encode(batch))
        seconds = time.process_time() - start
        speed = sum(batch.num_rows for batch in given) / seconds
        plain = plain or speed
        print(f"  {name:22}{speed / 1e6:14.3f}{size / seconds / 1e6:10.0f}{speed / plain:7.1f}x")


def fill(server: Server, rows: int) -> None:
    """The same rows into a server's table, as COPY text."""
    source = batches(rows)
    with psycopg.connect(server.dsn, autocommit=True) as connection:
        connection.execute(TABLE)
        with connection.cursor().copy("COPY wide FROM STDIN") as copy:
            for batch in source:
                columns = [column.cast(pa.string()).fill_null("\\N").to_pylist() for column in batch.columns]
                copy.write("".join("\t".join(row) + "\n" for row in zip(*columns, strict=True)))
        if server.name == "postgresql":
            connection.execute("VACUUM ANALYZE wide")


def create(server: Server, rows: int) -> None:
    """The table in either server: by COPY where it is a PostgreSQL, else computed by the engine itself."""
    if server.name == "postgresql":
        fill(server, rows)
        return
    digits = " CROSS JOIN ".join(f"digit AS d{place}" for place in range(len(str(rows - 1))))
    number = " + ".join(f"d{place}.n * {10**place}" for place in range(len(str(rows - 1))))
    with psycopg.connect(server.dsn, autocommit=True) as connection:
        connection.execute(TABLE)
        connection.execute("CREATE TABLE digit (n INTEGER)")
        connection.execute("INSERT INTO digit VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)")
        connection.execute(
            f"""INSERT INTO wide SELECT i, i::bigint * 1234567, i % 1000, (i::bigint * 7919 % 1000003) / 1003.0::float8,
                i * 1.17, 'customer ' || i::varchar, CASE WHEN i % 10 > 0 THEN 'note ' || (i % 977)::varchar END,
                dateadd(day, i % 2500, date '1992-01-01'), dateadd(second, i, timestamp '2020-01-01'), i % 3 = 0
            FROM (SELECT {number} AS i FROM {digits}) AS numbers WHERE i < {rows}"""
        )


def bench_stream(rows: int, passes: int = 3) -> None:
    print(f"stream to psycopg, {rows:,} rows x {len(TYPES)} columns")
    with boathouse() as ours, postgresql() as theirs:
        for server in (ours, theirs):
            create(server, rows)
        best: dict[str, dict[str, float]] = {ours.name: {}, theirs.name: {}}
        for _ in range(passes):
            for server in (theirs, ours):
                for what, seconds in read_once(server, rows).items():
                    best[server.name][what] = min(seconds, best[server.name].get(what, seconds))
    print(f"  {'':22}{'boathouse k/s':>14}{'postgresql k/s':>15}{'ratio':>8}")
    for what, seconds in best[ours.name].items():
        other = best[theirs.name][what]
        print(f"  {what:22}{rows / seconds / 1e3:14.0f}{rows / other / 1e3:15.0f}{other / seconds:7.2f}x")


def read_once(server: Server, rows: int) -> dict[str, float]:
    """Seconds of each way to read the whole table."""
    found = {}
    with psycopg.connect(server.dsn, autocommit=True) as connection:
        for what, binary in (("execute, text", False), ("execute, binary", True)):
            start = time.perf_counter()
            cursor = connection.cursor(binary=binary)
            cursor.execute("SELECT * FROM wide")
            found[what] = time.perf_counter() - start
            assert cursor.rowcount == rows
            cursor.close()
        start = time.perf_counter()
        with connection.cursor().copy("COPY (SELECT * FROM wide) TO STDOUT") as copy:
            received = sum(1 for _ in copy)
        found["COPY TO, text"] = time.perf_counter() - start
        assert received == rows
    return found


def bench_memory(rows: int, seconds_max: float = 15) -> None:
    """A cross join a thousand times the table, read in small portions with pauses between them.

    The whole result is about 60 times what the engine may use.
    """
    with boathouse(["--memory-limit", MEMORY_LIMIT]) as server:
        create(server, min(rows, 100_000))
        before = server.resident_bytes()
        peak, read = before, 0
        with psycopg.connect(server.dsn, autocommit=True) as connection:
            cursor = connection.cursor()
            query = "SELECT a.* FROM wide AS a CROSS JOIN digit AS d CROSS JOIN digit AS e CROSS JOIN digit AS f"
            started = time.monotonic()
            for _ in cursor.stream(query, size=1):
                read += 1
                if not read % 2000:
                    peak = max(peak, server.resident_bytes())
                    time.sleep(0.01)
                    if time.monotonic() - started > seconds_max:
                        break
            whole = min(rows, 100_000) * 1000
            print(
                f"memory, engine limit {MEMORY_LIMIT}, result of {whole:,} rows ({whole * ROW_BYTES / 1e9:.1f} GB), "
                f"{read:,} read slowly in {seconds_max:g} s"
            )
            print(
                f"  before {before / 2**20:.0f} MB, peak {peak / 2**20:.0f} MB, grown by {(peak - before) / 2**20:.0f} MB"
            )
            connection.cancel_safe()
            cursor.close()


QUICK = {
    "encoder": lambda: bench_encoder(5_000),
    "stream": lambda: bench_stream(2_000, passes=1),
    "memory": lambda: bench_memory(1_000, seconds_max=0.5),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    runs = {"encoder": bench_encoder, "stream": bench_stream, "memory": bench_memory}
    parser.add_argument("what", nargs="*", default=[], metavar="what", help="encoder, stream, memory; all where none")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--quick", action="store_true", help="a tiny size: only to see that everything runs")
    given = parser.parse_args()
    unknown = [name for name in given.what if name not in runs]
    if unknown:
        parser.error(f"unknown: {', '.join(unknown)}")
    for name in given.what or runs:
        if given.quick:
            QUICK[name]()
        else:
            runs[name](given.rows)


if __name__ == "__main__":
    main()
