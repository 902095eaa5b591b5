"""Composes the rooms into a house: the one place that knows them all by what they bring, not by name.

Receives a home and the rooms found; hands a `Service` to whoever opens endpoints on it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from boathouse.app import settings as app_settings
from boathouse.app.clock import SystemClock
from boathouse.app.discover import discover_rooms
from boathouse.app.home import HomeLock, empty_spool, require_home, require_storage
from boathouse.app.process.lean import give_back
from boathouse.app.replaced.place import open_storage, place_of
from boathouse.app.replaced.swap import finish
from boathouse.capture.settings import IntegrationSettings, OutputSettings
from boathouse.contracts.engine import EngineSession
from boathouse.contracts.errors import InvalidParameterValue
from boathouse.contracts.house import House
from boathouse.contracts.relations import Catalog, Relation
from boathouse.contracts.rooms import Room, SystemRelation
from boathouse.contracts.users import User
from boathouse.endpoints.postgres.settings import PostgresSettings
from boathouse.engines.duckdb.catalog import CatalogCache, DuckCatalog, system_relations
from boathouse.engines.duckdb.engine import DuckEngine
from boathouse.engines.duckdb.settings import EngineSettings, StorageSettings
from boathouse.engines.duckdb.system import SYSTEM_RELATIONS
from boathouse.engines.duckdb.system.activity import LIVE
from boathouse.engines.duckdb.system.facts import PERSONAL, SYSTEM_OIDS, sources
from boathouse.engines.duckdb.system.snapshot import SystemCatalog
from boathouse.engines.spark.engine import SparkEngine, open_spark
from boathouse.engines.spark.settings import SparkSettings
from boathouse.engines.upstream.database import UpstreamDatabase
from boathouse.engines.upstream.settings import DatabaseSettings
from boathouse.guard.tables import seed
from boathouse.guard.users import find_user, put_user
from boathouse.query.service import Service
from boathouse.query.session import QuerySession
from boathouse.workload.workload import Workload

OWN_SECTIONS: dict[str, type[Any]] = {
    "serve": app_settings.ServeSettings,
    "postgres": PostgresSettings,
    "engine": EngineSettings,
    "storage": StorageSettings,
    "spark": SparkSettings,
    "databases": DatabaseSettings,
    "integrations": IntegrationSettings,
    "outputs": OutputSettings,
}


@dataclass
class OpenHouse:
    """A house that is open.

    Attributes:
        service: opens sessions.
        settings: one dataclass per section.
        home: the folder.
    """

    service: Service
    settings: Mapping[str, Any]
    home: Path
    rooms: tuple[Room, ...]
    _engine: DuckEngine
    _spark: SparkEngine | None
    _lock: HomeLock
    _users: EngineSession
    _users_lock: threading.Lock

    def put_user(self, user: User) -> None:
        """Store a user."""
        with self._users_lock:
            put_user(self._users, user)

    def when_failed(self, then: Callable[[], None]) -> None:
        """Call `then` once, from any thread, when the engine has ended by itself: the home has to be opened anew."""
        self._engine.failed = then

    def close(self) -> None:
        """Close every session and the warehouse; the home may be opened again."""
        self.service.close()
        self._users.close()
        if self._spark is not None:
            self._spark.close()
        self._engine.close()
        self._lock.close()


def open_house(home: Path, overrides: Mapping[str, Mapping[str, object]] | None = None) -> OpenHouse:
    """Open a home.

    Args:
        overrides: section → setting → value, above the file and the environment.

    Raises:
        StorageError: no home there. HomeInUse: another process has it open. InvalidParameterValue: a bad setting.
    """
    home = home.resolve()
    require_home(home)
    finish(home)
    rooms = discover_rooms()
    settings = app_settings.load(home, app_settings.sections(rooms, OWN_SECTIONS), overrides or {})
    secrets = app_settings.load_secrets(home)
    lock = HomeLock(home)
    opened = ExitStack()
    opened.callback(lock.close)
    with opened:
        database = settings["serve"].database
        # Where two declare a relation of one name, the engine's own is kept, then the first room's.
        named: dict[str, SystemRelation] = {}
        for one in (*SYSTEM_RELATIONS, *(one for room in rooms for one in room.system_relations)):
            named.setdefault(one.name, one)
        declared = [*named.values()]
        own = [*_own(database, rooms, declared)]
        place = place_of(settings)
        require_storage(home, place.kind, shared=bool(place.catalog))
        storage = open_storage(home, settings, secrets, place)
        spool = empty_spool(home)
        spark = open_spark(spool, settings["spark"])
        engine = DuckEngine(storage, database, spool, settings["engine"], own)
        opened.callback(engine.close)
        house = House(home, settings, secrets, engine, SystemClock(), spark, give_back)
        workload = Workload(house)
        observers = [room.observer(house) for room in rooms if room.observer is not None]
        with engine.starting():
            _prepare(engine, rooms)
        for room in rooms:
            if room.start is not None:
                room.start(house)
        cache = CatalogCache()
        system = system_relations(declared, database)
        kept = SystemCatalog(declared, sources(declared), LIVE, PERSONAL, SYSTEM_OIDS)
        users, users_lock = engine.session(), threading.Lock()

        def user(name: str) -> User | None:
            with users_lock:
                return find_user(users, name)

        service = Service(
            house,
            rooms,
            database,
            cache,
            lambda session: _catalog(session, house, rooms, cache, system),
            user,
            kept.lend,
            workload,
            observers,
            _upstreams(settings["databases"], secrets, database),
        )
        opened.pop_all()
    return OpenHouse(service, settings, home, rooms, engine, spark, lock, users, users_lock)


def _upstreams(
    named: Mapping[str, DatabaseSettings], secrets: Mapping[str, Mapping[str, str]], database: str
) -> dict[str, UpstreamDatabase]:
    """The databases behind this house."""
    if database in named:
        raise InvalidParameterValue(f"[databases.{database}]: this name is the house's own database")
    return {name: UpstreamDatabase(name, one, secrets) for name, one in named.items()}


def _own(database: str, rooms: tuple[Room, ...], declared: list[SystemRelation]) -> Iterator[str]:
    """What the process's own database holds: the rooms' tables that are in memory, their macros, and the system relations, over
    the warehouse's tables by name."""
    for room in rooms:
        yield from room.in_memory
    for macro in (one for room in rooms for one in room.macros):
        yield "CREATE OR REPLACE MACRO " + macro.replace("boathouse.", f'"{database}".boathouse.')
    for relation in declared:
        if relation.query is not None and not relation.kept:
            query = relation.query.replace("boathouse.", f'"{database}".boathouse.')
            if relation.name in SYSTEM_OIDS:
                query = f"SELECT *, {SYSTEM_OIDS[relation.name]}::BIGINT AS tableoid FROM ({query})"
            # No views: the engine tells every column of theirs whenever somebody asks for the columns of one table.
            yield f'CREATE OR REPLACE MACRO memory.rs."{relation.name}"() AS TABLE {query}'


