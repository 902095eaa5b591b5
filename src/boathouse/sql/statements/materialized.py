"""Nodes of materialized views; DROP MATERIALIZED VIEW is a `Drop`."""

from __future__ import annotations

from dataclasses import dataclass

from boathouse.sql.statements.relational import QualifiedName, Relational, Statement
from boathouse.sql.statements.tables import TableAttributes


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateMaterializedView(Statement):
    """CREATE MATERIALIZED VIEW name [BACKUP …] [table attributes] [AUTO REFRESH {YES | NO}] AS query."""

    name: QualifiedName
    query: Relational
    attributes: TableAttributes = TableAttributes()
    auto_refresh: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshMaterializedView(Statement):
    """REFRESH MATERIALIZED VIEW name [RESTRICT | CASCADE]."""

    name: QualifiedName
    cascade: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AlterMaterializedView(Statement):
    """ALTER MATERIALIZED VIEW name {AUTO REFRESH {YES | NO} | OWNER TO user}; the other of the two is None."""

    name: QualifiedName
    auto_refresh: bool | None = None
    owner: str | None = None
