"""SHOW TABLE and SHOW VIEW: the DDL that would make a relation again.

Receives the nodes of `sql.statements.shows`; the text is made by `sql.redshift.show_ddl` from the catalog's relation
and the notes that the engine keeps with it.
"""

from __future__ import annotations

from typing import cast

from boathouse.contracts.answers import Answer, Field
from boathouse.contracts.errors import UndefinedTable, WrongObjectType
from boathouse.contracts.house import House
from boathouse.contracts.relations import Relation
from boathouse.contracts.session import Session
from boathouse.contracts.types import VARCHAR
from boathouse.query.control import text_rows
from boathouse.query.define import notes_of
from boathouse.query.session import QuerySession
from boathouse.sql import statements as s
from boathouse.sql.redshift.show_ddl import table_ddl, view_ddl

TABLE_DDL, VIEW_DDL = "Show Table DDL statement", "Show View DDL statement"
FIELDS: dict[type[s.Statement], tuple[Field, ...]] = {
    s.ShowTable: (Field(TABLE_DDL, VARCHAR),),
    s.ShowView: (Field(VIEW_DDL, VARCHAR),),
}


def show_table(house: House, session: Session, statement: s.ShowTable) -> Answer:
    """SHOW TABLE [schema.]name."""
    relation = _found(session, statement.name)
    if relation.kind not in ("table", "temporary"):
        hint = {"view": "Use SHOW VIEW.", "external": "Use SHOW EXTERNAL TABLE."}.get(relation.kind)
        raise WrongObjectType(f'"{relation.name}" is not a table', hint=hint)
    notes = notes_of(cast(QuerySession, session), statement.name)
    columns = {name: note for name, note in notes.items() if name is not None}
    return text_rows((TABLE_DDL,), [(table_ddl(relation, notes.get(None, {}), columns),)], "SHOW")


def show_view(house: House, session: Session, statement: s.ShowView) -> Answer:
    """SHOW VIEW [schema.]name."""
    relation = _found(session, statement.name)
    if relation.kind == "materialized":
        note = notes_of(cast(QuerySession, session), statement.name)[None]
        return text_rows((VIEW_DDL,), [(view_ddl(relation, False, str(note["query"])),)], "SHOW")
    if relation.view is None:
        raise WrongObjectType(f'"{relation.name}" is not a view', hint="Use SHOW TABLE.")
    text = view_ddl(relation, relation.view.late_binding, relation.view.query)
    return text_rows((VIEW_DDL,), [(text,)], "SHOW")


def _found(session: Session, name: s.QualifiedName) -> Relation:
    relation = session.catalog.relation(name.schema, name.name)
    if relation is None:
        raise UndefinedTable(f'relation "{name}" does not exist')
    return relation
