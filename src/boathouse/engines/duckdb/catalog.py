"""The engine's tables and views as relations, with the facts that its comments keep for us.

Handed to the binder by each session. Found relations are cached for the whole process until any transaction that
changed the catalog commits; a session that sees something of its own (temporary tables, uncommitted DDL) looks for
itself.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from copy import copy
from dataclasses import dataclass, field

from boathouse.contracts.engine import EngineSession
from boathouse.contracts.relations import Catalog, Column, Relation, RelationKind, ViewDefinition
from boathouse.contracts.rooms import SystemRelation
from boathouse.engines.duckdb.types import from_duckdb
from boathouse.sql.redshift.notes import read_note
from boathouse.sql.redshift.types import parse_type

HIDDEN_SCHEMAS = frozenset({"boathouse", "main", "information_schema", "pg_catalog"})
"""Schemas of the engine's database that users do not address: bookkeeping, and what the system catalog answers."""

_COLUMNS = (
    "SELECT column_name, data_type, is_nullable, column_default, comment FROM duckdb_columns() "
    "WHERE database_name = $1 AND schema_name = $2 AND table_name = $3 ORDER BY column_index"
)
_KIND = (
    "SELECT 'table', comment FROM duckdb_tables() WHERE database_name = $1 AND schema_name = $2 AND table_name = $3 "
    "UNION ALL "
    "SELECT 'view', comment FROM duckdb_views() WHERE database_name = $1 AND schema_name = $2 AND view_name = $3"
)


def quote(*parts: str) -> str:
    """A quoted, dotted name."""
    return ".".join('"' + part.replace('"', '""') + '"' for part in parts)


@dataclass
class CatalogCache:
    """Relations that every session sees, and the number of catalog changes so far."""

    version: int = 0
    relations: dict[tuple[str, str], Relation | None] = field(default_factory=dict)
    schemas: set[str] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def changed(self) -> None:
        """Forget everything: a transaction that changed the catalog has committed."""
        with self._lock:
            self.version += 1
            self.relations = {}
            self.schemas = set()

    def remember(self, version: int, key: tuple[str, str], relation: Relation | None) -> None:
        """Keep what was found, unless the catalog has changed since the search began."""
        with self._lock:
            if version == self.version:
                self.relations[key] = relation


class DuckCatalog:
    """See `contracts.relations.Catalog`; one per session.

    Args:
        engine: the session's own engine session.
        database: the warehouse's name.
        cache: shared by all sessions.
        private: true while this session may see what others do not.
        search_path: the session's schemas, in order.
        system: the system relations by name.
        elsewhere: further places to look (the lake): has_schema and relation.
    """

    def __init__(
        self,
        engine: EngineSession,
        database: str,
        cache: CatalogCache,
        private: Callable[[], bool],
        search_path: Callable[[], Iterable[str]],
        system: dict[str, Relation],
        elsewhere_schema: Callable[[str], bool],
        elsewhere_relation: Callable[[str, str], Relation | None],
    ) -> None:
        self._engine = engine
        self._database = database
        self._cache = cache
        self._private = private
        self._search_path = search_path
        self._system = system
        self._elsewhere_schema = elsewhere_schema
        self._elsewhere_relation = elsewhere_relation

    def relation(self, schema: str | None, name: str) -> Relation | None:
        """See the protocol."""
        if schema is not None:
            if schema in ("pg_catalog", "information_schema"):
                return self._system.get(name if schema == "pg_catalog" else f"information_schema.{name}")
            if schema == "pg_temp":
                return self._find("temp", "main", name)
            return self._in_schema(schema, name)
        if self._private():
            temporary = self._find("temp", "main", name)
            if temporary is not None:
                return temporary
        for place in self._search_path():
            found = self._in_schema(place, name)
            if found is not None:
                return found
        return self._system.get(name)

    def within(self, search_path: tuple[str, ...]) -> Catalog:
        """See the protocol."""
        other = copy(self)
        other._search_path = lambda: search_path
        return other

    def has_schema(self, schema: str) -> bool:
        """See the protocol."""
        if schema in ("pg_catalog", "information_schema", "pg_temp"):
            return True
        if schema in HIDDEN_SCHEMAS:
            return False
        if not self._private() and schema in self._cache.schemas:
            return True
        found = self._engine.fetch(
            "SELECT 1 FROM duckdb_schemas() WHERE database_name = $1 AND schema_name = $2", (self._database, schema)
        )
        if found:
            self._cache.schemas.add(schema)
            return True
        return self._elsewhere_schema(schema)

    def _in_schema(self, schema: str, name: str) -> Relation | None:
        if schema in HIDDEN_SCHEMAS:
            return None
        key = (schema, name)
        if self._private():
            return self._find(self._database, schema, name) or self._elsewhere_relation(schema, name)
        if key in self._cache.relations:
            return self._cache.relations[key]
        version = self._cache.version
        found = self._find(self._database, schema, name) or self._elsewhere_relation(schema, name)
        if not self._engine.in_transaction:
            self._cache.remember(version, key, found)
        return found

    def _find(self, database: str, schema: str, name: str) -> Relation | None:
        place = (database, schema, name)
        kinds = self._engine.fetch(_KIND, place)
        if not kinds:
            return None
        kind: RelationKind = "view" if kinds[0][0] == "view" else "temporary" if database == "temp" else "table"
        columns = tuple(_column(row) for row in self._engine.fetch(_COLUMNS, place))
        shown = "pg_temp" if database == "temp" else schema
        view = _view(kinds[0][1], columns) if kind == "view" else None
        return Relation(shown, name, kind, columns, quote(database, schema, name), view)


def _view(comment: object, columns: tuple[Column, ...]) -> ViewDefinition | None:
    note = read_note(None if comment is None else str(comment))
    if "query" not in note:
        return None
    late_binding = bool(note.get("late_binding"))
    # A late-binding view has the columns that its query has when it is used, unless it names them itself.
    kept = () if late_binding and not note.get("named") else tuple(column.name for column in columns)
    search_path = tuple(str(schema) for schema in note.get("search_path", ()))
    return ViewDefinition(str(note["query"]), kept, search_path, late_binding)


def _column(row: tuple[object, ...]) -> Column:
    name, data_type, nullable, default, comment = row
    note = read_note(None if comment is None else str(comment))
    return Column(
        name=str(name),
        type=parse_type(note["type"]) if "type" in note else from_duckdb(str(data_type)),
        nullable=bool(nullable),
        default=None if default is None else str(default),
        identity="identity" in note,
        encode=note.get("encode"),
        distkey=bool(note.get("distkey")),
        sortkey=int(note.get("sortkey", 0)),
    )


def system_relations(declared: Iterable[SystemRelation], database: str) -> dict[str, Relation]:
    """The rooms' system relations by name; stored ones live in `boathouse`, views in the process's own database."""
    return {
        relation.name: Relation(
            "pg_catalog",
            relation.name,
            "system",
            tuple(Column(name, parse_type(type_text)) for name, type_text in relation.columns),
            quote(database, "boathouse", relation.name)
            if relation.query is None
            else quote("memory", "rs", relation.name),
        )
        for relation in declared
    }
