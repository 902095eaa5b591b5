"""Local DDL statements to the engine's SQL.

Received from `query`: a statement node and a `DdlContext`. Handed back: plain statements, to be run in order inside one
transaction. What the engine cannot store (declared types, keys, encodings, view texts) goes along as COMMENT notes
(`sql.redshift.notes`). PRIMARY KEY, UNIQUE and FOREIGN KEY are informational, as in Redshift, and kept as notes only.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import singledispatch

from boathouse.contracts.answers import Field
from boathouse.contracts.engine import Stored
from boathouse.contracts.errors import (
    DependentObjects,
    DuplicateColumn,
    DuplicateSchema,
    DuplicateTable,
    FeatureNotSupported,
    InternalError,
    InvalidTableDefinition,
    UndefinedColumn,
    UndefinedSchema,
    UndefinedTable,
    WrongObjectType,
)
from boathouse.contracts.relations import Catalog, Column, Relation
from boathouse.sql.bind.bound import Bound
from boathouse.sql.redshift.notes import write_note
from boathouse.sql.redshift.types import duckdb_type, quoted
from boathouse.sql.statements import (
    AlterTable,
    ColumnDefinition,
    Comment,
    CreateSchema,
    CreateTable,
    CreateTableAs,
    CreateView,
    Drop,
    QualifiedName,
    Statement,
    TableAttributes,
    Truncate,
)
from boathouse.sql.targets.alter_to_duckdb import alter_to_duckdb, comment_on_constraint
from boathouse.sql.targets.ddl_columns import (
    DdlContext,
    Note,
    column_note,
    column_type,
    comment_on,
    default_sql,
    definition,
    drop_sequence,
    keys_by_name,
    note_of_column,
    ordered,
    sequence,
    stored_type,
)


def ddl_to_duckdb(
    statement: Statement,
    *,
    catalog: Catalog,
    search_path: Iterable[str] = ("public",),
    database: str = "dev",
    query: Bound | None = None,
    query_sql: str | None = None,
    owner: str | None = None,
    notes: Mapping[str | None, Note] | None = None,
    views: Mapping[tuple[str, str], Note] | None = None,
    unique: str = "",
    oid: int = 0,
    stored: Stored | None = None,
) -> list[str]:
    """The engine's statements for a DDL statement, in order; none where IF [NOT] EXISTS makes it a no-op.

    Args:
        search_path: unqualified names are created in its first schema that exists.
        query: the bound query of CREATE … AS. Without `query_sql` a table is made empty, for the caller to fill.
        query_sql: the query in the engine's SQL; fills the table.
        notes, views, owner, unique, oid, database, stored: see `DdlContext`.

    Raises:
        DuplicateTable, UndefinedTable, DependentObjects and others of the input.
    """
    path = tuple(search_path)
    context = DdlContext(
        catalog=catalog,
        database=database,
        schema=next((schema for schema in path if catalog.has_schema(schema)), "public"),
        search_path=path,
        owner=owner,
        query_sql=query_sql,
        query_fields=query.fields if query is not None else None,
        notes=notes or {},
        views=views or {},
        depends=tuple((found.schema, found.name) for found in query.relations) if query is not None else (),
        functions=query.functions if query is not None else (),
        unique=unique,
        oid=oid,
        stored=stored or Stored(),
    )
    return _emit(statement, context)


@singledispatch
def _emit(statement: Statement, context: DdlContext) -> list[str]:
    raise InternalError(f"{type(statement).__name__} is no local DDL")


def dependents(views: Mapping[tuple[str, str], Note], schema: str, name: str) -> tuple[tuple[str, str], ...]:
    """The views that stand on a relation, directly or not, in the order in which to drop them.

    Late-binding views never count.
    """
    found: list[tuple[str, str]] = []
    for view, note in views.items():
        depends = {tuple(pair) for pair in note.get("depends", ())}
        if (schema, name) in depends and not note.get("late_binding") and view != (schema, name):
            found.extend(above for above in dependents(views, *view) if above not in found)
            if view not in found:
                found.append(view)
    return tuple(found)


# -- CREATE ----------------------------------------------------------------------------------------------


def _may_create(name: QualifiedName, context: DdlContext, *, temporary: bool, if_not_exists: bool) -> bool:
    """False where IF NOT EXISTS finds the table; an error where it exists or cannot be made."""
    if temporary and name.schema not in (None, "pg_temp"):
        raise InvalidTableDefinition("cannot create temporary relation in non-temporary schema")
    if not temporary and name.schema is not None and not context.catalog.has_schema(name.schema):
        raise UndefinedSchema(f'schema "{name.schema}" does not exist')
    if name.database not in (None, context.database):
        raise FeatureNotSupported("cross-database DDL is not supported")
    found = context.catalog.relation(None if temporary else name.schema or context.schema, name.name)
    if found is None or (found.kind == "temporary") != temporary or found.kind == "system":
        return True
    if not if_not_exists:
        raise DuplicateTable(f'relation "{name.name}" already exists')
    return False


def _table_note(attributes: TableAttributes, diststyle: str | None, constraints: list[str], context: DdlContext) -> str:
    return write_note(
        oid=context.oid,
        diststyle=diststyle,
        sortstyle=attributes.sortstyle,
        backup=None if attributes.backup else "no",
        constraints=constraints,
        owner=context.owner,
    )


@_emit.register
def _create_table(statement: CreateTable, context: DdlContext) -> list[str]:
    temporary, name = statement.temporary, statement.name
    if not _may_create(name, context, temporary=temporary, if_not_exists=statement.if_not_exists):
        return []
    place = context.place(name, temporary)
    attributes = statement.attributes
    before: list[str] = []
    columns: list[str] = []
    notes: dict[str, str] = {}
    for parent, defaults in statement.like:
        for old in context.existing(parent).columns:
            inherited = ColumnDefinition(name=old.name, type=old.type, nullable=old.nullable)
            columns.append(definition(inherited, old.default if defaults and not old.identity else None))
            notes[old.name] = note_of_column(old)
    constraints = list(attributes.constraints)
    for column in statement.columns:
        if column.name in notes:
            raise DuplicateColumn(f'column "{column.name}" specified more than once')
        default = None
        if column.identity is not None:
            schema = None if temporary else name.schema or context.schema
            created, default = sequence(column, name, schema, context)
            before.append(created)
        elif column.default is not None:
            default = default_sql(column.default, column.type)
        columns.append(definition(column, default))
        sortkey = attributes.sortkey.index(column.name) + 1 if column.name in attributes.sortkey else 0
        distkey = column.distkey or attributes.distkey == column.name
        notes[column.name] = column_note(column, sortkey or int(column.sortkey), distkey)
        constraints += _column_constraints(column)
    style = attributes.diststyle or ("key" if any(column.distkey for column in statement.columns) else None)
    style = style or ("key" if attributes.distkey else None)
    kind = "TEMP TABLE" if temporary else "TABLE"
    target = quoted(name.name) if temporary else place
    note = _table_note(attributes, style, constraints, context)
    before.append(f"CREATE {kind} {target} ({', '.join(columns)})")
    before += [] if temporary else ordered(place, notes, context.stored)
    return [*before, *_comments("TABLE", place, note, notes)]


def _column_constraints(column: ColumnDefinition) -> list[str]:
    found = []
    if column.primary_key:
        found.append(f"PRIMARY KEY ({column.name})")
    if column.unique:
        found.append(f"UNIQUE ({column.name})")
    if column.references:
        found.append(f"FOREIGN KEY ({column.name}) REFERENCES {column.references}")
    return found


def _comments(kind: str, place: str, note: str, columns: Mapping[str, str]) -> list[str]:
    found = [comment_on(kind, place, note)] if note != "{}" else []
    return found + [comment_on("COLUMN", f"{place}.{quoted(name)}", text) for name, text in columns.items()]


def _fields(context: DdlContext, names: tuple[str, ...]) -> tuple[Field, ...]:
    """The query's columns under the names that the statement gives them."""
    if context.query_fields is None:
        raise InternalError("CREATE ... AS needs the bound query")
    fields = context.query_fields
    if len(names) > len(fields):
        raise InvalidTableDefinition("more column names are specified than the query has columns", sqlstate="42601")
    if names:
        fields = tuple(Field(name, old.type) for name, old in zip(names, fields, strict=False)) + fields[len(names) :]
    seen: set[str] = set()
    for found in fields:
        if found.name in seen:
            raise DuplicateColumn(f'column "{found.name}" duplicated')
        seen.add(found.name)
    return fields


