"""Three ways to keep customers' orders, side by side: dimensional, flattened and nested, all in Parquet.

Storage and time of three questions, each put in the words of its model and answered alike by all: what each customer
bought, per day the weight of what goes to one state, and customers who bought little at a time. The ratios are to the
nested model's storage and medians.

Usage: data_models.py [--transactions N]
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

CUSTOMER = """{{'username': 'user' || c, 'name': 'Name ' || hash(c) % 100000, 'sex': CASE WHEN c % 2 = 0 THEN 'F' ELSE 'M' END,
    'address': (hash(c) % 9999) || ' Street of the Long Name, Town ' || c % 977 || ', ' ||
        ['MI','ID','ME','OR','NY','TX','CA','WA','NV','UT'][1 + c % 10] || ' 0' || 1000 + c % 9000,
    'mail': 'user' || c || '@example.com', 'birthdate': (DATE '1950-01-01' + (hash(c) % 20000)::INT)::VARCHAR}}"""
ORDERS = """list_transform(range(1 + (hash(t) % 9)::BIGINT), lambda j: {{'product_id': (hash(t * 31 + j) % 50000)::INT,
    'price': (hash(t * 7 + j) % 50000 / 100.0)::DECIMAL(9,2), 'weight': (hash(t + j) % 900)::INT,
    'vendor': 'Vendor ' || hash(t * 3 + j) % 500, 'onsale': hash(t + 2 * j) % 3 = 0}})"""
NESTED = f"""SELECT {CUSTOMER} AS customer, t::BIGINT AS transaction_id,
    (DATE '2019-07-01' + (t % 180)::INT)::VARCHAR AS transaction_date,
    (DATE '2019-07-03' + (t % 180)::INT)::VARCHAR AS shipping_date, {ORDERS} AS orders
    FROM (SELECT t, (hash(t) % {{customers}})::BIGINT AS c FROM range({{transactions}}) r(t))"""

ITEM = "product_id int, price decimal(9,2), weight int, vendor varchar(20), onsale boolean"
PERSON = "username varchar(20), name varchar(40), sex varchar(1), address varchar(100), mail varchar(40), birthdate varchar(10)"
MOMENT = "transaction_id bigint, transaction_date varchar(10), shipping_date varchar(10)"
TABLES = {
    "nested": {"nested": ""},  # see `_nested_columns`
    "flattened": {"flat": f"{PERSON}, {MOMENT}, {ITEM}"},
    "dimensional": {
        "customers": PERSON,
        "transactions": f"username varchar(20), {MOMENT}",
        "items": f"transaction_id bigint, {ITEM}",
    },
}
FILES = {
    "flat": "SELECT unnest(customer), transaction_id, transaction_date, shipping_date, unnest(o) FROM "
    "(SELECT * EXCLUDE (orders), unnest(orders) AS o FROM nested)",
    "customers": "SELECT DISTINCT unnest(customer) FROM nested",
    "transactions": "SELECT customer.username, transaction_id, transaction_date, shipping_date FROM nested",
    "items": "SELECT transaction_id, unnest(o) FROM (SELECT transaction_id, unnest(orders) AS o FROM nested)",
}
QUESTIONS = {
    "what each bought": {
        "nested": "SELECT n.customer.username, count(*), sum(o.price) FROM lk.nested n, n.orders o GROUP BY 1",
        "flattened": "SELECT username, count(*), sum(price) FROM lk.flat GROUP BY 1",
        "dimensional": "SELECT c.username, count(*), sum(i.price) FROM lk.customers c JOIN lk.transactions t ON "
        "t.username = c.username JOIN lk.items i ON i.transaction_id = t.transaction_id GROUP BY 1",
    },
    "weight to a state": {
        "nested": "SELECT n.shipping_date, sum(o.weight) FROM lk.nested n, n.orders o WHERE n.customer.address LIKE '%MI 0%' "
        "GROUP BY 1",
        "flattened": "SELECT shipping_date, sum(weight) FROM lk.flat WHERE address LIKE '%MI 0%' GROUP BY 1",
        "dimensional": "SELECT t.shipping_date, sum(i.weight) FROM lk.customers c JOIN lk.transactions t ON t.username = "
        "c.username JOIN lk.items i ON i.transaction_id = t.transaction_id WHERE c.address LIKE '%MI 0%' GROUP BY 1",
    },
    "little at a time": {
        "nested": "SELECT u, count(*) FROM (SELECT n.customer.username AS u, (SELECT count(*) FROM n.orders) AS items "
        "FROM lk.nested n) WHERE items <= 3 GROUP BY 1",
        "flattened": "SELECT username, count(*) FROM (SELECT username, transaction_id FROM lk.flat GROUP BY 1, 2 "
        "HAVING count(*) <= 3) GROUP BY 1",
        "dimensional": "SELECT t.username, count(*) FROM lk.transactions t JOIN (SELECT transaction_id FROM lk.items GROUP BY "
        "1 HAVING count(*) <= 3) i ON i.transaction_id = t.transaction_id GROUP BY 1",
    },
}


def write_files(folder: Path, transactions: int) -> None:
    engine = duckdb.connect()
    engine.execute(
        f"CREATE TABLE nested AS {NESTED.format(transactions=transactions, customers=max(1, transactions // 20))}"
    )
    for name, sql in {"nested": "FROM nested", **FILES}.items():
        (folder / name).mkdir()
        engine.execute(f"COPY ({sql}) TO '{folder / name}/rows.parquet' (FORMAT parquet)")


def answers(client: psycopg.Connection, sql: str) -> tuple[float, list[tuple[object, ...]]]:
    start = time.perf_counter()
    rows = client.execute(sql).fetchall()  # type: ignore[arg-type]
    return time.perf_counter() - start, sorted(rows)


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--transactions", type=int, default=150_000)
    arguments.add_argument("--quick", action="store_true", help="few rows: does it run to its end?")
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_files(folder, 2_000 if given.quick else given.transactions)
        with boathouse(roots=(folder,)) as server, psycopg.connect(server.dsn, autocommit=True) as client:
            client.execute(
                "CREATE EXTERNAL SCHEMA lk FROM DATA CATALOG DATABASE 'lk' CREATE EXTERNAL DATABASE IF NOT EXISTS"
            )
            sizes = {}
            for model, tables in TABLES.items():
                sizes[model] = sum((folder / table / "rows.parquet").stat().st_size for table in tables)
                for table, columns in tables.items():
                    declared = columns or _nested_columns()
                    client.execute(  # type: ignore[call-overload]
                        f"CREATE EXTERNAL TABLE lk.{table} ({declared}) STORED AS PARQUET LOCATION '{folder}/{table}/'"
                    )
            print("storage            " + "   ".join(
                f"{model} {size / 1e6:.1f} MB ratio {size / sizes['nested']:.2f}" for model, size in sizes.items()
            ))  # fmt: skip
            for question, models in QUESTIONS.items():
                times: dict[str, list[float]] = {model: [] for model in models}
                expected = None
                for _ in range(3):
                    for model, sql in models.items():
                        seconds, rows = answers(client, sql)
                        times[model].append(seconds)
                        expected = rows if expected is None else expected
                        assert rows == expected, f"{question}: {model} answers something else"
                medians = {model: statistics.median(found) for model, found in times.items()}
                nested = medians["nested"]
                print(f"{question:18} " + "   ".join(
                    f"{model} {seconds * 1e3:.0f} ms ratio {seconds / nested:.2f}" for model, seconds in medians.items()
                ))  # fmt: skip


def _nested_columns() -> str:
    person = ",".join(":".join(pair.split(" ", 1)) for pair in PERSON.split(", "))
    item = "product_id:int,price:decimal(9,2),weight:int,vendor:varchar(20),onsale:boolean"
    return f"customer struct<{person}>, {MOMENT}, orders array<struct<{item}>>"


if __name__ == "__main__":
    main()
