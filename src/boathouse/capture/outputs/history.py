"""Tables that keep every version of a row: when it began and ended, by which operation, and where in the source's log.

Receives changes in the order of the log; a version that another one follows is ended, none is ever taken away. A row of a
dump is a new version only where it differs from the one that is there.

Names and meaning of the first three columns: Redshift Management Guide, "History mode" of zero-ETL integrations.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pyarrow as pa

from boathouse.capture.changes import DELETE, INSERT, MOVED, READ, UPDATE, ChangeBatch, Transaction
from boathouse.capture.outputs.compact import versions
from boathouse.capture.outputs.complete import LENT, complete
from boathouse.contracts.engine import EngineSession
from boathouse.sql.redshift.types import quoted

COLUMNS = (
    ("_record_is_active", "BOOLEAN"),
    ("_record_create_time", "TIMESTAMP"),
    ("_record_delete_time", "TIMESTAMP"),
    ("_record_operation", "VARCHAR(8)"),
    ("_record_position", "VARCHAR(65535)"),
    ("_record_ordinal", "BIGINT"),
    ("_record_end_operation", "VARCHAR(8)"),
    ("_record_end_position", "VARCHAR(65535)"),
)
_OPERATIONS = {INSERT: "insert", UPDATE: "update", DELETE: "delete", READ: "read", MOVED: "insert"}
"""A changed key ends one row's history by a delete and begins another's by an insert."""


def write(engine: EngineSession, place: str, batch: ChangeBatch, without: frozenset[str], now: datetime) -> bool:
    """Add the versions of a batch.

    Args:
        place: the table.
        without: columns that it does not have yet.
        now: when a dump's rows were read, about.

    Returns:
        See `Writer.write`.
    """
    schema = batch.schema
    names = [quoted(column.name.lower()) for column in schema.columns]
    keys = [names[index] for index in schema.key]
    there = [index for index, column in enumerate(schema.columns) if column.name.lower() not in without]
    found = versions(batch)
    given = pa.Table.from_arrays(
        [*found.rows.columns, *_told(batch, now)],
        names=[*(f"c{index}" for index in range(len(names))), "seq", "op", "logged", "ordinal", "happened"],
    )
    whole = True
    active = f"(SELECT * FROM {place} WHERE _record_is_active)"
    if found.missing:
        given, whole = complete(engine, active, names, keys, given, found)
    on = " AND ".join(f"t.{key} = s.c{index}" for key, index in zip(keys, schema.key, strict=True))
    same = " AND ".join(f"t.{names[index]} IS NOT DISTINCT FROM s.c{index}" for index in there)
    partition = ", ".join(f"c{index}" for index in schema.key)
    ordered = (
        "(SELECT *, row_number() OVER w AS place, lead(happened) OVER w AS end_happened, lead(op) OVER w AS end_op, "
        f"lead(logged) OVER w AS end_logged FROM {LENT} AS s "
        f"WHERE op <> 'read' OR NOT EXISTS (SELECT 1 FROM {active} AS t WHERE {on} AND {same}) "
        f"WINDOW w AS (PARTITION BY {partition} ORDER BY seq))"
    )
    ended = (
        f"UPDATE {place} AS t SET _record_is_active = false, _record_delete_time = s.happened, _record_end_operation = s.op, "
        f"_record_end_position = s.logged FROM {LENT} AS s WHERE s.place = 1 AND t._record_is_active AND {on}"
    )
    begun = (
        f"INSERT INTO {place} ({', '.join(names[index] for index in there)}, {', '.join(name for name, _ in COLUMNS)}) "
        f"SELECT {', '.join(f'c{index}' for index in there)}, end_op IS NULL, happened, end_happened, op, logged, "
        f"ordinal, end_op, end_logged FROM {LENT} WHERE op <> 'delete' ORDER BY seq"
    )
    with _lent(engine, given):
        batches = list(engine.query(f"FROM {ordered}").batches)
    if not batches:
        return whole
    chained = pa.Table.from_batches(batches)
    with _lent(engine, chained):
        engine.execute(ended)
        engine.execute(begun)
    return whole


@contextmanager
def _lent(engine: EngineSession, table: pa.Table) -> Iterator[None]:
    engine.lend(LENT, table)
    try:
        yield
    finally:
        engine.take_back(LENT)


def end_all(engine: EngineSession, place: str, transaction: Transaction | None, now: datetime) -> None:
    """Every row went at once; without a transaction, because the table is going to be dumped anew."""
    at = _naive(now) if transaction is None else datetime.fromtimestamp(transaction.committed_us / 1e6, tz=UTC)
    engine.execute(
        f"UPDATE {place} SET _record_is_active = false, _record_delete_time = $1, _record_end_operation = $2, "
        "_record_end_position = $3 WHERE _record_is_active",
        (_naive(at), "dump" if transaction is None else "truncate", transaction and str(transaction.position)),
    )


def _told(batch: ChangeBatch, now: datetime) -> list[pa.Array]:
    """For each change: its place in the batch, operation, position, ordinal, and when it was committed."""
    count = len(batch)
    positions = pa.array([str(one.position) for one in batch.transactions], pa.string())
    moments = pa.array([one.committed_us for one in batch.transactions], pa.int64())
    return [
        pa.array(range(count), pa.int64()),
        pa.array([_OPERATIONS[op] for op in batch.ops.to_pylist()], pa.string()),
        positions.take(batch.transaction),
        batch.ordinals if batch.transactions else pa.nulls(count, pa.int64()),
        moments.take(batch.transaction).cast(pa.timestamp("us")).fill_null(_naive(now)),
    ]


def _naive(moment: datetime) -> datetime:
    return moment.replace(tzinfo=None)
