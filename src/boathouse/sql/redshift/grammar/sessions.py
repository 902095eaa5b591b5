"""Transactions, settings, prepared statements: what concerns the session alone.

Source: Redshift Developer Guide, BEGIN, SET, RESET, SHOW, PREPARE, EXECUTE, DEALLOCATE; PostgreSQL's for DISCARD and
UNLISTEN, which drivers and poolers send.
"""

from __future__ import annotations

from collections.abc import Callable

from boathouse.contracts.errors import BoathouseError
from boathouse.sql.redshift.grammar.access.principals import read_set_authorization
from boathouse.sql.redshift.grammar.queries import read_expression
from boathouse.sql.redshift.patterns.zones import zone_of_interval
from boathouse.sql.redshift.types import read_type
from boathouse.sql.statements import (
    Begin,
    Commit,
    Discard,
    Execute,
    Prepare,
    Reset,
    Rollback,
    Set,
    Show,
    Statement,
)
from boathouse.sql.token_reader import TokenReader, shifted

_ISOLATIONS = (("serializable",), ("repeatable", "read"), ("read", "committed"), ("read", "uncommitted"))


def read_begin(reader: TokenReader) -> Begin:
    """BEGIN [WORK | TRANSACTION] modes; START TRANSACTION modes."""
    tag = "BEGIN"
    if reader.accept("start"):
        reader.expect("transaction")
        tag = "START TRANSACTION"
    else:
        reader.expect("begin")
        reader.accept_any("work", "transaction")
    read_only = _transaction_modes(reader)
    reader.finish()
    return Begin(text=reader.text, offset=reader.offset, read_only=read_only, tag=tag)


def _transaction_modes(reader: TokenReader) -> bool | None:
    """True for READ ONLY, False for READ WRITE, None where neither is said: every isolation level is the same one."""
    read_only: bool | None = None
    while not reader.at_end:
        if reader.accept("isolation"):
            reader.expect("level")
            if not any(reader.accept(*words) for words in _ISOLATIONS):
                reader.fail(hint="Expected SERIALIZABLE.")
        elif reader.accept("not", "deferrable") or reader.accept("deferrable"):
            pass
        else:
            reader.expect("read")
            read_only = reader.expect_any("only", "write") == "only"
        reader.accept(",")
    return read_only


def read_commit(reader: TokenReader) -> Commit:
    """COMMIT | END [WORK | TRANSACTION]."""
    reader.expect_any("commit", "end")
    reader.accept_any("work", "transaction")
    if reader.sees("prepared"):
        reader.refuse("COMMIT PREPARED")
    reader.finish()
    return Commit(text=reader.text, offset=reader.offset)


def read_rollback(reader: TokenReader) -> Rollback:
    """ROLLBACK | ABORT [WORK | TRANSACTION]."""
    reader.expect_any("rollback", "abort")
    reader.accept_any("work", "transaction")
    if reader.sees("to"):
        reader.refuse("ROLLBACK TO SAVEPOINT")
    if reader.sees("prepared"):
        reader.refuse("ROLLBACK PREPARED")
    reader.finish()
    return Rollback(text=reader.text, offset=reader.offset)


def read_set(reader: TokenReader) -> Statement:
    """SET [SESSION | LOCAL] name { TO | = } values, with SQL's own spellings for the time zone and transactions."""
    reader.expect("set")
    local = False
    if reader.sees("session", "characteristics"):
        return _session_characteristics(reader)
    if any(reader.sees(*words, "session", "authorization") for words in ((), ("local",), ("session",))):
        return read_set_authorization(reader)
    if not (reader.ahead(1).value in ("to", "=", ".") and reader.ahead(1).kind in ("word", "operator")):
        local = reader.accept_any("session", "local") == "local"
    if reader.accept("transaction"):
        return _set_modes(reader, "transaction", local=True)
    if reader.accept("time", "zone"):
        value = None if reader.accept_any("default", "local") else _zone(reader)
        return _set(reader, "timezone", value, local)
    if reader.accept("names"):
        return _set(reader, "client_encoding", None if reader.at_end else _values(reader), local)
    if reader.sees("role"):
        reader.refuse("SET ROLE")
    name = _setting_name(reader)
    if name == "timezone" and reader.sees("interval"):
        return _set(reader, name, _zone(reader), local)
    reader.expect_any("to", "=")
    value = None if reader.accept("default") else _zone(reader) if name == "timezone" else _values(reader, name)
    return _set(reader, name, value, local)


def _zone(reader: TokenReader) -> str:
    """A time zone by name or offset, or INTERVAL '-8 hours' [HOUR TO MINUTE]."""
    if not reader.accept("interval"):
        return _values(reader)
    found = zone_of_interval(reader.string("an interval"))
    if found is None:
        reader.fail(token=reader.tokens[reader.mark() - 1], hint="Expected hours, as in INTERVAL '-8 hours'.")
    if reader.accept("hour"):
        reader.expect("to", "minute")
    return found


def _set(reader: TokenReader, name: str, value: str | None, local: bool) -> Set:
    reader.finish()
    return Set(text=reader.text, offset=reader.offset, name=name, value=value, local=local)


def _session_characteristics(reader: TokenReader) -> Set:
    reader.expect("session", "characteristics", "as", "transaction")
    return _set_modes(reader, "default_transaction", local=False)


def _set_modes(reader: TokenReader, prefix: str, *, local: bool) -> Set:
    read_only = _transaction_modes(reader)
    if read_only is None:
        return _set(reader, f"{prefix}_isolation", "serializable", local)
    return _set(reader, f"{prefix}_read_only", "on" if read_only else "off", local)


