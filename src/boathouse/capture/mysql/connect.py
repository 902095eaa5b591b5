"""Connections to the source: how they are opened, and what every session of ours sets.

Receives `Server` (address, user, TLS), hands PyMySQL connections to the chunk reader, the checks and `binlog`.

Each connection is its own read view: autocommit, READ COMMITTED. Under the server's default, REPEATABLE READ without
autocommit, a second chunk would be read from the first one's past.
"""

from __future__ import annotations

import ssl
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Literal

import pymysql
from pymysql.connections import Connection

from boathouse.contracts.errors import BoathouseError, InvalidParameterValue, UndefinedTable
from boathouse.contracts.source_errors import SourceRefused, SourceUnavailable

CONNECT_SECONDS_MAX = 10
READ_SECONDS_MAX = 120
"""A statement that says nothing for so long has lost its server."""
_NO_SUCH_TABLE = 1146
_AGAIN = {1053, 1077, 1040, 1203, 1205, 1213, 1290, 1317, 1836, 1927}
"""Shutdown, too many connections, lock waits, deadlocks, read-only for a while, killed: may work later."""
_ACCESS_DENIED = {1045, 1044, 1698}
_SESSION = (
    "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED",
    "SET SESSION time_zone = '+00:00'",  # TIMESTAMP is read in UTC, as the log has it
    "SET SESSION sql_mode = ''",  # zero dates may be compared with, CHAR is not padded
)


@dataclass(frozen=True, slots=True)
class Server:
    """Where a source is.

    Args:
        host, port, unix_socket: its address; a socket's path wins.
        user, password: the password never enters a log or an error.
        tls: `require` refuses a server without TLS or with a certificate that `ca_file` (or the system) does not know;
            `off` sends everything, rows too, in the clear: for a server on this machine or a private network.
        ca_file: certificates to believe, PEM.
        watermarks: False where nothing may be written: see `brackets`.
    """

    host: str = "127.0.0.1"
    port: int = 3306
    user: str = "boathouse"
    password: str = field(default="", repr=False)
    unix_socket: str | None = None
    tls: Literal["require", "off"] = "require"
    ca_file: str | None = None
    watermarks: bool = True


_KEYS = frozenset(("host", "port", "user", "password", "unix_socket", "tls", "ca_file", "watermarks"))


def server_of(secret: Mapping[str, str]) -> Server:
    """The server that a secret names by the fields of `Server`.

    Raises:
        InvalidParameterValue: another key, or a value that is none.
    """
    unknown = sorted(secret.keys() - _KEYS)
    if unknown:
        raise InvalidParameterValue(
            f'the secret has "{unknown[0]}", which is nothing a MySQL connection takes',
            hint=f"Known are {', '.join(sorted(_KEYS))}.",
        )
    tls, port = secret.get("tls", "require"), secret.get("port", "3306")
    if tls not in ("require", "off") or not port.isdecimal() or int(port) > 65535:
        raise InvalidParameterValue("the secret's tls is require or off, its port a number up to 65535")
    if secret.get("watermarks", "on") not in ("on", "off"):
        raise InvalidParameterValue("the secret's watermarks is on or off")
    return Server(
        host=secret.get("host", "127.0.0.1"),
        port=int(port),
        user=secret.get("user", "boathouse"),
        password=secret.get("password", ""),
        unix_socket=secret.get("unix_socket"),
        tls="off" if tls == "off" else "require",
        ca_file=secret.get("ca_file") or None,
        watermarks=secret.get("watermarks", "on") == "on",
    )


def connect(server: Server) -> Connection:
    """A session ready to read chunks: UTC, autocommit, its own view for each statement; values arrive as bytes.

    Raises:
        SourceRefused: the server does not let the user in.
        SourceUnavailable: it cannot be reached.
    """
    options: dict[str, Any] = {"unix_socket": server.unix_socket} if server.unix_socket else {}
    if server.tls == "require" and not server.unix_socket:
        options["ssl"] = ssl.create_default_context(cafile=server.ca_file)
    else:
        options["ssl_disabled"] = True
    try:
        connection = pymysql.connect(
            host=server.host,
            port=server.port,
            user=server.user,
            password=server.password,
            charset="utf8mb4",
            use_unicode=False,
            conv={},
            autocommit=True,
            connect_timeout=CONNECT_SECONDS_MAX,
            read_timeout=READ_SECONDS_MAX,
            **options,
        )
    except pymysql.MySQLError as error:
        raise _failure(error, server) from error
    for statement in _SESSION:
        rows(connection, statement)
    return connection


class Connections:
    """One for each thread that asks; a broken one is opened again."""

    def __init__(self, server: Server) -> None:
        self._server, self._open = server, dict[int, Connection]()

    def __call__(self) -> Connection:
        """The calling thread's."""
        known = self._open.get(threading.get_ident())
        if known is None or not known.open:
            known = self._open[threading.get_ident()] = connect(self._server)
        return known

    def close(self) -> None:
        """End all of them."""
        while self._open:
            one = self._open.popitem()[1]
            if one.open:
                one._force_close()  # type: ignore[attr-defined]


def rows(connection: Connection, statement: str) -> list[tuple[bytes | None, ...]]:
    """All rows of a statement, every value as the text that the server sent.

    Raises:
        SourceUnavailable: the connection broke.
        UndefinedTable: it is about a table that is not there.
        SourceRefused: the server refused the statement; its message is in the detail.
    """
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement)
            return list(cursor.fetchall())
    except (pymysql.err.OperationalError, pymysql.err.InterfaceError) as error:
        code = error.args[0] if error.args else 0
        if isinstance(code, int) and 1000 <= code < 2000 and code not in _AGAIN:
            raise _refused(error) from error
        raise SourceUnavailable("the connection to the source broke", detail=str(code)) from error
    except pymysql.MySQLError as error:
        raise _refused(error) from error


def first_answer(connection: Connection, *statements: str) -> list[tuple[bytes | None, ...]]:
    """Rows of the first statement that this server knows and lets the user ask; none where it is none of them."""
    for statement in statements:
        with suppress(SourceRefused):
            return rows(connection, statement)
    return []


def _failure(error: pymysql.MySQLError, server: Server) -> BoathouseError:
    code = error.args[0] if error.args else 0
    if code in _ACCESS_DENIED:
        return SourceRefused(f'the source does not let user "{server.user}" in', hint="Mend the user or its password.")
    return SourceUnavailable(f"the source at {server.unix_socket or f'{server.host}:{server.port}'} cannot be reached")


def _refused(error: pymysql.MySQLError) -> BoathouseError:
    if error.args and error.args[0] == _NO_SUCH_TABLE:
        return UndefinedTable("the source has not this table (any more)", detail=str(error.args[-1]))
    said = f"error {error.args[0]}: {error.args[1]}" if len(error.args) > 1 else str(error)
    return SourceRefused("the source refused a statement", detail=said)


def name(*parts: str) -> str:
    """A name quoted for the source, as `` `shop`.`order` ``."""
    return ".".join("`" + part.replace("`", "``") + "`" for part in parts)


def text(value: str) -> str:
    """A text quoted for the source, whatever its `sql_mode` says of backslashes."""
    return f"_utf8mb4 x'{value.encode().hex()}'" if value else "''"
