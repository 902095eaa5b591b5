"""What a statement in the log does to captured tables: its text is only a hint, the shape itself is in TABLE_MAP.

Receives the text of a QUERY event and the database it ran in; hands a verdict on to `follow`. Pure.

Only the first words and the names are read, by a small reader of tokens: a parser of all of MySQL's DDL would break on every
new clause, and nothing more is needed. What is not recognised and may change rows is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, auto
from itertools import pairwise

TablePath = tuple[str, str]


class Act(Enum):
    """What a statement is."""

    BEGIN = auto()
    COMMIT = auto()
    ROLLBACK = auto()
    INSIDE = auto()
    """Neither begins nor ends anything and changes no row: SAVEPOINT, XA START, XA END."""
    UNDO = auto()
    """ROLLBACK TO SAVEPOINT."""
    CHANGE = auto()
    """A change of rows that was logged as a statement."""
    OTHER = auto()
    """DDL and administration; `Effects` say what becomes of tables."""


@dataclass(frozen=True, slots=True)
class Effects:
    """What a statement does.

    Args:
        emptied: tables whose rows went without row events.
        altered: tables whose shape may be another now.
        replaced: tables whose rows may be others now, without row events.
        rearranged: tables of which some rows may have gone or come so, with a partition.
        is_truncation: what was emptied kept its shape.
    """

    act: Act
    emptied: tuple[TablePath, ...] = ()
    altered: tuple[TablePath, ...] = ()
    replaced: tuple[TablePath, ...] = ()
    rearranged: tuple[TablePath, ...] = ()
    is_truncation: bool = False

    @property
    def reshaped(self) -> tuple[TablePath, ...]:
        """The tables whose shape may be another behind the statement; without a name: all of the database's."""
        return () if self.is_truncation else (*self.emptied, *self.altered, *self.replaced, *self.rearranged)


def meant(path: TablePath, among: Iterable[TablePath]) -> list[TablePath]:
    """The tables that a path means: itself, or without a name all of its database's."""
    return [one for one in among if one == path or (not path[1] and one[0] == path[0])]


_TOKEN = re.compile(
    r"/\*(?![!M])(?:[^*]|\*(?!/))*+(?:\*/|\Z)|--[ \t][^\n]*|\#[^\n]*|/\*M?!\d*|\*/"  # what /*!50000 holds is read
    r"|(?P<quoted>`(?:[^`]|``)*+(?:`|\Z))"
    r"|(?P<text>'(?:[^'\\]|\\(?:.|\Z)|'')*+(?:'|\Z)|\"(?:[^\"\\]|\\(?:.|\Z)|\"\")*+(?:\"|\Z))"
    r"|(?P<word>[\w$]+)|(?P<sign>[.,;()=])|\s+|.",
    re.DOTALL,
)
_CHANGES = frozenset(("INSERT", "UPDATE", "DELETE", "REPLACE", "LOAD", "MERGE", "CALL", "DO", "WITH", "SELECT"))
TEXT_CHARACTERS_MAX = 1 << 16
"""No more of a statement is looked at: names stand at its beginning."""

_BEGIN = Effects(Act.BEGIN)


def effects_of(text: str, schema: str) -> Effects:
    """What the statement does; names without a database are of `schema`."""
    if text == "BEGIN":
        return _BEGIN  # nearly all are
    tokens = _Tokens(text[:TEXT_CHARACTERS_MAX], schema)
    first = tokens.word()
    if first in ("BEGIN", "COMMIT"):
        return Effects(Act[first])
    if first == "START":
        return Effects(Act.BEGIN)
    if first == "SAVEPOINT" or first == "RELEASE":
        return Effects(Act.INSIDE)
    if first == "ROLLBACK":
        return Effects(Act.UNDO if tokens.word() else Act.ROLLBACK)
    if first == "XA":
        return Effects(Act.INSIDE if tokens.word() in ("START", "BEGIN", "END") else Act.OTHER)
    if first in _CHANGES:
        return Effects(Act.CHANGE)
    return _definition(first, tokens)


def _definition(first: str, tokens: _Tokens) -> Effects:
    if first == "TRUNCATE":
        tokens.skip("TABLE")
        return Effects(Act.OTHER, emptied=(tokens.name(),), is_truncation=True)
    words = {first}
    while (word := tokens.word()) and word not in (
        "TABLE",
        "TABLES",
        "DATABASE",
        "SCHEMA",
        "VIEW",
        "INDEX",
        "SEQUENCE",
    ):
        words.add(word)
    if word in ("DATABASE", "SCHEMA") and first == "DROP":
        tokens.skip("IF", "EXISTS")
        return Effects(Act.OTHER, emptied=((tokens.plain(), ""),))
    if word == "INDEX" and first == "DROP":
        tokens.skip("IF", "EXISTS")
        is_key = tokens.plain().upper() == "PRIMARY"
        tokens.skip("ON")
        return Effects(Act.OTHER, altered=(tokens.name(),) if is_key else ())
    if word not in ("TABLE", "TABLES") or "TEMPORARY" in words:
        return Effects(Act.OTHER)
    if first == "DROP":
        tokens.skip("IF", "EXISTS")
        return Effects(Act.OTHER, emptied=tuple(tokens.names()))
    if first == "CREATE":
        tokens.skip("IF", "NOT", "EXISTS")
        return Effects(Act.OTHER, emptied=(tokens.name(),) if "REPLACE" in words else ())
    if first == "RENAME":
        tokens.skip("IF", "EXISTS")
        return _renamed(tokens.pairs())
    if first == "ALTER":
        tokens.skip("IF", "EXISTS")
        return _altered(tokens)
    return Effects(Act.OTHER)


