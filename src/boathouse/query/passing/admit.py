"""Who may send what to a database behind this house: what a `PassOn` needs, and its handler.

A superuser, and whoever has CREATE on the database (GRANT ALL ON DATABASE), may send everything that the house's account
may do there, whether or not it can be read here. Others need USAGE on the database and a privilege on each table that the
text names: it is read in full, or refused. That a name means over there what it means here is seen to at start: the
session's search path is `public`, and nothing that could change it passes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, cast

from boathouse.contracts.answers import Answer, Passed
from boathouse.contracts.errors import InsufficientPrivilege
from boathouse.contracts.house import House
from boathouse.contracts.needs import Declared, Need, upstream_table
from boathouse.contracts.session import Session
from boathouse.sql.passing.inspect import inspect
from boathouse.sql.passing.known import SETTINGS
from boathouse.sql.statements import PassOn

if TYPE_CHECKING:
    from boathouse.query.passing.session import PassingSession
    from boathouse.query.session import QuerySession

_FOR_ALL = "GRANT ALL ON DATABASE lets a user send everything."


def way_in(session: QuerySession, database: str, parameters: Mapping[str, str]) -> Mapping[str, str]:
    """The start-up parameters with which the user may open a session there.

    Raises:
        InsufficientPrivilege: it may not, or not with these.
    """
    if _holds(session, _whole(database)):
        return parameters
    nothing = PassOn(text="", database=database, verb="UTILITY", kind="utility")
    session.service.claims.gate.admit(session, nothing, [Need("USAGE", "database", database)])
    for name, value in parameters.items():
        is_utf8 = value.lower().strip("'").replace("-", "") in ("utf8", "unicode", "auto")
        if name.lower() not in SETTINGS or (name.lower() == "client_encoding" and not is_utf8):
            raise InsufficientPrivilege(
                f'permission denied to start with {name} = {value} in database "{database}"', hint=_FOR_ALL
            )
    return {**parameters, "client_encoding": "UTF8", "search_path": "public", "standard_conforming_strings": "on"}


def needs(session: Session, statement: PassOn) -> Iterable[Declared]:
    """The whole database, or its tables."""
    passing = cast("PassingSession", session)
    if _holds(passing, _whole(statement.database)):
        passing.is_unread = True
        return ()
    if passing.is_unread:
        raise InsufficientPrivilege(
            f'permission denied for database "{statement.database}"',
            hint="Your privileges have changed: connect again.",
        )
    found = inspect(statement.text)
    if found.problem is not None or not statement.is_text:
        raise InsufficientPrivilege(
            f'permission denied for database "{statement.database}": {found.problem or "it is no text in UTF-8"}',
            hint=_FOR_ALL,
        )
    tables = sorted(found.needed, key=lambda one: (one.schema, one.name, one.privilege))
    return [
        Need("USAGE", "database", statement.database),
        *(upstream_table(one.privilege, statement.database, one.schema, one.name) for one in tables),
    ]


def pass_on(house: House, session: Session, statement: PassOn) -> Answer:
    """It may go there; what comes of it is followed by the passage."""
    return Passed()


def _whole(database: str) -> Need:
    return Need("CREATE", "database", database)


def _holds(session: QuerySession, need: Need) -> bool:
    nothing = PassOn(text="", database=need.name, verb="UTILITY", kind="utility")
    try:
        session.service.claims.gate.admit(session, nothing, [need])
    except InsufficientPrivilege:
        return False
    return True
