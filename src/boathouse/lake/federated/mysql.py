"""MySQL and MariaDB as another database: their tables described, their queries read as Arrow batches.

Receives a `FederatedSchema` and texts in MySQL's SQL; hands out `RemoteTable`s and `Reading`s. Connections are read-only,
in UTC; none outlives its query. Values arrive as the protocol's text, and the engine casts them.
Sources: MySQL Reference Manual, "Data Types", "INFORMATION_SCHEMA COLUMNS"; PyMySQL's unbuffered cursor.
"""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.ipc
import pymysql
import pymysql.converters
import pymysql.cursors

from boathouse.contracts import types as t
from boathouse.contracts.errors import BoathouseError, RemoteDatabaseError, RemoteDatabaseUnavailable
from boathouse.contracts.types import SqlType, numeric, varchar
from boathouse.lake.federated.pushing.constants import Constant
from boathouse.lake.federated.pushing.dialects import MYSQL
from boathouse.lake.federated.remote import TEXT_BYTES, Family, Reading, RemoteColumn, RemoteTable, rows_of_one
from boathouse.lake.federated.schemas import FederatedSchema

_BATCH_ROWS = 8_192
_CONNECT_SECONDS = 10
_SORTED_LETTERS_MAX = 256
"""Of a longer text a sort looks at the first `max_sort_length` bytes alone; the length is written at their end."""
_SETTINGS = (
    f"SET SESSION time_zone = '+00:00', sql_mode = 'STRICT_ALL_TABLES', max_sort_length = {_SORTED_LETTERS_MAX * 4 + 8}",
    "SET SESSION TRANSACTION READ ONLY",
)
"""The mode says how texts are read: with backslashes as escapes, and names in backticks."""
_SNAPSHOT = (
    "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ",
    "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY",
)
_MEMORY_BYTES_MAX = 16 * 1024 * 1024
"""Of one answer; a larger one goes to a file."""

_DESCRIBE = """
SELECT table_name, column_name, data_type, column_type, character_maximum_length, numeric_precision, numeric_scale,
       is_nullable, collation_name
FROM information_schema.columns WHERE table_schema = %s AND lower(table_name) = %s
ORDER BY binary table_name = binary %s DESC, table_name, ordinal_position
"""

_PLAIN: Mapping[str, tuple[SqlType, SqlType, Family]] = {
    "tinyint": (t.SMALLINT, t.SMALLINT, "integer"),
    "smallint": (t.SMALLINT, t.INTEGER, "integer"),
    "mediumint": (t.INTEGER, t.INTEGER, "integer"),
    "int": (t.INTEGER, t.BIGINT, "integer"),
    "bigint": (t.BIGINT, numeric(20, 0), "integer"),
    "year": (t.SMALLINT, t.SMALLINT, "integer"),
    "double": (t.DOUBLE, t.DOUBLE, "double"),
    "date": (t.DATE, t.DATE, "date"),
    "datetime": (t.TIMESTAMP, t.TIMESTAMP, "timestamp"),
    "timestamp": (t.TIMESTAMP, t.TIMESTAMP, "timestamp"),
    "time": (t.TIME, t.TIME, "other"),
}
"""Our types of signed and unsigned columns; a TIMESTAMP is shown in UTC."""

_BINARY = ("binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob", "geometry", "point")
_TEXTS = ("char", "varchar", "tinytext", "text", "mediumtext", "longtext", "enum", "set")


def describe(schema: FederatedSchema, login: Mapping[str, str], name: str) -> RemoteTable | None:
    """A table or view; None where there is none of that name. A name in another case is found where only one has it.

    Raises:
        RemoteDatabaseUnavailable, RemoteDatabaseError.
    """
    reading = MysqlReading(schema, login, _DESCRIBE, (schema.remote_schema, name, name))
    try:
        rows = [tuple(row.values()) for batch in reading.batches() for row in batch.to_pylist()]
    finally:
        reading.close()
    if not rows:
        return None
    first = rows_of_one(schema, name, rows, 0)
    remote = f"{MYSQL.quote(schema.remote_schema)}.{MYSQL.quote(first[0][0])}"
    return RemoteTable(schema, remote, tuple(_column(*row[1:]) for row in first))


