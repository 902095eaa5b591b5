"""A text of another database's SQL, told by its leading words: for the log and the queues, never for who may.

Received: what a client sent, as bytes. Handed on, to `query.passing`: a `PassOn`. Nothing here fails: what cannot be told
is a utility. Source: PostgreSQL documentation, chapters "SQL Commands" and "Lexical Structure".
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal

from boathouse.sql.lexer import has_password
from boathouse.sql.statements import PassOn

Slot = Literal["read", "write", "load", "other"]

_KEPT_CHARACTERS_MAX = 8_192
_SPACE = r"(?:\s|--[^\n]*+(?:\n|\Z)|/\*(?:[^*]|\*(?!/))*+\*/|\()*+"
_FIRST_WORD = re.compile(rf"{_SPACE}([A-Za-z]+)")
_COPY_OUT = re.compile(r"\bto\b(?![\s\S]*\bfrom\s+stdin\b)", re.IGNORECASE)
_CHANGE = re.compile(r"\b(insert|update|delete|merge)\b", re.IGNORECASE)
_READ_FROM = re.compile(r"\b(?:from|join|into|update|using)\s+(?:only\s+)?\(?\s*([\w.\"$]+)", re.IGNORECASE)
_CATALOGS = ("pg_", '"pg_', "information_schema.")

_DDL = frozenset(
    ("create", "alter", "drop", "truncate", "comment", "import", "reindex", "refresh", "cluster", "security")
)
_SLOTS: dict[str, Slot] = {
    "insert": "write", "update": "write", "delete": "write", "merge": "write", "copy": "load", "unload": "write",
    "call": "other", "do": "other", "execute": "other", "fetch": "read", "vacuum": "other", "analyze": "other",
    "refresh": "write", "reindex": "other", "cluster": "other", "create": "write",
}  # fmt: skip


def classify(raw: bytes, database: str, encoding: str = "utf-8") -> PassOn:
    """The statement of a text, or the first of several.

    Args:
        encoding: Python's name of the session's `client_encoding`.
    """
    try:
        text, is_text = raw.decode(encoding), True
    except (UnicodeDecodeError, LookupError):
        text, is_text = raw.decode("utf-8", "replace"), False
    if is_text and len(text) <= _KEPT_CHARACTERS_MAX and not has_password(text):
        return _kept(text, database)
    return _classified(text, database, is_text)


def _classified(text: str, database: str, is_text: bool = True) -> PassOn:
    shown = text.strip()
    found = _FIRST_WORD.match(text)
    word = found[1].lower() if found else ""
    kind: Literal["query", "ddl", "utility"] = "utility"
    verb = "UTILITY"
    if word in ("select", "with", "values", "table"):
        kind, verb = "query", "SELECT"
    elif word in ("insert", "update", "delete", "merge", "copy", "unload"):
        kind, verb = "query", word.upper()
    elif word in ("execute", "fetch"):
        kind, verb = "query", "OTHER"
    elif word in _DDL:
        kind, verb = "ddl", "DDL"
    elif word in ("call", "commit", "rollback"):
        verb = word.upper()
    return PassOn(
        text=shown, database=database, verb=verb, kind=kind, slot=_slot(word, text, verb), is_text=is_text
    )  # fmt: skip


_kept = lru_cache(maxsize=2048)(_classified)


def _slot(word: str, text: str, verb: str) -> Slot | None:
    """What reads no table, or the catalog alone, takes no slot; nor does DDL but for what fills a table."""
    if word == "explain":
        return "read" if re.search(r"\banalyze\b", text, re.IGNORECASE) else None
    if verb == "SELECT":
        if _CHANGE.search(text):
            return "write"
        read = _READ_FROM.findall(text)
        return "read" if word == "table" or any(not one.lower().startswith(_CATALOGS) for one in read) else None
    if word == "copy" and _COPY_OUT.search(text):
        return "read"
    if word == "create" and not re.search(r"\bas\b", text, re.IGNORECASE):
        return None
    return _SLOTS.get(word)
