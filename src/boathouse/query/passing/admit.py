"""Who may send what to a database behind this house: what a `PassOn` needs, and its handler.

A superuser, and whoever has CREATE on the database (GRANT ALL ON DATABASE), may send everything that the account of the
house may do there, whether or not it can be read here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from boathouse.contracts.answers import Answer, Passed
from boathouse.contracts.house import House
from boathouse.contracts.needs import Declared, Need
from boathouse.contracts.session import Session
from boathouse.sql.statements import PassOn

if TYPE_CHECKING:
    from boathouse.query.session import QuerySession


def require_way_in(session: QuerySession, database: str, parameters: Mapping[str, str]) -> None:
    """Raise InsufficientPrivilege where the user may not open a session there."""
    session.service.claims.gate.admit(
        session, PassOn(text="", database=database, verb="", kind="utility"), [_whole(database)]
    )


def needs(session: Session, statement: PassOn) -> Iterable[Declared]:
    """The whole database."""
    return [_whole(statement.database)]


def pass_on(house: House, session: Session, statement: PassOn) -> Answer:
    """It may go there; what comes of it is followed by the passage."""
    return Passed()


def _whole(database: str) -> Need:
    return Need("CREATE", "database", database)
