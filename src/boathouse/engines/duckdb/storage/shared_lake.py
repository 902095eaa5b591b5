"""A lake whose catalog is in PostgreSQL, where several servers have it at once.

Received from `ducklake`: the engine's connection and the `SharedCatalog`; given back: the lake attached, sessions on it, numbers
that no two servers give. Whatever an error of the engine's says of the catalog's connection stays here: it may name a password.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import duckdb
from psycopg.conninfo import make_conninfo

from boathouse.contracts.engine import Stored
from boathouse.contracts.errors import InternalError, InvalidParameterValue, SerializationFailure
from boathouse.contracts.source_errors import TransactionUnresolved, WarehouseUnavailable
from boathouse.engines.duckdb.checkpoints import Checkpoints
from boathouse.engines.duckdb.extensions import load_extension
from boathouse.engines.duckdb.keeping.changes import Moves
from boathouse.engines.duckdb.keeping.lake_history import LakeHistory
from boathouse.engines.duckdb.session import DuckSession
from boathouse.engines.duckdb.storage.lake_session import LakeSession
from boathouse.engines.duckdb.storage.native import standard_output_kept
from boathouse.engines.duckdb.storage.numbers import Numbers
from boathouse.engines.duckdb.storage.shared_catalog import CONNECT_SECONDS, DEFINITIONS, SharedCatalog

LOG = logging.getLogger(__name__)

_IN_SECRET = {"host": "HOST", "port": "PORT", "dbname": "DATABASE", "user": "USER", "password": "PASSWORD"}
"""What the engine takes out of a secret; the rest of libpq's keywords stands in the text that its lists of databases show."""
_SETTINGS = {"ducklake_max_retry_count": "40", "ducklake_retry_wait_ms": "5", "ducklake_retry_backoff": "1.2"}
"""Commits that meet each other are tried again so often, after 5 ms at first and half a minute in all."""
_ADDED = re.compile(r"INSERT INTO boathouse\.(\w+)")
"""As every room writes it."""


def attach_shared(connection: duckdb.DuckDBPyConnection, catalog: SharedCatalog, data: str, database: str) -> None:
    """Attach the lake, made where there is none.

    Raises:
        WarehouseUnavailable.
    """
    load_extension(connection, "postgres_scanner")
    for name, value in _SETTINGS.items():
        connection.execute(f"SET {name} = {value}")
    catalog.enter()
    for statement in secrets_of(catalog, data, "lake"):
        connection.execute(statement)
    try:
        with standard_output_kept():
            connection.execute(
                f"ATTACH 'ducklake:boathouse_lake' AS \"{database}\" (METADATA_SCHEMA {_quoted(catalog.schema)})"
            )
    except duckdb.Error as failure:
        LOG.error("the lake cannot be attached: %s", type(failure).__name__)
        if "does not match existing data path" in str(failure):
            raise InvalidParameterValue(
                f"the lake of {catalog.name} keeps its files elsewhere than [storage] data_path says",
                hint="Every server of a lake names the same place.",
            ) from None
        raise catalog.unavailable("has no catalog that can be opened") from None


def secrets_of(catalog: SharedCatalog, data: str, name: str) -> Iterator[str]:
    """The statements after which `ducklake:boathouse_NAME` may be attached. They hold the password: never log them."""
    inside = {word: catalog.secret[name] for name, word in _IN_SECRET.items() if name in catalog.secret}
    rest = {name: value for name, value in catalog.secret.items() if name not in _IN_SECRET}
    further: dict[str, Any] = {"connect_timeout": CONNECT_SECONDS, "application_name": "boathouse", **rest}
    settings = "".join(f", {word} {_quoted(value)}" for word, value in inside.items())
    yield f"CREATE OR REPLACE SECRET boathouse_catalog_{name} (TYPE postgres{settings})"
    yield (
        f"CREATE OR REPLACE SECRET boathouse_{name} (TYPE ducklake, METADATA_PATH {_quoted(make_conninfo(**further))}, "
        f"DATA_PATH {_quoted(data + '/')}, "
        f"METADATA_PARAMETERS MAP {{'TYPE': 'postgres', 'SECRET': 'boathouse_catalog_{name}'}})"
    )


