"""The lake's DDL: external schemas, external tables and their partitions.

Source: Redshift Developer Guide, "CREATE EXTERNAL SCHEMA", "CREATE EXTERNAL TABLE", "ALTER TABLE" (external); Hive's
manual for the escapes inside SERDEPROPERTIES and delimiters.
"""

from __future__ import annotations

import re
from dataclasses import replace

from boathouse.contracts.errors import BoathouseError, DuplicateColumn, InvalidTableDefinition, SqlSyntaxError
from boathouse.contracts.types import SqlType
from boathouse.sql.redshift.grammar.credentials import CredentialsDraft
from boathouse.sql.redshift.grammar.federated import read_federated_schema
from boathouse.sql.redshift.grammar.queries import read_query
from boathouse.sql.redshift.types import read_type
from boathouse.sql.statements import (
    AddPartitions,
    AlterExternalTable,
    CreateExternalSchema,
    CreateExternalTable,
    CreateFederatedSchema,
    DropPartitions,
    ExternalFormat,
    QualifiedName,
    Relational,
    SetLocation,
    Statement,
)
from boathouse.sql.token_reader import TokenReader, shifted

_ESCAPE = re.compile(r"\\([0-7]{3}|[\s\S])")
_NAMED_ESCAPES = {"t": "\t", "n": "\n", "r": "\r", "\\": "\\", '"': '"', "'": "'"}
_STORED_AS = ("textfile", "parquet", "orc", "avro", "sequencefile", "rcfile", "json", "ion", "hudi", "delta", "iceberg")
_SOURCES_REFUSED = ("hive", "kinesis", "kafka", "msk", "redshift")


def unescape(text: str) -> str:
    r"""Hive's escapes undone: `\\[` is `\[`, `\"` is `"`, `\t` a tab, `\001` a control character."""

    def undo(found: re.Match[str]) -> str:
        code = found.group(1)
        if len(code) == 3:
            return chr(int(code, 8))
        return _NAMED_ESCAPES.get(code, found.group())

    return _ESCAPE.sub(undo, text)


def read_external_schema(reader: TokenReader) -> CreateExternalSchema | CreateFederatedSchema:
    """CREATE EXTERNAL SCHEMA [IF NOT EXISTS] name FROM [DATA CATALOG] DATABASE 'db' … in any order."""
    reader.expect("create", "external", "schema")
    if_not_exists = reader.accept("if", "not", "exists")
    name = reader.identifier("a schema's name")
    reader.expect("from")
    if (engine := reader.accept_any("postgres", "mysql")) is not None:
        return read_federated_schema(reader, name, engine, if_not_exists=if_not_exists)
    if reader.sees_any(*_SOURCES_REFUSED):
        reader.refuse(f"CREATE EXTERNAL SCHEMA FROM {reader.token.value.upper()}")
    if reader.accept("data"):
        reader.expect("catalog")
    credentials = CredentialsDraft()
    database: str | None = None
    create_database = False
    catalog_id: str | None = None
    while not reader.at_end:
        if credentials.accept(reader):
            continue
        if database is None and reader.accept("database"):
            database = reader.string("a database's name in quotes")
        elif reader.accept("create", "external", "database"):
            reader.expect("if", "not", "exists")
            create_database = True
        elif catalog_id is None and reader.accept("catalog_id"):
            catalog_id = reader.string("an account's number in quotes")
        elif reader.sees_any("catalog_role", "uri"):
            reader.refuse(reader.token.value.upper())
        else:
            reader.fail()
    if not database:
        reader.fail(hint="Name the catalog's database: DATABASE 'name'.")
    return CreateExternalSchema(
        text=reader.text,
        offset=reader.offset,
        name=name,
        source="data catalog",
        catalog_database=database.lower(),
        credentials=credentials.finish(),
        if_not_exists=if_not_exists,
        create_database=create_database,
        catalog_id=catalog_id,
    )


