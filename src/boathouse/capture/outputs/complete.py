"""Values that a change left as they were without telling them are taken from the warehouse's own rows.

Receives compacted changes and where the rows are; hands the changes back with every value. Rows that are not there yet, as
their dump has not come to them, are left out.
"""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from boathouse.capture.outputs.compact import Compacted
from boathouse.contracts.engine import EngineSession
from boathouse.contracts.errors import InternalError

LENT = "captured_changes"
"""The name under which the engine sees rows of ours."""


def complete(
    engine: EngineSession, rows: str, names: Sequence[str], keys: Sequence[str], given: pa.Table, compacted: Compacted
) -> tuple[pa.Table, bool]:
    """The rows of `given` with their missing values, in no order; and whether all that must be there was.

    Args:
        rows: what stands in FROM: the table, with one row a key.
        names: its columns, quoted, as `c0`, `c1`, … of `given`, whose other columns are carried along.
        keys: those of the key.

    Raises:
        InternalError: the table has a key twice.
    """
    assert compacted.bases is not None and compacted.moved is not None
    carried = [f"s.{name}" for name in given.column_names[len(names) :]]
    for index, missing in compacted.missing.items():
        given = given.append_column(f"m{index}", missing)
    for place, base in enumerate(compacted.bases):
        given = given.append_column(f"b{place}", base)
    given = given.append_column("moved", compacted.moved)
    on = " AND ".join(f"t.{key} = s.b{place}" for place, key in enumerate(keys))
    lacking = " OR ".join(f"s.m{index}" for index in compacted.missing) or "false"
    columns = ", ".join(
        f"CASE WHEN s.m{index} THEN t.{name} ELSE s.c{index} END AS c{index}"
        if index in compacted.missing
        else f"s.c{index}"
        for index, name in enumerate(names)
    )
    lost = f"(({lacking}) AND t.{keys[0]} IS NULL)"
    engine.lend(LENT, given)
    try:
        found = engine.query(
            f"SELECT {columns}, {', '.join(carried)}, {lost} AS lost, s.moved FROM {LENT} AS s LEFT JOIN {rows} AS t ON {on}"
        )
        table = pa.Table.from_batches(list(found.batches))
    finally:
        engine.take_back(LENT)
    if table.num_rows != given.num_rows:
        raise InternalError(f"table {rows} has a key more than once")
    lost_rows, moved = table.column("lost").to_pylist(), table.column("moved").to_pylist()
    kept = table.filter(pa.array([not one for one in lost_rows])).drop_columns(["lost", "moved"])
    return kept, not any(a and b for a, b in zip(lost_rows, moved, strict=True))
