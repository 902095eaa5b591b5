"""GRANT, REVOKE, ALTER DEFAULT PRIVILEGES, SHOW GRANTS.

Source: Redshift Developer Guide, the pages of those names.
"""

from __future__ import annotations

from typing import Any, Literal, cast

from boathouse.contracts.errors import InvalidParameterValue
from boathouse.sql.redshift.grammar.access.principals import role_name, user_names
from boathouse.sql.redshift.grammar.routines import read_arguments
from boathouse.sql.statements import (
    AlterDefaultPrivileges,
    Grantee,
    GrantPrivileges,
    GrantRoles,
    Privileges,
    QualifiedName,
    ShowGrants,
    Statement,
)
from boathouse.sql.token_reader import TokenReader

PRIVILEGES_OF: dict[str, tuple[str, ...]] = {
    "relation": ("SELECT", "INSERT", "UPDATE", "DELETE", "DROP", "REFERENCES", "ALTER", "TRUNCATE"),
    "schema": ("USAGE", "CREATE"),
    "database": ("CREATE", "TEMP"),
    "function": ("EXECUTE",),
    "procedure": ("EXECUTE",),
    "language": ("USAGE",),
}
"""What ALL stands for, by kind."""

COLUMN_PRIVILEGES = ("SELECT", "UPDATE")

_PERMISSIONS = """
create user, drop user, alter user, create schema, drop schema, alter default privileges, create table, drop table,
alter table, create or replace function, create or replace external function, drop function,
create or replace procedure, drop procedure, create or replace view, drop view, create model, drop model,
create datashare, alter datashare, drop datashare, create library, drop library, create role, drop role,
truncate table, vacuum, analyze, cancel, ignore rls, explain rls, explain masking, access catalog, access system table
"""
SYSTEM_PERMISSIONS: tuple[tuple[str, ...], ...] = tuple(tuple(one.split()) for one in _PERMISSIONS.split(","))
"""Permissions that only roles have."""

_IN_SCHEMA = {"tables": "relation", "functions": "function", "procedures": "procedure"}


def read_grant(reader: TokenReader) -> Statement:
    """GRANT …."""
    reader.expect("grant")
    return _grant(reader, revoke=False)


def read_revoke(reader: TokenReader) -> Statement:
    """REVOKE …."""
    reader.expect("revoke")
    return _grant(reader, revoke=True)


def _grant(reader: TokenReader, *, revoke: bool) -> Statement:
    option = revoke and reader.accept("grant", "option", "for")
    admin = revoke and reader.accept("admin", "option", "for")
    if reader.sees("role"):
        return _roles(reader, revoke, admin)
    if reader.sees("assumerole"):
        reader.refuse(
            "ASSUMEROLE", hint="Access to places comes from named secrets of the house; roles grant nothing here."
        )
    permissions = _system_permissions(reader)
    if permissions is not None:
        grantees, given = _grantees(reader, revoke)
        return GrantPrivileges(
            text=reader.text,
            offset=reader.offset,
            privileges=permissions,
            kind="system",
            grantees=grantees,
            revoke=revoke,
            grant_option=option or given,
        )
    place = reader.mark()
    privileges = _privileges(reader)
    reader.expect("on")
    facts = _objects(reader)
    _check_privileges(reader, privileges, facts, place)
    grantees, given = _grantees(reader, revoke)
    cascade = revoke and reader.accept_any("cascade", "restrict") == "cascade"
    reader.finish()
    return GrantPrivileges(
        text=reader.text,
        offset=reader.offset,
        privileges=_all_spelt_out(privileges, facts["kind"]),
        grantees=grantees,
        revoke=revoke,
        grant_option=option or given,
        cascade=cascade,
        **facts,
    )


