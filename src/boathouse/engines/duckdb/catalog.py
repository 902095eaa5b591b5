"""The engine's tables and views as relations, with the facts that its comments keep for us.

Handed to the binder by each session. Found relations are cached for the whole process until any transaction that
changed them commits; a session that sees something of its own (temporary tables, uncommitted DDL) keeps what it
found to itself, until it may see another catalog than before. A look costs as much as listing every column there is.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from copy import copy
from dataclasses import replace
from functools import cache

from boathouse.contracts.relations import Catalog, Column, Relation, RelationKind, SqlFunction, ViewDefinition
from boathouse.contracts.rooms import SystemRelation
from boathouse.contracts.types import OID
from boathouse.engines.duckdb.system.facts import SYSTEM_OIDS
from boathouse.engines.duckdb.system.snapshot import LENT, Viewer
from boathouse.engines.duckdb.types import from_duckdb
from boathouse.sql.redshift.notes import read_note
from boathouse.sql.redshift.types import parse_type

Place = tuple[str, str, str]
"""A database of the engine's, a schema, a name."""

HIDDEN_SCHEMAS = frozenset({"boathouse", "main", "information_schema", "pg_catalog"})
"""Schemas of the engine's database that users do not address: bookkeeping, and what the system catalog answers."""

_COLUMNS = (
    "SELECT column_name, data_type, is_nullable, column_default, comment FROM memory.rs.stored_columns() "
    "WHERE database_name = $1 AND schema_name = $2 AND table_name = $3 ORDER BY column_index"
)
_KIND = (
    "SELECT 'table', comment FROM memory.rs.stored_tables() WHERE database_name = $1 AND schema_name = $2 AND table_name = $3 "
    "UNION ALL "
    "SELECT 'view', comment FROM duckdb_views() WHERE database_name = $1 AND schema_name = $2 AND view_name = $3"
)


def quote(*parts: str) -> str:
    """A quoted, dotted name."""
    return ".".join('"' + part.replace('"', '""') + '"' for part in parts)


class CatalogCache:
    """Relations that every session sees, and the number of catalog changes so far.

    Between the engine's commit of a change and the count of it, nobody can tell which of the two catalogs a look-up
    saw. So whoever commits a change says so before (`changing`) and after (`changed`), and in between there is no
    settled version: sessions look for themselves, and nothing is kept.
    """

    def __init__(self) -> None:
        self._version = 0
        self._under_way = 0
        self._relations: dict[tuple[str, str], Relation | None] = {}
        self._schemas: set[str] = set()
        self._lock = threading.Lock()

    @property
    def version(self) -> int | None:
        """The number of changes so far; None while one is being committed."""
        with self._lock:
            return None if self._under_way else self._version

    def changing(self) -> None:
        """A transaction that changed the catalog is about to commit."""
        with self._lock:
            self._under_way += 1

    def changed(self, changes: Sequence[Collection[str] | None] = (None,)) -> None:
        """It has committed, or failed to: forget the relations that each change names, in whatever schema; all for None."""
        with self._lock:
            self._under_way -= 1
            self._version += 1
            if None in changes:
                self._relations, self._schemas = {}, set()
            gone = {name.lower() for names in changes for name in names or ()}
            self._relations = {key: one for key, one in self._relations.items() if key[1].lower() not in gone}

    def relation(self, version: int, key: tuple[str, str]) -> tuple[bool, Relation | None]:
        """Whether something is known about that name at that version, and what: None for "there is none"."""
        with self._lock:
            known = version == self._version and key in self._relations
            return known, self._relations[key] if known else None

    def has_schema(self, version: int, schema: str) -> bool:
        """True where the schema is known to exist at that version."""
        with self._lock:
            return version == self._version and schema in self._schemas

    def remember(self, version: int, key: tuple[str, str], relation: Relation | None) -> None:
        """Keep what was found, unless the catalog has changed since the search began."""
        with self._lock:
            if version == self._version and not self._under_way:
                self._relations[key] = relation

    def remember_schema(self, version: int, schema: str) -> None:
        """The same for a schema that exists."""
        with self._lock:
            if version == self._version and not self._under_way:
                self._schemas.add(schema)


class OwnRelations:
    """What a session has found that sees something of its own."""

    def __init__(self, viewer: Viewer) -> None:
        self._viewer = viewer
        self._moment: tuple[int, int | None] | None = None
        self._relations: dict[Place, Relation | None] = {}
        self._schemas: set[str] = set()

    def moment(self) -> tuple[int, int | None]:
        """Another one whenever the session may see another catalog than before."""
        return self._viewer.own_plans.cleared, self._viewer.catalog_version

    def relations(self) -> dict[Place, Relation | None]:
        """What is known at this moment; nothing while a change is being committed, for then there is no telling."""
        moment = self.moment()
        if moment[1] is None:
            return {}
        if moment != self._moment:
            self._moment, self._relations, self._schemas = moment, {}, set()
        return self._relations

    def schemas(self) -> set[str]:
        """The schemas that are known to exist at this moment."""
        return set() if self.relations() is not self._relations else self._schemas

    def remember(self, moment: tuple[int, int | None], place: Place, relation: Relation | None) -> None:
        """Keep what was found, unless the moment is no more at which the search began."""
        if moment == self.moment():
            self.relations()[place] = relation


