"""CREATE, ALTER and DROP DATABASE of databases made from integrations; every other database is refused by name.

Source: Redshift Developer Guide, "CREATE DATABASE", "ALTER DATABASE", "DROP DATABASE".
"""

from __future__ import annotations

from typing import Any

from boathouse.sql.redshift.refused import HINTS
from boathouse.sql.statements import AlterDatabase, CreateDatabase, DropDatabase
from boathouse.sql.token_reader import TokenReader

_SETTINGS = (
    "acceptinvchars",
    "query_all_states",
    "refresh_interval",
    "truncatecolumns",
    "history_mode",
    "auto_remediation",
)


def read_create_database(reader: TokenReader) -> CreateDatabase:
    """CREATE DATABASE name FROM INTEGRATION 'integration' [DATABASE source] [SET] [options] [[WITH] [OWNER [=] user] …]."""
    start = reader.token
    reader.expect("create", "database")
    name = reader.identifier("a database's name")
    if not reader.sees("from", "integration"):
        what = "CREATE DATABASE"
        reader.refuse(what, hint=HINTS[what], token=start)
    reader.expect("from", "integration")
    integration = reader.string("an integration's name").lower()
    source = None
    if reader.accept("database"):
        source = reader.string() if reader.token.kind == "string" else reader.identifier("a database at the source")
    reader.accept("set")
    settings = _settings(reader)
    if settings.pop("for", None) is not None:
        reader.fail()
    reader.accept("with")
    owner = _attributes(reader)
    reader.finish()
    return CreateDatabase(
        text=reader.text, offset=reader.offset, name=name, integration=integration, source=source, owner=owner,
        all_states=bool(settings.get("query_all_states")), history=settings.get("history_mode"),
        refresh_seconds=settings.get("refresh_interval", 0), truncates=settings.get("truncatecolumns", False),
        replaces=settings.get("acceptinvchars", False),
    )  # fmt: skip


def read_alter_database(reader: TokenReader) -> AlterDatabase:
    """ALTER DATABASE name {RENAME TO name | OWNER TO user | INTEGRATION {REFRESH … | SET …}}."""
    start = reader.token
    reader.expect("alter", "database")
    name = reader.identifier("a database's name")
    found: dict[str, Any] = {}
    if word := reader.accept_any("rename", "owner"):
        reader.expect("to")
        found = {"action": word, "new_name": reader.identifier("a name")}
    elif reader.accept("integration"):
        found = _refresh(reader) if reader.accept("refresh") else _set(reader)
    else:
        reader.refuse("ALTER DATABASE", hint=HINTS["ALTER DATABASE"], token=start)
    reader.finish()
    return AlterDatabase(text=reader.text, offset=reader.offset, name=name, **found)


def read_drop_database(reader: TokenReader) -> DropDatabase:
    """DROP DATABASE name."""
    reader.expect("drop", "database")
    name = reader.identifier("a database's name")
    reader.finish()
    return DropDatabase(text=reader.text, offset=reader.offset, name=name)


def _refresh(reader: TokenReader) -> dict[str, Any]:
    """{ALL | INERROR} TABLES [IN SCHEMA schema [, …]] | TABLE schema.table [, …]."""
    if reader.sees("remediable"):
        reader.refuse("REFRESH REMEDIABLE TABLES", hint="INERROR TABLES are those that wait to be mended.")
    if reader.accept("table"):
        return {"action": "refresh", "tables": _tables(reader)}
    which = reader.expect_any("all", "inerror")
    reader.expect("tables")
    schemas = _schemas(reader) if reader.accept("in") else ()
    return {"action": "refresh" if which == "all" else "refresh_failed", "schemas": schemas}


def _set(reader: TokenReader) -> dict[str, Any]:
    reader.expect("set")
    at = reader.token
    settings = _settings(reader)
    if not settings:
        reader.fail(token=at)
    if settings.pop("for", None) is not None:
        reader.refuse(
            "HISTORY_MODE of single tables", hint="CREATE INTEGRATION … SET HISTORY_MODE … FOR TABLES says it."
        )
    return {
        "action": "set", "all_states": settings.get("query_all_states"), "history": settings.get("history_mode"),
        "refresh_seconds": settings.get("refresh_interval"), "truncates": settings.get("truncatecolumns"),
        "replaces": settings.get("acceptinvchars"),
    }  # fmt: skip


def _settings(reader: TokenReader) -> dict[str, Any]:
    """Options in any order; what has no meaning here is refused by name."""
    found: dict[str, Any] = {}
    while word := reader.accept_any(*_SETTINGS):
        at = reader.token
        reader.accept("=")
        if word == "refresh_interval":
            found[word] = reader.integer("seconds")
            continue
        found[word] = reader.expect_any("true", "false") == "true"
        if word == "auto_remediation":
            reader.refuse(
                "AUTO_REMEDIATION", token=at, hint="ALTER DATABASE … INTEGRATION REFRESH INERROR TABLES mends."
            )
        if word == "history_mode" and reader.accept("for"):
            found["for"] = True
            if reader.accept("table"):
                _tables(reader)
            else:
                reader.expect("all", "tables")
                _ = _schemas(reader) if reader.accept("in") else ()
    return found


def _attributes(reader: TokenReader) -> str | None:
    """OWNER, and what is as it is here; the owner."""
    owner = None
    while word := reader.accept_any("owner", "connection", "collate", "isolation"):
        at = reader.token
        if word == "owner":
            reader.accept("=")
            owner = reader.identifier("a user")
        elif word == "connection":
            reader.expect("limit")
            if not reader.accept("unlimited"):
                reader.refuse("CONNECTION LIMIT", token=at)
        elif word == "collate":
            if not reader.accept_any("case_sensitive", "cs"):
                reader.refuse("COLLATE CASE_INSENSITIVE", token=at)
        else:
            reader.expect("level")
            if not reader.accept("snapshot"):
                reader.refuse("ISOLATION LEVEL SERIALIZABLE", token=at)
    return owner


def _tables(reader: TokenReader) -> tuple[tuple[str, str], ...]:
    found = []
    while True:
        schema = reader.identifier("a table as schema.table")
        reader.expect(".")
        found.append((schema, reader.identifier("a table as schema.table")))
        if not reader.accept(","):
            return tuple(found)


def _schemas(reader: TokenReader) -> tuple[str, ...]:
    reader.expect("schema")
    found = [reader.identifier("a schema")]
    while reader.accept(","):
        found.append(reader.identifier("a schema"))
    return tuple(found)
