"""What is inserted in bulk is written in parts: each of so many rows, nothing lost, nothing twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from boathouse.capture.changes import INSERT, ChangeBatch, Column, TableSchema, Transaction
from boathouse.capture.mysql.gtids import GtidVector
from boathouse.capture.outputs.inserted import Inserted, _parts
from boathouse.contracts.engine import EngineSession
from boathouse.contracts.types import INTEGER
from boathouse.engines.duckdb.engine import DuckEngine
from boathouse.engines.duckdb.settings import EngineSettings
from boathouse.sql.redshift.types import parse_type

SCHEMA = pa.schema([pa.field("id", pa.int64())])


@given(st.lists(st.integers(0, 7), min_size=1, max_size=8), st.integers(1, 9))
def test_parts_have_so_many_rows_each(sizes: list[int], rows: int) -> None:
    numbers = iter(range(sum(sizes)))
    batches = [
        pa.record_batch([pa.array([next(numbers) for _ in range(size)], pa.int64())], schema=SCHEMA) for size in sizes
    ]
    parts = [
        part.read_all().column("id").to_pylist()
        for part in _parts(pa.RecordBatchReader.from_batches(SCHEMA, batches), rows)
    ]
    assert [number for part in parts for number in part] == list(range(sum(sizes)))
    assert all(len(part) == rows for part in parts[:-1]) and len(parts[-1]) <= rows


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EngineSession]:
    folder = tmp_path_factory.mktemp("inserted")
    opened = DuckEngine(folder / "warehouse.duckdb", "dev", folder, EngineSettings())
    session = opened.session()
    yield session
    session.close()
    opened.close()


@pytest.mark.parametrize(("kind", "keys"), [("BIGINT", int), ("VARCHAR(9)", str)])
@pytest.mark.parametrize("there", [range(0), range(4), range(98, 102), range(500, 600)])
def test_what_was_there_with_their_keys_goes_and_nothing_else(
    engine: EngineSession, tmp_path: Path, kind: str, keys: Callable[[int], Any], there: range
) -> None:
    """A dump may have met them; where no number is near, that is not looked for row by row."""
    schema = TableSchema(
        "s", "t", (Column("id", parse_type(kind), kind, False), Column("a", INTEGER, "int", True)), (0,)
    )
    engine.execute(f"CREATE OR REPLACE TABLE dev.public.t (id {kind}, a INTEGER)")
    for key in there:
        engine.execute("INSERT INTO dev.public.t VALUES (?, -1)", [keys(key)])
    batches = [inserts(schema, [keys(key) for key in range(first, first + 50)]) for first in (2, 52)]
    waiting, told = Inserted(tmp_path, batches[0], frozenset()), []
    waiting.add(batches[1])
    waiting.apply(engine, "dev.public.t", ["id", "a"], told.append)
    waiting.close()
    wanted = {keys(key): -1 for key in there} | {keys(key): 1 for key in range(2, 102)}
    assert sorted(engine.fetch("SELECT id, a FROM dev.public.t")) == sorted(wanted.items())
    assert told and not list(tmp_path.iterdir())


def inserts(schema: TableSchema, keys: list[Any]) -> ChangeBatch:
    rows = pa.record_batch([pa.array(keys), pa.array([1] * len(keys), pa.int32())], schema=schema.arrow)
    places = pa.array([0] * len(keys), pa.int32())
    one = (Transaction(GtidVector(), 0, 0),)
    return ChangeBatch(
        schema, rows, pa.array([INSERT] * len(keys), pa.int8()), one, places, pa.array(range(len(keys)), pa.int64())
    )
