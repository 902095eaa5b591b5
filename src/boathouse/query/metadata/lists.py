"""SHOW DATABASES, SCHEMAS, TABLES and COLUMNS: the metadata views as statements, filtered by LIKE and LIMIT.

Receives the nodes of `sql.statements.shows`; hands back rows of the views beside this file, in the transaction of the
session. LIKE is case-sensitive, as documented. Columns: Redshift Developer Guide, the command's page.
"""

from __future__ import annotations

from dataclasses import replace

from boathouse.contracts.answers import Answer, Field
from boathouse.contracts.errors import UndefinedDatabase, UndefinedSchema, UndefinedTable
from boathouse.contracts.house import House
from boathouse.contracts.session import Session
from boathouse.contracts.types import INTEGER, TIMESTAMP, SqlType, varchar
from boathouse.query.metadata.tables import DIST_STYLES
from boathouse.sql import statements as s

_NAME = varchar(128)


_SCHEMA = "SELECT 1 FROM memory.rs.svv_all_schemas() WHERE database_name = $1 AND schema_name = $2"


def _fields(**types: SqlType) -> tuple[Field, ...]:
    return tuple(Field(name, kind) for name, kind in types.items())


DATABASES = _fields(
    database_name=_NAME,
    database_owner=INTEGER,
    database_type=varchar(32),
    database_acl=_NAME,
    parameters=varchar(),
    database_isolation_level=_NAME,
)
SCHEMAS = _fields(
    database_name=_NAME,
    schema_name=_NAME,
    schema_owner=INTEGER,
    schema_type=_NAME,
    schema_acl=_NAME,
    source_database=_NAME,
    schema_option=_NAME,
)
TABLES = _fields(
    database_name=_NAME,
    schema_name=_NAME,
    table_name=_NAME,
    table_type=_NAME,
    table_acl=_NAME,
    remarks=varchar(256),
    owner=_NAME,
    last_altered_time=TIMESTAMP,
    last_modified_time=TIMESTAMP,
    dist_style=_NAME,
    table_subtype=_NAME,
)
COLUMNS = _fields(
    database_name=_NAME,
    schema_name=_NAME,
    table_name=_NAME,
    column_name=_NAME,
    ordinal_position=INTEGER,
    column_default=varchar(4000),
    is_nullable=varchar(3),
    data_type=_NAME,
    character_maximum_length=INTEGER,
    numeric_precision=INTEGER,
    numeric_scale=INTEGER,
    remarks=varchar(256),
    sort_key_type=varchar(32),
    sort_key=INTEGER,
    dist_key=INTEGER,
    encoding=varchar(32),
    collation=varchar(32),
)


def show_databases(house: House, session: Session, statement: s.ShowDatabases) -> Answer:
    """SHOW DATABASES [LIKE] [LIMIT]."""
    chosen = "database_name, database_owner, database_type, database_acl, database_options, database_isolation_level"
    return _rows(
        session, statement, DATABASES, f"SELECT {chosen} FROM memory.rs.svv_redshift_databases()", "database_name"
    )


def show_schemas(house: House, session: Session, statement: s.ShowSchemas) -> Answer:
    """SHOW SCHEMAS FROM DATABASE d [LIKE] [LIMIT]."""
    _check_database(session, statement.database)
    sql = "SELECT * FROM memory.rs.svv_all_schemas() WHERE database_name = $1"
    return _rows(session, statement, SCHEMAS, sql, "schema_name", statement.database)