def _renamed(pairs: list[tuple[TablePath, TablePath]]) -> Effects:
    """Old names are gone unless a table took them; new names hold rows that no event told of."""
    taken = dict(new_and_old[::-1] for new_and_old in pairs)
    gone = tuple(old for old, _ in pairs if old not in taken)
    ghosts = tuple(new for new, old in taken.items() if is_copy(old[1], new[1]))
    return Effects(Act.OTHER, gone, altered=ghosts, replaced=tuple(new for new in taken if new not in ghosts))


def is_copy(table: str, of: str) -> bool:
    """True for the tables in which gh-ost and pt-online-schema-change copy another one before they swap the two: rows
    are the same before and after the swap."""
    return table in (f"_{of}_gho", f"_{of}_new")


def is_left_over(table: str) -> bool:
    """True for names of the tables that those two programs work with."""
    return re.fullmatch(r"_.+_(gho|ghc|del|new|old)", table) is not None


_REARRANGES = frozenset(("TRUNCATE", "DROP", "EXCHANGE", "IMPORT", "DISCARD", "CONVERT"))
_REWRITES = frozenset(("IMPORT", "DISCARD"))


def _altered(tokens: _Tokens) -> Effects:
    table = tokens.name()
    words: list[str] = []
    renamed: TablePath | None = None
    other: TablePath | None = None
    while tokens.left:
        word = tokens.word()
        if word == "TABLE" and words[-1:] in (["WITH"], ["TO"], ["CONVERT"]):
            other = tokens.name()
            words.append(word)
        elif word == "RENAME" and tokens.peek() not in ("COLUMN", "INDEX", "KEY"):
            tokens.skip("TO", "AS", "=")
            renamed = tokens.name()
        elif word:
            words.append(word)
        else:
            tokens.next()
    if renamed is not None:
        return Effects(Act.OTHER, emptied=(table,), replaced=(renamed,))
    pairs = set(pairwise(words))
    if any((word, "PARTITION") in pairs for word in _REARRANGES):
        return Effects(Act.OTHER, rearranged=(table,) if other is None else (table, other))
    if ("CONVERT", "TABLE") in pairs and other is not None:
        return Effects(Act.OTHER, emptied=(other,), rearranged=(table,))
    if any((word, "TABLESPACE") in pairs for word in _REWRITES):
        return Effects(Act.OTHER, replaced=(table,))
    return Effects(Act.OTHER, altered=(table,))


class _Tokens:
    """The statement's words, names and signs."""

    def __init__(self, text: str, schema: str) -> None:
        self.schema = schema
        self.at = 0
        self.all = [(m.lastgroup, m.group()) for m in _TOKEN.finditer(text) if m.lastgroup is not None]

    @property
    def left(self) -> int:
        return max(len(self.all) - self.at, 0)

    def next(self) -> tuple[str | None, str]:
        if not self.left:
            return None, ""
        self.at += 1
        return self.all[self.at - 1]

    def peek(self) -> str:
        """The next token's text, in capitals."""
        return self.all[self.at][1].upper() if self.left else ""

    def word(self) -> str:
        """The next word in capitals, taken; empty where no word comes next."""
        if not self.left or self.all[self.at][0] != "word":
            return ""
        return self.next()[1].upper()

    def skip(self, *words: str) -> None:
        while self.left and self.peek() in words:
            self.at += 1

    def plain(self) -> str:
        kind, text = self.next()
        return text[1:-1].replace("``", "`") if kind == "quoted" else text

    def name(self) -> TablePath:
        """A table's name, with its database where one stands before it."""
        first = self.plain()
        if self.peek() == ".":
            self.at += 1
            return first, self.plain()
        return self.schema, first

    def names(self) -> list[TablePath]:
        found = [self.name()]
        while self.peek() == ",":
            self.at += 1
            found.append(self.name())
        return found

    def pairs(self) -> list[tuple[TablePath, TablePath]]:
        """`a TO b, c TO d`"""
        found = []
        while self.left:
            old = self.name()
            while self.left and self.peek() != "TO":  # WAIT n, NOWAIT
                self.at += 1
            self.at += 1
            found.append((old, self.name()))
            if self.peek() != ",":
                break
            self.at += 1
        return found
