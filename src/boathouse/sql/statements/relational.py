"""What every statement has, and the nodes that keep sqlglot's tree: queries and DML, and EXPLAIN of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sqlglot import exp


@dataclass(frozen=True, slots=True)
class QualifiedName:
    """`[database.][schema.]name`, folded."""

    name: str
    schema: str | None = None
    database: str | None = None

    def __str__(self) -> str:
        return ".".join(part for part in (self.database, self.schema, self.name) if part is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """Any statement.

    Attributes:
        text: the statement's own text without the closing semicolon.
        offset: characters before `text` in the string that the client sent, so that an error's position can be
            moved to the whole string.
    """

    text: str
    offset: int = 0


Verb = Literal["SELECT", "INSERT", "UPDATE", "DELETE", "MERGE"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Relational(Statement):
    """SELECT, VALUES, WITH …, INSERT, UPDATE, DELETE, MERGE.

    Attributes:
        tree: sqlglot's tree in the Redshift dialect, names not yet resolved.
        parameters: the highest `$n` in the text.
        case_sensitive: names in quotes have kept their case.
    """

    tree: exp.Expression
    verb: Verb
    parameters: int = 0
    case_sensitive: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Explain(Statement):
    """EXPLAIN [VERBOSE] [ANALYZE] statement."""

    statement: Statement
    verbose: bool = False
    analyze: bool = False