def read_external_table(reader: TokenReader) -> CreateExternalTable:
    """CREATE EXTERNAL TABLE [IF NOT EXISTS] schema.name {(columns) clauses | clauses AS query}."""
    reader.expect("create", "external", "table")
    if_not_exists = reader.accept("if", "not", "exists")
    name = _external_name(reader)
    columns = _columns(reader) if reader.sees("(") else ()
    keys: tuple[str, ...] = ()
    query: Relational | None = None
    partitions: tuple[tuple[str, SqlType], ...] = ()
    properties: tuple[tuple[str, str], ...] = ()
    found, location = ExternalFormat(), None
    while not reader.at_end:
        if not (partitions or keys) and reader.accept("partitioned", "by"):
            if columns:
                partitions = _columns(reader)
            else:
                keys = reader.identifiers_in_parentheses()
        elif reader.accept("row", "format"):
            found = _row_format(reader, found)
        elif reader.accept("stored", "as"):
            found = _stored_as(reader, found)
        elif location is None and reader.accept("location"):
            location = reader.string("a place in quotes")
        elif reader.accept("table", "properties") or reader.accept("tblproperties"):
            properties = _properties(reader)
        elif not columns and reader.accept("as"):
            query = _query(reader)
            break
        else:
            reader.fail()
    if not location:
        reader.fail(hint="LOCATION is missing.")
    if not columns and query is None:
        reader.fail(hint="Name the columns, or give a query: AS SELECT ….")
    _check_names(columns + partitions)
    return CreateExternalTable(
        text=reader.text,
        offset=reader.offset,
        name=name,
        columns=columns,
        partitions=partitions,
        format=found,
        location=location,
        properties=properties,
        if_not_exists=if_not_exists,
        query=query,
        keys=keys,
    )


def _query(reader: TokenReader) -> Relational:
    text, start = reader.rest()
    try:
        found = read_query(text, reader.offset + start, only_select=True, case_sensitive=reader.case_sensitive)
    except BoathouseError as error:
        raise shifted(error, start) from None
    if not isinstance(found, Relational):
        reader.fail(hint="SELECT … INTO cannot stand here.")
    return found


def _external_name(reader: TokenReader) -> QualifiedName:
    place = reader.token.start + 1
    name = reader.name()
    if name.schema is None:
        raise SqlSyntaxError(
            "an external table must be named with its external schema", hint="Write schema.table.", position=place
        )
    return name


def _check_names(columns: tuple[tuple[str, SqlType], ...]) -> None:
    names = [name for name, _ in columns]
    for name in names:
        if names.count(name) > 1:
            raise DuplicateColumn(f'column "{name}" specified more than once')


def _columns(reader: TokenReader) -> tuple[tuple[str, SqlType], ...]:
    reader.expect("(")
    found = [_column(reader)]
    while reader.accept(","):
        found.append(_column(reader))
    reader.expect(")")
    return tuple(found)


def _column(reader: TokenReader) -> tuple[str, SqlType]:
    name = reader.identifier("a column's name")
    place = reader.token.start + 1
    found = read_type(reader, ddl=True)
    if found.name == "super":
        raise InvalidTableDefinition(
            "external tables have no SUPER columns", hint="Use struct, array or map.", position=place
        )
    if found.is_opaque:
        raise InvalidTableDefinition(f"external tables have no columns of type {found}", position=place)
    return name, found


def _row_format(reader: TokenReader, found: ExternalFormat) -> ExternalFormat:
    if reader.accept("serde"):
        found = replace(found, serde=reader.string("a class name in quotes"))
        if reader.accept("with"):
            reader.expect("serdeproperties")
            found = replace(found, serde_properties=_properties(reader, undo_escapes=True))
        return found
    reader.expect("delimited")
    while True:
        if reader.accept("fields", "terminated", "by"):
            found = replace(found, field_delimiter=unescape(reader.string()))
            if reader.accept("escaped", "by"):
                found = replace(found, escape=unescape(reader.string()))
        elif reader.accept("escaped", "by"):
            found = replace(found, escape=unescape(reader.string()))
        elif reader.accept("lines", "terminated", "by"):
            found = replace(found, line_delimiter=unescape(reader.string()))
        elif reader.accept("null", "defined", "as"):
            found = replace(found, null_as=unescape(reader.string()))
        elif reader.sees_any("collection", "map"):
            reader.refuse(f"ROW FORMAT DELIMITED {reader.token.value.upper()} ...")
        else:
            return found


