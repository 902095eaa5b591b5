"""A trivial Python function over a column: in Boathouse's closed process, and in DuckDB's own, called in its process.

Usage: python_functions.py [ROWS] [--quick]
"""

from __future__ import annotations

import argparse

import duckdb
import psycopg

from measure import median_seconds
from servers import boathouse

ROUNDS = 5
FUNCTIONS = (
    ("numbers", "bigint", "bigint", "return a + 1", lambda a: a + 1, "SELECT sum(f_numbers(n)) FROM many"),
    ("texts", "varchar", "varchar(40)", "return a.upper()", lambda a: a.upper(), "SELECT max(f_texts(t)) FROM many"),
)  # fmt: skip
TABLE = "CREATE TABLE many AS SELECT n::bigint AS n, ('row ' || n)::varchar(40) AS t FROM {series} s(n)"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rows", nargs="?", type=int, default=1_000_000)
    parser.add_argument("--quick", action="store_true", help="a tiny size: only to see that everything runs")
    given = parser.parse_args()
    rows, rounds = (2_000, 1) if given.quick else (given.rows, ROUNDS)
    with boathouse() as ours:
        peer = duckdb.connect()
        peer.execute(TABLE.format(series=f"range({rows})"))
        with psycopg.connect(ours.dsn, autocommit=True) as door:
            door.execute("SET enable_result_cache_for_session TO off")
            door.execute(TABLE.format(series=f"generate_series(0, {rows - 1})"))  # type: ignore[arg-type]
            print(f"{'':8} {'boathouse rows/s':>17} {'duckdb rows/s':>14} {'ours/duckdb ratio':>18}")
            for name, takes, returns, body, function, query in FUNCTIONS:
                door.execute(
                    f"CREATE FUNCTION f_{name} (a {takes}) RETURNS {returns} IMMUTABLE AS $$ {body} $$ LANGUAGE plpythonu"  # type: ignore[arg-type]
                )
                peer.create_function(f"f_{name}", function, [takes], takes)  # type: ignore[list-item, arg-type]
                mine = rows / median_seconds(lambda q=query: door.execute(q).fetchall(), rounds)  # type: ignore[misc]
                theirs = rows / median_seconds(lambda q=query: peer.execute(q).fetchall(), rounds)  # type: ignore[misc]
                print(f"{name:8} {mine:>17,.0f} {theirs:>14,.0f} {mine / theirs:>17.2f}x")


if __name__ == "__main__":
    main()
