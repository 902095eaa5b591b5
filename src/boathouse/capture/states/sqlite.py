"""A capture's state in a SQLite file: for instances on one machine, or one alone. `kind = "sqlite"`, `path`."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from datetime import datetime

from boathouse.capture.states.state import definitions, plain
from boathouse.contracts.errors import InvalidParameterValue
from boathouse.contracts.source_errors import StateUnavailable

_WAIT_SECONDS = 10.0
_SEQUENCE = "CREATE TABLE IF NOT EXISTS boathouse.capture_numbers (last INTEGER NOT NULL)"
_FIRST = 100_001


class SqliteState:
    """See `StateSession`.

    Args:
        path: of the file; `:memory:` for one that ends with the session.
    """

    def __init__(self, path: str) -> None:
        try:
            self._connection = sqlite3.connect(
                ":memory:", timeout=_WAIT_SECONDS, isolation_level=None, check_same_thread=False
            )
            self._connection.execute("ATTACH $1 AS boathouse", {"1": path})
            self._connection.execute("PRAGMA boathouse.synchronous = FULL")
            self._connection.create_function("nextval", 1, lambda name: self._next())
            self._define()
        except sqlite3.Error as failure:
            raise StateUnavailable(f"the state {path} cannot be opened: {failure}") from failure

    def begin(self) -> None:
        """See `StateSession`. It waits for another's transaction."""
        self.execute("BEGIN IMMEDIATE")

    def commit(self) -> None:
        """See `StateSession`."""
        self.execute("COMMIT")

    def rollback(self) -> None:
        """See `StateSession`."""
        if self._connection.in_transaction:
            self.execute("ROLLBACK")

    def execute(self, sql: str, parameters: Sequence[object] = ()) -> int:
        """See `StateSession`."""
        return max(0, self._run(sql, parameters).rowcount)

    def fetch(self, sql: str, parameters: Sequence[object] = ()) -> list[tuple[object, ...]]:
        """See `StateSession`."""
        try:
            return self._run(sql, parameters).fetchall()
        except sqlite3.Error as failure:
            raise StateUnavailable(f"the state cannot be read or written: {failure}") from failure

    def close(self) -> None:
        """See `StateSession`."""
        self._connection.close()

    def _run(self, sql: str, parameters: Sequence[object]) -> sqlite3.Cursor:
        given = {str(number): _plain(value) for number, value in enumerate(parameters, 1)}
        try:
            return self._connection.execute(plain(sql), given)
        except sqlite3.Error as failure:
            raise StateUnavailable(f"the state cannot be read or written: {failure}") from failure

    def image(self) -> bytes:
        """The whole database."""
        return self._connection.serialize(name="boathouse")

    def replace(self, image: bytes) -> None:
        """Another image in its place."""
        self._connection.deserialize(image, name="boathouse")

    def _define(self) -> None:
        self._connection.execute("BEGIN IMMEDIATE")
        self._connection.execute(_SEQUENCE)
        for sql, added in definitions():
            if added is not None:
                known = self._connection.execute("SELECT name FROM pragma_table_info($1, 'boathouse')", {"1": added[0]})
                if (added[1],) not in known.fetchall():
                    self._connection.execute(sql.replace("IF NOT EXISTS ", ""))
            elif not sql.startswith("CREATE SEQUENCE"):
                self._connection.execute(sql)
        self._connection.execute("COMMIT")

    def _next(self) -> int:
        """A sequence's next number, within the statement that asks."""
        found = self._connection.execute(
            "UPDATE boathouse.capture_numbers SET last = last + 1 RETURNING last"
        ).fetchall()
        if not found:
            self._connection.execute("INSERT INTO boathouse.capture_numbers VALUES ($1)", {"1": _FIRST})
        return int(found[0][0]) if found else _FIRST


def open_state(name: str, given: Mapping[str, str]) -> SqliteState:
    """The value of the entry point; the file's folder must be there. Captures of several names share the file.

    Raises:
        InvalidParameterValue: no `path`.
    """
    if "path" not in given:
        raise InvalidParameterValue("a state in SQLite needs a path")
    return SqliteState(given["path"])


def _plain(value: object) -> object:
    return value.isoformat(sep=" ") if isinstance(value, datetime) else value
