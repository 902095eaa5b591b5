"""A client's string to statements: the door of this room.

Received: SQL text. Handed on, to `query`: nodes of `sql.statements`, each with its text and place. A statement is
classified by its leading words before any grammar sees it, because a general SQL reader takes `CLOSE c` or
`SAVEPOINT a` for an expression with an alias. Trees in nodes are shared by the cache: copy before changing.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from boathouse.contracts.errors import BoathouseError, StatementTooComplex
from boathouse.sql.lexer import Token, has_password
from boathouse.sql.redshift.grammar import (
    cancelling,
    crawlers,
    cursors,
    external,
    materialized,
    objects,
    queries,
    routines,
    sessions,
    shows,
    tables,
)
from boathouse.sql.redshift.grammar.access import grants, principals
from boathouse.sql.redshift.grammar.capture import databases, integrations
from boathouse.sql.redshift.grammar.files import copies
from boathouse.sql.redshift.grammar.storage import snapshots
from boathouse.sql.redshift.refused import HINTS, refusal
from boathouse.sql.split import split
from boathouse.sql.statements import Explain, Relational, Statement
from boathouse.sql.token_reader import TokenReader, shifted

_CACHED_STATEMENTS = 2048
_CACHED_CHARACTERS_MAX = 32_768
"""Longer texts are bulk INSERTs that do not come again."""

_QUERIES = ("select", "with", "values", "table", "insert", "update", "delete", "merge", "(")

_READERS: dict[str, Callable[[TokenReader], Statement]] = {
    "begin": sessions.read_begin,
    "commit": sessions.read_commit,
    "end": sessions.read_commit,
    "rollback": sessions.read_rollback,
    "abort": sessions.read_rollback,
    "set": sessions.read_set,
    "reset": sessions.read_reset,
    "show": shows.read_show,
    "discard": sessions.read_discard,
    "deallocate": sessions.read_discard,
    "unlisten": sessions.read_discard,
    "close": cursors.read_close,
    "cancel": cancelling.read_cancel,
    "declare": cursors.read_declare,
    "fetch": cursors.read_fetch,
    "call": routines.read_call,
    "refresh": materialized.read_refresh,
    "execute": sessions.read_execute,
    "truncate": objects.read_truncate,
    "comment": objects.read_comment,
    "vacuum": objects.read_maintain,
    "analyze": objects.read_maintain,
    "analyse": objects.read_maintain,
    "lock": objects.read_maintain,
    "grant": grants.read_grant,
    "revoke": grants.read_revoke,
    "copy": copies.read_copy,
    "unload": copies.read_unload,
    "stop": crawlers.read_stop_crawler,
    "restore": snapshots.read_restore,
}


_CREATED: dict[str, Callable[[TokenReader], Statement]] = {
    "user": principals.read_create_user,
    "group": principals.read_create_group,
    "role": principals.read_create_role,
    "crawler": crawlers.read_create_crawler,
    "classifier": crawlers.read_create_classifier,
    "integration": integrations.read_create_integration,
    "database": databases.read_create_database,
    "snapshot": snapshots.read_create_snapshot,
}
_ALTERED: dict[str, Callable[[TokenReader], Statement]] = {
    "user": principals.read_alter_user,
    "group": principals.read_alter_group,
    "role": principals.read_alter_role,
    "schema": principals.read_alter_schema,
    "crawler": crawlers.read_alter_crawler,
    "integration": integrations.read_alter_integration,
    "database": databases.read_alter_database,
}
_DROPPED: dict[str, Callable[[TokenReader], Statement]] = {
    "user": principals.read_drop_user,
    "group": principals.read_drop_group,
    "role": principals.read_drop_role,
    "crawler": crawlers.read_drop_crawler,
    "classifier": crawlers.read_drop_classifier,
    "integration": integrations.read_drop_integration,
    "database": databases.read_drop_database,
    "snapshot": snapshots.read_drop_snapshot,
}


def parse(sql: str, *, case_sensitive: bool = False) -> tuple[Statement, ...]:
    """All statements of a string, in order; none for an empty string or comments alone.

    Args:
        case_sensitive: keep the case of quoted names (`enable_case_sensitive_identifier`); off folds them too.

    Raises:
        SqlSyntaxError, FeatureNotSupported and others of the input: their position counts in `sql` as a whole.
    """
    found = []
    for text, offset in split(sql):
        try:
            found.append(parse_statement(text, offset, case_sensitive=case_sensitive))
        except BoathouseError as error:
            raise shifted(error, offset) from None
        except RecursionError:
            raise StatementTooComplex("the statement is nested too deep", position=offset + 1) from None
    return tuple(found)


def parse_statement(text: str, offset: int = 0, *, case_sensitive: bool = False) -> Statement:
    """One statement's node; `text` has no closing semicolon, as `split` gives it.

    Raises:
        SqlSyntaxError, FeatureNotSupported and others of the input: their position counts in `text`.
    """
    if len(text) > _CACHED_CHARACTERS_MAX or has_password(text):
        return _parse_statement(text, offset, case_sensitive)
    return _cached(text, offset, case_sensitive)


def _parse_statement(text: str, offset: int, case_sensitive: bool) -> Statement:
    reader = TokenReader(text, offset, case_sensitive)
    if reader.sees_any(*_QUERIES):
        return queries.read_query(text, offset, case_sensitive=case_sensitive)
    if reader.sees("explain"):
        return _explain(reader)
    if reader.sees("prepare"):
        return sessions.read_prepare(
            reader, lambda inner, at: parse_statement(inner, at, case_sensitive=case_sensitive)
        )
    read = _definition(reader) or _READERS.get(reader.token.value)
    if read is not None and reader.token.kind == "word":
        return read(reader)
    name = refusal(reader)
    if name is not None:
        reader.refuse(name, hint=HINTS.get(name))
    return reader.fail(token=_odd_token(reader))


_cached = lru_cache(maxsize=_CACHED_STATEMENTS)(_parse_statement)


def _definition(reader: TokenReader) -> Callable[[TokenReader], Statement] | None:
    """The reader for CREATE, ALTER, DROP and START, which their second words decide."""
    first, second, third = (reader.ahead(index).value for index in range(3))
    if first == "create":
        if second == "table" or (second in ("temp", "temporary") and third == "table") or second == "local":
            return tables.read_create_table
        if second == "view" or (second == "or" and third == "replace" and reader.ahead(3).value == "view"):
            return tables.read_create_view
        if second == "procedure" or (second == "or" and reader.ahead(3).value == "procedure"):
            return routines.read_create_procedure
        if second == "function" or (second == "or" and reader.ahead(3).value == "function"):
            return routines.read_create_function
        if second == "materialized":
            return materialized.read_create_materialized
        if second == "external":
            return {"schema": external.read_external_schema, "table": external.read_external_table}.get(third)
        return {"schema": objects.read_create_schema, **_CREATED}.get(second)
    if first == "alter" and second == "table":
        is_external = external.changes_external_table(reader)
        return external.read_alter_external if is_external else tables.read_alter_table
    if first == "alter" and second == "default":
        return grants.read_default_privileges
    if first == "alter" and second in _ALTERED:
        return _ALTERED[second]
    if first == "drop" and second in _DROPPED:
        return _DROPPED[second]
    if second == "function" and first in ("alter", "drop"):
        return routines.read_alter_function if first == "alter" else routines.read_drop_function
    if second == "procedure" and first in ("alter", "drop", "show"):
        return {
            "alter": routines.read_alter_procedure,
            "drop": routines.read_drop_procedure,
            "show": routines.read_show_procedure,
        }[first]
    if first == "alter" and second == "materialized":
        return materialized.read_alter_materialized
    if first == "drop":
        if second in ("table", "view", "schema", "materialized") or (
            second == "external" and third in ("table", "schema")
        ):
            return objects.read_drop
        return None
    if first == "start":
        return crawlers.read_start_crawler if second == "crawler" else sessions.read_begin
    return None


def _odd_token(reader: TokenReader) -> Token:
    """The token where a text stops being SQL: the word after CREATE, ALTER, DROP; the first one otherwise."""
    return reader.ahead(1) if reader.sees_any("create", "alter", "drop") else reader.token


def _explain(reader: TokenReader) -> Explain:
    reader.expect("explain")
    analyze = verbose = False
    while word := reader.accept_any("analyze", "verbose"):
        analyze, verbose = analyze or word == "analyze", verbose or word == "verbose"
    text, start = reader.rest()
    if not reader.sees_any(*_QUERIES, "create"):
        reader.fail(hint="EXPLAIN takes SELECT, INSERT, UPDATE, DELETE, MERGE or CREATE TABLE AS.")
    try:
        inner = parse_statement(text, reader.offset + start, case_sensitive=reader.case_sensitive)
    except BoathouseError as error:
        raise shifted(error, start) from None
    if not isinstance(inner, Relational) and not hasattr(inner, "query"):
        reader.fail(hint="EXPLAIN takes SELECT, INSERT, UPDATE, DELETE, MERGE or CREATE TABLE AS.")
    return Explain(text=reader.text, offset=reader.offset, statement=inner, verbose=verbose, analyze=analyze)
