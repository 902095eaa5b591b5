"""Where procedures are kept, and which one a CALL means.

A procedure is a row of `boathouse.procedures`, written and read inside the transaction at hand: like a table, it is
there for others when the transaction that made it commits. Several may share a name; their input types differ.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from boathouse.contracts.errors import InputError, InternalError, UndefinedFunction
from boathouse.contracts.types import SqlType
from boathouse.contracts.users import User
from boathouse.query.session import QuerySession
from boathouse.sql.bind.types.overloads import fit
from boathouse.sql.redshift.types import parse_type
from boathouse.sql.statements import Argument, QualifiedName

TABLES = (
    "CREATE SEQUENCE IF NOT EXISTS boathouse.routine_oids START 110000",
    "CREATE TABLE IF NOT EXISTS boathouse.procedures (prooid BIGINT NOT NULL, schema_name VARCHAR NOT NULL, "
    "name VARCHAR NOT NULL, signature VARCHAR NOT NULL, arguments VARCHAR NOT NULL, body VARCHAR NOT NULL, "
    "nonatomic BOOLEAN NOT NULL, definer BOOLEAN NOT NULL, settings VARCHAR NOT NULL)",
    "ALTER TABLE boathouse.procedures DROP COLUMN IF EXISTS owner",  # who owns what is kept with the privileges
)

_COLUMNS = "prooid, schema_name, name, arguments, body, nonatomic, definer, settings"


@dataclass(frozen=True, slots=True)
class Procedure:
    """A procedure as stored; `settings` are those of SET, (name, value) each."""

    oid: int
    schema: str
    name: str
    arguments: tuple[Argument, ...]
    body: str
    nonatomic: bool
    definer: bool
    settings: tuple[tuple[str, str], ...]

    @property
    def inputs(self) -> tuple[Argument, ...]:
        """What a CALL gives."""
        return tuple(one for one in self.arguments if one.mode != "OUT")

    @property
    def outputs(self) -> tuple[Argument, ...]:
        """What a CALL answers."""
        return tuple(one for one in self.arguments if one.mode != "IN")

    @property
    def signature(self) -> str:
        """`name(type, type)`, the input types without lengths."""
        return f"{self.name}({signature_of(self.arguments).replace(',', ', ')})"


def signature_of(arguments: Sequence[Argument]) -> str:
    """The input types, comma-separated: what tells procedures of one name apart."""
    return ",".join(one.type_name for one in arguments if one.mode != "OUT")


def store(session: QuerySession, procedure: Procedure) -> None:
    """Write a procedure."""
    session.engine.execute(
        "INSERT INTO boathouse.procedures SELECT memory.rs.next_number('boathouse.routine_oids'), $1, $2, $3, $4, $5, $6, $7, $8",
        (
            procedure.schema, procedure.name, signature_of(procedure.arguments), _written(procedure.arguments),
            procedure.body, procedure.nonatomic, procedure.definer, json.dumps(procedure.settings),
        ),
    )  # fmt: skip


def _written(arguments: tuple[Argument, ...]) -> str:
    return json.dumps([[one.name, str(one.type), one.mode, one.refcursor] for one in arguments])


def remove(session: QuerySession, procedure: Procedure) -> None:
    """Forget a procedure."""
    session.engine.execute("DELETE FROM boathouse.procedures WHERE prooid = $1", (procedure.oid,))


def rename(session: QuerySession, procedure: Procedure, name: str) -> None:
    """Give a procedure another name."""
    session.engine.execute("UPDATE boathouse.procedures SET name = $1 WHERE prooid = $2", (name, procedure.oid))


def owner(session: QuerySession, procedure: Procedure) -> User:
    """Whose a procedure is."""
    rows = session.engine.fetch(
        "SELECT name, superuser, usesysid FROM boathouse.users "
        "WHERE usesysid = memory.rs.owner_id('procedure', $1, $2)",
        (procedure.schema, procedure.signature),
    )
    if not rows:
        raise InternalError(f"procedure {procedure.signature} has no owner")
    name, superuser, number = rows[0]
    return User(str(name), None, bool(superuser), int(str(number)))


def in_schema(session: QuerySession, schema: str) -> list[str]:
    """The procedures and functions of a schema: `procedure name(type, type)` each."""
    rows = session.engine.fetch(
        "SELECT 'procedure', name, signature FROM boathouse.procedures WHERE schema_name = $1 "
        "UNION ALL SELECT 'function', name, signature FROM boathouse.functions WHERE schema_name = $1",
        (schema,),
    )
    return [f"{kind} {name}({str(signature).replace(',', ', ')})" for kind, name, signature in rows]


def remove_schema(session: QuerySession, schema: str) -> None:
    """Forget the procedures and functions of a schema."""
    for table in ("procedures", "functions"):
        session.engine.execute(f"DELETE FROM boathouse.{table} WHERE schema_name = $1", (schema,))


def schema_of(session: QuerySession, name: QualifiedName) -> str:
    """The schema in which a new procedure goes."""
    if name.schema is not None:
        return name.schema
    return next((one for one in session.search_path() if session.catalog.has_schema(one)), "public")


def named(session: QuerySession, name: QualifiedName) -> list[Procedure]:
    """All procedures of that name, those of earlier schemas of the search path first."""
    schemas = [name.schema] if name.schema is not None else session.search_path()
    rows = session.engine.fetch(f"SELECT {_COLUMNS} FROM boathouse.procedures WHERE name = $1", (name.name,))
    found = [_read(row) for row in rows]
    return sorted((one for one in found if one.schema in schemas), key=lambda one: (schemas.index(one.schema), one.oid))


def _read(row: tuple[object, ...]) -> Procedure:
    oid, schema, name, arguments, body, nonatomic, definer, settings = row
    return Procedure(
        int(str(oid)),
        str(schema),
        str(name),
        tuple(
            Argument(one, parse_type(of), mode, refcursor) for one, of, mode, refcursor in json.loads(str(arguments))
        ),
        str(body),
        bool(nonatomic),
        bool(definer),
        tuple((key, value) for key, value in json.loads(str(settings))),
    )


def exact(session: QuerySession, name: QualifiedName, types: Sequence[str] | None) -> Procedure:
    """The procedure that DROP, ALTER or SHOW names.

    Raises:
        UndefinedFunction: there is none. InputError: 42725, several, and no types are given.
    """
    found = named(session, name)
    if types is not None:
        found = [one for one in found if [argument.type_name for argument in one.inputs] == list(types)]
    if not found:
        shown = f"{name}({', '.join(types)})" if types is not None else str(name)
        raise UndefinedFunction(f"procedure {shown} does not exist")
    if types is None and len({one.signature for one in found}) > 1:
        raise InputError(
            f'procedure name "{name}" is not unique', hint="Name its argument types too.", sqlstate="42725"
        )
    return found[0]


def called(session: QuerySession, name: QualifiedName, types: Sequence[SqlType]) -> Procedure:
    """The procedure that a CALL with values of these types means; UNKNOWN for open literals.

    Raises:
        UndefinedFunction: none takes them. InputError: 42725, several do, equally well.
    """
    scored = [(score, one) for one in named(session, name) if (score := _fit(one, types)) is not None]
    if not scored:
        shown = ", ".join(of.name for of in types)
        raise UndefinedFunction(
            f"procedure {name}({shown}) does not exist",
            hint="No procedure matches the given name and argument types. You may need to add explicit type casts.",
        )
    best = max(score for score, _ in scored)
    chosen = [one for score, one in scored if score == best]
    others = [one for one in chosen if one.schema == chosen[0].schema]
    if len(others) > 1:
        raise InputError(
            f"procedure {name}({', '.join(of.name for of in types)}) is not unique",
            hint="Could not choose a best candidate procedure. You may need to add explicit type casts.",
            sqlstate="42725",
        )
    return chosen[0]


def _fit(procedure: Procedure, types: Sequence[SqlType]) -> float | None:
    """How well values fit the inputs or, PostgreSQL's way, all arguments."""
    found = fit(types, [one.type for one in procedure.inputs])
    return found if found is not None else fit(types, [one.type for one in procedure.arguments])
