"""A query or change in PostgreSQL's SQL to the tables that it touches, or a reason why that cannot be said.

Received from `inspect`: one statement's text and its tokens by PostgreSQL's own lexical rules. sqlglot reads the text a
second time; where the two do not agree on every word and string, nothing is believed. Names of CTEs are resolved as
PostgreSQL does. Source: PostgreSQL documentation, SELECT ("WITH clause", "FROM clause").
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.tokenizer_core import Token as SqlglotToken
from sqlglot.tokenizer_core import TokenType

from boathouse.sql.lexer import Token
from boathouse.sql.passing.known import CATALOG, FORMS, FUNCTIONS

NAME_BYTES_MAX = 63
"""PostgreSQL cuts longer names, and may so make them another one's."""

DIALECT = "postgres"
_QUOTED = (TokenType.STRING, TokenType.IDENTIFIER, TokenType.HEREDOC_STRING, TokenType.BYTE_STRING, TokenType.NATIONAL_STRING,
           TokenType.BIT_STRING, TokenType.HEX_STRING, TokenType.RAW_STRING, TokenType.UNICODE_STRING)  # fmt: skip
_QUERIES = (exp.Select, exp.SetOperation, exp.Subquery, exp.Values)
_CHANGES = (exp.Insert, exp.Update, exp.Delete, exp.Merge)
_ROOTS = (*_QUERIES, *_CHANGES)
_HIDES = re.compile(r"^_|user_mapping")
"""Views of information_schema that may show passwords for other servers."""

_WORDS = re.compile(r"[^\W\d][\w$]*")


class Unreadable(Exception):
    """Why nothing can be said; in words for the user."""


@dataclass(frozen=True, slots=True)
class Touched:
    """One privilege that a statement needs on one table."""

    privilege: str
    schema: str
    name: str


def touched(text: str, tokens: Sequence[Token], offset: int) -> set[Touched]:
    """The tables of a SELECT, INSERT, UPDATE, DELETE, MERGE, VALUES or TABLE-less WITH.

    Args:
        tokens: of the statement alone; offset: of `text` in what they count from.

    Raises:
        Unreadable.
    """
    _check_words(tokens)
    try:
        _check_agreement(text, tokens, offset)
        tree = sqlglot.parse_one(text, read=DIALECT)
    except (SqlglotError, RecursionError, AttributeError, TypeError, ValueError, IndexError, KeyError):
        raise Unreadable("it cannot be read here") from None
    if not isinstance(tree, _ROOTS):
        raise Unreadable("it is no query and no change of rows")
    _check_calls(tree, tokens)
    found: set[Touched] = set()
    for privilege, table in _tables(tree):
        found |= _needed(privilege, table)
    return found


def _check_words(tokens: Sequence[Token]) -> None:
    words = [token.value for token in tokens if token.kind == "word"]
    if "table" in words:
        raise Unreadable("TABLE is used")
    if words.count("into") > words.count("insert") + words.count("merge"):
        raise Unreadable("it creates a table")
    if any(len(token.value.encode()) > NAME_BYTES_MAX for token in tokens if token.kind in ("word", "quoted")):
        raise Unreadable("a name is too long")


def _check_agreement(text: str, tokens: Sequence[Token], offset: int) -> None:
    """Both lexers see the same strings and quoted names in the same places, and the same words between them."""
    other: Sequence[SqlglotToken] = sqlglot.tokenize(text, read=DIALECT)
    ends = [token.end - offset for token in tokens if token.kind in ("string", "quoted")]
    if ends != [token.end + 1 for token in other if token.token_type in _QUOTED]:
        raise ValueError("strings differ")
    mine = [token.value for token in tokens if token.kind == "word"]
    theirs = [word.lower() for token in other if token.token_type not in _QUOTED for word in _WORDS.findall(token.text)]
    if [one for one in mine if one not in ("e", "b", "x", "n", "u")] != [
        one for one in theirs if one not in ("e", "b", "x", "n", "u")
    ]:
        raise ValueError("words differ")


def _check_calls(tree: exp.Expression, tokens: Sequence[Token]) -> None:
    """Only functions that are known to be harmless are called, of pg_catalog where they name a schema."""
    own = _own_names(tree)
    plain = {name.replace("_", "") for name in own}
    for at, token in enumerate(tokens[:-1]):
        following = tokens[at + 1]
        if token.kind not in ("word", "quoted") or following.kind != "operator" or following.value != "(":
            continue
        known = token.kind == "word" and token.value in FORMS
        if not known and token.value not in FUNCTIONS and token.value not in own:
            raise Unreadable(f"the function {token.value} is not known to be harmless")
        if at and tokens[at - 1].value == "." and token.value not in own and tokens[at - 2].value != "pg_catalog":
            raise Unreadable(f"{tokens[at - 2].value}.{token.value} is not known to be harmless")
    for call in tree.find_all(exp.Func):
        if isinstance(call, exp.Anonymous | exp.AnonymousAggFunc | exp.ParameterizedAgg):
            name = call.this if isinstance(call.this, str) else call.name
            if name.lower() not in FUNCTIONS:
                raise Unreadable(f"the function {name} is not known to be harmless")
        elif plain & {name.lower().replace("_", "") for name in type(call).sql_names()}:
            raise Unreadable("a table is named like a function that is called")
    for dot in tree.find_all(exp.Dot):
        if dot.find_ancestor(exp.DataType) is not None and dot.find(exp.Func) is None:
            continue  # a type with its schema
        if not (isinstance(dot.expression, exp.Func) and dot.this.name == "pg_catalog"):
            raise Unreadable("a field of a value is taken, which may be a call")
    if next(tree.find_all(exp.Into, exp.Command, exp.TableSample), None) is not None:
        raise Unreadable("it holds something that is not read here")