def _stored_as(reader: TokenReader, found: ExternalFormat) -> ExternalFormat:
    if reader.accept("inputformat"):
        reads = reader.string("a class name in quotes")
        reader.expect("outputformat")
        found = replace(found, input_format=reads, output_format=reader.string("a class name in quotes"))
        return replace(found, stored_as=_format_of_class(reads))
    return replace(found, stored_as=reader.expect_any(*_STORED_AS))


def _format_of_class(name: str) -> str:
    """The format behind an INPUTFORMAT class."""
    lowered = name.lower()
    return next((kind for kind in ("parquet", "orc", "avro", "sequencefile", "rcfile") if kind in lowered), "textfile")


def _properties(reader: TokenReader, *, undo_escapes: bool = False) -> tuple[tuple[str, str], ...]:
    reader.expect("(")
    found: list[tuple[str, str]] = []
    while True:
        name = reader.string("a property's name in quotes")
        reader.expect("=")
        value = reader.string("a property's value in quotes")
        found.append((unescape(name), unescape(value)) if undo_escapes else (name, value))
        if not reader.accept(","):
            break
    reader.expect(")")
    return tuple(found)


# -- partitions ------------------------------------------------------------------------------------------


def changes_external_table(reader: TokenReader) -> bool:
    """True where an ALTER TABLE is about partitions or locations; reads nothing."""
    mark = reader.mark()
    try:
        reader.expect("alter", "table")
        reader.name()
        return (
            reader.sees("add", "partition")
            or reader.sees("add", "if", "not", "exists", "partition")
            or reader.sees("drop", "partition")
            or reader.sees("drop", "if", "exists", "partition")
            or reader.sees("partition")
            or reader.sees("set", "location")
            or reader.sees("set", "file", "format")
            or reader.sees("set", "table", "properties")
        )
    except SqlSyntaxError:
        return False
    finally:
        reader.back(mark)


def read_alter_external(reader: TokenReader) -> Statement:
    """ADD PARTITION, DROP PARTITION, [PARTITION] SET LOCATION, SET FILE FORMAT, SET TABLE PROPERTIES."""
    text, offset = reader.text, reader.offset
    reader.expect("alter", "table")
    name = _external_name(reader)
    if reader.accept("add"):
        if_not_exists = reader.accept("if", "not", "exists")
        partitions = []
        while reader.accept("partition"):
            values = _partition(reader)
            reader.expect("location")
            partitions.append((values, reader.string("a place in quotes")))
        reader.finish()
        return AddPartitions(
            text=text, offset=offset, name=name, partitions=tuple(partitions), if_not_exists=if_not_exists
        )
    if reader.accept("drop"):
        if_exists = reader.accept("if", "exists")
        reader.expect("partition")
        gone = [_partition(reader)]
        while reader.accept(",") or reader.sees("partition"):
            reader.expect("partition")
            gone.append(_partition(reader))
        reader.finish()
        return DropPartitions(text=text, offset=offset, name=name, partitions=tuple(gone), if_exists=if_exists)
    if reader.accept("set", "file", "format"):
        found = _stored_as(reader, ExternalFormat())
        reader.finish()
        return AlterExternalTable(text=text, offset=offset, name=name, format=found)
    if reader.accept("set", "table", "properties"):
        properties = _properties(reader)
        reader.finish()
        return AlterExternalTable(text=text, offset=offset, name=name, properties=properties)
    values = _partition(reader) if reader.accept("partition") else ()
    reader.expect("set", "location")
    location = reader.string("a place in quotes")
    reader.finish()
    return SetLocation(text=text, offset=offset, name=name, location=location, values=values)


def _partition(reader: TokenReader) -> tuple[tuple[str, str], ...]:
    reader.expect("(")
    found: list[tuple[str, str]] = []
    while True:
        key = reader.identifier("a partition column")
        reader.expect("=")
        if reader.token.kind == "string":
            found.append((key, reader.next().value))
        elif reader.token.kind == "number" or reader.sees_any("-"):
            sign = "-" if reader.accept("-") else ""
            if reader.token.kind != "number":
                reader.fail(hint="Expected a value.")
            found.append((key, sign + reader.next().value))
        else:
            found.append((key, reader.expect_any("true", "false")))
        if not reader.accept(","):
            break
    reader.expect(")")
    return tuple(found)
