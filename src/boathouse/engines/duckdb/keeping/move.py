"""A warehouse made again in another one: every table in a transaction of its own, so that what a kill cuts off goes on where it
was, and everything compared at the end.

Received: a session of the new warehouse, and the old one as an `Origin`. The old one is only read.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from boathouse.contracts.engine import EngineSession
from boathouse.contracts.errors import FeatureNotSupported, StorageError
from boathouse.engines.duckdb.keeping.definitions import Place, StoredTable, filled, literal, made_again, noted
from boathouse.engines.duckdb.keeping.origins import BOOKS, Origin
from boathouse.sql.redshift.notes import read_note
from boathouse.sql.redshift.types import quoted

_DONE = f"{BOOKS}.moved"
_LEFT = frozenset(("moved", "snapshots"))
"""Tables of the house that mean nothing elsewhere."""
_COLUMNS_NAMED_MAX = 10


def move(
    session: EngineSession, origin: Origin, database: str, books: Sequence[str], said: Callable[[str], None]
) -> None:
    """Bring everything over, and compare it; again after a kill, it goes on.

    Args:
        books: makes the house's own tables.
        said: told of each table.

    Raises:
        FeatureNotSupported: columns that the new warehouse cannot have; nothing is brought over then.
        StorageError: what was brought over is not what was there.
    """
    tables = [origin.table(place) for place in origin.tables() if place[0] != BOOKS or place[1] not in _LEFT]
    mine = [table for table in tables if table.place[0] != BOOKS]
    _refuse(session, mine)
    done = _begun(session, database, mine)
    for schema in origin.schemas():
        session.execute(f"CREATE SCHEMA IF NOT EXISTS {quoted(database)}.{quoted(schema)}")
    for number, table in enumerate(mine, start=1):
        if table.place not in done:
            said(f"{number} of {len(mine)}: {'.'.join(table.place)}")
            _together(session, lambda table=table: _bring(session, origin, table, database))  # type: ignore[misc]
    house = [table for table in tables if table.place[0] == BOOKS]
    if (BOOKS, "") not in done:
        said("users, privileges, views and what else the house keeps")
        _counters(session, origin)
        _together(session, lambda: _keep_books(session, origin, house, database, books))
    for several in filter(None, (house, *([table] for table in mine))):
        _compare(session, origin, several, database)
    if _names(session, database, "duckdb_views()", "view_name") != {view.place for view in origin.views()}:
        raise StorageError("the views that were brought over are not those that were there")
    session.execute(f"DROP TABLE IF EXISTS {_DONE}")


def _begun(session: EngineSession, database: str, tables: Sequence[StoredTable]) -> set[Place]:
    """What has been brought over by now; all of it where a kill came after the end, which forgets it."""
    there = _names(session, database, "duckdb_tables()", "table_name")
    if any(schema == BOOKS for schema, _ in there) and (BOOKS, "moved") not in there:
        return {*(table.place for table in tables), (BOOKS, "")}
    session.execute(f"CREATE TABLE IF NOT EXISTS {_DONE} (schema_name VARCHAR, table_name VARCHAR)")
    return {(str(schema), str(name)) for schema, name in session.fetch(f"SELECT * FROM {_DONE}")}


def _refuse(session: EngineSession, tables: Sequence[StoredTable]) -> None:
    stored = session.stored
    odd = [
        f"{'.'.join(table.place)}.{column.name}"
        for table in tables
        for column in table.columns
        if column.type.split("(")[0] in stored.types_refused
        or (not stored.collations and read_note(column.note).get("insensitive"))
    ]
    if odd:
        more = f" and {len(odd) - _COLUMNS_NAMED_MAX} more" if len(odd) > _COLUMNS_NAMED_MAX else ""
        raise FeatureNotSupported(
            f"the new warehouse cannot have the columns {', '.join(odd[:_COLUMNS_NAMED_MAX])}{more}",
            hint="A lake has no SUPER and INTERVAL columns, and none without regard to case.",
        )


def _together(session: EngineSession, work: Callable[[], None]) -> None:
    session.begin()
    try:
        work()
        session.commit()
    except BaseException:
        if session.in_transaction:
            session.rollback()
        raise


def _bring(session: EngineSession, origin: Origin, table: StoredTable, database: str) -> None:
    sequences = {one.name: one.sequence[1] for one in table.columns if one.numbers is not None}
    for statement in made_again(origin.past, table, table.place, database, session.stored, sequences):
        session.execute(statement)
    session.execute(filled(origin.past, table, table.place, database))
    session.execute(f"INSERT INTO {_DONE} VALUES ($1, $2)", table.place)


def _counters(session: EngineSession, origin: Origin) -> None:
    """The house's own numbers go on. Outside a transaction, as a lake's are."""
    for one in origin.counters():
        session.execute(f"DROP SEQUENCE IF EXISTS {BOOKS}.{one.name}")
        session.execute(f"CREATE SEQUENCE {BOOKS}.{one.name} INCREMENT BY {one.step} START {one.next_number}")


def _keep_books(
    session: EngineSession, origin: Origin, tables: Sequence[StoredTable], database: str, books: Sequence[str]
) -> None:
    for statement in books:  # all at once: commits are what costs
        session.execute(statement)
    known = _names(session, database, "duckdb_tables()", "table_name")
    for table in tables:
        if table.place in known:
            session.execute(f"DELETE FROM {BOOKS}.{quoted(table.place[1])}")
        else:
            for statement in made_again(origin.past, table, table.place, database, session.stored, {}):
                session.execute(statement)
        session.execute(filled(origin.past, table, table.place, database))
    for view in origin.views():
        place = ".".join(map(quoted, (database, *view.place)))
        columns = ", ".join(f"CAST(NULL AS {one.type}) AS {quoted(one.name)}" for one in view.columns)
        session.execute(f"CREATE VIEW {place} AS SELECT {columns} WHERE false")
        facts = {name: fact for name, fact in read_note(view.note).items() if name != "column_notes"}
        session.execute(f"COMMENT ON VIEW {place} IS {literal(noted(None, facts))}")
        for column in view.columns:
            if column.note is not None:
                session.execute(f"COMMENT ON COLUMN {place}.{quoted(column.name)} IS {literal(column.note)}")
    session.execute(f"INSERT INTO {_DONE} VALUES ($1, $2)", (BOOKS, ""))


def _names(session: EngineSession, database: str, listed: str, name: str) -> set[tuple[str, str]]:
    rows = session.fetch(
        f"SELECT schema_name, {name} FROM {listed} WHERE database_name = $1 AND NOT internal", (database,)
    )
    return {(str(schema), str(one)) for schema, one in rows}


def _compare(session: EngineSession, origin: Origin, tables: Sequence[StoredTable], database: str) -> None:
    """Count the rows here and there, and add up what they hash to: any order gives the same."""
    there = session.fetch(_sums([(table, origin.past.rows(table.place)) for table in tables]))
    here = session.fetch(_sums([(table, ".".join(map(quoted, (database, *table.place)))) for table in tables]))
    for table, were, are in zip(tables, there, here, strict=True):
        if were != are:
            raise StorageError(
                f"the rows of {'.'.join(table.place)} that were brought over are not those that were there",
                detail=f"{were[1]} rows there, {are[1]} here",
            )


def _sums(tables: Sequence[tuple[StoredTable, str]]) -> str:
    each = []
    for number, (table, rows) in enumerate(tables):
        # A time with a zone is kept as the moment that it is, not with the zone that it was given in.
        values = ", ".join(
            f"date_part('epoch', {quoted(one.name)})" if one.type == "TIME WITH TIME ZONE" else quoted(one.name)
            for one in table.columns
        )
        each.append(f"SELECT {number} AS number, count(*), sum(hash({values}))::VARCHAR FROM {rows}")
    return f"FROM ({' UNION ALL '.join(each)}) ORDER BY number"
