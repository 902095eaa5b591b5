"""What statements of procedures and functions need their user to be allowed; see `contracts.needs`.

Which procedure a CALL means is known only once its values are, so whoever runs one asks here then, for nested calls as
well; calls of functions are found by the binder. Beside that, as whom a procedure runs.
Source: Redshift Developer Guide, "Security and privileges for stored procedures", "UDF security and permissions".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, cast

from boathouse.contracts.errors import InputError
from boathouse.contracts.needs import OWNER, Declared, Drops, GivesTo, Makes, Need, Needs, ObjectKind, Renames, anybody
from boathouse.contracts.relations import SqlFunction
from boathouse.contracts.session import Session
from boathouse.query.procedures import catalog, functions
from boathouse.query.procedures.catalog import Procedure
from boathouse.query.session import QuerySession
from boathouse.sql import statements as s


def _create(session: Session, statement: s.CreateProcedure | s.CreateFunction) -> Iterable[Declared]:
    """CREATE on the schema and USAGE of the language; what exists is replaced by its owner."""
    mine = cast(QuerySession, session)
    kind: ObjectKind = "procedure" if isinstance(statement, s.CreateProcedure) else "function"
    schema = catalog.schema_of(mine, statement.name)
    if not session.catalog.has_schema(schema):
        return []
    if isinstance(statement, s.CreateProcedure):
        types = [one.type_name for one in statement.arguments if one.mode != "OUT"]
    else:
        types = [one.name for one in statement.arguments]
    place = s.QualifiedName(statement.name.name, schema)
    name = f"{statement.name.name}({', '.join(types)})"
    permission = f"CREATE OR REPLACE {kind.upper()}"
    if statement.or_replace and _routine(mine, kind, place, types) is not None:
        needs: list[Declared] = _owner(kind, schema, name, permission)
    else:
        needs = [Need("CREATE", "schema", schema, or_system=permission)]
    language = statement.language if isinstance(statement, s.CreateFunction) else "plpgsql"
    return [Need("USAGE", "language", language), *needs, Makes(kind, name, schema)]


def _owner(kind: ObjectKind, schema: str, name: str, permission: str | None = None) -> list[Declared]:
    return [
        Need("USAGE", "schema", schema, or_system=permission),
        Need(OWNER, kind, name, schema, or_system=permission),
    ]


def _routine(
    session: QuerySession, kind: ObjectKind, name: s.QualifiedName, types: Iterable[str] | None
) -> Procedure | SqlFunction | None:
    """What a statement names; None where its handler will say that there is none, or several."""
    given = None if types is None else tuple(types)
    try:
        if kind == "procedure":
            return catalog.exact(session, name, given)
        return functions.exact(session, name, given or ())
    except InputError:
        return None


def _drop(session: Session, statement: s.DropProcedure | s.DropFunction) -> Iterable[Declared]:
    kind: ObjectKind = "procedure" if isinstance(statement, s.DropProcedure) else "function"
    found = _routine(cast(QuerySession, session), kind, statement.name, statement.types)
    if found is None:
        return []
    name = found.signature
    return [*_owner(kind, found.schema, name, f"DROP {kind.upper()}"), Drops(kind, name, found.schema)]


def _alter(session: Session, statement: s.AlterProcedure | s.AlterFunction) -> Iterable[Declared]:
    kind: ObjectKind = "procedure" if isinstance(statement, s.AlterProcedure) else "function"
    found = _routine(cast(QuerySession, session), kind, statement.name, statement.types)
    if found is None:
        return []
    needs = _owner(kind, found.schema, found.signature)
    if statement.new_name is not None:
        renamed = statement.new_name + found.signature[len(found.name) :]
        return [*needs, Renames(kind, found.signature, found.schema, renamed)]
    meant = {"current_user": session.user, "session_user": session.identity.session_user.name}
    owner = meant.get(statement.owner or "", statement.owner or "")
    return [*needs, GivesTo(kind, found.signature, found.schema, owner)]


def _show(session: Session, statement: s.ShowProcedure) -> Iterable[Declared]:
    found = _routine(cast(QuerySession, session), "procedure", statement.name, statement.types)
    return [] if found is None else _execute(found.schema, found.signature, "ACCESS CATALOG")


def _execute(schema: str, name: str, permission: str | None = None) -> list[Declared]:
    return [
        Need("USAGE", "schema", schema, or_system=permission),
        Need("EXECUTE", "procedure", name, schema, or_system=permission),
    ]


def require_execute(session: QuerySession, statement: s.Statement, procedure: Procedure) -> None:
    """Let a CALL of this procedure pass.

    Raises:
        InsufficientPrivilege.
    """
    needs = _execute(procedure.schema, procedure.signature)
    session.service.claims.gate.admit(session, statement, needs)


@contextmanager
def acting(session: QuerySession, procedure: Procedure) -> Iterator[None]:
    """Whose rights bind a procedure while it runs: its caller's, or with SECURITY DEFINER its owner's."""
    if not procedure.definer:
        yield
        return
    with session.identity.acting(catalog.owner(session, procedure)):
        yield


NEEDS: Mapping[type[Any], Needs] = {
    **dict.fromkeys((s.CreateProcedure, s.CreateFunction), _create),
    **dict.fromkeys((s.DropProcedure, s.DropFunction), _drop),
    **dict.fromkeys((s.AlterProcedure, s.AlterFunction), _alter),
    s.ShowProcedure: _show,
    s.Call: anybody,  # see the module
}
