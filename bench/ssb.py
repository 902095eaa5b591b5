"""What the SQL that Boathouse writes, its protocol and its encoder cost: the Star Schema Benchmark's thirteen queries.

The same generated rows are in a served home (read by psycopg over the wire) and in a DuckDB file of equal types that
this process opens itself. Each query runs hot on both sides in turn; its time is the median of five passes. The rows
of both sides must be equal.

Source of the queries: O'Neil, O'Neil, Chen, "Star Schema Benchmark", revision 3, section 3.
Usage: ssb.py [--scale 0.2] [--passes 5] [--quick]
"""

from __future__ import annotations

import argparse
import math
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
import psycopg

from boathouse.app.demo import generate_ssb
from boathouse.app.demo.queries import TABLES
from servers import boathouse

SSB = ("customer", "supplier", "part", "dwdate", "lineorder")

FLIGHT_1 = "SELECT sum(lo_extendedprice * lo_discount) AS revenue FROM lineorder, dwdate WHERE lo_orderdate = d_datekey"
FLIGHT_2 = """SELECT sum(lo_revenue) AS revenue, d_year, p_brand1 FROM lineorder, dwdate, part, supplier
    WHERE lo_orderdate = d_datekey AND lo_partkey = p_partkey AND lo_suppkey = s_suppkey AND {}
    GROUP BY d_year, p_brand1 ORDER BY d_year, p_brand1"""
FLIGHT_3 = """SELECT c_{0}, s_{0}, d_year, sum(lo_revenue) AS revenue FROM customer, lineorder, supplier, dwdate
    WHERE lo_custkey = c_custkey AND lo_suppkey = s_suppkey AND lo_orderdate = d_datekey AND {1}
    GROUP BY c_{0}, s_{0}, d_year ORDER BY d_year ASC, revenue DESC"""
FLIGHT_4 = """SELECT {0}, sum(lo_revenue - lo_supplycost) AS profit FROM dwdate, customer, supplier, part, lineorder
    WHERE lo_custkey = c_custkey AND lo_suppkey = s_suppkey AND lo_partkey = p_partkey AND lo_orderdate = d_datekey
    AND {1} GROUP BY {0} ORDER BY {0}"""
CITIES = "('UNITED KI1', 'UNITED KI5')"

QUERIES = {
    "1.1": f"{FLIGHT_1} AND d_year = 1993 AND lo_discount BETWEEN 1 AND 3 AND lo_quantity < 25",
    "1.2": f"{FLIGHT_1} AND d_yearmonthnum = 199401 AND lo_discount BETWEEN 4 AND 6 AND lo_quantity BETWEEN 26 AND 35",
    "1.3": f"{FLIGHT_1} AND d_weeknuminyear = 6 AND d_year = 1994 AND lo_discount BETWEEN 5 AND 7 "
    "AND lo_quantity BETWEEN 26 AND 35",
    "2.1": FLIGHT_2.format("p_category = 'MFGR#12' AND s_region = 'AMERICA'"),
    "2.2": FLIGHT_2.format("p_brand1 BETWEEN 'MFGR#2221' AND 'MFGR#2228' AND s_region = 'ASIA'"),
    "2.3": FLIGHT_2.format("p_brand1 = 'MFGR#2239' AND s_region = 'EUROPE'"),
    "3.1": FLIGHT_3.format("nation", "c_region = 'ASIA' AND s_region = 'ASIA' AND d_year >= 1992 AND d_year <= 1997"),
    "3.2": FLIGHT_3.format(
        "city", "c_nation = 'UNITED STATES' AND s_nation = 'UNITED STATES' AND d_year >= 1992 AND d_year <= 1997"
    ),
    "3.3": FLIGHT_3.format("city", f"c_city IN {CITIES} AND s_city IN {CITIES} AND d_year >= 1992 AND d_year <= 1997"),
    "3.4": FLIGHT_3.format("city", f"c_city IN {CITIES} AND s_city IN {CITIES} AND d_yearmonth = 'Dec1997'"),
    "4.1": FLIGHT_4.format(
        "d_year, c_nation",
        "c_region = 'AMERICA' AND s_region = 'AMERICA' AND (p_mfgr = 'MFGR#1' OR p_mfgr = 'MFGR#2')",
    ),
    "4.2": FLIGHT_4.format(
        "d_year, s_nation, p_category",
        "c_region = 'AMERICA' AND s_region = 'AMERICA' AND (d_year = 1997 OR d_year = 1998) "
        "AND (p_mfgr = 'MFGR#1' OR p_mfgr = 'MFGR#2')",
    ),
    "4.3": FLIGHT_4.format(
        "d_year, s_city, p_brand1",
        "c_region = 'AMERICA' AND s_nation = 'UNITED STATES' AND (d_year = 1997 OR d_year = 1998) "
        "AND p_category = 'MFGR#14'",
    ),
}

