"""Nodes that steer a session: transactions, parameters, prepared statements."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sqlglot import exp

from boathouse.contracts.types import SqlType
from boathouse.sql.statements.relational import Statement


@dataclass(frozen=True, slots=True, kw_only=True)
class Begin(Statement):
    """BEGIN | START TRANSACTION [isolation] [READ ONLY | READ WRITE]; read_only None is the session's default."""

    read_only: bool | None = None
    tag: str = "BEGIN"


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit(Statement):
    """COMMIT | END."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rollback(Statement):
    """ROLLBACK | ABORT."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Set(Statement):
    """SET [SESSION | LOCAL] name { TO | = } value; value None is DEFAULT. Lists keep their text, joined by ', '."""

    name: str
    value: str | None
    local: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Reset(Statement):
    """RESET name | ALL (name None)."""

    name: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Show(Statement):
    """SHOW name | ALL (name None)."""

    name: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Discard(Statement):
    """DISCARD ALL | DEALLOCATE [PREPARE] name | ALL | UNLISTEN * | CLOSE ALL; `tag` is what PostgreSQL answers."""

    what: Literal["all", "deallocate", "unlisten", "close"]
    tag: str
    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepare(Statement):
    """PREPARE name [(types)] AS statement."""

    name: str
    types: tuple[SqlType, ...]
    statement: Statement


@dataclass(frozen=True, slots=True, kw_only=True)
class Execute(Statement):
    """EXECUTE name [(values)]; values are constant expressions."""

    name: str
    values: tuple[exp.Expression, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancel(Statement):
    """CANCEL pid ['message']."""

    pid: int
    message: str | None = None
