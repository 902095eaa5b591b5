"""Numbers that are given once: what sequences are to a storage that has none.

They are rows of the lake's own catalog database, changed by short transactions of their own: a number that a rolled back
statement has taken stays taken. Each process takes some at a time, so numbers of several servers do not follow each other.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress

import duckdb

from boathouse.contracts.errors import InternalError, SerializationFailure

_BLOCK = 32
_TRIES_MAX = 100


class Numbers:
    """Gives numbers by name.

    Args:
        table: where they are, in the engine's words.
        open_cursor: a connection of their own.
    """

    def __init__(self, table: str, open_cursor: Callable[[], duckdb.DuckDBPyConnection]) -> None:
        self._table = table
        self._open_cursor = open_cursor
        self._kept: dict[str, tuple[int, int, int]] = {}
        """Name → (next number, how many are left, step)."""
        self._lock = threading.Lock()
        self._cursor: duckdb.DuckDBPyConnection | None = None

    def prepare(self) -> None:
        """Make the table where there is none."""
        with self._lock:
            self._connected().execute(
                f"CREATE TABLE IF NOT EXISTS {self._table} (name VARCHAR, next_number BIGINT, step BIGINT)"
            )

    def define(self, name: str, start: int, step: int) -> None:
        """Begin numbers of a name; those that have begun go on."""
        with self._lock:
            self._alone(
                f"INSERT INTO {self._table} SELECT ?, ?, ? WHERE NOT EXISTS (SELECT 1 FROM {self._table} WHERE name = ?)",
                (name, start, step, name),
            )

    def forget(self, name: str) -> None:
        """Nobody will ask for numbers of this name again."""
        with self._lock:
            self._kept.pop(name, None)
            self._alone(f"DELETE FROM {self._table} WHERE name = ?", (name,))

    def take(self, name: str, count: int) -> list[int]:
        """So many numbers that nobody has had."""
        with self._lock:
            found: list[int] = []
            while len(found) < count:
                first, left, step = self._kept.get(name) or self._block(name, max(count - len(found), _BLOCK))
                used = min(left, count - len(found))
                found += [first + place * step for place in range(used)]
                self._kept.pop(name, None)
                if left > used:
                    self._kept[name] = (first + used * step, left - used, step)
            return found

    def close(self) -> None:
        """Free the connection."""
        with self._lock:
            if self._cursor is not None:
                self._cursor.close()

    def _connected(self) -> duckdb.DuckDBPyConnection:
        if self._cursor is None:
            self._cursor = self._open_cursor()
        return self._cursor

    def _block(self, name: str, count: int) -> tuple[int, int, int]:
        read = f"SELECT next_number, step FROM {self._table} WHERE name = ?"
        change = f"UPDATE {self._table} SET next_number = next_number + step * {count} WHERE name = ?"
        rows = self._alone(change, (name,), read)
        if not rows:
            raise InternalError(f"no numbers are kept under {name}")
        return rows[0][0], count, rows[0][1]

    def _alone(self, change: str, parameters: tuple[object, ...], read: str | None = None) -> list[tuple[int, int]]:
        """Run a change, and a look before it, as one transaction; again where another server was quicker."""
        cursor = self._connected()
        for _ in range(_TRIES_MAX):
            cursor.execute("BEGIN")
            try:
                rows: list[tuple[int, int]] = cursor.execute(read, parameters).fetchall() if read is not None else []
                cursor.execute(change, parameters)
                cursor.execute("COMMIT")
            except BaseException as failure:
                with suppress(duckdb.Error):  # a COMMIT that failed has ended it
                    cursor.execute("ROLLBACK")
                if isinstance(failure, duckdb.TransactionException):
                    continue
                raise
            return rows
        raise SerializationFailure("numbers could not be taken: too many servers take some at once")
