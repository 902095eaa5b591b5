"""Refreshing one materialized view: its rows computed anew, inside the transaction at hand.

Received: a relation of kind `materialized`. Every refresh recomputes the whole view; one whose bases have not changed
since, by `boathouse.stale_marks`, is left as it is.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from boathouse.contracts.errors import BoathouseError, InternalError, ObjectNotInPrerequisiteState
from boathouse.contracts.house import House
from boathouse.contracts.relations import Relation
from boathouse.query.session import QuerySession
from boathouse.query.settings import QuerySettings
from boathouse.query.state.marks import forget_seen, is_marked, unmark
from boathouse.sql.parse import parse_statement
from boathouse.sql.redshift.notes import read_note
from boathouse.sql.redshift.types import duckdb_type, quoted
from boathouse.sql.statements import Relational
from boathouse.sql.targets.ddl_columns import stored_type

UP_TO_DATE = "Refresh MV was already updated"
RECOMPUTED = "Refresh successfully recomputed MV from scratch"

TABLES = (
    "CREATE TABLE IF NOT EXISTS boathouse.mv_refreshes (db_name VARCHAR, userid BIGINT, schema_name VARCHAR, "
    "mv_name VARCHAR, xid BIGINT, starttime TIMESTAMP, endtime TIMESTAMP, status VARCHAR)",
)


def note_of(session: QuerySession, view: Relation) -> dict[str, Any]:
    """The facts that the engine's comment keeps of a table."""
    rows = session.engine.fetch(
        "SELECT comment FROM memory.rs.stored_tables() WHERE database_name = $1 AND schema_name = $2 AND table_name = $3",
        (session.database, view.schema, view.name),
    )
    return read_note(None if not rows or rows[0][0] is None else str(rows[0][0]))


def stale_bases(session: QuerySession, view: Relation) -> list[Relation]:
    """The materialized views that a view stands on, each after those that it stands on itself."""
    found: list[Relation] = []
    for schema, name in note_of(session, view).get("depends", ()):
        base = session.catalog.relation(str(schema), str(name))
        if base is None or base.kind != "materialized":
            continue
        for one in (*stale_bases(session, base), base):
            if one.engine_name not in [other.engine_name for other in found]:
                found.append(one)
    return found


def refresh_one(session: QuerySession, view: Relation) -> str:
    """Bring one view up to date.

    Returns:
        What `svl_mv_refresh_status` says about it.

    Raises:
        ObjectNotInPrerequisiteState: a base has changed so that the view's query means something else now.
    """
    note = note_of(session, view)
    place = (view.schema, view.name)
    if not is_marked(session.engine, place) and not note.get("external"):
        return UP_TO_DATE
    statement = parse_statement(str(note["query"]), case_sensitive=bool(note.get("case_sensitive")))
    if not isinstance(statement, Relational):
        raise InternalError("a materialized view's definition is no query")
    try:
        sql, bound = session.translate_stored(statement, tuple(str(one) for one in note.get("search_path", ())))
    except BoathouseError as failure:
        failure.position = None
        raise _changed_base(view, failure.message) from failure
    fields = bound.fields or ()
    if [one.name for one in fields][: len(view.columns)] != [one.name for one in view.columns]:
        raise _changed_base(view, "its columns are others now")
    for field, column in zip(fields, view.columns, strict=False):
        if duckdb_type(stored_type(field.type)) != duckdb_type(column.type):
            raise _changed_base(view, f'column "{column.name}" is of another type now')
    chosen = ", ".join(f"CAST(q.{quoted(one.name)} AS {duckdb_type(one.type)})" for one in view.columns)
    # SELECT * keeps the columns that it had; those that a table has got since are passed over.
    more = [f"_more_{place}" for place in range(len(fields) - len(view.columns))]
    names = ", ".join(quoted(name) for name in (*(one.name for one in view.columns), *more))
    session.engine.execute(f"DELETE FROM {view.engine_name}")
    session.engine.execute(f"INSERT INTO {view.engine_name} SELECT {chosen} FROM ({sql}) AS q({names})")
    unmark(session.house, session.engine, place)
    session.relation_changed(view)
    return RECOMPUTED


def _changed_base(view: Relation, why: str) -> ObjectNotInPrerequisiteState:
    return ObjectNotInPrerequisiteState(
        f"Materialized view {view.schema}.{view.name} could not be refreshed as a base table changed physically",
        detail=why,
        hint="Drop the materialized view and create it again.",
    )


_FORGET = (
    "DELETE FROM boathouse.mv_refreshes r WHERE (r.endtime < $1 OR r.rowid NOT IN "
    "(SELECT rowid FROM boathouse.mv_refreshes ORDER BY endtime DESC LIMIT {rows})) AND NOT EXISTS "
    "(SELECT 1 FROM memory.rs.stored_tables() t WHERE t.database_name = r.db_name AND t.schema_name = r.schema_name "
    "AND t.table_name = r.mv_name AND r.xid = (SELECT max(o.xid) FROM boathouse.mv_refreshes o "
    "WHERE o.db_name = r.db_name AND o.schema_name = r.schema_name AND o.mv_name = r.mv_name))"
)


def forget_refreshes(house: House) -> None:
    """Drop what is older, or more, than the history keeps; the last refresh of a view that is there says how new it is."""
    kept: QuerySettings = house.settings["query"]
    before = house.clock.now().replace(tzinfo=None) - timedelta(days=kept.history_days_max)
    engine = house.engine.session()
    try:
        engine.execute(_FORGET.format(rows=kept.history_rows_max), (before,))
        forget_seen(engine)
    finally:
        engine.close()


def log_refresh(session: QuerySession, view: Relation, started: datetime, status: str, *, apart: bool = False) -> None:
    """A row of `svl_mv_refresh_status`.

    Args:
        apart: by a transaction of its own, for the row of a failure outlives the rollback.
    """
    engine = session.engine.sibling() if apart else session.engine
    try:
        engine.execute(
            "INSERT INTO boathouse.mv_refreshes SELECT $1, $2, $3, $4, $5, $6, $7, $8",
            (
                session.database, session.user_id, view.schema, view.name, session.transaction_number,
                started.replace(tzinfo=None), session.house.clock.now().replace(tzinfo=None), status,
            ),
        )  # fmt: skip
    finally:
        if apart:
            engine.close()