def _setting_name(reader: TokenReader) -> str:
    name = reader.identifier("a setting's name")
    while reader.accept("."):
        name += "." + reader.identifier()
    return name


def _values(reader: TokenReader, name: str = "") -> str:
    """One value or several; names are folded, strings and numbers keep their text, schemas that keep their case their
    quotes.
    """
    found: list[str] = []
    while not found or reader.accept(","):
        exact = name == "search_path" and reader.case_sensitive and reader.token.kind == "quoted"
        value = _value(reader)
        found.append('"' + value.replace('"', '""') + '"' if exact else value)
    return ", ".join(found)


def _value(reader: TokenReader) -> str:
    if reader.token.kind in ("word", "quoted", "string"):
        return reader.next().value
    sign = "-" if reader.accept("-") else ""
    if not sign:
        reader.accept("+")
    if reader.token.kind != "number":
        reader.fail(hint="Expected a value.")
    return sign + reader.next().value


def read_reset(reader: TokenReader) -> Statement:
    """RESET name | ALL | SESSION AUTHORIZATION."""
    if reader.sees("reset", "session", "authorization"):
        return read_set_authorization(reader)
    reader.expect("reset")
    if reader.sees("role"):
        reader.refuse("RESET ROLE")
    name = None if reader.accept("all") else "timezone" if reader.accept("time", "zone") else _setting_name(reader)
    reader.finish()
    return Reset(text=reader.text, offset=reader.offset, name=name)


_SHOW_OBJECTS = (
    "constraints", "datashares", "default", "external", "grants", "model", "parameters", "policies", "procedure",
    "procedures", "functions", "column",
)  # fmt: skip


def read_show(reader: TokenReader) -> Show:
    """SHOW name | ALL."""
    reader.expect("show")
    if reader.sees_any(*_SHOW_OBJECTS):
        reader.refuse(f"SHOW {reader.token.value.upper()}", hint="Query the SVV_ system views instead.")
    if reader.accept("all"):
        name = None
    elif reader.accept("time", "zone"):
        name = "timezone"
    elif reader.accept("transaction", "isolation", "level"):
        name = "transaction_isolation"
    elif reader.accept("session", "authorization"):
        name = "session_authorization"
    else:
        name = _setting_name(reader)
    reader.finish()
    return Show(text=reader.text, offset=reader.offset, name=name)


def read_discard(reader: TokenReader) -> Discard:
    """DISCARD ALL | DEALLOCATE [PREPARE] name | UNLISTEN * | CLOSE ALL."""
    text, offset = reader.text, reader.offset
    verb = reader.expect_any("discard", "deallocate", "unlisten", "close")
    if verb == "discard":
        if reader.sees_any("plans", "sequences", "temp", "temporary"):
            reader.refuse(f"DISCARD {reader.token.value.upper()}")
        reader.expect("all")
        found = Discard(text=text, offset=offset, what="all", tag="DISCARD ALL")
    elif verb == "deallocate":
        reader.accept("prepare")
        name = None if reader.accept("all") else reader.identifier("a statement's name")
        tag = "DEALLOCATE" if name else "DEALLOCATE ALL"
        found = Discard(text=text, offset=offset, what="deallocate", tag=tag, name=name)
    elif verb == "unlisten":
        name = None if reader.accept("*") else reader.identifier("a channel")
        found = Discard(text=text, offset=offset, what="unlisten", tag="UNLISTEN", name=name)
    else:
        reader.expect("all")
        found = Discard(text=text, offset=offset, what="close", tag="CLOSE CURSOR ALL")
    reader.finish()
    return found


def read_prepare(reader: TokenReader, inner: Callable[[str, int], Statement]) -> Prepare:
    """PREPARE name [(types)] AS statement; `inner` parses the statement."""
    reader.expect("prepare")
    if reader.sees("transaction"):
        reader.refuse("PREPARE TRANSACTION")
    name = reader.identifier("a statement's name")
    types = []
    if reader.accept("("):
        types.append(read_type(reader))
        while reader.accept(","):
            types.append(read_type(reader))
        reader.expect(")")
    reader.expect("as")
    text, start = reader.rest()
    if not reader.sees_any("select", "with", "values", "insert", "update", "delete", "merge", "("):
        reader.fail(hint="PREPARE takes SELECT, INSERT, UPDATE, DELETE or MERGE.")
    try:
        statement = inner(text, reader.offset + start)
    except BoathouseError as error:
        raise shifted(error, start) from None
    return Prepare(text=reader.text, offset=reader.offset, name=name, types=tuple(types), statement=statement)


def read_execute(reader: TokenReader) -> Execute:
    """EXECUTE name [(values)]."""
    reader.expect("execute")
    name = reader.identifier("a statement's name")
    values = []
    if reader.accept("("):
        while not reader.sees(")"):
            start = reader.mark()
            depth = 0
            while not reader.at_end and not (depth == 0 and reader.sees_any(",", ")")):
                depth += {"(": 1, ")": -1}.get(reader.next().value, 0)
            if reader.mark() == start:
                reader.fail(hint="Expected a value.")
            at = reader.tokens[start].start
            try:
                values.append(read_expression(reader.text_since(start)))
            except BoathouseError as error:
                raise shifted(error, at) from None
            if not reader.accept(","):
                break
        reader.expect(")")
    reader.finish()
    return Execute(text=reader.text, offset=reader.offset, name=name, values=tuple(values))
