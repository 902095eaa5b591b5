"""The demonstration's generators: the same seed gives the same bytes, and the tables refer to each other."""

from __future__ import annotations

import hashlib
import re

import duckdb
import pyarrow.parquet as pq
import pytest

from boathouse.app.demo import generate_access_logs, generate_customer_orders, generate_ssb, generate_tickit
from boathouse.app.demo.queries import ACCESS_LOG_PATTERN

TICKIT_ROWS = {
    "users": 49_990, "venue": 202, "category": 11, "date": 365, "event": 8_798, "listing": 192_497, "sales": 172_456
}  # fmt: skip


@pytest.fixture(scope="module")
def tickit(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tickit")
    return folder, generate_tickit(folder)


def scan(path, delimiter="|"):
    return f"read_csv('{path}', delim='{delimiter}', header=false, quote='', all_varchar=true)"


def digest(folder):
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_tickit_has_the_published_row_counts(tickit):
    folder, rows = tickit
    assert rows == TICKIT_ROWS
    names = {
        "users": "allusers_pipe.txt", "venue": "venue_pipe.txt", "category": "category_pipe.txt",
        "date": "date2008_pipe.txt", "event": "allevents_pipe.txt", "listing": "listings_pipe.txt.gz",
    }  # fmt: skip
    for table, file in names.items():
        assert duckdb.sql(f"SELECT count(*) FROM {scan(folder / file)}").fetchone() == (rows[table],)
    sales = scan(folder / "spectrum/sales/*", "\t")
    assert duckdb.sql(f"SELECT count(*) FROM {sales}").fetchone() == (rows["sales"],)


def test_sales_refer_to_their_listings_and_cost_what_was_asked(tickit):
    folder, _ = tickit
    sales, listings = scan(folder / "spectrum/sales/*", "\t"), scan(folder / "listings_pipe.txt.gz")
    wrong = duckdb.sql(f"""
        SELECT count(*) FROM {sales} AS s LEFT JOIN {listings} AS l ON s.column1 = l.column0
        WHERE l.column0 IS NULL OR s.column2 <> l.column1 OR s.column4 <> l.column2
           OR s.column6::INT * l.column5::DECIMAL(8, 2) <> s.column7::DECIMAL(8, 2)
           OR s.column5::INT < l.column3::INT OR s.column6::INT > l.column4::INT""").fetchone()
    assert wrong == (0,)


def test_events_fall_on_the_day_of_their_date(tickit):
    folder, _ = tickit
    wrong = duckdb.sql(f"""
        SELECT count(*) FROM {scan(folder / "allevents_pipe.txt")} AS e
        LEFT JOIN {scan(folder / "date2008_pipe.txt")} AS d ON e.column3 = d.column0
        WHERE d.column1::DATE IS DISTINCT FROM e.column5::TIMESTAMP::DATE""").fetchone()
    assert wrong == (0,)


def test_ssb_scales_and_keeps_its_domains(tmp_path):
    rows = generate_ssb(tmp_path, 0.01)
    assert rows == {"lineorder": 60_000, "customer": 300, "supplier": 25, "part": 2_000, "dwdate": 2_556}
    lines = scan(tmp_path / "lineorder_*.tbl.gz")
    assert duckdb.sql(f"SELECT count(*) FROM {lines}").fetchone() == (60_000,)
    dangling = duckdb.sql(f"""
        SELECT count(*) FROM {lines} AS l
        LEFT JOIN {scan(tmp_path / "dwdate.tbl.gz")} AS d ON l.column05 = d.column00
        LEFT JOIN {scan(tmp_path / "part.tbl.gz")} AS p ON l.column03 = p.column0
        WHERE d.column00 IS NULL OR p.column0 IS NULL""").fetchone()
    assert dangling == (0,)
    cities = duckdb.sql(f"SELECT DISTINCT column3 FROM {scan(tmp_path / 'customer.tbl.gz')}").fetchall()
    assert all(re.fullmatch(r"[A-Z ]{9}\d", city) for (city,) in cities)


def test_a_seed_decides_every_byte(tmp_path):
    for generate, arguments in (
        (generate_tickit, ()),
        (generate_ssb, (0.005,)),
        (generate_access_logs, (500,)),
        (generate_customer_orders, (500,)),
    ):
        made = []
        for turn in range(3):
            folder = tmp_path / generate.__name__ / str(turn)
            generate(folder, *arguments, seed=7 if turn < 2 else 8)
            made.append(digest(folder))
        assert made[0] == made[1]
        assert made[0] != made[2]


def test_access_log_lines_match_the_tables_pattern(tmp_path):
    assert generate_access_logs(tmp_path, 2_000) == 2_000
    lines = [line for path in tmp_path.iterdir() for line in path.read_text().splitlines()]
    assert len(lines) == 2_000
    assert all(re.match(ACCESS_LOG_PATTERN, line) for line in lines)


def test_customer_orders_are_nested(tmp_path):
    assert generate_customer_orders(tmp_path, 1_000) == 1_000
    table = pq.read_table(tmp_path)
    assert table.num_rows == 1_000
    assert str(table.schema.field("preference").type).startswith("map<string, bool")
    first = table.slice(0, 1).to_pylist()[0]
    assert set(first["orders"][0]) == {"product_id", "price", "onsale", "tax", "weight", "vendor"}
    assert "@" in first["customer"]["mail"]
