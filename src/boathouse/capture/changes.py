"""What a source tells and an output takes: typed Arrow batches of changed rows, and what stands between them in the log.

Handed by `capture.source.Source` to the window, and by the window to an output. A log is a sequence of items:

* `ChangeBatch`: rows of one table, of one or more transactions, in log order;
* `Truncated`: a table was emptied; `SchemaChanged`: a table's shape is another from here on;
* `TableFailed`: changes of a table cannot be told; `Rearranged`: it has got or lost rows of which the log tells none;
* `Mark`: a watermark of ours was met; it stands between transactions;
* `Reached`: every transaction up to here has been told whole. Only here may an output commit and a source be told that
  it may forget. Between two of them stand whole transactions; a large one may need many batches.

Several tables' batches stand between two `Reached` in any order, for their rows say where they belong: a row's place is
(its transaction's position, its ordinal in the transaction). Rows of one table never overtake each other, nor a
`Truncated`, a `SchemaChanged` or a `Mark`: what was before them in the log was told before them.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Protocol, TypeAlias

import pyarrow as pa

from boathouse.contracts.types import SqlType, arrow_type

INSERT, UPDATE, DELETE, READ, MOVED = 1, 2, 3, 4, 5
"""Operations. READ is a row of a dump. A change of a row's key is two rows: DELETE of the old key and, next to it in the
same batch, MOVED with the new one; columns that MOVED leaves unchanged are those that the old key's row had."""


