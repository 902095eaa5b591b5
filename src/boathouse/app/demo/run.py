"""The main job, unattended, through the public door: files generated, loaded, aggregated, exported, found, read back,
and a live database captured.

Received: where and whether to stay up. Handed on: progress and a summary for the reader, and an exit status.
"""

from __future__ import annotations

import contextlib
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from threading import Event
from typing import Any

from boathouse.app.demo import generate_access_logs, generate_customer_orders, generate_ssb, generate_tickit
from boathouse.app.demo.captured_shop import Captured, capture_shop
from boathouse.app.demo.live_shop import shop_database
from boathouse.app.demo.queries import DATABASE, SCHEMA, Step, steps
from boathouse.app.demo.servers import BUCKET, boathouse_server, make_home, s3_client, s3_endpoint

SCALE = 0.05
"""Of the Star Schema Benchmark: 300,000 order lines, so that the whole takes well under three minutes."""

SHOWN_ROWS_MAX = 10
CELL_CHARACTERS_MAX = 40
DATE_LOADED = {"users", "date", "event"}


def run_demo(home: Path | None, *, keep: bool = False) -> int:
    """Run the demonstration.

    Args:
        home: a new or empty folder for the house; None makes one that goes away at the end.
        keep: leave the servers running until Ctrl-C.

    Returns:
        0, or 1 where a statement failed or a count is not what was generated.
    """
    began = time.monotonic()
    with contextlib.ExitStack() as stack:
        if home is None:
            home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="boathouse-demo-"))) / "home"
        data = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="boathouse-data-")))
        _chapter("Prepare")
        endpoint = stack.enter_context(s3_endpoint())
        client = s3_client(endpoint)
        with _timed("generate the data"):
            expected = _generate(data)
        with _timed("put it into a bucket"):
            _upload(client, data)
        with _timed("open a shop: a PostgreSQL with orders in it"):
            shop = stack.enter_context(shop_database())
        with _timed("make a home and start the server"):
            password = make_home(home, endpoint, shop)
            port = stack.enter_context(boathouse_server(home))
        dsn = f"host=127.0.0.1 port={port} dbname=dev user=admin password={password}"
        failures = _run_steps(dsn, expected)
        captured = Captured()
        if not failures:
            captured = _capture(dsn, shop)
            failures = captured.failures
        _summary(client, expected, captured, failures, time.monotonic() - began)
        if keep:
            _stay(dsn, endpoint, home)
    return 1 if failures else 0


def _generate(data: Path) -> dict[str, int]:
    """All data sets below `data`; the rows that each table must have once it is loaded."""
    tickit = generate_tickit(data / "tickit")
    rows = generate_ssb(data / "ssb", SCALE) | {name: count for name, count in tickit.items() if name in DATE_LOADED}
    generate_access_logs(data / "logs")
    generate_customer_orders(data / "orders")
    return rows | {"sales": tickit["sales"]}


def _upload(client: Any, data: Path) -> None:
    client.create_bucket(Bucket=BUCKET)
    for path in sorted(data.rglob("*")):
        if path.is_file():
            client.upload_file(str(path), BUCKET, str(path.relative_to(data)))


def _run_steps(dsn: str, expected: dict[str, int]) -> list[str]:
    """Every step over one connection; the titles of those that failed."""
    import psycopg

    failures: list[str] = []
    with psycopg.connect(dsn, autocommit=True) as connection:
        for chapter, members in steps(f"s3://{BUCKET}"):
            if failures:
                break  # What follows builds on what failed.
            _chapter(chapter)
            for step in members:
                try:
                    with _timed(step.title):
                        names, rows = _run_step(connection, step)
                except psycopg.Error as failure:
                    failures.append(step.title)
                    _explain(step, failure)
                    continue
                if step.shown:
                    _print_rows(names, rows)
                failures += _wrong_counts(names, rows, expected)
    return failures


def _run_step(connection: Any, step: Step) -> tuple[list[str], list[tuple[Any, ...]]]:
    cursor = connection.execute(step.sql)
    if cursor.description is None:
        return [], []
    return [column.name for column in cursor.description], cursor.fetchall()


