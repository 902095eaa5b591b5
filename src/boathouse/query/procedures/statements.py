"""Handlers of CREATE, DROP, ALTER and SHOW PROCEDURE.

Source: Redshift Developer Guide, "CREATE PROCEDURE", "DROP PROCEDURE", "ALTER PROCEDURE", "SHOW PROCEDURE".
"""

from __future__ import annotations

from typing import cast

from boathouse.contracts.answers import Answer, Done, Field, Notice
from boathouse.contracts.errors import (
    BoathouseError,
    DuplicateObject,
    UndefinedFunction,
    UndefinedSchema,
)
from boathouse.contracts.house import House
from boathouse.contracts.session import Session
from boathouse.contracts.types import VARCHAR
from boathouse.query.control import text_rows
from boathouse.query.procedures import catalog
from boathouse.query.procedures.catalog import Procedure
from boathouse.query.session import QuerySession
from boathouse.sql import statements as s
from boathouse.sql.plpgsql.parser import parse_body
from boathouse.sql.token_reader import shifted

SHOWN = (Field("Stored Procedure Definition", VARCHAR),)


def create(house: House, session: Session, statement: s.CreateProcedure) -> Answer:
    """CREATE [OR REPLACE] PROCEDURE."""
    mine = cast(QuerySession, session)
    try:
        parse_body(statement.body)  # its own grammar; its SQL is read when it runs
    except BoathouseError as failure:
        raise shifted(failure, statement.body_start) from None
    schema = catalog.schema_of(mine, statement.name)
    if not mine.catalog.has_schema(schema):
        raise UndefinedSchema(f'schema "{schema}" does not exist')
    for name, _ in statement.settings:
        mine.setting(name)  # unknown ones are refused now
    made = Procedure(
        0,
        schema,
        statement.name.name,
        statement.arguments,
        statement.body,
        statement.nonatomic,
        statement.definer,
        statement.settings,
    )
    same = [one for one in catalog.named(mine, s.QualifiedName(made.name, schema)) if one.signature == made.signature]
    if same and not statement.or_replace:
        raise DuplicateObject(f'procedure "{made.name}" already exists with same argument types', sqlstate="42723")
    for one in same:
        if [(a.type_name, a.mode) for a in one.outputs] != [(a.type_name, a.mode) for a in made.outputs]:
            raise DuplicateObject(
                "cannot change the output arguments of an existing procedure",
                hint=f"Use DROP PROCEDURE {one.signature} first.",
                sqlstate="42P13",
            )
        catalog.remove(mine, one)
    catalog.store(mine, made)
    return Done("CREATE PROCEDURE")


def drop(house: House, session: Session, statement: s.DropProcedure) -> Answer:
    """DROP PROCEDURE."""
    mine = cast(QuerySession, session)
    try:
        found = catalog.exact(mine, statement.name, statement.types)
    except UndefinedFunction:
        if not statement.if_exists:
            raise
        mine.notify(Notice("NOTICE", f'procedure "{statement.name}" does not exist, skipping'))
        return Done("DROP PROCEDURE")
    catalog.remove(mine, found)
    return Done("DROP PROCEDURE")


def alter(house: House, session: Session, statement: s.AlterProcedure) -> Answer:
    """ALTER PROCEDURE … RENAME TO | OWNER TO; the gate notes the new owner."""
    mine = cast(QuerySession, session)
    found = catalog.exact(mine, statement.name, statement.types)
    if statement.new_name is not None:
        there = catalog.named(mine, s.QualifiedName(statement.new_name, found.schema))
        if any(catalog.signature_of(one.arguments) == catalog.signature_of(found.arguments) for one in there):
            raise DuplicateObject(
                f'procedure "{statement.new_name}" already exists with same argument types', sqlstate="42723"
            )
        catalog.rename(mine, found, statement.new_name)
        mine.catalog_changed()
    return Done("ALTER PROCEDURE")


def show(house: House, session: Session, statement: s.ShowProcedure) -> Answer:
    """SHOW PROCEDURE: the statement that would make it again."""
    mine = cast(QuerySession, session)
    found = catalog.exact(mine, statement.name, statement.types)
    arguments = ", ".join(
        " ".join(part for part in (one.name, one.mode if one.mode != "IN" else "", _type(one)) if part)
        for one in found.arguments
    )
    quote = "$$" if "$$" not in found.body else "$_$"
    lines = [f"CREATE OR REPLACE PROCEDURE {found.schema}.{found.name}({arguments})"]
    if found.nonatomic:
        lines.append("NONATOMIC")
    if found.definer:
        lines.append("SECURITY DEFINER")
    lines += ["LANGUAGE plpgsql", *(f"SET {name} TO {value}" for name, value in found.settings)]
    text = "\n".join(lines) + f"\nAS {quote}{found.body}{quote}\n"
    return text_rows(("Stored Procedure Definition",), [(text,)], "SHOW")


def _type(argument: s.Argument) -> str:
    return "refcursor" if argument.refcursor else str(argument.type)
