"""The demonstration's last chapter: a live PostgreSQL is captured, queried meanwhile, dumped again, and compared.

Received: a connection to the warehouse and the shop's secret. Handed on: what there was to see, and what was wrong, to `run`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

from boathouse.app.demo.live_shop import TABLES, Sales, contents
from boathouse.contracts.errors import BoathouseError, InternalError

PATIENCE_SECONDS = 120
LOOK_SECONDS = 0.05
SALES_MIN = 400
"""Transactions that come during the second dump and after it, so that there is something to follow."""

CREATE = (
    "CREATE INTEGRATION shop FROM POSTGRES SECRET 'shop' "
    f"TABLES ({', '.join(f'public.{table}' for table in TABLES)}) INTO SCHEMA shop"
)
BY_CITY = """SELECT c.city, count(*) AS orders, sum(o.total) AS revenue, sum(CASE WHEN o.status = 'new' THEN 1 ELSE 0 END) AS open
  FROM shop.orders o JOIN shop.customers c ON c.id = o.customer_id GROUP BY 1 ORDER BY 1"""


@dataclass
class Captured:
    """What happened.

    Attributes:
        rows: in the warehouse at the end.
        transactions: of the shop while it was captured.
        failures: tables that differ, or the title of the step that failed.
    """

    rows: int = 0
    transactions: int = 0
    failures: list[str] = field(default_factory=list)


Timed = Callable[[str], AbstractContextManager[None]]
Show = Callable[[list[str], list[tuple[Any, ...]]], None]


def capture_shop(warehouse: Any, secret: dict[str, str], timed: Timed, show: Show) -> Captured:
    """Run the chapter.

    Args:
        timed: tells the reader of a step that takes time.
        show: prints rows.
    """
    import psycopg

    found = Captured()
    try:
        with psycopg.connect(**secret, autocommit=True) as source:  # type: ignore[arg-type]
            with Sales(secret) as sales:
                _follow(warehouse, sales, timed, show)
            found.transactions = sales.transactions
            with timed("the shop closes; the warehouse has every row as the shop has it"):
                _compare(warehouse, source, found)
    except (psycopg.Error, BoathouseError) as failure:
        print(f"      {failure}")
        found.failures.append("capture a live shop")
    return found


def _follow(warehouse: Any, sales: Sales, timed: Timed, show: Show) -> None:
    with timed("capture a live PostgreSQL: its tables arrive"):
        warehouse.execute(CREATE)
        _until(lambda: _is_synced(warehouse), "the tables have not arrived")
    with timed("revenue by city, while it sells"):
        cursor = warehouse.execute(BY_CITY)
        rows = cursor.fetchall()
    show([column.name for column in cursor.description], rows)
    with timed("dump every table again, while it sells and is queried"):
        before, dumped = sales.transactions, _orders_dumped(warehouse)
        warehouse.execute("ALTER INTEGRATION shop DUMP ALL")
        _until(lambda: _orders_dumped(warehouse) > dumped, "the dump does not come to the orders")
        _until(lambda: warehouse.execute(BY_CITY) and _is_synced(warehouse), "the dump does not end")
        _until(lambda: sales.transactions - before > SALES_MIN, "the shop sells nothing")


def _compare(warehouse: Any, source: Any, found: Captured) -> None:
    expected = contents(source, "public")

    def differing() -> list[str]:
        have = contents(warehouse, "shop")
        found.rows = sum(map(len, have.values()))
        return [table for table, rows in expected.items() if have[table] != rows]

    try:
        _until(lambda: not differing(), "they differ")
    except InternalError:
        found.failures = [f"shop.{table}" for table in differing()]


def _orders_dumped(warehouse: Any) -> int:
    """How many orders the latest dump has read: more than the one before, for the shop has sold meanwhile."""
    query = "SELECT table_rows FROM svv_integration_table_state WHERE table_name = 'orders'"
    return int(warehouse.execute(query).fetchone()[0] or 0)


def _is_synced(warehouse: Any) -> bool:
    states = warehouse.execute("SELECT table_state, reason FROM svv_integration_table_state").fetchall()
    failed = [reason for state, reason in states if state == "Failed"]
    if failed:
        raise InternalError(failed[0])
    return len(states) == len(TABLES) and all(state == "Synced" for state, _ in states)


def _until(condition: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            raise InternalError(what)
        time.sleep(LOOK_SECONDS)
