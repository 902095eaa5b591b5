"""A capture's state in a PostgreSQL, the captured one or another: `kind = "postgres"`, `secret`. A schema `boathouse` is made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import psycopg

from boathouse.capture.postgres.connect import first_line
from boathouse.capture.states.state import definitions, plain
from boathouse.contracts.source_errors import StateUnavailable

_OWN = ("kind", "secret", "lease_seconds")


class PostgresState:
    """See `StateSession`.

    Args:
        secret: in libpq's words.
    """

    def __init__(self, secret: Mapping[str, str]) -> None:
        given = {name: value for name, value in secret.items() if name not in _OWN}
        try:
            self._connection = psycopg.connect(
                "", autocommit=True, cursor_factory=psycopg.RawCursor, connect_timeout=10, tcp_user_timeout=10_000,
                application_name="boathouse state", **given,  # type: ignore[arg-type]
            )  # fmt: skip
            self._define()
        except psycopg.Error as failure:
            raise StateUnavailable(f"the state cannot be reached: {first_line(str(failure))}") from None

    def begin(self) -> None:
        """See `StateSession`."""
        self.execute("BEGIN")

    def commit(self) -> None:
        """See `StateSession`."""
        self.execute("COMMIT")

    def rollback(self) -> None:
        """See `StateSession`."""
        if not self._connection.closed:
            self.execute("ROLLBACK")

    def execute(self, sql: str, parameters: Sequence[object] = ()) -> int:
        """See `StateSession`."""
        return max(0, self._run(sql, parameters).rowcount)

    def fetch(self, sql: str, parameters: Sequence[object] = ()) -> list[tuple[object, ...]]:
        """See `StateSession`."""
        return self._run(sql, parameters).fetchall()

    def close(self) -> None:
        """See `StateSession`."""
        self._connection.close()

    def _run(self, sql: str, parameters: Sequence[object]) -> psycopg.Cursor[tuple[object, ...]]:
        try:
            return self._connection.execute(plain(sql).encode(), parameters or None)
        except psycopg.Error as failure:
            raise StateUnavailable(f"the state cannot be read or written: {first_line(str(failure))}") from None

    def _define(self) -> None:
        """One after the other where several instances begin at once."""
        there = "SELECT to_regclass('boathouse.capture_terms') IS NOT NULL"
        with self._connection.transaction():
            self._connection.execute("SELECT pg_advisory_xact_lock(7261736)")
            if self._connection.execute(there).fetchone() != (True,):
                self._connection.execute("CREATE SCHEMA IF NOT EXISTS boathouse")
            for sql, added in definitions():
                if added is None or not self._has(*added):
                    self._connection.execute(sql.replace(" DOUBLE", " DOUBLE PRECISION").encode())

    def _has(self, table: str, column: str) -> bool:
        found = self._connection.execute(
            "SELECT 1 FROM information_schema.columns WHERE table_schema = 'boathouse' AND table_name = $1 "
            "AND column_name = $2",
            (table, column),
        )
        return found.fetchone() is not None


def open_state(name: str, given: Mapping[str, str]) -> PostgresState:
    """The value of the entry point. Captures of several names share the tables."""
    return PostgresState(given)
