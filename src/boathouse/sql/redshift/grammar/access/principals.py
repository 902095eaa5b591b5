"""CREATE, ALTER and DROP of users, groups and roles; SET SESSION AUTHORIZATION.

The text that a node keeps has no password in it. Source: Redshift Developer Guide, the pages of those names.
"""

from __future__ import annotations

from typing import Any

from boathouse.contracts.errors import InvalidParameterValue, SqlSyntaxError
from boathouse.sql.redshift.redact import redact
from boathouse.sql.statements import (
    AlterGroup,
    AlterRole,
    AlterSchema,
    AlterUser,
    CreateGroup,
    CreateRole,
    CreateUser,
    DropGroup,
    DropRole,
    DropUser,
    SetAuthorization,
    UserOptions,
)
from boathouse.sql.token_reader import TokenReader

TIMEOUT_SECONDS = (60, 1_728_000)


def role_name(reader: TokenReader) -> str:
    """A role's name: `analysts`, `sys:dba`."""
    name = reader.identifier("a role")
    while reader.accept(":"):
        name += ":" + reader.identifier("a role")
    return name


def user_names(reader: TokenReader) -> tuple[str, ...]:
    """Names, comma-separated."""
    found = [reader.identifier("a user")]
    while reader.accept(","):
        found.append(reader.identifier("a user"))
    return tuple(found)


# -- users -----------------------------------------------------------------------------------------------


def read_create_user(reader: TokenReader) -> CreateUser:
    """CREATE USER name [WITH] PASSWORD … options."""
    reader.expect("create", "user")
    place = reader.token.start + 1
    name = reader.identifier("a user")
    if name == "public":
        raise InvalidParameterValue('user name "public" is reserved', position=place, sqlstate="42939")
    reader.accept("with")
    facts: dict[str, Any] = {}
    groups: list[str] = []
    while not reader.at_end:
        if reader.accept("in", "group"):
            groups += user_names(reader)
        elif not _option(reader, facts):
            reader.fail()
        reader.accept(",")
    if "password" not in facts:
        raise SqlSyntaxError("CREATE USER needs PASSWORD", hint="PASSWORD 'text' or PASSWORD DISABLE.")
    return CreateUser(
        text=redact(reader.text), offset=reader.offset, name=name, options=UserOptions(**facts), groups=tuple(groups)
    )


def read_alter_user(reader: TokenReader) -> AlterUser:
    """ALTER USER name [WITH] options | RENAME TO new | SET parameter | RESET parameter."""
    reader.expect("alter", "user")
    name = reader.identifier("a user")
    reader.accept("with")
    facts: dict[str, Any] = {}
    settings: list[tuple[str, str | None]] = []
    new_name = None
    if reader.at_end:
        reader.fail(hint="Expected an option.")
    while not reader.at_end:
        if reader.accept("rename", "to"):
            new_name = reader.identifier("the new name")
        elif reader.accept("reset", "session", "timeout"):
            facts["session_timeout"] = -1
        elif reader.accept("set"):
            settings.append(_setting(reader))
        elif reader.accept("reset"):
            settings.append((reader.identifier("a setting's name"), None))
        elif not _option(reader, facts):
            reader.fail()
        reader.accept(",")
    return AlterUser(
        text=redact(reader.text),
        offset=reader.offset,
        name=name,
        options=UserOptions(**facts),
        new_name=new_name,
        settings=tuple(settings),
    )


def _setting(reader: TokenReader) -> tuple[str, str | None]:
    name = reader.identifier("a setting's name")
    while reader.accept("."):
        name += "." + reader.identifier()
    reader.expect_any("to", "=")
    if reader.accept("default"):
        return name, None
    values = []
    while True:
        sign = "-" if reader.accept("-") else ""
        if reader.token.kind not in ("word", "quoted", "string", "number"):
            reader.fail(hint="Expected a value.")
        values.append(sign + reader.next().value)
        # A comma may as well separate options: what follows a value of a list is a value, an option is a known word.
        if not reader.sees(",") or reader.ahead(1).value in _OPTION_WORDS:
            return name, ", ".join(values)
        reader.next()


_OPTION_WORDS = (
    "createdb", "nocreatedb", "createuser", "nocreateuser", "syslog", "valid", "connection", "session", "password",
    "set", "reset", "rename",
)  # fmt: skip


def _option(reader: TokenReader, facts: dict[str, Any]) -> bool:
    word = reader.accept_any("createdb", "nocreatedb", "createuser", "nocreateuser")
    if word is not None:
        facts["createdb" if word.endswith("db") else "superuser"] = not word.startswith("no")
    elif reader.accept("syslog", "access"):
        facts["syslog_unrestricted"] = reader.expect_any("restricted", "unrestricted") == "unrestricted"
    elif reader.accept("password"):
        facts["password"] = "" if reader.accept("disable") else reader.secret("the password in quotes, or DISABLE")
        if facts["password"] == "" and reader.tokens[reader.mark() - 1].kind == "string":
            raise InvalidParameterValue("password is too short", hint="Passwords have 8 to 64 characters.")
    elif reader.accept("valid", "until"):
        facts["valid_until"] = reader.string("a time in quotes")
    elif reader.accept("connection", "limit"):
        facts["connection_limit"] = -1 if reader.accept("unlimited") else _limit(reader)
    elif reader.accept("session", "timeout"):
        facts["session_timeout"] = _timeout(reader)
    elif reader.sees("externalid"):
        reader.refuse("EXTERNALID")
    else:
        return False
    return True


