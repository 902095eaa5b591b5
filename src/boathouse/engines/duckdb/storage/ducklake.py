"""The warehouse as a DuckLake: Parquet files, and a catalog database that says which of them are the tables.

Users' rows always go to files. The lake would keep few rows in its catalog, which is done for the bookkeeping's small tables
alone: their types are plain.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any
from weakref import WeakSet

import duckdb
import pyarrow as pa

from boathouse.contracts.engine import Access, EngineSession, Stored
from boathouse.engines.duckdb.checkpoints import Checkpoints
from boathouse.engines.duckdb.computed.vectors import flat
from boathouse.engines.duckdb.errors import translate
from boathouse.engines.duckdb.extensions import S3, load_extension
from boathouse.engines.duckdb.keeping.changes import Moves
from boathouse.engines.duckdb.keeping.lake_claims import claim, identity
from boathouse.engines.duckdb.keeping.lake_history import COMMITS, LakeHistory
from boathouse.engines.duckdb.keeping.lake_snapshots import LakeSnapshots
from boathouse.engines.duckdb.keeping.lake_upkeep import Upkeep
from boathouse.engines.duckdb.session import DuckSession
from boathouse.engines.duckdb.storage.lake_session import LakeSession
from boathouse.engines.duckdb.storage.native import not_opened, standard_output_kept
from boathouse.engines.duckdb.storage.near_copies import NEAR_FILE, NearCopies
from boathouse.engines.duckdb.storage.numbers import Numbers
from boathouse.engines.duckdb.storage.shared_catalog import SharedCatalog
from boathouse.engines.duckdb.storage.shared_lake import SharedLakeSession, SharedNumbers, attach_shared, secrets_of
from boathouse.sql.redshift.types import quoted

STORED = Stored(
    number_function="lake_next",
    # Parquet's intervals have milliseconds and no sign; its writer makes one of two keys of an object that differ in case.
    types_refused=frozenset({"INTERVAL", "VARIANT"}),
    collations=False,
    rows_in_order=False,
    computed_defaults=False,
    enforces_keys=False,
    merges_deletes=False,
    gathers_files=True,
)
_INLINED_ROWS_MAX = 1000
_RETRIES_MAX = 100
"""Commits that meet each other without touching the same tables are tried again so often."""

_COLUMNS = """
SELECT c.* REPLACE (nullif(c.column_default, 'NULL') AS column_default, CASE WHEN contains(v.comment, '"column_notes"')
    THEN v.comment::JSON -> 'column_notes' ->> ('c:' || c.column_name) ELSE c.comment END AS comment)
FROM duckdb_columns() c LEFT JOIN duckdb_views() v ON v.database_name = c.database_name AND v.schema_name = c.schema_name
    AND v.view_name = c.table_name
"""
# The engine's own list of tables asks the catalog for the size of each.
_TABLES = """
SELECT c.database_name, c.schema_name, c.table_name, min(c.table_oid) AS table_oid,
    max(CASE WHEN contains(c.comment, '"table": ') THEN c.comment::JSON ->> 'table' END) AS comment,
    c.database_name = 'temp' AS temporary, false AS internal
FROM duckdb_columns() c ANTI JOIN duckdb_views() v ON v.database_name = c.database_name AND v.schema_name = c.schema_name
    AND v.view_name = c.table_name