def _capture(dsn: str, shop: dict[str, str]) -> Captured:
    import psycopg

    _chapter("Capture a live shop")
    with psycopg.connect(dsn, autocommit=True) as connection:
        return capture_shop(connection, shop, _timed, _print_rows)


def _wrong_counts(names: Sequence[str], rows: Iterable[tuple[Any, ...]], expected: dict[str, int]) -> list[str]:
    """What a count of loaded rows must be was known when the files were written."""
    if list(names) == ["table_name", "row_count"]:
        found = {str(table): int(count) for table, count in rows}
    elif list(names) == ["sales"]:
        found = {"sales": int(next(iter(rows))[0])}
    else:
        return []
    wrong = [name for name, count in found.items() if expected[name] != count]
    for name in wrong:
        print(f"      ! {name}: {found[name]:,} rows instead of {expected[name]:,}")
    return [f"rows of {name}" for name in wrong]


def _chapter(title: str) -> None:
    print(f"\n{title}", flush=True)


@contextlib.contextmanager
def _timed(title: str) -> Iterator[None]:
    start = time.monotonic()
    mark = "✗"
    try:
        yield
        mark = "✓"
    finally:
        print(f"  {mark} {title + ' ':.<64} {time.monotonic() - start:6.2f} s", flush=True)


def _explain(step: Step, failure: Any) -> None:
    facts = failure.diag
    print(f"      {facts.sqlstate or ''} {facts.message_primary or failure}")
    for word, text in (("detail", facts.message_detail), ("hint", facts.message_hint)):
        if text:
            print(f"      {word}: {text}")
    print("      " + step.sql.strip().replace("\n", "\n      "))


def _print_rows(names: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
    shown = [["" if value is None else _short(str(value)) for value in row] for row in rows[:SHOWN_ROWS_MAX]]
    widths = [max(len(text) for text in column) for column in zip(names, *shown, strict=True)]
    numeric = [all(isinstance(row[place], int | float) for row in rows) for place in range(len(names))]
    for line in ([*names], ["─" * width for width in widths], *shown):
        cells = [
            text.rjust(width) if right else text.ljust(width)
            for text, width, right in zip(line, widths, numeric, strict=True)
        ]
        print("      " + "  ".join(cells).rstrip())
    if len(rows) > SHOWN_ROWS_MAX:
        print(f"      … {len(rows) - SHOWN_ROWS_MAX:,} more")


def _short(text: str) -> str:
    return text if len(text) <= CELL_CHARACTERS_MAX else text[: CELL_CHARACTERS_MAX - 1] + "…"


def _summary(
    client: Any, expected: dict[str, int], captured: Captured, failures: Sequence[str], seconds: float
) -> None:
    if failures:
        print(f"\nFAILED: {', '.join(failures)}", flush=True)
        return
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix="exports/")
    sizes = [entry["Size"] for page in pages for entry in page.get("Contents", ())]
    print("\n" + "═" * 76)
    print(f"  loaded     {sum(expected.values()) - expected['sales']:>12,} rows in {len(expected) - 1} tables")
    print(f"  in place   {expected['sales']:>12,} sales, access logs and nested orders, never loaded")
    print(f"  exported   {len(sizes):>12,} Parquet files, {sum(sizes) / 1e6:.1f} MB, partitioned, found by the crawler")
    print(
        f"  captured   {captured.rows:>12,} rows of a live PostgreSQL, equal after {captured.transactions:,} transactions"
    )
    print(f"  time       {seconds:>12.1f} s")
    print("  all statements ran over the PostgreSQL wire protocol; every count is as generated")
    print("═" * 76)
    print("Try next:  make demo KEEP=1, then psql or any Redshift driver at the address it prints.", flush=True)


def _stay(dsn: str, endpoint: str, home: Path) -> None:
    print(f'\nRunning until Ctrl-C.\n  psql "{dsn}"\n  S3 endpoint {endpoint}, bucket {BUCKET}\n  home {home}')
    print(
        f"  SELECT tablename FROM svv_external_tables WHERE schemaname = '{SCHEMA}';   -- catalog database {DATABASE}"
    )
    sys.stdout.flush()
    with contextlib.suppress(KeyboardInterrupt):
        Event().wait()