def show_tables(house: House, session: Session, statement: s.ShowTables) -> Answer:
    """SHOW TABLES FROM SCHEMA [d.]s [LIKE] [LIMIT]."""
    _check_database(session, statement.database)
    database = statement.database or session.database
    if database == session.database:
        is_there = session.catalog.has_schema(statement.schema)
    else:
        is_there = bool(session.engine.fetch(_SCHEMA, (database, statement.schema)))
    if not is_there:
        raise UndefinedSchema(f'schema "{statement.schema}" does not exist')
    sql = (
        "SELECT a.database_name, a.schema_name, a.table_name, a.table_type, a.table_acl, a.remarks, r.table_owner, "
        "NULL::TIMESTAMP, NULL::TIMESTAMP, i.diststyle, CASE a.table_type WHEN 'TABLE' THEN 'REGULAR TABLE' "
        "WHEN 'VIEW' THEN CASE WHEN m.name IS NULL THEN 'REGULAR VIEW' "
        "ELSE 'MATERIALIZED VIEW' END ELSE a.table_type END FROM memory.rs.svv_all_tables() a "
        "LEFT JOIN memory.rs.svv_redshift_tables() r USING (database_name, schema_name, table_name) "
        "LEFT JOIN memory.rs.svv_mv_info() m ON m.schema_name = a.schema_name AND m.name = a.table_name "
        "AND a.database_name = current_database() "
        f"LEFT JOIN {DIST_STYLES} i ON i.schema_name = a.schema_name AND i.table_name = a.table_name "
        "AND a.database_name = current_database() WHERE a.schema_name = $1 AND a.database_name = $2"
    )
    return _rows(session, statement, TABLES, sql, "table_name", statement.schema, database)


def show_columns(house: House, session: Session, statement: s.ShowColumns) -> Answer:
    """SHOW COLUMNS FROM TABLE [[d.]s.]t [LIKE] [LIMIT]."""
    _check_database(session, statement.table.database)
    table, database = statement.table, statement.table.database or session.database
    if database == session.database:
        relation = session.catalog.relation(table.schema, table.name)
    else:
        relation = session.catalog.in_database(database, table.schema or "", table.name)
    if relation is None:
        raise UndefinedTable(f'relation "{statement.table}" does not exist')
    sql = (
        "SELECT a.*, CASE WHEN r.sortkey <> 0 THEN coalesce(upper(t.sortstyle), 'COMPOUND') END, "
        "coalesce(r.sortkey, 0), coalesce(r.distkey, false)::INTEGER, r.encoding, "
        "CASE WHEN a.data_type LIKE 'character%' THEN 'default' END FROM memory.rs.svv_all_columns() a "
        "LEFT JOIN memory.rs.svv_redshift_columns() r USING (database_name, schema_name, table_name, column_name) "
        "LEFT JOIN (SELECT schema_name, table_name, CASE WHEN json_valid(comment) THEN comment::JSON ->> 'sortstyle' END "
        "AS sortstyle FROM memory.rs.stored_tables() WHERE database_name = current_database()) t "
        "USING (schema_name, table_name) WHERE a.schema_name = $1 AND a.table_name = $2 AND a.database_name = $3"
    )
    schema = relation.schema if relation.database is None else table.schema or ""
    return _rows(session, statement, COLUMNS, sql, "ordinal_position", schema, relation.name, database)


def _check_database(session: Session, database: str | None) -> None:
    if database is not None and database != session.database and not session.catalog.has_database(database):
        raise UndefinedDatabase(
            f'database "{database}" does not exist', hint=f'This house serves the database "{session.database}".'
        )


def _rows(
    session: Session,
    statement: s.ShowDatabases | s.ShowSchemas | s.ShowTables | s.ShowColumns,
    fields: tuple[Field, ...],
    sql: str,
    order: str,
    *parameters: str,
) -> Answer:
    """The query's rows under the fields' names, filtered by LIKE on what is listed."""
    listed = {s.ShowDatabases: "database_name", s.ShowSchemas: "schema_name", s.ShowTables: "table_name"}
    names = ", ".join(f'"{field.name}"' for field in fields)
    shown = f"SELECT {names} FROM ({sql}) AS shown({names})"
    given = list(parameters)
    if statement.pattern is not None:
        given.append(statement.pattern)
        shown += f" WHERE {listed.get(type(statement), 'column_name')} LIKE ${len(given)} ESCAPE '\\'"
    shown += f" ORDER BY {order}"
    if statement.rows_max is not None:
        shown += f" LIMIT {statement.rows_max}"
    return replace(session.engine.query(shown, given, fields), verb="SHOW")
