"""Opens DuckDB on a home's warehouse and makes sessions on it.

The process's own database, `memory`, holds only our macros and views (`memory.rs`); the warehouse file is attached under
the name of the Redshift database (`dev`), so that three-part names mean what they say.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from pathlib import Path
from typing import Any, Protocol

import duckdb

from boathouse.contracts.engine import BurstLimits
from boathouse.contracts.errors import BoathouseError
from boathouse.contracts.past.history import History
from boathouse.contracts.past.snapshots import Snapshots
from boathouse.engines.duckdb.burst.pool import Pool
from boathouse.engines.duckdb.computed.vectors import flat
from boathouse.engines.duckdb.errors import is_fatal, raised, translate
from boathouse.engines.duckdb.extensions import (
    CLOSED,
    bound_spills,
    load_extension,
    machine_memory_bytes,
    spill_bytes_max,
)
from boathouse.engines.duckdb.macros import MACROS, register_all
from boathouse.engines.duckdb.prepared import PreparedDatabase
from boathouse.engines.duckdb.session import DuckSession
from boathouse.engines.duckdb.settings import EngineSettings
from boathouse.engines.duckdb.spatial.macros import MACROS as SPATIAL_MACROS
from boathouse.engines.duckdb.storage.native import NativeStorage
from boathouse.engines.duckdb.storage.shared_catalog import SharedCatalog

_NEEDED = {"iceberg": ("avro", "iceberg")}
"""Extensions that stand on others."""
_MACROS = {"spatial": SPATIAL_MACROS}
"""Our macros over an extension's functions."""


