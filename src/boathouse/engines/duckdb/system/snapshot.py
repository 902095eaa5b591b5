"""The system catalog's rows as one session sees them, lent to its engine session under names of their own.

Received from `query`: the names of the system relations that a statement reads. The engine's own catalog functions cost
tens of microseconds for each column that exists, so what follows from the catalog is computed once and kept as Arrow
tables: for all sessions while the catalog stays as it is, and for one session alone while it sees what others do not
(temporary tables, its own uncommitted DDL, an older snapshot).
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Protocol
from weakref import WeakKeyDictionary

import pyarrow as pa

from boathouse.contracts.engine import EngineSession
from boathouse.contracts.rooms import SystemRelation
from boathouse.contracts.types import arrow_type

LENT = "system:"
"""Before a relation's name where a session's engine knows it: no user can write such a name."""

_NAMED = re.compile(r"\bsystem\.(?:\"([a-z_.]+)\"|([a-z_]+))")

Source = Callable[["Viewer", Callable[[str], pa.Table]], pa.Table]
"""Makes rows that no SQL can: of the viewer, and of other relations by name."""


Kept = dict[tuple[str, int], pa.Table]
"""Relations by name and, where that matters, user."""


class Clearable(Protocol):
    """Something that counts how often it was forgotten."""

    @property
    def cleared(self) -> int: ...


class Viewer(Protocol):
    """A session as this module needs it."""

    @property
    def engine(self) -> EngineSession: ...

    @property
    def user_id(self) -> int: ...

    @property
    def has_temporary(self) -> bool:
        """True where the session may have temporary tables."""
        ...

    @property
    def shared_version(self) -> int | None:
        """The catalog version that the session shares with others; None where it sees something of its own."""
        ...

    @property
    def catalog_version(self) -> int | None:
        """Counts the catalog changes that have committed; None while one is committing."""
        ...

    @property
    def own_plans(self) -> Clearable:
        """Forgotten whenever the session may see another catalog than before."""
        ...


class SystemCatalog:
    """Keeps and lends.

    Args:
        declared: every system relation that is kept.
        sources: further relations, for the queries of the declared ones and for macros; by a function or a query.
        live: names of what changes without the catalog: computed at each use.
        personal: names of what each user sees another part of: kept for each.
        oids: numbers of the catalogs whose rows say where they come from (`tableoid`).
    """

    def __init__(
        self,
        declared: Iterable[SystemRelation],
        sources: Mapping[str, Source | str],
        live: frozenset[str] = frozenset(),
        personal: frozenset[str] = frozenset(),
        oids: Mapping[str, int] = MappingProxyType({}),
    ) -> None:
        self._queries = {one.name: one.query or "" for one in declared if one.kept}
        self._sources: dict[str, Source] = {}
        self._live = live
        self._personal = personal
        self._oids = oids
        for name, source in sources.items():
            if isinstance(source, str):
                self._queries[name] = source
            else:
                self._sources[name] = source
        self._shared: tuple[int, Kept] = (-1, {})
        self._own: WeakKeyDictionary[Viewer, tuple[tuple[int, int | None], Kept]] = WeakKeyDictionary()
        self._lock = threading.Lock()

    def lend(self, viewer: Viewer, names: Iterable[str]) -> None:
        """Let the session's engine read these relations; unknown names are no concern of ours."""
        for name in names:
            if name in self._queries or name in self._sources:
                viewer.engine.lend(LENT + name, self._table(viewer, name))

    def _table(self, viewer: Viewer, name: str) -> pa.Table:
        version = viewer.shared_version
        kept = self._kept(viewer, version)
        key = (name, viewer.user_id if name in self._personal else 0)
        found = kept.get(key)
        if found is None:
            found = self._made(viewer, name)
            # Should the catalog have changed meanwhile, the rows serve this one statement.
            if name not in self._live and version == viewer.shared_version:
                kept[key] = found
        return found

    def _kept(self, viewer: Viewer, version: int | None) -> Kept:
        with self._lock:
            if version is not None:
                if self._shared[0] < version:
                    self._shared = (version, {})
                return self._shared[1] if self._shared[0] == version else {}
            moment = (viewer.own_plans.cleared, viewer.catalog_version)
            if moment[1] is None:
                return {}
            known = self._own.get(viewer)
            if known is None or known[0] != moment:
                known = (moment, {})
                self._own[viewer] = known
            return known[1]

    def _made(self, viewer: Viewer, name: str) -> pa.Table:
        source = self._sources.get(name)
        if source is not None:
            return source(viewer, lambda other: self._table(viewer, other))
        query = self._queries[name]
        self.lend(viewer, dict.fromkeys("".join(found) for found in _NAMED.findall(query)))
        sql = _NAMED.sub(r'temp.main."system:\1\2"', query)
        if name in self._oids:
            sql = f"SELECT *, {self._oids[name]}::BIGINT AS tableoid FROM ({sql})"
        return table_of(viewer.engine, sql)


def table_of(engine: EngineSession, sql: str) -> pa.Table:
    """A query's rows as one table, its columns by name."""
    rows = engine.query(sql)
    schema = pa.schema([(field.name, arrow_type(field.type)) for field in rows.fields])
    return pa.Table.from_batches(
        [pa.RecordBatch.from_arrays(one.columns, schema=schema) for one in rows.batches], schema
    )
