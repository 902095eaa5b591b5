"""An engine as the rooms above it see it: sessions that run the engine's own SQL and hand out Arrow batches."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from boathouse.contracts.answers import Field, Rows
from boathouse.contracts.errors import BoathouseError, Remedy
from boathouse.contracts.past.history import History
from boathouse.contracts.past.snapshots import Snapshots
from boathouse.contracts.relations import StorageKeys

BATCH_ROWS = 32_768
"""Rows in one Arrow batch of a result: large enough to amortise a batch's cost, a few MB at ten columns."""


@dataclass(frozen=True, slots=True)
class Operator:
    """One operator of the engine's plan, and what it did.

    Attributes:
        name: the engine's word, as `HASH_JOIN`.
        parent: the place in the list of the operator that takes its rows; None for the root. Parents come first.
        table: what it scans or changes; empty elsewhere.
        detail: its conditions, expressions and the like, as ((what, text), …).
        rows_expected: what the planner thought; None where it said nothing.
        rows, bytes: given on.
        rows_read: from storage, before any filter; 0 for all but scans.
        seconds: of processor time, over all threads.
    """

    name: str
    parent: int | None
    table: str
    detail: tuple[tuple[str, str], ...]
    rows_expected: int | None
    rows: int
    bytes: int
    rows_read: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Profiled:
    """A statement of the engine's that has run to its end.

    Attributes:
        spilled_bytes: the most that its intermediate results took of the disk.
        memory_bytes: the most that they took of the memory.
    """

    operators: tuple[Operator, ...]
    spilled_bytes: int
    memory_bytes: int


Profile = Callable[[], Profiled]
"""Worked out when somebody asks: it costs more than taking it."""
Profiler = Callable[[Profile], None]
"""Told once, when a statement has run to its end; of one that failed or was given up, never."""


@dataclass(frozen=True, slots=True)
class Stored:
    """What the engine's tables can do, where the ways of storing them differ.

    Attributes:
        number_function: gives the next number of an identity column, by the name of its sequence.
        types_refused: the engine's types that a column cannot have, as the values would come back changed.
        collations: a column may be compared without regard to case.
        rows_in_order: the numbers of rows (`rowid`) tell the rows of an open transaction apart, and grow as rows are added.
        computed_defaults: ALTER TABLE ADD COLUMN takes any default.
        gathers_files: VACUUM makes few files of many small ones, and rows are stored in the order of a sort key.
        enforces_keys: two transactions cannot both add a row of one primary key.
        merges_deletes: one MERGE may change some of the rows that match and delete others.
    """

    number_function: str = "nextval"
    types_refused: frozenset[str] = frozenset()
    collations: bool = True
    rows_in_order: bool = True
    computed_defaults: bool = True
    enforces_keys: bool = True
    merges_deletes: bool = True
    gathers_files: bool = False


class EngineSession(Protocol):
    """One connection to the engine: its own transaction, temporary tables and settings. One thread at a time,
    but for `interrupt`.

    Every error is a `BoathouseError` in Redshift's words; the engine's own text never leaves this protocol.
    """

    @property
    def stored(self) -> Stored:
        """What the warehouse's tables can do."""
        ...

    @property
    def in_transaction(self) -> bool:
        """True between `begin` and `commit` or `rollback`."""
        ...

    def begin(self) -> None: ...

    def defining(self) -> None:
        """The open transaction has changed definitions that are rows (users, grants, functions): say so to other servers."""
        ...

    def changed_beside(self, tables: Collection[tuple[str, str]]) -> bool:
        """True where rows of one may have been committed on a shared warehouse since the open transaction began."""

    def commit(self) -> None: ...

    def rollback(self) -> None: ...

    def execute(self, sql: str, parameters: Sequence[object] = (), profiler: Profiler | None = None) -> int:
        """Run one statement to its end; returns the number of rows it changed (0 for DDL)."""
        ...

    def query(
        self,
        sql: str,
        parameters: Sequence[object] = (),
        fields: tuple[Field, ...] | None = None,
        profiler: Profiler | None = None,
    ) -> Rows:
        """Start one query; batches are computed as they are pulled.

        Args:
            fields: names and types that the binder found; None takes the engine's own. Batches are cast to them.
            profiler: wants to know what its operators did.
        """
        ...

    def fetch(self, sql: str, parameters: Sequence[object] = ()) -> list[tuple[object, ...]]:
        """Run one small query and return all rows as Python values; for catalogs and bookkeeping."""
        ...

    def describe(self, sql: str) -> tuple[Field, ...]:
        """The columns of a query without running it."""
        ...

    def lend(self, name: str, table: Any) -> None:
        """Let this session's SQL read an Arrow table, or whatever has Arrow's stream interface, under a name until
        `take_back`; nothing is copied. Inside a transaction it is held until that ends."""
        ...

    def take_back(self, name: str) -> None:
        """End a `lend`."""
        ...

    def interrupt(self) -> None:
        """Cancel what runs now, from any thread; the runner gets QueryCanceled."""
        ...

    def sibling(self) -> EngineSession:
        """A further session on the same data with a transaction of its own; the caller closes it."""
        ...

    def close(self) -> None:
        """Roll back what is open and free the session; harmless when repeated."""
        ...


