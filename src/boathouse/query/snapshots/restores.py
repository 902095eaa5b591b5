"""RESTORE TABLE … FROM SNAPSHOT: a table as it was, under its own name or another one.

As on Redshift, it never takes the place of a table that is there; the constraints of other tables, views and privileges do not
come along, and it belongs to who restores it. Each attempt is a row of `svv_table_restore_status`.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from typing import cast

from boathouse.contracts.answers import Answer, Done
from boathouse.contracts.errors import (
    BoathouseError,
    DuplicateTable,
    ObjectNotInPrerequisiteState,
    UndefinedObject,
    UndefinedSchema,
    UndefinedTable,
)
from boathouse.contracts.house import House
from boathouse.contracts.needs import SUPERUSER, Declared, Makes, Need
from boathouse.contracts.past.snapshots import Restored
from boathouse.contracts.session import Session
from boathouse.query.define import next_oid
from boathouse.query.past import noted
from boathouse.query.session import QuerySession
from boathouse.query.state.needs import creation_schema
from boathouse.sql import statements as s

_NOTE = "INSERT INTO boathouse.table_restores VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"


def needs(session: Session, statement: s.RestoreTable) -> Iterable[Declared]:
    """Superusers: the rows may be some that nobody may read today."""
    _, (schema, name) = _places(session, statement)
    return [Need(SUPERUSER, "system"), Makes("relation", name, schema)]


def restore_table(house: House, session: Session, statement: s.RestoreTable) -> Answer:
    """RESTORE TABLE."""
    mine = cast(QuerySession, session)
    began = noted.instant(house)
    try:
        rows = _restore(house, mine, statement)
    except BoathouseError as failure:
        with suppress(BoathouseError):
            _note_failure(house, mine, statement, began, failure)
        raise
    mine.engine.execute(_NOTE, (*_facts(house, mine, statement, began, "SUCCEEDED", None), rows, mine.user))
    mine.catalog_changed()
    return Done("RESTORE TABLE")


def _restore(house: House, session: QuerySession, statement: s.RestoreTable) -> int:
    source, target = _places(session, statement)
    snapshot = noted.find(session.engine, statement.snapshot)
    if snapshot is None:
        raise UndefinedObject(f'snapshot "{statement.snapshot}" does not exist')
    if not session.catalog.has_schema(target[0]):
        raise UndefinedSchema(f'schema "{target[0]}" does not exist')
    if session.catalog.relation(*target) is not None:
        raise DuplicateTable(
            f'relation "{target[1]}" already exists',
            hint="Restore it AS another name, or rename or drop what is there.",
        )
    session.marks.require_unchanged(*source, "RESTORE TABLE")
    facts = {"oid": next_oid(session), "owner": session.user}
    wanted = Restored(source, target, facts, session.unique())
    try:
        rows = house.engine.snapshots.restore(session.engine, snapshot.place, wanted)
    except ObjectNotInPrerequisiteState:
        raise noted.gone(snapshot) from None
    if rows is None:
        raise UndefinedTable(f'snapshot "{snapshot.name}" has no table {source[0]}.{source[1]}')
    return rows


def _places(session: Session, statement: s.RestoreTable) -> tuple[tuple[str, str], tuple[str, str]]:
    """Schema and name then, and now."""
    source = (creation_schema(session, statement.name), statement.name.name)
    if statement.new_name is None:
        return source, source
    return source, (statement.new_name.schema or source[0], statement.new_name.name)


def _facts(
    house: House,
    session: QuerySession,
    statement: s.RestoreTable,
    began: datetime,
    status: str,
    message: str | None,
) -> tuple[object, ...]:
    source, target = _places(session, statement)
    name = session.unique()
    return (name, status, message, began, noted.instant(house), statement.snapshot, *source, *target)


def _note_failure(
    house: House, session: QuerySession, statement: s.RestoreTable, began: datetime, failure: BoathouseError
) -> None:
    """In a transaction of its own, as the statement's is rolled back."""
    beside = session.engine.sibling()
    try:
        facts = _facts(house, session, statement, began, "FAILED", failure.message)
        beside.execute(_NOTE, (*facts, None, session.user))
    finally:
        beside.close()
