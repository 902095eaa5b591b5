"""DECLARE: the variables, cursors and aliases of a block.

Source: Redshift Developer Guide, "Structure of PL/pgSQL": variable declaration, alias declaration, record types.
"""

from __future__ import annotations

from boathouse.contracts.errors import SqlSyntaxError
from boathouse.contracts.types import SqlType
from boathouse.sql.plpgsql.nodes import AliasFor, Declared, Sql, TypeOf
from boathouse.sql.plpgsql.reading import BodyReader
from boathouse.sql.redshift.types import read_type

VARIABLES_MAX = 1024


def read_declarations(reader: BodyReader) -> tuple[Declared | AliasFor, ...]:
    """What stands between DECLARE and BEGIN; DECLARE may be repeated."""
    found: list[Declared | AliasFor] = []
    while not reader.sees("begin"):
        if reader.accept("declare"):
            continue
        place = reader.token
        one = _declaration(reader)
        if any(one.name == other.name for other in found):
            raise SqlSyntaxError(f'duplicate declaration at or near "{one.name}"', position=place.start + 1)
        found.append(one)
        if len(found) > VARIABLES_MAX:
            raise SqlSyntaxError(f"more than {VARIABLES_MAX} variables", position=place.start + 1, sqlstate="54000")
    return tuple(found)


def _declaration(reader: BodyReader) -> Declared | AliasFor:
    line = reader.line
    name = reader.identifier("a variable's name")
    if reader.accept("alias"):
        reader.expect("for")
        target = reader.next().value if reader.token.kind == "parameter" else reader.identifier("a variable or $n")
        reader.expect(";")
        return AliasFor(line, name, target)
    scroll = reader.accept("no", "scroll")
    if reader.sees("scroll"):
        reader.refuse("SCROLL CURSOR")
    if scroll or reader.sees("cursor"):
        return _cursor(reader, line, name)
    constant = reader.accept("constant")
    kind = read_type_of(reader)
    not_null = reader.accept("not", "null")
    default: Sql | None = None
    if reader.accept_any("default", ":=", "="):
        default = reader.sql_until(";")
    if not_null and default is None:
        raise SqlSyntaxError(
            f'variable "{name}" must have a default value, since it is declared NOT NULL',
            position=reader.token.start + 1,
            sqlstate="22004",
        )
    reader.expect(";")
    return Declared(line, name, kind, constant, not_null, default)


def _cursor(reader: BodyReader, line: int, name: str) -> Declared:
    reader.expect("cursor")
    arguments: list[tuple[str, SqlType]] = []
    if reader.accept("("):
        while True:
            argument = reader.identifier("an argument's name")
            arguments.append((argument, read_type(reader)))
            if not reader.accept(","):
                break
        reader.expect(")")
    reader.expect_any("for", "is")
    query = reader.sql_until(";", what="a query")
    reader.expect(";")
    return Declared(line, name, TypeOf("refcursor"), query=query, arguments=tuple(arguments))


def read_type_of(reader: BodyReader) -> TypeOf:
    """A type, name%TYPE, name%ROWTYPE, RECORD or refcursor."""
    if reader.accept("record"):
        return TypeOf("record")
    if reader.accept("refcursor"):
        return TypeOf("refcursor")
    mark = reader.mark()
    if reader.token.kind in ("word", "quoted"):
        path = reader.variable()
        if reader.accept("%"):
            word = reader.expect_any("type", "rowtype")
            return TypeOf("column" if word == "type" else "row", path=path)
    reader.back(mark)
    return TypeOf("plain", read_type(reader))
