"""Which room runs a statement of its own.

Receives the rooms' declarations once, when the house is assembled; asked by the journey for each statement.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from boathouse.contracts.answers import Answer, Description, Field
from boathouse.contracts.errors import FeatureNotSupported, InternalError
from boathouse.contracts.house import House, in_turn, tried
from boathouse.contracts.needs import Gate, Needs
from boathouse.contracts.relations import Relation
from boathouse.contracts.rooms import Handler, Interceptor, Room
from boathouse.contracts.session import Session, Translated
from boathouse.contracts.types import VARCHAR, SqlType
from boathouse.sql import statements as s
from boathouse.sql.bind.names import read_only
from boathouse.sql.statements import Statement

if TYPE_CHECKING:
    from boathouse.query.session import QuerySession


WITHOUT_BLOCK = (s.Begin, s.Commit, s.Rollback, s.Set, s.Reset, s.Show, s.Discard, s.Prepare, s.Execute, s.Explain,
                 s.CopyStdout, s.Cancel, s.Fetch, s.CloseCursor, s.PassOn)  # fmt: skip
"""Statements that rooms run but that need no engine transaction of their own."""
BLIND = (s.Begin, s.Commit, s.Rollback, s.Set, s.Reset, s.Show, s.Discard, s.Cancel, s.Fetch, s.CloseCursor)
"""Statements that no commit of another server's changes; they run where those cannot be learnt, too."""

_FAR = (s.GrantPrivileges, s.ShowColumns, s.ShowGrants)
"""Statements whose handlers look names of other databases up there."""

_REPEATED = (
    s.CreateUser, s.AlterUser, s.DropUser, s.CreateGroup, s.AlterGroup, s.DropGroup, s.CreateRole, s.AlterRole, s.DropRole,
    s.GrantRoles, s.GrantPrivileges, s.AlterDefaultPrivileges, s.CreateFunction, s.AlterFunction, s.DropFunction,
    s.CreateProcedure, s.AlterProcedure, s.DropProcedure, s.CreateSchema, s.AlterSchema, s.CreateTable, s.CreateTableAs,
    s.CreateView, s.AlterTable, s.Drop, s.Comment, s.CreateMaterializedView, s.AlterMaterializedView, s.RefreshMaterializedView,
    s.CreateIntegration, s.AlterIntegration, s.DropIntegration, s.CreateDatabase, s.AlterDatabase, s.DropDatabase,
)  # fmt: skip
"""Definitions, which can be made again from their beginning where another one came first: nobody has seen any of them, and
what they read they read anew.
"""
_ATTEMPTS = 8
_BESIDE_CAPTURES = (s.AlterIntegration, s.DropIntegration, s.AlterDatabase, s.DropDatabase)
"""Statements that change rows of tables in which every capture keeps where it stands."""
_LONG = (s.CreateTableAs, s.CreateMaterializedView, s.RefreshMaterializedView)
_PATIENCE_SECONDS = 5.0


def in_transaction(session: QuerySession, statement: s.Statement, work: Callable[[], Answer]) -> Answer:
    """Do a claimed statement's work in its transaction.

    On a lake transactions conflict over rows of one table, whatever is in them. A definition that is a transaction
    by itself is then made again over what the other one has made: it fits beside that, or it says what is wrong with it.
    """
    history = session.house.engine.history
    may_repeat = isinstance(statement, _REPEATED) and history is not None and session.transaction.stands_alone
    is_beside = isinstance(statement, _BESIDE_CAPTURES)

    def attempt(number: int) -> Answer:
        waits = is_beside or (number > 0 and not isinstance(statement, _LONG))  # who lost once waits for the others
        with in_turn(history if waits else None, _PATIENCE_SECONDS):
            return session.transaction.run(work, writes=True)

    def between() -> None:
        session.check_cancelled()
        session.house.engine.look()

    return tried(_ATTEMPTS if may_repeat else 1, attempt, between)


