"""Handlers of local DDL: CREATE, ALTER and DROP of tables, views and schemas, TRUNCATE, COMMENT, VACUUM, ANALYZE.

Receives our DDL nodes; `sql.targets.ddl_to_duckdb` says what the engine must run, this runs it inside the transaction
that the journey opened, and says that the catalog changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext
from functools import partial
from typing import Literal, cast

from sqlglot import exp

from boathouse.contracts.answers import Answer, Done, Field, Notice
from boathouse.contracts.errors import (
    DependentObjects,
    FeatureNotSupported,
    InputError,
    InsufficientPrivilege,
    UndefinedColumn,
    UndefinedSchema,
    UndefinedTable,
)
from boathouse.contracts.house import House
from boathouse.contracts.session import Session
from boathouse.contracts.types import VARCHAR
from boathouse.query import plans
from boathouse.query.bursting.staged import staged_rows
from boathouse.query.logs.maintenance import note_maintained
from boathouse.query.places import inside
from boathouse.query.procedures import catalog as routines
from boathouse.query.session import QuerySession
from boathouse.query.state.other_case import refuse_other_case
from boathouse.query.state.pace import Pace
from boathouse.query.state.view_notes import view_notes
from boathouse.sql import statements as s
from boathouse.sql.bind.bound import Bound
from boathouse.sql.parse import parse_statement
from boathouse.sql.redshift.notes import read_note
from boathouse.sql.redshift.types import quoted
from boathouse.sql.targets.ddl_columns import Note
from boathouse.sql.targets.ddl_to_duckdb import ddl_to_duckdb, dependents
from boathouse.sql.targets.stored_types import refuse_types

TAGS: dict[type[s.Statement], str] = {
    s.CreateTable: "CREATE TABLE",
    s.CreateView: "CREATE VIEW",
    s.CreateSchema: "CREATE SCHEMA",
    s.AlterTable: "ALTER TABLE",
    s.Truncate: "TRUNCATE TABLE",
    s.Comment: "COMMENT",
}

_NUMBERED = (s.CreateTable, s.CreateTableAs, s.CreateView)


def define(house: House, session: Session, statement: s.Statement) -> Answer:
    """CREATE TABLE and SCHEMA, ALTER TABLE, TRUNCATE, COMMENT."""
    mine = cast(QuerySession, session)
    if isinstance(statement, s.AlterTable) and statement.action == "drop_column":
        return _drop_column(mine, statement)
    renamed = None
    if isinstance(statement, s.AlterTable) and statement.action == "rename":
        renamed = mine.catalog.relation(statement.name.schema, statement.name.name)
    done = run_ddl(mine, statement)
    if isinstance(statement, s.AlterTable) and renamed is not None:
        _check_views(mine, renamed.schema, statement.new_name or "")
    if not done and isinstance(statement, s.CreateTable | s.CreateSchema):
        mine.notify(Notice("NOTICE", f'"{statement.name}" already exists, skipping', "42P07"))
    if isinstance(statement, s.CreateTable) and statement.temporary:
        mine.has_temporary = True
    return Done(TAGS[type(statement)])


def _check_views(session: QuerySession, schema: str, name: str) -> None:
    """The views on a renamed relation must still mean something; else the statement fails and all is as before."""
    for view in dependents(view_notes(session), schema, name):
        query = parse_statement(f"SELECT * FROM {quoted(view[0])}.{quoted(view[1])}", case_sensitive=True)
        try:
            plans.plan(session, cast(s.Relational, query))
        except InputError as failure:
            raise DependentObjects(
                f"cannot rename to {name} because view {view[1]} would not follow",
                detail=failure.message,
                hint="Drop the view, rename, then create the view again.",
            ) from failure


def _drop_column(session: QuerySession, statement: s.AlterTable) -> Answer:
    """A column goes; the views whose meaning changes with it keep it from going, or go with it where CASCADE says so."""
    relation = session.catalog.relation(statement.name.schema, statement.name.name)
    above = [] if relation is None else dependents(view_notes(session), relation.schema, relation.name)
    before = {view: _meaning(session, view) for view in above}
    run_ddl(session, statement)
    changed = [view for view in above if _meaning(session, view) != before[view]]
    if changed and not statement.cascade:
        raise DependentObjects(
            f"cannot drop table {statement.name.name} column {statement.target} because other objects depend on it",
            detail="\n".join(f"view {view[1]} depends on table {statement.name.name}" for view in changed),
            hint="Use DROP COLUMN … CASCADE to drop them too.",
        )
    for view in changed:
        found = session.catalog.relation(*view)
        if found is not None:
            names = (s.QualifiedName(view[1], view[0]),)
            kind: Literal["view", "materialized view"] = "materialized view" if found.kind == "materialized" else "view"
            run_ddl(session, s.Drop(text="", kind=kind, names=names, cascade=True))
    return Done(TAGS[s.AlterTable])


def _meaning(session: QuerySession, view: tuple[str, str]) -> tuple[Field, ...] | None:
    """The columns that a view's text has now; None where it means nothing any more."""
    note = view_notes(session)[view]
    try:
        exact = bool(note.get("case_sensitive"))
        query = cast(s.Relational, parse_statement(str(note["query"]), case_sensitive=exact))
        path = tuple(cast(list[str], note["search_path"]))
        return plans.make(session, query, (), session.catalog.within(path)).fields
    except InputError:
        return None