class Storage(Protocol):
    """How the warehouse's tables are kept.

    Attributes:
        macros: `memory.rs.stored_tables()`, `stored_columns()`, `stored_sizes()`, `stored_commits()` and `next_number(name)`.
        shared: where other servers may have the same warehouse, the catalog that they share.
    """

    macros: tuple[str, ...]
    shared: SharedCatalog | None

    def attach(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Attach the warehouse, made where there is none, and give the engine what it needs for it.

        Raises:
            HomeInUse: another process has it.
        """
        ...

    def session(
        self, connection: duckdb.DuckDBPyConnection, spool: Path, open_sibling: Callable[[], DuckSession]
    ) -> DuckSession: ...

    def snapshots(self, open_cursor: Callable[[], duckdb.DuckDBPyConnection]) -> Snapshots:
        """What keeps this warehouse as it is."""
        ...

    def history(self) -> History | None:
        """What tells of its commits."""
        ...

    def close(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Before the engine closes."""
        ...


class DuckEngine:
    """See `contracts.engine.Engine`.

    Args:
        storage: where the warehouse's tables are; a path is a file of the engine's own.
        database: the name under which users know the warehouse.
        spool: a folder for spilling; its content does not outlive the process.
        own: what `define` makes in the process's own database once the warehouse has its tables.

    Raises:
        HomeInUse: another process has the warehouse open.
    """

    def __init__(
        self, storage: Storage | Path, database: str, spool: Path, settings: EngineSettings, own: Sequence[str] = ()
    ) -> None:
        self.database = database
        self._storage: Storage = NativeStorage(storage, database) if isinstance(storage, Path) else storage
        self._spool = spool
        self.failed: Callable[[], None] | None = None
        """To be told that the engine has ended: nothing works until the warehouse is opened anew."""
        self._provided: list[Callable[..., Any]] = []
        config: dict[str, str | bool | int | float | list[str]] = dict(CLOSED)
        config["temp_directory"] = str(spool)
        # The cache of files tells versions apart by size and a time of change in whole seconds: a file that is written
        # again within one is answered from the old bytes.
        config["enable_external_file_cache"] = False
        if settings.memory_limit:
            config["memory_limit"] = settings.memory_limit
        else:
            config["memory_limit"] = f"{machine_memory_bytes() * 6 // 10}B"
        if settings.threads:
            config["threads"] = settings.threads
        self._own = own
        self._prepared = PreparedDatabase((*MACROS, *self._storage.macros, *own), _cache(settings) if own else None)
        self._connection = duckdb.connect(config=config)
        self._connection.execute(
            "SET enable_progress_bar = false"
        )  # on by itself where Python has no script: on stdout
        bound_spills(self._connection, settings.temp_directory_size_max or spill_bytes_max(spool))
        self._connection.execute("SET TimeZone = 'UTC'")
        self._loaded: set[str] = set()
        self._loading = threading.Lock()
        with self.starting():
            self._open_warehouse()

    def _open_warehouse(self) -> None:
        # Our functions come first: what a crash left in the engine's log is bound when it is read again, and a column's default
        # may call them.
        register_all(self._connection)
        self._is_prepared = self._prepared.restore(self._connection)
        if not self._is_prepared:
            self._run(MACROS)
        self._storage.attach(self._connection)
        if not self._is_prepared:
            self._run(self._storage.macros)
        self.snapshots = self._storage.snapshots(self._connection.cursor)
        self.history = self._storage.history()
        self._connection.execute(f'USE "{self.database}"')
        self._connection.execute("SET GLOBAL integer_division = true")
        for schema in ("public", "boathouse"):
            self._connection.execute(f'CREATE SCHEMA IF NOT EXISTS "{self.database}"."{schema}"')
        opened = self.session()
        opened.execute("CREATE SEQUENCE IF NOT EXISTS boathouse.oids START 100000")
        opened.close()

    def define(self) -> None:
        """Make what `own` says, unless a file kept it: views may ask the warehouse's tables, which are there by now."""
        if self._is_prepared:
            return
        self._run(self._own)
        self._prepared.keep(self._connection)
        self._is_prepared = True

    def _run(self, statements: Sequence[str]) -> None:
        for statement in statements:
            self._connection.execute(statement)

    def session(self) -> DuckSession:
        """A new session whose default schema is `public`.

        Raises:
            WarehouseUnavailable: a lake's catalog cannot be reached.
        """
        cursor = self._connection.cursor()
        try:
            cursor.execute(f'USE "{self.database}".public')
        except duckdb.Error as failure:
            if is_fatal(failure):
                self._tell_failed()
            raise translate(failure) from None  # the engine's text names the connection
        session = self._storage.session(cursor, self._spool, self.session)
        session.failed = self._tell_failed
        return session

    def _tell_failed(self) -> None:
        told, self.failed = self.failed, None
        if told is not None:
            told()

    def provide(self, name: str, answer: Callable[[str], str]) -> None:
        """See the protocol."""
        self._connection.create_function(name, answer, ["VARCHAR"], "VARCHAR", side_effects=True)

    def provide_columns(self, name: str, returns: str, answer: Callable[..., Any], *, is_volatile: bool) -> None:
        """See the protocol."""

        def called(*columns: Any) -> Any:
            try:
                return answer(*(flat(one) for one in columns))
            except BoathouseError as failure:
                raise ValueError(raised(failure)) from None

        # Taken by the engine as long as it lives: it calls what it was given without holding on to it.
        self._provided.append(called)
        self._connection.create_function(
            name, called, None, returns, type="arrow", null_handling="special", side_effects=is_volatile
        )  # type: ignore[call-overload]

    @property
    def is_shared(self) -> bool:
        """See the protocol."""
        return self._storage.shared is not None

    def watch(self, changed: Callable[[bool], None]) -> None:
        """See the protocol."""
        if self._storage.shared is not None:
            self._storage.shared.watch(changed)

    def look(self) -> None:
        """See the protocol."""
        if self._storage.shared is not None:
            self._storage.shared.look()

    def leads(self) -> bool:
        """See the protocol."""
        return self._storage.shared is None or self._storage.shared.leads()

    def starting(self) -> AbstractContextManager[None]:
        """See the protocol."""
        return nullcontext() if self._storage.shared is None else self._storage.shared.alone("start")

    def settling(self, *, alone: bool) -> AbstractContextManager[None]:
        """See the protocol."""
        return nullcontext() if self._storage.shared is None else self._storage.shared.settling(alone=alone)

    def bursts(self, limits: BurstLimits, told: Callable[[], None]) -> Pool:
        """See the protocol."""
        return Pool(self._spool, limits, told)

    def load_extension(self, name: str) -> None:
        """See the protocol."""
        with self._loading:
            for one in _NEEDED.get(name, (name,)):
                if one not in self._loaded:
                    load_extension(self._connection, one)
                    for macro in _MACROS.get(one, ()):
                        self._connection.execute(macro)
                    self._loaded.add(one)

    def close(self) -> None:
        """Write everything and let the warehouse go."""
        with suppress(duckdb.Error):  # it has ended before; its log is read when the warehouse is opened again
            self._storage.close(self._connection)
        self._connection.close()


def _cache(settings: EngineSettings) -> Path | None:
    named = settings.cache_directory
    try:
        if not named or (named.startswith("~") and not Path.home().is_dir()):  # a service's user often has none
            return None
        return Path(named).expanduser()
    except RuntimeError:
        return None
