"""COMMENT ON SCHEMA and DATABASE: the engine keeps comments of tables and columns, those of schemas are rows of our own,
and that of the database is one whose schema has no name.

`boathouse.schema_comments` is what `pg_description` shows them from; a schema that is dropped takes its row along.
Source: Redshift Developer Guide, "COMMENT".
"""

from __future__ import annotations

from boathouse.contracts.answers import Answer, Done, Notice
from boathouse.contracts.errors import FeatureNotSupported, UndefinedSchema
from boathouse.contracts.house import House
from boathouse.contracts.session import Session
from boathouse.query.define import define, forget_comment
from boathouse.sql import statements as s

TABLES = (
    "CREATE TABLE IF NOT EXISTS boathouse.schema_comments (schema_name VARCHAR NOT NULL, comment VARCHAR NOT NULL)",
)

_LOCAL = "SELECT 1 FROM duckdb_schemas() WHERE database_name = $1 AND schema_name = $2"


def comment(house: House, session: Session, statement: s.Comment) -> Answer | None:
    """COMMENT ON anything: schemas here, the rest as the definitions that they are."""
    if statement.kind not in ("schema", "database"):
        return define(house, session, statement)
    name = statement.name.name
    if statement.kind == "database":
        return _on_database(session, name, statement.comment)
    if not session.catalog.has_schema(name):
        raise UndefinedSchema(f'schema "{name}" does not exist')
    if not session.engine.fetch(_LOCAL, (session.database, name)):
        raise FeatureNotSupported(f'COMMENT ON SCHEMA "{name}" is not supported: it is external, or the system\'s')
    return _keep(session, name, statement.comment)


def _on_database(session: Session, name: str, text: str | None) -> Answer:
    """Any database but the session's own is only warned of, as on Redshift."""
    if name != session.database:
        session.notify(Notice("WARNING", "database comments may only be applied to the current database"))
        return Done("COMMENT")
    return _keep(session, "", text)


def _keep(session: Session, name: str, text: str | None) -> Answer:
    forget_comment(session, name)
    if text:
        session.engine.execute("INSERT INTO boathouse.schema_comments VALUES ($1, $2)", (name, text))
    session.catalog_changed()
    return Done("COMMENT")
