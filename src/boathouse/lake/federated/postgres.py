"""PostgreSQL as another database: its tables described, its queries read as Arrow batches.

Receives a `FederatedSchema` and texts in PostgreSQL's SQL; hands out `RemoteTable`s and `Reading`s. Connections are
read-only and say who they are; a few wait for the next query. Values travel by ADBC's driver, which reads binary COPY.
Sources: PostgreSQL manual, "System Catalogs" and "Connection strings"; ADBC's PostgreSQL driver.
"""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

import adbc_driver_manager
import adbc_driver_postgresql.dbapi as driver
import psycopg
import pyarrow as pa
from adbc_driver_manager._reader import AdbcRecordBatchReader
from psycopg.conninfo import make_conninfo

from boathouse.contracts import types as t
from boathouse.contracts.errors import BoathouseError, RemoteDatabaseError, RemoteDatabaseUnavailable
from boathouse.contracts.types import SqlType, numeric, varchar
from boathouse.lake.federated.idle import close_quietly, idle
from boathouse.lake.federated.infinite import with_infinity
from boathouse.lake.federated.remote import TEXT_BYTES, Family, RemoteColumn, RemoteTable, rows_of_one
from boathouse.lake.federated.schemas import FederatedSchema
from boathouse.lake.scans.values import literal, quoted

_CONNECT_SECONDS = 10
_OPTIONS = "-c default_transaction_read_only=on -c timezone=UTC -c datestyle=ISO -c intervalstyle=postgres"
_KEYWORDS = ("sslmode", "sslrootcert", "sslcert", "sslkey")

_DESCRIBE = """
SELECT n.nspname::text, c.relname::text, a.attname::text, t.typname::text, a.atttypmod, a.attnotnull,
       t.typtype::text, coalesce(co.collisdeterministic, true),
       CASE WHEN c.relkind = 'r' AND c.relam = 2 AND current_setting('server_version_num')::int >= 140000 THEN c.relpages
       ELSE 0 END
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_catalog.pg_collation co ON co.oid = a.attcollation
WHERE n.nspname = %(schema)s AND lower(c.relname) = %(name)s AND c.relkind IN ('r', 'v', 'm', 'p', 'f')
ORDER BY c.relname = %(name)s DESC, c.relname, a.attnum
"""

_PLAIN: Mapping[str, tuple[SqlType, Family, pa.DataType]] = {
    "int2": (t.SMALLINT, "integer", pa.int16()),
    "int4": (t.INTEGER, "integer", pa.int32()),
    "int8": (t.BIGINT, "integer", pa.int64()),
    "float4": (t.REAL, "other", pa.float32()),
    "float8": (t.DOUBLE, "double", pa.float64()),
    "bool": (t.BOOLEAN, "boolean", pa.bool_()),
    "date": (t.DATE, "date", pa.date32()),
    "timestamp": (t.TIMESTAMP, "timestamp", pa.timestamp("us")),
    "timestamptz": (t.TIMESTAMPTZ, "timestamptz", pa.timestamp("us", "UTC")),
    "time": (t.TIME, "other", pa.time64("us")),
    "bytea": (t.VARBYTE, "other", pa.binary()),
}
"""Types that travel as they are, by their names in pg_type."""

_SCALE = 10
"""Decimal places of a numeric without precision; a value with more of them is an error, not rounded."""


def describe(schema: FederatedSchema, login: Mapping[str, str], name: str) -> RemoteTable | None:
    """A table, view, materialized, partitioned or foreign table; None where there is none of that name.

    A name in another case is found where only one table has it.

    Raises:
        RemoteDatabaseUnavailable, RemoteDatabaseError.
    """
    try:
        with psycopg.connect(_conninfo(schema, login), autocommit=True) as connection:
            rows = connection.execute(_DESCRIBE, {"schema": schema.remote_schema, "name": name}).fetchall()
    except psycopg.Error as failure:
        raise _told(schema, failure) from None
    if not rows:
        return None
    first = rows_of_one(schema, name, rows, 1)
    columns = tuple(_column(*row[2:-1]) for row in first)
    twice = [local for local, count in Counter(one.name for one in columns).items() if count > 1]
    if twice:
        raise RemoteDatabaseError(
            f'several columns of "{schema.name}.{name}" are called "{twice[0]}" but for their case',
            hint="A view over there can give them names that differ.",
        )
    return RemoteTable(schema, f"{quoted(first[0][0])}.{quoted(first[0][1])}", columns, first[0][-1])


