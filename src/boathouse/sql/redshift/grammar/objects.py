"""CREATE SCHEMA, DROP, TRUNCATE, COMMENT, VACUUM, ANALYZE, LOCK.

Source: Redshift Developer Guide, the pages of those names.
"""

from __future__ import annotations

from typing import Literal, cast

from boathouse.contracts.errors import SqlSyntaxError
from boathouse.sql.statements import AnalyzeCompression, Comment, CreateSchema, Drop, Maintain, QualifiedName, Truncate
from boathouse.sql.token_reader import TokenReader


def read_create_schema(reader: TokenReader) -> CreateSchema:
    """CREATE SCHEMA [IF NOT EXISTS] name [AUTHORIZATION owner] [QUOTA …]; also CREATE SCHEMA AUTHORIZATION owner."""
    reader.expect("create", "schema")
    if_not_exists = reader.accept("if", "not", "exists")
    owner: str | None = None
    if reader.accept("authorization"):
        owner = name = reader.identifier("a user")
    else:
        name = _schema_name(reader)
        if reader.accept("authorization"):
            owner = reader.identifier("a user")
    if reader.accept("quota") and not reader.accept("unlimited"):
        reader.refuse("CREATE SCHEMA ... QUOTA with a limit")
    if reader.sees_any("create", "grant"):
        reader.refuse("CREATE SCHEMA with schema elements", hint="Use one statement for each object.")
    reader.finish()
    return CreateSchema(text=reader.text, offset=reader.offset, name=name, if_not_exists=if_not_exists, owner=owner)


def _schema_name(reader: TokenReader) -> str:
    place = reader.token.start + 1
    name = reader.identifier("a schema's name")
    if name.startswith("pg_"):
        raise SqlSyntaxError(
            f'unacceptable schema name "{name}"',
            detail='The prefix "pg_" is reserved for system schemas.',
            position=place,
            sqlstate="42939",
        )
    return name


def read_drop(reader: TokenReader) -> Drop:
    """DROP [EXTERNAL] TABLE | VIEW | SCHEMA [IF EXISTS] names [DROP EXTERNAL DATABASE] [CASCADE | RESTRICT]."""
    reader.expect("drop")
    external = reader.accept("external")
    word = reader.expect_any("table", "view", "schema", "materialized")
    if word == "materialized":
        reader.expect("view")
        word = "materialized view"
    kind = cast(Literal["table", "view", "schema", "materialized view"], word)
    if_exists = reader.accept("if", "exists")
    names = reader.names()
    if external and any(name.schema is None for name in names) and kind == "table":
        reader.fail(hint="Name an external table with its schema.")
    if kind == "schema":
        names = tuple(QualifiedName(name.name, None, name.schema) for name in names)
    database = kind == "schema" and reader.accept("drop", "external", "database")
    cascade = reader.accept_any("cascade", "restrict") == "cascade"
    if kind == "schema" and not database and reader.accept("drop", "external", "database"):
        database = True
    reader.finish()
    return Drop(
        text=reader.text,
        offset=reader.offset,
        kind=kind,
        names=names,
        if_exists=if_exists,
        cascade=cascade,
        external_database=database,
    )


def read_truncate(reader: TokenReader) -> Truncate:
    """TRUNCATE [TABLE] name."""
    reader.expect("truncate")
    reader.accept("table")
    name = reader.name()
    if reader.sees(","):
        reader.fail(hint="TRUNCATE takes one table.")
    reader.finish()
    return Truncate(text=reader.text, offset=reader.offset, name=name)


_COMMENTED = ("table", "view", "column", "schema", "database", "constraint")


def read_comment(reader: TokenReader) -> Comment:
    """COMMENT ON TABLE | COLUMN | VIEW | SCHEMA | DATABASE | CONSTRAINT name [ON table] IS 'text' | NULL."""
    reader.expect("comment", "on")
    if reader.sees_any("procedure", "function"):
        reader.refuse(f"COMMENT ON {reader.token.value.upper()}")
    kind = reader.expect_any(*_COMMENTED)
    constraint = reader.identifier("a constraint's name") if kind == "constraint" else None
    if constraint is not None:
        reader.expect("on")
    name = reader.name() if kind != "column" else None
    column: str | None = None
    if name is None:
        parts = [reader.identifier()]
        while reader.accept("."):
            parts.append(reader.identifier())
        if not 2 <= len(parts) <= 4:
            reader.fail(hint="Name a column as table.column.")
        *path, column = parts
        name = QualifiedName(path[-1], *reversed(path[:-1]))
    reader.expect("is")
    comment = None if reader.accept("null") else reader.string("a comment in quotes, or NULL")
    reader.finish()
    return Comment(
        text=reader.text,
        offset=reader.offset,
        kind=cast(Literal["table", "view", "column", "schema", "database", "constraint"], kind),
        name=name,
        column=column,
        constraint=constraint,
        comment=comment,
    )


def read_maintain(reader: TokenReader) -> Maintain | AnalyzeCompression:
    """VACUUM, ANALYZE and LOCK in all their forms."""
    word = reader.expect_any("vacuum", "analyze", "analyse", "lock")
    if word == "lock":
        return _lock(reader)
    return _vacuum(reader) if word == "vacuum" else _analyze(reader)


def _lock(reader: TokenReader) -> Maintain:
    reader.accept("table")
    names = reader.names()
    if reader.accept("in"):
        while not reader.sees("mode") and reader.token.kind == "word":
            reader.next()
        reader.expect("mode")
    reader.accept("nowait")
    reader.finish()
    return Maintain(text=reader.text, offset=reader.offset, verb="LOCK TABLE", names=names)


def _vacuum(reader: TokenReader) -> Maintain:
    kind = reader.accept_any("full", "reindex", "recluster", "sort", "delete")
    if kind in ("sort", "delete"):
        reader.expect("only")
    names = () if reader.at_end or reader.sees_any("to", "boost") else (reader.name(),)
    if reader.accept("to"):
        percent = reader.integer("a percentage")
        if not 0 <= percent <= 100:
            reader.fail(hint="A percentage lies between 0 and 100.")
        reader.accept("percent")
    reader.accept("boost")
    reader.finish()
    return Maintain(
        text=reader.text, offset=reader.offset, verb="VACUUM", names=names, sorts=kind not in (None, "delete")
    )


def _analyze(reader: TokenReader) -> Maintain | AnalyzeCompression:
    if reader.accept("compression"):
        return _compression(reader)
    reader.accept("verbose")
    names: tuple[QualifiedName, ...] = ()
    if not reader.at_end and not reader.sees_any("predicate", "all"):
        names = (reader.name(),)
        if reader.sees("("):
            reader.identifiers_in_parentheses()
    if reader.accept_any("predicate", "all"):
        reader.expect("columns")
    reader.finish()
    return Maintain(text=reader.text, offset=reader.offset, verb="ANALYZE", names=names)


def _compression(reader: TokenReader) -> AnalyzeCompression:
    if reader.at_end:
        reader.refuse("ANALYZE COMPRESSION of a whole database", hint="Name a table.")
    name = reader.name()
    columns = tuple(reader.identifiers_in_parentheses()) if reader.sees("(") else ()
    rows = reader.integer("a number of rows") if reader.accept("comprows") else None
    if rows is not None and not 1000 <= rows <= 1_000_000_000:
        reader.fail(hint="COMPROWS takes 1000 to 1000000000.")
    reader.finish()
    return AnalyzeCompression(text=reader.text, offset=reader.offset, name=name, columns=columns, rows=rows)
