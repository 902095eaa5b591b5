"""CREATE SNAPSHOT and DROP SNAPSHOT.

Neither runs inside a block: what they do to files is settled when their own transaction has ended.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

from boathouse.contracts.answers import Answer, Done, Notice
from boathouse.contracts.errors import ActiveTransaction, DuplicateObject, UndefinedObject
from boathouse.contracts.house import House
from boathouse.contracts.needs import SUPERUSER, Declared, Need, Needs
from boathouse.contracts.session import Session
from boathouse.query.past import noted
from boathouse.query.session import QuerySession
from boathouse.sql import statements as s


def _superuser(session: Session, statement: Any) -> Iterable[Declared]:
    """A snapshot has everybody's rows."""
    return [Need(SUPERUSER, "system")]


NEEDS: dict[type[Any], Needs] = {s.CreateSnapshot: _superuser, s.DropSnapshot: _superuser}


def create(house: House, session: Session, statement: s.CreateSnapshot) -> Answer:
    """CREATE SNAPSHOT."""
    session.require_no_block("CREATE SNAPSHOT")
    if cast(QuerySession, session).transaction.had_written:
        raise ActiveTransaction(
            "CREATE SNAPSHOT cannot follow changes in one string: it has what is committed", hint="Send it by itself."
        )
    if noted.find(session.engine, statement.name) is not None:
        raise DuplicateObject(f'snapshot "{statement.name}" already exists')
    days = statement.retention_days
    if days is None:
        days = house.settings["storage"].manual_snapshot_retention_days
    kept = noted.keep(house, session.engine, statement.name, "manual", days, session.user, session.check_cancelled)
    session.at_end(lambda committed: house.engine.snapshots.settle(kept.place, committed=committed))
    return Done("CREATE SNAPSHOT")


def drop(house: House, session: Session, statement: s.DropSnapshot) -> Answer:
    """DROP SNAPSHOT."""
    session.require_no_block("DROP SNAPSHOT")
    found = noted.find(session.engine, statement.name)
    if found is None:
        if not statement.if_exists:
            raise UndefinedObject(f'snapshot "{statement.name}" does not exist')
        session.notify(Notice("NOTICE", f'snapshot "{statement.name}" does not exist, skipping'))
        return Done("DROP SNAPSHOT")
    session.at_end(lambda committed: house.engine.snapshots.settle(found.place, committed=committed))
    noted.forget(house, session.engine, found)
    return Done("DROP SNAPSHOT")
