"""Nodes of SQL cursors."""

from __future__ import annotations

from dataclasses import dataclass

from boathouse.sql.statements.relational import Relational, Statement


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclareCursor(Statement):
    """DECLARE name [INSENSITIVE] [NO SCROLL] CURSOR [WITH HOLD | WITHOUT HOLD] FOR query."""

    name: str
    query: Relational
    hold: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetch(Statement):
    """FETCH [NEXT | ALL | n | FORWARD [n | ALL]] [FROM | IN] name; `count` None is ALL."""

    name: str
    count: int | None = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseCursor(Statement):
    """CLOSE name; CLOSE ALL is a `Discard`, which ends the protocol's portals too."""

    name: str
