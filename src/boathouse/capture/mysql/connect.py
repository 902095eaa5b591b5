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
_NO_SUCH_TABLE, _DUPLICATE = (1049, 1146), 1062
_PASSING = frozenset(
    (
        1053, 1077, 1079, 1152, 1184, 1317, 1927,  # shutdown, killed
        1040, 1203, 1226,  # connections
        1015, 1020, 1205, 1206, 1213, 1412, 1614, 1615, 1637, 1689,  # locks, deadlocks, a definition under way
        1290, 1792, 1836,  # no writes during a failover
        1021, 1037, 1038, 1041, 1114, 1135,  # disk, memory, threads
        1158, 1159, 1160, 1161,  # network
        1007, 1050, 1062,  # made by somebody else meanwhile
        1047, 1180, 1969,  # a cluster's node that is not ready, a commit that failed, a statement's time
    )
)  # fmt: skip
"""Errors below 2000 that time may mend. From 3000 on all are taken for such: times that are up (3024, 4031), members of a group
that are not ready (3100, 3101, 3168), locks (3572); those between are the client's own, of its connection."""
_OF_CLIENT = range(2000, 3000)
_ACCESS_DENIED = {1045, 1044, 1698}
_RIGHTS = {1044, 1142, 1143, 1227, 1370}
_HINTS = {
    1040: "max_connections says how many.",
    1129: "FLUSH HOSTS; at the source.",
    1130: "Let the user come from this host.",
    1862: "ALTER USER … IDENTIFIED BY ….",
    3118: "ALTER USER … ACCOUNT UNLOCK;",
    3159: 'Say tls = "require" in the secret.',
    4151: "ALTER USER … ACCOUNT UNLOCK;",
}
"""Why a connection is refused that may be let in later."""
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
        try:
            options["ssl"] = ssl.create_default_context(cafile=server.ca_file)
        except OSError as error:
            raise InvalidParameterValue(
                f"the secret's ca_file cannot be read: {error.strerror or 'no certificates'}"
            ) from None
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
        SourceUnavailable: the connection broke, or the server cannot do it now.
        UndefinedTable: it is about a table that is not there.
        SourceRefused: the server refused the statement.
    """
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement)
            return list(cursor.fetchall())
    except pymysql.MySQLError as error:
        raise translated(error) from error


def first_answer(connection: Connection, *statements: str) -> list[tuple[bytes | None, ...]]:
    """Rows of the first statement that this server knows and lets the user ask; none where it is none of them."""
    for statement in statements:
        with suppress(SourceRefused):
            return rows(connection, statement)
    return []


def translated(error: pymysql.MySQLError) -> BoathouseError:
    """An error of the source in our tree: what may be passing is tried again."""
    code, said = _code(error), _said(error)
    if code in _NO_SUCH_TABLE:
        return UndefinedTable("the source has not this table (any more)", detail=said)
    if code in _OF_CLIENT or code < 1000:
        return SourceUnavailable("the connection to the source broke", detail=str(code))
    if code in _PASSING or code > _OF_CLIENT[-1]:
        return SourceUnavailable(f"the source failed: {said}")
    hint = "Grant it to the secret's user, then ALTER INTEGRATION … RESUME." if code in _RIGHTS else None
    return SourceRefused(f"the source refused a statement: {said} (error {code})", hint=hint)


def _failure(error: pymysql.MySQLError, server: Server) -> BoathouseError:
    code = _code(error)
    if code in _ACCESS_DENIED:
        return SourceRefused(
            f'the source does not let user "{server.user}" in',
            hint="Mend the user or its password, then ALTER INTEGRATION … RESUME.",
        )
    where = server.unix_socket or f"{server.host}:{server.port}"
    why = "" if code in _OF_CLIENT else f": {_said(error)}"
    return SourceUnavailable(f"the source at {where} cannot be reached{why}", hint=_HINTS.get(code))


def _code(error: pymysql.MySQLError) -> int:
    """The server's number, or the client's; 0 for none."""
    code = error.args[0] if error.args else 0
    return code if isinstance(code, int) else 0


def _said(error: pymysql.MySQLError) -> str:
    """What the server says, in one line. Of a key that is there twice the value is left out."""
    code = _code(error)
    words = str(error.args[-1]).strip().split("\n", 1)[0].rstrip(".") if code and code != _DUPLICATE else ""
    return f"error {code}" + (f": {words}" if words else "")


def name(*parts: str) -> str:
    """A name quoted for the source, as `` `shop`.`order` ``."""
    return ".".join("`" + part.replace("`", "``") + "`" for part in parts)


def text(value: str) -> str:
    """A text quoted for the source, whatever its `sql_mode` says of backslashes."""
    return f"_utf8mb4 x'{value.encode().hex()}'" if value else "''"