@_emit.register
def _create_table_as(statement: CreateTableAs, context: DdlContext) -> list[str]:
    temporary, name, attributes = statement.temporary, statement.name, statement.attributes
    if not _may_create(name, context, temporary=temporary, if_not_exists=statement.if_not_exists):
        return []
    fields = _fields(context, statement.columns)
    names = [found.name for found in fields]
    attributes = keys_by_name(attributes, names)
    place = context.place(name, temporary)
    chosen, defined, notes = [], [], {}
    for found in fields:
        stored = stored_type(found.type)
        defined.append(f"{quoted(found.name)} {column_type(stored)}")
        chosen.append(f"CAST(q.{quoted(found.name)} AS {duckdb_type(stored)})")
        sortkey = attributes.sortkey.index(found.name) + 1 if found.name in attributes.sortkey else 0
        column = Column(found.name, stored, sortkey=sortkey, distkey=attributes.distkey == found.name)
        notes[found.name] = note_of_column(column)
    kind = "TEMP TABLE" if temporary else "TABLE"
    created = [f"CREATE {kind} {quoted(name.name) if temporary else place} ({', '.join(defined)})"]
    created += [] if temporary else ordered(place, notes, context.stored)
    if context.query_sql is not None:
        aliases = ", ".join(quoted(one) for one in names)
        created.append(f"INSERT INTO {place} SELECT {', '.join(chosen)} FROM ({context.query_sql}) AS q({aliases})")
    style = attributes.diststyle or ("key" if attributes.distkey else None)
    return [*created, *_comments("TABLE", place, _table_note(attributes, style, [], context), notes)]