def _limit(reader: TokenReader) -> int:
    found = reader.integer("a number of connections, or UNLIMITED")
    if found < 0:
        raise InvalidParameterValue(f"invalid connection limit: {found}")
    return found


def _timeout(reader: TokenReader) -> int:
    low, high = TIMEOUT_SECONDS
    found = reader.integer("a number of seconds")
    if not low <= found <= high:
        raise InvalidParameterValue(f"SESSION TIMEOUT must be between {low} and {high} seconds")
    return found


def read_drop_user(reader: TokenReader) -> DropUser:
    """DROP USER [IF EXISTS] names."""
    reader.expect("drop", "user")
    if_exists = reader.accept("if", "exists")
    names = user_names(reader)
    reader.finish()
    return DropUser(text=reader.text, offset=reader.offset, names=names, if_exists=if_exists)


# -- groups ----------------------------------------------------------------------------------------------


def read_create_group(reader: TokenReader) -> CreateGroup:
    """CREATE GROUP name [[WITH] USER names]."""
    reader.expect("create", "group")
    name = reader.identifier("a group")
    reader.accept("with")
    users = user_names(reader) if reader.accept("user") else ()
    reader.finish()
    return CreateGroup(text=reader.text, offset=reader.offset, name=name, users=users)


def read_alter_group(reader: TokenReader) -> AlterGroup:
    """ALTER GROUP name {ADD | DROP} USER names | RENAME TO new."""
    reader.expect("alter", "group")
    name = reader.identifier("a group")
    action = reader.expect_any("add", "drop", "rename")
    users: tuple[str, ...] = ()
    new_name = ""
    if action == "rename":
        reader.expect("to")
        new_name = reader.identifier("the new name")
    else:
        reader.expect("user")
        users = user_names(reader)
    reader.finish()
    return AlterGroup(
        text=reader.text,
        offset=reader.offset,
        name=name,
        action="add" if action == "add" else "drop" if action == "drop" else "rename",
        users=users,
        new_name=new_name,
    )


def read_drop_group(reader: TokenReader) -> DropGroup:
    """DROP GROUP name."""
    reader.expect("drop", "group")
    name = reader.identifier("a group")
    reader.finish()
    return DropGroup(text=reader.text, offset=reader.offset, name=name)


# -- roles -----------------------------------------------------------------------------------------------


def read_create_role(reader: TokenReader) -> CreateRole:
    """CREATE ROLE name."""
    reader.expect("create", "role")
    name = role_name(reader)
    if reader.sees("externalid"):
        reader.refuse("EXTERNALID")
    reader.finish()
    return CreateRole(text=reader.text, offset=reader.offset, name=name)


def read_alter_role(reader: TokenReader) -> AlterRole:
    """ALTER ROLE name [WITH] {RENAME TO new | OWNER TO user}."""
    reader.expect("alter", "role")
    name = role_name(reader)
    reader.accept("with")
    new_name = owner = None
    if reader.accept("rename", "to"):
        new_name = role_name(reader)
    elif reader.sees("externalid"):
        reader.refuse("EXTERNALID")
    else:
        reader.expect("owner", "to")
        owner = reader.identifier("a user")
    reader.finish()
    return AlterRole(text=reader.text, offset=reader.offset, name=name, new_name=new_name, owner=owner)


def read_drop_role(reader: TokenReader) -> DropRole:
    """DROP ROLE name [FORCE | RESTRICT]."""
    reader.expect("drop", "role")
    name = role_name(reader)
    force = reader.accept_any("force", "restrict") == "force"
    reader.finish()
    return DropRole(text=reader.text, offset=reader.offset, name=name, force=force)


# -- the session and owners ------------------------------------------------------------------------------


def read_set_authorization(reader: TokenReader) -> SetAuthorization:
    """SET [SESSION | LOCAL] SESSION AUTHORIZATION user | DEFAULT; RESET SESSION AUTHORIZATION."""
    if reader.accept("reset", "session", "authorization"):
        reader.finish()
        return SetAuthorization(text=reader.text, offset=reader.offset, user=None)
    reader.accept("set")
    local = reader.accept("local")
    if reader.sees("session", "session"):
        reader.next()
    reader.expect("session", "authorization")
    user: str | None = None
    if not reader.accept("default"):
        user = reader.next().value.lower() if reader.token.kind == "string" else reader.identifier("a user")
    reader.finish()
    return SetAuthorization(text=reader.text, offset=reader.offset, user=user, local=local)


def read_alter_schema(reader: TokenReader) -> AlterSchema:
    """ALTER SCHEMA name OWNER TO user."""
    reader.expect("alter", "schema")
    name = reader.identifier("a schema")
    if reader.sees_any("rename", "quota"):
        hint = (
            "The engine renames no schemas: create the new one, and move tables into it by CREATE TABLE AS."
            if reader.sees("rename")
            else "The engine does not tell how many bytes a table takes, so that no quota could be kept to."
        )
        reader.refuse(f"ALTER SCHEMA ... {reader.token.value.upper()}", hint=hint)
    reader.expect("owner", "to")
    owner = reader.identifier("a user")
    reader.finish()
    return AlterSchema(text=reader.text, offset=reader.offset, name=name, owner=owner)
