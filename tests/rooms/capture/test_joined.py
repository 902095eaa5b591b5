"""Small batches that become one: every row keeps its transaction, its place, and what it did not tell."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from boathouse.capture.changes import INSERT, READ, UPDATE, ChangeBatch, Column, TableSchema, Transaction
from boathouse.capture.outputs.joined import ROWS_MAX, Joining, joined
from boathouse.capture.schemas import Versions
from boathouse.contracts.types import INTEGER

SCHEMA = TableSchema("s", "t", (Column("id", INTEGER, "i"), Column("a", INTEGER, "i"), Column("b", INTEGER, "i")), (0,))
OTHER = replace(SCHEMA, columns=SCHEMA.columns[:2])
PATTERNS = (frozenset[int](), frozenset({1}), frozenset({1, 2}), frozenset({2}))
Told = tuple[int, int, Transaction, frozenset[int]]


def batch_of(first: int, transactions: list[int], patterns: list[int], schema: TableSchema = SCHEMA) -> ChangeBatch:
    """Rows numbered from `first`, one for each transaction's number, in the order that batches name what they lack."""
    names, lacking = list(dict.fromkeys(transactions)), list(dict.fromkeys([0, *patterns]))
    ids = pa.array(range(first, first + len(transactions)), pa.int32())
    return ChangeBatch(
        schema,
        pa.RecordBatch.from_arrays([ids] * len(schema.columns), schema=schema.arrow),
        pa.array([UPDATE] * len(ids), pa.int8()),
        tuple(Transaction(f"{name:09d}", name, name) for name in names),
        pa.array([names.index(name) for name in transactions], pa.int32()),
        pa.array(range(len(ids)), pa.int64()),
        tuple(PATTERNS[one] for one in lacking),
        pa.array([lacking.index(one) for one in patterns], pa.int32()) if len(lacking) > 1 else None,
    )


def told(batch: ChangeBatch) -> list[Told]:
    """What a batch says of each row: its number, ordinal, transaction and what it lacks."""
    pattern = [0] * len(batch) if batch.pattern is None else batch.pattern.to_pylist()
    return [
        (key[0], ordinal, batch.transactions[of], batch.patterns[lacks])  # type: ignore[misc]
        for key, ordinal, of, lacks in zip(
            batch.keys(), batch.ordinals.to_pylist(), batch.transaction.to_pylist(), pattern, strict=True
        )
    ]


@given(
    st.lists(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 3)), min_size=1, max_size=5), min_size=1, max_size=6)
)
@settings(max_examples=300)
def test_every_row_says_the_same_as_before(parts: list[list[tuple[int, int]]]) -> None:
    batches, transaction, first = [], 1, 0
    for part in parts:
        numbers = []
        for step, _ in part:
            transaction += step  # of 0 also over two batches: a large transaction needs many
            numbers.append(transaction)
        batches.append(batch_of(first, numbers, [pattern for _, pattern in part]))
        first += len(part)
    one = joined(batches)
    assert told(one) == [row for batch in batches for row in told(batch)]
    assert len(set(one.transactions)) == len(one.transactions) and one.patterns[0] == frozenset()
    assert one.ops.to_pylist() == [UPDATE] * first


class Noting:
    """A writer that only notes what it is told, in which order."""

    def __init__(self) -> None:
        self.told: list[tuple[Any, ...]] = []

    def write(self, batch: ChangeBatch) -> bool:
        self.told.append(("write", len(batch), *batch.ops.unique().to_pylist()))
        return len(batch) != 3

    def truncate(self, path: tuple[str, str], transaction: Transaction | None = None) -> None:
        self.told.append(("truncate",))

    def found(self, dump: int, schema: TableSchema, rows: pa.RecordBatch) -> None:
        self.told.append(("found", dump, rows.num_rows))

    def ghosts(self, dump: int, schema: TableSchema) -> ChangeBatch | None:
        self.told.append(("ghosts",))
        return None

    def shape(self, schema: TableSchema) -> bool:
        self.told.append(("shape",))
        return schema is not SCHEMA


def test_a_table_whose_columns_changed_places_is_dumped_again() -> None:
    turned = replace(
        SCHEMA, columns=SCHEMA.columns[::-1], key=tuple(len(SCHEMA.columns) - 1 - one for one in SCHEMA.key)
    )
    wider = replace(turned, columns=(*turned.columns, replace(SCHEMA.columns[0], name="more")))
    joining = Joining(Noting(), 1 << 20)
    assert not joining.shape(SCHEMA) and joining.redump == set()
    assert joining.shape(turned) and joining.redump == {SCHEMA.path}
    told = {SCHEMA.path: {column.name: "" for column in SCHEMA.columns}}
    versions = Versions({}, told)
    assert [versions.has_moved(one) for one in (SCHEMA, turned, turned, wider, turned, SCHEMA)] == [
        False, True, False, False, False, True,
    ]  # fmt: skip
    assert not Versions({}, {}).has_moved(turned)


def test_nothing_of_a_table_overtakes_what_waits() -> None:
    noting = Noting()
    joining = Joining(noting, 1 << 20)
    small, read = (
        batch_of(0, [1, 2], [0, 0]),
        replace(batch_of(9, [1], [0]), transactions=(), ops=pa.array([READ], pa.int8())),
    )
    joining.write(small)
    joining.write(replace(small, ops=pa.array([INSERT, INSERT], pa.int8())))
    joining.found(7, SCHEMA, small.rows)
    joining.write(read)
    joining.write(small)
    joining.truncate(SCHEMA.path)
    joining.write(small)
    joining.shape(SCHEMA)
    joining.write(small)
    joining.ghosts(7, SCHEMA)
    joining.write(small)
    joining.write(batch_of(0, [3, 3, 3], [0, 0, 0], OTHER))
    assert joining.held == [SCHEMA.path] and not joining.redump
    joining.flush(SCHEMA.path)
    assert joining.held == [] and joining.redump == {SCHEMA.path}
    assert noting.told == [
        ("write", 4, UPDATE, INSERT), ("found", 7, 2), ("write", 1, READ), ("write", 2, UPDATE), ("truncate",),
        ("write", 2, UPDATE), ("shape",), ("write", 2, UPDATE), ("ghosts",), ("write", 2, UPDATE), ("write", 3, UPDATE),
    ]  # fmt: skip


def test_what_waits_is_bounded() -> None:
    noting = Noting()
    joining = Joining(noting, 1 << 20)
    half = batch_of(0, [1] * (ROWS_MAX // 2 + 1), [0] * (ROWS_MAX // 2 + 1))
    large = batch_of(0, [1] * (ROWS_MAX + 1), [0] * (ROWS_MAX + 1))
    for batch in (half, half, large):
        joining.write(batch)
    assert [rows for _, rows, _ in noting.told] == [len(half), len(half), len(large)]
    assert joining.held == []


def test_so_are_its_bytes() -> None:
    noting = Noting()
    few = batch_of(0, [1] * 10, [0] * 10)
    joining = Joining(noting, 2 * few.rows.nbytes)
    for _ in range(5):
        joining.write(few)
    assert [rows for _, rows, _ in noting.told] == [20, 20]
    assert joining.held == [SCHEMA.path]