@_emit.register
def _create_view(statement: CreateView, context: DdlContext) -> list[str]:
    name = statement.name
    before: list[str] = []
    oid = context.oid
    found = context.catalog.relation(name.schema or context.schema, name.name)
    fields = _fields(context, statement.columns)
    place = context.place(name)
    if found is not None and found.kind == "view" and statement.or_replace:
        old = [column.name for column in found.columns]
        if dependents(context.views, found.schema, found.name) and old != [one.name for one in fields][: len(old)]:
            raise DependentObjects(f'cannot replace view "{name.name}" because other objects depend on its columns')
        before.append(f"DROP VIEW {place}")
        oid = context.views.get((found.schema, found.name), {}).get("oid", oid)
    elif found is not None and found.kind not in ("view", "temporary", "system") and statement.or_replace:
        raise WrongObjectType(f'"{name.name}" is not a view')
    else:
        _may_create(name, context, temporary=False, if_not_exists=False)
    note = write_note(
        oid=oid,
        query=statement.query.text,
        search_path=list(context.search_path),
        case_sensitive=statement.query.case_sensitive,
        late_binding=statement.late_binding,
        columns=list(statement.columns) if statement.late_binding else None,
        depends=[list(pair) for pair in context.depends],
        functions=[list(pair) for pair in context.functions],
        owner=context.owner,
    )
    notes = {one.name: write_note(type=str(one.type)) for one in fields}
    # The engine's view carries names, types and the note; the text in the note is what each query of it is bound to. The
    # engine's own view over engine SQL would break when a table beneath is renamed or made anew.
    empty = ", ".join(f"CAST(NULL AS {duckdb_type(one.type)}) AS {quoted(one.name)}" for one in fields)
    return [*before, f"CREATE VIEW {place} AS SELECT {empty} WHERE false", *_comments("VIEW", place, note, notes)]


@_emit.register
def _create_schema(statement: CreateSchema, context: DdlContext) -> list[str]:
    if context.catalog.has_schema(statement.name):
        if statement.if_not_exists:
            return []
        raise DuplicateSchema(f'schema "{statement.name}" already exists')
    return [f"CREATE SCHEMA {quoted(context.database)}.{quoted(statement.name)}"]


# -- DROP, TRUNCATE, COMMENT, ALTER ----------------------------------------------------------------------


@_emit.register
def _drop(statement: Drop, context: DdlContext) -> list[str]:
    drops = _drop_schema if statement.kind == "schema" else _drop_one
    return list(dict.fromkeys(text for name in statement.names for text in drops(statement, name, context)))