class Claims:
    """Handlers by statement class, and interceptors, in the order of the rooms.

    A handler that returns None says "not mine after all", and the next room's is asked: DROP TABLE means a lake table
    in an external schema and a local one elsewhere.
    """

    def __init__(self, house: House, rooms: Sequence[Room]) -> None:
        self._handlers: dict[type[Statement], list[Handler]] = {}
        self.interceptors: tuple[Interceptor, ...] = tuple(i for room in rooms for i in room.interceptors)
        self.explainers = tuple(room.explain for room in rooms if room.explain is not None)
        self._inserters = tuple(room.insert for room in rooms if room.insert is not None)
        for room in rooms:
            for kind, handler in room.statements.items():
                self._handlers.setdefault(kind, []).append(handler)
        self._needs: dict[type[Statement], list[Needs]] = {}
        for room in rooms:
            for kind, needs in room.needs.items():
                self._needs.setdefault(kind, []).append(needs)
        gates = [room.gate for room in rooms if room.gate is not None]
        if len(gates) != 1:
            raise InternalError(f"{len(gates)} rooms bring a gate: exactly one must")
        self.gate: Gate = gates[0](house)

    def claims(self, statement: Statement) -> bool:
        """True where some room runs statements of this class."""
        return type(statement) in self._handlers

    def insert(
        self, house: House, session: Session, relation: Relation, rows: Translated, parameters: Sequence[object]
    ) -> int:
        """Let the room that keeps external relations take an INSERT's rows; how many there were."""
        for insert in self._inserters:
            return insert(house, session, relation, rows, parameters)
        raise FeatureNotSupported(f'INSERT into "{relation.name}" is not supported')

    def admit(self, session: Session, statement: Statement) -> Any:
        """Let it pass the gate where its user may; what comes back is for `Gate.done`."""
        declared = self._needs.get(type(statement))
        needs = None if declared is None else [need for one in declared for need in one(session, statement)]
        return self.gate.admit(session, statement, needs)

    def run(self, house: House, session: Session, statement: Statement) -> Answer:
        """Let the room run it, where its user may."""
        _refuse_elsewhere(session, statement)
        passed = self.admit(session, statement)
        for handler in self._handlers.get(type(statement), ()):
            answer = handler(house, session, statement)
            if answer is not None:
                self.gate.done(session, passed)
                return answer
        raise FeatureNotSupported(f"{type(statement).__name__} is not supported")


def _refuse_elsewhere(session: Session, statement: Statement) -> None:
    """No handler takes `other.public.t` for the table of that schema and name in this house.

    Raises:
        FeatureNotSupported: nothing is changed in a name over what an integration captures; no other database can be reached.
    """
    for name in () if isinstance(statement, _FAR) else _names(statement):
        if name.database in (None, session.database):
            continue
        if session.catalog.has_database(name.database):
            raise read_only(name.database, str(name))
        raise FeatureNotSupported(f"cross-database references are not implemented: {name}")


def _names(statement: Statement) -> Iterator[s.QualifiedName]:
    waiting: list[object] = [getattr(statement, one.name) for one in fields(statement)]
    while waiting:
        one = waiting.pop()
        if isinstance(one, s.QualifiedName):
            yield one
        elif isinstance(one, tuple):
            waiting += one


def describe_claimed(session: QuerySession, statement: Statement, types: Sequence[SqlType] = ()) -> Description:
    """The columns of statements with rows that are not queries; the others have none."""
    if isinstance(statement, s.Show):
        if statement.name is None:
            return Description((), tuple(Field(name, VARCHAR) for name in ("name", "setting", "description")))
        return Description((), (Field(statement.name, VARCHAR),))
    if isinstance(statement, s.Explain):
        return Description((), (Field("QUERY PLAN", VARCHAR),))
    if isinstance(statement, s.Fetch):
        return Description((), session.cursor_fields(statement.name))
    describer = session.service.describers.get(type(statement))
    if describer is not None:
        return describer(session.house, session, statement, types)
    return Description((), session.service.fields_of.get(type(statement)))
