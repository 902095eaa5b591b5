"""Which materialized views a transaction makes stale.

Told by everything that changes rows (DML, COPY, TRUNCATE, ALTER TABLE APPEND); writes a row per transaction and view
into `boathouse.stale_marks`, by the transaction itself: rolled back with it, seen when it commits. REFRESH deletes the
marks that its own snapshot shows, so the mark of a change that it did not see stays. On a lake it adds a row for each
instead: there, of two transactions of which one removes rows of a table and the other one adds some, the later one fails.

A view that is made while its tables are changed is seen by one of the two: transactions that changed rows look for views, and
commit, together, and one that made a view looks for changes since its own snapshot, and commits, alone.
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Protocol

from boathouse.contracts.engine import Engine, EngineSession
from boathouse.contracts.errors import FeatureNotSupported
from boathouse.contracts.house import House
from boathouse.contracts.relations import Relation
from boathouse.sql.redshift.notes import read_note

Name = tuple[str, str]
"""(schema, name)"""

TABLES = (
    "CREATE TABLE IF NOT EXISTS boathouse.stale_marks (schema_name VARCHAR NOT NULL, name VARCHAR NOT NULL)",
    "ALTER TABLE boathouse.stale_marks ADD COLUMN IF NOT EXISTS mark VARCHAR DEFAULT ''",
)
STALE = (
    "(SELECT m.schema_name, m.name FROM boathouse.stale_marks m WHERE NOT starts_with(m.mark, 'seen:') AND NOT EXISTS "
    "(SELECT 1 FROM boathouse.stale_marks s WHERE s.mark = 'seen:' || m.mark AND s.schema_name = m.schema_name "
    "AND s.name = m.name))"
)
"""A row for each mark that no refresh has seen."""
_OF_VIEW = "m.schema_name = $1 AND m.name = $2"
_SEEN_MAX = 1000


def is_marked(engine: EngineSession, view: Name) -> bool:
    """True where the session's transaction sees a change that is not in the view."""
    return bool(engine.fetch(f"SELECT 1 FROM {STALE} m WHERE {_OF_VIEW} LIMIT 1", view))


def unmark(house: House, engine: EngineSession, view: Name) -> None:
    """What the marks that are seen now tell of is in the view, as the open transaction leaves it."""
    if house.engine.history is None:
        engine.execute(f"DELETE FROM boathouse.stale_marks m WHERE {_OF_VIEW}", view)
        return
    engine.execute(
        "INSERT INTO boathouse.stale_marks SELECT m.schema_name, m.name, 'seen:' || m.mark FROM boathouse.stale_marks m "
        f"WHERE {_OF_VIEW} AND NOT starts_with(m.mark, 'seen:') AND NOT EXISTS (SELECT 1 FROM boathouse.stale_marks s "
        "WHERE s.mark = 'seen:' || m.mark AND s.schema_name = m.schema_name AND s.name = m.name)",
        view,
    )


def forget_seen(engine: EngineSession) -> None:
    """Remove marks that were seen, where they are many."""
    ((seen,),) = engine.fetch("SELECT count(*) FROM boathouse.stale_marks WHERE starts_with(mark, 'seen:')")
    if int(str(seen)) > _SEEN_MAX:
        engine.execute(
            "DELETE FROM boathouse.stale_marks m WHERE starts_with(m.mark, 'seen:') OR EXISTS (SELECT 1 FROM "
            "boathouse.stale_marks s WHERE s.mark = 'seen:' || m.mark AND s.schema_name = m.schema_name AND s.name = m.name)"
        )


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
        self._settling, self._together, self._is_alone, self._waiting = threading.Condition(), 0, False, 0
        self._changes: dict[Name, int] = {}
        self.moment = 0
        """Counts the commits that may have changed rows."""

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

    @contextmanager
    def settling(self, engine: Engine, *, alone: bool) -> Iterator[None]:
        """Around a look and the commit that follows it: together with others of its kind, or alone."""
        with self._settling:
            self._waiting += alone
            self._settling.wait_for(lambda: not self._is_alone and not (self._together if alone else self._waiting))
            self._waiting -= alone
            self._together, self._is_alone = self._together + (not alone), alone
        try:
            with engine.settling(alone=alone):
                yield
        finally:
            with self._settling:
                self._together, self._is_alone = self._together - (not alone), False
                self._settling.notify_all()

    def change(self, names: Collection[Name]) -> None:
        """Rows of these have been committed, or may have been: whoever begins from now on sees them."""
        with self._settling:
            self.moment += 1
            self._changes.update(dict.fromkeys(names, self.moment))

    def changed_since(self, moment: int, names: Collection[Name]) -> bool:
        """True where rows of one of them have been committed since."""
        return any(self._changes.get(name, 0) > moment for name in names)


class Host(Protocol):
    """What the marks need of their session."""

    engine: EngineSession
    house: House

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
        self._made: dict[Name, Collection[Name]] = {}
        self._moment = 0
        self._settling = ExitStack()

    def begin(self) -> None:
        """A transaction is about to take its snapshot."""
        self._moment = self._bases.moment

    def made(self, view: Relation, bases: Collection[Name]) -> None:
        """A materialized view has been made in this transaction, of these."""
        self._made[view.schema, view.name] = bases

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

    def require_unchanged(self, schema: str, name: str, what: str) -> None:
        """The engine mixes what the open transaction has changed of a lake's table into the table as it was (DuckDB 1.5.5).

        Raises:
            FeatureNotSupported: the transaction has changed its rows.
        """
        if self._host.house.engine.history is not None and self.may_have_changed(schema, name):
            raise FeatureNotSupported(
                f'{what} is not supported for "{name}" in a transaction that has changed it', hint="COMMIT first."
            )

    def committing(self) -> None:
        """A view that was made since this transaction began is not in its snapshot, but it misses its changes; one that this
        transaction made misses what has been committed since it began.
        """
        if self._changed or self._made:
            self._settling.callback(self._bases.change, frozenset(self._changed))
            self._settling.enter_context(self._bases.settling(self._host.house.engine, alone=bool(self._made)))
        self._host.house.engine.look()
        for view, bases in self._made.items():
            if self._bases.changed_since(self._moment, bases) or self._host.engine.changed_beside(bases):
                self._mark({view})
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
        self._settling.close()
        self._made.clear()
        self._changed.clear()
        self._marked.clear()

    def _mark(self, views: set[Name]) -> None:
        for view in sorted(views - self._marked):
            self._host.engine.execute(
                "INSERT INTO boathouse.stale_marks VALUES ($1, $2, CAST(uuid() AS VARCHAR))", view
            )
            self._marked.add(view)
