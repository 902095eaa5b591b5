"""Connections to a PostgreSQL that is captured: one kind for SQL, one for the log, with the same settings.

Receives a named secret (host, port, dbname, user, password, sslmode, … as libpq knows them); hands out connections whose
values read alike. libpq does the network, TLS and the password; its text goes into no message but by SQLSTATE and its
first line, which holds no secret.
"""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, suppress
from weakref import WeakKeyDictionary

import psycopg
from psycopg import sql
from psycopg.abc import AdaptContext
from psycopg.conninfo import make_conninfo

from boathouse.contracts.errors import BoathouseError, InvalidParameterValue
from boathouse.contracts.source_errors import SourceRefused, SourceUnavailable

SETTINGS = {
    "DateStyle": "ISO",
    "IntervalStyle": "postgres",
    "TimeZone": "UTC",
    "bytea_output": "hex",
    "extra_float_digits": "3",
    "client_encoding": "UTF8",
    "search_path": "pg_catalog",
    "row_security": "off",
    "statement_timeout": "0",
    "idle_in_transaction_session_timeout": "0",
    "synchronous_commit": "local",
    "application_name": "boathouse",
}
"""For both connections: a value's text must not depend on how it is read. Without row_security, a read that a policy would
cut short fails instead. A watermark need not wait for a standby: what it stands for is only its place in the log."""
_ALLOWED = {
    "host", "hostaddr", "port", "dbname", "user", "password", "passfile", "sslmode", "sslrootcert", "sslcert", "sslkey",
    "channel_binding", "gssencmode", "target_session_attrs",
}  # fmt: skip
_CONNECT_SECONDS = 10
_PASSING = frozenset(("", "08", "25", "40", "53", "55", "57", "58", "72"))
"""Classes of errors that time may mend: connections, servers that take no writes during a failover, deadlocks, limits that are
reached, locks and slots that somebody else has, shutdowns, disks, snapshots that are too old."""
_PASSING_ALONE = frozenset(("23505", "26000", "3F000", "42703", "42704", "42710", "42P01", "42P05", "42P06", "42P07"))
"""The same beside them: somebody else made, removed or altered the object between a look at the catalog and the statement."""
_PASSING_INSIDE = ("tuple concurrently ", "cache lookup failed ", "could not open relation ", "could not find tuple ")
"""Beginnings of internal errors (XX000, never translated) by which a server says that its catalog changed under a statement."""
STATEMENT_SECONDS_MAX = 120.0
"""A statement that says nothing for so long has lost its server: a network that is cut in silence ends nothing by itself."""

Row = tuple[str | None, ...]
_CUT: WeakKeyDictionary[psycopg.Connection[Row], BoathouseError] = WeakKeyDictionary()
"""Why connections were ended from here."""


def conninfo(secret: Mapping[str, str]) -> str:
    """libpq's connection string; it holds the password.

    Raises:
        InvalidParameterValue: a key that is none of libpq's that a secret may have.
    """
    unknown = sorted(set(secret) - _ALLOWED)
    if unknown:
        raise InvalidParameterValue(
            f'the secret has "{unknown[0]}", which is nothing a PostgreSQL connection takes',
            hint=f"Known are {', '.join(sorted(_ALLOWED))}.",
        )
    options = " ".join(f"-c {name}={value}" for name, value in SETTINGS.items())
    return make_conninfo(
        **secret,
        options=options,
        connect_timeout=_CONNECT_SECONDS,
        keepalives_idle=30,
        keepalives_interval=10,
        keepalives_count=3,
        tcp_user_timeout=60_000,  # ms: what was sent and nobody took
    )


def connect(secret: Mapping[str, str]) -> psycopg.Connection[Row]:
    """A connection for SQL in autocommit mode.

    Raises:
        SourceUnavailable, SourceRefused.
    """
    try:
        # What is prepared fails once a column has another type, and behind some poolers always.
        return _unchecked(psycopg.connect(conninfo(secret), autocommit=True, prepare_threshold=None))
    except psycopg.Error as failure:
        raise translated(failure) from None