def _roles(reader: TokenReader, revoke: bool, admin: bool) -> GrantRoles:
    roles = []
    while True:
        reader.expect("role")
        roles.append(role_name(reader))
        while reader.sees(",") and not reader.sees(",", "role"):
            reader.next()
            roles.append(role_name(reader))
        if not reader.accept(","):
            break
    reader.expect("from" if revoke else "to")
    grantees: list[Grantee] = []
    while True:
        grantees.append(_grantee(reader))
        if reader.accept("with", "admin", "option"):
            admin = True
        if not reader.accept(","):
            break
    reader.finish()
    return GrantRoles(
        text=reader.text,
        offset=reader.offset,
        roles=tuple(roles),
        grantees=tuple(grantees),
        revoke=revoke,
        admin_option=admin,
    )


def _system_permissions(reader: TokenReader) -> Privileges | None:
    mark = reader.mark()
    found: list[tuple[str, tuple[str, ...]]] = []
    if reader.accept("all"):
        reader.accept("privileges")
        if reader.sees_any("to", "from"):
            return Privileges(tuple((" ".join(words).upper(), ()) for words in SYSTEM_PERMISSIONS))
        reader.back(mark)
        return None
    while True:
        words = next((words for words in SYSTEM_PERMISSIONS if reader.sees(*words)), None)
        if words is None:
            reader.back(mark)
            return None
        reader.accept(*words)
        found.append((" ".join(words).upper(), ()))
        if not reader.accept(","):
            break
    if not reader.sees_any("to", "from"):
        reader.back(mark)
        return None
    return Privileges(tuple(found))


def _privileges(reader: TokenReader) -> Privileges:
    found: list[tuple[str, tuple[str, ...]]] = []
    while True:
        if reader.token.kind != "word":
            reader.fail(hint="Expected a privilege.")
        word = reader.next().value.upper()
        if word == "ALL":
            reader.accept("privileges")
        word = "TEMP" if word == "TEMPORARY" else word
        columns = reader.identifiers_in_parentheses() if reader.sees("(") else ()
        found.append((word, columns))
        if not reader.accept(","):
            return Privileges(tuple(found))


def _all_spelt_out(privileges: Privileges, kind: str) -> Privileges:
    found: dict[tuple[str, tuple[str, ...]], None] = {}
    for word, columns in privileges.items:
        words = (COLUMN_PRIVILEGES if columns else PRIVILEGES_OF[kind]) if word == "ALL" else (word,)
        found.update(dict.fromkeys((one, columns) for one in words))
    return Privileges(tuple(found))


def _check_privileges(reader: TokenReader, privileges: Privileges, facts: dict[str, Any], place: int) -> None:
    kind = facts["kind"]
    known = {word for words in PRIVILEGES_OF.values() for word in words}
    for word, columns in privileges.items:
        at = reader.tokens[place]
        if word in ("SHARE", "RULE", "TRIGGER"):
            reader.refuse(f"the privilege {word}", token=at)
        if word != "ALL" and word not in known:
            reader.fail(token=at)
        if word != "ALL" and word not in PRIVILEGES_OF[kind] and (word, kind) != ("USAGE", "database"):
            raise InvalidParameterValue(
                f"invalid privilege type {word} for {kind}", position=at.start + 1, sqlstate="0LP01"
            )
        if columns and (kind != "relation" or facts.get("schemas") or word not in (*COLUMN_PRIVILEGES, "ALL")):
            raise InvalidParameterValue(
                f"invalid privilege type {word} for column", position=at.start + 1, sqlstate="0LP01"
            )


def _objects(reader: TokenReader) -> dict[str, Any]:
    if reader.accept("all"):
        kind = _IN_SCHEMA[reader.expect_any(*_IN_SCHEMA)]
        reader.expect("in", "schema")
        return {"kind": kind, "schemas": user_names(reader)}
    if reader.sees("external") or reader.sees_any("datashare", "model"):
        reader.refuse(f"GRANT ON {reader.token.value.upper()}")
    word = reader.accept_any("schema", "database", "language", "function", "procedure")
    if word in ("schema", "database", "language"):
        return {"kind": word, "names": tuple(QualifiedName(one) for one in user_names(reader))}
    if word is not None:
        names: list[QualifiedName] = []
        signatures: list[tuple[str, ...]] = []
        while True:
            names.append(reader.name())
            signatures.append(_signature(reader))
            if not reader.accept(","):
                return {"kind": word, "names": tuple(names), "signatures": tuple(signatures)}
    reader.accept("table")
    return {"kind": "relation", "names": reader.names()}