class SharedNumbers(Numbers):
    """See `Numbers`; they are taken by single statements of PostgreSQL's.

    Args:
        catalog: where they are.
    """

    def __init__(self, catalog: SharedCatalog) -> None:
        super().__init__("", _no_cursor)
        self._catalog = catalog
        catalog.watch(self._renew)

    def prepare(self) -> None:
        """See the parent."""
        self._catalog.prepare_numbers()

    def define(self, name: str, start: int, step: int) -> None:
        """See the parent."""
        self._catalog.define_number(name, start, step)

    def forget(self, name: str) -> None:
        """See the parent."""
        with self._lock:
            self._kept.pop(name, None)
            self._catalog.forget_number(name)

    def _block(self, name: str, count: int) -> tuple[int, int, int]:
        found = self._catalog.take_numbers(name, count)
        if found is None:
            raise InternalError(f"no numbers are kept under {name}")
        return found[0], count, found[1]

    def _renew(self, defined: bool) -> None:
        """A table may have been dropped and made again, and counts anew: what was taken before is of the old one."""
        if defined:
            with self._lock:
                self._kept.clear()


class SharedLakeSession(LakeSession):
    """See the parent.

    Args:
        connection, spool, open_sibling, checkpoints, stored, numbers, database, history, moves: as the parent's.
        catalog: what the servers share.
    """

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        spool: Path,
        open_sibling: Callable[[], DuckSession],
        checkpoints: Checkpoints,
        stored: Stored,
        numbers: Numbers,
        database: str,
        history: LakeHistory,
        moves: Moves,
        catalog: SharedCatalog,
    ) -> None:
        super().__init__(connection, spool, open_sibling, checkpoints, stored, numbers, database, history, moves)
        self._shared = catalog
        self._added: set[str] = set()
        """The bookkeeping's tables to which the open transaction has added rows."""
        self._since: int | None = None
        """The commit that the open transaction sees; known where it changes definitions."""

    def begin(self) -> None:
        self._added.clear()
        self._since = None
        super().begin()

    def defining(self) -> None:
        lake = _quoted_name(self._database)
        self._message = DEFINITIONS
        self._since = self._run(f"SELECT id FROM {lake}.current_snapshot()").fetchone()[0]

    def changed_beside(self, tables: Collection[tuple[str, str]]) -> bool:
        return self._shared.changed(self._commit_seen(), tables)

    def commit(self) -> None:
        """Rows that are only added never conflict in the lake, and two definitions of one name are such rows."""
        if self._since is None or not self._added:
            self._commit()
            return
        with self._shared.alone(DEFINITIONS):
            if self._shared.defined(self._since, self._added):
                raise SerializationFailure(
                    "1023: serializable isolation violation: another transaction changed the same definitions",
                    hint="Send the transaction again.",
                )
            self._commit()

    def _commit(self) -> None:
        try:
            super().commit()
        except WarehouseUnavailable:
            raise TransactionUnresolved(
                f"the lake's catalog in PostgreSQL ({self._shared.name}) went away while the transaction was being committed"
            ) from None

    def rollback(self) -> None:
        with suppress(WarehouseUnavailable):  # it has rolled back by itself
            super().rollback()

    def _vacuum(self, place: str) -> Any:
        with self._shared.alone("upkeep"):  # two at once would write the same files anew, and one in vain
            return super()._vacuum(place)

    def _run(self, sql: str, parameters: Sequence[object] = ()) -> Any:
        added = _ADDED.match(sql)
        if added is not None:
            self._added.add(added[1])
        try:
            return super()._run(sql, parameters)
        except WarehouseUnavailable:
            raise self._shared.unavailable("went away") from None  # the engine's text may name the password


def _no_cursor() -> duckdb.DuckDBPyConnection:
    raise InternalError("numbers of a shared lake are PostgreSQL's")


def _quoted_name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
