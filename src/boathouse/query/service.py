"""What all sessions share: the house, the rooms' claims, the users, the plans, and who is connected.

Handed to the endpoints, which open sessions here and cancel them by process number and secret.
"""

from __future__ import annotations

import hmac
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC
from types import MappingProxyType
from typing import Any, Protocol

from boathouse.contracts.answers import Field, Notice
from boathouse.contracts.errors import FeatureNotSupported, InputError, TooManyConnections, UndefinedDatabase
from boathouse.contracts.house import House
from boathouse.contracts.observing import ConnectionEvent, ConnectionEventKind, Observer
from boathouse.contracts.relations import Catalog
from boathouse.contracts.rooms import Room
from boathouse.contracts.upstream import Upstream
from boathouse.contracts.users import User
from boathouse.query.claim import Claims
from boathouse.query.history.numbers import Numbers
from boathouse.query.passing.session import PassingSession
from boathouse.query.plans import Plans
from boathouse.query.python.workers import Workers
from boathouse.query.session import QuerySession
from boathouse.query.settings import QuerySettings
from boathouse.query.state.ending import provide_signals
from boathouse.query.state.marks import Bases
from boathouse.query.state.metrics import Metrics
from boathouse.query.state.result_cache import DataVersion, ResultCache
from boathouse.sql.statements import Statement
from boathouse.workload.workload import Workload


class CatalogVersion(Protocol):
    """The shared count of catalog changes; the engine's cache of relations is one."""

    @property
    def version(self) -> int | None:
        """None while a change is being committed."""
        ...

    def changing(self) -> None:
        """A transaction that changed the catalog is about to commit."""

    def changed(self, changes: Sequence[Collection[str] | None] = (None,)) -> None:
        """It has committed, or failed to. Each change is the names of the relations that it concerns; None is any."""