def _own_names(tree: exp.Expression) -> set[str]:
    """Names that the text gives itself, or changes: columns may follow them in parentheses."""
    own = {one.alias for one in tree.find_all(exp.CTE, exp.Table, exp.Subquery)}
    own |= {one.name for one in tree.find_all(exp.TableAlias, exp.Table)}
    return own - FUNCTIONS


def _tables(tree: exp.Expression) -> Iterator[tuple[str, exp.Table]]:
    """Every table with the privilege that its place needs; names of CTEs are none."""
    yield from _walk(tree, frozenset())


def _walk(node: exp.Expression, ctes: frozenset[str]) -> Iterator[tuple[str, exp.Table]]:
    clause = node.args.get("with_") or node.args.get("with")
    if isinstance(clause, exp.With):
        named = [_folded(cte.args["alias"].this) for cte in clause.expressions]
        seen = ctes | frozenset(named) if clause.recursive else ctes
        for name, cte in zip(named, clause.expressions, strict=True):
            yield from _walk(cte.this, seen)
            seen |= {name}
        ctes = seen
    target = _target(node)
    privilege = {exp.Insert: "INSERT", exp.Update: "UPDATE", exp.Delete: "DELETE", exp.Merge: "MERGE"}.get(
        type(node), ""
    )
    if target is not None:
        yield privilege, target
        if isinstance(node, exp.Insert) and (node.args.get("conflict") or node.args.get("returning")):
            yield "UPSERT", target
    is_locking = bool(node.args.get("locks"))
    for key, value in node.args.items():
        if key in ("with_", "with", "locks"):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, exp.Expression):
                for found, table in _found(child, ctes, target):
                    yield ("UPDATE" if is_locking and found == "SELECT" else found), table


def _found(child: exp.Expression, ctes: frozenset[str], target: exp.Table | None) -> Iterator[tuple[str, exp.Table]]:
    if child is target:
        return
    if isinstance(child, exp.Table):
        is_cte = not child.db and isinstance(child.this, exp.Identifier) and _folded(child.this) in ctes
        if isinstance(child.this, exp.Identifier) and not is_cte:
            yield "SELECT", child
    yield from _walk_below(child, ctes, target)


def _walk_below(
    node: exp.Expression, ctes: frozenset[str], target: exp.Table | None
) -> Iterator[tuple[str, exp.Table]]:
    if isinstance(node, _ROOTS) or node.args.get("with_") or node.args.get("with"):
        yield from _walk(node, ctes)
        return
    for value in node.args.values():
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, exp.Expression):
                yield from _found(child, ctes, target)


def _target(node: exp.Expression) -> exp.Table | None:
    if not isinstance(node, _CHANGES):
        return None
    place = node.this
    while place is not None and not isinstance(place, exp.Table):
        place = place.this if isinstance(place, exp.Expression) else None
    if place is None or not isinstance(place.this, exp.Identifier):
        raise Unreadable("what it changes is not a table's name")
    return place


def _folded(name: exp.Expression) -> str:
    text = name.name
    quoted = isinstance(name, exp.Identifier) and name.quoted
    return text if quoted else "".join(one.lower() if one.isascii() else one for one in text)


_PRIVILEGES = {
    "SELECT": ("SELECT",),
    "INSERT": ("INSERT",),
    "UPDATE": ("UPDATE", "SELECT"),
    "DELETE": ("DELETE", "SELECT"),
    "UPSERT": ("SELECT", "UPDATE"),
    "MERGE": ("INSERT", "UPDATE", "DELETE", "SELECT"),
}


def _needed(place: str, table: exp.Table) -> set[Touched]:
    if table.args.get("catalog"):
        raise Unreadable("a table is named with its database")
    schema, name = table.args.get("db"), _folded(table.this)
    named = "public" if schema is None else _folded(schema)
    if place == "SELECT":
        if (named == "information_schema" and not _HIDES.search(name)) or (named == "pg_catalog" and name in CATALOG):
            return set()
        if schema is None and name in CATALOG:
            return set()
    return {Touched(privilege, named, name) for privilege in _PRIVILEGES[place]}