def _column(name: str, kind: str, modifier: int, required: bool, category: str, exact: bool) -> RemoteColumn:
    remote, local = quoted(name), name.lower()
    plain = _PLAIN.get(kind)
    if plain is not None:
        return RemoteColumn(local, plain[0], remote, plain[1], plain[2], nullable=not required)
    if kind == "numeric":
        found, sent = _numeric(modifier)
        return RemoteColumn(local, found, remote, "numeric", pa.string(), sent, nullable=not required)
    family: Family = "text" if exact else "other"
    if kind in ("text", "varchar", "bpchar"):
        length = varchar(TEXT_BYTES if modifier < 4 else min((modifier - 4) * 4, TEXT_BYTES))
        # A bpchar's trailing blanks mean nothing, and its text has none.
        shown = "{}::text" if kind == "bpchar" else "{}"
        return RemoteColumn(local, length, remote, family, pa.string(), shown, shown, not required)
    return RemoteColumn(
        local, varchar(TEXT_BYTES), remote, "text" if category == "e" else "other", pa.string(), "{}::text",
        "{}::text", not required,
    )  # fmt: skip


def _numeric(modifier: int) -> tuple[SqlType, str]:
    if modifier >= 4:
        precision, scale = (modifier - 4) >> 16 & 0xFFFF, (modifier - 4) & 0x7FF
        if precision <= 38 and scale <= precision:
            return numeric(precision, scale), "{}::text"
    told = f"CASE WHEN {{0}} = round({{0}}, {_SCALE}) THEN {{0}}::text "
    told += f"ELSE {{0}}::text || ' has more than {_SCALE} decimal places' END"
    return numeric(38, _SCALE), told


def _conninfo(schema: FederatedSchema, login: Mapping[str, str]) -> str:
    return make_conninfo(
        host=schema.uri,
        port=schema.port,
        dbname=schema.database,
        user=login.get("username") or login.get("user"),
        password=login.get("password"),
        connect_timeout=_CONNECT_SECONDS,
        application_name="boathouse",
        client_encoding="UTF8",
        options=_OPTIONS,
        **{name: login[name] for name in _KEYWORDS if name in login},
    )


def _take(conninfo: str) -> Any:
    """A connection that waited and still answers, or a new one."""
    while (found := idle.find(conninfo)) is not None:
        try:
            with found.cursor() as cursor:
                cursor.execute("SELECT 1")
                cursor.fetchall()
            return found
        except (adbc_driver_manager.Error, OSError):
            close_quietly(found)
    return driver.connect(conninfo, autocommit=True)