def create_table_as(house: House, session: Session, statement: s.CreateTableAs) -> Answer:
    """CREATE TABLE … AS query, SELECT … INTO; the tag counts the rows."""
    mine = cast(QuerySession, session)
    with inside(statement, statement.query):
        made = plans.plan(mine, statement.query)
        tree, sql = plans.intercepted_with_text(mine, made, stored=True)
    bind = partial(plans.bound_here, mine, statement.query, ())
    is_there = _exists(mine, "table", statement.name)
    with nullcontext() if is_there else staged_rows(mine, bind, tree) as staged:
        counts = run_ddl(mine, statement, query=made.bound, query_sql=staged or sql)
    if not counts:
        mine.notify(Notice("NOTICE", f'relation "{statement.name}" already exists, skipping', "42P07"))
    mine.has_temporary = mine.has_temporary or statement.temporary
    return Done(f"SELECT {max(counts, default=0)}")


def create_view(house: House, session: Session, statement: s.CreateView) -> Answer:
    """CREATE VIEW: the engine holds the view's name and columns; its meaning is the note's text, put in its place by the
    binder at every use.
    """
    mine = cast(QuerySession, session)
    try:
        with inside(statement, statement.query):
            bound = plans.plan(mine, statement.query).bound
    except (UndefinedTable, UndefinedSchema, UndefinedColumn, InsufficientPrivilege):
        if not statement.late_binding:
            raise
        # Its columns will be those of the moment when it is used.
        bound = Bound(exp.Null(), (Field("late_binding", VARCHAR),), (), ())
    lake = [relation for relation in bound.relations if relation.kind == "external"]
    if lake and not statement.late_binding:
        raise FeatureNotSupported(
            f'external table "{lake[0].name}" cannot be used in a bound view', hint="Add WITH NO SCHEMA BINDING."
        )
    run_ddl(mine, statement, query=bound)
    return Done("CREATE VIEW")


def drop(house: House, session: Session, statement: s.Drop) -> Answer:
    """DROP TABLE, VIEW, SCHEMA."""
    mine = cast(QuerySession, session)
    missing = [name for name in statement.names if not _exists(mine, statement.kind, name)]
    if statement.kind == "schema":
        for name in statement.names:
            _empty(mine, name.name, cascade=statement.cascade)
    run_ddl(mine, statement)
    if statement.kind == "schema":
        for name in statement.names:
            forget_comment(mine, name.name)
    for name in missing:
        mine.notify(Notice("NOTICE", f'{statement.kind} "{name}" does not exist, skipping'))
    return Done(f"DROP {statement.kind.upper()}")


def _empty(session: QuerySession, schema: str, *, cascade: bool) -> None:
    """Take the routines out of a schema that goes; without CASCADE nothing may be in it at all."""
    if cascade:
        routines.remove_schema(session, schema)
        return
    rows = session.engine.fetch(
        "SELECT 'table ' || table_name FROM memory.rs.stored_tables() WHERE database_name = $2 AND schema_name = $1 "
        "UNION ALL SELECT 'view ' || view_name FROM duckdb_views() WHERE database_name = $2 AND schema_name = $1 "
        "AND NOT internal",
        (schema, session.database),
    )
    inside = [str(one) for (one,) in rows] + routines.in_schema(session, schema)
    if inside:
        raise DependentObjects(
            f'cannot drop schema "{schema}" because other objects depend on it',
            detail="\n".join(f"{one} depends on schema {schema}" for one in sorted(inside)),
            hint="Use DROP … CASCADE to drop them too.",
        )


def forget_comment(session: Session, schema: str) -> None:
    """A schema has no comment any more; those of tables go with them."""
    session.engine.execute("DELETE FROM boathouse.schema_comments WHERE schema_name = $1", (schema,))


def _exists(session: QuerySession, kind: str, name: s.QualifiedName) -> bool:
    if kind == "schema":
        return session.catalog.has_schema(name.name)
    return session.catalog.relation(name.schema, name.name) is not None


