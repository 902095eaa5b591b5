"""The tree of a PL/pgSQL body.

Made by `parser` and `declarations`; run by `query.procedures`. SQL inside a body (expressions, queries, statements)
stays text until it runs, as in PostgreSQL: what it names may not exist before.

Source: Redshift Developer Guide, "Structure of PL/pgSQL", "Supported PL/pgSQL statements".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from boathouse.contracts.types import SqlType

Path = tuple[str, ...]
"""A variable as written: `("n",)`, `("rec", "field")`, `("label", "n")`."""


@dataclass(frozen=True, slots=True)
class Sql:
    """A piece of SQL in the body: `offset` counts characters before it in the body's text."""

    text: str
    offset: int


@dataclass(frozen=True, slots=True)
class TypeOf:
    """A declared type: a plain one, or that of something whose type is looked up when the block is entered.

    Attributes:
        kind: `plain` (type), `column` (`path`%TYPE), `row` (`path`%ROWTYPE), `record`, `refcursor`.
    """

    kind: Literal["plain", "column", "row", "record", "refcursor"]
    type: SqlType | None = None
    path: Path = ()


@dataclass(frozen=True, slots=True)
class Declared:
    """name [CONSTANT] type [NOT NULL] [DEFAULT value]; a bound cursor has a query and maybe arguments."""

    line: int
    name: str
    type: TypeOf
    constant: bool = False
    not_null: bool = False
    default: Sql | None = None
    query: Sql | None = None
    arguments: tuple[tuple[str, SqlType], ...] = ()


@dataclass(frozen=True, slots=True)
class AliasFor:
    """name ALIAS FOR $n or another variable."""

    line: int
    name: str
    target: str


@dataclass(frozen=True, slots=True)
class Node:
    """Any statement; `line` counts from 1 at the body's first line."""

    line: int


@dataclass(frozen=True, slots=True)
class Handler:
    """EXCEPTION [CONTINUE_HANDLER | EXIT_HANDLER] WHEN OTHERS THEN statements."""

    line: int
    body: tuple[Node, ...]
    continues: bool = False


@dataclass(frozen=True, slots=True)
class Block(Node):
    """[<<label>>] [DECLARE …] BEGIN … [EXCEPTION …] END."""

    label: str | None
    declarations: tuple[Declared | AliasFor, ...]
    body: tuple[Node, ...]
    handler: Handler | None = None


@dataclass(frozen=True, slots=True)
class Assign(Node):
    """target := value."""

    target: Path
    value: Sql


@dataclass(frozen=True, slots=True)
class If(Node):
    """IF … ELSIF … ELSE: the first condition that is true."""

    branches: tuple[tuple[Sql, tuple[Node, ...]], ...]
    otherwise: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Case(Node):
    """CASE [subject] WHEN …: with a subject, values to compare it with; `otherwise` None without ELSE."""

    subject: Sql | None
    branches: tuple[tuple[tuple[Sql, ...], tuple[Node, ...]], ...]
    otherwise: tuple[Node, ...] | None


@dataclass(frozen=True, slots=True)
class Loop(Node):
    """[<<label>>] LOOP … END LOOP, and WHILE with a condition."""

    label: str | None
    condition: Sql | None
    body: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class ForInteger(Node):
    """FOR name IN [REVERSE] low .. high [BY step] LOOP."""

    label: str | None
    name: str
    reverse: bool
    low: Sql
    high: Sql
    step: Sql | None
    body: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class ForRows(Node):
    """FOR targets IN query LOOP; with `dynamic` the query is an expression that gives its text."""

    label: str | None
    targets: tuple[Path, ...]
    query: Sql
    dynamic: bool
    using: tuple[Sql, ...]
    body: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Exit(Node):
    """EXIT | CONTINUE [label] [WHEN condition]."""

    word: Literal["exit", "continue"]
    label: str | None
    condition: Sql | None


@dataclass(frozen=True, slots=True)
class Return(Node):
    """RETURN."""


@dataclass(frozen=True, slots=True)
class Null(Node):
    """NULL."""


@dataclass(frozen=True, slots=True)
class Raise(Node):
    """RAISE level 'format', values; RAISE alone throws the caught error again."""

    level: Literal["INFO", "NOTICE", "WARNING", "LOG", "EXCEPTION", "RETHROW"]
    format: str = ""
    values: tuple[Sql, ...] = ()
    options: tuple[tuple[str, Sql], ...] = ()


@dataclass(frozen=True, slots=True)
class Statement(Node):
    """An SQL statement, or a query with INTO (PERFORM is one whose rows go nowhere).

    Attributes:
        into: the variables that the first row goes to; None without INTO.
        word: its first word: select, insert, call, …; `perform` stands for SELECT.
    """

    sql: Sql
    word: str
    into: tuple[Path, ...] | None = None


@dataclass(frozen=True, slots=True)
class Execute(Node):
    """EXECUTE text [INTO variables] [USING values]."""

    command: Sql
    into: tuple[Path, ...] | None
    using: tuple[Sql, ...]


@dataclass(frozen=True, slots=True)
class Open(Node):
    """OPEN cursor [(arguments)] | OPEN cursor FOR query | OPEN cursor FOR EXECUTE text."""

    cursor: Path
    arguments: tuple[Sql, ...]
    query: Sql | None
    dynamic: bool
    using: tuple[Sql, ...]


@dataclass(frozen=True, slots=True)
class FetchInto(Node):
    """FETCH cursor INTO variables."""

    cursor: Path
    targets: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class CloseVariable(Node):
    """CLOSE cursor."""

    cursor: Path


@dataclass(frozen=True, slots=True)
class GetDiagnostics(Node):
    """GET DIAGNOSTICS variable := ROW_COUNT, …."""

    items: tuple[tuple[Path, str], ...]


@dataclass(frozen=True, slots=True)
class EndTransaction(Node):
    """COMMIT | ROLLBACK."""

    word: Literal["COMMIT", "ROLLBACK"]


@dataclass(frozen=True, slots=True)
class StartTransaction(Node):
    """START TRANSACTION, in NONATOMIC procedures."""
