"""CREATE, ALTER and DROP GROUP: handlers, and what they need.

Source: Redshift Developer Guide, the pages of those names.
"""

from __future__ import annotations

from collections.abc import Iterable

from boathouse.contracts.answers import Done
from boathouse.contracts.house import House
from boathouse.contracts.needs import SUPERUSER, Declared, Need
from boathouse.contracts.session import Session
from boathouse.guard.principals import (
    changed,
    next_number,
    number_of,
    require_free,
    require_unreserved,
    require_unused,
)
from boathouse.sql.statements import AlterGroup, CreateGroup, DropGroup


def need(session: Session, statement: CreateGroup | AlterGroup | DropGroup) -> Iterable[Declared]:
    """Groups are for superusers."""
    verb = {CreateGroup: "create", AlterGroup: "alter", DropGroup: "drop"}[type(statement)]
    return [Need(SUPERUSER, "system", f"must be superuser to {verb} groups")]


def create_group(house: House, session: Session, statement: CreateGroup) -> Done:
    """CREATE GROUP."""
    require_unreserved("group", statement.name)
    require_free(session, "group", statement.name)
    number = next_number(session)
    session.engine.execute("INSERT INTO boathouse.groups VALUES ($1, $2)", (number, statement.name))
    _add(session, number, statement.users)
    changed(session)
    return Done("CREATE GROUP")


def alter_group(house: House, session: Session, statement: AlterGroup) -> Done:
    """ALTER GROUP."""
    number = number_of(session, "group", statement.name)
    if statement.action == "rename":
        require_unreserved("group", statement.new_name)
        require_free(session, "group", statement.new_name)
        session.engine.execute(
            "UPDATE boathouse.groups SET name = $1 WHERE grosysid = $2", (statement.new_name, number)
        )
    elif statement.action == "add":
        _add(session, number, statement.users)
    else:
        for name in statement.users:
            session.engine.execute(
                "DELETE FROM boathouse.group_members WHERE grosysid = $1 AND usesysid = $2",
                (number, number_of(session, "user", name)),
            )
    changed(session)
    return Done("ALTER GROUP")


def _add(session: Session, number: int, users: tuple[str, ...]) -> None:
    for name in users:
        member = number_of(session, "user", name)
        session.engine.execute(
            "INSERT INTO boathouse.group_members SELECT $1, $2 WHERE NOT EXISTS "
            "(SELECT 1 FROM boathouse.group_members WHERE grosysid = $1 AND usesysid = $2)",
            (number, member),
        )


def drop_group(house: House, session: Session, statement: DropGroup) -> Done:
    """DROP GROUP; refused while the group has a privilege."""
    number = number_of(session, "group", statement.name)
    require_unused(session, "group", number, statement.name)
    session.engine.execute("DELETE FROM boathouse.group_members WHERE grosysid = $1", (number,))
    session.engine.execute("DELETE FROM boathouse.groups WHERE grosysid = $1", (number,))
    changed(session)
    return Done("DROP GROUP")
