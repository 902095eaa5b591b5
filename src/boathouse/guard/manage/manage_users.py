"""CREATE, ALTER and DROP USER: handlers, and what they need.

Source: Redshift Developer Guide, the pages of those names.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from boathouse.contracts.answers import Done, Notice
from boathouse.contracts.errors import InsufficientPrivilege, InvalidDatetime, InvalidParameterValue
from boathouse.contracts.house import House
from boathouse.contracts.needs import SUPERUSER, Declared, Need
from boathouse.contracts.session import Session
from boathouse.contracts.users import BOOTSTRAP_USER_ID
from boathouse.guard.manage.user_log import note_user
from boathouse.guard.passwords import verifier_of
from boathouse.guard.principals import (
    ObjectInUse,
    changed,
    find_number,
    next_number,
    number_of,
    require_free,
    require_unreserved,
    require_unused,
)
from boathouse.sql.statements import AlterUser, CreateUser, DropUser, UserOptions


def need_create(session: Session, statement: CreateUser) -> Iterable[Declared]:
    """CREATE USER; only superusers make superusers."""
    if statement.options.superuser:
        return [Need(SUPERUSER, "system", "must be superuser to create superusers")]
    return [Need("CREATE USER", "system")]


def need_alter(session: Session, statement: AlterUser) -> Iterable[Declared]:
    """ALTER USER; everybody changes their own password and settings."""
    options = statement.options
    own = statement.name == session.user and statement.new_name is None
    if own and options == UserOptions(password=options.password) and options.password != "":
        return []
    target = session.engine.fetch("SELECT superuser FROM boathouse.users WHERE name = $1", (statement.name,))
    if options.superuser is not None or options.password == "" or (target and target[0][0]):
        return [Need(SUPERUSER, "system", "permission denied")]
    return [Need("ALTER USER", "system")]


def need_drop(session: Session, statement: DropUser) -> Iterable[Declared]:
    """DROP USER; only superusers drop superusers."""
    for name in statement.names:
        if session.engine.fetch("SELECT 1 FROM boathouse.users WHERE name = $1 AND superuser", (name,)):
            return [Need(SUPERUSER, "system", "must be superuser to drop superusers")]
    return [Need("DROP USER", "system")]


def create_user(house: House, session: Session, statement: CreateUser) -> Done:
    """CREATE USER."""
    options = statement.options
    require_unreserved("user", statement.name)
    require_free(session, "user", statement.name)
    if options.password == "" and options.superuser:
        raise InvalidParameterValue("cannot disable the password of a superuser")
    number = next_number(session)
    session.engine.execute(
        "INSERT INTO boathouse.users (usesysid, name, verifier, superuser) VALUES ($1, $2, NULL, false)",
        (number, statement.name),
    )
    _apply(session, number, options)
    for group in statement.groups:
        session.engine.execute(
            "INSERT INTO boathouse.group_members VALUES ($1, $2)", (number_of(session, "group", group), number)
        )
    note_user(house, session, number, "create")
    changed(session)
    return Done("CREATE USER")


def alter_user(house: House, session: Session, statement: AlterUser) -> Done:
    """ALTER USER."""
    number = number_of(session, "user", statement.name)
    is_superuser = session.engine.fetch("SELECT superuser FROM boathouse.users WHERE usesysid = $1", (number,))[0][0]
    if statement.options.password == "" and (is_superuser or statement.options.superuser):
        raise InvalidParameterValue("cannot disable the password of a superuser")
    if number == BOOTSTRAP_USER_ID and statement.options.superuser is False:
        raise InsufficientPrivilege("the administrator of the house stays a superuser")
    _apply(session, number, statement.options)
    if statement.new_name is not None:
        _rename(session, number, statement.name, statement.new_name)
        note_user(house, session, number, "rename", statement.name)
    else:
        note_user(house, session, number, "alter")
    if statement.settings:
        _set(session, number, statement.settings)
    changed(session)
    return Done("ALTER USER")


def _rename(session: Session, number: int, old: str, new: str) -> None:
    require_unreserved("user", new)
    require_free(session, "user", new)
    if number == session.user_id:
        raise ObjectInUse("session user cannot be renamed", sqlstate="0A000")
    # An md5 password has the name in it.
    cleared = session.engine.execute(
        "UPDATE boathouse.users SET verifier = NULL WHERE usesysid = $1 AND verifier LIKE 'md5%'", (number,)
    )
    session.engine.execute("UPDATE boathouse.users SET name = $1 WHERE usesysid = $2", (new, number))
    if cleared:
        session.notify(Notice("NOTICE", "MD5 password cleared because of user rename"))


def _set(session: Session, number: int, settings: tuple[tuple[str, str | None], ...]) -> None:
    kept: dict[str, str] = {}
    rows = session.engine.fetch("SELECT settings FROM boathouse.users WHERE usesysid = $1", (number,))
    if rows and rows[0][0]:
        kept = json.loads(str(rows[0][0]))
    for name, value in settings:
        if value is None:
            kept.pop(name, None)
            if name == "all":
                kept.clear()
        else:
            session.setting(name)  # UndefinedObject where there is no such parameter
            kept[name] = value
    session.engine.execute(
        "UPDATE boathouse.users SET settings = $1 WHERE usesysid = $2", (json.dumps(kept) if kept else None, number)
    )


def _apply(session: Session, number: int, options: UserOptions) -> None:
    changes: dict[str, Any] = {}
    if options.password is not None:
        changes["verifier"] = verifier_of(options.password) if options.password else None
    if options.createdb is not None:
        changes["createdb"] = options.createdb
    if options.superuser is not None:
        changes["superuser"] = options.superuser
    if options.syslog_unrestricted is not None:
        changes["syslog_unrestricted"] = options.syslog_unrestricted
    if options.valid_until is not None:
        changes["valid_until"] = _moment(session, options.valid_until)
    if options.connection_limit is not None:
        changes["connection_limit"] = None if options.connection_limit < 0 else options.connection_limit
    if options.session_timeout is not None:
        changes["session_timeout"] = None if options.session_timeout < 0 else options.session_timeout
    if changes:
        sets = ", ".join(f"{name} = ${place}" for place, name in enumerate(changes, start=2))
        session.engine.execute(f"UPDATE boathouse.users SET {sets} WHERE usesysid = $1", (number, *changes.values()))


def _moment(session: Session, text: str) -> datetime | None:
    if text.strip().lower() == "infinity":
        return None
    found = session.engine.fetch("SELECT TRY_CAST(memory.rs.to_timestamp($1) AS TIMESTAMP)", (text,))[0][0]
    if not isinstance(found, datetime):
        raise InvalidDatetime(f'invalid input syntax for type abstime: "{text}"')
    return found


def drop_user(house: House, session: Session, statement: DropUser) -> Done:
    """DROP USER; refused while the user owns something or has a privilege."""
    for name in statement.names:
        number = find_number(session, "user", name)
        if number is None and statement.if_exists:
            session.notify(Notice("NOTICE", f'user "{name}" does not exist, skipping'))
            continue
        number = number_of(session, "user", name)
        if number == session.user_id:
            raise ObjectInUse("current user cannot be dropped")
        if number == BOOTSTRAP_USER_ID:
            raise ObjectInUse("the administrator of the house cannot be dropped")
        require_unused(session, "user", number, name)
        note_user(house, session, number, "drop")
        for table, column in (("group_members", "usesysid"), ("users", "usesysid")):
            session.engine.execute(f"DELETE FROM boathouse.{table} WHERE {column} = $1", (number,))
        session.engine.execute(
            "DELETE FROM boathouse.role_grants WHERE grantee_kind = 'user' AND grantee_id = $1", (number,)
        )
    changed(session)
    return Done("DROP USER")
