"""Handlers of CREATE, REFRESH and ALTER MATERIALIZED VIEW; DROP is in `define` with the other drops.

A materialized view is a table of the engine whose note keeps the query's text, the search path it was written under and
what it stands on. Its rows change by REFRESH alone, in one transaction: readers see the old rows until it commits.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

from boathouse.contracts.answers import Answer, Done, Notice
from boathouse.contracts.errors import BoathouseError, FeatureNotSupported, UndefinedTable, WrongObjectType
from boathouse.contracts.house import House
from boathouse.contracts.relations import Past, Relation
from boathouse.contracts.session import Session
from boathouse.query import define
from boathouse.query.materialized.refresh import log_refresh, note_of, refresh_one, stale_bases
from boathouse.query.places import inside
from boathouse.query.session import QuerySession
from boathouse.query.state.marks import unmark
from boathouse.sql import statements as s
from boathouse.sql.bind.bound import Bound
from boathouse.sql.redshift.notes import write_note
from boathouse.sql.targets.ddl_columns import comment_on


def create(house: House, session: Session, statement: s.CreateMaterializedView) -> Answer:
    """CREATE MATERIALIZED VIEW: a table of the query's rows, and a note that says what it is."""
    mine = cast(QuerySession, session)
    with inside(statement, statement.query):
        translated, bound = mine.translate_stored(statement.query)
        _check(bound)
        if statement.auto_refresh:
            _check_automatic([one.kind for one in bound.relations])
    table = s.CreateTableAs(
        text=statement.text,
        offset=statement.offset,
        name=statement.name,
        query=statement.query,
        attributes=statement.attributes,
    )
    define.run_ddl(mine, table, query=bound, query_sql=translated)
    made = mine.catalog.relation(statement.name.schema, statement.name.name)
    assert made is not None
    note = note_of(mine, made) | {
        "materialized": True,
        "auto_refresh": statement.auto_refresh,
        "query": statement.query.text,
        "case_sensitive": statement.query.case_sensitive,
        "search_path": mine.search_path(),
        "depends": [[one.schema, one.name] for one in bound.relations],
        "functions": [list(pair) for pair in bound.functions],
        "external": any(one.kind == "external" for one in bound.relations),
        "owner": mine.user,
    }
    mine.engine.execute(comment_on("TABLE", made.engine_name, write_note(**note)))
    unmark(house, mine.engine, (made.schema, made.name))  # of another one that had the name
    mine.marks.made(made, [(one.schema, one.name) for one in bound.relations])
    return Done("CREATE MATERIALIZED VIEW")


def _check_automatic(kinds: Iterable[str]) -> None:
    if "external" in kinds:
        raise FeatureNotSupported(
            "AUTO REFRESH YES is not supported over external tables",
            detail="Nothing tells when their files change.",
            hint="Create the view with AUTO REFRESH NO, and send REFRESH MATERIALIZED VIEW.",
        )


def _check(bound: Bound) -> None:
    for relation in bound.relations:
        if relation.kind in ("temporary", "system"):
            kind = "temporary tables" if relation.kind == "temporary" else "system tables"
            raise FeatureNotSupported(
                f'materialized views cannot stand on {kind}: "{relation.name}"',
                hint="Make it of permanent tables, external tables, views and other materialized views.",
            )
        if isinstance(relation.live, Past):
            raise FeatureNotSupported("materialized views cannot stand on tables AS OF a moment: they stay as they are")
        if relation.view is not None and relation.view.late_binding:
            raise FeatureNotSupported(
                f'materialized views cannot stand on late-binding views: "{relation.name}"',
                hint="Create that view without WITH NO SCHEMA BINDING.",
            )


def refresh(house: House, session: Session, statement: s.RefreshMaterializedView) -> Answer:
    """REFRESH MATERIALIZED VIEW: CASCADE refreshes the materialized views it stands on first, the deepest first."""
    mine = cast(QuerySession, session)
    view = _materialized(mine, statement.name)
    order = [*stale_bases(mine, view), view] if statement.cascade else [view]
    for one in order:
        started = house.clock.now()
        try:
            status = refresh_one(mine, one)
        except BoathouseError as failure:
            log_refresh(mine, one, started, f"Refresh failed. {failure.message}", apart=True)
            raise
        log_refresh(mine, one, started, status)
        mine.notify(Notice("INFO", _told(one, status)))
    return Done("REFRESH")


def _told(view: Relation, status: str) -> str:
    how = "is already up to date." if "already" in status else "was recomputed successfully."
    return f"Materialized view {view.name} {how}"


def alter(house: House, session: Session, statement: s.AlterMaterializedView) -> Answer:
    """ALTER MATERIALIZED VIEW … AUTO REFRESH | OWNER TO."""
    mine = cast(QuerySession, session)
    view = _materialized(mine, statement.name)
    if statement.auto_refresh:
        _check_automatic(["external"] if note_of(mine, view).get("external") else [])
    if statement.owner is not None:
        owned = s.AlterTable(
            text=statement.text, offset=statement.offset, name=statement.name, action="owner", new_name=statement.owner
        )
        define.run_ddl(mine, owned)
    else:
        note = note_of(mine, view) | {"auto_refresh": bool(statement.auto_refresh)}
        mine.engine.execute(comment_on("TABLE", view.engine_name, write_note(**note)))
        mine.catalog_changed()
    return Done("ALTER MATERIALIZED VIEW")


def _materialized(session: QuerySession, name: s.QualifiedName) -> Relation:
    found = session.catalog.relation(name.schema, name.name)
    if found is None:
        raise UndefinedTable(f'materialized view "{name}" does not exist')
    if found.kind != "materialized":
        raise WrongObjectType(f'"{name.name}" is not a materialized view')
    return found
