"""What a dump has found of a table that had rows when it began: what it has not found at its end is no more at the source.

Received from the warehouse's writer within its transaction: keys of chunks, and of rows that the log has inserted since the
dump began. Kept in a table for each dump, of the key's own types. Handed on at the end: deletes of the rows that are in the
table and not among them, to go the way of all changes.

Rows that were changed need no note of their own: they were found by a chunk, or inserted since, or are gone.
"""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from boathouse.capture.changes import DELETE, ChangeBatch, TableSchema
from boathouse.capture.outputs.complete import LENT
from boathouse.contracts.engine import EngineSession
from boathouse.sql.redshift.types import quoted

_PREFIX = "capture_found_"
_ROWS_MAX = 50_000


def has_rows(engine: EngineSession, place: str, keeps_history: bool) -> bool:
    """True where a table has rows that could have gone at the source."""
    return bool(engine.fetch(f"SELECT 1 FROM {_rows(place, keeps_history)} LIMIT 1"))


def add(engine: EngineSession, dump: int, place: str, schema: TableSchema, rows: pa.RecordBatch) -> None:
    """Note keys, in the open transaction.

    Args:
        place: the table that the rows are in.
    """
    keys = _keys(schema)
    engine.execute(f"CREATE TABLE IF NOT EXISTS {_table(dump)} AS SELECT {', '.join(keys)} FROM {place} LIMIT 0")
    given = pa.Table.from_batches([rows.select(list(schema.key))]).rename_columns([f"k{i}" for i in range(len(keys))])
    engine.lend(LENT, given)
    try:
        engine.execute(f"INSERT INTO {_table(dump)} SELECT {', '.join(given.column_names)} FROM {LENT}")
    finally:
        engine.take_back(LENT)


def ghosts(
    engine: EngineSession, dump: int, place: str, schema: TableSchema, keeps_history: bool
) -> ChangeBatch | None:
    """Deletes of rows that were not found, as many as a batch takes; None where there are none."""
    keys = _keys(schema)
    engine.execute(f"CREATE TABLE IF NOT EXISTS {_table(dump)} AS SELECT {', '.join(keys)} FROM {place} LIMIT 0")
    same = " AND ".join(f"f.{key} = t.{key}" for key in keys)
    given = engine.query(
        f"SELECT DISTINCT {', '.join(f't.{key}' for key in keys)} FROM {_rows(place, keeps_history)} AS t "
        f"WHERE {' AND '.join(f't.{key} IS NOT NULL' for key in keys)} "
        f"AND NOT EXISTS (SELECT 1 FROM {_table(dump)} AS f WHERE {same}) LIMIT {_ROWS_MAX}"
    )
    batches = [batch for batch in given.batches if batch.num_rows]
    if not batches:
        return None
    table = pa.Table.from_batches(batches)
    return deletes(schema, [column.combine_chunks() for column in table.columns])


def deletes(schema: TableSchema, keys: Sequence[pa.Array]) -> ChangeBatch:
    """Deletes of rows with these keys, a column each, that no change of the source stands for."""
    count, arrow = len(keys[0]), schema.arrow
    columns = [
        pc.cast(keys[schema.key.index(index)], field.type) if index in schema.key else pa.nulls(count, field.type)
        for index, field in enumerate(arrow)
    ]
    return ChangeBatch(
        schema,
        pa.RecordBatch.from_arrays(columns, schema=arrow),
        pa.array([DELETE] * count, pa.int8()),
        (),
        pa.nulls(count, pa.int32()),
        pa.array(range(count), pa.int64()),
    )


def tidy(engine: EngineSession) -> None:
    """Forget what dumps have found that have ended otherwise."""
    for (name,) in engine.fetch(
        "SELECT table_name FROM memory.rs.stored_tables() WHERE database_name = current_database() AND schema_name = 'boathouse' "
        f"AND starts_with(table_name, '{_PREFIX}') AND split_part(table_name, '_', 3)::BIGINT NOT IN (SELECT number FROM "
        "boathouse.capture_dumps JOIN boathouse.capture_integrations USING (id) WHERE NOT done)"
    ):
        engine.execute(f"DROP TABLE IF EXISTS boathouse.{quoted(str(name))}")


def forget(engine: EngineSession, dump: int) -> None:
    """Forget what a dump has found."""
    engine.execute(f"DROP TABLE IF EXISTS {_table(dump)}")


def _table(dump: int) -> str:
    return f"boathouse.{_PREFIX}{dump}"


def _keys(schema: TableSchema) -> Sequence[str]:
    return [quoted(schema.columns[index].name.lower()) for index in schema.key]


def _rows(place: str, keeps_history: bool) -> str:
    return f"(SELECT * FROM {place} WHERE _record_is_active)" if keeps_history else place