ALONE = "reads alone"
"""Key of a scan node's meta under which its `Access` lies, where the engine reads the scan by itself, anywhere."""


@dataclass(frozen=True, slots=True)
class Access:
    """What an engine needs to read some files.

    Attributes:
        secrets: for each place what stands in CREATE SECRET's parentheses. Holds keys: never log it.
        settings: names and SQL of the engine's settings by which it reads them.
        is_anywhere: other hosts read the same: all lie in object storage. keys: for a program that is no engine of ours.
    """

    secrets: tuple[str, ...] = ()
    settings: tuple[tuple[str, str], ...] = ()
    is_anywhere: bool = False
    keys: StorageKeys | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """One query in the engine's SQL.

    Attributes:
        before: what sets the session's time zone and the variables that it reads.
        access: to its files.
    """

    sql: str
    parameters: tuple[object, ...]
    before: tuple[str, ...]
    access: Access


@dataclass(frozen=True, slots=True)
class BurstLimits:
    """What one process may have.

    Attributes:
        memory_limit: as `4GB`; empty for an eighth of the machine's.
        threads: 0 for one per processor.
        idle_seconds: for which it waits for more.
        elsewhere: for each other host the command that starts one there.
    """

    memory_limit: str = ""
    threads: int = 0
    idle_seconds: float = 60.0
    elsewhere: tuple[tuple[str, ...], ...] = ()


class Burst(Protocol):
    """One query in a process of its own. One thread at a time, but for `interrupt`.

    Attributes:
        worker: which process it is; no other one of this home has or had that number. 0 before `start`.
        refusal: why `start` gave no rows, where the process said so.
    """

    @property
    def worker(self) -> int: ...

    @property
    def refusal(self) -> BoathouseError | None: ...

    def start(self, request: Any, fields: tuple[Field, ...] | None) -> Rows | None:
        """Its rows, of which the first are there; None where the house has to run it.

        Raises:
            QueryCanceled: by `interrupt`. Whatever the query fails with there as here.
        """

    def interrupt(self) -> None:
        """Cancel it, from any thread; the runner gets QueryCanceled within about a second."""

    def detach(self) -> None:
        """Let its process go: what is left of the rows moves here, beyond a few batches to a file."""

    def close(self) -> None:
        """Give up what is left of it; harmless when repeated."""


class Bursts(Protocol):
    """The processes of a house."""

    def open(self) -> Burst:
        """A place for one query; nothing is started yet."""

    def at_hand(self, requests: Sequence[Any], bursting: int) -> list[bool]:
        """For which requests a process is ready, beside those for the queries that burst now; for others one is started."""

    def keep(self, ready: int) -> None:
        """Let so many processes of this machine be there at all times, though nothing asks for them."""

    def configure(self, limits: BurstLimits) -> None:
        """Limits for processes that start from now on; those that wait are ended."""

    def close(self) -> None:
        """End all processes."""


class WorkerLost(BoathouseError):
    """The process that a query burst to has ended in the middle of its rows."""

    sqlstate = "58000"
    remedy: Remedy = "retry"
    hint = "Run the query again."


class Engine(Protocol):
    """Opens sessions; `history` is None where no commit but the newest is kept."""

    @property
    def snapshots(self) -> Snapshots: ...

    @property
    def history(self) -> History | None: ...

    def session(self) -> EngineSession: ...

    def provide(self, name: str, answer: Callable[[str], str]) -> None:
        """Let the engine's SQL call `name(text)`, a text function that is asked anew at every call, from any thread."""

    def provide_columns(self, name: str, returns: str, answer: Callable[..., Any], *, is_volatile: bool) -> None:
        """Let the engine's SQL call `name(…)` with any arguments: Arrow arrays of some rows, from any thread, NULLs
        included; the answer is one array of the engine's type `returns`. BoathouseErrors reach the statement's user.

        Args:
            is_volatile: each row is computed, even where the arguments are the same.
        """

    @property
    def is_shared(self) -> bool:
        """Whether other servers may have the same warehouse at the same time."""

    def watch(self, changed: Callable[[bool], None]) -> None:
        """Name whom to tell of commits to a shared warehouse, this server's own among them; with True of those after which
        definitions may be others. Nobody is told where the warehouse is this server's own."""

    def look(self) -> None:
        """Learn what other servers have committed; when it returns, what `watch` named has been told of all of it.

        Raises:
            WarehouseUnavailable.
        """

    def leads(self) -> bool:
        """Whether this server is the one that does what only one of those with this warehouse may do."""

    def starting(self) -> AbstractContextManager[None]:
        """Around what a server does to the warehouse when it opens: no other one opens it meanwhile."""
        ...

    def settling(self, *, alone: bool) -> AbstractContextManager[None]:
        """Around a commit: on all servers of the warehouse, those that are not alone are together."""

    def bursts(self, limits: BurstLimits, told: Callable[[], None]) -> Bursts:
        """Further processes for queries that read nothing but files; `told` is called, in any thread, when one that was started
        has become ready, or does not.
        """

    def load_extension(self, name: str) -> None:
        """Let the engine read a further kind of table (`delta`, `iceberg`) or place (`httpfs`: s3://); harmless when repeated.

        Raises FeatureNotSupported: it is not installed.
        """
        ...

    def close(self) -> None: ...
