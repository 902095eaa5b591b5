"""Handlers of local DDL: CREATE, ALTER and DROP of tables, views and schemas, TRUNCATE, COMMENT, VACUUM, ANALYZE.

Receives our DDL nodes; `sql.targets.ddl_to_duckdb` says what the engine must run, this runs it inside the transaction
that the journey opened, and says that the catalog changed.
"""

from __future__ import annotations

from typing import cast

from boathouse.contracts.answers import Answer, Done
from boathouse.contracts.house import House
from boathouse.contracts.session import Session
from boathouse.query import plans
from boathouse.query.session import QuerySession
from boathouse.sql import statements as s
from boathouse.sql.targets.ddl_to_duckdb import ddl_to_duckdb

TAGS: dict[type[s.Statement], str] = {
    s.CreateTable: "CREATE TABLE",
    s.CreateView: "CREATE VIEW",
    s.CreateSchema: "CREATE SCHEMA",
    s.AlterTable: "ALTER TABLE",
    s.Truncate: "TRUNCATE TABLE",
    s.Comment: "COMMENT",
}


def define(house: House, session: Session, statement: s.Statement) -> Answer:
    """CREATE TABLE, VIEW, SCHEMA; ALTER TABLE; TRUNCATE; COMMENT."""
    mine = cast(QuerySession, session)
    if _exists_already(mine, statement):
        return Done(TAGS[type(statement)])
    if isinstance(statement, s.CreateView):
        plan = plans.plan(mine, statement.query)
        _run(mine, ddl_to_duckdb(statement, catalog=mine.catalog, query=plan.bound, search_path=mine.search_path()))
    else:
        _run(mine, ddl_to_duckdb(statement, catalog=mine.catalog, search_path=mine.search_path()))
    if isinstance(statement, s.CreateTable) and statement.temporary:
        mine.has_temporary = True
    mine.catalog_changed()
    return Done(TAGS[type(statement)])


def create_table_as(house: House, session: Session, statement: s.CreateTableAs) -> Answer:
    """CREATE TABLE … AS query: made from the query's fields, then filled; the tag counts the rows, as PostgreSQL's."""
    mine = cast(QuerySession, session)
    if _exists_already(mine, statement):
        return Done("CREATE TABLE AS")
    return Done("SELECT")
