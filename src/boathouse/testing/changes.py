"""Changes to try an output or a format with: of a table with a key, a text and a number."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import pyarrow as pa

from boathouse.capture.changes import DELETE, INSERT, READ, UPDATE, ChangeBatch, Column, TableSchema, Transaction
from boathouse.capture.formats.formatter import Changes, Place
from boathouse.contracts.types import SqlType, varchar

_OPERATIONS = {"insert": INSERT, "update": UPDATE, "delete": DELETE, "read": READ}
SCHEMA = TableSchema(
    "public",
    "some",
    (
        Column("id", SqlType("bigint"), "bigint", nullable=False),
        Column("note", varchar(65_535), "text"),
        Column("count", SqlType("integer"), "integer"),
    ),
    (0,),
)
"""The table's shape."""


def some_changes(entry: int, told: Sequence[tuple[str, int, str | None]], number: int = 0) -> Changes:
    """Changes of one entry.

    Args:
        told: (operation, key, note) each: `insert`, `update`, `delete`, `read`; one `truncate` alone empties the table.
        number: of the first.
    """
    path, noted = SCHEMA.path, datetime(2026, 1, 2, 3, 4, 5)
    transaction = Transaction(f"0/{entry:08X}", entry, 1_767_323_045_000_000 + entry)
    if told[0][0] == "truncate":
        return Changes("some", "some_1", path, 1, Place(entry, number), noted, None, transaction)
    rows = pa.RecordBatch.from_arrays(
        [
            pa.array([key for _, key, _ in told], pa.int64()),
            pa.array([note for _, _, note in told], pa.string()),
            pa.array([number + index for index in range(len(told))], pa.int32()),
        ],
        schema=SCHEMA.arrow,
    )
    dumped = [operation == "read" for operation, _, _ in told]
    batch = ChangeBatch(
        SCHEMA,
        rows,
        pa.array([_OPERATIONS[operation] for operation, _, _ in told], pa.int8()),
        (transaction,),
        pa.array([None if one else 0 for one in dumped], pa.int32()),
        pa.array([None if one else number + index for index, one in enumerate(dumped)], pa.int64()),
    )
    return Changes("some", "some_1", path, 1, Place(entry, number), noted, batch)