Rows = list[tuple[object, ...]]


def load(connection: psycopg.Connection, peer: duckdb.DuckDBPyConnection, data: Path) -> None:
    """The generated files into both sides, by COPY; the peer has the same columns of the same types."""
    for table in SSB:
        columns = TABLES[table]
        connection.execute(f"CREATE TABLE {table} ({columns})")
        connection.execute(f"COPY {table} FROM '{data}/{table}' DELIMITER '|' GZIP")
        peer.execute(f"CREATE TABLE {table} ({columns.replace(' SORTKEY', '').replace(' DISTKEY', '')})")
        peer.execute(f"COPY {table} FROM '{data}/{table}*.gz' (DELIMITER '|', HEADER false, COMPRESSION gzip)")
    peer.execute("CHECKPOINT")


def timed(run: Callable[[], Rows]) -> tuple[float, Rows]:
    start = time.perf_counter()
    rows = run()
    return (time.perf_counter() - start) * 1000, rows


def plain(rows: Rows) -> Rows:
    """Rows as text, in one order: the queries leave ties open."""
    return sorted(tuple(str(value) for value in row) for row in rows)


def compare(connection: psycopg.Connection, peer: duckdb.DuckDBPyConnection, passes: int) -> None:
    print(f"{'query':>6} {'rows':>6} {'boathouse ms':>13} {'duckdb ms':>10} {'ratio':>7}")
    ratios = []
    for name, query in QUERIES.items():
        ours: list[float] = []
        theirs: list[float] = []
        for number in range(passes + 1):
            milliseconds, rows = timed(lambda: connection.execute(query).fetchall())  # noqa: B023
            peer_milliseconds, peer_rows = timed(lambda: peer.execute(query).fetchall())  # noqa: B023
            if number == 0:
                assert plain(rows) == plain(peer_rows), f"query {name} gives different rows"
                continue
            ours.append(milliseconds)
            theirs.append(peer_milliseconds)
        ratios.append(statistics.median(ours) / statistics.median(theirs))
        print(
            f"{name:>6} {len(rows):>6} {statistics.median(ours):>13.2f} {statistics.median(theirs):>10.2f} "
            f"{ratios[-1]:>6.2f}x"
        )
    print(f"geometric mean of the ratios: {math.exp(statistics.fmean(map(math.log, ratios))):.3f}x of DuckDB's time")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", type=float, default=0.2)
    parser.add_argument("--passes", type=int, default=5)
    parser.add_argument("--quick", action="store_true", help="a tiny size: only to see that everything runs")
    given = parser.parse_args()
    scale, passes = (0.002, 1) if given.quick else (given.scale, given.passes)
    with tempfile.TemporaryDirectory() as folder, boathouse(roots=[Path(folder)]) as server:
        rows = generate_ssb(Path(folder) / "ssb", scale)
        print(f"SSB at scale {scale:g}: {rows['lineorder']:,} line orders; median of {passes}, hot")
        peer = duckdb.connect(str(Path(folder) / "peer.duckdb"))
        with psycopg.connect(server.dsn, autocommit=True) as connection:
            load(connection, peer, Path(folder) / "ssb")
            compare(connection, peer, passes)
        peer.close()


if __name__ == "__main__":
    main()
