"""Which materialized views a transaction makes stale.

Told by everything that changes rows (DML, COPY, TRUNCATE, ALTER TABLE APPEND); writes a row per transaction and view
into `boathouse.stale_marks`, by the transaction itself: rolled back with it, seen when it commits. REFRESH deletes the
marks that its own snapshot shows, so the mark of a change that it did not see stays.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Protocol

from boathouse.contracts.engine import EngineSession
from boathouse.contracts.relations import Relation
from boathouse.sql.redshift.notes import read_note

Name = tuple[str, str]
"""(schema, name)"""

TABLES = ("CREATE TABLE IF NOT EXISTS boathouse.stale_marks (schema_name VARCHAR NOT NULL, name VARCHAR NOT NULL)",)


def views_over(engine: EngineSession, database: str) -> dict[Name, set[Name]]:
    """Relation → the materialized views whose query names it, by itself or through views."""
    found: dict[Name, set[Name]] = {}
    rows = engine.fetch(
        "SELECT schema_name, table_name, comment FROM memory.rs.stored_tables() "
        "WHERE database_name = $1 AND comment LIKE '%\"materialized\"%'",
        (database,),
    )
    for schema, name, comment in rows:
        note = read_note(str(comment))
        for base in note.get("depends", ()) if note.get("materialized") else ():
            found.setdefault((str(base[0]), str(base[1])), set()).add((str(schema), str(name)))
    return found


class Bases:
    """What `views_over` found, kept until the catalog changes; shared by all sessions.

    Args:
        database: the warehouse's name.
    """

    def __init__(self, database: str) -> None:
        self.database = database
        self._version: int | None = None
        self._views: Mapping[Name, set[Name]] = {}
        self._lock = threading.Lock()

    def get(self, engine: EngineSession, version: int | None) -> Mapping[Name, set[Name]]:
        """The map at a catalog version; None looks it up and keeps nothing."""
        if version is None:
            return views_over(engine, self.database)
        with self._lock:
            if version == self._version:
                return self._views
        found = views_over(engine, self.database)
        with self._lock:
            self._version, self._views = version, found
        return found


class Host(Protocol):
    """What the marks need of their session."""

    engine: EngineSession

    @property
    def shared_version(self) -> int | None: ...

    @property
    def catalog_version(self) -> int | None: ...


class StaleMarks:
    """One session's changes in the open transaction.

    Args:
        host: the session.
        bases: shared.
    """

    def __init__(self, host: Host, bases: Bases) -> None:
        self._host = host
        self._bases = bases
        self._changed: set[Name] = set()
        self._marked: set[Name] = set()
        self._planned_at: int | None = None

    def changed(self, relation: Relation) -> None:
        """A relation's rows have changed in this transaction."""
        name = (relation.schema, relation.name)
        if relation.kind not in ("table", "materialized") or name in self._changed:
            return
        if not self._changed:
            self._planned_at = self._host.catalog_version
        self._changed.add(name)
        self._mark(self._bases.get(self._host.engine, self._host.shared_version).get(name, set()))

    def may_have_changed(self, schema: str, name: str) -> bool:
        """True where a relation's rows may have changed in this transaction; where definitions may have, under another name."""
        return (schema, name) in self._changed or (bool(self._changed) and self._host.shared_version is None)

    def committing(self) -> None:
        """A view that was made since this transaction began is not in its snapshot, but it misses its changes."""
        if not self._changed or (self._planned_at is not None and self._planned_at == self._host.catalog_version):
            return
        beside = self._host.engine.sibling()
        try:
            now = views_over(beside, self._bases.database)
        finally:
            beside.close()
        for name in self._changed:
            self._mark(now.get(name, set()))

    def clear(self) -> None:
        """The transaction has ended."""
        self._changed.clear()
        self._marked.clear()

    def _mark(self, views: set[Name]) -> None:
        for view in sorted(views - self._marked):
            self._host.engine.execute("INSERT INTO boathouse.stale_marks VALUES ($1, $2)", view)
            self._marked.add(view)