class Service:
    """Opens, counts and cancels sessions.

    Args:
        house, rooms: as assembled.
        database: the one database this house serves.
        catalog_cache: shared by the sessions' catalogs.
        catalog_for: makes a session's catalog.
        users: reads one user.
        lend_system: lets a session's engine read the system relations of these names.
        workload: the queues.
        observers: told of every statement and connection.
        upstreams: databases behind this house, by the names that clients ask for.
    """

    def __init__(
        self,
        house: House,
        rooms: Sequence[Room],
        database: str,
        catalog_cache: CatalogVersion,
        catalog_for: Callable[[QuerySession], Catalog],
        users: Callable[[str], User | None],
        lend_system: Callable[[QuerySession, Sequence[str]], None],
        workload: Workload,
        observers: Sequence[Observer] = (),
        upstreams: Mapping[str, Upstream] = MappingProxyType({}),
    ) -> None:
        self.house = house
        self.rooms = rooms
        self.database = database
        self.upstreams = upstreams
        self.settings: QuerySettings = house.settings["query"]
        self.claims = Claims(house, rooms)
        self.plans = Plans(self.settings.plans_max)
        self.results = ResultCache(self.settings.result_cache_bytes_max)
        self.data = DataVersion(house.clock)
        house.engine.snapshots.watch(self.data.between)
        self.mv_bases = Bases(database)
        self.catalog_cache = catalog_cache
        self.catalog_for = catalog_for
        self.describers = {kind: one for room in rooms for kind, one in room.describers.items()}
        self.lend_system = lend_system
        self.workload = workload
        self.fields_of: Mapping[type[Statement], tuple[Field, ...]] = {
            kind: fields for room in rooms for kind, fields in room.fields.items()
        }
        self.metrics = Metrics(house, lambda: len(self._sessions), workload.depths)
        self.observers = (*observers, self.metrics)
        self.statement_numbers = Numbers(house.home / "history" / "statements.last")
        self.transaction_numbers = Numbers(house.home / "history" / "transactions.last")
        self.python = Workers(
            house.engine, house.clock, self.settings.python_processes_max, self.settings.python_memory_bytes_max
        )
        provide_signals(self)
        house.engine.watch(self._committed)
        self._users = users
        self._sessions: dict[int, tuple[QuerySession, bytes]] = {}
        self._opening = 0
        self._next_pid = 1000
        self._lock = threading.Lock()

    def _committed(self, defined: bool) -> None:
        """Somebody, of whichever server, has committed to a warehouse that several have."""
        for one in (self.data, self.catalog_cache) if defined else (self.data,):
            one.changing()
            one.changed()

    def user(self, name: str) -> User | None:
        """The user, or None; endpoints check the password against its verifier, of which an expired one has none."""
        found = self._users(name)
        if found is None or found.valid_until is None:
            return found
        now = self.house.clock.now().astimezone(UTC).replace(tzinfo=None)
        return found if now < found.valid_until else replace(found, verifier=None)

    def use_one_time(self, user: User) -> None:
        """Let this user in with this verifier until the process ends, whatever is stored."""
        stored = self._users
        self._users = lambda name: user if name.lower() == user.name else stored(name)

    def open(
        self,
        user: User,
        database: str,
        parameters: Mapping[str, str],
        secret: bytes,
        on_notice: Callable[[Notice], None],
        on_parameter: Callable[[str, str], None],
    ) -> QuerySession:
        """A session for an authenticated user.

        Args:
            parameters: start-up parameters; unknown ones are kept.
            secret: the cancel key's secret, random, made by the endpoint.

        Raises:
            UndefinedDatabase, TooManyConnections.
        """
        upstream = self.upstreams.get(database.lower())
        if upstream is None and database.lower() != self.database:
            raise self._no_database(database)
        with self._lock:
            if len(self._sessions) + self._opening >= self.settings.sessions_max:
                raise TooManyConnections("sorry, too many clients already", hint="Raise sessions_max, or close some.")
            mine = [one for one, _ in self._sessions.values() if one.identity.login.id == user.id]
            if user.connections_max is not None and not user.superuser and len(mine) >= user.connections_max:
                raise TooManyConnections(
                    f'too many connections for user "{user.name}"', hint="Close some, or raise its CONNECTION LIMIT."
                )
            self._opening += 1
            self._next_pid += 1
            pid = self._next_pid
        try:
            if upstream is None:
                session = QuerySession(self, user, self.database, pid, on_notice, on_parameter)
            else:
                session = PassingSession(self, upstream, user, pid, on_notice)
            try:
                for name, value in user.settings:
                    with suppress(InputError):  # what was good when it was set may not be known any more
                        session.start_with(name, value)
                if isinstance(session, PassingSession):
                    session.connect(parameters)
                else:
                    for name, value in parameters.items():
                        session.start_with(name, value)
            except BaseException:
                session.close()
                raise
            session.observed.facts.client = dict(parameters)
            session.observed.opened()
            with self._lock:
                self._sessions[pid] = (session, secret)
            return session
        finally:
            with self._lock:
                self._opening -= 1

    def _no_database(self, database: str) -> InputError:
        """Why nobody connects to a database; a name over what an integration captures is read from the house's own."""
        engine = self.house.engine.session()
        try:
            known = engine.fetch(
                "SELECT 1 FROM memory.rs.named_databases() WHERE database_name = $1", (database.lower(),)
            )
        finally:
            engine.close()
        if known:
            return FeatureNotSupported(
                f'connections to the database "{database}" are not supported',
                hint=f'Connect to "{self.database}", and read {database}.schema.table.',
            )
        return UndefinedDatabase(
            f'database "{database}" does not exist', hint=f'This house serves the database "{self.database}".'
        )

    def cancel(self, pid: int, secret: bytes) -> None:
        """Cancel a session's statement; a wrong key does nothing, as in PostgreSQL."""
        with self._lock:
            found = self._sessions.get(pid)
        if found is not None and hmac.compare_digest(found[1], secret):
            found[0].cancel()

    def connection_event(self, kind: ConnectionEventKind, **facts: Any) -> None:
        """Something has happened to a connection; facts as in `ConnectionEvent`."""
        event = ConnectionEvent(kind, self.house.clock.now(), **facts)
        for observer in self.observers:
            observer.connection(event)

    def sessions(self) -> list[QuerySession]:
        """Everybody who is connected."""
        with self._lock:
            return [session for session, _ in self._sessions.values()]

    def forget(self, session: QuerySession) -> None:
        """A session has closed."""
        with self._lock:
            known = self._sessions.pop(session.pid, None)
        if known is not None:
            session.observed.closed()

    def close(self) -> None:
        """Every session ends, and what they told is written."""
        for session in self.sessions():
            session.close()
        self.workload.close()
        for observer in self.observers:
            observer.close()
        self.statement_numbers.close()
        self.transaction_numbers.close()