def _column(
    name: str,
    kind: str,
    full: str,
    length: str | None,
    precision: str | None,
    scale: str | None,
    nullable: str,
    collation: str | None,
) -> RemoteColumn:
    remote, local, optional = MYSQL.quote(name), name.lower(), nullable == "YES"
    kind = kind.lower()
    plain = _PLAIN.get(kind)
    if plain is not None:
        found = plain[1] if "unsigned" in full else plain[0]
        # Beside a YEAR the number 20 would be 2020.
        compared = "({} + 0)" if kind == "year" else "{}"
        return RemoteColumn(local, found, remote, plain[2], pa.string(), "{}", compared, nullable=optional)
    if kind == "decimal":
        places = int(scale or 0)
        return RemoteColumn(
            local, numeric(min(int(precision or 38), 38), places), remote, "numeric", pa.string(), nullable=optional
        )
    if kind == "float":
        return RemoteColumn(local, t.REAL, remote, "other", pa.string(), "({} + 0e0)", nullable=optional)
    if kind == "bit":
        return RemoteColumn(local, numeric(20, 0), remote, "other", pa.string(), "({} + 0)", nullable=optional)
    if kind in _BINARY:
        return RemoteColumn(local, t.VARBYTE, remote, "other", pa.binary(), nullable=optional)
    family: Family = "text" if kind in _TEXTS else "other"
    room = varchar(min(int(length) * 4, TEXT_BYTES) if length is not None and int(length) else TEXT_BYTES)
    sorts = length is not None and 0 < int(length) <= _SORTED_LETTERS_MAX
    return RemoteColumn(
        local, room, remote, family, pa.string(), nullable=optional, collation=collation or "", sorts=sorts
    )


class MysqlReading:
    """One query on a connection of its own; see `remote.Reading`."""

    def __init__(
        self, schema: FederatedSchema, login: Mapping[str, str], text: str, parameters: tuple[str, ...] = ()
    ) -> None:
        self._schema = schema
        self._text = text
        self._parameters = parameters
        self._keywords = _keywords(schema, login)
        self._lock = threading.Lock()
        self._connection: Any = None
        self._cancelled = False

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Connect, run, read."""
        try:
            with self._lock:
                if self._cancelled:
                    return
                self._connection = pymysql.connect(**self._keywords)
            cursor = self._connection.cursor(pymysql.cursors.SSCursor)
            for setting in _SETTINGS:
                cursor.execute(setting)
            yield from _batches(cursor, self._bound())
        except (pymysql.Error, OSError) as failure:
            raise _told(self._schema, failure) from None

    def _bound(self) -> str:
        if not self._parameters:
            return self._text
        return self._text % tuple(MYSQL.constant(Constant("text", one)) for one in self._parameters)

    def cancel(self) -> None:
        """Ask the server, on another connection, to stop; harmless where nothing runs."""
        with self._lock:
            self._cancelled = True
            running = self._connection
        if running is not None:
            _kill(self._keywords, running)

    def close(self) -> None:
        """Free the connection."""
        with self._lock:
            if self._connection is not None:
                self._connection._force_close()  # a polite end would read the rest of the answer
                self._connection = None


class MysqlMoment:
    """One snapshot for all that a statement asks; see `remote.Moment`.

    MySQL's snapshots are one connection's own, so its questions are asked one after the other, and each answer is read to its
    end, a large one to a file, before the next is asked.
    Source: MySQL Reference Manual, "START TRANSACTION, COMMIT, and ROLLBACK Statements".

    Args:
        spool: a folder for large answers.
    """

    def __init__(self, schema: FederatedSchema, login: Mapping[str, str], spool: Path) -> None:
        self.keywords = _keywords(schema, login)
        self.spool = spool
        self.turn = threading.Lock()
        self._closing = threading.Lock()
        self._connection: Any = None

    def reading(self, schema: FederatedSchema, text: str) -> Reading:
        """See the protocol."""
        return _Turn(self, schema, text)

    def connection(self) -> Any:
        """The one that all use, for whoever has the turn."""
        with self._closing:
            if self._connection is None:
                self._connection = pymysql.connect(**self.keywords)
                with self._connection.cursor() as cursor:
                    for setting in (*_SETTINGS, *_SNAPSHOT):
                        cursor.execute(setting)
            return self._connection

    def close(self) -> None:
        """See the protocol."""
        with self._closing:
            if self._connection is not None:
                self._connection._force_close()
                self._connection = None


class _Turn:
    """One query of a moment; see `remote.Reading`."""

    def __init__(self, moment: MysqlMoment, schema: FederatedSchema, text: str) -> None:
        self._moment = moment
        self._schema = schema
        self._text = text
        self._lock = threading.Lock()
        self._running: Any = None
        self._is_cancelled = False
        self._kept: Any = None

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Wait for its turn, run, read all, and only then hand on."""
        with self._moment.turn:
            try:
                if not self._read():
                    return
            except (pymysql.Error, OSError) as failure:
                raise _told(self._schema, failure) from None
            finally:
                with self._lock:
                    self._running = None
        if self._kept is not None:
            self._kept.seek(0)
            yield from pyarrow.ipc.open_stream(self._kept)

    def _read(self) -> bool:
        connection = self._moment.connection()
        with self._lock:
            if self._is_cancelled:
                return False
            self._running = connection
        writer = None
        cursor = connection.cursor(pymysql.cursors.SSCursor)
        for batch in _batches(cursor, self._text):
            if writer is None:
                self._kept = tempfile.SpooledTemporaryFile(_MEMORY_BYTES_MAX, dir=str(self._moment.spool))  # noqa: SIM115
                writer = pyarrow.ipc.new_stream(self._kept, batch.schema)
            writer.write_batch(batch)
        if writer is not None:
            writer.close()
        return True

    def cancel(self) -> None:
        """See the protocol. Who has the turn keeps it until the server was told, so that no other query is hit."""
        with self._lock:
            self._is_cancelled = True
            if self._running is not None:
                _kill(self._moment.keywords, self._running)

    def close(self) -> None:
        """Free what was kept."""
        if self._kept is not None:
            self._kept.close()


