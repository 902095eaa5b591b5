"""A session as a room's statement handler sees it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Protocol

from boathouse.contracts.answers import Field, Notice, Rows
from boathouse.contracts.engine import EngineSession, Request
from boathouse.contracts.relations import Catalog, Relation
from boathouse.contracts.users import User


@dataclass(frozen=True, slots=True)
class Translated:
    """A user's query in the engine's SQL.

    Attributes:
        sql: text for `EngineSession.query`; external tables are already scans.
        fields: the result's columns in Redshift's names and types.
        beside: what a process beside the house needs to run it; None where the house has to.
        elsewhere: starts it on a further engine, where it is to run there and can; gives None where it does not.
    """

    sql: str
    fields: tuple[Field, ...]
    beside: Request | None = field(default=None, repr=False)
    elsewhere: Callable[[], Rows | None] = field(default=lambda: None, repr=False, compare=False)


class Identity(Protocol):
    """A session's users.

    Attributes:
        login: who proved a password.
        session_user: who the session is since SET SESSION AUTHORIZATION.
        current: who acts now: the owner inside a procedure with its owner's rights.
    """

    @property
    def login(self) -> User: ...

    @property
    def session_user(self) -> User: ...

    @property
    def current(self) -> User: ...

    @property
    def is_acting(self) -> bool:
        """True between the ends of `acting`: a procedure runs with its owner's rights."""
        ...

    def authorize(self, user: User, *, local: bool = False) -> None:
        """SET SESSION AUTHORIZATION; LOCAL lasts until the transaction ends, and a rollback takes it back."""
        ...

    def acting(self, user: User) -> AbstractContextManager[None]:
        """Act as another user for a while."""
        ...


class Session(Protocol):
    """One client's session.

    Attributes:
        user, user_id: the current user's name (folded) and number; engine SQL reads the number as
            `getvariable('user_id')`.
        database: as authenticated. Folded.
        pid: the backend number that `pg_backend_pid()` and the cancel key show.
        engine: the engine session; its transaction is the client's. A handler runs inside a transaction that the
            journey has begun and will commit or roll back: it must not begin, commit or roll back itself.
    """

    @property
    def user(self) -> str: ...

    @property
    def user_id(self) -> int: ...

    @property
    def database(self) -> str: ...

    @property
    def pid(self) -> int: ...

    @property
    def identity(self) -> Identity:
        """Who the session is, and how it becomes somebody else."""
        ...

    @property
    def access_version(self) -> int | None:
        """The catalog version whose privileges bind this session; None where it has changed some itself."""
        ...

    @property
    def engine(self) -> EngineSession: ...

    @property
    def catalog(self) -> Catalog: ...

    @property
    def values(self) -> Sequence[object] | None:
        """The values of `$1`, `$2`, … of the query that interceptors see; None where they are not known."""
        ...

    @property
    def statement_number(self) -> int:
        """The number of the statement that runs, by which the system tables know it."""
        ...

    @property
    def transaction_number(self) -> int:
        """The number of its transaction."""
        ...

    @property
    def data_version(self) -> int | None:
        """The version of the committed data that this session sees; None where it may see something else."""
        ...

    def setting(self, name: str) -> str:
        """A session setting's value (`datestyle`, `timezone`, `search_path`, …); UndefinedObject if unknown."""
        ...

    def notify(self, notice: Notice) -> None:
        """Send a message beside the answer, now."""
        ...

    def check_cancelled(self) -> None:
        """Raise QueryCanceled if the client cancelled; long loops outside the engine call it often."""
        ...

    def publish(self) -> None:
        """Say that what the statement does shows from now on, whatever becomes of its transaction, in which it has written
        nothing. A cancel that comes later is too late; raises QueryCanceled where one came before.
        """
        ...

    def translate(self, query: str) -> Translated:
        """A SELECT in Redshift's SQL, checked and turned into the engine's; for UNLOAD and its like."""
        ...

    def rows(self, translated: Translated, sql: str, *, at_home: bool = False) -> Rows:
        """The rows of a translated query, or of `sql` around it: from beside the house where the statement bursts.

        Args:
            at_home: here in any case, for which it may have to wait for a slot.

        Raises:
            WorkerLost: while they are pulled, its process has ended.
        """
        ...

    def at_end(self, then: Callable[[bool], None]) -> None:
        """Call `then` once when this transaction has ended: with True where it was committed. It must not raise."""

        ...

    def until_end(self, then: Callable[[], None]) -> None:
        """Call `then` once when the statement that runs has ended, with its last row, or is planned anew. It must not raise."""
        ...

    def require_no_block(self, what: str) -> None:
        """Raise ActiveTransaction inside BEGIN … END: `what` cannot be taken back."""
        ...

    def relation_changed(self, relation: Relation) -> None:
        """Say that this transaction changed a table's rows, so that materialized views over it count as stale."""
        ...

    def catalog_changed(self, names: Collection[str] | None = None) -> None:
        """Say that this transaction changed the catalog (DDL, external tables, privileges), so that cached plans go stale.

        Args:
            names: the relations, of whatever schema, that alone are not what they were; none for privileges. Without them,
                no relation and no schema is taken to be what it was.
        """
        ...