class DuckCatalog:
    """See `contracts.relations.Catalog`; one per session.

    Args:
        viewer: the session.
        database: the warehouse's name.
        cache: shared by all sessions.
        search_path: the session's schemas, in order.
        system: the system relations by name.
        elsewhere: further places to look (the lake): has_schema and relation; databases that are names over schemas.
    """

    def __init__(
        self,
        viewer: Viewer,
        database: str,
        cache: CatalogCache,
        search_path: Callable[[], Iterable[str]],
        system: dict[str, Relation],
        elsewhere_schema: Callable[[str], bool],
        elsewhere_relation: Callable[[str, str], Relation | None],
        elsewhere_database: Callable[[str], Mapping[tuple[str, str], tuple[str, str]] | None],
    ) -> None:
        self._viewer = viewer
        self._engine = viewer.engine
        self._database = database
        self._cache = cache
        self._own = OwnRelations(viewer)
        self._search_path = search_path
        self._system = system
        self._elsewhere_schema = elsewhere_schema
        self._elsewhere_relation = elsewhere_relation
        self._elsewhere_database = elsewhere_database

    def relation(self, schema: str | None, name: str) -> Relation | None:
        """See the protocol."""
        if schema is not None:
            if schema in ("pg_catalog", "information_schema"):
                return self._system.get(name if schema == "pg_catalog" else f"information_schema.{name}")
            if schema in ("pg_temp", "pg_temp_1"):
                return self._temporary(name)
            return self._in_schema(schema, name)
        if self._viewer.has_temporary:
            temporary = self._temporary(name)
            if temporary is not None:
                return temporary
        for place in self._search_path():
            found = self._in_schema(place, name)
            if found is not None:
                return found
        return self._system.get(name)

    def functions(self, schema: str | None, name: str) -> Sequence[SqlFunction]:
        """See the protocol."""
        rows = self._engine.fetch(
            "SELECT schema_name, name, arguments, returns, body, search_path, volatility, language, argument_names, prooid, "
            "memory.rs.owner_id('function', schema_name, name || '(' || replace(signature, ',', ', ') || ')') "
            "FROM boathouse.functions WHERE name = $1",
            (name,),
        )
        places = [schema] if schema is not None else list(self._search_path())
        found = [_function(row) for row in rows]
        return sorted((one for one in found if one.schema in places), key=lambda one: places.index(one.schema))

    def within(self, search_path: tuple[str, ...]) -> Catalog:
        """See the protocol."""
        other = copy(self)
        other._search_path = lambda: search_path
        return other

    def has_schema(self, schema: str) -> bool:
        """See the protocol."""
        if schema in ("pg_catalog", "information_schema", "pg_temp", "pg_temp_1"):
            return True
        if schema in HIDDEN_SCHEMAS:
            return False
        return self._is_local(schema) or self._elsewhere_schema(schema)

    def has_database(self, database: str) -> bool:
        """See the protocol."""
        return database != self._database and self._elsewhere_database(database) is not None

    def in_database(self, database: str, schema: str, name: str) -> Relation | None:
        """See the protocol."""
        place = (self._elsewhere_database(database) or {}).get((schema.lower(), name.lower()))
        found = None if place is None else self._in_schema(*place)
        return None if found is None else replace(found, database=database)

    def _is_local(self, schema: str) -> bool:
        """True for a schema of the warehouse's own; no other has its name."""
        version, moment = self._viewer.shared_version, self._own.moment()
        known = schema in self._own.schemas() if version is None else self._cache.has_schema(version, schema)
        if known:
            return True
        found = self._engine.fetch(
            "SELECT 1 FROM duckdb_schemas() WHERE database_name = $1 AND schema_name = $2", (self._database, schema)
        )
        if found and version is not None:
            self._cache.remember_schema(version, schema)
        elif found and moment == self._own.moment():
            self._own.schemas().add(schema)
        return bool(found)

    def _in_schema(self, schema: str, name: str) -> Relation | None:
        if schema in HIDDEN_SCHEMAS:
            return None
        version, moment = self._viewer.shared_version, self._own.moment()
        if version is not None:
            known, kept = self._cache.relation(version, (schema, name))
            if known:
                return kept
        place = (self._database, schema, name)
        if version is None and place in (own := self._own.relations()):
            return own[place]
        lasting, is_local = True, self._is_local(schema)
        found = self._find(place) if is_local else None
        if not is_local:
            # What another database keeps may be there, or be another, at the next look.
            found = self._elsewhere_relation(schema, name)
            lasting = not self._elsewhere_schema(schema) if found is None else found.live is None
        if lasting and version is not None and version == self._viewer.shared_version:
            self._cache.remember(version, (schema, name), found)
        elif lasting and version is None:
            self._own.remember(moment, place, found)
        return found

    def _temporary(self, name: str) -> Relation | None:
        place, moment = ("temp", "main", name), self._own.moment()
        if place in (own := self._own.relations()):
            return own[place]
        found = self._find(place)
        self._own.remember(moment, place, found)
        return found

    def _find(self, place: Place) -> Relation | None:
        database, schema, name = place
        kinds = self._engine.fetch(_KIND, place)
        if not kinds:
            return None
        kind: RelationKind = "view" if kinds[0][0] == "view" else "temporary" if database == "temp" else "table"
        if kind == "table" and read_note(None if kinds[0][1] is None else str(kinds[0][1])).get("materialized"):
            kind = "materialized"
        columns = tuple(column_of(row) for row in self._engine.fetch(_COLUMNS, place))
        shown = "pg_temp" if database == "temp" else schema
        view = _view(kinds[0][1], columns) if kind == "view" else None
        return Relation(shown, name, kind, columns, quote(database, schema, name), view)


