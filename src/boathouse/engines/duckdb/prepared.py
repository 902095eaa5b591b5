"""The process's own database, `memory`: macros and views over the house's tables, which the engine takes most of a start to bind.

Receives their statements from the engine, and the connection that shall have them. Once bound they are kept in a file for this
version of them, from which further starts of any home copy them: a copied view is bound when it is first used.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import threading
from collections.abc import Sequence
from pathlib import Path

import duckdb


class PreparedDatabase:
    """One version of the statements, and the file that keeps what they made.

    Args:
        statements: all of them, in order, as text: another text is another file.
        cache: the folder of such files; None keeps none.
    """

    def __init__(self, statements: Sequence[str], cache: Path | None) -> None:
        version = hashlib.sha256("\n".join((duckdb.__version__, *statements)).encode()).hexdigest()[:32]
        self._file = None if cache is None else cache / f"system-{version}.duckdb"

    def restore(self, connection: duckdb.DuckDBPyConnection) -> bool:
        """Give a new `memory` everything that was kept; False where it has to be made."""
        if self._file is None or not _ours(self._file):
            return False
        quoted = str(self._file).replace("'", "''")
        try:
            connection.execute(f"ATTACH '{quoted}' AS prepared (READ_ONLY)")
            try:
                connection.execute("COPY FROM DATABASE prepared TO memory (SCHEMA)")
            finally:
                connection.execute("DETACH prepared")
        except duckdb.Error:  # gone meanwhile, or no database
            return False
        return True

    def keep(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Keep what `memory` holds now. Where the folder cannot be written to, the next start binds again."""
        if self._file is None:
            return
        draft = self._file.with_suffix(f".{os.getpid()}-{threading.get_ident()}")
        with contextlib.suppress(OSError, duckdb.Error):
            self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            try:
                _write(connection, draft)
                draft.replace(self._file)  # whole or not at all, also beside others that start now
            finally:
                draft.unlink(missing_ok=True)


def _write(connection: duckdb.DuckDBPyConnection, file: Path) -> None:
    """Everything that `memory` defines, into a database file of its own."""
    quoted = str(file).replace("'", "''")
    connection.execute(f"ATTACH '{quoted}' AS prepared (STORAGE_VERSION 'latest')")
    try:
        connection.execute("COPY FROM DATABASE memory TO prepared (SCHEMA)")
    finally:
        connection.execute("DETACH prepared")
    file.chmod(0o600)


def _ours(file: Path) -> bool:
    """True where nobody else can have written it: the engine runs what it says."""
    try:
        found = file.stat()
    except OSError:
        return False
    return found.st_uid == os.getuid() and not found.st_mode & 0o022
