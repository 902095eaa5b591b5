"""What a room says it brings; found through the entry-point group `boathouse.rooms`, ours like anybody's."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from boathouse.contracts.answers import Answer, Description, Field
from boathouse.contracts.house import House
from boathouse.contracts.needs import Gate, Needs
from boathouse.contracts.observing import Observer
from boathouse.contracts.relations import Relation
from boathouse.contracts.session import Session, Translated
from boathouse.contracts.types import SqlType


class Handler(Protocol):
    """Runs a statement of the room's own inside the transaction that the journey opened; None: another room's."""

    def __call__(self, house: House, session: Session, statement: Any) -> Answer | None: ...


class Describer(Protocol):
    """Says what a statement of the room's own takes and gives, before it runs."""

    def __call__(self, house: House, session: Session, statement: Any, types: Sequence[SqlType]) -> Description: ...


class Interceptor(Protocol):
    """Sees the bound tree of each query before it is routed and may return another (a lake table becomes a scan).

    Called at every execution, never cached: `relations` are those that the tree names.
    """

    def __call__(self, house: House, session: Session, tree: Any, relations: tuple[Relation, ...]) -> Any: ...


class Inserter(Protocol):
    """Writes an INSERT's rows into a relation that the engine does not store; returns how many.

    Args:
        rows: the query whose result is inserted; a field for each column of the relation that is not hidden, in order.
        parameters: values of `$1`, … in it.
    """

    def __call__(
        self, house: House, session: Session, relation: Relation, rows: Translated, parameters: Sequence[object]
    ) -> int: ...


class RelationSource(Protocol):
    """Finds relations that the engine does not store (external tables); None where it has none of that name."""

    def __call__(self, house: House, session: Session, schema: str, name: str) -> Relation | None: ...


class DatabaseSource(Protocol):
    """What a database that is a name over schemas of this house has: schema and name there → those here; None where there is no
    such database.
    """

    def __call__(
        self, house: House, session: Session, database: str
    ) -> Mapping[tuple[str, str], tuple[str, str]] | None: ...


@dataclass(frozen=True)
class SystemRelation:
    """A system table or view that a room keeps.

    Attributes:
        name: as users query it: `stl_load_errors`, `svv_external_tables`.
        columns: ((name, Redshift type text), …) in documented order.
        query: for a view, engine SQL over the room's own tables (`boathouse.<table>`); None for a stored table.
        kept: True for what follows from the catalog alone. Its query may name other system relations, as
            `system.pg_class`; it runs where a statement first needs it, and its rows are kept until the catalog changes.
    """

    name: str
    columns: tuple[tuple[str, str], ...]
    query: str | None = None
    owner: str | None = None
    """The column with the number of the user whose row it is: ordinary users see their own rows, superusers all."""
    superusers_only: bool = False
    schema_column: str | None = None
    """The column with the name of the schema that a row is about: ordinary users see the rows of those that they may use."""
    kept: bool = False
    definition: str | None = None
    """In place of `query`: a SELECT over other system relations in Redshift's own SQL, bound where it is used, so that it
    may ask for the session's search path and user."""


class RunAs(Protocol):
    """Runs one statement in a session of a user's own, to its end; raises what it fails with."""

    def __call__(self, user: str, statement: Any) -> None: ...


class Background(Protocol):
    """Work of a room that goes on beside the statements, in a thread of its own while the house serves.

    `pause` waits so many seconds; it answers True, at once, when the house stops: return then.
    """

    def __call__(self, house: House, run: RunAs, pause: Callable[[float], bool]) -> None: ...


@dataclass(frozen=True)
class Command:
    """A command-line verb.

    Attributes:
        name: `crawl` in `boathouse crawl`.
        help: one line.
        configure: adds the arguments to an argparse parser.
        run: takes the parsed arguments, returns the exit status.
    """

    name: str
    help: str
    configure: Callable[[Any], None]
    run: Callable[[Any], int]


@dataclass(frozen=True)
class Room:
    """A room's declaration, the value of `room` in its `room.py`.

    Attributes:
        name: the folder's name; also the section of `boathouse.toml` with its settings.
        settings: a frozen dataclass whose fields have defaults and `metadata={"help": …}`; None for none.
        statements: statement node class (of `boathouse.sql.statements`) → handler.
        needs: what each class of its statements needs its user to be allowed; see `contracts.needs`. A class without
            is refused to ordinary users.
        gate: makes the house's gate; exactly one room brings it.
        macros: engine SQL after CREATE OR REPLACE MACRO, `memory.rs.name(x) AS …`, over tables `boathouse.…`; for
            this room's and other rooms' views and functions.
        fields: the columns of its statements that return rows, by class, so that they can be described before they run.
        describers: the same where the columns, or parameters, depend on the statement.
        interceptors: run in order on each bound tree.
        explain: lines for EXPLAIN about a tree that the interceptors have changed (which files a scan reads).
        schemas: true for schema names that the room knows beside the engine's (external schemas).
        relations: finds the room's relations by schema and name.
        databases: the room's names over schemas of this house.
        insert: writes the rows of INSERT into those relations.
        tables: engine DDL (`CREATE TABLE IF NOT EXISTS boathouse.…`) for the room's own bookkeeping.
        in_memory: the same (`… memory.rs.…`) for what need not outlive the process.
        system_relations: what the room shows in the system catalog.
        observer: made when the house opens, before the system relations: told of every statement and connection.
        start: called once when the house has opened, before it serves (sweep what a crash left behind).
        background: work beside the statements (a poller), on one server alone of those that share a warehouse. `pause` answers
            True there, too, when another server has taken it over.
        own_background: the same for what each server does for itself.
        commands: command-line verbs.
    """

    name: str
    settings: type[Any] | None = None
    statements: Mapping[type[Any], Handler] = field(default_factory=dict)
    needs: Mapping[type[Any], Needs] = field(default_factory=dict)
    gate: Callable[[House], Gate] | None = None
    macros: tuple[str, ...] = ()
    fields: Mapping[type[Any], tuple[Field, ...]] = field(default_factory=dict)
    describers: Mapping[type[Any], Describer] = field(default_factory=dict)
    interceptors: tuple[Interceptor, ...] = ()
    explain: Callable[[Any], list[str]] | None = None
    schemas: Callable[[House, Session, str], bool] | None = None
    relations: RelationSource | None = None
    databases: DatabaseSource | None = None
    insert: Inserter | None = None
    tables: tuple[str, ...] = ()
    in_memory: tuple[str, ...] = ()
    system_relations: tuple[SystemRelation, ...] = ()
    observer: Callable[[House], Observer] | None = None
    start: Callable[[House], None] | None = None
    background: tuple[Background, ...] = ()
    own_background: tuple[Background, ...] = ()
    commands: tuple[Command, ...] = ()
