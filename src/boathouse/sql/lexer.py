"""Redshift SQL text to tokens that know where they stand.

Received: one string from a client. Handed on: tokens, to `split`, `redshift.grammar` and `redshift.redact`. sqlglot's
own tokenizer is not used for this: it drops what our statements need (positions in characters, `\\N`, option words).

Sources: PostgreSQL documentation, chapter "Lexical Structure"; Redshift Developer Guide,
"Names and identifiers" (`#temp`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from boathouse.contracts.errors import SqlSyntaxError

Kind = Literal["word", "quoted", "string", "number", "parameter", "operator", "end"]


@dataclass(frozen=True, slots=True)
class Token:
    """One token.

    Attributes:
        kind: `word` (unquoted name or keyword), `quoted` ("name"), `string`, `number`, `parameter` (`$1`),
            `operator` (also punctuation), `end` (after the last).
        value: a word in lower case, a quoted name or a string without its quotes, otherwise the text itself.
        start, end: 0-based character offsets of the token's text.
    """

    kind: Kind
    value: str
    start: int
    end: int


_SPACE = re.compile(r"\s+|--[^\n]*")
_COMMENT_EDGE = re.compile(r"/\*|\*/")
_WORD = re.compile(r"#?[^\W\d][\w$]*")
_NUMBER = re.compile(r"\d+(?:\.(?!\.)\d*)?(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?")
_PARAMETER = re.compile(r"\$\d+")
_DOLLAR_QUOTE = re.compile(r"\$(?:[^\W\d]\w*)?\$")
_OPERATOR = re.compile(r"::|:=|<=|>=|<>|!=|\|\||!~\*|!~~\*|!~~|~~\*|~~|!~|~\*|=>|->>|->|<<|>>|[\s\S]")


_PASSWORD = re.compile(r"password\b", re.IGNORECASE)
_KEPT_CHARACTERS_MAX = 32_768
"""Splitting, classifying and reading look at one text in turn; longer ones would hold too much memory."""


class Unterminated(SqlSyntaxError):
    """A quote or comment without its end."""


def tokenize(text: str) -> Sequence[Token]:
    """All tokens of `text` and one `end` token.

    A backslash before a quote keeps the string open (UNLOAD's documented `\\'`); where that leaves a string open,
    backslashes are taken literally instead, as drivers with standard-conforming strings mean them.

    Raises:
        Unterminated: a string, quoted name or comment that never ends.
    """
    return _tokenized(text) if len(text) > _KEPT_CHARACTERS_MAX or has_password(text) else _kept(text)


def tokenize_exactly(text: str) -> Sequence[Token]:
    """The same by PostgreSQL's own rules, standard-conforming strings on: a backslash means nothing but in E''.

    Raises:
        Unterminated: as `tokenize`.
    """
    return _tokens(text, backslash_quotes=False)


def has_password(text: str) -> bool:
    """True where a text may hold a password: it is never kept."""
    return _PASSWORD.search(text) is not None


def _tokenized(text: str) -> tuple[Token, ...]:
    try:
        return _tokens(text, backslash_quotes=True)
    except Unterminated as error:
        if "\\" not in text:
            raise
        try:
            return _tokens(text, backslash_quotes=False)
        except Unterminated:
            raise error from None


_kept = lru_cache(maxsize=64)(_tokenized)


def _tokens(text: str, *, backslash_quotes: bool) -> tuple[Token, ...]:
    tokens: list[Token] = []
    at = _after_space(text, 0)
    while at < len(text):
        token = _token(text, at, backslash_quotes)
        tokens.append(token)
        at = _after_space(text, token.end)
    tokens.append(Token("end", "", len(text), len(text)))
    return tuple(tokens)


def _token(text: str, at: int, backslash_quotes: bool) -> Token:
    char = text[at]
    if char == "'":
        return _string(text, at, at, backslash_quotes)
    if char in "eE" and text[at + 1 : at + 2] == "'":
        return _string(text, at, at + 1, True)
    if char == '"':
        return _quoted_name(text, at)
    if char == "$":
        if found := _PARAMETER.match(text, at):
            return Token("parameter", found.group(), at, found.end())
        if found := _DOLLAR_QUOTE.match(text, at):
            return _dollar_string(text, at, found.group())
    if found := _WORD.match(text, at):
        return Token("word", found.group().lower(), at, found.end())
    if (char.isdigit() or char == ".") and (found := _NUMBER.match(text, at)):
        return Token("number", found.group(), at, found.end())
    found = _OPERATOR.match(text, at)
    assert found is not None
    return Token("operator", found.group(), at, found.end())


def _after_space(text: str, at: int) -> int:
    while True:
        if found := _SPACE.match(text, at):
            at = found.end()
        elif text.startswith("/*", at):
            at = _after_comment(text, at)
        else:
            return at


def _after_comment(text: str, start: int) -> int:
    depth = 0
    for edge in _COMMENT_EDGE.finditer(text, start):
        depth += 1 if edge.group() == "/*" else -1
        if depth == 0:
            return edge.end()
    raise Unterminated("unterminated /* comment", position=start + 1)


def _string(text: str, start: int, quote: int, backslash_quotes: bool) -> Token:
    parts: list[str] = []
    at = quote + 1
    while at < len(text):
        char = text[at]
        if char == "\\" and backslash_quotes and at + 1 < len(text):
            parts.append("'" if text[at + 1] == "'" else text[at : at + 2])
            at += 2
        elif char != "'":
            parts.append(char)
            at += 1
        elif text[at + 1 : at + 2] == "'":
            parts.append("'")
            at += 2
        else:
            return Token("string", "".join(parts), start, at + 1)
    raise Unterminated("unterminated quoted string", position=start + 1)


def _quoted_name(text: str, start: int) -> Token:
    at = start + 1
    while (end := text.find('"', at)) >= 0:
        if text[end + 1 : end + 2] != '"':
            value = text[start + 1 : end].replace('""', '"')
            if not value:
                raise SqlSyntaxError('zero-length delimited identifier at or near """"', position=start + 1)
            return Token("quoted", value, start, end + 1)
        at = end + 2
    raise Unterminated("unterminated quoted identifier", position=start + 1)


def _dollar_string(text: str, start: int, tag: str) -> Token:
    end = text.find(tag, start + len(tag))
    if end < 0:
        raise Unterminated("unterminated dollar-quoted string", position=start + 1)
    return Token("string", text[start + len(tag) : end], start, end + len(tag))
