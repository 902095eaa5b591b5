"""Nodes of stored procedures and user-defined functions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from boathouse.contracts.types import SqlType
from boathouse.sql.statements.relational import QualifiedName, Statement


@dataclass(frozen=True, slots=True)
class Argument:
    """An argument of a procedure; a name of "" is none. A refcursor's type is VARCHAR with `refcursor` set."""

    name: str
    type: SqlType
    mode: Literal["IN", "OUT", "INOUT"] = "IN"
    refcursor: bool = False

    @property
    def type_name(self) -> str:
        """The type without length, as a signature shows it."""
        return "refcursor" if self.refcursor else self.type.name


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateProcedure(Statement):
    """CREATE [OR REPLACE] PROCEDURE name (arguments) [NONATOMIC] AS $$ body $$ LANGUAGE plpgsql …; `body_start` is the
    body's place in `text`; `settings` are those of SET."""

    name: QualifiedName
    arguments: tuple[Argument, ...]
    body: str
    body_start: int
    or_replace: bool = False
    nonatomic: bool = False
    definer: bool = False
    settings: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DropProcedure(Statement):
    """DROP PROCEDURE name [(types)]; `types` None names the only one of that name."""

    name: QualifiedName
    types: tuple[str, ...] | None
    if_exists: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AlterProcedure(Statement):
    """ALTER PROCEDURE name [(types)] {RENAME TO name | OWNER TO user}; `owner` as in AlterFunction."""

    name: QualifiedName
    types: tuple[str, ...] | None
    new_name: str | None = None
    owner: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowProcedure(Statement):
    """SHOW PROCEDURE name [(types)]."""

    name: QualifiedName
    types: tuple[str, ...] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Call(Statement):
    """CALL name (values); each value's text and place in `text`."""

    name: QualifiedName
    values: tuple[tuple[str, int], ...]
    parameters: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateFunction(Statement):
    """CREATE [OR REPLACE] FUNCTION name (types) RETURNS type VOLATILE | STABLE | IMMUTABLE AS $$ … $$ LANGUAGE language;
    `body_start` is the body's place in `text`, `names` those of the arguments of a function in Python."""

    name: QualifiedName
    arguments: tuple[SqlType, ...]
    returns: SqlType
    volatility: Literal["volatile", "stable", "immutable"]
    body: str
    body_start: int
    or_replace: bool = False
    language: Literal["sql", "plpythonu"] = "sql"
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AlterFunction(Statement):
    """ALTER FUNCTION name (types) {RENAME TO name | OWNER TO user}; `owner` may be current_user or session_user."""

    name: QualifiedName
    types: tuple[str, ...]
    new_name: str | None = None
    owner: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DropFunction(Statement):
    """DROP FUNCTION name (types) [CASCADE | RESTRICT]."""

    name: QualifiedName
    types: tuple[str, ...]
    cascade: bool = False