def _drop_schema(statement: Drop, name: QualifiedName, context: DdlContext) -> list[str]:
    if not context.catalog.has_schema(name.name):
        if statement.if_exists:
            return []
        raise UndefinedSchema(f'schema "{name.name}" does not exist')
    outside = [
        view
        for view, note in context.views.items()
        if view[0] != name.name
        and not note.get("late_binding")
        and any(pair[0] == name.name for pair in note.get("depends", ()))
    ]
    if outside and not statement.cascade:
        raise DependentObjects(f'cannot drop schema "{name.name}" because other objects depend on it')
    drops: list[str] = []
    for view in outside:
        for one in (*dependents(context.views, *view), view):
            drops.append(_drop_dependent(one, context, "IF EXISTS "))
    ending = " CASCADE" if statement.cascade else ""
    return [*drops, f"DROP SCHEMA {quoted(context.database)}.{quoted(name.name)}{ending}"]


def _drop_one(statement: Drop, name: QualifiedName, context: DdlContext) -> list[str]:
    relation = context.catalog.relation(name.schema, name.name)
    if relation is None:
        if statement.if_exists:
            return []
        raise UndefinedTable(f'{statement.kind} "{name}" does not exist')
    kind = {"view": "view", "materialized": "materialized view", "system": "system table"}.get(relation.kind, "table")
    if kind != statement.kind or relation.kind == "external":
        hint = f"Use DROP {kind.upper()} to remove it." if relation.kind != "system" else None
        raise WrongObjectType(f'"{name.name}" is not a {statement.kind}', hint=hint)
    above = dependents(context.views, relation.schema, relation.name)
    dropped = {(other.schema or context.schema, other.name) for other in statement.names}
    if not statement.cascade and not set(above) <= dropped:
        raise DependentObjects(
            f"cannot drop {statement.kind} {name.name} because other objects depend on it",
            detail="\n".join(f"view {view[1]} depends on {statement.kind} {name.name}" for view in above),
        )
    drops = [_drop_dependent(view, context) for view in above]
    drops.append(f"DROP {'VIEW' if relation.kind == 'view' else 'TABLE'} {relation.engine_name}")
    return drops + [text for column in relation.columns if (text := drop_sequence(column)) is not None]


def _drop_dependent(view: tuple[str, str], context: DdlContext, condition: str = "") -> str:
    word = "TABLE" if context.views[view].get("materialized") else "VIEW"
    return f"DROP {word} {condition}{context.place(QualifiedName(view[1], view[0]))}"


def _table(name: QualifiedName, context: DdlContext) -> Relation:
    relation = context.existing(name)
    if relation.kind not in ("table", "temporary"):
        raise WrongObjectType(f'"{name.name}" is not a table')
    return relation


@_emit.register
def _truncate(statement: Truncate, context: DdlContext) -> list[str]:
    return [f"TRUNCATE {_table(statement.name, context).engine_name}"]


@_emit.register
def _comment(statement: Comment, context: DdlContext) -> list[str]:
    relation = context.existing(statement.name)
    if relation.kind not in ("table", "temporary", "view"):
        raise WrongObjectType(f'"{statement.name.name}" is not a table or view')
    if statement.kind == "column":
        column = relation.by_name.get(statement.column or "")
        if column is None:
            raise UndefinedColumn(f'column "{statement.column}" of relation "{relation.name}" does not exist')
        note = note_of_column(column, context.notes.get(column.name), comment=statement.comment)
        return [comment_on("COLUMN", f"{relation.engine_name}.{quoted(column.name)}", note)]
    if statement.kind == "constraint":
        return comment_on_constraint(statement, relation, context)
    if (statement.kind == "view") != (relation.kind == "view"):
        raise WrongObjectType(f'"{statement.name.name}" is not a {statement.kind}')
    note = write_note(**{**context.notes.get(None, {}), "comment": statement.comment})
    return [comment_on(statement.kind.upper(), relation.engine_name, note)]


@_emit.register
def _alter(statement: AlterTable, context: DdlContext) -> list[str]:
    relation = context.existing(statement.name)
    views = dependents(context.views, relation.schema, relation.name)
    return alter_to_duckdb(statement, relation, views, context)
