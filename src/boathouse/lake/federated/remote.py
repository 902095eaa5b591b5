"""What a table of another database is to us: its columns there and here, and how values travel between.

Made by `postgres.describe` and `mysql.describe`; carried by the relation (`Relation.live`) from the binder to the scan.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import pyarrow as pa

from boathouse.contracts.errors import RemoteDatabaseError
from boathouse.contracts.relations import Column, Relation
from boathouse.contracts.types import SqlType
from boathouse.lake.federated.schemas import FederatedSchema
from boathouse.lake.scans.values import quoted

TEXT_BYTES = 65_535
"""The longest varchar; longer texts of the other database arrive whole all the same."""

BLOCKS_MIN = 8192
"""Of a table that is read in parts: 64 MB; with fewer, what further connections cost is not worth while."""

Family = Literal["integer", "numeric", "double", "text", "boolean", "date", "timestamp", "timestamptz", "other"]
"""What a column may be compared with over there with the same result as here; `other`: nothing."""


@dataclass(frozen=True, slots=True)
class RemoteColumn:
    """A column of a remote table.

    Attributes:
        name, type: as our queries see it.
        remote: its quoted name over there.
        sent: SQL over there that makes the value travel; `{}` is the column.
        arrives: the Arrow type in which it arrives; the scan casts it to the engine's type of `type`.
        compared: SQL over there that compares as our value does; `{}` is the column.
        collation: by which its texts compare there, where texts of two collations do not.
        sorts: texts that differ anywhere are sorted, grouped and counted apart there.
    """

    name: str
    type: SqlType
    remote: str
    family: Family
    arrives: pa.DataType
    sent: str = "{}"
    compared: str = "{}"
    nullable: bool = True
    collation: str = ""
    sorts: bool = True


@dataclass(frozen=True, slots=True)
class RemoteTable:
    """A table or view of another database.

    Attributes:
        remote: its quoted, qualified name over there.
        blocks: it may be read in parts by the blocks that its rows lie in, of which it has so many; 0: it may not.
    """

    schema: FederatedSchema
    remote: str
    columns: tuple[RemoteColumn, ...]
    blocks: int = 0

    def column(self, name: str) -> RemoteColumn:
        """The column of that name of ours."""
        return next(one for one in self.columns if one.name == name)

    def relation(self, name: str) -> Relation:
        """The table as the binder sees it."""
        columns = tuple(Column(one.name, one.type, nullable=one.nullable) for one in self.columns)
        engine_name = f"{quoted(self.schema.name)}.{quoted(name)}"
        return Relation(self.schema.name, name, "external", columns, engine_name, live=self)


class Reading(Protocol):
    """A query that runs over there: batches as they come, `cancel` from any thread, `close` when done or given up."""

    def batches(self) -> Iterator[pa.RecordBatch]: ...

    def cancel(self) -> None: ...

    def close(self) -> None: ...


class Moment(Protocol):
    """One snapshot of a source, taken when the first of its readings begins; `close` when the statement has ended."""

    def reading(self, schema: FederatedSchema, text: str) -> Reading: ...

    def close(self) -> None: ...


def rows_of_one(schema: FederatedSchema, name: str, rows: list[tuple[Any, ...]], place: int) -> list[tuple[Any, ...]]:
    """The rows that describe one table, of all whose names are `name` but for their case; an exact name comes first.

    Args:
        place: of the table's name in each row.

    Raises:
        RemoteDatabaseError: several tables have the name in other cases, none exactly.
    """
    first = [row for row in rows if row[place] == rows[0][place]]
    if len(first) < len(rows) and first[0][place] != name:
        raise RemoteDatabaseError(f'several tables of "{schema.name}" are called "{name}" but for their case')
    return first
