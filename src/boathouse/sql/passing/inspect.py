"""What a text of PostgreSQL's SQL needs of a user who was granted single tables: read in full, or refused.

Received: a text, of any number of statements. Handed on, to `query.passing`: tables with privileges, or a reason. Whoever may do
everything is never asked. Source: PostgreSQL documentation, chapter "SQL Commands".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from boathouse.contracts.errors import SqlSyntaxError
from boathouse.sql.lexer import Token, tokenize_exactly
from boathouse.sql.passing.known import SETTINGS
from boathouse.sql.passing.trees import NAME_BYTES_MAX, Touched, Unreadable, touched

_KEPT_CHARACTERS_MAX = 8_192
_TRANSACTION = frozenset(("begin", "start", "commit", "end", "rollback", "abort", "savepoint", "release"))
_PLAIN = frozenset(("show", "discard", "deallocate", "close", "fetch", "move", "execute"))
_QUERIES = frozenset(("select", "with", "values", "insert", "update", "delete", "merge"))


@dataclass(frozen=True, slots=True)
class Inspected:
    """What a text needs.

    Attributes:
        problem: why it cannot be said; None where it can.
    """

    needed: frozenset[Touched]
    problem: str | None = None


def inspect(text: str) -> Inspected:
    """The privileges that a text needs."""
    return _inspected(text) if len(text) > _KEPT_CHARACTERS_MAX else _kept(text)


def _inspected(text: str) -> Inspected:
    try:
        tokens = tokenize_exactly(text)
        _check_signs(text, tokens)
        found: set[Touched] = set()
        start = 0
        for at, token in enumerate(tokens):
            if token.kind == "end" or (token.kind == "operator" and token.value == ";"):
                if at > start:
                    found |= _statement(text, tokens[start:at])
                start = at + 1
        return Inspected(frozenset(found))
    except SqlSyntaxError:
        return Inspected(frozenset(), "a quote, a name or a comment is broken")
    except Unreadable as problem:
        return Inspected(frozenset(), str(problem))


_kept = lru_cache(maxsize=1024)(_inspected)


def _check_signs(text: str, tokens: Sequence[Token]) -> None:
    """Signs that end comments and words over there and not here, or the other way round: only strings may hold others."""
    if "\r" in text.replace("\r\n", "") or any(one.isspace() and one not in " \t\n\r\f\v" for one in text):
        raise Unreadable("it has white space of an uncommon kind")
    if any(not token.value.isascii() for token in tokens if token.kind not in ("string", "quoted")):
        raise Unreadable("names that are not in ASCII must be quoted")


def _statement(text: str, tokens: Sequence[Token]) -> set[Touched]:
    for token, following in pairwise(tokens):
        if token.value == "u" and following.value == "&" and token.end == following.start:
            raise Unreadable("it has names or strings in Unicode escapes")
    word = tokens[0].value if tokens[0].kind == "word" else ""
    if word in _QUERIES or tokens[0].value == "(":
        return touched(text[tokens[0].start : tokens[-1].end], tokens, tokens[0].start)
    if word in _TRANSACTION and not any(token.kind == "string" for token in tokens) and not _sees(tokens, "prepared"):
        return set()
    if word in _PLAIN and not any(
        token.kind == "operator" and token.value == "(" for token in tokens[3:]
    ):  # EXECUTE's own parenthesis, and none inside it
        return set()
    if word in ("set", "reset"):
        return _setting(tokens)
    if word == "explain":
        return _explained(text, tokens)
    if word == "declare" and _sees(tokens, "cursor") and _sees(tokens, "for"):
        return _after(text, tokens, _place(tokens, "for"))
    if word == "prepare" and _sees(tokens, "as"):
        return _after(text, tokens, _place(tokens, "as"))
    if word == "copy":
        return _copied(text, tokens)
    if word == "truncate":
        return _truncated(tokens)
    raise Unreadable(f"{word.upper() or 'it'} takes a privilege on the whole database")


def _after(text: str, tokens: Sequence[Token], place: int) -> set[Touched]:
    rest = tokens[place + 1 :]
    if not rest or rest[0].value not in (*_QUERIES, "("):
        raise Unreadable("it is no query and no change of rows")
    return touched(text[rest[0].start : rest[-1].end], rest, rest[0].start)


def _explained(text: str, tokens: Sequence[Token]) -> set[Touched]:
    place = 0
    if len(tokens) > 1 and tokens[1].value == "(" and _sees(tokens, ")"):
        place = _place(tokens, ")")
    else:
        while place + 1 < len(tokens) and tokens[place + 1].value in ("analyze", "verbose"):
            place += 1
    return _after(text, tokens, place)


def _setting(tokens: Sequence[Token]) -> set[Touched]:
    rest = [token.value.lower() for token in tokens[1:]]
    if rest and rest[0] in ("session", "local"):
        rest = rest[1:]
    if rest[:2] == ["time", "zone"]:
        rest = ["timezone", *rest[2:]]
    if rest[:1] == ["transaction"] or rest[:2] == ["characteristics", "as"] or rest == ["all"]:
        return set()
    if not rest or rest[0] not in SETTINGS:
        raise Unreadable(f"the setting {rest[0] if rest else ''} takes a privilege on the whole database")
    if rest[0] == "client_encoding" and rest[-1] not in ("utf8", "utf-8", "unicode", "default", "client_encoding"):
        raise Unreadable("texts can be read here in UTF-8 alone")
    return set()


def _copied(text: str, tokens: Sequence[Token]) -> set[Touched]:
    if not (_follow(tokens, "to", "stdout") or _follow(tokens, "from", "stdin")) or _sees(tokens, "where"):
        raise Unreadable("COPY is read here TO STDOUT and FROM STDIN")
    if _sees(tokens, "program") or len(tokens) < 4:
        raise Unreadable("COPY is read here TO STDOUT and FROM STDIN")
    if tokens[1].value == "(":
        depth = 0
        for at, token in enumerate(tokens):
            depth += (token.value == "(") - (token.value == ")") if token.kind == "operator" else 0
            if at and not depth:
                return _after(text, tokens[:at], 1)
    schema, name, _ = _name(tokens, 1)
    return {Touched("INSERT" if _follow(tokens, "from", "stdin") else "SELECT", schema, name)}


def _truncated(tokens: Sequence[Token]) -> set[Touched]:
    at = 1
    while tokens[at].kind == "word" and tokens[at].value in ("table", "only"):
        at += 1
    found = set()
    while True:
        schema, name, at = _name(tokens, at)
        found.add(Touched("TRUNCATE", schema, name))
        if at >= len(tokens) or tokens[at].value != ",":
            break
        at += 1
    if any(token.value not in ("restrict", "restart", "continue", "identity") for token in tokens[at:]):
        raise Unreadable("it reaches other tables")
    return found


def _name(tokens: Sequence[Token], at: int) -> tuple[str, str, int]:
    """A table's name and where it ends; without a schema it is one of `public`."""
    parts: list[str] = []
    while at < len(tokens) and tokens[at].kind in ("word", "quoted"):
        parts.append(tokens[at].value)
        at += 1
        if at < len(tokens) and tokens[at].value == ".":
            at += 1
            continue
        break
    if not 1 <= len(parts) <= 2 or any(len(part.encode()) > NAME_BYTES_MAX for part in parts):
        raise Unreadable("a table's name is not read here")
    return (parts[0] if len(parts) == 2 else "public"), parts[-1], at


def _sees(tokens: Sequence[Token], word: str) -> bool:
    return any(token.value == word and token.kind in ("word", "operator") for token in tokens)


def _place(tokens: Sequence[Token], word: str) -> int:
    return next(at for at, token in enumerate(tokens) if token.value == word and token.kind in ("word", "operator"))


def _follow(tokens: Sequence[Token], first: str, second: str) -> bool:
    return any(
        one.value == first and other.value == second and one.kind == other.kind == "word"
        for one, other in pairwise(tokens)
    )