class PostgresReading:
    """One query on a connection that it has to itself; see `remote.Reading`. Until it runs it may be given another `text`."""

    def __init__(
        self, schema: FederatedSchema, login: Mapping[str, str], text: str, moment: PostgresMoment | None = None
    ) -> None:
        self._schema = schema
        self.text = text
        self._moment = moment
        self._conninfo = _conninfo(schema, login)
        self._lock = threading.Lock()
        self._cursor: Any = None
        self._connection: Any = None
        self._cancelled = False
        self._is_read = False

    def open(self, lock: str = "", lock_milliseconds: int = 0) -> None:
        """Connect; `batches` does so where nobody has.

        Args:
            lock: a question whose locks are taken, and not waited for longer where `lock_milliseconds` are given.

        Raises:
            RemoteDatabaseUnavailable, RemoteDatabaseError.
        """
        try:
            self._connection = _take(self._conninfo)
            with self._lock:
                if self._cancelled:
                    return
                self._cursor = self._connection.cursor()
            if self._moment is not None:
                self._moment.join(self._cursor)
            if lock:
                with self._connection.cursor() as locking:
                    locking.execute(f"SET LOCAL lock_timeout = {lock_milliseconds}")
                    locking.execute(lock)
                    locking.fetchall()
        except (adbc_driver_manager.Error, OSError) as failure:
            raise _told(self._schema, failure) from None

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Connect, run, read."""
        if self._connection is None:
            self.open()
        if self._cancelled:
            return
        try:
            self._cursor.execute(self.text)
            # Unlike pyarrow's own reader, this one tells the SQLSTATE of what happens in mid-result.
            stream = self._cursor.fetch_arrow()
            yield from map(with_infinity, AdbcRecordBatchReader._import_from_c(stream.address))
            self._is_read = True
        except (adbc_driver_manager.Error, OSError) as failure:
            raise _told(self._schema, failure) from None

    def cancel(self) -> None:
        """Ask the server to stop; harmless where nothing runs."""
        with self._lock:
            self._cancelled = True
            if self._cursor is not None:
                with suppress(adbc_driver_manager.Error):
                    self._cursor.adbc_cancel()

    def close(self) -> None:
        """Free the connection."""
        with self._lock:
            cursor, connection = self._cursor, self._connection
            self._cursor = self._connection = None
        if cursor is not None:
            close_quietly(cursor)
        if connection is None:
            return
        if self._is_read and (self._moment is None or _leave(connection)):
            idle.give(self._conninfo, connection)
        else:
            close_quietly(connection)


_BEGIN = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"


class PostgresMoment:
    """One snapshot for all that a statement asks; see `remote.Moment`.

    A connection of its own takes and holds it, for those that read may be given up.
    Source: PostgreSQL manual, "Snapshot Synchronization Functions".
    """

    def __init__(self, schema: FederatedSchema, login: Mapping[str, str]) -> None:
        self._login = login
        self._conninfo = _conninfo(schema, login)
        self._lock = threading.Lock()
        self._holder: Any = None
        self._name = ""

    def reading(self, schema: FederatedSchema, text: str) -> PostgresReading:
        """See the protocol."""
        return PostgresReading(schema, self._login, text, self)

    def join(self, cursor: Any) -> None:
        """Let a connection see what the others of the statement see.

        Raises:
            adbc_driver_manager.Error.
        """
        with self._lock:
            if self._holder is None:
                self._holder = _take(self._conninfo)
                with self._holder.cursor() as holding:
                    holding.execute(_BEGIN)
                    holding.execute("SELECT pg_catalog.pg_export_snapshot()")
                    self._name = holding.fetchone()[0]
        cursor.execute(_BEGIN)
        cursor.execute(f"SET TRANSACTION SNAPSHOT {literal(self._name)}")

    def close(self) -> None:
        """See the protocol."""
        with self._lock:
            holder, self._holder = self._holder, None
        if holder is not None and _leave(holder):
            idle.give(self._conninfo, holder)
        elif holder is not None:
            close_quietly(holder)


def _leave(connection: Any) -> bool:
    """End its transaction; False where that fails."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("ROLLBACK")
    except (adbc_driver_manager.Error, OSError):
        return False
    return True


_MESSAGE = re.compile(r"(?:ERROR|FATAL):\s+([^\n]*)")


def _told(schema: FederatedSchema, failure: Exception) -> BoathouseError:
    """The server's own message and SQLSTATE, or that there was no way to it."""
    state = getattr(failure, "sqlstate", None)
    text = str(failure)
    found = _MESSAGE.search(text)
    if isinstance(failure, psycopg.Error) and failure.diag.message_primary is not None:
        found = _MESSAGE.search(f"ERROR:  {failure.diag.message_primary}")
    if state and found:
        message = f'external schema "{schema.name}": {found.group(1)}'
        if state[:2] in ("08", "57") and state != "57014":
            return RemoteDatabaseUnavailable(message)  # it is that server that shuts down, not this one
        return RemoteDatabaseError(message, sqlstate=state)
    reason = found.group(1) if found else text.split("\n", 1)[0].rpartition("failed: ")[2]
    return RemoteDatabaseUnavailable(
        f'external schema "{schema.name}": the database at {schema.uri}:{schema.port} cannot be reached: {reason}'
    )
