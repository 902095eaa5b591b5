"""Names of other databases in statements that rooms run: what may be said of them there.

Asked for each such statement, so that no handler takes `other.public.t` for the table of the same schema and
name in this house.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields

from boathouse.contracts.errors import FeatureNotSupported
from boathouse.contracts.session import Session
from boathouse.sql import statements as s
from boathouse.sql.bind.names import read_only

_LOOKED_UP = (s.GrantPrivileges, s.ShowColumns, s.ShowGrants)
"""Statements whose handlers know such names."""


def refuse_elsewhere(session: Session, statement: s.Statement) -> None:
    """Refuse names of relations in another database.

    Raises:
        FeatureNotSupported: in a name over what an integration captures nothing is changed; others cannot be reached.
    """
    if isinstance(statement, _LOOKED_UP):
        return
    for name in _names(statement):
        if name.database is None or name.database == session.database:
            continue
        if session.catalog.has_database(name.database):
            raise read_only(name.database, str(name))
        raise FeatureNotSupported(f"cross-database references are not implemented: {name}")


def _names(statement: s.Statement) -> Iterator[s.QualifiedName]:
    waiting: list[object] = [getattr(statement, one.name) for one in fields(statement)]
    while waiting:
        one = waiting.pop()
        if isinstance(one, s.QualifiedName):
            yield one
        elif isinstance(one, tuple):
            waiting += one