def _prepare(engine: DuckEngine, rooms: tuple[Room, ...]) -> None:
    """Make the rooms' own tables, then what stands over them."""
    session = engine.session()
    try:
        session.begin()  # all at once: commits are what costs
        for table in (one for room in rooms for one in room.tables):
            session.execute(table)
        session.commit()
        seed(session, engine.database)
    finally:
        session.close()
    engine.define()


def _catalog(
    session: QuerySession, house: House, rooms: tuple[Room, ...], cache: CatalogCache, system: dict[str, Relation]
) -> Catalog:
    def elsewhere_schema(schema: str) -> bool:
        return any(room.schemas(house, session, schema) for room in rooms if room.schemas is not None)

    def elsewhere_relation(schema: str, name: str) -> Relation | None:
        for room in rooms:
            if room.relations is not None and (found := room.relations(house, session, schema, name)) is not None:
                return found
        return None

    def elsewhere_database(database: str) -> Mapping[tuple[str, str], tuple[str, str]] | None:
        found = (room.databases(house, session, database) for room in rooms if room.databases is not None)
        return next((one for one in found if one is not None), None)

    return DuckCatalog(
        session,
        session.database,
        cache,
        session.search_path,
        system,
        elsewhere_schema,
        elsewhere_relation,
        elsewhere_database,
    )