def maintain(house: House, session: Session, statement: s.Maintain) -> Answer:
    """ANALYZE refreshes statistics; VACUUM gathers a lake's files; LOCK finds nothing to do. Their tables must exist."""
    mine = cast(QuerySession, session)
    started = house.clock.now()
    vacuum = "VACUUM SORT" if statement.sorts else "VACUUM"
    gathers = statement.verb == "VACUUM" and mine.engine.stored.gathers_files
    if gathers:
        session.require_no_block("VACUUM")
    for name in statement.names:
        relation = mine.catalog.relation(name.schema, name.name)
        if relation is None:
            raise UndefinedTable(f'relation "{name}" does not exist')
        if statement.verb == "ANALYZE" and relation.kind in ("table", "temporary"):
            mine.engine.execute(f"ANALYZE {relation.engine_name}")
        if gathers and relation.kind in ("table", "materialized"):
            mine.engine.execute(f"{vacuum} {relation.engine_name}")
        if statement.verb != "LOCK TABLE":
            note_maintained(mine, relation, started, gathered=gathers and relation.kind in ("table", "materialized"))
    if statement.verb == "ANALYZE" and not statement.names:
        mine.engine.execute("ANALYZE")
    if gathers and not statement.names:
        mine.engine.execute(vacuum)
    if statement.verb != "LOCK TABLE" and not statement.names:
        note_maintained(mine, None, started, gathered=gathers)
    return Done(statement.verb)


def run_ddl(
    session: QuerySession, statement: s.Statement, query: Bound | None = None, query_sql: str | None = None
) -> list[int]:
    """Run a DDL statement as the engine's statements; the rows that each changed, nothing where there was nothing to do."""
    needs_views = isinstance(statement, s.Drop | s.AlterTable | s.CreateView)
    views = view_notes(session) if needs_views else None
    fields = query.fields if query is not None else None
    refuse_types(statement, fields or (), session.catalog, session.engine.stored)
    texts = ddl_to_duckdb(
        statement,
        catalog=session.catalog,
        search_path=session.search_path(),
        database=session.database,
        query=query,
        query_sql=query_sql,
        owner=session.user,
        notes=notes_of(session, statement.name) if isinstance(statement, s.AlterTable | s.Comment) else None,
        views=views,
        unique=session.unique(),
        oid=next_oid(session) if isinstance(statement, _NUMBERED) else 0,
        stored=session.engine.stored,
    )
    profiler = None if query_sql is None else session.observed.profiler(Pace())
    if texts and session.setting("enable_case_sensitive_identifier") == "on":
        refuse_other_case(session, statement)
    if texts and not getattr(statement, "temporary", False):
        # Temporary tables are nobody else's concern: everybody's plans stay good. Said before it is so: nothing that is seen
        # of the change before it commits may be kept for others.
        session.catalog_changed(_touched(statement, views or {}))
    counts = [session.engine.execute(text, (), profiler) for text in texts]
    if texts and isinstance(statement, s.Truncate | s.AlterTable):
        for name in (statement.name, getattr(statement, "source", None)):
            if name is not None and (changed := session.catalog.relation(name.schema, name.name)) is not None:
                session.relation_changed(changed)
    if texts:
        session.own_plans.clear()
    return counts


_OF_ONE = (s.CreateTable, s.CreateTableAs, s.CreateView, s.Truncate)


def _touched(statement: s.Statement, views: Mapping[tuple[str, str], Note]) -> set[str] | None:
    """The names of the relations that a statement makes, changes or drops; None where others may change with them."""
    if isinstance(statement, s.CreateSchema):
        return set()
    if isinstance(statement, _OF_ONE):
        touched = {statement.name.name}
    elif isinstance(statement, s.Drop) and statement.kind != "schema":
        touched = {name.name for name in statement.names}
    elif isinstance(statement, s.AlterTable) and statement.action != "append":
        touched = {statement.name.name, statement.new_name or statement.name.name}
    else:
        return None
    below = {str(pair[1]) for note in views.values() for pair in note.get("depends", ())}
    return None if touched & below else touched


def next_oid(session: QuerySession) -> int:
    """A number for a new relation, which it keeps while it exists."""
    ((number,),) = session.engine.fetch("SELECT memory.rs.next_number('boathouse.oids')")
    return int(str(number))


def notes_of(session: QuerySession, name: s.QualifiedName) -> dict[str | None, Note]:
    """The notes of a table or view and of its columns: None → its own, a column's name → that column's."""
    relation = session.catalog.relation(name.schema, name.name)
    if relation is None or relation.kind == "external":  # it is not the engine's
        return {}
    database, schema, table = (part.strip('"').replace('""', '"') for part in relation.engine_name.split('"."'))
    place = (database, schema, table)
    columns = session.engine.fetch(
        "SELECT column_name, comment FROM memory.rs.stored_columns() "
        "WHERE database_name = $1 AND schema_name = $2 AND table_name = $3",
        place,
    )
    of_table = session.engine.fetch(
        "SELECT comment FROM memory.rs.stored_tables() WHERE database_name = $1 AND schema_name = $2 AND table_name = $3 "
        "UNION ALL "
        "SELECT comment FROM duckdb_views() WHERE database_name = $1 AND schema_name = $2 AND view_name = $3",
        place,
    )
    found: dict[str | None, Note] = {str(column): read_note(_text(comment)) for column, comment in columns}
    found[None] = read_note(_text(of_table[0][0])) if of_table else {}
    return found


def _text(value: object) -> str | None:
    return None if value is None else str(value)