def _function(row: tuple[object, ...]) -> SqlFunction:
    schema, name, arguments, returns, body, search_path, volatility, language, names = (str(value) for value in row[:9])
    number, owner = (int(str(value)) for value in row[9:])
    types = tuple(parse_type(one) for one in json.loads(arguments))
    path, is_volatile = tuple(json.loads(search_path)), volatility.lower() == "volatile"
    named = (language, tuple(json.loads(names)), number, owner)
    return SqlFunction(schema, name, types, parse_type(returns), body, path, is_volatile, *named)


def _view(comment: object, columns: tuple[Column, ...]) -> ViewDefinition | None:
    note = read_note(None if comment is None else str(comment))
    if "query" not in note:
        return None
    late = bool(note.get("late_binding"))
    return ViewDefinition(
        str(note["query"]),
        # A late-binding view's columns are those of the moment, unless it names them itself.
        tuple(str(name) for name in note.get("columns", ())) if late else tuple(column.name for column in columns),
        tuple(str(schema) for schema in note.get("search_path", ())),
        late,
        bool(note.get("case_sensitive")),
    )


def column_of(row: tuple[object, ...]) -> Column:
    """A column by its name, the engine's type, whether it may be NULL, its default and the text of its note."""
    name, data_type, nullable, default, comment = row
    note = read_note(None if comment is None else str(comment))
    declared = parse_type(note["type"]) if "type" in note else from_duckdb(str(data_type))
    return Column(
        name=str(name),
        type=replace(declared, insensitive=True) if note.get("insensitive") else declared,
        nullable=bool(nullable),
        default=None if default is None else str(default),
        identity="identity" in note,
        identity_by_default=bool(note.get("identity_by_default")),
        encode=note.get("encode"),
        distkey=bool(note.get("distkey")),
        sortkey=int(note.get("sortkey", 0)),
    )


def system_relations(declared: Iterable[SystemRelation], database: str) -> dict[str, Relation]:
    """The rooms' system relations by name: `pg_class`, `information_schema.tables`."""
    return {relation.name: _system_relation(relation, database) for relation in declared}


@cache
def _system_relation(relation: SystemRelation, database: str) -> Relation:
    """Stored ones live in `boathouse`, queries are macros of the process's own database, kept ones are lent to each session."""
    if relation.kept:
        place = quote("temp", "main", LENT + relation.name)
    elif relation.query is None:
        place = quote(database, "boathouse", relation.name)
    else:
        place = quote("memory", "rs", relation.name)
    schema, dot, name = relation.name.partition(".")
    columns = tuple(Column(column, parse_type(type_text)) for column, type_text in relation.columns)
    schema, name = (schema, name) if dot else ("pg_catalog", relation.name)
    if relation.definition is None and relation.name in SYSTEM_OIDS:
        columns = (*columns, Column("tableoid", OID, hidden=True))
    view = None
    if relation.definition is not None:
        view = ViewDefinition(relation.definition, tuple(column.name for column in columns), ("pg_catalog",))
    owner, hidden = relation.owner, relation.superusers_only
    return Relation(
        schema,
        name,
        "system",
        columns,
        place,
        view,
        owner=owner,
        superusers_only=hidden,
        schema_column=relation.schema_column,
    )
