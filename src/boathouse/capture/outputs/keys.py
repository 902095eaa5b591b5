"""The keys that the outputs of a capture without a warehouse have been told, in a file beside the journal: what a dump does
not find of them is no more at the source.

Received from the writer of `stored`; handed on at a dump's end: deletes of what was not found, to go the way of all changes.
It is made durable before the position is: what it knows too early comes again, and changes nothing then.
"""

from __future__ import annotations

import json
import logging
import sqlite3
from collections.abc import Callable, Iterable
from datetime import time
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from boathouse.capture.changes import DELETE, ChangeBatch, TablePath, TableSchema
from boathouse.capture.outputs.found import deletes
from boathouse.contracts.source_errors import Fenced, StateUnavailable

_ROWS_MAX = 50_000
_WAIT_SECONDS = 3.0
_FILE = "keys"
log = logging.getLogger(__name__)
_TABLES = (
    "CREATE TABLE IF NOT EXISTS told (path TEXT NOT NULL, key TEXT NOT NULL, dump INTEGER NOT NULL, PRIMARY KEY (path, key)) "
    "WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS shapes (path TEXT PRIMARY KEY, key TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS writers (epoch INTEGER NOT NULL)",
)


class ToldKeys:
    """See the module. A transaction locks the file only when it is applied, and so an instance that is paused hardly ever holds
    it; where one does, the next one begins a file of its own, and knows only what is told from then on.

    Args:
        folder: the journal's; made where it is missing.
        epoch: the writer's; one with an older epoch writes no more.

    Raises:
        Fenced: there was a later writer. StateUnavailable: the file cannot be opened.
    """

    def __init__(self, folder: Path, epoch: int) -> None:
        self._epoch, self._waiting, self._count = epoch, list[tuple[str, list[tuple[object, ...]]]](), 0
        self._shapes: dict[str, str] = {}
        try:
            folder.mkdir(parents=True, exist_ok=True)
            known = sorted(folder.glob(f"{_FILE}-*.db"))
            try:
                self._open(known[-1] if known else folder / f"{_FILE}-{0:020d}.db")
            except sqlite3.OperationalError:
                log.warning(
                    "the keys beside the journal are held by another instance: those told before are not known any more"
                )
                self._open(folder / f"{_FILE}-{epoch:020d}.db")
        except (OSError, sqlite3.Error) as failure:
            raise StateUnavailable(f"the keys beside the journal cannot be opened: {failure}") from failure

    def _open(self, path: Path) -> None:
        self._file = sqlite3.connect(path, timeout=_WAIT_SECONDS, isolation_level=None, check_same_thread=False)
        self._file.execute("PRAGMA synchronous = FULL")
        self._file.execute("BEGIN IMMEDIATE")
        for one in _TABLES:
            self._file.execute(one)
        self._require_ours()
        self._file.execute("DELETE FROM writers")
        self._file.execute("INSERT INTO writers VALUES (?)", (self._epoch,))
        self._file.execute("COMMIT")

    def _require_ours(self) -> None:
        if self._file.execute("SELECT 1 FROM writers WHERE epoch > ?", (self._epoch,)).fetchone():
            self.rollback()
            raise Fenced("a later instance has taken over the journal")

    def commit(self) -> None:
        """Make durable what was written since the last commit. Raises Fenced, StateUnavailable."""
        self._apply()
        self._tried(lambda: self._file.execute("COMMIT"))

    def rollback(self) -> None:
        """Give it up."""
        self._waiting, self._count, self._shapes = [], 0, {}
        if self._file.in_transaction:
            self._file.execute("ROLLBACK")

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def has(self, path: TablePath) -> bool:
        """True where a table has keys."""
        return self._file.execute("SELECT 1 FROM told WHERE path = ? LIMIT 1", (_text(path),)).fetchone() is not None

    def write(self, batch: ChangeBatch) -> None:
        """Rows that come and go, in the open transaction."""
        path, last = self._path(batch.schema), {}
        for key, op in zip(_texts(batch.schema, batch.rows), batch.ops.to_pylist(), strict=True):
            last[key] = op != DELETE
        self._many(
            "DELETE FROM told WHERE path = ? AND key = ?",
            ((path, key) for key, is_there in last.items() if not is_there),
        )
        self._many(
            "INSERT OR IGNORE INTO told VALUES (?, ?, 0)", ((path, key) for key, is_there in last.items() if is_there)
        )

    def truncate(self, path: TablePath) -> None:
        """All of a table go."""
        self._many("DELETE FROM told WHERE path = ?", [(_text(path),)])

    def found(self, dump: int, schema: TableSchema, rows: pa.RecordBatch) -> None:
        """These are at the source."""
        path = self._path(schema)
        self._many(
            "UPDATE told SET dump = ? WHERE path = ? AND key = ?", ((dump, path, key) for key in _texts(schema, rows))
        )

    def ghosts(self, dump: int, schema: TableSchema) -> ChangeBatch | None:
        """Deletes of what the dump has not found, as many as a batch takes; None where there are none."""
        path = self._path(schema)
        self._apply()
        rows = self._file.execute(
            f"SELECT key FROM told WHERE path = ? AND dump <> ? LIMIT {_ROWS_MAX}", (path, dump)
        ).fetchall()
        if not rows:
            return None
        parts = zip(*(json.loads(key) for (key,) in rows), strict=True)
        return deletes(schema, [_array(part, schema, index) for part, index in zip(parts, schema.key, strict=True)])

    def _apply(self) -> None:
        """What waits is written into the open transaction."""
        if not self._file.in_transaction:
            self._tried(lambda: self._file.execute("BEGIN IMMEDIATE"))
            self._require_ours()
        waiting, self._waiting, self._count = self._waiting, [], 0
        for sql, rows in waiting:
            self._tried(lambda sql=sql, rows=rows: self._file.executemany(sql, rows))  # type: ignore[misc]

    def _path(self, schema: TableSchema) -> str:
        """A table's, whose keys of another kind are forgotten: its outputs have them under another one."""
        path = _text(schema.path)
        kind = json.dumps([(schema.columns[index].name, str(schema.columns[index].type)) for index in schema.key])
        known = self._shapes.get(path)
        if known is None:
            found = self._file.execute("SELECT key FROM shapes WHERE path = ?", (path,)).fetchone()
            known = None if found is None else found[0]
        if known != kind:
            self._many("DELETE FROM told WHERE path = ?", [(path,)])
            self._many("INSERT OR REPLACE INTO shapes VALUES (?, ?)", [(path, kind)])
        self._shapes[path] = kind
        return path

    def _many(self, sql: str, rows: Iterable[tuple[object, ...]]) -> None:
        taken = list(rows)
        self._waiting.append((sql, taken))
        self._count += len(taken)
        if self._count > _ROWS_MAX:
            self._apply()

    def _tried(self, do: Callable[[], object]) -> None:
        try:
            do()
        except sqlite3.Error as failure:
            raise StateUnavailable(f"the keys beside the journal cannot be written: {failure}") from failure


def _text(path: TablePath) -> str:
    return json.dumps(path)


def _texts(schema: TableSchema, rows: pa.RecordBatch) -> list[str]:
    """Each row's key, equal for equal keys."""
    parts = []
    for index in schema.key:
        column = rows.column(index)
        if pa.types.is_binary(column.type) or pa.types.is_large_binary(column.type):
            parts.append([None if one is None else one.hex() for one in column.to_pylist()])
        else:
            parts.append(pc.cast(column, pa.string()).to_pylist())
    return [json.dumps(key) for key in zip(*parts, strict=True)]


def _array(texts: tuple[str, ...], schema: TableSchema, index: int) -> pa.Array:
    type_ = schema.arrow.field(index).type
    if pa.types.is_binary(type_) or pa.types.is_large_binary(type_):
        return pa.array([bytes.fromhex(one) for one in texts], type_)
    if pa.types.is_time(type_):
        return pa.array([time.fromisoformat(one) for one in texts], type_)
    return pc.cast(pa.array(texts, pa.string()), type_)
