"""What several benchmarks measure in one way."""

from __future__ import annotations

import json
import os
import signal
import statistics
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import psycopg

from boathouse.capture.changes import ChangeBatch, Reached
from boathouse.capture.source import Source
from servers import Server


def timed(work: Callable[[], object]) -> float:
    """Seconds."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def median_seconds(asked: Callable[[], object], rounds: int) -> float:
    """Of so many rounds, after one that is not counted."""
    asked()
    return statistics.median(timed(asked) for _ in range(rounds))


def measured(work: Callable[[], int]) -> tuple[float, float]:
    """Thousand rows per second of our own CPU time, and of the clock."""
    used, began = time.process_time(), time.monotonic()
    rows = work()
    return rows / (time.process_time() - used) / 1000, rows / (time.monotonic() - began) / 1000


def read_changes(source: Source, start: str, rows: int) -> int:
    """Follow a source's log from a position until so many rows have come, and no more."""
    found, stream = 0, source.stream(source.position(start))
    for item in stream:
        if isinstance(item, ChangeBatch):
            found += len(item)
        if isinstance(item, Reached) and found >= rows:
            break
    stream.close()
    assert found == rows
    return found


def make_sales(connection: psycopg.Connection, table: str, doublings: int) -> None:
    """A local table of 2 ** doublings rows, of 500 cities."""
    connection.execute(f"CREATE TABLE {table} (id integer, city integer, amount integer, pad varchar(40))")
    connection.execute(f"INSERT INTO {table} VALUES (0, 0, 1, md5(0))")
    for step in range(doublings):
        connection.execute(
            f"INSERT INTO {table} SELECT id + {2**step}, (id + {2**step}) % 500, id % 97, md5(id + {2**step}) FROM {table}"
        )


def make_sales_of_the_lake(server: Server, doublings: int) -> None:
    """The table of `make_sales` as `made`, and as files of the lake, `river.sales`."""
    with psycopg.connect(server.dsn, autocommit=True) as connection:
        make_sales(connection, "made", doublings)
        connection.execute(
            "CREATE EXTERNAL SCHEMA river FROM DATA CATALOG DATABASE 'river' CREATE EXTERNAL DATABASE IF NOT EXISTS"
        )
        connection.execute(
            "CREATE EXTERNAL TABLE river.sales (id integer, city integer, amount integer, pad varchar(40)) STORED AS "
            "PARQUET LOCATION 'river/sales/'"
        )
        connection.execute("INSERT INTO river.sales SELECT * FROM made")


def take_queues(server: Server, file: Path, queues: Sequence[dict[str, object]], asked: str, answer: object) -> None:
    """Give a running server other queues, and wait until it answers so."""
    file.write_text(json.dumps(queues))
    os.kill(server.pid, signal.SIGHUP)
    with psycopg.connect(server.dsn, autocommit=True) as connection:
        deadline = time.monotonic() + 60
        while connection.execute(asked).fetchone() != (answer,):
            assert time.monotonic() < deadline, "the server has not taken the queues"


def side_by_side(
    server: Server,
    long: tuple[str, str, int],
    short: tuple[str, str, int],
    seconds: float,
    rows: int,
    least: tuple[int, int],
) -> tuple[list[float], int]:
    """Clients that send long queries without a pause beside clients that send short ones.

    Args:
        long, short: query group, statement, clients; `{0}` in a short one is a number below `rows`, in a long one `rows`.
        least: long and short queries that are waited for, however busy the machine is.

    Returns:
        Each short query's time in milliseconds, sorted, and how many long ones ended.
    """
    stop = threading.Event()
    times: list[float] = []
    ended = [0]

    def client(group: str, statement: str) -> None:
        with psycopg.connect(server.dsn, autocommit=True) as connection:
            connection.execute("SET enable_result_cache_for_session TO off")
            connection.execute(f"SET query_group TO '{group}'")
            number = 0
            while not stop.is_set():
                number = (number * 31 + 7) % rows
                began = time.perf_counter()
                connection.execute(statement.format(number if group == short[0] else rows))
                if group == short[0]:
                    times.append((time.perf_counter() - began) * 1000)
                    stop.wait(0.01)
                else:
                    ended[0] += 1

    threads = [
        threading.Thread(target=client, args=(group, statement))
        for group, statement, clients in (long, short)
        for _ in range(clients)
    ]
    for thread in threads:
        thread.start()
    time.sleep(seconds)
    while ended[0] < least[0] or len(times) < least[1]:
        time.sleep(0.1)
    stop.set()
    for thread in threads:
        thread.join()
    return sorted(times), ended[0]
