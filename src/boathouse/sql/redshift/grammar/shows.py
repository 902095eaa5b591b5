"""SHOW of objects: databases, schemas, tables, columns, and the DDL of a table or view.

Source: Redshift Developer Guide, SHOW DATABASES, SHOW SCHEMAS, SHOW TABLES, SHOW COLUMNS, SHOW TABLE, SHOW VIEW,
SHOW EXTERNAL TABLE.
"""

from __future__ import annotations

from boathouse.contracts.errors import InvalidParameterValue
from boathouse.sql.redshift.grammar import sessions
from boathouse.sql.redshift.grammar.access.grants import read_show_grants
from boathouse.sql.redshift.grammar.crawlers import read_show_crawlers
from boathouse.sql.statements import (
    ShowColumns,
    ShowDatabases,
    ShowExternalTable,
    ShowSchemas,
    ShowTable,
    ShowTables,
    ShowView,
    Statement,
)
from boathouse.sql.token_reader import TokenReader

LIMIT_MAX = 10_000
"""Rows that LIMIT may ask for."""


def read_show(reader: TokenReader) -> Statement:
    """SHOW objects, or SHOW of a parameter."""
    what = reader.ahead(1).value if reader.ahead(1).kind == "word" else ""
    if what == "grants":
        return read_show_grants(reader)
    if what == "external" and reader.ahead(2).value == "table":
        return _external_table(reader)
    if what in ("crawler", "crawlers"):
        return read_show_crawlers(reader)
    read = {
        "databases": _databases,
        "schemas": _schemas,
        "tables": _tables,
        "columns": _columns,
        "table": _table,
        "view": _view,
    }.get(what)
    if read is None:
        return sessions.read_show(reader)
    reader.expect("show", what)
    return read(reader)


def _databases(reader: TokenReader) -> ShowDatabases:
    if reader.sees("from"):
        reader.refuse("SHOW DATABASES FROM DATA CATALOG", hint="Query svv_external_databases.")
    pattern, rows_max = _filter(reader)
    return ShowDatabases(text=reader.text, offset=reader.offset, pattern=pattern, rows_max=rows_max)


def _schemas(reader: TokenReader) -> ShowSchemas:
    reader.expect("from", "database")
    database = reader.identifier("a database")
    pattern, rows_max = _filter(reader)
    return ShowSchemas(text=reader.text, offset=reader.offset, database=database, pattern=pattern, rows_max=rows_max)


def _tables(reader: TokenReader) -> ShowTables:
    reader.expect("from", "schema")
    first = reader.identifier("a schema")
    second = reader.identifier("a schema") if reader.accept(".") else None
    pattern, rows_max = _filter(reader)
    return ShowTables(
        text=reader.text,
        offset=reader.offset,
        schema=second or first,
        database=first if second else None,
        pattern=pattern,
        rows_max=rows_max,
    )


def _columns(reader: TokenReader) -> ShowColumns:
    reader.expect("from", "table")
    table = reader.name()
    pattern, rows_max = _filter(reader)
    return ShowColumns(text=reader.text, offset=reader.offset, table=table, pattern=pattern, rows_max=rows_max)


def _table(reader: TokenReader) -> ShowTable:
    name = reader.name()
    reader.finish()
    return ShowTable(text=reader.text, offset=reader.offset, name=name)


def _view(reader: TokenReader) -> ShowView:
    name = reader.name()
    reader.finish()
    return ShowView(text=reader.text, offset=reader.offset, name=name)


def _external_table(reader: TokenReader) -> ShowExternalTable:
    reader.expect("show", "external", "table")
    name = reader.name()
    partitions = reader.accept("partition")
    reader.finish()
    return ShowExternalTable(text=reader.text, offset=reader.offset, name=name, partitions=partitions)


def _filter(reader: TokenReader) -> tuple[str | None, int | None]:
    """[LIKE 'pattern'] [LIMIT rows], to the end."""
    pattern = reader.string("a pattern") if reader.accept("like") else None
    rows_max = None
    if reader.accept("limit"):
        at = reader.token.start
        rows_max = reader.integer("a number of rows")
        if not 0 <= rows_max <= LIMIT_MAX:
            raise InvalidParameterValue(f"LIMIT must be between 0 and {LIMIT_MAX}", position=at + 1)
    reader.finish()
    return pattern, rows_max
