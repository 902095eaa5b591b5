"""SET SESSION AUTHORIZATION and ALTER SCHEMA … OWNER TO: handlers, and what they need.

Source: Redshift Developer Guide, the pages of those names.
"""

from __future__ import annotations

from collections.abc import Iterable

from boathouse.contracts.answers import Done
from boathouse.contracts.errors import InsufficientPrivilege, UndefinedObject, UndefinedSchema
from boathouse.contracts.house import House
from boathouse.contracts.needs import OWNER, Declared, GivesTo, Need
from boathouse.contracts.session import Session
from boathouse.guard.users import find_user, find_user_by_id
from boathouse.sql.statements import AlterSchema, SetAuthorization


def set_authorization(house: House, session: Session, statement: SetAuthorization) -> Done:
    """SET and RESET SESSION AUTHORIZATION: whoever logged in as a superuser becomes anybody, others only themselves."""
    if session.identity.is_acting:
        # Whoever logged in as a superuser must not lend more than the owner's rights to the owner's text.
        raise InsufficientPrivilege("cannot set session authorization within a SECURITY DEFINER procedure")
    login = find_user_by_id(session.engine, session.identity.login.id)
    if login is None:
        raise UndefinedObject(f'user "{session.identity.login.name}" does not exist')
    user = login if statement.user is None else find_user(session.engine, statement.user)
    if user is None:
        raise UndefinedObject(f'user "{statement.user}" does not exist')
    if not login.superuser and user.id != login.id:
        raise InsufficientPrivilege("permission denied to set session authorization")
    session.identity.authorize(user, local=statement.local)
    return Done("SET" if statement.text[:3].lower() == "set" else "RESET")


def need_alter_schema(session: Session, statement: AlterSchema) -> Iterable[Declared]:
    """The owner's."""
    if not session.catalog.has_schema(statement.name):
        return []
    return [Need(OWNER, "schema", statement.name), GivesTo("schema", statement.name, "", statement.owner)]


def alter_schema(house: House, session: Session, statement: AlterSchema) -> Done:
    """ALTER SCHEMA … OWNER TO; the gate notes the new owner."""
    if not session.catalog.has_schema(statement.name):
        raise UndefinedSchema(f'schema "{statement.name}" does not exist')
    session.catalog_changed(())
    return Done("ALTER SCHEMA")
