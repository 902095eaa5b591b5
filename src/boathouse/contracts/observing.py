"""What those who watch a house are told: each statement's life, each connection's events.

Made by `query` and the endpoints, handed to the observers that rooms register: the query history is one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

from boathouse.contracts.engine import Profile
from boathouse.contracts.errors import BoathouseError

StatementKind = Literal["query", "ddl", "utility"]
"""Redshift's three: what reads or changes rows, what changes the catalog, and the rest."""


@dataclass(slots=True)
class CursorFacts:
    """An open SQL cursor.

    Attributes:
        transaction: in which it was opened.
        fetched: rows that FETCH has given.
    """

    name: str
    started: datetime
    transaction: int
    fetched: int = 0


@dataclass(slots=True)
class SessionFacts:
    """Who is connected.

    Attributes:
        started: with its zone, UTC.
        client: what the client said of itself when it connected (`driver_version`, `os_version`, …).
        application_name: as set last.
        transaction_started: of the open block, None outside one.
        cursors: those that are open, by name.
        timed_out: it ended for having been silent too long.
    """

    pid: int
    user: str
    user_id: int
    database: str
    started: datetime
    client: dict[str, str] = field(default_factory=dict)
    application_name: str = ""
    timeout_seconds: int = 0
    transaction_started: datetime | None = None
    cursors: dict[str, CursorFacts] = field(default_factory=dict)
    timed_out: bool = False


@dataclass(frozen=True, slots=True)
class FileScan:
    """The files of one external table that a statement reads.

    Attributes:
        table: as the statement names it, with its schema. location: its folder or file.
        listed: when its files were known; listing_us: how long that took, in microseconds.
        partitions: of the table; None where the catalog was asked for the needed ones alone. partitions_read: those
            whose files are read.
        files: read. size_bytes: their sum as stored; file_bytes_max: the largest.
    """

    table: str
    location: str
    format: str
    listed: datetime
    listing_us: int
    partitions: int | None
    partitions_read: int
    files: int
    size_bytes: int
    file_bytes_max: int
    is_partitioned: bool
    is_filtered: bool
    is_nested: bool


@dataclass(slots=True, eq=False)
class Queued:
    """One statement's stay in one queue of the workload management.

    Attributes:
        service_class, queue: the queue, by number and name.
        slots: it took.
        entered: came to the queue.
        started: ran; None where it never did.
        ended: left the queue; None while it is there.
        state: why, as `stl_wlm_query` has it: `Completed`, or `Evicted` to another queue.
        again_seconds: it waited once more, when more of its rows were fetched later.
    """

    service_class: int
    queue: str
    slots: int
    entered: datetime
    started: datetime | None = None
    ended: datetime | None = None
    state: str = "Completed"
    again_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class RuleAction:
    """What a query monitoring rule did to a statement.

    Attributes:
        action: as `stl_wlm_rule_action` has it.
    """

    rule: str
    action: str
    at: datetime
    service_class: int
    queue: str


@dataclass(frozen=True, slots=True)
class Maintained:
    """A table that VACUUM or ANALYZE dealt with; `rows` as the engine counts them, `gathered`: its files were."""

    schema: str
    table: str
    table_id: int | None
    rows: int
    started: datetime
    ended: datetime
    gathered: bool = False


@dataclass(slots=True, eq=False)
class StatementRun:
    """One statement from its start to its end; filled in on the way.

    Attributes:
        number: unique in this home, also after a restart.
        transaction: shared by the statements of one transaction.
        label: the session's `query_group`.
        text: as the client sent it, secrets and all: whoever keeps or shows it redacts it first.
        verb: `SELECT`, `COPY`, `DDL`, `UTILITY`, …, as `sys_query_history.query_type` has it.
        planned: when its plan was ready; None where it needed none, or got none.
        ended: None while it runs.
        error: why it failed; None where it did not.
        rows: sent to the client, or changed; None where the statement has no count.
        source: the statement whose kept result this one was given; None where it ran itself.
        caller: the CALL that ran it from inside a procedure.
        burst: the process beside the house that it ran in; None where it ran in the house.
        engine: the further engine that ran it; None for the house's own.
        session_user_id: who the session was; `session` has whose rights the statement had.
        profiles: what the engine did for it, a part for each of the engine's own statements.
        queued: its stays in queues, one after the other; none where it needed no slot.
        rule_actions: of query monitoring rules.
        scans: what it reads of external tables.
        maintained: the tables of VACUUM and ANALYZE.
    """

    number: int
    transaction: int
    session: SessionFacts
    label: str
    text: str
    kind: StatementKind
    verb: str
    started: datetime
    planned: datetime | None = None
    ended: datetime | None = None
    error: BoathouseError | None = None
    rows: int | None = None
    source: int | None = None
    caller: int | None = None
    session_user_id: int = 0
    burst: int | None = None
    engine: str | None = None
    profiles: list[Profile] = field(default_factory=list)
    queued: list[Queued] = field(default_factory=list)
    rule_actions: list[RuleAction] = field(default_factory=list)
    scans: list[FileScan] = field(default_factory=list)
    maintained: list[Maintained] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class RaisedMessage:
    """What a procedure told by RAISE.

    Attributes:
        run: the CALL in whose body it was raised.
        transaction: the open one, which need not be that of the CALL.
        level: `LOG`, `INFO`, `NOTICE`, `WARNING` or `EXCEPTION`.
        line: of the body.
    """

    run: StatementRun
    transaction: int
    at: datetime
    level: str
    text: str
    line: int


ConnectionEventKind = Literal[
    "initiating session", "authenticated", "authentication failure", "disconnecting session", "cancel", "terminate"
]


@dataclass(frozen=True, slots=True)
class ConnectionEvent:
    """Something that happened to a connection.

    Attributes:
        pid: the session's; 0 before there is one. Of "cancel" and "terminate", the session that was meant.
        user_id: of "cancel" and "terminate", who asked; None elsewhere.
        host, port: the client's.
        method: how the password was proved.
        tls_version, tls_cipher: empty on an open wire.
        duration_us: of "disconnecting session", how long it lasted.
        client: see `SessionFacts`.
    """

    kind: ConnectionEventKind
    at: datetime
    pid: int
    user: str
    database: str
    host: str = ""
    port: str = ""
    method: str = ""
    tls_version: str = ""
    tls_cipher: str = ""
    duration_us: int = 0
    user_id: int | None = None
    client: dict[str, str] = field(default_factory=dict)


class Observer(Protocol):
    """Hears of everything, from any thread, and must be quick: the client waits meanwhile. Never raises."""

    def session_opened(self, session: SessionFacts) -> None: ...

    def session_closed(self, session: SessionFacts) -> None: ...

    def statement_began(self, run: StatementRun) -> None: ...

    def statement_ended(self, run: StatementRun) -> None: ...

    def connection(self, event: ConnectionEvent) -> None: ...

    def raised(self, message: RaisedMessage) -> None: ...

    def settle(self) -> None:
        """A system relation is about to be read: let it show what has been told so far."""
        ...

    def close(self) -> None:
        """The house closes; nothing more will be told."""
        ...
