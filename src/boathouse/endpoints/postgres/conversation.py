"""What the endpoint asks of the query layer: a service that opens sessions, and sessions that run statements.

The query room's own classes have this shape; it is written down here because the endpoint's tests bring others.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, Protocol

from boathouse.contracts.answers import Answer, Description, Field, Notice
from boathouse.contracts.errors import AdminShutdown
from boathouse.contracts.observing import ConnectionEventKind
from boathouse.contracts.types import SqlType
from boathouse.contracts.upstream import Link, Upstream
from boathouse.sql.statements import Statement


class Passage(Protocol):
    """The way through to a database behind this house: the client's messages in, bytes for the client out."""

    @property
    def upstream(self) -> Upstream: ...

    @property
    def link(self) -> Link: ...

    @property
    def is_busy(self) -> bool:
        """True while the client waits for an answer."""
        ...

    @property
    def is_inside(self) -> bool:
        """True while the client has part of a message: it cannot be told anything else."""
        ...

    @property
    def is_over(self) -> bool:
        """True once the other side has told the client that it ends the connection."""
        ...

    def take(self, kind: int, message: bytes) -> None:
        """One whole message of the client's, for the link."""
        ...

    def give(self, data: bytes) -> list[bytes]:
        """What the client gets of the link's bytes."""
        ...


class QuerySession(Protocol):
    """One authenticated client's session. One thread at a time, but for `cancel`."""

    @property
    def pid(self) -> int:
        """The process number that BackendKeyData shows."""
        ...

    @property
    def timed_out(self) -> Callable[[], None]:
        """To be told that the endpoint ends the session for its silence."""
        ...

    @property
    def passage(self) -> Passage | None:
        """The way through, where the session's statements go to a database behind this house."""
        ...

    @property
    def status(self) -> Literal["I", "T", "E"]:
        """ReadyForQuery's byte: idle, in a transaction block, in a failed one."""
        ...

    def parse(self, sql: str) -> tuple[Statement, ...]:
        """The statements of a string, none for an empty one; an error's position counts in the whole string."""
        ...

    def run(self, statement: Statement, parameters: Sequence[object] = (), types: Sequence[SqlType] = ()) -> Answer:
        """Run one statement; alone it commits by itself. An error's position counts in the statement's text."""
        ...

    def describe(self, statement: Statement, types: Sequence[SqlType] = ()) -> Description:
        """What the statement takes and gives."""
        ...

    def cursor_fields(self, name: str) -> tuple[Field, ...] | None:
        """The columns of an SQL cursor; None where none of that name is open."""
        ...

    def fail(self) -> None:
        """An error outside `run` has hit the open block."""
        ...

    def begin_implicit(self) -> None:
        """The statements until `end_implicit` are one transaction; nothing where one is open."""
        ...

    def end_implicit(self, failed: bool = False) -> None:
        """Commit or roll back the implicit transaction; nothing inside an explicit block."""
        ...

    def setting(self, name: str) -> str:
        """A session setting's value."""
        ...

    def settings_to_report(self) -> dict[str, str]:
        """The ParameterStatus values of a new session."""
        ...

    on_cancel: Callable[[str | None], object]
    on_end: Callable[[], object]
    """What is done, from any thread, when somebody cancels this session's statement, or ends it."""

    def cancel(self, reason: str | None = None) -> None:
        """Cancel what runs now, from any thread."""
        ...

    def idle_limit(self) -> tuple[float, AdminShutdown] | None:
        """Seconds that the client may now be silent, and what it is told after them; None: as long as it likes."""
        ...

    def check_cancelled(self) -> None:
        """Raise QueryCanceled where what runs now has been cancelled."""
        ...

    def close(self) -> None:
        """Roll back what is open and free everything."""
        ...


class User(Protocol):
    """A user, with a password verifier as `wire.postgres.scram` writes it, or None for no password."""

    @property
    def name(self) -> str: ...

    @property
    def verifier(self) -> str | None: ...

    @property
    def session_seconds_max(self) -> int | None: ...


class Service(Protocol):
    """What all sessions share."""

    def user(self, name: str) -> User | None:
        """The user, or None where there is none of that name; handed back to `open` as it came."""
        ...

    def open(
        self,
        user: Any,
        database: str,
        parameters: Mapping[str, str],
        secret: bytes,
        on_notice: Callable[[Notice], None],
        on_parameter: Callable[[str, str], None],
    ) -> QuerySession:
        """A session for an authenticated user; `secret` is the cancel key's."""
        ...

    def connection_event(self, kind: ConnectionEventKind, **facts: Any) -> None:
        """Something has happened to a connection; facts as in `ConnectionEvent`."""
        ...
