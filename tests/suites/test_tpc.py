"""The decision-support benchmarks TPC-H and TPC-DS, run as Redshift SQL over the wire, against the engine's own answers.

The engine's extensions generate the data and hold the queries and are no part of the path under test: tables are made by
our DDL, filled by our COPY, queried through our parser, binder and rewrites. Queries whose right answer differs by design
(AVG of integers truncates in Redshift, r_AVG) are named, and must differ.
"""

from __future__ import annotations

import datetime
import importlib
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import psycopg
import pytest

PASSWORD = "Tpc-password-1"
TRUNCATED_AVERAGES = {"tpch": set(), "tpcds": {7, 22, 26, 27}}
SCALES = {"tpch": 0.01, "tpcds": 0.01}
GENERATE = {"tpch": "dbgen", "tpcds": "dsdgen"}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[psycopg.Connection[Any], Path]]:
    home = tmp_path_factory.mktemp("tpc") / "home"
    program = [sys.executable, "-m", "boathouse.app.cli"]
    environment = os.environ | {"BOATHOUSE_ADMIN_PASSWORD": PASSWORD}
    subprocess.run([*program, "init", home], env=environment, check=True, stdout=subprocess.DEVNULL, timeout=60)
    with subprocess.Popen(
        [*program, "serve", home, "--port", "0", "--http-port", "-1"], stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout is not None
        port = re.search(r"postgres port (\d+)", server.stdout.readline())
        assert port is not None
        dsn = f"host=127.0.0.1 port={port[1]} user=admin password={PASSWORD} dbname=dev sslmode=disable"
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute("SET statement_timeout TO '60s'")
            yield connection, home / "lake"
        server.terminate()
        assert server.wait(30) == 0


def generated(name: str) -> duckdb.DuckDBPyConnection:
    """The benchmark's tables and questions in an engine of its own."""
    engine = duckdb.connect()
    wheel = Path(str(importlib.import_module(f"duckdb_extension_{name}").__file__)).parent
    engine.load_extension(str(wheel / "extensions" / f"v{duckdb.__version__}" / f"{name}.duckdb_extension"))
    engine.execute(f"CALL {GENERATE[name]}(sf = {SCALES[name]})")
    return engine


def _load(connection: psycopg.Connection[Any], name: str, folder: Path) -> duckdb.DuckDBPyConnection:
    """Generate the benchmark in an engine of its own and copy it through the door."""
    engine = generated(name)
    connection.execute(f"CREATE SCHEMA {name}")
    connection.execute(f"SET search_path TO {name}")
    for (table,) in engine.execute("SHOW TABLES").fetchall():
        columns = ", ".join(
            f'"{column}" {"varchar(500)" if kind == "VARCHAR" else kind.lower()}'
            for column, kind, *_ in engine.execute(f"DESCRIBE {table}").fetchall()
        )
        connection.execute(f"CREATE TABLE {table} ({columns})".encode())
        path = folder / f"{table}.parquet"
        engine.execute(f"COPY {table} TO '{path}' (FORMAT parquet)")
        connection.execute(f"COPY {table} FROM '{path}' FORMAT PARQUET".encode())
    return engine


def _plain(value: object) -> object:
    if isinstance(value, float | Decimal):
        return float(value)
    if isinstance(value, datetime.datetime) and value.time() == datetime.time(0):
        return value.date()
    return value.rstrip() if isinstance(value, str) else value


def _close(one: object, other: object) -> bool:
    if isinstance(one, float | int) and isinstance(other, float | int):
        # A numeric average keeps its argument's scale, where the engine's is a float.
        return abs(one - other) <= max(0.0101, abs(one) * 1e-4)
    return one == other


def _same(expected: list[tuple[object, ...]], found: list[tuple[object, ...]]) -> bool:
    def agree(one: list[tuple[object, ...]], other: list[tuple[object, ...]]) -> bool:
        return all(all(map(_close, a, b)) for a, b in zip(one, other, strict=True))

    wanted = [tuple(map(_plain, row)) for row in expected]
    got = [tuple(map(_plain, row)) for row in found]
    # Rows that ORDER BY leaves equal may stand in any order.
    return len(wanted) == len(got) and (agree(wanted, got) or agree(sorted(wanted, key=repr), sorted(got, key=repr)))


@pytest.mark.parametrize("name", ["tpch", "tpcds"])
def test_every_query_answers_as_the_engine_does(house: tuple[psycopg.Connection[Any], Path], name: str) -> None:
    connection, lake = house
    engine = _load(connection, name, lake)
    wrong = []
    for number, query in engine.execute(f"SELECT query_nr, query FROM {name}_queries()").fetchall():
        expected = engine.execute(query).fetchall()
        found = connection.execute(query.encode()).fetchall()
        if _same(expected, found) == (number in TRUNCATED_AVERAGES[name]):
            wrong.append(number)
    assert not wrong
