"""Handlers of CREATE, ALTER and DROP FUNCTION: scalar functions in SQL, whose calls the binder replaces by their bodies,
and in Python, which `query.python` runs.

Rows of `boathouse.functions` are what the session's catalog reads; `arguments` and `search_path` are JSON lists of text.
Source: Redshift Developer Guide, "CREATE FUNCTION", "ALTER FUNCTION", "DROP FUNCTION", "Creating a scalar SQL UDF".
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import cast

from sqlglot import exp

from boathouse.contracts.answers import Answer, Done
from boathouse.contracts.errors import (
    BoathouseError,
    DependentObjects,
    DuplicateObject,
    FeatureNotSupported,
    InvalidTableDefinition,
    SqlSyntaxError,
    UndefinedFunction,
    UndefinedSchema,
)
from boathouse.contracts.house import House
from boathouse.contracts.relations import SqlFunction
from boathouse.contracts.session import Session
from boathouse.contracts.types import SqlType
from boathouse.query import plans
from boathouse.query.procedures.catalog import schema_of
from boathouse.query.session import QuerySession
from boathouse.query.state.view_notes import view_notes
from boathouse.sql import statements as s
from boathouse.sql.parse import parse_statement
from boathouse.sql.redshift.functions import FUNCTIONS
from boathouse.sql.token_reader import shifted
from boathouse.sql.variables import names_of

TABLES = (
    "CREATE TABLE IF NOT EXISTS boathouse.functions (prooid BIGINT NOT NULL, schema_name VARCHAR NOT NULL, "
    "name VARCHAR NOT NULL, signature VARCHAR NOT NULL, arguments VARCHAR NOT NULL, returns VARCHAR NOT NULL, "
    "volatility VARCHAR NOT NULL, body VARCHAR NOT NULL, search_path VARCHAR NOT NULL)",
    "ALTER TABLE boathouse.functions ADD COLUMN IF NOT EXISTS language VARCHAR DEFAULT 'sql'",
    "ALTER TABLE boathouse.functions ADD COLUMN IF NOT EXISTS argument_names VARCHAR DEFAULT '[]'",
    "ALTER TABLE boathouse.functions DROP COLUMN IF EXISTS owner",  # who owns what is kept with the privileges
)
_CLAUSES = ("from_", "where", "group", "having", "order", "limit", "distinct", "with_", "qualify", "joins", "into")


def create(house: House, session: Session, statement: s.CreateFunction) -> Answer:
    """CREATE [OR REPLACE] FUNCTION; the body is bound, or compiled, so that a wrong one is refused now."""
    mine = cast(QuerySession, session)
    name = statement.name
    schema = schema_of(mine, name)
    if not mine.catalog.has_schema(schema):
        raise UndefinedSchema(f'schema "{schema}" does not exist')
    if name.name in FUNCTIONS:
        raise DuplicateObject(
            f'function "{name.name}" is built in', hint="Redshift keeps names that begin with f_ free for functions.",
            sqlstate="42723",
        )  # fmt: skip
    try:
        _check(mine, statement)
    except BoathouseError as failure:
        raise shifted(failure, statement.body_start) from None
    place = (schema, name.name, _signature(statement.arguments))
    there = mine.engine.fetch(
        "SELECT returns FROM boathouse.functions WHERE schema_name = $1 AND name = $2 AND signature = $3", place
    )
    if there and not statement.or_replace:
        raise DuplicateObject(f'function "{name.name}" already exists with same argument types', sqlstate="42723")
    if there and there[0][0] != str(statement.returns):
        raise InvalidTableDefinition(
            "cannot change return type of existing function", hint="Use DROP FUNCTION first.", sqlstate="42P13"
        )
    _remove(mine, place)
    mine.engine.execute(
        "INSERT INTO boathouse.functions SELECT memory.rs.next_number('boathouse.routine_oids'), $1, $2, $3, $4, $5, $6, $7, $8, "
        "$9, $10",
        (
            *place, json.dumps([str(one) for one in statement.arguments]), str(statement.returns), statement.volatility,
            statement.body, json.dumps(mine.search_path()), statement.language, json.dumps(statement.names),
        ),
    )  # fmt: skip
    mine.catalog_changed()
    return Done("CREATE FUNCTION")


def _check(session: QuerySession, statement: s.CreateFunction) -> None:
    if statement.language == "plpythonu":
        found = SqlFunction(
            "", statement.name.name, statement.arguments, statement.returns, statement.body, (),
            language="plpythonu", names=statement.names,
        )  # fmt: skip
        session.python.check_body(session.user_id, found)
        return
    query = parse_statement(statement.body)
    tree = query.tree if isinstance(query, s.Relational) else None
    if not isinstance(query, s.Relational) or not isinstance(tree, exp.Select) or len(tree.expressions) != 1:
        raise SqlSyntaxError("the body of a function is one SELECT of one expression", position=1)
    if any(tree.args.get(clause) for clause in _CLAUSES):
        raise SqlSyntaxError("the SELECT of a function takes no FROM and no other clause", position=1)
    if query.parameters > len(statement.arguments):
        raise SqlSyntaxError(f"there is no parameter ${query.parameters}", sqlstate="42P02")
    types = {(f"${place}",): of for place, of in enumerate(statement.arguments, start=1)}
    plans.make(session, query, (), None, names_of(tuple(types.items())), (statement.returns,))


def drop(house: House, session: Session, statement: s.DropFunction) -> Answer:
    """DROP FUNCTION."""
    mine = cast(QuerySession, session)
    found = exact(mine, statement.name, statement.types)
    _refuse_dependents(mine, found, "drop", cascade=statement.cascade)
    _remove(mine, (found.schema, found.name, _signature(found.arguments)))
    mine.catalog_changed()
    return Done("DROP FUNCTION")


def alter(house: House, session: Session, statement: s.AlterFunction) -> Answer:
    """ALTER FUNCTION … RENAME TO | OWNER TO; the gate notes the new owner."""
    mine = cast(QuerySession, session)
    found = exact(mine, statement.name, statement.types)
    if statement.new_name is not None:
        there = mine.catalog.functions(found.schema, statement.new_name)
        if any(one.arguments == found.arguments for one in there) or statement.new_name in FUNCTIONS:
            raise DuplicateObject(
                f'function "{statement.new_name}" already exists with same argument types', sqlstate="42723"
            )
        _refuse_dependents(mine, found, "rename")
        mine.engine.execute(
            "UPDATE boathouse.functions SET name = $1 WHERE schema_name = $2 AND name = $3 AND signature = $4",
            (statement.new_name, found.schema, found.name, _signature(found.arguments)),
        )
        mine.catalog_changed()
    return Done("ALTER FUNCTION")


def _refuse_dependents(session: QuerySession, function: SqlFunction, verb: str, *, cascade: bool = False) -> None:
    """Views are texts that name the functions they call: those stay while the views do."""
    wanted = [function.schema, function.signature]
    notes = view_notes(session)
    views = [
        view for view, note in notes.items() if wanted in note.get("functions", ()) and not note.get("late_binding")
    ]
    if not views:
        return
    if cascade:
        raise FeatureNotSupported("DROP FUNCTION ... CASCADE with views is not supported", hint="Drop the views first.")
    raise DependentObjects(
        f"cannot {verb} function {function.signature} because other objects depend on it",
        detail="\n".join(f"view {name} depends on function {function.signature}" for _, name in views),
        hint="Drop the views first.",
    )


def exact(session: QuerySession, name: s.QualifiedName, types: Sequence[str]) -> SqlFunction:
    """The function that DROP or ALTER names.

    Raises:
        UndefinedFunction: there is none.
    """
    for one in session.catalog.functions(name.schema, name.name):
        if [of.name for of in one.arguments] == list(types):
            return one
    raise UndefinedFunction(f"function {name}({', '.join(types)}) does not exist")


def _signature(types: tuple[SqlType, ...]) -> str:
    return ",".join(of.name for of in types)


def _remove(session: QuerySession, place: tuple[str, str, str]) -> None:
    session.engine.execute(
        "DELETE FROM boathouse.functions WHERE schema_name = $1 AND name = $2 AND signature = $3", place
    )