def _signature(reader: TokenReader) -> tuple[str, ...]:
    """`([argname] [mode] argtype, …)`: the input types, without lengths."""
    return tuple(one.type_name for one in read_arguments(reader) if one.mode != "OUT")


def _grantees(reader: TokenReader, revoke: bool) -> tuple[tuple[Grantee, ...], bool]:
    reader.expect("from" if revoke else "to")
    found: list[Grantee] = []
    option = False
    while True:
        found.append(_grantee(reader))
        option = reader.accept("with", "grant", "option") or option
        if not reader.accept(","):
            break
    if option and any(one.kind != "user" for one in found):
        raise InvalidParameterValue("grant options can only be granted to users", sqlstate="0LP01")
    return tuple(found), option


def _grantee(reader: TokenReader) -> Grantee:
    if reader.sees("iam_role") or reader.sees_any("namespace", "account"):
        reader.refuse(f"a grant to {reader.token.value.upper()}")
    if reader.sees("role") and reader.ahead(1).kind in ("word", "quoted"):
        reader.next()
        return Grantee("role", role_name(reader))
    if reader.sees("group") and reader.ahead(1).kind in ("word", "quoted"):
        reader.next()
        return Grantee("group", reader.identifier("a group"))
    if reader.sees_any("rls", "masking") and reader.ahead(1).value == "policy":
        reader.refuse("a grant to a policy")
    if reader.accept("public"):
        return Grantee("public")
    reader.accept("user")
    return Grantee("user", reader.identifier("a user"))


def read_default_privileges(reader: TokenReader) -> AlterDefaultPrivileges:
    """ALTER DEFAULT PRIVILEGES …."""
    reader.expect("alter", "default", "privileges")
    users = user_names(reader) if reader.accept("for", "user") else ()
    schemas = user_names(reader) if reader.accept("in", "schema") else ()
    revoke = reader.expect_any("grant", "revoke") == "revoke"
    option = revoke and reader.accept("grant", "option", "for")
    place = reader.mark()
    privileges = _privileges(reader)
    reader.expect("on")
    kind = cast(Literal["relation", "function", "procedure"], _IN_SCHEMA[reader.expect_any(*_IN_SCHEMA)])
    _check_privileges(reader, privileges, {"kind": kind, "schemas": ("",)}, place)
    grantees, given = _grantees(reader, revoke)
    reader.accept_any("restrict", "cascade")
    reader.finish()
    return AlterDefaultPrivileges(
        text=reader.text,
        offset=reader.offset,
        users=users,
        schemas=schemas,
        privileges=_all_spelt_out(privileges, kind),
        kind=kind,
        grantees=grantees,
        revoke=revoke,
        grant_option=option or given,
    )


def read_show_grants(reader: TokenReader) -> ShowGrants:
    """SHOW GRANTS [ON …] [FOR …] [LIMIT n]."""
    reader.expect("show", "grants")
    facts: dict[str, Any] = {}
    if reader.accept("on"):
        word = reader.expect_any("table", "schema", "database", "function", "procedure")
        if word in ("function", "procedure"):
            reader.refuse(f"SHOW GRANTS ON {word.upper()}", hint="Query svv_function_privileges.")
        facts = {"kind": "relation" if word == "table" else word, "name": reader.name()}
    if reader.accept("for"):
        facts["grantee"] = _grantee(reader)
    if reader.accept("limit"):
        facts["rows_max"] = reader.integer("a number of rows")
    reader.finish()
    return ShowGrants(text=reader.text, offset=reader.offset, **facts)
