"""Compaction against a replay one change after the other."""

from __future__ import annotations

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from boathouse.capture.changes import DELETE, INSERT, MOVED, UPDATE, ChangeBatch, Column, TableSchema
from boathouse.capture.outputs.compact import compact
from boathouse.contracts.types import INTEGER

SCHEMA = TableSchema("s", "t", (Column("id", INTEGER, "i"), Column("a", INTEGER, "i"), Column("b", INTEGER, "i")), (0,))
PATTERNS = (frozenset[int](), frozenset({1}), frozenset({1, 2}))

steps = st.lists(
    st.tuples(
        st.sampled_from(["put", "patch", "delete", "move"]), st.integers(0, 3), st.integers(0, 3), st.integers(1, 2)
    ),
    max_size=25,
)


@given(steps, st.booleans())
@settings(max_examples=300)
def test_the_last_state_of_each_key_is_that_of_a_replay(steps: list[tuple[str, int, int, int]], partial: bool) -> None:
    before = {key: (key, 100 + key, 200 + key) for key in (0, 1)}
    state = dict(before)
    rows: list[tuple[int, int | None, int | None]] = []
    ops: list[int] = []
    patterns: list[int] = []

    def add(op: int, row: tuple[int, int | None, int | None], pattern: int = 0) -> None:
        rows.append(row)
        ops.append(op)
        patterns.append(pattern)

    for number, (verb, key, to, pattern) in enumerate(steps):
        pattern = pattern if partial else 0
        told = [None if index in PATTERNS[pattern] else 1000 * number + index for index in (1, 2)]
        if verb == "put":
            add(UPDATE if key in state else INSERT, (key, number, -number))
            state[key] = (key, number, -number)
        elif key in state and verb == "delete":
            add(DELETE, (key, None, None))
            del state[key]
        elif key in state and (verb == "patch" or (verb == "move" and to not in state)):
            old = state.pop(key)
            new = key if verb == "patch" else to
            merged = [old[index] if value is None else value for index, value in zip((1, 2), told, strict=True)]
            if verb == "move":
                add(DELETE, (key, None, None))
            add(UPDATE if verb == "patch" else MOVED, (new, told[0], told[1]), pattern)
            state[new] = (new, merged[0], merged[1])
    columns = list(zip(*rows, strict=True)) if rows else [(), (), ()]
    batch = ChangeBatch(
        SCHEMA,
        pa.RecordBatch.from_arrays([pa.array(values, pa.int32()) for values in columns], schema=SCHEMA.arrow),
        pa.array(ops, pa.int8()), (), pa.nulls(len(rows), pa.int32()), pa.array(range(len(rows)), pa.int64()),
        PATTERNS, pa.array(patterns, pa.int32()) if any(patterns) else None,
    )  # fmt: skip
    compacted = compact(batch)
    result = dict(before)
    bases = compacted.bases[0].to_pylist() if compacted.bases is not None else [None] * len(compacted.rows)
    new_rows = {}
    for index, row in enumerate(zip(*(column.to_pylist() for column in compacted.rows.columns), strict=True)):
        result.pop(row[0], None)
        if not compacted.deleted[index].as_py():
            found = [
                before[bases[index]][place]
                if place in compacted.missing and compacted.missing[place][index].as_py()
                else value
                for place, value in enumerate(row)
            ]
            new_rows[row[0]] = tuple(found)
    assert {**result, **new_rows} == state
