"""One connection to a DuckLake as an `EngineSession`.

Receives the same SQL as its parent. A few kinds of statements, which only our own DDL sends, are done in another way: what
the lake has not got (comments on tables that can be listed quickly, comments on a view's columns, sequences, statistics).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import duckdb

from boathouse.contracts.answers import Field, Rows
from boathouse.contracts.engine import Profiler, Stored
from boathouse.contracts.errors import BoathouseError, QueryCanceled, SerializationFailure
from boathouse.engines.duckdb.checkpoints import Checkpoints
from boathouse.engines.duckdb.keeping.changes import Moves
from boathouse.engines.duckdb.keeping.lake_history import LakeHistory, stamp
from boathouse.engines.duckdb.session import DuckSession
from boathouse.engines.duckdb.storage.lake_notes import LakeNotes
from boathouse.engines.duckdb.storage.near_copies import NearCopies
from boathouse.engines.duckdb.storage.numbers import Numbers
from boathouse.sql.redshift.types import quoted

_NOTHING = "SELECT 0 WHERE false"
_NAME = r'(?:"(?:[^"]|"")*"|\w+)'
_PLACE = rf"{_NAME}(?:\.{_NAME})*"
_SEQUENCE = re.compile(
    rf"(?P<verb>CREATE|DROP) SEQUENCE (?:IF (?:NOT )?EXISTS )?(?P<name>{_PLACE})(?P<rest>.*)$", re.DOTALL
)
_STEP = re.compile(r"INCREMENT BY (-?\d+)")
_START = re.compile(r"START (?:WITH )?(-?\d+)")
_DROP_COLUMN = re.compile(rf"ALTER TABLE (?P<place>{_PLACE}) DROP COLUMN (?P<column>{_NAME})$")
_KEY = re.compile(r",? PRIMARY KEY(?: \([^)]*\))?")
_ADD_COLUMN = re.compile(
    rf"ALTER TABLE (?P<place>{_PLACE}) ADD COLUMN (?P<condition>IF NOT EXISTS )?(?P<column>{_NAME}) "
    r"(?P<type>\w+(?:\([\d, ]+\))?) DEFAULT (?P<default>.*)$",
    re.DOTALL,
)
_READS = ("SELECT", "WITH", "(", "FROM", "DESCRIBE", "EXPLAIN", "SET ", "PRAGMA ", "BEGIN", "ROLLBACK")
"""How statements begin that commit nothing."""
_BOOKED = re.compile(r"(?:INSERT INTO|UPDATE|DELETE FROM) boathouse\.")
"""How a change of bookkeeping begins: where it is a transaction by itself and another one was earlier, it is made again."""
_BOOKED_AGAIN = 20
_TURN_SECONDS = 5.0
_BOOKKEEPING = "CREATE TABLE IF NOT EXISTS boathouse."


class LakeSession(DuckSession):
    """See `contracts.engine.EngineSession`.

    Args:
        connection, spool, open_sibling, checkpoints: as its parent's.
        stored: what the lake's tables can do.
        numbers: in place of sequences.
        database: the lake's name.
        history: keeps the lake.
        moves: is told of what the session may have committed.
    """

    near: NearCopies | None = None
    """Copies of its tables, which queries may read in their place."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        spool: Path,
        open_sibling: Callable[[], DuckSession],
        checkpoints: Checkpoints,
        stored: Stored,
        numbers: Numbers,
        database: str,
        history: LakeHistory,
        moves: Moves,
    ) -> None:
        super().__init__(connection, spool, open_sibling, checkpoints)
        self.stored = stored
        self._numbers = numbers
        self._database = database
        self._history = history
        self._moves = moves
        self._notes = LakeNotes(super()._run)
        self._dropped: list[str] = []
        """Sequences that go when the open transaction commits."""
        self._changes = False
        """The open transaction may have written."""
        self._message: str | None = None
        """What its commit is to tell."""
        self._began: datetime | None = None
        """When the open transaction did, or else the query whose result is open."""
        self._runs = False
        """A query is being started, or a transaction committed."""
        self._began_with: int | None = None
        """The commit that the open transaction sees, once it has been asked for."""

    def begin(self) -> None:
        self._changes, self._message, self._began = False, None, datetime.now(UTC)
        self._began_with = None
        super().begin()

    def busy_since(self) -> datetime | None:
        """Since when it may read what is no more the newest; None while it reads nothing. From any thread."""
        began, stream = self._began, self._stream
        return began if self._in_transaction or self._runs or (stream is not None and stream.is_live) else None

    def execute(self, sql: str, parameters: Sequence[object] = (), profiler: Profiler | None = None) -> int:
        self._changes = True
        if self._in_transaction or not _BOOKED.match(sql):
            return super().execute(sql, parameters, profiler)
        for _ in range(_BOOKED_AGAIN):
            with self._history.turn(_TURN_SECONDS), suppress(SerializationFailure):
                return super().execute(sql, parameters, profiler)
        return super().execute(sql, parameters, profiler)

    def commit(self) -> None:
        self._runs = True  # its files are nobody's yet
        try:
            if self._changes:
                self._run(stamp(quoted(self._database), self._message))
            super().commit()
        finally:
            self._runs = False
        dropped, self._dropped = self._dropped, []
        for name in dropped:
            self._numbers.forget(name)

    def rollback(self) -> None:
        self._dropped.clear()
        super().rollback()

    def query(
        self,
        sql: str,
        parameters: Sequence[object] = (),
        fields: tuple[Field, ...] | None = None,
        profiler: Profiler | None = None,
    ) -> Rows:
        with self._lock:
            if not self._in_transaction:
                self._began = datetime.now(UTC)
            self._runs = True
            try:
                return self._from_near(sql, parameters, fields, profiler) or super().query(
                    sql, parameters, fields, profiler
                )
            finally:
                self._runs = False

    def _from_near(
        self, sql: str, parameters: Sequence[object], fields: tuple[Field, ...] | None, profiler: Profiler | None
    ) -> Rows | None:
        """The rows of a query over copies; None where it has to read the lake."""
        if self.near is None or (self._in_transaction and self._changes):
            return None
        found = self.near.over(sql, self._commit_seen if self._in_transaction else None)
        if found is None:
            return None
        try:
            return super().query(found.sql, parameters, fields, profiler)
        except QueryCanceled:
            raise
        except BoathouseError:
            if self.near.are_kept(found.copies) and not self._in_transaction:
                raise
            return None  # one has been dropped meanwhile, or came after the transaction began

    def _commit_seen(self) -> int:
        if self._began_with is None:
            found = self._run(f"SELECT id FROM {quoted(self._database)}.current_snapshot()").fetchone()
            self._began_with = int(found[0])
        return self._began_with

    def _run(self, sql: str, parameters: Sequence[object] = ()) -> Any:
        try:
            return self._run_one(sql, parameters)
        finally:
            if not self._in_transaction and not sql.startswith(_READS):
                self._moves.add()

    def _run_one(self, sql: str, parameters: Sequence[object]) -> Any:
        with self._lock:
            if sql.startswith("COMMENT ON "):
                return self._notes.comment(sql)
            self._notes.forget()
            if sql.startswith(("CREATE SEQUENCE ", "DROP SEQUENCE ")) and self._number(sql):
                return super()._run(_NOTHING)
            if sql.startswith("ANALYZE"):  # each file brings its own statistics
                return super()._run(_NOTHING)
            if sql.startswith("VACUUM"):
                return self._vacuum(sql.removeprefix("VACUUM").strip())
            if sql.startswith(_BOOKKEEPING):
                sql = _KEY.sub("", sql)
            added = _ADD_COLUMN.match(sql)
            if added is not None:
                sql = self._with_literal(added)
            dropped = _DROP_COLUMN.match(sql)
            if dropped is not None:
                self._notes.spare(dropped["place"], dropped["column"])
            return super()._run(sql, parameters)

    def _with_literal(self, added: re.Match[str]) -> str:
        """The lake takes a literal alone as the value of a new column in the rows that are there."""
        value = super()._run(f"SELECT CAST(CAST({added['default']} AS {added['type']}) AS VARCHAR)").fetchone()[0]
        literal = "NULL" if value is None else "'" + value.replace("'", "''") + "'"
        condition = added["condition"] or ""
        return f"ALTER TABLE {added['place']} ADD COLUMN {condition}{added['column']} {added['type']} DEFAULT {literal}"

    def _vacuum(self, place: str) -> Any:
        """Of a table, gather its files; of all, let go what nobody needs, too."""
        sort, place = place.startswith("SORT"), place.removeprefix("SORT")
        parts = [part[1:-1].replace('""', '"') if part[0] == '"' else part for part in re.findall(_NAME, place)]
        table, history = ((parts[1], parts[2]) if parts else None), self._history
        beside = self.sibling()  # a transaction changes rows or writes files anew, not both
        works: list[Callable[[], object]] = [partial(history.sort, beside, table, every=sort)]
        works.append(partial(history.gather, beside, table))
        if table is None:
            works.append(partial(history.forget, beside))
        try:
            for work in works:
                beside.begin()
                work()
                beside.commit()
        finally:
            beside.close()
        return super()._run(_NOTHING)

    def _number(self, sql: str) -> bool:
        """A sequence begins or ends; False for a temporary one, which the engine has itself."""
        found = _SEQUENCE.match(sql)
        if found is None or found["name"].startswith("temp."):
            return False
        if found["verb"] == "DROP":
            if self.in_transaction:
                self._dropped.append(found["name"])
            else:
                self._numbers.forget(found["name"])
            return True
        step, start = _STEP.search(found["rest"]), _START.search(found["rest"])
        self._numbers.define(found["name"], int(start[1]) if start else 1, int(step[1]) if step else 1)
        return True
