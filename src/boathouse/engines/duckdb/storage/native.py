"""The warehouse in one file of the engine's own format."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb

from boathouse.contracts.errors import BoathouseError, HomeInUse, StorageError
from boathouse.engines.duckdb.checkpoints import Checkpoints
from boathouse.engines.duckdb.keeping.file_snapshots import FileSnapshots
from boathouse.engines.duckdb.session import DuckSession
from boathouse.engines.duckdb.storage.shared_catalog import SharedCatalog

MACROS = (
    "CREATE OR REPLACE MACRO memory.rs.stored_tables() AS TABLE SELECT * FROM duckdb_tables()",
    "CREATE OR REPLACE MACRO memory.rs.stored_columns() AS TABLE SELECT * FROM duckdb_columns()",
    "CREATE OR REPLACE MACRO memory.rs.stored_sizes() AS TABLE "
    "SELECT database_name, schema_name, table_name, estimated_size AS row_count FROM duckdb_tables()",
    "CREATE OR REPLACE MACRO memory.rs.stored_commits() AS TABLE "
    "SELECT 0::BIGINT AS commit_id, NULL::TIMESTAMPTZ AS committed, NULL::VARCHAR AS changes WHERE false",
    "CREATE OR REPLACE MACRO memory.rs.next_number(name) AS nextval(name)",
)


class NativeStorage:
    """See `engine.Storage`.

    Args:
        file: the database file; made where there is none.
        database: the name under which users know it.
        snapshots: the folder of its snapshots; beside the file where none is named.
    """

    macros: tuple[str, ...] = MACROS
    shared: SharedCatalog | None = None

    def __init__(self, file: Path, database: str, snapshots: Path | None = None) -> None:
        self._file = file
        self._database = database
        self._snapshots = snapshots or file.parent / "snapshots"
        self._checkpoints: Checkpoints | None = None

    def attach(self, connection: duckdb.DuckDBPyConnection) -> None:
        """See the protocol."""
        quoted = str(self._file).replace("'", "''")
        self._checkpoints = Checkpoints(connection.cursor, self._file)
        self._checkpoints.look()
        try:
            with standard_output_kept():
                connection.execute(f"ATTACH '{quoted}' AS \"{self._database}\" (STORAGE_VERSION 'latest')")
        except duckdb.IOException as failure:
            raise not_opened(self._file, failure) from failure

    def session(
        self, connection: duckdb.DuckDBPyConnection, spool: Path, open_sibling: Callable[[], DuckSession]
    ) -> DuckSession:
        """See the protocol."""
        return DuckSession(connection, spool, open_sibling, self._checkpoints)

    def snapshots(self, open_cursor: Callable[[], duckdb.DuckDBPyConnection]) -> FileSnapshots:
        """See the protocol."""
        checkpoints = self._checkpoints or Checkpoints(open_cursor, self._file)
        return FileSnapshots(self._file, self._snapshots, self._database, open_cursor, checkpoints)

    def history(self) -> None:
        """See the protocol. The file has what is committed, and no more."""

    def close(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Write everything to the file, where there is the room; what is in the log is read when it opens again."""
        if self._checkpoints is None or self._checkpoints.may_begin:
            connection.execute(f'CHECKPOINT "{self._database}"')


def not_opened(file: Path, failure: duckdb.Error) -> BoathouseError:
    """What a user is told where a file of the engine's cannot be opened."""
    if "lock" in str(failure).lower():
        return HomeInUse(
            f"the warehouse {file.name} is open in another process", hint="Stop the other server of this home first."
        )
    return StorageError(f"the warehouse {file} cannot be opened")


@contextlib.contextmanager
def standard_output_kept() -> Iterator[None]:
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