def connect_replication(secret: Mapping[str, str]) -> psycopg.Connection[Row]:
    """A connection in replication mode; see `replication`. It is psycopg that waits: libpq alone would keep every other
    thread from running meanwhile.

    Raises:
        SourceUnavailable.
    """
    try:
        return _unchecked(psycopg.connect(make_conninfo(conninfo(secret), replication="database"), autocommit=True))
    except psycopg.Error as failure:
        raise SourceUnavailable(f"cannot connect to the source for its log: {first_line(str(failure))}") from None


def _unchecked(connection: psycopg.Connection[Row]) -> psycopg.Connection[Row]:
    """A database that takes any bytes for text is asked for just those: as UTF-8 it would send none that are not, and end the
    connection of its log there."""
    if connection.info.parameter_status("server_encoding") == "SQL_ASCII":
        connection.pgconn.exec_(b"SET client_encoding = 'SQL_ASCII'")
    return connection


class Name(sql.Identifier):
    """A quoted name in a text for `rows`, where a `%` of it must not begin a parameter."""

    def as_bytes(self, context: AdaptContext | None = None) -> bytes:
        """See `psycopg.sql.Composable`."""
        return super().as_bytes(context).replace(b"%", b"%%")


def rows(
    connection: psycopg.Connection[Row], query: str, parameters: Sequence[object] = (), *, waits: bool = False
) -> list[tuple[bytes | None, ...]]:
    """A query's rows, each value in the text of its type's output function.

    Args:
        query: with `%s` for parameters, which are sent as text; cast them: `%s::integer`. Names are `Name`s.
        waits: it may take as long as others' transactions do.
    """
    try:
        with nullcontext() if waits else _in_time(connection):
            result = connection.execute(query.encode(), parameters).pgresult
    except psycopg.Error as failure:
        raise _CUT.get(connection) or translated(failure) from None
    assert result is not None
    columns = range(result.nfields)
    return [tuple(result.get_value(row, column) for column in columns) for row in range(result.ntuples)]


def texts(connection: psycopg.Connection[Row], sql: str, parameters: Sequence[object] = ()) -> list[tuple[str, ...]]:
    """The same as text, NULL as the empty text; for catalogs."""
    found = rows(connection, sql, parameters)
    return [tuple("" if value is None else value.decode() for value in row) for row in found]


def execute(connection: psycopg.Connection[Row], sql: str) -> None:
    """A statement without rows."""
    try:
        with _in_time(connection):
            connection.execute(sql.encode())
    except psycopg.Error as failure:
        raise _CUT.get(connection) or translated(failure) from None


def translated(failure: psycopg.Error) -> BoathouseError:
    """An error of the source in our tree: what may be passing is tried again."""
    return of_state(failure.sqlstate or "", first_line(str(failure)))


def of_state(state: str, message: str) -> BoathouseError:
    """The same by its SQLSTATE, empty for none, and its first line."""
    if is_passing(state, message):
        return SourceUnavailable(f"the source failed: {message}")
    hint = "Grant it to the secret's user, then ALTER INTEGRATION … RESUME." if state == "42501" else None
    return SourceRefused(f"the source refused a statement: {message} (SQLSTATE {state})", hint=hint)


def is_passing(state: str, message: str) -> bool:
    """True where the same may succeed later."""
    inside = state == "XX000" and message.startswith(_PASSING_INSIDE)
    return inside or state[:2] in _PASSING or state in _PASSING_ALONE


@contextmanager
def _in_time(connection: psycopg.Connection[Row]) -> Iterator[None]:
    why = SourceUnavailable(f"the source said nothing for {STATEMENT_SECONDS_MAX:g} seconds")
    timer = threading.Timer(STATEMENT_SECONDS_MAX, cut, (connection, why))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def cut(connection: psycopg.Connection[Row], why: BoathouseError) -> None:
    """End a connection that another thread may wait at: its call fails by that."""
    _CUT[connection] = why
    with suppress(psycopg.Error, OSError), socket.socket(fileno=os.dup(connection.fileno())) as wire:
        wire.shutdown(socket.SHUT_RDWR)


def first_line(message: str) -> str:
    """libpq's first line, without a trailing period."""
    return message.strip().split("\n", 1)[0].rstrip(".") or "no reason given"
