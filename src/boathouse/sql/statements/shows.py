"""Nodes of the SHOW commands that list or describe objects; SHOW of a parameter is `sessions.Show`."""

from __future__ import annotations

from dataclasses import dataclass

from boathouse.sql.statements.relational import QualifiedName, Statement


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowList(Statement):
    """What the listing commands share: LIKE 'pattern' (case-sensitive) and LIMIT rows."""

    pattern: str | None = None
    rows_max: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowDatabases(ShowList):
    """SHOW DATABASES."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowSchemas(ShowList):
    """SHOW SCHEMAS FROM DATABASE database."""

    database: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowTables(ShowList):
    """SHOW TABLES FROM SCHEMA [database.]schema."""

    schema: str
    database: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowColumns(ShowList):
    """SHOW COLUMNS FROM TABLE [[database.]schema.]table."""

    table: QualifiedName


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowTable(Statement):
    """SHOW TABLE [schema.]name: the CREATE TABLE that would make it again."""

    name: QualifiedName


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowView(Statement):
    """SHOW VIEW [schema.]name: its definition."""

    name: QualifiedName


@dataclass(frozen=True, slots=True, kw_only=True)
class ShowExternalTable(Statement):
    """SHOW EXTERNAL TABLE [external_schema.]table [PARTITION]."""

    name: QualifiedName
    partitions: bool = False
