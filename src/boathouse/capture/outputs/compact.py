"""Many changes of a key become its last state, before anything reaches the warehouse.

Receives a `ChangeBatch`; hands on one row a key, or for a history one a change. Where a change left columns unchanged
without telling their values, they are taken from the changes before it in the batch; what those do not tell either is named,
to be taken from the table's own row, under the key that the row had when the batch began. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import pyarrow as pa

from boathouse.capture.changes import DELETE, MOVED, ChangeBatch, Key


@dataclass(frozen=True)
class Compacted:
    """One row a key, or one a change.

    Attributes:
        rows: the last state; of a deleted row only the key means anything.
        deleted: boolean.
        missing: column index → boolean array, true where the value is to be taken from the table.
        bases: for each key column, the key in the table of the row to take them from; None where `missing` is empty.
        moved: boolean, true where the row came from another key.
    """

    rows: pa.RecordBatch
    deleted: pa.Array
    missing: dict[int, pa.Array] = field(default_factory=dict)
    bases: list[pa.Array] | None = None
    moved: pa.Array | None = None


@dataclass
class _State:
    """Where a key's last state comes from.

    Attributes:
        row: the batch's row.
        origins: column → the earlier row that has its value; None: the table has.
        base: the key of the table's row.
    """

    row: int
    deleted: bool
    origins: dict[int, int | None]
    base: Key
    moved: bool = False


def compact(batch: ChangeBatch) -> Compacted:
    """The last state of each key."""
    keys = batch.keys()
    if batch.pattern is None:
        last = dict(zip(keys, range(len(keys)), strict=True))
        rows, ops = batch.rows, batch.ops
        if len(last) < len(keys):
            wanted = pa.array(last.values(), pa.int64())
            rows, ops = rows.take(wanted), ops.take(wanted)
        return Compacted(rows, pa.array([op == DELETE for op in ops.to_pylist()], pa.bool_()))
    last_states: dict[Key, _State] = {}
    for key, state in zip(keys, _follow(batch, keys), strict=True):
        last_states[key] = state
    return _gather(batch, list(last_states.values()))


def versions(batch: ChangeBatch) -> Compacted:
    """The state after each change, in the order of the log."""
    if batch.pattern is None:
        return Compacted(batch.rows, pa.array([op == DELETE for op in batch.ops.to_pylist()], pa.bool_()))
    return _gather(batch, _follow(batch, batch.keys()))


def _follow(batch: ChangeBatch, keys: list[Key]) -> list[_State]:
    """For each change, where the state after it comes from."""
    assert batch.pattern is not None
    states: dict[Key, _State] = {}
    found: list[_State] = []
    gone: tuple[Key, _State | None] | None = None
    for row, (key, op, pattern) in enumerate(zip(keys, batch.ops.to_pylist(), batch.pattern.to_pylist(), strict=True)):
        before, base = states.get(key), key
        if op == DELETE:
            gone = (key, before)
            states[key] = _State(row, True, {}, key)
            found.append(states[key])
            continue
        if op == MOVED:
            assert gone is not None
            base, before = gone
        if before is None or before.deleted:
            origins: dict[int, int | None] = dict.fromkeys(batch.patterns[pattern])
        else:
            base = before.base
            origins = {column: before.origins.get(column, before.row) for column in batch.patterns[pattern]}
        moved = op == MOVED or (before is not None and before.moved)
        states[key] = _State(row, False, origins, base, moved)
        found.append(states[key])
    return found


def _gather(batch: ChangeBatch, found: list[_State]) -> Compacted:
    columns, missing = [], {}
    partial = sorted({column for state in found for column in state.origins})
    for column in range(batch.rows.num_columns):
        wanted = [state.row if (origin := state.origins.get(column)) is None else origin for state in found]
        columns.append(batch.rows.column(column).take(pa.array(wanted, pa.int64())))
        if column in partial:
            lacks = [column in state.origins and state.origins[column] is None for state in found]
            if any(lacks):
                missing[column] = pa.array(lacks, pa.bool_())
    rows = pa.RecordBatch.from_arrays(columns, schema=batch.rows.schema)
    deleted = pa.array([state.deleted for state in found], pa.bool_())
    bases = [
        pa.array([state.base[place] for state in found], batch.rows.schema.field(index).type)
        for place, index in enumerate(batch.schema.key)
    ]
    return Compacted(rows, deleted, missing, bases, pa.array([state.moved for state in found], pa.bool_()))
