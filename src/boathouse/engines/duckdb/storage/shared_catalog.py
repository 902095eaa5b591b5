"""The PostgreSQL that holds a lake's catalog, as several servers share it: what others have committed, and what one alone may do.

Received from `ducklake`: a named secret with libpq's keywords, and the schema of the catalog's tables. The engine reads and
writes the catalog through connections of its own; those here are for short questions beside any transaction. Each is asked again
once where its connection turns out to be lost, so every question here may be asked twice.

Source: the tables `ducklake_snapshot` and `ducklake_snapshot_changes` of DuckLake's specification, version 1.0.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Any

import psycopg
from psycopg.conninfo import make_conninfo
from psycopg.sql import SQL, Composed, Identifier

from boathouse.contracts.errors import BoathouseError, HomeInUse, InvalidParameterValue
from boathouse.contracts.source_errors import WarehouseUnavailable
from boathouse.engines.duckdb.keeping.changes import COMMITS

CONNECT_SECONDS = 5
LEFT_SECONDS = 5.0
"""How long a lake is asked for that seems to be open: PostgreSQL lets go what a connection held some time after its end."""
_ASK_AGAIN_SECONDS = 0.05
_KEEPALIVES = {"keepalives_idle": 5, "keepalives_interval": 5, "keepalives_count": 3}
"""Seconds and tries until a machine that is gone is known to be."""
_ASK_AFTER_US = SQL("SELECT " + ", ".join(f"set_config('tcp_{name}', '{n}', false)" for name, n in _KEEPALIVES.items()))
"""PostgreSQL is to know as soon, so that locks end with the machine that had them."""
_IDLE_MAX = 8
_DEFINES = re.compile(r"(?:^|,)(?:created|dropped|altered|renamed)_")
"""In a snapshot's list of changes: of tables, views and schemas."""
DEFINITIONS = "definitions"
"""The message of a commit that changed users, grants, functions and the like, which are rows of the bookkeeping's tables."""