WHERE NOT c.internal GROUP BY ALL
"""
_SIZES = """
SELECT '{database}' AS database_name, s.schema_name, t.table_name, z.record_count::BIGINT AS row_count
FROM {catalog}.ducklake_table_stats z JOIN {catalog}.ducklake_table t USING (table_id)
JOIN {catalog}.ducklake_schema s USING (schema_id) WHERE t.end_snapshot IS NULL AND s.end_snapshot IS NULL
"""


class LakeStorage:
    """See `engine.Storage`.

    Args:
        catalog: the file of the catalog database, made where there is none; or the PostgreSQL that several servers share.
        data: the folder of the Parquet files, or their place on S3.
        database: the name under which users know the warehouse.
        access: what opens that place.
        upkeep: what is kept, and how.
        near_bytes: that copies of tables may take in the folder of temporary files; 0: none are made.
    """

    def __init__(
        self,
        catalog: Path | SharedCatalog,
        data: Path | str,
        database: str,
        access: Access | None = None,
        upkeep: Upkeep = Upkeep(),  # noqa: B008
        near_bytes: int = 0,
    ) -> None:
        self._catalog = catalog
        self._data = str(data).rstrip("/")
        self._database = database
        self._access = access or Access()
        self.shared = catalog if isinstance(catalog, SharedCatalog) else None
        self._metadata = f'"__ducklake_metadata_{database}"'
        if self.shared is not None:
            self._metadata += f'."{self.shared.schema}"'
        sizes = _SIZES.format(database=database, catalog=self._metadata)
        self.macros = tuple(
            f"CREATE OR REPLACE MACRO memory.rs.{macro}"
            for macro in (
                f"stored_tables() AS TABLE {_TABLES}",
                f"stored_columns() AS TABLE {_COLUMNS}",
                f"stored_sizes() AS TABLE {sizes}",
                f"stored_commits() AS TABLE {COMMITS.format(lake=quoted(database))}",
                f"next_number(name) AS {STORED.number_function}(name)",
            )
        )
        self.numbers: Numbers | None = None
        self._lock = threading.Lock()
        self._sessions: WeakSet[LakeSession] = WeakSet()
        self._near_bytes = near_bytes
        self._near: NearCopies | None = None
        self._moves = Moves()
        commits = self._moves if self.shared is None else self.shared.commits
        self._history = LakeHistory(
            database, self._metadata, self._data, upkeep, self._oldest, commits, self._access.keys
        )

    def attach(self, connection: duckdb.DuckDBPyConnection) -> None:
        """See the protocol."""
        load_extension(connection, "ducklake")
        connection.execute(f"SET ducklake_max_retry_count = {_RETRIES_MAX}")
        if self._access.secrets:
            load_extension(connection, S3)
        for statement in self._opened():
            connection.execute(statement)
        self._checkpoints = Checkpoints(connection.cursor, self._catalog if isinstance(self._catalog, Path) else None)
        self._checkpoints.look()
        if isinstance(self._catalog, SharedCatalog):
            attach_shared(connection, self._catalog, self._data, self._database)
        else:
            self._attach_file(connection, self._catalog)
        self._provide_numbers(connection)
        self._set_options(connection)

    def attach_past(self, session: EngineSession, name: str, version: int | None) -> str:
        """Attach the lake beside another warehouse, to be read: as it is, or as it was at a commit.

        Returns:
            Where the tables of its catalog are, quoted.

        Raises:
            WarehouseUnavailable.
        """
        for statement in self._opened():
            session.execute(statement)
        at = "" if version is None else f", SNAPSHOT_VERSION {version}"
        if isinstance(self._catalog, SharedCatalog):
            for statement in secrets_of(self._catalog, self._data, name):
                session.execute(statement)
            schema = self._catalog.schema
            session.execute(f"ATTACH 'ducklake:boathouse_{name}' AS {name} (READ_ONLY, METADATA_SCHEMA '{schema}'{at})")
            return f'"__ducklake_metadata_{name}"."{schema}"'
        file = str(self._catalog).replace("'", "''")
        session.execute(f"ATTACH 'ducklake:{file}' AS {name} (READ_ONLY{at})")
        return f'"__ducklake_metadata_{name}"'

    def _opened(self) -> Iterator[str]:
        for name, value in self._access.settings:
            yield f"SET GLOBAL {name} = {value}"
        for place, secret in enumerate(self._access.secrets):
            yield f"CREATE OR REPLACE SECRET boathouse_data_{place} ({secret})"

    def _attach_file(self, connection: duckdb.DuckDBPyConnection, file: Path) -> None:
        catalog, data = (str(one).replace("'", "''") for one in (file, self._data))
        try:
            with standard_output_kept():
                connection.execute(f"ATTACH 'ducklake:{catalog}' AS \"{self._database}\" (DATA_PATH '{data}/')")
        except duckdb.Error as failure:
            raise not_opened(file, failure) from failure

    def _provide_numbers(self, connection: duckdb.DuckDBPyConnection) -> None:
        numbers = (
            Numbers(f"{self._metadata}.boathouse_numbers", connection.cursor)
            if self.shared is None
            else SharedNumbers(self.shared)
        )
        numbers.prepare()

        def next_numbers(names: Any) -> pa.Array:
            asked = flat(names).to_pylist()
            given = {name: iter(numbers.take(name, asked.count(name))) for name in set(asked)}
            return pa.array([next(given[name]) for name in asked], pa.int64())

        connection.create_function(
            STORED.number_function,
            next_numbers,
            ["VARCHAR"],
            "BIGINT",
            type="arrow",
            null_handling="special",
            side_effects=True,
        )  # type: ignore[call-overload]
        self.numbers = numbers

    def _set_options(self, connection: duckdb.DuckDBPyConnection) -> None:
        lake = f'"{self._database}"'
        known = dict(connection.execute(f"SELECT option_name, value FROM {lake}.options()").fetchall())
        if known.get("target_file_size") != str(self._history.upkeep.file_bytes):
            connection.execute(f"CALL {lake}.set_option('target_file_size', '{self._history.upkeep.file_bytes}B')")
        if "parquet_version" in known:
            return
        if not self._history.upkeep.owns_folder:
            self._claim(connection)
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS {lake}.boathouse")
        for option in (
            "'data_inlining_row_limit', 0",
            f"'data_inlining_row_limit', {_INLINED_ROWS_MAX}, schema => 'boathouse'",
            "'parquet_compression', 'zstd'",
            "'parquet_version', 2",
        ):
            connection.execute(f"CALL {lake}.set_option({option})")

    def _claim(self, connection: duckdb.DuckDBPyConnection) -> None:
        def fetch(sql: str) -> list[tuple[Any, ...]]:
            return connection.execute(sql).fetchall()

        try:
            claim(fetch, self._data, str(fetch(identity(self._metadata))[0][0]))
        except duckdb.Error as failure:
            raise translate(failure) from None

    def session(
        self, connection: duckdb.DuckDBPyConnection, spool: Path, open_sibling: Callable[[], DuckSession]
    ) -> DuckSession:
        """See the protocol."""
        assert self.numbers is not None
        given = (
            connection, spool, open_sibling, self._checkpoints, STORED, self.numbers, self._database, self._history, self._moves
        )  # fmt: skip
        session = LakeSession(*given) if self.shared is None else SharedLakeSession(*given, self.shared)
        with self._lock:
            self._sessions.add(session)
            if self._near is None and self._near_bytes:
                commits = None if self.shared is None else self.shared.commits
                self._checkpoints.mind(spool / NEAR_FILE)
                self._near = NearCopies(
                    self._database, self._metadata, spool, self._near_bytes, self._moves, commits, open_sibling
                )
        session.near = self._near
        return session

    def snapshots(self, open_cursor: Callable[[], duckdb.DuckDBPyConnection]) -> LakeSnapshots:
        """See the protocol."""
        return LakeSnapshots(self._database, self._metadata, self._history)

    def history(self) -> LakeHistory:
        """See the protocol."""
        return self._history

    def _oldest(self) -> datetime | None:
        """When the oldest transaction began that is open on the lake, here or elsewhere."""
        with self._lock:
            sessions = tuple(self._sessions)
        found = [since for session in sessions if (since := session.busy_since()) is not None]
        if self.shared is not None and (elsewhere := self.shared.oldest()) is not None:
            found.append(elsewhere)
        return min(found, default=None)

    def close(self, connection: duckdb.DuckDBPyConnection) -> None:
        """See the protocol."""
        if self._near is not None:
            self._near.close()
        if self.numbers is not None:
            self.numbers.close()
        if self.shared is not None:
            self.shared.close()


def relocate(catalog: Path, data: Path) -> None:
    """Say in a lake's catalog file that its files are in this folder; nothing where there is no catalog yet."""
    if not catalog.exists():
        return
    with (
        duckdb.connect(str(catalog)) as connection,
        suppress(duckdb.CatalogException),
    ):  # it was cut off before it had tables
        connection.execute("UPDATE ducklake_metadata SET value = ? WHERE key = 'data_path'", [f"{data}/"])
