"""Where captured changes go: one transaction holds rows, position, dump progress and the writer's epoch, or nothing.

Called by `capture.run`: `open` once, `make` for each table, then `transact` again and again. The output is the authority
on where the capture stands: what `open` says is where the source's stream is started.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

import pyarrow as pa

from boathouse.capture.changes import ChangeBatch, TablePath, TableSchema, Transaction
from boathouse.capture.source import Lag
from boathouse.capture.window import Closed

OnFailure = Literal["block", "park", "drop"]
Option = int | float | bool | str


@dataclass(frozen=True, slots=True)
class Declared:
    """An output as its user declared it.

    Attributes:
        place: where it leads; its scheme says which kind it is of, and a folder of the lake has none.
        format: the word of a format; empty for the kind's own.
        on_failure: what becomes of the integration while the place cannot be written: it waits; the changes wait in the
            house while everything else goes on; or the output is given up.
        secret: the name of the secret that opens it; empty for none.
        options: (name, value) as written.
    """

    name: str
    place: str
    format: str
    on_failure: OnFailure
    secret: str = ""
    options: tuple[tuple[str, Option], ...] = ()


@dataclass(frozen=True, slots=True)
class OutputState:
    """How far an output is.

    Attributes:
        sequence, number: the last place that it has, see `capture.formats.formatter.Place`; a number of -1 stands before the
            entry's first change.
        position: the source's place that it began at; None where it has not.
        state: new, running, blocked, parked or dropped.
        behind: bytes that wait for it.
    """

    sequence: int = 0
    position: str | None = None
    state: str = "running"
    message: str = ""
    behind: int = 0
    number: int = -1


@dataclass(frozen=True, slots=True)
class SchemaVersion:
    """A shape that a table has from some place in the log on.

    Attributes:
        number: from 1, for each table.
        position: the first transaction with it; None where a dump met it first.
    """

    schema: TableSchema
    number: int
    position: str | None


@dataclass(frozen=True, slots=True)
class Progress:
    """What becomes durable together with the rows.

    Attributes:
        position: the text of the place behind the last whole transaction.
        unsettled: numbers of transactions that have been emitted and that new reads of the source may not see yet; see
            `capture.window`.
        dump: (the dump's number, where its next chunk begins as `Chunk.after`, rows handed on since the last commit); None
            where no chunk was closed. Where the next chunk begins is None when the dump is complete.
        redump: tables that must be dumped (again): they lack something that the log does not tell.
        failed: tables that are set aside until somebody lets them be dumped again, and why.
        layouts: what the source is to know tables by, see `capture.changes.Rearranged`.
        outputs: how far outputs that begin now are, by name.
        journal: the number of the last entry of the journal; 0 where there is none.
        schemas: shapes of tables that rows were met with for the first time.
        lag: None where nobody has looked since the last time.
    """

    position: str
    unsettled: tuple[int, ...] = ()
    dump: tuple[int, tuple[str, ...] | None, int] | None = None
    redump: frozenset[TablePath] = frozenset()
    failed: Mapping[TablePath, str] = field(default_factory=dict)
    layouts: Mapping[TablePath, str] = field(default_factory=dict)
    outputs: Mapping[str, OutputState] = field(default_factory=dict)
    journal: int = 0
    schemas: tuple[SchemaVersion, ...] = ()
    lag: Lag | None = None


@dataclass
class Taken:
    """What one transaction of the output has taken."""

    rows: int = 0
    closed: Closed | None = None
    redump: set[TablePath] = field(default_factory=set)
    layouts: dict[TablePath, str] = field(default_factory=dict)
    failed: dict[TablePath, str] = field(default_factory=dict)


class Writer(Protocol):
    """An open transaction of an output."""

    def write(self, batch: ChangeBatch) -> bool:
        """Apply rows, after those written before.

        Returns:
            False where a row could not be completed, as the row that its unchanged values are of has not been dumped yet:
            the table must be dumped again.
        """
        ...

    def truncate(self, path: TablePath, transaction: Transaction | None = None) -> None:
        """Empty a table, as a transaction of the source did; None: because it is going to be dumped anew."""
        ...

    def found(self, dump: int, schema: TableSchema, rows: pa.RecordBatch) -> None:
        """These rows are at the source, as a dump that sweeps or the log since its beginning says."""
        ...

    def ghosts(self, dump: int, schema: TableSchema) -> ChangeBatch | None:
        """Deletes of rows that the table has and nothing has found since the dump began, some of them; None: no more."""
        ...

    def shape(self, schema: TableSchema) -> bool:
        """The table's rows have this shape from now on. The destination follows after the transaction, and lets the table
        be dumped again where a column came, for the log does not tell what older rows have there. True where older rows
        may be wrong without that: columns have changed places, and may have traded their names.
        """
        ...


class Output(Protocol):
    """Where one capture goes."""

    @property
    def is_new(self) -> bool:
        """True where a part of it has nothing yet: everything must be dumped."""
        ...

    @property
    def knows_rows(self) -> bool:
        """True where the end of a dump can find what is too much; else a table is emptied before it is dumped for that."""
        ...

    def open(self) -> Progress | None:
        """Take over: every earlier writer's commits fail from now on. Returns what is durable; None: nothing yet."""
        ...

    def make(self, schema: TableSchema) -> bool:
        """Make the destination's table where it is missing; True where it was."""
        ...

    def capture(self, paths: list[TablePath]) -> None:
        """Store that these tables are captured: nobody else is to change them."""
        ...

    def sweep(self, dump: int, path: TablePath) -> bool:
        """A dump of a whole table is about to begin: True where the table has rows by now, so that those which the dump
        does not find must go when it ends. `Writer.found` is told what it finds, until `swept`.
        """
        ...

    def swept(self, dump: int) -> None:
        """Forget what a dump has found."""
        ...

    def close(self) -> None:
        """Nothing more comes."""
        ...

    def transact(self, work: Callable[[Writer], Progress]) -> None:
        """Do work in one transaction and make it durable with the progress that it returns.

        Raises:
            Fenced: a later writer has taken over. Any error: nothing of it is durable, or, where the commit itself
            failed, maybe all of it: `open` again says which.
        """
        ...