class SharedCatalog:
    """Asks the catalog's PostgreSQL.

    Args:
        secret: libpq's keywords: host, port, dbname, user, password, sslmode, …
        schema: where the catalog's tables are.

    Raises:
        InvalidParameterValue: a keyword that libpq does not know.
    """

    def __init__(self, secret: Mapping[str, str], schema: str) -> None:
        self.schema = schema
        self.name = f"{secret.get('dbname') or secret.get('user') or 'postgres'} at {secret.get('host') or 'localhost'}"
        """For messages; no password is in it."""
        further: dict[str, Any] = {"connect_timeout": CONNECT_SECONDS, **_KEEPALIVES}
        try:
            self._conninfo = make_conninfo(**{**further, "application_name": "boathouse", **secret})
        except psycopg.ProgrammingError:
            raise InvalidParameterValue(
                "the secret of [storage] catalog has a key that no PostgreSQL connection takes",
                hint="Use libpq's keywords: host, port, dbname, user, password, sslmode, …",
            ) from None
        self.secret: Mapping[str, str] = secret
        """Holds the password: never log it."""
        self._idle: list[psycopg.Connection[Any]] = []
        self._lock, self._looking, self._leading = threading.Lock(), threading.Lock(), threading.Lock()
        self._seen: int | None = None
        self._told: list[Callable[[bool], None]] = []
        self._lead: psycopg.Connection[Any] | None = None
        self._present: psycopg.Connection[Any] | None = None
        self._is_alone = False

    # -- what others commit ------------------------------------------------------------------------------------

    def watch(self, changed: Callable[[bool], None]) -> None:
        """Name one more to tell of commits; with True of those after which definitions may be others."""
        self._told.append(changed)

    def look(self) -> None:
        """Learn what has been committed by now. What `watch` was given has been told of all of it when this returns.

        Raises:
            WarehouseUnavailable.
        """
        since = self._seen
        query = SQL(
            "SELECT snapshot_id, changes_made, commit_message FROM {}.ducklake_snapshot_changes WHERE snapshot_id > %s"
        ).format(Identifier(self.schema))
        rows = self._ask(query, (-1 if since is None else since,))
        if not rows:
            return
        newest = max(row[0] for row in rows)
        with self._looking:
            known, self._seen = self._seen, newest if self._seen is None else max(self._seen, newest)
            if known is not None and newest <= known:
                return
            # One that is missing has been forgotten with its snapshot: it may have been anything.
            complete = since is not None and len(rows) == newest - since
            defined = not complete or any(
                message == DEFINITIONS or _DEFINES.search(made or "") for _, made, message in rows
            )
            for tell in self._told:
                tell(defined)

    def commits(self, since: int) -> list[tuple[int, str | None]]:
        """Numbers of the commits after one, and what each changed, as `changes` reads it.

        Raises:
            WarehouseUnavailable.
        """
        return self._ask(SQL(COMMITS + "%s").format(catalog=Identifier(self.schema)), (since,))

    def defined(self, since: int, tables: Collection[str]) -> bool:
        """True where definitions have been committed after a snapshot that added rows to one of these tables.

        Args:
            since: the snapshot's number.
            tables: names, in the schema of the bookkeeping.

        Raises:
            WarehouseUnavailable.
        """
        query = SQL(
            "SELECT 1 FROM {schema}.ducklake_snapshot_changes c JOIN {schema}.ducklake_table t "
            "ON c.changes_made ~ ('(^|,)(inlined_insert|inserted_into_table):' || t.table_id || '(,|$)') "
            "JOIN {schema}.ducklake_schema s USING (schema_id) "
            "WHERE c.snapshot_id > %s AND c.commit_message = %s AND s.schema_name = 'boathouse' AND t.table_name = ANY(%s) "
            "LIMIT 1"
        ).format(schema=Identifier(self.schema))
        return bool(self._ask(query, (since, DEFINITIONS, list(tables))))

    def changed(self, since: int, tables: Collection[tuple[str, str]]) -> bool:
        """True where rows or columns of a table may have been committed after a commit.

        Args:
            tables: their schemas and names.

        Raises:
            WarehouseUnavailable.
        """
        query = SQL(
            "SELECT 1 FROM {schema}.ducklake_snapshot_changes c JOIN {schema}.ducklake_table t "
            "ON c.changes_made ~ ('(^|,)(?!merge_adjacent|rewrite_delete)\\w+:' || t.table_id || '(,|$)') "
            "JOIN {schema}.ducklake_schema s USING (schema_id) WHERE c.snapshot_id > %s "
            "AND (s.schema_name, t.table_name) IN (SELECT * FROM unnest(%s::text[], %s::text[])) LIMIT 1"
        ).format(schema=Identifier(self.schema))
        return bool(self._ask(query, (since, *map(list, zip(*tables, strict=True))))) if tables else False

    def oldest(self) -> datetime | None:
        """When the oldest of the transactions began that any server has open on the catalog; None where there is none.

        Raises:
            WarehouseUnavailable.
        """
        query = SQL(
            "SELECT min(xact_start) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
            "AND backend_type = 'client backend' AND (usename = current_user OR application_name = 'boathouse')"
        )
        found = self._ask(query)[0][0]
        return found if isinstance(found, datetime) else None

    # -- who has it open ---------------------------------------------------------------------------------------

    def enter(self) -> None:
        """Have the lake open from now on, beside others.

        Raises:
            HomeInUse: it is being made again as a whole. WarehouseUnavailable.
        """
        with self._leading:
            if self._is_alone or (self._present is not None and not self._present.broken and not self._present.closed):
                return
            connection = self._connect()
            if self._taken(connection, "pg_try_advisory_lock_shared"):
                self._present = connection
                return
            connection.close()
        raise HomeInUse(
            f"the lake of {self.name} is being converted or restored as a whole", hint="Wait until that has ended."
        )

    @contextmanager
    def nobody_else(self) -> Iterator[None]:
        """Have the lake alone until its end: no server has it open, and none may open it.

        Raises:
            HomeInUse: one has. WarehouseUnavailable.
        """
        connection = self._connect()
        try:
            if not self._taken(connection, "pg_try_advisory_lock"):
                raise HomeInUse(
                    f"other servers have the lake of {self.name} open", hint="Stop all servers of this lake first."
                )
            self._is_alone = True
            yield
        finally:
            self._is_alone = False
            with suppress(psycopg.Error):
                connection.close()

    def _taken(self, connection: psycopg.Connection[Any], function: str) -> bool:
        query = SQL("SELECT {}(hashtext(%s))").format(Identifier(function))
        deadline = time.monotonic() + LEFT_SECONDS
        while not self._run(connection, query, (self._key("open"),))[0][0]:
            if time.monotonic() > deadline:
                return False
            time.sleep(_ASK_AGAIN_SECONDS)
        return True

    # -- what one alone may do ---------------------------------------------------------------------------------

    @contextmanager
    def alone(self, what: str) -> Iterator[None]:
        """Until its end no other server is inside the same; one that dies is out.

        Raises:
            WarehouseUnavailable.
        """
        connection = self._connect()
        try:
            self._run(connection, SQL("SELECT pg_advisory_lock(hashtext(%s))"), (self._key(what),))
            yield
        finally:
            with suppress(psycopg.Error):
                connection.close()

    @contextmanager
    def settling(self, *, alone: bool) -> Iterator[None]:
        """Until its end others that are not alone may be inside, or nobody.

        Raises:
            WarehouseUnavailable.
        """
        kind, key = "" if alone else "_shared", (self._key("settle"),)
        connection, _ = self._asked(SQL(f"SELECT pg_advisory_lock{kind}(hashtext(%s))"), key)
        try:
            yield
        finally:
            try:
                self._run(connection, SQL(f"SELECT pg_advisory_unlock{kind}(hashtext(%s))"), key)
                self._rest(connection)
            except BoathouseError:  # what came before has ended by itself, and so has the lock
                connection.close()

    def leads(self) -> bool:
        """True where this server, of all that have the lake, does what one alone may do, until its connection ends."""
        with self._leading:
            if self._lead is not None:
                try:
                    self._run(self._lead, SQL("SELECT 1"), ())
                    return True
                except BoathouseError:
                    self._lead.close()
                    self._lead = None
            try:
                connection = self._connect()
            except BoathouseError:
                return False
            try:
                (taken,) = self._run(
                    connection, SQL("SELECT pg_try_advisory_lock(hashtext(%s))"), (self._key("lead"),)
                )[0]
            except BoathouseError:
                taken = False
            if taken:
                self._lead = connection
            else:
                connection.close()
            return bool(taken)

    def _key(self, what: str) -> str:
        return f"boathouse {self.schema} {what}"

    # -- numbers: see `numbers.Numbers` ------------------------------------------------------------------------

    def prepare_numbers(self) -> None:
        """Make the table of numbers where there is none."""
        self._ask(
            SQL("CREATE TABLE IF NOT EXISTS {} (name text PRIMARY KEY, next_number bigint, step bigint)").format(
                self._table
            )
        )

    def define_number(self, name: str, start: int, step: int) -> None:
        """Begin numbers of a name; those that have begun go on."""
        self._ask(
            SQL("INSERT INTO {} VALUES (%s, %s, %s) ON CONFLICT DO NOTHING").format(self._table), (name, start, step)
        )

    def forget_number(self, name: str) -> None:
        """Nobody will ask for numbers of this name again."""
        self._ask(SQL("DELETE FROM {} WHERE name = %s").format(self._table), (name,))

    def take_numbers(self, name: str, count: int) -> tuple[int, int] | None:
        """The first of so many numbers, and their step; None where the name is not known."""
        query = SQL(
            "UPDATE {} SET next_number = next_number + step * %s WHERE name = %s RETURNING next_number - step * %s, step"
        )
        rows = self._ask(query.format(self._table), (count, name, count))
        return (rows[0][0], rows[0][1]) if rows else None

    @property
    def _table(self) -> Identifier:
        return Identifier(self.schema, "boathouse_numbers")

    # -- connections -------------------------------------------------------------------------------------------

    def close(self) -> None:
        """Let all connections go, and with them the lead."""
        with self._leading, self._lock:
            gone, self._idle = self._idle, []
            gone += [one for one in (self._lead, self._present) if one is not None]
            self._lead = self._present = None
        for one in gone:
            one.close()

    def unavailable(self, why: str) -> BoathouseError:
        """The error of a catalog that does not answer."""
        return WarehouseUnavailable(f"the lake's catalog in PostgreSQL ({self.name}) {why}")

    def _ask(self, query: SQL | Composed, parameters: tuple[object, ...] = ()) -> list[Any]:
        connection, rows = self._asked(query, parameters)
        self._rest(connection)
        return rows

    def _asked(
        self, query: SQL | Composed, parameters: tuple[object, ...]
    ) -> tuple[psycopg.Connection[Any], list[Any]]:
        with self._lock:
            connection = self._idle.pop() if self._idle else None
        if connection is not None:
            try:
                return connection, self._run(connection, query, parameters)
            except WarehouseUnavailable:  # it was lost while it waited here, and so were the others
                connection.close()
                with self._lock:
                    self._idle.clear()
        self._stay()
        connection = self._connect()
        return connection, self._run(connection, query, parameters)

    def _rest(self, connection: psycopg.Connection[Any]) -> None:
        with self._lock:
            if len(self._idle) < _IDLE_MAX:
                self._idle.append(connection)
                return
        connection.close()

    def _stay(self) -> None:
        """What the lost connection held may have to be taken again."""
        present = self._present
        if present is not None:
            with suppress(WarehouseUnavailable):
                self._run(present, SQL("SELECT 1"), ())
                return
            present.close()
            self.enter()

    @contextmanager
    def connection(self) -> Iterator[psycopg.Connection[Any]]:
        """A connection for a transaction of the caller's.

        Raises:
            WarehouseUnavailable: it cannot be reached, or went away inside.
        """
        connection = self._connect()
        try:
            yield connection
        except psycopg.OperationalError:
            raise self.unavailable("closed the connection") from None
        finally:
            with suppress(psycopg.Error):
                connection.close()

    def _connect(self) -> psycopg.Connection[Any]:
        try:
            connection = psycopg.connect(self._conninfo, autocommit=True)
        except psycopg.OperationalError:
            raise self.unavailable("cannot be reached") from None  # libpq's text may hold what the secret holds
        self._run(connection, _ASK_AFTER_US, ())
        return connection

    def _run(
        self, connection: psycopg.Connection[Any], query: SQL | Composed, parameters: tuple[object, ...]
    ) -> list[Any]:
        try:
            found = connection.execute(query, parameters)
            return found.fetchall() if found.description else []
        except psycopg.errors.Error as failure:
            if connection.closed or connection.broken:
                raise self.unavailable("closed the connection") from None
            raise self.unavailable(f"refused a statement of ours (SQLSTATE {failure.sqlstate})") from None
