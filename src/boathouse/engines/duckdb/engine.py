"""Opens DuckDB on a home's warehouse and makes sessions on it.

The process's own database, `memory`, holds only our macros and views (`memory.rs`); the warehouse file is attached under
the name of the Redshift database (`dev`), so that three-part names mean what they say.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import duckdb

from boathouse.contracts.engine import BurstLimits
from boathouse.contracts.errors import BoathouseError, HomeInUse, StorageError
from boathouse.engines.duckdb.burst.pool import Pool
from boathouse.engines.duckdb.computed.table import register
from boathouse.engines.duckdb.computed.vectors import flat
from boathouse.engines.duckdb.errors import raised
from boathouse.engines.duckdb.extensions import CLOSED, load_extension, load_httpfs, machine_memory_bytes
from boathouse.engines.duckdb.macros import MACROS
from boathouse.engines.duckdb.prepared import PreparedDatabase
from boathouse.engines.duckdb.session import DuckSession
from boathouse.engines.duckdb.settings import EngineSettings

_NEEDED = {"iceberg": ("avro", "iceberg")}
"""Extensions that stand on others."""


class DuckEngine:
    """See `contracts.engine.Engine`.

    Args:
        warehouse: the database file; made where there is none.
        database: the name under which users know it.
        spool: a folder for spilling; its content does not outlive the process.
        own: what `define` makes in the process's own database once the warehouse has its tables.

    Raises:
        HomeInUse: another process has the file open.
    """

    def __init__(
        self, warehouse: Path, database: str, spool: Path, settings: EngineSettings, own: Sequence[str] = ()
    ) -> None:
        self.database = database
        self._spool = spool
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
        if settings.temp_directory_size_max:
            config["max_temp_directory_size"] = settings.temp_directory_size_max
        self._own = own
        self._prepared = PreparedDatabase((*MACROS, *own), _cache(settings) if own else None)
        self._connection, self._is_prepared = self._prepared.connect(spool, config)
        self._connection.execute(
            "SET enable_progress_bar = false"
        )  # on by itself where Python has no script: on stdout
        self._connection.execute("SET TimeZone = 'UTC'")
        load_httpfs(self._connection)
        self._loaded: set[str] = set()
        self._attach(warehouse)
        self._connection.execute("SET GLOBAL integer_division = true")
        register(self._connection)
        if not self._is_prepared:
            for macro in MACROS:
                self._connection.execute(macro)
        for schema in ("public", "boathouse"):
            self._connection.execute(f'CREATE SCHEMA IF NOT EXISTS "{database}"."{schema}"')
        self._connection.execute(f'CREATE SEQUENCE IF NOT EXISTS "{database}".boathouse.oids START 100000')

    def _attach(self, warehouse: Path) -> None:
        quoted = str(warehouse).replace("'", "''")
        try:
            with _standard_output_kept():
                self._connection.execute(f"ATTACH '{quoted}' AS \"{self.database}\" (STORAGE_VERSION 'latest')")
        except duckdb.IOException as failure:
            if "lock" in str(failure).lower():
                raise HomeInUse(
                    f"the warehouse {warehouse.name} is open in another process",
                    hint="Stop the other server of this home first.",
                ) from failure
            raise StorageError(f"the warehouse {warehouse} cannot be opened") from failure
        self._connection.execute(f'USE "{self.database}"')

    def define(self) -> None:
        """Make what `own` says, unless a file kept it: views may ask the warehouse's tables, which are there by now."""
        if self._is_prepared:
            return
        for statement in self._own:
            self._connection.execute(statement)
        self._prepared.keep(self._connection)
        self._is_prepared = True

    def session(self) -> DuckSession:
        """A new session whose default schema is `public`."""
        cursor = self._connection.cursor()
        cursor.execute(f'USE "{self.database}".public')
        return DuckSession(cursor, self._spool, self.session)

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

    def bursts(self, limits: BurstLimits) -> Pool:
        """See the protocol."""
        return Pool(self._spool, limits)

    def load_extension(self, name: str) -> None:
        """See the protocol."""
        for one in _NEEDED.get(name, (name,)):
            if one not in self._loaded:
                load_extension(self._connection, one)
                self._loaded.add(one)

    def close(self) -> None:
        """Write everything to the file and let it go."""
        self._connection.execute(f'CHECKPOINT "{self.database}"')
        self._connection.close()


@contextlib.contextmanager
def _standard_output_kept() -> Iterator[None]:
    """Send what the engine writes of its own accord to standard error: after a crash it draws the progress of a long recovery,
    and has no setting against it, where whoever started us reads our first line.
    """
    try:
        kept = os.dup(1)
    except OSError:  # there is none
        yield
        return
    try:
        os.dup2(2, 1)
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)


def _cache(settings: EngineSettings) -> Path | None:
    named = settings.cache_directory
    try:
        if not named or (named.startswith("~") and not Path.home().is_dir()):  # a service's user often has none
            return None
        return Path(named).expanduser()
    except RuntimeError:
        return None