def _keywords(schema: FederatedSchema, login: Mapping[str, str]) -> dict[str, Any]:
    """How to connect."""
    host: dict[str, Any] = {"host": schema.uri, "port": schema.port}
    if schema.uri.startswith("/"):
        host = {"unix_socket": schema.uri}
    if "sslrootcert" in login:
        host["ssl"] = {"ca": login["sslrootcert"]}
    return host | {
        "user": login.get("username") or login.get("user"),
        "password": login.get("password", ""),
        "database": schema.database,
        "charset": "utf8mb4",
        "connect_timeout": _CONNECT_SECONDS,
        "program_name": "boathouse",
        "conv": dict(pymysql.converters.encoders),  # nothing is decoded: texts as they come
    }


def _batches(cursor: Any, text: str) -> Iterator[pa.RecordBatch]:
    """Run a query; its rows as they come."""
    cursor.execute(text)
    kinds = [pa.binary() if _is_binary(column) else pa.string() for column in cursor._result.fields]
    names = [f"c{place}" for place in range(len(kinds))]
    while rows := cursor.fetchmany(_BATCH_ROWS):
        columns = zip(*rows, strict=True)
        arrays = [pa.array(column, kind) for column, kind in zip(columns, kinds, strict=True)]
        yield pa.RecordBatch.from_arrays(arrays, names=names)


def _kill(keywords: Mapping[str, Any], running: Any) -> None:
    """Stop what a connection does, over another one."""
    with suppress(pymysql.Error, OSError):
        other = pymysql.connect(**keywords)
        with other, other.cursor() as cursor:
            cursor.execute(f"KILL QUERY {running.thread_id()}")


def _is_binary(column: Any) -> bool:
    return bool(column.charsetnr == 63 and column.type_code in _BLOBS)


_BLOBS = frozenset({249, 250, 251, 252, 253, 254, 255})


_UNREACHABLE = frozenset({1040, 1053, 2002, 2003, 2006, 2013, 2055})


def _told(schema: FederatedSchema, failure: Exception) -> BoathouseError:
    """The server's own message, or that there was no way to it."""
    code, message = (*failure.args, "")[:2] if len(failure.args) >= 2 else (0, str(failure))
    if isinstance(failure, OSError) or code in _UNREACHABLE:
        return RemoteDatabaseUnavailable(
            f'external schema "{schema.name}": the database at {schema.uri}:{schema.port} cannot be reached: {message}'
        )
    state = {1044: "42501", 1045: "28000", 1142: "42501", 1143: "42501", 1049: "3D000", 1146: "42P01", 1317: "57014"}
    return RemoteDatabaseError(
        f'external schema "{schema.name}": {message} ({code})', sqlstate=state.get(code, RemoteDatabaseError.sqlstate)
    )
