"""ANALYZE COMPRESSION: how much smaller each column of a table would be, measured on a sample of its rows.

Receives the node; hands back a row per column. The rows are read as any query's and pressed with Zstandard, Redshift's
ZSTD, in a few large blocks as its columns are; the engine stores columns its own way, whatever the report says.

Source: Redshift Developer Guide, "ANALYZE COMPRESSION" (r_ANALYZE_COMPRESSION).
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import cast

import pyarrow as pa

from boathouse.contracts.answers import Answer, Field, Rows
from boathouse.contracts.errors import FeatureNotSupported, UndefinedColumn, UndefinedTable
from boathouse.contracts.house import House
from boathouse.contracts.relations import Relation
from boathouse.contracts.session import Session
from boathouse.contracts.types import arrow_type, numeric, varchar
from boathouse.query.session import QuerySession
from boathouse.sql import statements as s
from boathouse.sql.redshift.types import quoted

ROWS = 100_000
"""Sampled where COMPROWS names no number, as on Redshift."""
FIELDS = (
    Field("Table", varchar(128)),
    Field("Column", varchar(128)),
    Field("Encoding", varchar(32)),
    Field("Est_reduction_pct", numeric(5, 2)),
)


def analyze_compression(house: House, session: Session, statement: s.AnalyzeCompression) -> Answer:
    """Measure each column.

    Raises:
        UndefinedTable, UndefinedColumn: what there is not. FeatureNotSupported: no table of the engine.
    """
    mine = cast(QuerySession, session)
    relation = mine.catalog.relation(statement.name.schema, statement.name.name)
    if relation is None:
        raise UndefinedTable(f'relation "{statement.name}" does not exist')
    if relation.kind not in ("table", "temporary"):
        raise FeatureNotSupported(f'"{statement.name}" is not a table')
    unknown = next((name for name in statement.columns if name not in relation.by_name), None)
    if unknown is not None:
        raise UndefinedColumn(f'column "{unknown}" of relation "{relation.name}" does not exist')
    names = statement.columns or tuple(column.name for column in relation.columns)
    found = [_row(mine, relation, name, statement.rows or ROWS) for name in names]
    columns = [pa.array([row[place] for row in found], arrow_type(field.type)) for place, field in enumerate(FIELDS)]
    batch = pa.RecordBatch.from_arrays(columns, names=[field.name for field in FIELDS])
    return Rows(FIELDS, _one(batch), "ANALYZE COMPRESSION")


def _one(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    yield batch


def _row(session: QuerySession, relation: Relation, name: str, rows: int) -> tuple[str, str, str, Decimal]:
    where = f"{quoted(relation.schema)}.{quoted(relation.name)}" if relation.kind == "table" else quoted(relation.name)
    translated = session.translate(f"SELECT {quoted(name)} FROM {where} LIMIT {rows}")
    answer = session.engine.query(translated.sql, (), translated.fields)
    raw = pressed = 0
    for batch in answer.batches:
        for buffer in batch.column(0).buffers():
            if buffer is not None and buffer.size:
                raw += buffer.size
                pressed += len(pa.compress(buffer, codec="zstd", asbytes=True))
    saved = Decimal(100 * (raw - pressed)) / raw if raw > pressed else Decimal(0)
    leads = relation.by_name[name].sortkey == 1
    encoding = "raw" if leads or saved < 1 else "zstd"
    return relation.name, name, encoding, (Decimal(0) if encoding == "raw" else saved).quantize(Decimal("0.01"))