class Position(Protocol):
    """A place in a source's log: opaque, comparable with those of the same source, and kept as its `str`.

    It is never a bare number: a vector of GTIDs is one. `Source.position` reads it back from text. `a <= b` says that
    all that `a` covers is covered by `b`; `<=` of positions that a stream has told, one after the other, is always true.
    """

    def __le__(self, other: Any, /) -> bool: ...

    def __str__(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Column:
    """A captured column.

    Attributes:
        type: what it is in the warehouse; batches hold `contracts.types.arrow_type` of it.
        source_type: as the source writes it, for messages and for the fingerprint.
        nullable: False where the source declares it NOT NULL; a column of a key always is.
    """

    name: str
    type: SqlType
    source_type: str
    nullable: bool = True


@dataclass(frozen=True, slots=True)
class TableSchema:
    """A captured table's shape, valid from some place in the log until it changes.

    Attributes:
        schema, name: at the source. MySQL's database is the schema.
        columns: in the order of every batch.
        key: indexes into `columns` of what tells its rows apart, in key order; never empty.
    """

    schema: str
    name: str
    columns: tuple[Column, ...]
    key: tuple[int, ...]

    @property
    def path(self) -> TablePath:
        """Its name; what tables are told apart by."""
        return (self.schema, self.name)

    @property
    def arrow(self) -> pa.Schema:
        """The schema of `ChangeBatch.rows`."""
        return pa.schema([pa.field(column.name, arrow_type(column.type)) for column in self.columns])

    @property
    def fingerprint(self) -> str:
        """Equal for equal shapes: a chunk that was read under another one than the log has must be read again."""
        columns = ",".join(f"{column.name} {column.source_type}" for column in self.columns)
        return f"{self.schema}.{self.name}({columns}) key {','.join(map(str, self.key))}"


TablePath: TypeAlias = tuple[str, str]
"""(schema, table) at the source."""
Key: TypeAlias = tuple[object, ...]
"""A row's key as Python values of the canonical Arrow types; equal whether it was read by chunk or from the log."""


@dataclass(slots=True, unsafe_hash=True)
class Transaction:
    """A committed transaction at the source. Never changed; not frozen, as that makes each dearer.

    Attributes:
        position: of its commit; ordered like the transactions. Where a stream goes on after it, `Reached` says.
        xid: the number by which a chunk's `Visibility` knows it; 0 where the source has none.
        committed_us: microseconds since 1970 UTC, by the source's clock.
    """

    position: Position
    xid: int
    committed_us: int


_NOTHING: frozenset[int] = frozenset()


@dataclass(frozen=True)
class ChangeBatch:
    """Changed rows of one table in log order; all arrays have one entry a row.

    Attributes:
        schema: the shape that was valid when they changed.
        rows: the state after the change, `schema.arrow`; of a DELETE only the key's columns mean anything.
        ops: int8, see above.
        transactions: those that the rows are of, in commit order; none of READ rows.
        transaction: int32, indexes into `transactions`; null for READ rows, and for the DELETE of a key that a dump of
            single keys did not find.
        ordinals: int64, the change's number in its transaction, from 0, ascending; they may have gaps.
        patterns: sets of column indexes that a change left as they were without telling their values (PostgreSQL's
            unchanged TOAST, MySQL's partial images). Entry 0 is the empty set. Their value in `rows` is null and means
            nothing: it is never to be written.
        pattern: int32, indexes into `patterns`; None stands for all 0.
    """

    schema: TableSchema
    rows: pa.RecordBatch
    ops: pa.Array
    transactions: tuple[Transaction, ...]
    transaction: pa.Array
    ordinals: pa.Array
    patterns: tuple[frozenset[int], ...] = field(default=(_NOTHING,))
    pattern: pa.Array | None = None

    def __len__(self) -> int:
        return int(self.rows.num_rows)

    def keys(self) -> list[Key]:
        """Each row's key."""
        return keys_of(self.schema, self.rows)

    def cut(self, begin: int, rows: int) -> ChangeBatch:
        """Some of the rows, one behind the other."""
        pattern = None if self.pattern is None else self.pattern.slice(begin, rows)
        return replace(
            self,
            rows=self.rows.slice(begin, rows),
            ops=self.ops.slice(begin, rows),
            transaction=self.transaction.slice(begin, rows),
            ordinals=self.ordinals.slice(begin, rows),
            pattern=pattern,
        )


def keys_of(schema: TableSchema, rows: pa.RecordBatch) -> list[Key]:
    """The keys of rows, as Python values."""
    return list(zip(*(rows.column(index).to_pylist() for index in schema.key), strict=True))


@dataclass(frozen=True, slots=True)
class Truncated:
    """All rows of a table went at once."""

    path: TablePath
    transaction: Transaction


@dataclass(frozen=True, slots=True)
class SchemaChanged:
    """From here on the table's batches have this shape; also told before a table's first batch of a stream."""

    schema: TableSchema


@dataclass(frozen=True, slots=True)
class TableFailed:
    """The log has changes of a table that cannot be told: none of it are worth anything until it has been dumped anew.

    Told again where more of the kind come.

    Attributes:
        reason: one sentence with the table's name, and no value.
        xids: the numbers of the transactions that they are of, as `Transaction.xid`.
    """

    path: TablePath
    reason: str
    xids: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Rearranged:
    """A table's rows lie elsewhere than before, as partitions come and go: all that the log tells of it before was before that.

    Attributes:
        layout: for the source, to know it by when it reads the log again; kept with the position.
        dump: rows came or went so: the table must be dumped again.
    """

    path: TablePath
    layout: str
    dump: bool


@dataclass(frozen=True, slots=True)
class Mark:
    """A watermark that `Source.mark` wrote; those of other runs may be met too, and are told like any."""

    token: str


@dataclass(frozen=True, slots=True)
class Reached:
    """Everything before `position` has been told. Also told, at least every second, while nothing happens: `position`
    may then be ahead of the last transaction, so that an idle table holds back no log.
    """

    position: Position


LogItem: TypeAlias = ChangeBatch | Truncated | SchemaChanged | TableFailed | Rearranged | Mark | Reached


class Visibility(Protocol):
    """Which transactions a read saw."""

    def sees(self, xid: int) -> bool:
        """True where the transaction of that number was visible."""
        ...


@dataclass(frozen=True, slots=True)
class SeesAll:
    """For sources whose log has a transaction exactly when reads see it: all that stands before a chunk was seen."""

    def sees(self, xid: int) -> bool:
        """True."""
        return True


@dataclass(frozen=True)
class Chunk:
    """Rows that were read from a table, at one moment.

    Attributes:
        schema: the table's shape at that moment.
        rows: `schema.arrow`, in the source's own order of the key.
        visibility: what that moment saw, found under the same snapshot.
        after: where the next chunk begins, as `Source.read_chunk` takes it; None where this one was the last.
        absent: keys that were asked for and had no row, `schema.arrow` with nulls in all other columns; None: none were.
    """

    schema: TableSchema
    rows: pa.RecordBatch
    visibility: Visibility
    after: tuple[str, ...] | None
    absent: pa.RecordBatch | None = None
